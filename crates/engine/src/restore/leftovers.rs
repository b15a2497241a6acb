//! What a restore makes beside what counts, and what one that did not finish left of it: roots under
//! the name of an era, and a database aside.
//!
//! *Invariant:* a root that no unfinished restore needs is overwritten before its tenant opens, and
//! wherever a restore gives up: an erasure of later would not reach it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use journal::{Guard, Store, watched};

use super::RestoreError;
use crate::backup::{BackupError, at, sync_directory};
use crate::execute::Fault;
use crate::paths::Paths;

/// Extension of a database that is being put back.
const BUILDING: &str = "restoring";
/// What comes before the number of the era.
const SLOTS: &str = ".slots-era-";

/// What one attempt makes. Dropped before it is kept, it is overwritten and removed.
pub(super) struct Beside {
    database: PathBuf,
    slots: Vec<PathBuf>,
    is_kept: bool,
}

impl Beside {
    /// Begins at nothing: whatever an earlier run left there goes.
    pub(super) fn begin(paths: &Paths) -> Result<Self, RestoreError> {
        remove_building(paths)?;
        Ok(Self { database: building(paths), slots: Vec::new(), is_kept: false })
    }

    /// A place for a database beside the one that counts.
    pub(super) fn database(&self) -> &Path {
        &self.database
    }

    /// A slot file is about to be made. What an earlier run left under this name holds a root at
    /// worst.
    pub(super) fn makes(&mut self, slots: PathBuf) -> Result<(), RestoreError> {
        if slots.exists() {
            watched(&slots, || vault::discard_slots(&slots))?;
        }
        self.slots.push(slots);
        Ok(())
    }

    /// All of it counts from here.
    pub(super) fn keep(mut self) {
        self.is_kept = true;
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        for slots in self.slots.iter().filter(|slots| slots.exists()) {
            if let Err(error) = watched(slots, || vault::discard_slots(slots)) {
                tracing::error!(%error, "slots of a restore that gave up stay until the next opening");
            }
        }
        if let Err(error) = remove_directory(&self.database) {
            tracing::error!(%error, "a database that was being put back stays until the next opening");
        }
    }
}

/// Overwrites and removes the slots of restored eras that no unfinished restore needs: in the era of
/// its guard a journal has its slots already.
pub(crate) fn remove_leftovers(paths: &Paths, store: &Store, guard: &Guard) -> Result<(), Fault> {
    let origin = guard.state().origin;
    let head = store.head(origin.journal).map(|head| head.origin);
    let needed: Vec<u32> = match head == Some(origin) {
        true => Vec::new(),
        false => head.into_iter().chain([origin]).map(|origin| origin.era).collect(),
    };
    for (name, slots) in slots_in(&paths.keys)? {
        let era = name.strip_prefix(&format!("{}{SLOTS}", origin.journal));
        let is_needed = |era: &str| needed.iter().any(|needed| needed.to_string() == era);
        if era.is_some_and(|era| !is_needed(era)) {
            tracing::warn!(tenant = %origin.journal, "overwriting slots that an unfinished restore left");
            watched(&slots, || vault::discard_slots(&slots))?;
        }
    }
    Ok(())
}

/// Removes a database that was being put back. Of a database that opens, none is needed.
pub(crate) fn remove_building(paths: &Paths) -> Result<(), BackupError> {
    remove_directory(&building(paths))
}

/// What lies beside an installation and should not, by name.
pub(crate) fn found(paths: &Paths) -> Result<Vec<PathBuf>, BackupError> {
    let mut found: Vec<PathBuf> =
        slots_in(&paths.keys)?.into_iter().map(|(_, path)| path).collect();
    found.extend(Some(building(paths)).filter(|path| path.symlink_metadata().is_ok()));
    Ok(found)
}

/// Slot files of restored eras, of every tenant.
fn slots_in(keys: &Path) -> Result<Vec<(String, PathBuf)>, BackupError> {
    let entries = match fs::read_dir(keys) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(at(keys))?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(at(keys))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if name.contains(SLOTS) {
            found.push((name, path));
        }
    }
    Ok(found)
}

fn building(paths: &Paths) -> PathBuf {
    paths.database.with_extension(BUILDING)
}

fn remove_directory(path: &Path) -> Result<(), BackupError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(at(path)(error)),
        Ok(()) => sync_directory(path.parent().unwrap_or(Path::new("."))),
    }
}
