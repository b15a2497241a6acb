//! The RFC 6962 tree over a journal, with inclusion and consistency proofs (docs/format/tree.md).
//!
//! SOURCE: RFC 9162 §2.1 (the algorithms), RFC 6962 §2.1 (the same hashes).
//! *Invariant:* a leaf is `tag ‖ sequence ‖ record hash ‖ SHA-256(header)`, never a record's body.

use sha2::{Digest, Sha256};

use crate::header::{Hash, Header};
use crate::ids::Seq;

/// Opens every leaf, so that no other file can be mistaken for one.
pub const LEAF_TAG: [u8; 12] = *b"zegel-leaf-1";
/// Bytes of one leaf entry before hashing.
pub const LEAF_BYTES: usize = 12 + 8 + 32 + 32;

/// The leaf entry of a record, from the bytes of its header.
#[must_use]
pub fn leaf_entry(seq: Seq, header_bytes: &[u8]) -> [u8; LEAF_BYTES] {
    let record_hash = blake3::hash(header_bytes);
    let sha256: [u8; 32] = Sha256::digest(header_bytes).into();
    let seq = seq.0.to_be_bytes();
    let fields = LEAF_TAG.iter().chain(&seq).chain(record_hash.as_bytes()).chain(&sha256);
    let mut entry = [0u8; LEAF_BYTES];
    entry.iter_mut().zip(fields).for_each(|(to, from)| *to = *from);
    entry
}

/// The record hash inside a leaf entry.
#[must_use]
pub fn recorded_hash(entry: &[u8; LEAF_BYTES]) -> Hash {
    let mut hash = [0; 32];
    hash.iter_mut().zip(entry.iter().skip(LEAF_TAG.len() + 8)).for_each(|(to, from)| *to = *from);
    Hash(hash)
}

/// The tree hash of a leaf entry: `SHA-256(0x00 ‖ entry)`.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    sha256(&[&[0], entry])
}

/// The tree hash of a record.
#[must_use]
pub fn record_leaf(header: &Header) -> Hash {
    leaf_hash(&leaf_entry(header.seq, &header.encode()))
}

/// The tree hash of two subtrees: `SHA-256(0x01 ‖ left ‖ right)`.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], &left.0, &right.0])
}

fn sha256(pieces: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    pieces.iter().for_each(|piece| hasher.update(piece));
    Hash(hasher.finalize().into())
}

/// The root of the tree over these leaf hashes; of none, SHA-256 of nothing.
#[must_use]
pub fn root(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::default();
    leaves.iter().for_each(|leaf| frontier.push(*leaf));
    frontier.root()
}

/// The right edge of a growing tree: enough to give its root, in log n hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    /// Full subtrees from large to small, each with its number of leaves.
    peaks: Vec<(u64, Hash)>,
}

impl Frontier {
    /// Adds a leaf hash at the right.
    pub fn push(&mut self, leaf: Hash) {
        let mut merged = (1u64, leaf);
        while let Some((count, left)) = self.peaks.pop_if(|(count, _)| *count == merged.0) {
            merged = (count * 2, node_hash(&left, &merged.1));
        }
        self.peaks.push(merged);
    }

    /// The hashes of its full subtrees, from large to small: one for each bit of its size.
    pub fn peaks(&self) -> impl ExactSizeIterator<Item = Hash> {
        self.peaks.iter().map(|(_, hash)| *hash)
    }

    /// The edge of a tree of this size, from [`Frontier::peaks`]; `None` if their number differs.
    #[must_use]
    pub fn from_peaks(size: u64, hashes: &[Hash]) -> Option<Self> {
        let bits = (0..u64::BITS).rev().map(|bit| 1 << bit).filter(|count| size & count != 0);
        let counts: Vec<u64> = bits.collect();
        let fits = counts.len() == hashes.len();
        fits.then(|| Self { peaks: counts.into_iter().zip(hashes.iter().copied()).collect() })
    }

    /// How many leaves it has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.peaks.iter().map(|(count, _)| count).sum()
    }

    /// The root over all leaves so far.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.root_before(None).unwrap_or_else(|| sha256(&[]))
    }

    /// The root over all leaves so far and, to the right of them, a smaller tree with this root;
    /// none over nothing.
    #[must_use]
    pub fn root_before(&self, smaller: Option<Hash>) -> Option<Hash> {
        let peaks = self.peaks.iter().rev().map(|(_, hash)| *hash);
        peaks
            .fold(smaller, |right, left| Some(right.map_or(left, |right| node_hash(&left, &right))))
    }
}

/// The path that shows that leaf `index` is under the root of `leaves`.
///
/// `None` if there is no such leaf.
#[must_use]
pub fn inclusion_proof(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    if index >= leaves.len() {
        return None;
    }
    let (mut within, mut index, mut path) = (leaves, index, Vec::new());
    while within.len() > 1 {
        let (left, right) = within.split_at_checked(split(within.len()))?;
        if index < left.len() {
            path.push(root(right));
            within = left;
        } else {
            path.push(root(left));
            index -= left.len();
            within = right;
        }
    }
    path.reverse();
    Some(path)
}

/// The path that shows that the first `size` leaves are a prefix of `leaves`.
///
/// `None` unless `0 < size <= leaves.len()`.
#[must_use]
pub fn consistency_proof(leaves: &[Hash], size: usize) -> Option<Vec<Hash>> {
    if size == 0 || size > leaves.len() {
        return None;
    }
    let (mut within, mut size, mut whole, mut path) = (leaves, size, true, Vec::new());
    while size != within.len() {
        let (left, right) = within.split_at_checked(split(within.len()))?;
        if size <= left.len() {
            path.push(root(right));
            within = left;
        } else {
            path.push(root(left));
            size -= left.len();
            within = right;
            whole = false;
        }
    }
    if !whole {
        path.push(root(within));
    }
    path.reverse();
    Some(path)
}

/// The largest power of two below `count`, for a count of at least two.
const fn split(count: usize) -> usize {
    1 << (count - 1).ilog2()
}

/// Checks an inclusion proof (RFC 9162 §2.1.3.2).
#[must_use]
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if node % 2 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node % 2 == 0 && node != 0 {
                node /= 2;
                last /= 2;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node /= 2;
        last /= 2;
    }
    last == 0 && hash == *root
}

/// A tree at one moment: its size and root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeHead {
    /// Number of leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// Checks a consistency proof (RFC 9162 §2.1.4.2).
#[must_use]
pub fn verify_consistency(old: &TreeHead, new: &TreeHead, path: &[Hash]) -> bool {
    if old.size == new.size {
        return path.is_empty() && old.root == new.root;
    }
    if old.size == 0 || old.size > new.size {
        return false;
    }
    let mut path = path.iter();
    let start = if old.size.is_power_of_two() { Some(&old.root) } else { path.next() };
    let Some(start) = start else { return false };
    let shift = (old.size - 1).trailing_ones();
    let (mut node, mut last) = ((old.size - 1) >> shift, (new.size - 1) >> shift);
    let (mut old_hash, mut new_hash) = (*start, *start);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if node % 2 == 1 || node == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            while node % 2 == 0 && node != 0 {
                node /= 2;
                last /= 2;
            }
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        node /= 2;
        last /= 2;
    }
    last == 0 && old_hash == old.root && new_hash == new.root
}
