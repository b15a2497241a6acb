//! A bundle of the real binary, changed in every way that one byte and one key allow.
//!
//! *Invariant:* each harness first accepts the unchanged bundle, so that a refusal means something.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use evidence::{Options, Report, Severity, Verdict};
use record::checkpoint::Checkpoint;
use record::note::{Note, NoteSigner, Vkey};
use replay_tests::dice::Dice;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::{copy_tree, demo, files_below, zegel, zegel_json};

/// A small installation, and the bundles of its tenant at two sizes.
pub(crate) struct Small {
    _holder: tempfile::TempDir,
    home: PathBuf,
    /// Eight records, with an erasure.
    pub(crate) bundle: PathBuf,
    /// The first three of them.
    earlier: PathBuf,
    pub(crate) vkey: String,
}

impl Small {
    pub(crate) fn new() -> Self {
        let holder = tempfile::tempdir().unwrap();
        let home = holder.path().join("data");
        let data = home.to_str().unwrap();
        let vkey = text(&zegel_json(&["init", "--data", data]), "vkey");
        let tenant = zegel_json(&["tenant", "start", "--data", data, "--name", "De Regenboog"]);
        let tenant = text(&tenant, "tenant");
        let add = |name| {
            let person = ["person", "add", "--data", data, "--tenant", &tenant, "--name", name];
            text(&zegel_json(&person), "subject")
        };
        add("Ann");
        let bob = add("Bob");
        let (earlier, bundle) = (holder.path().join("earlier"), holder.path().join("bundle"));
        export(data, &tenant, &earlier);
        zegel_json(&["erase", "--data", data, "--tenant", &tenant, "--subject", &bob, "--yes"]);
        export(data, &tenant, &bundle);
        export(data, &tenant, &holder.path().join("bundle.tar"));
        Self { _holder: holder, home, bundle, earlier, vkey }
    }

    /// The installation's own key, as whoever runs it can read it.
    fn signer(&self) -> NoteSigner {
        signer_of(&self.home, &self.vkey)
    }

    fn key(&self) -> Vkey {
        Vkey::parse(&self.vkey).unwrap()
    }

    fn tar(&self) -> PathBuf {
        self.bundle.with_extension("tar")
    }
}

pub(crate) fn text(json: &Value, field: &str) -> String {
    json[field].as_str().unwrap().to_owned()
}

pub(crate) fn export(data: &str, tenant: &str, out: &Path) {
    let out = out.to_str().unwrap();
    zegel_json(&["export", "bundle", "--data", data, "--tenant", tenant, "--out", out]);
}

pub(crate) fn signer_of(home: &Path, vkey: &str) -> NoteSigner {
    let secret: [u8; 32] =
        std::fs::read(home.join("keys/signing.key")).unwrap().try_into().unwrap();
    let name = vkey.split('+').next().unwrap();
    let signer = NoteSigner::new(name, &secret).unwrap();
    assert_eq!(signer.vkey().to_string(), vkey, "the key of the installation");
    signer
}

fn options(key: Vkey) -> Options {
    Options { key: Some(key), previous: None }
}

fn rules(report: &Report) -> BTreeSet<&'static str> {
    let bad = |severity| matches!(severity, Severity::Tampered | Severity::Incomplete);
    report.findings.iter().filter(|found| bad(found.severity)).map(|found| found.rule).collect()
}

/// 5 or 3, with a file or a record named.
#[track_caller]
fn assert_refused(report: &Report, what: &str) {
    let refused = matches!(report.verdict, Verdict::Tampered | Verdict::Incomplete);
    assert!(refused, "{what}: {}", report.to_text());
    let worst = report.findings.first().unwrap();
    assert!(worst.file.is_some() || worst.seq.is_some(), "{what}: {worst:?} names nothing");
}

/// Writes the manifest anew over what is there, and signs it.
pub(crate) fn sign_again(bundle: &Path, signer: &NoteSigner) {
    let old = std::fs::read_to_string(bundle.join("manifest")).unwrap();
    let mut signed: String = old.lines().take(3).flat_map(|line| [line, "\n"]).collect();
    let name = |file: &PathBuf| file.strip_prefix(bundle).unwrap().to_str().unwrap().to_owned();
    let mut files: Vec<String> = files_below(bundle).iter().map(name).collect();
    files.sort();
    for path in files.iter().filter(|path| *path != "manifest") {
        let bytes = std::fs::read(bundle.join(path)).unwrap();
        for byte in Sha256::digest(&bytes) {
            write!(signed, "{byte:02x}").unwrap();
        }
        writeln!(signed, " {} {path}", bytes.len()).unwrap();
    }
    std::fs::write(bundle.join("manifest"), signer.sign(&signed).to_string()).unwrap();
}

