//! The fuzzer of `key_tree`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trial::run("key_tree", bytes));
