//! The erasure protocol as events: ordered, approved, fenced, destroyed, completed.
//!
//! *Invariant:* the fence is durable and guarded before a slot is written; a receipt is appended
//! only after the old root was overwritten and read back; «completed» is said only after the views
//! forgot. The same steps finish an erasure after a crash (see `recover`).

use journal::{CommitError, Store, watched};
use record::public::{
    Cut, ErasureApproved, ErasureCompleted, ErasureFenced, ErasureOrdered, KeysDestroyed,
    PublicPart, TenantClosing,
};
use record::{
    ActorId, CommandId, JournalId, OrderId, Origin, PageWrite, Record, SubjectId, TimestampMicros,
};
use rules::{Command, Stage};
use serde::Serialize;
use vault::{Condemned, CutDone, Level, PreparedCut};

use crate::engine::{Engine, commit_urgent, seal_public};
use crate::execute::{EngineError, Fault};
use crate::shipping;
use crate::signing::random16;

/// Most keys of one cut: fence and receipt list them all, and a record holds so many ids.
pub(crate) const KEYS_MAX: usize = 1_000_000;
/// Pages of one batch: well below the journal's limit of bytes.
const BATCH_PAGES: usize = 1_024;

/// What to erase, on which ground, asked by whom.
#[derive(Debug, Clone)]
pub struct ErasureRequest {
    /// People (when it is carried out, with all pseudonyms that their links lead to), leaves,
    /// scopes, or the whole tenant.
    pub targets: Vec<Cut>,
    /// For example `art-17`.
    pub ground: String,
    /// Who asks.
    pub ordered_by: ActorId,
    /// Whether another must approve.
    pub four_eyes: bool,
}

/// An erasure that two people decided on in an event of their own, such as a request.
#[derive(Debug, Clone)]
pub struct DecidedErasure {
    /// The order; the same erasure has the same.
    pub order: OrderId,
    /// What is cut.
    pub targets: Vec<Cut>,
    /// For example `art-17`.
    pub ground: String,
    /// Who proposed it.
    pub ordered_by: ActorId,
    /// Who approved it.
    pub approved_by: ActorId,
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
    /// Days within which every escrowed root copy is gone; 0 without escrow, 65,535 without a term.
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
        self.check_targets(id, &request.targets)?;
        let order = OrderId::from_bytes(random16()?);
        let ordered = ErasureOrdered {
            order,
            ground: request.ground,
            ordered_by: request.ordered_by,
            four_eyes: request.four_eyes,
            targets: request.targets,
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
        self.carry_out(id, approval.order, Some(approval))
    }

    /// Orders, approves and carries out what was decided; what is done of it already stays done, so
    /// that it can be asked again after a crash.
    ///
    /// # Errors
    /// [`EngineError`] when a rule refuses, or nothing is kept of what is named.
    pub fn erase_decided(
        &mut self,
        id: JournalId,
        decided: DecidedErasure,
    ) -> Result<(), EngineError> {
        let DecidedErasure { order, targets, ground, ordered_by, approved_by } = decided;
        if self.tenant(id)?.state().order(order).is_none() {
            self.check_targets(id, &targets)?;
            let ordered = ErasureOrdered { order, ground, ordered_by, four_eyes: true, targets };
            self.step(id, Command::OrderErasure(ordered))?;
        }
        let stage = self.tenant(id)?.state().order(order).map(|order| order.stage);
        match stage {
            Some(Stage::Ordered) => {
                self.carry_out(id, order, Some(ErasureApproved { order, approved_by })).map(drop)
            }
            Some(Stage::Approved) => self.carry_out(id, order, None).map(drop),
            // From the fence on it is finished when the engine opens, and this one is broken.
            Some(Stage::Fenced | Stage::Destroyed | Stage::Completed) => Ok(()),
            None => Err(EngineError::UnknownOrder),
        }
    }

