//! The worked examples in the documents are the golden bytes, all of them.

use std::fs;

use record::note::{NOTE_BYTES_MAX, SIGNATURES_MAX};
use record::public::{GROUND_BYTES_MAX, ORGANISATION_BYTES_MAX, TARGETS_MAX, VKEY_BYTES_MAX};
use record::{HEADER_BYTES_MAX, NAME_BYTES_MAX, PARTS_MAX, RECORD_BYTES_MAX};

use crate::examples::root;

const DOCUMENTS: [&str; 4] = ["record.md", "tree.md", "checkpoint.md", "public-parts.md"];

#[test]
fn every_golden_value_stands_in_a_document() {
    let text: String = DOCUMENTS.iter().map(|name| document(name)).collect();
    let packed: String = text.split_whitespace().collect();
    let mut seen = 0;
    for entry in fs::read_dir(root().join("golden")).unwrap() {
        let path = entry.unwrap().path();
        let golden = fs::read_to_string(&path).unwrap();
        for line in golden.lines() {
            let needle: String = line.split_whitespace().collect();
            assert!(packed.contains(&needle), "no document shows {}: {line}", path.display());
            seen += 1;
        }
    }
    assert!(seen >= 50, "only {seen} golden lines were found");
}

#[test]
fn every_long_hex_example_is_golden() {
    let golden: String = fs::read_dir(root().join("golden"))
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    for name in DOCUMENTS {
        for block in hex_blocks(&document(name)) {
            assert!(golden.contains(&block), "{name} shows bytes that are not golden: {block}");
        }
    }
}

#[test]
fn the_limits_are_those_of_the_code() {
    let stated = [
        ("record.md", format!("| event name | {NAME_BYTES_MAX} bytes |")),
        ("record.md", format!("| parts of a record | {PARTS_MAX} |")),
        ("record.md", format!("| header | {} bytes |", grouped(HEADER_BYTES_MAX))),
        ("record.md", format!("bodies | {} bytes |", grouped(RECORD_BYTES_MAX))),
        ("checkpoint.md", format!("1 to {SIGNATURES_MAX} signature lines")),
        ("checkpoint.md", format!("over {} bytes", grouped(NOTE_BYTES_MAX))),
        ("public-parts.md", format!("| vkey | text | at most {VKEY_BYTES_MAX} bytes;")),
        ("public-parts.md", format!("| name | text | at most {ORGANISATION_BYTES_MAX} bytes;")),
        ("public-parts.md", format!("| ground | text | at most {GROUND_BYTES_MAX} bytes |")),
        ("public-parts.md", format!("at most {} |", grouped(TARGETS_MAX))),
    ];
    for (name, limit) in stated {
        assert!(document(name).contains(&limit), "{name} does not say: {limit}");
    }
}

/// A number below a thousand million, with its thousands apart.
fn grouped(number: usize) -> String {
    match (number / 1_000_000, number / 1_000 % 1_000, number % 1_000) {
        (0, 0, ones) => ones.to_string(),
        (0, thousands, ones) => format!("{thousands},{ones:03}"),
        (millions, thousands, ones) => format!("{millions},{thousands:03},{ones:03}"),
    }
}

/// What stands in code blocks marked `hex`: each block one value, in lines of any length.
fn hex_blocks(text: &str) -> Vec<String> {
    let blocks = text.split("```hex\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap().split_whitespace().collect()).collect()
}

fn document(name: &str) -> String {
    let path = root().join("../../docs/format").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
