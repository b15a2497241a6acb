//! Where a journal stood at some size: what a later opening needs to follow it from there on
//! (docs/format/snapshot.md §2).
//!
//! *Invariant:* a position says nothing that a reader of headers could not compute; it is a claim,
//! and whoever uses one must know who wrote it.

use record::tree::Frontier;
use record::{DecodeError, Hash, JournalId, Origin, Reader, Seq, TimestampMicros, Writer};

use crate::chain::Chain;

/// Every so many records the tree's edge is kept, so that the root at an earlier size costs at
/// most that many headers. A checkpoint is due after as many, so that a guard lags behind by no
/// more either.
pub const MARK_EVERY: u64 = 4_096;

/// The end of a journal at some size, with the edges of its tree at that size and before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    pub(crate) chain: Chain,
    pub(crate) frontier: Frontier,
    /// The edge at every [`MARK_EVERY`] records, from 0.
    pub(crate) marks: Vec<Frontier>,
}

impl Position {
    /// The journal and its era.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        self.chain.origin()
    }

    /// How many records lie before it.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.chain.next.0
    }

    /// The root of the tree over them.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// Appends its bytes: of each edge only the hashes, since its size says how many there are.
    pub fn write(&self, out: &mut Writer) {
        let Origin { journal, era } = self.origin();
        out.bytes(journal.as_bytes()).u32(era).u64(self.size());
        out.u64(self.chain.recorded_at.0).bytes(&self.chain.last.0);
        for edge in self.marks.iter().chain([&self.frontier]) {
            edge.peaks().for_each(|peak| {
                out.bytes(&peak.0);
            });
        }
    }

    /// Reads what [`Position::write`] wrote.
    ///
    /// # Errors
    /// [`DecodeError`] at the first field that is not there.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let journal = JournalId::from_bytes(reader.array("journal")?);
        let era = reader.u32("era")?;
        let size = reader.u64("size")?;
        let recorded_at = TimestampMicros(reader.u64("recorded at")?);
        let last = Hash(reader.array("last")?);
        let chain = Chain::resumed(Origin { journal, era }, Seq(size), last, recorded_at);
        let sizes = (0..=size / MARK_EVERY).map(|mark| mark.saturating_mul(MARK_EVERY));
        let marks = sizes.map(|size| edge(reader, size)).collect::<Result<_, _>>()?;
        Ok(Self { chain, marks, frontier: edge(reader, size)? })
    }
}

fn edge(reader: &mut Reader<'_>, size: u64) -> Result<Frontier, DecodeError> {
    let read = |_| Ok(Hash(reader.array("peak")?));
    let peaks = (0..size.count_ones()).map(read).collect::<Result<Vec<_>, _>>()?;
    Frontier::from_peaks(size, &peaks).ok_or(DecodeError::Value("peaks"))
}
