//! Evidence: the bundle that proves a journal to an outsider, and the offline verifier of one.
//!
//! *Invariant:* nothing here holds a key that opens a part; writer and verifier compute the same
//! bytes with the same code, so that a file that can be recomputed is compared byte for byte
//! (docs/format/bundle.md).

mod layout;

mod keys;

mod told;

mod ledger;

mod eras;
mod ids;

mod tally;

mod texts;

mod tiles;

mod manifest;

mod archive;

mod write;

mod source;

mod report;

mod verify;

mod compare;

#[cfg(test)]
mod tests;

#[cfg(feature = "trial")]
pub mod trial;

pub use compare::{
    CompareOptions, Comparison, Fork, Proof, RecordFacts, Relation, Statement, compare,
};
pub use keys::{KeyHistory, KeysError};
pub use layout::RECORDS_MAX;
pub use report::{
    ArchiveForm, CheckpointFacts, EraRange, Erasure, Finding, FirstBad, Integrity, Moment,
    Population, PreviousFacts, Readability, Report, Restored, SeqRange, Severity, Verdict,
};
pub use texts::Witness;
pub use verify::{Beside, Options, verify, verify_beside};
pub use write::{BundleError, BundleInput, KeyId, KeyStanding, RecordsError, Target, write_bundle};
