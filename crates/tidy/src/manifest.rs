//! The little of a `Cargo.toml` that the rules need: sections, keys, and the lines they stand on.
//!
//! *Invariant:* this reads the plain style that the workspace uses, one entry to a line; a manifest
//! in another style is a finding, not a silence.

use crate::{File, Finding, Tree};

/// Where every dependency must be declared.
const SECTIONS: &[&str] = &["dependencies", "dev-dependencies", "build-dependencies"];

/// The one crate that cannot be written without `unsafe`, and so has lints of its own; it holds one
/// source file, and nothing that depends on anything.
pub const OWN_LINTS: &str = "wipe";

/// Features that make a program wrong on purpose, and where each is declared.
const WRONG: &[(&str, &[&str])] =
    &[("harness", &["vault", "wipe"]), ("control-no-sync", &["journal"])];

/// The proofs alone switch them on.
const PROOFS: &str = "replay-tests";

/// One dependency line of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The crate.
    pub name: String,
    /// Line in the manifest, from 1.
    pub line: usize,
}

/// One member of the workspace.
#[derive(Clone, Debug)]
pub struct Member<'a> {
    /// Its package name.
    pub name: String,
    /// Its folder, without a closing slash.
    pub folder: &'a str,
    /// Its manifest.
    pub file: &'a File,
    /// What it imports, tests included.
    pub dependencies: Vec<Dependency>,
}

/// The fuzzers stand beside the workspace: their macro and their flags are their own.
const BESIDE: &str = "fuzz/Cargo.toml";

/// Members of the workspace: every folder with a manifest, except the root.
#[must_use]
pub fn members(tree: &Tree) -> Vec<Member<'_>> {
    let inside = tree.texts("/Cargo.toml").filter(|(file, _)| file.path != BESIDE);
    inside.filter_map(|(file, text)| member(file, text)).collect()
}

/// The member that a source file belongs to.
#[must_use]
pub fn owner<'a, 'b>(members: &'b [Member<'a>], path: &str) -> Option<&'b Member<'a>> {
    let holds = |member: &&Member<'_>| {
        path.strip_prefix(member.folder).is_some_and(|rest| rest.starts_with('/'))
    };
    members.iter().filter(holds).max_by_key(|member| member.folder.len())
}

/// Every member takes its lints and its versions from the workspace.
#[must_use]
pub fn inherits(tree: &Tree) -> Vec<Finding> {
    members(tree).iter().flat_map(inherits_all).collect()
}

fn inherits_all(member: &Member<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let text = member.file.text().unwrap_or_default();
    let lines = entries(text);
    let shared = lines.iter().any(|entry| entry.section == "lints" && entry.is_workspace());
    if !shared && member.name != OWN_LINTS {
        findings.push(Finding::of(&member.file.path, "does not take the workspace lints"));
    }
    for entry in lines.iter().filter(|entry| section_of(entry.section).is_some()) {
        let plain = SECTIONS.contains(&entry.section);
        if !plain || !entry.is_workspace() {
            let what = format!("`{}` does not take its version from the workspace", entry.key);
            findings.push(Finding::at(member.file, entry.line, what));
        }
    }
    findings
}

/// The crate with lints of its own stays as small as its reason.
#[must_use]
pub fn stays_small(tree: &Tree) -> Vec<Finding> {
    let members = members(tree);
    let Some(member) = members.iter().find(|member| member.name == OWN_LINTS) else {
        return Vec::new();
    };
    let sources = format!("{}/src/", member.folder);
    let beside =
        |file: &File| file.path.strip_prefix(&sources).is_some_and(|name| name != "lib.rs");
    let more = tree.texts("").filter(|(file, _)| beside(file));
    let more = more.map(|(file, _)| Finding::of(&file.path, "one file is enough for an allocator"));
    let imports = member.dependencies.iter();
    let imports = imports.map(|found| {
        Finding::at(member.file, found.line, "a crate with `unsafe` depends on nothing".to_owned())
    });
    more.chain(imports).collect()
}

