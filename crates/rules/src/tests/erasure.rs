//! Ordered, approved, fenced, destroyed, completed: in this order and no other.

use events::{ErasureEvent, Event};
use record::public::{Cut, ErasureFenced, KeysDestroyed, PartsPurged};
use record::{LeafId, OrderId, Seq};

use super::harness::*;
use crate::{Command, Refusal, Stage};

fn order() -> Command {
    Command::OrderErasure(ordered(vec![Cut::Subject(PERSON)]))
}

fn steps() -> [Command; 5] {
    [
        order(),
        Command::ApproveErasure(approved()),
        Command::FenceErasure(fenced()),
        Command::RecordReceipt(receipt()),
        Command::CompleteErasure(completed()),
    ]
}

#[test]
fn the_steps_follow_one_order() {
    let wrong = || Refusal::WrongStage { order: ORDER };
    for done in 1..=5 {
        let state = steps()[..done].iter().fold(given([]), |state, step| state.does(step));
        for (number, step) in steps().iter().enumerate().skip(1) {
            match number == done {
                true => assert_eq!(state.when(step).events().len(), 1),
                false => state.when(step).then_refused(wrong()),
            }
        }
    }
}

#[test]
fn an_unknown_order_goes_nowhere() {
    for step in &steps()[1..] {
        given([]).when(step).then_refused(Refusal::UnknownOrder);
    }
}

#[test]
fn the_state_tells_the_stage_of_each_order() {
    let stages =
        [Stage::Ordered, Stage::Approved, Stage::Fenced, Stage::Destroyed, Stage::Completed];
    let mut state = given([]);
    for (step, stage) in steps().iter().zip(stages) {
        state = state.does(step);
        assert_eq!(state.state.order(ORDER).unwrap().stage, stage);
        assert_eq!(state.state.orders_in(stage), [ORDER]);
    }
    assert!(state.state.orders_in(Stage::Ordered).is_empty());
}

#[test]
fn four_eyes_are_two_people() {
    let mut approval = approved();
    approval.approved_by = ASKER;
    let command = Command::ApproveErasure(approval);
    given([]).does(&order()).when(&command).then_refused(Refusal::FourEyes);
    let mut alone = ordered(vec![Cut::Subject(PERSON)]);
    alone.four_eyes = false;
    let state = given([]).does(&Command::OrderErasure(alone));
    assert_eq!(state.when(&command).events().len(), 1);
}

#[test]
fn a_whole_tenant_takes_four_eyes_and_an_order_of_its_own() {
    let mixed = ordered(vec![Cut::Tenant, Cut::Subject(PERSON)]);
    given([]).when(&Command::OrderErasure(mixed)).then_refused(Refusal::TenantAlone);
    let mut whole = ordered(vec![Cut::Tenant]);
    let expected = Event::Erasure(ErasureEvent::ErasureOrdered(whole.clone()));
    whole.four_eyes = false;
    given([]).when(&Command::OrderErasure(whole)).then([expected]);
}

#[test]
fn nothing_is_erased_twice() {
    let state = steps()[..4].iter().fold(given([]), |state, step| state.does(step));
    let mut again = ordered(vec![Cut::Subject(PERSON)]);
    state.when(&Command::OrderErasure(again.clone())).then_refused(Refusal::IdInUse);
    again.order = OrderId::from_bytes([0x99; 16]);
    state.when(&Command::OrderErasure(again)).then_refused(Refusal::AlreadyErased);
    given([])
        .when(&Command::OrderErasure(ordered(Vec::new())))
        .then_refused(Refusal::NothingToErase);
}

#[test]
fn a_receipt_covers_exactly_the_fence() {
    let state = steps()[..3].iter().fold(given([]), |state, step| state.does(step));
    let changed: [fn(&mut KeysDestroyed); 6] = [
        |receipt| receipt.leaves.clear(),
        |receipt| receipt.leaves.push(LeafId::from_bytes([0xFF; 16])),
        |receipt| receipt.ground = "other".into(),
        |receipt| receipt.approved_by = ASKER,
        |receipt| receipt.epoch_after = 3,
        |receipt| receipt.tenant = true,
    ];
    for change in changed {
        let mut receipt = receipt();
        change(&mut receipt);
        state.when(&Command::RecordReceipt(receipt)).then_refused(Refusal::ReceiptDiffers);
    }
}

