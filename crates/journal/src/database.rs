//! The edge of the storage engine: opening, syncing, free space, and panics contained.
//!
//! *Invariants:* every call into sled runs under [`contained`]; `flush` of sled is not durable, so
//! [`Database::apply`] syncs the file through a handle of our own; a database that failed once is
//! never touched again in this process.
//! SOURCE: sled issues 1452, 1351 and 1077 (`flush` calls `sync_file_range`, never `fsync`).

use std::fs::{self, File};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use crate::layout::{VALUE_BYTES_MAX, VERSION_KEY, VERSION_VALUE, need_no_batch};
use crate::reserve::Reserve;
use crate::watch::watched;

/// Memory that the engine may keep for its own pages. The views live elsewhere, and reading a
/// journal through is sequential, so a large cache gains little.
const CACHE_BYTES: u64 = 64 * 1024 * 1024;
/// Further looks at each entry of a long reading, and at each value asked for by itself.
///
/// The engine evicts nothing from one of the 256 parts of its cache before 64 looks have gathered
/// there, and a reading looks at a leaf once: so by itself it kept up to 16,384 leaves of 100 kB,
/// whatever the capacity. A leaf has 8 to 16 entries; with these looks every third leaf evicts.
/// SOURCE: sled 0.34.7, `lru.rs` (`MAX_QUEUE_ITEMS`, `N_SHARDS`) and `iter.rs` (`cached_node`).
const LOOKS: usize = 3;
/// Two seconds in all: far more than the threads of a closed engine need to end.
const ENGINE_LOCK_TRIES: u32 = 400;
const ENGINE_LOCK_PAUSE: Duration = Duration::from_millis(5);
/// The engine does not ask whether it got the memory for its tables: with less than this, opening
/// would end the process without a word.
const OPENING_BYTES: usize = 32 * 1024 * 1024;

/// One stored value, shared with the engine's cache.
pub(crate) type Value = sled::IVec;

/// Why a store does not open.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is none, and none was to be created.
    #[error("no database at `{0}`; create one with `zegel init`")]
    Missing(PathBuf),
    /// There are files, and nothing in them.
    #[error("the database at `{0}` is empty: it was never finished, or all of it was lost")]
    Empty(PathBuf),
    /// Another process holds it.
    #[error("the database at `{0}` is in use by another process; stop that one first")]
    Busy(PathBuf),
    /// A database, but not one of ours.
    #[error("the database at `{0}` was not written by this program or by another version of it")]
    NotAStore(PathBuf),
    /// The engine could not read its files.
    #[error(
        "the database at `{path}` does not open: {reason}; free space if the disk is full, \
         otherwise keep these files for inspection and restore the newest backup"
    )]
    Damaged {
        /// The directory.
        path: PathBuf,
        /// What the engine said.
        reason: String,
    },
    /// Too little memory for the engine.
    #[error("too little memory to open the database at `{0}`: {OPENING_BYTES} bytes are needed")]
    Memory(PathBuf),
    /// A value lies outside the synced file.
    #[error("the database at `{0}` holds files under `blobs`, which are never synced")]
    Blobs(PathBuf),
    /// A file or directory failed.
    #[error("cannot prepare `{path}`")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// What the engine could not do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Trouble {
    /// Its bytes are wrong.
    #[error("the storage engine found damaged bytes in its files{0}")]
    Corrupt(String),
    /// Anything else.
    #[error("the storage engine failed: {0}")]
    Failed(String),
}

/// Writes of one commit: each key with its new value, or `None` to remove it.
pub(crate) type Writes = std::collections::BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// One open database.
pub(crate) struct Database {
    engine: Option<sled::Db>,
    file: File,
    lock: Option<File>,
    dir: PathBuf,
    reserve: Reserve,
    poisoned: Option<String>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("dir", &self.dir).finish_non_exhaustive()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (engine, lock) = (self.engine.take(), self.lock.take());
        // The engine syncs once more when it closes, and panics where that fails: asked first.
        let sync = || watched(&self.dir, || self.file.sync_all());
        if self.poisoned.is_some() || sync().is_err() {
            // INVARIANT: nothing is written after a failure. Closing would write, and may hang on a
            // full disk, so the engine and its lock stay until the process ends.
            std::mem::forget((engine, lock));
        } else {
            // Everything acknowledged is durable already; a failure here loses nothing.
            let _ = catch_unwind(AssertUnwindSafe(|| drop(engine)));
        }
    }
}

