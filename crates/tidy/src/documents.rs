//! Promises that documents make to each other: links, decisions, and documents named in code.

use crate::{File, Finding, Tree};

/// Where decisions stand.
pub const DECISIONS: &str = "docs/decisions/";
/// The list of what the dependency tree may hold.
pub const DENY: &str = "deny.toml";

/// Every relative link in a Markdown file leads to a file or a folder.
#[must_use]
pub fn links(tree: &Tree) -> Vec<Finding> {
    tree.texts(".md").flat_map(|(file, text)| broken_links(tree, file, text)).collect()
}

/// Every `docs/….md` that a text or a comment names exists.
#[must_use]
pub fn named_documents(tree: &Tree) -> Vec<Finding> {
    let found = tree.texts("").flat_map(|(file, text)| {
        text.lines().enumerate().flat_map(move |(at, line)| {
            let named = document_names(spoken(file, line)).into_iter();
            let named = named.filter(|name| !tree.exists(name));
            let say = |name: String| Finding::at(file, at + 1, format!("`{name}` does not exist"));
            named.map(say).collect::<Vec<_>>()
        })
    });
    found.collect()
}

/// Every decision that a text cites exists, and every ignored advisory cites one.
#[must_use]
pub fn decisions(tree: &Tree) -> Vec<Finding> {
    let known: Vec<&str> = tree
        .files()
        .iter()
        .filter_map(|file| file.path.strip_prefix(DECISIONS)?.get(..4))
        .collect();
    let mut found: Vec<Finding> = tree
        .texts("")
        .flat_map(|(file, text)| {
            let lines = text.lines().enumerate();
            let unknown = lines
                .flat_map(|(at, line)| cited(line).into_iter().map(move |number| (at + 1, number)));
            let unknown = unknown.filter(|(_, number)| !known.contains(number));
            let say = |number: &str| format!("there is no {CITATION}{number}");
            unknown.map(|(line, number)| Finding::at(file, line, say(number))).collect::<Vec<_>>()
        })
        .collect();
    found.extend(unreasoned(tree));
    found
}

/// How a decision is cited, before its four digits.
const CITATION: &str = "decision ";

fn unreasoned(tree: &Tree) -> Vec<Finding> {
    let Some((file, text)) = tree.texts(DENY).find(|(file, _)| file.path == DENY) else {
        return vec![];
    };
    let advisory = |line: &str| line.contains("id = \"RUSTSEC-");
    let decided = |line: &str| line.contains("reason = \"") && !cited(line).is_empty();
    let bare = text.lines().enumerate().filter(|(_, line)| advisory(line) && !decided(line));
    let say = "an ignored advisory needs a reason with its decision";
    bare.map(|(at, _)| Finding::at(file, at + 1, say)).collect()
}

fn cited(line: &str) -> Vec<&str> {
    let after = line.match_indices(CITATION).filter_map(|(at, _)| line.get(at + CITATION.len()..));
    let number = |rest: &'_ str| -> Option<usize> {
        let digits = rest.chars().take_while(char::is_ascii_digit).count();
        (digits == 4).then_some(digits)
    };
    after.filter_map(|rest| rest.get(..number(rest)?)).collect()
}

fn broken_links(tree: &Tree, file: &File, text: &str) -> Vec<Finding> {
    let mut fenced = false;
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for target in targets(&without_code(line)) {
            if resolve(&file.path, &target).is_none_or(|path| !tree.exists(&path)) {
                found.push(Finding::at(file, at + 1, format!("`{target}` leads nowhere")));
            }
        }
    }
    found
}

/// The line without its `code spans`.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("``")
}

/// Relative targets of the links of a line, without their fragments.
fn targets(line: &str) -> Vec<String> {
    let after = line.split("](").skip(1);
    let target = after.filter_map(|rest| rest.split([')', ' ']).next());
    let relative =
        target.filter(|target| !target.contains("://") && !target.starts_with("mailto:"));
    let path = relative.filter_map(|target| target.split('#').next());
    path.filter(|path| !path.is_empty()).map(str::to_owned).collect()
}

/// The path that a link means, or `None` if it leaves the repository.
fn resolve(from: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Of source the comment, of anything else the line: literals in tests are no promises.
fn spoken<'a>(file: &File, line: &'a str) -> &'a str {
    if !file.path.ends_with(".rs") {
        return line;
    }
    line.find("//").and_then(|at| line.get(at..)).unwrap_or_default()
}

/// Names such as `docs/format/record.md` in a line.
fn document_names(line: &str) -> Vec<String> {
    let in_name = |letter: char| letter.is_ascii_alphanumeric() || "/-_.".contains(letter);
    let words = line.split(|letter: char| !in_name(letter));
    let named = words.filter_map(|word| {
        let end = word.find(".md").filter(|_| word.starts_with("docs/"))?;
        word.get(..end + 3)
    });
    named.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_link_is_found() {
        let tree = Tree::of(&[
            ("README.md", "[a](docs/a.md) [b](docs) [c](docs/c.md#part)\n[d](LICENSE)"),
            ("docs/a.md", "[up](../README.md) [out](../../x.md) [web](https://a.b/c) [in](#part)"),
            ("LICENSE", ""),
        ]);
        let found: Vec<(String, usize)> =
            links(&tree).into_iter().map(|finding| (finding.path, finding.line)).collect();
        assert_eq!(found, [("README.md".to_owned(), 1), ("docs/a.md".to_owned(), 1)]);
    }

    #[test]
    fn code_in_markdown_holds_no_links() {
        let text = "`[a](nowhere.md)`\n```\n[b](nowhere.md)\n```\n[c](nowhere.md)";
        assert_eq!(links(&Tree::of(&[("a.md", text)]))[0].line, 5);
        assert_eq!(links(&Tree::of(&[("a.md", text)])).len(), 1);
    }

    #[test]
    fn a_document_that_code_cites_and_nobody_wrote_is_found() {
        // Put together here, so that this file cites no such document itself.
        let marks = ["/", "/"].concat();
        let text = format!("{marks}! See docs/a.md §2.\n{marks} docs/b.md\n\"docs/c.md\"");
        let tree = Tree::of(&[("a.rs", &text), ("docs/a.md", "")]);
        let lines: Vec<usize> = named_documents(&tree).iter().map(|found| found.line).collect();
        assert_eq!(lines, [2]);
        let prose = Tree::of(&[("a.toml", "# docs/c.md")]);
        assert_eq!(named_documents(&prose).len(), 1);
    }

    #[test]
    fn an_unknown_decision_is_found() {
        let text = format!("// {CITATION}0001\n// {CITATION}0002 of {CITATION}12 or 12345");
        let tree = Tree::of(&[("docs/decisions/0001-a.md", ""), ("a.rs", &text)]);
        let found = decisions(&tree);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 2);
    }

    #[test]
    fn an_ignored_advisory_without_a_decision_is_found() {
        let decided = format!(
            "{{ id = \"RUSTSEC-2025-0001\", reason = \"a; {CITATION}0001\" }},\n\
             {{ id = \"RUSTSEC-2025-0002\", reason = \"a\" }},\n\
             {{ id = \"RUSTSEC-2025-0003\" }},"
        );
        let tree = Tree::of(&[("docs/decisions/0001-a.md", ""), (DENY, &decided)]);
        let lines: Vec<usize> = decisions(&tree).iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [2, 3]);
    }
}
