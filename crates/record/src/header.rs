//! The header of a record: everything in clear, nothing about a person (docs/format/record.md §3).
//!
//! *Invariant:* a header that decodes encodes to the same bytes; there is one form of each header.

use crate::ids::{CommandId, JournalId, LeafId, Origin, ScopeId, Seq, TimestampMicros, parse_hex};
use crate::sealed::RECORD_BYTES_MAX;
use crate::wire::{DecodeError, Reader, Writer};

/// The record format that this crate writes and reads.
pub const FORMAT_VERSION: u16 = 1;
/// Longest event name, in bytes. Names are short words of the catalogue.
pub const NAME_BYTES_MAX: usize = 64;
/// Most parts of one record; the count is one byte and zero is not allowed.
pub const PARTS_MAX: usize = 255;
/// Longest header: the fixed fields, the longest name and all parts.
pub const HEADER_BYTES_MAX: usize = HEADER_BYTES_FIXED + NAME_BYTES_MAX + PARTS_MAX * PART_BYTES;
/// What the first record of a journal names as its predecessor.
pub const CHAIN_START: Hash = Hash([0; 32]);

/// What sealing adds to a padded plaintext: a commitment of 32 bytes and a tag of 16.
pub const SEAL_BYTES: u32 = 32 + 16;

const MAGIC: [u8; 2] = *b"ZG";
const HEADER_BYTES_FIXED: usize = 108;
const PART_BYTES: usize = 1 + 16 + 16 + 4 + 32;

/// A 32-byte BLAKE3 or SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// Reads 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        parse_hex(text).map(Self)
    }
}

impl std::fmt::Display for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// What happened, as the catalogue names it, and in which version of its encoding.
///
/// The name stands inside, filled up with zeros: every header has one, and none allocates for it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKind {
    name: [u8; NAME_BYTES_MAX],
    length: u8,
    version: u16,
}

impl std::fmt::Debug for EventKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EventKind({} {})", self.name(), self.version)
    }
}

impl EventKind {
    /// A kind; `name` is 1 to 64 bytes of `a-z`, `0-9`, `.` and `-`, and `version` is not 0.
    ///
    /// # Errors
    /// [`DecodeError::Limit`] or [`DecodeError::Value`] when one of them breaks that rule.
    pub fn new(name: &str, version: u16) -> Result<Self, DecodeError> {
        if name.is_empty() || name.len() > NAME_BYTES_MAX {
            return Err(DecodeError::Limit("event name"));
        }
        let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-');
        if !name.bytes().all(allowed) {
            return Err(DecodeError::Value("event name"));
        }
        if version == 0 {
            return Err(DecodeError::Value("event version"));
        }
        let mut padded = [0; NAME_BYTES_MAX];
        padded.iter_mut().zip(name.bytes()).for_each(|(to, from)| *to = from);
        let length = u8::try_from(name.len()).map_err(|_| DecodeError::Limit("event name"))?;
        Ok(Self { name: padded, length, version })
    }

    /// For example `survey.response-submitted`.
    #[must_use]
    pub fn name(&self) -> &str {
        // Only ASCII comes in.
        std::str::from_utf8(self.name_bytes()).unwrap_or_default()
    }

    fn name_bytes(&self) -> &[u8] {
        self.name.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// Counts from 1; a change of encoding is a new version.
    #[must_use]
    pub const fn version(&self) -> u16 {
        self.version
    }
}

/// How a part is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartKind {
    /// In clear: no personal data, people only as random references.
    Public,
    /// Encrypted under a leaf key and a scope key.
    Sealed,
}

/// One part as the header describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartHeader {
    /// Public or sealed.
    pub kind: PartKind,
    /// The leaf key; zeros for a public part.
    pub leaf: LeafId,
    /// The scope key; zeros for a public part.
    pub scope: ScopeId,
    /// Bytes of padded plaintext, or of the public text.
    pub length: u32,
    /// BLAKE3 of the stored body.
    pub digest: Hash,
}

