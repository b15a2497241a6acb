//! What is shown of observed lessons, also earlier and after somebody was erased.

use events::observe::*;
use events::organisation::SchoolId;
use events::{Event, Forgotten};
use record::{ActorId, Seq, SubjectId, TimestampMicros};

use super::story::*;
use crate::{
    DomainScore, LessonRow, ObservationCount, Opened, Views, domain_scores, observation_report,
};

const INSTRUMENT: InstrumentId = InstrumentId::from_bytes([0x76; 16]);
const SCHOOL: SchoolId = SchoolId::from_bytes([0x75; 16]);
const BY: ActorId = ActorId::from_bytes([0x7A; 16]);

fn observation(number: u8) -> ObservationId {
    ObservationId::from_bytes([0xB0 + number; 16])
}

fn teacher() -> SubjectId {
    person(1)
}

fn observer() -> SubjectId {
    person(2)
}

fn wording(text: &str) -> Wording {
    Wording { dutch: text.into(), english: format!("{text} (en)") }
}

/// Two domains, of three items and of one.
fn content() -> Instrument {
    let item = |text: &str| Item { text: wording(text), examples: vec![wording("bijvoorbeeld")] };
    let domain = |title: &str, items: &[&str]| Domain {
        title: wording(title),
        items: items.iter().map(|text| item(text)).collect(),
    };
    Instrument {
        title: wording("Kijkwijzer"),
        scale: ["nooit", "soms", "vaak", "steeds"].map(wording).into(),
        domains: vec![domain("Uitleg", &["a", "b", "c"]), domain("Slot", &["d"])],
    }
}

fn instrument() -> Event {
    InstrumentPublished { instrument: INSTRUMENT, version: 1, content: content(), by: BY }.into()
}

fn of_teacher<T>(value: T) -> events::About<T> {
    about(teacher(), leaf(1), PERMANENT, value)
}

fn author(number: u8) -> events::About<Authorship> {
    about(observer(), leaf(2), PERMANENT, Authorship { observation: observation(number) })
}

fn planned(number: u8, variant: Variant, purpose: Purpose) -> Event {
    let lesson = PlannedLesson { lesson_at: TimestampMicros(7), group: "H3a".into() };
    ObservationPlanned {
        observation: observation(number),
        instrument: INSTRUMENT,
        version: 1,
        variant,
        purpose,
        school: SCHOOL,
        by: BY,
        teacher: of_teacher(lesson),
        observer: author(number),
    }
    .into()
}

fn recorded(number: u8, scores: [Option<u8>; 4]) -> Event {
    let remarks = vec![Remark { item: Some(3), text: "sterk slot".into() }];
    ObservationRecorded {
        observation: observation(number),
        teacher: of_teacher(Assessment { scores: scores.into(), remarks }),
        observer: author(number),
    }
    .into()
}

fn evaluated(number: u8) -> Event {
    let scores = vec![Some(2); 4];
    let teacher = of_teacher(Assessment { scores, remarks: Vec::new() });
    SelfEvaluationRecorded { observation: observation(number), teacher }.into()
}

fn corrected(number: u8) -> Event {
    let (scores, remarks) = (vec![Some(4); 4], Vec::new());
    let told = CorrectedAssessment { scores, remarks, reason: "verkeerde regel".into() };
    ObservationCorrected {
        observation: observation(number),
        teacher: of_teacher(told),
        observer: author(number),
    }
    .into()
}

fn said(number: u8) -> [Event; 3] {
    let observation = observation(number);
    let remark =
        |text: &str| of_teacher(LaterRemark { remark: Remark { item: None, text: text.into() } });
    [
        TeacherRemarkAdded { observation, teacher: remark("dank") }.into(),
        ObserverRemarkAdded {
            observation,
            teacher: remark("graag gedaan"),
            observer: author(number),
        }
        .into(),
        ObservationSeen {
            observation,
            teacher: of_teacher(Response { answer: Acknowledgement::AsksCorrection }),
        }
        .into(),
    ]
}

fn shared(number: u8) -> Event {
    ObservationShared { observation: observation(number), by: BY }.into()
}

