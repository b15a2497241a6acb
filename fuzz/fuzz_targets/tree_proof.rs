//! The fuzzer of `tree_proof`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trial::run("tree_proof", bytes));
