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
    /// Every leaf that a sealed part names, and what the census says of it.
    pub(crate) leaves: IdMap<LeafId, Option<Standing>>,
    /// The same of the scopes.
    pub(crate) scopes: IdMap<ScopeId, Option<Standing>>,
    /// The keys of each part of the record before: the same keys again need no search.
    before: Vec<(LeafId, ScopeId)>,
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
        let before = self.before.get(index).copied().unzip();
        if before.0 != Some(part.leaf) {
            self.leaves.entry(part.leaf).or_default();
        }
        if before.1 != Some(part.scope) {
            self.scopes.entry(part.scope).or_default();
        }
        match self.before.get_mut(index) {
            Some(before) => *before = (part.leaf, part.scope),
            // A public part leaves a gap; what fills it is in the tables as well.
            None => self.before.resize(index + 1, (part.leaf, part.scope)),
        }
    }

    /// Notes what a census says of the keys that the headers name.
    pub(crate) fn note(&mut self, census: &Census) {
        for (leaf, standing) in &census.leaves {
            self.leaves.entry(*leaf).and_modify(|noted| *noted = Some(*standing));
        }
        for (scope, standing) in &census.scopes {
            self.scopes.entry(*scope).and_modify(|noted| *noted = Some(*standing));
        }
    }

    /// What the census says of a part: present only if both keys are.
    pub(crate) fn stated(&self, part: &PartHeader) -> Option<Standing> {
        let leaf = self.leaves.get(&part.leaf).copied()??;
        let scope = self.scopes.get(&part.scope).copied()??;
        let present = leaf == Standing::Present && scope == Standing::Present;
        Some(if present { Standing::Present } else { Standing::Lost })
    }

    pub(crate) fn ids(&self) -> usize {
        self.leaves.len() + self.scopes.len() + self.events.len()
    }
}
