//! Imports: many rows under one name, that count only when all are there.

use std::fmt;

use crate::codec::{IdBytes, Parts, encoded, facts_part};
use crate::survey::RoundId;
use crate::{About, EventError, category};

/// Longest name of an import, in bytes.
pub const IMPORT_NAME_BYTES_MAX: usize = 200;
/// Most rows of one import.
pub const IMPORT_ROWS_MAX: u32 = 1_000_000;

record::random_id!(
    /// One import: a name bound to a random id when it starts.
    #[derive(bincode::Encode, bincode::Decode)]
    ImportId
);

encoded! {
    /// What the command ids, the order and the subjects of an import's identities derive from.
    pub struct ImportSecret {
        /// Drawn at random when the import starts.
        seed: [u8; 32],
    }
}

impl fmt::Debug for ImportSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ImportSecret(..)")
    }
}

/// An import began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportStarted {
    /// Its id; the rows' command ids derive from it and the row number.
    pub import: ImportId,
    /// Its name, by which it is found again; at most [`IMPORT_NAME_BYTES_MAX`].
    pub name: String,
    /// The round that its responses belong to.
    pub round: RoundId,
    /// How many responses it holds.
    pub rows: u32,
    /// The secret of its identities, if it has any: alone under a random subject and kept for the
    /// identity scope, so that the end of that scope ends the derivation too.
    pub identities: Option<About<ImportSecret>>,
}

/// All rows of an import are recorded; from here on they count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportCompleted {
    /// Which import.
    pub import: ImportId,
}

/// An import is given up; its rows never count and its leaves are to be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportAbandoned {
    /// Which import.
    pub import: ImportId,
}

/// Events of imports.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the type of the same name")]
pub enum ImportEvent {
    ImportStarted(ImportStarted),
    ImportCompleted(ImportCompleted),
    ImportAbandoned(ImportAbandoned),
}

encoded! {
    struct ImportStartedFacts {
        import: IdBytes,
        name: String,
        round: IdBytes,
        rows: u32,
    }
}

encoded! {
    struct ImportEndedFacts {
        import: IdBytes,
    }
}

impl ImportEvent {
    pub(crate) const fn name(&self) -> (&'static str, u16) {
        match self {
            Self::ImportStarted(_) => ("import.started", 1),
            Self::ImportCompleted(_) => ("import.completed", 1),
            Self::ImportAbandoned(_) => ("import.abandoned", 1),
        }
    }

    pub(crate) fn parts(&self) -> Vec<record::DraftPart> {
        match self {
            Self::ImportStarted(event) => started_parts(event),
            Self::ImportCompleted(ImportCompleted { import })
            | Self::ImportAbandoned(ImportAbandoned { import }) => {
                vec![facts_part(&ImportEndedFacts { import: *import.as_bytes() })]
            }
        }
    }

    pub(crate) fn decode(name: &str, version: u16, parts: &mut Parts) -> Result<Self, EventError> {
        match (name, version) {
            ("import.started", 1) => decode_started(parts).map(Self::ImportStarted),
            ("import.completed", 1) => {
                Ok(Self::ImportCompleted(ImportCompleted { import: decode_ended(parts)? }))
            }
            ("import.abandoned", 1) => {
                Ok(Self::ImportAbandoned(ImportAbandoned { import: decode_ended(parts)? }))
            }
            _ => Err(EventError::Unknown),
        }
    }
}

fn started_parts(event: &ImportStarted) -> Vec<record::DraftPart> {
    let facts = ImportStartedFacts {
        import: *event.import.as_bytes(),
        name: event.name.clone(),
        round: *event.round.as_bytes(),
        rows: event.rows,
    };
    let secret = event.identities.iter().map(|secret| secret.part(category::IMPORT_SECRET, true));
    std::iter::once(facts_part(&facts)).chain(secret).collect()
}

fn decode_started(parts: &mut Parts) -> Result<ImportStarted, EventError> {
    let facts: ImportStartedFacts = parts.facts()?;
    Ok(ImportStarted {
        import: ImportId::from_bytes(facts.import),
        name: facts.name,
        round: RoundId::from_bytes(facts.round),
        rows: facts.rows,
        identities: parts.person_if_any()?,
    })
}

fn decode_ended(parts: &mut Parts) -> Result<ImportId, EventError> {
    let ImportEndedFacts { import } = parts.facts()?;
    Ok(ImportId::from_bytes(import))
}
