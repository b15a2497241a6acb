//! When a term is over, and what keeps a scope from being cut.

use events::retention::{Held, TermKind, TermStated};
use events::{Event, SurveyEvent};
use record::TimestampMicros;

use super::harness::*;

const DAY: u64 = 86_400_000_000;

fn stated(kind: TermKind, period: &str) -> Event {
    TermStated { kind, period: period.into(), by: ASKER }.into()
}

fn closed() -> Event {
    Event::Survey(SurveyEvent::RoundClosed(events::RoundClosed { round: ROUND }))
}

fn over(given: &Given, days: u64) -> Vec<Held> {
    given.state.expired(TimestampMicros(days * DAY)).map(|it| it.held).collect()
}

#[test]
fn nothing_is_over_before_a_term_is_stated_nor_before_it_ends() {
    let mut given = given([defined(), opened(), closed()]);
    assert_eq!(over(&given, 30_000), []);
    given.fold(&stated(TermKind::Identities, "P1Y"));
    assert_eq!(over(&given, 364), []);
    assert_eq!(over(&given, 367), [Held::Identities(ROUND)]);
    // A later statement takes the place of the earlier one.
    given.fold(&stated(TermKind::Identities, "P3Y"));
    assert_eq!(over(&given, 367), []);
}

#[test]
fn an_open_round_is_not_over() {
    let mut given = given([defined(), opened(), stated(TermKind::Answers, "P1M")]);
    assert_eq!(over(&given, 400), []);
    given.fold(&closed());
    assert_eq!(over(&given, 400), [Held::Answers(ROUND)]);
}
