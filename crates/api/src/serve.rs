//! Connections: taking them, limiting them, and ending them without losing an answer.
//!
//! *Invariant:* a connection lives in one task, holds one seat, and ends within the limits.
//! *Invariant:* what is beyond capacity is turned down before anything of it is read.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::response::{IntoResponse as _, Response};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::crowd::{Crowd, Seat};
use crate::form;
use crate::problem::{Kind, Problem};
use crate::service::{Service, routes};
use crate::timely::Timely;

/// Pause after a failed accept: the usual reason is too many open files, which passes.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How often a flood is told of: a line for each request would only add to it.
const FLOOD_TOLD_EVERY: Duration = Duration::from_secs(1);
/// Failed accepts in a row (a minute of them) after which the listener is given up.
const ACCEPT_FAILURES_MAX: u32 = 600;

/// Serves until `stop` is ready, then finishes what runs, within a limit.
///
/// # Errors
/// That of the listener, when it has failed for a minute.
pub async fn serve(
    listener: TcpListener,
    service: Service,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let (stopping, stopped) = watch::channel(());
    let finish_max = service.limits().finish;
    let doors = Doors::new(service, stopped);
    let mut connections = JoinSet::new();
    let served = accept_until(&listener, &doors, &mut connections, stop).await;
    drop(listener);
    drop(stopping);
    doors.tell_of_flood();
    finish(connections, finish_max).await;
    served
}

async fn accept_until(
    listener: &TcpListener,
    doors: &Doors,
    connections: &mut JoinSet<()>,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let mut stop = pin!(stop);
    let mut failures = 0;
    let mut telling = interval(FLOOD_TOLD_EVERY);
    telling.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => return Ok(()),
            Some(ended) = connections.join_next() => {
                note(ended);
                continue;
            }
            _ = telling.tick() => {
                doors.tell_of_flood();
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                failures = 0;
                doors.enter(stream, connections);
            }
            Err(error) if failures == ACCEPT_FAILURES_MAX => return Err(error),
            Err(error) => {
                failures += 1;
                tracing::warn!(kind = %error.kind(), "cannot accept a connection");
                // With too many open files, one that merely waits is one too many.
                doors.crowd.send_one_away();
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Waits for the connections that still work on an answer; who takes longer is cut off.
async fn finish(mut connections: JoinSet<()>, limit: Duration) {
    let all = async {
        while let Some(ended) = connections.join_next().await {
            note(ended);
        }
    };
    // Each connection ends itself within the limit; this bounds one that cannot.
    if timeout(limit.saturating_mul(2), all).await.is_err() {
        tracing::warn!("connections were cut off at the stop");
    }
    connections.shutdown().await;
}

/// A panic ends its connection alone; its message may hold what a request said, so it stays out.
fn note(ended: Result<(), JoinError>) {
    if ended.is_err_and(|error| error.is_panic()) {
        tracing::error!("a connection ended in a panic");
    }
}

/// Where connections enter.
pub(crate) struct Doors {
    service: Service,
    router: Router,
    crowd: Crowd,
    stopped: watch::Receiver<()>,
}

impl Doors {
    pub(crate) fn new(service: Service, stopped: watch::Receiver<()>) -> Self {
        let crowd = Crowd::new(service.limits().connections);
        let router = routes(service.clone());
        Self { service, router, crowd, stopped }
    }

    /// One line for all requests that were turned down unread since the last one.
    fn tell_of_flood(&self) {
        let requests = self.service.take_turned_down();
        if requests > 0 {
            tracing::warn!(requests, "turned down unread: as much is at work as can be");
        }
    }

    /// What answers a newcomer; nothing when all others are at work.
    pub(crate) fn answering(&self) -> Option<Answering> {
        let seat = self.crowd.enter()?;
        let routes = TowerToHyperService::new(self.router.clone());
        Some(Answering { service: self.service.clone(), routes, seat })
    }

    /// Gives a connection its task; it is closed unheard when all others are at work.
    fn enter(&self, stream: TcpStream, connections: &mut JoinSet<()>) {
        let Some(answering) = self.answering() else { return };
        // Without this an answer may wait for the peer's delayed acknowledgement; failing is harmless.
        let _ = stream.set_nodelay(true);
        connections.spawn(answering.converse(stream, self.stopped.clone()));
    }
}

/// What one connection is answered by.
#[derive(Clone)]
pub(crate) struct Answering {
    service: Service,
    routes: TowerToHyperService<Router>,
    seat: Seat,
}

impl Answering {
    /// One connection, from its first byte to its last.
    pub(crate) async fn converse(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin,
        mut stopped: watch::Receiver<()>,
    ) {
        let limits = *self.service.limits();
        let seat = self.seat.clone();
        let stream = TokioIo::new(Timely::new(stream, limits.answer_write));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head_read)
            .max_buf_size(limits.head_bytes)
            .max_headers(limits.headers)
            .serve_connection(stream, service_fn(move |request| self.clone().answer(request)));
        let mut connection = pin!(connection);
        // How a connection ended is the peer's affair: it is no fault, and says nothing about us.
        tokio::select! {
            // What has arrived is looked at first: a newcomer may have to give way before its task
            // ran even once.
            biased;
            _ended = connection.as_mut() => return,
            () = seat.sent_away() => if !seat.is_at_work() { return },
            _stop = stopped.changed() => {}
            () = sleep(limits.connection) => {}
        }
        connection.as_mut().graceful_shutdown();
        let _ended = timeout(limits.finish, connection).await;
    }

    /// One answer. Beyond capacity it costs next to nothing: of the request only its form is looked
    /// at, since whoever is turned down must not hide a second request behind the first.
    async fn answer(self, mut request: Request<Incoming>) -> Result<Response, Infallible> {
        if self.service.turns_down(request.uri().path()) {
            let refused = form::ambiguous(&request);
            sleep(self.service.limits().turned_down).await;
            return Ok(refused.unwrap_or_else(|| Problem::of(Kind::Busy).into_response()));
        }
        request.extensions_mut().insert(self.seat);
        self.routes.call(request).await
    }
}
