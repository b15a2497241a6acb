//! Writing a bundle (docs/format/bundle.md §10).
//!
//! *Invariant:* what is signed was recomputed from the records while they passed: the chain, every
//! digest, the root, what receipts cover. Nothing appears at the target before it is whole
//! and synced.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use record::checkpoint::Checkpoint;
use record::note::NoteSigner;
use record::public::PublicPart;
use record::tree::leaf_entry;
use record::{
    CHAIN_START, Hash, LeafId, Origin, PartHeader, Record, ScopeId, Seq, TimestampMicros,
    body_digest,
};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::archive;
use crate::ids::sorted;
use crate::keys::KeyHistory;
use crate::layout;
use crate::ledger::Ledger;
use crate::manifest::{FileDigest, Manifest};
use crate::tally::{IDS_MAX, Tally};
use crate::texts::{self, Census, Standing, Witness};
use crate::tiles::{TileBuilder, TileFile};

/// Length that stands for a body which is not there.
pub(crate) const ABSENT: u32 = u32::MAX;

/// Where to write, and in which form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A directory that does not exist or is empty.
    Directory(PathBuf),
    /// A tar file that does not exist or is empty.
    Tar(PathBuf),
}

/// A key that a sealed part names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyId {
    /// A leaf key.
    Leaf(LeafId),
    /// A scope key.
    Scope(ScopeId),
}

/// What the key tree says of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyStanding {
    /// It is held.
    Present,
    /// It was destroyed; without a receipt in the journal it is written as lost.
    Destroyed,
    /// It is gone, and no cut explains it.
    Lost,
}

/// What goes into a bundle.
pub struct BundleInput<'a> {
    /// Origin, size and root; the root is recomputed from the records.
    pub checkpoint: Checkpoint,
    /// The keys of the installation; the last one must be the signer's.
    pub keys: KeyHistory,
    /// Records 0 to size, in order. A body that was purged is empty.
    pub records: Box<dyn Iterator<Item = Result<Record, RecordsError>> + 'a>,
    /// The operator's statement on a key.
    pub census: &'a dyn Fn(KeyId) -> KeyStanding,
    /// How the operator journal witnessed this checkpoint.
    pub witness: Option<Witness>,
}

/// What the source of the records may fail with.
pub type RecordsError = Box<dyn std::error::Error + Send + Sync>;

impl std::fmt::Debug for BundleInput<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("BundleInput");
        out.field("checkpoint", &self.checkpoint).field("keys", &self.keys).finish_non_exhaustive()
    }
}

