//! The straight line: decide, seal, append, apply, answer; erasure, checkpoints and recovery.
//!
//! *Invariant:* one engine writes, and it is single-threaded: what a step checked stays true.
//! *Invariant:* nothing is answered before it is durable; a fault ends the engine, never a retry.

mod paths;
mod places;
mod signing;

mod commands;
mod model;
mod snapshot;
mod tenant;

mod access;
mod engine;
mod erase;
mod execute;
mod find;
mod import;
mod inspect;
mod publish;
mod request;
mod sync;

mod outside;

mod backup;
mod manifest;
mod restore;
mod shipment;
mod shipping;

mod checkpoint;
mod doctor;
mod export;
mod keep;
mod recover;
mod replay;
mod story;

mod writer;

#[cfg(feature = "trial")]
pub mod trial;

pub use access::{Deed, LOGIN, SignIn, TrailLine};
pub use backup::{BackupError, BackupReport, JournalBackup};
pub use checkpoint::Published;
pub use doctor::{Finding, Health, NO_ESCROW, STALE_ESCROW};
pub use engine::{Clock, Engine, TenantSummary};
pub use erase::{DecidedErasure, Erasure, ErasureRequest, Receipt};
/// What opens an escrow, and who it is sealed to.
pub use escrow::{Identity, Recipient};
/// The words that a caller above needs to ask for something.
pub use events::{Answer, Question, QuestionKind, RoundId, SurveyId};
pub use execute::{Done, EngineError, Fault, Request};
pub use find::Item;
pub use import::{IMPORT_ROWS_MAX, ImportOutcome, ImportPlan, ImportRow};
pub use inspect::{JournalRow, KeyState, PartRow, PartState, SubjectRow, Walked};
pub use paths::Paths;
pub use replay::{ReplayCheck, ReplayVerdict};
pub use request::{Kept, PackagedPart};
pub use restore::{RestoreError, RestorePlan, RestoreReport, RestoredJournal, restore};
pub use shipping::{Escrow, EscrowError, NO_TERM};
pub use snapshot::decodes as snapshot_decodes;
/// The decoder of snapshots, for whoever wants to try it on bytes of any kind.
pub use story::{Moment, StoryPart, Told};
pub use sync::Delivery;
pub use tenant::Tenant;
/// Whether the keys of this build can be recorded by the proofs; a binary refuses to be one.
pub use vault::HARNESS;
pub use writer::{Handle, Stopped, Writer};
