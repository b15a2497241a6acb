//! How facts and person parts become bytes and come back (docs/format/events.md §2).
//!
//! *Invariant:* decoding never panics, never reads past its part, never allocates more than
//! [`PART_BYTES_MAX`], and takes each value in one form only.

use bincode::config::{BigEndian, Configuration, Limit, Varint};
use bincode::enc::write::Writer;
use bincode::error::EncodeError;
use bincode::{Decode, Encode};
use record::{DraftPart, Plaintext};

use crate::declare::Fields;
use crate::{About, Content, EventError, OpenPart};

/// Most bytes of memory that one facts or person part may decode to.
///
/// A record has at most 16 MiB; what it tells takes a few times as much in memory.
pub const PART_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What an event tells about a person, as [`told`](crate::declare::told) declares it.
pub(crate) trait Told: Encode + Decode<()> + PartialEq {
    /// Its fields, each with what it is kept for.
    const FIELDS: Fields;

    /// Name and text of each field.
    fn shown(&self) -> Vec<(&'static str, String)>;
}

const fn configuration() -> Configuration<BigEndian, Varint, Limit<PART_BYTES_MAX>> {
    bincode::config::standard().with_big_endian().with_limit::<PART_BYTES_MAX>()
}

/// The bytes of a structure as a part holds them: one form for each value, to take digests of.
#[must_use]
pub fn canonical_bytes<T: Encode>(value: &T) -> Vec<u8> {
    let encoded = bincode::encode_to_vec(value, configuration());
    // Writing into memory fails only if a type refuses to be encoded; ours never do.
    assert!(encoded.is_ok(), "an event of ours must encode");
    encoded.unwrap_or_default()
}

pub(crate) fn encode<T: Encode>(value: &T) -> Plaintext {
    Plaintext::new(canonical_bytes(value))
}

/// Reads a value that fills the bytes and has the one form that [`encode`] gives it: the decoder
/// alone would also take a small number in a longer form.
pub(crate) fn decode<T: Decode<()> + Encode>(
    bytes: &[u8],
    what: &'static str,
) -> Result<T, EventError> {
    let decoded = bincode::decode_from_slice(bytes, configuration());
    let (value, _) = decoded.map_err(|_| EventError::Broken(what))?;
    let mut same = Same(bytes);
    bincode::encode_into_writer(&value, &mut same, configuration())
        .map_err(|_| EventError::Broken(what))?;
    if same.0.is_empty() { Ok(value) } else { Err(EventError::Broken(what)) }
}

/// Takes exactly these bytes and no others, without a copy.
struct Same<'a>(&'a [u8]);

impl Writer for Same<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.0 = self.0.strip_prefix(bytes).ok_or(EncodeError::Other("another form"))?;
        Ok(())
    }
}

/// The opened parts of one record, taken in order.
pub(crate) struct Parts {
    rest: std::vec::IntoIter<OpenPart>,
}

impl Parts {
    pub(crate) fn new(parts: Vec<OpenPart>) -> Self {
        Self { rest: parts.into_iter() }
    }

    /// Bytes of part 0, public or facts.
    pub(crate) fn first(&mut self) -> Result<Plaintext, EventError> {
        match self.rest.next().ok_or(EventError::PartCount)?.content {
            Content::Open { bytes, .. } => Ok(bytes),
            Content::Gone => Err(EventError::FactsGone),
        }
    }

    pub(crate) fn facts<T: Decode<()> + Encode>(&mut self) -> Result<T, EventError> {
        decode(self.first()?.as_slice(), "facts")
    }

    pub(crate) fn person<T: Decode<()> + Encode>(&mut self) -> Result<About<T>, EventError> {
        self.person_if_any()?.ok_or(EventError::PartCount)
    }

    pub(crate) fn person_if_any<T: Decode<()> + Encode>(
        &mut self,
    ) -> Result<Option<About<T>>, EventError> {
        let Some(OpenPart { header, content }) = self.rest.next() else { return Ok(None) };
        let Content::Open { subject, bytes } = content else {
            return Ok(Some(About::Gone { leaf: header.leaf, scope: header.scope }));
        };
        Ok(Some(About::Known {
            subject: subject.ok_or(EventError::SubjectMissing)?,
            leaf: Some(header.leaf),
            scope: header.scope,
            value: decode(bytes.as_slice(), "person part")?,
        }))
    }

    pub(crate) fn end(mut self) -> Result<(), EventError> {
        if self.rest.next().is_none() { Ok(()) } else { Err(EventError::PartCount) }
    }
}

pub(crate) fn facts_part<T: Encode>(facts: &T) -> DraftPart {
    DraftPart { to: record::Addressee::Facts, bytes: encode(facts) }
}