/// Why no bundle was written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BundleError {
    /// The target holds something.
    #[error("the target exists and is not empty")]
    TargetExists,
    /// The target has no name or no parent.
    #[error("the target is not a path to a new file or directory")]
    TargetPath,
    /// The last key of the history is not the signer's.
    #[error("the last key of the history is not the signing key")]
    WrongSigner,
    /// Over a limit of the format.
    #[error("over the limit of a bundle: {0}")]
    Limit(&'static str),
    /// The records end early, or go on.
    #[error("the journal gives {found} records, the checkpoint says {expected}")]
    Size {
        /// By the checkpoint.
        expected: u64,
        /// By the records.
        found: u64,
    },
    /// A record does not follow from the one before.
    #[error("record {seq} does not stand in its place: {what}")]
    Chain {
        /// Where.
        seq: Seq,
        /// Which field.
        what: &'static str,
    },
    /// A body differs from its digest.
    #[error("record {seq} part {index}: the body differs from its digest")]
    Body {
        /// Where.
        seq: Seq,
        /// Which part.
        index: usize,
    },
    /// The records do not give the root that is to be signed.
    #[error("the records do not give the root of the checkpoint")]
    Root,
    /// A receipt says destroyed, the key tree says present.
    #[error("a receipt covers a key that is still held: {0}")]
    KeyLives(String),
    /// The records could not be read.
    #[error("reading the journal: {0}")]
    Records(RecordsError),
    /// The disk refused.
    #[error("writing the bundle: {0}")]
    Io(#[from] io::Error),
}

/// Writes a bundle, durable before it returns. `progress` hears the number of records so far.
///
/// # Errors
/// [`BundleError`]; then the target is as it was.
pub fn write_bundle(
    target: &Target,
    input: BundleInput<'_>,
    signer: &NoteSigner,
    progress: &mut dyn FnMut(u64),
) -> Result<(), BundleError> {
    let (Target::Directory(path) | Target::Tar(path)) = target;
    let size = input.checkpoint.head.size;
    if size > layout::RECORDS_MAX {
        return Err(BundleError::Limit("records"));
    }
    if *input.keys.last() != signer.vkey() {
        return Err(BundleError::WrongSigner);
    }
    refuse_existing(path)?;
    let partial = sibling(path)?;
    remove(&partial.directory)?;
    remove(&partial.tar)?;
    let done = build(&partial.directory, input, signer, progress)
        .and_then(|files| publish(target, &partial, &files));
    if done.is_err() {
        // The first error is the one to report; a leftover goes at the next attempt.
        let _ = remove(&partial.directory);
        let _ = remove(&partial.tar);
    }
    done
}

fn refuse_existing(path: &Path) -> Result<(), BundleError> {
    let metadata = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    let empty = if metadata.is_dir() {
        fs::read_dir(path)?.next().is_none()
    } else {
        metadata.is_file() && metadata.len() == 0
    };
    if empty { Ok(()) } else { Err(BundleError::TargetExists) }
}

/// Names beside the target, on the same file system.
struct Partial {
    parent: PathBuf,
    directory: PathBuf,
    tar: PathBuf,
}

fn sibling(path: &Path) -> Result<Partial, BundleError> {
    let name = path.file_name().and_then(|name| name.to_str()).ok_or(BundleError::TargetPath)?;
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    Ok(Partial {
        directory: parent.join(format!(".{name}.zegel-partial")),
        tar: parent.join(format!(".{name}.zegel-partial-tar")),
        parent,
    })
}

fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn build(
    directory: &Path,
    input: BundleInput<'_>,
    signer: &NoteSigner,
    progress: &mut dyn FnMut(u64),
) -> Result<BTreeMap<String, FileDigest>, BundleError> {
    let checkpoint = input.checkpoint;
    let mut out = Output::create_root(directory)?;
    let mut assembly = Assembly::new(checkpoint);
    for record in input.records {
        let record = record.map_err(BundleError::Records)?;
        assembly.add(&mut out, &record)?;
        progress(assembly.tally.records);
    }
    let (tally, ledger) = assembly.finish(&mut out)?;
    let census = census(&tally, &ledger, input.census)?;
    out.write(layout::CHECKPOINT, checkpoint.sign(signer).to_string().as_bytes())?;
    out.write(layout::KEYS, input.keys.to_string().as_bytes())?;
    out.write(layout::CENSUS, census.text().as_bytes())?;
    out.write(layout::POPULATION, texts::population(&tally, &ledger).as_bytes())?;
    out.write(layout::RECEIPTS, texts::receipts(&ledger).as_bytes())?;
    out.write(layout::WITNESS, Witness::text(input.witness.as_ref()).as_bytes())?;
    let size = checkpoint.head.size;
    let instructions = texts::instructions(&checkpoint.origin, size);
    out.write(layout::INSTRUCTIONS, instructions.as_bytes())?;
    let manifest = Manifest { origin: checkpoint.origin, size, files: out.files.clone() };
    out.write(layout::MANIFEST, signer.sign(&manifest.to_string()).to_string().as_bytes())?;
    out.sync_directories()?;
    Ok(out.files)
}

/// Takes the finished directory, or a tar of it, to the target.
fn publish(
    target: &Target,
    partial: &Partial,
    files: &BTreeMap<String, FileDigest>,
) -> Result<(), BundleError> {
    // CRASH: before the rename the target is untouched; after it the bundle is whole and synced.
    match target {
        Target::Directory(path) => fs::rename(&partial.directory, path)?,
        Target::Tar(path) => {
            pack(&partial.directory, &partial.tar, files)?;
            fs::rename(&partial.tar, path)?;
            remove(&partial.directory)?;
        }
    }
    Ok(File::open(&partial.parent)?.sync_all()?)
}

fn pack(
    directory: &Path,
    tar: &Path,
    files: &BTreeMap<String, FileDigest>,
) -> Result<(), BundleError> {
    let mut out = BufWriter::new(File::create_new(tar)?);
    for (path, file) in files {
        if file.bytes > archive::FILE_BYTES_MAX {
            return Err(BundleError::Limit("bytes of one file in a tar"));
        }
        let mut content = BufReader::new(File::open(directory.join(path))?);
        archive::append(&mut out, path, file.bytes, &mut content)?;
    }
    archive::end(&mut out)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok(file.sync_all()?)
}

/// The state of each key, checked against the receipts.
fn census(
    tally: &Tally,
    ledger: &Ledger,
    statement: &dyn Fn(KeyId) -> KeyStanding,
) -> Result<Census, BundleError> {
    let judge = |key: KeyId, receipt: bool, id: String| match (receipt, statement(key)) {
        (true, KeyStanding::Present) => Err(BundleError::KeyLives(id)),
        (true, _) => Ok(Standing::Destroyed),
        (false, KeyStanding::Present) => Ok(Standing::Present),
        (false, _) => Ok(Standing::Lost),
    };
    let mut census = Census::default();
    for leaf in sorted(tally.leaves.keys()) {
        let receipt = ledger.destroyed.leaf(leaf).is_some();
        let standing = judge(KeyId::Leaf(leaf), receipt, format!("leaf {leaf}"))?;
        census.leaves.push((leaf, standing));
    }
    for scope in sorted(tally.scopes.keys()) {
        let receipt = ledger.destroyed.scope(scope).is_some();
        let standing = judge(KeyId::Scope(scope), receipt, format!("scope {scope}"))?;
        census.scopes.push((scope, standing));
    }
    Ok(census)
}

/// Checks the records as they pass and turns them into files.
struct Assembly {
    checkpoint: Checkpoint,
    previous: Hash,
    recorded_at: TimestampMicros,
    tiles: TileBuilder,
    tally: Tally,
    ledger: Ledger,
    pair: Option<(Sink, Sink)>,
}

impl Assembly {
    fn new(checkpoint: Checkpoint) -> Self {
        Self {
            checkpoint,
            previous: CHAIN_START,
            recorded_at: TimestampMicros::default(),
            tiles: TileBuilder::default(),
            tally: Tally::default(),
            ledger: Ledger::default(),
            pair: None,
        }
    }

    fn add(&mut self, out: &mut Output, record: &Record) -> Result<(), BundleError> {
        self.check_place(record)?;
        let header = &record.header;
        let bytes = header.encode();
        // The writer shows what is there; a part that does not read and a broken rule are for the
        // verifier to name.
        let part = PublicPart::of(record).ok().flatten();
        self.ledger.fold(header, part.as_ref(), &mut Vec::new());
        for file in self.tiles.push(&leaf_entry(header.seq, &bytes)) {
            out.write_tile(&file)?;
        }
        self.write(out, record, &bytes)?;
        self.tally.add(header);
        self.previous = body_digest(&bytes);
        self.recorded_at = header.recorded_at;
        if self.tally.ids() + self.ledger.condemned.ids() > IDS_MAX {
            return Err(BundleError::Limit("distinct ids"));
        }
        Ok(())
    }

    fn check_place(&self, record: &Record) -> Result<(), BundleError> {
        let header = &record.header;
        let seq = header.seq;
        if self.tally.records == self.checkpoint.head.size {
            let expected = self.checkpoint.head.size;
            return Err(BundleError::Size { expected, found: expected + 1 });
        }
        let wrong = [
            (seq.0 != self.tally.records, "sequence"),
            (!self.is_ours(header.origin), "origin"),
            (header.previous != self.previous, "previous record hash"),
            (header.recorded_at < self.recorded_at, "time"),
            (header.parts.len() != record.bodies.len(), "number of bodies"),
        ];
        match wrong.into_iter().find(|(wrong, _)| *wrong) {
            Some((_, what)) => Err(BundleError::Chain { seq, what }),
            None => Ok(()),
        }
    }

    /// Of this journal, in the checkpoint's era or one before.
    fn is_ours(&self, origin: Origin) -> bool {
        let checkpoint = self.checkpoint.origin;
        origin.journal == checkpoint.journal && origin.era <= checkpoint.era
    }

    fn write(
        &mut self,
        out: &mut Output,
        record: &Record,
        header: &[u8],
    ) -> Result<(), BundleError> {
        let seq = record.header.seq;
        if seq.0.is_multiple_of(layout::RECORDS_PER_FILE) {
            self.close(out)?;
        }
        if self.pair.is_none() {
            let number = seq.0 / layout::RECORDS_PER_FILE;
            let headers = out.create(layout::headers(number))?;
            self.pair = Some((headers, out.create(layout::bodies(number))?));
        }
        let Some((headers, bodies)) = &mut self.pair else { return Ok(()) };
        headers.framed(header)?;
        let parts = record.header.parts.iter().zip(&record.bodies);
        for (index, (part, body)) in parts.enumerate() {
            if is_absent(part, body) {
                bodies.write(&ABSENT.to_be_bytes())?;
            } else if body_digest(body) == part.digest {
                bodies.framed(body)?;
            } else {
                return Err(BundleError::Body { seq, index });
            }
        }
        Ok(())
    }

    fn close(&mut self, out: &mut Output) -> Result<(), BundleError> {
        if let Some((headers, bodies)) = self.pair.take() {
            out.close(headers)?;
            out.close(bodies)?;
        }
        Ok(())
    }

    fn finish(mut self, out: &mut Output) -> Result<(Tally, Ledger), BundleError> {
        self.close(out)?;
        self.tally.settle();
        let (expected, found) = (self.checkpoint.head.size, self.tally.records);
        if expected != found {
            return Err(BundleError::Size { expected, found });
        }
        let era = self.ledger.eras.last.unwrap_or(self.checkpoint.origin.era);
        if era != self.checkpoint.origin.era {
            return Err(BundleError::Chain { seq: Seq(found), what: "era of the last" });
        }
        if self.tiles.root() != self.checkpoint.head.root {
            return Err(BundleError::Root);
        }
        for file in self.tiles.finish() {
            out.write_tile(&file)?;
        }
        Ok((self.tally, self.ledger))
    }
}

/// A sealed body is never empty; an empty one says that it was purged.
fn is_absent(part: &PartHeader, body: &[u8]) -> bool {
    body.is_empty() && part.body_bytes() > 0
}

/// The directory that is being filled.
struct Output {
    root: PathBuf,
    files: BTreeMap<String, FileDigest>,
}

/// One file that is being written.
struct Sink {
    path: String,
    file: BufWriter<File>,
    sha256: Sha256,
    bytes: u64,
}

impl Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sha256.update(bytes);
        self.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.file.write_all(bytes)
    }

    fn framed(&mut self, bytes: &[u8]) -> io::Result<()> {
        let length = u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
        self.write(&length.to_be_bytes())?;
        self.write(bytes)
    }
}

