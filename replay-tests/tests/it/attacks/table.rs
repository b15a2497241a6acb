//! A row of the attack table, and how it is written down.

use std::fmt::Write as _;

use super::forge::{Run, Scene};

/// Who can make an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// Whoever gets hold of the bundle on its way.
    Anyone,
    /// Whoever holds the real signing key: the operator, or who stole it.
    Key,
}

/// One attack with the answer that it must get.
pub(super) struct Attack {
    pub(super) name: &'static str,
    pub(super) made: &'static str,
    pub(super) by: By,
    pub(super) verdict: &'static str,
    /// The rule that must be named; empty when the attack is not seen.
    pub(super) rule: &'static str,
    /// The place that must be named.
    pub(super) place: &'static str,
    pub(super) make: fn(&mut Scene<'_>) -> Run,
    /// In how many forms the attack is made.
    pub(super) variants: usize,
    /// Checks besides `rule` that find it too: without all of them it must get through.
    pub(super) also: &'static [&'static str],
    /// Lines of the second verifier, and what stands there when the check is taken out.
    pub(super) patches: &'static [(&'static str, &'static str)],
}

impl Attack {
    pub(super) const fn also(self, also: &'static [&'static str]) -> Self {
        Self { also, ..self }
    }

    pub(super) const fn variants(self, variants: usize) -> Self {
        Self { variants, ..self }
    }

    pub(super) const fn patched(self, patches: &'static [(&'static str, &'static str)]) -> Self {
        Self { patches, ..self }
    }

    pub(super) fn code(&self) -> i32 {
        match self.verdict {
            "TAMPERED" | "FORK" => 5,
            "UNTRUSTED" => 4,
            "INCOMPLETE" | "UNDECIDED" => 3,
            "INTACT" | "INTACT-WITH-ERASURES" | "SAME" | "PREFIX" => 0,
            other => panic!("no verdict {other}"),
        }
    }
}

/// Name and how it is made; by whom; verdict, rule and place; the making.
pub(super) const fn row(
    (name, made): (&'static str, &'static str),
    by: By,
    (verdict, rule, place): (&'static str, &'static str, &'static str),
    make: fn(&mut Scene<'_>) -> Run,
) -> Attack {
    Attack { name, made, by, verdict, rule, place, make, variants: 1, also: &[], patches: &[] }
}

/// What a run was called with, as the table shows it.
pub(super) fn flags(run: &Run) -> String {
    let mut words = Vec::new();
    let given = |given: bool, word: &'static str| given.then_some(word);
    words.extend(given(run.compare.is_some(), "compare"));
    words.extend(given(run.key.is_some(), "`--key`"));
    words.extend(given(run.previous.is_some(), "`--previous`"));
    words.extend(given(run.operator.is_some(), "`--operator`"));
    words.extend(given(!run.tenants.is_empty(), "`--tenant`"));
    words.extend(given(run.proof.is_some(), "`--proof`"));
    if words.is_empty() { "none".to_owned() } else { words.join(" ") }
}

/// The table as it stands in docs/attacks.md.
pub(super) fn markdown(groups: &[(&'static str, Vec<(&Attack, String)>)]) -> String {
    let mut out = String::new();
    for (title, rows) in groups {
        write!(out, "\n### {title}\n\n").unwrap();
        out.push_str("| attack | how it is made | by | flags | verdict | exit | rule | place |\n");
        out.push_str("| --- | --- | --- | --- | --- | --: | --- | --- |\n");
        for (attack, flags) in rows {
            let by = if attack.by == By::Key { "key" } else { "anyone" };
            let rule = match attack.rule {
                "" if attack.place.starts_with("nothing") => "lawful".to_owned(),
                "" => "not seen".to_owned(),
                rule => format!("`{rule}`"),
            };
            let (name, made) = (attack.name, attack.made);
            let (verdict, code, place) = (attack.verdict, attack.code(), attack.place);
            let line = format!(
                "| {name} | {made} | {by} | {flags} | `{verdict}` | {code} | {rule} | {place} |"
            );
            writeln!(out, "{line}").unwrap();
        }
    }
    out
}
