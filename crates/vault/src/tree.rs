//! The pages of one tenant in memory: tenant page → branch → branch → entry page
//! (docs/format/keys.md §4).
//!
//! *Invariants:* the depth never changes and no entry or child key ever moves to another page, so
//! a key has only ever stood in pages that are its ancestors now, or whose node keys were replaced
//! since; node ids count up and are never reused; a page that differs from its stored form is
//! marked dirty.

use std::collections::{BTreeMap, BTreeSet};

use record::{DecodeError, LeafId, NodeId, PageKey, PageWrite, Reader, ScopeId};
use zeroize::Zeroizing;

use crate::entries::{Entries, Entry, LeafEntry};
use crate::harness::{self, Mistake};
use crate::keys::{KEY_BYTES, Key32, NoRandomness};
use crate::page;

/// Where the tenant page stands among the pages.
pub(crate) const TENANT: u32 = 0;
/// Most pages of one tenant in memory: what a [`crate::index::Position`] can name.
pub(crate) const PAGES_MAX: usize = 1 << 19;

const KIND_TENANT: u8 = 0;
const KIND_BRANCH: u8 = 1;
const TENANT_HEAD_BYTES: usize = 1 + 8 + 16 + 16;
const CHILD_BYTES: usize = 8 + 8 + KEY_BYTES;
const FAN_OUT: usize = 120;
const _: () = assert!(TENANT_HEAD_BYTES + FAN_OUT * CHILD_BYTES <= page::PLAIN_BYTES_MAX);

/// How wide the pages are; tests use narrow ones, so that a few entries make many pages.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) fan_out: usize,
    pub(crate) entries_bytes: usize,
}

impl Shape {
    pub(crate) const FULL: Self = Self { fan_out: FAN_OUT, entries_bytes: page::PLAIN_BYTES_MAX };

    const fn leaves_per_page(self) -> usize {
        (self.entries_bytes - 1) / crate::entries::ENTRY_BYTES_MAX
    }
}

/// Why the pages could not be read.
#[derive(Debug)]
pub(crate) enum LoadError {
    Missing,
    Damaged(PageKey),
    Full,
}

/// The tree has no place for another page, or the system no randomness.
#[derive(Debug)]
pub(crate) enum GrowError {
    Full,
    Random(NoRandomness),
}

impl From<NoRandomness> for GrowError {
    fn from(error: NoRandomness) -> Self {
        Self::Random(error)
    }
}

/// One page: where it is stored, its node key, and what it holds.
pub(crate) struct Page {
    pub(crate) at: PageKey,
    pub(crate) key: Key32,
    pub(crate) parent: u32,
    pub(crate) body: Body,
}

pub(crate) enum Body {
    Branch(Vec<u32>),
    Entries(Entries),
}

/// Pages as a cut would leave them; `None` for a page that goes. Nothing here is in force yet.
pub(crate) type Staged = BTreeMap<u32, Option<Page>>;

/// Pages of one level while loading: each index with the page in clear.
type Level = Vec<(u32, Zeroizing<Vec<u8>>)>;

/// All pages of one tenant.
pub(crate) struct Tree {
    shape: Shape,
    pages: Vec<Option<Page>>,
    free: Vec<u32>,
    dirty: BTreeSet<u32>,
    next_node: u64,
    permanent: ScopeId,
    facts: LeafId,
}

impl Tree {
    /// A tenant page without children.
    pub(crate) fn new(
        shape: Shape,
        permanent: ScopeId,
        facts: LeafId,
    ) -> Result<Self, NoRandomness> {
        let at = PageKey { node: NodeId(0), generation: 0 };
        let body = Body::Branch(Vec::new());
        let tenant = Page { at, key: Key32::random()?, parent: TENANT, body };
        Ok(Self {
            shape,
            pages: vec![Some(tenant)],
            free: Vec::new(),
            dirty: BTreeSet::from([TENANT]),
            next_node: 1,
            permanent,
            facts,
        })
    }

