//! Closing publishes; a later publication must not be subtractable from an earlier one.

use events::discover::Shown;
use events::{DiscoverEvent, Event, Publication, SurveyEvent};

use super::harness::*;
use crate::{Command, Gathered, Refusal};

/// A round with this many responses, of which the first are gathered.
fn round_of(responses: u8) -> Given {
    (0..responses).fold(open_round(), |state, number| {
        state.does(&submit(pseudonym(number), answers(1 + number % 4)))
    })
}

fn rows(count: u8) -> Vec<Gathered> {
    (0..count).map(|number| gathered("H3a", 1 + number % 4)).collect()
}

fn close(responses: Vec<Gathered>) -> Command {
    Command::CloseRound { round: ROUND, responses }
}

fn publish(responses: Vec<Gathered>) -> Command {
    Command::PublishAnalysis { round: ROUND, responses }
}

fn publication(event: &Event) -> &Publication {
    match event {
        Event::Discover(DiscoverEvent::AnalysisPublished(event)) => &event.publication,
        _ => panic!("not a publication"),
    }
}

#[test]
fn closing_a_round_publishes_its_analysis() {
    let events = round_of(40).when(&close(rows(40))).events();
    assert!(matches!(&events[0], Event::Survey(SurveyEvent::RoundClosed(_))));
    let publication = publication(&events[1]);
    assert_eq!((publication.round, publication.floor, publication.responses), (ROUND, 5, 40));
    let everyone = &publication.questions[0].cells[0];
    assert!(matches!(everyone.shown, Shown::Full { n: 40, .. }), "{everyone:?}");
    // Open text is never in a publication, and only counted.
    let open = &publication.questions[2].cells[0];
    assert!(matches!(open.shown, Shown::Count { n: 40 } | Shown::Hidden), "{open:?}");
}

#[test]
fn a_round_below_the_floor_shows_nothing() {
    let events = round_of(4).when(&close(rows(4))).events();
    let cells = publication(&events[1]).questions.iter().flat_map(|question| &question.cells);
    assert!(cells.into_iter().all(|cell| cell.shown == Shown::Hidden));
}

#[test]
fn a_round_closes_once_and_is_published_again_only_when_closed() {
    let refusal = Refusal::RoundClosed { round: ROUND };
    let closed = round_of(12).does(&close(rows(12)));
    closed.when(&close(rows(12))).then_refused(refusal);
    round_of(12).when(&publish(rows(12))).then_refused(Refusal::RoundOpen);
}

#[test]
fn the_same_numbers_are_not_published_twice() {
    let state = round_of(12).does(&close(rows(12)));
    state.when(&publish(rows(12))).then_refused(Refusal::NothingChanged);
}

#[test]
fn one_to_four_people_fewer_are_too_close() {
    let state = round_of(40).does(&close(rows(40)));
    for erased in 1..5 {
        state.when(&publish(rows(40 - erased))).then_refused(Refusal::TooCloseToEarlier);
    }
}

#[test]
fn a_later_publication_may_differ_by_the_floor_and_from_every_earlier_one() {
    // Only everyone together: with a group, the erased people's groups are not known any more.
    let given = round_of(80).does(&close(rows(80)));
    let outcome = given.when(&publish(rows(40)));
    let events = outcome.events();
    assert_eq!(publication(&events[0]).responses, 40);
    let given = given.does(&publish(rows(40)));
    given.when(&publish(rows(38))).then_refused(Refusal::TooCloseToEarlier);
    assert_eq!(given.state.round(ROUND).unwrap().publications.len(), 2);
}

#[test]
fn more_cells_than_a_record_holds_are_refused() {
    let questions = vec![
        events::Question { text: "?".into(), kind: events::QuestionKind::Agree4 };
        events::survey::QUESTIONS_MAX
    ];
    let survey = events::SurveyDefined { survey: SURVEY, title: "Lang".into(), questions };
    let survey = Event::Survey(SurveyEvent::SurveyDefined(survey));
    let skipped = vec![events::Answer::NotApplicable; events::survey::QUESTIONS_MAX];
    let groups = 101_u16;
    let group = |number: u16| format!("{number:0>100}");
    let mut state = given([survey, opened()]);
    for number in 0..groups {
        let [high, low] = number.to_be_bytes();
        let mut bytes = [0; 16];
        bytes[0..2].copy_from_slice(&[high, low]);
        state = state.does(&Command::SubmitResponse {
            round: ROUND,
            pseudonym: record::SubjectId::from_bytes(bytes),
            group: group(number),
            answers: skipped.clone(),
            import: None,
        });
    }
    let rows = (0..groups)
        .map(|number| Gathered { group: group(number), answers: skipped.clone() })
        .collect();
    state.when(&close(rows)).then_refused(Refusal::TooManyGroups);
}

#[test]
fn responses_cannot_be_more_than_recorded() {
    round_of(12).when(&close(rows(13))).then_refused(Refusal::TooManyResponses);
    let state = round_of(12).does(&close(rows(6)));
    state.when(&publish(rows(12))).then_refused(Refusal::TooManyResponses);
}
