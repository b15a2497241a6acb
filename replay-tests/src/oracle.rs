//! Somebody who took every file and reads docs/format/keys.md and record.md, not the vault.
//!
//! It looks for root keys at every offset of every file, tries each node key that it knows on
//! whatever may be a page, learns the keys in there, and goes on until nothing new opens. Pages
//! that were replaced or deleted count as long as their bytes lie anywhere. A key is tried for its
//! node in earlier generations too, so that one which a cut did not renew opens the pages before.
//!
//! *Invariants:* nothing of the product is used, so that its mistakes are not repeated here; no
//! place is passed over because of what the product says about it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit, Nonce};

use crate::bundle::{Id, Part};
use crate::files::files_below;
use crate::snapshots;

/// Thirty-two bytes that open something.
pub type Key = [u8; 32];

/// Number of a file, and offset in it.
pub(crate) type Place = (usize, usize);

/// Bytes of a page before its ciphertext: version, salt, commitment.
pub(crate) const FRONT: usize = 66;
pub(crate) const TAG: usize = 16;
const CHILD: usize = 48;
const PAGE_BYTES_MAX: usize = 5_996;
/// In so many generations before its own a key is tried too.
const GENERATIONS_BEFORE: u64 = 16;

/// At which offsets a page is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// At every single one, but where salt and commitment would be zeros alone: the reserve of the
    /// database is 64 MiB of them, and no hash is zero.
    Everywhere,
    /// Where the two bytes of the version of a page stand, and then 64 that may be random: salt and
    /// commitment. Fewer than 32 different ones among 64 random bytes do not occur.
    AtVersions,
}

/// A node of the tree and one of its keys.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeKey {
    /// Which node.
    pub node: u64,
    /// In which generation.
    pub generation: u64,
    /// What opens its page.
    pub key: Key,
}

/// Whose a leaf key is.
pub struct Leaf {
    /// Nobody's, for the facts.
    pub subject: Option<Id>,
    /// As docs/format/events.md numbers it.
    pub category: u16,
    /// One, and noise beside it if a torn page was read.
    pub keys: BTreeSet<Key>,
}

/// Everything that the files lead to.
#[derive(Default)]
pub struct Keys {
    /// Keys of pages.
    pub nodes: BTreeSet<NodeKey>,
    /// Keys of leaves, by their id.
    pub leaves: BTreeMap<Id, Leaf>,
    /// Keys of scopes, by their id.
    pub scopes: BTreeMap<Id, BTreeSet<Key>>,
    /// People and pseudonyms about whom nothing may be minted any more.
    pub fenced: BTreeSet<Id>,
    /// Message keys of the pages that were opened.
    pub page_keys: Vec<Key>,
    /// Plaintexts of pieces of snapshots.
    pub snapshots: Vec<Vec<u8>>,
    /// What it took.
    pub figures: Figures,
}

/// What it took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    /// Bytes read.
    pub bytes: usize,
    /// Whole copies of a root, wherever they stand.
    pub roots: usize,
    /// Of these, copies that a holder of the escrow opened.
    pub sealed_roots: usize,
    /// Places where a page could begin.
    pub places: usize,
    /// Commitments computed: places times node keys and generations.
    pub tries: u64,
    /// Pages opened, under different salts.
    pub pages: usize,
    /// Of these, pages that a key of another generation opened: it was not renewed.
    pub stale: usize,
    /// Of these, pages that were partly written over, read as far as they go, without their tag.
    pub torn: usize,
}

/// Reads everything below some directories.
#[must_use]
pub fn read(directories: &[&Path], look: Look) -> Keys {
    let paths = directories.iter().flat_map(|directory| files_below(directory));
    let files: Vec<Vec<u8>> = paths.map(|path| std::fs::read(path).unwrap()).collect();
    read_bytes(&files, look)
}

