//! Everything that can happen in Zegel, one file per capability (docs/format/events.md).
//!
//! *Invariant:* an event decodes to what was encoded, in every version ever written; what it tells
//! about a person stands in a part of that person and nowhere else.

mod codec;
mod ids;

mod about;
mod place;

pub mod category;

pub mod discover;
pub mod erasure;
pub mod import;
pub mod people;
mod published;
pub mod survey;
pub mod tenancy;

pub mod catalogue;

#[cfg(test)]
mod tests;

use record::public::PublicPart;
use record::{
    Addressee, CommandId, DecodeError, Draft, DraftPart, EventKind, Header, PartHeader, PartKind,
    Plaintext, SubjectId,
};
use thiserror::Error;

pub use about::{About, PartKeys};
pub use catalogue::CATALOGUE;
pub use codec::PART_BYTES_MAX;
pub use discover::Publication;
pub use erasure::Erasure;
pub use import::{Import, ImportAbandoned, ImportCompleted, ImportId, ImportSecret, ImportStarted};
pub use people::{Identity, People, PersonRegistered};
pub use place::{Forgotten, Place};
pub use published::{AnalysisPublished, Discover};
pub use survey::{
    Answer, Link, Question, QuestionKind, RespondentLinked, Response, ResponseSubmitted,
    RoundClosed, RoundId, RoundOpened, Survey, SurveyDefined, SurveyId,
};
pub use tenancy::Tenancy;

/// Something that happened: one variant per capability.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the capability of the same name")]
pub enum Event {
    Tenancy(Tenancy),
    People(People),
    Survey(Survey),
    Discover(Discover),
    Import(Import),
    Erasure(Erasure),
}

/// Why opened parts are not an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EventError {
    /// No event of this name and version.
    #[error("the event or its version is unknown")]
    Unknown,
    /// Too few or too many parts, or a part of the wrong kind.
    #[error("the event does not have the parts of its version")]
    PartCount,
    /// The facts were erased: the tenant ended.
    #[error("the event's facts are erased")]
    FactsGone,
    /// Bytes that do not follow the format.
    #[error("the {0} do not follow the format")]
    Broken(&'static str),
    /// A person part that opened without saying whose it is.
    #[error("a part about a person names no subject")]
    SubjectMissing,
    /// A public part that does not follow the format.
    #[error("a public part does not follow the format")]
    Public(#[source] DecodeError),
}

/// What opening a part gave.
#[derive(Debug)]
pub enum Content {
    /// It opened, or is public.
    Open {
        /// Whose it is; `None` for public parts and facts.
        subject: Option<SubjectId>,
        /// Its bytes, without padding.
        bytes: Plaintext,
    },
    /// Its keys were destroyed.
    Gone,
}

/// One part of a record, opened as far as it can be.
#[derive(Debug)]
pub struct OpenPart {
    /// What the header says of it.
    pub header: PartHeader,
    /// What came out.
    pub content: Content,
}

impl Event {
    /// Name and current version.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        let (name, version) = self.name();
        EventKind::new(name, version)
            .unwrap_or_else(|_| unreachable!("every name of the catalogue is allowed"))
    }

    /// The event, encoded in clear: what the vault seals.
    ///
    /// An event with an erased part is never sealed again; asking for it is a bug of the caller.
    #[must_use]
    pub fn draft(&self, command: CommandId) -> Draft {
        let new_scopes = match self {
            Self::Survey(event) => event.new_scopes(),
            _ => Vec::new(),
        };
        Draft { kind: self.kind(), command, new_scopes, parts: self.parts() }
    }

    /// Fills in the leaves that sealing chose, so that a live event equals one that was reopened.
    pub fn bind(&mut self, header: &Header) {
        let mut leaves = header.parts.iter().skip(1).map(|part| part.leaf);
        let Some(leaf) = leaves.next() else { return };
        match self {
            Self::People(People::PersonRegistered(event)) => event.person.bind(leaf),
            Self::Survey(Survey::ResponseSubmitted(event)) => event.response.bind(leaf),
            Self::Survey(Survey::RespondentLinked(event)) => event.link.bind(leaf),
            Self::Import(Import::Started(event)) => {
                event.identities.iter_mut().for_each(|secret| secret.bind(leaf));
            }
            _ => {}
        }
    }

    fn name(&self) -> (&'static str, u16) {
        match self {
            Self::Tenancy(event) => (event.public_part().event_name(), 1),
            Self::People(event) => event.name(),
            Self::Survey(event) => event.name(),
            Self::Discover(event) => event.name(),
            Self::Import(event) => event.name(),
            Self::Erasure(event) => (event.public_part().event_name(), 1),
        }
    }

    fn parts(&self) -> Vec<DraftPart> {
        match self {
            Self::Tenancy(event) => vec![public(&event.public_part())],
            Self::People(event) => event.parts(),
            Self::Survey(event) => event.parts(),
            Self::Discover(event) => event.parts(),
            Self::Import(event) => event.parts(),
            Self::Erasure(event) => vec![public(&event.public_part())],
        }
    }
}

