//! Asking the engine: what waits for the writer's thread, as futures.
//!
//! *Invariant:* a caller that goes away changes nothing: what was queued is done, and repeating it
//! under the same key answers the same; its place at work is free once the engine is done with it.

use engine::{Done, Engine, EngineError, Request, Stopped};
use record::JournalId;
use tokio::sync::oneshot;

use crate::crowd::Seat;
use crate::problem::{Kind, Problem};
use crate::service::Service;

/// Why there is no answer from the engine.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// It could not be asked, or ended before it answered.
    Stopped(Stopped),
    /// It says no, or is broken.
    Engine(EngineError),
}

impl From<EngineError> for Unanswered {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl From<Stopped> for Unanswered {
    fn from(stopped: Stopped) -> Self {
        Self::Stopped(stopped)
    }
}

impl From<Stopped> for Problem {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Busy => Self::of(Kind::Busy),
            Stopped::Ended => Self::of(Kind::Stopped),
        }
    }
}

/// Has a command made and carried out; ready once it is durable.
///
/// # Errors
/// [`Unanswered`].
pub(crate) async fn submit(
    service: &Service,
    seat: &Seat,
    tenant: JournalId,
    make: impl FnOnce(&Engine) -> Result<Request, EngineError> + Send + 'static,
) -> Result<Done, Unanswered> {
    let _stays = seat.at_work();
    let place = service.place_at_work()?;
    let (answer, answered) = oneshot::channel();
    let deliver = move |done| {
        drop(place);
        // A caller that went away needs no answer.
        let _ = answer.send(done);
    };
    service.handle().submit(tenant, make, deliver).map_err(Unanswered::Stopped)?;
    Ok(answered.await.map_err(|_| Unanswered::Stopped(Stopped::Ended))??)
}

/// Has a question answered between two commits.
///
/// # Errors
/// [`Unanswered`].
pub(crate) async fn ask<T: Send + 'static>(
    service: &Service,
    seat: &Seat,
    question: impl FnOnce(&Engine) -> Result<T, EngineError> + Send + 'static,
) -> Result<T, Unanswered> {
    ask_mut(service, seat, |engine| question(engine)).await
}

/// The same, for a question whose answer may have to be recorded first.
///
/// # Errors
/// [`Unanswered`].
pub(crate) async fn ask_mut<T: Send + 'static>(
    service: &Service,
    seat: &Seat,
    question: impl FnOnce(&mut Engine) -> Result<T, EngineError> + Send + 'static,
) -> Result<T, Unanswered> {
    let _stays = seat.at_work();
    let place = service.place_at_work()?;
    let (answer, answered) = oneshot::channel();
    let deliver = move |engine: &mut Engine| {
        let reply = question(engine);
        drop(place);
        // A caller that went away needs no answer.
        let _ = answer.send(reply);
    };
    service.handle().ask(deliver).map_err(Unanswered::Stopped)?;
    Ok(answered.await.map_err(|_| Unanswered::Stopped(Stopped::Ended))??)
}
