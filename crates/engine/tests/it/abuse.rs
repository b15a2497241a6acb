//! Attempts to keep a key alive, to be told a thing is done that is not, and to stop the engine.

use engine::{EngineError, Request};
use record::public::{
    Cut, ErasureApproved, ErasureCompleted, ErasureFenced, ErasureOrdered, KeysDestroyed,
    PartsPurged, TenantStarted,
};
use record::{CommandId, LeafId, OrderId, ScopeId, SubjectId};
use rules::Command;

use crate::world::{OFFICER, PRINCIPAL, QUESTIONS, World, request, response};

const ANNA: SubjectId = SubjectId::from_bytes([20; 16]);

#[test]
fn a_pseudonym_linked_while_the_order_waits_is_erased_with_its_person() {
    let mut world = World::new();
    world.register(ANNA);
    let (early, late) = (SubjectId::from_bytes([21; 16]), SubjectId::from_bytes([22; 16]));
    let stranger = SubjectId::from_bytes([23; 16]);
    for pseudonym in [early, late, stranger] {
        world.respond(pseudonym);
    }
    world.link(ANNA, early);
    let order =
        world.engine.order_erasure(world.school, request(vec![Cut::Subject(ANNA)])).unwrap();
    world.link(ANNA, late);

    let approval = ErasureApproved { order, approved_by: OFFICER };
    world.engine.approve_erasure(world.school, approval).unwrap();

    assert_eq!([ANNA, early, late].map(|subject| world.kept_of(subject)), [0, 0, 0]);
    assert_eq!(world.kept_of(stranger), 1);
}

#[test]
fn an_order_that_waits_does_not_tell_whose_a_pseudonym_is() {
    let mut world = World::new();
    world.register(ANNA);
    let pseudonym = SubjectId::from_bytes([21; 16]);
    world.respond(pseudonym);
    world.link(ANNA, pseudonym);

    let order =
        world.engine.order_erasure(world.school, request(vec![Cut::Subject(ANNA)])).unwrap();

    let state = world.engine.tenant(world.school).unwrap().state();
    assert_eq!(state.order(order).unwrap().targets, [Cut::Subject(ANNA)]);
}

#[test]
fn nothing_is_ordered_of_which_no_key_can_be_destroyed() {
    let mut world = World::new();
    let permanent = world.engine.permanent_scope(world.school).unwrap();
    let targets = [
        Cut::Scope(permanent),
        Cut::Scope(ScopeId::from_bytes([40; 16])),
        Cut::Leaf(LeafId::from_bytes([41; 16])),
        Cut::Subject(SubjectId::from_bytes([42; 16])),
    ];
    for target in targets {
        let refused = world.engine.order_erasure(world.school, request(vec![target]));
        assert!(matches!(refused, Err(EngineError::NothingKept)), "{target:?}: {refused:?}");
    }
}

#[test]
fn a_step_of_an_erasure_is_no_ordinary_command() {
    let mut world = World::new();
    let order = OrderId::from_bytes([50; 16]);
    let ordered = ErasureOrdered {
        order,
        ground: "art-17".to_owned(),
        ordered_by: PRINCIPAL,
        four_eyes: false,
        targets: vec![Cut::Scope(ScopeId::from_bytes([8; 16]))],
    };
    let approved = ErasureApproved { order, approved_by: OFFICER };
    let (leaves, scopes) = (Vec::new(), Vec::new());
    let fence = ErasureFenced {
        order,
        epoch_before: 1,
        tenant: false,
        leaves: leaves.clone(),
        scopes: scopes.clone(),
    };
    let receipt = KeysDestroyed {
        order,
        ground: "art-17".to_owned(),
        approved_by: OFFICER,
        epoch_before: 1,
        epoch_after: 2,
        level: 1,
        backup_days: 0,
        tenant: false,
        leaves,
        scopes,
    };
    let purged = PartsPurged { order, parts: Vec::new() };
    let started = TenantStarted { operator: world.school, name: "another".to_owned() };
    for command in [
        Command::StartTenant(started),
        Command::OrderErasure(ordered),
        Command::ApproveErasure(approved),
        Command::ApproveAndFence { approval: approved, fence: fence.clone() },
        Command::FenceErasure(fence),
        Command::RecordReceipt(receipt),
        Command::CompleteErasure(ErasureCompleted { order }),
        Command::PurgeParts(purged),
    ] {
        let refused = world.attempt(command);
        assert!(matches!(refused, Err(EngineError::OwnStep)), "{refused:?}");
    }
}

#[test]
fn more_bytes_than_a_batch_holds_are_taken_in_several_and_stop_nobody() {
    let mut world = World::new();
    let text = "x".repeat(2_000);
    let request = |number: u16| {
        let mut bytes = [60; 16];
        bytes[..2].copy_from_slice(&number.to_be_bytes());
        let command = response(SubjectId::from_bytes(bytes), &text);
        Request { id: CommandId::from_bytes(bytes), command }
    };
    let requests: Vec<Request> = (0..600).map(request).collect();
    const { assert!(600 * QUESTIONS * 2_000 > journal::BATCH_BYTES_MAX) };

    let answers = world.engine.execute(world.school, &requests).unwrap();

    assert!(answers.len() == 600 && answers.iter().all(Result::is_ok));
    world.engine.ready().unwrap();
    let places: Vec<u64> = answers.into_iter().map(|answer| answer.unwrap().seq.0).collect();
    assert!(places.is_sorted_by(|one, next| one + 1 == *next));
}
