//! The fuzzer of `key_page`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trial::run("key_page", bytes));
