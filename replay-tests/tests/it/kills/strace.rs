//! Dying at a chosen system call, and writing down which were made.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::zegel_bin;

const SIGKILL: i32 = 9;

/// Whether processes may be traced here; if not, says that the test is skipped.
pub(crate) fn is_usable() -> bool {
    let tried = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).output();
    let usable = tried.is_ok_and(|output| output.status.success());
    if !usable {
        eprintln!("skipped: strace is missing or may not trace here");
    }
    usable
}

/// How a command ended that was to be killed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Killed,
    Survived,
}

/// Runs the binary and kills it when a thread of it enters a system call for the `when`th time.
///
/// The call itself is not carried out: what it would have written is not there.
pub(crate) fn kill(syscall: &str, when: usize, arguments: &[String]) -> Ended {
    let inject = format!("inject={syscall}:signal=SIGKILL:when={when}");
    let trace = format!("trace={syscall}");
    let output = strace(Path::new("/dev/null"), &["-e", &trace, "-e", &inject], arguments);
    match output.status.signal() {
        Some(SIGKILL) => Ended::Killed,
        _ if output.status.success() => Ended::Survived,
        _ => panic!("{arguments:?}: {}: {output:?}", output.status),
    }
}

/// Runs the binary to its end and returns the lines of the system calls that write or sync.
pub(crate) fn traced(arguments: &[String]) -> String {
    let holder = tempfile::tempdir().unwrap();
    let file = holder.path().join("trace");
    let calls = "trace=fdatasync,fsync,pwrite64,rename,unlink";
    let output = strace(&file, &["-y", "-s", "0", "-e", calls], arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    fs::read_to_string(file).unwrap()
}

/// How often one thread makes this call at most: as many kills reach every step of it.
pub(crate) fn calls(trace: &str, syscall: &str) -> usize {
    let call = format!("{syscall}(");
    let mut count = std::collections::BTreeMap::<&str, usize>::new();
    for line in trace.lines().filter(|line| line.contains(&call)) {
        *count.entry(line.split(' ').next().unwrap_or_default()).or_default() += 1;
    }
    count.into_values().max().unwrap_or(0)
}

fn strace(file: &Path, options: &[&str], arguments: &[String]) -> Output {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o"]).arg(file).args(options);
    command.arg(zegel_bin()).args(arguments).output().expect("strace starts")
}
