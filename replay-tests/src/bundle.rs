//! The sealed parts of an exported bundle, read by docs/format/bundle.md §6 and record.md §3 to §5.
//!
//! *Invariant:* nothing of the product is used, so that its mistakes are not repeated here.

use std::path::Path;

/// Sixteen bytes that name something.
pub type Id = [u8; 16];

/// A sealed part: what stands in clear about it, and its body.
pub struct Part {
    /// Of which record.
    pub seq: u64,
    /// Which part of it.
    pub index: u8,
    /// Under which leaf.
    pub leaf: Id,
    /// For which term.
    pub scope: Id,
    /// What its key is bound to (record.md §5).
    pub associated: Vec<u8>,
    /// `commitment ‖ ciphertext ‖ tag`.
    pub body: Vec<u8>,
}

impl Part {
    /// Which part of which record.
    #[must_use]
    pub const fn place(&self) -> (u64, u8) {
        (self.seq, self.index)
    }
}

/// Every sealed part of a bundle, in the order of the journal.
#[must_use]
pub fn sealed_parts(bundle: &Path) -> Vec<Part> {
    let mut headers = whole(&bundle.join("records/headers"));
    let mut bodies = whole(&bundle.join("records/bodies"));
    let mut parts = Vec::new();
    while !headers.is_empty() {
        let header = take_framed(&mut headers);
        for mut part in parts_of(&header) {
            part.body = take_framed(&mut bodies);
            parts.push(part);
        }
    }
    assert!(bodies.is_empty(), "bodies without headers");
    parts.retain(|part| part.leaf != [0; 16]);
    parts
}

/// All files of a directory, one after the other.
fn whole(directory: &Path) -> Vec<u8> {
    let files = crate::files::files_below(directory);
    files.iter().flat_map(|file| std::fs::read(file).unwrap()).rev().collect()
}

/// The next bytes of a reversed file, after their four bytes of length.
fn take_framed(reversed: &mut Vec<u8>) -> Vec<u8> {
    let mut take = |count: usize| {
        let rest = reversed.len().checked_sub(count).expect("whole frames");
        let mut taken = reversed.split_off(rest);
        taken.reverse();
        taken
    };
    let length = u32::from_be_bytes(take(4).try_into().unwrap());
    take(usize::try_from(length).unwrap())
}

/// The parts that a header describes, sealed and public; their bodies are still missing.
fn parts_of(header: &[u8]) -> Vec<Part> {
    assert_eq!(header[..4], [0x5a, 0x47, 0, 1], "the magic and version 1");
    let seq = u64::from_be_bytes(header[24..32].try_into().unwrap());
    let name = usize::from(header[40]);
    // Event name with its length, event version, command and salt stand in one piece.
    let event = &header[40..75 + name];
    let count = header[107 + name];
    let described = header[108 + name..].chunks_exact(69);
    assert_eq!(described.len(), usize::from(count));
    let part = |(index, described): (u8, &[u8])| {
        let mut associated = vec![0, 1];
        associated.extend_from_slice(&header[4..24]);
        associated.extend_from_slice(event);
        associated.push(index);
        associated.extend_from_slice(&described[1..37]);
        let leaf = described[1..17].try_into().unwrap();
        let scope = described[17..33].try_into().unwrap();
        Part { seq, index, leaf, scope, associated, body: Vec::new() }
    };
    (0..count).zip(described).map(part).collect()
}
