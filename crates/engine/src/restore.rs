//! A declared restore: newest pages and root, any records, and what the guard keeps besides
//! (docs/format/backup.md §6).
//!
//! *Invariant:* whatever a fence lists is cut before anything opens, whichever pages came back.
//! *Invariant:* the old era is never signed again: the guard advances to the new one first.
//! *Invariant:* nothing is given up before what replaces it is durable; repeating ends it.

mod keys;
mod leftovers;
mod past;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use journal::{Append, Batch, CommitError, Guard, GuardError, GuardState, Store, Urgency, watched};
use record::note::Vkey;
use record::public::{PublicPart, RestoreDeclared};
use record::tree::{Frontier, record_leaf};
use record::{ActorId, JournalId, LeafId, Origin, PartKind, Record, ScopeId, Seq};
use serde::Serialize;
use std::collections::BTreeSet;
use thiserror::Error;
use vault::RootCopy;
use zeroize::Zeroizing;

use crate::backup::{Backup, BackupError};
use crate::checkpoint::must_keep;
use crate::engine::{Clock, seal_public};
use crate::execute::Fault;
use crate::manifest::{Line, Manifest};
use crate::paths::Paths;
use crate::places::Places;
use crate::shipping;
use crate::signing::Signing;
use crate::snapshot::Snapshots;
use crate::tenant::public_part;
use keys::Restored;
use leftovers::Beside;
pub(crate) use leftovers::{found as leftovers_found, remove_building, remove_leftovers};
use past::Past;

/// Records of one batch, at most.
const RECORDS_PER_BATCH: usize = 1_024;
/// Bytes of one batch of records, about.
const BATCH_BYTES: usize = 8 * 1024 * 1024;
/// Most steps of erasures that follow a declaration, in one batch with it.
const STEPS_MAX: usize = 16_000;
/// Most keys that one declaration lists as lost.
const LOST_MAX: usize = 1_000_000;

/// What to put back, and who decided.
#[derive(Debug)]
pub struct RestorePlan {
    /// A directory that `zegel backup` wrote.
    pub backup: PathBuf,
    /// Where the sealed roots are, if they are needed.
    pub escrow: Option<PathBuf>,
    /// What opens them.
    pub identities: Vec<::escrow::Identity>,
    /// For example `disk-lost`.
    pub ground: String,
    /// Who decided.
    pub approved_by: ActorId,
    /// This tenant alone, in a database that stands.
    pub only: Option<JournalId>,
}

/// What a journal is put back with.
struct Work<'a> {
    paths: &'a Paths,
    clock: &'a Clock,
    plan: &'a RestorePlan,
    backup: &'a Backup,
    /// What shipments must be signed by.
    vkey: &'a Vkey,
    /// To see whether it can be done: no root is written, and nothing is kept.
    trial: bool,
}

/// Why nothing was put back.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The backup.
    #[error("the backup: {0}")]
    Backup(#[from] BackupError),
    /// There is a database.
    #[error("there is a database already: move it away, or restore one tenant with --tenant")]
    DatabaseExists,
    /// The ground breaks its rule.
    #[error("--ground: 1 to 64 bytes without control or format characters")]
    Ground,
    /// The signing key is neither here nor in the escrow.
    #[error(
        "the signing key: {0}; it is in keys/signing.key, or in installation.age of the escrow"
    )]
    SigningKey(String),
    /// A tenant without a backup.
    #[error("tenant {0} is registered and not in this backup: take a newer one")]
    NoBackup(JournalId),
    /// The records are not those of the guard.
    #[error("journal {journal}: {what}: this backup is of another history")]
    OtherHistory {
        /// Which.
        journal: JournalId,
        /// How it shows.
        what: String,
    },
    /// No root and pages that go together.
    #[error("tenant {journal}: no root with pages of its epoch is at hand; {tried}")]
    NoKeys {
        /// Which.
        journal: JournalId,
        /// What was looked at.
        tried: String,
    },
    /// The guard knows less than the keys.
    #[error(
        "tenant {journal}: its guard knows epoch {guarded} and the root is of epoch {found}: this \
         guard is older than the keys, and may not know every erasure"
    )]
    GuardOlder {
        /// Which.
        journal: JournalId,
        /// By the guard.
        guarded: u64,
        /// By the root.
        found: u64,
    },
    /// Over a limit.
    #[error("journal {journal}: over the limit of {limit} {what}: restore from a newer backup")]
    Limit {
        /// Which.
        journal: JournalId,
        /// Most.
        limit: usize,
        /// Of what.
        what: &'static str,
    },
    /// Something is broken.
    #[error(transparent)]
    Fault(#[from] Fault),
}

