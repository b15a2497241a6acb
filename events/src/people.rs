//! People that a tenant knows by name.

use std::fmt;

use crate::codec::{IdBytes, Parts, encoded, facts_part};
use crate::{About, EventError, ImportId, category};

/// Longest name of a person, in bytes.
pub const NAME_BYTES_MAX: usize = 200;
/// Longest e-mail address, in bytes (RFC 5321 §4.5.3.1.3 allows a path of 256 with brackets).
pub const EMAIL_BYTES_MAX: usize = 254;

encoded! {
    /// Who a person is.
    pub struct Identity {
        /// As the person is called; at most [`NAME_BYTES_MAX`].
        name: String,
        /// At most [`EMAIL_BYTES_MAX`].
        email: Option<String>,
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(..)")
    }
}

/// A person was registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRegistered {
    /// The import it came from, if any.
    pub import: Option<ImportId>,
    /// Who it is.
    pub person: About<Identity>,
}

/// Events about people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the type of the same name")]
pub enum PeopleEvent {
    PersonRegistered(PersonRegistered),
}

encoded! {
    struct PersonRegisteredFacts {
        import: Option<IdBytes>,
    }
}

impl PeopleEvent {
    pub(crate) const fn name(&self) -> (&'static str, u16) {
        match self {
            Self::PersonRegistered(_) => ("people.person-registered", 1),
        }
    }

    pub(crate) fn parts(&self) -> Vec<record::DraftPart> {
        match self {
            Self::PersonRegistered(event) => {
                let import = event.import.map(|import| *import.as_bytes());
                vec![
                    facts_part(&PersonRegisteredFacts { import }),
                    event.person.part(category::IDENTITY, false),
                ]
            }
        }
    }

    pub(crate) fn decode(name: &str, version: u16, parts: &mut Parts) -> Result<Self, EventError> {
        match (name, version) {
            ("people.person-registered", 1) => {
                let PersonRegisteredFacts { import } = parts.facts()?;
                let import = import.map(ImportId::from_bytes);
                Ok(Self::PersonRegistered(PersonRegistered { import, person: parts.person()? }))
            }
            _ => Err(EventError::Unknown),
        }
    }
}
