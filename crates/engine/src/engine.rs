//! One installation, opened: the store, the operator journal, the tenants and the signer.
//!
//! *Invariant:* after a fault that left memory and disk apart, every further call is refused.

use std::collections::BTreeMap;
use std::fmt;

use journal::{Append, Batch, CommitError, Guard, GuardError, Store, Urgency, watched};
use record::public::{InstallationStarted, PublicPart, TenantRegistered, TenantStarted};
use record::{
    Addressee, CommandId, Draft, DraftPart, JournalId, Origin, PageWrite, Plaintext, Record,
    ScopeId, Sealed, Seq, SubjectId, TimestampMicros,
};
use serde::Serialize;
use vault::Vault;

use crate::execute::{EngineError, Fault};
use crate::model::Model;
use crate::paths::Paths;
use crate::places::Places;
use crate::recover;
use crate::restore;
use crate::signing::{Signing, random16};
use crate::snapshot::Snapshots;
use crate::tenant::Tenant;

/// Tells the time; the binary owns the real one.
pub struct Clock(Box<dyn Fn() -> TimestampMicros + Send>);

impl Clock {
    /// A clock from any function.
    #[must_use]
    pub fn new(now: impl Fn() -> TimestampMicros + Send + 'static) -> Self {
        Self(Box::new(now))
    }

    pub(crate) fn now(&self) -> TimestampMicros {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock(..)")
    }
}

/// An opened installation.
#[derive(Debug)]
pub struct Engine {
    pub(crate) paths: Paths,
    pub(crate) clock: Clock,
    pub(crate) store: Store,
    pub(crate) signing: Signing,
    pub(crate) operator: Operator,
    pub(crate) tenants: BTreeMap<JournalId, Tenant>,
    pub(crate) broken: bool,
    pub(crate) published_at: TimestampMicros,
    pub(crate) snapshots: Snapshots,
    pub(crate) snapshot_at: TimestampMicros,
    pub(crate) escrow_tried_at: TimestampMicros,
    pub(crate) places: Places,
}

/// The operator journal: public parts only, no keys.
#[derive(Debug)]
pub(crate) struct Operator {
    pub(crate) origin: Origin,
    pub(crate) guard: Guard,
}

/// One line about a tenant.
#[derive(Debug, Clone, Serialize)]
pub struct TenantSummary {
    /// Its id, which is its journal's.
    pub tenant: String,
    /// The organisation.
    pub name: String,
    /// Number of records.
    pub records: u64,
    /// Whether its keys were destroyed at the end of the agreement.
    pub ended: bool,
}

impl Engine {
    /// Makes a new installation in empty directories.
    ///
    /// # Errors
    /// [`Fault`] if anything is there already or cannot be written.
    pub fn create(paths: Paths, clock: Clock) -> Result<Self, Fault> {
        let mut store = Store::open(&paths.database, true)?;
        if !store.journals().is_empty() {
            return Err(Fault::AlreadyInstalled);
        }
        let origin = Origin::first(JournalId::from_bytes(random16()?));
        let signing = Signing::create(&paths.signing_key(), origin.journal)?;
        let guard = Guard::create(&paths.guard, origin.journal)?;
        let vkey = signing.signer.vkey().to_string();
        let started = PublicPart::InstallationStarted(InstallationStarted { vkey });
        let sealed = seal_public(origin, &started)?;
        store.commit(append(origin, clock.now(), vec![sealed]))?;
        let mut engine = Self::assemble(paths, clock, store, signing, Operator { origin, guard });
        engine.note_place()?;
        engine.checkpoint_operator()?;
        Ok(engine)
    }

