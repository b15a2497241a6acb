//! On Sunday at the hour that was set, as the clock shows it in the Netherlands; a Sunday that was
//! missed is made up for.

use standins::System;

use crate::world::*;

/// Sunday 29 November 2026, 03:00 in the Netherlands.
const SUNDAY: u64 = 1_795_917_600_000_000;

fn is_due(world: &World) -> bool {
    let state = world.engine.tenant(world.school).unwrap().state();
    !state.due_syncs(world.engine.now()).is_empty()
}

#[test]
fn a_coupling_is_due_on_sunday_and_once() {
    let mut world = World::new(System::Afas);
    assert!(!is_due(&world));
    world.hands.put(SUNDAY - 1);
    assert!(!is_due(&world));
    world.hands.put(SUNDAY);
    assert!(is_due(&world));
    world.week(System::Afas, 7, 25);
    assert!(!is_due(&world));
    world.hands.put(SUNDAY + 3 * 24 * HOUR);
    assert!(!is_due(&world));
    world.hands.put(SUNDAY + 12 * 24 * HOUR);
    assert!(is_due(&world), "the Sunday in between was missed");
}

#[test]
fn a_run_that_was_interrupted_is_ended_on_opening_and_due_again() {
    let mut world = World::new(System::Afas);
    world.week(System::Afas, 7, 25);
    let last = world.contacts();
    world.hands.put(SUNDAY + 7 * 24 * HOUR);
    world.engine.start_sync(world.school, COUPLING).unwrap();
    assert!(!is_due(&world));
    let world = world.reopened();
    assert_eq!(world.row(), ("failed".to_owned(), Some("interrupted".to_owned())));
    assert!(is_due(&world));
    assert_eq!(world.contacts(), last);
}
