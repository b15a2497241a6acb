//! Rules for every file: an opening line, a length, and no trace of the machine it was written on.

use crate::{File, Finding, Tree};

/// Longest source or document, in lines: past this a newcomer no longer finds the room.
pub const LINES_MAX: usize = 700;

/// Endings of the files whose length counts.
const COUNTED: &[&str] = &[".rs", ".md", ".sh"];

/// Paths that exist on the machine of whoever wrote a line, and nowhere else. Written in two
/// pieces, so that this file does not hold them.
const PLACES: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("../sha", "red"),
    concat!("/tmp/", "target"),
    concat!("/tmp/", "cargo"),
    concat!("/ro", "ot/."),
];

/// Every source file opens with `//!`: its purpose, then its invariants.
#[must_use]
pub fn openings(tree: &Tree) -> Vec<Finding> {
    let closed = |(_, text): &(&File, &str)| !text.starts_with("//! ");
    let say = "does not open with `//! ` and its purpose";
    tree.texts(".rs").filter(closed).map(|(file, _)| Finding::at(file, 1, say)).collect()
}

/// No file is longer than a newcomer can read.
#[must_use]
pub fn lengths(tree: &Tree) -> Vec<Finding> {
    let counted = |file: &File| COUNTED.iter().any(|ending| file.path.ends_with(ending));
    let measured = tree.texts("").filter(|(file, _)| counted(file));
    let long = measured.map(|(file, text)| (file, text.lines().count()));
    let say = |lines: usize| format!("has {lines} lines; the most is {LINES_MAX}");
    long.filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(file, lines)| Finding::at(file, lines, say(lines)))
        .collect()
}

/// No text names a place on one machine.
#[must_use]
pub fn places(tree: &Tree) -> Vec<Finding> {
    let found = tree.texts("").flat_map(|(file, text)| {
        text.lines().enumerate().filter_map(move |(at, line)| {
            let place = PLACES.iter().find(|place| line.contains(**place))?;
            Some(Finding::at(file, at + 1, format!("names a place on one machine: `{place}`")))
        })
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_without_an_opening_is_found() {
        let tree = Tree::of(&[
            ("a.rs", "//! Purpose.\n"),
            ("b.rs", "// Purpose.\n"),
            ("c.rs", "#![expect(a)]\n//! Late.\n"),
            ("d.rs", "//!\n"),
            ("e.md", "no opening needed"),
        ]);
        let paths: Vec<String> = openings(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(paths, ["b.rs", "c.rs", "d.rs"]);
    }

    #[test]
    fn a_long_file_is_found() {
        let (fits, long) = ("a\n".repeat(LINES_MAX), "a\n".repeat(LINES_MAX + 1));
        let tree = Tree::of(&[("a.rs", &fits), ("b.rs", &long), ("c.lock", &long)]);
        let found = lengths(&tree);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "b.rs");
    }

    #[test]
    fn each_place_is_found() {
        for place in PLACES {
            let tree = Tree::of(&[("a.md", &format!("one\nsee {place}x"))]);
            assert_eq!(places(&tree)[0].line, 2, "{place}");
        }
        assert_eq!(places(&Tree::of(&[("a.md", "a workspace; /tmp/zegel; share")])), []);
    }
}