/// A copy of a bundle, one file of which is changed at a time.
struct Bench {
    _holder: tempfile::TempDir,
    bundle: PathBuf,
    files: BTreeMap<String, Vec<u8>>,
    options: Options,
    /// Whose key signs the manifest again after a change.
    again: Option<NoteSigner>,
}

impl Bench {
    fn new(original: &Path, key: Vkey, again: Option<NoteSigner>) -> Self {
        let holder = tempfile::tempdir().unwrap();
        let bundle = holder.path().join("bundle");
        copy_tree(original, &bundle);
        let read = |file: PathBuf| {
            let name = file.strip_prefix(&bundle).unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read(&file).unwrap())
        };
        let files = files_below(&bundle).into_iter().map(read).collect();
        let bench = Self { _holder: holder, bundle, files, options: options(key), again };
        if let Some(signer) = &bench.again {
            sign_again(&bench.bundle, signer);
        }
        let report = bench.verify();
        assert_eq!(report.verdict, Verdict::IntactWithErasures, "{}", report.to_text());
        bench
    }

    fn verify(&self) -> Report {
        evidence::verify(&self.bundle, &self.options)
    }

    /// What the verifier says with this file so; then the file is put back.
    fn with(&self, name: &str, bytes: &[u8]) -> Report {
        let path = self.bundle.join(name);
        std::fs::write(&path, bytes).unwrap();
        if let Some(signer) = &self.again {
            sign_again(&self.bundle, signer);
        }
        let report = self.verify();
        std::fs::write(&path, &self.files[name]).unwrap();
        report
    }

    fn flipped(&self, name: &str, at: usize, by: u8) -> Report {
        let mut bytes = self.files[name].clone();
        bytes[at] ^= by;
        self.with(name, &bytes)
    }
}

/// Some change of a byte: any of the 255.
fn other(dice: &mut Dice) -> u8 {
    u8::try_from(dice.below(255) + 1).unwrap()
}

fn exit(arguments: &[&str]) -> i32 {
    zegel(arguments).status.code().unwrap()
}

#[test]
fn the_demo_is_intact_with_its_key_and_untrusted_without() {
    let bundle = demo().data.join("bundle");
    let (bundle, key) = (bundle.to_str().unwrap(), demo_key());
    let good = zegel_json(&["verify", bundle, "--key", &key]);
    assert_eq!(
        (good["verdict"].as_str(), good["exit_code"].as_u64()),
        (Some("INTACT-WITH-ERASURES"), Some(0))
    );
    assert!(good["first_bad"].is_null() && good["findings"].as_array().unwrap().is_empty());
    assert_eq!(exit(&["verify", bundle]), 4);
    let stranger = NoteSigner::new("somebody.example", &[9; 32]).unwrap().vkey().to_string();
    assert_eq!(exit(&["verify", bundle, "--key", &stranger]), 4);
}

fn demo_key() -> String {
    std::fs::read_to_string(demo().data.join("vkey")).unwrap().trim().to_owned()
}

#[test]
fn the_binary_says_which_record_is_bad() {
    let (_holder, data) = demo().copy();
    let (bundle, key) = (data.join("bundle"), demo_key());
    let body = bundle.join("records/bodies/00000003");
    let mut bytes = std::fs::read(&body).unwrap();
    bytes[5] ^= 1;
    std::fs::write(&body, &bytes).unwrap();
    let output = zegel(&["--json", "verify", bundle.to_str().unwrap(), "--key", &key]);
    assert_eq!(output.status.code(), Some(5));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((said["verdict"].as_str(), said["exit_code"].as_u64()), (Some("TAMPERED"), Some(5)));
    assert_eq!(said["first_bad"]["seq"].as_u64(), Some(3072), "the first record of that file");
    let named = |finding: &Value| finding["file"] == "records/bodies/00000003";
    assert!(said["findings"].as_array().unwrap().iter().any(named));
}

