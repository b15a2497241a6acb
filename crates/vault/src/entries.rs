//! Entry pages in clear (docs/format/keys.md §5).
//!
//! *Invariants:* the bytes in memory are the bytes that are sealed, so each leaf and scope key
//! stands once; the buffer never grows past its first allocation, so no key is left in freed
//! memory, and it is zeroed when dropped.

use record::{Category, DecodeError, LeafId, Reader, ScopeId, SubjectId};
use zeroize::Zeroizing;

use crate::keys::KEY_BYTES;
use crate::page::PLAIN_BYTES_MAX;

/// First byte of an entry page in clear.
pub(crate) const KIND_ENTRIES: u8 = 2;
/// Bytes of the longest entry: a leaf.
pub(crate) const ENTRY_BYTES_MAX: usize = 1 + 16 + 2 + 16 + 16 + KEY_BYTES;

const SHARED_LEAF: u8 = 1;
const LONE_LEAF: u8 = 2;
const FACTS: u8 = 3;
const SCOPE: u8 = 4;
const FENCED_SUBJECT: u8 = 5;
const FENCED_LEAF: u8 = 6;
const FENCED_SCOPE: u8 = 7;

/// Whose leaf it is, and what for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeafEntry {
    /// The leaf.
    pub leaf: LeafId,
    /// The person or pseudonym.
    pub subject: SubjectId,
    /// What kind of data.
    pub category: Category,
    /// The scope it was minted for.
    pub scope: ScopeId,
}

/// What was cut and must never be minted again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fence {
    Subject(SubjectId),
    Leaf(LeafId),
    Scope(ScopeId),
}

/// One entry, its key still in the page.
#[derive(Clone, Copy)]
pub(crate) enum Entry<'a> {
    Leaf { label: LeafEntry, alone: bool, key: &'a [u8; KEY_BYTES] },
    Facts { leaf: LeafId, key: &'a [u8; KEY_BYTES] },
    Scope { scope: ScopeId, key: &'a [u8; KEY_BYTES] },
    Fence(Fence),
}

impl<'a> Entry<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(match reader.u8("entry kind")? {
            SHARED_LEAF => Self::read_leaf(reader, false)?,
            LONE_LEAF => Self::read_leaf(reader, true)?,
            FACTS => Self::Facts { leaf: read_leaf_id(reader)?, key: read_key(reader)? },
            SCOPE => Self::Scope { scope: read_scope_id(reader)?, key: read_key(reader)? },
            FENCED_SUBJECT => Self::Fence(Fence::Subject(read_subject_id(reader)?)),
            FENCED_LEAF => Self::Fence(Fence::Leaf(read_leaf_id(reader)?)),
            FENCED_SCOPE => Self::Fence(Fence::Scope(read_scope_id(reader)?)),
            _ => return Err(DecodeError::Value("entry kind")),
        })
    }

    fn read_leaf(reader: &mut Reader<'a>, alone: bool) -> Result<Self, DecodeError> {
        let subject = read_subject_id(reader)?;
        let category = Category(reader.u16("category")?);
        let (leaf, scope) = (read_leaf_id(reader)?, read_scope_id(reader)?);
        let label = LeafEntry { leaf, subject, category, scope };
        Ok(Self::Leaf { label, alone, key: read_key(reader)? })
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Leaf { label, alone, key } => {
                out.push(if *alone { LONE_LEAF } else { SHARED_LEAF });
                out.extend_from_slice(label.subject.as_bytes());
                out.extend_from_slice(&label.category.0.to_be_bytes());
                out.extend_from_slice(label.leaf.as_bytes());
                out.extend_from_slice(label.scope.as_bytes());
                out.extend_from_slice(*key);
            }
            Self::Facts { leaf, key } => write_keyed(out, FACTS, leaf.as_bytes(), key),
            Self::Scope { scope, key } => write_keyed(out, SCOPE, scope.as_bytes(), key),
            Self::Fence(fence) => {
                let (kind, id) = match fence {
                    Fence::Subject(id) => (FENCED_SUBJECT, id.as_bytes()),
                    Fence::Leaf(id) => (FENCED_LEAF, id.as_bytes()),
                    Fence::Scope(id) => (FENCED_SCOPE, id.as_bytes()),
                };
                out.push(kind);
                out.extend_from_slice(id);
            }
        }
    }

    const fn bytes(&self) -> usize {
        match self {
            Self::Leaf { .. } => ENTRY_BYTES_MAX,
            Self::Facts { .. } | Self::Scope { .. } => 1 + 16 + KEY_BYTES,
            Self::Fence(_) => 1 + 16,
        }
    }
}

