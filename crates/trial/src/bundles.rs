//! Whole bundles, and the tar that holds one.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use engine::{Clock, Engine, ErasureRequest, Paths, Question, QuestionKind, RoundId, SurveyId};
use evidence::{Options, Verdict, verify};
use record::note::{Note, NoteSigner, Vkey};
use record::public::ErasureApproved;
use record::{CommandId, Hash, ScopeId, SubjectId, TimestampMicros};
use rules::Command;
use sha2::{Digest as _, Sha256};

/// A tar is canonical or refused.
pub(crate) fn tar(bytes: &[u8]) {
    if let Some(again) = evidence::trial::archive(bytes) {
        assert_eq!(again, bytes, "a tar is written as it was read");
    }
}

type Files = BTreeMap<String, Vec<u8>>;

/// A genuine bundle of a small school, with an erasure in it.
struct Genuine {
    files: Files,
    key: Vkey,
    scratch: PathBuf,
}

/// Changes of a genuine bundle, one after another: which file, where, what. The first byte tells
/// whether the manifest is then made to fit and signed again, with a key that nobody pinned.
///
/// A bundle that differs is never intact for who pinned the key; and nothing makes the verifier fail.
pub(crate) fn bundle(bytes: &[u8]) {
    let genuine = genuine();
    let [how, changes @ ..] = bytes else { return };
    let mut files = genuine.files.clone();
    for change in changes.chunks_exact(6).take(40) {
        apply(&mut files, change);
    }
    if how & 1 == 1 {
        resign(&mut files);
    }
    let tar = if how & 2 == 2 { changes.to_vec() } else { evidence::trial::archive_of(&files) };
    std::fs::write(&genuine.scratch, tar).unwrap();
    let key = (how & 4 == 0).then(|| genuine.key.clone());
    let pinned = key.is_some();
    let report = verify(&genuine.scratch, &Options { key, previous: None });
    let same = files == genuine.files && how & 2 == 0;
    let good = report.verdict.exit_code() == 0;
    assert!(pinned || !good, "without a pinned key nothing is good");
    assert!(same || !good, "a changed bundle is good: {changes:?}");
    assert!(!(same && pinned) || good, "the genuine bundle: {:?}", report.verdict);
    assert!(!matches!(report.verdict, Verdict::Intact) || good);
    let _text = report.to_text();
}

/// Two bytes choose the file and what is done, two the place, two are the new bytes.
fn apply(files: &mut Files, change: &[u8]) {
    let names: Vec<String> = files.keys().cloned().collect();
    let Some(name) = names.get(usize::from(change[0]) % names.len().max(1)) else { return };
    let mut content = files.get(name).cloned().unwrap_or_default();
    let at = usize::from(u16::from_be_bytes([change[2], change[3]])) % content.len().max(1);
    match change[1] % 8 {
        0 | 1 => drop(content.get_mut(at).map(|byte| *byte ^= change[4])),
        2 => content.truncate(at),
        3 => content.insert(at.min(content.len()), change[4]),
        4 if at < content.len() => drop(content.remove(at)),
        5 => {
            files.remove(name);
            return;
        }
        6 => {
            let other = &names[usize::from(change[4]) % names.len()];
            content.clone_from(&files[other]);
        }
        _ => {
            files.insert(format!("{name}{}", char::from(b'a' + change[4] % 26)), content);
            return;
        }
    }
    files.insert(name.clone(), content);
}

/// Makes the manifest fit its files, signed by somebody.
fn resign(files: &mut Files) {
    let Some(manifest) =
        files.get("manifest").and_then(|bytes| String::from_utf8(bytes.clone()).ok())
    else {
        return;
    };
    let Ok(note) = Note::parse(&manifest) else { return };
    let mut text: String = note.text().lines().take(3).map(|line| format!("{line}\n")).collect();
    for (path, content) in files.iter().filter(|(path, _)| *path != "manifest") {
        let digest: [u8; 32] = Sha256::digest(content).into();
        text.push_str(&format!("{} {} {path}\n", Hash(digest), content.len()));
    }
    let Ok(signer) = NoteSigner::new("zegel-somebody", &[9; 32]) else { return };
    files.insert("manifest".into(), signer.sign(&text).to_string().into_bytes());
}

