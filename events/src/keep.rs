//! What is kept because a part about a person told it: it stands under the keys of that part and
//! goes with them.
//!
//! *Invariant:* forgetting looks at nobody but the owners of the keys that died, where these are
//! known.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use bincode::{Decode, Encode};
use record::SubjectId;

use crate::{Forgotten, PartKeys};

/// One thing that is kept, and the keys it is kept under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Kept<T> {
    /// The keys of the part that told it.
    pub keys: PartKeys,
    /// What is kept.
    pub value: T,
}

/// Things that are kept, by what they are found by.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct KeptMap<K: Ord, T> {
    all: BTreeMap<K, Kept<T>>,
    of: BTreeMap<SubjectId, BTreeSet<K>>,
}

impl<K: Ord, T> Default for KeptMap<K, T> {
    fn default() -> Self {
        Self { all: BTreeMap::new(), of: BTreeMap::new() }
    }
}

impl<K: Ord + Copy, T> KeptMap<K, T> {
    /// Keeps something, in place of what was kept before.
    pub fn insert(&mut self, key: K, keys: PartKeys, value: T) {
        self.remove(&key);
        self.of.entry(keys.subject).or_default().insert(key);
        self.all.insert(key, Kept { keys, value });
    }

    /// Takes something away.
    pub fn remove(&mut self, key: &K) -> Option<T> {
        let kept = self.all.remove(key)?;
        if let Entry::Occupied(mut theirs) = self.of.entry(kept.keys.subject) {
            theirs.get_mut().remove(key);
            if theirs.get().is_empty() {
                theirs.remove();
            }
        }
        Some(kept.value)
    }

    /// What is kept.
    #[must_use]
    pub fn get(&self, key: &K) -> Option<&T> {
        self.all.get(key).map(|kept| &kept.value)
    }

    /// What is kept, to be changed; its keys stay.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut T> {
        self.all.get_mut(key).map(|kept| &mut kept.value)
    }

    /// Whose it is and under which keys.
    #[must_use]
    pub fn keys_of(&self, key: &K) -> Option<PartKeys> {
        self.all.get(key).map(|kept| kept.keys)
    }

    /// Whether something is kept.
    #[must_use]
    pub fn contains(&self, key: &K) -> bool {
        self.all.contains_key(key)
    }

    /// Everything, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &Kept<T>)> {
        self.all.iter()
    }

    /// What one person told, in order.
    pub fn of(&self, subject: SubjectId) -> impl Iterator<Item = (&K, &Kept<T>)> {
        let theirs = self.of.get(&subject).into_iter().flatten();
        theirs.filter_map(|key| self.all.get_key_value(key))
    }

    /// How much is kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Keeps only what is found by such a key.
    pub fn retain(&mut self, keep: impl Fn(&K) -> bool) {
        let dead: Vec<K> = self.all.keys().filter(|key| !keep(key)).copied().collect();
        dead.iter().for_each(|key| {
            self.remove(key);
        });
    }

    /// Lets go of what no longer opens.
    pub fn forget(&mut self, gone: &Forgotten) {
        let dead: Vec<K> = match gone.few_owners(self.all.len()) {
            None => self.all.iter().filter(|(_, kept)| gone.covers(&kept.keys)).map(key).collect(),
            Some(owners) => owners
                .iter()
                .flat_map(|owner| self.of(*owner))
                .filter(|(_, kept)| gone.covers(&kept.keys))
                .map(key)
                .collect(),
        };
        dead.iter().for_each(|key| {
            self.remove(key);
        });
    }
}

fn key<K: Copy, T>((key, _): (&K, &Kept<T>)) -> K {
    *key
}
