//! One tenant in memory: its keys, its guard and what was folded from its journal.

use std::collections::BTreeSet;

use journal::{Guard, Store};
use projections::Views;
use record::public::PublicPart;
use record::{JournalId, LeafId, Origin, PartKind, Record, ScopeId, Seq};
use vault::{Condemned, Vault};

use crate::execute::{EngineError, Fault};
use crate::model::{Dying, Model, open_event};
use crate::shipping::Standing;

/// Most parts whose key is lost that are named one by one.
const LOST_NAMED_MAX: usize = 100;

/// A tenant: everything needed to answer for it.
#[derive(Debug)]
pub struct Tenant {
    origin: Origin,
    pub(crate) vault: Option<Vault>,
    pub(crate) guard: Guard,
    pub(crate) model: Model,
    pub(crate) lost: Lost,
    /// Size of the journal at the last published checkpoint.
    pub(crate) published: u64,
    /// Size of the journal at the kept snapshot; 0 if there is none.
    pub(crate) snapshot: u64,
    pub(crate) escrow: Standing,
    /// Size of the journal at the last digests of its views.
    pub(crate) digested: u64,
}

/// Parts that do not open although no receipt covers them: an incident.
#[derive(Debug, Default, Clone)]
pub(crate) struct Lost {
    pub(crate) count: u64,
    pub(crate) first: Vec<(Seq, usize)>,
}

impl Tenant {
    pub(crate) fn new(origin: Origin, vault: Option<Vault>, guard: Guard, model: Model) -> Self {
        Self {
            origin,
            vault,
            guard,
            model,
            lost: Lost::default(),
            published: 0,
            snapshot: 0,
            digested: 0,
            escrow: Standing::default(),
        }
    }

    /// The journal and its era.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        self.origin
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> JournalId {
        self.origin.journal
    }

    /// The organisation.
    #[must_use]
    pub fn name(&self) -> &str {
        self.views().tenancy().name()
    }

    /// Whether the agreement ended and its keys are gone.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        self.vault.is_none()
    }

    /// What can be asked.
    #[must_use]
    pub const fn views(&self) -> &Views {
        &self.model.views
    }

    /// What the rules know.
    #[must_use]
    pub const fn state(&self) -> &rules::State {
        &self.model.state
    }

    /// How many records the kept snapshot covers; 0 if there is none.
    #[must_use]
    pub const fn snapshot_size(&self) -> u64 {
        self.snapshot
    }

    pub(crate) fn vault(&self) -> Result<&Vault, Fault> {
        self.vault.as_ref().ok_or(Fault::Ended)
    }

    /// The keys, for whoever asks from outside.
    pub(crate) fn running(&self) -> Result<&Vault, EngineError> {
        self.vault.as_ref().ok_or(EngineError::TenantEnded)
    }

    /// Why its escrow is stale, if it is.
    pub(crate) fn stale_escrow(&self) -> Option<&str> {
        match &self.escrow {
            Standing::Stale(reason) => Some(reason),
            Standing::Unset | Standing::Fresh => None,
        }
    }

    /// Whether the key of a leaf is held.
    pub(crate) fn holds_leaf(&self, leaf: LeafId) -> bool {
        let held = |vault: &Vault| vault.facts_leaf() == leaf || vault.entry(leaf).is_some();
        self.vault.as_ref().is_some_and(held)
    }

    /// The scopes whose keys are held.
    pub(crate) fn held_scopes(&self) -> BTreeSet<ScopeId> {
        self.vault.iter().flat_map(Vault::scope_ids).collect()
    }

    /// Looks up whose keys a cut is about to destroy, while the key tree still tells.
    pub(crate) fn expect_to_forget(&mut self, condemned: &Condemned) {
        let mut dying = Dying::default();
        for leaf in &condemned.leaves {
            if let Some(entry) = self.vault.as_ref().and_then(|vault| vault.entry(*leaf)) {
                dying.owners.insert(entry.subject);
                dying.scopes.insert(entry.scope);
            }
        }
        dying.owners.extend(&condemned.subjects);
        self.model.expect_to_forget(dying);
    }

    /// Folds every record from `from` on.
    pub(crate) fn fold(&mut self, store: &Store, from: Seq) -> Result<(), Fault> {
        let size = store.size(self.id());
        for record in store.scan(self.id(), from, Seq(size)) {
            self.apply_record(&record?)?;
        }
        Ok(())
    }

    /// Opens, decodes and folds one record; of an ended tenant, only public ones are left.
    pub(crate) fn apply_record(&mut self, record: &Record) -> Result<(), Fault> {
        let Some(event) = open_event(self.vault.as_ref(), record)? else { return Ok(()) };
        self.model.apply_record(record, &event)
    }

    /// Counts parts that do not open and that no receipt covers; called once all are known.
    pub(crate) fn find_lost(&mut self, store: &Store) -> Result<(), Fault> {
        self.lost = Lost::default();
        let scopes = self.held_scopes();
        let size = store.size(self.id());
        for record in store.scan(self.id(), Seq(0), Seq(size)) {
            self.note_lost(&record?, &scopes);
        }
        Ok(())
    }

    fn note_lost(&mut self, record: &Record, scopes: &BTreeSet<ScopeId>) {
        for (index, part) in record.header.parts.iter().enumerate() {
            let sealed = part.kind == PartKind::Sealed;
            let present = self.holds_leaf(part.leaf) && scopes.contains(&part.scope);
            let known = self.model.destroyed.covers(part.leaf, part.scope)
                || self.model.stated_lost.covers(part.leaf, part.scope);
            if sealed && !present && !known {
                self.lost.count += 1;
                if self.lost.first.len() < LOST_NAMED_MAX {
                    self.lost.first.push((record.header.seq, index));
                }
            }
        }
    }
}

/// The public part of a record, if its event has one.
pub(crate) fn public_part(record: &Record) -> Result<Option<PublicPart>, Fault> {
    let seq = record.header.seq;
    PublicPart::of(record).map_err(|error| Fault::PublicPart { seq, error })
}
