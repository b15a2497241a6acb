//! Runs against the local stand-ins: whole, disturbed, measured.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod memory;
mod misbehaviour;
mod openapi;
mod support;
mod tls;
mod waiting;
mod whole;
