//! The catalogue: of every field of every event version, whose it is, what for and how long.
//!
//! *Invariant:* each encoded field has exactly one entry; a test fails otherwise.

use record::Category;

/// Whose a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whose {
    /// The organisation's: nobody in particular.
    Organisation,
    /// The operator's.
    Operator,
    /// Whoever acts, as a random reference.
    Actor,
    /// A person known by name.
    Person,
    /// A respondent, under a pseudonym.
    Respondent,
}

/// How long a field can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Retention {
    /// As long as the record: it stands in clear, as proof.
    Record,
    /// Until the tenant ends.
    Tenant,
    /// Until the person or the scope it was registered under is cut.
    Scope,
    /// Until the round's answers scope ends, or the respondent is cut.
    AnswersScope,
    /// Until the round's identity scope ends, or the person is cut.
    IdentityScope,
}

/// What the catalogue says of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Name of the event.
    pub event: &'static str,
    /// Version of its encoding.
    pub version: u16,
    /// The field; `part.field` in a part about a person.
    pub field: &'static str,
    /// Category of personal data; `None` outside the parts about people.
    pub category: Option<Category>,
    /// Whose it is.
    pub whose: Whose,
    /// Whether it is personal data.
    pub personal: bool,
    /// What it is kept for.
    pub purpose: &'static str,
    /// How long it can be read.
    pub retention: Retention,
}

/// The whole catalogue, by event.
pub static CATALOGUE: &[Entry] = &[];
