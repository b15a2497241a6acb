//! Whether the process lives, and whether it can work; for whoever watches it, without a token.
//!
//! *Invariant:* an answer costs next to nothing and tells nothing about any tenant.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::service::Service;

#[derive(Serialize)]
struct Live {
    live: bool,
}

#[derive(Serialize)]
struct Ready {
    ready: bool,
    /// What is as it should not be, but stops no work.
    advice: Vec<&'static str>,
}

/// `GET /healthz`
pub(crate) async fn lives() -> Response {
    Json(Live { live: true }).into_response()
}

/// `GET /readyz`
pub(crate) async fn ready(State(service): State<Service>) -> Response {
    let ready = service.handle().is_ready();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Ready { ready, advice: service.handle().advice().into_iter().collect() }))
        .into_response()
}
