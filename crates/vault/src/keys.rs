//! Keys in memory (docs/format/keys.md §1).
//!
//! *Invariant:* a key is never printed, copied by accident or left behind: no `Debug`, no `Clone`,
//! zeroed when dropped; its bytes stand on the heap, so that moving a key moves a pointer.

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::harness;

/// Bytes of every key in the tree.
pub(crate) const KEY_BYTES: usize = 32;

/// The system gave no randomness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gave no randomness")]
pub struct NoRandomness;

/// One 32-byte key: a node's, a leaf's or a scope's.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Key32(Box<[u8; KEY_BYTES]>);

impl Key32 {
    /// A fresh key, written straight to its place.
    pub(crate) fn random() -> Result<Self, NoRandomness> {
        let mut key = Self(Box::new([0; KEY_BYTES]));
        fill_random(&mut *key.0)?;
        harness::record(&key);
        Ok(key)
    }

    /// A key that stands in an opened page or slot.
    pub(crate) fn read(bytes: &[u8; KEY_BYTES]) -> Self {
        let mut key = Self(Box::new([0; KEY_BYTES]));
        key.0.copy_from_slice(bytes);
        key
    }

    /// The bytes, for deriving and for writing into a page or slot.
    pub(crate) const fn as_bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
}

/// Fills a buffer from the system's generator.
pub(crate) fn fill_random(bytes: &mut [u8]) -> Result<(), NoRandomness> {
    getrandom::fill(bytes).map_err(|_| NoRandomness)
}

/// A random array that is no secret: a salt or an id.
pub(crate) fn random_array<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    fill_random(&mut bytes)?;
    Ok(bytes)
}
