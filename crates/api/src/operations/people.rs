//! People: who is known, what they are to which school, and who acts for a child.

use events::category;
use events::people::{
    Affiliation, Identity, Membership, PersonJoined, PersonLeft, PersonRegistered, Position,
    Representation, RepresentationEnded, RepresentationRecorded, TeamJoined, TeamLeft,
};
use record::SubjectId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Done, Made, PAGE_MAX, person_in, school_in, team_in};
use crate::operation::{At, Operation, Plan, Planned, Stop};

const PURPOSE: &str = "administration";
const SHOWN: [u16; 2] = [category::IDENTITY.0, category::AFFILIATION.0];

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::shows_people::<People>(
            "see-people",
            "/people",
            PURPOSE,
            "A page of the people that are known by name; `page` counts from 0",
            see_people,
        )
        .knows(&[("page", "^[0-9]{1,6}$")]),
        Operation::shows_people::<Person>(
            "see-person",
            "/people/{person}",
            PURPOSE,
            "One person",
            see_person,
        ),
        Operation::does::<NewPerson, Made>(
            "register-person",
            "/people",
            PURPOSE,
            "Register a person",
            register,
        ),
        Operation::does::<Joining, Done>(
            "person-joins",
            "/people/{person}/joining",
            PURPOSE,
            "A person becomes something to a school",
            joins,
        ),
        Operation::does::<Joining, Done>(
            "person-leaves",
            "/people/{person}/leaving",
            PURPOSE,
            "A person is no longer that to the school",
            leaves,
        ),
        Operation::does::<InTeam, Done>(
            "team-join",
            "/people/{person}/team-joining",
            PURPOSE,
            "A person joins a team",
            join_team,
        ),
        Operation::does::<InTeam, Done>(
            "team-leave",
            "/people/{person}/team-leaving",
            PURPOSE,
            "A person leaves a team",
            leave_team,
        ),
        Operation::does::<Representing, Done>(
            "record-representation",
            "/people/{person}/representation",
            PURPOSE,
            "Record who acts for a child",
            represent,
        ),
        Operation::does::<Representing, Done>(
            "end-representation",
            "/people/{person}/representation-end",
            PURPOSE,
            "Nobody acts for the child in this way any more",
            end_representation,
        ),
    ]
}

/// A person to register.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewPerson {
    /// At most 200 bytes.
    name: String,
    /// At most 254 bytes.
    email: Option<String>,
}

/// What a person is to which school.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Joining {
    /// The school.
    school: String,
    position: PositionName,
}

/// What a person is to a school.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum PositionName {
    Staff,
    Pupil,
    Parent,
    Respondent,
}

/// A team to join or to leave.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct InTeam {
    /// The team.
    team: String,
}

/// Who acts for a child.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Representing {
    /// The parent or guardian, who is known by name.
    representative: String,
    /// Whether with parental authority.
    authority: bool,
}

/// A page of people.
#[derive(Serialize, JsonSchema)]
struct People {
    /// How many there are in all.
    total: usize,
    /// At most 100.
    people: Vec<Person>,
}

/// One person.
#[derive(Serialize, JsonSchema)]
struct Person {
    /// The person.
    id: String,
    /// As the person is called; null when it is erased.
    name: Option<String>,
    /// The address, if there is one.
    email: Option<String>,
    /// What the person is to which school.
    affiliations: Vec<Affiliated>,
    /// The teams that the person belongs to.
    teams: Vec<String>,
}

/// What a person is to one school.
#[derive(Serialize, JsonSchema)]
struct Affiliated {
    school: String,
    position: PositionName,
}

fn see_people(at: &At<'_>) -> Planned {
    let skip = at.rows_before_page()?;
    let list = at.tenant()?.views().people().list(skip, PAGE_MAX);
    let people = list.people.iter().map(|row| person(at, row.subject));
    let people = people.collect::<Result<Vec<_>, _>>()?;
    let plan = Plan::shows(at.board("people"), &People { total: list.total, people })?;
    Ok(list.people.iter().fold(plan, |plan, row| plan.about(row.subject, &SHOWN)))
}

