//! Writes a mixed load and prints what the store acknowledged; `replay-tests/scripts/powercut.py`
//! cuts the power under it, and the store's own tests let its syncs fail.
//!
//! Usage: `powercut_writer DIR SEED COMMITS`. Lines: `ack KEY VALUE` (must be found again exactly)
//! and `least KEY NUMBER` (this or a later one must be found). Ends at the first refusal.
#![expect(clippy::print_stdout, reason = "standard output is how it reports")]

#[path = "../tests/it/support.rs"]
mod support;

use std::error::Error;
use std::io::{self, Write as _};
use std::path::Path;

use journal::{Append, Batch, LeafletKey, Store, Urgency};
use record::{JournalId, NodeId, Origin, PageKey, PageWrite, TimestampMicros};

const JOURNALS: u64 = 2;
const NODES: u64 = 300;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(dir), Some(seed), Some(commits)) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err("usage: powercut_writer DIR SEED COMMITS".into());
    };
    let mut load = Load { random: Random(seed.parse::<u64>()?.max(1)), version: 0 };
    let mut store = Store::open(Path::new(&dir), true)?;
    for commit in 1..=commits.parse::<u64>()? {
        // Closing syncs, so the control never closes.
        if commit % 100 == 0 && !cfg!(feature = "control-no-sync") {
            drop(store);
            store = Store::open(Path::new(&dir), true)?;
        }
        load.version = next_version(&store);
        let batch = load.batch();
        let reports = reports_of(&batch);
        let written = store.commit(batch)?;
        let mut out = io::stdout().lock();
        for record in written.iter().flatten() {
            let (origin, seq) = (record.header.origin, record.header.seq);
            writeln!(out, "ack {}/{seq} {}", origin.journal, record.header.record_hash())?;
        }
        out.write_all(reports.as_bytes())?;
        out.flush()?;
    }
    println!("done");
    Ok(())
}

/// Versions never repeat, whatever was lost: they follow the size of the first journal.
fn next_version(store: &Store) -> u64 {
    store.head(support::journal_id(0)).map_or(1, |head| head.size + 1)
}

struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn bytes(&mut self, length: u64) -> Vec<u8> {
        let mut reader =
            blake3::Hasher::new().update(&self.below(u64::MAX).to_be_bytes()).finalize_xof();
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        reader.fill(&mut bytes);
        bytes
    }
}

struct Load {
    random: Random,
    version: u64,
}

impl Load {
    fn batch(&mut self) -> Batch {
        let appends = (0..JOURNALS).map(|journal| self.append(journal)).collect();
        let pages = (0..JOURNALS).map(|journal| (id(journal), self.pages(journal))).collect();
        let key = LeafletKey { kind: 1, number: self.version % 16 };
        let leaflet = stamped(self.version, &self.random.bytes(9_000));
        let leaflets = vec![(id(0), key, Some(leaflet))];
        Batch { appends, pages, leaflets, urgency: Urgency::Cut }
    }

    fn append(&mut self, journal: u64) -> Append {
        let origin = Origin::first(id(journal));
        let count = match self.random.below(4) {
            0 | 1 => 1,
            2 => 4,
            _ => 64,
        };
        let sealed = (0..count).map(|number| {
            let longest = if self.random.below(60) == 0 { 120_000 } else { 600 };
            let length = self.random.below(longest);
            support::event(origin, number, &self.random.bytes(length))
        });
        let sealed = sealed.collect();
        Append { origin, expected: None, recorded_at: TimestampMicros(self.version), sealed }
    }

    /// Pages are written with their version in front, and now and then removed in a run.
    fn pages(&mut self, journal: u64) -> Vec<PageWrite> {
        let key = |node| PageKey { node: NodeId(node), generation: journal };
        if self.random.below(10) == 0 {
            let first = NODES + self.random.below(NODES);
            return (first..first + 20)
                .map(|node| PageWrite { key: key(node), bytes: None })
                .collect();
        }
        let count = self.random.below(4);
        let write = |_| {
            let node = self.random.below(2 * NODES);
            let length = 3_000 + self.random.below(4_000);
            let bytes = stamped(self.version, &self.random.bytes(length));
            PageWrite { key: key(node), bytes: Some(bytes) }
        };
        (0..count).map(write).collect()
    }
}

fn id(journal: u64) -> JournalId {
    support::journal_id(u8::try_from(journal).unwrap_or(u8::MAX))
}

/// `version ‖ BLAKE3(rest) ‖ rest`.
fn stamped(version: u64, rest: &[u8]) -> Vec<u8> {
    [&version.to_be_bytes(), blake3::hash(rest).as_bytes().as_slice(), rest].concat()
}

/// What must be found again of pages and leaflets: those below `NODES` are never removed.
fn reports_of(batch: &Batch) -> String {
    let version = |bytes: &[u8]| bytes.first_chunk().map_or(0, |first| u64::from_be_bytes(*first));
    let pages = batch.pages.iter().flat_map(|(journal, writes)| {
        let lasting = writes.iter().filter(|write| write.key.node.0 < NODES);
        lasting.filter_map(move |write| {
            let found = version(write.bytes.as_ref()?);
            Some(format!("least page/{journal}/{} {found}\n", write.key.node.0))
        })
    });
    let leaflets = batch.leaflets.iter().filter_map(|(journal, key, bytes)| {
        Some(format!("least leaflet/{journal}/{} {}\n", key.number, version(bytes.as_ref()?)))
    });
    pages.chain(leaflets).collect()
}
