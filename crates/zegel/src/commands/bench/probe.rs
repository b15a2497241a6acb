//! Measurements that want a process of their own: memory, which never shrinks, and start-up.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::Context as _;
use engine::{Engine, Paths};
use journal::Store;
use record::note::Vkey;
use record::{JournalId, Seq};
use serde::{Deserialize, Serialize};

use super::figures::Handicap;
use crate::cli::{Bench, Probe};
use crate::environment;
use crate::output::Output;

/// What a child measured.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Measured {
    /// Seconds of the opening, or of the verification.
    pub(super) seconds: f64,
    /// Seconds of the replay that followed.
    pub(super) replay_seconds: f64,
    /// Resident bytes at the end of `seconds`.
    pub(super) resident: u64,
    /// Most bytes that were ever resident until then.
    pub(super) peak: u64,
    pub(super) records: u64,
    pub(super) record_bytes: u64,
    pub(super) page_bytes: u64,
}

/// Runs a probe in a fresh process.
pub(super) fn child(
    probe: Probe,
    at: &Path,
    key: Option<&str>,
    handicap: Handicap,
) -> anyhow::Result<Measured> {
    let name = match probe {
        Probe::Store => "store",
        Probe::Engine => "engine",
        Probe::Verify => "verify",
        Probe::Hashing => "hashing",
    };
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--json", "bench", "--probe", name, "--data"]).arg(at);
    command.args(key.iter().flat_map(|key| ["--key", key]));
    command.args(["--handicap", &handicap.get().to_string()]);
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "the probe `{name}` failed: {said}");
    serde_json::from_slice(&output.stdout).context("a probe said something else")
}

/// What the fresh process does.
pub(super) fn run(probe: Probe, bench: &Bench, output: Output) -> anyhow::Result<()> {
    let at = bench.data.as_deref().context("a probe needs a directory")?;
    let handicap = Handicap::micros(bench.handicap);
    let measured = match probe {
        Probe::Store => store(at)?,
        Probe::Engine => engine(at, handicap)?,
        Probe::Hashing => hashing(at)?,
        Probe::Verify => {
            verify(at, bench.key.as_deref().context("a probe needs a key")?, handicap)?
        }
    };
    output.result(&measured, |measured| format!("{measured:?}"))
}

/// The store alone: opened, and every record read once.
fn store(home: &Path) -> anyhow::Result<Measured> {
    let started = Instant::now();
    let store = Store::open(&Paths::under(home).database, false)?;
    let mut measured = Measured::default();
    for journal in store.journals() {
        for record in store.scan(journal, Seq(0), Seq(store.size(journal))) {
            measured.records += 1;
            measured.record_bytes += u64::try_from(record?.encode().len())?;
        }
    }
    measured.seconds = started.elapsed().as_secs_f64();
    measured.note_memory();
    for journal in store.journals() {
        for key in store.pages(journal)? {
            let page = store.page(journal, key)?.map_or(0, |page| page.len());
            measured.page_bytes += u64::try_from(page)?;
        }
    }
    Ok(measured)
}

/// The whole road: opened, then every view rebuilt and compared.
fn engine(home: &Path, handicap: Handicap) -> anyhow::Result<Measured> {
    let started = Instant::now();
    let engine = Engine::open(Paths::under(home), environment::clock())?;
    let mut measured = Measured { seconds: started.elapsed().as_secs_f64(), ..Measured::default() };
    measured.note_memory();
    for tenant in engine.tenants() {
        let id = JournalId::from_hex(&tenant.tenant).context("a tenant without id")?;
        let started = Instant::now();
        let check = engine.replay_check(id, None, &mut |_| handicap.waste(1))?;
        measured.replay_seconds += started.elapsed().as_secs_f64();
        anyhow::ensure!(check.verdict.is_good(), "the replay differs: {:?}", check.verdict);
        measured.records += check.records;
    }
    Ok(measured)
}

/// The limit of a verification, under the same conditions.
fn hashing(bundle: &Path) -> anyhow::Result<Measured> {
    let seconds = super::hashing::bundle(bundle)?.as_secs_f64();
    Ok(Measured { seconds, ..Measured::default() })
}

fn verify(bundle: &Path, key: &str, handicap: Handicap) -> anyhow::Result<Measured> {
    let options = evidence::Options { key: Some(Vkey::parse(key)?), previous: None };
    let started = Instant::now();
    let report = evidence::verify(bundle, &options);
    let records = report.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.size);
    handicap.waste(usize::try_from(records)?);
    let mut measured = Measured { seconds: started.elapsed().as_secs_f64(), ..Measured::default() };
    measured.note_memory();
    anyhow::ensure!(report.verdict.exit_code() == 0, "the bundle does not verify");
    measured.records = records;
    Ok(measured)
}

impl Measured {
    fn note_memory(&mut self) {
        (self.resident, self.peak) = (memory("VmRSS:"), memory("VmHWM:"));
    }
}

/// Bytes that the kernel states of this process.
fn memory(what: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(what));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1_024
}
