//! Observing lessons: what may be planned, recorded, corrected and seen.

use events::access::*;
use events::annex::{Module, examples};
use events::observe::*;
use events::organisation::{SchoolAdded, SchoolId};
use events::people::{Affiliation, PersonJoined, Position};
use events::{About, Event, Forgotten};
use record::{ActorId, LeafId, ScopeId, SubjectId, TimestampMicros};

use super::annex::{consented, governed};
use super::harness::*;
use crate::observe::{Seen, example_instrument};
use crate::{Command, Repeat, State, repeats};

const TEACHER: SubjectId = SubjectId::from_bytes([0x71; 16]);
const OBSERVER: SubjectId = SubjectId::from_bytes([0x72; 16]);
const LEADER: SubjectId = SubjectId::from_bytes([0x73; 16]);
const OTHER: SubjectId = SubjectId::from_bytes([0x74; 16]);
const SCHOOL: SchoolId = SchoolId::from_bytes([0x75; 16]);
const INSTRUMENT: InstrumentId = InstrumentId::from_bytes([0x76; 16]);
const OBSERVATION: ObservationId = ObservationId::from_bytes([0x77; 16]);
const YEAR: ScopeId = ScopeId::from_bytes([0x78; 16]);
const HOLDER: SubjectId = SubjectId::from_bytes([0x79; 16]);
const BY: ActorId = ActorId::from_bytes([0x7A; 16]);
const BY_LEADER: ActorId = ActorId::from_bytes([0x7E; 16]);
const ADMINISTRATOR: AccountId = AccountId::from_bytes([0x7B; 16]);
const LEADS: AccountId = AccountId::from_bytes([0x7C; 16]);
const APPOINTED: AccountId = AccountId::from_bytes([0x7F; 16]);
const NOW: TimestampMicros = TimestampMicros(0);

impl Given {
    fn has(self, event: impl Into<Event>) -> Self {
        self.does(&Command::Propose(event.into()))
    }

    fn refuses(&self, event: impl Into<Event>) -> String {
        match crate::decide(&self.state, &Command::Propose(event.into()), NOW) {
            Err(refusal) => refusal.to_string(),
            Ok(_) => "nothing".to_owned(),
        }
    }

    fn takes(&self, event: impl Into<Event>) {
        assert_eq!(self.refuses(event), "nothing");
    }

    fn erases(mut self, person: SubjectId) -> Self {
        self.state.forget(&Forgotten { subjects: [person].into(), ..Forgotten::default() });
        self
    }

    fn shows(&self, person: SubjectId) -> Seen {
        self.state.may_see_observation(OBSERVATION, person, NOW)
    }
}

fn of<T>(person: SubjectId, value: T) -> About<T> {
    let leaf = Some(LeafId::from_bytes(*person.as_bytes()));
    About::Known { subject: person, leaf, scope: PERMANENT, value }
}

/// A school that may observe, with four people, of whom one leads it and acts.
fn school() -> Given {
    let mut given = without_consent();
    given.fold(&consented(Module::Observation).into());
    given
}

/// The same, whose participation council did not consent.
fn without_consent() -> Given {
    let mut given = without_agreement();
    governed(examples::version_5()).iter().for_each(|event| given.fold(event));
    given
}

/// The same, without an agreement.
fn without_agreement() -> Given {
    let works = |person| PersonJoined {
        person: of(person, Affiliation { school: SCHOOL, position: Position::Staff }),
    };
    let people = [TEACHER, OBSERVER, LEADER, OTHER];
    let given = people.iter().fold(given([]), |given, person| given.does(&register(*person)));
    let added = SchoolAdded { school: SCHOOL, name: "De Regenboog".into(), brin: "99ZZ".into() };
    let given = people.iter().fold(given.has(added), |given, person| given.has(works(*person)));
    given
        .has(account(ADMINISTRATOR, OTHER, 1))
        .has(account(LEADS, LEADER, 2))
        .has(leader(GrantId::from_bytes([0x7D; 16]), LEADS))
        .has(TrailYearOpened { year: 2026, scope: YEAR, holder: HOLDER })
        .has_named(BY, ADMINISTRATOR, OTHER)
        .has_named(BY_LEADER, LEADS, LEADER)
}

