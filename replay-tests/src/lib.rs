//! Judges of what the product leaves behind, and dice; the tests and the long harnesses share them.
//!
//! *Invariant:* nothing of the product is used here, so that its mistakes are not repeated.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "a judge that cannot read says so at once"
)]
#![expect(missing_debug_implementations, reason = "keys and contents have no printed form")]

pub mod oracle;

mod snapshots;

pub mod bundle;

pub mod needles;

pub mod files;

pub mod names;

pub mod memory;

pub mod dice;
