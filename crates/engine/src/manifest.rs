//! The signed list of what a backup holds (docs/format/backup.md §5).
//!
//! *Invariant:* a manifest that parses prints to the same text.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;

use record::note::{Note, NoteSigner, Vkey};
use record::{Hash, JournalId};

use crate::backup::{BackupError, at, sync_directory, write_file};
use crate::outside;

const NAME: &str = "manifest";
const TITLE: &str = "zegel-backup/v1";
const NONE: &str = "-";

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) operator: JournalId,
    pub(crate) lines: BTreeMap<JournalId, Line>,
}

/// One journal of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) era: u32,
    pub(crate) size: u64,
    pub(crate) root: Hash,
    /// How much of the file of records counts.
    pub(crate) bytes: u64,
    pub(crate) pages: Option<Pages>,
}

/// The file of pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pages {
    pub(crate) number: u64,
    pub(crate) digest: Hash,
}

impl Manifest {
    pub(crate) fn new(operator: JournalId) -> Self {
        Self { operator, lines: BTreeMap::new() }
    }

    /// Reads the manifest of a directory; `None` if there is none yet.
    pub(crate) fn read(directory: &Path, vkey: &Vkey) -> Result<Option<Self>, BackupError> {
        let Some(text) = text_of(directory)? else { return Ok(None) };
        let foreign = || BackupError::Foreign(directory.to_owned());
        let note = Note::parse(&text).map_err(|_| foreign())?;
        note.verify(vkey).map_err(|_| foreign())?;
        Self::parse(note.text()).map(Some).ok_or_else(foreign)
    }

    /// Whose operator journal a manifest names, before its signature can be checked.
    pub(crate) fn claimed_operator(directory: &Path) -> Result<JournalId, BackupError> {
        let foreign = || BackupError::Foreign(directory.to_owned());
        let text = text_of(directory)?.ok_or_else(foreign)?;
        let note = Note::parse(&text).map_err(|_| foreign())?;
        Self::parse(note.text()).map(|manifest| manifest.operator).ok_or_else(foreign)
    }

    /// Signs it and puts it in force.
    pub(crate) fn write(&self, directory: &Path, signer: &NoteSigner) -> Result<(), BackupError> {
        let note = signer.sign(&self.to_string()).to_string();
        write_file(&directory.join(NAME), note.as_bytes())?;
        sync_directory(directory)
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        if lines.next()? != TITLE {
            return None;
        }
        let mut manifest = Self::new(JournalId::from_hex(lines.next()?)?);
        for line in lines {
            let (id, line) = parse_line(line)?;
            manifest.lines.insert(id, line);
        }
        (manifest.to_string() == text).then_some(manifest)
    }
}

fn text_of(directory: &Path) -> Result<Option<String>, BackupError> {
    let path = directory.join(NAME);
    match outside::read(&path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at(&path)(error)),
    }
}

fn parse_line(line: &str) -> Option<(JournalId, Line)> {
    let fields: Vec<&str> = line.split(' ').collect();
    let [id, era, size, root, bytes, number, digest] = fields[..] else { return None };
    let pages = match (number, digest) {
        (NONE, NONE) => None,
        _ => Some(Pages { number: number.parse().ok()?, digest: Hash::from_hex(digest)? }),
    };
    let line = Line {
        era: era.parse().ok()?,
        size: size.parse().ok()?,
        root: Hash::from_hex(root)?,
        bytes: bytes.parse().ok()?,
        pages,
    };
    Some((JournalId::from_hex(id)?, line))
}

impl fmt::Display for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{TITLE}\n{}", self.operator)?;
        for (id, line) in &self.lines {
            let Line { era, size, root, bytes, pages } = line;
            write!(f, "{id} {era} {size} {root} {bytes} ")?;
            match pages {
                None => writeln!(f, "{NONE} {NONE}")?,
                Some(Pages { number, digest }) => writeln!(f, "{number} {digest}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_has_one_form() {
        let mut manifest = Manifest::new(JournalId::from_bytes([1; 16]));
        let line = |pages| Line { era: 1, size: 7, root: Hash([2; 32]), bytes: 90, pages };
        manifest.lines.insert(JournalId::from_bytes([1; 16]), line(None));
        let pages = Pages { number: 3, digest: Hash([4; 32]) };
        manifest.lines.insert(JournalId::from_bytes([5; 16]), line(Some(pages)));
        let text = manifest.to_string();
        assert_eq!(Manifest::parse(&text), Some(manifest));
        for other in [text.replace(" 7 ", " 07 "), text.to_uppercase(), format!("{text}\n")] {
            assert_eq!(Manifest::parse(&other), None, "{other}");
        }
    }
}
