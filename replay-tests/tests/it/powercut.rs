//! The power is cut under the whole engine's load (docs/reliability.md has the long form).
//!
//! A file system on a loop device is shut down as by a power cut: the page cache and the open
//! transaction of the file system are gone. Needs root; where it is impossible, it is skipped.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

use super::ordeals::{SKIPPED, example};

fn workload() -> PathBuf {
    example("workload")
}

/// Runs the script; `None` if it is impossible here, and why was said.
fn powercut(writer: &str, more: &[&str]) -> Option<(Output, Value)> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/powercut.py");
    let checker = format!("{} check", workload().display());
    let mut command = Command::new("python3");
    command.args([script, "--writer", writer, "--checker", &checker]).args(more);
    let Ok(output) = command.output() else {
        eprintln!("skipped: python3 is missing");
        return None;
    };
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.code() == Some(SKIPPED) {
        eprintln!("{printed}");
        return None;
    }
    let figures = serde_json::from_str(&printed).unwrap_or_else(|_| panic!("{output:?}"));
    eprintln!("{figures}");
    Some((output, figures))
}

#[test]
fn power_cuts_lose_nothing_that_was_acknowledged() {
    let writer = format!("{} write", workload().display());
    let cuts = ["--cuts", "6", "--cuts-per-image", "3", "--seconds-max", "2"];
    let Some((output, figures)) = powercut(&writer, &cuts) else { return };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{figures}\n{said}");
    assert!(figures["acknowledged"].as_u64() > Some(100), "{figures}\n{said}");
}

#[test]
fn power_cuts_of_xfs_lose_nothing_that_was_acknowledged() {
    let writer = format!("{} write", workload().display());
    let cuts = ["--file-system", "xfs", "--cuts", "3", "--seconds-max", "2"];
    let Some((output, figures)) = powercut(&writer, &cuts) else { return };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{figures}\n{said}");
}

#[test]
fn without_syncs_the_same_power_cuts_lose_records() {
    if !super::kills::strace_is_usable() {
        return;
    }
    // The calls return at once and do nothing: as a program that forgot them.
    let without = "strace -f -qq -o /dev/null -e trace=fdatasync -e inject=fdatasync:retval=0";
    let writer = format!("{without} {} write", workload().display());
    // A single cut may fall just behind a moment at which the file system wrote everything by itself.
    let cuts = ["--control", "--cuts", "8", "--cuts-per-image", "1", "--seconds-max", "2"];
    let Some((output, figures)) = powercut(&writer, &cuts) else { return };
    let said = String::from_utf8_lossy(&output.stderr);
    // The script itself fails unless something acknowledged was lost or does not open.
    assert!(output.status.success(), "nothing was lost: {figures}\n{said}");
}
