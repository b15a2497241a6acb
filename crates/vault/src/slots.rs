//! The slot file: where a tenant's root key stands, and nowhere else (docs/format/keys.md §3).
//!
//! *Invariants:* the file keeps its length and its blocks: it is written in place, never truncated
//! and never renamed; each write is synced and read back before anything relies on it; of two
//! valid slots the newer one wins, and its pages were durable before it was written.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use record::Reader;
use rustix::fs::Advice;
use zeroize::Zeroizing;

use crate::harness::{self, Mistake};
use crate::keys::{KEY_BYTES, Key32, fill_random};

/// Bytes of one slot: one block of the usual file systems.
pub(crate) const SLOT_BYTES: usize = 4_096;
const SLOT_BYTES_U64: u64 = 4_096;
/// Copies in one slot: one for each 512-byte sector.
const COPIES: usize = 8;
const SECTOR_BYTES: usize = SLOT_BYTES / COPIES;
const MAGIC: [u8; 8] = *b"zegelkey";
const BODY_BYTES: usize = 8 + 8 + KEY_BYTES + 8;
const CHECKSUM_BYTES: usize = 32;
const COPY_BYTES: usize = BODY_BYTES + CHECKSUM_BYTES;
const _: () = assert!(COPY_BYTES <= SECTOR_BYTES);

/// Why the slot file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SlotError {
    /// The system refused.
    #[error("the slot file: {0}")]
    Io(#[from] io::Error),
    /// Not the length of two slots.
    #[error("the slot file has {0} bytes instead of 8192")]
    Length(u64),
    /// What was written is not what is read back.
    #[error("the slot file does not read back as written")]
    ReadBack,
    /// The system gave no randomness.
    #[error(transparent)]
    Random(#[from] crate::keys::NoRandomness),
}

/// What a slot says.
pub(crate) struct Root {
    pub(crate) epoch: u64,
    pub(crate) key: Key32,
    pub(crate) generation: u64,
}

/// One of the two slots.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    First,
    Second,
}

impl Side {
    const fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }

    const fn offset(self) -> u64 {
        match self {
            Self::First => 0,
            Self::Second => SLOT_BYTES_U64,
        }
    }
}

/// The open slot file of one tenant.
pub(crate) struct Slots {
    file: File,
    live: Side,
}

/// The newest root that the file holds.
pub(crate) struct Found {
    pub(crate) slots: Slots,
    pub(crate) root: Root,
    /// Fewer than eight copies of it are whole.
    pub(crate) worn: bool,
}

pub(crate) type SlotBytes = Zeroizing<Vec<u8>>;

impl Slots {
    /// Makes the file, both slots random, the first then written with `root`; all durable.
    pub(crate) fn create(path: &Path, root: &Root) -> Result<Self, SlotError> {
        let file =
            OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
        let slots = Self { file, live: Side::First };
        slots.scramble(Side::Second)?;
        slots.write(Side::First, &encode(root)?)?;
        slots.file.sync_all()?;
        sync_directory_of(path)?;
        Ok(slots)
    }

    /// Makes the file with both slots random: no root is in force.
    pub(crate) fn create_blank(path: &Path) -> Result<Self, SlotError> {
        let file =
            OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
        let slots = Self { file, live: Side::First };
        slots.scramble(Side::Second)?;
        slots.scramble(Side::First)?;
        slots.file.sync_all()?;
        sync_directory_of(path)?;
        Ok(slots)
    }

    /// Reads both slots; `None` if neither holds a valid copy.
    pub(crate) fn find(path: &Path) -> Result<Option<Found>, SlotError> {
        let file = open_existing(path)?;
        let first = decode(&read(&file, Side::First)?);
        let second = decode(&read(&file, Side::Second)?);
        let (live, (root, copies)) = match (first, second) {
            (None, None) => return Ok(None),
            (Some(first), None) => (Side::First, first),
            (None, Some(second)) => (Side::Second, second),
            (Some(first), Some(second)) if rank(&second) > rank(&first) => (Side::Second, second),
            (Some(first), Some(_)) => (Side::First, first),
        };
        Ok(Some(Found { slots: Self { file, live }, root, worn: copies < COPIES }))
    }

    /// Writes a root to the spare slot, durable and read back. The old root still stands.
    pub(crate) fn write_spare(&self, root: &Root) -> Result<(), SlotError> {
        self.write(self.live.other(), &encode(root)?)
    }

    /// Overwrites the old slot; the spare one is the live one from here.
    pub(crate) fn destroy_old(&mut self) -> Result<(), SlotError> {
        self.scramble_stale(self.live)?;
        self.live = self.live.other();
        Ok(())
    }

    /// Overwrites the slot that is not live, whatever it holds.
    pub(crate) fn clear_spare(&self) -> Result<(), SlotError> {
        self.scramble_stale(self.live.other())
    }

    /// Overwrites both slots, the live one first.
    pub(crate) fn destroy(&self) -> Result<(), SlotError> {
        self.scramble(self.live)?;
        self.scramble(self.live.other())
    }

