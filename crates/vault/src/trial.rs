//! Decoders of this crate, for those who try them on bytes of any kind (feature `trial`).
//!
//! *Invariant:* nothing here reaches a key of an installation: callers bring their own bytes and keys.

use record::PageKey;

use crate::entries::Entries;
use crate::index::Index;
use crate::keys::{KEY_BYTES, Key32};
use crate::slots::{self, Root};
use crate::tree::{Shape, Tree};
use crate::{page, tree};
use zeroize::Zeroizing;

/// Reads an entry page in clear; gives what its entries are written as again.
#[must_use]
pub fn entries(plain: &[u8]) -> Option<Vec<u8>> {
    let entries = Entries::parse(Zeroizing::new(plain.to_vec())).ok()?;
    Some(entries.only(|_| true).as_slice().to_vec())
}

/// Reads a slot: epoch, root generation, and how many copies say so.
#[must_use]
pub fn slot(bytes: &[u8]) -> Option<(u64, u64, usize)> {
    let (root, copies) = slots::decode(&Zeroizing::new(bytes.to_vec()))?;
    Some((root.epoch, root.generation, copies))
}

/// A slot that holds such a root.
#[must_use]
pub fn slot_of(epoch: u64, key: &[u8; KEY_BYTES], generation: u64) -> Option<Vec<u8>> {
    let root = Root { epoch, key: Key32::read(key), generation };
    slots::encode(&root).ok().map(|bytes| bytes.to_vec())
}

/// Seals a page; `None` when it is too long for one.
#[must_use]
pub fn seal_page(key: &[u8; KEY_BYTES], at: PageKey, plain: &[u8]) -> Option<Vec<u8>> {
    let fits = plain.len() <= page::PLAIN_BYTES_MAX;
    fits.then(|| page::seal(&Key32::read(key), at, plain).ok()).flatten()
}

/// Opens a page.
#[must_use]
pub fn open_page(key: &[u8; KEY_BYTES], at: PageKey, bytes: &[u8]) -> Option<Vec<u8>> {
    page::open(&Key32::read(key), at, bytes).map(|plain| plain.to_vec())
}

/// Loads a whole tree from a tenant page in clear and the stored pages below it; gives the tenant
/// page as it would be written again.
#[must_use]
pub fn tree(
    key: &[u8; KEY_BYTES],
    tenant_plain: &[u8],
    stored: &mut dyn FnMut(PageKey) -> Option<Vec<u8>>,
) -> Option<Vec<u8>> {
    let at = PageKey { node: record::NodeId(0), generation: 0 };
    let tree = Tree::load(Shape::FULL, at, Key32::read(key), tenant_plain, stored).ok()?;
    let _index = Index::build(&tree);
    tree.plain_of(tree::TENANT)
}
