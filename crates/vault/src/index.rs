//! Where each leaf and scope stands in the pages; rebuilt on opening, never stored.
//!
//! *Invariants:* the index holds positions, no ids of people and no keys: an entry is read where
//! it stands; every leaf of the tree is in `by_leaf` once and in the chain of its subject once.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use record::{Category, LeafId, ScopeId, SubjectId};

use crate::entries::{Entry, Fence, LeafEntry};
use crate::keys::KEY_BYTES;
use crate::table::{NUMBERS_MAX, Table};
use crate::tree::Tree;

const OFFSET_BITS: u32 = 13;
const OFFSET_MASK: u32 = (1 << OFFSET_BITS) - 1;
const END: u32 = u32::MAX;

/// Page index and offset in one number.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Position(u32);

impl Position {
    fn new(page: u32, offset: usize) -> Self {
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        assert!(offset <= OFFSET_MASK && page < 1 << (32 - OFFSET_BITS), "position out of range");
        Self(page << OFFSET_BITS | offset)
    }

    const fn page(self) -> u32 {
        self.0 >> OFFSET_BITS
    }

    fn entry(self, tree: &Tree) -> Option<Entry<'_>> {
        let offset = usize::try_from(self.0 & OFFSET_MASK).ok()?;
        tree.entries(self.page())?.at(offset)
    }
}

struct Place {
    position: Position,
    /// The next leaf of the same subject.
    next: u32,
}

/// The leaves by number.
#[derive(Default)]
struct Places {
    places: Vec<Place>,
    free: Vec<u32>,
    hasher: RandomState,
}

impl Places {
    fn get(&self, number: u32) -> Option<&Place> {
        self.places.get(usize::try_from(number).ok()?)
    }

    fn get_mut(&mut self, number: u32) -> Option<&mut Place> {
        self.places.get_mut(usize::try_from(number).ok()?)
    }

    fn label(&self, tree: &Tree, number: u32) -> Option<LeafEntry> {
        match self.get(number)?.position.entry(tree)? {
            Entry::Leaf { label, .. } => Some(label),
            _ => None,
        }
    }

    fn next(&self, number: u32) -> Option<u32> {
        self.get(number).map(|place| place.next).filter(|next| *next != END)
    }

    fn add(&mut self, place: Place) -> u32 {
        if let Some(number) = self.free.pop() {
            if let Some(free) = self.get_mut(number) {
                *free = place;
            }
            return number;
        }
        let number = u32::try_from(self.places.len()).unwrap_or(NUMBERS_MAX);
        assert!(number < NUMBERS_MAX, "more leaves than positions");
        self.places.push(place);
        number
    }

    fn hash_leaf(&self, leaf: LeafId) -> u64 {
        self.hasher.hash_one(leaf)
    }

    fn hash_subject(&self, subject: SubjectId) -> u64 {
        self.hasher.hash_one(subject)
    }

    fn hash_label(&self, subject: SubjectId, category: Category, scope: ScopeId) -> u64 {
        self.hasher.hash_one((subject, category, scope))
    }
}

/// Finds leaves, scopes and fences.
#[derive(Default)]
pub(crate) struct Index {
    places: Places,
    by_leaf: Table,
    by_label: Table,
    by_subject: Table,
    scopes: HashMap<ScopeId, Position>,
    facts: Option<Position>,
    subjects_fenced: HashSet<SubjectId>,
    leaves_fenced: HashSet<LeafId>,
    scopes_fenced: HashSet<ScopeId>,
}

/// Leaves of one page that stay, in their order.
pub(crate) struct Staying {
    page: u32,
    leaves: Vec<u32>,
}

impl Index {
    /// Reads every page of a tree.
    pub(crate) fn build(tree: &Tree) -> Self {
        let count = tree.leaves().count();
        let table = || Table::with_room(count);
        // Subjects are fewer, nobody knows how many: their table grows.
        let mut index = Self { by_leaf: table(), by_label: table(), ..Self::default() };
        index.places.places.reserve_exact(count);
        for (page, entries) in tree.entry_pages() {
            entries.iter().for_each(|(offset, _)| index.add(tree, page, offset));
        }
        index
    }

