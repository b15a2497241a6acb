//! Counts and ids that can be recomputed from headers (docs/format/bundle.md §6).

use std::collections::BTreeMap;

use record::{EventKind, Header, LeafId, PartHeader, PartKind, ScopeId};

use crate::ids::IdMap;
use crate::texts::{Census, Standing};

/// Most distinct ids of one bundle, leaves, scopes and fenced ids together: what a verifier holds
/// in memory, under a gigabyte.
pub(crate) const IDS_MAX: usize = 1 << 24;

/// What the headers of a journal hold.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) records: u64,
    pub(crate) events: BTreeMap<EventKind, u64>,
    pub(crate) public: u64,
    pub(crate) sealed: u64,
    /// Every leaf that a sealed part names.
    pub(crate) leaves: IdMap<LeafId, OfLeaf>,
    /// Every scope that a sealed part names.
    pub(crate) scopes: IdMap<ScopeId, OfScope>,
    /// Parts of a leaf under another scope than its first: a journal of ours has none.
    elsewhere: BTreeMap<(LeafId, ScopeId), u64>,
    /// The keys of each part of the records before, and of how many in a row: the same keys again
    /// need no search.
    before: Vec<(LeafId, ScopeId, u64)>,
}

/// What is known of a leaf.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OfLeaf {
    /// What the census says of it.
    standing: Option<Standing>,
    /// The number of the scope of its first part.
    scope: u32,
    /// How many parts stand under the two.
    parts: u64,
}

/// What is known of a scope.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OfScope {
    /// What the census says of it.
    standing: Option<Standing>,
    /// Counted as they come.
    number: u32,
}

impl Tally {
    /// Counts one record.
    pub(crate) fn add(&mut self, header: &Header) {
        self.records += 1;
        match self.events.get_mut(&header.kind) {
            Some(count) => *count += 1,
            None => drop(self.events.insert(header.kind.clone(), 1)),
        }
        for (index, part) in header.parts.iter().enumerate() {
            match part.kind {
                PartKind::Public => self.public += 1,
                PartKind::Sealed => {
                    self.sealed += 1;
                    self.add_keys(index, part);
                }
            }
        }
    }

    fn add_keys(&mut self, index: usize, part: &PartHeader) {
        match self.before.get_mut(index) {
            Some((leaf, scope, count)) if (*leaf, *scope) == (part.leaf, part.scope) => *count += 1,
            Some(before) => {
                let (leaf, scope, count) = std::mem::replace(before, (part.leaf, part.scope, 1));
                self.note_parts(leaf, scope, count);
            }
            // A public part leaves a gap, which counts nothing.
            None => {
                self.before.resize(index, (part.leaf, part.scope, 0));
                self.before.push((part.leaf, part.scope, 1));
            }
        }
    }

    /// Puts what was counted in a row into the tables, as before they are read.
    pub(crate) fn settle(&mut self) {
        for (leaf, scope, count) in std::mem::take(&mut self.before) {
            self.note_parts(leaf, scope, count);
        }
    }

    fn note_parts(&mut self, leaf: LeafId, scope: ScopeId, count: u64) {
        if count == 0 {
            return;
        }
        let next = u32::try_from(self.scopes.len()).unwrap_or(u32::MAX);
        let number =
            self.scopes.entry(scope).or_insert(OfScope { standing: None, number: next }).number;
        let first = OfLeaf { standing: None, scope: number, parts: 0 };
        let of_leaf = self.leaves.entry(leaf).or_insert(first);
        if of_leaf.scope == number {
            of_leaf.parts += count;
        } else {
            *self.elsewhere.entry((leaf, scope)).or_default() += count;
        }
    }

    /// Notes what a census says of the keys that the headers name.
    pub(crate) fn note(&mut self, census: &Census) {
        for (leaf, standing) in &census.leaves {
            self.leaves.entry(*leaf).and_modify(|of| of.standing = Some(*standing));
        }
        for (scope, standing) in &census.scopes {
            self.scopes.entry(*scope).and_modify(|of| of.standing = Some(*standing));
        }
    }

    /// What the census says of a part.
    pub(crate) fn stated(&self, part: &PartHeader) -> Option<Standing> {
        let leaf = self.leaves.get(&part.leaf)?.standing;
        both(leaf, self.scopes.get(&part.scope)?.standing)
    }

    /// Calls `each` with every pair of keys, what the census says of parts under them, and how many
    /// sealed parts there are.
    pub(crate) fn each_pair(&self, mut each: impl FnMut(LeafId, ScopeId, Option<Standing>, u64)) {
        let mut scopes: Vec<_> = self.scopes.iter().collect();
        scopes.sort_unstable_by_key(|(_, of)| of.number);
        for (leaf, of_leaf) in &self.leaves {
            let scope = usize::try_from(of_leaf.scope).ok().and_then(|at| scopes.get(at));
            if let Some((scope, of_scope)) = scope {
                each(*leaf, **scope, both(of_leaf.standing, of_scope.standing), of_leaf.parts);
            }
        }
        for ((leaf, scope), count) in &self.elsewhere {
            let leaf_standing = self.leaves.get(leaf).and_then(|of| of.standing);
            let scope_standing = self.scopes.get(scope).and_then(|of| of.standing);
            each(*leaf, *scope, both(leaf_standing, scope_standing), *count);
        }
    }

    pub(crate) fn ids(&self) -> usize {
        self.leaves.len() + self.scopes.len() + self.elsewhere.len() + self.events.len()
    }
}

/// Present only if both keys are.
fn both(leaf: Option<Standing>, scope: Option<Standing>) -> Option<Standing> {
    let present = leaf? == Standing::Present && scope? == Standing::Present;
    Some(if present { Standing::Present } else { Standing::Lost })
}
