//! Sealed snapshots: where a tenant's journal stood, and what was folded from it until then
//! (docs/format/snapshot.md).
//!
//! *Invariant:* sealed under the tenant's root node key, so every cut in the tenant kills it; no
//! plaintext reaches the disk.
//! *Invariant:* a snapshot is a shortcut and never a source: one that does not open, or belongs
//! elsewhere, is removed, and everything is folded from the first record.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use bincode::config::{BigEndian, Configuration, Limit, Varint};
use bincode::error::{DecodeError, EncodeError};
use journal::{FREE_BYTES_FLOOR, Position, RESERVE_BYTES};
use record::{Hash, JournalId, Plaintext, Reader, Writer};
use vault::Vault;
use zeroize::Zeroizing;

use crate::model::Model;
use crate::signing::random16;

/// Changes with every change of what a snapshot holds, so that an older one is ignored.
const VERSION: u16 = 5;
const MAGIC: [u8; 14] = *b"zegel-snapshot";
/// Plaintext of one sealed piece: what a snapshot needs of memory besides what it is of.
const PIECE_BYTES: usize = 1024 * 1024;
/// After so many pieces what was written is synced.
const SYNC_EVERY: u64 = 64;
/// Salt, commitment, tag and version around a sealed piece are far below this.
const SEALED_BYTES_MAX: usize = PIECE_BYTES + 1024;
/// Most bytes that a clear head may have: the edges of a tree over some 10^9 records need a tenth.
const HEAD_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Most memory that one snapshot may decode to.
const CONTENT_BYTES_MAX: usize = 64 * 1024 * 1024 * 1024;

const fn configuration() -> Configuration<BigEndian, Varint, Limit<CONTENT_BYTES_MAX>> {
    bincode::config::standard().with_big_endian().with_limit::<CONTENT_BYTES_MAX>()
}

/// Where the snapshots of an installation stand, one file for each tenant.
#[derive(Debug)]
pub(crate) struct Snapshots {
    directory: PathBuf,
}

/// The clear head of a snapshot, and the position that it claims.
struct Head {
    position: Position,
    hash: Hash,
}

impl Snapshots {
    pub(crate) const fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// The positions that the heads of the stored snapshots claim. Claims, until
    /// [`Snapshots::restore`] has opened what stands behind them.
    pub(crate) fn claims(&self) -> BTreeMap<JournalId, Position> {
        let Ok(entries) = fs::read_dir(&self.directory) else { return BTreeMap::new() };
        let claim = |entry: io::Result<fs::DirEntry>| {
            let name = entry.ok()?.file_name();
            let id = JournalId::from_hex(name.to_str()?.strip_suffix(".snapshot")?)?;
            let head = read_head(&mut open(&self.file(id)).ok()?)?;
            (head.position.origin().journal == id).then_some((id, head.position))
        };
        entries.filter_map(claim).collect()
    }

    /// Whether there is one of this tenant, of whatever kind.
    pub(crate) fn has(&self, id: JournalId) -> bool {
        self.file(id).exists()
    }

    /// Removes what a crash left half written.
    pub(crate) fn sweep(&self) {
        let entries = fs::read_dir(&self.directory).into_iter().flatten();
        let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
        files.filter(|file| file.extension().is_some_and(|end| end == "new")).for_each(|file| {
            remove(&file);
        });
    }

    /// The snapshot of a tenant: where it stands, and what was folded until there. `None` if it
    /// does not open under the keys of now.
    pub(crate) fn restore(&self, vault: &Vault, id: JournalId) -> Option<(Position, Model)> {
        let mut file = open(&self.file(id)).ok()?;
        let Head { position, hash: head } = read_head(&mut file)?;
        let mut opening = Opening { vault, head, file, number: 0, piece: Piece::none() };
        let model = bincode::decode_from_reader(&mut opening, configuration()).ok()?;
        opening.ends_here().then_some((position, model))
    }

    /// Writes the snapshot of a tenant in place of the one before.
    ///
    /// # Errors
    /// The operating system's, [`io::ErrorKind::StorageFull`] before the reserve is touched; the
    /// snapshot before stays.
    pub(crate) fn keep(&self, vault: &Vault, position: &Position, model: &Model) -> io::Result<()> {
        let id = position.origin().journal;
        let (file, new) = (self.file(id), self.unfinished(id));
        fs::create_dir_all(&self.directory)?;
        write(&new, vault, position, model).inspect_err(|_| remove(&new))?;
        journal::watched(&file, || {
            fs::rename(&new, &file).inspect_err(|_| remove(&new))?;
            // CRASH: without this sync the old snapshot may stand here again: it is as good or dead.
            File::open(&self.directory)?.sync_all()
        })
    }

