//! What must not occur in the code of a crate (docs/ARCHITECTURE.md §3).
//!
//! *Invariant:* comments and literals never count, tests do: a rule holds for all code of a crate.

use crate::manifest::{Member, members, owner};
use crate::source::{code, is_word, lines_with};
use crate::{File, Finding, Tree};

/// Outside things, and the crates that may name each.
pub const OUTSIDE: &[(&str, &[&str])] = &[
    ("sled", &["journal"]),
    ("chacha20poly1305", &["vault", "escrow"]),
    ("krilla", &["report"]),
    ("skrifa", &["report"]),
    ("rust_xlsxwriter", &["report"]),
    ("axum", &["api"]),
    ("hyper", &["api"]),
    ("hyper-util", &["api"]),
    ("tower", &["api"]),
    ("ureq", &["connectors"]),
    ("rustls", &["connectors", "standins"]),
    ("cedar-policy", &["authority"]),
    ("askama", &["console"]),
    ("form_urlencoded", &["api"]),
    // What outside systems answer is JSON; what stands in for them answers so, too.
    ("serde_json", &["api", "evidence", "zegel", "connectors", "standins"]),
    ("tokio", &["api", "zegel"]),
    ("anyhow", &["zegel"]),
];

/// The constructor that skips sealing, and the crates that may name it. The tests of their siblings
/// may too: a sibling cannot import the vault, and its `tests/` folder is in no product.
const SKIPS_SEALING: (&str, &[&str]) = ("assume_sealed", &["record", "vault"]);

/// Crates where functions may wait.
const MAY_WAIT: &[&str] = &["api", "zegel"];

/// Crates without clock, disk, network, environment or randomness.
const PURE: &[&str] = &["rules", "projections"];

/// The same, but for their tests and examples, which hand what they made to other programs.
const PURE_SOURCES: &[&str] = &["report", "console"];

/// Modules of the standard library that a pure crate does not name.
const IMPURE_MODULES: &[&str] = &["time", "fs", "net", "env", "process", "thread"];

/// Other words that a pure crate does not name.
const IMPURE_WORDS: &[&str] = &["getrandom", "rustix", "SystemTime", "Instant"];

/// The proofs look at everything from outside.
const PROOFS: &[&str] = &["replay-tests", "trial"];

/// One crate knows each outside thing.
#[must_use]
pub fn outside_things(tree: &Tree) -> Vec<Finding> {
    let members = members(tree);
    OUTSIDE.iter().flat_map(|(thing, knowers)| only(tree, &members, thing, knowers)).collect()
}

/// Only the vault makes a sealed event without being asked how.
#[must_use]
pub fn skipped_sealing(tree: &Tree) -> Vec<Finding> {
    let (word, knowers) = SKIPS_SEALING;
    let strangers = |file: &File| {
        let inside = file.path.strip_prefix("crates/").and_then(|path| path.split_once('/'));
        let allowed =
            |(name, path): (&str, &str)| knowers.contains(&name) || path.starts_with("tests/");
        !inside.is_some_and(allowed)
    };
    let say = format!("`{word}` belongs to the vault");
    let files = tree.texts(".rs").filter(|(file, _)| strangers(file));
    files.flat_map(|(file, text)| at_lines(file, text, word, &say)).collect()
}

/// `async` ends at `api`: below it a function runs to completion.
#[must_use]
pub fn waiting(tree: &Tree) -> Vec<Finding> {
    let members = members(tree);
    let below = |name: &str| !MAY_WAIT.contains(&name) && !PROOFS.contains(&name);
    let files = sources(tree, &members).filter(|(member, ..)| below(&member.name));
    let found = files.flat_map(|(member, file, text)| {
        let say = format!("`{}` runs to completion", member.name);
        ["async", "await"].into_iter().flat_map(move |word| at_lines(file, text, word, &say))
    });
    found.collect()
}

/// Rules, projections and reports compute from what they are given, and from nothing else.
#[must_use]
pub fn impurities(tree: &Tree) -> Vec<Finding> {
    let members = members(tree);
    let pure = |name: &str| PURE.contains(&name);
    let in_source = |name: &str, path: &str| PURE_SOURCES.contains(&name) && path.contains("/src/");
    let files = sources(tree, &members)
        .filter(|(member, file, _)| pure(&member.name) || in_source(&member.name, &file.path));
    let in_code = files.flat_map(|(member, file, text)| impure_lines(member, file, text));
    let declared = members.iter().filter(|member| pure(&member.name)).flat_map(|member| {
        let named = member.dependencies.iter();
        let impure = named.filter(|found| IMPURE_WORDS.contains(&found.name.as_str()));
        impure.map(|found| Finding::at(member.file, found.line, impure_text(member, &found.name)))
    });
    in_code.chain(declared).collect()
}

