//! Reading records back: one by number, or all in order (docs/format/store.md §4).
//!
//! *Invariants:* nothing is returned that was not checked against its place, its predecessor and
//! its digests; the first bad record is named by its number; one block is held at a time.

use std::ops::Range;

use record::{Hash, Header, JournalId, Reader, Record, Seq};
use thiserror::Error;

use crate::chain::{Chain, Flaw};
use crate::database::{Database, Entries, Trouble, Value};
use crate::layout::{BlockKey, Frame, Stem, block_keys, frame_at};
use crate::store::Store;

/// Why something cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The journal has no such record.
    #[error("the journal has no record {seq}")]
    Missing {
        /// Its number.
        seq: Seq,
    },
    /// The first record that is not what was written.
    #[error("record {seq} is damaged: {flaw}")]
    Damaged {
        /// Its number.
        seq: Seq,
        /// What is wrong.
        flaw: Flaw,
    },
    /// A page or leaflet is not what was written.
    #[error("a stored page or leaflet is damaged")]
    DamagedItem,
    /// The engine failed.
    #[error("{0}")]
    Storage(String),
}

impl From<Trouble> for ReadError {
    fn from(trouble: Trouble) -> Self {
        Self::Storage(trouble.to_string())
    }
}

/// Records of one journal in order, each checked while going. Ends after the first error.
pub struct Scan<'a> {
    going: Option<Going<'a>>,
    /// What is said once after the last record.
    at_end: Option<ReadError>,
}

struct Going<'a> {
    records: RawRecords<'a>,
    chain: Chain,
    end: Seq,
}

impl std::fmt::Debug for Scan<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scan(..)")
    }
}

impl<'a> Scan<'a> {
    /// Reads `from..to`; what lies beyond the verified end of the journal becomes one last error.
    pub(crate) fn start(store: &'a Store, journal: JournalId, from: Seq, to: Seq) -> Self {
        let size = store.verified_size(journal);
        let chain = match chain_before(store, journal, from.min(size)) {
            Err(error) => return Self { going: None, at_end: Some(error) },
            Ok(chain) => chain,
        };
        let records = RawRecords::start(store.database(), journal, chain.next);
        let at_end = (to.max(from) > size).then(|| store.absent(journal, from.max(size)));
        Self { going: Some(Going { records, chain, end: to.min(size) }), at_end }
    }
}

impl Iterator for Scan<'_> {
    type Item = Result<Record, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let Some(Going { records, chain, .. }) =
            self.going.as_mut().filter(|going| going.chain.next < going.end)
        else {
            return self.at_end.take().map(Err);
        };
        let record = follow_next(records, chain);
        if record.is_err() {
            (self.going, self.at_end) = (None, None);
        }
        Some(record)
    }
}

fn chain_before(store: &Store, journal: JournalId, from: Seq) -> Result<Chain, ReadError> {
    match from.0.checked_sub(1) {
        None => Ok(Chain::start(journal)),
        Some(before) => Ok(Chain::after(&store.read(journal, Seq(before))?.header)),
    }
}

fn follow_next(records: &mut RawRecords<'_>, chain: &mut Chain) -> Result<Record, ReadError> {
    let seq = chain.next;
    let damaged = |flaw| ReadError::Damaged { seq, flaw };
    let raw = records.next().unwrap_or(Err(damaged(Flaw::Gap)))?;
    let record = Record::decode(raw.as_slice()).map_err(|error| damaged(error.into()))?;
    let record_hash = hash_of_header(raw.as_slice(), &record.bodies);
    chain.follow(&record.header, record_hash).map_err(damaged)?;
    Ok(record)
}

/// The record hash, from the bytes of a record as they are stored: all but its bodies.
pub(crate) fn hash_of_header(bytes: &[u8], bodies: &[Vec<u8>]) -> Hash {
    let bodies_bytes: usize = bodies.iter().map(Vec::len).sum();
    let header = bytes.get(..bytes.len().saturating_sub(bodies_bytes)).unwrap_or_default();
    Hash(*blake3::hash(header).as_bytes())
}

/// A header and its stored bytes; the lengths of the bodies fit, their digests are not looked at.
pub(crate) fn header_of(bytes: &[u8]) -> Result<(Header, &[u8]), Flaw> {
    let mut reader = Reader::new(bytes);
    let header = Header::read(&mut reader)?;
    let rest = reader.remaining();
    let expected: u64 = header.parts.iter().map(record::PartHeader::body_bytes).sum();
    if u64::try_from(rest) != Ok(expected) {
        return Err(record::DecodeError::Short("body").into());
    }
    let header_bytes = bytes.get(..bytes.len() - rest).unwrap_or_default();
    Ok((header, header_bytes))
}

/// The stored bytes of one record.
#[derive(Debug)]
pub(crate) enum RawRecord {
    Within(Value, Range<usize>),
    Whole(Vec<u8>),
}