impl PartHeader {
    /// Bytes of the stored body: `commitment (32) ‖ ciphertext ‖ tag (16)` for a sealed part.
    #[must_use]
    pub fn body_bytes(&self) -> u64 {
        match self.kind {
            PartKind::Public => u64::from(self.length),
            PartKind::Sealed => u64::from(self.length) + u64::from(SEAL_BYTES),
        }
    }
}

/// The digest that a header carries for a stored body.
#[must_use]
pub fn body_digest(body: &[u8]) -> Hash {
    Hash(*blake3::hash(body).as_bytes())
}

/// The clear part of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Journal and era.
    pub origin: Origin,
    /// Place in the journal.
    pub seq: Seq,
    /// When it was recorded; never before its predecessor.
    pub recorded_at: TimestampMicros,
    /// Name and version of the event.
    pub kind: EventKind,
    /// The command that caused it.
    pub command: CommandId,
    /// Fresh randomness of this record.
    pub salt: [u8; 16],
    /// [`Header::record_hash`] of the record before, or [`CHAIN_START`].
    pub previous: Hash,
    /// At least one part.
    pub parts: Vec<PartHeader>,
}

impl Header {
    /// The canonical bytes.
    ///
    /// # Panics
    /// Over [`PARTS_MAX`] parts, which is a bug of ours: the count would not tell their number.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::with_capacity(self.header_bytes());
        self.write(&mut out);
        out.finish()
    }

    /// Appends the canonical bytes.
    pub(crate) fn write(&self, out: &mut Writer) {
        assert!(self.parts.len() <= PARTS_MAX, "over 255 parts");
        out.bytes(&MAGIC).u16(FORMAT_VERSION);
        out.bytes(self.origin.journal.as_bytes()).u32(self.origin.era);
        out.u64(self.seq.0).u64(self.recorded_at.0);
        write_name(out, &self.kind);
        out.bytes(self.command.as_bytes()).bytes(&self.salt).bytes(&self.previous.0);
        out.u8(u8::try_from(self.parts.len()).unwrap_or(u8::MAX));
        self.parts.iter().for_each(|part| write_part(out, part));
    }

    /// Reads a header that fills `bytes` exactly.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field that breaks the format.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let header = Self::read(&mut reader)?;
        reader.end()?;
        Ok(header)
    }

    /// The same in the room of another header, whose name and list of parts are used again.
    ///
    /// # Errors
    /// As [`Header::decode`].
    pub fn decode_over(bytes: &[u8], spare: Option<Self>) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let header = Self::read_over(&mut reader, spare)?;
        reader.end()?;
        Ok(header)
    }

    /// Reads a header and leaves the reader after it.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field that breaks the format.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Self::read_over(reader, None)
    }

    fn read_over(reader: &mut Reader<'_>, spare: Option<Self>) -> Result<Self, DecodeError> {
        let (kind, parts) = spare.map(|spare| (spare.kind, spare.parts)).unzip();
        if reader.array("magic")? != MAGIC {
            return Err(DecodeError::Value("magic"));
        }
        if reader.u16("format version")? != FORMAT_VERSION {
            return Err(DecodeError::Value("format version"));
        }
        let journal = JournalId::from_bytes(reader.array("journal")?);
        let header = Self {
            origin: Origin { journal, era: reader.u32("era")? },
            seq: Seq(reader.u64("sequence")?),
            recorded_at: TimestampMicros(reader.u64("recorded at")?),
            kind: read_name(reader, kind)?,
            command: CommandId::from_bytes(reader.array("command")?),
            salt: reader.array("salt")?,
            previous: Hash(reader.array("previous")?),
            parts: read_parts(reader, parts.unwrap_or_default())?,
        };
        // A header that states more than a record may hold is none: nobody need reserve for it.
        if header.record_bytes() > RECORD_BYTES_MAX as u64 {
            return Err(DecodeError::Limit("part length"));
        }
        Ok(header)
    }

    /// Bytes of the whole record, header and bodies, as this header states them.
    #[must_use]
    pub fn record_bytes(&self) -> u64 {
        self.header_bytes() as u64 + self.parts.iter().map(PartHeader::body_bytes).sum::<u64>()
    }

    /// Bytes of the header alone.
    pub(crate) fn header_bytes(&self) -> usize {
        HEADER_BYTES_FIXED + usize::from(self.kind.length) + self.parts.len() * PART_BYTES
    }

    /// BLAKE3 of the canonical bytes: what the next record names.
    #[must_use]
    pub fn record_hash(&self) -> Hash {
        Hash(*blake3::hash(&self.encode()).as_bytes())
    }

    /// What part `index` is bound to (docs/format/record.md §5): everything that is fixed before
    /// the journal gives the record its place.
    #[must_use]
    pub fn associated_data(&self, index: u8, part: &PartHeader) -> Vec<u8> {
        associated_data(&self.origin, &self.kind, &self.command, &self.salt, index, part)
    }
}

