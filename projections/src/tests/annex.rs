//! What is shown of annexes and of what the gate kept out.

use events::Event;
use events::annex::*;
use events::gate::*;

use super::agreement::AGREEMENT;
use super::story::*;
use crate::{ChangeRow, GateRow};

pub(super) const ANNEX: AnnexId = AnnexId::from_bytes([0xB1; 16]);

pub(super) fn published(version: u32) -> Event {
    let (date, contents) = match version {
        5 => ("2025-02-01", examples::version_5()),
        _ => ("2026-10-01", examples::version_6()),
    };
    let (annex, agreement, date) = (ANNEX, AGREEMENT, date.into());
    let contents = Box::new(contents);
    AnnexVersionPublished { annex, agreement, version, date, contents, by: APPROVER }.into()
}

pub(super) fn accepted(version: u32) -> Event {
    AnnexVersionAccepted { annex: ANNEX, version, by: ASKER }.into()
}

pub(super) fn service_accepted() -> Event {
    OptionalServiceAccepted { annex: ANNEX, service: "koppeling".into(), by: ASKER }.into()
}

#[test]
fn versions_show_who_published_and_accepted_them_and_when() {
    let refused = AnnexVersionRefused { annex: ANNEX, version: 6, by: ASKER }.into();
    let views = views([published(5), accepted(5), published(6), refused]);
    let row = views.annexes().list().next().unwrap();
    assert_eq!((row.product.as_str(), row.governing), ("Lesvenster", Some(5)));
    let [fifth, sixth] = row.versions.as_slice() else { panic!("two versions") };
    assert_eq!((fifth.version, fifth.date.as_str()), (5, "2025-02-01"));
    assert_eq!((fifth.published_by, fifth.accepted_by), (APPROVER, Some(ASKER)));
    assert!(fifth.accepted > Some(fifth.published));
    assert_eq!((sixth.accepted, sixth.refused_by), (None, Some(ASKER)));
}

#[test]
fn an_optional_service_shows_what_the_school_last_said() {
    let said = |events: Vec<Event>| {
        let views = views(events);
        let row = views.annexes().list().next().unwrap();
        assert_eq!(row.optional.len(), 1);
        (row.optional[0].service.clone(), row.optional[0].accepted)
    };
    let withdrawn: Event =
        OptionalServiceWithdrawn { annex: ANNEX, service: "koppeling".into(), by: ASKER }.into();
    let mut events = vec![published(5), accepted(5)];
    assert_eq!(said(events.clone()), ("koppeling".to_owned(), false));
    events.push(service_accepted());
    assert!(said(events.clone()).1);
    events.push(withdrawn);
    assert!(!said(events).1);
}

#[test]
fn two_versions_differ_in_what_changed_and_in_nothing_else() {
    let views = views([published(5), published(6)]);
    let change = |module: &str| ChangeRow {
        about: format!("field pupil {module} answers"),
        before: Some("not ticked; -; -".into()),
        after: Some("ticked; -; -".into()),
    };
    let difference = views.annexes().difference(ANNEX, 5, 6);
    assert_eq!(difference, Some(vec![change("schoolscan"), change("surveys")]));
    assert_eq!(views.annexes().difference(ANNEX, 6, 6), Some(Vec::new()));
    assert_eq!(views.annexes().difference(ANNEX, 5, 7), None);
}