/// Reads some files, or the whole of a disk.
#[must_use]
pub fn read_bytes(files: &[Vec<u8>], look: Look) -> Keys {
    let mut keys = Keys::default();
    let places = places(files, look);
    keys.figures.bytes = files.iter().map(Vec::len).sum();
    keys.figures.places = places.len();
    let mut waiting: Vec<NodeKey> = roots(files);
    keys.figures.roots = waiting.len();
    let mut seen = BTreeSet::new();
    loop {
        let new: Vec<NodeKey> = waiting.drain(..).filter(|node| keys.nodes.insert(*node)).collect();
        if new.is_empty() {
            let roots = keys.nodes.iter().filter(|node| node.node == 0).map(|node| node.key);
            keys.snapshots = snapshots::opened(&roots.collect::<Vec<_>>(), files, &places);
            return keys;
        }
        let tries: usize = new.iter().map(|node| generations(node).count()).sum();
        keys.figures.tries += u64::try_from(tries * places.len()).unwrap();
        for found in search(&new, files, &places) {
            if seen.insert(found.salt(files)) {
                keys.figures.pages += 1;
                keys.figures.stale += usize::from(found.stale);
                keys.page_keys.push(found.key);
                let (file, offset) = found.place;
                let page = read_page(&found.key, &files[file], offset, &mut keys.figures);
                learn(&page, &mut keys, &mut waiting);
            }
        }
    }
}

impl Keys {
    /// Opens a part, if its keys are known.
    #[must_use]
    pub fn open(&self, part: &Part) -> Option<Vec<u8>> {
        let key = self.key_of(part)?;
        let opened = cipher(&key).decrypt(&Nonce::default(), &part.body[32..]);
        let plain = opened.expect("the tag of a part");
        let length = u32::from_be_bytes(plain[..4].try_into().unwrap());
        let end = 4 + usize::try_from(length).unwrap();
        assert!(plain[end..].iter().all(|byte| *byte == 0), "the padding of a part");
        Some(plain[4..end].to_vec())
    }

    /// The key of one part, if it opens.
    #[must_use]
    pub fn key_of(&self, part: &Part) -> Option<Key> {
        let leaves = &self.leaves.get(&part.leaf)?.keys;
        let scopes = self.scopes.get(&part.scope)?;
        let pairs = leaves.iter().flat_map(|leaf| scopes.iter().map(move |scope| (leaf, scope)));
        let mut derived = pairs.map(|(leaf, scope)| part_key(leaf, scope, part));
        derived.find(|(_, commitment)| *commitment == part.body[..32]).map(|(key, _)| key)
    }

    /// Every key that opens something now: of nodes, leaves and scopes.
    #[must_use]
    pub fn all(&self) -> BTreeSet<Key> {
        let nodes = self.nodes.iter().map(|node| node.key);
        let leaves = self.leaves.values().flat_map(|leaf| leaf.keys.iter().copied());
        nodes.chain(leaves).chain(self.scopes.values().flatten().copied()).collect()
    }

    /// What opens, by place.
    #[must_use]
    pub fn open_all(&self, parts: &[Part]) -> BTreeMap<(u64, u8), Vec<u8>> {
        let opened = parts.iter().filter_map(|part| Some((part.place(), self.open(part)?)));
        opened.collect()
    }

    /// The parts about a person: their own leaves, and those of pseudonyms that a link names.
    #[must_use]
    pub fn parts_about(&self, person: Id, parts: &[Part]) -> BTreeSet<(u64, u8)> {
        let mut subjects = BTreeSet::from([person]);
        let known: BTreeSet<Id> = self.leaves.values().filter_map(|leaf| leaf.subject).collect();
        let about = |part: &&Part, subjects: &BTreeSet<Id>| {
            let subject = self.leaves.get(&part.leaf).and_then(|leaf| leaf.subject);
            subject.is_some_and(|subject| subjects.contains(&subject))
        };
        let own = subjects.clone();
        for link in parts.iter().filter(|part| about(part, &own)) {
            let content = self.open(link).unwrap_or_default();
            let named = content.windows(16).filter_map(|id| known.get(id));
            subjects.extend(named.copied());
        }
        parts.iter().filter(|part| about(part, &subjects)).map(Part::place).collect()
    }
}

/// Key and commitment of a part.
fn part_key(leaf: &Key, scope: &Key, part: &Part) -> (Key, Key) {
    let mut hasher = blake3::Hasher::new_derive_key("zegel 2026-11 part key v1");
    halves(hasher.update(leaf).update(scope).update(&part.associated))
}