    /// Fences, cuts, writes the receipt, lets the views forget and completes; the approval, unless
    /// the journal holds it already, is recorded with the fence.
    pub(crate) fn carry_out(
        &mut self,
        id: JournalId,
        order: OrderId,
        approval: Option<ErasureApproved>,
    ) -> Result<Receipt, EngineError> {
        // Before the approval is durable: whoever approved what cannot be done could never open.
        let condemned = self.condemned_by(id, order)?;
        let whole = condemned.tenant;
        let fence = ErasureFenced {
            order,
            epoch_before: self.tenant(id)?.vault()?.epoch(),
            tenant: whole,
            leaves: if whole { Vec::new() } else { condemned.leaves.clone() },
            scopes: if whole { Vec::new() } else { condemned.scopes.clone() },
        };
        let command = match approval {
            Some(approval) => Command::ApproveAndFence { approval, fence: fence.clone() },
            None => Command::FenceErasure(fence.clone()),
        };
        let (fenced, prepared) = self.fence(id, &command, &condemned)?;
        // The fence is durable and guarded: from here the cut is finished even after a crash.
        let noted = if whole { self.note_closing(id, &fenced, false) } else { Ok(()) };
        let receipt = noted.and_then(|()| self.destroy(id, &fence, &condemned, prepared));
        let done = receipt.and_then(|receipt| self.complete(id, order).map(|()| receipt));
        done.map_err(|error| self.unfinished(error))
    }

    /// After a fence nothing may be called refused: what is left is done when the engine opens again.
    pub(crate) fn unfinished(&mut self, error: EngineError) -> EngineError {
        self.broken = true;
        match error {
            EngineError::NoSpace => Fault::NoSpace.into(),
            error => error,
        }
    }

    /// Records a fence, durable and guarded; in the same batch the new pages of the cut, which
    /// nothing opens before the root is switched.
    fn fence(
        &mut self,
        id: JournalId,
        command: &Command,
        condemned: &Condemned,
    ) -> Result<(Record, Option<PreparedCut>), EngineError> {
        let parts = self.decided(id, command)?;
        let prepared = match condemned.tenant {
            true => None,
            false => Some(self.prepare(id, condemned).inspect_err(|_| self.broken = true)?),
        };
        let pages = prepared.as_ref().map_or(&[][..], PreparedCut::writes);
        // CRASH: pages without a root are swept on opening; the fence is carried out again.
        let pages = pages.chunks(BATCH_PAGES).next().unwrap_or_default().to_vec();
        let records = self.append_steps(id, &parts, pages);
        if matches!(records, Err(EngineError::NoSpace)) {
            // Nothing was written, and the keys in memory are fenced already: open them anew.
            crate::recover::tenant(self, id).inspect_err(|_| self.broken = true)?;
        }
        let fenced = records?.pop().ok_or(Fault::Format)?;
        Ok((fenced, prepared))
    }

    fn prepare(&mut self, id: JournalId, condemned: &Condemned) -> Result<PreparedCut, Fault> {
        let tenant = self.tenants.get_mut(&id).ok_or(Fault::NoTenant)?;
        Ok(tenant.vault.as_mut().ok_or(Fault::Ended)?.cut(condemned)?)
    }

