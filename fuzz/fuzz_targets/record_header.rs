//! The fuzzer of `record_header`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trial::run("record_header", bytes));
