//! The journal's tests: through its public API, and beneath it through the storage engine.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod damage;
mod failures;
mod format;
mod guard;
mod memory;
mod store;
mod support;