#[test]
fn a_difference_names_every_part_of_an_annex() {
    let mut changed = examples::version_5();
    changed.general.explanation.push('!');
    changed.services[0].processing.push('!');
    changed.purposes[0].text.push('!');
    changed.retention[0].rule.push('!');
    changed.locations[0].country = "DE".into();
    changed.subprocessors[0].seat_country = "CA".into();
    changed.couplings[0].frequency.push('!');
    changed.couplings.remove(3);
    changed.security.push('!');
    changed.transfers.push(Transfer {
        country: "CA".into(),
        description: "Opslag".into(),
        safeguard: Safeguard::Adequacy,
        framework: "Besluit 2002/2/EG".into(),
        supplementary: None,
    });
    let changed = AnnexVersionPublished {
        annex: ANNEX,
        agreement: AGREEMENT,
        version: 7,
        date: "2027-01-01".into(),
        contents: Box::new(changed),
        by: APPROVER,
    };
    let views = views([published(5), changed.into()]);
    let difference = views.annexes().difference(ANNEX, 5, 7).unwrap();
    let about: Vec<&str> = difference.iter().map(|row| row.about.as_str()).collect();
    assert_eq!(
        about,
        [
            "coupling Magister staff",
            "coupling ParnasSys staff",
            "explanation",
            "location - Amsterdam",
            "purpose feedback-en-onderzoek",
            "retention contactgegevens uit een koppeling weekly-sync",
            "security",
            "service resultaten",
            "subprocessor Polder Hosting",
            "transfer CA Opslag",
        ]
    );
    assert_eq!(difference[1].after, None);
    assert_eq!(difference[9].before, None);
}

#[test]
fn the_gate_table_says_what_passes() {
    let views = views([published(5), published(6)]);
    let row = |passes| GateRow { kind: "pupil", module: "surveys", field: "answers", passes };
    let table = |version| views.annexes().gate_table(ANNEX, version).unwrap();
    assert!(table(5).contains(&row(false)));
    assert!(table(6).contains(&row(true)));
    assert!(!table(6).contains(&row(false)));
}

#[test]
fn all_that_a_version_says_is_shown() {
    let views = views([published(5)]);
    let said = views.annexes().contents(ANNEX, 5).unwrap();
    assert_eq!(said.sectors, ["po", "vo", "so", "vso", "mbo"]);
    assert_eq!(said.users, ["staff", "pupil", "parent"]);
    assert_eq!(said.services.len(), 5);
    assert_eq!(said.couplings.len(), 4);
    assert!(said.locations[0].eea);
    assert!(!said.subprocessors[0].inside_eea);
    let bsn = said.fields.iter().find(|row| row.field == "bsn").unwrap();
    assert!(bsn.needs_law && !bsn.ticked);
    assert_eq!(views.annexes().contents(ANNEX, 4), None);
}

#[test]
fn a_council_that_consents_no_more_is_shown() {
    let recorded = ParticipationConsentRecorded {
        module: Module::Observation,
        council: Council::JointParticipation,
        date: "2026-09-01".into(),
        reference: "GMR 7".into(),
        by: ASKER,
    };
    let withdrawn = ParticipationConsentWithdrawn { module: Module::Observation, by: ASKER };
    let views = views([recorded.into(), withdrawn.into()]);
    let row = views.annexes().councils().next().unwrap();
    assert_eq!((row.module, row.council), ("observation", "joint-participation"));
    assert!(row.withdrawn > Some(row.recorded));
}

#[test]
fn rejections_are_counted_by_day_field_and_module() {
    let rejected = || -> Event {
        FieldsRejected {
            entrance: Entrance::Import,
            module: Module::Surveys,
            kind: SubjectKind::Pupil,
            fields: vec![
                Rejected { field: FieldId::Answers, count: 3 },
                Rejected { field: FieldId::Phone, count: 1 },
            ],
            annex: ANNEX,
            version: 5,
        }
        .into()
    };
    let refused = ProcessingRefused {
        entrance: Entrance::Connector,
        module: Module::Coupling,
        purpose: Some("reclame".into()),
        rule: GateRule::OtherPurpose,
        count: 2,
    };
    let views = views([rejected(), rejected(), refused.into()]);
    let rows: Vec<_> =
        views.rejections().fields().map(|row| (row.day, row.field, row.count)).collect();
    assert_eq!(rows, [(0, "phone", 2), (0, "answers", 6)]);
    let row = views.rejections().refused().next().unwrap();
    assert_eq!((row.module, row.rule, row.count), ("coupling", "other-purpose", 2));
}
