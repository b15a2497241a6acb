//! Terms of retention: what is over, listed by one, approved by another, and cut.

use engine::{DecidedErasure, Engine, EngineError};
use events::retention::{
    Expired, RUN_SCOPES_MAX, RunApproved, RunCarriedOut, RunId, RunProposed, TermKind, TermStated,
};
use projections::{ExpiredRow, RunRow, TermRow, expired_row};
use record::public::Cut;
use record::{JournalId, OrderId, ScopeId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::named::named;
use super::{Done, Made, Nothing, PAGE_MAX};
use crate::operation::{At, Operation, Plan, Planned, Stop};

const PURPOSE: &str = "retention";
/// What the erasure of a run names as its ground.
const GROUND: &str = "term-over";

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::shows::<Shown>(
            "see-retention",
            "/retention",
            PURPOSE,
            "How long what is kept, what is over now, and the runs, newest first; `page` of the runs \
             counts from 0",
            see,
        )
        .knows(&[("page", "^[0-9]{1,6}$")]),
        Operation::does::<Term, Done>(
            "state-retention-term",
            "/retention/terms",
            PURPOSE,
            "State how long something is kept, as the accepted annex says it",
            state,
        ),
        Operation::does::<Nothing, Made>(
            "propose-retention",
            "/retention/runs",
            PURPOSE,
            "List what is over now, to be cut once another person approves",
            propose,
        ),
        Operation::does::<Nothing, Done>(
            "approve-retention",
            "/retention/runs/{run}/approval",
            PURPOSE,
            "Approve what another person listed",
            approve,
        ),
        Operation::does::<Nothing, Done>(
            "carry-out-retention",
            "/retention/runs/{run}/execution",
            PURPOSE,
            "Cut what was approved, but for what is needed by now; asked again after a failure, it \
             goes on where it stopped",
            carry_out,
        ),
    ]
}

/// Terms, what is over, and runs.
#[derive(Serialize, JsonSchema)]
struct Shown {
    terms: Vec<TermRow>,
    /// Everything with a term.
    scopes: Vec<ScopeShown>,
    /// What is over and needed for nothing: a run would list it.
    expired: Vec<ExpiredRow>,
    runs: Vec<RunRow>,
}

#[derive(Serialize, JsonSchema)]
struct ScopeShown {
    /// `trail`, `answers`, `identities` or `incident`.
    kind: &'static str,
    /// Which year, round or incident.
    of: String,
    /// Since when, in microseconds since 1970.
    begun_at: u64,
    /// Until when; null where no term was stated.
    until: Option<u64>,
}

named! {
    /// A kind of what is kept.
    KindName = TermKind { Trail, Answers, Identities, Incident }
}

/// How long something is kept.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Term {
    kind: KindName,
    /// Such as `P2Y`.
    period: String,
}

fn see(at: &At<'_>) -> Planned {
    let skip = at.rows_before_page()?;
    let tenant = at.tenant()?;
    let state = tenant.state();
    let scopes = state.terms().take(RUN_SCOPES_MAX).map(|(scope, held, begun, until)| {
        let row = expired_row(scope, held, begun);
        let until = until.map(|at| at.0);
        ScopeShown { kind: row.kind, of: row.of, begun_at: begun.0, until }
    });
    let view = tenant.views().retention();
    let shown = Shown {
        terms: view.terms(),
        scopes: scopes.collect(),
        expired: over(at)?.iter().map(row).collect(),
        runs: view.runs(skip, PAGE_MAX),
    };
    Plan::shows(at.board("retention"), &shown)
}

fn row(it: &Expired) -> ExpiredRow {
    expired_row(it.scope, it.held, it.ended_at)
}

fn over(at: &At<'_>) -> Result<Vec<Expired>, Stop> {
    Ok(at.tenant()?.state().expired(at.now).take(RUN_SCOPES_MAX).collect())
}

fn state(at: &At<'_>, body: Term) -> Planned {
    let event = TermStated { kind: body.kind.into(), period: body.period, by: at.who.actor };
    Plan::does(at.board("retention"), event, &Done {})
}

fn propose(at: &At<'_>, _: Nothing) -> Planned {
    let run = RunId::from_bytes(at.made("run of retention")?);
    let event = RunProposed { run, expired: over(at)?, by: at.who.actor };
    Plan::does(at.board("retention"), event, &Made::of(run))
}

/// The run that the path names.
fn run<'a>(at: &'a At<'_>) -> Result<(RunId, &'a rules::Run), Stop> {
    let id = at.path.id("run", RunId::from_hex)?;
    Ok((id, at.tenant()?.state().retention_run(id).ok_or(Stop::Unknown)?))
}

fn approve(at: &At<'_>, _: Nothing) -> Planned {
    let (run, _) = run(at)?;
    Plan::does(at.board("retention"), RunApproved { run, by: at.who.actor }, &Done {})
}

fn carry_out(at: &At<'_>, _: Nothing) -> Planned {
    let (id, run) = run(at)?;
    let (order, kept) = match run.carried_out {
        // Asked again: what was recorded is gone on with.
        Some(order) => (order, run.kept().to_vec()),
        None => {
            let kept = at.tenant()?.state().kept_of_run(id, at.now);
            let order = at.engine.stands_for(at.tenant, "the order of a run", id.as_bytes())?;
            ((kept.len() < run.expired.len()).then_some(OrderId::from_bytes(order)), kept)
        }
    };
    let event = RunCarriedOut { run: id, order, kept, by: at.who.actor };
    let plan = Plan::does(at.board("retention"), event, &Done {})?;
    let Some(order) = order else { return Ok(plan) };
    Ok(plan.then(move |engine, tenant| cut(engine, tenant, id, order)))
}

fn cut(
    engine: &mut Engine,
    tenant: JournalId,
    id: RunId,
    order: OrderId,
) -> Result<(), EngineError> {
    let run = engine.tenant(tenant)?.state().retention_run(id).ok_or(EngineError::UnknownOrder)?;
    let approved_by = run.approved_by.ok_or(EngineError::UnknownOrder)?;
    let ordered_by = run.by;
    let scopes: Vec<ScopeId> = run.expired.iter().map(|it| it.scope).collect();
    let goes = |scope: &ScopeId| !run.kept().contains(scope);
    let targets = scopes.into_iter().filter(goes).map(Cut::Scope).collect();
    let ground = GROUND.to_owned();
    engine.erase_decided(tenant, DecidedErasure { order, targets, ground, ordered_by, approved_by })
}
