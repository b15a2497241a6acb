//! The same command id again: the same command, another one, or no longer comparable.

use events::{About, Event, SurveyEvent};

use super::harness::*;
use crate::{Command, Repeat, repeats};

fn recorded(given: &Given, command: &Command) -> Vec<Event> {
    given.when(command).events()
}

#[test]
fn the_same_command_is_recognised() {
    let state = open_round().does(&register(PERSON)).does(&start_import(0));
    let fresh = given([]);
    let commands = [
        (&state, submit(PSEUDONYM, answers(2))),
        (&fresh, register(PERSON)),
        (&state, Command::CompleteImport { import: IMPORT }),
        (
            &state,
            Command::LinkRespondent {
                round: ROUND,
                person: PERSON,
                pseudonym: PSEUDONYM,
                import: None,
            },
        ),
        (&state, Command::OrderErasure(ordered(vec![record::public::Cut::Subject(PERSON)]))),
    ];
    for (state, command) in &commands {
        assert_eq!(repeats(command, &recorded(state, command)), Repeat::Same, "{command:?}");
    }
    for (number, (state, command)) in commands.iter().enumerate() {
        let (_, other) = &commands[(number + 1) % commands.len()];
        assert_eq!(repeats(other, &recorded(state, command)), Repeat::Different);
    }
}

#[test]
fn a_close_is_recognised_by_its_two_events() {
    let close = Command::CloseRound { round: ROUND, responses: Vec::new() };
    let events = recorded(&open_round(), &close);
    // What opened may have changed since: the responses do not count.
    let later = Command::CloseRound { round: ROUND, responses: vec![gathered("H3a", 1)] };
    assert_eq!(repeats(&later, &events), Repeat::Same);
    assert_eq!(repeats(&later, &events[..1]), Repeat::Same);
    assert_eq!(repeats(&later, &[]), Repeat::Different);
}

#[test]
fn another_body_under_the_same_id_is_different() {
    let command = submit(PSEUDONYM, answers(2));
    let events = recorded(&open_round(), &command);
    assert_eq!(repeats(&submit(PSEUDONYM, answers(3)), &events), Repeat::Different);
    assert_eq!(repeats(&submit_row(1), &events), Repeat::Different);
}

#[test]
fn a_fresh_id_does_not_make_a_command_different() {
    let events = recorded(&open_round(), &submit(PSEUDONYM, answers(2)));
    assert_eq!(repeats(&submit(pseudonym(9), answers(2)), &events), Repeat::Same);
}

#[test]
fn an_erased_part_can_no_longer_be_compared() {
    let mut events = recorded(&open_round(), &submit(PSEUDONYM, answers(2)));
    let Event::Survey(SurveyEvent::ResponseSubmitted(event)) = &mut events[0] else { panic!() };
    event.response = About::Gone { leaf: LEAF, scope: ANSWERS };
    assert_eq!(repeats(&submit(PSEUDONYM, answers(3)), &events), Repeat::Erased);
    // The facts still tell another command apart.
    assert_eq!(repeats(&submit_row(1), &events), Repeat::Different);
}

#[test]
fn debug_shows_no_content() {
    let texts = [format!("{:?}", submit(PSEUDONYM, answers(2))), format!("{:?}", register(PERSON))];
    assert_eq!(texts, ["Command(submit-response)", "Command(register-person)"]);
}
