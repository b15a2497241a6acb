//! The fuzzer of `store`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trial::run("store", bytes));
