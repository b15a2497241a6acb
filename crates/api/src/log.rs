//! One line of log for each request, and the time that a request may take.
//!
//! *Invariant:* a line holds the method, the route's template, the status and the time: never a
//! path, a query, a header or a body.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::{Instant, timeout};

use crate::problem::{Kind, Problem};
use crate::service::Service;

/// Stands for a path that is none of ours.
const NO_ROUTE: &str = "-";

/// Answers within the time-out, and logs.
pub(crate) async fn observed(
    State(service): State<Service>,
    route: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let method = method_name(request.method());
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    let answer = timeout(service.limits().request, next.run(request)).await;
    let mut response = answer.unwrap_or_else(|_| Problem::of(Kind::TookTooLong).into_response());
    let headers = response.headers_mut();
    // The stylesheet alone says otherwise.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let status = response.status().as_u16();
    let took = started.elapsed();
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    service.metrics().request(method, route, status, took);
    tracing::info!(method, route, status, micros, "request");
    response
}

/// A method that we know; any other is a word that a stranger chose.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
