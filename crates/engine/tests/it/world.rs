//! A school with an open round, in a directory of its own.

use std::sync::atomic::{AtomicU64, Ordering};

use engine::{Answer, Clock, Done, Engine, EngineError, ErasureRequest, Paths, Request};
use engine::{Question, QuestionKind, RoundId, SurveyId};
use events::Identity;
use record::public::{Cut, ErasureApproved};
use record::{ActorId, CommandId, JournalId, ScopeId, SubjectId, TimestampMicros};
use rules::Command;
use tempfile::TempDir;

/// Open questions of the survey; with the longest answers, a response of 62,000 bytes.
pub(crate) const QUESTIONS: usize = 31;

pub(crate) const ROUND: RoundId = RoundId::from_bytes([7; 16]);
pub(crate) const PRINCIPAL: ActorId = ActorId::from_bytes([1; 16]);
pub(crate) const OFFICER: ActorId = ActorId::from_bytes([2; 16]);

pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) school: JournalId,
    next_id: u8,
    home: TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut engine = Engine::create(Paths::under(home.path()), clock()).unwrap();
        let school = engine.start_tenant("De Linde").unwrap();
        let mut world = Self { engine, school, next_id: 0, home };
        world.open_round();
        world
    }

    fn open_round(&mut self) {
        let survey = SurveyId::from_bytes([6; 16]);
        let question = Question { text: "And?".to_owned(), kind: QuestionKind::Open };
        let questions = vec![question; QUESTIONS];
        self.done(Command::DefineSurvey { survey, title: "Spring".to_owned(), questions });
        self.done(Command::OpenRound {
            round: ROUND,
            survey,
            name: "Spring".to_owned(),
            floor: 5,
            answers_scope: ScopeId::from_bytes([8; 16]),
            identity_scope: ScopeId::from_bytes([9; 16]),
            audience: None,
        });
    }

    /// The engine, and the directory that it stands in.
    pub(crate) fn into_parts(self) -> (Engine, TempDir) {
        (self.engine, self.home)
    }

    pub(crate) fn attempt(&mut self, command: Command) -> Result<Done, EngineError> {
        self.next_id += 1;
        let id = CommandId::from_bytes([self.next_id; 16]);
        self.engine.execute_one(self.school, Request { id, command })
    }

    pub(crate) fn done(&mut self, command: Command) -> Done {
        self.attempt(command).unwrap()
    }

    pub(crate) fn register(&mut self, person: SubjectId) {
        let scope = self.engine.permanent_scope(self.school).unwrap();
        let identity = Identity { name: "Anna de Vries".to_owned(), email: None };
        self.done(Command::RegisterPerson { person, scope, identity, import: None });
    }

    pub(crate) fn respond(&mut self, pseudonym: SubjectId) {
        self.done(response(pseudonym, "fine"));
    }

    pub(crate) fn link(&mut self, person: SubjectId, pseudonym: SubjectId) {
        self.done(Command::LinkRespondent { round: ROUND, person, pseudonym, import: None });
    }

    /// How many parts are found about a person or pseudonym.
    pub(crate) fn kept_of(&self, subject: SubjectId) -> usize {
        let tenant = self.engine.tenant(self.school).unwrap();
        self.engine.find(tenant, subject).unwrap().len()
    }
}

/// A microsecond each time it is asked.
pub(crate) fn clock() -> Clock {
    let ticks = AtomicU64::new(1);
    Clock::new(move || TimestampMicros(ticks.fetch_add(1, Ordering::Relaxed)))
}

/// What the principal asks for, for an officer to approve.
pub(crate) fn request(targets: Vec<Cut>) -> ErasureRequest {
    let ground = "art-17".to_owned();
    ErasureRequest { targets, ground, ordered_by: PRINCIPAL, four_eyes: true }
}

pub(crate) fn erase(engine: &mut Engine, school: JournalId, target: Cut) {
    let order = engine.order_erasure(school, request(vec![target])).unwrap();
    engine.approve_erasure(school, ErasureApproved { order, approved_by: OFFICER }).unwrap();
}

pub(crate) fn response(pseudonym: SubjectId, text: &str) -> Command {
    Command::SubmitResponse {
        round: ROUND,
        pseudonym,
        group: "3a".to_owned(),
        answers: vec![Answer::Text(text.to_owned()); QUESTIONS],
        import: None,
    }
}
