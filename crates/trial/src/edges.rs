//! The HTTP edge.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use api::Service;
use engine::{Clock, Engine, Paths, Writer};
use record::TimestampMicros;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::runtime::Runtime;

/// What the parts of a request mean, without a request around them.
pub(crate) fn parts(bytes: &[u8]) {
    let _meant = api::trial::parts(bytes);
}

/// A token that the seeds know.
const TOKEN: &str = "f00dfacef00dface";

struct Edge {
    service: Service,
    runtime: Runtime,
    _writer: Writer,
    _home: tempfile::TempDir,
}

thread_local! {
    static EDGE: OnceLock<Edge> = const { OnceLock::new() };
}

/// One connection that sends these bytes and then no more. The server ends it, and whatever it says
/// is HTTP, is never a fault of ours, and repeats nothing.
pub(crate) fn http(bytes: &[u8]) {
    EDGE.with(|edge| {
        let edge = edge.get_or_init(Edge::new);
        let said = edge.runtime.block_on(edge.converse(bytes));
        let mut rest = said.as_slice();
        while !rest.is_empty() {
            rest = after_one(rest);
        }
    });
}

impl Edge {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let micros = AtomicU64::new(1_700_000_000_000_000);
        let clock = Clock::new(move || TimestampMicros(micros.fetch_add(1_000, Ordering::Relaxed)));
        let mut engine = Engine::create(Paths::under(home.path()), clock).unwrap();
        engine.start_tenant("School").unwrap();
        let writer = Writer::start(engine).unwrap();
        let service = Service::new(writer.handle(), TOKEN, 64).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { service, runtime, _writer: writer, _home: home }
    }

    async fn converse(&self, bytes: &[u8]) -> Vec<u8> {
        let (mut caller, server) = tokio::io::duplex(1 << 16);
        let mut said = Vec::new();
        let calls = async {
            let (mut read, mut write) = tokio::io::split(&mut caller);
            let sends = async {
                // The server may close before it has read everything.
                let _ = write.write_all(bytes).await;
                let _ = write.shutdown().await;
            };
            let _ = tokio::join!(sends, read.read_to_end(&mut said));
        };
        tokio::join!(api::trial::converse(&self.service, server), calls);
        said
    }
}

/// Checks one answer and gives what follows it.
fn after_one(said: &[u8]) -> &[u8] {
    let end = said.windows(4).position(|four| four == b"\r\n\r\n").expect("a whole head") + 4;
    let head = std::str::from_utf8(&said[..end]).expect("a head is text");
    let status: u16 = head.get(9..12).expect("a status line").parse().expect("a status");
    assert!(head.starts_with("HTTP/1.") && status != 500, "{head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |length| length.parse().expect("a length"));
    // The answer to HEAD states the length of what it leaves out.
    let rest = &said[end..];
    let has_body = rest.len() >= length && !rest.starts_with(b"HTTP/1.");
    let (body, rest) = rest.split_at(if has_body { length } else { 0 });
    if status >= 400 && has_body && length > 0 {
        assert!(body.starts_with(b"{\"type\":\"urn:zegel:problem:"), "{head}");
    }
    rest
}
