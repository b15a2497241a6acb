//! Sets and maps of ids, compact and quick.
//!
//! *Invariant:* an id of a hostile bundle is chosen by whoever made it, so the hash has a random
//! key for each table: nobody can make ids that fall on each other. Nothing may depend on the order
//! of such a table; what is printed is sorted first.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hasher, RandomState};

/// Ids.
pub(crate) type IdSet<K> = HashSet<K, Keyed>;
/// Something about ids.
pub(crate) type IdMap<K, V> = HashMap<K, V, Keyed>;

/// The ids in ascending order.
pub(crate) fn sorted<'a, K: Copy + Ord + 'a>(ids: impl IntoIterator<Item = &'a K>) -> Vec<K> {
    let mut sorted: Vec<K> = ids.into_iter().copied().collect();
    sorted.sort_unstable();
    sorted
}

/// Makes hashers under one random key.
#[derive(Clone, Debug)]
pub(crate) struct Keyed {
    key: u64,
    multiplier: u64,
}

impl Default for Keyed {
    fn default() -> Self {
        let random = || RandomState::new().build_hasher().finish();
        Self { key: random(), multiplier: random() | 1 }
    }
}

impl BuildHasher for Keyed {
    type Hasher = Folded;

    fn build_hasher(&self) -> Folded {
        Folded { state: self.key, multiplier: self.multiplier }
    }
}

/// Multiplies and folds eight bytes at a time, as wyhash and its successors do.
#[derive(Clone, Debug)]
pub(crate) struct Folded {
    state: u64,
    multiplier: u64,
}

impl Folded {
    fn fold(&mut self, word: u64) {
        let product = u128::from(self.state ^ word) * u128::from(self.multiplier);
        let low = u64::try_from(product & u128::from(u64::MAX)).unwrap_or_default();
        let high = u64::try_from(product >> 64).unwrap_or_default();
        self.state = low ^ high;
    }
}

impl Hasher for Folded {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.fold(u64::from_be_bytes(*word)));
        rest.iter().for_each(|byte| self.fold(u64::from(*byte)));
    }

    /// The length of an id, which is always the same.
    fn write_usize(&mut self, _length: usize) {}

    fn finish(&self) -> u64 {
        self.state
    }
}

#[cfg(test)]
mod tests {
    use record::LeafId;

    use super::*;

    #[test]
    fn ids_that_differ_in_one_bit_or_in_a_counter_do_not_fall_on_each_other() {
        let keyed = Keyed::default();
        let mut seen = HashSet::new();
        for bit in 0..128u32 {
            seen.insert(keyed.hash_one(LeafId::from_bytes((1u128 << bit).to_be_bytes())));
        }
        for count in 0..100_000u128 {
            seen.insert(keyed.hash_one(LeafId::from_bytes((count << 40).to_be_bytes())));
        }
        // All differ but for the one id that is in both rows many times over; two of so few among
        // 2^64 are the same once in a billion runs.
        let distinct: HashSet<u128> =
            (0..128).map(|bit| 1u128 << bit).chain((0..100_000).map(|count| count << 40)).collect();
        assert_eq!(seen.len(), distinct.len());
    }

    #[test]
    fn each_table_has_a_key_of_its_own() {
        let id = LeafId::from_bytes([7; 16]);
        assert_ne!(Keyed::default().hash_one(id), Keyed::default().hash_one(id));
    }
}
