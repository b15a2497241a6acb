//! The categories of personal data, as they are numbered in the key tree.
//!
//! *Invariant:* a number is never given to another category, also not after its events are gone.

use record::Category;

/// Name and address of a person.
pub const IDENTITY: Category = Category(1);
/// What a respondent answered, under a pseudonym.
pub const ANSWERS: Category = Category(2);
/// Which pseudonym is which person.
pub const LINK: Category = Category(3);
/// What the identities of an import are derived from.
pub const IMPORT_SECRET: Category = Category(4);