macro_rules! through_fault {
    ($($error:ty),*) => {$(
        impl From<$error> for RestoreError {
            fn from(error: $error) -> Self {
                Self::Fault(error.into())
            }
        }
    )*};
}
through_fault!(GuardError, CommitError, journal::OpenError, journal::ReadError, vault::VaultError);

/// What came back.
#[derive(Debug, Clone, Serialize)]
pub struct RestoreReport {
    /// Each journal; empty if an earlier run had only to be finished.
    pub journals: Vec<RestoredJournal>,
}

/// One journal that came back.
#[derive(Debug, Clone, Serialize)]
pub struct RestoredJournal {
    /// Which.
    pub journal: String,
    /// The era that begins.
    pub era: u32,
    /// Records that came back.
    pub records: u64,
    /// Records that the guard knew.
    pub guarded: u64,
    /// Of these, gone.
    pub records_lost: u64,
    /// Leaves and scopes whose keys did not come back, without a receipt.
    pub keys_lost: usize,
    /// Orders, approvals, fences and receipts that the guard gave back.
    pub steps_replayed: usize,
    /// Where root and pages are from, of which epoch, and of how many records.
    pub keys: Option<String>,
}

/// Puts an installation, or one tenant of it, back. Open it afterwards.
///
/// # Errors
/// [`RestoreError`]; what stood before stands still, and repeating is allowed.
pub fn restore(
    paths: &Paths,
    clock: &Clock,
    plan: &RestorePlan,
) -> Result<RestoreReport, RestoreError> {
    let plain = record::public::is_plain;
    let good_ground = |ground: &str| !ground.is_empty() && ground.chars().all(plain);
    let limit = usize::from(record::public::GROUND_BYTES_MAX);
    if !good_ground(&plan.ground) || plan.ground.len() > limit {
        return Err(RestoreError::Ground);
    }
    let signing = signing_key(paths, plan)?;
    let vkey = signing.signer.vkey();
    let backup = Backup::open(&plan.backup, &vkey)?;
    if let (None, Some(escrow)) = (&paths.escrow, &plan.escrow) {
        // What it is restored from still opens, and no setting of the new directory tells of it.
        Places::read(&paths.guard)?.add(&paths.guard, escrow)?;
    }
    let work = Work { paths, clock, plan, backup: &backup, vkey: &vkey, trial: false };
    match plan.only {
        Some(tenant) => one_tenant(&work, tenant),
        None if paths.database.join("db").exists() => finish_earlier(paths, &backup),
        None => everything(&work),
    }
}

/// The signing key that is here, or the one that the escrow gives back.
fn signing_key(paths: &Paths, plan: &RestorePlan) -> Result<Signing, RestoreError> {
    let operator = Manifest::claimed_operator(&plan.backup)?;
    let path = paths.signing_key();
    if path.exists() {
        check_key(paths, plan, operator, &Signing::open(&path, operator)?)?;
    } else {
        let key = escrowed_key(plan, operator)?;
        // Anybody can seal a key to the holders: the operator journal says which it is.
        check_key(paths, plan, operator, &Signing::from_secret(&key, operator)?)?;
        Signing::put_back(&path, &key)?;
    }
    Ok(Signing::open(&path, operator)?)
}