/// Attackers and callers of the HTTP edge keep a pace: there, time is what is tested.
const KEEPS_PACE: &str = "replay-tests/examples/http/";

/// Tests run always, pass by succeeding, and do not sleep.
#[must_use]
pub fn weak_tests(tree: &Tree) -> Vec<Finding> {
    let weak = |file: &File, line: &str| {
        let dense: String = line.split_whitespace().collect();
        let banned = ["#[ignore", "#[should_panic", "thread::sleep", "todo!(", "unimplemented!("];
        let paced = file.path.starts_with(KEEPS_PACE);
        banned.into_iter().find(|sign| dense.contains(sign) && !(paced && *sign == "thread::sleep"))
    };
    let found = tree.texts(".rs").flat_map(|(file, text)| {
        let code = code(text);
        let lines: Vec<Finding> = code
            .lines()
            .enumerate()
            .filter_map(|(at, line)| {
                Some(Finding::at(file, at + 1, format!("`{}` weakens a proof", weak(file, line)?)))
            })
            .collect();
        lines
    });
    found.collect()
}

fn only(tree: &Tree, members: &[Member<'_>], thing: &str, knowers: &[&str]) -> Vec<Finding> {
    let stranger = |name: &str| !knowers.contains(&name) && !PROOFS.contains(&name);
    let say = format!("`{thing}` is known to {} alone", knowers.join(", "));
    let declared = members.iter().filter(|member| stranger(&member.name)).flat_map(|member| {
        let named = member.dependencies.iter().filter(|found| found.name == thing);
        named.map(|found| Finding::at(member.file, found.line, say.clone()))
    });
    let word = thing.replace('-', "_");
    let files = sources(tree, members).filter(|(member, ..)| stranger(&member.name));
    let used = files.flat_map(|(_, file, text)| at_lines(file, text, &word, &say));
    declared.chain(used).collect()
}

fn sources<'a>(
    tree: &'a Tree,
    members: &'a [Member<'a>],
) -> impl Iterator<Item = (&'a Member<'a>, &'a File, &'a str)> {
    let owned = |(file, text): (&'a File, &'a str)| Some((owner(members, &file.path)?, file, text));
    tree.texts(".rs").filter_map(owned)
}

fn at_lines(file: &File, text: &str, word: &str, say: &str) -> Vec<Finding> {
    lines_with(&code(text), word).map(|line| Finding::at(file, line, say)).collect()
}

fn impure_text(member: &Member<'_>, word: &str) -> String {
    format!("`{}` is pure and may not name `{word}`", member.name)
}

fn impure_lines(member: &Member<'_>, file: &File, text: &str) -> Vec<Finding> {
    let code = code(text);
    let words = IMPURE_WORDS.iter().flat_map(|word| {
        let say = impure_text(member, word);
        lines_with(&code, word).map(move |line| Finding::at(file, line, say.clone()))
    });
    let modules = standard_modules(&code).into_iter().filter(|(_, module)| {
        // `std as other` would hide what follows.
        IMPURE_MODULES.contains(&module.as_str()) || module == "as"
    });
    let named = modules.map(|(line, module)| {
        Finding::at(file, line, impure_text(member, &format!("std::{module}")))
    });
    words.chain(named).collect()
}

/// First segments after `std`, one by one or in braces, with the line each stands on.
fn standard_modules(code: &str) -> Vec<(usize, String)> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    for (at, (line, token)) in tokens.iter().enumerate() {
        let next = |ahead: usize| tokens.get(at + ahead).map(|(_, token)| token.as_str());
        match (token.as_str(), next(1), next(2), next(3)) {
            ("std", Some("as"), ..) => found.push((*line, "as".to_owned())),
            ("std", Some(":"), Some(":"), Some("{")) => {
                found.extend(in_braces(tokens.get(at + 4..).unwrap_or_default()));
            }
            ("std", Some(":"), Some(":"), Some(module)) => found.push((*line, module.to_owned())),
            _ => {}
        }
    }
    found
}

/// Words that open an item of the outermost braces.
fn in_braces(tokens: &[(usize, String)]) -> Vec<(usize, String)> {
    let mut depth = 1usize;
    let mut opens = true;
    let mut found = Vec::new();
    for (line, token) in tokens {
        match token.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            word if opens && depth == 1 => found.push((*line, word.to_owned())),
            _ => {}
        }
        opens = depth == 1 && token == ",";
        if depth == 0 {
            break;
        }
    }
    found
}