/// The texts of the genuine bundle.
pub(crate) fn texts() -> Vec<Vec<u8>> {
    let files = &genuine().files;
    files.values().filter(|content| std::str::from_utf8(content).is_ok()).cloned().collect()
}

/// The genuine bundle as the product writes it.
pub(crate) fn genuine_tar() -> Vec<u8> {
    evidence::trial::archive_of(&genuine().files)
}

fn genuine() -> &'static Genuine {
    static GENUINE: OnceLock<Genuine> = OnceLock::new();
    GENUINE.get_or_init(|| {
        let home = tempfile::tempdir().unwrap();
        let (tar, key) = school(home.path());
        let mut files = Files::new();
        let mut archive = tar::Archive::new(std::fs::File::open(&tar).unwrap());
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let path = entry.path().unwrap().to_str().unwrap().to_owned();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            files.insert(path, content);
        }
        let scratch = scratch();
        Genuine { files, key: Vkey::parse(&key).unwrap(), scratch }
    })
}

/// One file for this process, in memory where the system has such a place.
fn scratch() -> PathBuf {
    let shared = Path::new("/dev/shm");
    let place = if shared.is_dir() { shared.to_owned() } else { std::env::temp_dir() };
    let thread = format!("{:?}", std::thread::current().id());
    let number: String = thread.chars().filter(char::is_ascii_digit).collect();
    place.join(format!("zegel-trial-{}-{number}.tar", std::process::id()))
}

fn school(home: &Path) -> (PathBuf, String) {
    let micros = std::sync::atomic::AtomicU64::new(1_700_000_000_000_000);
    let tick = move || micros.fetch_add(1_000, std::sync::atomic::Ordering::Relaxed);
    let clock = Clock::new(move || TimestampMicros(tick()));
    let mut engine = Engine::create(Paths::under(&home.join("school")), clock).unwrap();
    let tenant = engine.start_tenant("School").unwrap();
    let (survey, round) = (SurveyId::from_bytes([1; 16]), RoundId::from_bytes([2; 16]));
    let questions = vec![Question { text: "Clear?".into(), kind: QuestionKind::Agree5 }];
    let pseudonym = SubjectId::from_bytes([5; 16]);
    let commands = [
        Command::DefineSurvey { survey, title: "Lessons".into(), questions },
        Command::OpenRound {
            round,
            survey,
            name: "Autumn".into(),
            floor: 5,
            answers_scope: ScopeId::from_bytes([3; 16]),
            identity_scope: ScopeId::from_bytes([4; 16]),
            audience: None,
        },
        Command::SubmitResponse {
            round,
            pseudonym,
            group: "3a".into(),
            answers: vec![engine::Answer::Score(4)],
            import: None,
        },
    ];
    for (number, command) in (1..).zip(commands) {
        let id = CommandId::from_bytes([number; 16]);
        engine.execute_one(tenant, engine::Request { id, command }).unwrap();
    }
    erase(&mut engine, tenant, pseudonym);
    let tar = home.join("bundle.tar");
    engine.export_bundle(tenant, &tar, &mut |_, _| {}).unwrap();
    (tar, engine.vkey())
}

fn erase(engine: &mut Engine, tenant: record::JournalId, subject: SubjectId) {
    let by = record::ActorId::from_bytes([6; 16]);
    let request = ErasureRequest {
        targets: vec![record::public::Cut::Subject(subject)],
        ground: "art-17".into(),
        ordered_by: by,
        four_eyes: false,
    };
    let order = engine.order_erasure(tenant, request).unwrap();
    engine.approve_erasure(tenant, ErasureApproved { order, approved_by: by }).unwrap();
}
