//! The manifest: every file with its SHA-256 and length (docs/format/bundle.md §3).
//!
//! *Invariant:* a manifest that parses prints to the same bytes; paths ascend.

use std::collections::BTreeMap;
use std::fmt;

use record::{Hash, Origin};

const TITLE: &str = "zegel-bundle/v1";

/// SHA-256 and length of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileDigest {
    pub(crate) sha256: Hash,
    pub(crate) bytes: u64,
}

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) origin: Origin,
    pub(crate) size: u64,
    pub(crate) files: BTreeMap<String, FileDigest>,
}

impl Manifest {
    /// Reads the signed text; `None` if it has any form but the canonical one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let title = lines.next()?;
        let origin = Origin::parse(lines.next()?)?;
        let size = lines.next()?.parse().ok()?;
        let files = lines.map(parse_line).collect::<Option<_>>()?;
        let manifest = Self { origin, size, files };
        (title == TITLE && manifest.to_string() == text).then_some(manifest)
    }
}

fn parse_line(line: &str) -> Option<(String, FileDigest)> {
    let (sha256, rest) = line.split_once(' ')?;
    let (bytes, path) = rest.split_once(' ')?;
    let digest = FileDigest { sha256: Hash::from_hex(sha256)?, bytes: bytes.parse().ok()? };
    Some((path.to_owned(), digest))
}

impl fmt::Display for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{TITLE}\n{}\n{}", self.origin, self.size)?;
        self.files
            .iter()
            .try_for_each(|(path, file)| writeln!(f, "{} {} {path}", file.sha256, file.bytes))
    }
}
