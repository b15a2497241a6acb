//! `zegel bench`: each figure beside its limit, measured in the same run on the same medium.
//!
//! A limit is a separate, simpler thing kept as fast as we can make it: the same bytes appended to
//! a raw file with the same grouping and `fdatasync`; reading and opening without folding; hashing
//! without judging. Ratios are what counts: machines are noisy.

mod limits;
mod load;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use engine::{Engine, ErasureRequest, Paths};
use record::note::Vkey;
use record::public::{Cut, ErasureApproved};
use record::{ActorId, JournalId, Seq, SubjectId};
use serde::Serialize;

use crate::cli::Bench;
use crate::environment;
use crate::home::random;
use crate::output::{Output, table};

/// Small key tree of the cut, in entries.
const ENTRIES_SMALL: u64 = 1_000;
/// Cuts of each size; the median counts.
const CUTS: usize = 21;

/// One line of the report.
#[derive(Debug, Clone, Serialize)]
struct Figure {
    what: String,
    value: f64,
    unit: &'static str,
    limit: Option<f64>,
    limit_is: &'static str,
    ratio: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Report {
    poly1305: &'static str,
    events: u64,
    entries: u64,
    figures: Vec<Figure>,
}

pub(super) fn run(bench: &Bench, output: Output) -> anyhow::Result<()> {
    let parent = bench.data.clone().unwrap_or_else(|| PathBuf::from("."));
    let directory = parent.join(format!("zegel-bench-{}", JournalId::from_bytes(random()?)));
    fs::create_dir_all(&directory)?;
    let figures = measure(bench, &directory, output);
    fs::remove_dir_all(&directory)
        .with_context(|| format!("cannot remove {}", directory.display()))?;
    let soft = cfg!(poly1305_backend = "soft");
    let report = Report {
        poly1305: if soft { "soft" } else { "detected at run time (slow on small messages)" },
        events: bench.events,
        entries: bench.entries,
        figures: figures?,
    };
    output.result(&report, render)
}

fn measure(bench: &Bench, directory: &Path, output: Output) -> anyhow::Result<Vec<Figure>> {
    let bar = output.progress(8, "measuring");
    let mut figures = Vec::new();
    let resident_before = resident_bytes();
    let sync = limits::sync_micros(directory)?;
    figures.push(plain("fdatasync of an append, median", sync, "µs"));
    bar.inc(1);
    let mut work = load::Load::start(&directory.join("load"))?;
    for writers in [1, 16, 64] {
        figures.push(appends(&mut work, directory, writers)?);
        bar.inc(1);
    }
    figures.push(batches(&mut work, directory, bench.events)?);
    bar.inc(1);
    figures.extend(replay(&mut work, resident_before)?);
    bar.inc(1);
    figures.extend(sizes(&work)?);
    figures.extend(verify(&mut work, &directory.join("bundle"))?);
    bar.inc(1);
    drop(work);
    for entries in [ENTRIES_SMALL, bench.entries] {
        figures.push(cut(&directory.join(format!("cut-{entries}")), entries, sync)?);
    }
    bar.finish_and_clear();
    Ok(figures)
}

fn appends(work: &mut load::Load, directory: &Path, writers: u64) -> anyhow::Result<Figure> {
    let each = (4_000 / writers).max(200);
    let bytes = work.record_bytes()?;
    let limit = limits::raw_appends(directory, writers, each, bytes)?;
    let value = work.appends(writers, each)?;
    Ok(figure(&format!("appends, {writers} writers"), value, "events/s", limit, RAW))
}

fn batches(work: &mut load::Load, directory: &Path, events: u64) -> anyhow::Result<Figure> {
    let limit = limits::raw_batches(directory, events, work.record_bytes()?)?;
    let value = work.batches(events)?;
    Ok(figure("appends, batches of 1,024", value, "events/s", limit, RAW))
}

const RAW: &str = "the same bytes to a raw file, same groups, fdatasync";

fn replay(work: &mut load::Load, before: u64) -> anyhow::Result<Vec<Figure>> {
    let opened = Instant::now();
    work.reopen()?;
    let opening = rate(work.size(), opened.elapsed());
    let resident = resident_bytes().saturating_sub(before);
    let (engine, tenant) = work.engine()?;
    let started = Instant::now();
    engine.open_every_part(tenant)?;
    let limit = rate(work.size(), started.elapsed());
    let (engine, tenant) = work.engine()?;
    let started = Instant::now();
    let check = engine.replay_check(tenant, None, &mut |_| {})?;
    anyhow::ensure!(check.verdict.is_good(), "the replay differs: {:?}", check.verdict);
    let value = rate(work.size(), started.elapsed());
    let only = "reading and opening every part, nothing else";
    let per_event = to_f64(resident) / to_f64(work.size());
    Ok(vec![
        figure("replay", value, "events/s", limit, only),
        figure("opening an installation", opening, "events/s", limit, only),
        plain("resident memory grown since the start, store included", per_event, "bytes/event"),
    ])
}

fn sizes(work: &load::Load) -> anyhow::Result<Vec<Figure>> {
    let (bytes, overhead) = work.record_sizes()?;
    let disk = to_f64(work.disk_bytes()?) / to_f64(work.size());
    Ok(vec![
        plain("record of an event about one person", to_f64(bytes), "bytes"),
        plain("of which header, tags, commitments", to_f64(overhead), "bytes"),
        figure("disk, keys and indexes included", disk, "bytes/event", to_f64(bytes), "the record"),
    ])
}

fn verify(work: &mut load::Load, bundle: &Path) -> anyhow::Result<Vec<Figure>> {
    let key = work.export(bundle)?;
    let hashing = limits::hash_bundle(bundle)?;
    let options = evidence::Options { key: Some(Vkey::parse(&key)?), previous: None };
    let started = Instant::now();
    let report = evidence::verify(bundle, &options);
    let took = started.elapsed();
    anyhow::ensure!(report.verdict.exit_code() == 0, "the bundle does not verify");
    let (value, limit) = (rate(work.size(), took), rate(work.size(), hashing));
    let only = "the same hashes, judging nothing";
    Ok(vec![figure("verify", value, "events/s", limit, only)])
}

/// Median time of one erasure in a tree of `entries` keys, from the order to the receipt.
fn cut(home: &Path, entries: u64, sync: f64) -> anyhow::Result<Figure> {
    let mut engine = Engine::create(Paths::under(home), environment::clock())?;
    let tenant = engine.start_tenant("bench")?;
    let people = load::register(&mut engine, tenant, entries)?;
    let step = (people.len() / CUTS).max(1);
    let mut took = Vec::new();
    for person in people.iter().step_by(step).take(CUTS) {
        took.push(erase(&mut engine, tenant, *person)?);
    }
    took.sort_unstable();
    let median = took.get(took.len() / 2).copied().unwrap_or_default();
    let what = format!("one cut among {entries} entries, order to receipt, median of {CUTS}");
    Ok(figure(&what, to_f64(median), "µs", sync, "one fdatasync"))
}

/// Microseconds from the order's record to the receipt's, by the journal's own clock.
fn erase(engine: &mut Engine, tenant: JournalId, person: SubjectId) -> anyhow::Result<u64> {
    let actor = ActorId::from_bytes(random()?);
    let request = ErasureRequest {
        targets: vec![Cut::Subject(person)],
        ground: "art-17".to_owned(),
        ordered_by: actor,
        four_eyes: false,
    };
    let order = engine.order_erasure(tenant, request)?;
    let receipt = engine.approve_erasure(tenant, ErasureApproved { order, approved_by: actor })?;
    let at = |seq: u64| -> anyhow::Result<u64> {
        let rows = engine.journal_rows(tenant, Seq(seq), 1)?;
        Ok(rows.first().context("the receipt is not in the journal")?.recorded_at)
    };
    Ok(at(receipt.seq)?.saturating_sub(at(receipt.seq.saturating_sub(3))?))
}

fn plain(what: &str, value: f64, unit: &'static str) -> Figure {
    Figure { what: what.to_owned(), value, unit, limit: None, limit_is: "", ratio: None }
}

fn figure(
    what: &str,
    value: f64,
    unit: &'static str,
    limit: f64,
    limit_is: &'static str,
) -> Figure {
    let ratio = (limit > 0.0).then_some(value / limit);
    Figure { what: what.to_owned(), value, unit, limit: Some(limit), limit_is, ratio }
}

fn rate(count: u64, took: Duration) -> f64 {
    to_f64(count) / took.as_secs_f64().max(1e-9)
}

/// Exact up to 2^32, which is far above anything measured here in one unit.
fn to_f64(count: impl TryInto<u64>) -> f64 {
    let count = count.try_into().unwrap_or(u64::MAX);
    Duration::from_micros(count).as_secs_f64() * 1e6
}

fn resident_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1_024
}

fn render(report: &Report) -> String {
    let row = |figure: &Figure| {
        [
            figure.what.clone(),
            format!("{} {}", number(figure.value), figure.unit),
            figure.limit.map_or(String::new(), number),
            figure.ratio.map_or(String::new(), |ratio| format!("{ratio:.2}")),
            figure.limit_is.to_owned(),
        ]
    };
    let heading = ["figure", "value", "limit", "ratio", "the limit is"];
    let lines = table(heading, report.figures.iter().map(row).collect());
    format!("Poly1305 backend: {}; {} events\n{lines}", report.poly1305, report.events)
}

fn number(value: f64) -> String {
    if value >= 1_000.0 { format!("{value:.0}") } else { format!("{value:.1}") }
}
