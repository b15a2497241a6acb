//! Keys, pieces and blocks of the database (docs/format/store.md §2 and §3).
//!
//! *Invariants:* keys order by bytes as by meaning, so numbers are big-endian; no value is longer
//! than [`VALUE_BYTES_MAX`].

use std::ops::Range;

use record::{JournalId, NodeId, PageKey, Reader, Writer};

use crate::database::Writes;

/// Longest stored value.
///
/// The engine writes a leaf of its tree as one message and moves a message above 128 KiB to a file
/// that it never syncs. A leaf holds 16 values, for a moment 20 while removals merge two leaves:
/// with 7,000 bytes a value such files appeared, with this limit 21 values fit.
pub const VALUE_BYTES_MAX: usize = 6_000;

/// Where the version of this layout stands.
pub(crate) const VERSION_KEY: [u8; 1] = *b"v";
/// What stands there.
pub(crate) const VERSION_VALUE: [u8; 13] = *b"zegel-store\x00\x01";

const RECORD_TAG: u8 = b'r';
const PAGE_TAG: u8 = b'p';
const LEAFLET_TAG: u8 = b'l';
const FRAME_BYTES: usize = 4;

/// Names a small note of the engine: a checkpoint, a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeafletKey {
    /// What kind of note, as the engine numbers them.
    pub kind: u8,
    /// Orders the notes of one kind.
    pub number: u64,
}

/// The key of an item without the number of its piece.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stem(Vec<u8>);

impl Stem {
    pub(crate) fn block(journal: JournalId, first: u64) -> Self {
        Self(start(RECORD_TAG, journal).u64(first).finish())
    }

    pub(crate) fn page(journal: JournalId, key: PageKey) -> Self {
        Self(start(PAGE_TAG, journal).u64(key.node.0).u64(key.generation).finish())
    }

    pub(crate) fn leaflet(journal: JournalId, key: LeafletKey) -> Self {
        Self(start(LEAFLET_TAG, journal).u8(key.kind).u64(key.number).finish())
    }

    /// The database key of one piece.
    pub(crate) fn piece(&self, piece: u16) -> Vec<u8> {
        Writer::with_capacity(self.0.len() + 2).bytes(&self.0).u16(piece).finish()
    }
}

fn start(tag: u8, journal: JournalId) -> Writer {
    let mut key = Writer::with_capacity(35);
    key.u8(tag).bytes(journal.as_bytes());
    key
}

/// All keys of the records of one journal, as far as those from `first` to `last`.
pub(crate) fn block_keys(journal: JournalId, first: u64, last: u64) -> Range<Vec<u8>> {
    let mut end = Stem::block(journal, last).piece(u16::MAX);
    end.push(0);
    Stem::block(journal, first).piece(0)..end
}

/// All keys of the pages of one journal.
pub(crate) fn page_keys(journal: JournalId) -> Vec<u8> {
    start(PAGE_TAG, journal).finish()
}

/// The prefixes of everything that belongs to one journal.
pub(crate) fn all_keys(journal: JournalId) -> [Vec<u8>; 3] {
    [RECORD_TAG, PAGE_TAG, LEAFLET_TAG].map(|tag| start(tag, journal).finish())
}

/// All keys of the leaflets of one kind.
pub(crate) fn leaflet_keys(journal: JournalId, kind: u8) -> Vec<u8> {
    start(LEAFLET_TAG, journal).u8(kind).finish()
}

/// Where to look for the first record of a journal after this one; `None` starts at the first.
pub(crate) fn journals_after(journal: Option<JournalId>) -> Range<Vec<u8>> {
    let first = match journal {
        None => vec![RECORD_TAG],
        Some(journal) => start(RECORD_TAG, journal).bytes(&[0xff; 11]).finish(),
    };
    first..vec![RECORD_TAG + 1]
}

/// A key of a block, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockKey {
    pub(crate) journal: JournalId,
    pub(crate) first: u64,
    pub(crate) piece: u16,
}

impl BlockKey {
    pub(crate) fn parse(key: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(key);
        let read = |reader: &mut Reader<'_>| {
            let tag = reader.u8("tag")?;
            let journal = JournalId::from_bytes(reader.array("journal")?);
            let key = Self { journal, first: reader.u64("first")?, piece: reader.u16("piece")? };
            Ok::<_, record::DecodeError>((tag == RECORD_TAG).then_some(key))
        };
        let key = read(&mut reader).ok()?;
        reader.end().ok().and(key)
    }
}

/// The page and the piece that a key names.
pub(crate) fn parse_page_key(key: &[u8]) -> Option<(PageKey, u16)> {
    let mut reader = Reader::new(key);
    reader.bytes(17, "prefix").ok()?;
    let node = NodeId(reader.u64("node").ok()?);
    let page = PageKey { node, generation: reader.u64("generation").ok()? };
    let piece = reader.u16("piece").ok()?;
    reader.end().ok().map(|()| (page, piece))
}

/// The leaflet and the piece that a key names.
pub(crate) fn parse_leaflet_key(key: &[u8]) -> Option<(LeafletKey, u16)> {
    let mut reader = Reader::new(key);
    reader.bytes(17, "prefix").ok()?;
    let leaflet = LeafletKey { kind: reader.u8("kind").ok()?, number: reader.u64("number").ok()? };
    let piece = reader.u16("piece").ok()?;
    reader.end().ok().map(|()| (leaflet, piece))
}

