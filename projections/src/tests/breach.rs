//! What the register, a dossier, the form and a mail show.

use std::collections::BTreeSet;

use events::breach::*;
use events::{Event, Forgotten};
use record::{ActorId, ScopeId, Seq, SubjectId, TimestampMicros};

use super::story::*;
use crate::{
    CountRow, Dossier, FormRow, NOT_YET_KNOWN, NOTICE_LINK, NoticeLanguage, Value, Views,
    authority_form, notice_text,
};

const HOUR: u64 = 3_600_000_000;
const CASE: CaseId = CaseId::from_bytes([0xCA; 16]);

/// The ids of one school; those of another are all different.
#[derive(Clone, Copy)]
struct School {
    incident: IncidentId,
    scope: ScopeId,
    holder: SubjectId,
    contact: ContactId,
    by: ActorId,
}

const fn school(number: u8) -> School {
    School {
        incident: IncidentId::from_bytes([0xA0 + number; 16]),
        scope: ScopeId::from_bytes([0xB0 + number; 16]),
        holder: SubjectId::from_bytes([0xC0 + number; 16]),
        contact: ContactId::from_bytes([0xD0 + number; 16]),
        by: ActorId::from_bytes([0xE0 + number; 16]),
    }
}

const fn hour(hours: u64) -> TimestampMicros {
    TimestampMicros(hours * HOUR)
}

impl School {
    fn reported(self) -> Event {
        let story = Story { text: "Noor vond de lijst".into() };
        IncidentReported {
            incident: self.incident,
            scope: self.scope,
            holder: self.holder,
            kind: IncidentKind::Misaddressed,
            detected_by: DetectedBy::Staff,
            occurred: Box::new(Occurred { from: Item::Known(hour(1)), until: Item::NotYetKnown }),
            discovered_at: hour(2),
            people: Item::Known(Count { min: 1, max: 30 }),
            operator_case: Some(CASE),
            by: Some(self.by),
            story: Some(about(self.holder, leaf(1), self.scope, story)),
        }
        .into()
    }

    fn judged(self, risk: Risk) -> Event {
        let broken = Broken { confidentiality: true, integrity: false, availability: false };
        let personal_data = Involved::Yes;
        let assessment = Assessment { severity: Severity::Medium, broken, risk, personal_data };
        IncidentClassified { incident: self.incident, assessment, by: self.by }.into()
    }

    fn confirmed(self) -> Event {
        BreachConfirmed {
            incident: self.incident,
            confirmed_at: hour(3),
            notify_hours: 24,
            informs_all: false,
            by: self.by,
        }
        .into()
    }

    fn frozen(self) -> Event {
        let concerns = FrozenScope {
            groups: vec![GroupCount {
                group: Group::Pupils,
                people: Item::Known(Count { min: 12, max: 12 }),
            }],
            kinds: vec![
                DataCount { kind: DataKind::Health, records: Item::NotYetKnown },
                DataCount {
                    kind: DataKind::Contact,
                    records: Item::Known(Count { min: 5, max: 9 }),
                },
            ],
            protection: Item::Known(Protection::None),
            source: Source::Query,
        };
        BreachScopeFrozen { incident: self.incident, concerns, by: self.by }.into()
    }

    fn concerned(self, who: SubjectId, under: u8) -> Event {
        let kinds = vec![DataKind::Contact];
        let people = vec![about(who, leaf(under), self.scope, Concerned { kinds })];
        PeopleConcerned { incident: self.incident, by: self.by, people }.into()
    }

    fn stated(self, version: u32, notice: NoticeFacts) -> Event {
        NoticeStated { incident: self.incident, version, notice: Box::new(notice), by: self.by }
            .into()
    }

    fn notified(self, version: u32) -> Event {
        SchoolNotified {
            incident: self.incident,
            to: vec![self.contact],
            at: hour(8),
            means: Means::Email,
            version,
            by: self.by,
        }
        .into()
    }

    fn aware(self, at: TimestampMicros) -> Event {
        SchoolAware { incident: self.incident, at, by: self.by }.into()
    }

    fn followed_up(self, version: u32) -> Event {
        FollowedUp {
            incident: self.incident,
            at: hour(30),
            means: Means::Here,
            version,
            measures: "adressen worden gecontroleerd".into(),
            by: self.by,
        }
        .into()
    }

    fn not_to_authority(self) -> Event {
        let reason = "de ontvanger is betrouwbaar".into();
        NonNotificationDecided { incident: self.incident, reason, by: self.by }.into()
    }

    fn not_informed(self) -> Event {
        NotInformedDecided {
            incident: self.incident,
            because: NotInformedBecause::NoHighRisk,
            reason: "geen nadeel voor de leerlingen".into(),
            public_notice_at: None,
            by: self.by,
        }
        .into()
    }

