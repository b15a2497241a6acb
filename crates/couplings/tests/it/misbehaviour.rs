//! A source that fails or cannot be right changes nothing that holds.

use events::sync::{ContactsReplaced, SyncRejected};
use standins::{Habit, Mischief, System};

use crate::world::*;

fn habits() -> Vec<Habit> {
    vec![
        Habit::Answer { status: 500, body: "{}" },
        Habit::Answer { status: 403, body: "{}" },
        Habit::Redirect { to: "http://127.0.0.1:9/elsewhere".to_owned() },
        Habit::NotJson,
        Habit::NotUtf8,
        Habit::WrongShape,
        Habit::CutShort,
        Habit::HangUp,
        Habit::Deep,
        Habit::SamePage,
        Habit::MoreRows,
    ]
}

#[test]
fn each_misbehaviour_leaves_last_weeks_contacts_whole() {
    for system in BOTH {
        let mut world = World::new(system);
        world.week(system, 7, 25);
        let last = world.contacts();
        for habit in habits() {
            // After a good page: some people are recorded before it goes wrong.
            let at = Mischief { after: 1, ..Mischief::always(habit.clone()) };
            let outcome = world.sync(mischievous(system, 25, at)).unwrap();
            assert!(outcome.failed.is_some(), "{system:?} {habit:?}");
            assert_eq!(world.contacts(), last, "{system:?} {habit:?}");
            assert_eq!(world.row().0, "failed");
        }
        world.is_as_rebuilt();
        let mut world = world.reopened();
        assert_eq!(world.contacts(), last);
        world.week(system, 7, 25);
        assert_eq!(world.contacts(), last);
    }
}

#[test]
fn far_fewer_people_wait_for_a_decision() {
    let mut world = World::new(System::Afas);
    world.week(System::Afas, 7, 25);
    let last = world.contacts();
    let held = world.week(System::Afas, 7, 10);
    assert_eq!(world.row(), ("held".to_owned(), Some("far-fewer".to_owned())));
    assert_eq!(world.contacts(), last);
    let mut world = world.reopened();
    assert_eq!(world.row().0, "held", "a decision outlives a restart");
    let rejected = SyncRejected { run: held.run, by: Some(world.by) };
    world.engine.end_sync(world.school, rejected.into(), Some(world.by)).unwrap();
    assert_eq!(world.contacts(), last);
    let held = world.week(System::Afas, 7, 10);
    let released = ContactsReplaced { run: held.run, by: Some(world.by) };
    world.engine.end_sync(world.school, released.into(), Some(world.by)).unwrap();
    assert_eq!(world.addresses(), served(7, 10));
    world.is_as_rebuilt();
}

#[test]
fn nobody_at_all_is_held_and_so_is_everybody_else() {
    let mut world = World::new(System::Afas);
    world.week(System::Afas, 7, 0);
    assert_eq!(world.row(), ("held".to_owned(), Some("nobody".to_owned())));
    let mut world = World::new(System::Afas);
    world.week(System::Afas, 7, 25);
    world.week(System::Afas, 8, 25);
    assert_eq!(world.row(), ("held".to_owned(), Some("too-many-missing".to_owned())));
}