/// Whether writes need no batch: one alone, or the page of a mint and then one block.
///
/// The engine keeps the order of writes, so a crash leaves nothing, the page alone, or both; and a
/// page may come earlier than the records that need it. A batch costs one more wait for the disk:
/// the engine writes where it ends apart from it, and beside it on the same block of the disk.
pub(crate) fn need_no_batch(writes: &Writes) -> bool {
    let tag = |(key, value): (&Vec<u8>, &Option<Vec<u8>>)| {
        value.as_ref().and_then(|_| key.first().copied())
    };
    let mut tags = writes.iter().map(tag);
    match (tags.next(), tags.next(), tags.next()) {
        (Some(Some(_)), None, None) => true,
        (Some(first), Some(second), None) => first == Some(PAGE_TAG) && second == Some(RECORD_TAG),
        _ => false,
    }
}

/// Bytes with their length in front.
pub(crate) fn frame(bytes: &[u8]) -> Vec<u8> {
    Writer::with_capacity(bytes.len() + FRAME_BYTES).bytes(&length_of(bytes)).bytes(bytes).finish()
}

fn length_of(bytes: &[u8]) -> [u8; FRAME_BYTES] {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    assert!(usize::try_from(length) == Ok(bytes.len()), "item over its limit");
    length.to_be_bytes()
}

/// Cuts an item into stored values, with the keys under which they stand.
pub(crate) fn pieces(stem: &Stem, item: Vec<u8>) -> Vec<(Vec<u8>, Vec<u8>)> {
    if item.len() <= VALUE_BYTES_MAX {
        return vec![(stem.piece(0), item)];
    }
    let numbers = 0..=u16::MAX;
    assert!(item.len() <= usize::from(u16::MAX) * VALUE_BYTES_MAX, "item over its limit");
    let chunks = item.chunks(VALUE_BYTES_MAX);
    numbers.zip(chunks).map(|(piece, chunk)| (stem.piece(piece), chunk.to_vec())).collect()
}

/// The records of one commit, packed: each block is full, or holds one large record.
#[derive(Debug)]
pub(crate) struct Packer {
    journal: JournalId,
    first: u64,
    next: u64,
    block: Vec<u8>,
    done: Vec<(Stem, Vec<u8>)>,
}

impl Packer {
    pub(crate) fn new(journal: JournalId, first: u64) -> Self {
        Self { journal, first, next: first, block: Vec::new(), done: Vec::new() }
    }

    pub(crate) fn push(&mut self, record: &[u8]) {
        if self.block.len() + FRAME_BYTES + record.len() > VALUE_BYTES_MAX {
            self.close();
        }
        self.block.reserve(VALUE_BYTES_MAX.max(FRAME_BYTES + record.len()) - self.block.len());
        self.block.extend_from_slice(&length_of(record));
        self.block.extend_from_slice(record);
        self.next += 1;
    }

    /// Hands out the blocks, the last one closed.
    pub(crate) fn finish(&mut self) -> Vec<(Stem, Vec<u8>)> {
        self.close();
        std::mem::take(&mut self.done)
    }

    fn close(&mut self) {
        let block = std::mem::take(&mut self.block);
        if !block.is_empty() {
            self.done.push((Stem::block(self.journal, self.first), block));
        }
        self.first = self.next;
    }
}

/// One step through the frames of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// The next frame lies within these bytes.
    Within(Range<usize>),
    /// It has this many bytes and goes on in further pieces.
    Longer(usize),
    /// No further frame.
    End,
}

/// Finds the frame that starts at `offset`; `None` if the bytes are not frames.
pub(crate) fn frame_at(value: &[u8], offset: usize) -> Option<Frame> {
    let rest = value.get(offset..)?;
    if rest.is_empty() {
        return Some(Frame::End);
    }
    let mut reader = Reader::new(rest);
    let length = usize::try_from(reader.u32("length").ok()?).ok()?;
    if length <= reader.remaining() {
        let start = offset + FRAME_BYTES;
        return Some(Frame::Within(start..start + length));
    }
    let continues = offset == 0 && value.len() == VALUE_BYTES_MAX;
    continues.then_some(Frame::Longer(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_write_and_a_page_before_its_block_need_no_batch() {
        let journal = JournalId::from_bytes([7; 16]);
        let page = |node| {
            let key = PageKey { node: NodeId(node), generation: 0 };
            Stem::page(journal, key).piece(0)
        };
        let block = |first, piece| Stem::block(journal, first).piece(piece);
        let leaflet = Stem::leaflet(journal, LeafletKey { kind: 1, number: 1 }).piece(0);
        let written = |keys: &[&Vec<u8>]| -> Writes {
            keys.iter().map(|key| ((*key).clone(), Some(vec![1]))).collect()
        };
        for alone in [&page(1), &block(1, 0), &leaflet] {
            assert!(need_no_batch(&written(&[alone])));
            assert!(!need_no_batch(&Writes::from([(alone.clone(), None)])));
        }
        assert!(need_no_batch(&written(&[&block(1, 0), &page(1)])));
        let several = [
            vec![block(1, 0), block(1, 1)],
            vec![block(1, 0), block(9, 0)],
            vec![page(1), page(2)],
            vec![leaflet.clone(), block(1, 0)],
            vec![leaflet, page(1)],
            vec![page(1), page(2), block(1, 0)],
        ];
        for keys in several {
            assert!(!need_no_batch(&written(&keys.iter().collect::<Vec<_>>())), "{keys:?}");
        }
        let removing = Writes::from([(page(1), None), (block(1, 0), Some(vec![1]))]);
        assert!(!need_no_batch(&removing));
        assert!(!need_no_batch(&Writes::new()));
    }
}