fn tokens(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, line) in code.lines().enumerate() {
        let mut word = String::new();
        for letter in line.chars().chain(std::iter::once(' ')) {
            if is_word(letter) {
                word.push(letter);
                continue;
            }
            if !word.is_empty() {
                found.push((at + 1, std::mem::take(&mut word)));
            }
            if !letter.is_whitespace() {
                found.push((at + 1, letter.to_string()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crate_with(name: &str, imports: &str, source: &str) -> Tree {
        let manifest = format!("[package]\nname = \"{name}\"\n[dependencies]\n{imports}\n");
        Tree::of(&[
            (&format!("crates/{name}/Cargo.toml"), &manifest),
            (&format!("crates/{name}/src/lib.rs"), source),
        ])
    }

    fn lines(found: &[Finding]) -> Vec<usize> {
        found.iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn each_outside_thing_is_found_where_it_does_not_belong() {
        for (thing, knowers) in OUTSIDE {
            let import = format!("{thing}.workspace = true");
            let source = format!("//! {thing}\nuse {}::open;", thing.replace('-', "_"));
            let stranger = crate_with("record", &import, &source);
            assert_eq!(lines(&outside_things(&stranger)), [4, 2], "{thing}");
            for knower in *knowers {
                assert_eq!(outside_things(&crate_with(knower, &import, &source)), [], "{thing}");
            }
        }
    }

    #[test]
    fn a_shortcut_around_sealing_is_found_outside_the_vault() {
        let source = "// assume_sealed\nlet made = Sealed::assume_sealed(parts);";
        assert_eq!(lines(&skipped_sealing(&crate_with("engine", "", source))), [2]);
        assert_eq!(skipped_sealing(&crate_with("vault", "", source)), []);
        assert_eq!(skipped_sealing(&Tree::of(&[("crates/journal/tests/a.rs", source)])), []);
        let proof = Tree::of(&[("replay-tests/tests/it/main.rs", source)]);
        assert_eq!(lines(&skipped_sealing(&proof)), [2]);
    }

    #[test]
    fn waiting_below_the_edge_is_found() {
        let source = "//! async\npub async fn a() {\n    b().await;\n}";
        assert_eq!(lines(&waiting(&crate_with("engine", "", source))), [2, 3]);
        assert_eq!(waiting(&crate_with("api", "", source)), []);
    }

    #[test]
    fn a_clock_a_disk_or_chance_in_a_pure_crate_is_found() {
        let source = "use std::{collections::BTreeMap, fs, fmt::{self, time}};\n\
                      use std::time::Duration;\n\
                      let now = SystemTime::now();\n\
                      let home = std :: env::var(\"HOME\");\n\
                      use std as other;\n\
                      getrandom::fill(&mut bytes);";
        let tree = crate_with("rules", "getrandom.workspace = true", source);
        let mut found = lines(&impurities(&tree));
        found.sort_unstable();
        assert_eq!(found, [1, 2, 3, 4, 4, 5, 6], "line 4 of the manifest, and each source line");
        assert_eq!(impurities(&crate_with("engine", "", source)), []);
    }

    #[test]
    fn a_report_may_touch_the_disk_in_its_tests_alone() {
        let source = "use std::fs;";
        assert_eq!(lines(&impurities(&crate_with("report", "", source))), [1]);
        let manifest = "[package]\nname = \"report\"\n";
        let files = [("crates/report/Cargo.toml", manifest), ("crates/report/tests/a.rs", source)];
        assert_eq!(impurities(&Tree::of(&files)), []);
    }

    #[test]
    fn pure_code_is_no_finding() {
        let source = "//! No std::time.\nuse std::collections::{BTreeMap, BTreeSet};\n\
                      use std::{fmt, str::FromStr};\nfn a(now: TimestampMicros) {}\n\
                      const SAY: &str = \"std::fs\";";
        assert_eq!(impurities(&crate_with("projections", "", source)), []);
    }

    #[test]
    fn weak_tests_are_found() {
        let source = "#[test]\n#[ignore]\nfn a() {}\n#[should_panic(expected = \"b\")]\n\
                      std::thread::sleep(c);\n// #[ignore]\ntodo!();";
        assert_eq!(lines(&weak_tests(&crate_with("journal", "", source))), [2, 4, 5, 7]);
    }
}