#[test]
fn every_byte_of_a_small_bundle_counts() {
    let small = Small::new();
    let bench = Bench::new(&small.bundle, small.key(), None);
    let mut dice = Dice::new(41);
    let mut tried = 0;
    for (name, bytes) in &bench.files {
        for at in 0..bytes.len() {
            let by = other(&mut dice);
            let report = bench.flipped(name, at, by);
            assert_refused(&report, &format!("byte {at} of {name} by {by:#x}"));
            assert_eq!(report.verdict, Verdict::Tampered, "byte {at} of {name}");
            tried += 1;
        }
    }
    eprintln!("changed {tried} bytes of {} files, each alone", bench.files.len());
    assert_eq!(bench.verify().exit_code, 0, "put back, it is what it was");
}

/// The holder of the key changes a byte and signs the manifest again: then the digests agree, and
/// chain, tree, statements or form must tell.
#[test]
fn every_byte_counts_though_the_real_key_signs_again() {
    let small = Small::new();
    let bench = Bench::new(&small.bundle, small.key(), Some(small.signer()));
    let mut dice = Dice::new(42);
    let (mut tried, mut by_rule) = (0, BTreeMap::<&str, u64>::new());
    for (name, bytes) in bench.files.iter().filter(|(name, _)| *name != "manifest") {
        for at in 0..bytes.len() {
            let report = bench.flipped(name, at, other(&mut dice));
            assert_refused(&report, &format!("byte {at} of {name}"));
            let rules = rules(&report);
            assert!(!rules.contains("file-digest"), "byte {at} of {name}: {rules:?}");
            rules.into_iter().for_each(|rule| *by_rule.entry(rule).or_default() += 1);
            tried += 1;
        }
    }
    eprintln!("changed {tried} bytes and signed again: {by_rule:?}");
    let expected = ["body-digest", "census", "chain", "entry", "header-form", "keys", "note-form"];
    let expected = expected.iter().chain(&["recomputed", "tile", "tree-root", "witness"]);
    for rule in expected {
        assert!(by_rule.contains_key(rule), "`{rule}` was never the reason");
    }
}

#[test]
fn shorter_longer_missing_and_foreign_files_are_found() {
    let small = Small::new();
    for again in [None, Some(small.signer())] {
        let bench = Bench::new(&small.bundle, small.key(), again);
        for (name, bytes) in bench.files.iter().filter(|(name, _)| *name != "manifest") {
            assert_refused(&bench.with(name, &bytes[..bytes.len() - 1]), name);
            assert_refused(&bench.with(name, &[bytes.as_slice(), b"\n"].concat()), name);
            assert_refused(&bench.with(name, b""), name);
            std::fs::remove_file(bench.bundle.join(name)).unwrap();
            let missing = bench.verify();
            assert_eq!(missing.exit_code, 3, "{name}: {}", missing.to_text());
            assert!(missing.findings.iter().any(|found| found.file.as_ref() == Some(name)));
            std::fs::write(bench.bundle.join(name), bytes).unwrap();
        }
        let link = bench.bundle.join("records/more");
        std::os::unix::fs::symlink(bench.bundle.join("keys"), &link).unwrap();
        assert_eq!(bench.verify().exit_code, 5, "a link");
        std::fs::remove_file(link).unwrap();
        std::fs::create_dir(bench.bundle.join("tile/7")).unwrap();
        assert_eq!(bench.verify().exit_code, 5, "an empty directory");
    }
}

#[test]
fn a_file_that_the_signed_manifest_leaves_out_is_not_forgiven() {
    let small = Small::new();
    let bench = Bench::new(&small.bundle, small.key(), Some(small.signer()));
    for (name, bytes) in bench.files.iter().filter(|(name, _)| *name != "manifest") {
        std::fs::remove_file(bench.bundle.join(name)).unwrap();
        sign_again(&bench.bundle, &small.signer());
        assert_refused(&bench.verify(), name);
        std::fs::write(bench.bundle.join(name), bytes).unwrap();
    }
}

