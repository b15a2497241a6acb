//! One tenant's key tree: made, opened, asked.
//!
//! *Invariants:* what is in memory is what the pages say, plus the mints whose pages wait in
//! [`Vault::take_page_writes`], plus the fences that only the journal holds yet; after a failed
//! write of the slot file nothing is sealed any more.

use std::fmt;
use std::path::Path;

use record::{CommandId, LeafId, NodeId, PageKey, PageWrite, ScopeId, SubjectId};
use thiserror::Error;

use crate::cut::Fenced;
use crate::entries::{Entry, Fence, LeafEntry};
use crate::index::Index;
use crate::keys::{Key32, NoRandomness, Random, random_array};
use crate::page;
use crate::slots::{Root, SlotError, Slots};
use crate::snapshot;
use crate::tree::{GrowError, LoadError, Page, Shape, TENANT, Tree};

/// Why the key tree could not be made, opened or cut.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The slot file could not be read or written.
    #[error(transparent)]
    Slots(#[from] SlotError),
    /// Neither slot holds a root: the tenant was ended, or the file is damaged beyond its copies.
    #[error("the slot file holds no root key: ended, or damaged beyond its eight copies")]
    NoRoot,
    /// The root key is newer than the pages: an older database was put back.
    #[error(
        "pages older than root: an older database was put back under newer keys, or its damaged \
         end was dropped"
    )]
    PagesOlderThanRoot,
    /// A page is there and is not what was written.
    #[error("page {} in generation {} of the key tree is damaged", .0.node.0, .0.generation)]
    PageDamaged(PageKey),
    /// The tree has no place for another page.
    #[error("the key tree is full")]
    Full,
    /// The system gave no randomness.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// The tree changed after the cut was prepared.
    #[error("the key tree changed after the cut was prepared")]
    StaleCut,
    /// The permanent scope and the facts leaf go only with the tenant.
    #[error("the permanent scope and the facts leaf go only with the tenant")]
    Protected,
    /// A whole tenant is ended, not cut.
    #[error("a whole tenant is ended, not cut")]
    WholeTenant,
    /// A leaf would go that the list does not name, so no receipt would name it.
    #[error("a leaf that would go is missing from the list")]
    Unlisted,
    /// The slot file failed before; open the vault again.
    #[error("the slot file failed before")]
    Poisoned,
    /// The tenant's keys are destroyed.
    #[error("the tenant's keys are destroyed")]
    Ended,
}

impl From<LoadError> for VaultError {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Missing => Self::PagesOlderThanRoot,
            LoadError::Damaged(at) => Self::PageDamaged(at),
            LoadError::Full => Self::Full,
        }
    }
}

impl From<GrowError> for VaultError {
    fn from(error: GrowError) -> Self {
        match error {
            GrowError::Full => Self::Full,
            GrowError::Random(error) => Self::Random(error),
        }
    }
}

/// What the vault may still do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    Sound,
    /// The slot file failed: what is durable is known only after opening again.
    Poisoned,
    Ended,
}

/// One tenant's keys. Neither printed nor cloned.
pub struct Vault {
    pub(crate) slots: Slots,
    pub(crate) epoch: u64,
    pub(crate) tree: Tree,
    pub(crate) index: Index,
    /// Fenced by the journal, not yet by a page.
    pub(crate) fenced: Fenced,
    /// Counts what would make a prepared cut stale.
    pub(crate) changes: u64,
    pub(crate) condition: Condition,
    pub(crate) random: Random,
    command_key: Key32,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

impl Vault {
    /// Makes a tenant's keys: the slot file, written and synced with its directory, and the pages
    /// that the journal must store with the tenant's first records.
    ///
    /// # Errors
    /// [`VaultError::Slots`] if the file exists already or cannot be written.
    pub fn create(slots: &Path) -> Result<(Self, Vec<PageWrite>), VaultError> {
        Self::create_shaped(slots, Shape::FULL)
    }

    /// Opens a tenant's keys. Before anything else is read, the slot that is not the newest is
    /// overwritten: a cut that a crash interrupted there is complete in the tree.
    ///
    /// # Errors
    /// [`VaultError::PagesOlderThanRoot`], [`VaultError::NoRoot`], [`VaultError::PageDamaged`], or
    /// [`VaultError::Slots`]. The slot file is unchanged after the first two.
    pub fn open(
        slots: &Path,
        read: &mut dyn FnMut(PageKey) -> Option<Vec<u8>>,
    ) -> Result<Self, VaultError> {
        Self::open_shaped(slots, read, Shape::FULL)
    }

    /// Counts the root keys of this tenant, from 0; one more at every cut.
    #[must_use]
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The scope of what is kept without a term.
    #[must_use]
    pub const fn permanent_scope(&self) -> ScopeId {
        self.tree.permanent()
    }

    /// The leaf of the events' own facts.
    #[must_use]
    pub const fn facts_leaf(&self) -> LeafId {
        self.tree.facts()
    }

    /// Every leaf of a person or pseudonym, in no order.
    #[must_use]
    pub fn leaves_of(&self, subject: SubjectId) -> Vec<LeafEntry> {
        self.index.leaves_of(&self.tree, subject)
    }

    /// Whose leaf it is; `None` if its key is gone, or for the facts leaf.
    #[must_use]
    pub fn entry(&self, leaf: LeafId) -> Option<LeafEntry> {
        self.index.leaf(&self.tree, leaf).map(|(label, _)| label)
    }

    /// Every leaf whose key is present, the facts leaf too.
    pub fn leaf_ids(&self) -> impl Iterator<Item = LeafId> {
        let facts = self.index.facts(&self.tree).map(|_| self.tree.facts());
        facts.into_iter().chain(self.tree.leaves().map(|label| label.leaf))
    }

