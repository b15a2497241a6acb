//! Why a rule says no, in English and in Dutch.
//!
//! *Invariant:* no message holds personal data: ids, counts and limits only.

use std::fmt;

use events::{ImportId, RoundId};
use record::OrderId;
use thiserror::Error;

use crate::deadline::PeriodRefusal;
use crate::gate::KeptOut;
use crate::numbers::NumberRefusal;

/// A rule in both languages, as the capability that knows it states it.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// What kind of answer it is.
    pub kind: RuleKind,
    /// What was wrong, by the name of the field, if one was.
    pub field: Option<&'static str>,
    /// The rule in English: lower case, no full stop, nothing personal.
    pub english: &'static str,
    /// The same in Dutch.
    pub dutch: &'static str,
}

/// What kind of answer a rule gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleKind {
    /// What was named is not there.
    Unknown,
    /// The state of things does not allow it.
    Conflict,
    /// The content breaks a rule.
    Invalid,
}

impl Rule {
    /// What was named is not there.
    pub(crate) const fn unknown(english: &'static str, dutch: &'static str) -> Self {
        Self { kind: RuleKind::Unknown, field: None, english, dutch }
    }

    /// The state of things does not allow it.
    pub(crate) const fn conflict(english: &'static str, dutch: &'static str) -> Self {
        Self { kind: RuleKind::Conflict, field: None, english, dutch }
    }

    /// A field breaks a rule.
    pub(crate) const fn invalid(
        field: &'static str,
        english: &'static str,
        dutch: &'static str,
    ) -> Self {
        Self { kind: RuleKind::Invalid, field: Some(field), english, dutch }
    }

    /// The refusal, unless the condition holds.
    pub(crate) const fn unless(&'static self, holds: bool) -> Result<(), Refusal> {
        if holds { Ok(()) } else { Err(Refusal::Says(self)) }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field {
            Some(field) => write!(f, "`{field}`: {}", self.english),
            None => f.write_str(self.english),
        }
    }
}

