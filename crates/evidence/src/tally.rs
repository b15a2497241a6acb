//! Counts and ids that can be recomputed from headers (docs/format/bundle.md §6).

use std::collections::{BTreeMap, BTreeSet};

use record::{EventKind, Header, LeafId, PartKind, ScopeId};

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
    pub(crate) leaves: BTreeSet<LeafId>,
    pub(crate) scopes: BTreeSet<ScopeId>,
}

impl Tally {
    /// Counts one record.
    pub(crate) fn add(&mut self, header: &Header) {
        self.records += 1;
        *self.events.entry(header.kind.clone()).or_default() += 1;
        for part in &header.parts {
            match part.kind {
                PartKind::Public => self.public += 1,
                PartKind::Sealed => {
                    self.sealed += 1;
                    self.leaves.insert(part.leaf);
                    self.scopes.insert(part.scope);
                }
            }
        }
    }

    pub(crate) fn ids(&self) -> usize {
        self.leaves.len() + self.scopes.len() + self.events.len()
    }
}
