//! Opening: read public parts before keys, fold on the usual road, finish what a fence began.
//!
//! *Invariant:* a fenced cut without receipt is finished before anything is answered; an order
//! without a fence only waits for its approval.
//! *Invariant:* whatever a crash interrupted is made up for in the order of `erase`: guarded and
//! noted before a slot is written, and new digests where none follow the last receipt.

use std::collections::BTreeSet;
use std::path::Path;

use journal::{Guard, Position, Store, watched};
use record::public::PublicPart;
use record::{Hash, JournalId, OrderId, Origin, PageWrite, Seq};
use rules::Stage;
use vault::{Condemned, Vault, VaultError};

use crate::checkpoint::{CHECKPOINT_LEAFLET, DIGEST_LEAFLET};
use crate::engine::{Engine, commit_urgent};
use crate::erase::people_among;
use crate::execute::{EngineError, Fault};
use crate::model::Model;
use crate::paths::Paths;
use crate::restore;
use crate::signing::Signing;
use crate::tenant::{Tenant, public_part};

/// The operator journal: the one that begins with `installation.started`.
pub(crate) fn find_operator(store: &Store) -> Result<Origin, Fault> {
    for id in store.journals() {
        let first = store.read(id, Seq(0))?;
        if first.header.kind.name() == "installation.started" {
            return Ok(store.head(id).ok_or(Fault::NotInstalled)?.origin);
        }
    }
    Err(Fault::NotInstalled)
}

/// A bent signing key is a key as good as any, and signs what nobody will accept.
pub(crate) fn check_key(store: &Store, operator: Origin, signing: &Signing) -> Result<(), Fault> {
    let first = public_part(&store.read(operator.journal, Seq(0))?)?;
    let vkey = signing.signer.vkey().to_string();
    match first {
        Some(PublicPart::InstallationStarted(started)) if started.vkey == vkey => Ok(()),
        _ => Err(Fault::OtherKey),
    }
}

/// The tenants that the operator journal names.
pub(crate) fn registered(store: &Store, operator: Origin) -> Result<Vec<JournalId>, Fault> {
    let tenant = |part| match part {
        PublicPart::TenantRegistered(registered) => Some(registered.tenant),
        _ => None,
    };
    let parts = public_parts(store, operator.journal)?;
    Ok(parts.into_iter().filter_map(tenant).collect())
}

/// After a guard disagreed: the journal whose pages are older than its root key, if there is one.
///
/// An older database put back is both shorter than its guard and older than its keys; the second
/// says what happened, and stays true where the guard was put back too.
pub(crate) fn older_pages(store: &Store, paths: &Paths) -> Option<Fault> {
    let older = |id: JournalId| {
        let slots = paths.slots(id);
        let read = slots.exists().then(|| read_vault(store, &slots, id))?;
        match read {
            Err(older @ Fault::Vault(VaultError::PagesOlderThanRoot)) => Some(older.of(id)),
            _ => None,
        }
    };
    store.journals().into_iter().find_map(older)
}

/// Guards what a crash left unguarded of the operator journal.
pub(crate) fn operator(engine: &mut Engine) -> Result<(), Fault> {
    let id = engine.operator.origin.journal;
    let size = engine.store.head(id).ok_or(Fault::NotInstalled)?.size;
    let guarded = engine.operator.guard.state().size;
    if size == guarded {
        return Ok(());
    }
    for record in engine.store.scan(id, Seq(guarded), Seq(size)) {
        let record = record?;
        if matches!(public_part(&record)?, Some(PublicPart::TenantClosing(_))) {
            engine.operator.guard.keep(&record)?;
        }
    }
    engine.checkpoint_operator().map(|_| ())
}

/// Opens one tenant, anew if it was open, and finishes its erasures.
pub(crate) fn tenant(engine: &mut Engine, id: JournalId) -> Result<(), Fault> {
    let opened = open_tenant(engine, id);
    opened.map_err(|fault| fault.of(id))
}

/// Ends the runs of couplings that a stopped program left; without room that waits for another
/// opening, and what they brought does not count anyway.
pub(crate) fn interrupted_syncs(engine: &mut Engine, id: JournalId) -> Result<(), Fault> {
    if engine.tenants.get(&id).is_none_or(Tenant::has_ended) {
        return Ok(());
    }
    match engine.end_interrupted_syncs(id) {
        Err(EngineError::NoSpace) => Ok(()),
        ended => ended.map_err(as_fault).map_err(|fault| fault.of(id)),
    }
}

