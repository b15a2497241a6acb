//! The fuzzer of `guard`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trial::run("guard", bytes));