impl Database {
    pub(crate) fn open(dir: &Path, create: bool) -> Result<Self, OpenError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| OpenError::Io { path, source }
        };
        if !create && !dir.join("db").exists() {
            return Err(OpenError::Missing(dir.to_owned()));
        }
        let new_in = make_directories(dir).map_err(failed(dir))?;
        let lock = take_lock(dir)?;
        let reserve = Reserve::open(dir).map_err(failed(dir))?;
        check_memory(dir)?;
        let engine = start_engine(dir)?;
        let path = dir.join("db");
        let file = File::options().write(true).open(&path).map_err(failed(&path))?;
        let mut database = Self {
            engine: Some(engine),
            file,
            lock: Some(lock),
            dir: dir.to_owned(),
            reserve,
            poisoned: None,
        };
        database.check_version(create)?;
        // CRASH: without these syncs a power cut leaves a database without a name.
        if let Err(source) = sync_names(dir, &new_in) {
            database.poison(source.to_string());
            return Err(failed(dir)(source));
        }
        if database.has_blobs().map_err(failed(dir))? {
            return Err(OpenError::Blobs(dir.to_owned()));
        }
        Ok(database)
    }

    /// Why nothing may be written any more.
    pub(crate) fn poisoned(&self) -> Option<&str> {
        self.poisoned.as_deref()
    }

    /// The space held for cuts.
    pub(crate) const fn reserve(&self) -> &Reserve {
        &self.reserve
    }

    pub(crate) const fn reserve_mut(&mut self) -> &mut Reserve {
        &mut self.reserve
    }

    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Value>, Trouble> {
        self.with(|engine| engine.get(key))
    }

    /// The last entry within a range.
    pub(crate) fn last(
        &self,
        keys: std::ops::Range<Vec<u8>>,
    ) -> Result<Option<(Value, Value)>, Trouble> {
        self.with(|engine| engine.range(keys).next_back().transpose())
    }

    /// The first entry within a range.
    pub(crate) fn first(
        &self,
        keys: std::ops::Range<Vec<u8>>,
    ) -> Result<Option<(Value, Value)>, Trouble> {
        self.with(|engine| engine.range(keys).next().transpose())
    }

    /// Entries in key order, in memory that does not grow with their number.
    pub(crate) fn range(&self, keys: std::ops::Range<Vec<u8>>) -> Entries<'_> {
        Entries { database: self, entries: self.engine.as_ref().map(|engine| engine.range(keys)) }
    }

    /// The same of all keys that begin so.
    pub(crate) fn prefix(&self, prefix: &[u8]) -> Entries<'_> {
        let entries = self.engine.as_ref().map(|engine| engine.scan_prefix(prefix));
        Entries { database: self, entries }
    }

    /// Looks again, so that the engine keeps its cache within its limit: see [`LOOKS`].
    fn look_again(&self, key: &[u8]) -> Result<(), Trouble> {
        (0..LOOKS).try_for_each(|_| self.with(|engine| engine.contains_key(key).map(drop)))
    }

    /// Makes writes durable, reads them back, and only then returns.
    ///
    /// Any failure poisons the database: a sync that failed is never repeated.
    pub(crate) fn apply(&mut self, writes: &Writes) -> Result<(), String> {
        if let Some(reason) = &self.poisoned {
            return Err(reason.clone());
        }
        self.try_apply(writes).inspect_err(|reason| self.poisoned = Some(reason.clone()))
    }

    /// Stops all writing.
    pub(crate) fn poison(&mut self, reason: String) {
        self.poisoned.get_or_insert(reason);
    }

    fn try_apply(&self, writes: &Writes) -> Result<(), String> {
        let values = || writes.values().flatten();
        assert!(values().all(|value| value.len() <= VALUE_BYTES_MAX), "value over its limit");
        let write = |engine: &sled::Db| {
            if need_no_batch(writes) {
                insert_in_order(engine, writes)?;
            } else {
                engine.apply_batch(batch_of(writes))?;
            }
            engine.flush().map(drop)
        };
        watched(&self.dir, || {
            self.with(write).map_err(|trouble| trouble.to_string())?;
            // CRASH: before this line the writes may be lost, whole, but for a page of a mint, which
            // may stay alone; after it, they are there.
            sync(&self.file).map_err(|error| format!("the sync of the database failed: {error}"))
        })?;
        writes.iter().try_for_each(|(key, value)| self.read_back(key, value.as_deref()))?;
        match self.has_blobs() {
            Ok(false) => Ok(()),
            Ok(true) => Err("a value went to an unsynced file under `blobs`".to_owned()),
            Err(error) => Err(format!("cannot list `blobs`: {error}")),
        }
    }

    fn read_back(&self, key: &[u8], expected: Option<&[u8]>) -> Result<(), String> {
        let found = self.get(key).map_err(|trouble| trouble.to_string())?;
        let same = found.as_deref() == expected;
        if same { Ok(()) } else { Err("a value reads back different from what was written".into()) }
    }

    fn with<T>(&self, call: impl FnOnce(&sled::Db) -> sled::Result<T>) -> Result<T, Trouble> {
        let engine =
            self.engine.as_ref().ok_or_else(|| Trouble::Failed("it is closed".to_owned()))?;
        contained(|| call(engine))
    }

    fn check_version(&mut self, create: bool) -> Result<(), OpenError> {
        let unreadable = |trouble: Trouble| OpenError::Damaged {
            path: self.dir.clone(),
            reason: trouble.to_string(),
        };
        let version = self.get(&VERSION_KEY).map_err(unreadable)?;
        match version {
            Some(version) if version == VERSION_VALUE => return Ok(()),
            Some(_) => return Err(OpenError::NotAStore(self.dir.clone())),
            None => {}
        }
        if !self.with(|engine| Ok(engine.is_empty())).map_err(unreadable)? {
            return Err(OpenError::NotAStore(self.dir.clone()));
        }
        if !create {
            return Err(OpenError::Empty(self.dir.clone()));
        }
        let first = Writes::from([(VERSION_KEY.to_vec(), Some(VERSION_VALUE.to_vec()))]);
        let path = self.dir.clone();
        self.apply(&first).map_err(|reason| OpenError::Damaged { path, reason })
    }

    fn has_blobs(&self) -> io::Result<bool> {
        Ok(fs::read_dir(self.dir.join("blobs"))?.next().is_some())
    }
}

