//! Surveys and their rounds: the way to the results.

use serde::Deserialize;

use crate::page::page;

page! {
    Surveys => SurveysPage "surveys.html";
    Rounds => RoundsPage "rounds.html";
}

/// All surveys.
#[derive(Debug, Deserialize)]
pub struct Surveys {
    see_surveys: SurveyList,
}

#[derive(Debug, Deserialize)]
struct SurveyList {
    surveys: Vec<Survey>,
}

#[derive(Debug, Deserialize)]
struct Survey {
    survey: String,
    title: String,
    questions: Vec<Question>,
}

#[derive(Debug, Deserialize)]
struct Question {
    text: String,
}

/// The rounds of one survey.
#[derive(Debug, Deserialize)]
pub struct Rounds {
    see_rounds: RoundList,
    see_surveys: Option<SurveyList>,
}

#[derive(Debug, Deserialize)]
struct RoundList {
    rounds: Vec<Round>,
}

#[derive(Debug, Deserialize)]
struct Round {
    round: String,
    survey: String,
    name: String,
    floor: u16,
    open: bool,
    opened_at: u64,
    closed_at: Option<u64>,
    responses: u64,
}

impl Rounds {
    /// The survey, as long as a round of it says which one it is.
    fn survey(&self) -> Option<&Survey> {
        let id = &self.see_rounds.rounds.first()?.survey;
        self.see_surveys.as_ref()?.surveys.iter().find(|survey| survey.survey == *id)
    }
}
