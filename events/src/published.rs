//! The event that publishes an analysis: all of it facts, nothing about a person.

use record::DraftPart;

use crate::EventError;
use crate::codec::{Parts, facts_part};
use crate::discover::Publication;

/// The numbers of a round were published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnalysisPublished {
    /// The numbers, exactly as everybody may see them.
    pub publication: Publication,
}

/// Events of discovery.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the type of the same name")]
pub enum DiscoverEvent {
    AnalysisPublished(AnalysisPublished),
}

impl DiscoverEvent {
    pub(crate) const fn name(&self) -> (&'static str, u16) {
        match self {
            Self::AnalysisPublished(_) => ("discover.published", 1),
        }
    }

    pub(crate) fn parts(&self) -> Vec<DraftPart> {
        match self {
            Self::AnalysisPublished(event) => vec![facts_part(&event.publication)],
        }
    }

    pub(crate) fn decode(name: &str, version: u16, parts: &mut Parts) -> Result<Self, EventError> {
        match (name, version) {
            ("discover.published", 1) => {
                Ok(Self::AnalysisPublished(AnalysisPublished { publication: parts.facts()? }))
            }
            _ => Err(EventError::Unknown),
        }
    }
}
