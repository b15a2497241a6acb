//! The registers of art. 30 say what the agreement and the accepted annex say, as of any moment.
//!
//! The expected register was written by hand from the annex that the example follows, not from the
//! code: sections D (services), E (purposes), F (which boxes are ticked; a field that stands under
//! "namely" without a box is processed; retention), G (place) and H (subprocessor) of annex 1,
//! version 5, and the parties of the agreement. Field names are those of the closed list.

use events::annex::{LegalBasis, LegalBasisStated};
use events::{Event, catalogue};
use record::{Seq, TimestampMicros};

use super::agreement::{AGREEMENT, party, signed};
use super::annex::{ANNEX, accepted, published, service_accepted};
use super::story::*;
use crate::*;

fn board(name: &str, kvk: &str) -> PartyRow {
    let party = party(name, kvk);
    PartyRow {
        name: party.name,
        kvk: party.kvk,
        seat: "Zeist".into(),
        contact: "info@voorbeeld.example".into(),
        fg_contact: Some("fg@voorbeeld.example".into()),
        representative: None,
    }
}

fn ground(version: u32, date: &str) -> GroundRow {
    GroundRow {
        agreement: AGREEMENT,
        starts: 500,
        ends: None,
        annex: ANNEX,
        version,
        date: date.into(),
        product: "Lesvenster".into(),
    }
}

const MODULES: [&str; 4] = ["observation", "development", "surveys", "schoolscan"];

