//! `zegel bench`: each figure beside its limit, measured in the same run on the same medium.
//!
//! A limit is a separate, simpler thing kept as fast as we can make it: the same bytes appended to
//! a raw file with the same grouping and `fdatasync`; sealing or opening without a tree, a store or
//! views; hashing without judging. Ratios are what counts: machines are noisy.

mod ciphers;
mod cuts;
mod figures;
mod hashing;
mod load;
mod minting;
mod probe;
mod raw;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use indicatif::ProgressBar;
use record::JournalId;
use serde::Serialize;

use crate::cli::{Bench, Probe};
use crate::environment;
use crate::home::random;
use crate::output::Output;
use cuts::Looks;
use figures::{Figure, Handicap, Line, Target, median, rate, to_f64};
use load::{Load, Size};
use probe::Measured;

/// Appends of one measurement with so many writers, each.
const WRITERS: [(usize, usize); 3] = [(1, 2_000), (16, 1_000), (64, 1_000)];
/// Entries of the small key tree of the cut.
const ENTRIES_SMALL: u64 = 1_000;
/// Threads that a replay opens on, and its limit with it.
const OPENING_THREADS: usize = 1;
/// Header, tags and commitments of an event about one person.
const OVERHEAD_BYTES_MAX: f64 = 384.0;
/// Resident memory of an event beyond what the store takes.
const MEMORY_BYTES_MAX: f64 = 250.0;
/// Of memory and disk.
const PER: &str = "bytes/event";
/// Steps of one run, for the bar.
const STEPS: u64 = 9;

#[derive(Debug, Serialize)]
struct Report {
    poly1305: &'static str,
    events: u64,
    runs: u64,
    figures: Vec<Line>,
}

pub(super) fn run(bench: &Bench, output: Output) -> anyhow::Result<()> {
    if let Some(probe) = bench.probe {
        return probe::run(probe, bench, output);
    }
    let parent = bench.data.clone().unwrap_or_else(|| PathBuf::from("."));
    let directory = parent.join(format!("zegel-bench-{}", JournalId::from_bytes(random()?)));
    let bar = output.progress(STEPS * bench.runs, "measuring");
    let mut runs = Vec::new();
    for _ in 0..bench.runs {
        fs::create_dir_all(&directory)?;
        let handicap = Handicap::micros(bench.handicap);
        let run = Run { directory: &directory, events: bench.events, handicap, bar: &bar };
        let figures = run.measure();
        fs::remove_dir_all(&directory)
            .with_context(|| format!("cannot remove {}", directory.display()))?;
        runs.push(figures?);
    }
    bar.finish_and_clear();
    let soft = cfg!(poly1305_backend = "soft");
    let report = Report {
        poly1305: if soft { "soft" } else { "detected at run time (slow on small messages)" },
        events: bench.events,
        runs: bench.runs,
        figures: figures::lines(&runs),
    };
    output.result(&report, render)
}

fn render(report: &Report) -> String {
    let Report { poly1305, events, runs, figures } = report;
    let lines = figures::render(figures);
    format!("Poly1305 backend: {poly1305}; {events} events; median of {runs} runs\n{lines}")
}

/// One run: every figure once.
struct Run<'a> {
    directory: &'a Path,
    events: u64,
    handicap: Handicap,
    bar: &'a ProgressBar,
}

