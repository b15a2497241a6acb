//! What is kept of a person, for whoever answers a request: found, told, and resolved into keys.
//!
//! *Invariant:* the key tree says what is kept; a category that no view knows of is found too.

use std::collections::{BTreeMap, BTreeSet};

use events::category;
use record::public::Cut;
use record::{Category, JournalId, LeafId, Seq, SubjectId, TimestampMicros};

use crate::engine::Engine;
use crate::execute::{EngineError, Fault};
use crate::find::Item;
use crate::model::open_event;

/// What is kept of a person in one category, pseudonyms included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The category, as numbered by the catalogue.
    pub category: u16,
    /// How many keys.
    pub leaves: usize,
}

/// One part about a person, opened.
#[derive(Clone, PartialEq, Eq)]
pub struct PackagedPart {
    /// Where it stands.
    pub item: Item,
    /// When it was recorded.
    pub at: TimestampMicros,
    /// Name and text of each field.
    pub fields: Vec<(&'static str, String)>,
}

impl std::fmt::Debug for PackagedPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PackagedPart").field("item", &self.item).finish_non_exhaustive()
    }
}

impl Engine {
    /// What is kept of a person, by category.
    ///
    /// # Errors
    /// [`EngineError`] when the tenant is unknown or ended, or the journal cannot be read.
    pub fn kept_of(&self, id: JournalId, person: SubjectId) -> Result<Vec<Kept>, EngineError> {
        let mut kept: BTreeMap<u16, usize> = BTreeMap::new();
        for (category, _) in self.keys_of(id, person)? {
            *kept.entry(category.0).or_default() += 1;
        }
        let row = |(category, leaves)| Kept { category, leaves };
        Ok(kept.into_iter().map(row).collect())
    }

    /// What to cut of a person, where these categories go: the person, if that is all there is, else
    /// key by key.
    ///
    /// # Errors
    /// [`EngineError`] when the tenant is unknown or ended, or the journal cannot be read.
    pub fn cuts_of(
        &self,
        id: JournalId,
        person: SubjectId,
        categories: &BTreeSet<u16>,
    ) -> Result<Vec<Cut>, EngineError> {
        let keys = self.keys_of(id, person)?;
        let goes = |(category, _): &&(Category, LeafId)| categories.contains(&category.0);
        if keys.iter().all(|key| goes(&key)) {
            return Ok(vec![Cut::Subject(person)]);
        }
        Ok(keys.iter().filter(goes).map(|(_, leaf)| Cut::Leaf(*leaf)).collect())
    }

    /// Everything about a person in these categories, opened from the journal; what signing in is
    /// checked against is listed and not told.
    ///
    /// # Errors
    /// [`EngineError`] when the tenant is unknown or ended, or the journal cannot be read.
    pub fn package(
        &self,
        id: JournalId,
        person: SubjectId,
        categories: &BTreeSet<u16>,
    ) -> Result<Vec<PackagedPart>, EngineError> {
        let tenant = self.tenant(id)?;
        let vault = tenant.running()?;
        let mut parts = Vec::new();
        let mut read: Option<(u64, TimestampMicros, Vec<events::ToldPart>)> = None;
        let given = |item: &Item| categories.contains(&item.category);
        for item in self.find(tenant, person)?.into_iter().filter(given) {
            if read.as_ref().is_none_or(|(seq, ..)| *seq != item.seq) {
                let record = self.store.read(id, Seq(item.seq)).map_err(Fault::from)?;
                let event = open_event(Some(vault), &record)?;
                let told = event.map(|event| event.told_parts()).unwrap_or_default();
                read = Some((item.seq, record.header.recorded_at, told));
            }
            let Some((_, at, told)) = &mut read else { continue };
            // Several parts of one record may be of one person: each is taken once, in order.
            let ours = told.iter().position(|part| {
                part.subject.to_string() == item.subject && part.category.0 == item.category
            });
            let Some(ours) = ours else { continue };
            let fields = told.remove(ours).fields;
            let secret = Category(item.category) == category::CREDENTIAL;
            let fields = if secret { Vec::new() } else { fields };
            parts.push(PackagedPart { at: *at, item, fields });
        }
        Ok(parts)
    }

    fn keys_of(
        &self,
        id: JournalId,
        person: SubjectId,
    ) -> Result<Vec<(Category, LeafId)>, EngineError> {
        let tenant = self.tenant(id)?;
        let vault = tenant.running()?;
        let subjects = self.find_subjects(tenant, &[person])?;
        let leaves = subjects.iter().flat_map(|subject| vault.leaves_of(*subject));
        Ok(leaves.map(|entry| (entry.category, entry.leaf)).collect())
    }
}
