//! A root outside its slots: to escrow and back (docs/format/backup.md §2 and §6).
//!
//! *Invariants:* a copy leaves memory only sealed to outside holders; a root that came back is
//! never written to a slot: the cut that follows replaces it.

use std::collections::BTreeSet;
use std::path::Path;

use record::PageKey;
use zeroize::Zeroizing;

use crate::cut::PreparedCut;
use crate::keys::Key32;
use crate::page;
use crate::slots::{Root, Slots, decode_copy, encode_copy};
use crate::tree::{Shape, TENANT, Tree};
use crate::vault::{Vault, VaultError, root_of};

/// A root key outside its slots. Neither printed nor cloned.
#[expect(missing_debug_implementations, reason = "a key has no printed form")]
pub struct RootCopy(Root);

impl RootCopy {
    /// The root of a slot file that survived; `None` if neither slot holds one.
    ///
    /// # Errors
    /// [`VaultError::Slots`] if the file cannot be read.
    pub fn of_slots(slots: &Path) -> Result<Option<Self>, VaultError> {
        Ok(Slots::find(slots)?.map(|found| Self(found.root)))
    }

    /// Reads what [`RootCopy::encode`] wrote.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let root = decode_copy(bytes)?;
        (*encode_copy(&root) == bytes).then_some(Self(root))
    }

    /// The bytes that are sealed.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        encode_copy(&self.0)
    }

    /// The epoch of its pages.
    #[must_use]
    pub const fn epoch(&self) -> u64 {
        self.0.epoch
    }

    const fn at(&self) -> PageKey {
        PageKey { node: record::NodeId(0), generation: self.0.generation }
    }
}

impl PreparedCut {
    /// The root that will be in force.
    #[must_use]
    pub fn root_copy(&self) -> RootCopy {
        let Root { epoch, key, generation } = &self.root;
        let key = Key32::read(key.as_bytes());
        RootCopy(Root { epoch: *epoch, key, generation: *generation })
    }
}

impl Vault {
    /// The root that is in force.
    ///
    /// # Errors
    /// [`VaultError::Poisoned`] or [`VaultError::Ended`].
    pub fn root_copy(&self) -> Result<RootCopy, VaultError> {
        self.check_sound()?;
        let tenant = self.tree.page(TENANT).ok_or(VaultError::Ended)?;
        Ok(RootCopy(root_of(tenant, self.epoch)))
    }

    /// Where the pages of the tree are stored once a prepared cut is in force.
    #[must_use]
    pub fn page_keys_after(&self, prepared: &PreparedCut) -> BTreeSet<PageKey> {
        self.tree.page_keys_with(&prepared.pages)
    }

    /// Puts a tree back from a root copy and its pages, over a new slot file that holds no root
    /// yet: a cut has to follow, and only its root is written.
    ///
    /// Its epoch is the root's or `epoch_min`, whichever is higher.
    ///
    /// # Errors
    /// [`VaultError::PagesOlderThanRoot`] if the pages are of another root,
    /// [`VaultError::PageDamaged`], or [`VaultError::Slots`] if the file exists already.
    pub fn restore(
        slots: &Path,
        root: &RootCopy,
        epoch_min: u64,
        read: &mut dyn FnMut(PageKey) -> Option<Vec<u8>>,
    ) -> Result<Self, VaultError> {
        let at = root.at();
        let stored = read(at).ok_or(VaultError::PagesOlderThanRoot)?;
        let plain = page::open(&root.0.key, at, &stored).ok_or(VaultError::PagesOlderThanRoot)?;
        let key = Key32::read(root.0.key.as_bytes());
        let tree = Tree::load(Shape::FULL, at, key, &plain, read)?;
        let slots = Slots::create_blank(slots)?;
        Self::assemble(slots, root.epoch().max(epoch_min), tree)
    }
}

/// Makes a slot file without a root, as the end of a tenant leaves it.
///
/// # Errors
/// [`VaultError::Slots`] if the file exists already or cannot be written.
pub fn blank_slots(slots: &Path) -> Result<(), VaultError> {
    Slots::create_blank(slots)?;
    Ok(())
}
