//! Schools and teams of a tenant.

use std::collections::BTreeMap;

use bincode::{Decode, Encode};
use events::organisation::{
    BoardDescribed, ORGANISATION_NAME_BYTES_MAX, SCHOOLS_MAX, SchoolAdded, SchoolId, TEAMS_MAX,
    TeamFormed, TeamId,
};
use events::{Event, OrganisationEvent};

use crate::numbers::{Brin, Kvk};
use crate::refusal::{Refusal, Rule};
use crate::state::{State, check_text};

pub(crate) static UNKNOWN_SCHOOL: Rule =
    Rule::unknown("the school is unknown", "de school is onbekend");
pub(crate) static UNKNOWN_TEAM: Rule = Rule::unknown("the team is unknown", "het team is onbekend");
static TOO_MANY: Rule = Rule::conflict(
    "a tenant has at most 1,000 schools and 20,000 teams",
    "een omgeving telt ten hoogste 1.000 scholen en 20.000 teams",
);
static BRIN_TAKEN: Rule =
    Rule::conflict("a school with this BRIN is there", "er is al een school met deze BRIN");

/// The schools that take people, and the teams with their school.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Organisation {
    schools: BTreeMap<SchoolId, String>,
    teams: BTreeMap<TeamId, SchoolId>,
}

impl Organisation {
    pub(crate) fn check_school(&self, school: SchoolId) -> Result<(), Refusal> {
        UNKNOWN_SCHOOL.unless(self.schools.contains_key(&school))
    }

    pub(crate) fn check_team(&self, team: TeamId) -> Result<(), Refusal> {
        UNKNOWN_TEAM.unless(self.teams.contains_key(&team))
    }

    pub(crate) fn decide(&self, event: &OrganisationEvent) -> Result<Vec<Event>, Refusal> {
        match event {
            OrganisationEvent::BoardDescribed(event) => describe(event)?,
            OrganisationEvent::SchoolAdded(event) => self.add(event)?,
            OrganisationEvent::SchoolRemoved(event) => self.check_school(event.school)?,
            OrganisationEvent::TeamFormed(event) => self.form(event)?,
            OrganisationEvent::TeamDissolved(event) => self.check_team(event.team)?,
        }
        Ok(vec![Event::Organisation(event.clone())])
    }

    fn add(&self, event: &SchoolAdded) -> Result<(), Refusal> {
        check_text(&event.name, ORGANISATION_NAME_BYTES_MAX, "name")?;
        Brin::parse(&event.brin)?;
        if self.schools.contains_key(&event.school) {
            return Err(Refusal::IdInUse);
        }
        BRIN_TAKEN.unless(self.schools.values().all(|brin| *brin != event.brin))?;
        TOO_MANY.unless(self.schools.len() < SCHOOLS_MAX)
    }

    fn form(&self, event: &TeamFormed) -> Result<(), Refusal> {
        check_text(&event.name, ORGANISATION_NAME_BYTES_MAX, "name")?;
        self.check_school(event.school)?;
        if self.teams.contains_key(&event.team) {
            return Err(Refusal::IdInUse);
        }
        TOO_MANY.unless(self.teams.len() < TEAMS_MAX)
    }

    pub(crate) fn evolve(&mut self, event: &OrganisationEvent) {
        match event {
            OrganisationEvent::BoardDescribed(_) => {}
            OrganisationEvent::SchoolAdded(event) => {
                self.schools.insert(event.school, event.brin.clone());
            }
            OrganisationEvent::SchoolRemoved(event) => {
                self.schools.remove(&event.school);
                self.teams.retain(|_, school| *school != event.school);
            }
            OrganisationEvent::TeamFormed(event) => {
                self.teams.insert(event.team, event.school);
            }
            OrganisationEvent::TeamDissolved(event) => {
                self.teams.remove(&event.team);
            }
        }
    }
}

fn describe(event: &BoardDescribed) -> Result<(), Refusal> {
    Kvk::parse(&event.kvk)?;
    check_text(&event.name, ORGANISATION_NAME_BYTES_MAX, "name")?;
    check_text(&event.contact, ORGANISATION_NAME_BYTES_MAX, "contact")?;
    check_text(&event.fg_contact, ORGANISATION_NAME_BYTES_MAX, "fg_contact")
}

impl State {
    /// The school that a team belongs to.
    #[must_use]
    pub fn school_of_team(&self, team: TeamId) -> Option<SchoolId> {
        self.organisation.teams.get(&team).copied()
    }
}
