//! Tests about the code itself: who may import whom, what must be absent, what documents promise.
//!
//! *Invariant:* a check is a function from a [`Tree`] to findings. It never reads the disk, so each
//! one has a negative control that feeds it a tree which breaks the rule.

mod tree;

pub mod source;

pub mod manifest;

pub mod arrows;

pub mod absences;

pub mod files;

pub mod golden;

pub mod documents;

pub mod obligations;

pub use tree::{File, Finding, Tree};