/// Entries of the database in key order. Does not outlive it: the engine ends with its last handle.
pub(crate) struct Entries<'a> {
    database: &'a Database,
    entries: Option<sled::Iter>,
}

impl Entries<'_> {
    fn step(
        &mut self,
        step: impl FnOnce(&mut sled::Iter) -> Option<sled::Result<(Value, Value)>>,
    ) -> Option<Result<(Value, Value), Trouble>> {
        let entries = self.entries.as_mut()?;
        let found = contained(|| step(entries).transpose()).transpose()?;
        let found = found.and_then(|(key, value)| {
            self.database.look_again(&key)?;
            Ok((key, value))
        });
        if found.is_err() {
            self.entries = None;
        }
        Some(found)
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<(Value, Value), Trouble>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step(Iterator::next)
    }
}

impl DoubleEndedIterator for Entries<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.step(DoubleEndedIterator::next_back)
    }
}

/// Bytes that may still be written where a file or directory stands.
///
/// # Errors
/// The operating system's.
pub fn free_bytes(path: &Path) -> io::Result<u64> {
    let space = rustix::fs::statvfs(path)?;
    Ok(space.f_bavail.saturating_mul(space.f_frsize))
}

fn batch_of(writes: &Writes) -> sled::Batch {
    let mut batch = sled::Batch::default();
    for (key, value) in writes {
        match value {
            Some(value) => batch.insert(key.as_slice(), value.as_slice()),
            None => batch.remove(key.as_slice()),
        }
    }
    batch
}

