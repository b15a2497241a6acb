//! The erasure protocol as events: ordered, approved, fenced, destroyed, completed.
//!
//! *Invariant:* the fence is durable and guarded before a slot is written; a receipt is appended
//! only after the old root was overwritten and read back; «completed» is said only after the views
//! forgot. The same steps finish an erasure after a crash (see `recover`).

use record::public::{
    Cut, ErasureApproved, ErasureCompleted, ErasureFenced, ErasureOrdered, KeysDestroyed,
    PublicPart, TenantClosing,
};
use record::{ActorId, CommandId, JournalId, OrderId, PageWrite, Record, SubjectId};
use rules::Command;
use serde::Serialize;
use vault::{Condemned, CutDone, Level};

use crate::engine::{Engine, commit_urgent, seal_public};
use crate::execute::{EngineError, Fault};
use crate::signing::random16;

/// What to erase, on which ground, asked by whom.
#[derive(Debug, Clone)]
pub struct ErasureRequest {
    /// People (with all pseudonyms the finder reaches), leaves, scopes, or the whole tenant.
    pub targets: Vec<Cut>,
    /// For example `art-17`.
    pub ground: String,
    /// Who asks.
    pub ordered_by: ActorId,
    /// Whether another must approve.
    pub four_eyes: bool,
}

/// An erasure that is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// The order.
    pub order: String,
    /// Its ground.
    pub ground: String,
    /// Who approved, as a random reference.
    pub approved_by: String,
    /// Place of the receipt in the journal.
    pub seq: u64,
    /// Key epoch before and after.
    pub epoch_before: u64,
    /// Key epoch after.
    pub epoch_after: u64,
    /// How many leaf keys were destroyed.
    pub leaves: usize,
    /// How many scope keys were destroyed.
    pub scopes: usize,
    /// Whether the whole tenant ended.
    pub tenant: bool,
    /// Destruction level: 1 overwritten at block level, 0 nothing claimed.
    pub level: u8,
    /// What the level rests on.
    pub level_reason: String,
    /// Days within which every escrowed root copy is gone; 0 when there is no escrow.
    pub backup_days: u16,
}

/// An order and how far it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "stage")]
pub enum Erasure {
    /// It waits for an approval.
    Waiting {
        /// The order.
        order: String,
    },
    /// It is done.
    Done(Receipt),
}

impl Engine {
    /// Orders an erasure; the order is durable and guarded when this returns.
    ///
    /// # Errors
    /// [`EngineError`] when a rule refuses, or nothing is kept of a named person.
    pub fn order_erasure(
        &mut self,
        id: JournalId,
        request: ErasureRequest,
    ) -> Result<OrderId, EngineError> {
        let targets = self.with_pseudonyms(id, &request.targets)?;
        let order = OrderId::from_bytes(random16()?);
        let ordered = ErasureOrdered {
            order,
            ground: request.ground,
            ordered_by: request.ordered_by,
            four_eyes: request.four_eyes,
            targets,
        };
        self.step(id, Command::OrderErasure(ordered))?;
        Ok(order)
    }

    /// Approves an order and carries it out.
    ///
    /// # Errors
    /// [`EngineError`] when a rule refuses (four eyes), or the order is unknown.
    pub fn approve_erasure(
        &mut self,
        id: JournalId,
        approval: ErasureApproved,
    ) -> Result<Receipt, EngineError> {
        self.step(id, Command::ApproveErasure(approval))?;
        self.carry_out(id, approval.order)
    }

    /// Fences, cuts, writes the receipt, lets the views forget and completes.
    pub(crate) fn carry_out(
        &mut self,
        id: JournalId,
        order: OrderId,
    ) -> Result<Receipt, EngineError> {
        let tenant = self.tenants.get(&id).ok_or(EngineError::UnknownTenant)?;
        let ordered = tenant.state().order(order).ok_or(EngineError::UnknownOrder)?;
        let targets = ordered.targets.clone();
        let condemned = tenant.vault()?.condemned(&targets);
        let whole = targets.contains(&Cut::Tenant);
        let fence = ErasureFenced {
            order,
            epoch_before: tenant.vault()?.epoch(),
            tenant: whole,
            leaves: if whole { Vec::new() } else { condemned.leaves.clone() },
            scopes: if whole { Vec::new() } else { condemned.scopes.clone() },
        };
        let fenced = self.step(id, Command::FenceErasure(fence.clone()))?;
        if whole {
            self.note_closing(id, &fenced, false)?;
        }
        // The fence is durable and guarded: from here the cut is finished even after a crash.
        let receipt = self.destroy(id, &fence, &condemned)?;
        self.complete(id, order)?;
        Ok(receipt)
    }

    /// Destroys what a durable fence lists and appends the receipt.
    pub(crate) fn destroy(
        &mut self,
        id: JournalId,
        fence: &ErasureFenced,
        condemned: &Condemned,
    ) -> Result<Receipt, EngineError> {
        let (done, level) = self.cut(id, fence, condemned).inspect_err(|_| self.broken = true)?;
        let tenant = self.tenants.get(&id).ok_or(EngineError::UnknownTenant)?;
        let progress = tenant.state().order(fence.order).ok_or(EngineError::UnknownOrder)?;
        let destroyed = KeysDestroyed {
            order: fence.order,
            ground: progress.ground.clone(),
            approved_by: progress.approved_by.ok_or(EngineError::UnknownOrder)?,
            epoch_before: fence.epoch_before,
            epoch_after: done.epoch_after,
            level: level.number(),
            backup_days: 0,
            tenant: fence.tenant,
            leaves: fence.leaves.clone(),
            scopes: fence.scopes.clone(),
        };
        let record = self.step(id, Command::RecordReceipt(destroyed.clone()))?;
        if fence.tenant {
            self.note_closing(id, &record, true)?;
        }
        self.remove_pages(id, done.obsolete)?;
        Ok(receipt(&destroyed, &record, level))
    }

