//! `given(events).when(command).then(events)`, and the cast of the tests.

use events::*;
use record::public::{
    Cut, ErasureApproved, ErasureCompleted, ErasureFenced, ErasureOrdered, KeysDestroyed,
    PublicPart, TenantStarted,
};
use record::{
    ActorId, CommandId, JournalId, LeafId, OrderId, ScopeId, Seq, SubjectId, TimestampMicros,
};

use crate::{Command, Gathered, Refusal, State, decide};

pub(super) const SURVEY: SurveyId = SurveyId::from_bytes([1; 16]);
pub(super) const ROUND: RoundId = RoundId::from_bytes([2; 16]);
pub(super) const ANSWERS: ScopeId = ScopeId::from_bytes([3; 16]);
pub(super) const IDENTITIES: ScopeId = ScopeId::from_bytes([4; 16]);
pub(super) const PERMANENT: ScopeId = ScopeId::from_bytes([5; 16]);
pub(super) const PERSON: SubjectId = SubjectId::from_bytes([6; 16]);
pub(super) const PSEUDONYM: SubjectId = SubjectId::from_bytes([7; 16]);
pub(super) const IMPORT: ImportId = ImportId::from_bytes([8; 16]);
pub(super) const ORDER: OrderId = OrderId::from_bytes([9; 16]);
pub(super) const ASKER: ActorId = ActorId::from_bytes([10; 16]);
pub(super) const APPROVER: ActorId = ActorId::from_bytes([11; 16]);
pub(super) const LEAF: LeafId = LeafId::from_bytes([12; 16]);

pub(super) struct Given {
    pub(super) state: State,
    pub(super) next: u64,
}

pub(super) struct Outcome {
    result: Result<Vec<Event>, Refusal>,
}

/// A tenant that started, and what happened since.
pub(super) fn given(events: impl IntoIterator<Item = Event>) -> Given {
    let mut given = Given { state: State::default(), next: 0 };
    std::iter::once(started()).chain(events).for_each(|event| given.fold(&event));
    given
}

impl Given {
    pub(super) fn fold(&mut self, event: &Event) {
        let place = place(self.next);
        self.state.evolve(&place, event);
        self.next += 1;
    }

    pub(super) fn when(&self, command: &Command) -> Outcome {
        Outcome { result: decide(&self.state, command, TimestampMicros(0)) }
    }

    /// Carries a command out; it must not be refused.
    pub(super) fn does(mut self, command: &Command) -> Self {
        let events = decide(&self.state, command, TimestampMicros(0)).unwrap();
        events.iter().for_each(|event| self.fold(event));
        self
    }
}

impl Outcome {
    pub(super) fn then(self, events: impl IntoIterator<Item = Event>) {
        assert_eq!(self.result, Ok(events.into_iter().collect()));
    }

    pub(super) fn then_refused(self, refusal: Refusal) {
        assert_eq!(self.result, Err(refusal));
    }

    /// Refused by a rule whose English says this.
    pub(super) fn then_says(self, english: &str) {
        let said = self.refusal().to_string();
        assert!(said.contains(english), "{said}");
    }

    pub(super) fn refusal(self) -> Refusal {
        self.result.unwrap_err()
    }

    pub(super) fn events(self) -> Vec<Event> {
        self.result.unwrap()
    }
}

pub(super) fn place(seq: u64) -> Place {
    let mut command = [0; 16];
    command[..8].copy_from_slice(&seq.to_be_bytes());
    Place {
        seq: Seq(seq),
        recorded_at: TimestampMicros(seq * 1_000),
        command: CommandId::from_bytes(command),
    }
}

pub(super) fn started_part() -> TenantStarted {
    TenantStarted { operator: JournalId::from_bytes([0xF0; 16]), name: "De Regenboog".into() }
}

pub(super) fn started() -> Event {
    Event::from(PublicPart::TenantStarted(started_part()))
}

pub(super) fn questions() -> Vec<Question> {
    let question = |kind| Question { text: "Wat vind je?".into(), kind };
    [QuestionKind::Agree4, QuestionKind::YesNo, QuestionKind::Open].map(question).into()
}

pub(super) fn answers(score: u8) -> Vec<Answer> {
    vec![Answer::Score(score), Answer::Choice(score % 2), Answer::Text("Fijn".into())]
}

pub(super) fn defined() -> Event {
    let event =
        SurveyDefined { survey: SURVEY, title: "Leerlingen".into(), questions: questions() };
    Event::Survey(SurveyEvent::SurveyDefined(event))
}

pub(super) fn opened() -> Event {
    Event::Survey(SurveyEvent::RoundOpened(RoundOpened {
        round: ROUND,
        survey: SURVEY,
        name: "Voorjaar".into(),
        floor: 5,
        answers_scope: ANSWERS,
        identity_scope: IDENTITIES,
        audience: None,
    }))
}

pub(super) fn closed() -> Event {
    Event::Survey(SurveyEvent::RoundClosed(RoundClosed { round: ROUND }))
}

pub(super) fn open_round() -> Given {
    given([defined(), opened()])
}

pub(super) fn pseudonym(number: u8) -> SubjectId {
    SubjectId::from_bytes([0x80, number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
}

pub(super) fn submit(pseudonym: SubjectId, answers: Vec<Answer>) -> Command {
    Command::SubmitResponse { round: ROUND, pseudonym, group: "H3a".into(), answers, import: None }
}

pub(super) fn submit_row(number: u8) -> Command {
    Command::SubmitResponse {
        round: ROUND,
        pseudonym: pseudonym(number),
        group: "H3a".into(),
        answers: answers(1),
        import: Some(IMPORT),
    }
}

pub(super) fn gathered(group: &str, score: u8) -> Gathered {
    Gathered { group: group.into(), answers: answers(score) }
}

pub(super) fn identity() -> Identity {
    Identity { name: "Noor de Wit".into(), email: Some("noor@school.nl".into()) }
}

pub(super) fn register(person: SubjectId) -> Command {
    Command::RegisterPerson { person, scope: PERMANENT, identity: identity(), import: None }
}

pub(super) fn start_import(rows: u32) -> Command {
    Command::StartImport {
        import: IMPORT,
        name: "Voorjaar".into(),
        round: ROUND,
        rows,
        identities: None,
    }
}

pub(super) fn ordered(targets: Vec<Cut>) -> ErasureOrdered {
    ErasureOrdered {
        order: ORDER,
        ground: "art-17".into(),
        ordered_by: ASKER,
        four_eyes: true,
        targets,
    }
}

pub(super) fn approved() -> ErasureApproved {
    ErasureApproved { order: ORDER, approved_by: APPROVER }
}

pub(super) fn fenced() -> ErasureFenced {
    ErasureFenced {
        order: ORDER,
        epoch_before: 3,
        tenant: false,
        leaves: vec![LEAF],
        scopes: Vec::new(),
    }
}

pub(super) fn receipt() -> KeysDestroyed {
    KeysDestroyed {
        order: ORDER,
        ground: "art-17".into(),
        approved_by: APPROVER,
        epoch_before: 3,
        epoch_after: 4,
        level: 1,
        backup_days: 0,
        tenant: false,
        leaves: vec![LEAF],
        scopes: Vec::new(),
    }
}

pub(super) fn completed() -> ErasureCompleted {
    ErasureCompleted { order: ORDER }
}
