//! Judges of what the product leaves behind; the tests and the long harnesses share them.
//!
//! *Invariant:* nothing of the product is used here, so that its mistakes are not repeated.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a judge that cannot read says so at once"
)]
#![expect(missing_debug_implementations, reason = "keys and contents have no printed form")]

pub mod oracle;

pub mod bundle;

pub mod needles;

pub mod files;

pub mod memory;
