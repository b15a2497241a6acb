//! A small installation in a temporary directory, driven through the engine without the binary.

use std::ops::{Deref, DerefMut};
use std::path::Path;

use engine::{EngineError, ErasureRequest, Paths, Receipt, Request};
use events::{Identity, Question, RoundId, SurveyId};
use record::public::{Cut, ErasureApproved};
use record::{ActorId, CommandId, JournalId, OrderId, ScopeId, SubjectId};
use replay_tests::names::in_letters;
use rules::Command;
use tempfile::TempDir;

use crate::opened::Opened;

/// One round and its scopes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    pub(crate) id: RoundId,
    pub(crate) answers_scope: ScopeId,
    pub(crate) identity_scope: ScopeId,
}

/// The installation.
pub(crate) struct School {
    opened: Opened,
}

// It is used as what it holds, and adds the commands of a school.
impl Deref for School {
    type Target = Opened;

    fn deref(&self) -> &Opened {
        &self.opened
    }
}

impl DerefMut for School {
    fn deref_mut(&mut self) -> &mut Opened {
        &mut self.opened
    }
}

impl School {
    pub(crate) fn new(seed: u64) -> Self {
        let holder = tempfile::tempdir().unwrap();
        let paths = Paths::under(&holder.path().join("school"));
        Self { opened: Opened::create(paths, seed, holder) }
    }

    /// An installation that stands already.
    pub(crate) fn at(home: &Path, holder: TempDir) -> Self {
        Self { opened: Opened::at(Paths::under(home), 7, holder) }
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
            audience: None,
        };
        self.run(tenant, open).map(|_| round)
    }

    pub(crate) fn register(&mut self, tenant: JournalId) -> Result<SubjectId, EngineError> {
        let person = SubjectId::from_bytes(self.dice.id());
        let scope = self.engine().permanent_scope(tenant)?;
        let name = format!("Invented {}", in_letters(&person.to_string()));
        let identity = Identity { name, email: None };
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