/// The signing key that a holder opens.
fn escrowed_key(
    plan: &RestorePlan,
    operator: JournalId,
) -> Result<Zeroizing<[u8; 32]>, RestoreError> {
    let lost = |what: String| RestoreError::SigningKey(what);
    let escrow = plan.escrow.as_ref().ok_or_else(|| lost("it is not here".to_owned()))?;
    let sealed = crate::outside::read(&shipping::installation(escrow));
    let sealed = sealed.map_err(|error| lost(error.to_string()))?;
    let secret = ::escrow::open(&plan.identities, &sealed);
    let secret = secret.map_err(|error| lost(error.to_string()))?;
    let key = secret.strip_prefix(operator.as_bytes());
    let key = key.and_then(|key| <[u8; 32]>::try_from(key).ok()).map(Zeroizing::new);
    key.ok_or_else(|| lost("it is another installation's".to_owned()))
}

/// The key must be the one that record 0 of the operator journal states, and that journal must be
/// the one that its guard knows.
fn check_key(
    paths: &Paths,
    plan: &RestorePlan,
    operator: JournalId,
    signing: &Signing,
) -> Result<(), RestoreError> {
    let vkey = signing.signer.vkey();
    let backup = Backup::open(&plan.backup, &vkey)?;
    let line = backup.manifest.lines.get(&operator).ok_or(RestoreError::NoBackup(operator))?;
    let held = Guard::open(&paths.guard, operator)?.state();
    let (mut tree, mut stated) = (Frontier::default(), None);
    for record in backup.records(operator, line)? {
        let record = record?;
        if tree.size() == 0 {
            stated = public_part(&record)?;
        }
        tree.push(record_leaf(&record.header));
        let known = line.era == held.origin.era && tree.size() == held.size;
        if known && tree.root() != held.root {
            return Err(other(operator, "its guard has another root"));
        }
    }
    let is_stated = matches!(&stated, Some(PublicPart::InstallationStarted(started))
        if started.vkey == vkey.to_string());
    match is_stated {
        true => Ok(()),
        false => Err(RestoreError::SigningKey(
            "it is not the key that the operator journal states".to_owned(),
        )),
    }
}

/// Builds a database beside its place, and then gives it its name.
fn everything(work: &Work<'_>) -> Result<RestoreReport, RestoreError> {
    let Work { paths, backup, .. } = *work;
    let mut beside = Beside::begin(paths)?;
    let mut store = Store::open(beside.database(), true)?;
    let mut journals = Vec::new();
    for (id, line) in &backup.manifest.lines {
        let operator = *id == backup.manifest.operator;
        journals.push(put_back(work, &mut store, &mut beside, (*id, line), operator)?);
    }
    check_registered(&store, backup)?;
    drop(store);
    if paths.database.exists() {
        // A directory without a database: a mount point, or what a removal left.
        fs::remove_dir(&paths.database).map_err(|_| RestoreError::DatabaseExists)?;
    }
    // CRASH: before the rename nothing has changed; after it the next run only finishes.
    fs::rename(beside.database(), &paths.database)
        .map_err(|error| crate::backup::at(&paths.database)(error))?;
    beside.keep();
    crate::backup::sync_directory(paths.database.parent().unwrap_or(Path::new(".")))?;
    finish_earlier(paths, backup)?;
    Ok(RestoreReport { journals })
}

/// Every tenant of the operator journal is there.
fn check_registered(store: &Store, backup: &Backup) -> Result<(), RestoreError> {
    let origin = Origin::first(backup.manifest.operator);
    let registered = crate::recover::registered(store, origin)?;
    match registered.into_iter().find(|id| store.head(*id).is_none()) {
        Some(missing) => Err(RestoreError::NoBackup(missing)),
        None => Ok(()),
    }
}

/// Replaces one tenant in a database that stands.
fn one_tenant(work: &Work<'_>, id: JournalId) -> Result<RestoreReport, RestoreError> {
    let Work { paths, backup, .. } = *work;
    let line = backup.manifest.lines.get(&id).ok_or(RestoreError::NoBackup(id))?;
    if id == backup.manifest.operator {
        return Err(RestoreError::DatabaseExists);
    }
    let mut store = Store::open(&paths.database, false)?;
    let mut journals = Vec::new();
    if !is_put_back(&store, paths, id)? || !has_new_slots(&store, paths, id) {
        // Aside first: what is refused must leave the tenant that stands here as it is.
        try_aside(work, (id, line))?;
        let mut beside = Beside::begin(paths)?;
        // CRASH: a tenant that is half removed does not open, and is removed again by the next run.
        store.remove(id)?;
        journals.push(put_back(work, &mut store, &mut beside, (id, line), false)?);
        beside.keep();
    }
    finish(&store, paths, id)?;
    Ok(RestoreReport { journals })
}

