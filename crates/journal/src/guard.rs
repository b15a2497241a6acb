//! The guard: what a journal must at least be, kept outside its database (docs/format/store.md §6).
//!
//! *Invariants:* a state or a record is acknowledged once it is synced here; the state never goes
//! back within an era; what the head acknowledges of the log is there, or the guard is damaged; a
//! torn frame beyond that was never promised and is cut off at opening, a whole one is adopted.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use record::{
    DecodeError, Hash, JournalId, Origin, RECORD_BYTES_MAX, Reader, Record, Seq, Writer, tree,
};
use thiserror::Error;

use crate::chain::Flaw;
use crate::database::{make_directories, sync_directory};
use crate::scan::ReadError;
use crate::store::Store;
use crate::watch::watched;

/// One copy of the state fills one sector, which disks write whole.
const COPY_BYTES: usize = 512;
/// A slot holds the same copy eight times, so that one bad sector harms nothing.
const COPIES: usize = 8;
const SLOT_BYTES: usize = COPY_BYTES * COPIES;
const MAGIC: [u8; 8] = *b"ZGguard1";
const HASH_BYTES: usize = 32;
const FRAME_BYTES_MIN: usize = 4 + HASH_BYTES;

/// What the journal and its keys were when the guard last advanced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuardState {
    /// The journal and its era.
    pub origin: Origin,
    /// How many records it had.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
    /// The epoch of its keys.
    pub epoch: u64,
}

/// How a journal differs from its guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Difference {
    /// The record is another than the kept one.
    #[error("it is another than the guard keeps")]
    Record,
    /// The kept record is not in the journal.
    #[error("the guard keeps it and the journal does not")]
    Absent,
    /// The root over the guarded size is another: this record or one before it differs.
    #[error("this record, or one before it, is another")]
    Root,
}

/// Why a guard refuses.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GuardError {
    /// There is none.
    #[error("no guard at `{0}`; without it nobody can tell whether the journal was rolled back")]
    Missing(PathBuf),
    /// There is one already.
    #[error("a guard stands at `{0}` already")]
    Exists(PathBuf),
    /// Its own bytes are wrong.
    #[error("the guard at `{path}` is damaged: {what}")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// A file failed.
    #[error("the guard at `{path}` cannot be read or written")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A write failed earlier.
    #[error("the guard takes no more writes until a restart")]
    Poisoned,
    /// The new state lies behind the old one.
    #[error("the guard does not go back: it holds {held} records and was given {given}")]
    Backwards {
        /// Records under the guard.
        held: u64,
        /// Records given.
        given: u64,
    },
    /// A state or a record of another journal.
    #[error("this belongs to another journal")]
    Foreign,
    /// A record is too large, or another record of that number is kept.
    #[error("record {seq} cannot be kept: {what}")]
    NotKept {
        /// Its number.
        seq: Seq,
        /// Why.
        what: &'static str,
    },
    /// Acknowledged records are gone.
    #[error("the journal has {found} records, its guard knows {guarded}")]
    ShorterThanGuard {
        /// Records under the guard.
        guarded: u64,
        /// Records found.
        found: u64,
    },
    /// The journal tells another story.
    #[error("the journal differs from its guard at record {seq}: {what}")]
    DiffersFromGuard {
        /// The first record that shows it.
        seq: Seq,
        /// How it shows.
        what: Difference,
    },
    /// The journal is in another era than its guard.
    #[error("the journal is in era {found}, its guard in era {guarded}")]
    OtherEra {
        /// Era under the guard.
        guarded: u32,
        /// Era found.
        found: u32,
    },
    /// Keys from before a cut.
    #[error("the keys are of epoch {found}, the guard knows epoch {guarded}")]
    EpochOlder {
        /// Epoch under the guard.
        guarded: u64,
        /// Epoch found.
        found: u64,
    },
    /// The journal itself is damaged.
    #[error("the journal is damaged at record {seq}: {flaw}")]
    JournalDamaged {
        /// The first bad record.
        seq: Seq,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// The journal could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// What a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HeadCopy {
    /// Grows by one at every write; its parity names the slot.
    counter: u64,
    state: GuardState,
    /// How much of the log is acknowledged.
    log_bytes: u64,
}

