//! Files in directories that others may write to: escrow and backup.
//!
//! *Invariant:* no link there leads to a file elsewhere: what is opened is a regular file under its
//! own name, and what is made is new.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::OFlags;

/// What a file is opened for.
#[derive(Clone, Copy)]
pub(crate) enum Access<'a> {
    Read,
    /// A file with one name: a second one could be a file of ours.
    Overwrite,
    /// The same, or one of which this holds.
    OverwriteOr(&'a dyn Fn(&File) -> bool),
}

/// Opens a regular file that is there.
pub(crate) fn open(path: &Path, access: Access<'_>) -> io::Result<File> {
    let writes = !matches!(access, Access::Read);
    let file = File::options().read(true).write(writes).custom_flags(unfollowed()).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let good = metadata.nlink() == 1
        || match access {
            Access::Read => true,
            Access::Overwrite => false,
            Access::OverwriteOr(holds) => holds(&file),
        };
    if good { Ok(file) } else { Err(io::Error::other("it is a file with further names")) }
}

/// Reads a regular file.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path, Access::Read)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Makes a file that was not there, readable by its owner alone.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    File::options().read(true).write(true).create_new(true).mode(0o600).open(path)
}

/// Removes whatever has this name, and follows no link.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Overwrites the start of a file, as far as it goes, and syncs.
pub(crate) fn overwrite_start(file: &File, bytes_max: usize) -> io::Result<()> {
    let length = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    file.write_all_at(&vec![0; length.min(bytes_max)], 0)?;
    file.sync_data()
}

/// Syncs the directory that a file stands in.
pub(crate) fn sync_directory(of: &Path) -> io::Result<()> {
    File::open(of.parent().unwrap_or(Path::new(".")))?.sync_all()
}

/// No link is followed, and a pipe does not wait for its other end.
fn unfollowed() -> i32 {
    i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).unwrap_or_default()
}
