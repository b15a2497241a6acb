//! What can be asked for.
//!
//! *Invariant:* every random id a command needs comes with it, so that repeating a command repeats
//! its ids; `Debug` shows the command's name alone.

use std::fmt;

use events::access::Acted;
use events::{Answer, Audience, Event, Identity, ImportId, Question, RoundId, SurveyId, SyncEvent};
use record::public::{
    ErasureApproved, ErasureCompleted, ErasureFenced, ErasureOrdered, KeysDestroyed, PartsPurged,
    TenantStarted,
};
use record::{ActorId, OrderId, ScopeId, SubjectId};

/// One response of a round that still opens, gathered for its analysis.
#[derive(Clone, PartialEq, Eq)]
pub struct Gathered {
    /// The respondent's group.
    pub group: String,
    /// One answer for each question.
    pub answers: Vec<Answer>,
}

impl fmt::Debug for Gathered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gathered(..)")
    }
}

/// What the identities of an import are derived from, and the random subject it stands under.
#[derive(Clone, PartialEq, Eq)]
pub struct ImportHolder {
    /// A random subject that holds nothing but the seed.
    pub holder: SubjectId,
    /// Drawn at random.
    pub seed: [u8; 32],
}

impl fmt::Debug for ImportHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ImportHolder(..)")
    }
}

/// Something that is asked for.
#[derive(Clone, PartialEq, Eq)]
pub enum Command {
    /// Begins a tenant's journal.
    StartTenant(TenantStarted),
    /// Registers a person by name.
    RegisterPerson {
        /// A fresh subject.
        person: SubjectId,
        /// The tenant's permanent scope; for an import, the identity scope of its round.
        scope: ScopeId,
        /// Who it is.
        identity: Identity,
        /// The import it comes from.
        import: Option<ImportId>,
    },
    /// Defines a survey.
    DefineSurvey {
        /// A fresh id.
        survey: SurveyId,
        /// Its title.
        title: String,
        /// Its questions.
        questions: Vec<Question>,
    },
    /// Opens a round of a survey.
    OpenRound {
        /// A fresh id.
        round: RoundId,
        /// The survey.
        survey: SurveyId,
        /// The round's name.
        name: String,
        /// Smallest group that is ever shown.
        floor: u16,
        /// A fresh scope for the answers.
        answers_scope: ScopeId,
        /// A fresh scope for identities and links.
        identity_scope: ScopeId,
        /// Whom it asks and what for; nothing only where no agreement was ever signed.
        audience: Option<Box<Audience>>,
    },
    /// Submits a response under a pseudonym.
    SubmitResponse {
        /// The round.
        round: RoundId,
        /// A fresh subject.
        pseudonym: SubjectId,
        /// The respondent's group.
        group: String,
        /// One answer for each question.
        answers: Vec<Answer>,
        /// The import it comes from.
        import: Option<ImportId>,
    },
    /// Links a pseudonym to a person.
    LinkRespondent {
        /// The round.
        round: RoundId,
        /// A registered person.
        person: SubjectId,
        /// The pseudonym of a response.
        pseudonym: SubjectId,
        /// The import it comes from.
        import: Option<ImportId>,
    },
    /// Closes a round and publishes its analysis.
    CloseRound {
        /// The round.
        round: RoundId,
        /// All its responses that count and still open.
        responses: Vec<Gathered>,
    },
    /// Publishes the analysis of a closed round once more.
    PublishAnalysis {
        /// The round.
        round: RoundId,
        /// All its responses that count and still open.
        responses: Vec<Gathered>,
    },
    /// Starts an import.
    StartImport {
        /// A fresh id.
        import: ImportId,
        /// Its name.
        name: String,
        /// An open round.
        round: RoundId,
        /// How many responses it holds.
        rows: u32,
        /// Where its identities come from, if it has any.
        identities: Option<ImportHolder>,
    },
    /// Lets the rows of an import count.
    CompleteImport {
        /// The import.
        import: ImportId,
    },
    /// Gives an unfinished import up.
    AbandonImport {
        /// The import.
        import: ImportId,
    },
    /// Proposes an event; the rules of its capability say whether it happens, and what with it.
    Propose(Event),
    /// Records who did or saw something, and does it; both or neither.
    Act {
        /// Who, as what, whose data, and which policy decided.
        acted: Acted,
        /// What is done; nothing when somebody only looked, or was refused.
        does: Option<Box<Self>>,
    },
    /// Ends a run or a coupling, and orders and approves the cut of what it held: both or neither.
    EndSync {
        /// What ends it.
        event: Box<SyncEvent>,
        /// A fresh id.
        order: OrderId,
        /// Who answers for the cut: whoever asked, or a random reference where the schedule did.
        approver: ActorId,
    },
    /// Orders an erasure.
    OrderErasure(ErasureOrdered),
    /// Approves one.
    ApproveErasure(ErasureApproved),
    /// Approves an order and fixes what dies, both or neither.
    ApproveAndFence {
        /// The approval.
        approval: ErasureApproved,
        /// The fence of the same order.
        fence: ErasureFenced,
    },
    /// Fixes what dies; from here on nothing is sealed under it.
    FenceErasure(ErasureFenced),
    /// Records that the keys are destroyed.
    RecordReceipt(KeysDestroyed),
    /// Records that the views forgot.
    CompleteErasure(ErasureCompleted),
    /// Records that ciphertexts were removed.
    PurgeParts(PartsPurged),
}

impl Command {
    /// The command's name, for logs and refusals.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::StartTenant(_) => "start-tenant",
            Self::RegisterPerson { .. } => "register-person",
            Self::DefineSurvey { .. } => "define-survey",
            Self::OpenRound { .. } => "open-round",
            Self::SubmitResponse { .. } => "submit-response",
            Self::LinkRespondent { .. } => "link-respondent",
            Self::CloseRound { .. } => "close-round",
            Self::PublishAnalysis { .. } => "publish-analysis",
            Self::StartImport { .. } => "start-import",
            Self::CompleteImport { .. } => "complete-import",
            Self::AbandonImport { .. } => "abandon-import",
            Self::Propose(event) => event.name(),
            Self::Act { does: Some(command), .. } => command.name(),
            Self::Act { does: None, .. } => "look",
            Self::EndSync { .. } => "end-sync",
            Self::OrderErasure(_) => "order-erasure",
            Self::ApproveErasure(_) => "approve-erasure",
            Self::ApproveAndFence { .. } => "approve-and-fence",
            Self::FenceErasure(_) => "fence-erasure",
            Self::RecordReceipt(_) => "record-receipt",
            Self::CompleteErasure(_) => "complete-erasure",
            Self::PurgeParts(_) => "purge-parts",
        }
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Command({})", self.name())
    }
}
