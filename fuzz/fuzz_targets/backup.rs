//! The fuzzer of `backup`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trial::run("backup", bytes));
