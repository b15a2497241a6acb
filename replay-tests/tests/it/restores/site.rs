//! An installation with guard, escrow and backups beside it, which can be lost and put back.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use engine::{
    Clock, Done, Engine, EngineError, Escrow, Identity, Paths, Request, RestoreError, RestorePlan,
    RestoreReport,
};
use record::{ActorId, CommandId, JournalId, TimestampMicros};
use rules::Command;

use crate::school::Dice;

/// Where the ticking clock starts: 2026-11-01T00:00:00Z.
const START_MICROS: u64 = 1_793_491_200_000_000;

pub(crate) struct Site {
    engine: Option<Engine>,
    pub(crate) paths: Paths,
    pub(crate) dice: Dice,
    now: Arc<AtomicU64>,
    /// The text of what each of two holders has.
    pub(crate) holders: [String; 2],
    numbered: usize,
    holder: tempfile::TempDir,
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
        let now = Arc::new(AtomicU64::new(START_MICROS));
        let engine = Some(Engine::create(paths.clone(), ticking(&now)).unwrap());
        let holders = identities.map(|identity| identity.to_text().to_string());
        Self { engine, paths, dice: Dice::new(seed), now, holders, numbered: 0, holder }
    }

    pub(crate) fn engine(&mut self) -> &mut Engine {
        self.engine.as_mut().expect("the engine is open")
    }

    pub(crate) fn close(&mut self) {
        self.engine = None;
    }

    pub(crate) fn reopen(&mut self) {
        self.close();
        self.engine = Some(Engine::open(self.paths.clone(), ticking(&self.now)).unwrap());
    }

    /// The same installation with an escrow elsewhere, or without one.
    pub(crate) fn move_escrow(&mut self, to: Option<&Path>) {
        let of = |holder| Identity::parse_file(holder).unwrap().remove(0).recipient().to_string();
        let recipients: Vec<String> = self.holders.iter().map(|holder| of(holder)).collect();
        let escrow = to.map(|to| Escrow::new(to.to_owned(), &recipients, 30).unwrap());
        self.paths = self.paths.clone().with_escrow(escrow);
        self.reopen();
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.holder.path().join(name)
    }

    /// A name that nothing has yet.
    pub(crate) fn fresh(&mut self, name: &str) -> PathBuf {
        self.numbered += 1;
        self.file(&format!("{name}-{}", self.numbered))
    }

    pub(crate) fn run(&mut self, tenant: JournalId, command: Command) -> Result<Done, EngineError> {
        let id = CommandId::from_bytes(self.dice.id());
        self.engine().execute_one(tenant, Request { id, command })
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
        copy(with, &self.paths.guard);
    }

    /// One of the holders opens the escrow; the engine is open afterwards.
    pub(crate) fn restore(
        &mut self,
        backup: &Path,
        escrow: Option<&Path>,
    ) -> Result<RestoreReport, RestoreError> {
        let plan = self.plan(backup, escrow);
        let report = engine::restore(&self.paths, &ticking(&self.now), &plan)?;
        self.reopen();
        Ok(report)
    }

    pub(crate) fn plan(&mut self, backup: &Path, escrow: Option<&Path>) -> RestorePlan {
        let holder = &self.holders[self.dice.below(2)];
        let identities = Identity::parse_file(holder).unwrap();
        RestorePlan {
            backup: backup.to_owned(),
            escrow: escrow.map(Path::to_owned),
            identities: if escrow.is_some() { identities } else { Vec::new() },
            ground: "disk-lost".to_owned(),
            approved_by: ActorId::from_bytes([0xA3; 16]),
            only: None,
        }
    }

    pub(crate) fn clock(&self) -> Clock {
        ticking(&self.now)
    }
}

fn ticking(now: &Arc<AtomicU64>) -> Clock {
    let now = Arc::clone(now);
    Clock::new(move || TimestampMicros(now.fetch_add(1_000, Ordering::Relaxed)))
}

/// Copies a directory with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => {
                std::fs::copy(entry.path(), &target).unwrap();
            }
        }
    }
}