fn withdrawn(number: u8) -> Event {
    let because = WithdrawnBecause::Mistake;
    ObservationWithdrawn { observation: observation(number), because, by: BY }.into()
}

/// An appraisal from plan to correction: places 1 to 9.
fn appraisal() -> Vec<Event> {
    let before = [
        instrument(),
        planned(1, Variant::Appraisal, Purpose::Appraisal),
        evaluated(1),
        recorded(1, [Some(1), Some(2), None, Some(3)]),
    ];
    before.into_iter().chain(said(1)).chain([corrected(1), shared(1)]).collect()
}

fn erase(number: u8) -> Forgotten {
    Forgotten {
        subjects: [person(number)].into(),
        leaves: [leaf(number)].into(),
        owners: Some([person(number)].into()),
        ..Forgotten::default()
    }
}

/// The events as they open once a person is erased.
fn reopened(all: Vec<Event>, dead: u8) -> Vec<ObserveEvent> {
    let open = |part: record::DraftPart| {
        let mine = match part.to {
            record::Addressee::Person(label) => Some(label.subject),
            _ => None,
        };
        let of = |subject: SubjectId| leaf(u8::from(subject == observer()) + 1);
        let chosen = mine.map_or(leaf(0), of);
        let header = record::PartHeader {
            kind: record::PartKind::Sealed,
            leaf: chosen,
            scope: PERMANENT,
            length: 64,
            digest: record::Hash([0; 32]),
        };
        let content = match mine == Some(person(dead)) {
            true => events::Content::Gone,
            false => events::Content::Open { subject: mine, bytes: part.bytes },
        };
        events::OpenPart { header, content }
    };
    let reopen = |event: Event| {
        let parts = event.draft(place(0).command).parts.into_iter().map(open).collect();
        match Event::decode(&event.kind(), parts) {
            Ok(Event::Observe(event)) => event,
            other => panic!("{other:?}"),
        }
    };
    all.into_iter().map(reopen).collect()
}

fn places(views: &Views, number: u8) -> crate::Places {
    views.observations().observation(observation(number)).unwrap().places
}

#[test]
fn instruments_show_all_their_texts_and_versions() {
    let ended = InstrumentWithdrawn { instrument: INSTRUMENT, version: 1, by: BY };
    let second =
        InstrumentPublished { instrument: INSTRUMENT, version: 2, content: content(), by: BY };
    let views = views([instrument(), second.into(), ended.into()]);
    let rows: Vec<_> = views.instruments().list().collect();
    let times: Vec<_> =
        rows.iter().map(|row| (row.version, row.published_at, row.withdrawn_at)).collect();
    assert_eq!(times, [(1, 1_001, Some(1_003)), (2, 1_002, None)]);
    assert_eq!(rows[0].title.nl, "Kijkwijzer");
    assert_eq!(rows[0].scale.len(), 4);
    assert_eq!(rows[0].domains[0].items[2].text.en, "c (en)");
    assert_eq!(rows[0].domains[1].items[0].examples[0].nl, "bijvoorbeeld");
    assert_eq!(views.instruments().content(INSTRUMENT, 1), Some(&content()));
}

#[test]
fn an_observation_shows_its_step_and_where_it_stands() {
    let all = appraisal();
    let at = |taken: usize| {
        let views = views(all.iter().take(taken).cloned());
        views.observations().observation(observation(1)).unwrap()
    };
    assert_eq!((at(2).step, at(2).self_evaluated), ("planned", false));
    assert_eq!((at(3).step, at(3).self_evaluated), ("planned", true));
    assert_eq!((at(4).step, at(4).recorded_at, at(4).shared_at), ("recorded", Some(1_004), None));
    let last = at(9);
    assert_eq!((last.corrections, last.shared_at), (1, Some(1_009)));
    assert_eq!((last.variant, last.purpose), ("appraisal", "appraisal"));
    assert_eq!(last.places.perspectives(), (Some(Seq(8)), Some(Seq(3))));
    assert_eq!(at(4).places.perspectives(), (Some(Seq(4)), Some(Seq(3))));
    let everything: Vec<Seq> = (2..=9).map(Seq).collect();
    assert_eq!(last.places.all(), everything);
}

