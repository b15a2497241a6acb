//! A small installation in a temporary directory, driven through the engine without the binary.
//!
//! *Invariant:* its clock only ticks, a millisecond each time it is asked, also across reopening.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use engine::{Clock, Done, Engine, EngineError, ErasureRequest, Paths, Receipt, Request};
use events::{Identity, Question, RoundId, SurveyId};
use record::public::{Cut, ErasureApproved};
use record::{ActorId, CommandId, JournalId, OrderId, ScopeId, SubjectId, TimestampMicros};
use replay_tests::dice::Dice;
use rules::Command;

/// Where the ticking clock starts: 2026-11-01T00:00:00Z.
const START_MICROS: u64 = 1_793_491_200_000_000;

/// One round and its scopes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    pub(crate) id: RoundId,
    pub(crate) answers_scope: ScopeId,
    pub(crate) identity_scope: ScopeId,
}

/// The installation.
pub(crate) struct School {
    engine: Option<Engine>,
    pub(crate) home: PathBuf,
    pub(crate) dice: Dice,
    now: Arc<AtomicU64>,
    holder: tempfile::TempDir,
}

impl School {
    pub(crate) fn new(seed: u64) -> Self {
        let holder = tempfile::tempdir().unwrap();
        let home = holder.path().join("school");
        let now = Arc::new(AtomicU64::new(START_MICROS));
        let engine = Engine::create(Paths::under(&home), ticking(&now)).unwrap();
        Self { engine: Some(engine), home, dice: Dice::new(seed), now, holder }
    }

    /// An installation that stands already.
    pub(crate) fn at(home: PathBuf, holder: tempfile::TempDir) -> Self {
        // Later than whatever wrote it: a journal's time never goes back.
        let now = Arc::new(AtomicU64::new(START_MICROS * 2));
        let engine = Engine::open(Paths::under(&home), ticking(&now)).unwrap();
        Self { engine: Some(engine), home, dice: Dice::new(7), now, holder }
    }

    pub(crate) fn engine(&mut self) -> &mut Engine {
        self.engine.as_mut().expect("the engine is open")
    }

    pub(crate) fn close(&mut self) {
        self.engine = None;
    }

    pub(crate) fn reopen(&mut self) {
        self.close();
        self.engine = Some(Engine::open(Paths::under(&self.home), ticking(&self.now)).unwrap());
    }

    /// A file beside the installation, which goes with it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.holder.path().join(name)
    }

    pub(crate) fn run(&mut self, tenant: JournalId, command: Command) -> Result<Done, EngineError> {
        let id = CommandId::from_bytes(self.dice.id());
        self.engine().execute_one(tenant, Request { id, command })
    }

    /// Many commands in one commit; each must be carried out.
    pub(crate) fn run_all(&mut self, tenant: JournalId, commands: Vec<Command>) {
        let request = |command| Request { id: CommandId::from_bytes(self.dice.id()), command };
        let requests: Vec<_> = commands.into_iter().map(request).collect();
        for done in self.engine().execute(tenant, &requests).unwrap() {
            done.unwrap();
        }
    }

    pub(crate) fn define(&mut self, tenant: JournalId, questions: Vec<Question>) -> SurveyId {
        let survey = SurveyId::from_bytes(self.dice.id());
        let title = "Lessons".to_owned();
        self.run(tenant, Command::DefineSurvey { survey, title, questions }).unwrap();
        survey
    }

    pub(crate) fn open_round(
        &mut self,
        tenant: JournalId,
        survey: SurveyId,
        floor: u16,
    ) -> Result<Round, EngineError> {
        let round = Round {
            id: RoundId::from_bytes(self.dice.id()),
            answers_scope: ScopeId::from_bytes(self.dice.id()),
            identity_scope: ScopeId::from_bytes(self.dice.id()),
        };
        let open = Command::OpenRound {
            round: round.id,
            survey,
            name: "Spring".to_owned(),
            floor,
            answers_scope: round.answers_scope,
            identity_scope: round.identity_scope,
        };
        self.run(tenant, open).map(|_| round)
    }

    pub(crate) fn register(&mut self, tenant: JournalId) -> Result<SubjectId, EngineError> {
        let person = SubjectId::from_bytes(self.dice.id());
        let scope = self.engine().permanent_scope(tenant)?;
        let identity = Identity { name: format!("Invented {person}"), email: None };
        self.run(tenant, Command::RegisterPerson { person, scope, identity, import: None })?;
        Ok(person)
    }

    /// Orders an erasure; nothing is gone yet.
    pub(crate) fn order(
        &mut self,
        tenant: JournalId,
        targets: Vec<Cut>,
    ) -> Result<OrderId, EngineError> {
        let ordered_by = ActorId::from_bytes([0xA1; 16]);
        let ground = "art-17".to_owned();
        let request = ErasureRequest { targets, ground, ordered_by, four_eyes: false };
        self.engine().order_erasure(tenant, request)
    }

    /// Approves an order by another than who asked, and carries it out.
    pub(crate) fn approve(
        &mut self,
        tenant: JournalId,
        order: OrderId,
    ) -> Result<Receipt, EngineError> {
        let approved_by = ActorId::from_bytes([0xA2; 16]);
        self.engine().approve_erasure(tenant, ErasureApproved { order, approved_by })
    }

    pub(crate) fn erase(
        &mut self,
        tenant: JournalId,
        targets: Vec<Cut>,
    ) -> Result<Receipt, EngineError> {
        let order = self.order(tenant, targets)?;
        self.approve(tenant, order)
    }
}

fn ticking(now: &Arc<AtomicU64>) -> Clock {
    let now = Arc::clone(now);
    Clock::new(move || TimestampMicros(now.fetch_add(1_000, Ordering::Relaxed)))
}