impl Given {
    /// The holder of a year is nobody, so its part stands under the year.
    fn has_named(self, actor: ActorId, account: AccountId, person: SubjectId) -> Self {
        let value = ActorName { account, person, name: "Noor".into() };
        let name = About::Known { subject: HOLDER, leaf: None, scope: YEAR, value };
        self.has(ActorNamed { actor, year: 2026, name })
    }
}

fn account(account: AccountId, person: SubjectId, index: u8) -> AccountOpened {
    let login = Login { name: "naam".into(), index: [index; 16] };
    AccountOpened { account, holder: of(person, login) }
}

fn leader(grant: GrantId, account: AccountId) -> RoleGranted {
    let (role, reach) = (Role::SchoolLeader, Reach::School(SCHOOL));
    RoleGranted { grant, account, role, reach, until: None, by: None }
}

fn published(version: u16) -> InstrumentPublished {
    InstrumentPublished { instrument: INSTRUMENT, version, content: example_instrument(), by: BY }
}

fn planned(variant: Variant, purpose: Purpose) -> ObservationPlanned {
    ObservationPlanned {
        observation: OBSERVATION,
        instrument: INSTRUMENT,
        version: 1,
        variant,
        purpose,
        school: SCHOOL,
        by: BY,
        teacher: of(TEACHER, PlannedLesson { lesson_at: NOW, group: "H3a".into() }),
        observer: author(OBSERVER),
    }
}

fn author(person: SubjectId) -> About<Authorship> {
    of(person, Authorship { observation: OBSERVATION })
}

fn scores() -> Vec<Option<u8>> {
    (0..30).map(|item| Some(item % 4 + 1)).collect()
}

fn assessed(scores: Vec<Option<u8>>) -> Assessment {
    let remarks = vec![Remark { item: Some(29), text: "sterk slot".into() }];
    Assessment { scores, remarks }
}

fn recorded() -> ObservationRecorded {
    ObservationRecorded {
        observation: OBSERVATION,
        teacher: of(TEACHER, assessed(scores())),
        observer: author(OBSERVER),
    }
}

fn evaluated() -> SelfEvaluationRecorded {
    SelfEvaluationRecorded { observation: OBSERVATION, teacher: of(TEACHER, assessed(scores())) }
}

fn corrected(by: SubjectId) -> ObservationCorrected {
    let told = CorrectedAssessment {
        scores: scores(),
        remarks: Vec::new(),
        reason: "verkeerde regel".into(),
    };
    ObservationCorrected {
        observation: OBSERVATION,
        teacher: of(TEACHER, told),
        observer: author(by),
    }
}

fn remarked(text: &str) -> TeacherRemarkAdded {
    let remark = Remark { item: None, text: text.into() };
    TeacherRemarkAdded { observation: OBSERVATION, teacher: of(TEACHER, LaterRemark { remark }) }
}

fn answered() -> ObservationSeen {
    let answer = Acknowledgement::Agreed;
    ObservationSeen { observation: OBSERVATION, teacher: of(TEACHER, Response { answer }) }
}

fn shared() -> ObservationShared {
    ObservationShared { observation: OBSERVATION, by: BY }
}

fn withdrawn() -> ObservationWithdrawn {
    let because = WithdrawnBecause::Mistake;
    ObservationWithdrawn { observation: OBSERVATION, because, by: BY }
}

fn plan(variant: Variant, purpose: Purpose) -> Given {
    school().has(published(1)).has(planned(variant, purpose))
}

fn appraisal() -> Given {
    plan(Variant::Appraisal, Purpose::Appraisal).has(recorded())
}

