//! Surveys, rounds and responses.
//!
//! *Invariant:* the facts of a response hold nothing that differs between respondents of a round;
//! a response carries no part, leaf or id of the identity, and the link between the two is a
//! record of its own.

use std::fmt;

use bincode::{Decode, Encode};
use record::{ActorId, ScopeId, SubjectId};

use crate::annex::{Module, SubjectKind};
use crate::codec::Parts;
use crate::declare::{capability, told};
use crate::organisation::SchoolId;
use crate::{About, EventError, ImportId};

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
/// Most codes that are issued at a time, and guests that are invited.
pub const CODES_MAX: usize = 100;
/// Most answers that one code takes.
pub const CODE_USES_MAX: u16 = 200;
/// The group of every response to a round that is published without groups.
pub const TOGETHER: &str = "alle groepen";

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

/// How the results of a round are divided; chosen before it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Division {
    /// By the groups of the respondents.
    Groups,
    /// Not at all: where groups are small, nothing but all of it is published.
    Together,
}

/// Whom a round asks, and what for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Audience {
    /// The module under which it is held.
    pub module: Module,
    /// Who answers.
    pub kind: SubjectKind,
    /// The code of the purpose in the annex.
    pub purpose: String,
    /// The school that is asked; `None` for the board.
    pub school: Option<SchoolId>,
    /// How its results are divided.
    pub division: Division,
    /// Whether whoever acts for a child is not shown what the child answered.
    pub confidential: bool,
}

