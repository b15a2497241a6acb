//! The fuzzer of `bundle_tar`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trial::run("bundle_tar", bytes));
