//! The stages of one event on its road: draft, sealed, record (docs/ARCHITECTURE.md §1).
//!
//! *Invariant:* only the vault turns a [`Draft`] into a [`Sealed`], and only the journal gives a
//! [`Sealed`] its place in a [`Record`].

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::header::{EventKind, Hash, Header, PartHeader, PartKind, body_digest};
use crate::ids::{
    Category, CommandId, LeafId, NodeId, Origin, ScopeId, Seq, SubjectId, TimestampMicros,
};
use crate::wire::{DecodeError, Reader, Writer};

/// Most bytes of one record, header and bodies: a fence may list a million ids, no more.
pub const RECORD_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Bytes that may tell about a person: never printed, zeroed on drop.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Plaintext(Vec<u8>);

impl Plaintext {
    /// Takes over bytes.
    #[must_use]
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Plaintext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plaintext(..)")
    }
}

/// Whose part it is, and why it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonLabel {
    /// The person or pseudonym it tells about.
    pub subject: SubjectId,
    /// What kind of data it is.
    pub category: Category,
    /// The term it is kept for.
    pub scope: ScopeId,
    /// Whether it needs a leaf of its own instead of the subject's leaf for the category.
    pub alone: bool,
}

/// Who can read a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addressee {
    /// Everyone, verifiers without keys too.
    Public,
    /// The tenant: the event's own facts.
    Facts,
    /// Whoever may see this category of this person.
    Person(PersonLabel),
}

/// One part before it is sealed.
#[derive(Debug)]
pub struct DraftPart {
    /// Who can read it.
    pub to: Addressee,
    /// Its encoded fields.
    pub bytes: Plaintext,
}

/// An event, encoded but in clear: what the vault seals.
#[derive(Debug)]
pub struct Draft {
    /// Name and version.
    pub kind: EventKind,
    /// The command that caused it.
    pub command: CommandId,
    /// Scopes that begin with this event and are minted with it.
    pub new_scopes: Vec<ScopeId>,
    /// Part 0 is public or facts.
    pub parts: Vec<DraftPart>,
}

/// One part with its stored body, whose length and digest are those that its header states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedPart {
    header: PartHeader,
    body: Vec<u8>,
}

impl SealedPart {
    /// A part with its body: `commitment ‖ ciphertext ‖ tag`, or the public bytes. The digest in
    /// `header` is replaced by that of the body.
    ///
    /// # Panics
    /// If the body has another length than the header states, which is a bug of ours.
    #[must_use]
    pub fn new(header: PartHeader, body: Vec<u8>) -> Self {
        assert!(
            u64::try_from(body.len()) == Ok(header.body_bytes()),
            "a part states another length"
        );
        Self { header: PartHeader { digest: body_digest(&body), ..header }, body }
    }

    /// What the header of the record says of it.
    #[must_use]
    pub const fn header(&self) -> &PartHeader {
        &self.header
    }

    /// The stored bytes.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

/// An event that is sealed and has no place yet. Only the vault makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    origin: Origin,
    kind: EventKind,
    command: CommandId,
    salt: [u8; 16],
    parts: Vec<SealedPart>,
}

impl Sealed {
    /// Declares that these parts are sealed, or meant to be public.
    ///
    /// The name is a warning: outside `vault` nobody calls it (held by `crates/tidy`).
    #[must_use]
    pub fn assume_sealed(
        origin: Origin,
        kind: EventKind,
        command: CommandId,
        salt: [u8; 16],
        parts: Vec<SealedPart>,
    ) -> Self {
        Self { origin, kind, command, salt, parts }
    }

    /// The journal it was sealed for.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        self.origin
    }

    /// The command that caused it.
    #[must_use]
    pub const fn command(&self) -> CommandId {
        self.command
    }

    /// Name and version.
    #[must_use]
    pub const fn kind(&self) -> &EventKind {
        &self.kind
    }

    /// Its parts.
    #[must_use]
    pub fn parts(&self) -> &[SealedPart] {
        &self.parts
    }

    /// Gives the event its place.
    #[must_use]
    pub fn into_record(self, seq: Seq, recorded_at: TimestampMicros, previous: Hash) -> Record {
        let (parts, bodies) = self.parts.into_iter().map(|part| (part.header, part.body)).unzip();
        let header = Header {
            origin: self.origin,
            seq,
            recorded_at,
            kind: self.kind,
            command: self.command,
            salt: self.salt,
            previous,
            parts,
        };
        Record { header, bodies }
    }
}

/// A sealed event in its place: what the journal stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// In clear.
    pub header: Header,
    /// One body for each part.
    pub bodies: Vec<Vec<u8>>,
}

impl Record {
    /// `header ‖ body 0 ‖ body 1 …`; the header tells each length.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let bodies: usize = self.bodies.iter().map(Vec::len).sum();
        let mut out = Writer::with_capacity(self.header.header_bytes() + bodies);
        self.header.write(&mut out);
        self.bodies.iter().for_each(|body| {
            out.bytes(body);
        });
        out.finish()
    }

    /// Reads one record that fills `bytes`, and checks each body against its digest.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field that breaks the format.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > RECORD_BYTES_MAX {
            return Err(DecodeError::Limit("record"));
        }
        let mut reader = Reader::new(bytes);
        let header = Header::read(&mut reader)?;
        let bodies = header
            .parts
            .iter()
            .map(|part| read_body(&mut reader, part))
            .collect::<Result<_, _>>()?;
        reader.end()?;
        Ok(Self { header, bodies })
    }

    /// The body of a public part 0, which everyone may read.
    #[must_use]
    pub fn public_text(&self) -> Option<&[u8]> {
        let first = self.header.parts.first()?;
        (first.kind == PartKind::Public).then(|| self.bodies.first().map(Vec::as_slice))?
    }

    /// Leaves and scopes that the parts are sealed under.
    pub fn keys(&self) -> impl Iterator<Item = (LeafId, ScopeId)> {
        let sealed = self.header.parts.iter().filter(|part| part.kind == PartKind::Sealed);
        sealed.map(|part| (part.leaf, part.scope))
    }
}

fn read_body(reader: &mut Reader<'_>, part: &PartHeader) -> Result<Vec<u8>, DecodeError> {
    let length =
        usize::try_from(part.body_bytes()).map_err(|_| DecodeError::Limit("part length"))?;
    let body = reader.bytes(length, "body")?;
    if body_digest(body) != part.digest {
        return Err(DecodeError::Value("body"));
    }
    Ok(body.to_vec())
}

/// Where a page of the key tree stands in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageKey {
    /// The node.
    pub node: NodeId,
    /// Counts the node keys of this node: a cut starts a new one, a mint does not.
    pub generation: u64,
}

/// What the vault asks the journal to do with one page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageWrite {
    /// Which page.
    pub key: PageKey,
    /// Its sealed bytes, or `None` to remove it.
    pub bytes: Option<Vec<u8>>,
}
