//! The engine from outside: what a caller can and cannot bring about.

#![expect(clippy::unwrap_used, reason = "a test fails where anything unexpected happens")]

mod abuse;
mod digests;
mod imports;
mod world;
mod writer;
