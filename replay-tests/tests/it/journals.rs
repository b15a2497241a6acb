//! Frozen journals: what an older version wrote opens in this one and shows what it showed then.
//!
//! `journals/NAME.tar.gz` is an installation with its keys, `NAME.json` what it showed when it was
//! frozen (`examples/freeze`). Neither is ever made anew; `journals/SUMS` notices.

use std::path::{Path, PathBuf};
use std::process::Command;

use journal::Store;
use record::{JournalId, Seq};
use serde_json::Value;
use vault::{Opening, Vault};

use crate::school::School;
use crate::support::{zegel, zegel_json};

#[path = "../../examples/freeze/observed.rs"]
mod observed;

const V1: &str = "v1-survey-and-erasure";

fn frozen() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("journals")
}

/// What it showed when it was frozen.
fn expected(name: &str) -> Value {
    let text = std::fs::read(frozen().join(name).with_extension("json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// Unpacks a frozen installation; one that this test alone has.
fn unpack(name: &str) -> (tempfile::TempDir, PathBuf) {
    let holder = tempfile::tempdir().unwrap();
    let archive = frozen().join(name).with_extension("tar.gz");
    let mut tar = Command::new("tar");
    let status = tar.arg("-xzf").arg(archive).arg("-C").arg(holder.path()).status().unwrap();
    assert!(status.success(), "tar -xzf");
    let home = holder.path().join("installation");
    (holder, home)
}

fn id_of(tenant: &str) -> JournalId {
    JournalId::from_hex(expected(V1)["tenants"][tenant]["id"].as_str().unwrap()).unwrap()
}

#[test]
fn the_first_version_still_shows_what_it_showed() {
    let (holder, home) = unpack(V1);
    let mut school = School::at(&home, holder);
    let expected = expected(V1);
    let mut shown = observed::installation(school.engine()).unwrap();
    assert_eq!(differences("", &expected, &shown), [""; 0]);
    // Some of it by name, so that it can be read here.
    let busy = &shown["tenants"]["busy"];
    assert_eq!(busy["replay"]["kind"], "equal");
    assert_eq!(busy["parts"]["survey.response-submitted v1 part 1 open"], 2);
    assert_eq!(busy["parts"]["survey.respondent-linked v1 part 1 erased"], 13);
    let stages = busy["erasures"]["erasures"].as_array().unwrap().iter();
    let stages: Vec<_> = stages.map(|erasure| erasure["stage"].as_str().unwrap()).collect();
    assert_eq!(stages, ["completed", "completed", "ordered"]);
    assert_eq!(shown["tenants"]["open"]["replay"]["kind"], "equal");
    assert_eq!(shown["tenants"]["ended"]["replay"]["kind"], "ended");
    // The control: one number less is found.
    shown["tenants"]["busy"]["parts"]["survey.response-submitted v1 part 1 open"] = 1.into();
    let found = differences("", &expected, &shown);
    assert_eq!(found, ["/tenants/busy/parts/survey.response-submitted v1 part 1 open: 2, now 1"]);
}

/// Where what was shown then is not shown now; what is shown besides is this version's affair.
fn differences(at: &str, then: &Value, now: &Value) -> Vec<String> {
    match (then, now) {
        (Value::Object(then), Value::Object(_)) => {
            let below = |(name, then)| differences(&format!("{at}/{name}"), then, &now[name]);
            then.iter().flat_map(below).collect()
        }
        (Value::Array(then), Value::Array(now)) if then.len() == now.len() => {
            let pairs = then.iter().zip(now).enumerate();
            pairs.flat_map(|(place, (a, b))| differences(&format!("{at}/{place}"), a, b)).collect()
        }
        _ if then == now => Vec::new(),
        _ => vec![format!("{at}: {then}, now {now}")],
    }
}

/// Thirty responses were published, two of them in version 1: they are read like all others.
#[test]
fn responses_of_the_first_version_count() {
    let (holder, home) = unpack(V1);
    let tenant = id_of("busy");
    let store = Store::open(&home.join("db"), false).unwrap();
    let slots = home.join("keys").join(format!("{tenant}.slots"));
    let vault = Vault::open(&slots, &mut |key| store.page(tenant, key).unwrap()).unwrap();
    let size = store.head(tenant).unwrap().size;
    let (mut first_version, mut facts) = (0, Vec::new());
    for record in store.scan(tenant, Seq(0), Seq(size)).map(Result::unwrap) {
        if record.header.kind.name() != "survey.response-submitted" {
            continue;
        }
        let opened = match vault.open_part(&record.header, 0, &record.bodies[0]) {
            Opening::Open(opened) => opened.bytes.as_slice().to_vec(),
            _ => panic!("the facts of record {} open", record.header.seq),
        };
        facts.push(opened.len());
        if record.header.kind.version() == 1 {
            first_version += 1;
            assert_eq!(opened.len(), 16, "the round, and no import");
        }
    }
    assert_eq!((first_version, facts.len()), (2, 28 + 2 + 12));
    assert_eq!(facts.iter().filter(|length| **length == 16).count(), 2, "the others say more");
    drop(store);

    let mut school = School::at(&home, holder);
    let engine = school.engine();
    let tenant = engine.tenant(tenant).unwrap();
    let board = tenant.views().surveys().board().rounds;
    let round = board.iter().find(|round| round.name == "Voorjaar").unwrap();
    assert_eq!(round.responses, 30);
    assert_eq!(tenant.views().analyses().newest(round.round).unwrap().responses, 30);
    // One person was erased since; both of version 1 are among those that still open.
    assert_eq!(engine.gather(tenant, round.round).unwrap().len(), 29);
}

#[test]
fn the_first_version_exports_replays_and_goes_on() {
    let (_holder, home) = unpack(V1);
    let data = home.to_str().unwrap();
    let vkey = std::fs::read_to_string(home.join("vkey")).unwrap();
    assert_eq!(expected(V1)["vkey"], vkey.trim_end());
    let bundle = home.join("bundle");
    let at = bundle.to_str().unwrap();
    zegel_json(&["export", "bundle", "--data", data, "--tenant", "busy", "--out", at]);
    let verified = zegel(&["verify", at, "--key", vkey.trim_end()]);
    let said = String::from_utf8(verified.stdout).unwrap();
    assert!(verified.status.success() && said.contains("INTACT-WITH-ERASURES"), "{said}");
    let kinds = |checks: Value| -> Vec<String> {
        let checks = checks.as_array().unwrap().clone();
        checks.iter().map(|check| check["verdict"]["kind"].as_str().unwrap().to_owned()).collect()
    };
    let mut before = kinds(zegel_json(&["replay", "--check", "--data", data]));
    before.sort_unstable();
    assert_eq!(before, ["ended", "equal", "equal"]);

    // The order that waited can be approved by another than who asked.
    let keys = zegel_json(&["show", "key", "--data", data, "--tenant", "busy"]);
    let order = keys["erasures"][2]["order"].as_str().unwrap();
    let of = ["--data", data, "--tenant", "busy", "--approve", order];
    let alone = zegel(&[&["erase"], &of[..]].concat());
    assert_eq!(alone.status.code(), Some(1), "four eyes");
    let other = "a2".repeat(16);
    let receipt = zegel_json(&[&["erase"], &of[..], &["--by", &other]].concat());
    assert_eq!(receipt["leaves"], 3, "identity, answers and the link");
    // A round that stood open takes answers of today's version and closes.
    let closed = ["--data", data, "--tenant", "open", "--round", "Voorjaar"];
    zegel_json(&[&["survey", "close"], &closed[..]].concat());
    let mut after = kinds(zegel_json(&["replay", "--check", "--data", data]));
    after.sort_unstable();
    assert_eq!(after, ["ended", "equal", "equal"]);
}

#[test]
fn frozen_journals_are_never_changed() {
    let checked = Command::new("sha256sum")
        .args(["--check", "--strict", "SUMS"])
        .current_dir(frozen())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(checked.status.success(), "{said}");
    // Each file is listed, and small.
    for entry in std::fs::read_dir(frozen()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(["SUMS", "README.md"].contains(&name.as_str()) || said.contains(&name), "{name}");
        assert!(path.metadata().unwrap().len() < 300 * 1024, "{name} is too large");
    }
}
