//! Surveys, rounds and responses.
//!
//! *Invariant:* the facts of a response hold nothing that differs between respondents of a round;
//! a response carries no part, leaf or id of the identity, and the link between the two is a
//! record of its own.

use std::fmt;

use bincode::{Decode, Encode};
use record::{DraftPart, ScopeId, SubjectId};

use crate::codec::{IdBytes, Parts, encoded, facts_part};
use crate::{About, EventError, ImportId, category};

/// Longest title of a survey or name of a round, in bytes.
pub const TITLE_BYTES_MAX: usize = 200;
/// Most questions of one survey.
pub const QUESTIONS_MAX: usize = 200;
/// Longest text of a question, in bytes.
pub const QUESTION_BYTES_MAX: usize = 2_000;
/// Most options of one choice question.
pub const OPTIONS_MAX: usize = 50;
/// Longest text of one option, in bytes.
pub const OPTION_BYTES_MAX: usize = 200;
/// Longest free text of one answer, in bytes.
pub const ANSWER_BYTES_MAX: usize = 2_000;
/// Longest name of a respondent's group, in bytes.
pub const GROUP_BYTES_MAX: usize = 100;
/// Smallest group that any round may show (customary practice; see docs/anonymity.md).
pub const FLOOR_MIN: u16 = 5;

record::random_id!(
    /// One survey: a list of questions.
    #[derive(bincode::Encode, bincode::Decode)]
    SurveyId
);
record::random_id!(
    /// One round: a survey put to respondents during a period.
    #[derive(bincode::Encode, bincode::Decode)]
    RoundId
);

/// How a question is answered.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum QuestionKind {
    /// `Score` 1 to 4, from full disagreement to full agreement.
    Agree4,
    /// `Score` 1 to 5, from full disagreement to full agreement.
    Agree5,
    /// `Score` 1 to 10, as a school grade.
    Grade10,
    /// `Choice` of one option, counted from 0.
    Choice {
        /// At most [`OPTIONS_MAX`] of at most [`OPTION_BYTES_MAX`].
        options: Vec<String>,
    },
    /// `Choice` 0 for yes, 1 for no.
    YesNo,
    /// `Text`; never published.
    Open,
}

impl QuestionKind {
    /// Highest score, for the kinds that are scored.
    #[must_use]
    pub const fn score_max(&self) -> Option<u8> {
        match self {
            Self::Agree4 => Some(4),
            Self::Agree5 => Some(5),
            Self::Grade10 => Some(10),
            Self::Choice { .. } | Self::YesNo | Self::Open => None,
        }
    }

    /// How many options can be chosen, for the kinds that are chosen.
    #[must_use]
    pub fn option_count(&self) -> Option<usize> {
        match self {
            Self::Choice { options } => Some(options.len()),
            Self::YesNo => Some(2),
            Self::Agree4 | Self::Agree5 | Self::Grade10 | Self::Open => None,
        }
    }

    /// Whether this is an answer to such a question; "not applicable" always is.
    #[must_use]
    pub fn accepts(&self, answer: &Answer) -> bool {
        match answer {
            Answer::NotApplicable => true,
            Answer::Score(score) => self.score_max().is_some_and(|max| (1..=max).contains(score)),
            Answer::Choice(option) => {
                self.option_count().is_some_and(|count| usize::from(*option) < count)
            }
            Answer::Text(text) => *self == Self::Open && text.len() <= ANSWER_BYTES_MAX,
        }
    }
}

encoded! {
    /// One question.
    #[derive(Debug)]
    pub struct Question {
        /// At most [`QUESTION_BYTES_MAX`].
        text: String,
        /// How it is answered.
        kind: QuestionKind,
    }
}

/// One answer.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub enum Answer {
    /// Not applicable, or skipped; stands outside every count and mean.
    NotApplicable,
    /// A score, counted from 1.
    Score(u8),
    /// A chosen option, counted from 0.
    Choice(u8),
    /// Free text, at most [`ANSWER_BYTES_MAX`].
    Text(String),
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer(..)")
    }
}

encoded! {
    /// What one respondent told, under a pseudonym.
    pub struct Response {
        /// The group the respondent belongs to; at most [`GROUP_BYTES_MAX`].
        group: String,
        /// One answer for each question.
        answers: Vec<Answer>,
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Response(..)")
    }
}