/// Whether one tenant could be put back.
fn try_aside(work: &Work<'_>, of: (JournalId, &Line)) -> Result<(), RestoreError> {
    let mut beside = Beside::begin(work.paths)?;
    let mut aside = Store::open(beside.database(), true)?;
    let work = Work { trial: true, ..*work };
    put_back(&work, &mut aside, &mut beside, of, false).map(|_| ())
}

/// Takes in one journal: records, keys, and the beginning of its new era.
fn put_back(
    work: &Work<'_>,
    store: &mut Store,
    beside: &mut Beside,
    (id, line): (JournalId, &Line),
    operator: bool,
) -> Result<RestoredJournal, RestoreError> {
    let Work { paths, clock, plan, backup, .. } = *work;
    let guard = Guard::open(&paths.guard, id)?;
    take_in(store, backup, &guard, (id, line))?;
    check_guard(store, &guard, id)?;
    let past = Past::read(store, &guard, id)?;
    if past.missing.len() > STEPS_MAX {
        let what = "steps of erasures since the backup";
        return Err(RestoreError::Limit { journal: id, limit: STEPS_MAX, what });
    }
    let (held, size) = (guard.state(), store.size(id));
    let era = store.head(id).map_or(0, |head| head.origin.era).max(held.origin.era) + 1;
    let origin = Origin { journal: id, era };
    let restored = match operator {
        true => None,
        false => {
            beside.makes(new_slots(paths, origin))?;
            keys::put_back(work, store, (origin, line), &guard, &past)?
        }
    };
    let (leaves, scopes) = lost_keys(store, id, restored.as_ref(), &past, operator)?;
    if leaves.len() + scopes.len() > LOST_MAX {
        return Err(RestoreError::Limit { journal: id, limit: LOST_MAX, what: "lost keys" });
    }
    let keys_lost = leaves.len() + scopes.len();
    let declared = RestoreDeclared {
        guarded_era: held.origin.era,
        guarded_size: held.size,
        guarded_root: held.root,
        guarded_epoch: held.epoch,
        restored_size: size,
        ground: plan.ground.clone(),
        approved_by: plan.approved_by,
        lost_leaves: leaves,
        lost_scopes: scopes,
    };
    begin_era(store, clock, origin, declared, &past.missing)?;
    Ok(RestoredJournal {
        journal: id.to_string(),
        era,
        records: size,
        guarded: held.size,
        records_lost: held.size.saturating_sub(size),
        keys_lost,
        steps_replayed: past.missing.len(),
        keys: restored.map(|restored| restored.from),
    })
}

/// Takes in the records of the manifest, up to where an earlier restore left their era.
fn take_in(
    store: &mut Store,
    backup: &Backup,
    guard: &Guard,
    (id, line): (JournalId, &Line),
) -> Result<(), RestoreError> {
    let (mut some, mut bytes) = (Vec::new(), 0);
    let (begun, mut given_up) = (beginnings(guard)?, false);
    for record in backup.records(id, line)? {
        let record = record?;
        let (seq, era) = (record.header.seq, record.header.origin.era);
        // A later era began at or before this record: its history was given up.
        given_up |= begun.iter().any(|(begin, later)| *begin <= seq && *later > era);
        if given_up {
            break;
        }
        bytes += usize::try_from(record.header.record_bytes()).unwrap_or(usize::MAX);
        some.push(record);
        if some.len() >= RECORDS_PER_BATCH || bytes >= BATCH_BYTES {
            store.take_in(id, &std::mem::take(&mut some))?;
            bytes = 0;
        }
    }
    store.take_in(id, &some)?;
    let (size, root) = (store.size(id), store.root_at(id, store.size(id))?);
    match given_up || (size, root) == (line.size, line.root) {
        true => Ok(()),
        false => Err(other(id, "its records are not those of the manifest")),
    }
}

