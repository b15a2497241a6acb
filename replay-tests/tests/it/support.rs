//! The real binary, run the way a person runs it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;

/// The release binary: `./check` builds it and names it.
pub(crate) fn zegel_bin() -> PathBuf {
    let named = std::env::var_os("ZEGEL_BIN");
    PathBuf::from(named.expect("ZEGEL_BIN names the binary under test: run ./check"))
}

/// A Python with `blake3` and `cryptography`, which `./check` installs; `None` says so.
pub(crate) fn python() -> Option<PathBuf> {
    let python = std::env::var_os("ZEGEL_PYTHON").map(PathBuf::from);
    if python.is_none() {
        eprintln!("skipped: no ZEGEL_PYTHON with blake3 and cryptography (run ./check)");
    }
    python
}

/// Runs the binary.
pub(crate) fn zegel(arguments: &[&str]) -> Output {
    Command::new(zegel_bin()).args(arguments).output().expect("the binary starts")
}

/// Runs the binary, expects exit 0, and reads what it says as JSON.
pub(crate) fn zegel_json(arguments: &[&str]) -> Value {
    let mut with_json = vec!["--json"];
    with_json.extend(arguments);
    let output = zegel(&with_json);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "zegel {arguments:?}: {}: {error}", output.status);
    serde_json::from_str(&text).expect("JSON on standard output")
}

/// A finished demonstration, made once for each test process; treat it as read-only.
pub(crate) fn demo() -> &'static Demo {
    static DEMO: OnceLock<Demo> = OnceLock::new();
    DEMO.get_or_init(|| {
        let holder = tempfile::tempdir().unwrap();
        let data = holder.path().join("demo");
        let shown = zegel_json(&["demo", "--no-serve", "--data", data.to_str().unwrap()]);
        Demo { data, shown, _holder: holder }
    })
}

/// Where the demonstration stands and what it said.
pub(crate) struct Demo {
    pub(crate) data: PathBuf,
    pub(crate) shown: Value,
    _holder: tempfile::TempDir,
}

impl Demo {
    /// A copy of its directory that a test may change.
    pub(crate) fn copy(&self) -> (tempfile::TempDir, PathBuf) {
        let holder = tempfile::tempdir().unwrap();
        let to = holder.path().join("demo");
        copy_tree(&self.data, &to);
        (holder, to)
    }
}

/// Copies a directory with everything in it.
pub(crate) fn copy_tree(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(status.success(), "cp -a");
}

pub(crate) use replay_tests::files::files_below;
