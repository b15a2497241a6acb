//! What the operator journal and a tenant's journal say of each other
//! (docs/format/public-parts.md §4).
//!
//! *Invariant:* only collects; the two sides are compared in `verify/beside.rs`.

use std::collections::BTreeMap;

use record::public::{PublicPart, TenantClosing, TenantStarted};
use record::{Hash, Header, JournalId, Seq};

/// Folded from one journal, of either kind.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// How a tenant's journal begins.
    pub(crate) started: Option<TenantStarted>,
    /// Fences and receipts of the whole tenant.
    pub(crate) ends: Vec<End>,
    /// What an operator journal says of each tenant.
    pub(crate) tenants: BTreeMap<JournalId, Tenant>,
}

/// One tenant in the operator journal.
#[derive(Debug, Default)]
pub(crate) struct Tenant {
    /// Where it was registered first, and as whom.
    pub(crate) registered: Option<(Seq, String)>,
    /// Salted hashes of its checkpoints.
    pub(crate) witnessed: Vec<(Seq, Hash)>,
    pub(crate) closings: Vec<(Seq, TenantClosing)>,
}

/// A record that ends a tenant: a fence, or a receipt when the keys are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) seq: Seq,
    pub(crate) record: Hash,
    pub(crate) destroyed: bool,
}

impl Told {
    /// Takes in the public part of the next record.
    pub(crate) fn fold(&mut self, header: &Header, part: &PublicPart) {
        let seq = header.seq;
        match part {
            PublicPart::TenantStarted(part) => {
                self.started.get_or_insert_with(|| part.clone());
            }
            PublicPart::TenantRegistered(part) => {
                let tenant = self.tenants.entry(part.tenant).or_default();
                tenant.registered.get_or_insert_with(|| (seq, part.name.clone()));
            }
            PublicPart::TenantWitnessed(part) => {
                let tenant = self.tenants.entry(part.tenant).or_default();
                tenant.witnessed.push((seq, part.checkpoint));
            }
            PublicPart::TenantClosing(part) => {
                let tenant = self.tenants.entry(part.tenant).or_default();
                tenant.closings.push((seq, part.clone()));
            }
            PublicPart::ErasureFenced(part) if part.tenant => self.end(header, false),
            PublicPart::KeysDestroyed(part) if part.tenant => self.end(header, true),
            _ => {}
        }
    }

    fn end(&mut self, header: &Header, destroyed: bool) {
        self.ends.push(End { seq: header.seq, record: header.record_hash(), destroyed });
    }

    /// Whether this tenant is registered.
    pub(crate) fn is_registered(&self, tenant: JournalId) -> bool {
        self.tenants.get(&tenant).is_some_and(|tenant| tenant.registered.is_some())
    }
}