/// The associated data of a part before its record has a place (docs/format/record.md §5).
///
/// The digest in `part` is not used: it is a digest of what this data helps to make.
#[must_use]
pub fn associated_data(
    origin: &Origin,
    kind: &EventKind,
    command: &CommandId,
    salt: &[u8; 16],
    index: u8,
    part: &PartHeader,
) -> Vec<u8> {
    let mut out = Writer::with_capacity(94 + usize::from(kind.length));
    out.u16(FORMAT_VERSION).bytes(origin.journal.as_bytes()).u32(origin.era);
    write_name(&mut out, kind);
    out.bytes(command.as_bytes()).bytes(salt).u8(index);
    out.bytes(part.leaf.as_bytes()).bytes(part.scope.as_bytes()).u32(part.length);
    out.finish()
}

fn write_name(out: &mut Writer, kind: &EventKind) {
    out.u8(kind.length).bytes(kind.name_bytes());
    out.u16(kind.version);
}

fn read_name(reader: &mut Reader<'_>, spare: Option<EventKind>) -> Result<EventKind, DecodeError> {
    let length = usize::from(reader.u8("event name")?);
    let name = reader.bytes(length, "event name")?;
    // A name that was allowed before is allowed again.
    if let Some(spare) = spare.filter(|spare| spare.name_bytes() == name) {
        return match reader.u16("event version")? {
            0 => Err(DecodeError::Value("event version")),
            version => Ok(EventKind { version, ..spare }),
        };
    }
    let name = std::str::from_utf8(name).map_err(|_| DecodeError::Value("event name"))?;
    EventKind::new(name, reader.u16("event version")?)
}

fn write_part(out: &mut Writer, part: &PartHeader) {
    out.u8(match part.kind {
        PartKind::Public => 0,
        PartKind::Sealed => 1,
    });
    out.bytes(part.leaf.as_bytes()).bytes(part.scope.as_bytes());
    out.u32(part.length).bytes(&part.digest.0);
}

fn read_parts(
    reader: &mut Reader<'_>,
    mut parts: Vec<PartHeader>,
) -> Result<Vec<PartHeader>, DecodeError> {
    let count = usize::from(reader.u8("part count")?);
    if count == 0 {
        return Err(DecodeError::Value("part count"));
    }
    parts.clear();
    parts.reserve_exact(count);
    for _ in 0..count {
        parts.push(read_part(reader)?);
    }
    Ok(parts)
}

fn read_part(reader: &mut Reader<'_>) -> Result<PartHeader, DecodeError> {
    let kind = match reader.u8("part kind")? {
        0 => PartKind::Public,
        1 => PartKind::Sealed,
        _ => return Err(DecodeError::Value("part kind")),
    };
    let part = PartHeader {
        kind,
        leaf: LeafId::from_bytes(reader.array("leaf")?),
        scope: ScopeId::from_bytes(reader.array("scope")?),
        length: reader.u32("part length")?,
        digest: Hash(reader.array("digest")?),
    };
    let keyless = *part.leaf.as_bytes() == [0; 16] && *part.scope.as_bytes() == [0; 16];
    match kind {
        PartKind::Public if !keyless => Err(DecodeError::Value("leaf")),
        PartKind::Sealed if !crate::padding::is_padded_length(part.length) => {
            Err(DecodeError::Value("part length"))
        }
        _ => Ok(part),
    }
}