    /// Opens an installation and finishes what a crash left: see `recover`.
    ///
    /// # Errors
    /// [`Fault`] naming what is missing, older than its guard, or damaged.
    pub fn open(paths: Paths, clock: Clock) -> Result<Self, Fault> {
        let claims = Snapshots::new(paths.snapshots.clone()).claims();
        let mut store = Store::open_at(&paths.database, false, claims)?;
        let origin = recover::find_operator(&store)?;
        restore::remove_building(&paths)?;
        recover::disbelieve(&mut store, origin)?;
        let signing = Signing::open(&paths.signing_key(), origin.journal)?;
        recover::check_key(&store, origin, &signing)?;
        let of_operator = |found: GuardError| Fault::from(found).of(origin.journal);
        let guard = Guard::open(&paths.guard, origin.journal).map_err(of_operator)?;
        guard.check(&store, 0).map_err(|found| {
            recover::older_pages(&store, &paths).unwrap_or_else(|| of_operator(found))
        })?;
        let mut engine = Self::assemble(paths, clock, store, signing, Operator { origin, guard });
        engine.note_place()?;
        engine.snapshots.sweep();
        recover::operator(&mut engine)?;
        for id in recover::registered(&engine.store, origin)? {
            recover::tenant(&mut engine, id)?;
            recover::interrupted_syncs(&mut engine, id)?;
        }
        Ok(engine)
    }

    fn assemble(
        paths: Paths,
        clock: Clock,
        store: Store,
        signing: Signing,
        operator: Operator,
    ) -> Self {
        let (published_at, snapshot_at) = (clock.now(), TimestampMicros(0));
        let snapshots = Snapshots::new(paths.snapshots.clone());
        let (tenants, broken) = (BTreeMap::new(), false);
        Self {
            paths,
            clock,
            store,
            signing,
            operator,
            tenants,
            broken,
            published_at,
            snapshots,
            snapshot_at,
            escrow_tried_at: TimestampMicros(0),
            places: Places::default(),
        }
    }

    /// Begins a tenant: keys, guard, genesis and the operator's note, or none of them.
    ///
    /// # Errors
    /// [`EngineError`] if the name is over its limit or nothing could be written.
    pub fn start_tenant(&mut self, name: &str) -> Result<JournalId, EngineError> {
        self.check_alive()?;
        check_name(name)?;
        let id = JournalId::from_bytes(random16()?);
        let origin = Origin::first(id);
        // CRASH: slots and guard of a tenant that the operator journal does not name are ignored.
        let slots = self.paths.slots(id);
        let (vault, pages) = watched(&slots, || Vault::create(&slots)).map_err(Fault::from)?;
        let guard = Guard::create(&self.paths.guard, id).map_err(Fault::from)?;
        let operator = self.operator.origin;
        let started = TenantStarted { operator: operator.journal, name: name.to_owned() };
        let registered = TenantRegistered { tenant: id, name: name.to_owned() };
        let now = self.clock.now();
        let mut batch =
            append(origin, now, vec![seal_public(origin, &PublicPart::TenantStarted(started))?]);
        let sealed = seal_public(operator, &PublicPart::TenantRegistered(registered))?;
        batch.appends.push(Append {
            origin: operator,
            expected: None,
            recorded_at: now,
            sealed: vec![sealed],
        });
        batch.pages.push((id, pages));
        self.store.commit(batch).map_err(|error| match error {
            CommitError::NoSpace { .. } => EngineError::NoSpace,
            error => Fault::Commit(error).into(),
        })?;
        // Durable from here; a crash now leaves a tenant with one record, which opens.
        let mut tenant = Tenant::new(origin, Some(vault), guard, Model::default());
        tenant.fold(&self.store, Seq(0))?;
        self.tenants.insert(id, tenant);
        self.look_at_escrow(id);
        self.checkpoint(id)?;
        Ok(id)
    }

    /// The tenants, by id.
    #[must_use]
    pub fn tenants(&self) -> Vec<TenantSummary> {
        let line = |(id, tenant): (&JournalId, &Tenant)| TenantSummary {
            tenant: id.to_string(),
            name: tenant.name().to_owned(),
            records: self.store.size(*id),
            ended: tenant.has_ended(),
        };
        self.tenants.iter().map(line).collect()
    }

    /// One tenant.
    ///
    /// # Errors
    /// [`EngineError::UnknownTenant`].
    pub fn tenant(&self, id: JournalId) -> Result<&Tenant, EngineError> {
        self.tenants.get(&id).ok_or(EngineError::UnknownTenant)
    }

    /// The scope of what is kept as long as the agreement lasts.
    ///
    /// # Errors
    /// [`EngineError`] when the tenant is unknown or ended.
    pub fn permanent_scope(&self, id: JournalId) -> Result<ScopeId, EngineError> {
        Ok(self.tenant(id)?.running()?.permanent_scope())
    }

