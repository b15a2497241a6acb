//! Requests of data subjects: taken in, judged, decided by two, carried out, answered.
//!
//! *Invariant:* whatever is kept of a person when something is decided is decided: a category that
//! came since makes the decision wait for a new proposal.

mod bodies;
mod document;
mod shown;

use std::collections::BTreeSet;

use engine::{DecidedErasure, Engine, EngineError};
use events::category;
use events::request::{
    AdviceGiven, AdviceText, CategoryDecision, DecisionApproved, DecisionProposed, IdentityChecked,
    PackageHandedOver, Represented, RequestCarriedOut, RequestClosed, RequestExtended,
    RequestForwarded, RequestId, RequestKind, RequestReceived, Requester, Verdict,
};
use record::{JournalId, OrderId, SubjectId, TimestampMicros};
use rules::DataRequest;

use self::bodies::{
    Advising, Closing, Deciding, Extending, Forwarding, Handing, Identifying, OwnRequest, Received,
};
use self::document::{download_package, see_certificate};
use self::shown::{Preview, Register, Shown, preview, see_own_requests, see_request, see_requests};
use super::file::{CSV, HTML, JSON, PDF};
use super::{Done, Made, Nothing, id_in, person_in};
use crate::operation::{At, Operation, Plan, Planned, Stop, Thing};

const PURPOSE: &str = "requests";
/// What the erasure of a request names as its ground.
const GROUND: &str = "art-17";

pub(super) fn operations() -> Vec<Operation> {
    [looking(), taking_in(), deciding(), answering()].concat()
}

fn looking() -> Vec<Operation> {
    vec![
        Operation::shows_people::<Register>(
            "see-requests",
            "/requests",
            PURPOSE,
            "The register of requests with their clocks, newest first; `page` counts from 0",
            see_requests,
        )
        .knows(&[("page", "^[0-9]{1,6}$")]),
        Operation::shows_people::<Register>(
            "see-own-requests",
            "/own/requests",
            PURPOSE,
            "Requests of one's own",
            see_own_requests,
        ),
        Operation::shows_people::<Shown>(
            "see-request",
            "/requests/{request}",
            PURPOSE,
            "One request with its clock, every step and what is decided",
            see_request,
        ),
        Operation::shows_people::<Preview>(
            "preview-request",
            "/requests/{request}/preview",
            PURPOSE,
            "What is kept of the person by category, every item of it, and what holds it",
            preview,
        ),
        Operation::exports(
            "download-access-package",
            "/requests/{request}/package",
            PURPOSE,
            "Everything that is given, and each look at it; `form` is `html` (without), `json` or \
             `csv`, which holds one `table`, counted from 1; `language` is `nl` (without) or `en`",
            &[HTML, JSON, CSV],
            download_package,
        )
        .knows(&[
            ("form", "^(html|json|csv)$"),
            ("language", "^(nl|en)$"),
            ("table", "^[0-9]{1,2}$"),
        ]),
        Operation::exports(
            "see-certificate",
            "/requests/{request}/certificate",
            PURPOSE,
            "What was erased and what is kept, on which ground and until when, by which receipt; \
             names nobody; `form` is `json` (without), `pdf` or `html`; `language` is `nl` \
             (without) or `en`",
            &[JSON, PDF, HTML],
            see_certificate,
        )
        .knows(&[("form", "^(json|pdf|html)$"), ("language", "^(nl|en)$")]),
    ]
}

fn taking_in() -> Vec<Operation> {
    vec![
        Operation::does::<Received, Made>(
            "receive-request",
            "/requests",
            PURPOSE,
            "Record a request that came in; its month runs from the earlier receipt",
            receive,
        ),
        Operation::does::<OwnRequest, Made>(
            "file-own-request",
            "/own/requests",
            PURPOSE,
            "Ask what the law gives one",
            file_own,
        ),
        Operation::does::<Forwarding, Done>(
            "forward-request",
            "/requests/{request}/forwarding",
            PURPOSE,
            "Record that the processor passed it on to the school",
            forward,
        ),
        Operation::does::<Identifying, Done>(
            "check-identity",
            "/requests/{request}/identity",
            PURPOSE,
            "Record how it was made sure who asks; for a child under 16, who acts for it",
            identify,
        ),
        Operation::does::<Extending, Done>(
            "extend-request",
            "/requests/{request}/extension",
            PURPOSE,
            "Record that the person was told, within the month, that it takes two months more",
            extend,
        ),
        Operation::does::<Advising, Done>(
            "advise",
            "/requests/{request}/advice",
            PURPOSE,
            "Give advice, which binds nobody",
            advise,
        ),
    ]
}

