//! Keys in memory (docs/format/keys.md §1).
//!
//! *Invariant:* a key is never printed, copied by accident or left behind: no `Debug`, no `Clone`,
//! zeroed when dropped; its bytes stand on the heap, so that moving a key moves a pointer.

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

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

/// Randomness of the system, fetched ahead for some twenty leaves: a call of its own for each salt,
/// id and key costs as much as sealing a part.
///
/// What was handed out is zeroed here, so that a key stands in one place.
pub(crate) struct Random {
    ahead: Box<Zeroizing<[u8; AHEAD_BYTES]>>,
    used: usize,
}

const AHEAD_BYTES: usize = 1_536;

impl Random {
    pub(crate) fn new() -> Self {
        Self { ahead: Box::new(Zeroizing::new([0; AHEAD_BYTES])), used: AHEAD_BYTES }
    }

    /// A random array that is no secret: a salt or an id.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], NoRandomness> {
        let mut bytes = [0; N];
        self.take(&mut bytes)?;
        Ok(bytes)
    }

    /// A fresh key, written straight to its place.
    pub(crate) fn key(&mut self) -> Result<Key32, NoRandomness> {
        let mut key = Key32(Box::new([0; KEY_BYTES]));
        self.take(&mut *key.0)?;
        harness::record(&key);
        Ok(key)
    }

    fn take(&mut self, to: &mut [u8]) -> Result<(), NoRandomness> {
        if self.used + to.len() > AHEAD_BYTES {
            fill_random(&mut **self.ahead)?;
            self.used = 0;
        }
        let from = self.ahead.get_mut(self.used..self.used + to.len()).ok_or(NoRandomness)?;
        to.copy_from_slice(from);
        from.zeroize();
        self.used += to.len();
        Ok(())
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn randomness_is_handed_out_once_and_zeroed_where_it_stood() {
        let mut random = Random::new();
        let mut seen = BTreeSet::new();
        for _ in 0..500 {
            let id: [u8; 16] = random.array().unwrap();
            let key = random.key().unwrap();
            assert!(seen.insert(id.to_vec()) && seen.insert(key.as_bytes().to_vec()));
            assert!(random.ahead.iter().take(random.used).all(|byte| *byte == 0));
        }
    }
}
