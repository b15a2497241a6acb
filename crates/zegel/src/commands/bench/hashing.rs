//! Hashing alone: the limit that `zegel verify` is held against.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use record::tree::{leaf_entry, leaf_hash};
use record::{Reader, Seq};

/// Time to read a bundle and hash it as a verifier must, judging nothing: SHA-256 of every file;
/// BLAKE3 of every header and body; SHA-256 of every header, leaf and node of the tree.
pub(super) fn bundle(bundle: &Path) -> anyhow::Result<Duration> {
    let mut files = Vec::new();
    list(bundle, &mut files)?;
    let mut bytes = Vec::new();
    let started = Instant::now();
    for path in &files {
        bytes.clear();
        File::open(path)?.read_to_end(&mut bytes)?;
        std::hint::black_box(leaf_hash(&bytes));
        if path.starts_with(bundle.join("records/headers")) {
            each_entry(&bytes, |header| {
                std::hint::black_box(leaf_hash(&leaf_entry(Seq(0), header)));
                std::hint::black_box(leaf_hash(&[1; 64]));
            });
        } else if path.starts_with(bundle.join("records/bodies")) {
            each_entry(&bytes, |body| {
                std::hint::black_box(blake3::hash(body));
            });
        }
    }
    Ok(started.elapsed())
}

fn list(directory: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// Entries are a length of four bytes and as many bytes (docs/format/bundle.md).
fn each_entry(bytes: &[u8], mut visit: impl FnMut(&[u8])) {
    let mut reader = Reader::new(bytes);
    while let Ok(length) = reader.u32("length") {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let Ok(entry) = reader.bytes(length, "entry") else { return };
        visit(entry);
    }
}