    fn to_authority(self) -> Event {
        AuthorityNotified {
            incident: self.incident,
            phase: Phase::First,
            at: hour(90),
            reference: Some("DB-12".into()),
            late_because: Some("de omvang was lang onbekend".into()),
            by: self.by,
        }
        .into()
    }

    fn closed(self) -> Event {
        IncidentClosed {
            incident: self.incident,
            outcome: Outcome::Breach,
            reason: "alles is afgehandeld".into(),
            by: self.by,
        }
        .into()
    }

    /// A breach until the school was told, and knew two hours before.
    fn told(self) -> Vec<Event> {
        vec![
            self.reported(),
            self.judged(Risk::Unlikely),
            self.confirmed(),
            self.frozen(),
            self.stated(1, notice()),
            self.notified(1),
            self.aware(hour(6)),
        ]
    }
}

fn notice() -> NoticeFacts {
    NoticeFacts {
        summary: Item::Known("een lijst ging naar een verkeerd adres".into()),
        discovered_at: Item::Known(hour(2)),
        countries: Item::Known(Vec::new()),
        ..NoticeFacts::UNKNOWN
    }
}

fn dossier(views: &Views, school: School) -> Dossier {
    views.incidents().dossier(school.incident).unwrap()
}

#[test]
fn the_register_shows_every_incident_also_those_not_reported_and_why() {
    let (one, other) = (school(1), school(2));
    let more = [one.not_to_authority(), one.not_informed(), one.closed(), other.reported()];
    let views = views(one.told().into_iter().chain(more));
    let [first, second] = views.incidents().register().try_into().unwrap();
    assert_eq!((first.number, first.step.dutch), (1, "gesloten"));
    assert_eq!((second.number, second.step.dutch), (2, "gemeld"));
    let authority = first.authority.unwrap();
    assert!(!authority.is_told && authority.holds);
    assert_eq!(authority.reason.as_deref(), Some("de ontvanger is betrouwbaar"));
    let subjects = first.subjects.unwrap();
    assert_eq!(subjects.reason.as_deref(), Some("geen nadeel voor de leerlingen"));
    assert!(subjects.ground.unwrap().english.contains("34(1)"));
    assert_eq!(first.outcome.unwrap().dutch, "datalek");
    assert_eq!(first.people, Some(CountRow { min: 12, max: 12 }));
    assert_eq!(second.people, Some(CountRow { min: 1, max: 30 }));
    assert!(first.is_breach && !second.is_breach);
    assert_eq!(first.closed_at, Some(1_000 + 10));
}

#[test]
fn the_clocks_are_exact_hours() {
    let clocks = |events: Vec<Event>| dossier(&views(events), school(1)).row.clocks;
    let told = clocks(school(1).told());
    assert_eq!(told.confirmed_at, Some(3 * HOUR));
    assert_eq!((told.notify_hours, told.notify_by), (Some(24), Some((3 + 24) * HOUR)));
    assert_eq!((told.notified_at, told.notified_after_hours), (Some(8 * HOUR), Some(5)));
    assert_eq!((told.aware_at, told.report_by), (Some(6 * HOUR), Some((6 + 72) * HOUR)));
    let unstated: Vec<Event> = school(1).told().into_iter().take(6).collect();
    assert_eq!(clocks(unstated).report_by, Some((8 + 72) * HOUR));
    let reported = [school(1).told(), vec![school(1).to_authority()]].concat();
    assert_eq!(clocks(reported).reported_at, Some(90 * HOUR));
}

#[test]
fn a_correction_is_a_version_that_says_what_changed() {
    let one = school(1);
    let cause = Item::Known("het adres werd aangevuld".into());
    let corrected = NoticeFacts { cause, discovered_at: Item::Known(hour(1)), ..notice() };
    let events = [one.told(), vec![one.stated(2, corrected), one.followed_up(2)]].concat();
    let shown = dossier(&views(events), one);
    let [first, second] = shown.versions.as_slice() else { panic!("two versions") };
    assert_eq!(first.changed, ["discovered_at", "summary", "countries"]);
    assert_eq!(second.changed, ["discovered_at", "cause"]);
    assert!(first.open.contains(&"cause") && !second.open.contains(&"cause"));
    assert_eq!(first.items.len(), 20);
    assert_eq!(shown.item("discovered_at"), Some(&Value::Moment(HOUR)));
    assert_eq!((shown.row.version, shown.row.told_version), (2, 2));
    assert_eq!(shown.row.step.dutch, "opgevolgd");
    assert_eq!(shown.notices.len(), 2);
}

