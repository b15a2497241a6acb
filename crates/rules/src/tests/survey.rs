//! Surveys are defined, rounds opened, responses submitted and linked.

use events::{
    About, Answer, Event, Link, Question, QuestionKind, RespondentLinked, Response,
    ResponseSubmitted, SurveyEvent, SurveyId,
};
use record::ScopeId;

use super::harness::*;
use crate::{Command, Refusal};

fn define(questions: Vec<Question>) -> Command {
    Command::DefineSurvey { survey: SURVEY, title: "Leerlingen".into(), questions }
}

fn open(floor: u16) -> Command {
    Command::OpenRound {
        round: ROUND,
        survey: SURVEY,
        name: "Voorjaar".into(),
        floor,
        answers_scope: ANSWERS,
        identity_scope: IDENTITIES,
        audience: None,
    }
}

#[test]
fn a_survey_is_defined_once() {
    given([]).when(&define(questions())).then([defined()]);
    given([defined()]).when(&define(questions())).then_refused(Refusal::IdInUse);
}

#[test]
fn a_survey_keeps_its_limits() {
    given([]).when(&define(Vec::new())).then_refused(Refusal::Empty { field: "questions" });
    let many = vec![Question { text: "?".into(), kind: QuestionKind::Open }; 201];
    let limit = Refusal::TooLarge { field: "questions", limit: 200 };
    given([]).when(&define(many)).then_refused(limit);
    let kind = QuestionKind::Choice { options: vec!["één".into()] };
    let lonely = vec![Question { text: "?".into(), kind }];
    given([]).when(&define(lonely)).then_refused(Refusal::TooFewOptions { question: 1 });
}

#[test]
fn a_round_needs_a_survey_a_floor_and_fresh_scopes() {
    given([]).when(&open(5)).then_refused(Refusal::UnknownSurvey);
    given([defined()]).when(&open(4)).then_refused(Refusal::FloorTooLow { min: 5 });
    given([defined()]).when(&open(5)).then([opened()]);
    open_round().when(&open(5)).then_refused(Refusal::IdInUse);
}

#[test]
fn answers_and_identities_never_share_a_scope() {
    let mut command = open(5);
    let Command::OpenRound { identity_scope, .. } = &mut command else { unreachable!() };
    *identity_scope = ANSWERS;
    given([defined()]).when(&command).then_refused(Refusal::IdInUse);
}

#[test]
fn a_scope_of_another_round_is_not_fresh() {
    let mut command = open(5);
    let Command::OpenRound { round, answers_scope, .. } = &mut command else { unreachable!() };
    *round = events::RoundId::from_bytes([99; 16]);
    *answers_scope = ScopeId::from_bytes([98; 16]);
    open_round().when(&command).then_refused(Refusal::IdInUse);
}

#[test]
fn a_response_stands_under_its_pseudonym_and_the_answers_scope() {
    let response = Response { group: "H3a".into(), answers: answers(3) };
    let event = ResponseSubmitted {
        round: ROUND,
        import: None,
        response: About::new(PSEUDONYM, ANSWERS, response),
    };
    let event = Event::Survey(SurveyEvent::ResponseSubmitted(event));
    open_round().when(&submit(PSEUDONYM, answers(3))).then([event]);
}

#[test]
fn a_pseudonym_responds_once() {
    open_round()
        .does(&submit(PSEUDONYM, answers(3)))
        .when(&submit(PSEUDONYM, answers(2)))
        .then_refused(Refusal::RespondedAlready);
}

#[test]
fn answers_fit_their_questions() {
    let short = Refusal::WrongAnswerCount { expected: 3, found: 1 };
    open_round().when(&submit(PSEUDONYM, vec![Answer::Score(1)])).then_refused(short);
    let out = Refusal::AnswerOutOfRange { question: 1 };
    open_round().when(&submit(PSEUDONYM, answers(5))).then_refused(out);
    let mut choice = answers(1);
    choice[1] = Answer::Score(1);
    let out = Refusal::AnswerOutOfRange { question: 2 };
    open_round().when(&submit(PSEUDONYM, choice)).then_refused(out);
}

#[test]
fn a_closed_round_takes_no_response() {
    given([defined(), opened(), closed()])
        .when(&submit(PSEUDONYM, answers(1)))
        .then_refused(Refusal::RoundClosed { round: ROUND });
    given([]).when(&submit(PSEUDONYM, answers(1))).then_refused(Refusal::UnknownRound);
}

#[test]
fn a_link_stands_under_the_person_and_the_identity_scope() {
    let command = Command::LinkRespondent {
        round: ROUND,
        person: PERSON,
        pseudonym: PSEUDONYM,
        import: None,
    };
    open_round().when(&command).then_refused(Refusal::SubjectUnknown);
    let link = About::new(PERSON, IDENTITIES, Link { person: PERSON, pseudonym: PSEUDONYM });
    let event = RespondentLinked { round: ROUND, import: None, link };
    let event = Event::Survey(SurveyEvent::RespondentLinked(event));
    open_round().does(&register(PERSON)).when(&command).then([event.clone()]);
    // Links may also come at the close of a round, so that none stands beside its answer.
    given([defined(), opened(), closed()]).does(&register(PERSON)).when(&command).then([event]);
}

#[test]
fn the_state_answers_what_is_open() {
    let state = open_round().state;
    assert_eq!(state.open_rounds(), [ROUND]);
    assert_eq!(state.questions(SURVEY), Some(questions().as_slice()));
    assert_eq!(state.questions(SurveyId::from_bytes([77; 16])), None);
    assert_eq!(state.round(ROUND).unwrap().identity_scope, IDENTITIES);
    assert!(given([defined(), opened(), closed()]).state.open_rounds().is_empty());
}
