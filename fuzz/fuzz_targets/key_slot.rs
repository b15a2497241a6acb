//! The fuzzer of `key_slot`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trial::run("key_slot", bytes));
