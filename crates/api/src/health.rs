//! Whether the process lives, and whether it can work; for whoever watches it, without a token.
//!
//! *Invariant:* an answer costs next to nothing and tells nothing about any tenant.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::ask;
use crate::language::Language;
use crate::problem::Problem;
use crate::service::Service;

/// What is as it should not be, but stops no work.
const ADVICE: &[&str] = &[engine::NO_ESCROW];

#[derive(Serialize)]
struct Live {
    live: bool,
}

#[derive(Serialize)]
struct Ready {
    ready: bool,
    advice: &'static [&'static str],
}

/// `GET /healthz`
pub(crate) async fn lives() -> Response {
    Json(Live { live: true }).into_response()
}

/// `GET /readyz`
pub(crate) async fn ready(State(service): State<Service>) -> Result<Response, Problem> {
    match ask::ask(&service, |engine| Ok(engine.ready())).await {
        Ok(alive) => {
            let status = match alive {
                Ok(()) => StatusCode::OK,
                Err(_) => StatusCode::SERVICE_UNAVAILABLE,
            };
            let ready = Ready { ready: alive.is_ok(), advice: ADVICE };
            Ok((status, Json(ready)).into_response())
        }
        Err(unanswered) => Err(Problem::from_engine(unanswered, Language::English, &service)),
    }
}