    /// Appends «completed», once the views forgot, and publishes new digests and a checkpoint.
    pub(crate) fn complete(&mut self, id: JournalId, order: OrderId) -> Result<(), EngineError> {
        self.step(id, Command::CompleteErasure(ErasureCompleted { order }))?;
        self.checkpoint(id)?;
        Ok(())
    }

    /// Writes new pages, then the new root over the old one; for a tenant, overwrites both roots.
    fn cut(
        &mut self,
        id: JournalId,
        fence: &ErasureFenced,
        condemned: &Condemned,
    ) -> Result<(CutDone, Level), Fault> {
        let slots = self.paths.slots(id);
        let level = vault::destruction_level(&slots);
        let tenant = self.tenants.get_mut(&id).ok_or(Fault::NoTenant)?;
        let origin = tenant.origin();
        let already = |epoch_after| CutDone {
            epoch_before: fence.epoch_before,
            epoch_after,
            obsolete: Vec::new(),
        };
        let Some(vault) = tenant.vault.as_mut() else {
            // Reopened after the fence of a whole tenant: opening overwrote both slots.
            return Ok((already(fence.epoch_before + 1), level));
        };
        if fence.tenant {
            return Ok((vault.end()?, level));
        }
        if vault.is_cut(condemned) && vault.epoch() > fence.epoch_before {
            return Ok((already(vault.epoch()), level));
        }
        let prepared = vault.cut(condemned)?;
        let pages = prepared.writes().to_vec();
        // CRASH: pages without a root are swept on opening; the fence is carried out again.
        commit_urgent(&mut self.store, origin, self.clock.now(), Vec::new(), pages)?;
        let done = vault.switch_root(prepared)?;
        Ok((done, level))
    }

    /// Appends one public step, durable and guarded, and folds it.
    pub(crate) fn step(&mut self, id: JournalId, command: Command) -> Result<Record, EngineError> {
        self.check_alive()?;
        let tenant = self.tenants.get(&id).ok_or(EngineError::UnknownTenant)?;
        let events = rules::decide(tenant.state(), &command, self.clock.now())?;
        let parts: Vec<PublicPart> = events.iter().filter_map(events::Event::public_part).collect();
        let command = CommandId::from_bytes(random16()?);
        let records =
            self.append_public(id, command, &parts).inspect_err(|_| self.broken = true)?;
        self.guard_records(id, &records).inspect_err(|_| self.broken = true)?;
        records.into_iter().next().ok_or_else(|| Fault::Format.into())
    }

    /// Copies the fence or the receipt of a whole tenant to the operator journal.
    pub(crate) fn note_closing(
        &mut self,
        id: JournalId,
        record: &Record,
        destroyed: bool,
    ) -> Result<(), EngineError> {
        let closing = TenantClosing {
            tenant: id,
            seq: record.header.seq,
            record: record.header.record_hash(),
            destroyed,
        };
        let sealed = seal_public(self.operator.origin, &PublicPart::TenantClosing(closing))?;
        let now = self.clock.now();
        let records =
            commit_urgent(&mut self.store, self.operator.origin, now, vec![sealed], Vec::new())?;
        for record in &records {
            self.operator.guard.keep(record).map_err(Fault::from)?;
        }
        self.checkpoint_operator()?;
        if destroyed {
            self.tenants.get_mut(&id).ok_or(EngineError::UnknownTenant)?.vault = None;
        }
        Ok(())
    }

    fn remove_pages(&mut self, id: JournalId, obsolete: Vec<PageWrite>) -> Result<(), Fault> {
        let tenant = self.tenants.get(&id).ok_or(Fault::NoTenant)?;
        commit_urgent(&mut self.store, tenant.origin(), self.clock.now(), Vec::new(), obsolete)?;
        Ok(())
    }

    /// Adds the pseudonyms that a person's links lead to; refuses people of whom nothing is kept.
    fn with_pseudonyms(&self, id: JournalId, targets: &[Cut]) -> Result<Vec<Cut>, EngineError> {
        let tenant = self.tenants.get(&id).ok_or(EngineError::UnknownTenant)?;
        if tenant.has_ended() {
            return Err(EngineError::TenantEnded);
        }
        let person = |target: &Cut| match target {
            Cut::Subject(subject) => Some(*subject),
            _ => None,
        };
        let people: Vec<SubjectId> = targets.iter().filter_map(person).collect();
        let vault = tenant.vault()?;
        if people.iter().any(|person| vault.leaves_of(*person).is_empty()) {
            return Err(EngineError::NothingKept);
        }
        let found = self.find_subjects(tenant, &people)?;
        let others = targets.iter().filter(|target| person(target).is_none()).copied();
        Ok(others.chain(found.subjects.into_iter().map(Cut::Subject)).collect())
    }
}

fn receipt(destroyed: &KeysDestroyed, record: &Record, level: Level) -> Receipt {
    Receipt {
        order: destroyed.order.to_string(),
        ground: destroyed.ground.clone(),
        approved_by: destroyed.approved_by.to_string(),
        seq: record.header.seq.0,
        epoch_before: destroyed.epoch_before,
        epoch_after: destroyed.epoch_after,
        leaves: destroyed.leaves.len(),
        scopes: destroyed.scopes.len(),
        tenant: destroyed.tenant,
        level: destroyed.level,
        level_reason: level.sentence().to_owned(),
        backup_days: destroyed.backup_days,
    }
}
