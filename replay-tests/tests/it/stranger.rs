//! Two verifiers that share no line: `zegel verify`, and docs/format/verify.py, which was written
//! from the documents alone. They must agree on every bundle, good or bad.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use replay_tests::dice::Dice;
use serde_json::Value;

use crate::support::{demo, files_below, python};

const SEED: u64 = 2026;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// What a verifier said: exit, verdict, the findings as (severity, rule), and whether the worst
/// names a file or record.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    code: i32,
    verdict: String,
    first_bad: Option<u64>,
    names: bool,
    findings: Vec<String>,
}

fn said(command: &mut Command) -> Said {
    let output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    let json: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{command:?} did not answer: {error}"));
    let code = output.status.code().unwrap();
    assert_eq!(json["exit_code"].as_i64(), Some(i64::from(code)), "{command:?}");
    let findings = json["findings"].as_array().unwrap();
    let name = |found: &Value| !found["file"].is_null() || !found["seq"].is_null();
    let word = |found: &Value| format!("{} {}", found["severity"], found["rule"]);
    Said {
        code,
        verdict: json["verdict"].as_str().unwrap().to_owned(),
        first_bad: json["first_bad"]["seq"].as_u64(),
        names: findings.first().is_some_and(name),
        findings: findings.iter().map(word).collect(),
    }
}

/// Both verifiers, run as a person runs them.
struct Pair {
    python: PathBuf,
    key: Vec<String>,
}

impl Pair {
    fn new(python: PathBuf, key: &str) -> Self {
        Self { python, key: vec!["--key".to_owned(), key.to_owned()] }
    }

    fn ours(&self, bundle: &Path) -> Said {
        let mut command = Command::new(crate::support::zegel_bin());
        said(command.args(["--json", "verify"]).arg(bundle).args(&self.key))
    }

    fn theirs(&self, bundle: &Path) -> Said {
        let script = here("docs/format/verify.py");
        said(Command::new(&self.python).arg(script).arg(bundle).arg("--json").args(&self.key))
    }

    /// Both, agreeing on verdict and exit.
    #[track_caller]
    fn agree(&self, bundle: &Path, what: &str) -> Said {
        let (ours, theirs) = (self.ours(bundle), self.theirs(bundle));
        let same = (ours.code, &ours.verdict) == (theirs.code, &theirs.verdict);
        assert!(same, "{what}: zegel {ours:?}, verify.py {theirs:?}");
        if matches!(ours.code, 3 | 5) {
            assert!(ours.names && theirs.names, "{what}: zegel {ours:?}, verify.py {theirs:?}");
        }
        ours
    }
}

fn demo_key() -> String {
    std::fs::read_to_string(demo().data.join("vkey")).unwrap().trim().to_owned()
}

#[test]
fn a_stranger_verifies_the_demo() {
    let Some(python) = python() else { return };
    let bundle = demo().data.join("bundle");
    let mut pair = Pair::new(python, &demo_key());
    let good = pair.agree(&bundle, "the demo");
    assert_eq!((good.code, good.verdict.as_str()), (0, "INTACT-WITH-ERASURES"));
    pair.key.clear();
    assert_eq!(pair.agree(&bundle, "without a key").code, 4);
    pair.key = Pair::new(PathBuf::new(), &other_key()).key;
    assert_eq!(pair.agree(&bundle, "with another key").code, 4);
}

fn other_key() -> String {
    record::note::NoteSigner::new("somebody.example", &[9; 32]).unwrap().vkey().to_string()
}

#[test]
fn a_stranger_verifies_a_tar_and_an_older_checkpoint() {
    let Some(python) = python() else { return };
    let small = crate::verify::Small::new();
    let mut pair = Pair::new(python, &small.vkey);
    let tar = small.bundle.with_extension("tar");
    assert_eq!(pair.agree(&tar, "the tar").code, 0);
    let original = std::fs::read(&tar).unwrap();
    let changed = tar.with_file_name("changed.tar");
    let mut dice = Dice::new(SEED);
    for _ in 0..20 {
        let mut bytes = original.clone();
        let at = dice.below(bytes.len());
        bytes[at] ^= 1;
        std::fs::write(&changed, &bytes).unwrap();
        assert_eq!(pair.agree(&changed, &format!("byte {at} of the tar")).code, 5);
    }
    let checkpoint = small.bundle.join("checkpoint");
    pair.key.extend(["--previous".to_owned(), checkpoint.to_str().unwrap().to_owned()]);
    assert_eq!(pair.agree(&small.bundle, "its own checkpoint").code, 0);
    let earlier = small.bundle.with_file_name("earlier");
    assert_eq!(pair.agree(&earlier, "a cut tail").code, 3);
}

/// The kind of a file: its path without numbers.
fn kind(path: &str) -> String {
    path.chars().filter(|letter| !letter.is_ascii_digit() && *letter != 'x').collect()
}

