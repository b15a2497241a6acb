//! The raw limits: the same bytes to a file, in the same groups, with `fdatasync`.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Barrier, Mutex, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant};

use super::figures::{median, rate};
use super::load::GROUP;

/// Syncs of one median.
const SYNCS: usize = 501;

/// Median seconds of appending one record's bytes and syncing them.
pub(super) fn sync(directory: &Path, bytes: usize) -> anyhow::Result<f64> {
    let mut file = File::create(directory.join("sync"))?;
    let record = vec![7u8; bytes];
    let mut took = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let started = Instant::now();
        file.write_all(&record)?;
        file.sync_data()?;
        took.push(started.elapsed().as_secs_f64());
    }
    Ok(median(&took))
}

/// Appends of many threads that share syncs, each waiting for its own: events a second.
pub(super) fn appends(
    directory: &Path,
    writers: usize,
    each: usize,
    bytes: usize,
) -> anyhow::Result<f64> {
    let shared = Shared::create(&directory.join("raw"), bytes)?;
    let barrier = Barrier::new(writers + 1);
    let record = vec![7u8; bytes];
    let took = std::thread::scope(|scope| -> anyhow::Result<Duration> {
        let threads: Vec<_> = (0..writers)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    (0..each).try_for_each(|_| shared.append(&record))
                })
            })
            .collect();
        barrier.wait();
        let started = Instant::now();
        for thread in threads {
            thread.join().map_err(|_| anyhow::anyhow!("a writer panicked"))??;
        }
        Ok(started.elapsed())
    })?;
    Ok(rate(writers * each, took))
}

/// Appends in groups of 1,024: events a second.
pub(super) fn batches(directory: &Path, events: u64, bytes: usize) -> anyhow::Result<f64> {
    let mut file = File::create(directory.join("raw-batches"))?;
    let batch = vec![7u8; bytes * GROUP];
    let groups = usize::try_from(events)?.div_ceil(GROUP);
    let started = Instant::now();
    for _ in 0..groups {
        file.write_all(&batch)?;
        file.sync_data()?;
    }
    let took = started.elapsed();
    drop(file);
    std::fs::remove_file(directory.join("raw-batches"))?;
    Ok(rate(groups * GROUP, took))
}

/// One file and whoever appends to it. Whoever finds nobody syncing syncs for all that wait, so
/// that no thread stands between a writer and the disk.
struct Shared {
    file: File,
    /// Guards what waits; held while bytes are copied in, never during a sync.
    waiting: Mutex<Waiting>,
    /// Number of the last group that is durable.
    durable: AtomicU64,
    group_bytes_max: usize,
}

#[derive(Default)]
struct Waiting {
    /// Number of the group that is being gathered.
    group: u64,
    bytes: Vec<u8>,
    threads: Vec<Thread>,
    syncing: bool,
    spare: (Vec<u8>, Vec<Thread>),
}

impl Shared {
    fn create(path: &Path, bytes: usize) -> io::Result<Self> {
        let waiting = Mutex::new(Waiting { group: 1, ..Waiting::default() });
        let group_bytes_max = bytes * GROUP;
        Ok(Self { file: File::create(path)?, waiting, durable: AtomicU64::new(0), group_bytes_max })
    }

    fn append(&self, record: &[u8]) -> io::Result<()> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.bytes.extend_from_slice(record);
        let group = waiting.group;
        assert!(waiting.bytes.len() <= self.group_bytes_max, "more writers than a group takes");
        waiting.threads.push(std::thread::current());
        loop {
            if !waiting.syncing {
                waiting.syncing = true;
                let (spare, threads) = std::mem::take(&mut waiting.spare);
                let bytes = std::mem::replace(&mut waiting.bytes, spare);
                let threads = std::mem::replace(&mut waiting.threads, threads);
                waiting.group += 1;
                drop(waiting);
                return self.sync(group, bytes, threads);
            }
            drop(waiting);
            std::thread::park();
            if self.durable.load(Ordering::Acquire) >= group {
                return Ok(());
            }
            waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Writes and syncs a group, wakes its threads and one of those that wait for the next.
    fn sync(&self, group: u64, mut bytes: Vec<u8>, mut threads: Vec<Thread>) -> io::Result<()> {
        (&self.file).write_all(&bytes)?;
        self.file.sync_data()?;
        self.durable.store(group, Ordering::Release);
        bytes.clear();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.syncing = false;
        let next = waiting.threads.first().cloned();
        drop(waiting);
        next.iter().for_each(Thread::unpark);
        threads.drain(..).for_each(|thread| thread.unpark());
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).spare = (bytes, threads);
        Ok(())
    }
}
