//! The finder: every item about a person, in one list; each right then decides per item.
//!
//! *Invariant:* nothing is missed because a view kept less: the key tree says which leaves there
//! are, and what no view leads to is looked for in the whole journal.

use std::collections::BTreeSet;

use events::{About, Event, Link, SurveyEvent};
use journal::Store;
use record::{JournalId, LeafId, PartKind, Record, Seq, SubjectId};
use serde::Serialize;
use vault::{LeafEntry, Vault};

use crate::engine::Engine;
use crate::execute::Fault;
use crate::model::open_event;
use crate::tenant::Tenant;

/// One part of one record that tells about a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Place of the record.
    pub seq: u64,
    /// What happened.
    pub event: String,
    /// Which part of it.
    pub part: usize,
    /// The person, or a pseudonym of theirs.
    pub subject: String,
    /// The category, as numbered by the catalogue.
    pub category: u16,
    /// The leaf it is sealed under.
    pub leaf: String,
    /// The scope it is kept for.
    pub scope: String,
}

impl Engine {
    /// Lists every item about a person, pseudonymous ones included as far as a link still opens.
    ///
    /// # Errors
    /// [`Fault`] when the journal cannot be read.
    pub fn find(&self, tenant: &Tenant, subject: SubjectId) -> Result<Vec<Item>, Fault> {
        let subjects = self.find_subjects(tenant, &[subject])?;
        let vault = tenant.vault()?;
        let leaves: BTreeSet<LeafId> = subjects
            .iter()
            .flat_map(|subject| vault.leaves_of(*subject))
            .map(|entry| entry.leaf)
            .collect();
        let mut items = Vec::new();
        each_record_under(&self.store, tenant.id(), &leaves, &mut |record| {
            items.extend(items_of(tenant, record, &leaves));
            Ok(())
        })?;
        Ok(items)
    }

    /// These people and all pseudonyms that their links lead to.
    pub(crate) fn find_subjects(
        &self,
        tenant: &Tenant,
        people: &[SubjectId],
    ) -> Result<BTreeSet<SubjectId>, Fault> {
        let links = |person: &SubjectId| tenant.views().people().links_of(*person);
        let places: Vec<Seq> = people.iter().flat_map(links).collect();
        subjects_behind(&self.store, tenant.id(), tenant.vault()?, people, &places)
    }
}

/// These people and all pseudonyms that their links lead to, while those open.
///
/// `places` are those of links as far as they are known, so that an erasure does not read the whole
/// journal. Each link has a leaf of its own: what the key tree holds and no place leads to is
/// looked for everywhere.
pub(crate) fn subjects_behind(
    store: &Store,
    id: JournalId,
    vault: &Vault,
    people: &[SubjectId],
    places: &[Seq],
) -> Result<BTreeSet<SubjectId>, Fault> {
    let is_link = |entry: &LeafEntry| entry.category == events::category::LINK;
    let mut links: BTreeSet<LeafId> = people
        .iter()
        .flat_map(|person| vault.leaves_of(*person))
        .filter(is_link)
        .map(|entry| entry.leaf)
        .collect();
    let mut subjects: BTreeSet<SubjectId> = people.iter().copied().collect();
    let mut follow = |record: &Record| {
        subjects.extend(open_event(Some(vault), record)?.and_then(pseudonym_of));
        Ok(())
    };
    for seq in places {
        let record = store.read(id, *seq)?;
        follow(&record)?;
        record.keys().for_each(|(leaf, _)| {
            links.remove(&leaf);
        });
    }
    each_record_under(store, id, &links, &mut follow)?;
    Ok(subjects)
}

fn each_record_under(
    store: &Store,
    id: JournalId,
    leaves: &BTreeSet<LeafId>,
    visit: &mut dyn FnMut(&Record) -> Result<(), Fault>,
) -> Result<(), Fault> {
    if leaves.is_empty() {
        return Ok(());
    }
    let size = store.size(id);
    for record in store.scan(id, Seq(0), Seq(size)) {
        let record = record?;
        if record.keys().any(|(leaf, _)| leaves.contains(&leaf)) {
            visit(&record)?;
        }
    }
    Ok(())
}

fn pseudonym_of(event: Event) -> Option<SubjectId> {
    match event {
        Event::Survey(SurveyEvent::RespondentLinked(linked)) => match linked.link {
            About::Known { value: Link { pseudonym, .. }, .. } => Some(pseudonym),
            About::Gone { .. } => None,
        },
        _ => None,
    }
}

fn items_of(tenant: &Tenant, record: &Record, leaves: &BTreeSet<LeafId>) -> Vec<Item> {
    let parts = record.header.parts.iter().enumerate();
    let ours =
        parts.filter(|(_, part)| part.kind == PartKind::Sealed && leaves.contains(&part.leaf));
    ours.filter_map(|(index, part)| {
        let entry = tenant.vault.as_ref()?.entry(part.leaf)?;
        Some(Item {
            seq: record.header.seq.0,
            event: record.header.kind.name().to_owned(),
            part: index,
            subject: entry.subject.to_string(),
            category: entry.category.0,
            leaf: part.leaf.to_string(),
            scope: part.scope.to_string(),
        })
    })
    .collect()
}
