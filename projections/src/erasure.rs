//! Erasures: what was ordered, how far it is, and which receipt destroyed which key.
//!
//! *Invariant:* all of it comes from public parts; the people an order names are counted here, not
//! kept.

use std::collections::BTreeMap;

use bincode::{Decode, Encode};
use events::{ErasureEvent, Place};
use record::public::{ErasureOrdered, KeysDestroyed};
use record::{ActorId, LeafId, OrderId, ScopeId, Seq, TimestampMicros};
use serde::Serialize;

use crate::text::{id, id_if_any};

/// Erasures of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Erasures {
    orders: BTreeMap<OrderId, Order>,
    /// Orders in the order they came.
    sequence: Vec<OrderId>,
    /// Which receipt destroyed a leaf.
    leaves: BTreeMap<LeafId, Seq>,
    /// Which receipt destroyed a scope.
    scopes: BTreeMap<ScopeId, Seq>,
    /// The receipt that destroyed everything.
    tenant: Option<Seq>,
    /// All receipts, ascending.
    receipts: Vec<Seq>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Order {
    ground: String,
    ordered_by: ActorId,
    four_eyes: bool,
    targets: usize,
    ordered: (Seq, TimestampMicros),
    approved: Option<(Seq, ActorId)>,
    fenced: Option<Seq>,
    receipt: Option<Receipt>,
    completed: Option<(Seq, TimestampMicros)>,
    purged: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Receipt {
    seq: Seq,
    at: TimestampMicros,
    epoch_before: u64,
    epoch_after: u64,
    level: u8,
    backup_days: u16,
    tenant: bool,
    leaves: usize,
    scopes: usize,
}

/// How far an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErasureStage {
    /// It waits for an approval.
    Ordered,
    /// It may be carried out.
    Approved,
    /// The ids to die are fixed and public.
    Fenced,
    /// The keys are gone.
    Destroyed,
    /// The views forgot; nothing is left to do.
    Completed,
}

impl ErasureStage {
    /// Its name for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ordered => "ordered",
            Self::Approved => "approved",
            Self::Fenced => "fenced",
            Self::Destroyed => "destroyed",
            Self::Completed => "completed",
        }
    }
}

/// One erasure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErasureRow {
    /// The order.
    #[serde(serialize_with = "id")]
    pub order: OrderId,
    /// How far it is.
    pub stage: ErasureStage,
    /// For example `art-17`.
    pub ground: String,
    /// Who asked, as a random reference.
    #[serde(serialize_with = "id")]
    pub ordered_by: ActorId,
    /// Whether another had to approve.
    pub four_eyes: bool,
    /// Who approved, as a random reference.
    #[serde(serialize_with = "id_if_any")]
    pub approved_by: Option<ActorId>,
    /// How many targets the order names.
    pub targets: usize,
    /// Where the order stands.
    pub ordered: u64,
    /// Microseconds since 1970.
    pub ordered_at: u64,
    /// Where the fence stands.
    pub fenced: Option<u64>,
    /// Where the receipt stands.
    pub receipt: Option<u64>,
    /// When the keys were destroyed, in microseconds since 1970.
    pub destroyed_at: Option<u64>,
    /// Key epoch before the cut.
    pub epoch_before: Option<u64>,
    /// Key epoch after the cut.
    pub epoch_after: Option<u64>,
    /// 1: overwritten at block level; 0: nothing is claimed of the medium.
    pub level: Option<u8>,
    /// Days within which every escrowed root copy is gone; 0 when there is no escrow.
    pub backup_days: Option<u16>,
    /// Whether the whole tenant went.
    pub tenant: bool,
    /// How many leaf keys were destroyed.
    pub leaves: usize,
    /// How many scope keys were destroyed.
    pub scopes: usize,
    /// Where the completion stands.
    pub completed: Option<u64>,
    /// How many ciphertexts were removed from storage.
    pub purged: u64,
}

/// All erasures, in the order they were asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErasureList {
    /// The erasures.
    pub erasures: Vec<ErasureRow>,
}

impl Erasures {
    /// All erasures.
    #[must_use]
    pub fn list(&self) -> ErasureList {
        let rows = self.sequence.iter().filter_map(|order| self.order(*order));
        ErasureList { erasures: rows.collect() }
    }

    /// One erasure.
    #[must_use]
    pub fn order(&self, order: OrderId) -> Option<ErasureRow> {
        self.orders.get(&order).map(|content| content.row(order))
    }

    /// The receipt that destroyed one of these keys, if any.
    #[must_use]
    pub fn receipt_for(&self, leaf: LeafId, scope: ScopeId) -> Option<Seq> {
        let receipts = [self.leaves.get(&leaf).copied(), self.scopes.get(&scope).copied()];
        receipts.into_iter().flatten().min().or(self.tenant)
    }

