//! What is shown of requests: the register with its clocks, and what a decision will touch.

use engine::Item;
use events::request::RequestId;
use projections::{RequestRow, Words, category_words};
use record::TimestampMicros;
use rules::DataRequest;
use schemars::JsonSchema;
use serde::Serialize;

use super::{categories_of, request, whose};
use crate::operation::{At, Plan, Planned, Stop};
use crate::operations::PAGE_MAX;

/// A page of the register of requests.
#[derive(Serialize, JsonSchema)]
pub(super) struct Register {
    requests: Vec<Shown>,
    /// How many there are in all.
    total: usize,
}

/// One request with its clock.
#[derive(Serialize, JsonSchema)]
pub(super) struct Shown {
    request: RequestRow,
    /// Nothing once it is closed.
    clock: Option<Clock>,
}

/// Until when the person is answered.
#[derive(Serialize, JsonSchema)]
pub(super) struct Clock {
    /// The last microsecond that is in time, since 1970.
    ends_at: u64,
    /// Whether it is three months instead of one.
    extended: bool,
    /// How it was counted.
    counted: Said,
    /// How long is left.
    remaining: Said,
}

#[derive(Serialize, JsonSchema)]
struct Said {
    english: String,
    dutch: String,
}

/// What is kept of a person.
#[derive(Serialize, JsonSchema)]
pub(super) struct Preview {
    categories: Vec<CategoryShown>,
    /// Every part of every event that tells about the person.
    items: Vec<ItemShown>,
    /// Open incidents that concern the person: who it is, and that it concerns them, stays.
    open_incidents: Vec<String>,
    /// Years of the trail that name the person as who acted: they stay until their term.
    trail_years: Vec<u16>,
}

#[derive(Serialize, JsonSchema)]
struct CategoryShown {
    category: u16,
    name: Option<Words>,
    items: usize,
}

#[derive(Serialize, JsonSchema)]
struct ItemShown {
    /// Place in the journal.
    seq: u64,
    event: String,
    part: usize,
    category: u16,
}

pub(super) fn clock(request: &DataRequest, now: TimestampMicros) -> Result<Clock, Stop> {
    let term = request.term()?;
    let left = term.remaining(now);
    Ok(Clock {
        ends_at: term.ends_at.0,
        extended: request.extended,
        counted: Said { english: term.english(), dutch: term.dutch() },
        remaining: Said { english: left.english(), dutch: left.dutch() },
    })
}

fn shown(at: &At<'_>, row: RequestRow) -> Result<Shown, Stop> {
    let request = at.tenant()?.state().data_request(row.request).filter(|it| !it.is_closed);
    let clock = request.map(|request| clock(request, at.now)).transpose()?;
    Ok(Shown { request: row, clock })
}

fn register(at: &At<'_>, rows: Vec<RequestRow>, total: usize) -> Result<Register, Stop> {
    let requests = rows.into_iter().map(|row| shown(at, row)).collect::<Result<_, Stop>>()?;
    Ok(Register { requests, total })
}

pub(super) fn see_requests(at: &At<'_>) -> Planned {
    let skip = at.rows_before_page()?;
    let requests = at.tenant()?.views().requests();
    let (rows, total) = (requests.page(skip, PAGE_MAX), requests.total());
    let people: Vec<_> = rows.iter().filter_map(|row| row.person).collect();
    let plan = Plan::shows(at.board("request"), &register(at, rows, total)?)?;
    let categories = [events::category::REQUEST.0];
    Ok(people.into_iter().fold(plan, |plan, person| plan.about(person, &categories)))
}

pub(super) fn see_request(at: &At<'_>) -> Planned {
    let (id, _, thing) = request(at)?;
    let row = at.tenant()?.views().requests().row(id).ok_or(Stop::Unknown)?;
    let person = row.person;
    let plan = Plan::shows(thing, &shown(at, row)?)?;
    Ok(match person {
        Some(person) => plan.about(person, &[events::category::REQUEST.0]),
        None => plan,
    })
}

pub(super) fn see_own_requests(at: &At<'_>) -> Planned {
    let tenant = at.tenant()?;
    let mut ids: Vec<RequestId> = tenant.state().requests_of(at.who.person).collect();
    ids.truncate(PAGE_MAX);
    let rows: Vec<_> = ids.iter().filter_map(|id| tenant.views().requests().row(*id)).collect();
    let total = rows.len();
    let plan = Plan::shows(at.own("request"), &register(at, rows, total)?)?;
    Ok(plan.about(at.who.person, &[events::category::REQUEST.0]))
}

pub(super) fn preview(at: &At<'_>) -> Planned {
    let (id, _, thing) = request(at)?;
    let person = whose(at, id)?;
    let tenant = at.tenant()?;
    let items = at.engine.find(tenant, person).map_err(engine::EngineError::from)?;
    let all = categories_of(at, person)?;
    let count = |category| items.iter().filter(|item| item.category == category).count();
    let category = |category: &u16| CategoryShown {
        category: *category,
        name: category_words(*category),
        items: count(*category),
    };
    let state = tenant.state();
    let shown = Preview {
        categories: all.iter().map(category).collect(),
        open_incidents: state
            .holds_of_person(person)
            .map(|hold| hold.incident.to_string())
            .collect(),
        trail_years: state.trail_years_of(person),
        items: items.into_iter().map(item_shown).collect(),
    };
    let categories: Vec<u16> = all.into_iter().collect();
    Ok(Plan::shows(thing, &shown)?.about(person, &categories))
}

fn item_shown(item: Item) -> ItemShown {
    let Item { seq, event, part, category, .. } = item;
    ItemShown { seq, event, part, category }
}