impl Output {
    fn create_root(root: &Path) -> io::Result<Self> {
        fs::create_dir(root)?;
        Ok(Self { root: root.to_owned(), files: BTreeMap::new() })
    }

    fn create(&self, path: String) -> io::Result<Sink> {
        let place = self.root.join(&path);
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
        }
        let file = BufWriter::new(File::create_new(place)?);
        Ok(Sink { path, file, sha256: Sha256::new(), bytes: 0 })
    }

    fn close(&mut self, sink: Sink) -> io::Result<()> {
        let file = sink.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        let digest = FileDigest { sha256: Hash(sink.sha256.finalize().into()), bytes: sink.bytes };
        self.files.insert(sink.path, digest);
        Ok(())
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let mut sink = self.create(path.to_owned())?;
        sink.write(bytes)?;
        self.close(sink)
    }

    fn write_tile(&mut self, file: &TileFile) -> io::Result<()> {
        self.write(&file.path, &file.bytes)
    }

    /// Syncs every directory, so that the names are durable too.
    fn sync_directories(&self) -> io::Result<()> {
        let mut waiting = vec![self.root.clone()];
        while let Some(directory) = waiting.pop() {
            for entry in fs::read_dir(&directory)? {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    waiting.push(entry.path());
                }
            }
            File::open(&directory)?.sync_all()?;
        }
        Ok(())
    }
}
