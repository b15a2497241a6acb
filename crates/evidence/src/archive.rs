//! The canonical tar of a bundle (docs/format/bundle.md §9).
//!
//! *Invariant:* each set of files has one tar: ustar, ascending paths, fixed metadata, zero padding
//! and two zero blocks at the end. A header is compared with the one that we would write.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom, Write};

use tar::{EntryType, Header};

const BLOCK: u64 = 512;
const BLOCK_BYTES: usize = 512;
/// The largest size that a ustar header holds: eleven octal digits.
pub(crate) const FILE_BYTES_MAX: u64 = 0o777_7777_7777;
/// Most files: what a bundle of the most records has, and room.
pub(crate) const FILES_MAX: usize = 200_000;
/// Two blocks of zeros end a tar.
const END: [u8; 2 * BLOCK_BYTES] = [0; 2 * BLOCK_BYTES];

/// Where the bytes of a file stand in a tar.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
}

/// Why a tar is not canonical.
#[derive(Debug)]
pub(crate) enum ArchiveFault {
    Io(io::Error),
    /// At this offset.
    NotCanonical {
        offset: u64,
        what: &'static str,
    },
}

impl From<io::Error> for ArchiveFault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

fn header(path: &str, bytes: u64) -> Option<Header> {
    let mut header = Header::new_ustar();
    header.set_path(path).ok()?;
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(bytes);
    header.set_cksum();
    (bytes <= FILE_BYTES_MAX).then_some(header)
}

/// Writes one file; the caller keeps the order.
pub(crate) fn append(
    out: &mut impl Write,
    path: &str,
    bytes: u64,
    content: &mut impl Read,
) -> io::Result<()> {
    let header = header(path, bytes).ok_or(io::ErrorKind::FileTooLarge)?;
    out.write_all(header.as_bytes())?;
    let copied = io::copy(content, out)?;
    if copied != bytes {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let padding = END.iter().take(padding(bytes)).copied().collect::<Vec<u8>>();
    out.write_all(&padding)
}

/// Ends the tar.
pub(crate) fn end(out: &mut impl Write) -> io::Result<()> {
    out.write_all(&END)
}

fn padding(bytes: u64) -> usize {
    usize::try_from((BLOCK - bytes % BLOCK) % BLOCK).unwrap_or(0)
}

/// Finds the files of a tar. What stands before a fault is kept.
pub(crate) fn index(
    file: &mut (impl Read + Seek),
) -> (BTreeMap<String, Extent>, Option<ArchiveFault>) {
    let mut files = BTreeMap::new();
    let fault = scan(file, &mut files).err();
    (files, fault)
}

fn scan(
    file: &mut (impl Read + Seek),
    files: &mut BTreeMap<String, Extent>,
) -> Result<(), ArchiveFault> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut offset = file.seek(SeekFrom::Start(0))?;
    loop {
        let fault = |what| ArchiveFault::NotCanonical { offset, what };
        let mut block = [0; BLOCK_BYTES];
        fill(file, &mut block, offset)?;
        if block.iter().all(|byte| *byte == 0) {
            return finish(file, offset, length);
        }
        let (path, bytes) = parse(&block).ok_or_else(|| fault("header"))?;
        if files.last_key_value().is_some_and(|(last, _)| *last >= path) {
            return Err(fault("order of paths"));
        }
        if files.len() >= FILES_MAX {
            return Err(fault("number of files"));
        }
        let start = offset + BLOCK;
        let end = start.checked_add(bytes).filter(|end| *end <= length);
        let end = end.ok_or_else(|| fault("length"))?;
        files.insert(path, Extent { offset: start, bytes });
        file.seek(SeekFrom::Start(end))?;
        let mut rest = vec![0; padding(bytes)];
        fill(file, &mut rest, end)?;
        if rest.iter().any(|byte| *byte != 0) {
            return Err(ArchiveFault::NotCanonical { offset: end, what: "padding" });
        }
        offset = end + u64::try_from(rest.len()).unwrap_or(0);
    }
}

fn fill(file: &mut impl Read, block: &mut [u8], offset: u64) -> Result<(), ArchiveFault> {
    file.read_exact(block).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => ArchiveFault::NotCanonical { offset, what: "length" },
        _ => ArchiveFault::Io(error),
    })
}

fn finish(file: &mut impl Read, offset: u64, length: u64) -> Result<(), ArchiveFault> {
    let mut second = [0; BLOCK_BYTES];
    fill(file, &mut second, offset + BLOCK)?;
    let zero = second.iter().all(|byte| *byte == 0);
    if zero && offset + 2 * BLOCK == length {
        return Ok(());
    }
    Err(ArchiveFault::NotCanonical { offset: offset + BLOCK, what: "end" })
}

/// The path and size of a header that is exactly ours.
fn parse(block: &[u8; BLOCK_BYTES]) -> Option<(String, u64)> {
    let found = Header::from_byte_slice(block);
    let path = std::str::from_utf8(&found.path_bytes()).ok()?.to_owned();
    let bytes = found.entry_size().ok()?;
    let same = header(&path, bytes)?.as_bytes() == block;
    same.then_some((path, bytes))
}