#[test]
fn bodies_that_change_places_are_found() {
    let small = Small::new();
    let bench = Bench::new(&small.bundle, small.key(), Some(small.signer()));
    let name = "records/bodies/00000000";
    let bodies = frames(&bench.files[name]);
    let equal = |a: usize, b: usize| bodies[a].len() == bodies[b].len();
    let pairs: Vec<(usize, usize)> = (0..bodies.len())
        .flat_map(|a| (a + 1..bodies.len()).map(move |b| (a, b)))
        .filter(|(a, b)| equal(*a, *b))
        .collect();
    assert!(!pairs.is_empty(), "two bodies of one length");
    for (a, b) in pairs {
        let mut swapped = bodies.clone();
        swapped.swap(a, b);
        let report = bench.with(name, &swapped.concat());
        assert!(rules(&report).contains("body-digest"), "{a} and {b}: {}", report.to_text());
    }
    let name = "records/headers/00000000";
    let headers = frames(&bench.files[name]);
    for a in 1..headers.len() {
        let mut swapped = headers.clone();
        swapped.swap(a - 1, a);
        let report = bench.with(name, &swapped.concat());
        assert!(rules(&report).contains("sequence"), "{a}: {}", report.to_text());
    }
}

pub(crate) fn frames(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    while let Some((length, _)) = bytes.split_first_chunk::<4>() {
        let end = usize::try_from(u32::from_be_bytes(*length)).unwrap() + 4;
        frames.push(bytes[..end].to_vec());
        bytes = &bytes[end..];
    }
    frames
}

/// Positions over the whole demonstration, as often in a file as it is long, and in every file.
#[test]
fn two_hundred_bytes_of_the_demo_count() {
    let (data, key) = (&demo().data, demo_key());
    for again in [None, Some(signer_of(data, &key))] {
        let signed = again.is_some();
        let bench = Bench::new(&data.join("bundle"), Vkey::parse(&key).unwrap(), again);
        let mut dice = Dice::new(43);
        let bytes: usize = bench.files.values().map(Vec::len).sum();
        let mut tried = 0;
        for _ in 0..if signed { 20 } else { 200 } {
            let (name, at) = place(&bench.files, dice.below(bytes));
            assert_changed(&bench, &name, at, &mut dice, signed);
            tried += 1;
        }
        for (name, bytes) in &bench.files {
            if name.ends_with('7') || !name.contains('/') {
                assert_changed(&bench, name, dice.below(bytes.len()), &mut dice, signed);
                tried += 1;
            }
        }
        eprintln!("changed {tried} of {bytes} bytes, manifest signed again: {signed}");
    }
}

fn assert_changed(bench: &Bench, name: &str, at: usize, dice: &mut Dice, signed: bool) {
    if signed && name == "manifest" {
        return;
    }
    let report = bench.flipped(name, at, other(dice));
    assert_refused(&report, &format!("byte {at} of {name}"));
    // A changed manifest may state another digest of a file: then both are found.
    if name != "manifest" {
        assert_eq!(rules(&report).contains("file-digest"), !signed, "{name}");
    }
}

fn place(files: &BTreeMap<String, Vec<u8>>, mut at: usize) -> (String, usize) {
    for (name, bytes) in files {
        if at < bytes.len() {
            return (name.clone(), at);
        }
        at -= bytes.len();
    }
    panic!("beyond the last file");
}

#[test]
fn a_bundle_signed_wholly_by_another_key_is_untrusted() {
    let small = Small::new();
    let name = small.vkey.split('+').next().unwrap();
    let thief = NoteSigner::new(name, &[13; 32]).unwrap();
    let (_holder, bundle) = copied(&small.bundle);
    std::fs::write(bundle.join("keys"), format!("{}\n", thief.vkey())).unwrap();
    let checkpoint = checkpoint_of(&small.bundle);
    std::fs::write(bundle.join("checkpoint"), checkpoint.sign(&thief).to_string()).unwrap();
    sign_again(&bundle, &thief);
    let bundle = bundle.to_str().unwrap();
    assert_eq!(exit(&["verify", bundle, "--key", &small.vkey]), 4);
    assert_eq!(exit(&["verify", bundle, "--key", &thief.vkey().to_string()]), 0, "the control");
}

fn copied(bundle: &Path) -> (tempfile::TempDir, PathBuf) {
    let holder = tempfile::tempdir().unwrap();
    let copy = holder.path().join("copy");
    copy_tree(bundle, &copy);
    (holder, copy)
}

