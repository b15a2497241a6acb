//! Runs of couplings against the stand-ins, with the real engine.
#![expect(clippy::unwrap_used, reason = "a test fails where anything unexpected happens")]

mod kills;
mod misbehaviour;
mod people;
mod schedule;
mod switch;
mod world;
