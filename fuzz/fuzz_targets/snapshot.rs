//! The fuzzer of `snapshot`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trial::run("snapshot", bytes));
