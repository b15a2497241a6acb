//! Surveys, rounds and the response board.
//!
//! *Invariant:* everything here comes from facts, so an erasure changes nothing: the board counts
//! records, not people, and never per group.

use std::collections::BTreeMap;

use bincode::{Decode, Encode};
use events::survey::Division;
use events::{
    Audience, ImportEvent, ImportId, Place, Question, QuestionKind, ResponseSubmitted, RoundId,
    RoundOpened, SurveyDefined, SurveyEvent, SurveyId,
};
use record::{ScopeId, Seq, TimestampMicros};
use schemars::JsonSchema;
use serde::Serialize;

use crate::ranges::Ranges;
use crate::text::id;

/// Surveys and rounds of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Surveys {
    surveys: BTreeMap<SurveyId, Survey>,
    rounds: BTreeMap<RoundId, Round>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Survey {
    title: String,
    questions: Vec<Question>,
    defined_at: TimestampMicros,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Round {
    survey: SurveyId,
    name: String,
    floor: u16,
    audience: Option<Box<Audience>>,
    answers_scope: ScopeId,
    identity_scope: ScopeId,
    opened_at: TimestampMicros,
    closed_at: Option<TimestampMicros>,
    /// Responses outside imports.
    direct: Ranges,
    /// Responses of imports, and whether they count.
    imported: BTreeMap<ImportId, Imported>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
struct Imported {
    counts: bool,
    rows: Ranges,
}

/// One question, as it is put.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct QuestionRow {
    /// The question.
    pub text: String,
    /// `agree-4`, `agree-5`, `grade-10`, `choice`, `yes-no` or `open`.
    pub kind: &'static str,
    /// The options of a choice.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
}

/// One survey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SurveyRow {
    /// The survey.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub survey: SurveyId,
    /// Its title.
    pub title: String,
    /// Its questions.
    pub questions: Vec<QuestionRow>,
}

/// All surveys, by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SurveyList {
    /// The surveys.
    pub surveys: Vec<SurveyRow>,
}

/// One round and how many responded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RoundRow {
    /// The round.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub round: RoundId,
    /// The survey that is put.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub survey: SurveyId,
    /// Its name.
    pub name: String,
    /// Smallest group that is ever shown.
    pub floor: u16,
    /// Whom it asks; absent for rounds of before that was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<AudienceRow>,
    /// Whether it takes responses.
    pub open: bool,
    /// Microseconds since 1970.
    pub opened_at: u64,
    /// Microseconds since 1970.
    pub closed_at: Option<u64>,
    /// Response records that count; an erasure does not change it.
    pub responses: u64,
    /// The term of the answers.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub answers_scope: ScopeId,
    /// The term of identities and links.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub identity_scope: ScopeId,
}

/// Whom a round asks, and what for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AudienceRow {
    /// The module, as an annex names it.
    pub module: &'static str,
    /// Who answers: `staff`, `pupil` or `parent`.
    pub kind: &'static str,
    /// The code of the purpose in the annex.
    pub purpose: String,
    /// The school that is asked; null for the board.
    pub school: Option<String>,
    /// `groups`, or `together` where nothing but all of it is published.
    pub division: &'static str,
    /// Whether whoever acts for a child is not shown what the child answered.
    pub confidential: bool,
}

/// The response board: all rounds, by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RoundBoard {
    /// The rounds.
    pub rounds: Vec<RoundRow>,
}

impl Surveys {
    /// All surveys.
    #[must_use]
    pub fn list(&self) -> SurveyList {
        let surveys = self.surveys.iter().map(|(survey, content)| content.row(*survey));
        SurveyList { surveys: surveys.collect() }
    }

    /// The response board.
    #[must_use]
    pub fn board(&self) -> RoundBoard {
        let rounds = self.rounds.iter().map(|(id, round)| round.row(*id));
        RoundBoard { rounds: rounds.collect() }
    }

    /// One round of the board.
    #[must_use]
    pub fn round(&self, round: RoundId) -> Option<RoundRow> {
        self.rounds.get(&round).map(|content| content.row(round))
    }

    /// The rounds of a survey, in the order in which they opened.
    #[must_use]
    pub fn rounds_of(&self, survey: SurveyId) -> Vec<RoundRow> {
        let rounds = self.rounds.iter().filter(|(_, round)| round.survey == survey);
        let mut rows: Vec<RoundRow> = rounds.map(|(id, round)| round.row(*id)).collect();
        rows.sort_by_key(|row| row.opened_at);
        rows
    }

    /// One survey.
    #[must_use]
    pub fn survey(&self, survey: SurveyId) -> Option<SurveyRow> {
        self.surveys.get(&survey).map(|content| content.row(survey))
    }

    /// The questions that a round puts.
    #[must_use]
    pub fn questions_of(&self, round: RoundId) -> Option<&[Question]> {
        let survey = self.rounds.get(&round)?.survey;
        self.surveys.get(&survey).map(|survey| survey.questions.as_slice())
    }

