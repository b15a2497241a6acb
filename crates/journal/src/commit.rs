//! Taking in records, pages and leaflets as one batch with one sync (docs/format/store.md §5).
//!
//! *Invariants:* everything that can be refused is refused before anything is written; what is
//! acknowledged is on disk and reads back as it was written; a batch is there whole or not at all,
//! but for the page of a mint, which may come alone (docs/format/store.md §5.1).

use std::collections::BTreeMap;

use record::{
    JournalId, Origin, PARTS_MAX, PageWrite, RECORD_BYTES_MAX, Record, Sealed, Seq, TimestampMicros,
};
use thiserror::Error;

use crate::chain::{Chain, Flaw};
use crate::database::{Database, Writes};
use crate::layout::{LeafletKey, Packer, Stem, frame, pieces};
use crate::reserve::Short;
use crate::scan::{RawRecords, ReadError, hash_of_header};
use crate::store::{Journal, Link, Store};
use crate::watch::watched;

/// Most records of one batch: about a tenth of a second of writing.
pub const BATCH_RECORDS_MAX: usize = 16_384;
/// Most bytes of one batch: two of the largest records, and never much memory.
pub const BATCH_BYTES_MAX: usize = 2 * RECORD_BYTES_MAX + 1024 * 1024;
/// Largest page of a key tree. Up to 5,996 bytes it fits one value.
pub const PAGE_BYTES_MAX: usize = 64 * 1024;
/// Largest leaflet.
pub const LEAFLET_BYTES_MAX: usize = RECORD_BYTES_MAX;
/// Space that only a cut may use, held by a file: an erasure must be possible on a full disk.
pub const RESERVE_BYTES: u64 = 64 * 1024 * 1024;
/// Space below which not even a cut is written: the engine allots segments of 512 KiB, and opening
/// needs some for its own snapshot.
pub const FREE_BYTES_FLOOR: u64 = 4 * 1024 * 1024;

/// The engine rewrites tree nodes around what it stores.
const WRITE_AMPLIFICATION: u64 = 3;

/// Whether a batch may use the reserved space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Urgency {
    /// It may not.
    #[default]
    Ordinary,
    /// It may: it belongs to a cut.
    Cut,
}

/// Events of one journal, to be recorded one after the other.
#[derive(Debug)]
pub struct Append {
    /// The journal and its era.
    pub origin: Origin,
    /// The number that the first must get, if that matters to the caller.
    pub expected: Option<Seq>,
    /// The time now; if the journal is ahead of it, the journal's time is used.
    pub recorded_at: TimestampMicros,
    /// The events.
    pub sealed: Vec<Sealed>,
}

/// What becomes durable together.
#[derive(Debug, Default)]
pub struct Batch {
    /// Records.
    pub appends: Vec<Append>,
    /// Pages of key trees, written or removed.
    pub pages: Vec<(JournalId, Vec<PageWrite>)>,
    /// Leaflets, written or, with `None`, removed.
    pub leaflets: Vec<(JournalId, LeafletKey, Option<Vec<u8>>)>,
    /// Whether it may use the reserved space.
    pub urgency: Urgency,
}