#[test]
fn the_example_is_a_whole_instrument_in_two_languages() {
    let example = example_instrument();
    assert_eq!((example.domains.len(), example.item_count(), example.scale.len()), (6, 30, 4));
    let texts = example.domains.iter().flat_map(|domain| &domain.items).flat_map(|item| {
        assert!(!item.examples.is_empty());
        std::iter::once(&item.text).chain(&item.examples)
    });
    let mut seen: Vec<&str> = texts.flat_map(|text| [&*text.dutch, &*text.english]).collect();
    assert!(seen.iter().all(|text| !text.is_empty()));
    let all = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), all, "no text stands twice");
    school().takes(published(1));
}

#[test]
fn versions_of_an_instrument_are_counted_and_complete() {
    let wrong = "`version`: the versions of an instrument are counted from 1, without gaps";
    assert_eq!(school().refuses(published(2)), wrong);
    let first = school().has(published(1));
    assert_eq!(first.refuses(published(1)), wrong);
    first.takes(published(2));
    let with = |change: fn(&mut Instrument)| {
        let mut event = published(1);
        change(&mut event.content);
        school().refuses(event)
    };
    assert_eq!(with(|it| it.scale.truncate(1)), "`scale`: a scale has 2 to 10 steps");
    assert_eq!(with(|it| it.domains.clear()), "`domains` is empty");
    assert_eq!(with(|it| it.domains[0].items.clear()), "`items` is empty");
    assert_eq!(with(|it| it.domains[0].items[0].text.dutch.clear()), "`items` is empty");
    assert_eq!(with(|it| it.domains[0].items[0].text.english.clear()), "nothing");
    let many = |it: &mut Instrument| {
        let item = it.domains[0].items[0].clone();
        it.domains[0].items = vec![item; 126];
    };
    assert_eq!(with(many), "`items` is over its limit of 150");
}

#[test]
fn a_withdrawn_version_is_not_planned_with() {
    let ended = InstrumentWithdrawn { instrument: INSTRUMENT, version: 1, by: BY };
    let given = school().has(published(1)).has(ended.clone());
    let plan = planned(Variant::Peer, Purpose::Development);
    assert_eq!(given.refuses(plan), "this version of the instrument is withdrawn");
    assert_eq!(given.refuses(ended), "this version of the instrument is withdrawn");
    let unknown = school().refuses(planned(Variant::Peer, Purpose::Development));
    assert_eq!(unknown, "this version of the instrument is unknown");
}

#[test]
fn a_variant_serves_its_own_purposes_only() {
    let given = school().has(published(1));
    let purposes =
        [Purpose::Development, Purpose::Induction, Purpose::Appraisal, Purpose::SchoolReview];
    let served = |variant| purposes.map(|purpose| given.refuses(planned(variant, purpose)));
    let no = "`purpose`: this variant does not serve this purpose";
    assert_eq!(served(Variant::Peer), ["nothing", no, no, no]);
    assert_eq!(served(Variant::Coaching), ["nothing", "nothing", no, no]);
    assert_eq!(served(Variant::Appraisal), [no, no, "nothing", no]);
    assert_eq!(served(Variant::SchoolReview), [no, no, no, "nothing"]);
}

#[test]
fn teacher_and_observer_are_two_people_who_work_there() {
    let given = school().has(published(1)).does(&register(PERSON));
    let plan = || planned(Variant::Peer, Purpose::Development);
    let alone = ObservationPlanned { observer: author(TEACHER), ..plan() };
    assert_eq!(given.refuses(alone), "nobody observes themselves");
    let outsider = ObservationPlanned { observer: author(PERSON), ..plan() };
    assert_eq!(given.refuses(outsider), "teacher and observer both work at the school");
    let lesson = of(PERSON, PlannedLesson { lesson_at: NOW, group: "H3a".into() });
    let outside = ObservationPlanned { teacher: lesson, ..plan() };
    assert_eq!(given.refuses(outside), "teacher and observer both work at the school");
    let stranger = ObservationPlanned { observer: author(PSEUDONYM), ..plan() };
    assert_eq!(given.refuses(stranger), "nothing is kept of this person");
    let elsewhere = SchoolId::from_bytes([1; 16]);
    assert_eq!(
        given.refuses(ObservationPlanned { school: elsewhere, ..plan() }),
        "the school is unknown"
    );
    let observation = ObservationId::from_bytes([1; 16]);
    let another = of(OBSERVER, Authorship { observation });
    let another = ObservationPlanned { observer: another, ..plan() };
    assert_eq!(given.refuses(another), "the observation is unknown");
    assert_eq!(given.has(plan()).refuses(plan()), "this id is in use");
}