#[test]
fn observations_are_found_by_teacher_observer_and_school() {
    let live = views([instrument(), planned(1, Variant::Peer, Purpose::Development)]);
    let of = |rows: Vec<crate::ObservationRow>| rows.len();
    assert_eq!(of(live.observations().of_teacher(teacher()).collect()), 1);
    assert_eq!(of(live.observations().of_teacher(observer()).collect()), 0);
    assert_eq!(of(live.observations().of_observer(observer()).collect()), 1);
    assert_eq!(of(live.observations().of_school(SCHOOL).collect()), 1);
    assert_eq!(of(live.observations().of_school(SchoolId::from_bytes([0; 16])).collect()), 0);
}

#[test]
fn when_the_observer_is_erased_the_scores_stay_and_the_authorship_is_gone() {
    let mut live = views(appraisal());
    let before = places(&live, 1);
    live.forget(&erase(2));
    assert_eq!(live.observations().of_observer(observer()).count(), 0);
    assert_eq!(live.observations().of_teacher(teacher()).count(), 1);
    assert_eq!(places(&live, 1), before);
    let report = observation_report(&content(), &reopened(appraisal(), 2)).unwrap();
    assert_eq!(report.observer, Opened::Erased);
    let Some(Opened::Known(observed)) = report.observed else { panic!("the scores stay") };
    assert_eq!(observed.scores, [Some(4); 4]);
    assert_eq!(report.remarks[1].by, "observer");
    assert!(matches!(report.remarks[1].remark, Opened::Known(_)));
}

#[test]
fn when_the_teacher_is_erased_only_that_it_took_place_is_left() {
    let mut live = views(appraisal());
    let (row, counts) =
        (live.observations().observation(observation(1)), live.observations().counts());
    live.forget(&erase(1));
    assert_eq!(live.observations().of_teacher(teacher()).count(), 0);
    assert_eq!(live.observations().trend_of(teacher()), []);
    assert_eq!(live.observations().observation(observation(1)), row);
    assert_eq!(live.observations().counts(), counts);
    assert_eq!(counts[0].recorded, 1);
    let report = observation_report(&content(), &reopened(appraisal(), 1)).unwrap();
    assert_eq!((report.variant, report.school, report.version), ("appraisal", SCHOOL, 1));
    assert_eq!(report.lesson, Opened::Erased);
    assert_eq!(report.observed, Some(Opened::Erased));
    assert_eq!(report.self_evaluation, Some(Opened::Erased));
    assert_eq!(report.corrections[0].reason, Opened::Erased);
    assert_eq!(report.corrections[0].before, Opened::Erased);
    assert!(report.remarks.iter().all(|row| row.remark == Opened::Erased));
    assert_eq!(report.answers, [Opened::Erased]);
    assert_eq!(report.observer, Opened::Known(observer()));
}

#[test]
fn counts_are_by_school_and_variant() {
    let live = views([
        instrument(),
        planned(1, Variant::Peer, Purpose::Development),
        planned(2, Variant::Peer, Purpose::Development),
        planned(3, Variant::Peer, Purpose::Development),
        planned(4, Variant::Coaching, Purpose::Induction),
        recorded(2, [Some(1); 4]),
        recorded(3, [Some(1); 4]),
        withdrawn(3),
    ]);
    let count = |variant, planned, recorded, withdrawn| ObservationCount {
        school: SCHOOL,
        variant,
        planned,
        recorded,
        withdrawn,
    };
    let counts = [count("peer", 1, 1, 1), count("coaching", 1, 0, 0)];
    assert_eq!(live.observations().counts(), counts);
}

