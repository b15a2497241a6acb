//! Where sealed roots of this installation may lie: a list beside the guard, which survives what is
//! lost (docs/format/backup.md §3).
//!
//! *Invariant:* a directory is in the list before a root is shipped there, and leaves it once all of
//! them are overwritten; as long as another than the one in the settings is in it, receipts promise
//! no term.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::backup::{BackupError, at, damaged, sync_directory, write_file};

const NAME: &str = "escrow.places";

/// The directories, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Places(BTreeSet<PathBuf>);

impl Places {
    /// Reads the list; empty if no escrow was ever set.
    pub(crate) fn read(guard: &Path) -> Result<Self, BackupError> {
        let path = guard.join(NAME);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Self(text.lines().map(PathBuf::from).collect())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(at(&path)(error)),
        }
    }

    /// Adds a directory, durably.
    pub(crate) fn add(&mut self, guard: &Path, directory: &Path) -> Result<(), BackupError> {
        let absolute = std::path::absolute(directory).map_err(at(directory))?;
        if absolute.to_str().is_none_or(|name| name.contains('\n')) {
            return Err(damaged(directory, "a name of an escrow is one line of text"));
        }
        if !self.0.contains(&absolute) {
            self.0.insert(absolute);
            self.write(guard)?;
        }
        Ok(())
    }

    /// Leaves a directory out, durably.
    pub(crate) fn leave(&mut self, guard: &Path, directory: &Path) -> Result<(), BackupError> {
        self.0.remove(directory);
        self.write(guard)
    }

    /// Those that are not the one in the settings.
    pub(crate) fn elsewhere(&self, here: Option<&Path>) -> Vec<PathBuf> {
        let here = here.and_then(|here| std::path::absolute(here).ok());
        self.0.iter().filter(|place| Some(*place) != here.as_ref()).cloned().collect()
    }

    fn write(&self, guard: &Path) -> Result<(), BackupError> {
        let text: String = self.0.iter().map(|place| format!("{}\n", place.display())).collect();
        write_file(&guard.join(NAME), text.as_bytes())?;
        sync_directory(guard)
    }
}