/// No manifest but that of the proofs switches on what makes a program wrong on purpose.
#[must_use]
pub fn wrong_on_purpose(tree: &Tree) -> Vec<Finding> {
    let manifests = tree.texts("Cargo.toml");
    manifests.flat_map(|(file, text)| wrong_lines(file, text)).collect()
}

fn wrong_lines(file: &File, text: &str) -> Vec<Finding> {
    let name = member(file, text).map(|member| member.name).unwrap_or_default();
    let allowed = |line: &str| {
        let declared = |(feature, members): &(&str, &[&str])| {
            members.contains(&name.as_str()) && line == format!("{feature} = []")
        };
        let by_proofs = || {
            let switch = line.starts_with("harness = [") || line.starts_with("required-features");
            name == PROOFS && switch
        };
        WRONG.iter().any(declared) || by_proofs()
    };
    let names = |line: &str| WRONG.iter().any(|(feature, _)| line.contains(feature));
    let lines = text.lines().map(str::trim).enumerate();
    let wrong = lines.filter(|(_, line)| !line.starts_with('#') && names(line) && !allowed(line));
    wrong.map(|(at, _)| Finding::at(file, at + 1, "switches on what is wrong on purpose")).collect()
}

fn member<'a>(file: &'a File, text: &str) -> Option<Member<'a>> {
    let lines = entries(text);
    let named = lines.iter().find(|entry| entry.section == "package" && entry.key == "name")?;
    let dependencies = lines.iter().filter_map(dependency).collect();
    let name = named.value.trim_matches('"').to_owned();
    let folder = file.path.strip_suffix("/Cargo.toml")?;
    Some(Member { name, folder, file, dependencies })
}

fn dependency(entry: &Entry<'_>) -> Option<Dependency> {
    let within = section_of(entry.section)?;
    let key = if within.is_empty() { entry.key } else { within };
    let name = key.split('.').next().unwrap_or(key).trim_matches('"');
    Some(Dependency { name: name.to_owned(), line: entry.line })
}

/// For a section of dependencies: the crate that the section itself names, or nothing.
fn section_of(section: &str) -> Option<&str> {
    let tail = section.rsplit_once("'.").map_or(section, |(_, tail)| tail);
    SECTIONS.iter().find_map(|known| {
        let rest = tail.strip_prefix(known)?;
        if rest.is_empty() { Some("") } else { rest.strip_prefix('.') }
    })
}

struct Entry<'a> {
    section: &'a str,
    key: &'a str,
    value: &'a str,
    line: usize,
}

impl Entry<'_> {
    fn is_workspace(&self) -> bool {
        let short =
            (self.key == "workspace" || self.key.ends_with(".workspace")) && self.value == "true";
        let first = self.value.trim_start_matches('{').trim_start();
        short || (self.value.starts_with('{') && first.starts_with("workspace = true"))
    }
}

