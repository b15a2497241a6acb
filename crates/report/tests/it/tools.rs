//! Other programs, where this machine has them.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder with the form in it, and the path of the form.
pub(crate) fn written(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// What a program of poppler-utils prints about a file; `None` says that it is missing.
pub(crate) fn poppler(program: &str, arguments: &[&str], file: &Path) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).arg(file);
    if program == "pdftotext" {
        command.arg("-");
    }
    let Ok(output) = command.output() else {
        eprintln!("skipped: no {program} (package poppler-utils; run ./check)");
        return None;
    };
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

/// What a reader in Python prints about a file, line by line; `None` says what is missing.
pub(crate) fn python(script: &str, needs: &str, file: &Path) -> Option<Vec<String>> {
    let python = std::env::var_os("ZEGEL_PYTHON").unwrap_or_else(|| "python3".into());
    let import = format!("import {needs}");
    let ready = Command::new(&python).args(["-c", &import]).output();
    if !ready.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no Python with {needs} (run ./check, which names ZEGEL_PYTHON)");
        return None;
    }
    let output = Command::new(&python).args(["-c", script]).arg(file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.lines().map(str::to_owned).collect())
}

/// Text as the readers print it, so that a line feed in it stays on one line.
pub(crate) fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}
