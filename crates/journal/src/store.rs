//! The store: all journals of one installation, with the pages and leaflets beside them.
//!
//! *Invariants:* what memory holds of a journal (its end, its tree) was read from stored bytes, at
//! opening or right after a commit; a journal with a flaw keeps its sound prefix readable, takes no
//! further record, and does not keep other journals from working.

use std::collections::BTreeMap;
use std::path::Path;

use record::tree::{self, Frontier};
use record::{Hash, Header, JournalId, Origin, PageKey, Record, Seq, TimestampMicros};

use crate::chain::{Chain, Flaw};
use crate::commit::{LEAFLET_BYTES_MAX, PAGE_BYTES_MAX};
use crate::database::{Database, OpenError};
use crate::layout::{
    BlockKey, LeafletKey, Stem, journals_after, leaflet_keys, page_keys, parse_leaflet_key,
    parse_page_key,
};
use crate::position::{MARK_EVERY, Position};
use crate::scan::{RawRecords, ReadError, Scan, header_of, read_item};

/// The end of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Journal and current era.
    pub origin: Origin,
    /// How many records it has; the next one carries this number.
    pub size: u64,
    /// Record hash of the last.
    pub last: Hash,
    /// When the last was recorded.
    pub recorded_at: TimestampMicros,
    /// Root of the tree over all of them.
    pub root: Hash,
}

/// The first flaw of a journal, found when it was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The first record that is not sound; all before it are chained.
    pub seq: Seq,
    /// What is wrong with it.
    pub flaw: Flaw,
}

/// What memory holds of one journal.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    pub(crate) chain: Chain,
    frontier: Frontier,
    marks: Vec<Frontier>,
    pub(crate) damage: Option<Damage>,
    /// How many records were taken on the word of a [`Position`].
    resumed: u64,
}

impl Journal {
    pub(crate) fn start(journal: JournalId) -> Self {
        Self {
            chain: Chain::start(journal),
            frontier: Frontier::default(),
            marks: vec![Frontier::default()],
            damage: None,
            resumed: 0,
        }
    }

    fn at(position: Position) -> Self {
        let Position { chain, frontier, marks } = position;
        Self { chain, frontier, marks, damage: None, resumed: chain.next.0 }
    }

    /// Takes in the next record by its stored bytes.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<(), Flaw> {
        self.follow(&Link::of(bytes)?)
    }

    /// Takes in the next record, hashed already.
    pub(crate) fn follow(&mut self, link: &Link) -> Result<(), Flaw> {
        self.chain.follow(&link.header, link.record_hash)?;
        self.frontier.push(link.leaf);
        if self.chain.next.0.is_multiple_of(MARK_EVERY) {
            self.marks.push(self.frontier.clone());
        }
        Ok(())
    }

    fn head(&self) -> Head {
        Head {
            origin: self.chain.origin(),
            size: self.chain.next.0,
            last: self.chain.last,
            recorded_at: self.chain.recorded_at,
            root: self.frontier.root(),
        }
    }
}

/// A stored record as chain and tree take it in: what can be hashed before its place is known.
pub(crate) struct Link {
    header: Header,
    record_hash: Hash,
    leaf: Hash,
}

impl Link {
    /// Hashes a header by its stored bytes.
    pub(crate) fn of(bytes: &[u8]) -> Result<Self, Flaw> {
        let (header, header_bytes) = header_of(bytes)?;
        let entry = tree::leaf_entry(header.seq, header_bytes);
        let (record_hash, leaf) = (tree::recorded_hash(&entry), tree::leaf_hash(&entry));
        Ok(Self { header, record_hash, leaf })
    }
}

/// One database with all its journals.
#[derive(Debug)]
pub struct Store {
    database: Database,
    journals: BTreeMap<JournalId, Journal>,
}

impl Store {
    /// Opens the database in a directory, or creates it there.
    ///
    /// Follows the chain of every journal; bodies are checked when they are read.
    ///
    /// # Errors
    /// [`OpenError`]; a flaw of a journal is not one of them, see [`Store::damage`].
    pub fn open(dir: &Path, create: bool) -> Result<Self, OpenError> {
        Self::open_at(dir, create, BTreeMap::new())
    }

