//! The files against the layout and the manifest (docs/format/bundle.md §3).

use std::collections::BTreeSet;
use std::io::{self, Read};

use record::Hash;
use sha2::{Digest, Sha256};

use super::frame::{Frame, or_unreadable};
use super::walk::Walked;
use crate::layout::{self, CHECKPOINT, KEYS, MANIFEST, RECORDS_MAX};
use crate::manifest::{FileDigest, Manifest};
use crate::report::{Findings, Place};
use crate::source::Source;

/// Most bytes that are hashed, in all, of files whose length no record accounts for: texts, and
/// records that cannot be read. The longest census and list of steps fit together; a sparse file of
/// terabytes, which costs its maker nothing, does not.
const UNACCOUNTED_BYTES_MAX: u64 = 4 << 30;

/// Compares what is there with what must be there and with what was signed; reads nothing.
pub(super) fn check(source: &Source, frame: &Frame, findings: &mut Findings) {
    let Some(size) = frame.size().filter(|size| *size <= RECORDS_MAX) else {
        // Without a size the list of files is unknown.
        check_present(source, [MANIFEST, CHECKPOINT, KEYS].map(str::to_owned).iter(), findings);
        return;
    };
    let mut expected = layout::paths(size);
    if let Some(manifest) = &frame.manifest {
        check_lines(manifest, &expected, findings);
        check_lengths(source, manifest, &expected, findings);
    }
    expected.insert(MANIFEST.to_owned());
    check_present(source, expected.iter(), findings);
    check_extra(source, &expected, findings);
}

fn check_present<'a>(
    source: &Source,
    paths: impl Iterator<Item = &'a String>,
    findings: &mut Findings,
) {
    for path in paths.filter(|path| !source.files.contains_key(*path)) {
        findings.gone(Place::file(path), "file-present", ("the file", "nothing"));
    }
}

fn check_extra(source: &Source, expected: &BTreeSet<String>, findings: &mut Findings) {
    for path in source.files.keys().filter(|path| !expected.contains(*path)) {
        findings.bad(Place::file(path), "file-listed", ("no such file", "a file"));
    }
    for directory in &source.directories {
        let prefix = format!("{directory}/");
        let next = expected.range(prefix.clone()..).next();
        if !next.is_some_and(|path| path.starts_with(&prefix)) {
            findings.bad(Place::file(directory), "file-listed", ("no such file", "a directory"));
        }
    }
}

fn check_lines(manifest: &Manifest, expected: &BTreeSet<String>, findings: &mut Findings) {
    for path in manifest.files.keys().filter(|path| !expected.contains(*path)) {
        let found = format!("a line for `{path}`");
        findings.bad(Place::file(MANIFEST), "manifest-lines", ("only files of the format", found));
    }
    for path in expected.iter().filter(|path| !manifest.files.contains_key(*path)) {
        let wanted = format!("a line for `{path}`");
        findings.bad(Place::file(MANIFEST), "manifest-lines", (wanted, "none"));
    }
}

/// A file of another length than its line says has another digest: it need not be read.
fn check_lengths(
    source: &Source,
    manifest: &Manifest,
    expected: &BTreeSet<String>,
    findings: &mut Findings,
) {
    for (path, signed) in manifest.files.iter().filter(|(path, _)| expected.contains(*path)) {
        let found = source.files.get(path).filter(|bytes| **bytes != signed.bytes);
        if let Some(bytes) = found {
            let found = format!("{bytes} bytes");
            findings.bad(Place::file(path), "file-digest", (text(signed), found));
        }
    }
}

/// Hashes the files that have the length of their line, now that it is known how many bytes the
/// records take.
pub(super) fn check_digests(
    source: &Source,
    frame: &Frame,
    walked: &Walked,
    findings: &mut Findings,
) {
    let Some(manifest) = &frame.manifest else { return };
    let expected = layout::paths(walked.size);
    let (mut buffer, mut room) = (vec![0; 256 * 1024], UNACCOUNTED_BYTES_MAX);
    for (path, signed) in manifest.files.iter().filter(|(path, _)| expected.contains(*path)) {
        if source.files.get(path) != Some(&signed.bytes) {
            continue;
        }
        if !is_accounted(path, signed.bytes, walked) {
            let Some(left) = room.checked_sub(signed.bytes) else {
                let expected = format!("{UNACCOUNTED_BYTES_MAX} bytes that no record accounts for");
                let found = format!("{} bytes: not hashed", signed.bytes);
                findings.gone(Place::file(path), "limit", (format!("at most {expected}"), found));
                continue;
            };
            room = left;
        }
        // Not beyond what it had when it was listed, whatever is written behind it meanwhile.
        let digest = source.reader(path).and_then(|reader| {
            let reader = reader.map(|reader| reader.take(signed.bytes.saturating_add(1)));
            reader.map(|reader| digest(reader, &mut buffer)).transpose()
        });
        let Some(Some(found)) = or_unreadable(digest, path, findings) else { continue };
        if found != *signed {
            findings.bad(Place::file(path), "file-digest", (text(signed), text(&found)));
        }
    }
}

/// Whether the length of a file follows from the records.
fn is_accounted(path: &str, bytes: u64, walked: &Walked) -> bool {
    walked.read_whole.contains(path) || layout::tile_bytes(path) == Some(bytes)
}

fn text(file: &FileDigest) -> String {
    format!("{} bytes {}", file.bytes, file.sha256)
}

fn digest(mut reader: impl Read, buffer: &mut [u8]) -> io::Result<FileDigest> {
    let mut sha256 = Sha256::new();
    let mut bytes = 0u64;
    loop {
        let count = reader.read(buffer)?;
        let Some(read) = buffer.get(..count).filter(|read| !read.is_empty()) else {
            return Ok(FileDigest { sha256: Hash(sha256.finalize().into()), bytes });
        };
        sha256.update(read);
        bytes += u64::try_from(count).unwrap_or(0);
    }
}