    /// Reads every page below an opened tenant page.
    pub(crate) fn load(
        shape: Shape,
        at: PageKey,
        key: Key32,
        tenant_plain: &[u8],
        read: &mut dyn FnMut(PageKey) -> Option<Vec<u8>>,
    ) -> Result<Self, LoadError> {
        let mut reader = Reader::new(tenant_plain);
        let head = read_tenant_head(&mut reader).map_err(|_| LoadError::Damaged(at))?;
        let (next_node, permanent, facts) = head;
        let body = Body::Branch(Vec::new());
        let tenant = Page { at, key, parent: TENANT, body };
        let pages = vec![Some(tenant)];
        let (free, dirty) = (Vec::new(), BTreeSet::new());
        let mut tree = Self { shape, pages, free, dirty, next_node, permanent, facts };
        let mut level = tree.load_children(TENANT, reader, read, true)?;
        for below_are_branches in [true, false] {
            level = tree.load_level(level, read, below_are_branches)?;
        }
        tree.load_entries(level)?;
        Ok(tree)
    }

    /// The scope without a term.
    pub(crate) const fn permanent(&self) -> ScopeId {
        self.permanent
    }

    /// The leaf of the events' own facts.
    pub(crate) const fn facts(&self) -> LeafId {
        self.facts
    }

    /// The page at an index that this tree gave.
    pub(crate) fn page(&self, index: u32) -> Option<&Page> {
        self.pages.get(slot(index))?.as_ref()
    }

    /// The entries of the page at an index.
    pub(crate) fn entries(&self, index: u32) -> Option<&Entries> {
        match &self.page(index)?.body {
            Body::Entries(entries) => Some(entries),
            Body::Branch(_) => None,
        }
    }

    /// Every entry page with its index.
    pub(crate) fn entry_pages(&self) -> impl Iterator<Item = (u32, &Entries)> {
        self.indexes().filter_map(|index| Some((index, self.entries(index)?)))
    }

    /// Every leaf of a person, page by page: a walk through memory in its order.
    pub(crate) fn leaves(&self) -> impl Iterator<Item = LeafEntry> {
        let entries = self.entry_pages().flat_map(|(_, entries)| entries.iter());
        entries.filter_map(|(_, entry)| match entry {
            Entry::Leaf { label, .. } => Some(label),
            _ => None,
        })
    }

    /// Where every page of this tree is stored.
    pub(crate) fn page_keys(&self) -> impl Iterator<Item = PageKey> {
        self.pages.iter().flatten().map(|page| page.at)
    }

    /// Where the pages are stored once staged ones are in force.
    pub(crate) fn page_keys_with(&self, staged: &Staged) -> BTreeSet<PageKey> {
        let stays = self.indexes().filter(|index| !staged.contains_key(index));
        let stays = stays.filter_map(|index| self.page(index));
        stays.chain(staged.values().flatten()).map(|page| page.at).collect()
    }

    /// Whether so many further leaves fit for certain.
    pub(crate) fn has_room_for(&self, leaves: usize) -> bool {
        let needed = leaves / self.shape.leaves_per_page() + 2;
        let fan_out = self.shape.fan_out;
        let mut pages_left = 0usize;
        let mut index = Some(TENANT);
        for pages_below in [fan_out.saturating_mul(fan_out), fan_out, 1] {
            let children = index.map_or(&[][..], |index| self.children(index));
            let places = fan_out.saturating_sub(children.len());
            pages_left = pages_left.saturating_add(places.saturating_mul(pages_below));
            index = children.last().copied();
        }
        needed <= pages_left && self.pages.len() + needed + 4 <= PAGES_MAX
    }

    /// Puts an entry into the last page, or into a new one; gives page and offset.
    pub(crate) fn append(&mut self, entry: &Entry<'_>) -> Result<(u32, usize), GrowError> {
        if let Some(index) = self.last_entry_page()
            && let Some(offset) = self.push(index, entry)
        {
            return Ok((index, offset));
        }
        let index = self.new_entry_page()?;
        let offset = self.push(index, entry).ok_or(GrowError::Full)?;
        Ok((index, offset))
    }