fn deciding() -> Vec<Operation> {
    vec![
        Operation::does::<Deciding, Done>(
            "decide-request",
            "/requests/{request}/proposal",
            PURPOSE,
            "Propose what is done with each category; another person approves",
            propose,
        ),
        Operation::does::<Nothing, Done>(
            "approve-request",
            "/requests/{request}/approval",
            PURPOSE,
            "Approve what another person proposed",
            approve,
        ),
        Operation::does::<Nothing, Done>(
            "carry-out-request",
            "/requests/{request}/execution",
            PURPOSE,
            "Erase what was decided; asked again after a failure, it goes on where it stopped",
            carry_out,
        ),
    ]
}

fn answering() -> Vec<Operation> {
    vec![
        Operation::does::<Handing, Done>(
            "hand-over-package",
            "/requests/{request}/handing-over",
            PURPOSE,
            "Record that the package was handed over",
            hand_over,
        ),
        Operation::does::<Closing, Done>(
            "close-request",
            "/requests/{request}/closing",
            PURPOSE,
            "Record that the person was told how it ended",
            close,
        ),
    ]
}

/// The request that the path names.
fn request<'a>(at: &'a At<'_>) -> Result<(RequestId, &'a DataRequest, Thing), Stop> {
    let id = at.path.id("request", RequestId::from_hex)?;
    let request = at.tenant()?.state().data_request(id).ok_or(Stop::Unknown)?;
    Ok((id, request, thing(at, id)?))
}

/// It lies where its person does; once that is erased, it is the board's.
fn thing(at: &At<'_>, id: RequestId) -> Result<Thing, Stop> {
    let thing = match at.tenant()?.state().request_person(id) {
        Some(person) => at.of_person("request", person)?,
        None => at.board("request"),
    };
    Ok(Thing { id: id.to_string(), ..thing })
}

/// The person whose request it is, as long as that is kept.
fn whose(at: &At<'_>, id: RequestId) -> Result<SubjectId, Stop> {
    at.tenant()?.state().request_person(id).ok_or(Stop::Unknown)
}

/// A step that tells about nobody else than the person whose request it is.
fn step(at: &At<'_>, id: RequestId, event: impl Into<events::Event>) -> Planned {
    let plan = Plan::does(thing(at, id)?, event, &Done {})?;
    Ok(match at.tenant()?.state().request_person(id) {
        Some(person) => plan.about(person, &[category::REQUEST.0]),
        None => plan,
    })
}

fn receive(at: &At<'_>, body: Received) -> Planned {
    let person = person_in(&body.person)?;
    let (school_at, processor_at) = (body.school_at, body.processor_at);
    let moments = (school_at.map(TimestampMicros), processor_at.map(TimestampMicros));
    received(at, person, body.kind.into(), moments, false, at.of_person("request", person)?)
}

fn file_own(at: &At<'_>, body: OwnRequest) -> Planned {
    // What is asked here reaches the school at once: its staff see it in the register.
    let moments = (Some(at.now), None);
    received(at, at.who.person, body.kind.into(), moments, true, at.own("request"))
}

fn received(
    at: &At<'_>,
    person: SubjectId,
    kind: RequestKind,
    (school_at, processor_at): (Option<TimestampMicros>, Option<TimestampMicros>),
    own_account: bool,
    thing: Thing,
) -> Planned {
    let request = RequestId::from_bytes(at.made("request")?);
    let by = at.who.actor;
    let person_part = at.about(person, Requester { own_account })?;
    let event = RequestReceived { request, kind, school_at, processor_at, by, person: person_part };
    Ok(Plan::does(thing, event, &Made::of(request))?.about(person, &[category::REQUEST.0]))
}

fn forward(at: &At<'_>, body: Forwarding) -> Planned {
    let (request, ..) = request(at)?;
    let event = RequestForwarded { request, at: TimestampMicros(body.at), by: at.who.actor };
    step(at, request, event)
}

fn identify(at: &At<'_>, body: Identifying) -> Planned {
    let (request, ..) = request(at)?;
    let representative = body.representative.as_deref();
    let representative = representative
        .map(|text| id_in("representative", text, SubjectId::from_hex))
        .transpose()?;
    let represented = match representative {
        Some(representative) => {
            Some(at.about(whose(at, request)?, Represented { representative })?)
        }
        None => None,
    };
    let (shown, under_16, by) = (body.shown.into(), body.under_16, at.who.actor);
    step(at, request, IdentityChecked { request, shown, under_16, by, represented })
}

fn extend(at: &At<'_>, body: Extending) -> Planned {
    let (request, ..) = request(at)?;
    let (because, told_at) = (body.because.into(), TimestampMicros(body.told_at));
    step(at, request, RequestExtended { request, because, told_at, by: at.who.actor })
}

fn advise(at: &At<'_>, body: Advising) -> Planned {
    let (request, ..) = request(at)?;
    let advice = match body.text {
        Some(text) => Some(at.about(whose(at, request)?, AdviceText { text })?),
        None => None,
    };
    let (advised, by) = (body.advised.into(), at.who.actor);
    step(at, request, AdviceGiven { request, advised, by, advice })
}

