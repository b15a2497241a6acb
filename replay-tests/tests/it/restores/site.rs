//! An installation with guard, escrow and backups beside it, which can be lost and put back.

use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};

use engine::{Escrow, Identity, Paths, RestoreError, RestorePlan, RestoreReport};
use record::ActorId;

use crate::opened::Opened;
use crate::support::copy_tree;

pub(crate) struct Site {
    opened: Opened,
    /// The text of what each of two holders has.
    pub(crate) holders: [String; 2],
    numbered: usize,
}

// It is used as what it holds, and adds how that is lost and put back.
impl Deref for Site {
    type Target = Opened;

    fn deref(&self) -> &Opened {
        &self.opened
    }
}

impl DerefMut for Site {
    fn deref_mut(&mut self) -> &mut Opened {
        &mut self.opened
    }
}

impl Site {
    pub(crate) fn new(seed: u64) -> Self {
        let memory = Path::new("/dev/shm");
        let holder = match memory.is_dir() {
            true => tempfile::tempdir_in(memory).unwrap(),
            false => tempfile::tempdir().unwrap(),
        };
        let identities = [(); 2].map(|()| Identity::generate().unwrap());
        let recipients: Vec<String> =
            identities.iter().map(|identity| identity.recipient().to_string()).collect();
        let escrow = Escrow::new(holder.path().join("escrow"), &recipients, 30).unwrap();
        let paths = Paths::under(&holder.path().join("home"))
            .with_guard(holder.path().join("guard"))
            .with_escrow(Some(escrow));
        let holders = identities.map(|identity| identity.to_text().to_string());
        Self { opened: Opened::create(paths, seed, holder), holders, numbered: 0 }
    }

    /// The same installation with an escrow elsewhere, or without one.
    pub(crate) fn move_escrow(&mut self, to: Option<&Path>) {
        let of = |holder| Identity::parse_file(holder).unwrap().remove(0).recipient().to_string();
        let recipients: Vec<String> = self.holders.iter().map(|holder| of(holder)).collect();
        let escrow = to.map(|to| Escrow::new(to.to_owned(), &recipients, 30).unwrap());
        self.paths = self.paths.clone().with_escrow(escrow);
        self.reopen();
    }

    /// A name that nothing has yet.
    pub(crate) fn fresh(&mut self, name: &str) -> PathBuf {
        self.numbered += 1;
        self.file(&format!("{name}-{}", self.numbered))
    }

    /// The machine is gone: database and snapshots, and the keys unless they survive.
    pub(crate) fn lose(&mut self, keys_survive: bool) {
        self.close();
        std::fs::remove_dir_all(&self.paths.database).unwrap();
        let _none_yet = std::fs::remove_dir_all(&self.paths.snapshots);
        if !keys_survive {
            std::fs::remove_dir_all(&self.paths.keys).unwrap();
        }
    }

    /// Another guard in the place of this one.
    pub(crate) fn swap_guard(&mut self, with: &Path) {
        std::fs::remove_dir_all(&self.paths.guard).unwrap();
        copy_tree(with, &self.paths.guard);
    }

    /// One of the holders opens the escrow; the engine is open afterwards.
    pub(crate) fn restore(
        &mut self,
        backup: &Path,
        escrow: Option<&Path>,
    ) -> Result<RestoreReport, RestoreError> {
        let plan = self.plan(backup, escrow);
        let report = engine::restore(&self.paths, &self.clock(), &plan)?;
        self.reopen();
        Ok(report)
    }

    pub(crate) fn plan(&mut self, backup: &Path, escrow: Option<&Path>) -> RestorePlan {
        let holder = self.dice.below(2);
        let identities = Identity::parse_file(&self.holders[holder]).unwrap();
        RestorePlan {
            backup: backup.to_owned(),
            escrow: escrow.map(Path::to_owned),
            identities: if escrow.is_some() { identities } else { Vec::new() },
            ground: "disk-lost".to_owned(),
            approved_by: ActorId::from_bytes([0xA3; 16]),
            only: None,
        }
    }
}
