//! People known by name, and which records link them to pseudonyms.
//!
//! *Invariant:* every entry stands under the keys of the part it came from; no names, and no
//! pseudonym beside a person.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use bincode::{Decode, Encode};
use events::{Forgotten, ImportEvent, ImportId, PartKeys, PeopleEvent, Place, SurveyEvent};
use record::{LeafId, ScopeId, Seq, SubjectId};
use serde::Serialize;

use crate::text::{id, id_if_any};

/// People of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct People {
    registered: BTreeMap<(SubjectId, Seq), Kept>,
    links: BTreeMap<(SubjectId, Seq), Kept>,
    /// Imports whose rows count.
    completed: BTreeSet<ImportId>,
}

/// The keys that an entry stands under, and the import that it came from.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Kept {
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
                let person = Kept { leaf, scope, import: event.import };
                self.registered.insert((subject, place.seq), person);
            }
            PeopleEvent::PersonJoined(_)
            | PeopleEvent::PersonLeft(_)
            | PeopleEvent::TeamJoined(_)
            | PeopleEvent::TeamLeft(_)
            | PeopleEvent::RepresentationRecorded(_)
            | PeopleEvent::RepresentationEnded(_) => {}
        }
    }

    pub(crate) fn apply_survey(&mut self, place: &Place, event: &SurveyEvent) {
        let SurveyEvent::RespondentLinked(event) = event else { return };
        let Some(PartKeys { subject, leaf, scope }) = event.link.keys() else { return };
        self.links.insert((subject, place.seq), Kept { leaf, scope, import: event.import });
    }

    pub(crate) fn apply_import(&mut self, event: &ImportEvent) {
        if let ImportEvent::ImportCompleted(event) = event {
            self.completed.insert(event.import);
        }
    }

    pub(crate) fn forget(&mut self, gone: &Forgotten) {
        for entries in [&mut self.registered, &mut self.links] {
            forget_among(entries, gone);
        }
    }
}

fn forget_among(entries: &mut BTreeMap<(SubjectId, Seq), Kept>, gone: &Forgotten) {
    let covers = |(subject, _): &(SubjectId, Seq), kept: &Kept| {
        gone.covers(&PartKeys { subject: *subject, leaf: kept.leaf, scope: kept.scope })
    };
    let Some(owners) = gone.few_owners(entries.len()) else {
        return entries.retain(|key, kept| !covers(key, kept));
    };
    for owner in owners {
        let theirs = entries.range(all_of(*owner)).filter(|(key, kept)| covers(key, kept));
        let theirs: Vec<_> = theirs.map(|(key, _)| *key).collect();
        theirs.iter().for_each(|key| {
            entries.remove(key);
        });
    }
}

fn all_of(subject: SubjectId) -> RangeInclusive<(SubjectId, Seq)> {
    (subject, Seq(0))..=(subject, Seq(u64::MAX))
}

fn sequence<S: serde::Serializer>(seq: &Seq, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(seq.0)
}
