//! The past: the story of a thing, and who is behind a pseudonym.

use events::category;
use events::{AccessEvent, Event};
use record::{ActorId, SubjectId};
use schemars::JsonSchema;
use serde::Serialize;

use crate::operation::{At, Operation, Plan, Planned, Scope, Stop, Thing};
use crate::operations::PAGE_MAX;
use crate::operations::access::supervises;
use crate::problem::{Kind as ProblemKind, Problem};
use crate::timeline::{self, Kind, RECORDS_MAX, Timeline, Wanted};

const PURPOSE: &str = "supervision";

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::shows_people::<Timeline>(
            "see-timeline",
            "/timeline/{kind}/{thing}",
            PURPOSE,
            "The story of a person, incident, annex, agreement, round, observation, request or \
             coupling: each record \
             that names it, in a sentence, with what it changed; `from` and `to` are places in the \
             journal to compare; `page` counts from 0",
            see_timeline,
        )
        .knows(&[
            ("from", "^[0-9]{1,18}$"),
            ("to", "^[0-9]{1,18}$"),
            ("page", "^[0-9]{1,6}$"),
        ]),
        Operation::shows_people::<Revealed>(
            "reveal-person",
            "/pseudonyms/{pseudonym}",
            PURPOSE,
            "Who is behind a reference to a person or to somebody who acted; needs a `Zegel-Reason`",
            reveal,
        ),
    ]
}

/// Who is behind a reference.
#[derive(Serialize, JsonSchema)]
struct Revealed {
    /// `person` or `actor`.
    of: &'static str,
    /// The person; null when that was erased.
    person: Option<String>,
    /// As the person is or was called; null when that was erased.
    name: Option<String>,
}

fn see_timeline(at: &At<'_>) -> Planned {
    let kind = at.path.text("kind").and_then(Kind::of).ok_or(Stop::Unknown)?;
    let id = at.path.id("thing", SubjectId::from_hex)?;
    let skip = at.rows_before_page()?;
    if at.engine.journal_size(at.tenant) > RECORDS_MAX {
        let rule = format!("this journal has over {RECORDS_MAX} records: use `zegel timeline`");
        return Err(Stop::Problem(Problem::of(ProblemKind::Conflict).with(rule)));
    }
    let wanted =
        Wanted { kind, id: *id.as_bytes(), compare: moments(at)?, looks_of_fg: supervises(at)? };
    let mut told = timeline::timeline(at.engine, at.tenant, &wanted, &mut |_| {})?;
    if told.total == 0 {
        return Err(Stop::Unknown);
    }
    told.steps = told.steps.into_iter().skip(skip).take(PAGE_MAX).collect();
    let thing = match kind {
        Kind::Person => at.of_person("person", id)?,
        _ => Thing { kind: "record", id: id.to_string(), within: vec![Scope::Board] },
    };
    let plan = Plan::shows(thing, &told)?;
    Ok(if kind == Kind::Person { plan.about(id, &[category::TRAIL_LOOKED.0]) } else { plan })
}

/// The two moments that are asked to be compared, if they are.
fn moments(at: &At<'_>) -> Result<Option<(u64, u64)>, Stop> {
    let moment = |name: &str| {
        let text = at.path.text(name);
        text.map(|text| text.parse::<u64>().map_err(|_| Stop::Unknown)).transpose()
    };
    match (moment("from")?, moment("to")?) {
        (Some(from), Some(to)) => Ok(Some((from, to))),
        (None, None) => Ok(None),
        _ => Err(Stop::input("query", "`from` and `to` together, or neither")),
    }
}

fn reveal(at: &At<'_>) -> Planned {
    let id = at.path.id("pseudonym", SubjectId::from_hex)?;
    if at.tenant()?.views().people().registered_at(id).is_some() {
        return revealed(at, "person", id, at.engine.identity(at.tenant, id)?.map(|who| who.name));
    }
    let actor = ActorId::from_bytes(*id.as_bytes());
    let named = at.tenant()?.views().trail().name_at(actor).ok_or(Stop::Unknown)?;
    let name = match at.engine.reopened(at.tenant, named)? {
        Some(Event::Access(AccessEvent::ActorNamed(event))) => event.name.value().cloned(),
        _ => None,
    };
    let known = name.ok_or(Stop::Unknown)?;
    revealed(at, "actor", known.person, Some(known.name))
}

fn revealed(at: &At<'_>, of: &'static str, person: SubjectId, name: Option<String>) -> Planned {
    let thing = at.of_person("person", person)?;
    let shown = Revealed { of, person: Some(person.to_string()), name };
    Ok(Plan::shows(thing, &shown)?.about(person, &[category::IDENTITY.0]))
}
