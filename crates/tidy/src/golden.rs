//! Golden bytes are added and never edited: each stands in `events/golden/SUMS` with its SHA-256.
//!
//! The list has the form of `sha256sum`, so `sha256sum -c SUMS` says the same.
//! KNOWN GAP: whoever edits a golden file and its line in the list at once is seen in review only.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::{File, Finding, Tree};

/// Where the golden bytes of all event versions stand.
pub const FOLDER: &str = "events/golden/";
/// The list of their digests.
pub const LIST: &str = "events/golden/SUMS";

/// Every golden file is listed with its digest, and every listed file exists.
#[must_use]
pub fn unchanged(tree: &Tree) -> Vec<Finding> {
    let golden = |file: &&File| file.path.starts_with(FOLDER) && file.path != LIST;
    let files: Vec<&File> = tree.files().iter().filter(golden).collect();
    let Some(list) = tree.file(LIST) else {
        let missing = (!files.is_empty()).then(|| Finding::of(LIST, "the list is missing"));
        return missing.into_iter().collect();
    };
    let lines: Vec<(usize, &str, &str)> =
        list.text().unwrap_or_default().lines().enumerate().map(entry).collect();
    let mut found: Vec<Finding> = files.iter().filter_map(|file| differs(file, &lines)).collect();
    found.extend(lines.iter().filter_map(|(line, _, name)| {
        let exists = files.iter().any(|file| file.path.strip_prefix(FOLDER) == Some(*name));
        (!exists).then(|| Finding::at(list, *line, format!("lists `{name}`, which is gone")))
    }));
    found
}

fn entry((at, line): (usize, &str)) -> (usize, &str, &str) {
    let (digest, name) = line.split_once("  ").unwrap_or((line, ""));
    (at + 1, digest, name)
}

fn differs(file: &File, lines: &[(usize, &str, &str)]) -> Option<Finding> {
    let name = file.path.strip_prefix(FOLDER)?;
    let mut listed = lines.iter().filter(|(_, _, listed)| *listed == name);
    match (listed.next(), listed.next()) {
        (None, _) => Some(Finding::at(file, 0, "is not listed in SUMS")),
        (_, Some(_)) => Some(Finding::at(file, 0, "is listed twice in SUMS")),
        (Some((_, digest, _)), None) if *digest != sha256(&file.bytes) => {
            Some(Finding::at(file, 0, "differs from its digest in SUMS"))
        }
        _ => None,
    }
}

fn sha256(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    // `printf abc | sha256sum`
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn tree(list: Option<&str>, file: &str) -> Tree {
        let golden = ("events/golden/survey/opened.v1.bin", file);
        match list {
            Some(list) => Tree::of(&[golden, (LIST, list)]),
            None => Tree::of(&[golden]),
        }
    }

    #[test]
    fn listed_bytes_are_no_finding() {
        let list = format!("{ABC}  survey/opened.v1.bin\n");
        assert_eq!(unchanged(&tree(Some(&list), "abc")), []);
        assert_eq!(unchanged(&Tree::of(&[])), []);
    }

    #[test]
    fn an_edited_file_is_found() {
        let list = format!("{ABC}  survey/opened.v1.bin\n");
        assert_eq!(unchanged(&tree(Some(&list), "abd")).len(), 1);
    }

    #[test]
    fn unlisted_twice_listed_and_vanished_files_are_found() {
        let line = format!("{ABC}  survey/opened.v1.bin\n");
        assert_eq!(unchanged(&tree(None, "abc")).len(), 1);
        assert_eq!(unchanged(&tree(Some(""), "abc")).len(), 1);
        assert_eq!(unchanged(&tree(Some(&line.repeat(2)), "abc")).len(), 1);
        let gone = format!("{line}{ABC}  survey/closed.v1.bin\n");
        assert_eq!(unchanged(&tree(Some(&gone), "abc")).len(), 1);
    }
}
