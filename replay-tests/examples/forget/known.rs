//! What the judge knows of people from what it could open before they were erased.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use replay_tests::bundle::{Id, Part};
use replay_tests::oracle::{Key, Keys};

use crate::marks;

/// As docs/format/events.md numbers them.
const IDENTITY: u16 = 1;
const LINK: u16 = 3;

pub(crate) type Place = (u64, u8);

/// Grows with each reading; nothing is ever taken out.
#[derive(Default)]
pub(crate) struct Known {
    /// Whose leaf it is, and of what category.
    leaves: HashMap<Id, (Id, u16)>,
    pseudonyms: BTreeMap<Id, BTreeSet<Id>>,
    /// The numbers of the people by their ids.
    pub(crate) people: BTreeMap<Id, u64>,
    /// The key of every part that ever opened.
    pub(crate) part_keys: BTreeMap<Place, Key>,
    /// Message keys of every page that ever opened, and the keys of its node.
    pub(crate) page_keys: BTreeSet<Key>,
}

impl Known {
    /// Learns from what opens now; `numbers` are those of people who may be there.
    pub(crate) fn learn(
        &mut self,
        keys: &Keys,
        parts: &[Part],
        seed: u64,
        numbers: impl Iterator<Item = u64>,
    ) {
        let marks: HashMap<Vec<u8>, u64> =
            numbers.map(|number| (marks::mark("Qn", seed, number).into_bytes(), number)).collect();
        for (leaf, label) in &keys.leaves {
            if let Some(subject) = label.subject {
                self.leaves.insert(*leaf, (subject, label.category));
            }
        }
        let subjects: BTreeSet<Id> = self.leaves.values().map(|(subject, _)| *subject).collect();
        for part in parts {
            let Some(key) = keys.key_of(part) else { continue };
            self.part_keys.insert(part.place(), key);
            match self.leaves.get(&part.leaf) {
                Some((person, IDENTITY)) => {
                    let content = keys.open(part).unwrap();
                    let found = content.windows(18).find_map(|word| marks.get(word));
                    self.people.extend(found.map(|number| (*person, *number)));
                }
                Some((person, LINK)) => {
                    let content = keys.open(part).unwrap();
                    let named = content.windows(16).filter_map(|id| subjects.get(id));
                    let others = named.filter(|id| *id != person).copied();
                    self.pseudonyms.entry(*person).or_default().extend(others);
                }
                _ => {}
            }
        }
        self.page_keys.extend(&keys.page_keys);
    }

    /// The pseudonyms of some people.
    pub(crate) fn pseudonyms_of(&self, people: &BTreeSet<Id>) -> BTreeSet<Id> {
        people.iter().filter_map(|person| self.pseudonyms.get(person)).flatten().copied().collect()
    }

    /// The leaf of a person's identity.
    pub(crate) fn identity_leaf(&self, person: Id) -> Option<Id> {
        let mut leaves = self.leaves.iter();
        leaves.find(|(_, label)| **label == (person, IDENTITY)).map(|(leaf, _)| *leaf)
    }

    /// The places of all parts that must be closed.
    pub(crate) fn doomed(&self, gone: &Gone, parts: &[Part]) -> BTreeSet<Place> {
        let closed = |part: &&Part| {
            let subject = self.leaves.get(&part.leaf).map(|(subject, _)| subject);
            subject.is_some_and(|subject| gone.subjects.contains(subject))
                || gone.leaves.contains(&part.leaf)
                || gone.scopes.contains(&part.scope)
        };
        parts.iter().filter(closed).map(Part::place).collect()
    }
}

/// What was erased so far.
#[derive(Default)]
pub(crate) struct Gone {
    /// People.
    pub(crate) people: BTreeSet<Id>,
    /// People and their pseudonyms.
    pub(crate) subjects: BTreeSet<Id>,
    pub(crate) leaves: BTreeSet<Id>,
    pub(crate) scopes: BTreeSet<Id>,
}
