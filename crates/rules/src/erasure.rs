//! The steps of an erasure, in their one order: ordered, approved, fenced, destroyed, completed.
//!
//! *Invariant:* what this remembers comes from public parts alone, so that it outlives every cut:
//! an erased person stays known as a random reference, as in the public record itself.

use std::collections::{BTreeMap, BTreeSet};

use bincode::{Decode, Encode};
use events::{ErasureEvent, Event};
use record::public::{
    Cut, ErasureApproved, ErasureCompleted, ErasureFenced, ErasureOrdered, GROUND_BYTES_MAX,
    KeysDestroyed, PartsPurged, TARGETS_MAX,
};
use record::{ActorId, OrderId, ScopeId};

use crate::refusal::Refusal;
use crate::state::{check_limit, check_text};

/// How far an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Stage {
    /// It waits for an approval.
    Ordered,
    /// It may be carried out.
    Approved,
    /// The ids to die are fixed and public.
    Fenced,
    /// The receipt is there.
    Destroyed,
    /// The views forgot; nothing is left to do.
    Completed,
}

/// One order, as the rules remember it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Order {
    /// How far it is.
    pub stage: Stage,
    /// For example `art-17`.
    pub ground: String,
    /// Who asked.
    pub ordered_by: ActorId,
    /// Whether another must approve.
    pub four_eyes: bool,
    /// What is to go; empty once it is gone.
    pub targets: Vec<Cut>,
    /// Who approved.
    pub approved_by: Option<ActorId>,
    /// What the fence lists, until the receipt.
    pub fence: Option<ErasureFenced>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Erasures {
    pub(crate) orders: BTreeMap<OrderId, Order>,
    /// Targets of orders whose keys are destroyed.
    erased: BTreeSet<Cut>,
    /// Scopes that a fence ended.
    ended_scopes: BTreeSet<ScopeId>,
}

impl Erasures {
    pub(crate) fn is_erased(&self, target: &Cut) -> bool {
        self.erased.contains(target)
    }

    /// Refuses what would be kept for a term that has ended.
    pub(crate) fn check_scope(&self, scope: ScopeId) -> Result<(), Refusal> {
        if self.ended_scopes.contains(&scope) { Err(Refusal::ScopeEnded) } else { Ok(()) }
    }

    pub(crate) fn order(&self, order: &ErasureOrdered) -> Result<Vec<Event>, Refusal> {
        check_text(&order.ground, usize::from(GROUND_BYTES_MAX), "ground")?;
        check_limit(order.targets.len(), TARGETS_MAX, "targets")?;
        if self.orders.contains_key(&order.order) {
            return Err(Refusal::IdInUse);
        }
        if order.targets.is_empty() {
            return Err(Refusal::NothingToErase);
        }
        let tenant = order.targets.contains(&Cut::Tenant);
        if tenant && order.targets.len() > 1 {
            return Err(Refusal::TenantAlone);
        }
        if order.targets.iter().any(|target| self.is_erased(target)) {
            return Err(Refusal::AlreadyErased);
        }
        // The end of a whole tenant always takes two.
        let four_eyes = order.four_eyes || tenant;
        let event = ErasureOrdered { four_eyes, ..order.clone() };
        Ok(vec![Event::Erasure(ErasureEvent::ErasureOrdered(event))])
    }

    pub(crate) fn approve(&self, approval: &ErasureApproved) -> Result<Vec<Event>, Refusal> {
        let order = self.at(approval.order, Stage::Ordered)?;
        if order.four_eyes && order.ordered_by == approval.approved_by {
            return Err(Refusal::FourEyes);
        }
        Ok(vec![Event::Erasure(ErasureEvent::ErasureApproved(*approval))])
    }

    /// Approval and fence, both or neither.
    pub(crate) fn approve_and_fence(
        &self,
        approval: &ErasureApproved,
        fence: &ErasureFenced,
    ) -> Result<Vec<Event>, Refusal> {
        let mut events = self.approve(approval)?;
        events.push(fenced(self.at(approval.order, Stage::Ordered)?, approval.order, fence)?);
        Ok(events)
    }

    pub(crate) fn fence(&self, fence: &ErasureFenced) -> Result<Vec<Event>, Refusal> {
        Ok(vec![fenced(self.at(fence.order, Stage::Approved)?, fence.order, fence)?])
    }