/// Which pseudonym is which person.
#[derive(Clone, PartialEq, Eq)]
pub struct Link {
    /// The person.
    pub person: SubjectId,
    /// The pseudonym the person answered under.
    pub pseudonym: SubjectId,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link(..)")
    }
}

/// A survey was defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurveyDefined {
    /// Its id.
    pub survey: SurveyId,
    /// At most [`TITLE_BYTES_MAX`].
    pub title: String,
    /// At most [`QUESTIONS_MAX`].
    pub questions: Vec<Question>,
}

/// A round was opened; both scopes begin with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoundOpened {
    /// Its id.
    pub round: RoundId,
    /// The survey that is put.
    pub survey: SurveyId,
    /// At most [`TITLE_BYTES_MAX`].
    pub name: String,
    /// Smallest group that is ever shown; at least [`FLOOR_MIN`].
    pub floor: u16,
    /// The term of the answers.
    pub answers_scope: ScopeId,
    /// The term of identities and links.
    pub identity_scope: ScopeId,
}

/// A response was submitted under a pseudonym.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseSubmitted {
    /// The round.
    pub round: RoundId,
    /// The import it came from, if any; absent in version 1.
    pub import: Option<ImportId>,
    /// The answers; the subject is the pseudonym.
    pub response: About<Response>,
}

/// A pseudonym was linked to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RespondentLinked {
    /// The round.
    pub round: RoundId,
    /// The import it came from, if any.
    pub import: Option<ImportId>,
    /// The link; the subject is the person, the leaf serves this link alone.
    pub link: About<Link>,
}

/// A round was closed: no more responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundClosed {
    /// Which round.
    pub round: RoundId,
}

/// Events of surveys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the type of the same name")]
pub enum SurveyEvent {
    SurveyDefined(SurveyDefined),
    RoundOpened(RoundOpened),
    ResponseSubmitted(ResponseSubmitted),
    RespondentLinked(RespondentLinked),
    RoundClosed(RoundClosed),
}

encoded! {
    struct SurveyDefinedFacts {
        survey: IdBytes,
        title: String,
        questions: Vec<Question>,
    }
}

encoded! {
    struct RoundOpenedFacts {
        round: IdBytes,
        survey: IdBytes,
        name: String,
        floor: u16,
        answers_scope: IdBytes,
        identity_scope: IdBytes,
    }
}

encoded! {
    /// Version 1: before imports existed.
    struct ResponseSubmittedFactsV1 {
        round: IdBytes,
    }
}

encoded! {
    struct ResponseSubmittedFacts {
        round: IdBytes,
        import: Option<IdBytes>,
    }
}

/// Version 1 → 2: a response without an import.
impl From<ResponseSubmittedFactsV1> for ResponseSubmittedFacts {
    fn from(old: ResponseSubmittedFactsV1) -> Self {
        Self { round: old.round, import: None }
    }
}

encoded! {
    struct RespondentLinkedFacts {
        round: IdBytes,
        import: Option<IdBytes>,
    }
}

encoded! {
    struct LinkPart {
        person: IdBytes,
        pseudonym: IdBytes,
    }
}

encoded! {
    struct RoundClosedFacts {
        round: IdBytes,
    }
}

impl SurveyEvent {
    pub(crate) const fn name(&self) -> (&'static str, u16) {
        match self {
            Self::SurveyDefined(_) => ("survey.defined", 1),
            Self::RoundOpened(_) => ("survey.round-opened", 1),
            Self::ResponseSubmitted(_) => ("survey.response-submitted", 2),
            Self::RespondentLinked(_) => ("survey.respondent-linked", 1),
            Self::RoundClosed(_) => ("survey.round-closed", 1),
        }
    }

    /// Scopes that begin with this event.
    pub(crate) fn new_scopes(&self) -> Vec<ScopeId> {
        match self {
            Self::RoundOpened(event) => vec![event.answers_scope, event.identity_scope],
            Self::SurveyDefined(_)
            | Self::ResponseSubmitted(_)
            | Self::RespondentLinked(_)
            | Self::RoundClosed(_) => Vec::new(),
        }
    }

