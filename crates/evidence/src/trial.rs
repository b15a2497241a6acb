//! Decoders of this crate, for those who try them on bytes of any kind (feature `trial`).

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use record::checkpoint::Checkpoint;

use crate::manifest::Manifest;
use crate::texts::{Census, Witness};
use crate::{archive, texts};

/// Reads a manifest; gives its text again.
#[must_use]
pub fn manifest(text: &str) -> Option<String> {
    Manifest::parse(text).map(|manifest| manifest.to_string())
}

/// Reads a census; gives its text again.
#[must_use]
pub fn census(text: &str) -> Option<String> {
    Census::parse(text).map(|census| census.text())
}

/// Reads a witness of a checkpoint; gives its text again.
#[must_use]
pub fn witness(text: &str, of: &Checkpoint) -> Option<String> {
    Witness::parse(text, of).map(|witness| Witness::text(witness.as_ref()))
}

/// A text on one line.
#[must_use]
pub fn escaped(text: &str) -> String {
    texts::escaped(text)
}

/// The canonical tar of these files; a path or a size that fits no header is left out.
#[must_use]
pub fn archive_of(files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let mut out = Vec::new();
    for (path, content) in files {
        let bytes = u64::try_from(content.len()).unwrap_or(u64::MAX);
        let _left_out = archive::append(&mut out, path, bytes, &mut content.as_slice());
    }
    let _in_memory = archive::end(&mut out);
    out
}

/// Reads a tar; gives it as it would be written again, `None` if it is not canonical.
#[must_use]
pub fn archive(bytes: &[u8]) -> Option<Vec<u8>> {
    let (files, fault) = archive::index(&mut Cursor::new(bytes));
    if fault.is_some() {
        return None;
    }
    let mut again = Vec::new();
    for (path, extent) in files {
        let mut content = Cursor::new(bytes);
        content.set_position(extent.offset);
        archive::append(&mut again, &path, extent.bytes, &mut content.take(extent.bytes)).ok()?;
    }
    archive::end(&mut again).ok()?;
    Some(again)
}
