//! What a commit costs, and what blocks gain over one value for each record.
//!
//! Usage: `cost DIR`, with DIR on the disk that counts. Prints events per second for batches of 1,
//! 64 and 1,024 records of 300 bytes: through the store, and through the bare engine with records
//! packed and unpacked; then reading back, and bytes on disk.
#![expect(clippy::print_stdout, reason = "standard output is how it reports")]

#[path = "../tests/it/support.rs"]
mod support;

use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use journal::{Append, Batch, Store, VALUE_BYTES_MAX};
use record::{Origin, Seq, TimestampMicros};

const TIME: Duration = Duration::from_secs(3);
/// A header of one part takes 189 bytes here; the whole record takes 300.
const BODY: [u8; 111] = [5; 111];
const RECORD: [u8; 300] = [5; 300];

type Measured = Result<(), Box<dyn Error>>;

fn main() -> Measured {
    let dir = std::env::args().nth(1).ok_or("usage: cost DIR")?;
    for count in [1, 64, 1_024] {
        let path = |name: &str| Path::new(&dir).join(format!("{name}-{count}"));
        store(&path("store"), count)?;
        engine(&path("packed"), count, VALUE_BYTES_MAX / RECORD.len())?;
        engine(&path("single"), count, 1)?;
    }
    Ok(())
}

fn store(path: &Path, count: u64) -> Measured {
    let journal = support::journal_id(1);
    let mut store = Store::open(path, true)?;
    let (mut commits, start) = (0, Instant::now());
    while start.elapsed() < TIME {
        let origin = Origin::first(journal);
        let sealed = (0..count).map(|number| support::event(origin, number, &BODY)).collect();
        let append = Append { origin, expected: None, recorded_at: TimestampMicros(1), sealed };
        store.commit(Batch { appends: vec![append], ..Batch::default() })?;
        commits += 1;
    }
    report("store, sealed and chained", count, commits, start.elapsed());
    let size = commits * count;
    let start = Instant::now();
    let read = store.scan(journal, Seq(0), Seq(size)).filter_map(Result::ok).count();
    report("  scan", u64::try_from(read)?, 1, start.elapsed());
    drop(store);
    let start = Instant::now();
    let store = Store::open(path, false)?;
    report("  open", store.head(journal).map_or(0, |head| head.size), 1, start.elapsed());
    println!(
        "  {} bytes on disk for each record",
        File::open(path.join("db"))?.metadata()?.len() / size
    );
    Ok(())
}

fn engine(path: &Path, count: u64, in_one_value: usize) -> Measured {
    let engine = sled::Config::new().path(path).flush_every_ms(None).open()?;
    let file = File::options().write(true).open(path.join("db"))?;
    let (mut commits, mut next, start) = (0, 0_u64, Instant::now());
    while start.elapsed() < TIME {
        let mut batch = sled::Batch::default();
        let mut left = usize::try_from(count)?;
        while left > 0 {
            let packed = left.min(in_one_value);
            batch.insert(&next.to_be_bytes(), RECORD.repeat(packed));
            next += u64::try_from(packed)?;
            left -= packed;
        }
        engine.apply_batch(batch)?;
        engine.flush()?;
        file.sync_data()?;
        commits += 1;
    }
    let name = if in_one_value == 1 { "engine, one value each" } else { "engine, packed" };
    report(name, count, commits, start.elapsed());
    let start = Instant::now();
    let bytes = engine.iter().filter_map(Result::ok).map(|(_, value)| value.len()).sum::<usize>();
    report("  read", u64::try_from(bytes / RECORD.len())?, 1, start.elapsed());
    println!("  {} bytes on disk for each record", file.metadata()?.len() / next);
    Ok(())
}

fn report(name: &str, count: u64, times: u64, took: Duration) {
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
    println!("{name:26} {count:8} x {times:6}: {:9} records/s", count * times * 1_000_000 / micros);
}
