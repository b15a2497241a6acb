//! The fuzzer of `request_parts`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trial::run("request_parts", bytes));
