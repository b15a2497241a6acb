//! An installation with one open round, and the binary that serves it.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Stands in everything that a request says; none of it may be in the log.
pub(crate) const MARKER: &str = "Qwartzmarker";

pub(crate) struct Installation {
    pub(crate) holder: tempfile::TempDir,
    pub(crate) tenant: String,
    pub(crate) round: String,
    pub(crate) token: String,
}

/// The binary at work; killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

fn binary() -> PathBuf {
    PathBuf::from(std::env::var_os("ZEGEL_BIN").expect("ZEGEL_BIN names the binary under test"))
}

impl Installation {
    pub(crate) fn make() -> Self {
        let holder = tempfile::tempdir().unwrap();
        let survey_file = holder.path().join("survey.json");
        let survey = r#"{"title": "Lessons", "questions": [
            {"text": "Clear?", "kind": "agree-5"}, {"text": "Why?", "kind": "open"}]}"#;
        std::fs::write(&survey_file, survey).unwrap();
        let mut made =
            Self { holder, tenant: String::new(), round: String::new(), token: String::new() };
        made.run(&["init"]);
        let tenant = made.run(&["tenant", "start", "--name", "School"]);
        tenant["tenant"].as_str().unwrap().clone_into(&mut made.tenant);
        let file = survey_file.to_str().unwrap();
        let tenant = made.tenant.clone();
        let define = ["survey", "define", "--tenant", &tenant, "--file", file];
        let survey = made.run(&define)["id"].as_str().unwrap().to_owned();
        let open = ["survey", "open", "--tenant", &tenant, "--survey", &survey, "--name", "Autumn"];
        made.run(&open)["id"].as_str().unwrap().clone_into(&mut made.round);
        let token = std::fs::read_to_string(made.data().join("token")).unwrap();
        token.trim().clone_into(&mut made.token);
        made
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.holder.path().join("data")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.holder.path().join("log")
    }

    /// Runs the binary on this installation, expects that it succeeds, and reads its JSON.
    pub(crate) fn run(&self, words: &[&str]) -> Value {
        let mut command = Command::new(binary());
        command.arg("--json").args(words).arg("--data").arg(self.data());
        let output = command.output().expect("the binary starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{words:?}: {}: {said}", output.status);
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// How many responses the round holds, judged by the binary after the server ended.
    pub(crate) fn responses(&self) -> u64 {
        let shown = self.run(&["show", "rounds", "--tenant", &self.tenant]);
        shown["rounds"][0]["responses"].as_u64().unwrap()
    }

    /// Serves, with everything that it can say in the log.
    pub(crate) fn serve(&self) -> Server {
        let log: File = OpenOptions::new().create(true).append(true).open(self.log()).unwrap();
        let mut child = Command::new(binary())
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(self.data())
            .env("ZEGEL_LOG", "trace")
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the binary starts");
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = said.find_map(|line| {
            let line = line.unwrap();
            let (_, rest) = line.split_once("http://")?;
            rest.split(' ').next()?.parse().ok()
        });
        Server { child, address: address.expect("the server says where it listens") }
    }
}

impl Server {
    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// Waits for its end; `None` when it takes longer.
    pub(crate) fn ended_within(&mut self, limit: Duration) -> Option<(ExitStatus, Duration)> {
        let began = Instant::now();
        while began.elapsed() < limit {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some((status, began.elapsed()));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        None
    }

    /// Ends it as a service manager does, and expects that it is well.
    pub(crate) fn stop(mut self) {
        self.signal("-TERM");
        let (status, _) = self.ended_within(Duration::from_secs(60)).expect("it stops");
        assert!(status.success(), "{status}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