/// A rule that stands in the way.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A rule of one capability.
    #[error("{0}")]
    Says(&'static Rule),
    /// The annex does not let it in; what was kept out is recorded, without a value.
    #[error("{0}")]
    KeptOut(Box<KeptOut>),
    /// It is asked for by a command of its own.
    #[error("this happens by a command of its own")]
    OwnCommand,
    /// Nothing happens before the tenant starts.
    #[error("the tenant has not started")]
    TenantNotStarted,
    /// A journal starts once.
    #[error("the tenant has started already")]
    TenantStartedAlready,
    /// Nothing but the erasure itself happens once the whole tenant is fenced.
    #[error("the tenant has ended")]
    TenantEnded,
    /// A text is empty.
    #[error("`{field}` is empty")]
    Empty {
        /// Which field.
        field: &'static str,
    },
    /// A text, list or number is over its limit.
    #[error("`{field}` is over its limit of {limit}")]
    TooLarge {
        /// Which field.
        field: &'static str,
        /// Bytes of a text, entries of a list.
        limit: usize,
    },
    /// A subject is registered once.
    #[error("the person is registered already")]
    PersonRegistered,
    /// No such subject, or nothing is kept of it.
    #[error("nothing is kept of this person")]
    SubjectUnknown,
    /// Identities of an import are kept for the round's identity scope.
    #[error("identities of an import belong to the identity scope of its round")]
    WrongScope,
    /// An id is given once.
    #[error("this id is in use")]
    IdInUse,
    /// No such survey.
    #[error("the survey is unknown")]
    UnknownSurvey,
    /// A choice needs options.
    #[error("question {question} needs at least two options")]
    TooFewOptions {
        /// Counted from 1.
        question: usize,
    },
    /// Groups smaller than this are never shown.
    #[error("the smallest group that is shown must be at least {min}")]
    FloorTooLow {
        /// The lowest floor allowed.
        min: u16,
    },
    /// No such round.
    #[error("the round is unknown")]
    UnknownRound,
    /// The round takes no more responses.
    #[error("the round is closed")]
    RoundClosed {
        /// Which round.
        round: RoundId,
    },
    /// Only a closed round is published again.
    #[error("the round is still open")]
    RoundOpen,
    /// The term of these data has ended.
    #[error("the term of these data has ended")]
    ScopeEnded,
    /// One answer for each question.
    #[error("the survey has {expected} questions, the response has {found} answers")]
    WrongAnswerCount {
        /// Questions.
        expected: usize,
        /// Answers.
        found: usize,
    },
    /// Not an answer to such a question.
    #[error("the answer to question {question} is not one of its answers")]
    AnswerOutOfRange {
        /// Counted from 1.
        question: usize,
    },
    /// One response for each pseudonym.
    #[error("this respondent has responded already")]
    RespondedAlready,
    /// More responses than the journal holds, or than were published before.
    #[error("there are more responses than the round has")]
    TooManyResponses,
    /// The numbers of all groups do not fit one record.
    #[error("the round has too many groups to publish")]
    TooManyGroups,
    /// An import of this round is unfinished.
    #[error("import {import} of this round is unfinished")]
    ImportUnfinished {
        /// Which import.
        import: ImportId,
    },
    /// A later publication must not be subtractable from an earlier one.
    #[error("the numbers differ from an earlier publication by fewer people than the floor")]
    TooCloseToEarlier,
    /// The same numbers are not published twice.
    #[error("nothing changed since the last publication")]
    NothingChanged,
    /// No such import.
    #[error("the import is unknown")]
    UnknownImport,
    /// An import of this name is under way.
    #[error("an import of this name is under way")]
    ImportUnderway {
        /// Which import.
        import: ImportId,
    },
    /// An import of this name is complete.
    #[error("this import is complete already")]
    AlreadyCompleted {
        /// Which import.
        import: ImportId,
    },
    /// The import was given up.
    #[error("the import was abandoned")]
    ImportAbandoned,
    /// The import belongs to another round.
    #[error("the import belongs to another round")]
    WrongRound,
    /// All rows are there.
    #[error("all {rows} rows of the import are there")]
    ImportFull {
        /// Its rows.
        rows: u32,
    },
    /// Rows are missing.
    #[error("the import has {expected} rows, {found} are there")]
    ImportIncomplete {
        /// Its rows.
        expected: u32,
        /// Recorded so far.
        found: u32,
    },
    /// An order wants something.
    #[error("the order names nothing to erase")]
    NothingToErase,
    /// The whole tenant is ordered on its own.
    #[error("the whole tenant is erased by an order of its own")]
    TenantAlone,
    /// It is erased already.
    #[error("this is erased already")]
    AlreadyErased,
    /// No such order.
    #[error("the order is unknown")]
    UnknownOrder,
    /// The steps of an erasure have one order.
    #[error("order {order} is not at this step")]
    WrongStage {
        /// Which order.
        order: OrderId,
    },
    /// Another than the asker must approve.
    #[error("another person than the one who ordered must approve")]
    FourEyes,
    /// A receipt covers exactly what the fence lists.
    #[error("the receipt does not match the fence")]
    ReceiptDiffers,
    /// A period cannot be counted.
    #[error(transparent)]
    Period(#[from] PeriodRefusal),
    /// A number or address is none, or may not be kept.
    #[error(transparent)]
    Number(#[from] NumberRefusal),
}

impl Refusal {
    /// The same in Dutch.
    #[must_use]
    pub fn dutch(&self) -> String {
        match self {
            Self::Says(Rule { field: Some(field), dutch, .. }) => format!("`{field}`: {dutch}"),
            Self::Says(rule) => rule.dutch.into(),
            Self::KeptOut(kept) => kept.dutch(),
            Self::OwnCommand => "dit gebeurt met een eigen opdracht".into(),
            Self::TenantNotStarted => "de omgeving van de school is nog niet gestart".into(),
            Self::TenantStartedAlready => "de omgeving van de school is al gestart".into(),
            Self::TenantEnded => "de omgeving van de school is beëindigd".into(),
            Self::Empty { field } => format!("`{field}` is leeg"),
            Self::TooLarge { field, limit } => format!("`{field}` is groter dan {limit}"),
            Self::PersonRegistered => "deze persoon is al geregistreerd".into(),
            Self::SubjectUnknown => "van deze persoon wordt niets bewaard".into(),
            Self::WrongScope => WRONG_SCOPE.into(),
            Self::IdInUse => "dit kenmerk is al in gebruik".into(),
            Self::UnknownSurvey => "de enquête is onbekend".into(),
            Self::TooFewOptions { question } => {
                format!("vraag {question} heeft ten minste twee keuzes nodig")
            }
            Self::FloorTooLow { min } => {
                format!("de kleinste groep die getoond wordt telt ten minste {min} personen")
            }
            Self::UnknownRound => "de ronde is onbekend".into(),
            Self::RoundClosed { .. } => "de ronde is gesloten".into(),
            Self::RoundOpen => "de ronde is nog open".into(),
            Self::ScopeEnded => "de bewaartermijn van deze gegevens is beëindigd".into(),
            Self::WrongAnswerCount { expected, found } => {
                format!("de enquête heeft {expected} vragen, de respons {found} antwoorden")
            }
            Self::AnswerOutOfRange { question } => {
                format!("het antwoord op vraag {question} is daar geen mogelijk antwoord")
            }
            Self::RespondedAlready => "deze respondent heeft al geantwoord".into(),
            Self::TooManyResponses => "er zijn meer antwoorden dan de ronde heeft".into(),
            Self::TooManyGroups => "de ronde heeft te veel groepen om te publiceren".into(),
            Self::ImportUnfinished { import } => {
                format!("import {import} van deze ronde is niet afgerond")
            }
            Self::TooCloseToEarlier => TOO_CLOSE_TO_EARLIER.into(),
            Self::NothingChanged => "er is niets veranderd sinds de laatste publicatie".into(),
            Self::UnknownImport => "de import is onbekend".into(),
            Self::ImportUnderway { .. } => "een import met deze naam is al bezig".into(),
            Self::AlreadyCompleted { .. } => "deze import is al afgerond".into(),
            Self::ImportAbandoned => "de import is opgegeven".into(),
            Self::WrongRound => "de import hoort bij een andere ronde".into(),
            Self::ImportFull { rows } => format!("alle {rows} rijen van de import zijn er al"),
            Self::ImportIncomplete { expected, found } => {
                format!("de import telt {expected} rijen, er zijn er {found}")
            }
            Self::NothingToErase => "de opdracht noemt niets om te wissen".into(),
            Self::TenantAlone => "een hele school wordt met een eigen opdracht gewist".into(),
            Self::AlreadyErased => "dit is al gewist".into(),
            Self::UnknownOrder => "de opdracht is onbekend".into(),
            Self::WrongStage { order } => format!("opdracht {order} is niet aan deze stap toe"),
            Self::FourEyes => "een ander dan de opdrachtgever moet goedkeuren".into(),
            Self::ReceiptDiffers => RECEIPT_DIFFERS.into(),
            Self::Period(refusal) => refusal.dutch(),
            Self::Number(refusal) => refusal.dutch(),
        }
    }
}

const WRONG_SCOPE: &str =
    "identiteiten van een import horen bij de identiteitstermijn van de ronde";
const TOO_CLOSE_TO_EARLIER: &str = "de cijfers verschillen van een eerdere publicatie met minder \
    personen dan de kleinste groep die getoond wordt";
const RECEIPT_DIFFERS: &str = "het bewijs van wissen komt niet overeen met de afgekondigde lijst";

impl From<&'static Rule> for Refusal {
    fn from(rule: &'static Rule) -> Self {
        Self::Says(rule)
    }
}
