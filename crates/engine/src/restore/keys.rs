//! The key tree of a restored tenant: which root and pages, and the cut that comes first.
//!
//! *Invariant:* of the roots and pages at hand the pair of the highest epoch counts, then of the
//! most records; what a fence lists is cut from it, and its root is replaced, before it is stored.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use journal::{Batch, Guard, Store, Urgency, watched};
use record::{JournalId, LeafId, Origin, PageKey, PageWrite, ScopeId};
use vault::{Condemned, RootCopy, Vault, VaultError};

use super::past::Past;
use super::{RestoreError, Work, new_slots};
use crate::find::subjects_behind;
use crate::manifest::Line;
use crate::shipment::Shipment;
use crate::shipping;

/// Pages of one batch.
const PAGES_PER_BATCH: usize = 1_024;

/// A key tree that came back.
#[derive(Debug)]
pub(super) struct Restored {
    pub(super) leaves: BTreeSet<LeafId>,
    pub(super) scopes: BTreeSet<ScopeId>,
    /// In words: where it is from.
    pub(super) from: String,
}

/// A root and where it is from.
struct Root {
    from: &'static str,
    copy: RootCopy,
}

/// Pages and where they are from.
struct Pages {
    from: &'static str,
    shipment: Shipment,
}

/// What is at hand, and what was found wrong on the way.
#[derive(Default)]
struct AtHand {
    roots: Vec<Root>,
    pages: Vec<Pages>,
    notes: Vec<String>,
}

/// Puts the key tree of one tenant into the database and a new slot file; `None` of an ended one.
pub(super) fn put_back(
    work: &Work<'_>,
    store: &mut Store,
    (origin, line): (Origin, &Line),
    guard: &Guard,
    past: &Past,
) -> Result<Option<Restored>, RestoreError> {
    let paths = work.paths;
    let (id, slots) = (origin.journal, new_slots(paths, origin));
    fs::create_dir_all(&paths.keys).map_err(|error| crate::backup::at(&paths.keys)(error))?;
    if past.whole_tenant {
        vault::blank_slots(&slots)?;
        return Ok(None);
    }
    let at_hand = AtHand::look(work, id, line);
    let (mut vault, pages, from) = at_hand.choose(&slots, id, guard, past)?;
    let condemned = condemned(store, id, &vault, past)?;
    let prepared = vault.cut(&condemned)?;
    let keys = vault.page_keys_after(&prepared);
    let writes = writes(prepared.writes(), &pages, &keys, id)?;
    let (leaves, scopes) = (vault.leaf_ids().collect(), vault.scope_ids().collect());
    if work.trial {
        // Its root was in memory alone, and the slot file is blank.
        return Ok(Some(Restored { leaves, scopes, from }));
    }
    for some in writes.chunks(PAGES_PER_BATCH) {
        let pages = vec![(id, some.to_vec())];
        store.commit(Batch { pages, urgency: Urgency::Cut, ..Batch::default() })?;
    }
    watched(&slots, || vault.switch_root(prepared))?;
    Ok(Some(Restored { leaves, scopes, from }))
}

/// Everything that a fence lists, with the people and pseudonyms whom a fenced order names.
fn condemned(
    store: &Store,
    id: JournalId,
    vault: &Vault,
    past: &Past,
) -> Result<Condemned, RestoreError> {
    let subjects = subjects_behind(store, id, vault, &past.people, &[])?;
    let of_subjects = subjects.iter().flat_map(|subject| vault.leaves_of(*subject));
    let mut leaves: BTreeSet<LeafId> = of_subjects.map(|entry| entry.leaf).collect();
    leaves.extend(&past.leaves);
    let entries = vault.leaf_ids().filter_map(|leaf| vault.entry(leaf));
    let of_scopes = entries.filter(|entry| past.scopes.contains(&entry.scope));
    leaves.extend(of_scopes.map(|entry| entry.leaf));
    Ok(Condemned {
        tenant: false,
        subjects: subjects.into_iter().collect(),
        leaves: leaves.into_iter().collect(),
        scopes: past.scopes.iter().copied().collect(),
    })
}

/// Every page of the tree: new ones as prepared, the others as they came back.
fn writes(
    prepared: &[PageWrite],
    pages: &Shipment,
    keys: &BTreeSet<PageKey>,
    id: JournalId,
) -> Result<Vec<PageWrite>, RestoreError> {
    let mut writes: Vec<PageWrite> =
        prepared.iter().filter(|write| keys.contains(&write.key)).cloned().collect();
    let new: BTreeSet<PageKey> = writes.iter().map(|write| write.key).collect();
    for key in keys.difference(&new) {
        let page = pages.pages.get(key).ok_or_else(|| RestoreError::NoKeys {
            journal: id,
            tried: "a page that the tree names is not among them".to_owned(),
        })?;
        writes.push(PageWrite { key: *key, bytes: Some(page.clone()) });
    }
    Ok(writes)
}