    pub(crate) fn receipt(&self, receipt: &KeysDestroyed) -> Result<Vec<Event>, Refusal> {
        let order = self.at(receipt.order, Stage::Fenced)?;
        let fence = order.fence.as_ref().ok_or(Refusal::ReceiptDiffers)?;
        if !matches(receipt, order, fence) {
            return Err(Refusal::ReceiptDiffers);
        }
        Ok(vec![Event::Erasure(ErasureEvent::KeysDestroyed(receipt.clone()))])
    }

    pub(crate) fn complete(&self, completed: &ErasureCompleted) -> Result<Vec<Event>, Refusal> {
        self.at(completed.order, Stage::Destroyed)?;
        Ok(vec![Event::Erasure(ErasureEvent::ErasureCompleted(*completed))])
    }

    pub(crate) fn purge(&self, purged: &PartsPurged) -> Result<Vec<Event>, Refusal> {
        let order = self.orders.get(&purged.order).ok_or(Refusal::UnknownOrder)?;
        if order.stage < Stage::Destroyed {
            return Err(Refusal::WrongStage { order: purged.order });
        }
        Ok(vec![Event::Erasure(ErasureEvent::PartsPurged(purged.clone()))])
    }

    fn at(&self, id: OrderId, stage: Stage) -> Result<&Order, Refusal> {
        let order = self.orders.get(&id).ok_or(Refusal::UnknownOrder)?;
        if order.stage == stage { Ok(order) } else { Err(Refusal::WrongStage { order: id }) }
    }

    pub(crate) fn evolve(&mut self, event: &ErasureEvent) {
        match event {
            ErasureEvent::ErasureOrdered(event) => {
                self.orders.insert(event.order, new_order(event));
            }
            ErasureEvent::ErasureApproved(event) => {
                if let Some(order) = self.orders.get_mut(&event.order) {
                    order.stage = Stage::Approved;
                    order.approved_by = Some(event.approved_by);
                }
            }
            ErasureEvent::ErasureFenced(event) => {
                self.ended_scopes.extend(&event.scopes);
                if let Some(order) = self.orders.get_mut(&event.order) {
                    order.stage = Stage::Fenced;
                    order.fence = Some(event.clone());
                }
            }
            ErasureEvent::KeysDestroyed(event) => self.destroyed(event.order),
            ErasureEvent::ErasureCompleted(event) => {
                if let Some(order) = self.orders.get_mut(&event.order) {
                    order.stage = Stage::Completed;
                }
            }
            ErasureEvent::PartsPurged(_) => {}
        }
    }

    fn destroyed(&mut self, order: OrderId) {
        if let Some(order) = self.orders.get_mut(&order) {
            order.stage = Stage::Destroyed;
            order.fence = None;
            self.erased.extend(std::mem::take(&mut order.targets));
        }
    }
}

impl Order {}

fn new_order(event: &ErasureOrdered) -> Order {
    Order {
        stage: Stage::Ordered,
        ground: event.ground.clone(),
        ordered_by: event.ordered_by,
        four_eyes: event.four_eyes,
        targets: event.targets.clone(),
        approved_by: None,
        fence: None,
    }
}

/// What a fence lists is cut, whoever asked: it must not widen the order, nor be another's.
fn fenced(order: &Order, id: OrderId, fence: &ErasureFenced) -> Result<Event, Refusal> {
    let fits = fence.order == id && fence.tenant == order.targets.contains(&Cut::Tenant);
    match fits {
        true => Ok(Event::Erasure(ErasureEvent::ErasureFenced(fence.clone()))),
        false => Err(Refusal::WrongStage { order: fence.order }),
    }
}

/// Whether a receipt covers exactly what was ordered, approved and fenced.
fn matches(receipt: &KeysDestroyed, order: &Order, fence: &ErasureFenced) -> bool {
    receipt.ground == order.ground
        && Some(receipt.approved_by) == order.approved_by
        && receipt.epoch_before == fence.epoch_before
        && receipt.epoch_after > receipt.epoch_before
        && receipt.tenant == fence.tenant
        && receipt.leaves == fence.leaves
        && receipt.scopes == fence.scopes
}