#[test]
fn a_school_leader_is_no_colleague() {
    let given = school().has(published(1));
    let by_leader = |variant, purpose| {
        given.refuses(ObservationPlanned { observer: author(LEADER), ..planned(variant, purpose) })
    };
    let no = "the school leader does not observe as a colleague or a coach";
    assert_eq!(by_leader(Variant::Peer, Purpose::Development), no);
    assert_eq!(by_leader(Variant::Coaching, Purpose::Induction), no);
    assert_eq!(by_leader(Variant::Appraisal, Purpose::Appraisal), "nothing");
    let appointed = |variant, purpose| {
        let account = account(APPOINTED, OBSERVER, 3);
        let grant = leader(GrantId::from_bytes([0x7F; 16]), APPOINTED);
        plan(variant, purpose).has(account).has(grant).refuses(recorded())
    };
    assert_eq!(appointed(Variant::Peer, Purpose::Development), no, "appointed since the plan");
    assert_eq!(appointed(Variant::Appraisal, Purpose::Appraisal), "nothing");
}

#[test]
fn a_tenant_has_a_limit_of_versions() {
    let given = (1..=200).fold(school(), |given, version| given.has(published(version)));
    let refused = given.refuses(published(201));
    assert_eq!(refused, "a tenant has at most 200 versions of instruments");
}

#[test]
fn an_observation_is_recorded_once_after_it_was_planned() {
    let before = school().has(published(1));
    assert_eq!(before.refuses(recorded()), "the observation is unknown");
    let given = plan(Variant::Coaching, Purpose::Induction);
    given.takes(recorded());
    let given = given.has(recorded());
    assert_eq!(given.refuses(recorded()), "the observation is recorded already");
}

#[test]
fn the_planned_observer_records_about_the_planned_teacher() {
    let given = plan(Variant::Coaching, Purpose::Induction);
    let by_other = ObservationRecorded { observer: author(OTHER), ..recorded() };
    assert_eq!(given.refuses(by_other), "only the observer of this lesson may do this");
    let teacher = of(OTHER, assessed(scores()));
    let about_other = ObservationRecorded { teacher, ..recorded() };
    assert_eq!(given.refuses(about_other), "this is not the teacher's observation");
}

#[test]
fn whoever_decides_is_known() {
    let given = appraisal();
    let decisions: [Event; 5] = [
        InstrumentPublished { by: ASKER, ..published(2) }.into(),
        InstrumentWithdrawn { instrument: INSTRUMENT, version: 1, by: ASKER }.into(),
        ObservationPlanned { by: ASKER, ..planned(Variant::Peer, Purpose::Development) }.into(),
        ObservationShared { by: ASKER, ..shared() }.into(),
        ObservationWithdrawn { by: ASKER, ..withdrawn() }.into(),
    ];
    for decision in decisions {
        assert_eq!(given.refuses(decision), "nobody is known as this actor");
    }
}

#[test]
fn a_leader_of_the_board_leads_every_school() {
    let grant = GrantId::from_bytes([0x7F; 16]);
    let board = RoleGranted { reach: Reach::Board, ..leader(grant, APPOINTED) };
    let given = appraisal()
        .does(&register(PERSON))
        .has(account(APPOINTED, PERSON, 3))
        .has(board)
        .has(shared());
    assert_eq!(given.shows(PERSON), Seen::Shared);
}