/// Where eras began, as the guard remembers it, those of histories that were given up included.
fn beginnings(guard: &Guard) -> Result<Vec<(Seq, u32)>, Fault> {
    let mut found = Vec::new();
    for kept in guard.kept() {
        if matches!(public_part(kept)?, Some(PublicPart::RestoreDeclared(_))) {
            found.push((kept.header.seq, kept.header.origin.era));
        }
    }
    Ok(found)
}

fn other(journal: JournalId, what: impl ToString) -> RestoreError {
    RestoreError::OtherHistory { journal, what: what.to_string() }
}

/// What came back and what the guard knows must be one history, as far as both go.
fn check_guard(store: &Store, guard: &Guard, id: JournalId) -> Result<(), RestoreError> {
    let (held, size) = (guard.state(), store.size(id));
    if held.size <= size && store.root_at(id, held.size)? != held.root {
        return Err(other(id, "its guard has another root"));
    }
    for kept in guard.kept().iter().filter(|kept| kept.header.seq.0 < size) {
        let found = store.read(id, kept.header.seq)?;
        // A record of a later era took the place of one that an earlier restore did not bring back.
        if found.header.origin == kept.header.origin && found != *kept {
            return Err(other(id, format!("its guard keeps another record {}", kept.header.seq)));
        }
    }
    Ok(())
}

/// Keys that the records name, that are not there, and that no fence or receipt covers.
fn lost_keys(
    store: &Store,
    id: JournalId,
    restored: Option<&Restored>,
    past: &Past,
    operator: bool,
) -> Result<(Vec<LeafId>, Vec<ScopeId>), RestoreError> {
    let (mut leaves, mut scopes) = (BTreeSet::new(), BTreeSet::new());
    if operator || past.whole_tenant {
        return Ok((Vec::new(), Vec::new()));
    }
    for record in store.scan(id, Seq(0), Seq(store.size(id))) {
        for part in &record?.header.parts {
            if part.kind == PartKind::Sealed && !past.leaves.contains(&part.leaf) {
                let held = restored.is_some_and(|keys| keys.leaves.contains(&part.leaf));
                leaves.extend((!held).then_some(part.leaf));
            }
            if part.kind == PartKind::Sealed && !past.scopes.contains(&part.scope) {
                let held = restored.is_some_and(|keys| keys.scopes.contains(&part.scope));
                scopes.extend((!held).then_some(part.scope));
            }
        }
    }
    Ok((leaves.into_iter().collect(), scopes.into_iter().collect()))
}

/// The declaration and the steps that the guard gives back, in one batch.
fn begin_era(
    store: &mut Store,
    clock: &Clock,
    origin: Origin,
    declared: RestoreDeclared,
    missing: &[PublicPart],
) -> Result<(), RestoreError> {
    let declared = PublicPart::RestoreDeclared(declared);
    let parts = std::iter::once(&declared).chain(missing);
    let sealed = parts.map(|part| seal_public(origin, part)).collect::<Result<Vec<_>, _>>()?;
    let append = Append { origin, expected: None, recorded_at: clock.now(), sealed };
    let batch = Batch { appends: vec![append], urgency: Urgency::Cut, ..Batch::default() };
    store.commit(batch)?;
    Ok(())
}

/// Finishes every journal of a database that was put back: guards advance, slots take their place.
fn finish_earlier(paths: &Paths, backup: &Backup) -> Result<RestoreReport, RestoreError> {
    let store = Store::open(&paths.database, false)?;
    let mut is_unfinished = false;
    for id in backup.manifest.lines.keys() {
        let guard = Guard::open(&paths.guard, *id)?;
        let done = store.head(*id).is_some_and(|head| head.origin == guard.state().origin);
        if !done && !is_put_back(&store, paths, *id)? {
            return Err(RestoreError::DatabaseExists);
        }
        is_unfinished |= !done || new_slots(paths, guard.state().origin).exists();
    }
    if !is_unfinished {
        return Err(RestoreError::DatabaseExists);
    }
    backup.manifest.lines.keys().try_for_each(|id| finish(&store, paths, *id))?;
    Ok(RestoreReport { journals: Vec::new() })
}