/// What a code stands for in a tenant: a keyed digest of it.
pub type CodeDigest = [u8; 16];

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

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Question {
    /// At most [`QUESTION_BYTES_MAX`].
    pub text: String,
    /// How it is answered.
    pub kind: QuestionKind,
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

told! {
    /// What one respondent told, under a pseudonym.
    pub struct Response {
        /// The group the respondent belongs to; at most [`GROUP_BYTES_MAX`].
        group: String => "comparing groups of at least the floor",
        /// One answer for each question.
        answers: Vec<Answer> => "the school's own research",
    }
}

told! {
    /// Which pseudonym is which person.
    pub struct Link {
        /// The person.
        person: SubjectId => "finding a person's own answers on request",
        /// The pseudonym the person answered under.
        pseudonym: SubjectId => "finding a person's own answers on request",
    }
}

told! {
    /// That somebody was invited to a round.
    pub struct Invitation {
        /// The digest of the code by which the person answers, once.
        code: CodeDigest => "letting the person answer once",
    }
}

told! {
    /// That somebody who was invited answered; what was answered stands nowhere near it.
    pub struct Answered {
        /// The round.
        round: RoundId => "reminding nobody who answered",
    }
}

capability! {
    /// Events of surveys.
    SurveyEvent in "survey" {
        /// A survey was defined.
        SurveyDefined "survey.defined" 1 {
            facts {
                /// Its id.
                survey: SurveyId => "naming the survey",
                /// At most [`TITLE_BYTES_MAX`].
                title: String => "showing the survey",
                /// At most [`QUESTIONS_MAX`].
                questions: Vec<Question> => "putting the survey",
            }
        }
        /// A round was opened; both scopes begin with it.
        RoundOpened "survey.round-opened" 2 {
            facts {
                /// Its id.
                round: RoundId => "naming the round",
                /// The survey that is put.
                survey: SurveyId => "which survey is put",
                /// At most [`TITLE_BYTES_MAX`].
                name: String => "showing the round",
                /// Smallest group that is ever shown; at least [`FLOOR_MIN`].
                floor: u16 => "the smallest group that is ever shown",
                /// The term of the answers.
                answers_scope: ScopeId => "the term of the answers",
                /// The term of identities and links.
                identity_scope: ScopeId => "the term of identities and links",
                /// Whom it asks and what for; unknown in version 1.
                audience: Option<Box<Audience>> => "what the annex must let through",
            }
            begins { answers_scope, identity_scope }
            earlier { 1 [
                round: RoundId => "naming the round",
                survey: SurveyId => "which survey is put",
                name: String => "showing the round",
                floor: u16 => "the smallest group that is ever shown",
                answers_scope: ScopeId => "the term of the answers",
                identity_scope: ScopeId => "the term of identities and links"
            ] by before_audiences }
        }
        /// A response was submitted under a pseudonym.
        ResponseSubmitted "survey.response-submitted" 2 {
            facts {
                /// The round.
                round: RoundId => "which round it belongs to",
                /// The import it came from, if any; absent in version 1.
                import: Option<ImportId> => "telling rows of an unfinished import apart",
            }
            about {
                /// The answers; the subject is the pseudonym.
                response: About<Response> => [ANSWERS] until AnswersScope,
            }
            earlier { 1 [round: RoundId => "which round it belongs to"] by before_imports }
        }
        /// A pseudonym was linked to a person.
        RespondentLinked "survey.respondent-linked" 1 {
            facts {
                /// The round.
                round: RoundId => "which round it belongs to",
                /// The import it came from, if any.
                import: Option<ImportId> => "telling rows of an unfinished import apart",
            }
            about {
                /// The link; the subject is the person, the leaf serves this link alone.
                link: About<Link> => alone [LINK] until IdentityScope,
            }
        }
        /// Codes were issued that anybody who holds one answers with.
        CodesIssued "survey.codes-issued" 1 {
            facts {
                /// The round.
                round: RoundId => "which round they open",
                /// The group of whoever answers with one; at most [`GROUP_BYTES_MAX`].
                group: String => "comparing groups of at least the floor",
                /// Their digests; at most [`CODES_MAX`].
                codes: Vec<CodeDigest> => "letting whoever holds one answer",
                /// How many answers each takes; at most [`CODE_USES_MAX`].
                uses: u16 => "how often each is taken",
                /// Who issued them.
                by: ActorId => "who is answerable",
            }
        }
        /// People were invited, each with a code of their own.
        GuestsInvited "survey.guests-invited" 1 {
            facts {
                /// The round.
                round: RoundId => "which round they were invited to",
                /// Their group; at most [`GROUP_BYTES_MAX`].
                group: String => "comparing groups of at least the floor",
                /// Who invited them.
                by: ActorId => "who is answerable",
            }
            about {
                /// Who was invited; at most [`CODES_MAX`], in the order of their ids.
                guests: Vec<About<Invitation>> => [INVITATION] until IdentityScope,
            }
        }
        /// At least as many people as the floor answered, in a group and since the last such event.
        AnswersMarked "survey.answers-marked" 1 {
            facts {
                /// The round.
                round: RoundId => "which round they answered",
            }
            about {
                /// Who answered, in the order of their ids.
                guests: Vec<About<Answered>> => [ANSWERED] until IdentityScope,
            }
        }
        /// Whoever did not answer yet was listed to be reminded.
        RemindersListed "survey.reminders-listed" 1 {
            facts {
                /// The round.
                round: RoundId => "which round they were reminded of",
                /// How many were listed.
                reminded: u32 => "knowing how often people were bothered",
                /// Who asked.
                by: ActorId => "who is answerable",
            }
        }
        /// A round was closed: no more responses.
        RoundClosed "survey.round-closed" 1 {
            facts {
                /// Which round.
                round: RoundId => "which round closed",
            }
        }
    }
}

/// Version 1 of a response had no import.
fn before_imports(parts: &mut Parts) -> Result<ResponseSubmitted, EventError> {
    let (round,): (RoundId,) = parts.facts()?;
    Ok(ResponseSubmitted { round, import: None, response: parts.person()? })
}

/// Version 1 of a round did not say whom it asks.
fn before_audiences(parts: &mut Parts) -> Result<RoundOpened, EventError> {
    let (round, survey, name, floor, answers_scope, identity_scope) = parts.facts()?;
    let audience = None;
    Ok(RoundOpened { round, survey, name, floor, answers_scope, identity_scope, audience })
}
