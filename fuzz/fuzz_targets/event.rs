//! The fuzzer of `event`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trial::run("event", bytes));
