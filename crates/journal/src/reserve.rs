//! Space held for cuts: a file beside the database that is given up when the disk is full.
//!
//! *Invariants:* ordinary work is taken only while the file holds its space; what was given up is
//! taken back before ordinary work goes on. Asking the file system how much is free would hold
//! nothing: any other program could use it.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::FallocateFlags;

use crate::commit::{FREE_BYTES_FLOOR, RESERVE_BYTES};
use crate::database::{free_bytes, sync_directory};

/// What `stat` counts in.
const BLOCK_BYTES: u64 = 512;
/// Written at a time where space cannot be asked for without writing.
const ZEROS_BYTES: usize = 1024 * 1024;

/// The file and whether it holds its space.
#[derive(Debug)]
pub(crate) struct Reserve {
    path: PathBuf,
    held: bool,
}

/// Less is free than is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Short {
    pub(crate) free: u64,
    pub(crate) needed: u64,
}

impl Reserve {
    /// Finds it, or takes its space if there is room; gives it up if the engine could not even open
    /// beside it.
    pub(crate) fn open(dir: &Path) -> io::Result<Self> {
        let path = dir.join("reserve");
        let held = fs::metadata(&path)
            .is_ok_and(|file| file.blocks().saturating_mul(BLOCK_BYTES) >= RESERVE_BYTES);
        let mut reserve = Self { path, held };
        let free = free_bytes(dir)?;
        if free < FREE_BYTES_FLOOR {
            reserve.give_up()?;
        } else if !held && free >= RESERVE_BYTES.saturating_add(FREE_BYTES_FLOOR) {
            reserve.take()?;
        }
        Ok(reserve)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) const fn is_held(&self) -> bool {
        self.held
    }

    /// Whether so many bytes may be written by ordinary work, beside a reserve that is whole.
    pub(crate) fn admit(&mut self, bytes: u64) -> io::Result<Result<(), Short>> {
        let beside = if self.held { 0 } else { RESERVE_BYTES };
        let needed = bytes.saturating_add(FREE_BYTES_FLOOR).saturating_add(beside);
        let free = self.free()?;
        if free < needed {
            return Ok(Err(Short { free, needed }));
        }
        if !self.held {
            self.take()?;
        }
        Ok(Ok(()))
    }

    /// Whether so many bytes may be written by a cut, which gives the reserve up if it must.
    pub(crate) fn admit_cut(&mut self, bytes: u64) -> io::Result<Result<(), Short>> {
        let needed = bytes.saturating_add(FREE_BYTES_FLOOR);
        if self.free()? < needed {
            self.give_up()?;
        }
        let free = self.free()?;
        Ok(if free < needed { Err(Short { free, needed }) } else { Ok(()) })
    }

    fn free(&self) -> io::Result<u64> {
        free_bytes(self.path.parent().unwrap_or(Path::new(".")))
    }

    fn give_up(&mut self) -> io::Result<()> {
        if self.held {
            let file = File::options().write(true).open(&self.path)?;
            file.set_len(0)?;
            // The blocks are free for others once this is committed.
            file.sync_all()?;
            self.held = false;
        }
        Ok(())
    }

    // CRASH: a file without all of its blocks counts as given up, and is filled again.
    fn take(&mut self) -> io::Result<()> {
        let file = File::options().write(true).create(true).truncate(false).open(&self.path)?;
        match rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, RESERVE_BYTES) {
            Err(rustix::io::Errno::OPNOTSUPP) => write_zeros(&file)?,
            done => done?,
        }
        file.sync_all()?;
        sync_directory(self.path.parent().unwrap_or(Path::new(".")))?;
        self.held = true;
        Ok(())
    }
}

fn write_zeros(mut file: &File) -> io::Result<()> {
    let zeros = vec![0; ZEROS_BYTES];
    let mut left = usize::try_from(RESERVE_BYTES).unwrap_or(0);
    while left > 0 {
        let some = zeros.get(..left.min(ZEROS_BYTES)).unwrap_or_default();
        io::Write::write_all(&mut file, some)?;
        left = left.saturating_sub(ZEROS_BYTES);
    }
    Ok(())
}
