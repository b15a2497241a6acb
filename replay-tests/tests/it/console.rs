//! The console in real Chromium: every page and form in both languages, by keyboard, with axe-core,
//! and once more with script blocked (`scripts/console.py` says how).

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::zegel_bin;

/// What `./check` installs: a Python with Selenium, and the file of axe-core.
fn tools() -> Option<(PathBuf, PathBuf)> {
    let named = |name| std::env::var_os(name).map(PathBuf::from);
    let tools = named("ZEGEL_SELENIUM").zip(named("ZEGEL_AXE"));
    if tools.is_none() {
        eprintln!("skipped: no ZEGEL_SELENIUM and ZEGEL_AXE (run ./check)");
    }
    tools
}

#[test]
fn every_page_and_form_works_by_keyboard_without_script_and_for_axe() {
    let Some((python, axe)) = tools() else { return };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let forms: Vec<_> = console::forms().map(|form| form.id).collect();
    let mut command = Command::new(python);
    command.env("ZEGEL_BIN", zegel_bin()).arg(root.join("scripts/console.py")).arg(axe);
    command.arg([forms.join(","), "sign-in,new-password".to_owned()].join(","));
    if std::env::var_os("ZEGEL_WRITE_SCREENSHOTS").is_some() {
        command.arg(root.join("../docs/screenshots"));
    }
    let output = command.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    eprintln!("{printed}{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && printed.contains("console: passed"), "{printed}");
}
