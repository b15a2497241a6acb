//! Reading a journal takes memory that does not grow with its length.
//!
//! Memory is measured in a process of its own, which opens the store and reads: this test starts
//! itself again. Without the further looks of `database.rs` the whole journal stayed resident.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use journal::{Append, Batch, Store};
use record::{Origin, Seq, TimestampMicros};

use crate::support::{event, journal_id};

const READER: &str = "ZEGEL_TEST_READS";
/// Far more than the cache of 64 MiB and what the looks leave beside it.
const JOURNAL_BYTES: usize = 320 * 1024 * 1024;
const BODY_BYTES: usize = 5_700;
const RECORDS_OF_BATCH: usize = 2_048;
const RESIDENT_BYTES_MAX: u64 = 160 * 1024 * 1024;

fn fill(dir: &Path) {
    let mut store = Store::open(dir, true).unwrap();
    let origin = Origin::first(journal_id(1));
    let body = vec![0x5a; BODY_BYTES];
    for _ in 0..JOURNAL_BYTES / BODY_BYTES / RECORDS_OF_BATCH {
        let next = store.size(origin.journal);
        let sealed = (next..).take(RECORDS_OF_BATCH).map(|number| event(origin, number, &body));
        let recorded_at = TimestampMicros(next);
        let append = Append { origin, expected: None, recorded_at, sealed: sealed.collect() };
        store.commit(Batch { appends: vec![append], ..Batch::default() }).unwrap();
    }
}

/// Opens, which follows every header, and reads every record.
fn read(dir: &Path) -> u64 {
    let store = Store::open(dir, false).unwrap();
    let journal = journal_id(1);
    let size = store.size(journal);
    assert_eq!(
        store.scan(journal, Seq(0), Seq(size)).map(Result::unwrap).count(),
        usize::try_from(size).unwrap()
    );
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[test]
fn a_reading_is_bounded() {
    if let Some(dir) = std::env::var_os(READER) {
        let peak = read(Path::new(&dir));
        writeln!(std::io::stdout(), "peak {peak}").unwrap();
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path());
    let own = std::env::current_exe().unwrap();
    let mut reader = Command::new(own);
    reader.args(["--exact", "memory::a_reading_is_bounded", "--nocapture"]);
    let said = reader.env(READER, dir.path()).output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let peak = said.lines().find_map(|line| line.split("peak ").nth(1)).unwrap_or_default();
    let peak: u64 = peak.trim().parse().unwrap();
    assert!(peak < RESIDENT_BYTES_MAX, "{peak} bytes were resident");
}