    /// Every scope whose key is present.
    pub fn scope_ids(&self) -> impl Iterator<Item = ScopeId> {
        self.index.scopes()
    }

    /// How many leaves of people there are.
    #[must_use]
    pub fn leaves_count(&self) -> usize {
        self.index.leaves_count()
    }

    /// Where the pages of the tree are stored now; any other page of this tenant is an orphan.
    pub fn page_keys(&self) -> impl Iterator<Item = PageKey> {
        self.tree.page_keys()
    }

    /// The pages changed since the last call, each under a fresh salt. They go into the same
    /// batch as the records that need them, or earlier.
    ///
    /// # Errors
    /// [`VaultError::Random`]; [`VaultError::Poisoned`] after a failed write of the slot file.
    pub fn take_page_writes(&mut self) -> Result<Vec<PageWrite>, VaultError> {
        self.check_sound()?;
        let writes = self.tree.seal_dirty()?;
        self.tree.mark_stored();
        Ok(writes)
    }

    /// The id of a command that a caller named by its own key: the same key gives the same id,
    /// and without this tenant's keys nobody can tell which key gave it.
    #[must_use]
    pub fn command_id(&self, caller_key: &str) -> CommandId {
        let hash = blake3::keyed_hash(self.command_key.as_bytes(), caller_key.as_bytes());
        CommandId::from_bytes(hash.as_bytes().first_chunk().copied().unwrap_or_default())
    }

    /// What a text stands for in this tenant, for one purpose: the same text gives the same bytes,
    /// and without this tenant's keys nobody can tell which text gave them.
    #[must_use]
    pub fn stands_for(&self, purpose: &str, text: &[u8]) -> [u8; 16] {
        let mut hasher = blake3::Hasher::new_keyed(self.command_key.as_bytes());
        // The purpose has a fixed length, so that no text runs into it; command ids have none.
        hasher.update(blake3::hash(purpose.as_bytes()).as_bytes()).update(text);
        hasher.finalize().as_bytes().first_chunk().copied().unwrap_or_default()
    }

    pub(crate) fn create_shaped(
        slots: &Path,
        shape: Shape,
    ) -> Result<(Self, Vec<PageWrite>), VaultError> {
        let permanent = ScopeId::from_bytes(random_array()?);
        let facts = LeafId::from_bytes(random_array()?);
        let mut tree = Tree::new(shape, permanent, facts)?;
        let (scope_key, facts_key) = (Key32::random()?, Key32::random()?);
        tree.append(&Entry::Scope { scope: permanent, key: scope_key.as_bytes() })?;
        tree.append(&Entry::Facts { leaf: facts, key: facts_key.as_bytes() })?;
        let root = root_of(tree.page(TENANT).ok_or(VaultError::Full)?, 0);
        let slots = Slots::create(slots, &root)?;
        let mut vault = Self::assemble(slots, 0, tree)?;
        let writes = vault.take_page_writes()?;
        Ok((vault, writes))
    }

    pub(crate) fn open_shaped(
        slots: &Path,
        read: &mut dyn FnMut(PageKey) -> Option<Vec<u8>>,
        shape: Shape,
    ) -> Result<Self, VaultError> {
        let mut found = Slots::find(slots)?.ok_or(VaultError::NoRoot)?;
        let at = PageKey { node: NodeId(0), generation: found.root.generation };
        let stored = read(at).ok_or(VaultError::PagesOlderThanRoot)?;
        let plain =
            page::open(&found.root.key, at, &stored).ok_or(VaultError::PagesOlderThanRoot)?;
        if found.worn {
            found.slots.write_spare(&found.root)?;
            found.slots.destroy_old()?;
        } else {
            found.slots.clear_spare()?;
        }
        let tree = Tree::load(shape, at, found.root.key, &plain, read)?;
        Self::assemble(found.slots, found.root.epoch, tree)
    }

    pub(crate) const fn check_sound(&self) -> Result<(), VaultError> {
        match self.condition {
            Condition::Sound => Ok(()),
            Condition::Poisoned => Err(VaultError::Poisoned),
            Condition::Ended => Err(VaultError::Ended),
        }
    }

    /// Whether the journal or a page fences this.
    pub(crate) fn is_fenced(&self, fence: Fence) -> bool {
        self.index.is_fenced(fence) || self.fenced.holds(fence)
    }

    /// Puts an entry into the tree and the index.
    pub(crate) fn add(&mut self, entry: &Entry<'_>) -> Result<(), GrowError> {
        let (page, offset) = self.tree.append(entry)?;
        self.index.add(&self.tree, page, offset);
        self.changes += 1;
        Ok(())
    }

    /// Forgets every key in memory.
    pub(crate) fn forget_everything(&mut self) {
        self.tree.clear();
        self.index = Index::default();
        // Command ids of an ended tenant match nothing.
        self.command_key = Key32::random().unwrap_or_else(|_| Key32::read(&[0; 32]));
        self.condition = Condition::Ended;
    }

    pub(crate) fn assemble(slots: Slots, epoch: u64, tree: Tree) -> Result<Self, VaultError> {
        let index = Index::build(&tree);
        let at = PageKey { node: NodeId(0), generation: 0 };
        let facts = index.facts(&tree).ok_or(VaultError::PageDamaged(at))?;
        let command_key = snapshot::command_key(facts);
        Ok(Self {
            slots,
            epoch,
            tree,
            index,
            fenced: Fenced::default(),
            changes: 0,
            condition: Condition::Sound,
            random: Random::new(),
            command_key,
        })
    }
}

/// The slot content that leads to a tenant page.
pub(crate) fn root_of(tenant: &Page, epoch: u64) -> Root {
    let key = Key32::read(tenant.key.as_bytes());
    Root { epoch, key, generation: tenant.at.generation }
}
