//! An engine on an installation in a temporary directory, which can be closed and opened again.
//!
//! *Invariant:* its clock only ticks, a millisecond each time it is asked, also across reopening.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use engine::{Clock, Done, Engine, EngineError, Paths, Request};
use record::{CommandId, JournalId, TimestampMicros};
use replay_tests::dice::Dice;
use rules::Command;
use tempfile::TempDir;

/// Where the ticking clock starts: 2026-11-01T00:00:00Z.
const START_MICROS: u64 = 1_793_491_200_000_000;

pub(crate) struct Opened {
    engine: Option<Engine>,
    pub(crate) paths: Paths,
    pub(crate) dice: Dice,
    now: Arc<AtomicU64>,
    holder: TempDir,
}

impl Opened {
    /// A new installation; what is in `holder` goes with it.
    pub(crate) fn create(paths: Paths, seed: u64, holder: TempDir) -> Self {
        let now = Arc::new(AtomicU64::new(START_MICROS));
        let engine = Engine::create(paths.clone(), ticking(&now)).unwrap();
        Self { engine: Some(engine), paths, dice: Dice::new(seed), now, holder }
    }

    /// An installation that stands already.
    pub(crate) fn at(paths: Paths, seed: u64, holder: TempDir) -> Self {
        // Later than whatever wrote it: a journal's time never goes back.
        let now = Arc::new(AtomicU64::new(START_MICROS * 2));
        let engine = Engine::open(paths.clone(), ticking(&now)).unwrap();
        Self { engine: Some(engine), paths, dice: Dice::new(seed), now, holder }
    }

    pub(crate) fn engine(&mut self) -> &mut Engine {
        self.engine.as_mut().expect("the engine is open")
    }

    pub(crate) fn close(&mut self) {
        self.engine = None;
    }

    pub(crate) fn reopen(&mut self) {
        self.close();
        self.engine = Some(Engine::open(self.paths.clone(), self.clock()).unwrap());
    }

    pub(crate) fn clock(&self) -> Clock {
        ticking(&self.now)
    }

    /// A file beside the installation, which goes with it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.holder.path().join(name)
    }

    pub(crate) fn run(&mut self, tenant: JournalId, command: Command) -> Result<Done, EngineError> {
        let id = CommandId::from_bytes(self.dice.id());
        self.engine().execute_one(tenant, Request { id, command })
    }
}

fn ticking(now: &Arc<AtomicU64>) -> Clock {
    let now = Arc::clone(now);
    Clock::new(move || TimestampMicros(now.fetch_add(1_000, Ordering::Relaxed)))
}
