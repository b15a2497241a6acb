//! Kills, failing calls, full disks, few descriptors and bent bits, in short (docs/reliability.md
//! has the long forms): `ordeal.py` drives the example `workload`, and the example `rot`.
//!
//! Each prints its figures and its seed. What is impossible on a machine is skipped, and said.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::support::zegel_bin;

/// How the scripts say that it cannot be done here.
pub(crate) const SKIPPED: i32 = 77;

/// An example, which is built along with the tests.
pub(crate) fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let example = test.parent().unwrap().parent().unwrap().join("examples").join(name);
    assert!(example.exists(), "cargo build -p replay-tests --example {name}");
    example
}

/// Runs one ordeal, which fails by itself unless it ends as expected; `None` if it was skipped.
fn ordeal(words: &[&str]) -> Option<Value> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/ordeal.py");
    let mut command = Command::new("python3");
    command.arg(script).args(words).env("PYTHONDONTWRITEBYTECODE", "1");
    command.arg("--workload").arg(example("workload")).arg("--rot").arg(example("rot"));
    let Ok(output) = command.arg("--zegel").arg(zegel_bin()).output() else {
        eprintln!("skipped: python3 is missing");
        return None;
    };
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(SKIPPED) {
        eprintln!("{printed}");
        return None;
    }
    eprintln!("{printed}");
    assert!(output.status.success(), "{printed}\n{said}");
    Some(serde_json::from_str(&printed).unwrap_or_else(|_| panic!("{output:?}")))
}

fn seen(figures: &Value, what: &str) -> u64 {
    figures["seen"][what].as_u64().unwrap_or(0)
}

#[test]
fn random_kills_lose_nothing_that_was_acknowledged() {
    let Some(figures) = ordeal(&["kills", "--rounds", "12"]) else { return };
    assert!(figures["acknowledged"].as_u64() > Some(100), "{figures}");
}

#[test]
fn kills_are_red_where_what_was_kept_is_forgotten() {
    let _expected_to_be_red = ordeal(&["kills", "--rounds", "8", "--control", "forgetful"]);
}

#[test]
fn a_kill_at_a_call_or_within_a_write_loses_nothing() {
    let Some(figures) = ordeal(&["sites", "--every", "60"]) else { return };
    assert!(seen(&figures, "kill") > 5 && seen(&figures, "torn") > 2, "{figures}");
}

#[test]
fn after_a_failed_sync_nothing_is_acknowledged_and_a_restart_is_clean() {
    let Some(figures) = ordeal(&["syncs", "--every", "45"]) else { return };
    assert!(seen(&figures, "5") > 4 && seen(&figures, "5 lasting") > 4, "{figures}");
}

#[test]
fn a_write_without_space_is_told_and_loses_nothing() {
    let Some(figures) = ordeal(&["nospace", "--every", "45"]) else { return };
    assert!(seen(&figures, "28") > 4 && seen(&figures, "28 lasting") > 4, "{figures}");
}

#[test]
fn on_a_full_disk_erasures_still_end() {
    let rounds = ["full", "--rounds", "8", "--leave-max", "20"];
    let Some(figures) = ordeal(&rounds) else { return };
    assert!(seen(&figures, "erasures on a full disk") > 0, "{figures}");
}

#[test]
fn without_its_reserve_a_full_disk_stops_erasures() {
    let rounds = ["full", "--rounds", "2", "--leave-max", "1", "--control", "no-reserve"];
    let _expected_to_be_red = ordeal(&rounds);
}

#[test]
fn few_descriptors_and_little_memory_are_told_and_lose_nothing() {
    let Some(figures) = ordeal(&["limits", "--every", "9"]) else { return };
    assert!(seen(&figures, "descriptors, refused") > 0, "{figures}");
}

#[test]
fn bent_bits_are_harmless_or_named() {
    let Some(figures) = ordeal(&["rot", "--rounds", "400"]) else { return };
    let both = seen(&figures, "small, named") + seen(&figures, "small, harmless");
    assert!(both >= 300 && seen(&figures, "small, named") > 100, "{figures}");
}

#[test]
fn an_installation_rolled_back_whole_is_what_the_judge_sees_and_nobody_else() {
    let _expected_to_be_red = ordeal(&["rot", "--control", "rolled-back"]);
}

#[test]
fn bent_settings_are_named() {
    let Some(figures) = ordeal(&["settings", "--every", "60"]) else { return };
    assert!(seen(&figures, "settings.json, named") > 3, "{figures}");
}