/// One journal's guard.
#[derive(Debug)]
pub struct Guard {
    head: File,
    log: File,
    head_path: PathBuf,
    log_path: PathBuf,
    current: HeadCopy,
    kept: Vec<Record>,
    poisoned: bool,
}

impl Guard {
    /// Makes the guard of a journal that has no records yet.
    ///
    /// # Errors
    /// [`GuardError::Exists`] or [`GuardError::Io`].
    pub fn create(dir: &Path, journal: JournalId) -> Result<Self, GuardError> {
        let (head_path, log_path) = paths(dir, journal);
        let state =
            GuardState { origin: Origin::first(journal), size: 0, root: tree::root(&[]), epoch: 0 };
        let first = HeadCopy { counter: 0, state, log_bytes: 0 };
        let log_used = fs::metadata(&log_path).is_ok_and(|log| log.len() > 0);
        if head_path.exists() || log_used {
            return Err(GuardError::Exists(head_path));
        }
        let write = || {
            let changed = make_directories(dir)?;
            File::create(&log_path)?.sync_all()?;
            // CRASH: a guard exists once its head has its name, and then it is whole.
            let new = head_path.with_extension("head.new");
            fs::write(&new, slot(&first).repeat(2))?;
            File::open(&new)?.sync_all()?;
            fs::rename(&new, &head_path)?;
            sync_directory(dir)?;
            changed.iter().try_for_each(|parent| sync_directory(parent))
        };
        watched(&head_path, write).map_err(io_error(&head_path))?;
        Self::open(dir, journal)
    }

    /// Opens the guard of a journal, and finishes or cuts off what a crash left of the last keeping.
    ///
    /// # Errors
    /// [`GuardError::Missing`], [`GuardError::Damaged`] or [`GuardError::Io`].
    pub fn open(dir: &Path, journal: JournalId) -> Result<Self, GuardError> {
        let (head_path, log_path) = paths(dir, journal);
        if !head_path.exists() {
            return Err(GuardError::Missing(head_path));
        }
        let head = open_file(&head_path)?;
        let bytes = fs::read(&head_path).map_err(io_error(&head_path))?;
        let current = newest(&bytes).ok_or_else(|| GuardError::Damaged {
            path: head_path.clone(),
            what: "no copy of its state is whole",
        })?;
        if current.state.origin.journal != journal {
            return Err(GuardError::Foreign);
        }
        let damaged = |what| GuardError::Damaged { path: log_path.clone(), what };
        if !log_path.exists() {
            return Err(damaged("it is missing"));
        }
        let log = open_file(&log_path)?;
        let (kept, whole_bytes) = read_log(&log_path, current.log_bytes)?;
        if kept.iter().any(|record| record.header.origin.journal != journal) {
            return Err(damaged("it holds a record of another journal"));
        }
        let mut guard = Self { head, log, head_path, log_path, current, kept, poisoned: false };
        guard.settle_log(whole_bytes)?;
        Ok(guard)
    }

    /// What it holds the journal to.
    #[must_use]
    pub const fn state(&self) -> GuardState {
        self.current.state
    }

    /// Its two files, head and log: what a backup copies.
    #[must_use]
    pub fn files(&self) -> [&Path; 2] {
        [&self.head_path, &self.log_path]
    }

    /// Copies of the orders, approvals, fences and receipts, in the order they were kept.
    #[must_use]
    pub fn kept(&self) -> &[Record] {
        &self.kept
    }

    /// Makes a newer state durable.
    ///
    /// # Errors
    /// As [`Guard::keep_all`].
    pub fn advance(&mut self, state: GuardState) -> Result<(), GuardError> {
        self.keep_all(&[], state)
    }

