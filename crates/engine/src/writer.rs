//! The one writer: a thread that owns the engine and commits what waits in groups.
//!
//! *Invariant:* requests of one group are answered after their common commit.
//! *Invariant:* the queue is bounded; a full queue is the caller's answer, never a wait without end.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use record::{CommandId, JournalId};

use crate::checkpoint::PUBLISH_AFTER;
use crate::engine::Engine;
use crate::execute::{Done, EngineError, Fault, GROUP_COMMANDS_MAX, Request};

/// Most requests that wait for the writer.
pub(crate) const QUEUE_MAX: usize = 4_096;

type Answer = Box<dyn FnOnce(Result<Done, EngineError>) + Send>;
type Query = Box<dyn FnOnce(&mut Engine) + Send>;
type Make = Box<dyn FnOnce(&Engine) -> Result<Request, EngineError> + Send>;

enum Job {
    Execute { tenant: JournalId, request: Box<Request>, answer: Answer },
    Make { tenant: JournalId, make: Make, answer: Answer },
    Query(Query),
    Stop,
}

/// Why a request was not queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// The queue is full: try again later.
    Busy,
    /// The writer has ended.
    Ended,
}

/// A writer that is at one job for longer is not ready, whatever it said before.
const JOB_SECONDS_MAX: u64 = 10;

/// What the writer tells to whoever asks without waiting for it.
#[derive(Debug)]
struct Told {
    ready: AtomicBool,
    ended: AtomicBool,
    /// Since when there has been a writer.
    start: Instant,
    /// Seconds from `start` to when it last looked for work.
    looked: AtomicU64,
    /// What should be better; the lock is held for one copy.
    advice: Mutex<Option<&'static str>>,
}

impl Told {
    fn new() -> Self {
        Self {
            ready: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            start: Instant::now(),
            looked: AtomicU64::new(0),
            advice: Mutex::new(None),
        }
    }

    fn tell(&self, engine: &Engine) {
        self.looked.store(self.start.elapsed().as_secs(), Ordering::Relaxed);
        self.ready.store(engine.ready().is_ok(), Ordering::Relaxed);
        *self.advice.lock().unwrap_or_else(PoisonError::into_inner) = engine.escrow_advice();
    }
}

/// Hands requests to the writer; cheap to clone.
#[derive(Clone)]
pub struct Handle {
    jobs: SyncSender<Job>,
    told: Arc<Told>,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Handle(..)")
    }
}

impl Handle {
    /// Queues a command; `answer` is called once it is durable or refused.
    ///
    /// # Errors
    /// [`Stopped`] when it cannot be queued; then `answer` is never called.
    pub fn execute(
        &self,
        tenant: JournalId,
        request: Request,
        answer: impl FnOnce(Result<Done, EngineError>) + Send + 'static,
    ) -> Result<(), Stopped> {
        self.send(Job::Execute { tenant, request: Box::new(request), answer: Box::new(answer) })
    }

    /// Queues a command whose ids are made inside the engine, from the caller's own key.
    ///
    /// # Errors
    /// [`Stopped`] when it cannot be queued; then `answer` is never called.
    pub fn submit(
        &self,
        tenant: JournalId,
        make: impl FnOnce(&Engine) -> Result<Request, EngineError> + Send + 'static,
        answer: impl FnOnce(Result<Done, EngineError>) + Send + 'static,
    ) -> Result<(), Stopped> {
        self.send(Job::Make { tenant, make: Box::new(make), answer: Box::new(answer) })
    }

    /// Queues a question to the engine; it is asked between two commits.
    ///
    /// # Errors
    /// [`Stopped`] when it cannot be queued.
    pub fn ask(&self, query: impl FnOnce(&mut Engine) + Send + 'static) -> Result<(), Stopped> {
        self.send(Job::Query(Box::new(query)))
    }

    /// Whether the engine can work, as of its last job, which must not be long ago: the writer looks
    /// for work each second. It costs the writer nothing.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let looked = self.told.looked.load(Ordering::Relaxed);
        let lately = self.told.start.elapsed().as_secs().saturating_sub(looked) <= JOB_SECONDS_MAX;
        lately && self.told.ready.load(Ordering::Relaxed)
    }

    /// Whether the writer has ended, for whatever reason: nothing is answered any more.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.told.ended.load(Ordering::Relaxed)
    }

    /// What stops no work and should be better, as of the last job.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        *self.told.advice.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, job: Job) -> Result<(), Stopped> {
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => Stopped::Busy,
            TrySendError::Disconnected(_) => Stopped::Ended,
        })
    }
}

/// The writer's thread.
#[derive(Debug)]
pub struct Writer {
    jobs: SyncSender<Job>,
    told: Arc<Told>,
    thread: JoinHandle<Result<(), Fault>>,
}

