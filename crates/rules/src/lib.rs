//! The rules: what a command may do, decided from a state that is folded from events.
//!
//! *Invariant:* pure: no input or output, no clock, no randomness; time and random ids arrive from
//! outside.
//! *Invariant:* the state keeps ids, counts and questions, never what somebody told; a state that
//! forgot equals one rebuilt from the records that still open.

mod command;
mod refusal;
mod repeat;
mod state;

mod access;
mod agreement;
mod annex;
mod breach;
mod erasure;
mod gate;
mod import;
mod organisation;
mod people;
mod request;
mod retention;
mod survey;
mod sync;
mod tenancy;

pub mod anonymity;
pub mod deadline;
mod discover;
pub mod numbers;
pub mod observe;

#[cfg(test)]
mod tests;

pub use access::{Account, Grant, Token, TrailYear};
pub use breach::IncidentHold;
pub use command::{Command, Gathered, ImportHolder};
pub use erasure::{Order, Stage};
pub use gate::{Asked, GateVerdict, KeptOut};
pub use import::ImportStage;
pub use refusal::{Refusal, Rule, RuleKind};
pub use repeat::{Repeat, repeats};
pub use request::{DataRequest, Proposal};
pub use retention::{Run, TRAIL_TERM};
pub use state::{State, decide};
pub use survey::{Code, Round};
pub use sync::{Coupling, SYNC_INTERRUPTED, SyncStage};
