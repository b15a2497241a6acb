//! The fuzzer of `import`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trial::run("import", bytes));
