//! What is asked again, after how long, and what is not.

use std::time::Duration;

use connectors::*;
use standins::{Habit, Mischief, Place, Role, Standin};

use crate::support::*;

const BUSY_MINUTE: &str = r#"{"error":{},"retry_after":60}"#;
const BUSY_HOURS: &str = r#"{"error":{},"retry_after":7200}"#;

fn busy(body: &'static str) -> Habit {
    Habit::Answer { status: 503, body }
}

#[test]
fn what_fails_for_a_while_is_asked_again_from_the_start_of_its_page() {
    let rows = [
        (busy(BUSY_MINUTE), 1, vec![60]),
        (busy(BUSY_MINUTE), 3, vec![60, 60, 60]),
        (Habit::RetryAfterHeader { status: 429, seconds: 7 }, 2, vec![7, 7]),
        (Habit::Answer { status: 500, body: "" }, 1, vec![20]),
        (Habit::CutShort, 2, vec![20, 20]),
        (Habit::HangUp, 1, vec![20]),
    ];
    for system in BOTH {
        for (habit, times, waits) in &rows {
            let habit = habit.clone();
            let mischief = Mischief { at: Place::Staff, after: 1, times: *times, habit };
            let setup = with(system, mischief);
            let people = setup.role.people;
            let outcome = run(setup);
            assert!(outcome.came() == held(people), "{system:?} {:?}", outcome.end);
            assert_eq!(outcome.waited, *waits);
        }
    }
}

#[test]
fn what_keeps_failing_is_given_up() {
    let minute = Some(Duration::from_secs(60));
    let hours = Some(Duration::from_secs(7_200));
    let rows = [
        (busy(BUSY_MINUTE), Rule::Busy { retry_after: minute }, vec![60; 3]),
        (busy(BUSY_HOURS), Rule::Busy { retry_after: hours }, vec![]),
        (Habit::Answer { status: 500, body: "" }, Rule::Failed, vec![20]),
        (Habit::HangUp, Rule::BrokenOff, vec![20; 2]),
        (Habit::Answer { status: 403, body: "" }, Rule::Refused, vec![]),
        (Habit::NotJson, Rule::NotJson, vec![]),
    ];
    for system in BOTH {
        for (habit, rule, waits) in &rows {
            let outcome = run(spoiled(system, habit.clone()));
            assert_eq!(outcome.broken().2, *rule);
            assert_eq!(outcome.waited, *waits, "{system:?} {habit:?}");
        }
    }
}

#[test]
fn a_wait_past_the_end_of_the_run_is_not_begun() {
    for system in BOTH {
        let mut setup = spoiled(system, busy(BUSY_MINUTE));
        setup.limits.run_time_max = Duration::from_secs(100);
        assert_eq!(run(setup).waited, [60]);
    }
}

/// The one test in which time passes: 50 milliseconds, in the kernel; nothing looks at a clock.
#[test]
fn silence_ends_with_the_time_of_an_answer() {
    for system in BOTH {
        let mut setup = spoiled(system, Habit::Silence);
        setup.limits.answer_time_max = Duration::from_millis(50);
        assert_eq!(run(setup).broken(), (Step::Staff, None, Rule::TooSlow));
    }
}

#[test]
fn nobody_there_is_tried_three_times() {
    for system in BOTH {
        let setup = setup(system);
        let standin = Standin::start(Role::faithful(system, setup.role.people)).unwrap();
        let coupling = coupling(&standin, system);
        // Started before the first one ends, so that it cannot get its port.
        let other = Standin::start(setup.role.clone()).unwrap();
        drop(standin);
        let outcome = fetch(setup, &other, &coupling);
        assert_eq!(outcome.broken().2, Rule::Unreachable);
        assert_eq!(outcome.waited, [20, 20]);
    }
}
