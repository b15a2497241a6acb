//! Somebody who took every file and reads docs/format/keys.md and record.md, not the vault.
//!
//! It looks for root keys at every offset of every file, tries each node key that it knows on
//! whatever may be a page, learns the keys in there, and goes on until nothing new opens. Pages
//! that were replaced or deleted count as long as their bytes lie anywhere.
//!
//! *Invariant:* nothing of the product is used, so that its mistakes are not repeated here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit, Nonce};

use super::bundle::{Id, Part};
use crate::support::files_below;

type Key = [u8; 32];

/// Bytes of a page before its ciphertext: version, salt, commitment.
const FRONT: usize = 66;
const TAG: usize = 16;
const CHILD: usize = 48;
const PAGE_BYTES_MAX: usize = 5_996;

/// At which offsets a page is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// At every single one.
    Everywhere,
    /// Where the two bytes of the version of a page stand.
    AtVersions,
}

/// A node of the tree and one of its keys.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NodeKey {
    pub(crate) node: u64,
    pub(crate) generation: u64,
    pub(crate) key: Key,
}

/// Whose a leaf key is.
pub(crate) struct Leaf {
    /// Nobody's, for the facts.
    pub(crate) subject: Option<Id>,
    pub(crate) category: u16,
    /// One, and noise beside it if a torn page was read.
    pub(crate) keys: BTreeSet<Key>,
}

/// Everything that the files lead to.
#[derive(Default)]
pub(crate) struct Keys {
    pub(crate) nodes: BTreeSet<NodeKey>,
    pub(crate) leaves: BTreeMap<Id, Leaf>,
    pub(crate) scopes: BTreeMap<Id, BTreeSet<Key>>,
    pub(crate) figures: Figures,
}

/// What it took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    /// Bytes read.
    pub(crate) bytes: usize,
    /// Whole copies of a root, wherever they stand.
    pub(crate) roots: usize,
    /// Commitments computed: places times node keys.
    pub(crate) tries: u64,
    /// Pages opened, under different salts.
    pub(crate) pages: usize,
    /// Of these, pages that were partly written over, read as far as they go, without their tag.
    pub(crate) torn: usize,
}

/// Reads everything below some directories.
pub(crate) fn read(directories: &[&Path], look: Look) -> Keys {
    let paths = directories.iter().flat_map(|directory| files_below(directory));
    let files: Vec<Vec<u8>> = paths.map(|path| std::fs::read(path).unwrap()).collect();
    let mut keys = Keys::default();
    keys.figures.bytes = files.iter().map(Vec::len).sum();
    let places = places(&files, look);
    let mut waiting: Vec<NodeKey> = roots(&files);
    keys.figures.roots = waiting.len();
    let mut seen = BTreeSet::new();
    while let Some(node) = waiting.pop() {
        if keys.nodes.insert(node) {
            let pages = pages_of(&node, &files, &places, &mut seen, &mut keys.figures);
            pages.iter().for_each(|page| learn(page, &mut keys, &mut waiting));
        }
    }
    keys
}

impl Keys {
    /// Opens a part, if its keys are known.
    pub(crate) fn open(&self, part: &Part) -> Option<Vec<u8>> {
        let leaves = &self.leaves.get(&part.leaf)?.keys;
        let scopes = self.scopes.get(&part.scope)?;
        let pairs = leaves.iter().flat_map(|leaf| scopes.iter().map(move |scope| (leaf, scope)));
        let derived = pairs.map(|(leaf, scope)| {
            let material = [&leaf[..], scope, &part.associated].concat();
            derive("zegel 2026-11 part key v1", &material)
        });
        let (key, _) = { derived }.find(|(_, commitment)| *commitment == part.body[..32])?;
        let opened = cipher(&key).decrypt(&Nonce::default(), &part.body[32..]);
        let plain = opened.expect("the tag of a part");
        let length = u32::from_be_bytes(plain[..4].try_into().unwrap());
        let end = 4 + usize::try_from(length).unwrap();
        assert!(plain[end..].iter().all(|byte| *byte == 0), "the padding of a part");
        Some(plain[4..end].to_vec())
    }

    /// What opens, by place.
    pub(crate) fn open_all(&self, parts: &[Part]) -> BTreeMap<(u64, u8), Vec<u8>> {
        let opened = parts.iter().filter_map(|part| Some((part.place(), self.open(part)?)));
        opened.collect()
    }

    /// The parts about a person: their own leaves, and those of pseudonyms that a link names.
    pub(crate) fn parts_about(&self, person: Id, parts: &[Part]) -> BTreeSet<(u64, u8)> {
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

/// The two halves of a derived key.
fn derive(context: &str, material: &[u8]) -> (Key, Key) {
    let mut hasher = blake3::Hasher::new_derive_key(context);
    halves(hasher.update(material))
}

fn halves(hasher: &blake3::Hasher) -> (Key, Key) {
    let mut output = [0; 64];
    hasher.finalize_xof().fill(&mut output);
    (output[..32].try_into().unwrap(), output[32..].try_into().unwrap())
}

fn cipher(key: &Key) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new_from_slice(key).unwrap()
}

/// Every place where a page could begin: number of the file, and offset.
fn places(files: &[Vec<u8>], look: Look) -> Vec<(usize, usize)> {
    let mut places = Vec::new();
    for (number, file) in files.iter().enumerate() {
        let last = (file.len() + 1).saturating_sub(FRONT + TAG);
        let wanted = (0..last)
            .filter(|offset| look == Look::Everywhere || file[*offset..].starts_with(&[0, 1]));
        places.extend(wanted.map(|offset| (number, offset)));
    }
    places
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

/// The plaintexts of all pages that a node key opens and that were not seen before.
fn pages_of(
    node: &NodeKey,
    files: &[Vec<u8>],
    places: &[(usize, usize)],
    seen: &mut BTreeSet<Key>,
    figures: &mut Figures,
) -> Vec<Vec<u8>> {
    let mut hasher = blake3::Hasher::new_derive_key("zegel 2026-11 page key v1");
    hasher.update(&node.key);
    let end = [node.node.to_be_bytes(), node.generation.to_be_bytes()].concat();
    let mut pages = Vec::new();
    for (file, offset) in places {
        let front = &files[*file][*offset..*offset + FRONT];
        let (key, commitment) = halves(hasher.clone().update(&front[2..34]).update(&end));
        figures.tries += 1;
        if commitment == front[34..] && seen.insert(front[2..34].try_into().unwrap()) {
            figures.pages += 1;
            pages.push(read_page(&key, &files[*file], *offset, figures));
        }
    }
    pages
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

fn mixed(sealed: &[u8], stream: &[u8]) -> Vec<u8> {
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
            4 => {
                keys.scopes.entry(id(1)).or_default().insert(key());
            }
            _ => {}
        }
        rest = others;
    }
}
