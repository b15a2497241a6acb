//! The published analysis of a round.
//!
//! *Invariant:* only what was published is shown: what may be shown was decided before.

use axum::Json;
use axum::extract::{RawQuery, State};
use engine::{Engine, EngineError, RoundId};
use projections::PublishedAnalysis;
use record::JournalId;

use crate::ask;
use crate::crowd::Seat;
use crate::language::Language;
use crate::parse::{self, Ids};
use crate::problem::{Kind, Problem};
use crate::service::Service;

/// `GET /v1/tenants/{tenant}/rounds/{round}/analysis`
pub(crate) async fn analysis(
    State(service): State<Service>,
    ids: Ids,
    RawQuery(query): RawQuery,
    language: Language,
    seat: Seat,
) -> Result<Json<PublishedAnalysis>, Problem> {
    let (tenant, round) = parse::round(ids)?;
    let group = parse::group_query(query.as_deref())?;
    let found = ask::ask(&service, &seat, move |engine| newest(engine, tenant, round)).await;
    let found = found.map_err(|asked| Problem::from_engine(asked, language, &service))?;
    let unpublished = || Problem::of(Kind::Unknown).with("nothing is published of this round");
    let analysis = found.ok_or_else(unpublished)?;
    match group {
        None => Ok(Json(analysis)),
        Some(group) => of_group(analysis, &group).map(Json),
    }
}

fn newest(
    engine: &Engine,
    tenant: JournalId,
    round: RoundId,
) -> Result<Option<PublishedAnalysis>, EngineError> {
    let tenant = engine.tenant(tenant)?;
    if tenant.has_ended() {
        return Err(EngineError::TenantEnded);
    }
    Ok(tenant.views().analyses().newest(round))
}

/// The cells of one group alone.
fn of_group(mut analysis: PublishedAnalysis, group: &str) -> Result<PublishedAnalysis, Problem> {
    for question in &mut analysis.questions {
        question.cells.retain(|cell| cell.group.as_deref() == Some(group));
    }
    if analysis.questions.iter().all(|question| question.cells.is_empty()) {
        return Err(Problem::of(Kind::Unknown).with("the publication has no such group"));
    }
    Ok(analysis)
}
