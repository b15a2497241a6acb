//! What a peer can do wrong, and what comes of it; each with a control where that is cheap.

use std::time::Duration;

use connectors::*;
use standins::{Habit, Mischief, Place, Standin, System};

use crate::support::*;

const FAULT: &str =
    r#"{"externalMessage":"J. Zelmond","errorNumber":-5,"profitLogReference":"3A4C"}"#;
const GENERAL: &str = r#"{"errors":[{"code":4,"problem":"J. Zelmond","clarification":"x"}]}"#;

/// Habits that end a run at a page of staff, with either system.
fn endings() -> Vec<(Habit, Option<u16>, Rule)> {
    let answer = |status| Habit::Answer { status, body: FAULT };
    vec![
        (answer(400), Some(400), Rule::Refused),
        (answer(401), Some(401), Rule::Refused),
        (answer(403), Some(403), Rule::Refused),
        (answer(404), Some(404), Rule::Refused),
        (Habit::Answer { status: 400, body: GENERAL }, Some(400), Rule::Refused),
        (answer(500), Some(500), Rule::Failed),
        (answer(501), Some(501), Rule::Failed),
        (answer(503), Some(503), Rule::Busy { retry_after: None }),
        (answer(204), Some(204), Rule::UnknownStatus),
        (Habit::ContentType("text/html"), Some(200), Rule::ContentType),
        (Habit::ContentType("application/jsonp"), Some(200), Rule::ContentType),
        (Habit::Gzip, Some(200), Rule::Encoded),
        (Habit::LargeHeader, None, Rule::HeaderTooLarge),
        (Habit::NotJson, Some(200), Rule::NotJson),
        (Habit::NotUtf8, Some(200), Rule::NotUtf8),
        (Habit::WrongShape, Some(200), Rule::Shape),
        (Habit::Deep, Some(200), Rule::NotJson),
        (Habit::HugeNumber, Some(200), Rule::NotJson),
        (Habit::CutShort, Some(200), Rule::BrokenOff),
        (Habit::HangUp, Some(200), Rule::BrokenOff),
        (Habit::EndlessBody, Some(200), Rule::PageTooLarge),
        (Habit::SamePage, Some(200), Rule::PageRepeated),
        (Habit::MoreRows, Some(200), Rule::TooManyRows),
    ]
}

#[test]
fn what_ends_a_run_says_step_status_and_rule_and_nothing_else() {
    for system in BOTH {
        for (habit, status, rule) in endings() {
            let outcome = run(spoiled(system, habit.clone()));
            assert_eq!(outcome.broken(), (Step::Staff, status, rule), "{system:?} {habit:?}");
            let error = outcome.end.unwrap_err();
            let said = format!("{error} {error:?}");
            assert!(!said.contains("Zelm") && !said.contains("school.example"), "{said}");
        }
    }
}

#[test]
fn a_complaint_is_passed_on_as_far_as_it_names_nobody() {
    let outcome = run(spoiled(System::Afas, Habit::Answer { status: 500, body: FAULT }));
    let said = outcome.end.unwrap_err().to_string();
    assert_eq!(said, "staff: the peer failed, status 500, code -5, reference 3A4C");
    let outcome = run(spoiled(System::Somtoday, Habit::Answer { status: 400, body: GENERAL }));
    let said = outcome.end.unwrap_err().to_string();
    assert_eq!(said, "staff: the peer refused, status 400, code 4");
}

#[test]
fn what_changes_nothing_about_the_people_is_no_failure() {
    for system in BOTH {
        for habit in [Habit::OtherOrder, Habit::ExtraFields, Habit::EveryoneTwice, Habit::Trickle] {
            let setup = spoiled(system, habit.clone());
            let people = setup.role.people;
            let outcome = run(setup);
            assert!(outcome.end.is_ok(), "{system:?} {habit:?} {:?}", outcome.end);
            assert!(outcome.came() == held(people), "{system:?} {habit:?}");
        }
        let twice = run(spoiled(system, Habit::EveryoneTwice));
        assert!(twice.summary().repeated >= 25);
    }
}

#[test]
fn other_fields_are_counted_by_name() {
    let outcome = run(spoiled(System::Afas, Habit::ExtraFields));
    let rejected = &outcome.summary().rejected;
    let counted: Vec<(&str, u64)> =
        rejected.iter().map(|field| (field.field.as_str(), field.count)).collect();
    assert_eq!(counted, [("adres", 25), ("bsn", 25), ("geboortedatum", 25)]);
    assert!(!format!("{:?} {:?}", outcome.people, outcome.end).contains(standins::CITIZEN_NUMBER));
}

#[test]
fn a_row_that_may_not_come_in_is_stopped_alone_and_counted() {
    let surname = Field::Surname;
    let rows = [
        (Habit::NumberInName, Some(Reason::CitizenNumber(surname))),
        // The control: another last digit, and the same row comes in.
        (Habit::OddNumberInName, None),
        (Habit::LongValue, Some(Reason::TooLong(surname))),
        (Habit::WrongType, Some(Reason::NotText(surname))),
        (Habit::PrivateAddress, Some(Reason::OtherDomain)),
        (Habit::Nulls, None),
    ];
    for system in BOTH {
        for (habit, reason) in &rows {
            let once = Mischief { at: Place::Staff, after: 0, times: 1, habit: habit.clone() };
            let outcome = run(with(system, once));
            let stopped: Vec<Stopped> =
                reason.iter().map(|reason| Stopped { reason: *reason, count: 1 }).collect();
            assert_eq!(outcome.summary().stopped, stopped, "{system:?} {habit:?}");
            // Whoever is stopped at one location may come in at another.
            assert!(outcome.people.len() + stopped.len() >= 25);
        }
    }
}