    /// Makes a copy of a record durable. Keeping the same record again changes nothing.
    ///
    /// # Errors
    /// As [`Guard::keep_all`].
    pub fn keep(&mut self, record: &Record) -> Result<(), GuardError> {
        self.keep_all(std::slice::from_ref(record), self.current.state)
    }

    /// Makes copies of records durable, and with them a newer state: two syncs, not one for each.
    ///
    /// # Errors
    /// [`GuardError::Foreign`], [`GuardError::NotKept`], [`GuardError::Backwards`],
    /// [`GuardError::EpochOlder`], [`GuardError::OtherEra`], [`GuardError::DiffersFromGuard`], or
    /// [`GuardError::Io`], after which the guard is [`GuardError::Poisoned`].
    pub fn keep_all(&mut self, records: &[Record], state: GuardState) -> Result<(), GuardError> {
        if self.poisoned {
            return Err(GuardError::Poisoned);
        }
        self.check_newer(&state)?;
        let (mut frames, mut added) = (Vec::new(), Vec::new());
        for record in records {
            if let Some(bytes) = self.to_keep(record)? {
                frames.extend(log_frame(&bytes));
                added.push(record.clone());
            }
        }
        if added.is_empty() && state == self.current.state {
            return Ok(());
        }
        let log_bytes = self.current.log_bytes;
        if !frames.is_empty() {
            // CRASH: a frame that is not yet under the head was never acknowledged: torn, it is cut
            // off at opening and the engine keeps the record again; whole, it is adopted.
            self.write(&self.log_path.clone(), |guard| {
                guard.log.write_all_at(&frames, log_bytes)?;
                guard.log.sync_data()
            })?;
        }
        let grown = u64::try_from(frames.len()).unwrap_or(u64::MAX);
        self.write_head(state, log_bytes.saturating_add(grown))?;
        self.kept.extend(added);
        Ok(())
    }

    fn check_newer(&self, state: &GuardState) -> Result<(), GuardError> {
        let held = self.current.state;
        if state.origin.journal != held.origin.journal {
            return Err(GuardError::Foreign);
        }
        if state.epoch < held.epoch {
            return Err(GuardError::EpochOlder { guarded: held.epoch, found: state.epoch });
        }
        if state.origin.era < held.origin.era {
            let (guarded, found) = (held.origin.era, state.origin.era);
            return Err(GuardError::OtherEra { guarded, found });
        }
        // A declared restore starts a new era, and only then may the journal be shorter.
        let same_era = state.origin.era == held.origin.era;
        if same_era && state.size < held.size {
            return Err(GuardError::Backwards { held: held.size, given: state.size });
        }
        if same_era && state.size == held.size && state.root != held.root {
            let seq = Seq(held.size.saturating_sub(1));
            return Err(GuardError::DiffersFromGuard { seq, what: Difference::Root });
        }
        Ok(())
    }

    /// The bytes of a record that is not kept yet; `None` if it is.
    fn to_keep(&self, record: &Record) -> Result<Option<Vec<u8>>, GuardError> {
        let (origin, seq) = (record.header.origin, record.header.seq);
        if origin.journal != self.current.state.origin.journal {
            return Err(GuardError::Foreign);
        }
        let mut earlier = self.kept.iter();
        let earlier = earlier.find(|kept| kept.header.seq == seq && kept.header.origin == origin);
        if let Some(kept) = earlier {
            let what = "another record of that number is kept";
            return if kept == record { Ok(None) } else { Err(GuardError::NotKept { seq, what }) };
        }
        let bytes = record.encode();
        if bytes.len() > RECORD_BYTES_MAX {
            return Err(GuardError::NotKept { seq, what: "it is over the limit of a record" });
        }
        Ok(Some(bytes))
    }

