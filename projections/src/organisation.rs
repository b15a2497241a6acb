//! The organisation: its board, schools and teams.
//!
//! *Invariant:* facts alone, so an erasure changes nothing.

use std::collections::BTreeMap;

use bincode::{Decode, Encode};
use events::organisation::{BoardDescribed, SchoolId, TeamId};
use events::{OrganisationEvent, Place};
use record::TimestampMicros;
use schemars::JsonSchema;
use serde::Serialize;

use crate::text::id;

/// The organisation of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Organisation {
    board: Option<Board>,
    schools: BTreeMap<SchoolId, School>,
    teams: BTreeMap<TeamId, Team>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Board {
    name: String,
    kvk: String,
    contact: String,
    fg_contact: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct School {
    name: String,
    brin: String,
    since: TimestampMicros,
    until: Option<TimestampMicros>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Team {
    name: String,
    school: SchoolId,
}

/// The board of the tenant: the controller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BoardRow {
    /// Its name.
    pub name: String,
    /// Its number in the trade register.
    pub kvk: String,
    /// Where it can be reached.
    pub contact: String,
    /// Where its data protection officer can be reached.
    pub fg_contact: String,
}

/// One school.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SchoolRow {
    /// The school.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub school: SchoolId,
    /// Its name.
    pub name: String,
    /// Its BRIN.
    pub brin: String,
    /// Microseconds since 1970.
    pub since: u64,
    /// Microseconds since 1970; when it was removed.
    pub until: Option<u64>,
    /// Its teams.
    pub teams: Vec<TeamRow>,
}

/// One team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TeamRow {
    /// The team.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub team: TeamId,
    /// Its name.
    pub name: String,
}

/// The board and its schools.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OrganisationChart {
    /// The board, once it is described.
    pub board: Option<BoardRow>,
    /// Its schools, by id.
    pub schools: Vec<SchoolRow>,
}

impl Organisation {
    /// The board and its schools.
    #[must_use]
    pub fn chart(&self) -> OrganisationChart {
        let board = self.board.as_ref().map(|board| BoardRow {
            name: board.name.clone(),
            kvk: board.kvk.clone(),
            contact: board.contact.clone(),
            fg_contact: board.fg_contact.clone(),
        });
        let schools = self.schools.iter().map(|(id, school)| self.row(*id, school));
        OrganisationChart { board, schools: schools.collect() }
    }

    /// The name of a school.
    #[must_use]
    pub fn school_name(&self, school: SchoolId) -> Option<&str> {
        self.schools.get(&school).map(|school| school.name.as_str())
    }

    fn row(&self, id: SchoolId, school: &School) -> SchoolRow {
        let teams = self.teams.iter().filter(|(_, team)| team.school == id);
        let teams =
            teams.map(|(team, content)| TeamRow { team: *team, name: content.name.clone() });
        SchoolRow {
            school: id,
            name: school.name.clone(),
            brin: school.brin.clone(),
            since: school.since.0,
            until: school.until.map(|at| at.0),
            teams: teams.collect(),
        }
    }

    pub(crate) fn apply(&mut self, place: &Place, event: &OrganisationEvent) {
        match event {
            OrganisationEvent::BoardDescribed(event) => self.board = Some(board(event)),
            OrganisationEvent::SchoolAdded(event) => {
                let (name, brin) = (event.name.clone(), event.brin.clone());
                let school = School { name, brin, since: place.recorded_at, until: None };
                self.schools.insert(event.school, school);
            }
            OrganisationEvent::SchoolRemoved(event) => {
                if let Some(school) = self.schools.get_mut(&event.school) {
                    school.until = Some(place.recorded_at);
                }
            }
            OrganisationEvent::TeamFormed(event) => {
                let team = Team { name: event.name.clone(), school: event.school };
                self.teams.insert(event.team, team);
            }
            OrganisationEvent::TeamDissolved(event) => {
                self.teams.remove(&event.team);
            }
        }
    }
}

fn board(event: &BoardDescribed) -> Board {
    Board {
        name: event.name.clone(),
        kvk: event.kvk.clone(),
        contact: event.contact.clone(),
        fg_contact: event.fg_contact.clone(),
    }
}
