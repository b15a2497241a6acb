//! A server with an installation of its own: one tenant, one open round of two questions.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use engine::{
    Clock, Engine, Handle, Paths, Question, QuestionKind, Request, RoundId, SurveyId, Writer,
};
use record::{CommandId, JournalId, ScopeId, TimestampMicros};
use rules::Command;
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::client::{Answer, Client, HANG};
use crate::Service;
use crate::limits::Limits;

pub(super) const TOKEN: &str = "f00dfacef00dface";
const FLOOR: u16 = 5;

pub(super) struct Server {
    pub(super) address: SocketAddr,
    pub(super) tenant: JournalId,
    pub(super) round: RoundId,
    pub(super) handle: Handle,
    service: Service,
    pub(super) writer: Option<Writer>,
    stop: Option<oneshot::Sender<()>>,
    served: Receiver<std::io::Result<()>>,
    micros: Arc<AtomicU64>,
    _directory: TempDir,
}

/// Limits that no test reaches, but for the one it shortens.
pub(super) fn patient() -> Limits {
    let hour = Duration::from_secs(3_600);
    Limits {
        head_read: hour,
        body_read: hour,
        request: hour,
        connection: hour,
        finish: hour,
        answer_write: hour,
        ..Limits::default()
    }
}

impl Server {
    pub(super) fn start(limits: Limits) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let micros = Arc::new(AtomicU64::new(1_700_000_000_000_000));
        let (engine, tenant, round) = installation(&directory, Arc::clone(&micros));
        let writer = Writer::start(engine).unwrap();
        let handle = writer.handle();
        let service = Service::limited(handle.clone(), TOKEN, limits).unwrap();
        let (stop, stopped) = oneshot::channel();
        let (address, served) = serve_apart(service.clone(), stopped);
        Self {
            address,
            tenant,
            round,
            handle,
            service,
            writer: Some(writer),
            stop: Some(stop),
            served,
            micros,
            _directory: directory,
        }
    }

    pub(super) fn client(&self) -> Client {
        Client::to(self.address)
    }

    /// One request on a connection of its own.
    pub(super) fn ask(&self, text: &str) -> Answer {
        self.client().ask(text)
    }

    pub(super) fn submit(&self, key: &str, body: &str) -> Answer {
        self.ask(&self.submission(key, body))
    }

    /// A whole request that submits a response.
    pub(super) fn submission(&self, key: &str, body: &str) -> String {
        let length = body.len();
        let headers = format!("Idempotency-Key: {key}\r\nContent-Length: {length}\r\n");
        format!("{}\r\n{body}", self.submission_head(&headers))
    }

    /// The head of such a request, without its empty line.
    pub(super) fn submission_head(&self, headers: &str) -> String {
        let (tenant, round) = (self.tenant, self.round);
        format!(
            "POST /v1/tenants/{tenant}/rounds/{round}/responses HTTP/1.1\r\nHost: h\r\n\
             Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n{headers}"
        )
    }

    /// `GET` of something of this tenant, with the token.
    pub(super) fn get(&self, path: &str) -> Answer {
        let tenant = self.tenant;
        self.ask(&get(&format!("/v1/tenants/{tenant}{path}"), "Bearer", TOKEN))
    }

    /// Lets the engine's clock run ahead.
    pub(super) fn advance(&self, seconds: u64) {
        self.micros.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }

    /// Has something done by the writer.
    pub(super) fn with_engine<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Engine) -> T + Send + 'static,
    ) -> T {
        let (done, result) = channel();
        self.handle.ask(move |engine| done.send(work(engine)).unwrap()).unwrap();
        result.recv_timeout(HANG).unwrap()
    }

    /// Keeps the writer from working until the sender is dropped; it has stopped already.
    pub(super) fn hold_writer(&self) -> Sender<()> {
        let (held, release) = channel::<()>();
        let (tell, told) = channel();
        let hold = move |_: &mut Engine| {
            tell.send(()).unwrap();
            let _dropped = release.recv();
        };
        self.handle.ask(hold).unwrap();
        told.recv_timeout(HANG).unwrap();
        held
    }

    /// How many more requests the engine may be asked now.
    pub(super) fn free_at_work(&self) -> usize {
        self.service.free_at_work()
    }

    /// What the listener for figures answers.
    pub(super) fn figures(&self) -> String {
        let service = self.service.clone();
        let (tell, told) = channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                let hang = tokio::time::sleep(HANG);
                crate::serve_metrics(listener, service, hang).await.unwrap();
            });
        });
        let mut client = Client::to(told.recv_timeout(HANG).unwrap());
        client.ask("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n").body
    }

    pub(super) fn begin_stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    pub(super) fn has_stopped(&self) {
        self.served.recv_timeout(HANG).unwrap().unwrap();
    }
}

pub(super) fn get(path: &str, scheme: &str, token: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: h\r\nAuthorization: {scheme} {token}\r\n\r\n")
}

/// A response that fits the round.
pub(super) fn response(group: &str, score: u8, text: &str) -> String {
    format!(r#"{{"group":"{group}","answers":[{{"score":{score}}},{{"text":"{text}"}}]}}"#)
}

/// Serves on a thread with a runtime of its own, as the binary does.
fn serve_apart(
    service: Service,
    stopped: oneshot::Receiver<()>,
) -> (SocketAddr, Receiver<std::io::Result<()>>) {
    let (tell_address, address) = channel();
    let (tell_served, served) = channel();
    std::thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let result = runtime.unwrap().block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            tell_address.send(listener.local_addr().unwrap()).unwrap();
            // Dropping the server stops it too.
            crate::serve(listener, service, async { drop(stopped.await) }).await
        });
        // Nobody listens once the test is over.
        let _ = tell_served.send(result);
    });
    (address.recv_timeout(HANG).unwrap(), served)
}

fn installation(directory: &TempDir, micros: Arc<AtomicU64>) -> (Engine, JournalId, RoundId) {
    let clock = Clock::new(move || TimestampMicros(micros.fetch_add(1_000, Ordering::Relaxed)));
    let mut engine = Engine::create(Paths::under(directory.path()), clock).unwrap();
    let tenant = engine.start_tenant("School").unwrap();
    let (survey, round) = (SurveyId::from_bytes([1; 16]), RoundId::from_bytes([2; 16]));
    let questions = vec![
        Question { text: "Clear?".into(), kind: QuestionKind::Agree5 },
        Question { text: "Why?".into(), kind: QuestionKind::Open },
    ];
    let define = Command::DefineSurvey { survey, title: "Lessons".into(), questions };
    let open = Command::OpenRound {
        round,
        survey,
        name: "Autumn".into(),
        floor: FLOOR,
        answers_scope: ScopeId::from_bytes([3; 16]),
        identity_scope: ScopeId::from_bytes([4; 16]),
        audience: None,
    };
    for (number, command) in (1..).zip([define, open]) {
        let id = CommandId::from_bytes([number; 16]);
        engine.execute_one(tenant, Request { id, command }).unwrap();
    }
    (engine, tenant, round)
}
