//! What erasures there were: by the records that came back, and by the guard.
//!
//! *Invariant:* a step counts once: what the records have is not replayed.

use std::collections::{BTreeMap, BTreeSet};

use journal::{Guard, Store};
use record::public::PublicPart;
use record::{JournalId, LeafId, OrderId, ScopeId, SubjectId};

use crate::erase::people_among;
use crate::execute::Fault;
use crate::recover::public_parts;
use crate::tenant::public_part;

/// The erasures of a journal.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// Steps that the guard keeps and the records do not have, in their order.
    pub(super) missing: Vec<PublicPart>,
    /// Everything that a fence or receipt lists.
    pub(super) leaves: BTreeSet<LeafId>,
    pub(super) scopes: BTreeSet<ScopeId>,
    /// People whom a fenced order names.
    pub(super) people: Vec<SubjectId>,
    pub(super) whole_tenant: bool,
    /// Whether a fence has no receipt.
    pub(super) has_open_fence: bool,
}

impl Past {
    pub(super) fn read(store: &Store, guard: &Guard, id: JournalId) -> Result<Self, Fault> {
        let mut steps = Steps::default();
        for part in public_parts(store, id)? {
            steps.add(part);
        }
        let mut missing = Vec::new();
        for kept in guard.kept() {
            let part = public_part(kept)?;
            missing.extend(part.filter(|part| steps.add(part.clone())));
        }
        Ok(Self { missing, ..steps.past() })
    }
}

/// Steps by order and kind.
#[derive(Debug, Default)]
struct Steps(BTreeMap<(OrderId, u8), PublicPart>);

const ORDERED: u8 = 0;
const FENCED: u8 = 2;
const DESTROYED: u8 = 3;

impl Steps {
    /// Whether the part is a step of an erasure that was not there.
    fn add(&mut self, part: PublicPart) -> bool {
        let key = match &part {
            PublicPart::ErasureOrdered(part) => (part.order, ORDERED),
            PublicPart::ErasureApproved(part) => (part.order, 1),
            PublicPart::ErasureFenced(part) => (part.order, FENCED),
            PublicPart::KeysDestroyed(part) => (part.order, DESTROYED),
            _ => return false,
        };
        if self.0.contains_key(&key) {
            return false;
        }
        self.0.insert(key, part);
        true
    }

    fn past(&self) -> Past {
        let mut past = Past::default();
        for ((order, _), part) in &self.0 {
            match part {
                PublicPart::ErasureFenced(fence) => {
                    past.leaves.extend(&fence.leaves);
                    past.scopes.extend(&fence.scopes);
                    past.whole_tenant |= fence.tenant;
                    past.has_open_fence |= !self.0.contains_key(&(*order, DESTROYED));
                    if let Some(PublicPart::ErasureOrdered(ordered)) =
                        self.0.get(&(*order, ORDERED))
                    {
                        past.people.extend(people_among(&ordered.targets));
                    }
                }
                PublicPart::KeysDestroyed(receipt) => {
                    past.leaves.extend(&receipt.leaves);
                    past.scopes.extend(&receipt.scopes);
                    past.whole_tenant |= receipt.tenant;
                }
                _ => {}
            }
        }
        past
    }
}
