//! A whole download takes the place of the one before, which then opens no more.

use events::Event;
use events::sync::CouplingSwitchedOff;
use record::Seq;
use standins::System;

use crate::world::*;

#[test]
fn both_systems_replace_the_contacts_of_last_week() {
    for system in BOTH {
        let mut world = World::new(system);
        world.week(system, 7, 25);
        assert_eq!(world.addresses(), served(7, 25));
        let last = world.contacts();
        world.week(system, 7, 27);
        assert_eq!(world.addresses(), served(7, 27));
        assert!(world.contacts().is_superset(&last), "whoever stays is the same person");
        assert_eq!(world.row(), ("replaced".to_owned(), None));
        world.is_as_rebuilt();
        let world = world.reopened();
        assert_eq!(world.addresses(), served(7, 27));
    }
}

/// How many contacts of each record still open.
fn opening(world: &World, places: &[Seq]) -> usize {
    let opens = |seq: &&Seq| match world.engine.reopened(world.school, **seq).unwrap() {
        Some(Event::Sync(events::SyncEvent::ContactDelivered(event))) => {
            event.contact.value().is_some()
        }
        _ => false,
    };
    places.iter().filter(opens).count()
}

fn places(world: &World) -> Vec<Seq> {
    let tenant = world.engine.tenant(world.school).unwrap();
    let contacts = tenant.views().syncs().contacts_of(COUPLING, None, 1_000);
    contacts.into_iter().map(|(_, seq)| seq).collect()
}

#[test]
fn last_weeks_contacts_open_no_more_and_a_receipt_says_so() {
    let mut world = World::new(System::Afas);
    world.week(System::Afas, 7, 25);
    let last = places(&world);
    assert_eq!(opening(&world, &last), 25, "the control: they open before");
    world.week(System::Afas, 7, 25);
    assert_eq!(opening(&world, &last), 0);
    assert_eq!(opening(&world, &places(&world)), 25);
    let world = world.reopened();
    assert_eq!(opening(&world, &last), 0);
    let erasures = world.engine.tenant(world.school).unwrap().views().erasures().list();
    let [done] = erasures.erasures.as_slice() else { unreachable!("one erasure") };
    assert_eq!(done.ground, "sync-replaced");
}

#[test]
fn a_coupling_that_is_switched_off_leaves_no_contact_and_locks_nobody_out() {
    let mut world = World::new(System::Somtoday);
    let (_, _, account) = world.person(9, &served(7, 1).pop_first().unwrap());
    world.week(System::Somtoday, 7, 25);
    let last = places(&world);
    let off = CouplingSwitchedOff { coupling: COUPLING, by: Some(world.by) };
    world.engine.end_sync(world.school, off.into(), Some(world.by)).unwrap();
    assert!(world.contacts().is_empty());
    assert_eq!(opening(&world, &last), 0);
    let state = world.engine.tenant(world.school).unwrap().state();
    assert_eq!(state.account(account).unwrap().1.suspended, None);
    let login = served(7, 1).pop_first().unwrap();
    assert_eq!(world.engine.login_name(world.school, account).unwrap(), Some(login));
    world.is_as_rebuilt();
}
