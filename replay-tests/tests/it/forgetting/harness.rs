//! The long harness of forgetting (docs/reliability.md) in its short form, and its controls.
//!
//! The product under it is built with the feature `harness`: it notes every key that it draws, and
//! with a mistake it is wrong on purpose, which must be found.

use std::process::{Command, Output};

use serde_json::Value;

/// How the harness says that it cannot be done here.
const SKIPPED: i32 = 77;
/// Every way of erasing once or more, and enough people to fill several pages.
const SHORT: &[&str] =
    &["--people", "300", "--rounds", "8", "--erase", "60", "--scopes", "6", "--mass", "100"];
const FEW: &[&str] = &["--people", "100", "--rounds", "4", "--mass", "0"];

/// Runs the example that `./check` builds; `None` if it is impossible here, and why was said.
fn forget(what: &str, more: &[&str]) -> Option<(bool, Value)> {
    let holder = tempfile::tempdir().unwrap();
    let directory = holder.path().join("forget");
    let named = std::env::var_os("ZEGEL_FORGET");
    let program = named.expect("ZEGEL_FORGET names the harness of forgetting: run ./check");
    let output = Command::new(program).arg(what).arg(directory).args(more).output().unwrap();
    let Output { status, stdout, stderr } = output;
    let printed = String::from_utf8_lossy(&stdout).into_owned();
    eprintln!("{printed}");
    if status.code() == Some(SKIPPED) {
        return None;
    }
    let figures = serde_json::from_str(&printed);
    let said = String::from_utf8_lossy(&stderr);
    Some((status.success(), figures.unwrap_or_else(|_| panic!("{printed}{said}"))))
}

fn with<'a>(size: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [size, more].concat()
}

fn at<'a>(figures: &'a Value, path: &str) -> &'a Value {
    figures.pointer(path).unwrap_or_else(|| panic!("no {path}: {figures}"))
}

fn count(figures: &Value, path: &str) -> u64 {
    at(figures, path).as_u64().unwrap()
}

#[test]
fn of_many_people_the_erased_are_gone_and_the_others_are_all_there() {
    let (good, figures) = forget("scale", SHORT).unwrap();
    assert!(good, "{figures}");
    assert_eq!(count(&figures, "/people_erased"), 60);
    assert_eq!(count(&figures, "/scopes_ended"), 6);
    assert_eq!(count(&figures, "/after/erased_that_open"), 0);
    assert_eq!(count(&figures, "/after/others_that_do_not"), 0);
    assert!(count(&figures, "/after/erased_parts") > 300, "{figures}");
    assert!(count(&figures, "/raw/dead_keys_sought") > 1_000, "{figures}");
}

#[test]
fn a_build_that_keeps_the_old_slot_is_found_out() {
    let (good, figures) = forget("scale", &with(SHORT, &["--mistake", "old-slot"])).unwrap();
    assert!(!good && count(&figures, "/between/erased_that_open") > 0, "{figures}");
}

#[test]
fn a_build_that_keeps_node_keys_is_found_out() {
    let (good, figures) = forget("scale", &with(SHORT, &["--mistake", "node-keys"])).unwrap();
    assert!(!good && count(&figures, "/between/erased_that_open") > 0, "{figures}");
    assert!(count(&figures, "/between/pages_under_keys_not_renewed") > 0, "{figures}");
}

#[test]
fn no_raw_block_of_a_disk_holds_a_dead_key() {
    for file_system in ["ext4", "xfs"] {
        let Some((good, figures)) = forget("disk", &with(SHORT, &["--fs", file_system])) else {
            continue;
        };
        assert!(good, "{figures}");
        assert!(count(&figures, "/disk/copies_of_live_keys_found") >= 8, "the root in its slot");
        assert!(count(&figures, "/disk/opened_with_it/open_parts") > 1_000, "{figures}");
    }
}

#[test]
fn the_memory_of_a_server_holds_no_dead_key_and_no_word_of_the_erased() {
    let Some((good, figures)) = forget("memory", FEW) else { return };
    assert!(good, "{figures}");
    assert!(count(&figures, "/control/leaf_keys_found_before") > 60, "{figures}");
    assert!(count(&figures, "/memory/dead_keys_sought") > 200, "{figures}");
}

#[test]
fn a_build_that_keeps_pages_in_memory_is_found_out() {
    let Some((good, figures)) = forget("memory", &with(FEW, &["--mistake", "pages"])) else {
        return;
    };
    assert!(!good && count(&figures, "/memory/dead_keys_found") > 60, "{figures}");
}

#[test]
fn a_build_that_frees_memory_as_it_is_is_found_out() {
    let Some((good, figures)) = forget("memory", &with(FEW, &["--mistake", "wipe"])) else {
        return;
    };
    assert!(!good && count(&figures, "/memory/words_found") > 0, "{figures}");
}