fn open_tenant(engine: &mut Engine, id: JournalId) -> Result<(), Fault> {
    engine.tenants.remove(&id);
    let guard = Guard::open(&engine.paths.guard, id)?;
    restore::finish_slots(&engine.paths, &engine.store, &guard)?;
    restore::remove_leftovers(&engine.paths, &engine.store, &guard)?;
    let origin = engine.store.head(id).ok_or(Fault::NoTenant)?.origin;
    let whole = is_closing(&engine.store, &guard)?;
    let vault =
        if whole { None } else { Some(read_vault(&engine.store, &engine.paths.slots(id), id)?) };
    let (from, model) = checked_start(engine, &guard, vault.as_ref())?;
    let mut tenant = Tenant::new(origin, vault, guard, model);
    tenant.fold(&engine.store, from)?;
    tenant.snapshot = from.0;
    engine.tenants.insert(id, tenant);
    engine.guard_tail(id)?;
    if whole {
        note_closings(engine, id).map_err(as_fault)?;
        // The fence is guarded and noted. CRASH: whatever the slots hold is overwritten once more.
        let slots = engine.paths.slots(id);
        watched(&slots, || vault::destroy_slots(&slots))?;
    }
    engine.look_at_escrow(id);
    finish(engine, id).map_err(as_fault)?;
    publish_last_receipt(engine, id)?;
    sweep_pages(engine, id)?;
    engine.snapshot_folded(id)
}

/// Whether the whole tenant is fenced: known from the guard, and from what it does not hold yet.
///
/// INVARIANT: no slot is overwritten for the end of a tenant before its fence is guarded, so
/// nothing before the guarded size needs to be read for this.
fn is_closing(store: &Store, guard: &Guard) -> Result<bool, Fault> {
    let state = guard.state();
    let guarded = guard.kept().iter().map(public_part);
    let size = store.size(state.origin.journal);
    let from = Seq(state.size.min(size));
    let young = store.scan(state.origin.journal, from, Seq(size));
    let young = young.map(|record| public_part(&record?));
    let mut parts = guarded.chain(young);
    parts.try_fold(false, |closing, part| {
        Ok(closing || part?.as_ref().and_then(closing_of).is_some())
    })
}

/// Where the folding starts: at the newest snapshot that opens and agrees with the guard, or else
/// at the first record. The journal was compared with its guard when this returns.
fn checked_start(
    engine: &mut Engine,
    guard: &Guard,
    vault: Option<&Vault>,
) -> Result<(Seq, Model), Fault> {
    let id = guard.state().origin.journal;
    let epoch = vault.map_or(u64::MAX, Vault::epoch);
    let restored = vault.and_then(|vault| engine.snapshots.restore(vault, id));
    let fits = |position: &Position| {
        let known = position.origin() == guard.state().origin;
        known && position.size() <= guard.state().size && engine.store.stands_at(position)
    };
    if let Some((position, model)) = restored.filter(|(position, _)| fits(position))
        && guard.check(&engine.store, epoch).is_ok()
    {
        return Ok((Seq(position.size()), model));
    }
    if engine.snapshots.has(id) {
        tracing::info!(tenant = %id, "a snapshot does not open any more or does not fit: folding from the first record");
        engine.snapshots.remove(id);
    }
    if engine.store.resumed(id) > 0 {
        engine.store.follow(id)?;
    }
    guard.check(&engine.store, epoch)?;
    Ok((Seq(0), Model::default()))
}

/// Follows from their first record all journals that a stored file only claims to know: those that
/// have no snapshots, the operator's and those that were never registered.
pub(crate) fn disbelieve(store: &mut Store, operator: Origin) -> Result<(), Fault> {
    let tenants: BTreeSet<JournalId> = match store.resumed(operator.journal) {
        0 => registered(store, operator)?.into_iter().collect(),
        _ => BTreeSet::new(),
    };
    let resumed = |id: &JournalId| store.resumed(*id) > 0 && !tenants.contains(id);
    let claimed: Vec<_> = store.journals().into_iter().filter(resumed).collect();
    claimed.into_iter().try_for_each(|id| Ok(store.follow(id)?))
}

/// Whether a part closes the whole tenant: false for its fence, true for its receipt.
fn closing_of(part: &PublicPart) -> Option<bool> {
    match part {
        PublicPart::ErasureFenced(fence) if fence.tenant => Some(false),
        PublicPart::KeysDestroyed(receipt) if receipt.tenant => Some(true),
        _ => None,
    }
}

/// Copies the fence and the receipt of a whole tenant to the operator journal, if a crash came
/// before it.
fn note_closings(engine: &mut Engine, id: JournalId) -> Result<(), EngineError> {
    let noted = |part| match part {
        PublicPart::TenantClosing(closing) if closing.tenant == id => {
            Some((closing.seq, closing.record))
        }
        _ => None,
    };
    let operator = public_parts(&engine.store, engine.operator.origin.journal)?;
    let noted: BTreeSet<(Seq, Hash)> = operator.into_iter().filter_map(noted).collect();
    let size = engine.store.size(id);
    let mut missing = Vec::new();
    for record in engine.store.scan(id, Seq(0), Seq(size)) {
        let record = record.map_err(Fault::from)?;
        let closing = public_part(&record)?.as_ref().and_then(closing_of);
        let place = (record.header.seq, record.header.record_hash());
        let unnoted = closing.filter(|_| !noted.contains(&place));
        missing.extend(unnoted.map(|destroyed| (record, destroyed)));
    }
    missing.iter().try_for_each(|(record, destroyed)| engine.note_closing(id, record, *destroyed))
}