#[test]
fn every_item_of_a_notice_is_shown() {
    let shown = dossier(&views(school(1).told()), school(1));
    let items: Vec<&str> = shown.versions[0].items.iter().map(|row| row.item).collect();
    assert_eq!(items, NoticeFacts::UNKNOWN.open());
}

#[test]
fn a_higher_risk_shows_that_a_decision_no_longer_holds() {
    let one = school(1);
    let decided = [one.not_to_authority(), one.not_informed(), one.judged(Risk::Present)];
    let views = views(one.told().into_iter().chain(decided));
    let row = dossier(&views, one).row;
    assert!(!row.authority.unwrap().holds);
    assert!(row.subjects.unwrap().holds);
}

#[test]
fn the_register_of_an_earlier_moment_knows_nothing_of_later() {
    let one = school(1);
    let views = views(one.told());
    let steps = |at| {
        let rows = views.incidents().register_as_of(TimestampMicros(at));
        rows.iter().map(|row| row.step.english).collect::<Vec<_>>()
    };
    assert_eq!(steps(1_000), [""; 0]);
    assert_eq!(steps(1_001), ["reported"]);
    assert_eq!(steps(1_002), ["judged"]);
    assert_eq!(steps(1_003), ["confirmed as a breach"]);
    assert_eq!(steps(2_000), ["the school was told"]);
    let earlier = views.incidents().dossier_as_of(one.incident, TimestampMicros(1_002)).unwrap();
    assert!(earlier.versions.is_empty() && earlier.groups.is_none());
}

#[test]
fn counts_and_kinds_stay_when_a_person_concerned_is_erased() {
    let one = school(1);
    let listed = [one.concerned(person(1), 5), one.concerned(person(2), 6)];
    let mut views = views(one.told().into_iter().chain(listed));
    let before = dossier(&views, one);
    assert_eq!((before.listed, before.still_listed), (2, 2));
    assert_eq!(
        views.incidents().concerning(person(1)).collect::<Vec<_>>(),
        [(one.incident, Seq(8))]
    );
    views.forget(&Forgotten { subjects: [person(1)].into(), ..Forgotten::default() });
    let after = dossier(&views, one);
    assert_eq!((after.listed, after.still_listed), (2, 1));
    assert_eq!(Dossier { still_listed: 2, ..after.clone() }, before);
    assert_eq!(
        views.incidents().concerned(one.incident).collect::<Vec<_>>(),
        [(person(2), Seq(9))]
    );
    let bytes: Vec<u8> = views.digest_inputs().into_iter().flat_map(|(_, it)| it).collect();
    assert!(!bytes.windows(16).any(|window| window == person(1).as_bytes()));
    assert!(!format!("{after:?}").contains(&person(1).to_string()));
}

#[test]
fn what_was_told_freely_goes_with_the_incidents_term_and_the_register_stays() {
    let one = school(1);
    let mut views = views(one.told().into_iter().chain([one.concerned(person(1), 5)]));
    assert_eq!(dossier(&views, one).stories, [Seq(1)]);
    let row = dossier(&views, one).row;
    views.forget(&Forgotten { scopes: [one.scope].into(), ..Forgotten::default() });
    let after = dossier(&views, one);
    assert!(after.stories.is_empty());
    assert_eq!(after.still_listed, 0);
    assert_eq!(after.row, row);
}

/// Every id that a dossier shows, as 32 hexadecimal digits.
fn ids(dossier: &Dossier) -> BTreeSet<String> {
    let shown = format!("{dossier:?}");
    let words = shown.split(|character: char| !character.is_ascii_hexdigit());
    words.filter(|word| word.len() == 32).map(ToOwned::to_owned).collect()
}

#[test]
fn two_schools_of_one_case_share_its_random_id_and_nothing_else() {
    let dossiers = [school(1), school(2)].map(|school| dossier(&views(school.told()), school));
    let [one, other] = dossiers.each_ref().map(ids);
    assert!(one.len() > 3);
    let shared: Vec<&String> = one.intersection(&other).collect();
    assert_eq!(shared, [&CASE.to_string()]);
}

fn answer(rows: &[FormRow], section: u8, label: &str) -> Value {
    let found = rows.iter().find(|row| row.section == section && row.label.english == label);
    found.unwrap().answer()
}