/// Whether this journal was put back, and only its guard does not know yet.
fn is_put_back(store: &Store, paths: &Paths, id: JournalId) -> Result<bool, RestoreError> {
    let held = Guard::open(&paths.guard, id)?.state();
    let Some(declared) = declaration(store, id)? else { return Ok(false) };
    let (_, part) = declared;
    let of_this_guard = (part.guarded_era, part.guarded_size) == (held.origin.era, held.size);
    Ok(of_this_guard && part.guarded_root == held.root)
}

/// The declaration that began the era that a journal is in, with the records from there on.
fn declaration(
    store: &Store,
    id: JournalId,
) -> Result<Option<(Vec<Record>, RestoreDeclared)>, RestoreError> {
    let Some(head) = store.head(id).filter(|head| head.origin.era > 0) else { return Ok(None) };
    let mut found = None;
    for record in store.scan(id, Seq(0), Seq(head.size)) {
        let record = record?;
        if record.header.origin != head.origin {
            continue;
        }
        match (&mut found, public_part(&record)?) {
            (None, Some(PublicPart::RestoreDeclared(part))) => found = Some((vec![record], part)),
            (None, _) => return Ok(None),
            (Some((records, _)), _) => records.push(record),
        }
    }
    Ok(found)
}

/// Lets the guard follow into the new era, and then the slots.
fn finish(store: &Store, paths: &Paths, id: JournalId) -> Result<(), RestoreError> {
    let mut guard = Guard::open(&paths.guard, id)?;
    let held = guard.state();
    let head = store.head(id).ok_or(Fault::NoTenant)?;
    // It is of another history, and sealed under a root that is gone.
    Snapshots::new(paths.snapshots.clone()).remove(id);
    if head.origin.era > held.origin.era {
        let Some((records, _)) = declaration(store, id)? else {
            return Err(RestoreError::DatabaseExists);
        };
        let kept = records.into_iter().filter(|record| must_keep(record).unwrap_or(false));
        let kept: Vec<Record> = kept.collect();
        let new = new_slots(paths, head.origin);
        let root = if new.exists() { RootCopy::of_slots(&new)? } else { None };
        let epoch = root.map_or(held.epoch, |root| root.epoch());
        let (size, root) = (head.size, head.root);
        guard.keep_all(&kept, GuardState { origin: head.origin, size, root, epoch })?;
    }
    finish_slots(paths, store, &guard)?;
    Ok(remove_leftovers(paths, store, &guard)?)
}

/// Where the slots of a restored tenant stand until its guard is in the new era.
fn new_slots(paths: &Paths, origin: Origin) -> PathBuf {
    paths.slots(origin.journal).with_extension(format!("slots-era-{}", origin.era))
}

/// Whether the slots of the era are there that a journal is in.
fn has_new_slots(store: &Store, paths: &Paths, id: JournalId) -> bool {
    store.head(id).is_some_and(|head| new_slots(paths, head.origin).exists())
}

/// Puts restored slots in the place of the old ones, which are overwritten first. The guard is in
/// the era of the journal: the restore is done but for this.
pub(crate) fn finish_slots(paths: &Paths, store: &Store, guard: &Guard) -> Result<(), Fault> {
    let origin = guard.state().origin;
    let (old, new) = (paths.slots(origin.journal), new_slots(paths, origin));
    if !new.exists() {
        return Ok(());
    }
    if store.head(origin.journal).is_none_or(|head| head.origin != origin) {
        return Err(Fault::UnfinishedRestore);
    }
    if old.exists() {
        watched(&old, || vault::destroy_slots(&old))?;
    }
    // CRASH: the old roots are gone, and the restored one waits under its other name.
    fs::rename(&new, &old)
        .and_then(|()| File::open(&paths.keys)?.sync_all())
        .map_err(|error| Fault::Key(error.kind()))
}
