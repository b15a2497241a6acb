//! Keys and vaults that somebody tries to print or copy.

#[test]
fn keys_are_neither_printed_nor_copied() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