impl Run<'_> {
    fn measure(&self) -> anyhow::Result<Vec<Figure>> {
        let size = Size { events: self.events, more: appends_more()?, mints: false };
        let home = self.directory.join("load");
        let mut load = Load::start(&home, size, self.handicap, environment::clock())?;
        let mut figures = self.batches(&mut load)?;
        self.bar.inc(1);
        figures.splice(0..0, self.appends(&mut load)?);
        self.bar.inc(1);
        figures.extend(self.replay(&mut load)?);
        self.bar.inc(1);
        figures.extend(self.verify(&mut load)?);
        self.bar.inc(1);
        load.close()?;
        fs::remove_dir_all(&home)?;
        figures.extend(self.mints()?);
        figures.extend(self.cuts()?);
        Ok(figures)
    }

    fn batches(&self, load: &mut Load) -> anyhow::Result<Vec<Figure>> {
        let value = rate(usize::try_from(self.events)?, load.batches(self.events)?);
        self.bar.inc(1);
        let (bytes, overhead) = load.record_sizes()?;
        let raw = raw::batches(self.directory, self.events, bytes)?;
        let seal = ciphers::seal(&load.shape()?, self.events, cores())?;
        let figure = Figure::new("appends, batches of 1,024", value, "events/s");
        let sizes = Figure::new("header, tags, commitments", to_f64(overhead), "bytes");
        Ok(vec![
            figure
                .beside(raw.min(seal), "the lower of raw and sealing alone")
                .target(Target::AtLeast(0.5)),
            Figure::new("raw file, batches of 1,024", raw, "events/s"),
            Figure::new("sealing alone", seal, "events/s"),
            Figure::new("record of an event about one person", to_f64(bytes), "bytes"),
            sizes.beside(OVERHEAD_BYTES_MAX, "what we promise").target(Target::AtMost(1.0)),
        ])
    }

    /// Acknowledged appends to a journal that holds all events already.
    fn appends(&self, load: &mut Load) -> anyhow::Result<Vec<Figure>> {
        let (bytes, _) = load.record_sizes()?;
        load.with_writer(environment::clock, |load, writer| {
            let mut figures = Vec::new();
            for (writers, each) in WRITERS {
                let sync = raw::sync(self.directory, bytes)?;
                let limit = raw::appends(self.directory, writers, each, bytes)?;
                let done = load.appends(writer, writers, each)?;
                if writers == 1 {
                    let value = median(&done.each) * 1e6;
                    let figure = Figure::new("one acknowledged append, median", value, "µs");
                    let figure =
                        figure.beside(sync * 1e6, "one fdatasync of the same bytes, median");
                    figures.push(figure.target(Target::AtMost(2.0)));
                }
                let what = format!("appends, {writers} writers");
                let figure = Figure::new(what, rate(done.events, done.took), "events/s");
                let figure =
                    figure.beside(limit, "the same bytes to a raw file, same threads and groups");
                figures.push(match writers {
                    64 => figure.target(Target::AtLeast(0.6)),
                    _ => figure,
                });
            }
            Ok(figures)
        })
    }

    /// Restart, replay, memory and disk, each in a process of its own.
    fn replay(&self, load: &mut Load) -> anyhow::Result<Vec<Figure>> {
        let shape = load.shape()?;
        load.close()?;
        let disk = load.disk()?;
        let store = self.probe(Probe::Store, load.home(), None)?;
        let restart = self.probe(Probe::Engine, load.home(), None)?;
        load.drop_snapshots()?;
        let folded = self.probe(Probe::Engine, load.home(), None)?;
        let opening = ciphers::open(self.directory, &shape, self.events, OPENING_THREADS)?;
        load.open(environment::clock())?;
        let events = to_f64(folded.records);
        let each = |bytes: u64| to_f64(bytes) / events;
        let beyond = |engine: &Measured| each(engine.resident.saturating_sub(store.resident));
        let replay = Figure::new("replay", events / folded.replay_seconds, "events/s");
        let quick = Figure::new("restart from a snapshot", restart.seconds, "s");
        let memory =
            |when, bytes| Figure::new(format!("memory beyond the store, {when}"), bytes, PER);
        let apart = each(disk.rest.saturating_sub(store.page_bytes));
        Ok(vec![
            replay.beside(opening, "reading a file and opening alone").target(Target::AtLeast(0.6)),
            quick.beside(folded.replay_seconds, "the replay").target(Target::AtMost(0.2)),
            Figure::new("restart without a snapshot", folded.seconds, "s"),
            memory("after a fold", beyond(&folded))
                .beside(MEMORY_BYTES_MAX, "what we promise")
                .target(Target::AtMost(1.0)),
            memory("after a restart", beyond(&restart)),
            Figure::new("memory of the store alone", each(store.resident), PER),
            Figure::new("most memory while folding", each(folded.peak), PER),
            Figure::new("disk, pages and snapshot apart", apart, PER)
                .beside(each(store.record_bytes), "the record")
                .target(Target::AtMost(2.0)),
            Figure::new("pages on disk", each(store.page_bytes), PER),
            Figure::new("snapshot on disk", each(disk.snapshots), PER),
        ])
    }

    fn verify(&self, load: &mut Load) -> anyhow::Result<Vec<Figure>> {
        let bundle = self.directory.join("bundle");
        let key = load.export(&bundle)?;
        let hashing = self.probe(Probe::Hashing, &bundle, None)?;
        let verified = self.probe(Probe::Verify, &bundle, Some(&key))?;
        fs::remove_dir_all(&bundle)?;
        let records = to_f64(verified.records);
        let limit = records / hashing.seconds;
        let figure = Figure::new("verify", records / verified.seconds, "events/s");
        Ok(vec![
            figure.beside(limit, "the same hashes, judging nothing").target(Target::AtLeast(0.7)),
            Figure::new("most memory of verify", to_f64(verified.peak) / records, PER),
        ])
    }

    fn probe(&self, probe: Probe, at: &Path, key: Option<&str>) -> anyhow::Result<Measured> {
        probe::child(probe, at, key, self.handicap)
    }

    fn mints(&self) -> anyhow::Result<Vec<Figure>> {
        let (mint, reuse) = minting::rates(self.directory, self.events)?;
        self.bar.inc(1);
        let figure = Figure::new("sealing and storing, a new key each", mint, "events/s");
        Ok(vec![figure.beside(reuse, "the same, no new keys").target(Target::AtLeast(0.7))])
    }

    /// Cuts in key trees of two sizes; the larger stands in a journal of as many records.
    fn cuts(&self) -> anyhow::Result<Vec<Figure>> {
        let looks = Looks::default();
        let size = Size { events: self.events, more: load::ROUNDING, mints: true };
        let mut large =
            Load::start(&self.directory.join("mints"), size, self.handicap, looks.clock())?;
        let took = large.batches(self.events)?;
        self.bar.inc(1);
        let value = rate(usize::try_from(self.events)?, took);
        let mint = Figure::new("batches about a new person each", value, "events/s");
        let (bytes, _) = large.record_sizes()?;
        let size = Size { events: ENTRIES_SMALL, more: load::ROUNDING, mints: true };
        let mut small =
            Load::start(&self.directory.join("few"), size, self.handicap, looks.clock())?;
        small.batches(ENTRIES_SMALL)?;
        let sync = raw::sync(self.directory, bytes)?;
        let few = cuts::median_cut(&mut small, &looks)?;
        self.bar.inc(1);
        let many = cuts::median_cut(&mut large, &looks)?;
        self.bar.inc(1);
        let cut = |entries, value: f64| {
            let what = format!("one cut among {entries} keys, order to receipt");
            Figure::new(what, value * 1e6, "µs")
        };
        Ok(vec![
            mint,
            cut(ENTRIES_SMALL, few)
                .beside(sync * 1e6, "one fdatasync")
                .target(Target::AtMost(15.0)),
            cut(self.events, many)
                .beside(few * 1e6, "the cut among 1000 keys")
                .target(Target::AtMost(1.5)),
        ])
    }
}

/// The road seals on all cores, and its limit with it.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Appends of all writers together, and a group of rounding.
fn appends_more() -> anyhow::Result<u64> {
    let all: usize = WRITERS.iter().map(|(writers, each)| writers * each).sum();
    Ok(u64::try_from(all)? + load::ROUNDING)
}
