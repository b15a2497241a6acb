//! The worked examples in the documents are the golden bytes, all of them.

use std::fs;

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
    assert!(seen >= 60, "only {seen} golden lines were found");
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

/// What stands in code blocks marked `hex`: each block one value, in lines of any length.
fn hex_blocks(text: &str) -> Vec<String> {
    let blocks = text.split("```hex\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap().split_whitespace().collect()).collect()
}

fn document(name: &str) -> String {
    let path = root().join("../../docs/format").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