    /// Removes what is kept of a tenant, half written or whole: it does not open any more, or soon
    /// will not.
    pub(crate) fn remove(&self, id: JournalId) {
        remove(&self.file(id));
        remove(&self.unfinished(id));
    }

    fn file(&self, id: JournalId) -> PathBuf {
        self.directory.join(format!("{id}.snapshot"))
    }

    fn unfinished(&self, id: JournalId) -> PathBuf {
        self.directory.join(format!("{id}.new"))
    }
}

/// Whether bytes are the content of a snapshot: the decoder, for whoever wants to try it.
#[must_use]
pub fn decodes(bytes: &[u8]) -> bool {
    const LIMIT: usize = 16 * 1024 * 1024;
    let limited = bincode::config::standard().with_big_endian().with_limit::<LIMIT>();
    let head = read_head_from(bytes).is_some();
    let content = bincode::decode_from_slice::<Model, _>(bytes, limited);
    head || content.is_ok_and(|(_, read)| read == bytes.len())
}

fn remove(file: &Path) {
    match journal::watched(file, || fs::remove_file(file)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "a snapshot could not be removed; it is ignored at opening");
        }
        _ => {}
    }
}

fn open(file: &Path) -> io::Result<io::BufReader<File>> {
    File::open(file).map(io::BufReader::new)
}

fn head_bytes(position: &Position, random: &[u8; 16]) -> Vec<u8> {
    let mut content = Writer::default();
    content.bytes(&MAGIC).u16(VERSION).bytes(random);
    position.write(&mut content);
    content.finish()
}

/// Reads the head: its length, and so many bytes.
fn read_head(file: &mut impl io::Read) -> Option<Head> {
    let mut length = [0; 8];
    file.read_exact(&mut length).ok()?;
    let length = u64::from_be_bytes(length);
    if length > HEAD_BYTES_MAX {
        return None;
    }
    // Grows with what is there, not with what is said.
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes).ok()?;
    let whole = u64::try_from(bytes.len()) == Ok(length);
    whole.then(|| read_head_from(&bytes)).flatten()
}

fn read_head_from(bytes: &[u8]) -> Option<Head> {
    let mut reader = Reader::new(bytes);
    let known = reader.array("magic").ok()? == MAGIC && reader.u16("version").ok()? == VERSION;
    let _random: [u8; 16] = reader.array("random").ok()?;
    let position = Position::read(&mut reader).ok().filter(|_| known)?;
    reader.end().ok()?;
    Some(Head { position, hash: Hash(*blake3::hash(bytes).as_bytes()) })
}

/// What a piece is bound to: the whole head, its place, and whether more follow.
fn context(head: Hash, number: u64, last: bool) -> String {
    let place = if last { "last" } else { "more" };
    format!("zegel 2026-11 snapshot piece v1 {head} {number} {place}")
}

fn write(new: &Path, vault: &Vault, position: &Position, model: &Model) -> io::Result<()> {
    let random = random16().map_err(io::Error::other)?;
    let head = head_bytes(position, &random);
    let options = File::options().create(true).truncate(true).write(true).mode(0o600).clone();
    let file = journal::watched(new, || {
        let mut file = options.open(new)?;
        file.write_all(&u64::try_from(head.len()).unwrap_or(u64::MAX).to_be_bytes())?;
        file.write_all(&head)?;
        Ok::<_, io::Error>(file)
    })?;
    let head = Hash(*blake3::hash(&head).as_bytes());
    let mut sealing = Sealing { vault, head, file, path: new, number: 0, piece: Piece::none() };
    let encoded = bincode::encode_into_writer(model, &mut sealing, configuration());
    encoded.map_err(|error| match error {
        EncodeError::Io { inner, .. } => inner,
        other => io::Error::other(other.to_string()),
    })?;
    sealing.flush(true)?;
    journal::watched(new, || sealing.file.sync_all())
}

/// Plaintext of one piece, wiped when it goes.
struct Piece {
    bytes: Zeroizing<Vec<u8>>,
    read: usize,
}

