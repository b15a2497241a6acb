//! Connections: taking them, limiting them, and ending them without losing an answer.
//!
//! *Invariant:* a connection lives in one task, holds one permit, and ends within the limits.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{sleep, timeout};

use crate::limits::Limits;
use crate::service::{Service, routes, turned_away};

/// Pause after a failed accept: the usual reason is too many open files, which passes.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
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
    let doors = Doors::new(&service, stopped);
    let mut connections = JoinSet::new();
    let served = accept_until(&listener, &doors, &mut connections, stop).await;
    drop(listener);
    drop(stopping);
    finish(connections, doors.limits.finish).await;
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
    loop {
        let accepted = tokio::select! {
            () = &mut stop => return Ok(()),
            Some(ended) = connections.join_next() => {
                note(ended);
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

/// Where connections enter: those that are served, and those that hear that it is full.
struct Doors {
    rooms: Router,
    lobby: Router,
    room: Arc<Semaphore>,
    lobby_room: Arc<Semaphore>,
    limits: Limits,
    stopped: watch::Receiver<()>,
}

impl Doors {
    fn new(service: &Service, stopped: watch::Receiver<()>) -> Self {
        let limits = *service.limits();
        Self {
            rooms: routes(service.clone()),
            lobby: turned_away(service.clone()),
            room: Arc::new(Semaphore::new(limits.connections)),
            lobby_room: Arc::new(Semaphore::new(limits.turned_away)),
            limits,
            stopped,
        }
    }

    /// Gives a connection its task, or closes it where even the lobby is full.
    fn enter(&self, stream: TcpStream, connections: &mut JoinSet<()>) {
        let stopped = self.stopped.clone();
        if let Ok(permit) = Arc::clone(&self.room).try_acquire_owned() {
            let rooms = self.rooms.clone();
            connections.spawn(converse(stream, rooms, self.limits, stopped, permit));
        } else if let Ok(permit) = Arc::clone(&self.lobby_room).try_acquire_owned() {
            let brief = self.limits.turn_away;
            let limits = Limits { head_read: brief, connection: brief, ..self.limits };
            connections.spawn(converse(stream, self.lobby.clone(), limits, stopped, permit));
        }
    }
}

/// One connection, from its first byte to its last.
async fn converse(
    stream: TcpStream,
    router: Router,
    limits: Limits,
    mut stopped: watch::Receiver<()>,
    _permit: OwnedSemaphorePermit,
) {
    // Without this an answer may wait for the peer's delayed acknowledgement; failing is harmless.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_read)
        .max_buf_size(limits.head_bytes)
        .max_headers(limits.headers)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = pin!(connection);
    // How a connection ended is the peer's affair: it is no fault, and says nothing about us.
    tokio::select! {
        _ended = connection.as_mut() => return,
        _stop = stopped.changed() => {}
        () = sleep(limits.connection) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ended = timeout(limits.finish, connection).await;
}