pub(crate) fn halves(hasher: &blake3::Hasher) -> (Key, Key) {
    let mut output = [0; 64];
    hasher.finalize_xof().fill(&mut output);
    (output[..32].try_into().unwrap(), output[32..].try_into().unwrap())
}

pub(crate) fn cipher(key: &Key) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new_from_slice(key).unwrap()
}

/// Every place where a page could begin: number of the file, and offset.
fn places(files: &[Vec<u8>], look: Look) -> Vec<Place> {
    let mut places = Vec::new();
    for (number, file) in files.iter().enumerate() {
        let last = (file.len() + 1).saturating_sub(FRONT + TAG);
        let wanted = (0..last).filter(|offset| {
            let front = &file[*offset..][..FRONT];
            match look {
                Look::Everywhere => front[2..].iter().any(|byte| *byte != 0),
                Look::AtVersions => may_be_page(front),
            }
        });
        places.extend(wanted.map(|offset| (number, offset)));
    }
    places
}

/// The version, then bytes that may be random.
fn may_be_page(front: &[u8]) -> bool {
    if front[..2] != [0, 1] {
        return false;
    }
    let mut bits = [0u64; 4];
    front[2..].iter().for_each(|byte| bits[usize::from(byte >> 6)] |= 1 << (byte & 63));
    bits.iter().map(|bits| bits.count_ones()).sum::<u32>() >= 32
}

/// Whole copies of a root (keys.md §3), at any offset of any file.
fn roots(files: &[Vec<u8>]) -> Vec<NodeKey> {
    let copies = files.iter().flat_map(|file| file.windows(88));
    let valid = copies.filter(|copy| {
        copy.starts_with(b"zegelkey") && *blake3::hash(&copy[..56]).as_bytes() == copy[56..]
    });
    let root = |copy: &[u8]| NodeKey {
        node: 0,
        generation: u64::from_be_bytes(copy[48..56].try_into().unwrap()),
        key: copy[16..48].try_into().unwrap(),
    };
    valid.map(root).collect()
}

/// A page that a key fits.
struct Found {
    place: Place,
    key: Key,
    /// The key is of another generation than the page.
    stale: bool,
}

impl Found {
    fn salt(&self, files: &[Vec<u8>]) -> Key {
        let (file, offset) = self.place;
        files[file][offset + 2..offset + 34].try_into().unwrap()
    }
}

