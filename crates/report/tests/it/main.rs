//! Every form, read back by programs that are not ours.
//!
//! *Invariant:* a test that needs another program says `skipped:` where there is none; `./check`
//! installs them.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a proof stops at the first thing that is not as it should be"
)]

mod sample;
mod tools;

mod csv;
mod html;
mod limits;
mod pdf;
mod xlsx;
