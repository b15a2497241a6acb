//! What makes a record the next one of its journal (docs/format/store.md §4).
//!
//! *Invariant:* every place that reads a journal through asks [`Chain`]: opening, scanning, and the
//! reading back after a commit.

use record::{CHAIN_START, DecodeError, Hash, Header, JournalId, Origin, Seq, TimestampMicros};
use thiserror::Error;

/// What is wrong with a stored record.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Flaw {
    /// It is not there, though a later one is.
    #[error("the record is missing")]
    Gap,
    /// Its bytes are not a record, or a body does not fit its digest.
    #[error("the record does not fit its format: {0}")]
    Format(#[from] DecodeError),
    /// The stored value is not a block of records.
    #[error("the stored block is not made of records")]
    Block,
    /// It belongs to another journal or an impossible era.
    #[error("the record belongs to another journal or era")]
    Origin,
    /// It carries another number than its place.
    #[error("the record carries another number")]
    Number,
    /// It is older than its predecessor.
    #[error("the record is older than its predecessor")]
    Time,
    /// It names another predecessor: it was changed, or the one before it.
    #[error("the record names another predecessor: it was changed, or the one before it")]
    Previous,
    /// The engine could not read it.
    #[error("{0}")]
    Storage(String),
}

/// The end of a journal as far as it was followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chain {
    journal: JournalId,
    /// The era of the last record; before the first, that of the first.
    pub(crate) era: u32,
    pub(crate) next: Seq,
    pub(crate) last: Hash,
    pub(crate) recorded_at: TimestampMicros,
}

impl Chain {
    pub(crate) const fn start(journal: JournalId) -> Self {
        Self { journal, era: 0, next: Seq(0), last: CHAIN_START, recorded_at: TimestampMicros(0) }
    }

    /// The chain right after a record that is trusted.
    pub(crate) fn after(header: &Header) -> Self {
        Self {
            journal: header.origin.journal,
            era: header.origin.era,
            next: header.seq.next(),
            last: header.record_hash(),
            recorded_at: header.recorded_at,
        }
    }

    /// The chain as somebody says that it stood.
    pub(crate) const fn resumed(
        origin: Origin,
        next: Seq,
        last: Hash,
        recorded_at: TimestampMicros,
    ) -> Self {
        Self { journal: origin.journal, era: origin.era, next, last, recorded_at }
    }

    pub(crate) const fn origin(&self) -> Origin {
        Origin { journal: self.journal, era: self.era }
    }

    /// Whether a record of this origin may come next: eras never go back. They may skip, since a
    /// restore to before the start of an era leaves that era without records.
    pub(crate) fn admits(&self, origin: Origin) -> bool {
        origin.journal == self.journal && origin.era >= self.era
    }

    /// Follows one record, whose hash the caller computed from its stored header.
    pub(crate) fn follow(&mut self, header: &Header, record_hash: Hash) -> Result<(), Flaw> {
        if header.origin.journal != self.journal {
            return Err(Flaw::Origin);
        }
        if header.seq != self.next {
            return Err(Flaw::Number);
        }
        // Before era and time: if the predecessor was changed in these, this is what shows it.
        if header.previous != self.last {
            return Err(Flaw::Previous);
        }
        if !self.admits(header.origin) {
            return Err(Flaw::Origin);
        }
        if header.recorded_at < self.recorded_at {
            return Err(Flaw::Time);
        }
        self.era = header.origin.era;
        self.next = self.next.next();
        self.last = record_hash;
        self.recorded_at = header.recorded_at;
        Ok(())
    }
}