    /// Overwrites both slots of a file, whatever they hold.
    pub(crate) fn destroy_at(path: &Path) -> Result<(), SlotError> {
        Self { file: open_existing(path)?, live: Side::First }.destroy()
    }

    /// Overwrites a file of any length and removes it.
    pub(crate) fn discard(path: &Path) -> Result<(), SlotError> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let beyond = file.metadata()?.len().saturating_sub(2 * SLOT_BYTES_U64);
        let zeros = vec![0; usize::try_from(beyond).unwrap_or(usize::MAX)];
        file.write_all_at(&zeros, 2 * SLOT_BYTES_U64)?;
        Self { file, live: Side::First }.destroy()?;
        std::fs::remove_file(path)?;
        sync_directory_of(path)
    }

    /// Makes every further write fail, as a medium does that went read-only.
    #[cfg(test)]
    pub(crate) fn make_read_only(&mut self, path: &Path) {
        self.file = File::open(path).unwrap();
    }

    fn scramble_stale(&self, side: Side) -> Result<(), SlotError> {
        if harness::makes(Mistake::OldSlotStays) { Ok(()) } else { self.scramble(side) }
    }

    fn scramble(&self, side: Side) -> Result<(), SlotError> {
        self.write(side, &random_slot()?)
    }

    // CRASH: a crash inside leaves any mix of old and new sectors in this one slot; the caller
    // writes a slot only while the other one, or nothing, is what counts.
    fn write(&self, side: Side, bytes: &SlotBytes) -> Result<(), SlotError> {
        self.file.write_all_at(bytes, side.offset())?;
        self.file.sync_data()?;
        // So that the next read asks the medium and not the page cache.
        rustix::fs::fadvise(&self.file, 0, None, Advice::DontNeed).map_err(io::Error::from)?;
        if *read(&self.file, side)? == **bytes { Ok(()) } else { Err(SlotError::ReadBack) }
    }
}

// Of two slots of one epoch, which only mending a worn slot can leave, the better one.
const fn rank(found: &(Root, usize)) -> (u64, usize) {
    (found.0.epoch, found.1)
}

fn open_existing(path: &Path) -> Result<File, SlotError> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let bytes = file.metadata()?.len();
    if bytes == 2 * SLOT_BYTES_U64 { Ok(file) } else { Err(SlotError::Length(bytes)) }
}

fn sync_directory_of(path: &Path) -> Result<(), SlotError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(())
}

fn read(file: &File, side: Side) -> Result<SlotBytes, SlotError> {
    let mut bytes = Zeroizing::new(vec![0; SLOT_BYTES]);
    file.read_exact_at(&mut bytes, side.offset())?;
    Ok(bytes)
}

fn random_slot() -> Result<SlotBytes, SlotError> {
    let mut bytes = Zeroizing::new(vec![0; SLOT_BYTES]);
    fill_random(&mut bytes)?;
    Ok(bytes)
}

/// One copy of a root.
pub(crate) fn encode_copy(root: &Root) -> Zeroizing<Vec<u8>> {
    let mut copy = Zeroizing::new(Vec::with_capacity(COPY_BYTES));
    copy.extend_from_slice(&MAGIC);
    copy.extend_from_slice(&root.epoch.to_be_bytes());
    copy.extend_from_slice(root.key.as_bytes());
    copy.extend_from_slice(&root.generation.to_be_bytes());
    let checksum = blake3::hash(&copy);
    copy.extend_from_slice(checksum.as_bytes());
    copy
}

pub(crate) fn encode(root: &Root) -> Result<SlotBytes, SlotError> {
    let copy = encode_copy(root);
    let mut bytes = random_slot()?;
    for sector in bytes.chunks_exact_mut(SECTOR_BYTES) {
        sector.iter_mut().zip(copy.iter()).for_each(|(place, byte)| *place = *byte);
    }
    Ok(bytes)
}

/// The newest valid copy of a slot, and how many copies say the same epoch.
pub(crate) fn decode(slot: &SlotBytes) -> Option<(Root, usize)> {
    let copies = || slot.chunks_exact(SECTOR_BYTES).filter_map(decode_copy);
    let newest = copies().max_by_key(|root| root.epoch)?;
    let count = copies().filter(|root| root.epoch == newest.epoch).count();
    Some((newest, count))
}

/// Reads a copy at the start of these bytes.
pub(crate) fn decode_copy(sector: &[u8]) -> Option<Root> {
    let (body, rest) = sector.split_at_checked(BODY_BYTES)?;
    let checksum: &[u8; CHECKSUM_BYTES] = rest.first_chunk()?;
    if body.first_chunk() != Some(&MAGIC) || blake3::hash(body) != *checksum {
        return None;
    }
    let mut reader = Reader::new(body.get(MAGIC.len()..)?);
    let epoch = reader.u64("epoch").ok()?;
    let key = Key32::read(reader.bytes(KEY_BYTES, "root key").ok()?.try_into().ok()?);
    Some(Root { epoch, key, generation: reader.u64("root generation").ok()? })
}
