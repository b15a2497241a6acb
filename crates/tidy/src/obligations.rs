//! Every test that the table of obligations names exists (docs/obligations.md).
//!
//! A test is named `crate::module::…::function`, as the test runner prints it.

use crate::manifest::{Member, members};
use crate::source::{code, words};
use crate::{File, Finding, Tree};

/// The table.
pub const DOCUMENT: &str = "docs/obligations.md";

/// Every name with `::` between backticks in a table row is a test that exists.
#[must_use]
pub fn proven(tree: &Tree) -> Vec<Finding> {
    let Some((file, text)) = tree.texts(DOCUMENT).next() else {
        return vec![Finding::of(DOCUMENT, "the table of obligations is missing")];
    };
    let members = members(tree);
    let rows = text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with('|'));
    let named = rows.flat_map(|(at, line)| test_names(line).map(move |name| (at + 1, name)));
    let missing = named.filter(|(_, name)| !exists(tree, &members, name));
    missing.map(|(at, name)| Finding::at(file, at, format!("there is no test `{name}`"))).collect()
}

fn test_names(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2).filter(|name| name.contains("::"))
}

fn exists(tree: &Tree, members: &[Member<'_>], name: &str) -> bool {
    let segments: Vec<&str> = name.split("::").collect();
    let [crate_name, modules @ .., function] = segments.as_slice() else { return false };
    let Some(member) = members.iter().find(|member| member.name == *crate_name) else {
        return false;
    };
    let folder = format!("{}/", member.folder);
    let sources = tree.texts(".rs").filter(|(file, _)| file.path.starts_with(&folder));
    let mut fitting = sources.filter(|(file, text)| holds_modules(file, text, modules));
    fitting.any(|(_, text)| holds_test(&code(text), function))
}

/// Each module is a part of the file's path, or declared inside the file.
fn holds_modules(file: &File, text: &str, modules: &[&str]) -> bool {
    let path = file.path.trim_end_matches(".rs");
    let code = code(text);
    let declared = |module: &str| {
        let mut pairs = code.lines().map(|line| words(line).collect::<Vec<_>>());
        pairs.any(|line| line.windows(2).any(|pair| pair == ["mod", module]))
    };
    modules.iter().all(|module| path.split('/').any(|part| part == *module) || declared(module))
}

/// A function of this name whose attributes, just above it, say that it is a test.
fn holds_test(code: &str, function: &str) -> bool {
    let mut attributed = false;
    for line in code.lines().map(str::trim) {
        let named: Vec<&str> = words(line).collect();
        if attributed && named.windows(2).any(|pair| pair == ["fn", function]) {
            return true;
        }
        let goes_on = line.is_empty() || line.starts_with("#[");
        attributed = line.starts_with("#[test]") || (attributed && goes_on);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(row: &str) -> Tree {
        Tree::of(&[
            (DOCUMENT, row),
            ("replay-tests/Cargo.toml", "[package]\nname = \"replay-tests\""),
            (
                "replay-tests/tests/it/erasure.rs",
                "//! E.\n#[test]\n/// Why.\n#[expect(a)]\nfn a_cut_is_forgotten() {}\n\
                 fn helper() {}\nmod nested {\n    #[test]\n    fn deep() {}\n}",
            ),
        ])
    }

    #[test]
    fn tests_that_exist_are_no_finding() {
        let row = "| A | `ErasureFenced` | v | `replay-tests::it::erasure::a_cut_is_forgotten`, \
                   `replay-tests::it::erasure::nested::deep` |";
        assert_eq!(proven(&tree(row)), []);
        assert_eq!(proven(&tree("| A | b | c | – |\nsee `a::b` in prose")), []);
    }

    #[test]
    fn a_test_that_nobody_wrote_is_found() {
        for name in [
            "replay-tests::it::erasure::another",
            "replay-tests::it::survey::a_cut_is_forgotten",
            "engine::it::erasure::a_cut_is_forgotten",
            "replay-tests::it::erasure::helper",
        ] {
            assert_eq!(proven(&tree(&format!("| A | `{name}` |"))).len(), 1, "{name}");
        }
        assert_eq!(proven(&Tree::of(&[])).len(), 1);
    }
}
