//! Where an installation stands on disk.
//!
//! *Invariant:* keys and guard are outside the database directory, so that a copy of the database
//! is worthless by itself.

use std::path::{Path, PathBuf};

use record::JournalId;

use crate::shipping::Escrow;

/// The directories of one installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The sled database.
    pub database: PathBuf,
    /// Key slots and the signing key.
    pub keys: PathBuf,
    /// The guard; better on another machine.
    pub guard: PathBuf,
    /// Sealed snapshots: shortcuts for opening, and nothing that a backup needs.
    pub snapshots: PathBuf,
    /// Where sealed roots are shipped, if they are.
    pub escrow: Option<Escrow>,
}

impl Paths {
    /// The usual places under one directory.
    #[must_use]
    pub fn under(home: &Path) -> Self {
        Self {
            database: home.join("db"),
            keys: home.join("keys"),
            guard: home.join("guard"),
            snapshots: home.join("snapshots"),
            escrow: None,
        }
    }

    /// The same with the guard elsewhere.
    #[must_use]
    pub fn with_guard(self, guard: PathBuf) -> Self {
        Self { guard, ..self }
    }

    /// The same with an escrow.
    #[must_use]
    pub fn with_escrow(self, escrow: Option<Escrow>) -> Self {
        Self { escrow, ..self }
    }

    pub(crate) fn slots(&self, tenant: JournalId) -> PathBuf {
        self.keys.join(format!("{tenant}.slots"))
    }

    pub(crate) fn signing_key(&self) -> PathBuf {
        self.keys.join("signing.key")
    }
}
