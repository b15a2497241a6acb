//! People known by name, and which records link them to pseudonyms.
//!
//! *Invariant:* every entry stands under the keys of the part it came from; no names, and no
//! pseudonym beside a person.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use events::{Forgotten, ImportEvent, ImportId, PartKeys, PeopleEvent, Place, SurveyEvent};
use record::{LeafId, ScopeId, Seq, SubjectId, Writer};
use serde::Serialize;

use crate::text::{id, id_if_any, write_count};

/// People of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    registered: BTreeMap<(SubjectId, Seq), Registered>,
    links: BTreeMap<(SubjectId, Seq), Linked>,
    /// Imports whose rows count.
    completed: BTreeSet<ImportId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Registered {
    leaf: Option<LeafId>,
    scope: ScopeId,
    import: Option<ImportId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Linked {
    leaf: Option<LeafId>,
    scope: ScopeId,
    import: Option<ImportId>,
}

/// One person; the name is reopened from the record at `seq`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PersonRow {
    /// The person.
    #[serde(serialize_with = "id")]
    pub subject: SubjectId,
    /// Where the registration stands.
    #[serde(serialize_with = "sequence")]
    pub seq: Seq,
    /// The import it came from.
    #[serde(serialize_with = "id_if_any")]
    pub import: Option<ImportId>,
}

/// People, by subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PersonList {
    /// How many there are in all.
    pub total: usize,
    /// The page that was asked for.
    pub people: Vec<PersonRow>,
}

impl People {
    /// A page of the people that count, by subject.
    #[must_use]
    pub fn list(&self, skip: usize, take: usize) -> PersonList {
        let counting = || self.registered.iter().filter(|(_, person)| self.counts(person.import));
        let people = counting().skip(skip).take(take).map(|((subject, seq), person)| PersonRow {
            subject: *subject,
            seq: *seq,
            import: person.import,
        });
        PersonList { total: counting().count(), people: people.collect() }
    }

    /// Where a person's registration stands, if it counts.
    #[must_use]
    pub fn registered_at(&self, subject: SubjectId) -> Option<Seq> {
        let mut registered = self.registered.range(all_of(subject));
        let found = registered.rfind(|(_, person)| self.counts(person.import));
        found.map(|((_, seq), _)| *seq)
    }

    /// Where a person's links to pseudonyms stand, also those of unfinished imports.
    #[must_use]
    pub fn links_of(&self, subject: SubjectId) -> Vec<Seq> {
        self.links.range(all_of(subject)).map(|((_, seq), _)| *seq).collect()
    }

    fn counts(&self, import: Option<ImportId>) -> bool {
        import.is_none_or(|import| self.completed.contains(&import))
    }

    pub(crate) fn apply(&mut self, place: &Place, event: &PeopleEvent) {
        match event {
            PeopleEvent::PersonRegistered(event) => {
                let Some(PartKeys { subject, leaf, scope }) = event.person.keys() else { return };
                let person = Registered { leaf, scope, import: event.import };
                self.registered.insert((subject, place.seq), person);
            }
        }
    }

    pub(crate) fn apply_survey(&mut self, place: &Place, event: &SurveyEvent) {
        let SurveyEvent::RespondentLinked(event) = event else { return };
        let Some(PartKeys { subject, leaf, scope }) = event.link.keys() else { return };
        self.links.insert((subject, place.seq), Linked { leaf, scope, import: event.import });
    }

    pub(crate) fn apply_import(&mut self, event: &ImportEvent) {
        if let ImportEvent::ImportCompleted(event) = event {
            self.completed.insert(event.import);
        }
    }

    pub(crate) fn forget(&mut self, gone: &Forgotten) {
        self.registered.retain(|(subject, _), person| {
            !gone.covers(&PartKeys { subject: *subject, leaf: person.leaf, scope: person.scope })
        });
        self.links.retain(|(subject, _), link| {
            !gone.covers(&PartKeys { subject: *subject, leaf: link.leaf, scope: link.scope })
        });
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        write_count(out, self.registered.len());
        for ((subject, seq), person) in &self.registered {
            out.bytes(subject.as_bytes()).u64(seq.0);
            write_keys(out, person.leaf, person.scope, person.import);
        }
        write_count(out, self.links.len());
        for ((subject, seq), link) in &self.links {
            out.bytes(subject.as_bytes()).u64(seq.0);
            write_keys(out, link.leaf, link.scope, link.import);
        }
        write_count(out, self.completed.len());
        self.completed.iter().for_each(|import| {
            out.bytes(import.as_bytes());
        });
    }
}

fn all_of(subject: SubjectId) -> RangeInclusive<(SubjectId, Seq)> {
    (subject, Seq(0))..=(subject, Seq(u64::MAX))
}

fn write_keys(out: &mut Writer, leaf: Option<LeafId>, scope: ScopeId, import: Option<ImportId>) {
    out.bytes(&leaf.map_or([0; 16], |leaf| *leaf.as_bytes())).bytes(scope.as_bytes());
    out.bytes(&import.map_or([0; 16], |import| *import.as_bytes()));
}

fn sequence<S: serde::Serializer>(seq: &Seq, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(seq.0)
}
