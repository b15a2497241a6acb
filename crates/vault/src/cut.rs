//! Destroying keys: condemned, fenced, cut, switched (docs/format/keys.md §6).
//!
//! *Invariants:* [`Vault::cut`] destroys nothing and [`Vault::switch_root`] nothing that was not
//! listed; between them nothing is minted; a node key above a destroyed key never opens a page
//! again.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::path::Path;

use record::{LeafId, PageWrite, ScopeId, SubjectId, public::Cut};

use crate::entries::{Entry, Fence, LeafEntry};
use crate::index::Staying;
use crate::slots::{Root, Slots};
use crate::tree::{Staged, TENANT};
use crate::vault::{Condition, Vault, VaultError, root_of};

/// Every id that dies with an order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condemned {
    /// The whole tenant goes: [`Vault::end`], not [`Vault::cut`].
    pub tenant: bool,
    /// People and pseudonyms about whom nothing may be recorded any more, ascending.
    pub subjects: Vec<SubjectId>,
    /// Leaves, ascending.
    pub leaves: Vec<LeafId>,
    /// Scopes, ascending.
    pub scopes: Vec<ScopeId>,
}

/// New pages of every touched path, not yet in force. Keys inside: neither printed nor cloned.
pub struct PreparedCut {
    changes: u64,
    pub(crate) root: Root,
    pub(crate) pages: Staged,
    leaves: Vec<LeafId>,
    scopes: Vec<ScopeId>,
    writes: Vec<PageWrite>,
}

impl PreparedCut {
    /// What the journal must store, sync and read back before [`Vault::switch_root`].
    #[must_use]
    pub fn writes(&self) -> &[PageWrite] {
        &self.writes
    }
}

impl fmt::Debug for PreparedCut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pages = self.writes.len();
        f.debug_struct("PreparedCut").field("pages", &pages).finish_non_exhaustive()
    }
}

/// The keys are destroyed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CutDone {
    /// The epoch whose root key is gone.
    pub epoch_before: u64,
    /// The epoch that is in force.
    pub epoch_after: u64,
    /// Deletes of pages that nothing opens any more.
    pub obsolete: Vec<PageWrite>,
}

/// Fences that the journal holds and no page yet.
#[derive(Default)]
pub(crate) struct Fenced {
    tenant: bool,
    subjects: HashSet<SubjectId>,
    leaves: HashSet<LeafId>,
    scopes: HashSet<ScopeId>,
}

impl Fenced {
    pub(crate) const fn is_whole_tenant(&self) -> bool {
        self.tenant
    }

    pub(crate) fn holds(&self, fence: Fence) -> bool {
        match fence {
            Fence::Subject(id) => self.subjects.contains(&id),
            Fence::Leaf(id) => self.leaves.contains(&id),
            Fence::Scope(id) => self.scopes.contains(&id),
        }
    }
}

/// Finishes the end of a tenant whose slots a crash may have left half destroyed: overwrites both,
/// whatever they hold, syncs and reads back. Repeating it does no harm.
///
/// # Errors
/// [`VaultError::Slots`].
pub fn destroy_slots(slots: &Path) -> Result<(), VaultError> {
    Ok(Slots::destroy_at(slots)?)
}

/// Overwrites a slot file that counts for nothing, of whatever length a crash left it, and removes
/// it.
///
/// # Errors
/// [`VaultError::Slots`].
pub fn discard_slots(slots: &Path) -> Result<(), VaultError> {
    Ok(Slots::discard(slots)?)
}

impl Vault {
    /// What these targets would destroy; a leaf or scope that is not there is not listed, a
    /// subject always is. The permanent scope and the facts leaf die only with the tenant.
    #[must_use]
    pub fn condemned(&self, targets: &[Cut]) -> Condemned {
        if targets.contains(&Cut::Tenant) {
            return self.whole_tenant();
        }
        let mut subjects = BTreeSet::new();
        let mut leaves = BTreeSet::new();
        let mut scopes = BTreeSet::new();
        for target in targets {
            match target {
                Cut::Subject(id) => subjects.extend([*id]),
                Cut::Leaf(id) => leaves.extend(self.entry(*id).map(|label| label.leaf)),
                Cut::Scope(id) if *id == self.permanent_scope() => {}
                Cut::Scope(id) => scopes.extend(self.index.has_scope(*id).then_some(*id)),
                Cut::Tenant => {}
            }
        }
        leaves.extend(self.leaves_under(&subjects, &scopes));
        Condemned {
            tenant: false,
            subjects: subjects.into_iter().collect(),
            leaves: leaves.into_iter().collect(),
            scopes: scopes.into_iter().collect(),
        }
    }

