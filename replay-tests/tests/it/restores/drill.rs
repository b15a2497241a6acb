//! The drill of the operator's guide, through the binary: lose the directory, restore, compare.

use std::path::Path;
use std::process::Command;

use engine::{Clock, Engine, Identity, Paths};
use record::{JournalId, TimestampMicros};
use serde_json::Value;

use crate::support::{copy_tree, demo, zegel, zegel_json};

/// What a person sees of a tenant, besides headers.
fn shown(data: &str) -> Vec<Value> {
    let tenants = zegel_json(&["show", "tenants", "--data", data]);
    let name = tenants[0]["name"].as_str().unwrap().to_owned();
    let of = |what: &str| zegel_json(&["show", what, "--data", data, "--tenant", &name]);
    vec![of("analysis"), of("rounds"), of("subjects")]
}

/// Digests of every view, over its canonical bytes: those that `replay --check` prints are keyed by
/// the root, which a restore replaces.
fn digests(data: &str) -> Vec<(&'static str, String)> {
    let guard = Path::new(data).with_file_name("the-guard");
    let paths = Paths::under(Path::new(data)).with_guard(guard);
    let clock = Clock::new(|| TimestampMicros(4_000_000_000_000_000));
    let engine = Engine::open(paths, clock).unwrap();
    let id = JournalId::from_hex(&engine.tenants()[0].tenant).unwrap();
    let inputs = engine.tenant(id).unwrap().views().digest_inputs();
    inputs.into_iter().map(|(name, bytes)| (name, blake3::hash(&bytes).to_string())).collect()
}

fn verdicts(data: &str) -> Vec<String> {
    let checks = zegel_json(&["replay", "--check", "--data", data]);
    let kind = |check: &Value| check["verdict"]["kind"].as_str().unwrap().to_owned();
    checks.as_array().unwrap().iter().map(kind).collect()
}

/// The guard of the demo stands in its directory; an operator keeps it elsewhere.
fn move_guard(data: &Path, guard: &Path) {
    std::fs::rename(data.join("guard"), guard).unwrap();
    let file = data.join("settings.json");
    let mut settings: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    settings["guard"] = guard.to_str().unwrap().into();
    std::fs::write(&file, settings.to_string()).unwrap();
}

#[test]
fn the_drill_brings_everything_back() {
    let (holder, data) = demo().copy();
    let beside = |name: &str| holder.path().join(name).to_str().unwrap().to_owned();
    let data = data.to_str().unwrap();
    let guard = beside("the-guard");
    move_guard(Path::new(data), Path::new(&guard));
    let holders = [(); 2].map(|()| Identity::generate().unwrap());
    let recipients = holders.each_ref().map(|identity| identity.recipient().to_string());
    let [one, other] = recipients.each_ref().map(String::as_str);
    let (escrow, backup) = (beside("the-escrow"), beside("the-backup"));
    let set = ["escrow", "set", "--data", data, "--to", &escrow, "--days", "30"];
    zegel_json(&[&set[..], &["--recipient", one, "--recipient", other]].concat());
    let report = zegel_json(&["backup", "--data", data, "--to", &backup]);
    assert!(report["escrow_stale"].is_null(), "{report}");
    let (before, vkey) = (shown(data), std::fs::read_to_string(format!("{data}/vkey")).unwrap());
    assert!(escrow_is_good(data));
    let digests_before = digests(data);
    // The backup holds no root, sealed or not; the escrow no readable one.
    let sealed = |at: &str| {
        let found = Command::new("grep").args(["-rlF", "age-encryption.org", at]).output().unwrap();
        !found.stdout.is_empty()
    };
    assert!(!sealed(&backup) && sealed(&escrow));

    std::fs::remove_dir_all(data).unwrap();
    let key = beside("holder.key");
    std::fs::write(&key, format!("{}\n", *holders[1].to_text())).unwrap();
    let actor = "a3".repeat(16);
    let restore = [
        ["restore", "--declare", "--data", data].as_slice(),
        &["--guard", &guard, "--from", &backup, "--escrow", &escrow],
        &["--identity", &key, "--ground", "drill", "--approved-by", &actor],
    ]
    .concat();
    let report = zegel_json(&restore);
    for journal in report["journals"].as_array().unwrap() {
        assert_eq!((&journal["records_lost"], &journal["keys_lost"]), (&0.into(), &0.into()));
    }
    zegel_json(&[&set[..], &["--recipient", one, "--recipient", other]].concat());
    assert!(escrow_is_good(data));
    assert_eq!(shown(data), before, "what is shown is what was shown");
    assert_eq!(digests(data), digests_before, "every view is what it was");
    assert!(digests_before.len() >= 6);
    assert!(verdicts(data).iter().all(|verdict| verdict == "equal"), "{:?}", verdicts(data));
    assert_eq!(std::fs::read_to_string(format!("{data}/vkey")).unwrap(), vkey);
    // The checkpoint of the demo's bundle is of the era before, and all of it came back.
    let (bundle, name) = (beside("after"), before_name(data));
    zegel_json(&["export", "bundle", "--data", data, "--tenant", &name, "--out", &bundle]);
    copy_tree(&demo().data.join("bundle"), Path::new(&beside("before")));
    let previous = format!("{}/checkpoint", beside("before"));
    let verify = ["verify", &bundle, "--key", vkey.trim(), "--previous", &previous];
    let verified = zegel(&verify);
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(verified.status.success() && said.contains("ground drill"), "{said}");
    // A second restore finds a database.
    let again = [&restore[..4], &restore[6..]].concat();
    assert_eq!(zegel(&again).status.code(), Some(1));
}

fn escrow_is_good(data: &str) -> bool {
    // Its exit speaks of the machine too, such as of swap.
    let output = zegel(&["--json", "doctor", "--data", data]);
    let health: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = health["findings"].as_array().unwrap();
    let escrow = findings.iter().find(|finding| finding["subject"] == "escrow");
    escrow.unwrap()["good"] == true
}

fn before_name(data: &str) -> String {
    let tenants = zegel_json(&["show", "tenants", "--data", data]);
    tenants[0]["name"].as_str().unwrap().to_owned()
}
