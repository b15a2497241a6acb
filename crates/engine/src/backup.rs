//! `zegel backup`: what may be copied anywhere, since it holds no key (docs/format/backup.md §4).
//!
//! *Invariant:* a run that is killed leaves the backup before it whole: records are appended beyond
//! what the manifest names, pages stand under a new name, and the manifest is replaced last.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use journal::Store;
use record::note::Vkey;
use record::{Hash, JournalId, RECORD_BYTES_MAX, Record, Seq};
use serde::Serialize;
use thiserror::Error;

use crate::engine::Engine;
use crate::execute::{EngineError, Fault};
use crate::manifest::{Line, Manifest, Pages};
use crate::outside::{self, Access};
use crate::shipment::{Shipment, ShipmentHead};
use crate::shipping::pages_of;

const RECORDS: &str = "records";
const PAGES: &str = "pages-";
const CHECKPOINT: &str = "checkpoint";
const GUARD: [&str; 2] = ["guard.head", "guard.log"];
const CHECKSUM_BYTES: usize = 32;
/// The frame around a record: its length and its checksum.
const FRAME_BYTES: u64 = 4 + 32;

/// Why a backup was not written or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BackupError {
    /// A file failed.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Its manifest is another's, or none.
    #[error("{0}: no manifest that this installation signed")]
    Foreign(PathBuf),
    /// A file is not what the manifest names.
    #[error("{path}: damaged: {what}")]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The directory holds other records than the journal.
    #[error(
        "this directory backs up another history of journal {0}, such as one from before a \
         restore: keep it, and begin a new one"
    )]
    OtherHistory(JournalId),
}

/// What a run copied.
#[derive(Debug, Clone, Serialize)]
pub struct BackupReport {
    /// One for each journal, the operator's among them.
    pub journals: Vec<JournalBackup>,
    /// Why the escrow was not refreshed with it, if there is one and it was not.
    pub escrow_stale: Option<String>,
}

/// One journal of a backup.
#[derive(Debug, Clone, Serialize)]
pub struct JournalBackup {
    /// Which.
    pub journal: String,
    /// Records in all.
    pub records: u64,
    /// Of these, since the run before.
    pub added: u64,
    /// Pages, all of them at every run; none of the operator journal and of ended tenants.
    pub pages: usize,
    /// The key epoch that opens them.
    pub epoch: Option<u64>,
}

impl Engine {
    /// Copies every journal to a directory: new records, and all pages. Ships the roots anew, so
    /// that the escrow is as young as the backup.
    ///
    /// # Errors
    /// [`EngineError`]; then the backup before this run is still whole.
    pub fn backup(
        &mut self,
        to: &Path,
        with_guard: bool,
        progress: &mut dyn FnMut(u64),
    ) -> Result<BackupReport, EngineError> {
        self.check_alive()?;
        self.publish_with_digests()?;
        let vkey = self.signing.signer.vkey();
        let before = Manifest::read(to, &vkey)?;
        let mut manifest = Manifest::new(self.operator.origin.journal);
        let mut report = BackupReport { journals: Vec::new(), escrow_stale: None };
        let tenants: Vec<JournalId> = self.tenants.keys().copied().collect();
        // The operator's comes last: whatever it registers is there.
        for id in tenants.into_iter().chain([self.operator.origin.journal]) {
            let known = before.as_ref().and_then(|before| before.lines.get(&id));
            let (line, copied) = self.back_up(id, to, known, progress)?;
            manifest.lines.insert(id, line);
            report.journals.push(copied);
            if with_guard {
                self.copy_guard(id, &to.join(id.to_string()))?;
            }
        }
        manifest.write(to, &self.signing.signer)?;
        for (id, line) in &manifest.lines {
            remove_other_pages(&to.join(id.to_string()), line)?;
        }
        report.escrow_stale = self.ship_all().err();
        Ok(report)
    }

