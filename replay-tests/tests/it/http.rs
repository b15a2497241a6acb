//! The HTTP edge under siege, flood, lost answers and sudden ends (docs/reliability.md has the long
//! form of the same program).

use std::path::PathBuf;
use std::process::Command;

use crate::support::zegel_bin;

/// The example `http`, which is built along with the tests.
fn harness() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let harness = test.parent().unwrap().parent().unwrap().join("examples/http");
    assert!(harness.exists(), "cargo build -p replay-tests --example http");
    harness
}

fn run(arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(harness());
    let output = command.args(arguments).env("ZEGEL_BIN", zegel_bin()).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    eprintln!("{printed}{}", String::from_utf8_lossy(&output.stderr));
    (output.status.success(), printed)
}

#[test]
fn attackers_floods_and_sudden_ends_lose_nothing_and_stop_nobody() {
    let (good, printed) = run(&["short"]);
    assert!(good, "{printed}");
}

#[test]
fn a_server_without_its_limits_fails_the_same_harness() {
    let (good, printed) = run(&["control"]);
    assert!(!good, "{printed}");
    // How much slower its admitted requests are depends on what else runs: the long form judges it.
    assert!(printed.contains("FAILED: siege: a connection outlived"), "{printed}");
}