fn entries(text: &str) -> Vec<Entry<'_>> {
    let mut section = "";
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(head) = line.strip_prefix('[').filter(|_| line.ends_with(']')) {
            section = head.trim_end_matches(']').trim_start_matches('[').trim();
        } else if let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) {
            found.push(Entry { section, key: key.trim(), value: value.trim(), line: at + 1 });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[package]\nname = \"rules\"\n[lints]\nworkspace = true\n[dependencies]\n\
                        events.workspace = true\nrecord = { workspace = true, features = [] }\n";

    #[test]
    fn dependencies_are_read_from_every_kind_of_section() {
        let text = format!(
            "{GOOD}[dev-dependencies]\nproptest.workspace = true\n[dependencies.sled]\n\
             version = \"1\"\n[target.'cfg(unix)'.dependencies]\nrustix = \"1\"\n"
        );
        let tree = Tree::of(&[("crates/rules/Cargo.toml", &text)]);
        let members = members(&tree);
        let names: Vec<&str> =
            members[0].dependencies.iter().map(|found| found.name.as_str()).collect();
        assert_eq!(members[0].name, "rules");
        assert_eq!(names, ["events", "record", "proptest", "sled", "rustix"]);
    }

    #[test]
    fn inheriting_is_no_finding() {
        assert_eq!(inherits(&Tree::of(&[("crates/rules/Cargo.toml", GOOD)])), []);
    }

    #[test]
    fn a_version_or_missing_lints_in_a_member_is_found() {
        let text = "[package]\nname = \"a\"\n[dependencies]\nserde = \"1\"\n\
                    record = { path = \"../record\" }\n";
        let found = inherits(&Tree::of(&[("crates/a/Cargo.toml", text)]));
        let lines: Vec<usize> = found.iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [0, 4, 5]);
    }

    #[test]
    fn lints_of_its_own_are_for_one_small_crate() {
        let text = "[package]\nname = \"wipe\"\n[lints.rust]\nmissing_docs = \"warn\"\n";
        let small = [("crates/wipe/Cargo.toml", text), ("crates/wipe/src/lib.rs", "//! A.\n")];
        let tree = Tree::of(&small);
        assert_eq!((inherits(&tree), stays_small(&tree)), (vec![], vec![]));
        let grown = format!("{text}[dependencies]\nrecord.workspace = true\n");
        let tree = Tree::of(&[
            ("crates/wipe/Cargo.toml", &grown),
            ("crates/wipe/src/lib.rs", "//! A.\n"),
            ("crates/wipe/src/more.rs", "//! B.\n"),
        ]);
        assert_eq!(stays_small(&tree).len(), 2);
        let other = [("crates/other/Cargo.toml", text.replace("wipe", "other"))];
        let other: Vec<_> = other.iter().map(|(path, text)| (*path, text.as_str())).collect();
        assert_eq!(inherits(&Tree::of(&other)).len(), 1);
    }

    #[test]
    fn a_feature_that_is_wrong_on_purpose_is_for_the_proofs_alone() {
        let found = |folder: &str, lines: &str| {
            let name = folder.rsplit('/').next().unwrap_or_default();
            let text = format!("[package]\nname = \"{name}\"\n[features]\n{lines}\n");
            let path = format!("{folder}/Cargo.toml");
            wrong_on_purpose(&Tree::of(&[(path.as_str(), text.as_str())])).len()
        };
        assert_eq!(found("crates/vault", "# harness\nharness = []"), 0);
        assert_eq!(found("crates/journal", "control-no-sync = []"), 0);
        assert_eq!(found("replay-tests", "harness = [\"vault/harness\", \"wipe/harness\"]"), 0);
        assert_eq!(found("crates/vault", "default = [\"harness\"]"), 1);
        assert_eq!(found("crates/zegel", "harness = [\"vault/harness\"]"), 1);
        assert_eq!(found("replay-tests", "default = [\"harness\"]"), 1);
        let line = "[dependencies]\nvault = { workspace = true, features = [\"harness\"] }";
        assert_eq!(found("crates/engine", line), 1);
        assert_eq!(found("replay-tests", line), 1);
        let root = "[workspace.dependencies]\nvault = { path = \"x\", features = [\"harness\"] }";
        assert_eq!(wrong_on_purpose(&Tree::of(&[("Cargo.toml", root)])).len(), 1);
    }

    #[test]
    fn a_file_belongs_to_the_innermost_member() {
        let tree = Tree::of(&[
            ("events/Cargo.toml", "[package]\nname = \"events\""),
            ("events/fuzz/Cargo.toml", "[package]\nname = \"fuzz\""),
        ]);
        let members = members(&tree);
        let name = |path| owner(&members, path).map(|member| member.name.as_str());
        assert_eq!(name("events/src/lib.rs"), Some("events"));
        assert_eq!(name("events/fuzz/a.rs"), Some("fuzz"));
        assert_eq!(name("eventsource/a.rs"), None);
    }
}