fn data(kind: &'static str, category: &'static str, fields: &[&'static str]) -> DataRow {
    DataRow { kind, category, fields: fields.to_vec() }
}

/// Section F: what is ticked. Of pupils: first name, surname, e-mail of the school, and the date of
/// birth to log in; their questionnaires are listed with an open box.
fn data_of_version_5() -> Vec<DataRow> {
    vec![
        data("staff", "contact", &["given-name", "initials", "surname", "school-email"]),
        data("staff", "sign-in", &["login-name", "password", "session"]),
        data("staff", "questionnaires", &["answers"]),
        data("staff", "functioning", &["observations", "remarks"]),
        data("pupil", "contact", &["given-name", "surname", "school-email"]),
        data("pupil", "origin", &["birth-date"]),
        data("parent", "contact", &["given-name", "surname", "private-email"]),
        data("parent", "questionnaires", &["answers"]),
    ]
}

/// Version 6 ticks the questionnaires of pupils.
fn data_of_version_6() -> Vec<DataRow> {
    let mut rows = data_of_version_5();
    rows.insert(6, data("pupil", "questionnaires", &["answers"]));
    rows
}

/// Section H: one host, stores in the Netherlands, seat in the United States, in the framework.
fn host() -> SubprocessorRow {
    SubprocessorRow {
        name: "Polder Hosting".into(),
        task: "Versleutelde gegevens opslaan en verwerken".into(),
        categories: "Alle gegevens van deze bijlage".into(),
        storage_country: "NL".into(),
        seat_country: "US".into(),
        parent_country: None,
        inside_eea: false,
        safeguard: Some(SAFEGUARD.into()),
    }
}

const SAFEGUARD: &str = "EU-US Data Privacy Framework; zonder de sleutel van de verwerker kan de \
                         hostingpartij niets inzien of verplaatsen";
const SECURITY: &str = "De gegevens zijn versleuteld opgeslagen met sleutels die de hostingpartij \
                        niet heeft; de volledige verklaring staat in bijlage 2.";

fn seat() -> SeatRow {
    SeatRow {
        name: "Polder Hosting".into(),
        storage_country: "NL".into(),
        seat_country: "US".into(),
        parent_country: None,
        safeguard: Some(SAFEGUARD.into()),
    }
}

/// Section F, retention: the weekly synchronisation, the coupling that goes off, what the school
/// takes out itself, and what stays for the benchmark.
fn retention() -> Vec<RetentionRow> {
    let row = |scope: &str, rule: &str, trigger, action| RetentionRow {
        scope: scope.into(),
        rule: rule.into(),
        trigger,
        period: None,
        action,
    };
    let contact = "contactgegevens uit een koppeling";
    vec![
        row(
            contact,
            "Elke zondag worden zij gewist en opnieuw overgenomen",
            "weekly-sync",
            "erase",
        ),
        row(
            contact,
            "Gaat de koppeling uit, dan worden zij gewist en niet opnieuw overgenomen",
            "coupling-off",
            "erase",
        ),
        row(
            "resultaten en vragenlijsten",
            "De school kan ze zelf uit het platform halen",
            "school-asks",
            "return",
        ),
        row(
            "resultaten",
            "Na de licentie blijven zij zonder contactgegevens, niet herleidbaar, voor de benchmark",
            "licence-end",
            "anonymise",
        ),
    ]
}

/// Section E: one purpose for everything.
fn purpose(basis: Option<&'static str>) -> StatedRow {
    StatedRow {
        purpose: "feedback-en-onderzoek".into(),
        text: "Lesobservaties invoeren, feedback geven en krijgen, gespreksformulieren en \
               (tevredenheids)onderzoeken uitzetten bij leerlingen, ouders en medewerkers; de \
               resultaten bekijken, invullen, opslaan, analyseren en exporteren."
            .into(),
        modules: [&MODULES[..], &["coupling"]].concat(),
        basis,
        note: None,
    }
}

fn controller_entry(ground: GroundRow, data: Vec<DataRow>) -> ControllerEntry {
    ControllerEntry {
        ground,
        controller: board("Stichting De Horizon", "90000001"),
        purposes: vec![purpose(Some("public-task"))],
        data,
        processor: board("Lesvenster BV", "90000002"),
        subprocessors: vec![host()],
        locations: vec![LocationRow {
            service: None,
            place: "Amsterdam".into(),
            country: "NL".into(),
            eea: true,
        }],
        transfers: Vec::new(),
        seats_outside: vec![seat()],
        retention: retention(),
        security: SECURITY.into(),
    }
}

fn stated(basis: LegalBasis) -> Event {
    let purpose = "feedback-en-onderzoek".into();
    LegalBasisStated { annex: ANNEX, purpose, basis, note: None, by: ASKER }.into()
}

/// Record 0 starts the tenant; the agreement is 1, version 5 governs from 3, version 6 from 7.
fn year() -> Views {
    views([
        signed(AGREEMENT),
        published(5),
        accepted(5),
        stated(LegalBasis::PublicTask),
        service_accepted(),
        published(6),
        accepted(6),
    ])
}

#[test]
fn the_controllers_register_equals_the_annex_by_hand() {
    let register = year().processing().controller(AsOf::NOW);
    let expected = controller_entry(ground(6, "2026-10-01"), data_of_version_6());
    assert_eq!(register.entries, [expected]);
}

#[test]
fn as_of_before_version_6_it_equals_the_register_of_version_5() {
    let views = year();
    let expected = controller_entry(ground(5, "2025-02-01"), data_of_version_5());
    for as_of in [AsOf::Seq(Seq(6)), AsOf::Time(TimestampMicros(time(7) - 1))] {
        assert_eq!(views.processing().controller(as_of).entries, std::slice::from_ref(&expected));
    }
    let sixth = AsOf::Time(TimestampMicros(time(7)));
    assert_eq!(views.processing().controller(sixth).entries[0].ground.version, 6);
}

/// When a record of the story was written.
fn time(seq: u64) -> u64 {
    place(seq).recorded_at.0
}

#[test]
fn before_the_school_accepted_an_annex_the_registers_are_empty() {
    let views = year();
    for seq in 0..3 {
        assert!(views.processing().controller(AsOf::Seq(Seq(seq))).entries.is_empty());
        assert!(views.processing().processor(AsOf::Seq(Seq(seq))).entries.is_empty());
    }
}

#[test]
fn a_basis_is_shown_from_the_moment_it_was_stated() {
    let basis = |views: &Views, seq| {
        views.processing().controller(AsOf::Seq(Seq(seq))).entries[0].purposes[0].basis
    };
    let year = year();
    assert_eq!(basis(&year, 3), None);
    assert_eq!(basis(&year, 4), Some("public-task"));
    let changed = views([
        signed(AGREEMENT),
        published(5),
        accepted(5),
        stated(LegalBasis::Consent),
        stated(LegalBasis::PublicTask),
    ]);
    assert_eq!(basis(&changed, 4), Some("consent"));
    assert_eq!(basis(&changed, 5), Some("public-task"));
}

#[test]
fn the_processors_register_names_what_runs_for_each_controller() {
    let views = year();
    let entry = |seq| {
        let mut entries = views.processing().processor(AsOf::Seq(Seq(seq))).entries;
        assert_eq!(entries.len(), 1);
        entries.remove(0)
    };
    let ids = |entry: &ProcessorEntry| -> Vec<String> {
        entry.processing.iter().map(|row| row.id.clone()).collect()
    };
    let inseparable = ["resultaten", "vragenlijsten", "opslag", "rapportages"];
    assert_eq!(ids(&entry(4)), inseparable);
    let now = entry(7);
    assert_eq!(ids(&now), [&inseparable[..], &["koppeling"]].concat());
    assert_eq!(now.controller, board("Stichting De Horizon", "90000001"));
    assert_eq!(now.processor, board("Lesvenster BV", "90000002"));
    assert_eq!(now.subprocessors, [host()]);
    assert_eq!((now.transfers, now.seats_outside), (Vec::new(), vec![seat()]));
    assert_eq!(now.security, SECURITY);
}

#[test]
fn an_agreement_that_ended_leaves_the_register_and_stays_in_what_was() {
    let ended = events::agreement::AgreementEnded {
        agreement: AGREEMENT,
        reason: events::agreement::EndReason::Jointly,
        by: ASKER,
    };
    let views = views([signed(AGREEMENT), published(5), accepted(5), ended.into()]);
    assert!(views.processing().processor(AsOf::NOW).entries.is_empty());
    assert_eq!(views.processing().processor(AsOf::Seq(Seq(3))).entries.len(), 1);
}

#[test]
fn as_of_a_time_outside_its_term_an_agreement_is_not_in_the_register() {
    let amended = events::agreement::AgreementAmended {
        agreement: AGREEMENT,
        terms: events::agreement::Terms {
            starts: TimestampMicros(500),
            ends: Some(TimestampMicros(2_000)),
            objection: "P6W".into(),
            breach_hours: 24,
        },
        text: "einddatum".into(),
        for_controller: ASKER,
        for_processor: APPROVER,
    };
    let views = views([signed(AGREEMENT), published(5), accepted(5), amended.into()]);
    let entries = |time| {
        let as_of = AsOf::Time(TimestampMicros(time));
        views.processing().processor(as_of).entries.len()
    };
    assert_eq!((entries(1_999), entries(2_000)), (1, 0));
    assert_eq!(views.processing().processor(AsOf::NOW).entries[0].ground.ends, Some(2_000));
}

#[test]
fn every_category_of_the_catalogue_is_in_the_register() {
    let kept = year().processing().controller(AsOf::NOW).kept;
    for entry in catalogue().iter().filter(|entry| entry.personal) {
        let category = entry.category.unwrap().0;
        let row = kept.iter().find(|row| row.category == category).unwrap();
        assert!(row.events.contains(&entry.event), "{}", entry.event);
        assert!(row.purposes.contains(&entry.purpose), "{}", entry.purpose);
        assert!(!row.until.is_empty());
    }
}