#[test]
fn scores_fit_the_instrument() {
    let given = plan(Variant::Coaching, Purpose::Induction);
    let with = |scores| {
        given.refuses(ObservationRecorded { teacher: of(TEACHER, assessed(scores)), ..recorded() })
    };
    let count = "`scores`: one score for each item, or not applicable";
    let scale = "`scores`: a score is a step of the scale, counted from 1";
    assert_eq!(with(vec![Some(1); 29]), count);
    assert_eq!(with(vec![Some(1); 31]), count);
    assert_eq!(with(vec![Some(0); 30]), scale);
    assert_eq!(with(vec![Some(5); 30]), scale);
    assert_eq!(with(vec![None; 30]), "nothing");
    let remarks = vec![Remark { item: None, text: "te veel".into() }; 32];
    let teacher = of(TEACHER, Assessment { scores: scores(), remarks });
    let many = given.refuses(ObservationRecorded { teacher, ..recorded() });
    assert_eq!(many, "`remarks` is over its limit of 31");
}

#[test]
fn remarks_have_limits_and_no_bsn() {
    let given = appraisal();
    assert_eq!(given.refuses(remarked("")), "`remark` is empty");
    let long = given.refuses(remarked(&"x".repeat(2_001)));
    assert_eq!(long, "`remark` is over its limit of 2000");
    // An invented number that passes the check of eleven.
    let stopped = given.refuses(remarked("leerling 111222333 deed mee"));
    assert!(stopped.contains("citizen service number"), "{stopped}");
    let remark = Remark { item: Some(30), text: "geen onderdeel".into() };
    let teacher = of(TEACHER, LaterRemark { remark });
    let outside = TeacherRemarkAdded { observation: OBSERVATION, teacher };
    assert_eq!(given.refuses(outside), "`item`: the instrument has no such item");
    let group = of(TEACHER, PlannedLesson { lesson_at: NOW, group: "111222333".into() });
    let observation = ObservationId::from_bytes([2; 16]);
    let observer = of(OBSERVER, Authorship { observation });
    let plan = ObservationPlanned {
        observation,
        teacher: group,
        observer,
        ..planned(Variant::Peer, Purpose::Development)
    };
    assert!(given.refuses(plan).contains("citizen service number"));
    let assessment = Assessment {
        scores: scores(),
        remarks: vec![Remark { item: None, text: "111222333".into() }],
    };
    let given = super::observe::plan(Variant::Peer, Purpose::Development);
    let told = ObservationRecorded { teacher: of(TEACHER, assessment), ..recorded() };
    assert!(given.refuses(told).contains("citizen service number"));
}

#[test]
fn the_teacher_evaluates_once_before_or_after() {
    let given = plan(Variant::Peer, Purpose::Development);
    given.takes(evaluated());
    let by_other = SelfEvaluationRecorded {
        observation: OBSERVATION,
        teacher: of(OBSERVER, assessed(scores())),
    };
    assert_eq!(given.refuses(by_other), "this is not the teacher's observation");
    let given = given.has(recorded()).has(evaluated());
    assert_eq!(given.refuses(evaluated()), "the teacher evaluated this lesson already");
}

#[test]
fn only_the_same_observer_corrects_and_says_why() {
    let given = plan(Variant::Appraisal, Purpose::Appraisal);
    assert_eq!(given.refuses(corrected(OBSERVER)), "the observation is not recorded yet");
    let given = given.has(recorded());
    given.takes(corrected(OBSERVER));
    let other = given.refuses(corrected(OTHER));
    assert_eq!(other, "only the observer of this lesson may do this");
    let told = CorrectedAssessment { scores: scores(), remarks: Vec::new(), reason: "".into() };
    let silent = ObservationCorrected { teacher: of(TEACHER, told), ..corrected(OBSERVER) };
    assert_eq!(given.refuses(silent), "`reason` is empty");
    let given = (0..20).fold(given, |given, _| given.has(corrected(OBSERVER)));
    assert!(given.refuses(corrected(OBSERVER)).contains("at most 20 corrections"));
}

