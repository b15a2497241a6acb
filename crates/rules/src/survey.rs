//! Surveys, rounds and responses.

mod code;

use std::collections::BTreeMap;

use bincode::{Decode, Encode};
use events::annex::{Entrance, FieldId};
use events::survey::{
    Audience, CodeDigest, Division, FLOOR_MIN, GROUP_BYTES_MAX, OPTION_BYTES_MAX, OPTIONS_MAX,
    QUESTION_BYTES_MAX, QUESTIONS_MAX, TITLE_BYTES_MAX, TOGETHER,
};
use events::{
    About, Answer, DiscoverEvent, Event, Forgotten, KeptMap, Link, PartKeys, Publication, Question,
    QuestionKind, RespondentLinked, Response, ResponseSubmitted, RoundId, RoundOpened,
    SurveyDefined, SurveyEvent, SurveyId,
};
use record::{LeafId, ScopeId, SubjectId, TimestampMicros};

use crate::command::Command;
use crate::gate::Asked;
use crate::numbers::without_bsn;
use crate::refusal::{Refusal, Rule};
use crate::state::{State, check_free_text, check_limit};

pub use code::Code;

static NO_AUDIENCE: Rule = Rule::invalid(
    "audience",
    "a round names the module, the people and the purpose that the annex must let through",
    "een ronde noemt de module, de mensen en het doel die de bijlage moet doorlaten",
);
static NOT_DIVIDED: Rule = Rule::invalid(
    "group",
    "this round is published without groups, so its answers name none",
    "deze ronde wordt zonder groepen gepubliceerd, dus de antwoorden noemen er geen",
);

/// One round, as the rules remember it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Round {
    /// The survey that is put.
    pub survey: SurveyId,
    /// Smallest group that is ever shown.
    pub floor: u16,
    /// The term of the answers.
    pub answers_scope: ScopeId,
    /// The term of identities and links.
    pub identity_scope: ScopeId,
    /// Whom it asks; unknown for rounds of before annexes were asked.
    pub audience: Option<Box<Audience>>,
    /// Whether it takes responses.
    pub open: bool,
    /// Response records outside imports; erasures do not change it.
    pub direct_responses: u64,
    /// What was published of it, in order.
    pub publications: Vec<Publication>,
    /// Who responded, as long as the round is open: a pseudonym responds once.
    pub(crate) responded: BTreeMap<SubjectId, Option<LeafId>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Surveys {
    pub(crate) surveys: BTreeMap<SurveyId, Vec<Question>>,
    pub(crate) rounds: BTreeMap<RoundId, Round>,
    /// Codes that belong to nobody.
    shared: BTreeMap<CodeDigest, Code>,
    /// Codes of invited people.
    personal: KeptMap<CodeDigest, Code>,
    /// Who of the invited answered, as far as that is recorded.
    answered: KeptMap<(RoundId, SubjectId), ()>,
}

impl Surveys {
    pub(crate) fn round(&self, round: RoundId) -> Result<&Round, Refusal> {
        self.rounds.get(&round).ok_or(Refusal::UnknownRound)
    }

    pub(crate) fn open_round(&self, id: RoundId) -> Result<&Round, Refusal> {
        let round = self.round(id)?;
        if round.open { Ok(round) } else { Err(Refusal::RoundClosed { round: id }) }
    }

    pub(crate) fn questions(&self, round: &Round) -> Result<&[Question], Refusal> {
        self.surveys.get(&round.survey).map(Vec::as_slice).ok_or(Refusal::UnknownSurvey)
    }

    pub(crate) fn define(
        &self,
        survey: SurveyId,
        title: &str,
        questions: &[Question],
    ) -> Result<Vec<Event>, Refusal> {
        if self.surveys.contains_key(&survey) {
            return Err(Refusal::IdInUse);
        }
        check_free_text(title, TITLE_BYTES_MAX, "title")?;
        check_questions(questions)?;
        let event =
            SurveyDefined { survey, title: title.to_owned(), questions: questions.to_vec() };
        Ok(vec![Event::Survey(SurveyEvent::SurveyDefined(event))])
    }

