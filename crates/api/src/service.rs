//! What the server is: its routes, and what all of them share.
//!
//! *Invariant:* every route under `/v1` asks for the token before it looks at anything else.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use engine::Handle;

use crate::limits::Limits;
use crate::problem::{Kind, Problem};
use crate::token::{Token, required};
use crate::{checkpoint, discover, health, log, survey};

/// Everything that answering a request needs; cheap to clone.
#[derive(Debug, Clone)]
pub struct Service(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    handle: Handle,
    token: Token,
    limits: Limits,
    faults: AtomicU64,
}

impl Service {
    /// A service that asks the engine through `handle`, for callers that hold `token`.
    ///
    /// With an empty token nobody is let in.
    #[must_use]
    pub fn new(handle: Handle, token: &str) -> Self {
        Self::limited(handle, token, Limits::default())
    }

    pub(crate) fn limited(handle: Handle, token: &str, limits: Limits) -> Self {
        let token = Token::new(token);
        Self(Arc::new(Shared { handle, token, limits, faults: AtomicU64::new(0) }))
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.0.handle
    }

    pub(crate) fn token(&self) -> &Token {
        &self.0.token
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Counts faults: the number in the answer finds the reason in the log.
    pub(crate) fn next_fault(&self) -> u64 {
        self.0.faults.fetch_add(1, Ordering::Relaxed).saturating_add(1)
    }
}

/// All routes.
pub(crate) fn routes(service: Service) -> Router {
    let guarded = Router::new()
        .route("/v1/tenants/{tenant}/rounds/{round}/responses", post(survey::submit))
        .route("/v1/tenants/{tenant}/rounds/{round}/analysis", get(discover::analysis))
        .route("/v1/tenants/{tenant}/checkpoint", get(checkpoint::newest))
        .method_not_allowed_fallback(async || Problem::of(Kind::MethodNotAllowed))
        .layer(from_fn_with_state(service.clone(), required));
    Router::new()
        .route("/healthz", get(health::lives))
        .route("/readyz", get(health::ready))
        .merge(guarded)
        .fallback(async || Problem::of(Kind::NoSuchPath))
        .method_not_allowed_fallback(async || Problem::of(Kind::MethodNotAllowed))
        .layer(from_fn_with_state(service.clone(), log::observed))
        .with_state(service)
}

/// What every request hears on a connection too many.
pub(crate) fn turned_away(service: Service) -> Router {
    Router::new()
        .fallback(async || Problem::of(Kind::TooManyConnections))
        .layer(from_fn(log::closing))
        .layer(from_fn_with_state(service, log::observed))
}