#[test]
fn the_form_is_filled_in_and_what_is_missing_is_marked() {
    let one = school(1);
    let shown = dossier(&views([one.told(), vec![one.to_authority()]].concat()), one);
    let rows = authority_form(&shown, None);
    let sections: BTreeSet<u8> = rows.iter().map(|row| row.section).collect();
    assert_eq!(sections, (0..=9).collect());
    let unknown = Value::Words(NOT_YET_KNOWN);
    assert_eq!(NOT_YET_KNOWN.dutch, "nog niet bekend");
    assert_eq!(answer(&rows, 1, "organisation"), unknown);
    assert_eq!(answer(&rows, 3, "cause"), unknown);
    assert_eq!(answer(&rows, 8, "people were told"), unknown);
    assert_eq!(answer(&rows, 2, "72 hours end"), Value::Moment(78 * HOUR));
    assert_eq!(
        answer(&rows, 2, "reasons if later than 72 hours"),
        Value::Text("de omvang was lang onbekend".into())
    );
    let Value::Words(kind) = answer(&rows, 0, "kind of notification") else { panic!("words") };
    assert_eq!(kind.dutch, "vervolgmelding");
    let Value::List(special) = answer(&rows, 4, "special categories") else { panic!("a list") };
    assert_eq!(special.iter().map(|it| it.dutch).collect::<Vec<_>>(), ["gezondheid"]);
    let Value::Words(children) = answer(&rows, 5, "vulnerable groups (children)") else {
        panic!("words")
    };
    assert_eq!(children.dutch, "ja");
    assert_eq!(
        answer(&rows, 5, "how many, at least and at most"),
        Value::Count(CountRow { min: 12, max: 12 })
    );
}

#[test]
fn reasons_that_come_with_a_later_report_are_shown() {
    let one = school(1);
    let report = |phase, late_because: Option<&str>| {
        Event::from(AuthorityNotified {
            incident: one.incident,
            phase,
            at: hour(70),
            reference: None,
            late_because: late_because.map(Into::into),
            by: one.by,
        })
    };
    let reports = [
        report(Phase::First, None),
        report(Phase::FollowUp, Some("later bleek meer")),
        report(Phase::FollowUp, None),
    ];
    let shown = dossier(&views(one.told().into_iter().chain(reports)), one);
    assert_eq!(shown.row.authority.unwrap().reason.as_deref(), Some("later bleek meer"));
}

#[test]
fn the_form_of_a_withdrawn_breach_is_a_withdrawal() {
    let one = school(1);
    let withdrawn = BreachReportWithdrawn {
        incident: one.incident,
        reason: "het bericht was leeg".into(),
        authority_told_at: Some(hour(99)),
        by: one.by,
    };
    let events = [one.told(), vec![one.to_authority(), withdrawn.into()]].concat();
    let shown = dossier(&views(events), one);
    assert!(shown.is_withdrawn && !shown.row.is_breach);
    assert!(!shown.row.authority.as_ref().unwrap().holds);
    let rows = authority_form(&shown, None);
    assert_eq!(answer(&rows, 0, "earlier reference"), Value::Text("DB-12".into()));
    let Value::Words(kind) = answer(&rows, 0, "kind of notification") else { panic!("words") };
    assert_eq!(kind.english, "withdrawal");
}

#[test]
fn a_mail_holds_nothing_that_anybody_wrote() {
    let one = school(1);
    let texts = "TEKST";
    let text = || Item::Known(texts.to_owned());
    let notice = NoticeFacts {
        summary: text(),
        security: text(),
        course: text(),
        cause: text(),
        discovery: text(),
        measures_taken: text(),
        measures_proposed: text(),
        consequences_school: text(),
        consequences_people: text(),
        contact: text(),
        subprocessors: Item::Known(vec![texts.into()]),
        countries: Item::Known(vec![texts.into()]),
        ..NoticeFacts::UNKNOWN
    };
    let more = vec![
        one.stated(2, notice),
        FollowedUp {
            incident: one.incident,
            at: hour(30),
            means: Means::Email,
            version: 2,
            measures: texts.into(),
            by: one.by,
        }
        .into(),
    ];
    let shown = dossier(&views([one.told(), more].concat()), one);
    for language in [NoticeLanguage::Dutch, NoticeLanguage::English] {
        let (subject, body) = notice_text(&shown, language, &|at| format!("<{}>", at.0 / HOUR));
        let mail = format!("{subject}\n{body}");
        assert!(!mail.contains(texts) && !mail.contains("Noor"), "{mail}");
        let kind = shown.row.kind;
        assert!(!mail.contains(kind.dutch) && !mail.contains(kind.english), "{mail}");
        assert!(ids(&shown).iter().all(|id| !mail.contains(id)), "{mail}");
        let digits = mail.split(|character: char| !character.is_ascii_digit());
        let numbers: BTreeSet<&str> = digits.filter(|number| !number.is_empty()).collect();
        // The case, when it was discovered, and until when the authority must be told.
        assert_eq!(numbers, ["1", "2", "78"].into(), "{mail}");
        assert!(body.contains(NOTICE_LINK));
    }
}
