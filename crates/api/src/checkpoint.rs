//! The newest signed checkpoint of a tenant's journal, as text (docs/format/checkpoint.md).

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use crate::ask;
use crate::crowd::Seat;
use crate::language::Language;
use crate::parse;
use crate::problem::{Kind, Problem};
use crate::service::Service;

/// `GET /v1/tenants/{tenant}/checkpoint`
pub(crate) async fn newest(
    State(service): State<Service>,
    tenant: Result<Path<String>, PathRejection>,
    language: Language,
    seat: Seat,
) -> Result<Response, Problem> {
    // A path that cannot be decoded holds no id either.
    let tenant = parse::tenant(&tenant.map(|Path(tenant)| tenant).unwrap_or_default())?;
    let published = ask::ask(&service, &seat, move |engine| {
        engine.tenant(tenant)?;
        Ok(engine.published(tenant)?)
    });
    let note = published
        .await
        .map_err(|unanswered| Problem::from_engine(unanswered, language, &service))?
        .ok_or_else(|| Problem::of(Kind::Unknown).with("no checkpoint is published yet"))?;
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], note).into_response())
}
