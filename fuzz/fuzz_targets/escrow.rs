//! The fuzzer of `escrow`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trial::run("escrow", bytes));
