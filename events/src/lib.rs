//! Everything that can happen in Zegel, one file per capability (docs/format/events.md).
//!
//! *Invariant:* an event decodes to what was encoded, in every version ever written; what it tells
//! about a person stands in a part of that person and nowhere else.

mod codec;
mod declare;

mod about;
mod keep;
mod place;
mod shown;

pub mod category;

pub mod access;
pub mod agreement;
pub mod annex;
pub mod breach;
pub mod discover;
pub mod erasure;
pub mod gate;
pub mod import;
pub mod observe;
pub mod organisation;
pub mod people;
pub mod request;
pub mod retention;
pub mod survey;
pub mod sync;
pub mod tenancy;

pub mod catalogue;

#[cfg(any(test, feature = "samples"))]
pub mod samples;
#[cfg(test)]
mod tests;

use record::public::PublicPart;
use record::{
    Addressee, CommandId, DecodeError, Draft, DraftPart, EventKind, LeafId, PartHeader, PartKind,
    Plaintext, ScopeId, SubjectId,
};
use thiserror::Error;

pub use about::{About, PartKeys};
pub use access::AccessEvent;
pub use agreement::AgreementEvent;
pub use annex::AnnexEvent;
pub use breach::BreachEvent;
pub use catalogue::catalogue;
pub use codec::{PART_BYTES_MAX, canonical_bytes};
pub use declare::Again;
pub use discover::{AnalysisPublished, DiscoverEvent, Publication};
pub use erasure::ErasureEvent;
pub use gate::GateEvent;
pub use import::{
    ImportAbandoned, ImportCompleted, ImportEvent, ImportId, ImportSecret, ImportStarted,
};
pub use keep::{Kept, KeptMap};
pub use observe::ObserveEvent;
pub use organisation::OrganisationEvent;
pub use people::{Identity, PeopleEvent, PersonRegistered};
pub use place::{Forgotten, Place};
pub use request::RequestEvent;
pub use retention::RetentionEvent;
pub use shown::ToldPart;
pub use survey::{
    Answer, Audience, Link, Question, QuestionKind, RespondentLinked, Response, ResponseSubmitted,
    RoundClosed, RoundId, RoundOpened, SurveyDefined, SurveyEvent, SurveyId,
};
pub use sync::SyncEvent;
pub use tenancy::TenancyEvent;

declare::capabilities! {
    Organisation(OrganisationEvent),
    People(PeopleEvent),
    Access(AccessEvent),
    Agreement(AgreementEvent),
    Annex(AnnexEvent),
    Gate(GateEvent),
    Survey(SurveyEvent),
    Discover(DiscoverEvent),
    Import(ImportEvent),
    Observe(ObserveEvent),
    Breach(BreachEvent),
    Request(RequestEvent),
    Retention(RetentionEvent),
    Sync(SyncEvent),
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
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name_and_version().0
    }

    /// Name and current version.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        let (name, version) = self.name_and_version();
        EventKind::new(name, version)
            .unwrap_or_else(|_| unreachable!("every name of the catalogue is allowed"))
    }

    /// The event, encoded in clear: what the vault seals.
    ///
    /// # Panics
    /// If one of its parts is erased: sealing it again is a bug of ours.
    #[must_use]
    pub fn draft(&self, command: CommandId) -> Draft {
        Draft { kind: self.kind(), command, new_scopes: self.new_scopes(), parts: self.parts() }
    }

    /// Reads an event back from its opened parts; older versions come out as the current one.
    ///
    /// # Errors
    /// [`EventError`]; facts that are gone are one too: only the end of a tenant erases them.
    pub fn decode(kind: &EventKind, parts: Vec<OpenPart>) -> Result<Self, EventError> {
        check_kinds(kind, &parts)?;
        let mut parts = codec::Parts::new(parts);
        let event = decode_parts(kind, &mut parts)?;
        parts.end()?;
        Ok(event)
    }

    /// Fills in the leaves that sealing chose, so that a live event equals one that was reopened.
    pub fn settle(&mut self, headers: &[PartHeader]) {
        self.settle_on(&mut headers.iter().skip(1).map(|part| part.leaf));
    }
}

fn public(part: &PublicPart) -> DraftPart {
    DraftPart { to: Addressee::Public, bytes: Plaintext::new(part.encode()) }
}

impl From<PublicPart> for Event {
    fn from(part: PublicPart) -> Self {
        match part {
            PublicPart::InstallationStarted(part) => {
                Self::Tenancy(TenancyEvent::InstallationStarted(part))
            }
            PublicPart::TenantRegistered(part) => {
                Self::Tenancy(TenancyEvent::TenantRegistered(part))
            }
            PublicPart::TenantWitnessed(part) => Self::Tenancy(TenancyEvent::TenantWitnessed(part)),
            PublicPart::TenantClosing(part) => Self::Tenancy(TenancyEvent::TenantClosing(part)),
            PublicPart::TenantStarted(part) => Self::Tenancy(TenancyEvent::TenantStarted(part)),
            PublicPart::RestoreDeclared(part) => Self::Tenancy(TenancyEvent::RestoreDeclared(part)),
            PublicPart::ErasureOrdered(part) => Self::Erasure(ErasureEvent::ErasureOrdered(part)),
            PublicPart::ErasureApproved(part) => Self::Erasure(ErasureEvent::ErasureApproved(part)),
            PublicPart::ErasureFenced(part) => Self::Erasure(ErasureEvent::ErasureFenced(part)),
            PublicPart::KeysDestroyed(part) => Self::Erasure(ErasureEvent::KeysDestroyed(part)),
            PublicPart::ErasureCompleted(part) => {
                Self::Erasure(ErasureEvent::ErasureCompleted(part))
            }
            PublicPart::PartsPurged(part) => Self::Erasure(ErasureEvent::PartsPurged(part)),
        }
    }
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
    if !PublicPart::is_public_name(kind.name()) {
        return decode_sealed(kind, parts);
    }
    let bytes = parts.first()?;
    let part = PublicPart::decode(kind, bytes.as_slice()).map_err(EventError::Public)?;
    part.map(Event::from).ok_or(EventError::Unknown)
}