    fn open(&self, command: &Command) -> Result<Vec<Event>, Refusal> {
        let Command::OpenRound {
            round,
            survey,
            name,
            floor,
            answers_scope,
            identity_scope,
            audience,
        } = command
        else {
            return Ok(Vec::new());
        };
        if !self.surveys.contains_key(survey) {
            return Err(Refusal::UnknownSurvey);
        }
        let fresh = |scope: &ScopeId| !self.uses_scope(scope);
        let apart = answers_scope != identity_scope;
        if self.rounds.contains_key(round)
            || !apart
            || !fresh(answers_scope)
            || !fresh(identity_scope)
        {
            return Err(Refusal::IdInUse);
        }
        check_free_text(name, TITLE_BYTES_MAX, "name")?;
        if *floor < FLOOR_MIN {
            return Err(Refusal::FloorTooLow { min: FLOOR_MIN });
        }
        let event = RoundOpened {
            round: *round,
            survey: *survey,
            name: name.clone(),
            floor: *floor,
            answers_scope: *answers_scope,
            identity_scope: *identity_scope,
            audience: audience.clone(),
        };
        Ok(vec![Event::Survey(SurveyEvent::RoundOpened(event))])
    }

    fn uses_scope(&self, scope: &ScopeId) -> bool {
        let mut rounds = self.rounds.values();
        rounds.any(|round| round.answers_scope == *scope || round.identity_scope == *scope)
    }

    pub(crate) fn evolve(&mut self, event: &SurveyEvent) {
        match event {
            SurveyEvent::SurveyDefined(event) => {
                self.surveys.insert(event.survey, event.questions.clone());
            }
            SurveyEvent::RoundOpened(event) => {
                self.rounds.insert(event.round, new_round(event));
            }
            SurveyEvent::ResponseSubmitted(event) => {
                if let Some(round) = self.rounds.get_mut(&event.round) {
                    round.respond(event);
                }
            }
            SurveyEvent::CodesIssued(_)
            | SurveyEvent::GuestsInvited(_)
            | SurveyEvent::AnswersMarked(_)
            | SurveyEvent::RemindersListed(_) => self.evolve_codes(event),
            // Links leave no trace here: a person is linked as often as he or she responded.
            SurveyEvent::RespondentLinked(_) => {}
            SurveyEvent::RoundClosed(event) => {
                if let Some(round) = self.rounds.get_mut(&event.round) {
                    round.open = false;
                    round.responded.clear();
                }
                self.end_codes(event.round);
            }
        }
    }

    pub(crate) fn evolve_discover(&mut self, event: &DiscoverEvent) {
        match event {
            DiscoverEvent::AnalysisPublished(event) => {
                if let Some(round) = self.rounds.get_mut(&event.publication.round) {
                    round.publications.push(event.publication.clone());
                }
            }
        }
    }

    pub(crate) fn forget(&mut self, gone: &Forgotten) {
        let touched = self.rounds.values_mut().filter(|round| gone.touches(round.answers_scope));
        touched.for_each(|round| round.forget(gone));
        self.personal.forget(gone);
        self.answered.forget(gone);
    }
}

impl Round {
    fn forget(&mut self, gone: &Forgotten) {
        let scope = self.answers_scope;
        let covers = |subject, leaf| gone.covers(&PartKeys { subject, leaf, scope });
        match gone.few_owners(self.responded.len()) {
            None => self.responded.retain(|subject, leaf| !covers(*subject, *leaf)),
            Some(owners) => owners.iter().for_each(|subject| {
                if self.responded.get(subject).is_some_and(|leaf| covers(*subject, *leaf)) {
                    self.responded.remove(subject);
                }
            }),
        }
    }

    fn respond(&mut self, event: &ResponseSubmitted) {
        if event.import.is_none() {
            self.direct_responses = self.direct_responses.saturating_add(1);
        }
        let keys = event.response.keys().filter(|_| self.open);
        if let Some(keys) = keys {
            self.responded.insert(keys.subject, keys.leaf);
        }
    }
}

/// What the gate is asked about an audience.
pub(crate) trait Asks {
    fn asks<'a>(&'a self, fields: &'a [FieldId]) -> Asked<'a>;
}

impl Asks for Audience {
    fn asks<'a>(&'a self, fields: &'a [FieldId]) -> Asked<'a> {
        Asked { module: self.module, kind: self.kind, fields, purpose: &self.purpose }
    }
}

impl State {
    /// Nobody is asked what may not be taken.
    pub(crate) fn open_round(
        &self,
        command: &Command,
        now: TimestampMicros,
    ) -> Result<Vec<Event>, Refusal> {
        let Command::OpenRound { audience, .. } = command else { return Ok(Vec::new()) };
        let Some(audience) = audience else {
            NO_AUDIENCE.unless(!self.was_agreed())?;
            return self.surveys.open(command);
        };
        audience.school.map_or(Ok(()), |school| self.organisation.check_school(school))?;
        let events = self.surveys.open(command)?;
        self.pass(&audience.asks(&[FieldId::Answers]), Entrance::Route, 1, now)?;
        Ok(events)
    }