/// Why a batch was not taken. Except for [`CommitError::Poisoned`], nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CommitError {
    /// The journal has moved on.
    #[error("the journal is at {found}, not at {expected}")]
    Conflict {
        /// Which journal.
        journal: JournalId,
        /// Where the caller thought it was.
        expected: Seq,
        /// Where it is.
        found: Seq,
    },
    /// Too little space is left on the disk.
    #[error("the disk has {free} bytes left and this batch needs {needed}; free some space")]
    NoSpace {
        /// Bytes left.
        free: u64,
        /// Bytes that must be left before writing, the reserve among them.
        needed: u64,
    },
    /// A record, a page, a leaflet or the batch is over its limit.
    #[error("{0} over its limit")]
    TooLarge(&'static str),
    /// An event was sealed for another journal or era, or for an era that is over.
    #[error("the event was sealed for another journal or era")]
    Foreign,
    /// A sealed event without parts, or with more than a header can count.
    #[error("an event has 1 to 255 parts")]
    Malformed,
    /// The journal has a flaw and takes no more records.
    #[error("the journal is damaged at record {seq}: {flaw}")]
    Damaged {
        /// The first bad record.
        seq: Seq,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// The store could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A write failed now or earlier. Whether this batch is on disk shows after a restart.
    #[error("the store takes no more writes until a restart: {0}")]
    Poisoned(String),
}

/// What one batch comes to before anything is written.
struct Plan {
    records: Vec<Vec<Record>>,
    encoded: BTreeMap<JournalId, Encoded>,
    writes: Writes,
}

/// Records that follow each other in one journal, packed but not stored.
pub(crate) struct Encoded {
    pub(crate) chain: Chain,
    packer: Packer,
    count: usize,
}

impl Encoded {
    /// None yet, of a journal that stands here.
    pub(crate) fn after(chain: Chain) -> Self {
        Self { chain, packer: Packer::new(chain.origin().journal, chain.next.0), count: 0 }
    }

    /// Packs the bytes of the record that the chain has just followed.
    pub(crate) fn push(&mut self, record: &[u8]) {
        self.packer.push(record);
        self.count += 1;
    }

    /// Adds the blocks to what will be written.
    pub(crate) fn write_into(&mut self, writes: &mut Writes) {
        for (stem, block) in self.packer.finish() {
            writes.extend(pieces(&stem, block).into_iter().map(with_value));
        }
    }
}

impl Store {
    /// Writes a batch, syncs it, reads it back, and returns the records of each append in order.
    ///
    /// # Errors
    /// [`CommitError`]; on a refusal nothing was written.
    pub fn commit(&mut self, batch: Batch) -> Result<Vec<Vec<Record>>, CommitError> {
        if let Some(reason) = self.poisoned() {
            return Err(CommitError::Poisoned(reason.to_owned()));
        }
        let urgency = batch.urgency;
        let plan = self.plan(batch)?;
        self.check_space(&plan.writes, urgency)?;
        let Plan { records, encoded, writes } = plan;
        let (database, journals) = self.parts_mut();
        if !writes.is_empty() {
            database.apply(&writes).map_err(CommitError::Poisoned)?;
        }
        for (id, ended) in encoded.into_iter().filter(|(_, ended)| ended.count > 0) {
            let journal = journals.entry(id).or_insert_with(|| Journal::start(id));
            take_back(database, journal, &ended)?;
        }
        Ok(records)
    }

    /// Whether ordinary work of so many bytes would be taken now.
    ///
    /// # Errors
    /// The operating system's, when it does not say how much is free.
    pub fn has_room(&mut self, bytes: u64) -> Result<bool, ReadError> {
        Ok(self.admit(bytes, Urgency::Ordinary)?.is_ok())
    }

    fn plan(&self, batch: Batch) -> Result<Plan, CommitError> {
        check_limits(&batch)?;
        let mut plan =
            Plan { records: Vec::new(), encoded: BTreeMap::new(), writes: Writes::new() };
        for append in batch.appends {
            let records = self.place(&mut plan.encoded, append)?;
            plan.records.push(records);
        }
        for encoded in plan.encoded.values_mut() {
            encoded.write_into(&mut plan.writes);
        }
        for (journal, page_writes) in batch.pages {
            for write in page_writes {
                let stem = Stem::page(journal, write.key);
                put(self.database(), &mut plan.writes, &stem, write.bytes)?;
            }
        }
        for (journal, key, bytes) in batch.leaflets {
            put(self.database(), &mut plan.writes, &Stem::leaflet(journal, key), bytes)?;
        }
        let bytes: usize = plan.writes.values().flatten().map(Vec::len).sum();
        if bytes > BATCH_BYTES_MAX { Err(CommitError::TooLarge("batch")) } else { Ok(plan) }
    }

    fn place(
        &self,
        encoded: &mut BTreeMap<JournalId, Encoded>,
        append: Append,
    ) -> Result<Vec<Record>, CommitError> {
        let journal = append.origin.journal;
        if let Some(damage) = self.damage(journal) {
            return Err(CommitError::Damaged { seq: damage.seq, flaw: damage.flaw.clone() });
        }
        let start = || self.journal(journal).map_or(Chain::start(journal), |known| known.chain);
        let ended = encoded.entry(journal).or_insert_with(|| Encoded::after(start()));
        let found = ended.chain.next;
        if let Some(expected) = append.expected
            && expected != found
        {
            return Err(CommitError::Conflict { journal, expected, found });
        }
        let at = append.recorded_at;
        let place = |sealed: Sealed| {
            let fits = sealed.origin() == append.origin && ended.chain.admits(append.origin);
            if fits { place_one(ended, sealed, at) } else { Err(CommitError::Foreign) }
        };
        append.sealed.into_iter().map(place).collect()
    }

    fn check_space(&mut self, writes: &Writes, urgency: Urgency) -> Result<(), CommitError> {
        let length = |(key, value): (&Vec<u8>, &Option<Vec<u8>>)| {
            key.len() + value.as_ref().map_or(0, Vec::len)
        };
        let bytes = u64::try_from(writes.iter().map(length).sum::<usize>()).unwrap_or(u64::MAX);
        let bytes = bytes.saturating_mul(WRITE_AMPLIFICATION);
        let admitted = self.admit(bytes, urgency)?;
        admitted.map_err(|Short { free, needed }| CommitError::NoSpace { free, needed })
    }

    /// Takes the reserve back or gives it up, as the work asks, which may write to the disk.
    fn admit(&mut self, bytes: u64, urgency: Urgency) -> Result<Result<(), Short>, ReadError> {
        let reserve = self.parts_mut().0.reserve_mut();
        let path = reserve.path().to_owned();
        let admitted = watched(&path, || match urgency {
            Urgency::Ordinary => reserve.admit(bytes),
            Urgency::Cut => reserve.admit_cut(bytes),
        });
        admitted.map_err(|error| ReadError::Storage(error.to_string()))
    }
}

fn check_limits(batch: &Batch) -> Result<(), CommitError> {
    let records: usize = batch.appends.iter().map(|append| append.sealed.len()).sum();
    let mut pages = batch.pages.iter().flat_map(|(_, writes)| writes);
    let mut leaflets = batch.leaflets.iter();
    if records > BATCH_RECORDS_MAX {
        return Err(CommitError::TooLarge("number of records in the batch"));
    }
    if pages.any(|write| over(write.bytes.as_ref(), PAGE_BYTES_MAX)) {
        return Err(CommitError::TooLarge("page"));
    }
    if leaflets.any(|(_, _, bytes)| over(bytes.as_ref(), LEAFLET_BYTES_MAX)) {
        return Err(CommitError::TooLarge("leaflet"));
    }
    Ok(())
}

fn over(bytes: Option<&Vec<u8>>, bytes_max: usize) -> bool {
    bytes.is_some_and(|bytes| bytes.len() > bytes_max)
}

fn place_one(
    ended: &mut Encoded,
    sealed: Sealed,
    at: TimestampMicros,
) -> Result<Record, CommitError> {
    if !(1..=PARTS_MAX).contains(&sealed.parts().len()) {
        return Err(CommitError::Malformed);
    }
    let chain = &mut ended.chain;
    let record = sealed.into_record(chain.next, at.max(chain.recorded_at), chain.last);
    let bytes = record.encode();
    if bytes.len() > RECORD_BYTES_MAX {
        return Err(CommitError::TooLarge("record"));
    }
    let record_hash = hash_of_header(&bytes, &record.bodies);
    chain.follow(&record.header, record_hash).map_err(|_| CommitError::Foreign)?;
    ended.push(&bytes);
    Ok(record)
}

fn with_value((key, value): (Vec<u8>, Vec<u8>)) -> (Vec<u8>, Option<Vec<u8>>) {
    (key, Some(value))
}

/// Writes or removes an item, and removes the pieces that a longer one before it left.
fn put(
    database: &Database,
    writes: &mut Writes,
    stem: &Stem,
    bytes: Option<Vec<u8>>,
) -> Result<(), ReadError> {
    let new = bytes.map_or_else(Vec::new, |bytes| pieces(stem, frame(&bytes)));
    let kept = u16::try_from(new.len()).unwrap_or(u16::MAX);
    for piece in kept..=u16::MAX {
        let key = stem.piece(piece);
        if !writes.contains_key(&key) && database.get(&key)?.is_none() {
            break;
        }
        writes.insert(key, None);
    }
    writes.extend(new.into_iter().map(with_value));
    Ok(())
}

/// Rehashes what was just stored, and lets the journal grow by it.
pub(crate) fn take_back(
    database: &mut Database,
    journal: &mut Journal,
    ended: &Encoded,
) -> Result<(), CommitError> {
    let origin = ended.chain.origin();
    let stored = RawRecords::start(database, origin.journal, journal.chain.next);
    let stored: Vec<_> = stored.take(ended.count).collect();
    let links = record::spread(stored, |raw| match raw {
        Ok(raw) => Link::of(raw.as_slice()).map_err(|flaw| flaw.to_string()),
        Err(error) => Err(error.to_string()),
    });
    let taken = links
        .into_iter()
        .try_for_each(|link| journal.follow(&link?).map_err(|flaw| flaw.to_string()));
    let taken = taken.and_then(|()| match journal.chain == ended.chain {
        true => Ok(()),
        false => Err("the stored records hash to something else".to_owned()),
    });
    taken.map_err(|reason| {
        database.poison(reason.clone());
        CommitError::Poisoned(reason)
    })
}
