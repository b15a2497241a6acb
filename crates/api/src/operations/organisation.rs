//! The board, its schools and teams.

use events::organisation::{
    BoardDescribed, SchoolAdded, SchoolId, SchoolRemoved, TeamDissolved, TeamFormed, TeamId,
};
use projections::OrganisationChart;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Done, Made, Nothing, school_in};
use crate::operation::{At, Operation, Plan, Planned, Scope, Stop, Thing};

const PURPOSE: &str = "organisation";

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::shows::<OrganisationChart>(
            "see-organisation",
            "/organisation",
            PURPOSE,
            "The board, its schools and their teams",
            |at| {
                Plan::shows(at.board("organisation"), &at.tenant()?.views().organisation().chart())
            },
        ),
        Operation::does::<Board, Done>(
            "describe-board",
            "/organisation",
            PURPOSE,
            "Describe the board: the controller",
            describe,
        ),
        Operation::does::<School, Made>("add-school", "/schools", PURPOSE, "Add a school", add),
        Operation::does::<Nothing, Done>(
            "remove-school",
            "/schools/{school}/removal",
            PURPOSE,
            "Remove a school: nobody joins it any more",
            remove,
        ),
        Operation::does::<Team, Made>("form-team", "/teams", PURPOSE, "Form a team", form),
        Operation::does::<Nothing, Done>(
            "dissolve-team",
            "/teams/{team}/dissolution",
            PURPOSE,
            "Dissolve a team",
            dissolve,
        ),
    ]
}

/// The board of the tenant: the controller.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Board {
    /// At most 200 bytes.
    name: String,
    /// Its number in the trade register: 8 digits.
    kvk: String,
    /// Where it can be reached; at most 200 bytes.
    contact: String,
    /// Where its data protection officer can be reached; at most 200 bytes.
    fg_contact: String,
}

/// A school.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct School {
    /// At most 200 bytes.
    name: String,
    /// Two digits and two letters, and two digits more for a location.
    brin: String,
}

/// A team.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Team {
    /// Its school.
    school: String,
    /// At most 200 bytes.
    name: String,
}

fn describe(at: &At<'_>, body: Board) -> Planned {
    let Board { name, kvk, contact, fg_contact } = body;
    let event = BoardDescribed { name, kvk, contact, fg_contact };
    Plan::does(at.board("organisation"), event, &Done {})
}

fn add(at: &At<'_>, body: School) -> Planned {
    let School { name, brin } = body;
    let school = SchoolId::from_bytes(at.made("school")?);
    Plan::does(at.board("organisation"), SchoolAdded { school, name, brin }, &Made::of(school))
}

fn remove(at: &At<'_>, _: Nothing) -> Planned {
    let school = at.path.id("school", SchoolId::from_hex)?;
    Plan::does(school_thing(at, school)?, SchoolRemoved { school }, &Done {})
}

fn form(at: &At<'_>, body: Team) -> Planned {
    let (school, name) = (school_in(&body.school)?, body.name);
    let team = TeamId::from_bytes(at.made("team")?);
    let event = TeamFormed { team, school, name };
    Plan::does(school_thing(at, school)?, event, &Made::of(team))
}

fn dissolve(at: &At<'_>, _: Nothing) -> Planned {
    let team = at.path.id("team", TeamId::from_hex)?;
    let school = at.tenant()?.state().school_of_team(team).ok_or(Stop::Unknown)?;
    let within =
        vec![Scope::Team(team.to_string()), Scope::School(school.to_string()), Scope::Board];
    let thing = Thing { kind: "team", id: team.to_string(), within };
    Plan::does(thing, TeamDissolved { team }, &Done {})
}

fn school_thing(at: &At<'_>, school: SchoolId) -> Result<Thing, Stop> {
    let known = at.tenant()?.views().organisation().school_name(school);
    known.ok_or(Stop::Unknown)?;
    let id = school.to_string();
    Ok(Thing { kind: "school", id: id.clone(), within: vec![Scope::School(id), Scope::Board] })
}