    pub(crate) fn parts(&self) -> Vec<DraftPart> {
        match self {
            Self::SurveyDefined(event) => vec![defined_part(event)],
            Self::RoundOpened(event) => vec![opened_part(event)],
            Self::ResponseSubmitted(event) => {
                let import = event.import.map(|import| *import.as_bytes());
                let facts = ResponseSubmittedFacts { round: *event.round.as_bytes(), import };
                vec![facts_part(&facts), event.response.part(category::ANSWERS, false)]
            }
            Self::RespondentLinked(event) => {
                let import = event.import.map(|import| *import.as_bytes());
                let facts = RespondentLinkedFacts { round: *event.round.as_bytes(), import };
                vec![facts_part(&facts), event.link.part(category::LINK, true)]
            }
            Self::RoundClosed(event) => {
                vec![facts_part(&RoundClosedFacts { round: *event.round.as_bytes() })]
            }
        }
    }

    pub(crate) fn decode(name: &str, version: u16, parts: &mut Parts) -> Result<Self, EventError> {
        match (name, version) {
            ("survey.defined", 1) => decode_defined(parts).map(Self::SurveyDefined),
            ("survey.round-opened", 1) => decode_opened(parts).map(Self::RoundOpened),
            ("survey.response-submitted", 1) => {
                let facts: ResponseSubmittedFactsV1 = parts.facts()?;
                decode_response(facts.into(), parts).map(Self::ResponseSubmitted)
            }
            ("survey.response-submitted", 2) => {
                decode_response(parts.facts()?, parts).map(Self::ResponseSubmitted)
            }
            ("survey.respondent-linked", 1) => decode_link(parts).map(Self::RespondentLinked),
            ("survey.round-closed", 1) => {
                let RoundClosedFacts { round } = parts.facts()?;
                Ok(Self::RoundClosed(RoundClosed { round: RoundId::from_bytes(round) }))
            }
            _ => Err(EventError::Unknown),
        }
    }
}

fn defined_part(event: &SurveyDefined) -> DraftPart {
    facts_part(&SurveyDefinedFacts {
        survey: *event.survey.as_bytes(),
        title: event.title.clone(),
        questions: event.questions.clone(),
    })
}

fn decode_defined(parts: &mut Parts) -> Result<SurveyDefined, EventError> {
    let facts: SurveyDefinedFacts = parts.facts()?;
    Ok(SurveyDefined {
        survey: SurveyId::from_bytes(facts.survey),
        title: facts.title,
        questions: facts.questions,
    })
}

fn opened_part(event: &RoundOpened) -> DraftPart {
    facts_part(&RoundOpenedFacts {
        round: *event.round.as_bytes(),
        survey: *event.survey.as_bytes(),
        name: event.name.clone(),
        floor: event.floor,
        answers_scope: *event.answers_scope.as_bytes(),
        identity_scope: *event.identity_scope.as_bytes(),
    })
}

fn decode_opened(parts: &mut Parts) -> Result<RoundOpened, EventError> {
    let facts: RoundOpenedFacts = parts.facts()?;
    Ok(RoundOpened {
        round: RoundId::from_bytes(facts.round),
        survey: SurveyId::from_bytes(facts.survey),
        name: facts.name,
        floor: facts.floor,
        answers_scope: ScopeId::from_bytes(facts.answers_scope),
        identity_scope: ScopeId::from_bytes(facts.identity_scope),
    })
}

fn decode_response(
    facts: ResponseSubmittedFacts,
    parts: &mut Parts,
) -> Result<ResponseSubmitted, EventError> {
    Ok(ResponseSubmitted {
        round: RoundId::from_bytes(facts.round),
        import: facts.import.map(ImportId::from_bytes),
        response: parts.person()?,
    })
}

fn decode_link(parts: &mut Parts) -> Result<RespondentLinked, EventError> {
    let facts: RespondentLinkedFacts = parts.facts()?;
    Ok(RespondentLinked {
        round: RoundId::from_bytes(facts.round),
        import: facts.import.map(ImportId::from_bytes),
        link: parts.person()?,
    })
}

impl Encode for Link {
    fn encode<E: bincode::enc::Encoder>(
        &self,
        encoder: &mut E,
    ) -> Result<(), bincode::error::EncodeError> {
        let part =
            LinkPart { person: *self.person.as_bytes(), pseudonym: *self.pseudonym.as_bytes() };
        part.encode(encoder)
    }
}

impl<C> Decode<C> for Link {
    fn decode<D: bincode::de::Decoder<Context = C>>(
        decoder: &mut D,
    ) -> Result<Self, bincode::error::DecodeError> {
        let LinkPart { person, pseudonym } = LinkPart::decode(decoder)?;
        Ok(Self {
            person: SubjectId::from_bytes(person),
            pseudonym: SubjectId::from_bytes(pseudonym),
        })
    }
}
