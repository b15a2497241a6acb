//! Proofs across crates, against the real engine and the real binary.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a proof that fails should say so at once"
)]

mod anonymity;
mod attacks;
mod bench;
mod card;
mod console;
mod demo;
mod endings;
mod forgetting;
mod http;
mod imports;
mod journals;
mod kills;
mod law;
mod opened;
mod ordeals;
mod powercut;
mod restores;
mod school;
mod stranger;
mod support;
mod verify;
