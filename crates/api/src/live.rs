//! Live views: an answer that says when it would differ (HTML Living Standard §9.2, server-sent
//! events).
//!
//! *Invariant:* a live view is the operation itself, performed again: whoever may no longer see the
//! answer hears that it ended, and nothing else.
//! *Invariant:* what leaves is the tag of the content, never the content; and what leaves a line in
//! the trail cannot be watched, since each look would be one.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::unfold;

use crate::crowd::Seat;
use crate::operation::Operation;
use crate::perform::{self, Waiting};
use crate::problem::Problem;
use crate::service::Service;

const EVENT_STREAM: &str = "text/event-stream";
/// How often it is looked whether the answer differs.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// After so many looks without news a comment is sent: proxies close what is silent.
const SILENT_LOOKS_MAX: u32 = 7;

/// Performs an operation, once or until the caller goes away.
///
/// # Errors
/// [`Problem`].
pub(crate) async fn perform(
    service: &Service,
    operation: &Arc<Operation>,
    seat: &Seat,
    request: Request,
) -> Result<Response, Problem> {
    if !wants_events(request.headers()) || operation.changes() {
        return perform::perform(service, operation, seat, request).await;
    }
    if operation.recorded {
        let rule = "`text/event-stream` only where a look leaves no line in the trail";
        return Err(Problem::input("Accept", rule));
    }
    let (mut parts, _) = request.into_parts();
    let known = parts.headers.remove("last-event-id");
    parts.headers.remove(header::IF_NONE_MATCH);
    let first = Request::from_parts(parts.clone(), Body::empty());
    let first = perform::perform(service, operation, seat, first).await?;
    parts.extensions.insert(Waiting);
    let watch = Watch {
        service: service.clone(),
        operation: Arc::clone(operation),
        seat: seat.clone(),
        parts,
        told: known,
        found: tag(&first),
        ended: false,
    };
    let stream = unfold(watch, |watch| async { watch.next().await });
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(EVENT_STREAM))];
    Ok((StatusCode::OK, headers, Body::from_stream(stream)).into_response())
}

fn wants_events(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| accepted.split(',').any(|one| one.trim() == EVENT_STREAM))
}

fn tag(answer: &Response) -> Option<HeaderValue> {
    answer.headers().get(header::ETAG).cloned()
}

struct Watch {
    service: Service,
    operation: Arc<Operation>,
    seat: Seat,
    parts: Parts,
    /// The content that the caller knows.
    told: Option<HeaderValue>,
    /// The content that was found last.
    found: Option<HeaderValue>,
    ended: bool,
}

impl Watch {
    /// The next piece of the stream, and what goes on.
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        if self.ended {
            return None;
        }
        for _ in 0..SILENT_LOOKS_MAX {
            if self.found != self.told {
                self.told = self.found.clone();
                return Some((Ok(self.changed()), self));
            }
            tokio::time::sleep(LOOK_EVERY).await;
            let again = Request::from_parts(self.parts.clone(), Body::empty());
            match perform::perform(&self.service, &self.operation, &self.seat, again).await {
                Ok(answer) => self.found = tag(&answer),
                Err(_) => {
                    self.ended = true;
                    return Some((Ok(Bytes::from_static(b"event: ended\ndata: {}\n\n")), self));
                }
            }
        }
        Some((Ok(Bytes::from_static(b": still here\n\n")), self))
    }

    fn changed(&self) -> Bytes {
        let tag = self.found.as_ref().and_then(|tag| tag.to_str().ok()).unwrap_or("\"\"");
        Bytes::from(format!("id: {tag}\nevent: changed\ndata: {{\"etag\":{tag}}}\n\n"))
    }
}
