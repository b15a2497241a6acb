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
}

impl Tally {
    /// Counts one record.
    pub(crate) fn add(&mut self, header: &Header) {
        self.records += 1;
        match self.events.get_mut(&header.kind) {
            Some(count) => *count += 1,
            None => drop(self.events.insert(header.kind.clone(), 1)),
        }
        for part in &header.parts {
            match part.kind {
                PartKind::Public => self.public += 1,
                PartKind::Sealed => {
                    self.sealed += 1;
                    self.leaves.entry(part.leaf).or_default();
                    self.scopes.entry(part.scope).or_default();
                }
            }
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
