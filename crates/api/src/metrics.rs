//! Figures about the server, for Prometheus, on a listener of their own.
//!
//! *Invariant:* a label is a method, the template of a route, a status or the id of a tenant; never
//! anything that a request said.

use std::io;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::service::Service;

const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Seconds; from what a cached read takes to the time-out of a request.
const SECONDS: [f64; 9] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 10.0, 30.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfTenant {
    tenant: String,
}

/// What is counted.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Asked, Counter>,
    took: Histogram,
    turned_down: Counter,
    faults: Counter,
    records: Family<OfTenant, Gauge<u64, AtomicU64>>,
    free_at_work: Gauge<u64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("zegel");
        let requests = Family::default();
        let took = Histogram::new(SECONDS);
        let (turned_down, faults) = (Counter::default(), Counter::default());
        let (records, free_at_work) = (Family::default(), Gauge::default());
        registry.register("requests", "Requests answered", requests.clone());
        registry.register("request_seconds", "How long an answer took", took.clone());
        registry.register("turned_down", "Requests turned down unread", turned_down.clone());
        registry.register("faults", "Answers that say we are broken", faults.clone());
        registry.register("records", "Records in the journal of a tenant", records.clone());
        registry.register("free_at_work", "Places free for requests", free_at_work.clone());
        Self { registry, requests, took, turned_down, faults, records, free_at_work }
    }
}

impl Metrics {
    pub(crate) fn request(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let asked = Asked { method, route: route.to_owned(), status };
        self.requests.get_or_create(&asked).inc();
        self.took.observe(took.as_secs_f64());
    }

    pub(crate) fn turned_down(&self) {
        self.turned_down.inc();
    }

    pub(crate) fn fault(&self) {
        self.faults.inc();
    }
}

/// Serves the figures until `stop` is ready. Whoever reaches the listener may read them: it belongs
/// on an address that only the monitoring reaches.
///
/// # Errors
/// That of the listener.
pub async fn serve_metrics(
    listener: TcpListener,
    service: Service,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let router = Router::new().route("/metrics", get(figures)).with_state(service);
    let mut stop = std::pin::pin!(stop);
    loop {
        let (stream, _) = tokio::select! {
            () = &mut stop => return Ok(()),
            accepted = listener.accept() => accepted?,
        };
        let routes = hyper_util::service::TowerToHyperService::new(router.clone());
        let stream = hyper_util::rt::TokioIo::new(stream);
        let connection = hyper::server::conn::http1::Builder::new()
            .keep_alive(false)
            .timer(hyper_util::rt::TokioTimer::new())
            .serve_connection(stream, routes);
        // One reader at a time, within a time: a figure is not worth a queue.
        let _ended = tokio::time::timeout(Duration::from_secs(10), connection).await;
    }
}

async fn figures(State(service): State<Service>) -> Response {
    let metrics = service.metrics();
    metrics.free_at_work.set(u64::try_from(service.free_at_work()).unwrap_or(u64::MAX));
    let (answer, answered) = oneshot::channel();
    let sizes = move |engine: &mut engine::Engine| {
        let tenants = engine.tenants();
        let _ = answer.send(tenants.into_iter().map(|row| (row.tenant, row.records)).collect());
    };
    if service.handle().ask(sizes).is_ok() {
        let sizes: Vec<(String, u64)> = answered.await.unwrap_or_default();
        for (tenant, records) in sizes {
            metrics.records.get_or_create(&OfTenant { tenant }).set(records);
        }
    }
    let mut written = String::new();
    // Writing to a text cannot fail.
    let _ = text::encode(&mut written, &metrics.registry);
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], written).into_response()
}
