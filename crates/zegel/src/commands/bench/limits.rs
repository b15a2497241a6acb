//! The limits: what the machine does when nothing but the bytes is asked of it.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use record::tree::{leaf_entry, leaf_hash};
use record::{Reader, Seq};

use super::rate;

const SYNCS: usize = 201;
const BATCH: u64 = 1_024;

/// Median microseconds of appending 300 bytes and syncing them.
pub(super) fn sync_micros(directory: &Path) -> anyhow::Result<f64> {
    let mut file = File::create(directory.join("sync"))?;
    let mut took = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let started = Instant::now();
        file.write_all(&[7; 300])?;
        file.sync_data()?;
        took.push(started.elapsed());
    }
    took.sort_unstable();
    Ok(took.get(SYNCS / 2).copied().unwrap_or_default().as_secs_f64() * 1e6)
}

/// Appends from many writers through one thread that groups what waits: events a second.
pub(super) fn raw_appends(
    directory: &Path,
    writers: u64,
    each: u64,
    bytes: usize,
) -> anyhow::Result<f64> {
    let (jobs, queue) = channel::<Sender<()>>();
    let mut file = File::create(directory.join("raw"))?;
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..writers {
            let jobs = jobs.clone();
            scope.spawn(move || {
                for _ in 0..each {
                    let (done, answer) = channel();
                    let _ = jobs.send(done);
                    let _ = answer.recv();
                }
            });
        }
        drop(jobs);
        let mut group = Vec::new();
        let mut buffer = Vec::new();
        while let Ok(first) = queue.recv() {
            group.push(first);
            group.extend(queue.try_iter().take(1_023));
            buffer.resize(group.len() * bytes, 7u8);
            file.write_all(&buffer)?;
            file.sync_data()?;
            group.drain(..).for_each(|done| {
                let _ = done.send(());
            });
        }
        Ok::<_, std::io::Error>(())
    })?;
    Ok(rate(writers * each, started.elapsed()))
}

/// Appends in batches of 1,024: events a second.
pub(super) fn raw_batches(directory: &Path, events: u64, bytes: usize) -> anyhow::Result<f64> {
    let mut file = File::create(directory.join("raw-batches"))?;
    let batch = vec![7u8; bytes * 1_024];
    let started = Instant::now();
    for _ in 0..events.div_ceil(BATCH) {
        file.write_all(&batch)?;
        file.sync_data()?;
    }
    Ok(rate(events.div_ceil(BATCH) * BATCH, started.elapsed()))
}

/// Time to read a bundle and hash it as a verifier must, judging nothing: SHA-256 of every file;
/// BLAKE3 of every header and body; SHA-256 of every header, leaf and node.
pub(super) fn hash_bundle(bundle: &Path) -> anyhow::Result<Duration> {
    let mut waiting = vec![bundle.to_owned()];
    let started = Instant::now();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            for entry in fs::read_dir(&path)? {
                waiting.push(entry?.path());
            }
            continue;
        }
        let bytes = fs::read(&path)?;
        std::hint::black_box(leaf_hash(&bytes));
        if path.starts_with(bundle.join("records/headers")) {
            each_entry(&bytes, |header| {
                std::hint::black_box(leaf_hash(&leaf_entry(Seq(0), header)));
                std::hint::black_box(leaf_hash(&[1; 64]));
            });
        } else if path.starts_with(bundle.join("records/bodies")) {
            each_entry(&bytes, |body| {
                std::hint::black_box(blake3::hash(body));
            });
        }
    }
    Ok(started.elapsed())
}

/// Entries are a length of four bytes and as many bytes (docs/format/bundle.md).
fn each_entry(bytes: &[u8], mut visit: impl FnMut(&[u8])) {
    let mut reader = Reader::new(bytes);
    while let Ok(length) = reader.u32("length") {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let Ok(entry) = reader.bytes(length, "entry") else { return };
        visit(entry);
    }
}