impl RawRecord {
    pub(crate) fn as_slice(&self) -> &[u8] {
        match self {
            Self::Within(value, range) => value.get(range.clone()).unwrap_or_default(),
            Self::Whole(bytes) => bytes,
        }
    }
}

/// The stored records of one journal in order of their keys; says nothing of their content.
pub(crate) struct RawRecords<'a> {
    entries: Entries<'a>,
    next: Seq,
    block: Option<(Value, usize)>,
    skip: u64,
}

impl<'a> RawRecords<'a> {
    /// Starts at `from`, in whichever block holds it.
    pub(crate) fn start(database: &'a Database, journal: JournalId, from: Seq) -> Self {
        // If no block starts at or before `from`, the first one met shows the gap.
        let within = block_keys(journal, 0, from.0);
        let last = database.last(within).ok().flatten();
        let first = last.and_then(|(key, _)| BlockKey::parse(&key)).map_or(0, |key| key.first);
        let entries = database.range(block_keys(journal, first, u64::MAX));
        Self { entries, next: Seq(first), block: None, skip: from.0.saturating_sub(first) }
    }

    fn raw(&mut self) -> Result<Option<RawRecord>, ReadError> {
        loop {
            let Some((value, offset)) = self.block.take() else {
                match self.open_block()? {
                    None => return Ok(None),
                    Some(value) => self.block = Some((value, 0)),
                }
                continue;
            };
            match frame_at(&value, offset).ok_or_else(|| self.damaged(Flaw::Block))? {
                Frame::End => {}
                Frame::Within(range) => {
                    self.block = Some((value.clone(), range.end));
                    return Ok(Some(RawRecord::Within(value, range)));
                }
                Frame::Longer(length) => return self.gather(&value, length).map(Some),
            }
        }
    }

    fn open_block(&mut self) -> Result<Option<Value>, ReadError> {
        let Some((key, value)) = self.entry()? else { return Ok(None) };
        if key.first > self.next.0 || (key.first == self.next.0 && key.piece > 0) {
            return Err(self.damaged(Flaw::Gap));
        }
        if key.first < self.next.0 || value.is_empty() {
            return Err(self.damaged(Flaw::Block));
        }
        Ok(Some(value))
    }

    fn gather(&mut self, start: &Value, length: usize) -> Result<RawRecord, ReadError> {
        if length > record::RECORD_BYTES_MAX {
            return Err(self.damaged(Flaw::Block));
        }
        let mut bytes = start.get(4..).unwrap_or_default().to_vec();
        for piece in 1..=u16::MAX {
            if bytes.len() >= length {
                break;
            }
            match self.entry()? {
                Some((key, value)) if key.first == self.next.0 && key.piece == piece => {
                    bytes.extend_from_slice(&value);
                }
                _ => return Err(self.damaged(Flaw::Block)),
            }
        }
        if bytes.len() == length {
            Ok(RawRecord::Whole(bytes))
        } else {
            Err(self.damaged(Flaw::Block))
        }
    }

    fn entry(&mut self) -> Result<Option<(BlockKey, Value)>, ReadError> {
        let Some(entry) = self.entries.next() else { return Ok(None) };
        let (key, value) = entry.map_err(|trouble| match trouble {
            Trouble::Corrupt(reason) => self.damaged(Flaw::Storage(reason)),
            trouble @ Trouble::Failed(_) => trouble.into(),
        })?;
        let key = BlockKey::parse(&key).ok_or_else(|| self.damaged(Flaw::Block))?;
        Ok(Some((key, value)))
    }

    fn damaged(&self, flaw: Flaw) -> ReadError {
        ReadError::Damaged { seq: self.next, flaw }
    }
}

impl Iterator for RawRecords<'_> {
    type Item = Result<RawRecord, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let raw = self.raw().transpose()?;
            if raw.is_ok() {
                self.next = self.next.next();
            }
            match self.skip.checked_sub(1) {
                Some(left) if raw.is_ok() => self.skip = left,
                _ => return Some(raw),
            }
        }
    }
}

/// Reads an item that may stand in pieces.
pub(crate) fn read_item(
    database: &Database,
    stem: &Stem,
    bytes_max: usize,
) -> Result<Option<Vec<u8>>, ReadError> {
    let Some(start) = database.get(&stem.piece(0))? else { return Ok(None) };
    let length = match frame_at(&start, 0) {
        Some(Frame::Within(range)) if range.end == start.len() => {
            return Ok(start.get(range).map(<[u8]>::to_vec));
        }
        Some(Frame::Longer(length)) if length <= bytes_max => length,
        _ => return Err(ReadError::DamagedItem),
    };
    let mut bytes = start.get(4..).unwrap_or_default().to_vec();
    for piece in 1..=u16::MAX {
        if bytes.len() >= length {
            break;
        }
        let value = database.get(&stem.piece(piece))?.ok_or(ReadError::DamagedItem)?;
        bytes.extend_from_slice(&value);
    }
    if bytes.len() == length { Ok(Some(bytes)) } else { Err(ReadError::DamagedItem) }
}