    /// Where the response records of a round stand that count: from, and one past the last.
    ///
    /// A range holds nothing but such records; erased ones are among them and do not open.
    #[must_use]
    pub fn response_ranges(&self, round: RoundId) -> Vec<(Seq, Seq)> {
        let Some(round) = self.rounds.get(&round) else { return Vec::new() };
        let mut ranges: Vec<_> = round.counting().flat_map(Ranges::iter).collect();
        ranges.sort_unstable();
        ranges
    }

    pub(crate) fn apply(&mut self, place: &Place, event: &SurveyEvent) {
        match event {
            SurveyEvent::SurveyDefined(event) => {
                self.surveys.insert(event.survey, Survey::new(place, event));
            }
            SurveyEvent::RoundOpened(event) => {
                self.rounds.insert(event.round, Round::new(place, event));
            }
            SurveyEvent::ResponseSubmitted(event) => {
                if let Some(round) = self.rounds.get_mut(&event.round) {
                    round.respond(place, event);
                }
            }
            SurveyEvent::RespondentLinked(_)
            | SurveyEvent::CodesIssued(_)
            | SurveyEvent::GuestsInvited(_)
            | SurveyEvent::AnswersMarked(_)
            | SurveyEvent::RemindersListed(_) => {}
            SurveyEvent::RoundClosed(event) => {
                if let Some(round) = self.rounds.get_mut(&event.round) {
                    round.closed_at = Some(place.recorded_at);
                }
            }
        }
    }

    pub(crate) fn apply_import(&mut self, event: &ImportEvent) {
        match event {
            ImportEvent::ImportStarted(event) => {
                if let Some(round) = self.rounds.get_mut(&event.round) {
                    round.imported.insert(event.import, Imported::default());
                }
            }
            ImportEvent::ImportCompleted(event) => {
                let rounds = self.rounds.values_mut();
                for imported in rounds.filter_map(|round| round.imported.get_mut(&event.import)) {
                    imported.counts = true;
                }
            }
            ImportEvent::ImportAbandoned(event) => {
                for round in self.rounds.values_mut() {
                    round.imported.remove(&event.import);
                }
            }
        }
    }
}

impl Survey {
    fn new(place: &Place, event: &SurveyDefined) -> Self {
        Self {
            title: event.title.clone(),
            questions: event.questions.clone(),
            defined_at: place.recorded_at,
        }
    }

    fn row(&self, survey: SurveyId) -> SurveyRow {
        SurveyRow {
            survey,
            title: self.title.clone(),
            questions: self.questions.iter().map(question_row).collect(),
        }
    }
}

impl Round {
    fn new(place: &Place, event: &RoundOpened) -> Self {
        Self {
            survey: event.survey,
            name: event.name.clone(),
            floor: event.floor,
            audience: event.audience.clone(),
            answers_scope: event.answers_scope,
            identity_scope: event.identity_scope,
            opened_at: place.recorded_at,
            closed_at: None,
            direct: Ranges::default(),
            imported: BTreeMap::new(),
        }
    }

    fn respond(&mut self, place: &Place, event: &ResponseSubmitted) {
        let Some(import) = event.import else { return self.direct.push(place.seq) };
        // Rows of an import that was abandoned or never started count nowhere.
        if let Some(imported) = self.imported.get_mut(&import) {
            imported.rows.push(place.seq);
        }
    }

    fn counting(&self) -> impl Iterator<Item = &Ranges> {
        let imported = self.imported.values().filter(|imported| imported.counts);
        std::iter::once(&self.direct).chain(imported.map(|imported| &imported.rows))
    }

    fn row(&self, round: RoundId) -> RoundRow {
        RoundRow {
            round,
            survey: self.survey,
            name: self.name.clone(),
            floor: self.floor,
            audience: self.audience.as_deref().map(audience_row),
            open: self.closed_at.is_none(),
            opened_at: self.opened_at.0,
            closed_at: self.closed_at.map(|at| at.0),
            responses: self.counting().map(Ranges::count).sum(),
            answers_scope: self.answers_scope,
            identity_scope: self.identity_scope,
        }
    }
}

fn audience_row(audience: &Audience) -> AudienceRow {
    AudienceRow {
        module: audience.module.name(),
        kind: audience.kind.name(),
        purpose: audience.purpose.clone(),
        school: audience.school.map(|school| school.to_string()),
        division: match audience.division {
            Division::Groups => "groups",
            Division::Together => "together",
        },
        confidential: audience.confidential,
    }
}

fn question_row(question: &Question) -> QuestionRow {
    let (kind, options) = match &question.kind {
        QuestionKind::Agree4 => ("agree-4", Vec::new()),
        QuestionKind::Agree5 => ("agree-5", Vec::new()),
        QuestionKind::Grade10 => ("grade-10", Vec::new()),
        QuestionKind::Choice { options } => ("choice", options.clone()),
        QuestionKind::YesNo => ("yes-no", Vec::new()),
        QuestionKind::Open => ("open", Vec::new()),
    };
    QuestionRow { text: question.text.clone(), kind, options }
}
