//! What an import leaves behind once the identities are gone.

use engine::{Answer, EngineError, ImportPlan, ImportRow};
use events::Identity;

use crate::world::{QUESTIONS, ROUND, World};

const ROWS: u8 = 40;

fn rows(named: bool) -> Vec<ImportRow> {
    let identity = |row: u8| Identity { name: format!("Pupil {row:02}"), email: None };
    let row = |row: u8| ImportRow {
        group: "3a".to_owned(),
        answers: vec![Answer::Text(format!("answer {row}")); QUESTIONS],
        identity: named.then(|| identity(row)),
    };
    (0..ROWS).map(row).collect()
}

/// The texts of the responses in the order of the journal.
fn texts(world: &World) -> Vec<String> {
    let tenant = world.engine.tenant(world.school).unwrap();
    let gathered = world.engine.gather(tenant, ROUND).unwrap();
    let text = |answers: Vec<Answer>| match answers.into_iter().next() {
        Some(Answer::Text(text)) => text,
        _ => String::new(),
    };
    gathered.into_iter().map(|response| text(response.answers)).collect()
}

#[test]
fn answers_of_named_rows_do_not_stand_in_the_order_of_the_source() {
    let mut world = World::new();
    let rows = rows(true);
    let plan = ImportPlan { name: "class list", round: ROUND, rows: &rows };
    world.engine.import(world.school, &plan, &mut |_, _| {}).unwrap();

    let source: Vec<String> = (0..ROWS).map(|row| format!("answer {row}")).collect();
    let (mut found, mut sorted) = (texts(&world), source.clone());
    assert!(found != source);
    found.sort_unstable();
    sorted.sort_unstable();
    assert_eq!(found, sorted);
}

#[test]
fn an_import_that_began_without_names_does_not_go_on_with_them() {
    let mut world = World::new();
    let mut bad = rows(false);
    bad[30].answers.clear();
    let plan = ImportPlan { name: "class list", round: ROUND, rows: &bad };
    assert!(world.engine.import(world.school, &plan, &mut |_, _| {}).is_err());

    let named = rows(true);
    let plan = ImportPlan { name: "class list", round: ROUND, rows: &named };
    let refused = world.engine.import(world.school, &plan, &mut |_, _| {});

    assert!(matches!(refused, Err(EngineError::CommandReused)), "{refused:?}");
}

#[test]
fn an_abandoned_import_leaves_no_key() {
    let mut world = World::new();
    let mut bad = rows(true);
    bad[30].answers.clear();
    let plan = ImportPlan { name: "class list", round: ROUND, rows: &bad };
    assert!(world.engine.import(world.school, &plan, &mut |_, _| {}).is_err());
    let before = people(&world);

    let receipts =
        world.engine.abandon_import(world.school, "class list", crate::world::PRINCIPAL).unwrap();

    assert!(before.len() > usize::from(ROWS) && people(&world).is_empty());
    assert_eq!(receipts.len(), 1);
    let tenant = world.engine.tenant(world.school).unwrap();
    assert!(tenant.views().surveys().response_ranges(ROUND).is_empty());
}

fn people(world: &World) -> Vec<String> {
    let subjects = world.engine.subjects(world.school).unwrap();
    subjects.into_iter().map(|row| row.subject).collect()
}
