//! docs/format/bundle.md shows the bytes that the code writes.

use super::school::School;

const DOCUMENT: &str = include_str!("../../../../docs/format/bundle.md");

#[test]
fn the_worked_example_is_what_the_writer_writes() {
    let files = School::with_erasure().bundle().files();
    for name in ["manifest", "checkpoint", "keys", "census", "population", "receipts", "witness"] {
        let text = std::str::from_utf8(&files[name]).unwrap();
        assert!(DOCUMENT.contains(&format!("```text\n{text}```\n")), "{name} is now:\n{text}");
    }
}

#[test]
fn the_appendix_is_the_template_of_the_instructions() {
    let template = include_str!("../VERIFY.md.template");
    assert!(DOCUMENT.contains(&format!("````text\n{template}````\n")));
}

#[test]
fn every_rule_that_the_verifier_names_is_in_the_table() {
    let sources = [
        include_str!("../verify.rs"),
        include_str!("../verify/beside.rs"),
        include_str!("../verify/files.rs"),
        include_str!("../verify/frame.rs"),
        include_str!("../verify/parts.rs"),
        include_str!("../verify/salts.rs"),
        include_str!("../verify/statements.rs"),
        include_str!("../verify/walk.rs"),
        include_str!("../ledger.rs"),
        include_str!("../eras.rs"),
    ];
    let table = DOCUMENT.split("### Rules").nth(1).unwrap();
    let documented = |word: &str| table.contains(&format!("| `{word}` |"));
    let mut named = 0;
    for line in table.lines().filter(|line| line.starts_with("| `")) {
        let rule = line.split('`').nth(1).unwrap();
        let used = sources.iter().any(|source| source.contains(&format!("\"{rule}\"")));
        assert!(used, "`{rule}` is in the document only");
        let written = line.split(" | ").nth(1).unwrap();
        let section = crate::report::section(rule).replace("bundle.md ", "");
        assert_eq!(written, section, "`{rule}`");
        named += 1;
    }
    assert!(named > 40, "{named}");
    for source in sources {
        let words = source.split('"').skip(1).step_by(2);
        for word in words.filter(|word| is_rule(word)) {
            assert!(documented(word), "`{word}` is not in the document");
        }
    }
}

/// Rules are words of lower-case letters with a hyphen.
fn is_rule(word: &str) -> bool {
    let letters = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    letters && word.contains('-') && !word.starts_with('-')
}
