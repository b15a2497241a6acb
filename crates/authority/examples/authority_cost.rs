//! What a decision costs: every action asked by every role, within its reach.
//!
//! `cargo run --release -p authority --example authority_cost`
#![expect(clippy::print_stdout, reason = "this program exists to print")]

use std::error::Error;
use std::time::{Duration, Instant};

use authority::{ACTIONS, Authority, Question, ROLES, ScopeRef, ThingRef};

const ROUNDS: u32 = 50;
const WITHIN: &[ScopeRef<'static>] = &[
    ScopeRef::Team("7b1f6c0e"),
    ScopeRef::School("5d0c2a91"),
    ScopeRef::Board,
    ScopeRef::Own("c4a8e377"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    let authority = Authority::new()?;
    println!("reading all policies: {:.1} ms", micros(began.elapsed()) / 1_000.0);
    let began = Instant::now();
    let mut allowed = 0;
    for _ in 0..ROUNDS {
        allowed += every_question().filter(|asked| authority.decide(asked).is_allowed()).count();
    }
    let asked = f64::from(ROUNDS) * f64::from(u32::try_from(every_question().count())?);
    println!("{asked} decisions, {allowed} of them allowed");
    println!("one decision: {:.1} µs", micros(began.elapsed()) / asked);
    Ok(())
}

fn every_question() -> impl Iterator<Item = Question<'static>> {
    ACTIONS.iter().flat_map(|(action, _)| ROLES.iter().map(|role| question(action, role)))
}

fn question(action: &'static str, role: &'static str) -> Question<'static> {
    Question {
        grant: "e2907d15",
        account: "c4a8e377",
        role,
        reach: ScopeRef::School("5d0c2a91"),
        suspended: false,
        second_factor: true,
        action,
        thing: ThingRef { kind: "observation", id: "91aa03fe", within: WITHIN },
        reason_given: true,
        support_open: true,
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000_000.0
}
