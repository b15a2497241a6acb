//! What the server is: its routes, and what all of them share.
//!
//! *Invariant:* the three routes of responses, analyses and checkpoints ask for the operator's token
//! before they look at anything else; operations ask for a session or a token of an account; only
//! signing in, out, setting a password with a code, answering with a code, and the OpenAPI document
//! ask for neither.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use authority::{Authority, AuthorityError};
use axum::Json;
use axum::Router;
use axum::extract::Request;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodFilter, get, on, post};
use engine::{Handle, Stopped};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::answer::Pending;
use crate::crowd::Seat;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::problem::{Kind, Problem};
use crate::session::Sessions;
use crate::token::{Token, required};
use crate::{
    answer, checkpoint, console, discover, form, health, live, log, openapi, operations, sign_in,
    survey,
};

/// What every route that asks the engine begins with.
const GUARDED: &str = "/v1/";

/// Everything that answering a request needs; cheap to clone.
#[derive(Debug, Clone)]
pub struct Service(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    handle: Handle,
    token: Token,
    limits: Limits,
    faults: AtomicU64,
    at_work: Arc<Semaphore>,
    turned_down: AtomicU64,
    authority: Authority,
    sessions: Sessions,
    metrics: Metrics,
    pending: Pending,
    /// Passwords that are digested at the same time: each takes 19 MiB and a core.
    digesting: Arc<Semaphore>,
}

/// Passwords digested at the same time.
const DIGESTING_MAX: usize = 2;

impl Service {
    /// A service that asks the engine through `handle`, for callers that hold `token`, on at most
    /// this many connections: see [`connections_within`](crate::connections_within).
    ///
    /// With an empty token nobody is let in.
    ///
    /// # Errors
    /// [`AuthorityError`] if our policies are none, which is a bug of ours.
    pub fn new(handle: Handle, token: &str, connections: usize) -> Result<Self, AuthorityError> {
        Self::limited(handle, token, Limits { connections, ..Limits::default() })
    }

    pub(crate) fn limited(
        handle: Handle,
        token: &str,
        limits: Limits,
    ) -> Result<Self, AuthorityError> {
        Ok(Self::under(Authority::new()?, handle, token, limits))
    }

    /// A service under other policies than ours, to see what each of them is good for.
    pub(crate) fn under(authority: Authority, handle: Handle, token: &str, limits: Limits) -> Self {
        let token = Token::new(token);
        Self(Arc::new(Shared {
            authority,
            sessions: Sessions::default(),
            metrics: Metrics::default(),
            pending: Pending::default(),
            digesting: Arc::new(Semaphore::new(DIGESTING_MAX)),
            handle,
            token,
            limits,
            faults: AtomicU64::new(0),
            at_work: Arc::new(Semaphore::new(limits.at_work)),
            turned_down: AtomicU64::new(0),
        }))
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.0.handle
    }

    pub(crate) fn token(&self) -> &Token {
        &self.0.token
    }

    pub(crate) fn authority(&self) -> &Authority {
        &self.0.authority
    }

    pub(crate) fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Who answered with a code of their own and is not recorded yet.
    pub(crate) fn pending(&self) -> &Pending {
        &self.0.pending
    }

    /// A turn to digest a password; none when the server ends.
    pub(crate) async fn digesting(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0.digesting).acquire_owned().await.ok()
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// A place among what the engine is asked at the same time; nobody queues for one.
    ///
    /// # Errors
    /// [`Stopped::Busy`] when all are taken.
    pub(crate) fn place_at_work(&self) -> Result<OwnedSemaphorePermit, Stopped> {
        Arc::clone(&self.0.at_work).try_acquire_owned().map_err(|_| Stopped::Busy)
    }

    pub(crate) fn free_at_work(&self) -> usize {
        self.0.at_work.available_permits()
    }

    /// Whether a request for the engine would be turned down now, whatever it says.
    pub(crate) fn turns_down(&self, path: &str) -> bool {
        let full = path.starts_with(GUARDED) && self.free_at_work() == 0;
        if full {
            self.0.turned_down.fetch_add(1, Ordering::Relaxed);
            self.0.metrics.turned_down();
        }
        full
    }

    /// How many were turned down unread since the last time this was asked.
    pub(crate) fn take_turned_down(&self) -> u64 {
        self.0.turned_down.swap(0, Ordering::Relaxed)
    }

    /// Counts faults: the number in the answer finds the reason in the log.
    pub(crate) fn next_fault(&self) -> u64 {
        self.0.metrics.fault();
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
    let open = Router::new()
        .route("/v1/openapi.json", get(async || Json(openapi::document())))
        .route("/v1/tenants/{tenant}/sign-in", post(sign_in::sign_in))
        .route("/v1/tenants/{tenant}/sign-out", post(sign_in::sign_out))
        .route("/v1/tenants/{tenant}/new-password", post(sign_in::new_password))
        .route("/v1/tenants/{tenant}/answer-form", post(answer::form))
        .route("/v1/tenants/{tenant}/answers", post(answer::answer))
        .route("/v1/tenants/{tenant}/answer-withdrawal", post(answer::withdraw));
    let api = guarded.merge(open).merge(operated(&service));
    let asked: Router = api.clone().with_state(service.clone());
    Router::new()
        .route("/healthz", get(health::lives))
        .route("/readyz", get(health::ready))
        .merge(api)
        .merge(console::routes(service.clone(), asked))
        .fallback(async || Problem::of(Kind::NoSuchPath))
        .method_not_allowed_fallback(async || Problem::of(Kind::MethodNotAllowed))
        .layer(from_fn(form::unambiguous))
        .layer(from_fn_with_state(service.clone(), log::observed))
        .with_state(service)
}

/// The routes of all operations.
fn operated(service: &Service) -> Router<Service> {
    operations::all().into_iter().map(Arc::new).fold(Router::new(), |router, operation| {
        let path = format!("{}{}", openapi::BASE, operation.path);
        let filter = MethodFilter::try_from(operation.method.clone());
        let service = service.clone();
        let handle = async move |seat: Seat, request: Request| {
            live::perform(&service, &operation, &seat, request).await
        };
        match filter {
            Ok(filter) => router.route(&path, on(filter, handle)),
            Err(_) => router,
        }
    })
}
