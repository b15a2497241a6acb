//! The fuzzer of `public_part`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trial::run("public_part", bytes));
