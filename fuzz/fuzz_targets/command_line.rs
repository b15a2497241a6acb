//! The fuzzer of `command_line`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trial::run("command_line", bytes));