    /// The same, following a journal only from a position where one is given and fits: the record
    /// before it is the one that it names. What lies before is then taken on the word of whoever
    /// gave the position; [`Store::follow`] takes it back.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_at(
        dir: &Path,
        create: bool,
        mut positions: BTreeMap<JournalId, Position>,
    ) -> Result<Self, OpenError> {
        let database = Database::open(dir, create)?;
        let unreadable = |error: ReadError| OpenError::Damaged {
            path: dir.to_owned(),
            reason: error.to_string(),
        };
        let mut journals = BTreeMap::new();
        let mut after = None;
        while let Some(id) = journal_after(&database, after).map_err(unreadable)? {
            let start = positions.remove(&id).filter(|position| fits(&database, id, position));
            let start = start.map_or_else(|| Journal::start(id), Journal::at);
            journals.insert(id, follow_journal(&database, start).map_err(unreadable)?);
            after = Some(id);
        }
        Ok(Self { database, journals })
    }

    /// Follows a journal again from its first record, believing nobody.
    ///
    /// # Errors
    /// [`ReadError::Storage`]; a flaw is not an error, see [`Store::damage`].
    pub fn follow(&mut self, journal: JournalId) -> Result<(), ReadError> {
        if self.journals.contains_key(&journal) {
            let followed = follow_journal(&self.database, Journal::start(journal))?;
            self.journals.insert(journal, followed);
        }
        Ok(())
    }

    /// How many records of a journal were not followed but taken on the word of a position.
    #[must_use]
    pub fn resumed(&self, journal: JournalId) -> u64 {
        self.journals.get(&journal).map_or(0, |journal| journal.resumed)
    }

    /// Whether the journal passes through this position: the record before it is the one it names.
    #[must_use]
    pub fn stands_at(&self, position: &Position) -> bool {
        let id = position.origin().journal;
        position.size() <= self.size(id) && fits(&self.database, id, position)
    }

    /// Where a journal ends now, for a later [`Store::open_at`]; `None` of a damaged one.
    #[must_use]
    pub fn position(&self, journal: JournalId) -> Option<Position> {
        let Journal { chain, frontier, marks, damage, .. } = self.journals.get(&journal)?;
        let (chain, frontier, marks) = (*chain, frontier.clone(), marks.clone());
        damage.is_none().then_some(Position { chain, frontier, marks })
    }

    /// The end of a journal; of a damaged one, the end of its sound prefix.
    #[must_use]
    pub fn head(&self, journal: JournalId) -> Option<Head> {
        self.journals.get(&journal).map(Journal::head)
    }

    /// How many records a journal has; none if there is no such journal.
    #[must_use]
    pub fn size(&self, journal: JournalId) -> u64 {
        self.verified_size(journal).0
    }

    /// All journals, in order of their ids.
    #[must_use]
    pub fn journals(&self) -> Vec<JournalId> {
        self.journals.keys().copied().collect()
    }

    /// The flaw that was found when a journal was opened.
    #[must_use]
    pub fn damage(&self, journal: JournalId) -> Option<&Damage> {
        self.journals.get(&journal)?.damage.as_ref()
    }

    /// Why the store takes no more writes, if a write ever failed.
    #[must_use]
    pub fn poisoned(&self) -> Option<&str> {
        self.database.poisoned()
    }

    /// Whether the space for cuts is held; if not, ordinary work waits until there is room for it.
    #[must_use]
    pub const fn reserve_is_held(&self) -> bool {
        self.database.reserve().is_held()
    }

    /// One record, checked against its digests and its place.
    ///
    /// # Errors
    /// [`ReadError::Missing`] beyond the end, [`ReadError::Damaged`] if it is not what was written.
    pub fn read(&self, journal: JournalId, seq: Seq) -> Result<Record, ReadError> {
        if seq >= self.verified_size(journal) {
            return Err(self.absent(journal, seq));
        }
        let damaged = |flaw| ReadError::Damaged { seq, flaw };
        let mut records = RawRecords::start(&self.database, journal, seq);
        let raw = records.next().unwrap_or(Err(damaged(Flaw::Gap)))?;
        let record = Record::decode(raw.as_slice()).map_err(|error| damaged(error.into()))?;
        let here = record.header.origin.journal == journal && record.header.seq == seq;
        if here { Ok(record) } else { Err(damaged(Flaw::Number)) }
    }

    /// The records `from..to` in order; chain, numbers and digests are checked while going.
    ///
    /// Ends after the first error. What lies beyond the end of the journal is one last error.
    pub fn scan(&self, journal: JournalId, from: Seq, to: Seq) -> Scan<'_> {
        Scan::start(self, journal, from, to)
    }

    /// The root over the first `size` records.
    ///
    /// # Errors
    /// [`ReadError`] if the journal is shorter, or at the first record that is not sound.
    pub fn root_at(&self, journal: JournalId, size: u64) -> Result<Hash, ReadError> {
        let end = self.verified_size(journal);
        if size > end.0 {
            return Err(self.absent(journal, end));
        }
        let Some(state) = self.journals.get(&journal) else { return Ok(tree::root(&[])) };
        if size == end.0 {
            return Ok(state.frontier.root());
        }
        let mark = usize::try_from(size / MARK_EVERY).unwrap_or(usize::MAX);
        let mut frontier = state.marks.get(mark).cloned().unwrap_or_default();
        let from = frontier.size();
        let mut records = RawRecords::start(&self.database, journal, Seq(from));
        for seq in (from..size).map(Seq) {
            let damaged = |flaw| ReadError::Damaged { seq, flaw };
            let raw = records.next().unwrap_or(Err(damaged(Flaw::Gap)))?;
            let (_, header_bytes) = header_of(raw.as_slice()).map_err(damaged)?;
            frontier.push(tree::leaf_hash(&tree::leaf_entry(seq, header_bytes)));
        }
        Ok(frontier.root())
    }

    /// One page of a key tree, as sealed as it was written.
    ///
    /// # Errors
    /// [`ReadError::DamagedItem`] or [`ReadError::Storage`].
    pub fn page(&self, journal: JournalId, key: PageKey) -> Result<Option<Vec<u8>>, ReadError> {
        read_item(&self.database, &Stem::page(journal, key), PAGE_BYTES_MAX)
    }

    /// The keys of all pages of a journal in order, to sweep those that nothing points to.
    ///
    /// # Errors
    /// [`ReadError::DamagedItem`] or [`ReadError::Storage`].
    pub fn pages(&self, journal: JournalId) -> Result<Vec<PageKey>, ReadError> {
        let keys = self.database.prefix(&page_keys(journal)).map(|entry| {
            let (key, _) = entry?;
            parse_page_key(&key).ok_or(ReadError::DamagedItem)
        });
        whole_items(keys)
    }

    /// One leaflet.
    ///
    /// # Errors
    /// [`ReadError::DamagedItem`] or [`ReadError::Storage`].
    pub fn leaflet(
        &self,
        journal: JournalId,
        key: LeafletKey,
    ) -> Result<Option<Vec<u8>>, ReadError> {
        read_item(&self.database, &Stem::leaflet(journal, key), LEAFLET_BYTES_MAX)
    }

    /// The keys of all leaflets of one kind, newest (highest number) first.
    ///
    /// # Errors
    /// [`ReadError::DamagedItem`] or [`ReadError::Storage`].
    pub fn leaflets(&self, journal: JournalId, kind: u8) -> Result<Vec<LeafletKey>, ReadError> {
        let keys = self.database.prefix(&leaflet_keys(journal, kind)).rev().map(|entry| {
            let (key, _) = entry?;
            parse_leaflet_key(&key).ok_or(ReadError::DamagedItem)
        });
        whole_items(keys)
    }

    pub(crate) const fn database(&self) -> &Database {
        &self.database
    }

    pub(crate) const fn parts_mut(&mut self) -> (&mut Database, &mut BTreeMap<JournalId, Journal>) {
        (&mut self.database, &mut self.journals)
    }

    pub(crate) fn journal(&self, journal: JournalId) -> Option<&Journal> {
        self.journals.get(&journal)
    }

    /// Up to here the chain is known to be sound.
    pub(crate) fn verified_size(&self, journal: JournalId) -> Seq {
        self.journals.get(&journal).map_or(Seq(0), |journal| journal.chain.next)
    }

    /// Why there is no sound record `seq`.
    pub(crate) fn absent(&self, journal: JournalId, seq: Seq) -> ReadError {
        match self.damage(journal) {
            Some(damage) => ReadError::Damaged { seq: damage.seq, flaw: damage.flaw.clone() },
            None => ReadError::Missing { seq },
        }
    }
}

