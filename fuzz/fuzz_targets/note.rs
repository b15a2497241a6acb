//! The fuzzer of `note`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trial::run("note", bytes));
