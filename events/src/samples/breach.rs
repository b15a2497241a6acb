//! Samples of incidents and breaches.

use record::{ActorId, ScopeId, SubjectId, TimestampMicros};

use super::{PERSON, about};
use crate::Event;
use crate::breach::*;

const INCIDENT: IncidentId = IncidentId::from_bytes([0x1C; 16]);
const HOLDER: SubjectId = SubjectId::from_bytes([0x48; 16]);
const SCOPE: ScopeId = ScopeId::from_bytes([0x51; 16]);
const BY: ActorId = ActorId::from_bytes([0xA1; 16]);
const NOON: TimestampMicros = TimestampMicros(1_795_773_600_000_000);

pub(crate) fn all() -> Vec<Event> {
    [found(), told(), decided(), ended()].concat()
}

fn story(text: &str) -> crate::About<Story> {
    about(HOLDER, Story { text: text.into() })
}

fn found() -> Vec<Event> {
    let (incident, by) = (INCIDENT, BY);
    let concerned = || Concerned { kinds: vec![DataKind::Contact, DataKind::Results] };
    let broken = Broken { confidentiality: true, integrity: false, availability: false };
    let assessment = Assessment {
        severity: Severity::Medium,
        broken,
        risk: Risk::Present,
        personal_data: Involved::Yes,
    };
    vec![
        IncidentReported {
            incident,
            scope: SCOPE,
            holder: HOLDER,
            kind: IncidentKind::Misaddressed,
            detected_by: DetectedBy::Staff,
            occurred: Box::new(Occurred {
                from: Item::Known(NOON),
                until: Item::Known(Until::Ongoing),
            }),
            discovered_at: NOON,
            people: Item::Known(Count { min: 1, max: 30 }),
            operator_case: Some(CaseId::from_bytes([0x0C; 16])),
            by: Some(by),
            story: Some(story("De lijst van Noor ging naar de verkeerde ouder")),
        }
        .into(),
        IncidentNoted { incident, by, story: story("De ouder heeft gebeld") }.into(),
        IncidentClassified { incident, assessment, by }.into(),
        BreachConfirmed { incident, confirmed_at: NOON, notify_hours: 24, informs_all: false, by }
            .into(),
        BreachScopeFrozen { incident, concerns: frozen(), by }.into(),
        PeopleConcerned {
            incident,
            by,
            people: vec![
                about(PERSON, concerned()),
                about(SubjectId::from_bytes([0xCC; 16]), concerned()),
            ],
        }
        .into(),
    ]
}

fn frozen() -> FrozenScope {
    FrozenScope {
        groups: groups(),
        kinds: kinds(),
        protection: Item::Known(Protection::Partly),
        source: Source::Query,
    }
}

fn groups() -> Vec<GroupCount> {
    vec![
        GroupCount { group: Group::Pupils, people: Item::Known(Count { min: 12, max: 12 }) },
        GroupCount { group: Group::Parents, people: Item::NotYetKnown },
    ]
}

fn kinds() -> Vec<DataCount> {
    let records = Item::Known(Count { min: 12, max: 24 });
    vec![DataCount { kind: DataKind::Contact, records }]
}

fn notice() -> NoticeFacts {
    let text = |text: &str| Item::Known(text.to_owned());
    NoticeFacts {
        discovered_at: Item::Known(NOON),
        from: Item::Known(NOON),
        until: Item::Known(Until::Ended(NOON)),
        summary: text("Een lijst ging naar een verkeerd adres"),
        security: text("verzenden van post"),
        course: text("het adres is aangevuld door het mailprogramma"),
        done: Item::Known(DoneToData {
            read: true,
            copied: false,
            changed: false,
            deleted: false,
            stolen: false,
        }),
        cause: Item::NotYetKnown,
        discovery: text("melding door de ontvanger"),
        measures_taken: text("de ontvanger heeft het bericht verwijderd"),
        measures_proposed: Item::NotYetKnown,
        protection: Item::Known(Protection::None),
        groups: Item::Known(groups()),
        kinds: Item::Known(kinds()),
        consequences_school: text("klachten"),
        consequences_people: text("ongemak"),
        risk: Item::Known(Risk::Present),
        contact: text("privacy@regenboog.example"),
        subprocessors: Item::Known(vec!["Postbedrijf".into()]),
        countries: Item::Known(vec!["BE".into()]),
    }
}

fn told() -> Vec<Event> {
    let (incident, at, by) = (INCIDENT, NOON, BY);
    vec![
        NoticeStated { incident, version: 1, notice: Box::new(notice()), by }.into(),
        SchoolNotified {
            incident,
            to: vec![ContactId::from_bytes([0x46; 16])],
            at,
            means: Means::Email,
            version: 1,
            by,
        }
        .into(),
        SchoolAware { incident, at, by }.into(),
        FollowedUp {
            incident,
            at,
            means: Means::Here,
            version: 2,
            measures: "aanvullen van adressen is uitgezet".into(),
            by,
        }
        .into(),
    ]
}

fn decided() -> Vec<Event> {
    let (incident, at, by) = (INCIDENT, NOON, BY);
    vec![
        AuthorityNotified {
            incident,
            phase: Phase::First,
            at,
            reference: Some("DB-12".into()),
            late_because: Some("de omvang was lang onbekend".into()),
            by,
        }
        .into(),
        NonNotificationDecided { incident, reason: "geen risico".into(), by }.into(),
        DataSubjectsInformed {
            incident,
            at,
            means: Means::Letter,
            people: Count { min: 12, max: 12 },
            by,
        }
        .into(),
        NotInformedDecided {
            incident,
            because: NotInformedBecause::NoHighRisk,
            reason: "de ontvanger is betrouwbaar".into(),
            public_notice_at: Some(NOON),
            by,
        }
        .into(),
    ]
}

fn ended() -> Vec<Event> {
    let (incident, by) = (INCIDENT, BY);
    vec![
        CostsAgreed { incident, agreed: "ieder draagt de eigen kosten".into(), by }.into(),
        LessonRecorded { incident, lesson: "adressen niet aanvullen".into(), by }.into(),
        BreachReportWithdrawn {
            incident,
            reason: "het bericht was leeg".into(),
            authority_told_at: Some(NOON),
            by,
        }
        .into(),
        IncidentClosed {
            incident,
            outcome: Outcome::Breach,
            reason: "alles is afgehandeld".into(),
            by,
        }
        .into(),
        IncidentReopened { incident, reason: "er is een nieuwe melding".into(), by }.into(),
    ]
}
