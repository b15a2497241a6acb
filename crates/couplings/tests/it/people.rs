//! Who is delivered is the same person every week; who is missing is suspended and never lost.

use events::About;
use events::access::SuspendedBecause;
use events::sync::{DecidedOf, MissingDecided, MissingDecision};
use standins::{Habit, Mischief, System};

use crate::world::*;

#[test]
fn a_person_known_by_hand_is_found_by_the_login_name() {
    let mut world = World::new(System::Afas);
    let address = served(7, 1).pop_first().unwrap();
    let (person, ..) = world.person(9, &address);
    world.week(System::Afas, 7, 25);
    assert!(world.contacts().contains(&(address, person)));
}

#[test]
fn whoever_is_missing_is_suspended_and_resumed_when_back() {
    let mut world = World::new(System::Afas);
    let mut all: Vec<_> = standins::People { seed: 7, count: 25 }.all();
    let address = all.pop().unwrap().email;
    let (person, _, account) = world.person(9, &address);
    world.week(System::Afas, 7, 25);
    let suspended = |world: &World| {
        let state = world.engine.tenant(world.school).unwrap().state();
        state.account(account).unwrap().1.suspended
    };
    let missing = |world: &World| {
        let state = world.engine.tenant(world.school).unwrap().state();
        state.missing_people(COUPLING).collect::<Vec<_>>()
    };
    world.week(System::Afas, 7, 24);
    assert_eq!(suspended(&world), Some(SuspendedBecause::MissingInSync));
    assert_eq!(missing(&world), [(person, None)]);
    world.is_as_rebuilt();
    world.week(System::Afas, 7, 25);
    assert_eq!(suspended(&world), None);
    assert_eq!(missing(&world), []);
    world.week(System::Afas, 7, 24);
    let decision = MissingDecision::Keep;
    let scope = world.engine.permanent_scope(world.school).unwrap();
    let decided = About::new(person, scope, DecidedOf { coupling: COUPLING, decision });
    let by = world.by;
    world.does(MissingDecided { by, person: decided });
    assert_eq!(suspended(&world), None, "a person decided that the account stays");
    assert_eq!(missing(&world), [(person, Some(decision))]);
    world.week(System::Afas, 7, 24);
    assert_eq!(suspended(&world), None, "the decision holds the week after");
    world.is_as_rebuilt();
}

#[test]
fn a_row_with_a_private_address_is_counted_and_not_recorded() {
    let mut world = World::new(System::Afas);
    let mischief = Mischief::always(Habit::PrivateAddress);
    world.sync(mischievous(System::Afas, 25, mischief)).unwrap();
    let tenant = world.engine.tenant(world.school).unwrap();
    let last = tenant.views().syncs().coupling(COUPLING).unwrap().last.unwrap();
    assert!(last.stopped.iter().any(|one| one.name == "other-domain" && one.count > 0));
}

#[test]
fn a_field_without_a_tick_is_counted_and_never_stored() {
    let mut world = World::new(System::Afas);
    world.week(System::Afas, 7, 25);
    let tenant = world.engine.tenant(world.school).unwrap();
    let rejected: Vec<_> = tenant.views().rejections().fields().collect();
    assert!(rejected.iter().any(|row| row.field == "prefix" && row.entrance == "connector"));
    let contacts = world.engine.contacts(world.school, COUPLING, None, 100).unwrap();
    assert!(contacts.iter().all(|(_, entry)| entry.prefix.is_none()));
    assert!(contacts.iter().all(|(_, entry)| entry.surname.is_some()));
}
