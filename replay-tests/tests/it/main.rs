//! Proofs across crates.
