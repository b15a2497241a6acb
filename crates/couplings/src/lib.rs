//! A run of a coupling, from the first page that is asked for to the contacts that hold.
//!
//! *Invariant:* nothing of a page outlives its recording: the memory of a run is that of one page,
//! and of what the engine remembers of each person.
//! *Invariant:* a run that does not reach its end is ended as failed; if the program stops first, the
//! engine does so when it opens again.

mod desk;
mod run;

pub use desk::Desk;
pub use run::{Outcome, Settings, SyncError, run};
