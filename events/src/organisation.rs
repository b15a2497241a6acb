//! The organisation that a tenant is: its schools and teams.
//!
//! *Invariant:* facts alone; who belongs to a school or a team is told by `people`.

use crate::declare::capability;

/// Longest name of a school or a team, in bytes.
pub const ORGANISATION_NAME_BYTES_MAX: usize = 200;
/// Most schools of one tenant.
pub const SCHOOLS_MAX: usize = 1_000;
/// Most teams of one tenant.
pub const TEAMS_MAX: usize = 20_000;

record::random_id!(
    /// One school of the tenant.
    #[derive(bincode::Encode, bincode::Decode)]
    SchoolId
);
record::random_id!(
    /// One team of a school.
    #[derive(bincode::Encode, bincode::Decode)]
    TeamId
);

capability! {
    /// Events of the organisation.
    OrganisationEvent in "organisation" {
        /// The board was described: the controller of the tenant.
        BoardDescribed "organisation.described" 1 {
            facts {
                /// Its name; at most [`ORGANISATION_NAME_BYTES_MAX`].
                name: String => "naming the controller (GDPR art. 30(1)(a))",
                /// Its number in the trade register, 8 digits.
                kvk: String => "naming the controller (GDPR art. 30(1)(a))",
                /// Where it can be reached; at most [`ORGANISATION_NAME_BYTES_MAX`].
                contact: String => "reaching the controller (GDPR art. 30(1)(a))",
                /// Where its data protection officer can be reached.
                fg_contact: String => "reaching the data protection officer (GDPR art. 30(1)(a))",
            }
        }
        /// A school was added.
        SchoolAdded "organisation.school-added" 1 {
            facts {
                /// Its id.
                school: SchoolId => "naming the school",
                /// Its name; at most [`ORGANISATION_NAME_BYTES_MAX`].
                name: String => "showing the school",
                /// Its BRIN, with or without the number of a location.
                brin: String => "naming the school to outside systems",
            }
        }
        /// A school was removed: nobody joins it any more.
        SchoolRemoved "organisation.school-removed" 1 {
            facts {
                /// Which school.
                school: SchoolId => "which school left",
            }
        }
        /// A team was formed.
        TeamFormed "organisation.team-formed" 1 {
            facts {
                /// Its id.
                team: TeamId => "naming the team",
                /// The school it belongs to.
                school: SchoolId => "whose team it is",
                /// Its name; at most [`ORGANISATION_NAME_BYTES_MAX`].
                name: String => "showing the team",
            }
        }
        /// A team was dissolved.
        TeamDissolved "organisation.team-dissolved" 1 {
            facts {
                /// Which team.
                team: TeamId => "which team is no more",
            }
        }
    }
}
