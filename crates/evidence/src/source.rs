//! Reading a bundle that may be hostile: a directory, or a canonical tar.
//!
//! *Invariant:* only regular files whose path the layout computed are opened; no link is followed
//! inside the bundle; whole-file reads have a limit.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::archive::{self, ArchiveFault, Extent, FILES_MAX};

/// Deepest directory: `tile/entries/x001/x234/067.p/…`.
const DEPTH_MAX: usize = 8;

/// Something about the whole that is not as it should be.
#[derive(Debug)]
pub(crate) enum SourceFault {
    /// It cannot be read.
    Unreadable(String),
    /// It has a form that no writer makes.
    Foreign { place: String, what: &'static str },
}

/// A bundle on disk.
#[derive(Debug)]
pub(crate) struct Source {
    root: Root,
    /// Length of each file.
    pub(crate) files: BTreeMap<String, u64>,
    /// Directories, for the search for strays.
    pub(crate) directories: BTreeSet<String>,
    pub(crate) faults: Vec<SourceFault>,
}

#[derive(Debug)]
enum Root {
    Directory(PathBuf),
    Tar(PathBuf, BTreeMap<String, Extent>),
}

impl Source {
    /// Lists a bundle.
    ///
    /// # Errors
    /// The reason in words, if there is nothing to read at all.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        let metadata = fs::metadata(path).map_err(|error| error.to_string())?;
        if metadata.is_dir() {
            return Ok(Self::open_directory(path));
        }
        if !metadata.is_file() {
            return Err("neither a directory nor a file".to_owned());
        }
        let mut file = File::open(path).map_err(|error| error.to_string())?;
        Ok(Self::open_tar(path, &mut file))
    }

    /// Whether it is a tar.
    pub(crate) const fn is_tar(&self) -> bool {
        matches!(self.root, Root::Tar(..))
    }

    fn open_tar(path: &Path, file: &mut File) -> Self {
        let (extents, fault) = archive::index(file);
        let fault = fault.map(|fault| match fault {
            ArchiveFault::Io(error) => SourceFault::Unreadable(error.to_string()),
            ArchiveFault::NotCanonical { offset, what } => {
                SourceFault::Foreign { place: format!("tar, byte {offset}"), what }
            }
        });
        Self {
            files: extents.iter().map(|(path, extent)| (path.clone(), extent.bytes)).collect(),
            directories: BTreeSet::new(),
            faults: fault.into_iter().collect(),
            root: Root::Tar(path.to_owned(), extents),
        }
    }

    fn open_directory(path: &Path) -> Self {
        let mut source = Self {
            root: Root::Directory(path.to_owned()),
            files: BTreeMap::new(),
            directories: BTreeSet::new(),
            faults: Vec::new(),
        };
        let mut waiting = vec![(path.to_owned(), String::new(), 0)];
        while let Some((directory, prefix, depth)) = waiting.pop() {
            let listed = source.list(&directory, &prefix, depth, &mut waiting);
            if let Err(error) = listed {
                source.faults.push(SourceFault::Unreadable(error.to_string()));
            }
            if source.files.len() + source.directories.len() > 2 * FILES_MAX {
                let (place, what) = (".".to_owned(), "number of files");
                source.faults.push(SourceFault::Foreign { place, what });
                break;
            }
        }
        source
    }

    fn list(
        &mut self,
        directory: &Path,
        prefix: &str,
        depth: usize,
        waiting: &mut Vec<(PathBuf, String, usize)>,
    ) -> io::Result<()> {
        for entry in fs::read_dir(directory)?.take(2 * FILES_MAX) {
            let entry = entry?;
            let name = entry.file_name();
            let place = format!("{prefix}{}", name.to_string_lossy());
            let kind = entry.file_type()?;
            if name.to_str().is_none() || !(kind.is_dir() || kind.is_file()) {
                self.faults.push(SourceFault::Foreign { place, what: "kind of file" });
            } else if kind.is_file() {
                self.files.insert(place, entry.metadata()?.len());
            } else if depth >= DEPTH_MAX {
                self.faults.push(SourceFault::Foreign { place, what: "depth" });
            } else {
                waiting.push((entry.path(), format!("{place}/"), depth + 1));
                self.directories.insert(place);
            }
        }
        Ok(())
    }

    /// Opens a file of the bundle, to be read in large pieces; `None` if it is not there.
    pub(crate) fn reader(&self, path: &str) -> io::Result<Option<Box<dyn Read>>> {
        if !self.files.contains_key(path) {
            return Ok(None);
        }
        match &self.root {
            Root::Directory(root) => Ok(Some(Box::new(File::open(root.join(path))?))),
            Root::Tar(tar, extents) => {
                let Some(extent) = extents.get(path) else { return Ok(None) };
                let mut file = File::open(tar)?;
                file.seek(SeekFrom::Start(extent.offset))?;
                Ok(Some(Box::new(file.take(extent.bytes))))
            }
        }
    }

    /// Reads a whole file, at most one byte more than `bytes_max`.
    pub(crate) fn read(&self, path: &str, bytes_max: u64) -> io::Result<Option<Vec<u8>>> {
        let Some(reader) = self.reader(path)? else { return Ok(None) };
        let limit = bytes_max.saturating_add(1);
        // No more than the file had when it was listed, so that nothing is kept twice while growing.
        let length = self.files.get(path).copied().unwrap_or(0).saturating_add(1).min(limit);
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(usize::try_from(length).unwrap_or(0))?;
        reader.take(limit).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }
}