    /// Compares the journal in a store, and the epoch of its keys, with this guard.
    ///
    /// The journal may be longer than its guard: records are durable before the guard advances.
    /// That young tail can be lost without this check noticing.
    ///
    /// # Errors
    /// The [`GuardError`] that says what is wrong.
    pub fn check(&self, store: &Store, epoch: u64) -> Result<(), GuardError> {
        let GuardState { origin, size, root, epoch: guarded } = self.current.state;
        if let Some(damage) = store.damage(origin.journal) {
            let (seq, flaw) = (damage.seq, damage.flaw.clone());
            return Err(GuardError::JournalDamaged { seq, flaw });
        }
        let head = store.head(origin.journal);
        let (found, era) = head.map_or((0, 0), |head| (head.size, head.origin.era));
        // A restore that was not finished: before anything that would follow from it.
        if era > origin.era {
            return Err(GuardError::OtherEra { guarded: origin.era, found: era });
        }
        if found < size {
            return Err(GuardError::ShorterThanGuard { guarded: size, found });
        }
        self.check_kept(store)?;
        if store.root_at(origin.journal, size)? != root {
            let seq = Seq(size.saturating_sub(1));
            return Err(GuardError::DiffersFromGuard { seq, what: Difference::Root });
        }
        if era != origin.era {
            return Err(GuardError::OtherEra { guarded: origin.era, found: era });
        }
        match epoch < guarded {
            true => Err(GuardError::EpochOlder { guarded, found: epoch }),
            false => Ok(()),
        }
    }

