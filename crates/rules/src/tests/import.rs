//! The rows of an import count when all are there, or never.

use events::{About, Event, ImportCompleted, ImportEvent, ImportSecret, ImportStarted, RoundId};
use record::{Seq, SubjectId};

use super::harness::*;
use crate::{Command, ImportHolder, ImportStage, Refusal};

const COMPLETE: Command = Command::CompleteImport { import: IMPORT };
const ABANDON: Command = Command::AbandonImport { import: IMPORT };

#[test]
fn the_secret_stands_under_its_holder_and_the_identity_scope() {
    let holder = SubjectId::from_bytes([0x33; 16]);
    let mut command = start_import(2);
    let Command::StartImport { identities, .. } = &mut command else { unreachable!() };
    *identities = Some(ImportHolder { holder, seed: [0x5E; 32] });
    let secret = About::new(holder, IDENTITIES, ImportSecret { seed: [0x5E; 32] });
    let event = ImportStarted {
        import: IMPORT,
        name: "Voorjaar".into(),
        round: ROUND,
        rows: 2,
        identities: Some(secret),
    };
    open_round().when(&command).then([Event::Import(ImportEvent::ImportStarted(event))]);
}

#[test]
fn an_import_completes_with_its_last_row() {
    let one = open_round().does(&start_import(2)).does(&submit_row(1));
    one.when(&COMPLETE).then_refused(Refusal::ImportIncomplete { expected: 2, found: 1 });
    let two = one.does(&submit_row(2));
    two.when(&submit_row(3)).then_refused(Refusal::ImportFull { rows: 2 });
    let event = ImportEvent::ImportCompleted(ImportCompleted { import: IMPORT });
    two.when(&COMPLETE).then([Event::Import(event)]);
}

#[test]
fn a_completed_name_is_already_handled() {
    let state = open_round().does(&start_import(0)).does(&COMPLETE);
    let refusal = || Refusal::AlreadyCompleted { import: IMPORT };
    state.when(&start_import(1)).then_refused(refusal());
    state.when(&COMPLETE).then_refused(refusal());
    state.when(&ABANDON).then_refused(refusal());
    assert_eq!(state.state.import_stage("Voorjaar"), Some(ImportStage::Completed));
}

#[test]
fn a_started_import_is_found_again_by_its_name() {
    let state = open_round().does(&start_import(2));
    let started = ImportStage::Started { import: IMPORT, seq: Seq(3) };
    assert_eq!(state.state.import_stage("Voorjaar"), Some(started));
    assert_eq!(state.state.import_stage("Najaar"), None);
    state.when(&start_import(2)).then_refused(Refusal::ImportUnderway { import: IMPORT });
}

#[test]
fn an_abandoned_import_frees_its_name_and_takes_no_row() {
    let state = open_round().does(&start_import(2)).does(&submit_row(1)).does(&ABANDON);
    assert_eq!(state.state.import_stage("Voorjaar"), None);
    state.when(&submit_row(2)).then_refused(Refusal::ImportAbandoned);
    let mut again = start_import(2);
    state.when(&again).then_refused(Refusal::IdInUse);
    let Command::StartImport { import, .. } = &mut again else { unreachable!() };
    *import = events::ImportId::from_bytes([0x44; 16]);
    assert_eq!(state.when(&again).events().len(), 1);
}

#[test]
fn a_round_waits_for_its_imports() {
    let close = Command::CloseRound { round: ROUND, responses: Vec::new() };
    let state = open_round().does(&start_import(1));
    state.when(&close).then_refused(Refusal::ImportUnfinished { import: IMPORT });
    assert_eq!(state.does(&ABANDON).when(&close).events().len(), 2);
}

#[test]
fn rows_belong_to_the_round_of_their_import() {
    let mut row = submit_row(1);
    open_round().when(&row).then_refused(Refusal::UnknownImport);
    let other = RoundId::from_bytes([0x22; 16]);
    let mut start = start_import(1);
    let Command::StartImport { round, .. } = &mut start else { unreachable!() };
    *round = other;
    open_round().when(&start).then_refused(Refusal::UnknownRound);
    let Command::SubmitResponse { round, .. } = &mut row else { unreachable!() };
    *round = other;
    open_round().does(&start_import(1)).when(&row).then_refused(Refusal::UnknownRound);
}

#[test]
fn identities_of_an_import_belong_to_the_identity_scope() {
    let register = |scope| Command::RegisterPerson {
        person: PERSON,
        scope,
        identity: identity(),
        import: Some(IMPORT),
    };
    let state = open_round().does(&start_import(1));
    state.when(&register(PERMANENT)).then_refused(Refusal::WrongScope);
    assert_eq!(state.when(&register(IDENTITIES)).events().len(), 1);
}

#[test]
fn rows_have_a_limit() {
    let refusal = Refusal::TooLarge { field: "rows", limit: 1_000_000 };
    open_round().when(&start_import(1_000_001)).then_refused(refusal);
}