/// Each key that has a piece 0, once.
fn whole_items<K>(
    keys: impl Iterator<Item = Result<(K, u16), ReadError>>,
) -> Result<Vec<K>, ReadError> {
    let first_pieces = keys.filter_map(|key| match key {
        Ok((key, 0)) => Some(Ok(key)),
        Ok(_) => None,
        Err(error) => Some(Err(error)),
    });
    first_pieces.collect()
}

fn journal_after(
    database: &Database,
    journal: Option<JournalId>,
) -> Result<Option<JournalId>, ReadError> {
    let Some((key, _)) = database.first(journals_after(journal))? else { return Ok(None) };
    let key = BlockKey::parse(&key).ok_or(ReadError::DamagedItem)?;
    Ok(Some(key.journal))
}

/// Whether the record before a position is there and is the one that it names.
fn fits(database: &Database, id: JournalId, position: &Position) -> bool {
    let Some(before) = position.chain.next.0.checked_sub(1) else { return false };
    let Some(Ok(raw)) = RawRecords::start(database, id, Seq(before)).next() else { return false };
    let Ok((header, _)) = header_of(raw.as_slice()) else { return false };
    Chain::after(&header) == position.chain
}

fn follow_journal(database: &Database, mut journal: Journal) -> Result<Journal, ReadError> {
    let chain = journal.chain;
    for raw in RawRecords::start(database, chain.origin().journal, chain.next) {
        let step = match raw {
            Ok(raw) => journal.take(raw.as_slice()),
            Err(ReadError::Damaged { flaw, .. }) => Err(flaw),
            Err(error) => return Err(error),
        };
        if let Err(flaw) = step {
            journal.damage = Some(Damage { seq: journal.chain.next, flaw });
            break;
        }
    }
    Ok(journal)
}
