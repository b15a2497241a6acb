//! The repository as a value: the paths and bytes of its files.
//!
//! *Invariant:* paths are relative, use `/` and are sorted, so findings come in a stable order.

use std::fmt;
use std::path::Path;

/// Directories that hold no source: build output, version control, Python's cache.
const PASSED_OVER: &[&str] = &["target", ".git", "__pycache__"];

/// One file of the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Relative to the root, with `/`.
    pub path: String,
    /// As stored.
    pub bytes: Vec<u8>,
}

impl File {
    /// Its text, or `None` for a binary file.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }

    /// The last part of its path.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// A rule that does not hold, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file.
    pub path: String,
    /// Counted from 1; 0 speaks of the whole file.
    pub line: usize,
    /// What is wrong, in a few words.
    pub what: String,
}

impl Finding {
    /// A finding at one line.
    #[must_use]
    pub fn at(file: &File, line: usize, what: impl Into<String>) -> Self {
        Self { path: file.path.clone(), line, what: what.into() }
    }

    /// A finding about a whole file, which may be missing.
    #[must_use]
    pub fn of(path: &str, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line: 0, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// All files of a repository.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    files: Vec<File>,
}

impl Tree {
    /// A tree from paths and texts, for the controls.
    #[must_use]
    pub fn of(files: &[(&str, &str)]) -> Self {
        let owned = |(path, text): &(&str, &str)| File {
            path: (*path).to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let mut tree = Self { files: files.iter().map(owned).collect() };
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        tree
    }

    /// Reads everything below `root` except build output.
    ///
    /// # Errors
    /// The first directory or file that cannot be read.
    pub fn load(root: &Path) -> std::io::Result<Self> {
        let mut tree = Self::default();
        tree.load_below(root, "")?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    fn load_below(&mut self, directory: &Path, prefix: &str) -> std::io::Result<()> {
        for entry in std::fs::read_dir(directory)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if PASSED_OVER.contains(&name.as_str()) {
                continue;
            }
            let path = format!("{prefix}{name}");
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.load_below(&entry.path(), &format!("{path}/"))?;
            } else if kind.is_file() {
                self.files.push(File { path, bytes: std::fs::read(entry.path())? });
            }
        }
        Ok(())
    }

    /// Every file.
    #[must_use]
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// The file at this path.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Files whose name ends so, with their text.
    pub fn texts<'a>(&'a self, ending: &'a str) -> impl Iterator<Item = (&'a File, &'a str)> {
        let wanted = self.files.iter().filter(move |file| file.path.ends_with(ending));
        wanted.filter_map(|file| Some((file, file.text()?)))
    }

    /// Whether a file or a directory stands at this path; the empty path is the root.
    #[must_use]
    pub fn exists(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let below = format!("{path}/");
        let here = |file: &File| file.path == path || file.path.starts_with(&below);
        path.is_empty() || self.files.iter().any(here)
    }
}
