//! How far an overwritten slot is really gone (docs/format/keys.md §8).
//!
//! *Invariant:* in doubt nothing is claimed; flash is never claimed.
//!
//! SOURCE: `statfs(2)` for the magic numbers, `proc_pid_mountinfo(5)` for the options,
//! `ioctl_iflags(2)` for the journal flag of one file.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{IFlags, ioctl_getflags, major, minor, statfs};

const MAGIC_EXT: u64 = 0xEF53;
const MAGIC_XFS: u64 = 0x5846_5342;

/// The destruction level that a receipt states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Level 1: the blocks that held the key are overwritten.
    Overwritten,
    /// Level 0: nothing is claimed of the medium, for this reason.
    Unclaimed(&'static str),
}

impl Level {
    /// As it stands in a receipt.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Overwritten => 1,
            Self::Unclaimed(_) => 0,
        }
    }

    /// For people.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Overwritten => {
                "the file system overwrites in place: the blocks that held the key are \
                 overwritten; nothing is claimed of copies inside flash media"
            }
            Self::Unclaimed(why) => why,
        }
    }
}

/// What an overwrite of this file destroys, by the file system it stands on.
#[must_use]
pub fn destruction_level(path: &Path) -> Level {
    let Ok(system) = statfs(path) else {
        return Level::Unclaimed("the file system could not be asked");
    };
    match u64::try_from(system.f_type) {
        Ok(MAGIC_EXT | MAGIC_XFS) => {}
        _ => {
            return Level::Unclaimed(
                "only ext2, ext3, ext4 and xfs are known to overwrite in place",
            );
        }
    }
    let (Ok(metadata), Ok(mounts)) =
        (fs::metadata(path), fs::read_to_string("/proc/self/mountinfo"))
    else {
        return Level::Unclaimed("the mount options could not be read");
    };
    if is_journalled_file(path) {
        return Level::Unclaimed("the file's data pass through the file system's journal");
    }
    level_of_mount(&mounts, &format!("{}:{}", major(metadata.dev()), minor(metadata.dev())))
}

/// Judges the lines of `/proc/self/mountinfo` for one device.
pub(crate) fn level_of_mount(mounts: &str, device: &str) -> Level {
    let mut lines = mounts.lines().filter(|line| line.split(' ').nth(2) == Some(device)).peekable();
    if lines.peek().is_none() {
        return Level::Unclaimed("the mount is not listed");
    }
    if lines.any(has_data_journal) {
        return Level::Unclaimed("data=journal writes file data to the journal first");
    }
    Level::Overwritten
}

fn has_data_journal(line: &str) -> bool {
    line.split([' ', ',']).any(|option| option == "data=journal")
}

fn is_journalled_file(path: &Path) -> bool {
    let flags = File::open(path).ok().and_then(|file| ioctl_getflags(file).ok());
    flags.is_some_and(|flags| flags.contains(IFlags::JOURNALING))
}