    /// Destroys what a durable fence lists and appends the receipt.
    pub(crate) fn destroy(
        &mut self,
        id: JournalId,
        fence: &ErasureFenced,
        condemned: &Condemned,
        prepared: Option<PreparedCut>,
    ) -> Result<Receipt, EngineError> {
        self.tenants.get_mut(&id).ok_or(Fault::NoTenant)?.expect_to_forget(condemned);
        let cut = self.cut(id, fence, condemned, prepared);
        let (done, level) = cut.inspect_err(|_| self.broken = true)?;
        // Its key is gone. CRASH: what is left of it does not open, and opening removes it.
        self.drop_snapshot(id);
        let backup_days = self.backup_days(id, fence.tenant);
        let tenant = self.tenants.get(&id).ok_or(EngineError::UnknownTenant)?;
        let progress = tenant.state().order(fence.order).ok_or(EngineError::UnknownOrder)?;
        let destroyed = KeysDestroyed {
            order: fence.order,
            ground: progress.ground.clone(),
            approved_by: progress.approved_by.ok_or(EngineError::UnknownOrder)?,
            epoch_before: fence.epoch_before,
            epoch_after: done.epoch_after,
            level: level.number(),
            backup_days,
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

    /// Appends «completed», once the views forgot, and publishes a checkpoint.
    pub(crate) fn complete(&mut self, id: JournalId, order: OrderId) -> Result<(), EngineError> {
        self.step(id, Command::CompleteErasure(ErasureCompleted { order }))?;
        Ok(self.publish_receipt(id)?)
    }

    /// Puts the new root over the old one, once all new pages are durable; for a tenant,
    /// overwrites both roots.
    fn cut(
        &mut self,
        id: JournalId,
        fence: &ErasureFenced,
        condemned: &Condemned,
        prepared: Option<PreparedCut>,
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
            return Ok((watched(&slots, || vault.end())?, level));
        }
        let (prepared, stored) = match prepared {
            // The first batch of its pages came with the fence.
            Some(prepared) => (prepared, BATCH_PAGES),
            None if vault.is_cut(condemned) && vault.epoch() > fence.epoch_before => {
                return Ok((already(vault.epoch()), level));
            }
            None => (vault.cut(condemned)?, 0),
        };
        let pages = prepared.writes().get(stored..).unwrap_or_default();
        // CRASH: pages without a root are swept on opening; the fence is carried out again.
        commit_pages(&mut self.store, origin, self.clock.now(), pages)?;
        // The newest root is elsewhere before the old one is gone.
        let by = (&self.paths, &self.signing.signer);
        tenant.escrow = shipping::ship_cut(by, &self.store, id, vault, &prepared);
        let done = watched(&slots, || vault.switch_root(prepared))?;
        Ok((done, level))
    }

    /// Appends one public step, durable and guarded, and folds it.
    pub(crate) fn step(&mut self, id: JournalId, command: Command) -> Result<Record, EngineError> {
        let parts = self.decided(id, &command)?;
        let records = self.append_steps(id, &parts, Vec::new())?;
        records.into_iter().next().ok_or_else(|| Fault::Format.into())
    }

    /// The public parts of the events that a command leads to.
    fn decided(&self, id: JournalId, command: &Command) -> Result<Vec<PublicPart>, EngineError> {
        self.check_alive()?;
        let events = rules::decide(self.tenant(id)?.state(), command, self.clock.now())?;
        Ok(events.iter().filter_map(events::Event::public_part).collect())
    }

    /// Appends steps and pages in one batch, then guards the steps together.
    fn append_steps(
        &mut self,
        id: JournalId,
        parts: &[PublicPart],
        pages: Vec<PageWrite>,
    ) -> Result<Vec<Record>, EngineError> {
        let command = CommandId::from_bytes(random16()?);
        let records = match self.append_public(id, command, parts, pages) {
            // Refused before anything was written: nothing is broken.
            Err(Fault::Commit(CommitError::NoSpace { .. })) => return Err(EngineError::NoSpace),
            appended => appended.inspect_err(|_| self.broken = true)?,
        };
        self.guard_records(id, &records).inspect_err(|_| self.broken = true)?;
        Ok(records)
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
        commit_pages(&mut self.store, tenant.origin(), self.clock.now(), &obsolete)
    }

    /// Refuses targets of which no key is held: «completed» must not be said of them.
    fn check_targets(&self, id: JournalId, targets: &[Cut]) -> Result<(), EngineError> {
        let vault = self.tenant(id)?.running()?;
        let kept = |target: &Cut| {
            let condemned = vault.condemned(std::slice::from_ref(target));
            condemned.tenant || !condemned.leaves.is_empty() || !condemned.scopes.is_empty()
        };
        if targets.iter().all(kept) { Ok(()) } else { Err(EngineError::NothingKept) }
    }

    /// Every key that an order destroys, with those of the pseudonyms that its people's links lead
    /// to: found now and not at the order, since links are added while an order waits, and since an
    /// order that is never approved would tell for ever which pseudonym is whose.
    fn condemned_by(&self, id: JournalId, order: OrderId) -> Result<Condemned, EngineError> {
        let tenant = self.tenant(id)?;
        let vault = tenant.running()?;
        let ordered = tenant.state().order(order).ok_or(EngineError::UnknownOrder)?;
        let mut targets = ordered.targets.clone();
        let subjects = self.find_subjects(tenant, &people_among(&targets))?;
        targets.extend(subjects.into_iter().map(Cut::Subject));
        let condemned = vault.condemned(&targets);
        let keys = condemned.leaves.len() + condemned.scopes.len();
        match keys > KEYS_MAX && !condemned.tenant {
            true => Err(EngineError::TooManyKeys { keys }),
            false => Ok(condemned),
        }
    }
}

pub(crate) fn people_among(targets: &[Cut]) -> Vec<SubjectId> {
    let person = |target: &Cut| match target {
        Cut::Subject(subject) => Some(*subject),
        _ => None,
    };
    targets.iter().filter_map(person).collect()
}

/// Writes pages, in as many batches as they need: none of them counts before the root does.
fn commit_pages(
    store: &mut Store,
    origin: Origin,
    now: TimestampMicros,
    pages: &[PageWrite],
) -> Result<(), Fault> {
    for some in pages.chunks(BATCH_PAGES) {
        commit_urgent(store, origin, now, Vec::new(), some.to_vec())?;
    }
    Ok(())
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
