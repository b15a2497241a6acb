//! When a snapshot is kept, and when it is dropped.
//!
//! *Invariant:* a snapshot is kept between commands, of a journal that is guarded as far, and never
//! while an erasure is under way; a failure to keep one costs time at the next opening and nothing
//! else.

use std::time::Duration;

use record::JournalId;
use rules::Stage;

use crate::engine::Engine;
use crate::execute::Fault;
use crate::tenant::Tenant;

/// Fewer records than this fold faster than a snapshot is written.
const RECORDS_MIN: u64 = 4_096;
/// A snapshot is due when an eighth of the journal lies behind it: opening after a crash then folds
/// at most that, while all the snapshots of a growing journal together write a few hundred bytes
/// for each of its records.
const TAIL_PART: u64 = 8;
/// At the end of the work, when nobody waits: below this share folding costs less than writing.
const LAST_TAIL_PART: u64 = 32;
/// Least time between two snapshots while commands are carried out: writing one holds them up.
const REST: Duration = Duration::from_secs(60);

impl Engine {
    /// Keeps a snapshot of a tenant now; false if an erasure is under way, the tenant has ended, or
    /// it could not be written.
    ///
    /// # Errors
    /// [`Fault`] when the journal cannot be guarded so far.
    pub fn keep_snapshot(&mut self, id: JournalId) -> Result<bool, Fault> {
        self.check_alive()?;
        let Some(position) = self.store.position(id) else { return Ok(false) };
        let tenant = self.tenants.get(&id).ok_or(Fault::NoTenant)?;
        if tenant.guard.state().size < position.size() {
            self.checkpoint(id)?;
        }
        self.snapshot_at = self.clock.now();
        let tenant = self.tenants.get_mut(&id).ok_or(Fault::NoTenant)?;
        let Some(vault) = tenant.vault.as_ref() else { return Ok(false) };
        if is_erasing(tenant) {
            return Ok(false);
        }
        match self.snapshots.keep(vault, &position, &tenant.model) {
            Ok(()) => {
                tenant.snapshot = position.size();
                Ok(true)
            }
            Err(error) => {
                tracing::warn!(tenant = %id, %error, "no snapshot was kept; the next opening takes longer");
                Ok(false)
            }
        }
    }

    /// Keeps a snapshot of every tenant that is due, at most one in [`REST`].
    ///
    /// # Errors
    /// As [`Engine::keep_snapshot`].
    pub(crate) fn keep_snapshots_in_passing(&mut self) -> Result<(), Fault> {
        let rested = self.clock.now().0.saturating_sub(self.snapshot_at.0);
        if self.broken || Duration::from_micros(rested) < REST {
            return Ok(());
        }
        let due = self.tenants.keys().find(|id| self.is_snapshot_due(**id, TAIL_PART)).copied();
        due.map_or(Ok(()), |id| self.keep_snapshot(id).map(|_| ()))
    }

    /// Keeps a snapshot of every tenant that is due: the work is at its end.
    ///
    /// # Errors
    /// As [`Engine::keep_snapshot`].
    pub fn keep_snapshots(&mut self) -> Result<(), Fault> {
        let ids: Vec<_> = self.tenants.keys().copied().collect();
        ids.into_iter().try_for_each(|id| self.snapshot_if_due(id, LAST_TAIL_PART))
    }

    /// Keeps a snapshot of a tenant that was just folded, if it is due.
    pub(crate) fn snapshot_folded(&mut self, id: JournalId) -> Result<(), Fault> {
        self.snapshot_if_due(id, TAIL_PART)
    }

    fn snapshot_if_due(&mut self, id: JournalId, tail_part: u64) -> Result<(), Fault> {
        if self.is_snapshot_due(id, tail_part) {
            self.keep_snapshot(id).map(|_| ())
        } else {
            Ok(())
        }
    }

    /// Drops the snapshot of a tenant whose root key was just destroyed.
    pub(crate) fn drop_snapshot(&mut self, id: JournalId) {
        self.snapshots.remove(id);
        if let Some(tenant) = self.tenants.get_mut(&id) {
            tenant.snapshot = 0;
        }
    }

    fn is_snapshot_due(&self, id: JournalId, tail_part: u64) -> bool {
        let size = self.store.size(id);
        let since = |tenant: &Tenant| size.saturating_sub(tenant.snapshot);
        let tenant = self.tenants.get(&id).filter(|tenant| !tenant.has_ended());
        tenant.map_or(0, since) >= RECORDS_MIN.max(size / tail_part)
    }
}

/// Whether keys are being destroyed: what is folded now is told by the journal and by the key tree
/// together, and a snapshot knows only one of them.
fn is_erasing(tenant: &Tenant) -> bool {
    let in_stage = |stage| !tenant.state().orders_in(stage).is_empty();
    in_stage(Stage::Fenced) || in_stage(Stage::Destroyed)
}