    fn back_up(
        &self,
        id: JournalId,
        to: &Path,
        known: Option<&Line>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(Line, JournalBackup), Fault> {
        let head = self.store.head(id).ok_or(Fault::NoTenant)?;
        let directory = to.join(id.to_string());
        fs::create_dir_all(&directory).map_err(at(&directory))?;
        if directory.symlink_metadata().map_err(at(&directory))?.is_symlink() {
            return Err(damaged(&directory, "a link, which could lead anywhere").into());
        }
        let from = known.map_or(0, |line| line.size);
        let same = from <= head.size && known.is_none_or(|line| is_prefix(&self.store, id, line));
        if !same {
            return Err(BackupError::OtherHistory(id).into());
        }
        let bytes = append(&self.store, id, &directory.join(RECORDS), known, progress)?;
        let shipment = self.shipment(id, head.size)?;
        let pages = match &shipment {
            Some(shipment) => Some(write_pages(&directory, shipment, known)?),
            None => None,
        };
        if let Some(note) = self.published(id)? {
            write_file(&directory.join(CHECKPOINT), note.as_bytes())?;
        }
        sync_directory(&directory)?;
        let line = Line { era: head.origin.era, size: head.size, root: head.root, bytes, pages };
        let copied = JournalBackup {
            journal: id.to_string(),
            records: head.size,
            added: head.size - from,
            pages: shipment.as_ref().map_or(0, |shipment| shipment.pages.len()),
            epoch: shipment.map(|shipment| shipment.head.epoch),
        };
        Ok((line, copied))
    }

    /// All pages of a running tenant, without a root.
    fn shipment(&self, id: JournalId, size: u64) -> Result<Option<Shipment>, Fault> {
        let Some(vault) = self.tenants.get(&id).and_then(|tenant| tenant.vault.as_ref()) else {
            return Ok(None);
        };
        let head = ShipmentHead { journal: id, epoch: vault.epoch(), size };
        let pages = pages_of(&self.store, id, vault.page_keys())?;
        Ok(Some(Shipment { head, sealed_root: Vec::new(), pages, note: Vec::new() }))
    }

    fn copy_guard(&self, id: JournalId, to: &Path) -> Result<(), BackupError> {
        let guard = match self.tenants.get(&id) {
            Some(tenant) => &tenant.guard,
            None => &self.operator.guard,
        };
        for (from, name) in guard.files().into_iter().zip(GUARD) {
            let bytes = fs::read(from).map_err(at(from))?;
            write_file(&to.join(name), &bytes)?;
        }
        Ok(())
    }
}

fn is_prefix(store: &Store, id: JournalId, line: &Line) -> bool {
    store.root_at(id, line.size).is_ok_and(|root| root == line.root)
}

/// Appends what is new, syncs it and reads it back; says how long the file is.
fn append(
    store: &Store,
    id: JournalId,
    path: &Path,
    known: Option<&Line>,
    progress: &mut dyn FnMut(u64),
) -> Result<u64, Fault> {
    let (from, start) = known.map_or((0, 0), |line| (line.size, line.bytes));
    let mut file = match outside::open(path, Access::Overwrite) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => outside::create_new(path),
        opened => opened,
    }
    .map_err(at(path))?;
    let length = file.metadata().map_err(at(path))?.len();
    if length < start {
        return Err(damaged(path, "shorter than its manifest says").into());
    }
    // CRASH: what lies beyond was left by a run that did not finish.
    file.set_len(start).map_err(at(path))?;
    file.seek(SeekFrom::Start(start)).map_err(at(path))?;
    let mut out = BufWriter::new(&file);
    for record in store.scan(id, Seq(from), Seq(store.size(id))) {
        let record = record?;
        out.write_all(&frame(&record)).map_err(at(path))?;
        progress(record.header.seq.0);
    }
    out.flush().map_err(at(path))?;
    drop(out);
    file.sync_all().map_err(at(path))?;
    let end = file.metadata().map_err(at(path))?.len();
    let mut written = Records::open(path, start, end)?;
    let mut expected = store.scan(id, Seq(from), Seq(store.size(id)));
    loop {
        match (written.next().transpose()?, expected.next().transpose()?) {
            (None, None) => return Ok(end),
            (written, expected) if written == expected => {}
            _ => return Err(damaged(path, "it does not read back as written").into()),
        }
    }
}

fn frame(record: &Record) -> Vec<u8> {
    let bytes = record.encode();
    let mut out = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes().to_vec();
    out.extend_from_slice(&bytes);
    let sum = blake3::hash(&out);
    out.extend_from_slice(sum.as_bytes());
    out
}

/// Writes pages under a number that the manifest does not name yet.
fn write_pages(
    directory: &Path,
    shipment: &Shipment,
    known: Option<&Line>,
) -> Result<Pages, BackupError> {
    let last = known.and_then(|line| line.pages.as_ref()).map_or(0, |pages| pages.number);
    let number = last.saturating_add(1);
    let bytes = shipment.encode();
    write_file(&directory.join(format!("{PAGES}{number}")), &bytes)?;
    Ok(Pages { number, digest: Hash(*blake3::hash(&bytes).as_bytes()) })
}

/// The manifest names one file of pages: the others go.
fn remove_other_pages(directory: &Path, line: &Line) -> Result<(), BackupError> {
    let kept = line.pages.as_ref().map(|pages| format!("{PAGES}{}", pages.number));
    for entry in fs::read_dir(directory).map_err(at(directory))? {
        let name = entry.map_err(at(directory))?.file_name();
        let Some(name) = name.to_str().filter(|name| name.starts_with(PAGES)) else { continue };
        if Some(name) != kept.as_deref() {
            let path = directory.join(name);
            fs::remove_file(&path).map_err(at(&path))?;
        }
    }
    Ok(())
}