#[test]
fn after_the_observers_erasure_nobody_corrects_and_the_teacher_still_sees() {
    let given = appraisal().erases(OBSERVER);
    assert_eq!(given.state.observer_of(OBSERVATION), None);
    assert_eq!(given.refuses(corrected(OBSERVER)), "nothing is kept of this person");
    let other = given.refuses(corrected(OTHER));
    assert_eq!(other, "only the observer of this lesson may do this");
    assert_eq!(given.shows(TEACHER), Seen::Teacher);
    assert_eq!(given.shows(OBSERVER), Seen::No);
    given.takes(remarked("dank"));
    given.takes(shared());
}

#[test]
fn after_the_teachers_erasure_nothing_is_added_or_seen() {
    let given = appraisal().erases(TEACHER);
    assert_eq!(given.state.teacher_of(OBSERVATION), None);
    assert_eq!(given.refuses(remarked("dank")), "nothing is kept of this person");
    assert_eq!(given.refuses(corrected(OBSERVER)), "nothing is kept of this person");
    assert_eq!(given.shows(TEACHER), Seen::No);
    let bytes = given.state.digest_input();
    assert!(!bytes.windows(16).any(|window| window == TEACHER.as_bytes()));
}

#[test]
fn a_peer_observation_never_reaches_a_leader_or_an_appraisal() {
    let given = plan(Variant::Peer, Purpose::Development).has(recorded()).has(evaluated());
    let never = "this variant is never shared with a school leader";
    assert_eq!(given.refuses(shared()), never);
    let again = given.refuses(planned(Variant::Appraisal, Purpose::Appraisal));
    assert_eq!(again, "this id is in use");
    assert_eq!(given.shows(LEADER), Seen::No);
    assert_eq!(given.shows(OTHER), Seen::No);
    for (variant, purpose) in
        [(Variant::Coaching, Purpose::Development), (Variant::SchoolReview, Purpose::SchoolReview)]
    {
        assert_eq!(plan(variant, purpose).has(recorded()).refuses(shared()), never);
    }
}

#[test]
fn even_a_share_that_was_folded_shows_no_peer_observation() {
    let mut given = plan(Variant::Peer, Purpose::Development).has(recorded());
    given.fold(&Event::from(shared()));
    assert_eq!(given.shows(LEADER), Seen::No);
}

#[test]
fn an_appraisal_is_seen_by_the_leader_once_it_is_shared() {
    let given = plan(Variant::Appraisal, Purpose::Appraisal);
    assert_eq!(given.refuses(shared()), "the observation is not recorded yet");
    let given = given.has(recorded());
    assert_eq!(given.shows(LEADER), Seen::No);
    let given = given.has(shared());
    assert_eq!(given.shows(LEADER), Seen::Shared);
    assert_eq!(given.shows(OTHER), Seen::No);
    assert_eq!(given.shows(TEACHER), Seen::Teacher);
    assert_eq!(given.shows(OBSERVER), Seen::Observer);
    assert_eq!(given.refuses(shared()), "the observation is shared already");
    let given = given.has(RoleRevoked { grant: GrantId::from_bytes([0x7D; 16]), by: BY });
    assert_eq!(given.shows(LEADER), Seen::No, "the share follows the office");
}

#[test]
fn a_leader_opens_only_what_they_observed() {
    let by_leader = || ObservationShared { by: BY_LEADER, ..shared() };
    let no = "a school leader does not open somebody else's observation to themselves";
    assert_eq!(appraisal().refuses(by_leader()), no);
    let observer = || author(LEADER);
    let plan = ObservationPlanned {
        observer: observer(),
        ..planned(Variant::Appraisal, Purpose::Appraisal)
    };
    let given = school().has(published(1)).has(plan);
    given.has(ObservationRecorded { observer: observer(), ..recorded() }).takes(by_leader());
}