/// The plaintext of one entry page.
pub(crate) struct Entries(Zeroizing<Vec<u8>>);

impl Entries {
    /// A page without entries.
    pub(crate) fn new() -> Self {
        Self::with_room(PLAIN_BYTES_MAX)
    }

    /// Nothing yet: the page is about to be read.
    pub(crate) fn none() -> Self {
        Self(Zeroizing::new(Vec::new()))
    }

    /// Takes over an opened page and checks that it is whole entries to the end.
    pub(crate) fn parse(plain: Zeroizing<Vec<u8>>) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(&plain);
        if reader.u8("page kind")? != KIND_ENTRIES {
            return Err(DecodeError::Value("page kind"));
        }
        while reader.remaining() > 0 {
            Entry::read(&mut reader)?;
        }
        Ok(Self(plain))
    }

    /// The bytes to seal.
    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.0
    }

    /// Whether no entry is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.len() <= 1
    }

    /// Appends an entry and gives its offset; `None` if the page would be over `bytes_max`.
    pub(crate) fn push(&mut self, entry: &Entry<'_>, bytes_max: usize) -> Option<usize> {
        let offset = self.0.len();
        let length = offset.checked_add(entry.bytes())?;
        if length > bytes_max.min(PLAIN_BYTES_MAX) {
            return None;
        }
        self.make_room(length);
        entry.write(&mut self.0);
        assert!(self.0.len() == length, "an entry wrote another length than it stated");
        Some(offset)
    }

    /// The entry at an offset that [`Entries::push`] or [`Entries::iter`] gave.
    pub(crate) fn at(&self, offset: usize) -> Option<Entry<'_>> {
        Entry::read(&mut Reader::new(self.0.get(offset..)?)).ok()
    }

    /// Every entry with its offset, in the order of minting.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, Entry<'_>)> {
        let mut offset = 1usize;
        std::iter::from_fn(move || {
            let entry = self.at(offset)?;
            let here = offset;
            offset = offset.checked_add(entry.bytes())?;
            Some((here, entry))
        })
    }

    /// A page of its own memory with those entries that `keep` names.
    pub(crate) fn only(&self, keep: impl Fn(&Entry<'_>) -> bool) -> Self {
        let mut kept = Self::with_room(self.0.len());
        for (_, entry) in self.iter().filter(|(_, entry)| keep(entry)) {
            entry.write(&mut kept.0);
        }
        kept
    }

    fn with_room(bytes: usize) -> Self {
        let mut plain = Zeroizing::new(Vec::with_capacity(bytes));
        plain.push(KIND_ENTRIES);
        Self(plain)
    }

    // A vector that grows by itself would leave its old memory, and the keys in it, unzeroed.
    fn make_room(&mut self, length: usize) {
        if length <= self.0.capacity() {
            return;
        }
        let mut roomy = Zeroizing::new(Vec::with_capacity(PLAIN_BYTES_MAX));
        roomy.extend_from_slice(&self.0);
        self.0 = roomy;
    }
}

fn write_keyed(out: &mut Vec<u8>, kind: u8, id: &[u8; 16], key: &[u8; KEY_BYTES]) {
    out.push(kind);
    out.extend_from_slice(id);
    out.extend_from_slice(key);
}

fn read_key<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8; KEY_BYTES], DecodeError> {
    let bytes = reader.bytes(KEY_BYTES, "key")?;
    bytes.try_into().map_err(|_| DecodeError::Short("key"))
}

fn read_leaf_id(reader: &mut Reader<'_>) -> Result<LeafId, DecodeError> {
    reader.array("leaf").map(LeafId::from_bytes)
}

fn read_scope_id(reader: &mut Reader<'_>) -> Result<ScopeId, DecodeError> {
    reader.array("scope").map(ScopeId::from_bytes)
}

fn read_subject_id(reader: &mut Reader<'_>) -> Result<SubjectId, DecodeError> {
    reader.array("subject").map(SubjectId::from_bytes)
}