    fn check_kept(&self, store: &Store) -> Result<(), GuardError> {
        // A declared restore drops the tail of an older era, and with it what was kept of that.
        let now = self.current.state.origin;
        let mut of_now: Vec<_> =
            self.kept.iter().filter(|kept| kept.header.origin == now).collect();
        of_now.sort_by_key(|kept| kept.header.seq);
        for kept in of_now {
            let seq = kept.header.seq;
            let differs = |what| Err(GuardError::DiffersFromGuard { seq, what });
            match store.read(now.journal, seq) {
                Ok(record) if record == *kept => {}
                Ok(_) => return differs(Difference::Record),
                Err(ReadError::Missing { .. }) => return differs(Difference::Absent),
                Err(ReadError::Damaged { seq, flaw }) => {
                    return Err(GuardError::JournalDamaged { seq, flaw });
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Cuts off a torn frame, and acknowledges whole ones that a crash left beyond the head: their
    /// records were durable in the journal before they came here.
    fn settle_log(&mut self, whole_bytes: u64) -> Result<(), GuardError> {
        self.write(&self.log_path.clone(), |guard| {
            if guard.log.metadata()?.len() == whole_bytes {
                return Ok(());
            }
            guard.log.set_len(whole_bytes)?;
            guard.log.sync_all()
        })?;
        match whole_bytes == self.current.log_bytes {
            true => Ok(()),
            false => self.write_head(self.current.state, whole_bytes),
        }
    }

    fn write_head(&mut self, state: GuardState, log_bytes: u64) -> Result<(), GuardError> {
        let next = HeadCopy { counter: self.current.counter.saturating_add(1), state, log_bytes };
        let at = u64::try_from(SLOT_BYTES).unwrap_or(u64::MAX) * (next.counter % 2);
        // CRASH: the other slot still holds the state before.
        self.write(&self.head_path.clone(), |guard| {
            guard.head.write_all_at(&slot(&next), at)?;
            guard.head.sync_data()
        })?;
        self.current = next;
        Ok(())
    }

    fn write(
        &mut self,
        path: &Path,
        write: impl FnOnce(&Self) -> io::Result<()>,
    ) -> Result<(), GuardError> {
        if self.poisoned {
            return Err(GuardError::Poisoned);
        }
        watched(path, || write(self)).map_err(|source| {
            self.poisoned = true;
            GuardError::Io { path: path.to_owned(), source }
        })
    }
}

fn paths(dir: &Path, journal: JournalId) -> (PathBuf, PathBuf) {
    (dir.join(format!("{journal}.head")), dir.join(format!("{journal}.log")))
}

fn open_file(path: &Path) -> Result<File, GuardError> {
    File::options().read(true).write(true).open(path).map_err(io_error(path))
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> GuardError + '_ {
    move |source| GuardError::Io { path: path.to_owned(), source }
}

pub(crate) fn slot(copy: &HeadCopy) -> Vec<u8> {
    let mut out = Writer::with_capacity(COPY_BYTES);
    out.bytes(&MAGIC).u64(copy.counter);
    out.bytes(copy.state.origin.journal.as_bytes()).u32(copy.state.origin.era);
    out.u64(copy.state.size).bytes(&copy.state.root.0).u64(copy.state.epoch);
    out.u64(copy.log_bytes);
    let mut bytes = out.finish();
    bytes.resize(COPY_BYTES - HASH_BYTES, 0);
    let sum = blake3::hash(&bytes);
    bytes.extend_from_slice(sum.as_bytes());
    bytes.repeat(COPIES)
}

/// The newest whole copy in either slot.
pub(crate) fn newest(bytes: &[u8]) -> Option<HeadCopy> {
    let copies = bytes.chunks_exact(COPY_BYTES).filter_map(|copy| read_copy(copy).ok());
    copies.max_by_key(|copy| copy.counter)
}

fn read_copy(bytes: &[u8]) -> Result<HeadCopy, DecodeError> {
    let mut reader = Reader::new(bytes);
    let content = reader.bytes(COPY_BYTES - HASH_BYTES, "content")?;
    if reader.array("checksum")? != *blake3::hash(content).as_bytes() {
        return Err(DecodeError::Value("checksum"));
    }
    let mut reader = Reader::new(content);
    if reader.array("magic")? != MAGIC {
        return Err(DecodeError::Value("magic"));
    }
    let counter = reader.u64("counter")?;
    let journal = JournalId::from_bytes(reader.array("journal")?);
    let state = GuardState {
        origin: Origin { journal, era: reader.u32("era")? },
        size: reader.u64("size")?,
        root: Hash(reader.array("root")?),
        epoch: reader.u64("epoch")?,
    };
    Ok(HeadCopy { counter, state, log_bytes: reader.u64("log bytes")? })
}

pub(crate) fn log_frame(record: &[u8]) -> Vec<u8> {
    let mut out = Writer::with_capacity(record.len() + FRAME_BYTES_MIN);
    out.u32(u32::try_from(record.len()).unwrap_or(u32::MAX)).bytes(record);
    let sum = blake3::hash(out.as_slice());
    out.bytes(sum.as_bytes()).finish()
}

/// The kept records, and how many bytes of the log are whole frames.
fn read_log(path: &Path, acknowledged: u64) -> Result<(Vec<Record>, u64), GuardError> {
    let bytes = fs::read(path).map_err(io_error(path))?;
    let damaged = |what| GuardError::Damaged { path: path.to_owned(), what };
    let acknowledged = usize::try_from(acknowledged).unwrap_or(usize::MAX);
    if bytes.len() < acknowledged {
        return Err(damaged("it is shorter than acknowledged"));
    }
    let (kept, whole) = whole_frames(&bytes);
    if whole < acknowledged {
        return Err(damaged("a kept record is not whole"));
    }
    Ok((kept, u64::try_from(whole).unwrap_or(u64::MAX)))
}

/// The records up to the first frame that is not whole, and how many bytes they take.
pub(crate) fn whole_frames(bytes: &[u8]) -> (Vec<Record>, usize) {
    let (mut reader, mut kept, mut whole) = (Reader::new(bytes), Vec::new(), 0);
    while let Ok(record) = read_frame(&mut reader) {
        kept.push(record);
        whole = bytes.len() - reader.remaining();
    }
    (kept, whole)
}

fn read_frame(reader: &mut Reader<'_>) -> Result<Record, DecodeError> {
    let length = reader.u32("length")?;
    let bytes = reader.bytes(usize::try_from(length).unwrap_or(usize::MAX), "record")?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(&length.to_be_bytes()).update(bytes);
    if reader.array("checksum")? != *hasher.finalize().as_bytes() {
        return Err(DecodeError::Value("checksum"));
    }
    Record::decode(bytes)
}
