//! What two readers of one request could understand differently (RFC 9112 §3.2 and §6, RFC 9110 §7).
//!
//! *Invariant:* a request whose end or addressee is open to interpretation goes no further, and its
//! connection ends with the refusal: whatever follows on it may be part of somebody else's request.

use axum::body::Body;
use axum::http::{HeaderValue, Request, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::problem::{Kind, Problem};

/// The refusal of a request that cannot be understood in one way only.
pub(crate) fn ambiguous<B>(request: &Request<B>) -> Option<Response> {
    let problem = check(request).err()?;
    let mut response = problem.into_response();
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    Some(response)
}

/// Lets a request pass that can be understood in one way only.
pub(crate) async fn unambiguous(request: Request<Body>, next: Next) -> Response {
    match ambiguous(&request) {
        None => next.run(request).await,
        Some(refused) => refused,
    }
}

fn check<B>(request: &Request<B>) -> Result<(), Problem> {
    let headers = request.headers();
    // The parser drops a `Content-Length` beside this silently, so the pair cannot be seen here.
    if headers.contains_key(header::TRANSFER_ENCODING) {
        return Err(Problem::of(Kind::LengthRequired));
    }
    let hosts = headers.get_all(header::HOST).iter().count();
    if hosts > 1 || (hosts == 0 && request.version() != Version::HTTP_10) {
        return Err(Problem::input("Host", "exactly one such header"));
    }
    let target = request.uri();
    if target.scheme().is_some() || target.authority().is_some() || !target.path().starts_with('/')
    {
        return Err(Problem::input("target", "a path that begins with `/`: this is no proxy"));
    }
    Ok(())
}