    /// The command id of a caller's idempotency key: a keyed hash inside the key tree.
    ///
    /// # Errors
    /// [`EngineError`] when the tenant is unknown or ended.
    pub fn command_id(&self, id: JournalId, caller_key: &str) -> Result<CommandId, EngineError> {
        Ok(self.tenant(id)?.running()?.command_id(caller_key))
    }

    /// A random subject, for a respondent whom nobody named.
    ///
    /// # Errors
    /// [`Fault::Randomness`].
    pub fn fresh_subject(&self) -> Result<SubjectId, Fault> {
        Ok(SubjectId::from_bytes(random16()?))
    }

    /// Whether commands can be carried out: cheap enough to be asked by anybody, at any time.
    ///
    /// # Errors
    /// [`Fault`] after an earlier fault or a failed write.
    pub fn ready(&self) -> Result<(), Fault> {
        self.check_alive()?;
        if self.store.poisoned().is_some() { Err(Fault::Broken) } else { Ok(()) }
    }

    /// The verifying key of the installation, as auditors pin it.
    #[must_use]
    pub fn vkey(&self) -> String {
        self.signing.signer.vkey().to_string()
    }

    /// Refuses everything after a fault.
    pub(crate) fn check_alive(&self) -> Result<(), Fault> {
        if self.broken { Err(Fault::Broken) } else { Ok(()) }
    }

    /// Appends public parts to a tenant's journal, with pages, durable, and folds them.
    pub(crate) fn append_public(
        &mut self,
        id: JournalId,
        command: CommandId,
        parts: &[PublicPart],
        pages: Vec<PageWrite>,
    ) -> Result<Vec<Record>, Fault> {
        let now = self.clock.now();
        let tenant = self.tenants.get_mut(&id).ok_or(Fault::NoTenant)?;
        let origin = tenant.origin();
        let sealed = parts
            .iter()
            .map(|part| seal_public_as(origin, command, part))
            .collect::<Result<Vec<_>, _>>()?;
        let records = commit_urgent(&mut self.store, origin, now, sealed, pages)?;
        records.iter().try_for_each(|record| tenant.apply_record(record))?;
        Ok(records)
    }
}

/// One ordinary append.
pub(crate) fn append(origin: Origin, now: TimestampMicros, sealed: Vec<Sealed>) -> Batch {
    let appends = vec![Append { origin, expected: None, recorded_at: now, sealed }];
    Batch { appends, ..Batch::default() }
}

/// Appends records of an erasure, with pages; it may use the reserve.
pub(crate) fn commit_urgent(
    store: &mut Store,
    origin: Origin,
    now: TimestampMicros,
    sealed: Vec<Sealed>,
    pages: Vec<PageWrite>,
) -> Result<Vec<Record>, Fault> {
    let mut batch = append(origin, now, sealed);
    batch.pages.push((origin.journal, pages));
    batch.urgency = Urgency::Cut;
    Ok(store.commit(batch)?.into_iter().flatten().collect())
}

/// Seals a public part under a fresh command id.
pub(crate) fn seal_public(origin: Origin, part: &PublicPart) -> Result<Sealed, Fault> {
    seal_public_as(origin, CommandId::from_bytes(random16()?), part)
}

pub(crate) fn seal_public_as(
    origin: Origin,
    command: CommandId,
    part: &PublicPart,
) -> Result<Sealed, Fault> {
    part.check().map_err(|_| Fault::Format)?;
    let kind = part.kind().map_err(|_| Fault::Format)?;
    let parts = vec![DraftPart { to: Addressee::Public, bytes: Plaintext::new(part.encode()) }];
    Ok(vault::seal_public(origin, Draft { kind, command, new_scopes: Vec::new(), parts })?)
}

fn check_name(name: &str) -> Result<(), EngineError> {
    let limit = usize::from(record::public::ORGANISATION_BYTES_MAX);
    let clean = !name.is_empty() && name.chars().all(record::public::is_plain);
    if clean && name.len() <= limit { Ok(()) } else { Err(EngineError::TenantName) }
}