/// Publishes a checkpoint with new digests, if none follows the last receipt: older digests are
/// sealed under a root that is gone, and nothing could be compared with them. The same where there
/// are none, as after a program with another encoding.
fn publish_last_receipt(engine: &mut Engine, id: JournalId) -> Result<(), Fault> {
    let checkpoints = engine.leaflets(id, CHECKPOINT_LEAFLET)?;
    let published = checkpoints.first().map_or(0, |newest| newest.number);
    let digests = engine.leaflets(id, DIGEST_LEAFLET)?;
    let tenant = engine.tenants.get_mut(&id).ok_or(Fault::NoTenant)?;
    tenant.published = tenant.published.max(published);
    tenant.digested = tenant.digested.max(digests.first().map_or(0, |newest| newest.number));
    if tenant.has_ended() {
        // There is nothing to take digests of.
        tenant.digested = tenant.published;
    }
    let receipt = tenant.views().erasures().last_receipt_after(Seq(tenant.digested));
    if published > 0 && digests.is_empty() && !tenant.has_ended() {
        engine.publish_or_digest(id, true)?;
    } else if published == 0 || receipt.is_some() {
        engine.checkpoint(id)?;
    }
    Ok(())
}

fn read_vault(store: &Store, slots: &Path, id: JournalId) -> Result<Vault, Fault> {
    let mut failed = None;
    let mut read = |key| {
        store.page(id, key).unwrap_or_else(|error| {
            failed = Some(error);
            None
        })
    };
    let vault = Vault::open(slots, &mut read);
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(vault?),
    }
}

/// Carries unfinished erasures to their end.
fn finish(engine: &mut Engine, id: JournalId) -> Result<(), EngineError> {
    let tenant = engine.tenants.get(&id).ok_or(EngineError::UnknownTenant)?;
    let in_stage = |stage: Stage| -> Vec<OrderId> { tenant.state().orders_in(stage) };
    let (approved, fenced, destroyed) =
        (in_stage(Stage::Approved), in_stage(Stage::Fenced), in_stage(Stage::Destroyed));
    for order in fenced {
        tracing::info!(%order, "finishing an erasure that was fenced");
        finish_fenced(engine, id, order)?;
    }
    for order in destroyed {
        tracing::info!(%order, "completing an erasure whose keys are destroyed");
        engine.complete(id, order)?;
    }
    for order in approved {
        tracing::info!(%order, "carrying out an erasure that was approved");
        engine.carry_out(id, order, None)?;
    }
    Ok(())
}

fn finish_fenced(engine: &mut Engine, id: JournalId, order: OrderId) -> Result<(), EngineError> {
    let tenant = engine.tenants.get(&id).ok_or(EngineError::UnknownTenant)?;
    let ordered = tenant.state().order(order).ok_or(EngineError::UnknownOrder)?;
    let fence = ordered.fence.clone().ok_or(EngineError::UnknownOrder)?;
    let targets = ordered.targets.clone();
    // As before the crash: with the pseudonyms that links lead to, while those still open.
    let subjects = match tenant.has_ended() {
        true => BTreeSet::new(),
        false => engine.find_subjects(tenant, &people_among(&targets))?,
    };
    let condemned = Condemned {
        tenant: fence.tenant,
        subjects: subjects.into_iter().collect(),
        leaves: fence.leaves.clone(),
        scopes: fence.scopes.clone(),
    };
    engine.destroy(id, &fence, &condemned, None)?;
    engine.complete(id, order)
}

/// Removes pages that no path from the root leads to: what a crash in a cut left behind.
fn sweep_pages(engine: &mut Engine, id: JournalId) -> Result<(), Fault> {
    let tenant = engine.tenants.get(&id).ok_or(Fault::NoTenant)?;
    let live: BTreeSet<_> =
        tenant.vault.as_ref().map(|vault| vault.page_keys().collect()).unwrap_or_default();
    let orphans = engine.store.pages(id)?.into_iter().filter(|key| !live.contains(key));
    let deletes: Vec<_> = orphans.map(|key| PageWrite { key, bytes: None }).collect();
    if deletes.is_empty() {
        return Ok(());
    }
    tracing::info!(pages = deletes.len(), "removing pages that a crash left behind");
    let now = engine.clock.now();
    commit_urgent(&mut engine.store, tenant.origin(), now, Vec::new(), deletes)?;
    Ok(())
}

/// All public parts of a journal, in order.
pub(crate) fn public_parts(store: &Store, id: JournalId) -> Result<Vec<PublicPart>, Fault> {
    let size = store.size(id);
    let mut parts = Vec::new();
    for record in store.scan(id, Seq(0), Seq(size)) {
        parts.extend(public_part(&record?)?);
    }
    Ok(parts)
}

fn as_fault(error: EngineError) -> Fault {
    match error {
        EngineError::Fault(fault) => fault,
        EngineError::Refused(refusal) => Fault::Step(refusal),
        EngineError::NoSpace => Fault::NoSpace,
        other => Fault::Unfinished(other.to_string()),
    }
}