#[test]
fn a_trend_is_of_one_teacher_in_order_and_without_what_was_withdrawn() {
    let all = [
        instrument(),
        planned(3, Variant::Peer, Purpose::Development),
        planned(2, Variant::Appraisal, Purpose::Appraisal),
        planned(1, Variant::Peer, Purpose::Development),
        recorded(3, [Some(1); 4]),
        recorded(1, [Some(2); 4]),
        recorded(2, [Some(3); 4]),
        corrected(3),
        withdrawn(1),
    ];
    let live = views(all.clone());
    let trend = |views: &Views| -> Vec<_> {
        let points = views.observations().trend_of(teacher());
        points.iter().map(|point| (point.observation, point.seq, point.purpose)).collect()
    };
    let third = (observation(3), Seq(8), Purpose::Development);
    assert_eq!(trend(&live), [third, (observation(2), Seq(7), Purpose::Appraisal)]);
    let earlier = views(all.into_iter().take(5));
    assert_eq!(trend(&earlier), [(observation(3), Seq(5), Purpose::Development)]);
}

#[test]
fn a_domain_is_shown_when_half_of_it_was_answered() {
    let score = |scores: &[Option<u8>]| domain_scores(&content(), scores);
    let domain = |domain, mean_millionths, n_items, n_answered| DomainScore {
        domain,
        mean_millionths,
        n_items,
        n_answered,
        shown: mean_millionths.is_some(),
    };
    let all = score(&[Some(1), Some(2), Some(2), Some(4)]);
    assert_eq!(all, [domain(0, Some(1_666_667), 3, 3), domain(1, Some(4_000_000), 1, 1)]);
    let most = score(&[Some(1), None, Some(4), None]);
    assert_eq!(most, [domain(0, Some(2_500_000), 3, 2), domain(1, None, 1, 0)]);
    let few = score(&[None, None, Some(4), None]);
    assert_eq!(few, [domain(0, None, 3, 1), domain(1, None, 1, 0)]);
    assert_eq!(score(&[]), [domain(0, None, 3, 0), domain(1, None, 1, 0)]);
    let mut halves = content();
    halves.domains[0].items.truncate(2);
    let half = domain_scores(&halves, &[Some(3), None, Some(1)]);
    assert_eq!(half[0], domain(0, Some(3_000_000), 2, 1), "exactly half is enough");
}

#[test]
fn corrections_keep_what_stood_there_before() {
    let report = observation_report(&content(), &reopened(appraisal(), 0)).unwrap();
    let Some(Opened::Known(observed)) = &report.observed else { panic!("observed") };
    assert_eq!(observed.scores, [Some(4); 4]);
    assert!(observed.remarks.is_empty());
    let correction = &report.corrections[0];
    assert_eq!(correction.reason, Opened::Known("verkeerde regel".into()));
    let Opened::Known(before) = &correction.before else { panic!("before") };
    assert_eq!(before.scores, [Some(1), Some(2), None, Some(3)]);
    assert_eq!(before.domains[0].mean_millionths, Some(1_500_000));
    assert_eq!(before.remarks[0].text, "sterk slot");
}

#[test]
fn a_report_shows_both_perspectives_and_who_said_what() {
    let other = [planned(2, Variant::Peer, Purpose::Development), recorded(2, [None; 4])];
    let all = appraisal().into_iter().chain(other).collect();
    let report = observation_report(&content(), &reopened(all, 0)).unwrap();
    assert_eq!(report.observation, observation(1));
    assert_eq!((report.step, report.shared), ("recorded", true));
    let lesson = LessonRow { teacher: teacher(), lesson_at: 7, group: "H3a".into() };
    assert_eq!(report.lesson, Opened::Known(lesson));
    assert_eq!(report.observer, Opened::Known(observer()));
    let Some(Opened::Known(own)) = &report.self_evaluation else { panic!("self-evaluation") };
    assert_eq!(own.domains[0].mean_millionths, Some(2_000_000));
    let said: Vec<_> = report.remarks.iter().map(|row| row.by).collect();
    assert_eq!(said, ["teacher", "observer"]);
    assert_eq!(report.answers, [Opened::Known("asks-correction")]);
    assert_eq!(observation_report(&content(), &[]), None);
}

#[test]
fn the_end_of_a_tenant_leaves_no_observation() {
    let mut live = views(appraisal());
    live.forget(&Forgotten { tenant: true, ..Forgotten::default() });
    assert_eq!(live.observations().counts(), []);
    assert_eq!(live.instruments().list().count(), 0);
}