impl Writer {
    /// Starts the thread, which owns the engine from here on.
    ///
    /// # Errors
    /// The operating system's, when it gives no thread.
    pub fn start(engine: Engine) -> std::io::Result<Self> {
        let (jobs, queue) = sync_channel(QUEUE_MAX);
        let named = std::thread::Builder::new().name("zegel-writer".to_owned());
        let told = Arc::new(Told::new());
        told.tell(&engine);
        let tells = Arc::clone(&told);
        let thread = named.spawn(move || {
            let _told_at_the_end = Ends(&tells);
            run(engine, &queue, &tells)
        })?;
        Ok(Self { jobs, told, thread })
    }

    /// A handle for callers.
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle { jobs: self.jobs.clone(), told: Arc::clone(&self.told) }
    }

    /// Finishes what is queued, publishes a last checkpoint and ends the thread.
    ///
    /// # Errors
    /// The [`Fault`] that ended the writer, if one did.
    pub fn stop(self) -> Result<(), Fault> {
        let _ended_already = self.jobs.send(Job::Stop);
        self.thread.join().unwrap_or(Err(Fault::Broken))
    }
}

/// Tells that the writer has ended, even if it panicked.
struct Ends<'a>(&'a Told);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.ready.store(false, Ordering::Relaxed);
        self.0.ended.store(true, Ordering::Relaxed);
    }
}

fn run(mut engine: Engine, queue: &Receiver<Job>, told: &Told) -> Result<(), Fault> {
    loop {
        told.tell(&engine);
        engine.keep_snapshots_in_passing()?;
        match queue.recv_timeout(PUBLISH_AFTER) {
            Ok(job) => {
                if !work(&mut engine, job, queue)? {
                    return end(&mut engine);
                }
            }
            Err(RecvTimeoutError::Timeout) => engine.publish_as_due()?,
            Err(RecvTimeoutError::Disconnected) => return end(&mut engine),
        }
        engine.mend_escrow();
    }
}

/// Publishes what grew, and keeps what the next opening starts from.
fn end(engine: &mut Engine) -> Result<(), Fault> {
    engine.publish_with_digests()?;
    engine.keep_snapshots()
}

/// Does one job, and with it the commands that wait behind it; false at the stop.
///
/// The number is limited, so that a checkpoint is never put off by work that keeps coming.
fn work(engine: &mut Engine, job: Job, queue: &Receiver<Job>) -> Result<bool, Fault> {
    let mut group = Group::default();
    let mut behind = queue.try_iter().take(GROUP_COMMANDS_MAX - 1);
    let mut next = Some(job);
    while let Some(job) = next.take() {
        match job {
            Job::Execute { tenant, request, answer } => {
                group.add(engine, tenant, *request, answer);
                next = behind.next();
            }
            Job::Make { tenant, make, answer } => {
                match make(engine) {
                    Ok(request) => group.add(engine, tenant, request, answer),
                    Err(error) => answer(Err(error)),
                }
                next = behind.next();
            }
            Job::Query(query) => {
                group.commit(engine);
                query(engine);
            }
            Job::Stop => {
                group.commit(engine);
                return Ok(false);
            }
        }
    }
    group.commit(engine);
    engine.publish_if_due()?;
    Ok(true)
}

/// Commands of one tenant that share a commit.
#[derive(Default)]
struct Group {
    tenant: Option<JournalId>,
    ids: BTreeSet<CommandId>,
    requests: Vec<Request>,
    answers: Vec<Answer>,
}

impl Group {
    /// Whether a request may join: same tenant, and its id is not in the group yet.
    fn takes(&self, tenant: JournalId, request: &Request) -> bool {
        self.tenant.is_none_or(|own| own == tenant) && !self.ids.contains(&request.id)
    }

    /// Joins a request, after the commit of whatever it cannot share one with.
    fn add(&mut self, engine: &mut Engine, tenant: JournalId, request: Request, answer: Answer) {
        if !self.takes(tenant, &request) {
            self.commit(engine);
        }
        self.push(tenant, request, answer);
    }

    fn push(&mut self, tenant: JournalId, request: Request, answer: Answer) {
        self.tenant = Some(tenant);
        self.ids.insert(request.id);
        self.requests.push(request);
        self.answers.push(answer);
    }

    fn commit(&mut self, engine: &mut Engine) {
        let Self { tenant, requests, answers, .. } = std::mem::take(self);
        let Some(tenant) = tenant else { return };
        match engine.execute(tenant, &requests) {
            Ok(done) => answers.into_iter().zip(done).for_each(|(answer, done)| answer(done)),
            Err(error) => refuse_all(error, answers),
        }
    }
}

/// Gives one error to every request of a group; the first gets it in full.
fn refuse_all(error: EngineError, answers: Vec<Answer>) {
    let again = |error: &EngineError| match error {
        EngineError::UnknownTenant => EngineError::UnknownTenant,
        EngineError::TenantEnded => EngineError::TenantEnded,
        EngineError::NoSpace => EngineError::NoSpace,
        _ => Fault::Broken.into(),
    };
    let mut error = Some(error);
    for answer in answers {
        let next = error.as_ref().map(again);
        answer(Err(error.take().unwrap_or(Fault::Broken.into())));
        error = next;
    }
}