#[test]
fn a_fence_does_not_widen_the_order_to_the_tenant() {
    let fence = ErasureFenced { tenant: true, leaves: Vec::new(), scopes: Vec::new(), ..fenced() };
    let state = given([]).does(&order()).does(&Command::ApproveErasure(approved()));
    let refusal = Refusal::WrongStage { order: ORDER };
    state.when(&Command::FenceErasure(fence)).then_refused(refusal);
}

#[test]
fn approval_and_fence_come_together_or_not_at_all() {
    let together = |approval, fence| Command::ApproveAndFence { approval, fence };
    let state = given([]).does(&order());
    let events = state.when(&together(approved(), fenced())).events();
    let approved_first = given([]).does(&order()).does(&steps()[1]);
    let apart = [state.when(&steps()[1]), approved_first.when(&steps()[2])];
    assert_eq!(events, apart.map(|outcome| outcome.events()).concat());
    let mut own = approved();
    own.approved_by = ASKER;
    state.when(&together(own, fenced())).then_refused(Refusal::FourEyes);
    let whole = ErasureFenced { tenant: true, leaves: Vec::new(), scopes: Vec::new(), ..fenced() };
    let wrong = |order| Refusal::WrongStage { order };
    state.when(&together(approved(), whole)).then_refused(wrong(ORDER));
    let other = OrderId::from_bytes([0x77; 16]);
    let foreign = ErasureFenced { order: other, ..fenced() };
    state.when(&together(approved(), foreign)).then_refused(wrong(other));
    let fenced_already = given([]).does(&order()).does(&together(approved(), fenced()));
    fenced_already.when(&together(approved(), fenced())).then_refused(wrong(ORDER));
}

#[test]
fn only_what_is_destroyed_is_purged() {
    let purge = Command::PurgeParts(PartsPurged { order: ORDER, parts: vec![(Seq(4), 1)] });
    let fenced = steps()[..3].iter().fold(given([]), |state, step| state.does(step));
    fenced.when(&purge).then_refused(Refusal::WrongStage { order: ORDER });
    assert_eq!(fenced.does(&steps()[3]).when(&purge).events().len(), 1);
}

#[test]
fn a_fenced_scope_takes_nothing_more() {
    let fence = ErasureFenced { scopes: vec![ANSWERS], ..fenced() };
    open_round()
        .does(&Command::OrderErasure(ordered(vec![Cut::Scope(ANSWERS)])))
        .does(&Command::ApproveErasure(approved()))
        .does(&Command::FenceErasure(fence))
        .when(&submit(PSEUDONYM, answers(1)))
        .then_refused(Refusal::ScopeEnded);
}

#[test]
fn after_the_end_of_the_tenant_only_its_erasure_goes_on() {
    let fence = ErasureFenced { tenant: true, leaves: Vec::new(), scopes: Vec::new(), ..fenced() };
    let receipt =
        KeysDestroyed { tenant: true, leaves: Vec::new(), scopes: Vec::new(), ..receipt() };
    let other = OrderId::from_bytes([0x77; 16]);
    let overtaken =
        record::public::ErasureOrdered { order: other, ..ordered(vec![Cut::Subject(PERSON)]) };
    let state = open_round()
        .does(&Command::OrderErasure(overtaken))
        .does(&Command::OrderErasure(ordered(vec![Cut::Tenant])))
        .does(&Command::ApproveErasure(approved()))
        .does(&Command::FenceErasure(fence));
    assert!(state.state.orders_in(Stage::Ordered).is_empty());
    state.when(&register(PERSON)).then_refused(Refusal::TenantEnded);
    let state = state.does(&Command::RecordReceipt(receipt));
    assert!(state.state.has_ended());
    assert!(state.state.open_rounds().is_empty());
    state.when(&order()).then_refused(Refusal::TenantEnded);
    assert_eq!(state.when(&Command::CompleteErasure(completed())).events().len(), 1);
}
