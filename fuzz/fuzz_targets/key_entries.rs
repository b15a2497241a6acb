//! The fuzzer of `key_entries`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trial::run("key_entries", bytes));
