//! The attack table of a verifier: every way we know to change what a bundle tells, made for real,
//! put before `zegel` and before docs/format/verify.py, and before both without the check.
//!
//! *Invariant:* docs/attacks.md holds this table, as the test prints it.
//! `ZEGEL_ATTACKS=N` makes every attack N times with other dice; `ZEGEL_WRITE_TABLE=1` writes the
//! document anew.

mod beside;
mod erasures;
mod files;
mod forge;
mod keys;
mod notes;
mod records;
mod restores;
mod table;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{python, zegel_bin};
use forge::{Base, PEOPLE, Run, Scene};
use table::{Attack, flags, markdown};

const SEED: u64 = 20_261_127;
const MARK: &str = "## The table\n";

/// Rules that no attack is made for, and why.
const NO_ATTACK: &[(&str, &str)] = &[
    ("bundle-readable", "nothing is there to read"),
    ("file-readable", "the disk fails"),
    ("limit", "a bundle of more than 16 million records"),
    ("purge-left", "a notice"),
    ("restored", "a notice"),
    ("era-unseen", "a notice"),
];

type Group = (&'static str, Vec<&'static Attack>);

fn groups() -> Vec<Group> {
    let of = |parts: &[&'static [Attack]]| parts.iter().flat_map(|part| part.iter()).collect();
    let erasures =
        [erasures::LAWFUL, erasures::STEPS, erasures::RECEIPTS, erasures::PURGES, erasures::PLACES];
    vec![
        ("The bundle as files", of(&[files::ROWS])),
        (
            "Another form of the same bytes",
            of(&[notes::NOTES, keys::KEYS, notes::TEXTS, notes::ARCHIVES]),
        ),
        ("Rewritten journals", of(&[records::REWRITTEN, records::BROKEN])),
        ("Erasures", of(&erasures)),
        ("Declared restores", of(&[restores::AGAINST_OLDER, restores::BROKEN])),
        ("Beside the operator journal, and two auditors", of(&[beside::WITNESSED, beside::FORKS])),
    ]
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// One attempt, ready to be judged.
struct Case<'a> {
    attack: &'a Attack,
    run: Run,
    what: String,
}

#[test]
fn every_attack_gets_its_answer_and_gets_through_without_the_check() {
    let base = Base::new();
    let groups = groups();
    let rounds: u64 = std::env::var("ZEGEL_ATTACKS").map_or(1, |n| n.parse().unwrap());
    let python = python();
    let mut table = Vec::new();
    let (mut made, mut controls, mut wrong) = (0, 0, Vec::new());
    for round in 0..rounds {
        let holder = tempfile::tempdir().unwrap();
        let mut cases = Vec::new();
        for (group, (title, attacks)) in groups.iter().enumerate() {
            let mut rows = Vec::new();
            for (number, attack) in attacks.iter().enumerate() {
                for variant in 0..attack.variants {
                    let dir = holder.path().join(format!("{group}-{number}-{variant}"));
                    std::fs::create_dir(&dir).unwrap();
                    let seed = SEED + round * 1_000_003 + u64::try_from(number).unwrap();
                    let mut scene = Scene::new(&base, &dir, seed, variant);
                    let run = (attack.make)(&mut scene);
                    let what = format!("{} (variant {variant}, seed {seed})", attack.name);
                    if variant == 0 {
                        rows.push((*attack, flags(&run)));
                    }
                    cases.push(Case { attack, run, what });
                }
            }
            if round == 0 {
                table.push((*title, rows));
            }
        }
        for case in &cases {
            controls += u32::from(!case.attack.rule.is_empty());
            wrong.extend(ours(case).err());
        }
        if let Some(python) = &python {
            wrong.extend(theirs(python, &cases));
        }
        made += cases.len();
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    let rows: usize = groups.iter().map(|(_, attacks)| attacks.len()).sum();
    eprintln!("{rows} attacks in {made} forms, {controls} of them let through without the check");
    let text = markdown(&table);
    eprintln!("{text}");
    compare_with_document(&text);
}

fn compare_with_document(text: &str) {
    let path = here("docs/attacks.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let (front, table) = document.split_once(MARK).expect("a heading for the table");
    if std::env::var_os("ZEGEL_WRITE_TABLE").is_some() {
        std::fs::write(&path, format!("{front}{MARK}{text}")).unwrap();
    } else {
        assert!(
            table == text,
            "docs/attacks.md holds another table: ZEGEL_WRITE_TABLE=1 writes it"
        );
    }
}

fn arguments(run: &Run) -> Vec<String> {
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let mut arguments = match &run.compare {
        Some(other) => vec!["compare".to_owned(), path(&run.bundle), path(other)],
        None => vec!["verify".to_owned(), path(&run.bundle)],
    };
    let mut give = |flag: &str, value: Option<String>| {
        arguments.extend(value.into_iter().flat_map(|value| [flag.to_owned(), value]));
    };
    give("--key", run.key.clone());
    give("--previous", run.previous.as_deref().map(path));
    give("--operator", run.operator.as_deref().map(path));
    give("--proof", run.proof.as_deref().map(path));
    run.tenants.iter().for_each(|tenant| give("--tenant", Some(path(tenant))));
    arguments
}

/// Runs the real binary, checks its answer as JSON and as text, and takes the check away.
fn ours(case: &Case<'_>) -> Result<(), String> {
    let Case { attack, run, what } = case;
    let command = |flags: &[&str]| {
        Command::new(zegel_bin()).args(flags).args(arguments(run)).output().unwrap()
    };
    let output = command(&["--json"]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    let said: Value =
        serde_json::from_slice(&output.stdout).map_err(|_| format!("{what}: {error}"))?;
    let text = String::from_utf8(command(&[]).stdout).unwrap();
    let wrong = |problem: &str| format!("{what}: zegel: {problem}:\n{}\n{text}", brief(&said));
    let ask = |holds: bool, problem: &str| if holds { Ok(()) } else { Err(wrong(problem)) };
    let code = i64::from(attack.code());
    ask(said["verdict"] == attack.verdict, "another verdict")?;
    ask(output.status.code() == Some(attack.code()) && said["exit_code"] == code, "another exit")?;
    ask(text.starts_with(attack.verdict), "another text")?;
    let named = |name: &str| text.contains(name) || said.to_string().contains(name);
    ask(!PEOPLE.iter().any(|name| named(name)), "names a person")?;
    if run.compare.is_some() {
        ask(said["fork"]["seq"].as_u64() == run.seq, "another record")?;
        return ask(text.contains("bundle.md section 13"), "no section");
    }
    if attack.rule.is_empty() {
        return Ok(());
    }
    let findings = said["findings"].as_array().unwrap();
    let named = findings.iter().find(|found| is_at(found, attack, run));
    let section = named.and_then(|found| found["section"].as_str());
    let section = section.ok_or_else(|| wrong("the rule or its place is not named"))?;
    ask(text.contains(&format!("{} ({section})", attack.rule)), "the text names no section")?;
    // The verdict follows from the findings alone, so a verifier without a check is one without
    // its findings.
    let bad = |found: &&Value| found["severity"] != "notice" && !is_taken(found, attack);
    ask(!findings.iter().any(|found| bad(&found)), "seen without the check too")
}

/// Severity, rule and place of each finding.
fn brief(said: &Value) -> String {
    let line = |found: &Value| {
        let (severity, rule) = (&found["severity"], &found["rule"]);
        format!("  {severity} {rule} {} {}", found["file"], found["seq"])
    };
    said["findings"]
        .as_array()
        .map_or_else(String::new, |found| found.iter().map(line).collect::<Vec<_>>().join("\n"))
}

fn is_at(found: &Value, attack: &Attack, run: &Run) -> bool {
    let severity = match attack.code() {
        5 => "tampered",
        4 => "untrusted",
        3 => "incomplete",
        _ => "notice",
    };
    let file = run.file.as_deref().is_none_or(|file| found["file"] == file);
    let seq = run.seq.is_none_or(|seq| found["seq"] == seq);
    found["rule"] == attack.rule && found["severity"] == severity && file && seq
}

fn is_taken(found: &Value, attack: &Attack) -> bool {
    let rule = found["rule"].as_str().unwrap();
    rule == attack.rule || attack.also.contains(&rule)
}

/// The stranger agrees; and without the check, it lets the attack through. Says what is wrong.
fn theirs(python: &Path, cases: &[Case<'_>]) -> Vec<String> {
    let asked: Vec<Value> = cases.iter().map(asked).collect();
    let mut child = Command::new(python)
        .arg(here("replay-tests/scripts/attacks.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    serde_json::to_writer(child.stdin.take().unwrap(), &asked).unwrap();
    let output = child.wait_with_output().unwrap();
    let answers: Vec<Value> = serde_json::from_slice(&output.stdout).expect("attacks.py answers");
    assert_eq!(answers.len(), cases.len());
    let pairs = cases.iter().zip(&answers);
    let judged = pairs.filter_map(|(case, said)| judge_theirs(case, said).err());
    judged.chain(at_the_command_line(python, cases)).collect()
}

/// One case of each kind as a person runs the script.
fn at_the_command_line(python: &Path, cases: &[Case<'_>]) -> Vec<String> {
    let kinds: [fn(&Run) -> bool; 4] = [
        |run| run.previous.is_some(),
        |run| run.operator.is_some(),
        |run| !run.tenants.is_empty(),
        |run| run.proof.is_some(),
    ];
    let of = |kind: &fn(&Run) -> bool| cases.iter().rfind(|case| kind(&case.run)).unwrap();
    let wrong = |case: &Case<'_>| {
        let mut arguments = arguments(&case.run);
        arguments.remove(0);
        if case.run.compare.is_some() {
            arguments.insert(1, "--compare".to_owned());
        }
        let mut command = Command::new(python);
        command.arg(here("docs/format/verify.py")).args(arguments);
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let right = output.status.code() == Some(case.attack.code());
        let right = right && text.starts_with(case.attack.verdict);
        (!right).then(|| format!("{}: {command:?}: {text}", case.what))
    };
    kinds.iter().filter_map(|kind| wrong(of(kind))).collect()
}

fn judge_theirs(case: &Case<'_>, said: &Value) -> Result<(), String> {
    let Case { attack, run, what } = case;
    let ask = |holds: bool, problem: &str| {
        let wrong = || format!("{what}: verify.py: {problem}: {said}");
        if holds { Ok(()) } else { Err(wrong()) }
    };
    let (verdict, code) = (&said["verdict"], said["code"].as_i64());
    ask(*verdict == attack.verdict && code == Some(i64::from(attack.code())), "another verdict")?;
    if run.compare.is_some() {
        ask(said["seq"].as_u64() == run.seq, "another record")?;
    } else if !attack.rule.is_empty() {
        let finds = |found: &Value| found[1] == attack.rule;
        let named = said["findings"].as_array().unwrap().iter().any(finds);
        ask(named, "the rule is not named")?;
        ask(said["muted"] == 0, "seen without the check too")?;
    }
    ask(attack.patches.is_empty() || said["patched"] == 0, "seen with the check taken out")
}

fn asked(case: &Case<'_>) -> Value {
    let Case { attack, run, .. } = case;
    let mut without: Vec<&str> = attack.also.to_vec();
    without.extend((!attack.rule.is_empty()).then_some(attack.rule));
    json!({
        "bundle": run.bundle, "key": run.key, "previous": run.previous, "operator": run.operator,
        "tenants": run.tenants, "compare": run.compare, "proof": run.proof,
        "without": without, "patches": attack.patches,
    })
}

#[test]
fn every_rule_of_the_verifier_has_its_attack() {
    let document = std::fs::read_to_string(here("docs/format/bundle.md")).unwrap();
    let table = document.split("### Rules").nth(1).unwrap().split("\n## ").next().unwrap();
    let rule = |line: &str| {
        line.strip_prefix("| `").map(|line| line.split('`').next().unwrap().to_owned())
    };
    let rules: BTreeSet<String> = table.lines().filter_map(rule).collect();
    assert!(rules.len() > 50, "{rules:?}");
    let groups = groups();
    let attacked: BTreeSet<&str> =
        groups.iter().flat_map(|(_, attacks)| attacks).map(|attack| attack.rule).collect();
    let excused: BTreeSet<&str> = NO_ATTACK.iter().map(|(rule, _)| *rule).collect();
    for rule in &rules {
        let known = attacked.contains(rule.as_str()) != excused.contains(rule.as_str());
        assert!(known, "`{rule}`: an attack, or a reason why there is none");
    }
    let mut named = attacked.iter().filter(|rule| !rule.is_empty() && **rule != "compare");
    assert!(named.all(|rule| rules.contains(*rule)), "only rules of the format");
}