impl AtHand {
    fn look(work: &Work<'_>, id: JournalId, line: &Line) -> Self {
        let Work { paths, plan, backup, .. } = *work;
        let mut at_hand = Self::default();
        let slots = paths.slots(id);
        if slots.exists() {
            match RootCopy::of_slots(&slots) {
                Ok(Some(copy)) => at_hand.roots.push(Root { from: "the slots here", copy }),
                Ok(None) => at_hand.notes.push("the slots here hold no root".to_owned()),
                Err(error) => at_hand.notes.push(format!("the slots here: {error}")),
            }
        }
        match backup.pages(id, line) {
            Ok(Some(shipment)) => at_hand.pages.push(Pages { from: "the backup", shipment }),
            Ok(None) => at_hand.notes.push("the backup has no pages".to_owned()),
            Err(error) => at_hand.notes.push(format!("the backup: {error}")),
        }
        if let Some(escrow) = &plan.escrow {
            at_hand.look_at_escrow(&shipping::shipped(escrow, id), work, id);
        }
        at_hand
    }

    fn look_at_escrow(&mut self, file: &Path, work: &Work<'_>, id: JournalId) {
        let note = |what: &dyn std::fmt::Display| format!("the escrow: {what}");
        let shipment = match crate::outside::read(file) {
            Ok(bytes) => Shipment::decode(&bytes),
            Err(error) => return self.notes.push(note(&error)),
        };
        let shipment = match shipment {
            Ok(shipment) if shipment.head.journal != id => {
                return self.notes.push(note(&"a file of another tenant"));
            }
            Ok(shipment) if shipment.is_signed_by(work.vkey) => shipment,
            Ok(_) => {
                let file = file.display();
                let what = format!("{file} is not signed by this installation, and was not used");
                return self.notes.push(note(&what));
            }
            Err(error) => return self.notes.push(note(&format!("damaged: {error}"))),
        };
        match ::escrow::open(&work.plan.identities, &shipment.sealed_root) {
            Ok(secret) => match secret.strip_prefix(id.as_bytes()).and_then(RootCopy::decode) {
                Some(copy) => self.roots.push(Root { from: "the escrow", copy }),
                None => self.notes.push(note(&"a root of another tenant")),
            },
            Err(error) => self.notes.push(note(&error)),
        }
        self.pages.push(Pages { from: "the escrow", shipment });
    }

    /// The best pair whose pages open, over a slot file that holds no root yet.
    fn choose(
        mut self,
        slots: &Path,
        id: JournalId,
        guard: &Guard,
        past: &Past,
    ) -> Result<(Vault, Shipment, String), RestoreError> {
        let held = guard.state().epoch;
        // The newest pages first; with each, every root of its epoch.
        self.pages.sort_by_key(|pages| {
            std::cmp::Reverse((pages.shipment.head.epoch, pages.shipment.head.size))
        });
        for pages in &self.pages {
            let head = pages.shipment.head;
            for root in self.roots.iter().filter(|root| root.copy.epoch() == head.epoch) {
                let newest_fence = u64::from(past.has_open_fence);
                if head.epoch > held + newest_fence {
                    let (guarded, found) = (held, head.epoch);
                    return Err(RestoreError::GuardOlder { journal: id, guarded, found });
                }
                let mut read = |key: PageKey| pages.shipment.pages.get(&key).cloned();
                match Vault::restore(slots, &root.copy, held, &mut read) {
                    Ok(vault) => {
                        let mut from = format!(
                            "root of epoch {} from {}, pages of {} records from {}",
                            head.epoch, root.from, head.size, pages.from
                        );
                        self.notes.iter().for_each(|note| {
                            from.push_str("; ");
                            from.push_str(note);
                        });
                        return Ok((vault, pages.shipment.clone(), from));
                    }
                    Err(error @ (VaultError::Slots(_) | VaultError::Random(_))) => {
                        return Err(error.into());
                    }
                    Err(error) => {
                        self.notes.push(format!("{} with {}: {error}", root.from, pages.from));
                    }
                }
            }
        }
        Err(RestoreError::NoKeys { journal: id, tried: self.tried() })
    }

    fn tried(&self) -> String {
        let roots = self
            .roots
            .iter()
            .map(|root| format!("root of epoch {} from {}", root.copy.epoch(), root.from));
        let pages = self.pages.iter().map(|pages| {
            format!("pages of epoch {} from {}", pages.shipment.head.epoch, pages.from)
        });
        let all: Vec<String> = roots.chain(pages).chain(self.notes.iter().cloned()).collect();
        all.join("; ")
    }
}