fn insert_in_order(engine: &sled::Db, writes: &Writes) -> sled::Result<()> {
    let mut kept = writes.iter().filter_map(|(key, value)| Some((key, value.as_deref()?)));
    kept.try_for_each(|(key, value)| engine.insert(key, value).map(drop))
}

/// Runs a call into the engine; a panic inside becomes an error.
///
/// A panic on one of the engine's own threads is not caught here: whoever writes is [`watched`].
fn contained<T>(call: impl FnOnce() -> sled::Result<T>) -> Result<T, Trouble> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(sled::Error::Corruption { at, .. })) => {
            Err(Trouble::Corrupt(at.map_or_else(String::new, |at| place_of(&at.to_string()))))
        }
        Ok(Err(error)) => Err(Trouble::Failed(error.to_string())),
        // What a panic says may hold what was read.
        Err(_) => {
            Err(Trouble::Failed("it panicked: damaged files, or too little memory".to_owned()))
        }
    }
}

/// The engine names a place as `Inline(1234)`: how far into its file.
fn place_of(pointer: &str) -> String {
    let digits: String = pointer.chars().filter(char::is_ascii_digit).collect();
    format!(", at byte {digits} of `db`")
}

/// Starts the engine, once its own lock is free.
///
/// We hold ours already, so no other process of ours has it: but the threads of an engine that was
/// just closed in this process may hold it a little longer.
fn start_engine(dir: &Path) -> Result<sled::Db, OpenError> {
    let config = sled::Config::new()
        .path(dir)
        .flush_every_ms(None)
        .cache_capacity(CACHE_BYTES)
        .use_compression(false);
    for _ in 0..ENGINE_LOCK_TRIES {
        match contained(|| config.open()) {
            Ok(engine) => return Ok(engine),
            Err(Trouble::Failed(reason)) if reason.contains("could not acquire lock") => {
                // The engine tells nobody when it lets go: ask again after a pause.
                std::thread::park_timeout(ENGINE_LOCK_PAUSE);
            }
            Err(trouble) => {
                let reason = trouble.to_string();
                return Err(OpenError::Damaged { path: dir.to_owned(), reason });
            }
        }
    }
    Err(OpenError::Busy(dir.to_owned()))
}

/// Asks for the memory that the engine will take without asking.
fn check_memory(dir: &Path) -> Result<(), OpenError> {
    let asked = Vec::<u8>::new().try_reserve_exact(OPENING_BYTES);
    asked.map_err(|_| OpenError::Memory(dir.to_owned()))
}

/// Keeps other processes out, whatever the engine does with its own lock.
fn take_lock(dir: &Path) -> Result<File, OpenError> {
    let path = dir.join("lock");
    let open = File::options().create(true).truncate(false).write(true).open(&path);
    let lock = open.map_err(|source| OpenError::Io { path: path.clone(), source })?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(fs::TryLockError::WouldBlock) => Err(OpenError::Busy(dir.to_owned())),
        Err(fs::TryLockError::Error(source)) => Err(OpenError::Io { path, source }),
    }
}

/// Makes a directory and returns the existing one that the new names stand in.
pub(crate) fn make_directories(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let parents = dir.ancestors().skip(1).map(|path| match path.as_os_str().is_empty() {
        true => PathBuf::from("."),
        false => path.to_owned(),
    });
    let children = dir.ancestors();
    let new = children.zip(parents).take_while(|(child, _)| !child.exists());
    let changed: Vec<PathBuf> = new.map(|(_, parent)| parent).collect();
    fs::create_dir_all(dir)?;
    Ok(changed)
}

fn sync_names(dir: &Path, changed: &[PathBuf]) -> io::Result<()> {
    for name in ["conf", "db", "lock", "blobs"] {
        File::open(dir.join(name))?.sync_all()?;
    }
    sync_directory(dir)?;
    changed.iter().try_for_each(|parent| sync_directory(parent))
}

/// Makes the names in a directory durable.
pub(crate) fn sync_directory(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

fn sync(file: &File) -> io::Result<()> {
    // The control of the power-cut test is built without this sync, and must lose records.
    if cfg!(feature = "control-no-sync") { Ok(()) } else { file.sync_data() }
}
