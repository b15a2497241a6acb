//! An installation that is driven by the command line alone, as an operator would.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use crate::support::{copy_tree, zegel, zegel_json};

/// A name that no other file on a computer holds.
pub(crate) const PERSON: &str = "Kwetterende Testpersoon Xyzzy";
pub(crate) const PERSON_EMAIL: &str = "kwetterend@xyzzy-school.example";

/// A directory with an installation, and one beside it for bundles and copies.
pub(crate) struct Installation {
    holder: tempfile::TempDir,
    pub(crate) data: PathBuf,
}

impl Installation {
    pub(crate) fn new() -> Self {
        let holder = tempfile::tempdir().unwrap();
        let data = holder.path().join("data");
        let installation = Self { holder, data };
        installation.ask(&["init"]);
        installation
    }

    /// Starts a tenant.
    pub(crate) fn with_tenant(self, tenant: &str) -> Self {
        self.ask(&["tenant", "start", "--name", tenant]);
        self
    }

    /// Imports responses of so many invented people as a round of this name.
    pub(crate) fn import(&self, tenant: &str, round: &str, rows: usize) {
        let file = self.beside("rows.csv");
        std::fs::write(&file, evaluations(rows)).unwrap();
        self.import_file(tenant, round, &file);
    }

    pub(crate) fn import_file(&self, tenant: &str, round: &str, file: &Path) {
        let file = file.to_str().unwrap();
        let import = ["import", "evaluations", "--name", round, "--file", file];
        self.of(tenant, &[&import[..], &["--invented-names"]].concat());
    }

    pub(crate) fn close(&self, tenant: &str, round: &str) {
        self.of(tenant, &["survey", "close", "--round", round]);
    }

    /// Registers [`PERSON`] and says under which id.
    pub(crate) fn add_person(&self, tenant: &str) -> String {
        let added = self.of(tenant, &["person", "add", "--name", PERSON, "--email", PERSON_EMAIL]);
        added["subject"].as_str().unwrap().to_owned()
    }

    /// Exports a bundle to a new directory beside the installation.
    pub(crate) fn export(&self, tenant: &str, name: &str) -> PathBuf {
        let out = self.beside(name);
        self.of(tenant, &["export", "bundle", "--out", out.to_str().unwrap()]);
        out
    }

    /// Verifies a bundle with the pinned key: exit code and verdict.
    pub(crate) fn verify(&self, bundle: &Path) -> (i32, String) {
        let output = self.verify_with(bundle, &[]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let verdict = text.split_whitespace().next().unwrap_or_default().to_owned();
        (output.status.code().unwrap(), verdict)
    }

    pub(crate) fn verify_with(&self, bundle: &Path, more: &[&str]) -> Output {
        let key = std::fs::read_to_string(self.data.join("vkey")).unwrap();
        let verify = ["verify", bundle.to_str().unwrap(), "--key", key.trim()];
        zegel(&[&verify[..], more].concat())
    }

    /// What a good command of one tenant answers, as JSON.
    pub(crate) fn of(&self, tenant: &str, command: &[&str]) -> Value {
        self.ask(&[command, &["--tenant", tenant]].concat())
    }

    /// What a good command answers, as JSON.
    pub(crate) fn ask(&self, command: &[&str]) -> Value {
        zegel_json(&[command, &["--data", self.data.to_str().unwrap()]].concat())
    }

    /// Runs a command that may fail.
    pub(crate) fn run(&self, command: &[&str]) -> Output {
        zegel(&[command, &["--data", self.data.to_str().unwrap()]].concat())
    }

    /// Runs a command that must be refused with exit 1 and without a panic; what it says.
    pub(crate) fn refused(&self, command: &[&str]) -> String {
        let output = self.run(command);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{command:?}: {error}");
        assert!(!error.contains("panicked"), "{command:?}: {error}");
        error
    }

    /// A copy of a file or directory of the installation, beside it.
    pub(crate) fn keep(&self, what: &str, name: &str) -> PathBuf {
        let to = self.beside(name);
        copy_tree(&self.data.join(what), &to);
        to
    }

    /// Puts a kept directory back in place of the present one.
    pub(crate) fn put_back(&self, what: &str, kept: &Path) {
        let at = self.data.join(what);
        std::fs::remove_dir_all(&at).unwrap();
        copy_tree(kept, &at);
    }

    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.holder.path().join(name)
    }

    /// The one slot file of an installation with one tenant.
    pub(crate) fn slots(&self) -> PathBuf {
        let files = crate::support::files_below(&self.data.join("keys"));
        let slots = |file: &PathBuf| file.extension().is_some_and(|end| end == "slots");
        files.into_iter().find(slots).unwrap()
    }
}

/// Rows in the form of the UCI course evaluations, in three groups.
fn evaluations(rows: usize) -> String {
    let items: Vec<String> = (1..=28).map(|item| format!("Q{item}")).collect();
    let mut text = format!("instr,class,nb.repeat,attendance,difficulty,{}\n", items.join(","));
    for row in 0..rows {
        let answers: Vec<String> =
            (0..28).map(|item| ((row * 7 + item * 3) % 5 + 1).to_string()).collect();
        text += &format!("{},{},1,2,3,{}\n", row % 3 + 1, row % 3 + 4, answers.join(","));
    }
    text
}