#[test]
fn without_a_domain_the_private_address_would_have_come_in() {
    let once = Mischief { at: Place::Staff, after: 0, times: 1, habit: Habit::PrivateAddress };
    let mut setup = with(System::Afas, once);
    setup.ticks = Ticks::of(&ALL, &[]);
    let outcome = run(setup);
    assert_eq!(outcome.people.len(), 25);
    assert!(outcome.people.iter().any(|person| person.school_email.ends_with("@home.example")));
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Standin::start(setup(System::Afas).role).unwrap();
    for system in BOTH {
        let to = format!("{}/ProfitRestServices/connectors/Zegel_Medewerkers", elsewhere.origin());
        let outcome = run(spoiled(system, Habit::Redirect { to: to.clone() }));
        assert_eq!(outcome.broken(), (Step::Staff, Some(302), Rule::Redirected));
    }
    let token = at(System::Somtoday, Place::Token, Habit::Redirect { to: elsewhere.origin() });
    assert_eq!(run(token).broken(), (Step::Token, Some(302), Rule::Redirected));
    assert_eq!(elsewhere.asked().len(), 0);
}

#[test]
fn a_wrong_beginning_ends_a_run_before_anything_about_people_is_asked() {
    let (afas, somtoday) = (System::Afas, System::Somtoday);
    let refused = || Habit::Answer { status: 403, body: FAULT };
    let rows = [
        (afas, Place::Fields, refused(), Step::ConnectorFields, Some(403), Rule::Refused),
        (afas, Place::Fields, Habit::WrongShape, Step::ConnectorFields, Some(200), Rule::Shape),
        (
            afas,
            Place::Fields,
            Habit::Withhold("Voorletters"),
            Step::ConnectorFields,
            Some(200),
            Rule::FieldNotOffered,
        ),
        (somtoday, Place::Token, refused(), Step::Token, Some(403), Rule::Refused),
        (somtoday, Place::Token, Habit::WrongShape, Step::Token, Some(200), Rule::Shape),
        (
            somtoday,
            Place::Organisation,
            Habit::OtherOrganisation,
            Step::Organisation,
            Some(200),
            Rule::OtherOrganisation,
        ),
        (
            somtoday,
            Place::Organisation,
            Habit::OtherBrin,
            Step::Organisation,
            Some(200),
            Rule::OtherBrin,
        ),
        (
            somtoday,
            Place::Locations,
            Habit::NoLocation,
            Step::Locations,
            Some(200),
            Rule::Locations,
        ),
        (
            somtoday,
            Place::Locations,
            Habit::ManyLocations,
            Step::Locations,
            Some(200),
            Rule::Locations,
        ),
    ];
    for (system, place, habit, step, status, rule) in rows {
        let outcome = run(at(system, place, habit.clone()));
        assert_eq!(outcome.broken(), (step, status, rule), "{habit:?}");
        let about_people =
            |path: &str| path.contains("/medewerker") || path.contains("/connectors/");
        assert!(!outcome.asked.iter().any(|asked| about_people(&asked.path)));
    }
}

#[test]
fn a_location_or_a_field_that_is_not_shared_ends_a_run() {
    let outcome = run(at(System::Somtoday, Place::Locations, Habit::UnknownLocation));
    assert_eq!(outcome.broken(), (Step::Staff, Some(401), Rule::Refused));
    let outcome = run(spoiled(System::Somtoday, Habit::Withhold("emailadres")));
    assert_eq!(outcome.broken(), (Step::Staff, Some(200), Rule::FieldNotOffered));
    let outcome = run(spoiled(System::Somtoday, Habit::Withhold("voorletters")));
    assert_eq!(outcome.people.len(), 25, "a field that is not needed may be missing");
}

#[test]
fn a_list_without_end_ends_at_a_limit_and_only_there() {
    for system in BOTH {
        let outcome = run_limited(system, |limits| limits.pages_max = 20);
        assert_eq!(outcome.broken(), (Step::Staff, None, Rule::TooManyPages));
        assert_eq!(outcome.people.len(), 200, "the control: until then all came in");
        let outcome = run_limited(system, |limits| limits.people_max = 55);
        assert_eq!(outcome.broken(), (Step::Staff, Some(200), Rule::TooManyPeople));
        let outcome = run_limited(system, |limits| limits.run_bytes_max = 9_000);
        assert_eq!(outcome.broken(), (Step::Staff, Some(200), Rule::RunTooLarge));
    }
}

fn run_limited(system: System, limit: impl Fn(&mut Limits)) -> Outcome {
    let mut setup = spoiled(system, Habit::EndlessPages);
    limit(&mut setup.limits);
    run(setup)
}

#[test]
fn a_page_of_the_same_size_passes_under_a_higher_limit() {
    for (page_bytes_max, fits) in [(1_000, false), (10_000, true)] {
        let mut setup = setup(System::Afas);
        setup.limits.page_bytes_max = page_bytes_max;
        assert_eq!(run(setup).end.is_ok(), fits);
    }
}

/// However the bytes are cut, 4 MiB take 256 looks at the clock: the time ends before the size.
/// The control is in the table above: with a clock that stands still the size ends it.
#[test]
fn a_body_that_drags_on_ends_with_the_time_of_the_run() {
    for system in BOTH {
        for (habit, drags) in [(Habit::EndlessBody, true), (Habit::OtherOrder, false)] {
            let mut setup = spoiled(system, habit);
            setup.step = Duration::from_secs(2);
            setup.limits.run_time_max = Duration::from_secs(200);
            let outcome = run(setup);
            assert_eq!(outcome.end.is_err(), drags, "{:?}", outcome.end);
            if drags {
                assert_eq!(outcome.broken(), (Step::Staff, Some(200), Rule::RunTooLong));
            }
        }
    }
}