impl Piece {
    fn none() -> Self {
        Self { bytes: Zeroizing::new(Vec::new()), read: 0 }
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.read..).unwrap_or_default()
    }
}

/// Takes encoded bytes and writes them sealed, piece by piece.
struct Sealing<'a> {
    vault: &'a Vault,
    head: Hash,
    file: File,
    path: &'a Path,
    number: u64,
    piece: Piece,
}

impl Sealing<'_> {
    fn flush(&mut self, last: bool) -> io::Result<()> {
        // The reserve is for cuts.
        let free = journal::free_bytes(self.path)?;
        if free < RESERVE_BYTES + FREE_BYTES_FLOOR {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let piece = Plaintext::new(std::mem::take(&mut *self.piece.bytes));
        let context = context(self.head, self.number, last);
        let sealed = self.vault.seal_under_root(&context, &piece).map_err(io::Error::other)?;
        self.number += 1;
        let length = u32::try_from(sealed.len()).unwrap_or(u32::MAX);
        journal::watched(self.path, || {
            self.file.write_all(&[u8::from(last)])?;
            self.file.write_all(&length.to_be_bytes())?;
            self.file.write_all(&sealed)?;
            // Little by little, so that no sync takes as long as a disk that hangs.
            if self.number.is_multiple_of(SYNC_EVERY) { self.file.sync_data() } else { Ok(()) }
        })
    }
}

impl bincode::enc::write::Writer for Sealing<'_> {
    fn write(&mut self, mut bytes: &[u8]) -> Result<(), EncodeError> {
        while !bytes.is_empty() {
            if self.piece.bytes.capacity() == 0 {
                self.piece.bytes.reserve_exact(PIECE_BYTES);
            }
            let room = PIECE_BYTES.saturating_sub(self.piece.bytes.len());
            let (now, later) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
            self.piece.bytes.extend_from_slice(now);
            bytes = later;
            if !bytes.is_empty() {
                let written = usize::try_from(self.number).unwrap_or(usize::MAX);
                let index = written.saturating_mul(PIECE_BYTES);
                self.flush(false).map_err(|inner| EncodeError::Io { inner, index })?;
            }
        }
        Ok(())
    }
}

/// Reads sealed pieces and gives the bytes within.
struct Opening<'a> {
    vault: &'a Vault,
    head: Hash,
    file: io::BufReader<File>,
    number: u64,
    piece: Piece,
}

impl Opening<'_> {
    /// Opens the next piece; `None` if there is none or it does not open.
    fn next_piece(&mut self) -> Option<()> {
        let mut front = [0; 5];
        self.file.read_exact(&mut front).ok()?;
        let [last, length @ ..] = front;
        let length = usize::try_from(u32::from_be_bytes(length)).ok()?;
        if length > SEALED_BYTES_MAX || last > 1 {
            return None;
        }
        let mut sealed = vec![0; length];
        self.file.read_exact(&mut sealed).ok()?;
        let opened =
            self.vault.open_under_root(&context(self.head, self.number, last == 1), &sealed)?;
        self.number = if last == 1 { u64::MAX } else { self.number + 1 };
        self.piece = Piece { bytes: Zeroizing::new(opened.as_slice().to_vec()), read: 0 };
        Some(())
    }

    /// Whether the last piece was read to its end, and nothing follows it.
    fn ends_here(mut self) -> bool {
        let ended = self.number == u64::MAX && self.piece.rest().is_empty();
        ended && matches!(self.file.read(&mut [0]), Ok(0))
    }
}

impl bincode::de::read::Reader for Opening<'_> {
    fn read(&mut self, mut bytes: &mut [u8]) -> Result<(), DecodeError> {
        while !bytes.is_empty() {
            if self.piece.rest().is_empty() {
                let additional = bytes.len();
                self.next_piece().ok_or(DecodeError::UnexpectedEnd { additional })?;
                continue;
            }
            let rest = self.piece.rest();
            let count = rest.len().min(bytes.len());
            let (now, later) = bytes.split_at_mut(count);
            now.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            self.piece.read += count;
            bytes = later;
        }
        Ok(())
    }

    fn peek_read(&mut self, count: usize) -> Option<&[u8]> {
        self.piece.rest().get(..count)
    }

    fn consume(&mut self, count: usize) {
        self.piece.read = self.piece.read.saturating_add(count);
    }
}