/// Writes a file beside its name, syncs it, renames it and reads it back.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), BackupError> {
    let new = path.with_extension("new");
    let write = || {
        outside::remove(&new)?;
        let mut file = outside::create_new(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        outside::read(path)
    };
    match write().map_err(at(path))? == bytes {
        true => Ok(()),
        false => Err(damaged(path, "it does not read back as written")),
    }
}

pub(crate) fn sync_directory(path: &Path) -> Result<(), BackupError> {
    File::open(path).and_then(|directory| directory.sync_all()).map_err(at(path))
}

pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> BackupError + '_ {
    move |source| BackupError::Io { path: path.to_owned(), source }
}

pub(crate) fn damaged(path: &Path, what: impl ToString) -> BackupError {
    BackupError::Damaged { path: path.to_owned(), what: what.to_string() }
}

/// A backup that is read back.
#[derive(Debug)]
pub(crate) struct Backup {
    directory: PathBuf,
    pub(crate) manifest: Manifest,
}

impl Backup {
    /// Opens a backup that a key signed.
    pub(crate) fn open(directory: &Path, vkey: &Vkey) -> Result<Self, BackupError> {
        let manifest = Manifest::read(directory, vkey)?;
        let manifest = manifest.ok_or_else(|| BackupError::Foreign(directory.to_owned()))?;
        Ok(Self { directory: directory.to_owned(), manifest })
    }

    /// The records of one journal, as many as the manifest names.
    pub(crate) fn records(&self, id: JournalId, line: &Line) -> Result<Records, BackupError> {
        Records::open(&self.directory.join(id.to_string()).join(RECORDS), 0, line.bytes)
    }

    /// The pages of one tenant.
    pub(crate) fn pages(
        &self,
        id: JournalId,
        line: &Line,
    ) -> Result<Option<Shipment>, BackupError> {
        let Some(pages) = &line.pages else { return Ok(None) };
        let path = self.directory.join(id.to_string()).join(format!("{PAGES}{}", pages.number));
        let bytes = outside::read(&path).map_err(at(&path))?;
        if blake3::hash(&bytes).as_bytes() != &pages.digest.0 {
            return Err(damaged(&path, "another digest than in the manifest"));
        }
        let shipment = Shipment::decode(&bytes).map_err(|error| damaged(&path, error))?;
        match shipment.head.journal == id {
            true => Ok(Some(shipment)),
            false => Err(damaged(&path, "pages of another journal")),
        }
    }
}

/// The frames of a file of records, each checked.
#[derive(Debug)]
pub(crate) struct Records {
    path: PathBuf,
    reader: BufReader<File>,
    left: u64,
}

impl Records {
    fn open(path: &Path, start: u64, end: u64) -> Result<Self, BackupError> {
        let mut file = outside::open(path, Access::Read).map_err(at(path))?;
        if file.metadata().map_err(at(path))?.len() < end {
            return Err(damaged(path, "shorter than its manifest says"));
        }
        file.seek(SeekFrom::Start(start)).map_err(at(path))?;
        let left = end.saturating_sub(start);
        Ok(Self { path: path.to_owned(), reader: BufReader::new(file), left })
    }

    fn read(&mut self) -> Result<Record, String> {
        let mut length = [0; 4];
        self.reader.read_exact(&mut length).map_err(|error| error.to_string())?;
        let bytes = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if bytes > RECORD_BYTES_MAX {
            return Err("a record over its limit".to_owned());
        }
        let mut body = vec![0; bytes + CHECKSUM_BYTES];
        self.reader.read_exact(&mut body).map_err(|error| error.to_string())?;
        let (record, sum) = body.split_at(bytes);
        let mut hasher = blake3::Hasher::new();
        hasher.update(&length).update(record);
        if hasher.finalize().as_bytes() != sum {
            return Err("a record has another checksum".to_owned());
        }
        let used = FRAME_BYTES + u64::try_from(bytes).unwrap_or(u64::MAX);
        let left = self.left.checked_sub(used);
        self.left = left.ok_or("a record goes beyond the manifest")?;
        Record::decode(record).map_err(|error| error.to_string())
    }
}

impl Iterator for Records {
    type Item = Result<Record, BackupError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        let read = self.read().map_err(|what| damaged(&self.path, what));
        if read.is_err() {
            self.left = 0;
        }
        Some(read)
    }
}

impl From<BackupError> for EngineError {
    fn from(error: BackupError) -> Self {
        Fault::from(error).into()
    }
}
