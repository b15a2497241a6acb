//! The board, its schools and teams, and the people.

use serde::Deserialize;

use crate::page::page;

page! {
    Organisation => OrganisationPage "organisation.html";
    People => PeoplePage "people.html";
    Person => PersonPage "person.html";
}

/// The board, its schools and their teams.
#[derive(Debug, Deserialize)]
pub struct Organisation {
    see_organisation: Chart,
}

#[derive(Debug, Deserialize)]
struct Chart {
    board: Option<Board>,
    schools: Vec<School>,
}

#[derive(Debug, Deserialize)]
struct Board {
    name: String,
    kvk: String,
    contact: String,
    fg_contact: String,
}

#[derive(Debug, Deserialize)]
struct School {
    school: String,
    name: String,
    brin: String,
    since: u64,
    until: Option<u64>,
    teams: Vec<Team>,
}

#[derive(Debug, Deserialize)]
struct Team {
    team: String,
    name: String,
}

/// A page of people.
#[derive(Debug, Deserialize)]
pub struct People {
    see_people: PeopleList,
    #[serde(default)]
    page: usize,
}

#[derive(Debug, Deserialize)]
struct PeopleList {
    total: usize,
    people: Vec<One>,
}

/// One person.
#[derive(Debug, Deserialize)]
pub struct Person {
    see_person: One,
    see_organisation: Option<Chart>,
}

#[derive(Debug, Deserialize)]
struct One {
    id: String,
    name: Option<String>,
    email: Option<String>,
    affiliations: Vec<Affiliated>,
    teams: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Affiliated {
    school: String,
    position: String,
}

/// As many as an operation shows at once.
const PAGE: usize = 100;

impl People {
    fn has_next(&self) -> bool {
        self.page.saturating_add(1).saturating_mul(PAGE) < self.see_people.total
    }

    fn before(&self) -> Option<usize> {
        self.page.checked_sub(1)
    }

    fn next(&self) -> usize {
        self.page.saturating_add(1)
    }
}

impl Person {
    fn school_name<'a>(&'a self, id: &'a str) -> &'a str {
        let mut schools = self.see_organisation.iter().flat_map(|chart| &chart.schools);
        schools.find(|school| school.school == id).map_or(id, |school| &school.name)
    }

    fn team_name<'a>(&'a self, id: &'a str) -> &'a str {
        let schools = self.see_organisation.iter().flat_map(|chart| &chart.schools);
        let mut teams = schools.flat_map(|school| &school.teams);
        teams.find(|team| team.team == id).map_or(id, |team| &team.name)
    }
}
