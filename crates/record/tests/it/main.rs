//! Proofs of the format: golden bytes, the documents, an independent tree, and random input.
//!
//! *Invariant:* golden bytes were made by another implementation, from the documents; they are
//! added and never edited.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod documents;
mod examples;
mod golden;
mod notes;
mod properties;
mod publics;
mod trees;
