//! A run brings exactly what a stand-in holds, and exactly the fields with a tick.

use connectors::*;
use standins::{People, System, somtoday};

use crate::support::*;

#[test]
fn a_run_brings_everybody_once() {
    for system in BOTH {
        for count in [0, 1, 9, 10, 11, 20, 95] {
            let mut setup = setup(system);
            setup.role.people = People { seed: 3, count };
            let people = setup.role.people;
            let outcome = run(setup);
            assert!(outcome.came() == held(people), "{system:?} {count}");
            let summary = outcome.summary();
            assert_eq!(summary.people, u64::try_from(count).unwrap());
            assert_eq!((&summary.rejected[..], &summary.stopped[..]), (&[][..], &[][..]));
            let shared = count.div_ceil(somtoday::SHARED_EACH);
            let shared = if system == System::Somtoday { shared } else { 0 };
            assert_eq!(
                summary.repeated,
                u64::try_from(shared).unwrap(),
                "two locations, one person"
            );
        }
    }
}

#[test]
fn what_has_no_tick_does_not_come_in() {
    for system in BOTH {
        let mut setup = setup(system);
        setup.ticks = Ticks::of(&[Field::Surname], &[]);
        let outcome = run(setup);
        for person in &outcome.people {
            assert_eq!(
                (&person.given_name, &person.initials, &person.prefix),
                (&None, &None, &None)
            );
            assert!(person.surname.is_some());
        }
        assert_eq!(outcome.people.len(), 25);
        assert_eq!(outcome.summary().rejected.len(), 3, "{:?}", outcome.summary());
    }
}

#[test]
fn another_key_or_organisation_is_not_let_in() {
    let afas = setup(System::Afas);
    let standin = standins::Standin::start(afas.role.clone()).unwrap();
    let mut settings = afas_settings(&standin);
    settings.token = Secret::parse("other").unwrap();
    let outcome = fetch(afas, &standin, &Coupling::Afas(settings));
    assert_eq!(outcome.broken(), (Step::ConnectorFields, Some(401), Rule::Refused));

    let mut afas = setup(System::Afas);
    afas.ticks = Ticks::of(&ALL, &[]);
    let mut settings = afas_settings(&standin);
    settings.names.connector = "Other".to_owned();
    let outcome = fetch(afas, &standin, &Coupling::Afas(settings));
    assert_eq!(outcome.broken(), (Step::ConnectorFields, Some(401), Rule::Refused));

    let somtoday = setup(System::Somtoday);
    let standin = standins::Standin::start(somtoday.role.clone()).unwrap();
    let mut settings = somtoday_settings(&standin);
    settings.secret = Secret::parse("other").unwrap();
    let outcome = fetch(somtoday, &standin, &Coupling::Somtoday(settings));
    assert_eq!(outcome.broken(), (Step::Token, Some(401), Rule::Refused));
    assert_eq!(outcome.asked.len(), 1, "a refusal is not asked again");
}

#[test]
fn a_token_that_runs_out_is_renewed() {
    let mut setup = setup(System::Somtoday);
    setup.role.token_lasts = 4;
    let people = setup.role.people;
    let outcome = run(setup);
    assert!(outcome.came() == held(people));
    let tokens = outcome.asked.iter().filter(|asked| asked.method == "POST").count();
    assert!(tokens > 1, "{tokens}");
}

#[test]
fn settings_that_cannot_be_right_are_refused() {
    for text in [
        "",
        "school.example",
        "ftp://school.example",
        "http://school.example/rest",
        "http://localhost/rest",
        "http://127.0.0.1.school.example",
        "https://user@school.example",
        "https://school.example/?a=b",
        "https://school.example/%2e",
        "https:///rest",
    ] {
        assert_eq!(Address::parse(text), Err(SettingError::Address), "{text}");
    }
    for text in ["https://12345.rest.afas.online/ProfitRestServices/", "http://[::1]:80/rest"] {
        Address::parse(text).unwrap();
    }
    for text in ["", "a b", "a\r\nHost: b", "</data>", &"a".repeat(513)] {
        assert_eq!(Secret::parse(text).unwrap_err(), SettingError::Secret);
    }
    assert_eq!(format!("{:?}", Secret::parse("hidden").unwrap()), "Secret(..)");
    assert!(OrganisationId::parse("0a1b2c3d").is_err() && Brin::parse("AB12").is_err());
    assert_eq!(Trust::pem(b"").unwrap_err(), SettingError::Trust);

    let setup = setup(System::Afas);
    let standin = standins::Standin::start(setup.role.clone()).unwrap();
    let start = |key: &str, page_rows| {
        let mut settings = afas_settings(&standin);
        settings.names.key = key.to_owned();
        let limits = Limits { page_rows, ..Limits::default() };
        let coupling = Coupling::Afas(settings);
        Run::start(&coupling, Ticks::of(&ALL, &[]), &Trust::default(), limits, &Still::default())
            .err()
    };
    assert_eq!(start("Medewerker", 200), None);
    assert_eq!(start("-Medewerker", 200), Some(SettingError::Name));
    assert_eq!(start("Medewerker&take=-1", 200), Some(SettingError::Name));
    assert_eq!(start("Roepnaam", 200), Some(SettingError::SameName));
    assert_eq!(start("Medewerker", 0), Some(SettingError::PageRows));
    assert_eq!(start("Medewerker", 201), Some(SettingError::PageRows));
}