fn propose(at: &At<'_>, body: Deciding) -> Planned {
    let (id, request, _) = request(at)?;
    let decisions: Vec<CategoryDecision> = body.decisions.into_iter().map(Into::into).collect();
    check_complete(at, id, request, &decisions)?;
    let (names_lookers, by) = (body.names_lookers.unwrap_or(false), at.who.actor);
    step(at, id, DecisionProposed { request: id, decisions, names_lookers, by })
}

fn approve(at: &At<'_>, _: Nothing) -> Planned {
    let (id, request, _) = request(at)?;
    if let Some(proposal) = &request.proposal {
        check_complete(at, id, request, &proposal.decisions)?;
    }
    step(at, id, DecisionApproved { request: id, by: at.who.actor })
}

/// Refuses a decision that leaves out what is kept.
fn check_complete(
    at: &At<'_>,
    id: RequestId,
    request: &DataRequest,
    decisions: &[CategoryDecision],
) -> Result<(), Stop> {
    let by_category = request.has_package() || request.kind == RequestKind::Erasure;
    if !by_category || request.carried_out.is_some() {
        return Ok(());
    }
    let decided: BTreeSet<u16> = decisions.iter().map(|it| it.category).collect();
    let kept = categories_of(at, whose(at, id)?)?;
    if kept.is_subset(&decided) {
        return Ok(());
    }
    let rule = "every category of the preview; propose anew if one came since";
    Err(Stop::input("decisions", rule))
}

/// What is kept of a person, by category; what handling the request itself leaves is among it.
fn categories_of(at: &At<'_>, person: SubjectId) -> Result<BTreeSet<u16>, Stop> {
    let kept = at.engine.kept_of(at.tenant, person)?;
    let own = [category::REQUEST.0, category::TRAIL_LOOKED.0];
    Ok(kept.into_iter().map(|it| it.category).chain(own).collect())
}

fn carry_out(at: &At<'_>, _: Nothing) -> Planned {
    let (id, request, _) = request(at)?;
    let state = at.tenant()?.state();
    let (order, trail_years) = match request.carried_out {
        // Asked again: what was recorded is gone on with.
        Some(order) => {
            let row = at.tenant()?.views().requests().row(id).ok_or(Stop::Unknown)?;
            (order, row.trail_years)
        }
        None => {
            let decided = request.decided().map(|decided| decided.decisions.as_slice());
            // Without an approval the rules say so.
            decided.map_or(Ok(()), |decided| check_complete(at, id, request, decided))?;
            let decided = decided.unwrap_or_default();
            let erases = decided.iter().any(|it| it.verdict == Verdict::Erased);
            let order = at.engine.stands_for(at.tenant, "the order of a request", id.as_bytes())?;
            let years = state.request_person(id).map(|person| state.trail_years_of(person));
            (erases.then_some(OrderId::from_bytes(order)), years.unwrap_or_default())
        }
    };
    let by = at.who.actor;
    let plan = step(at, id, RequestCarriedOut { request: id, order, trail_years, by })?;
    let Some(order) = order else { return Ok(plan) };
    Ok(plan.then(move |engine, tenant| erase(engine, tenant, id, order)))
}

/// Carries the erasure out once the event is durable: what is kept by then is what goes.
fn erase(
    engine: &mut Engine,
    tenant: JournalId,
    request: RequestId,
    order: OrderId,
) -> Result<(), EngineError> {
    let state = engine.tenant(tenant)?.state();
    let found = state.data_request(request);
    let decided = found.and_then(DataRequest::decided).ok_or(EngineError::UnknownOrder)?;
    let approved_by = found.and_then(|it| it.approved_by).ok_or(EngineError::UnknownOrder)?;
    let erased = decided.decisions.iter().filter(|it| it.verdict == Verdict::Erased);
    let categories: BTreeSet<u16> = erased.map(|it| it.category).collect();
    let ordered_by = decided.by;
    let targets = match state.request_person(request) {
        Some(person) => engine.cuts_of(tenant, person, &categories)?,
        // The person went by this order already, or by another one.
        None => Vec::new(),
    };
    let ground = GROUND.to_owned();
    engine.erase_decided(tenant, DecidedErasure { order, targets, ground, ordered_by, approved_by })
}

fn hand_over(at: &At<'_>, body: Handing) -> Planned {
    let (request, ..) = request(at)?;
    let (handed, when) = (body.handed.into(), TimestampMicros(body.at));
    step(at, request, PackageHandedOver { request, handed, at: when, by: at.who.actor })
}

fn close(at: &At<'_>, body: Closing) -> Planned {
    let (request, ..) = request(at)?;
    let (ending, told_at) = (body.ending.into(), TimestampMicros(body.told_at));
    step(at, request, RequestClosed { request, ending, told_at, by: at.who.actor })
}