#[test]
fn a_stranger_finds_every_change_that_zegel_finds() {
    let Some(python) = python() else { return };
    let (_holder, data) = demo().copy();
    let bundle = data.join("bundle");
    let pair = Pair::new(python, &demo_key());
    assert_eq!(pair.agree(&bundle, "the unchanged copy").code, 0);
    let mut kinds = BTreeMap::<String, Vec<String>>::new();
    for file in files_below(&bundle) {
        let path = file.strip_prefix(&bundle).unwrap().to_str().unwrap().to_owned();
        kinds.entry(kind(&path)).or_default().push(path);
    }
    let (mut dice, mut tried) = (Dice::new(SEED), 0);
    for (kind, paths) in &kinds {
        for change in ["byte", "byte", "byte", "shorter", "missing"] {
            let path = &paths[dice.below(paths.len())];
            let what = format!("{change} of {path} (kind {kind}, seed {SEED})");
            let said = changed(&pair, &bundle.join(path), &bundle, change, &mut dice, &what);
            let expected = if change == "missing" { 3 } else { 5 };
            assert_eq!(said.code, expected, "{what}: {said:?}");
            tried += 1;
        }
    }
    eprintln!("{tried} changes of {} kinds of files, seed {SEED}: both agree", kinds.len());
    assert!(tried >= 60, "{tried}");
    assert_eq!(pair.agree(&bundle, "put back").code, 0);
}

fn changed(
    pair: &Pair,
    file: &Path,
    bundle: &Path,
    change: &str,
    dice: &mut Dice,
    what: &str,
) -> Said {
    let original = std::fs::read(file).unwrap();
    let mut bytes = original.clone();
    let at = dice.below(bytes.len());
    match change {
        "byte" => bytes[at] ^= 1 << dice.below(8),
        "shorter" => bytes.truncate(at),
        _ => {}
    }
    if change == "missing" {
        std::fs::remove_file(file).unwrap();
    } else {
        std::fs::write(file, &bytes).unwrap();
    }
    let said = pair.agree(bundle, &format!("{what} at {at}"));
    std::fs::write(file, original).unwrap();
    said
}

/// Journals of every kind that a forger with the key can make, by replay-tests/scripts/forge.py:
/// attacks with a known answer, and random histories. `ZEGEL_FORGERIES` says how many.
#[test]
fn forgeries_by_the_holder_of_the_key_deceive_neither() {
    let Some(python) = python() else { return };
    let holder = tempfile::tempdir().unwrap();
    let count = std::env::var("ZEGEL_FORGERIES").unwrap_or_else(|_| "120".to_owned());
    let forge = here("replay-tests/scripts/forge.py");
    let status = Command::new(&python)
        .arg(forge)
        .arg(holder.path())
        .args([&SEED.to_string(), &count])
        .status()
        .unwrap();
    assert!(status.success(), "forge.py");
    let listed = std::fs::read(holder.path().join("cases.json")).unwrap();
    let listed: Value = serde_json::from_slice(&listed).unwrap();
    let pair = Pair::new(python, listed["vkey"].as_str().unwrap());
    let mut by_code = BTreeMap::<i32, u64>::new();
    for case in listed["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let said = pair.agree(Path::new(case["path"].as_str().unwrap()), name);
        if let Some(expected) = case["code"].as_i64() {
            assert_eq!(i64::from(said.code), expected, "{name}: {said:?}");
        }
        *by_code.entry(said.code).or_default() += 1;
    }
    eprintln!("forgeries by exit code, seed {SEED}: {by_code:?}");
    assert!([0, 3, 5].iter().all(|code| by_code.contains_key(code)), "{by_code:?}");
}

/// The shell blocks of VERIFY.md, as an auditor runs them; `b3sum` is played by Python.
#[test]
fn the_instructions_in_the_bundle_work() {
    let Some(python) = python() else { return };
    for tool in ["openssl", "xxd", "sha256sum", "python3"] {
        let found = Command::new("sh").arg("-c").arg(format!("command -v {tool} >&2")).status();
        if !found.unwrap().success() {
            return eprintln!("skipped: no {tool}");
        }
    }
    let small = crate::verify::Small::new();
    let tools = tempfile::tempdir().unwrap();
    let b3sum = tools.path().join("b3sum");
    let script = "import sys, blake3; print(blake3.blake3(sys.stdin.buffer.read()).hexdigest())";
    let script = format!("#!/bin/sh\nexec {} -c '{script}'\n", python.display());
    std::fs::write(&b3sum, script).unwrap();
    assert!(Command::new("chmod").arg("+x").arg(&b3sum).status().unwrap().success());
    let blocks = blocks(&std::fs::read_to_string(small.bundle.join("VERIFY.md")).unwrap());
    assert_eq!(blocks.len(), 4, "files, signatures, tree, witness");
    let run = |block: &str| {
        let path = std::env::var("PATH").unwrap();
        // The blocks write to /tmp; this test writes beside its own files.
        let block = block.replace("/tmp/", &format!("{}/", tools.path().display()));
        let mut bash = Command::new("bash");
        bash.args(["-euo", "pipefail", "-c", &block]).current_dir(&small.bundle);
        bash.env("PATH", format!("{}:{path}", tools.path().display())).output().unwrap()
    };
    for block in &blocks {
        let output = run(block);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{block}\n{error}");
    }
    let hash = String::from_utf8(run(&blocks[3]).stdout).unwrap();
    let witness = std::fs::read_to_string(small.bundle.join("witness")).unwrap();
    assert!(witness.contains(&format!("hash {}", hash.trim())), "{hash} is not in {witness}");
    let body = small.bundle.join("records/bodies/00000000");
    let mut bytes = std::fs::read(&body).unwrap();
    bytes[9] ^= 1;
    std::fs::write(&body, bytes).unwrap();
    assert!(!run(&blocks[0]).status.success(), "the digests tell");
    assert!(!run(&blocks[2]).status.success(), "the bodies tell");
}

fn blocks(markdown: &str) -> Vec<String> {
    let block = |text: &str| text.split("\n```").next().unwrap().to_owned();
    markdown.split("```bash\n").skip(1).map(block).collect()
}