    /// Adds the entry that now stands at a place.
    pub(crate) fn add(&mut self, tree: &Tree, page: u32, offset: usize) {
        let position = Position::new(page, offset);
        match position.entry(tree) {
            Some(Entry::Leaf { label, alone, .. }) => self.add_leaf(tree, position, &label, alone),
            Some(Entry::Facts { .. }) => self.facts = Some(position),
            Some(Entry::Scope { scope, .. }) => {
                self.scopes.insert(scope, position);
            }
            Some(Entry::Fence(fence)) => self.add_fence(fence),
            None => {}
        }
    }

    /// How many leaves of people there are.
    pub(crate) fn leaves_count(&self) -> usize {
        self.places.places.len() - self.places.free.len()
    }

    /// A leaf of a person.
    pub(crate) fn leaf<'t>(
        &self,
        tree: &'t Tree,
        leaf: LeafId,
    ) -> Option<(LeafEntry, &'t [u8; KEY_BYTES])> {
        let number = self.number(tree, leaf)?;
        match self.places.get(number)?.position.entry(tree)? {
            Entry::Leaf { label, key, .. } => Some((label, key)),
            _ => None,
        }
    }

    /// The facts leaf's key.
    pub(crate) fn facts<'t>(&self, tree: &'t Tree) -> Option<&'t [u8; KEY_BYTES]> {
        match self.facts?.entry(tree)? {
            Entry::Facts { key, .. } => Some(key),
            _ => None,
        }
    }

    /// A scope's key.
    pub(crate) fn scope<'t>(&self, tree: &'t Tree, scope: ScopeId) -> Option<&'t [u8; KEY_BYTES]> {
        match self.scopes.get(&scope)?.entry(tree)? {
            Entry::Scope { key, .. } => Some(key),
            _ => None,
        }
    }

    /// Whether the scope's key is there.
    pub(crate) fn has_scope(&self, scope: ScopeId) -> bool {
        self.scopes.contains_key(&scope)
    }

    /// The leaf that a subject's parts of one category and scope share.
    pub(crate) fn shared(
        &self,
        tree: &Tree,
        subject: SubjectId,
        category: Category,
        scope: ScopeId,
    ) -> Option<LeafId> {
        let wanted = |label: &LeafEntry| {
            label.subject == subject && label.category == category && label.scope == scope
        };
        let hash = self.places.hash_label(subject, category, scope);
        let is = |number| self.places.label(tree, number).is_some_and(|label| wanted(&label));
        Some(self.places.label(tree, self.by_label.find(hash, is)?)?.leaf)
    }

    /// Every leaf of a subject.
    pub(crate) fn leaves_of(&self, tree: &Tree, subject: SubjectId) -> Vec<LeafEntry> {
        let numbers = std::iter::successors(self.head(tree, subject), |n| self.places.next(*n));
        numbers.filter_map(|number| self.places.label(tree, number)).collect()
    }

    /// Every scope.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = ScopeId> {
        self.scopes.keys().copied()
    }

    /// The page of a leaf of a person.
    pub(crate) fn page_of_leaf(&self, tree: &Tree, leaf: LeafId) -> Option<u32> {
        Some(self.places.get(self.number(tree, leaf)?)?.position.page())
    }

    /// The page of a scope.
    pub(crate) fn page_of_scope(&self, scope: ScopeId) -> Option<u32> {
        self.scopes.get(&scope).map(|position| position.page())
    }

    /// Whether the tree holds this fence.
    pub(crate) fn is_fenced(&self, fence: Fence) -> bool {
        match fence {
            Fence::Subject(id) => self.subjects_fenced.contains(&id),
            Fence::Leaf(id) => self.leaves_fenced.contains(&id),
            Fence::Scope(id) => self.scopes_fenced.contains(&id),
        }
    }

    /// Forgets a scope that is about to go.
    pub(crate) fn remove_scope(&mut self, scope: ScopeId) {
        self.scopes.remove(&scope);
    }

    /// Forgets a leaf that is about to go; the tree must still hold it.
    pub(crate) fn remove_leaf(&mut self, tree: &Tree, leaf: LeafId) {
        let Some(number) = self.number(tree, leaf) else { return };
        let Some(label) = self.places.label(tree, number) else { return };
        self.unchain(tree, label.subject, number);
        let is = |other| other == number;
        let hash = self.places.hash_label(label.subject, label.category, label.scope);
        self.by_label.remove(hash, is);
        self.by_leaf.remove(self.places.hash_leaf(leaf), is);
        self.places.free.push(number);
    }

    /// Which leaves of a page stay, before the page is replaced and after the others went.
    pub(crate) fn staying(&self, tree: &Tree, page: u32) -> Staying {
        let entries = tree.entries(page).into_iter().flat_map(|entries| entries.iter());
        let ids = entries.filter_map(|(_, entry)| match entry {
            Entry::Leaf { label, .. } => Some(label.leaf),
            _ => None,
        });
        Staying { page, leaves: ids.filter_map(|leaf| self.number(tree, leaf)).collect() }
    }

    /// Gives the entries of a replaced page their new positions.
    pub(crate) fn moved(&mut self, tree: &Tree, staying: &Staying) {
        let Some(entries) = tree.entries(staying.page) else { return };
        let mut numbers = staying.leaves.iter();
        for (offset, entry) in entries.iter() {
            let position = Position::new(staying.page, offset);
            match entry {
                Entry::Leaf { .. } => {
                    let place = numbers.next().and_then(|number| self.places.get_mut(*number));
                    if let Some(place) = place {
                        place.position = position;
                    }
                }
                Entry::Facts { .. } => self.facts = Some(position),
                Entry::Scope { scope, .. } => {
                    self.scopes.insert(scope, position);
                }
                Entry::Fence(_) => {}
            }
        }
    }

    fn add_leaf(&mut self, tree: &Tree, position: Position, label: &LeafEntry, alone: bool) {
        let head = self.head(tree, label.subject);
        let number = self.places.add(Place { position, next: head.unwrap_or(END) });
        let hash = self.places.hash_subject(label.subject);
        match head {
            Some(head) => self.by_subject.replace(hash, number, |other| other == head),
            None => self.by_subject.insert(hash, number),
        }
        self.by_leaf.insert(self.places.hash_leaf(label.leaf), number);
        if !alone {
            let hash = self.places.hash_label(label.subject, label.category, label.scope);
            self.by_label.insert(hash, number);
        }
    }

    fn add_fence(&mut self, fence: Fence) {
        match fence {
            Fence::Subject(id) => self.subjects_fenced.insert(id),
            Fence::Leaf(id) => self.leaves_fenced.insert(id),
            Fence::Scope(id) => self.scopes_fenced.insert(id),
        };
    }

    fn number(&self, tree: &Tree, leaf: LeafId) -> Option<u32> {
        let is = |number| self.places.label(tree, number).is_some_and(|label| label.leaf == leaf);
        self.by_leaf.find(self.places.hash_leaf(leaf), is)
    }

    fn head(&self, tree: &Tree, subject: SubjectId) -> Option<u32> {
        let of = |number| self.places.label(tree, number);
        let is = |number| of(number).is_some_and(|label| label.subject == subject);
        self.by_subject.find(self.places.hash_subject(subject), is)
    }

    fn unchain(&mut self, tree: &Tree, subject: SubjectId, number: u32) {
        let hash = self.places.hash_subject(subject);
        let Some(head) = self.head(tree, subject) else { return };
        let next = self.places.next(number);
        if head != number {
            let mut chain = std::iter::successors(Some(head), |n| self.places.next(*n));
            let before = chain.find(|n| self.places.next(*n) == Some(number));
            if let Some(before) = before.and_then(|before| self.places.get_mut(before)) {
                before.next = next.unwrap_or(END);
            }
            return;
        }
        match next {
            Some(next) => self.by_subject.replace(hash, next, |other| other == number),
            None => self.by_subject.remove(hash, |other| other == number),
        }
    }
}
