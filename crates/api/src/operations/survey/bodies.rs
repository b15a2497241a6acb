//! What is told with the operations of surveys.

use events::annex::{Module, SubjectKind};
use events::{Question, QuestionKind};
use schemars::JsonSchema;
use serde::Deserialize;

use super::super::named::named;

/// Most codes that are issued at a time; more are refused by the rules, never made.
pub(super) const COUNT_MAX: u16 = 101;

/// A survey to define.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSurvey {
    /// At most 200 bytes.
    pub(super) title: String,
    /// At most 200.
    questions: Vec<QuestionIn>,
}

/// One question.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct QuestionIn {
    /// At most 2,000 bytes.
    text: String,
    kind: AnsweredBy,
    /// The options of a choice; none for other kinds.
    #[serde(default)]
    options: Vec<String>,
}

/// How a question is answered.
#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum AnsweredBy {
    #[serde(rename = "agree-4")]
    Agree4,
    #[serde(rename = "agree-5")]
    Agree5,
    #[serde(rename = "grade-10")]
    Grade10,
    Choice,
    YesNo,
    Open,
}

/// A round to open.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRound {
    /// At most 200 bytes.
    pub(super) name: String,
    /// The smallest group that is ever shown; at least 5.
    pub(super) floor: u16,
    pub(super) module: SurveyModule,
    pub(super) kind: WhoAnswers,
    /// The code of the purpose in the annex.
    pub(super) purpose: String,
    /// The school that is asked; null for the board.
    pub(super) school: Option<String>,
    /// Whether it is published without groups: where groups are small.
    #[serde(default)]
    pub(super) together: bool,
    /// Whether whoever acts for a child is not shown what the child answered.
    #[serde(default)]
    pub(super) confidential: bool,
}

named! {
    /// The module under which a round is held.
    SurveyModule = Module { Surveys, Schoolscan, Development }
    /// Who answers.
    WhoAnswers = SubjectKind { Staff, Pupil, Parent }
}

/// Codes to issue.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCodes {
    /// The group of whoever answers with one; none where the round has no groups.
    pub(super) group: Option<String>,
    /// How many codes; at most 100.
    pub(super) count: u16,
    /// How many answers each takes: 1 for slips, as many as the class for a code of the class.
    pub(super) uses: u16,
}

/// People to invite.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewGuests {
    /// Their group; none where the round has no groups.
    pub(super) group: Option<String>,
    /// At most 100 people who are known.
    pub(super) people: Vec<String>,
}

impl NewSurvey {
    pub(super) fn questions(self) -> Vec<Question> {
        let question = |found: QuestionIn| {
            let kind = match found.kind {
                AnsweredBy::Agree4 => QuestionKind::Agree4,
                AnsweredBy::Agree5 => QuestionKind::Agree5,
                AnsweredBy::Grade10 => QuestionKind::Grade10,
                AnsweredBy::Choice => QuestionKind::Choice { options: found.options },
                AnsweredBy::YesNo => QuestionKind::YesNo,
                AnsweredBy::Open => QuestionKind::Open,
            };
            Question { text: found.text, kind }
        };
        self.questions.into_iter().map(question).collect()
    }
}
