//! People that a tenant knows by name.

use bincode::{Decode, Encode};
use record::SubjectId;

use crate::declare::{capability, told};
use crate::organisation::{SchoolId, TeamId};
use crate::{About, ImportId};

/// Longest name of a person, in bytes.
pub const NAME_BYTES_MAX: usize = 200;
/// Longest e-mail address, in bytes (RFC 5321 §4.5.3.1.3 allows a path of 256 with brackets).
pub const EMAIL_BYTES_MAX: usize = 254;

/// Most schools that one person belongs to at a time.
pub const AFFILIATIONS_MAX: usize = 50;

/// What a person is to a school.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum Position {
    /// Works there.
    Staff,
    /// Learns there.
    Pupil,
    /// Has parental authority over a pupil, or cares for one.
    Parent,
    /// Answers questions for it and is nothing else to it.
    Respondent,
}

told! {
    /// Who a person is.
    pub struct Identity {
        /// As the person is called; at most [`NAME_BYTES_MAX`].
        name: String => "addressing the person and showing whose data it is",
        /// At most [`EMAIL_BYTES_MAX`].
        email: Option<String> => "inviting and answering the person",
    }
}

told! {
    /// What a person is to which school.
    pub struct Affiliation {
        /// The school.
        school: SchoolId => "whose person it is",
        /// As what.
        position: Position => "what the person may be asked and may see",
    }
}

told! {
    /// That a person belongs to a team, or no more.
    pub struct Membership {
        /// The team.
        team: TeamId => "whose team leader may see what",
    }
}

told! {
    /// Who acts for a child.
    pub struct Representation {
        /// The parent or guardian, known by name.
        representative: SubjectId => "who acts for a child under 16 (UAVG art. 5)",
        /// Whether with parental authority.
        authority: bool => "whether this person may act for the child",
    }
}

capability! {
    /// Events about people.
    PeopleEvent in "people" {
        /// A person was registered.
        PersonRegistered "people.person-registered" 1 {
            facts {
                /// The import it came from, if any.
                import: Option<ImportId> => "telling rows of an unfinished import apart",
            }
            about {
                /// Who it is.
                person: About<Identity> => [IDENTITY] until Scope,
            }
        }
        /// A person became something to a school.
        PersonJoined "people.person-joined" 1 {
            about {
                /// What to which school.
                person: About<Affiliation> => [AFFILIATION] until Scope,
            }
        }
        /// A person is no longer that to the school.
        PersonLeft "people.person-left" 1 {
            about {
                /// What to which school.
                person: About<Affiliation> => [AFFILIATION] until Scope,
            }
        }
        /// A person joined a team.
        TeamJoined "people.team-joined" 1 {
            about {
                /// Which team.
                person: About<Membership> => [AFFILIATION] until Scope,
            }
        }
        /// A person left a team.
        TeamLeft "people.team-left" 1 {
            about {
                /// Which team.
                person: About<Membership> => [AFFILIATION] until Scope,
            }
        }
        /// Who acts for a child was recorded; the subject is the child.
        RepresentationRecorded "people.representation" 1 {
            about {
                /// Who acts for the child.
                child: About<Representation> => [REPRESENTATION] until Scope,
            }
        }
        /// Nobody acts for the child in this way any more.
        RepresentationEnded "people.representation-ended" 1 {
            about {
                /// Who acted for the child.
                child: About<Representation> => [REPRESENTATION] until Scope,
            }
        }
    }
}
