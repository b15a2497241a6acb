//! The fuzzer of `bundle_text`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trial::run("bundle_text", bytes));