    /// The last receipt at or after a place.
    #[must_use]
    pub fn last_receipt_after(&self, seq: Seq) -> Option<Seq> {
        self.receipts.last().copied().filter(|last| *last >= seq)
    }

    pub(crate) fn apply(&mut self, place: &Place, event: &ErasureEvent) {
        match event {
            ErasureEvent::ErasureOrdered(event) => {
                if self.orders.insert(event.order, Order::new(place, event)).is_none() {
                    self.sequence.push(event.order);
                }
            }
            ErasureEvent::ErasureApproved(event) => {
                self.change(event.order, |order| {
                    order.approved = Some((place.seq, event.approved_by));
                });
            }
            ErasureEvent::ErasureFenced(event) => {
                self.change(event.order, |order| order.fenced = Some(place.seq));
            }
            ErasureEvent::KeysDestroyed(event) => self.destroy(place, event),
            ErasureEvent::ErasureCompleted(event) => {
                self.change(event.order, |order| {
                    order.completed = Some((place.seq, place.recorded_at));
                });
            }
            ErasureEvent::PartsPurged(event) => {
                let parts = u64::try_from(event.parts.len()).unwrap_or(u64::MAX);
                self.change(event.order, |order| {
                    order.purged = order.purged.saturating_add(parts);
                });
            }
        }
    }

    fn change(&mut self, order: OrderId, change: impl FnOnce(&mut Order)) {
        if let Some(order) = self.orders.get_mut(&order) {
            change(order);
        }
    }

    fn destroy(&mut self, place: &Place, event: &KeysDestroyed) {
        self.change(event.order, |order| order.receipt = Some(Receipt::new(place, event)));
        self.leaves.extend(event.leaves.iter().map(|leaf| (*leaf, place.seq)));
        self.scopes.extend(event.scopes.iter().map(|scope| (*scope, place.seq)));
        if event.tenant {
            self.tenant = Some(place.seq);
        }
        self.receipts.push(place.seq);
    }
}

impl Order {
    fn new(place: &Place, event: &ErasureOrdered) -> Self {
        Self {
            ground: event.ground.clone(),
            ordered_by: event.ordered_by,
            four_eyes: event.four_eyes,
            targets: event.targets.len(),
            ordered: (place.seq, place.recorded_at),
            approved: None,
            fenced: None,
            receipt: None,
            completed: None,
            purged: 0,
        }
    }

    const fn stage(&self) -> ErasureStage {
        match self {
            Self { completed: Some(_), .. } => ErasureStage::Completed,
            Self { receipt: Some(_), .. } => ErasureStage::Destroyed,
            Self { fenced: Some(_), .. } => ErasureStage::Fenced,
            Self { approved: Some(_), .. } => ErasureStage::Approved,
            _ => ErasureStage::Ordered,
        }
    }

    fn row(&self, order: OrderId) -> ErasureRow {
        let receipt = self.receipt.as_ref();
        ErasureRow {
            order,
            stage: self.stage(),
            ground: self.ground.clone(),
            ordered_by: self.ordered_by,
            four_eyes: self.four_eyes,
            approved_by: self.approved.map(|(_, actor)| actor),
            targets: self.targets,
            ordered: self.ordered.0.0,
            ordered_at: self.ordered.1.0,
            fenced: self.fenced.map(|seq| seq.0),
            receipt: receipt.map(|receipt| receipt.seq.0),
            destroyed_at: receipt.map(|receipt| receipt.at.0),
            epoch_before: receipt.map(|receipt| receipt.epoch_before),
            epoch_after: receipt.map(|receipt| receipt.epoch_after),
            level: receipt.map(|receipt| receipt.level),
            backup_days: receipt.map(|receipt| receipt.backup_days),
            tenant: receipt.is_some_and(|receipt| receipt.tenant),
            leaves: receipt.map_or(0, |receipt| receipt.leaves),
            scopes: receipt.map_or(0, |receipt| receipt.scopes),
            completed: self.completed.map(|(seq, _)| seq.0),
            purged: self.purged,
        }
    }
}

impl Receipt {
    fn new(place: &Place, event: &KeysDestroyed) -> Self {
        Self {
            seq: place.seq,
            at: place.recorded_at,
            epoch_before: event.epoch_before,
            epoch_after: event.epoch_after,
            level: event.level,
            backup_days: event.backup_days,
            tenant: event.tenant,
            leaves: event.leaves.len(),
            scopes: event.scopes.len(),
        }
    }
}