    /// From here on nothing is sealed under these, nor minted for these subjects.
    pub fn fence(&mut self, condemned: &Condemned) {
        self.fenced.tenant |= condemned.tenant;
        self.fenced.subjects.extend(&condemned.subjects);
        self.fenced.leaves.extend(&condemned.leaves);
        self.fenced.scopes.extend(&condemned.scopes);
    }

    /// Whether this cut is done: every listed key is gone and every fence stands in a page.
    #[must_use]
    pub fn is_cut(&self, condemned: &Condemned) -> bool {
        if condemned.tenant {
            return self.condition == Condition::Ended;
        }
        let fenced = |fence| self.index.is_fenced(fence);
        condemned.leaves.iter().all(|leaf| self.entry(*leaf).is_none())
            && condemned.scopes.iter().all(|scope| !self.index.has_scope(*scope))
            && condemned.scopes.iter().all(|scope| fenced(Fence::Scope(*scope)))
            && condemned.subjects.iter().all(|subject| fenced(Fence::Subject(*subject)))
    }

    /// Prepares the new pages. Nothing is on disk and no key is gone; a cut that is not switched
    /// can be dropped, and another prepared.
    ///
    /// # Errors
    /// [`VaultError::WholeTenant`], [`VaultError::Protected`], [`VaultError::Unlisted`],
    /// [`VaultError::Full`], [`VaultError::Random`], [`VaultError::Poisoned`],
    /// [`VaultError::Ended`].
    pub fn cut(&mut self, condemned: &Condemned) -> Result<PreparedCut, VaultError> {
        self.check_sound()?;
        self.check_list(condemned)?;
        self.fence(condemned);
        self.place_fences(condemned)?;
        let leaves: BTreeSet<LeafId> = condemned.leaves.iter().copied().collect();
        let scopes: BTreeSet<ScopeId> = condemned.scopes.iter().copied().collect();
        let pages_of_leaves = leaves.iter().map(|id| self.index.page_of_leaf(&self.tree, *id));
        let pages_of_scopes = scopes.iter().map(|id| self.index.page_of_scope(*id));
        let touched = pages_of_leaves.chain(pages_of_scopes).flatten().collect();
        let keep = |entry: &Entry<'_>| match entry {
            Entry::Leaf { label, .. } => !leaves.contains(&label.leaf),
            Entry::Scope { scope, .. } => !scopes.contains(scope),
            Entry::Facts { .. } | Entry::Fence(_) => true,
        };
        let pages = self.tree.stage(&touched, &keep)?;
        self.prepare(pages, leaves, scopes)
    }

    /// Puts a prepared cut in force: the root of the new pages is written to the spare slot and
    /// synced, the old slot is overwritten with random bytes, synced and read back.
    ///
    /// The journal must have stored, synced and read back [`PreparedCut::writes`] before.
    ///
    /// # Errors
    /// [`VaultError::StaleCut`] if something was minted since; [`VaultError::Slots`] if a slot
    /// could not be written: then the vault seals nothing more, and opening it again tells
    /// whether the cut is in force.
    pub fn switch_root(&mut self, prepared: PreparedCut) -> Result<CutDone, VaultError> {
        self.check_sound()?;
        if prepared.changes != self.changes {
            return Err(VaultError::StaleCut);
        }
        // Whatever fails from here on, only the slots know which root is in force.
        self.condition = Condition::Poisoned;
        // CRASH: before this line the old root and all its pages stand; the new pages are orphans.
        self.slots.write_spare(&prepared.root)?;
        // CRASH: both roots stand; opening takes the newer one and overwrites the older first.
        self.slots.destroy_old()?;
        // CRASH: only the new root stands; the old generations are unreadable orphans.
        self.condition = Condition::Sound;
        Ok(self.put_in_force(prepared))
    }

    /// Ends the tenant: both slots overwritten, synced and read back; every key in memory zeroed.
    ///
    /// # Errors
    /// [`VaultError::Slots`]: the vault seals nothing more, and [`destroy_slots`] finishes it.
    pub fn end(&mut self) -> Result<CutDone, VaultError> {
        self.check_sound()?;
        self.condition = Condition::Poisoned;
        // CRASH: the live slot is overwritten first; the other one holds random bytes already.
        self.slots.destroy()?;
        let delete = |key| PageWrite { key, bytes: None };
        let obsolete = self.tree.page_keys().map(delete).collect();
        self.forget_everything();
        let epoch_before = self.epoch;
        self.epoch = self.epoch.saturating_add(1);
        Ok(CutDone { epoch_before, epoch_after: self.epoch, obsolete })
    }

    fn whole_tenant(&self) -> Condemned {
        let mut leaves: Vec<LeafId> = self.leaf_ids().collect();
        let mut scopes: Vec<ScopeId> = self.scope_ids().collect();
        leaves.sort_unstable();
        scopes.sort_unstable();
        Condemned { tenant: true, subjects: Vec::new(), leaves, scopes }
    }

    fn leaves_under(
        &self,
        subjects: &BTreeSet<SubjectId>,
        scopes: &BTreeSet<ScopeId>,
    ) -> BTreeSet<LeafId> {
        let of_subjects = subjects.iter().flat_map(|subject| self.leaves_of(*subject));
        let mut leaves: BTreeSet<LeafId> = of_subjects.map(|label| label.leaf).collect();
        if !scopes.is_empty() {
            let minted_for = |label: &LeafEntry| scopes.contains(&label.scope);
            let of_scopes = self.tree.leaves().filter(minted_for);
            leaves.extend(of_scopes.map(|label| label.leaf));
        }
        leaves
    }

    fn check_list(&self, condemned: &Condemned) -> Result<(), VaultError> {
        if condemned.tenant {
            return Err(VaultError::WholeTenant);
        }
        let listed: BTreeSet<LeafId> = condemned.leaves.iter().copied().collect();
        let scopes: BTreeSet<ScopeId> = condemned.scopes.iter().copied().collect();
        if listed.contains(&self.facts_leaf()) || scopes.contains(&self.permanent_scope()) {
            return Err(VaultError::Protected);
        }
        let subjects = condemned.subjects.iter().copied().collect();
        let complete = self.leaves_under(&subjects, &scopes).is_subset(&listed);
        if complete { Ok(()) } else { Err(VaultError::Unlisted) }
    }

    // A fence is a mint: it replaces no node key and may stay if the cut is dropped, since the
    // journal's own fence is durable by now.
    fn place_fences(&mut self, condemned: &Condemned) -> Result<(), VaultError> {
        let fences = self.missing_fences(condemned);
        if !self.tree.has_room_for(fences.len()) {
            return Err(VaultError::Full);
        }
        fences.into_iter().try_for_each(|fence| Ok(self.add(&Entry::Fence(fence))?))
    }

    fn missing_fences(&self, condemned: &Condemned) -> Vec<Fence> {
        let subjects: HashSet<SubjectId> = condemned.subjects.iter().copied().collect();
        let scopes: HashSet<ScopeId> = condemned.scopes.iter().copied().collect();
        let alone = |label: &LeafEntry| {
            !subjects.contains(&label.subject) && !scopes.contains(&label.scope)
        };
        let leaves = condemned.leaves.iter().filter_map(|leaf| self.entry(*leaf));
        let of_leaves = leaves.filter(alone).map(|label| Fence::Leaf(label.leaf));
        let of_subjects = condemned.subjects.iter().map(|id| Fence::Subject(*id));
        let of_scopes = condemned.scopes.iter().map(|id| Fence::Scope(*id));
        let all = of_subjects.chain(of_scopes).chain(of_leaves);
        all.filter(|fence| !self.index.is_fenced(*fence)).collect()
    }

    fn prepare(
        &self,
        pages: Staged,
        leaves: BTreeSet<LeafId>,
        scopes: BTreeSet<ScopeId>,
    ) -> Result<PreparedCut, VaultError> {
        let tenant = pages.get(&TENANT).and_then(Option::as_ref).ok_or(VaultError::Ended)?;
        let root = root_of(tenant, self.epoch.saturating_add(1));
        // Mints that wait are written in their old generation too: whichever root a crash leaves
        // in force finds every page it names.
        let mut writes = self.tree.seal_dirty()?;
        writes.extend(self.tree.seal_staged(&pages)?);
        let (leaves, scopes) = (leaves.into_iter().collect(), scopes.into_iter().collect());
        Ok(PreparedCut { changes: self.changes, root, pages, leaves, scopes, writes })
    }

    fn put_in_force(&mut self, prepared: PreparedCut) -> CutDone {
        let PreparedCut { root, pages, leaves, scopes, .. } = prepared;
        leaves.iter().for_each(|leaf| self.index.remove_leaf(&self.tree, *leaf));
        scopes.iter().for_each(|scope| self.index.remove_scope(*scope));
        let staying = |page: &u32| self.index.staying(&self.tree, *page);
        let staying: Vec<Staying> = pages.keys().map(staying).collect();
        let obsolete = self.tree.obsolete(&pages);
        self.tree.apply(pages);
        staying.iter().for_each(|staying| self.index.moved(&self.tree, staying));
        self.tree.mark_stored();
        for leaf in &leaves {
            self.fenced.leaves.remove(leaf);
        }
        self.changes += 1;
        let epoch_before = self.epoch;
        self.epoch = root.epoch;
        CutDone { epoch_before, epoch_after: root.epoch, obsolete }
    }
}