/// Tries keys at all places, on all processors.
fn search(nodes: &[NodeKey], files: &[Vec<u8>], places: &[Place]) -> Vec<Found> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = places.len().div_ceil(threads).max(1);
    let told = std::sync::atomic::AtomicUsize::new(0);
    let one = |places: &[Place]| {
        let tell = |node: &NodeKey| {
            let number = told.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            if number % 1_000 == 999 {
                eprintln!("  {} of {} keys tried", number / threads, nodes.len());
            }
            pages_of(node, files, places)
        };
        nodes.iter().flat_map(tell).collect::<Vec<_>>()
    };
    std::thread::scope(|scope| {
        let one = &one;
        let started: Vec<_> =
            places.chunks(share).map(|places| scope.spawn(move || one(places))).collect();
        started.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// A key that a cut did not renew opens the pages of the generation before its own.
fn generations(node: &NodeKey) -> impl Iterator<Item = u64> + use<> {
    node.generation.saturating_sub(GENERATIONS_BEFORE)..=node.generation + 1
}

/// The pages that a node key fits.
fn pages_of(node: &NodeKey, files: &[Vec<u8>], places: &[Place]) -> Vec<Found> {
    let mut hasher = blake3::Hasher::new_derive_key("zegel 2026-11 page key v1");
    hasher.update(&node.key);
    let number = node.node.to_be_bytes();
    let mut found = Vec::new();
    for place in places {
        let front = &files[place.0][place.1..place.1 + FRONT];
        // Key and salt fill a block of the hash, which is then the same for every generation.
        let mut begun = hasher.clone();
        begun.update(&front[2..34]).update(&number);
        for generation in generations(node) {
            let (key, commitment) = halves(begun.clone().update(&generation.to_be_bytes()));
            if commitment == front[34..] {
                found.push(Found { place: *place, key, stale: generation != node.generation });
            }
        }
    }
    found
}

/// The plaintext of a page: whole, or as far as it goes if its end was written over.
fn read_page(key: &Key, file: &[u8], offset: usize, figures: &mut Figures) -> Vec<u8> {
    let bytes = &file[offset..];
    let length = stated_length(file, offset);
    if let Some(plain) = length.and_then(|length| open_page(key, bytes.get(..length)?)) {
        return plain;
    }
    figures.torn += 1;
    let end = length.unwrap_or(PAGE_BYTES_MAX).min(bytes.len());
    mixed(&bytes[FRONT..end - TAG], &key_stream(key))
}

/// The four bytes before a page say how long it is.
fn stated_length(file: &[u8], offset: usize) -> Option<usize> {
    let stated = file.get(offset.checked_sub(4)?..offset)?;
    let length = usize::try_from(u32::from_be_bytes(stated.try_into().unwrap())).unwrap();
    (FRONT + TAG..=PAGE_BYTES_MAX).contains(&length).then_some(length)
}

fn open_page(key: &Key, page: &[u8]) -> Option<Vec<u8>> {
    let (front, sealed) = page.split_at(FRONT);
    cipher(key).decrypt(&Nonce::default(), Payload { msg: sealed, aad: front }).ok()
}

/// What the cipher adds to a message: its ciphertext of zeros.
fn key_stream(key: &Key) -> Vec<u8> {
    cipher(key).encrypt(&Nonce::default(), &[0; PAGE_BYTES_MAX][..]).unwrap()
}

pub(crate) fn mixed(sealed: &[u8], stream: &[u8]) -> Vec<u8> {
    sealed.iter().zip(stream).map(|(left, right)| left ^ right).collect()
}

const fn entry_bytes(kind: u8) -> Option<usize> {
    match kind {
        1 | 2 => Some(83),
        3 | 4 => Some(49),
        5..=7 => Some(17),
        _ => None,
    }
}

/// Keeps the keys that stand in a page (keys.md §4 and §5), up to where it stops making sense.
fn learn(page: &[u8], keys: &mut Keys, waiting: &mut Vec<NodeKey>) {
    match page {
        [0, rest @ ..] => learn_children(&rest[40.min(rest.len())..], waiting),
        [1, rest @ ..] => learn_children(rest, waiting),
        [2, rest @ ..] => learn_entries(rest, keys),
        _ => {}
    }
}

fn learn_children(children: &[u8], waiting: &mut Vec<NodeKey>) {
    let number = |bytes: &[u8]| u64::from_be_bytes(bytes.try_into().unwrap());
    for child in children.chunks_exact(CHILD) {
        let (node, generation) = (number(&child[..8]), number(&child[8..16]));
        // Of a torn page the end is noise, and noise has no small numbers.
        if node < 1 << 32 && generation < 1 << 32 {
            waiting.push(NodeKey { node, generation, key: child[16..].try_into().unwrap() });
        }
    }
}

fn learn_entries(mut rest: &[u8], keys: &mut Keys) {
    while let Some((entry, others)) = rest
        .first()
        .and_then(|kind| entry_bytes(*kind))
        .and_then(|length| rest.split_at_checked(length))
    {
        let id = |at: usize| -> Id { entry[at..at + 16].try_into().unwrap() };
        let key = || -> Key { entry[entry.len() - 32..].try_into().unwrap() };
        let mut leaf = |id: Id, subject, category| {
            let leaf = Leaf { subject, category, keys: BTreeSet::new() };
            keys.leaves.entry(id).or_insert(leaf).keys.insert(key());
        };
        match entry[0] {
            1 | 2 => leaf(id(19), Some(id(1)), u16::from_be_bytes([entry[17], entry[18]])),
            3 => leaf(id(1), None, 0),
            5 => {
                keys.fenced.insert(id(1));
            }
            4 => {
                keys.scopes.entry(id(1)).or_default().insert(key());
            }
            _ => {}
        }
        rest = others;
    }
}