    pub(crate) fn submit_response(
        &self,
        command: &Command,
        now: TimestampMicros,
    ) -> Result<Vec<Event>, Refusal> {
        let Command::SubmitResponse { round: id, pseudonym, group, answers, import } = command
        else {
            return Ok(Vec::new());
        };
        let round = self.surveys.open_round(*id)?;
        self.erasures.check_scope(round.answers_scope)?;
        if let Some(import) = import {
            self.imports.takes_row(*import, *id)?;
        }
        check_free_text(group, GROUP_BYTES_MAX, "group")?;
        check_answers(self.surveys.questions(round)?, answers)?;
        if let Some(audience) = &round.audience {
            let entrance = if import.is_some() { Entrance::Import } else { Entrance::Route };
            self.pass(&audience.asks(&[FieldId::Answers]), entrance, 1, now)?;
            let divided = audience.division == Division::Groups;
            NOT_DIVIDED.unless(divided || group == TOGETHER)?;
        }
        if round.responded.contains_key(pseudonym) {
            return Err(Refusal::RespondedAlready);
        }
        let response = Response { group: group.clone(), answers: answers.clone() };
        let response = About::new(*pseudonym, round.answers_scope, response);
        let event = ResponseSubmitted { round: *id, import: *import, response };
        Ok(vec![Event::Survey(SurveyEvent::ResponseSubmitted(event))])
    }

    pub(crate) fn link_respondent(&self, command: &Command) -> Result<Vec<Event>, Refusal> {
        let Command::LinkRespondent { round: id, person, pseudonym, import } = command else {
            return Ok(Vec::new());
        };
        let round = self.surveys.round(*id)?;
        self.erasures.check_scope(round.identity_scope)?;
        if let Some(import) = import {
            self.imports.belongs_to(*import, *id)?;
        }
        if !self.people.knows(*person) {
            return Err(Refusal::SubjectUnknown);
        }
        let link = Link { person: *person, pseudonym: *pseudonym };
        let link = About::new(*person, round.identity_scope, link);
        let event = RespondentLinked { round: *id, import: *import, link };
        Ok(vec![Event::Survey(SurveyEvent::RespondentLinked(event))])
    }
}

fn new_round(event: &RoundOpened) -> Round {
    Round {
        survey: event.survey,
        floor: event.floor,
        answers_scope: event.answers_scope,
        identity_scope: event.identity_scope,
        audience: event.audience.clone(),
        open: true,
        direct_responses: 0,
        publications: Vec::new(),
        responded: BTreeMap::new(),
    }
}

fn check_questions(questions: &[Question]) -> Result<(), Refusal> {
    if questions.is_empty() {
        return Err(Refusal::Empty { field: "questions" });
    }
    check_limit(questions.len(), QUESTIONS_MAX, "questions")?;
    (1..).zip(questions).try_for_each(|(number, question)| check_question(number, question))
}

fn check_question(number: usize, question: &Question) -> Result<(), Refusal> {
    check_free_text(&question.text, QUESTION_BYTES_MAX, "question")?;
    let QuestionKind::Choice { options } = &question.kind else { return Ok(()) };
    if options.len() < 2 {
        return Err(Refusal::TooFewOptions { question: number });
    }
    check_limit(options.len(), OPTIONS_MAX, "options")?;
    options.iter().try_for_each(|option| check_free_text(option, OPTION_BYTES_MAX, "option"))
}

fn check_answers(questions: &[Question], answers: &[Answer]) -> Result<(), Refusal> {
    if questions.len() != answers.len() {
        return Err(Refusal::WrongAnswerCount { expected: questions.len(), found: answers.len() });
    }
    let mut pairs = (1..).zip(questions.iter().zip(answers));
    if let Some((question, _)) = pairs.find(|(_, (asked, answer))| !asked.kind.accepts(answer)) {
        return Err(Refusal::AnswerOutOfRange { question });
    }
    answers.iter().try_for_each(|answer| match answer {
        Answer::Text(text) => Ok(without_bsn("answers", text)?),
        Answer::NotApplicable | Answer::Score(_) | Answer::Choice(_) => Ok(()),
    })
}
