//! Who may import whom (docs/ARCHITECTURE.md §2).
//!
//! *Invariant:* [`ARROWS`] and the table in the document say the same; a test compares them.

use crate::manifest::{Member, members};
use crate::{Finding, Tree};

/// Each crate with the crates of the workspace that it may import.
pub const ARROWS: &[(&str, &[&str])] = &[
    ("record", &[]),
    ("report", &[]),
    ("events", &["record"]),
    ("vault", &["record"]),
    ("journal", &["record"]),
    ("evidence", &["record"]),
    ("escrow", &[]),
    ("authority", &[]),
    ("rules", &["events", "record"]),
    ("projections", &["events", "record"]),
    (
        "engine",
        &[
            "record",
            "events",
            "vault",
            "journal",
            "evidence",
            "escrow",
            "authority",
            "rules",
            "projections",
        ],
    ),
    ("standins", &[]),
    // In its tests alone.
    ("connectors", &["standins"]),
    ("console", &[]),
    (
        "api",
        &["engine", "events", "authority", "rules", "projections", "record", "report", "console"],
    ),
    // `standins` and `rules` in its tests alone.
    ("couplings", &["record", "events", "engine", "connectors", "standins", "rules"]),
    ("wipe", &[]),
    (
        "zegel",
        &[
            "record",
            "events",
            "vault",
            "journal",
            "evidence",
            "escrow",
            "authority",
            "rules",
            "projections",
            "engine",
            "api",
            "report",
            "wipe",
            "connectors",
            "couplings",
        ],
    ),
    ("tidy", &[]),
    ("replay-tests", ALL),
    (
        "trial",
        &[
            "record",
            "events",
            "vault",
            "journal",
            "evidence",
            "escrow",
            "authority",
            "rules",
            "engine",
            "api",
        ],
    ),
];

/// The proofs may look at everything.
const ALL: &[&str] = &[
    "record",
    "events",
    "vault",
    "journal",
    "evidence",
    "escrow",
    "authority",
    "rules",
    "projections",
    "engine",
    "standins",
    "connectors",
    "api",
    "console",
    "report",
    "wipe",
    "zegel",
    "couplings",
];

/// Where the table for readers stands.
pub const DOCUMENT: &str = "docs/ARCHITECTURE.md";

/// Every import of a member follows an arrow, in its tests too.
#[must_use]
pub fn followed(tree: &Tree) -> Vec<Finding> {
    let members = members(tree);
    members.iter().flat_map(|member| followed_by(member, &members)).collect()
}

fn followed_by(member: &Member<'_>, members: &[Member<'_>]) -> Vec<Finding> {
    let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == member.name) else {
        return vec![Finding::of(&member.file.path, "this crate has no row in the arrows")];
    };
    let ours = |name: &str| members.iter().any(|member| member.name == name);
    let wrong = member.dependencies.iter().filter(|found| {
        ours(&found.name) && found.name != member.name && !allowed.contains(&found.name.as_str())
    });
    let say = |name: &str| format!("`{}` may not import `{name}`", member.name);
    wrong.map(|found| Finding::at(member.file, found.line, say(&found.name))).collect()
}

/// The table in the document names the same crates and the same arrows.
#[must_use]
pub fn documented(tree: &Tree) -> Vec<Finding> {
    let Some(text) = tree.file(DOCUMENT).and_then(|file| file.text()) else {
        return vec![Finding::of(DOCUMENT, "the document with the arrows is missing")];
    };
    let rows: Vec<(String, Vec<String>)> = text.lines().filter_map(row).collect();
    let differs = |(name, allowed): &&(&str, &[&str])| {
        let written = rows.iter().find(|(written, _)| written == name);
        written.is_none_or(|(_, imports)| !same(imports, allowed))
    };
    let say = |name: &str| format!("the row of `{name}` differs from the arrows that are tested");
    let missing = ARROWS.iter().filter(differs);
    let mut found: Vec<Finding> =
        missing.map(|(name, _)| Finding::of(DOCUMENT, say(name))).collect();
    let known = |written: &str| ARROWS.iter().any(|(name, _)| *name == written);
    let unknown = rows.iter().filter(|(written, _)| !known(written));
    found.extend(unknown.map(|(written, _)| Finding::of(DOCUMENT, say(written))));
    found
}

fn same(written: &[String], allowed: &[&str]) -> bool {
    let mut written: Vec<&str> = written.iter().map(String::as_str).collect();
    let mut allowed = allowed.to_vec();
    written.sort_unstable();
    allowed.sort_unstable();
    written == allowed
}

/// `| level | crate | purpose | may import |`, where the level is a number or `–`.
fn row(line: &str) -> Option<(String, Vec<String>)> {
    let cells: Vec<&str> = line.trim().strip_prefix('|')?.split('|').map(str::trim).collect();
    let [level, name, _purpose, imports, ..] = cells.as_slice() else { return None };
    let is_row = *level == "–" || level.parse::<u8>().is_ok();
    let bare = |cell: &str| cell.trim_matches('`').rsplit('/').next().map(str::to_owned);
    let listed = imports.split(',').map(str::trim).filter(|name| !matches!(*name, "" | "–"));
    is_row.then(|| Some((bare(name)?, listed.filter_map(bare).collect())))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(name: &str, imports: &[&str]) -> String {
        let lines: String =
            imports.iter().map(|import| format!("{import}.workspace = true\n")).collect();
        format!("[package]\nname = \"{name}\"\n[dev-dependencies]\n{lines}")
    }

    #[test]
    fn an_arrow_that_points_up_or_sideways_is_found() {
        let tree = Tree::of(&[
            ("crates/journal/Cargo.toml", &manifest("journal", &["sled", "record", "vault"])),
            ("crates/vault/Cargo.toml", &manifest("vault", &["record", "engine"])),
            ("crates/record/Cargo.toml", &manifest("record", &[])),
            ("crates/engine/Cargo.toml", &manifest("engine", &["journal", "vault"])),
        ]);
        let found: Vec<String> = followed(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "crates/journal/Cargo.toml:6: `journal` may not import `vault`",
                "crates/vault/Cargo.toml:5: `vault` may not import `engine`",
            ]
        );
    }

    #[test]
    fn a_crate_without_a_row_is_found() {
        let tree = Tree::of(&[("crates/helper/Cargo.toml", &manifest("helper", &[]))]);
        assert_eq!(followed(&tree).len(), 1);
    }

    fn document(change: impl Fn(&str) -> String) -> Tree {
        let rows: String = ARROWS
            .iter()
            .map(|(name, imports)| format!("| 1 | `x/{name}` | y | {} |\n", imports.join(", ")))
            .collect();
        Tree::of(&[(DOCUMENT, &change(&rows))])
    }

    #[test]
    fn a_document_that_says_the_same_is_no_finding() {
        assert_eq!(documented(&document(str::to_owned)), []);
    }

    #[test]
    fn a_document_that_says_something_else_is_found() {
        assert_eq!(documented(&Tree::of(&[])).len(), 1);
        let other = document(|rows| rows.replace("y | events, record |", "y | events |"));
        assert_eq!(documented(&other).len(), 2);
        assert_eq!(documented(&document(|rows| rows.replace("x/tidy", "x/neat"))).len(), 2);
    }
}