fn checkpoint_of(bundle: &Path) -> Checkpoint {
    let note = std::fs::read_to_string(bundle.join("checkpoint")).unwrap();
    Checkpoint::parse(Note::parse(&note).unwrap().text()).unwrap()
}

#[test]
fn an_older_checkpoint_shows_forks_and_cut_tails() {
    let small = Small::new();
    let holder = tempfile::tempdir().unwrap();
    let kept = holder.path().join("kept");
    let with = |bundle: &Path, note: &str| {
        std::fs::write(&kept, note).unwrap();
        let (bundle, kept) = (bundle.to_str().unwrap(), kept.to_str().unwrap());
        exit(&["verify", bundle, "--key", &small.vkey, "--previous", kept])
    };
    let note = |bundle: &Path| std::fs::read_to_string(bundle.join("checkpoint")).unwrap();
    let (now, before) = (note(&small.bundle), note(&small.earlier));
    assert_eq!(with(&small.bundle, &before), 0, "an older checkpoint of the same journal");
    assert_eq!(with(&small.bundle, &now), 0, "the same checkpoint");
    assert_eq!(with(&small.earlier, &now), 3, "the erasure at the end was cut off");
    let mut forked = checkpoint_of(&small.earlier);
    forked.head.root.0[7] ^= 1;
    let (real, thief) = (small.signer(), NoteSigner::new("thief.example", &[13; 32]).unwrap());
    assert_eq!(with(&small.bundle, &forked.sign(&real).to_string()), 5, "a fork");
    assert_eq!(with(&small.bundle, &forked.sign(&thief).to_string()), 4, "a fork by nobody");
    let mut foreign = checkpoint_of(&small.earlier);
    foreign.origin.journal = record::JournalId::from_bytes([1; 16]);
    assert_eq!(with(&small.bundle, &foreign.sign(&real).to_string()), 5, "another journal");
    assert_eq!(with(&small.bundle, "no checkpoint"), 4, "nothing to compare with");
}

/// The key signs a checkpoint over fewer records than the bundle has: nothing is half shown.
#[test]
fn a_checkpoint_of_another_size_does_not_fit_its_records() {
    let small = Small::new();
    for (from, to) in [(&small.earlier, &small.bundle), (&small.bundle, &small.earlier)] {
        let (_holder, bundle) = copied(to);
        copy_tree(&from.join("checkpoint"), &bundle.join("checkpoint"));
        let origin = std::fs::read_to_string(from.join("manifest")).unwrap();
        std::fs::write(bundle.join("manifest"), origin).unwrap();
        sign_again(&bundle, &small.signer());
        assert_refused(&evidence::verify(&bundle, &options(small.key())), "another size");
    }
}

#[test]
fn a_tar_is_as_good_as_a_directory_and_no_byte_of_it_is_free() {
    let small = Small::new();
    let tar = small.tar();
    assert_eq!(exit(&["verify", tar.to_str().unwrap(), "--key", &small.vkey]), 0);
    let original = std::fs::read(&tar).unwrap();
    let changed = tar.with_file_name("changed.tar");
    let mut dice = Dice::new(44);
    for at in 0..original.len() {
        let mut bytes = original.clone();
        bytes[at] ^= other(&mut dice);
        std::fs::write(&changed, &bytes).unwrap();
        let report = evidence::verify(&changed, &options(small.key()));
        assert_refused(&report, &format!("byte {at} of the tar"));
        assert_eq!(report.verdict, Verdict::Tampered, "byte {at} of the tar");
    }
    assert_eq!(exit(&["verify", changed.to_str().unwrap(), "--key", &small.vkey]), 5);
    std::fs::write(&changed, &original[..original.len() - 512]).unwrap();
    assert_eq!(exit(&["verify", changed.to_str().unwrap(), "--key", &small.vkey]), 5, "cut off");
    std::fs::write(&changed, &original).unwrap();
    assert_eq!(exit(&["verify", changed.to_str().unwrap(), "--key", &small.vkey]), 0, "put back");
    eprintln!("changed each of {} bytes of the tar", original.len());
}

#[test]
fn a_bundle_that_is_not_there_is_not_verified() {
    let holder = tempfile::tempdir().unwrap();
    assert_eq!(exit(&["verify", holder.path().join("nothing").to_str().unwrap()]), 1);
    assert_eq!(exit(&["verify", holder.path().to_str().unwrap()]), 3, "an empty directory");
}