fn see_person(at: &At<'_>) -> Planned {
    let (id, thing) = known(at)?;
    Ok(Plan::shows(thing, &person(at, id)?)?.about(id, &SHOWN))
}

fn person(at: &At<'_>, id: SubjectId) -> Result<Person, Stop> {
    let identity = at.engine.identity(at.tenant, id)?;
    let state = at.tenant()?.state();
    let affiliated = |(school, position): (events::organisation::SchoolId, Position)| Affiliated {
        school: school.to_string(),
        position: position_name(position),
    };
    let (name, email) = identity.map_or((None, None), |known| (Some(known.name), known.email));
    Ok(Person {
        id: id.to_string(),
        name,
        email,
        affiliations: state.affiliations_of(id).map(affiliated).collect(),
        teams: state.teams_of(id).map(|team| team.to_string()).collect(),
    })
}

fn register(at: &At<'_>, body: NewPerson) -> Planned {
    let id = SubjectId::from_bytes(at.made("person")?);
    let NewPerson { name, email } = body;
    let event = PersonRegistered { import: None, person: at.about(id, Identity { name, email })? };
    Ok(Plan::does(at.board("people"), event, &Made::of(id))?.about(id, &SHOWN))
}

fn joins(at: &At<'_>, body: Joining) -> Planned {
    let (id, thing) = known(at)?;
    let event = PersonJoined { person: at.about(id, affiliation(&body)?)? };
    Ok(Plan::does(thing, event, &Done {})?.about(id, &SHOWN))
}

fn leaves(at: &At<'_>, body: Joining) -> Planned {
    let (id, thing) = known(at)?;
    let event = PersonLeft { person: at.about(id, affiliation(&body)?)? };
    Ok(Plan::does(thing, event, &Done {})?.about(id, &SHOWN))
}

fn join_team(at: &At<'_>, body: InTeam) -> Planned {
    let (id, thing) = known(at)?;
    let event = TeamJoined { person: at.about(id, Membership { team: team_in(&body.team)? })? };
    Ok(Plan::does(thing, event, &Done {})?.about(id, &SHOWN))
}

fn leave_team(at: &At<'_>, body: InTeam) -> Planned {
    let (id, thing) = known(at)?;
    let event = TeamLeft { person: at.about(id, Membership { team: team_in(&body.team)? })? };
    Ok(Plan::does(thing, event, &Done {})?.about(id, &SHOWN))
}

fn represent(at: &At<'_>, body: Representing) -> Planned {
    let (id, thing) = known(at)?;
    let event = RepresentationRecorded { child: at.about(id, representation(&body)?)? };
    Ok(Plan::does(thing, event, &Done {})?.about(id, &[category::REPRESENTATION.0]))
}

fn end_representation(at: &At<'_>, body: Representing) -> Planned {
    let (id, thing) = known(at)?;
    let event = RepresentationEnded { child: at.about(id, representation(&body)?)? };
    Ok(Plan::does(thing, event, &Done {})?.about(id, &[category::REPRESENTATION.0]))
}

/// The person that the path names, if there is one.
pub(super) fn known(at: &At<'_>) -> Result<(SubjectId, crate::operation::Thing), Stop> {
    let id = at.path.id("person", SubjectId::from_hex)?;
    at.tenant()?.views().people().registered_at(id).ok_or(Stop::Unknown)?;
    Ok((id, at.of_person("person", id)?))
}

fn affiliation(body: &Joining) -> Result<Affiliation, Stop> {
    let position = match body.position {
        PositionName::Staff => Position::Staff,
        PositionName::Pupil => Position::Pupil,
        PositionName::Parent => Position::Parent,
        PositionName::Respondent => Position::Respondent,
    };
    Ok(Affiliation { school: school_in(&body.school)?, position })
}

fn representation(body: &Representing) -> Result<Representation, Stop> {
    let representative = person_in(&body.representative)?;
    Ok(Representation { representative, authority: body.authority })
}

const fn position_name(position: Position) -> PositionName {
    match position {
        Position::Staff => PositionName::Staff,
        Position::Pupil => PositionName::Pupil,
        Position::Parent => PositionName::Parent,
        Position::Respondent => PositionName::Respondent,
    }
}
