//! Submitting a response to a round.
//!
//! *Invariant:* 201 or 200 is said once the response is durable, never before.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use engine::{Engine, EngineError, RoundId};
use record::JournalId;
use rules::Command;
use serde::Serialize;

use crate::ask;
use crate::crowd::Seat;
use crate::language::Language;
use crate::parse::{self, Ids, Responding};
use crate::problem::Problem;
use crate::service::Service;

#[derive(Serialize)]
struct Submitted {
    seq: u64,
    repeated: bool,
}

/// `POST /v1/tenants/{tenant}/rounds/{round}/responses`
pub(crate) async fn submit(
    State(service): State<Service>,
    ids: Ids,
    language: Language,
    seat: Seat,
    request: Request,
) -> Result<Response, Problem> {
    let (tenant, round) = parse::round(ids)?;
    let key = parse::idempotency_key(request.headers())?;
    parse::json_type(request.headers())?;
    let bytes = parse::body(request.into_body(), service.limits()).await?;
    let response = parse::response(&bytes)?;
    drop(bytes);
    let make = move |engine: &Engine| make(engine, tenant, round, &key, response);
    let done = ask::submit(&service, &seat, tenant, make)
        .await
        .map_err(|unanswered| Problem::from_engine(unanswered, language, &service))?;
    let status = if done.repeated { StatusCode::OK } else { StatusCode::CREATED };
    let submitted = Submitted { seq: done.seq.0, repeated: done.repeated };
    Ok((status, Json(submitted)).into_response())
}

/// The command, under the id that the caller's key stands for and a fresh pseudonym.
///
/// A repetition draws another pseudonym; the rules do not compare it.
fn make(
    engine: &Engine,
    tenant: JournalId,
    round: RoundId,
    key: &str,
    response: Responding,
) -> Result<engine::Request, EngineError> {
    if engine.tenant(tenant)?.has_ended() {
        return Err(EngineError::TenantEnded);
    }
    let id = engine.command_id(tenant, key)?;
    let pseudonym = engine.fresh_subject()?;
    let Responding { group, answers } = response;
    let command = Command::SubmitResponse { round, pseudonym, group, answers, import: None };
    Ok(engine::Request { id, command })
}
