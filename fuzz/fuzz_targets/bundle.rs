//! The fuzzer of `bundle`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trial::run("bundle", bytes));
