//! The product in a process of its own: it notes its keys, and makes the mistake that is asked for.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::arguments::Arguments;

/// How to start it.
pub(crate) struct Product {
    /// The installation.
    pub(crate) data: PathBuf,
    /// Every key that was ever drawn, 32 bytes each; outside the installation.
    pub(crate) drawn: PathBuf,
    mistake: Option<String>,
}

/// How long the erasures of a plan took, one by one.
#[derive(Default)]
pub(crate) struct Times {
    pub(crate) single: Vec<Duration>,
    pub(crate) group: Vec<Duration>,
    pub(crate) scope: Vec<Duration>,
}

impl Product {
    pub(crate) fn new(data: PathBuf, arguments: &Arguments) -> Self {
        let drawn = arguments.directory.join("drawn-keys");
        Self { data, drawn, mistake: arguments.mistake.clone() }
    }

    /// Runs one step to its end; what it printed.
    pub(crate) fn work(&self, words: &[&str]) -> String {
        let output = self.command("work").args(words).output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Carries out a plan of erasures and additions.
    pub(crate) fn carry_out(&self, seed: u64, plan: &[String], at: &Path) -> Times {
        std::fs::write(at, plan.join("\n")).unwrap();
        let said = self.work(&["plan", &seed.to_string(), at.to_str().unwrap()]);
        let mut times = Times::default();
        for line in said.lines() {
            let (kind, micros) = line.split_once(' ').unwrap();
            let took = Duration::from_micros(micros.parse().unwrap());
            match kind {
                "single" => times.single.push(took),
                "group" => times.group.push(took),
                _ => times.scope.push(took),
            }
        }
        times
    }

    /// `forget work DIR …` or `forget serve DIR`, not started yet.
    pub(crate) fn command(&self, word: &str) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg(word).arg(&self.data).stdin(Stdio::null()).stderr(Stdio::inherit());
        command.env("ZEGEL_HARNESS_KEYS", &self.drawn);
        if let Some(mistake) = &self.mistake {
            command.env("ZEGEL_HARNESS_MISTAKE", mistake);
        }
        command
    }

    /// Every key that was drawn so far.
    pub(crate) fn drawn(&self) -> Vec<[u8; 32]> {
        let bytes = std::fs::read(&self.drawn).unwrap();
        bytes.chunks_exact(32).map(|key| key.try_into().unwrap()).collect()
    }
}