#[test]
fn remarks_and_answers_come_from_the_two_people() {
    let given = plan(Variant::Appraisal, Purpose::Appraisal);
    assert_eq!(given.refuses(answered()), "the observation is not recorded yet");
    let given = given.has(recorded());
    given.takes(answered());
    let answer = Acknowledgement::AsksCorrection;
    let teacher = of(OBSERVER, Response { answer });
    let by_observer = ObservationSeen { observation: OBSERVATION, teacher };
    assert_eq!(given.refuses(by_observer), "this is not the teacher's observation");
    let remark = |by| {
        let remark = Remark { item: None, text: "tot volgende week".into() };
        let teacher = of(TEACHER, LaterRemark { remark });
        ObserverRemarkAdded { observation: OBSERVATION, teacher, observer: author(by) }
    };
    given.takes(remark(OBSERVER));
    let other = given.refuses(remark(OTHER));
    assert_eq!(other, "only the observer of this lesson may do this");
    let given = (0..100).fold(given, |given, _| given.has(remarked("dank")));
    assert!(given.refuses(answered()).contains("100 remarks"));
}

#[test]
fn a_withdrawn_observation_takes_nothing_and_is_shared_no_more() {
    let given = appraisal().has(shared()).has(withdrawn());
    let no = "the observation is withdrawn";
    assert_eq!(given.refuses(withdrawn()), no);
    assert_eq!(given.refuses(corrected(OBSERVER)), no);
    assert_eq!(given.refuses(remarked("dank")), no);
    assert_eq!(given.refuses(evaluated()), no);
    assert_eq!(given.shows(LEADER), Seen::No);
    assert_eq!(given.shows(TEACHER), Seen::Teacher);
}

#[test]
fn a_repeated_recording_is_the_same() {
    let command = Command::Propose(recorded().into());
    let first = Event::from(recorded());
    assert_eq!(repeats(&command, std::slice::from_ref(&first)), Repeat::Same);
    let teacher = of(TEACHER, assessed(vec![None; 30]));
    let other = Event::from(ObservationRecorded { teacher, ..recorded() });
    assert_eq!(repeats(&command, &[other]), Repeat::Different);
}

#[test]
fn nothing_is_known_of_an_observation_that_was_never_planned() {
    assert_eq!(State::default().may_see_observation(OBSERVATION, TEACHER, NOW), Seen::No);
}

#[test]
fn nothing_is_observed_without_agreement_annex_tick_and_consent() {
    let plan = || planned(Variant::Peer, Purpose::Development);
    let refused = |given: Given| given.has(published(1)).refuses(plan());
    assert_eq!(refused(without_agreement()), "no processor agreement holds at this moment");
    let consent = "this module follows staff, and the participation council did not consent";
    assert!(refused(without_consent()).starts_with(consent));
    let mut unticked = examples::version_5();
    unticked.fields.retain(|tick| tick.field != events::annex::FieldId::Observations);
    let mut given = without_agreement();
    governed(unticked).iter().for_each(|event| given.fold(event));
    given.fold(&consented(Module::Observation).into());
    assert!(refused(given).ends_with("of these people: observations"));
    // Recording and everything that follows is asked again: consent may be taken back.
    let mut given = plan_of_a_colleague();
    let withdrawn =
        events::annex::ParticipationConsentWithdrawn { module: Module::Observation, by: BY };
    given.fold(&withdrawn.into());
    assert!(given.refuses(recorded()).starts_with(consent));
    assert!(given.refuses(evaluated()).starts_with(consent));
    let kept = match crate::decide(&given.state, &Command::Propose(recorded().into()), NOW) {
        Err(crate::Refusal::KeptOut(kept)) => kept,
        other => panic!("{other:?}"),
    };
    let events::GateEvent::ProcessingRefused(event) = &kept.record else { panic!("{kept:?}") };
    assert_eq!((event.module, event.count), (Module::Observation, 1));
    given.when(&Command::Propose(kept.record.clone().into())).then([kept.record.into()]);
}

fn plan_of_a_colleague() -> Given {
    plan(Variant::Peer, Purpose::Development)
}