fn public(part: &PublicPart) -> DraftPart {
    DraftPart { to: Addressee::Public, bytes: Plaintext::new(part.encode()) }
}

impl From<PublicPart> for Event {
    fn from(part: PublicPart) -> Self {
        match part {
            PublicPart::InstallationStarted(part) => {
                Self::Tenancy(Tenancy::InstallationStarted(part))
            }
            PublicPart::TenantRegistered(part) => Self::Tenancy(Tenancy::TenantRegistered(part)),
            PublicPart::TenantWitnessed(part) => Self::Tenancy(Tenancy::TenantWitnessed(part)),
            PublicPart::TenantClosing(part) => Self::Tenancy(Tenancy::TenantClosing(part)),
            PublicPart::TenantStarted(part) => Self::Tenancy(Tenancy::TenantStarted(part)),
            PublicPart::ErasureOrdered(part) => Self::Erasure(Erasure::Ordered(part)),
            PublicPart::ErasureApproved(part) => Self::Erasure(Erasure::Approved(part)),
            PublicPart::ErasureFenced(part) => Self::Erasure(Erasure::Fenced(part)),
            PublicPart::KeysDestroyed(part) => Self::Erasure(Erasure::KeysDestroyed(part)),
            PublicPart::ErasureCompleted(part) => Self::Erasure(Erasure::Completed(part)),
            PublicPart::PartsPurged(part) => Self::Erasure(Erasure::Purged(part)),
        }
    }
}

/// Reads an event back from its opened parts; older versions come out as the current one.
///
/// # Errors
/// [`EventError`]; facts that are gone are one too, since only the end of a tenant erases them.
pub fn decode(kind: &EventKind, parts: Vec<OpenPart>) -> Result<Event, EventError> {
    check_kinds(kind, &parts)?;
    let mut parts = codec::Parts::new(parts);
    let event = decode_parts(kind, &mut parts)?;
    parts.end()?;
    Ok(event)
}

/// Part 0 is public exactly for public events; all other parts are sealed.
fn check_kinds(kind: &EventKind, parts: &[OpenPart]) -> Result<(), EventError> {
    let first = match PublicPart::is_public_name(kind.name()) {
        true => PartKind::Public,
        false => PartKind::Sealed,
    };
    let expected = std::iter::once(first).chain(std::iter::repeat(PartKind::Sealed));
    let fits = parts.iter().zip(expected).all(|(part, expected)| part.header.kind == expected);
    if fits { Ok(()) } else { Err(EventError::PartCount) }
}

fn decode_parts(kind: &EventKind, parts: &mut codec::Parts) -> Result<Event, EventError> {
    let (name, version) = (kind.name(), kind.version());
    if PublicPart::is_public_name(name) {
        let bytes = parts.first()?;
        let part = PublicPart::decode(kind, bytes.as_slice()).map_err(EventError::Public)?;
        return part.map(Event::from).ok_or(EventError::Unknown);
    }
    match name.split_once('.').map(|(capability, _)| capability) {
        Some("people") => People::decode(name, version, parts).map(Event::People),
        Some("survey") => Survey::decode(name, version, parts).map(Event::Survey),
        Some("discover") => Discover::decode(name, version, parts).map(Event::Discover),
        Some("import") => Import::decode(name, version, parts).map(Event::Import),
        _ => Err(EventError::Unknown),
    }
}
