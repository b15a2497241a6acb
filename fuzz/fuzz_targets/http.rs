//! The fuzzer of `http`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trial::run("http", bytes));