    /// Seals every page that differs from its stored form, each under a fresh salt.
    pub(crate) fn seal_dirty(&self) -> Result<Vec<PageWrite>, NoRandomness> {
        let none = Staged::new();
        let dirty = self.dirty.iter().filter_map(|index| self.page(*index));
        dirty.map(|page| self.seal(page, &none)).collect()
    }

    /// Everything is stored.
    pub(crate) fn mark_stored(&mut self) {
        self.dirty.clear();
    }

    /// What a cut would leave: each entry page in `touched` with the entries that `keep` names,
    /// and all ancestors up to the tenant page, under fresh node keys in the next generation.
    pub(crate) fn stage(
        &self,
        touched: &BTreeSet<u32>,
        keep: &dyn Fn(&Entry<'_>) -> bool,
    ) -> Result<Staged, NoRandomness> {
        let mut staged = Staged::new();
        let mut parents = BTreeSet::new();
        for (index, page) in touched.iter().filter_map(|index| Some((*index, self.page(*index)?))) {
            let Body::Entries(entries) = &page.body else { continue };
            let kept = entries.only(keep);
            let next = if kept.is_empty() { None } else { Some(renew(page, Body::Entries(kept))?) };
            staged.insert(index, next);
            parents.insert(page.parent);
        }
        parents = self.stage_branches(&mut staged, &parents)?;
        parents = self.stage_branches(&mut staged, &parents)?;
        parents.insert(TENANT);
        self.stage_branches(&mut staged, &parents)?;
        Ok(staged)
    }

    /// Seals the staged pages.
    pub(crate) fn seal_staged(&self, staged: &Staged) -> Result<Vec<PageWrite>, NoRandomness> {
        staged.values().flatten().map(|page| self.seal(page, staged)).collect()
    }

    /// Deletes of the generations that the staged pages replace.
    pub(crate) fn obsolete(&self, staged: &Staged) -> Vec<PageWrite> {
        let old = staged.keys().filter_map(|index| self.page(*index));
        old.map(|page| PageWrite { key: page.at, bytes: None }).collect()
    }

    /// Puts the staged pages in force and drops what they replace, zeroed.
    pub(crate) fn apply(&mut self, staged: Staged) {
        for (index, page) in staged {
            if page.is_none() {
                self.free.push(index);
            }
            let Some(place) = self.pages.get_mut(slot(index)) else { continue };
            let replaced = std::mem::replace(place, page);
            if harness::makes(Mistake::PagesInMemory) {
                std::mem::forget(replaced);
            }
        }
    }

    /// Forgets every key.
    pub(crate) fn clear(&mut self) {
        self.pages.clear();
        self.free.clear();
        self.dirty.clear();
    }

    fn indexes(&self) -> impl Iterator<Item = u32> + use<> {
        0..u32::try_from(self.pages.len()).unwrap_or(u32::MAX)
    }

    fn children(&self, index: u32) -> &[u32] {
        match self.page(index).map(|page| &page.body) {
            Some(Body::Branch(children)) => children,
            _ => &[],
        }
    }

    fn last_child(&self, index: u32) -> Option<u32> {
        self.children(index).last().copied()
    }

    fn last_entry_page(&self) -> Option<u32> {
        self.last_child(self.last_child(self.last_child(TENANT)?)?)
    }

    fn push(&mut self, index: u32, entry: &Entry<'_>) -> Option<usize> {
        let bytes_max = self.shape.entries_bytes;
        let Body::Entries(entries) = &mut self.pages.get_mut(slot(index))?.as_mut()?.body else {
            return None;
        };
        let offset = entries.push(entry, bytes_max)?;
        self.dirty.insert(index);
        Some(offset)
    }

    fn new_entry_page(&mut self) -> Result<u32, GrowError> {
        let upper = self.open_branch(TENANT, 2)?;
        let lower = self.open_branch(upper, 1)?;
        self.add_child(lower, Body::Entries(Entries::new()))
    }

    // The last branch below `parent` that can still take a page, or a new one.
    fn open_branch(&mut self, parent: u32, height: u32) -> Result<u32, GrowError> {
        match self.last_child(parent) {
            Some(last) if self.can_take(last, height) => Ok(last),
            _ => self.add_child(parent, Body::Branch(Vec::new())),
        }
    }

    fn can_take(&self, branch: u32, height: u32) -> bool {
        let has_place = self.children(branch).len() < self.shape.fan_out;
        let below = || self.last_child(branch).is_some_and(|last| self.can_take(last, height - 1));
        has_place || (height > 1 && below())
    }

    fn add_child(&mut self, parent: u32, body: Body) -> Result<u32, GrowError> {
        if self.children(parent).len() >= self.shape.fan_out {
            return Err(GrowError::Full);
        }
        let node = NodeId(self.next_node);
        let key = Key32::random()?;
        let page = Page { at: PageKey { node, generation: 0 }, key, parent, body };
        let index = self.insert(page).ok_or(GrowError::Full)?;
        self.next_node = self.next_node.checked_add(1).ok_or(GrowError::Full)?;
        if let Some(Body::Branch(children)) = self.body_mut(parent) {
            children.push(index);
        }
        self.dirty.extend([TENANT, parent, index]);
        Ok(index)
    }

    fn insert(&mut self, page: Page) -> Option<u32> {
        if let Some(index) = self.free.pop() {
            *self.pages.get_mut(slot(index))? = Some(page);
            return Some(index);
        }
        let index = u32::try_from(self.pages.len()).ok()?;
        if self.pages.len() >= PAGES_MAX {
            return None;
        }
        self.pages.push(Some(page));
        Some(index)
    }

    fn body_mut(&mut self, index: u32) -> Option<&mut Body> {
        Some(&mut self.pages.get_mut(slot(index))?.as_mut()?.body)
    }

    fn stage_branches(
        &self,
        staged: &mut Staged,
        branches: &BTreeSet<u32>,
    ) -> Result<BTreeSet<u32>, NoRandomness> {
        let mut parents = BTreeSet::new();
        for (index, page) in branches.iter().filter_map(|index| Some((*index, self.page(*index)?)))
        {
            let stays = |child: &u32| !matches!(staged.get(child), Some(None));
            let kept: Vec<u32> = self.children(index).iter().copied().filter(stays).collect();
            let goes = kept.is_empty() && index != TENANT;
            let next = if goes { None } else { Some(renew(page, Body::Branch(kept))?) };
            staged.insert(index, next);
            parents.insert(page.parent);
        }
        Ok(parents)
    }

    fn seal(&self, page: &Page, staged: &Staged) -> Result<PageWrite, NoRandomness> {
        let bytes = match &page.body {
            Body::Entries(entries) => page::seal(&page.key, page.at, entries.as_slice())?,
            Body::Branch(children) => {
                let plain = self.branch_plain(page, children, staged);
                page::seal(&page.key, page.at, &plain)?
            }
        };
        Ok(PageWrite { key: page.at, bytes: Some(bytes) })
    }

    /// A branch as it stands in clear.
    #[cfg(feature = "trial")]
    pub(crate) fn plain_of(&self, index: u32) -> Option<Vec<u8>> {
        let page = self.page(index)?;
        let Body::Branch(children) = &page.body else { return None };
        Some(self.branch_plain(page, children, &Staged::new()).to_vec())
    }

    fn branch_plain(&self, page: &Page, children: &[u32], staged: &Staged) -> Zeroizing<Vec<u8>> {
        let mut plain = Zeroizing::new(Vec::with_capacity(page::PLAIN_BYTES_MAX));
        if page.at.node == NodeId(0) {
            plain.push(KIND_TENANT);
            plain.extend_from_slice(&self.next_node.to_be_bytes());
            plain.extend_from_slice(self.permanent.as_bytes());
            plain.extend_from_slice(self.facts.as_bytes());
        } else {
            plain.push(KIND_BRANCH);
        }
        let in_force = |index: &u32| staged.get(index).map_or(self.page(*index), Option::as_ref);
        for child in children.iter().filter_map(in_force) {
            plain.extend_from_slice(&child.at.node.0.to_be_bytes());
            plain.extend_from_slice(&child.at.generation.to_be_bytes());
            plain.extend_from_slice(child.key.as_bytes());
        }
        plain
    }

    fn load_level(
        &mut self,
        level: Level,
        read: &mut dyn FnMut(PageKey) -> Option<Vec<u8>>,
        children_are_branches: bool,
    ) -> Result<Level, LoadError> {
        let mut below = Vec::new();
        for (index, plain) in level {
            let mut reader = Reader::new(&plain);
            let kind = reader.u8("page kind");
            if kind != Ok(KIND_BRANCH) {
                return Err(self.damaged(index));
            }
            below.extend(self.load_children(index, reader, read, children_are_branches)?);
        }
        Ok(below)
    }

    fn load_children(
        &mut self,
        parent: u32,
        mut reader: Reader<'_>,
        read: &mut dyn FnMut(PageKey) -> Option<Vec<u8>>,
        are_branches: bool,
    ) -> Result<Level, LoadError> {
        let mut opened = Vec::new();
        let mut children = Vec::new();
        while reader.remaining() > 0 {
            let (at, key) = read_child(&mut reader).map_err(|_| self.damaged(parent))?;
            let stored = read(at).ok_or(LoadError::Missing)?;
            let plain = page::open(&key, at, &stored).ok_or(LoadError::Damaged(at))?;
            let body = match are_branches {
                true => Body::Branch(Vec::new()),
                false => Body::Entries(Entries::none()),
            };
            let page = Page { at, key, parent, body };
            let index = self.insert(page).ok_or(LoadError::Full)?;
            children.push(index);
            opened.push((index, plain));
        }
        if let Some(Body::Branch(places)) = self.body_mut(parent) {
            *places = children;
        }
        Ok(opened)
    }

    fn load_entries(&mut self, level: Level) -> Result<(), LoadError> {
        for (index, plain) in level {
            let entries = Entries::parse(plain).map_err(|_| self.damaged(index))?;
            if let Some(body) = self.body_mut(index) {
                *body = Body::Entries(entries);
            }
        }
        Ok(())
    }

    fn damaged(&self, index: u32) -> LoadError {
        let at = self.page(index).map(|page| page.at);
        LoadError::Damaged(at.unwrap_or(PageKey { node: NodeId(0), generation: 0 }))
    }
}

fn renew(page: &Page, body: Body) -> Result<Page, NoRandomness> {
    let generation = page.at.generation.saturating_add(1);
    let at = PageKey { node: page.at.node, generation };
    let key = match harness::makes(Mistake::NodeKeysStay) {
        true => Key32::read(page.key.as_bytes()),
        false => Key32::random()?,
    };
    Ok(Page { at, key, parent: page.parent, body })
}

fn read_tenant_head(reader: &mut Reader<'_>) -> Result<(u64, ScopeId, LeafId), DecodeError> {
    if reader.u8("page kind")? != KIND_TENANT {
        return Err(DecodeError::Value("page kind"));
    }
    let next_node = reader.u64("next node")?;
    let permanent = ScopeId::from_bytes(reader.array("permanent scope")?);
    Ok((next_node, permanent, LeafId::from_bytes(reader.array("facts leaf")?)))
}

fn read_child(reader: &mut Reader<'_>) -> Result<(PageKey, Key32), DecodeError> {
    let node = NodeId(reader.u64("child node")?);
    let generation = reader.u64("child generation")?;
    let bytes = reader.bytes(KEY_BYTES, "child key")?;
    let key = bytes.try_into().map_err(|_| DecodeError::Short("child key"))?;
    Ok((PageKey { node, generation }, Key32::read(key)))
}

fn slot(index: u32) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}
