//! The fuzzer of `record`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trial::run("record", bytes));
