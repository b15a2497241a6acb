//! The categories of personal data, as they are numbered in the key tree.
//!
//! *Invariant:* a number is never given to another category, also not after its events are gone.

use record::Category;

use crate::catalogue::Whose;

/// Name and address of a person.
pub const IDENTITY: Category = Category(1);
/// What a respondent answered, under a pseudonym.
pub const ANSWERS: Category = Category(2);
/// Which pseudonym is which person.
pub const LINK: Category = Category(3);
/// What the identities of an import are derived from.
pub const IMPORT_SECRET: Category = Category(4);
/// Which schools and teams a person belongs to, and as what.
pub const AFFILIATION: Category = Category(5);
/// Who acts for a child.
pub const REPRESENTATION: Category = Category(6);
/// What a person signs in with, by name.
pub const LOGIN: Category = Category(7);
/// What a sign-in is checked against.
pub const CREDENTIAL: Category = Category(8);
/// Who acted in a year of the trail; under a subject that is nobody.
pub const TRAIL_ACTOR: Category = Category(9);
/// That a person's data was looked at.
pub const TRAIL_LOOKED: Category = Category(10);
/// What was seen in a teacher's lessons, and what the teacher and the observer said of it.
pub const OBSERVATION: Category = Category(40);
/// That a person observed.
pub const OBSERVER: Category = Category(41);

/// What somebody told freely of an incident; under a subject that is nobody.
pub const INCIDENT_STORY: Category = Category(30);
/// That a person is concerned by an incident.
pub const CONCERNED: Category = Category(31);
/// How a contact person of an agreement is reached.
pub const CONTACT: Category = Category(20);
/// That a person was invited to a round.
pub const INVITATION: Category = Category(70);
/// That an invited person answered.
pub const ANSWERED: Category = Category(71);
/// What a person asked of the school under the law.
pub const REQUEST: Category = Category(60);

/// A member of staff, as the last run of a coupling delivered it.
pub const STAFF_CONTACT: Category = Category(50);
/// What a delivered person is known again by, and that the person is missing.
pub const STAFF_MATCH: Category = Category(51);

/// Whose data a category is.
pub(crate) const fn whose(category: Category) -> Whose {
    match category {
        ANSWERS => Whose::Respondent,
        _ => Whose::Person,
    }
}
