//! What the log holds, and what it never does.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;

use super::server::{Server, TOKEN, get, patient};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[test]
fn a_log_line_holds_the_route_and_nothing_that_was_said() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(lines.clone())
        .finish();
    // Also what the threads of server and writer say.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let server = Server::start(patient());
    let body = super::server::response("group-of-Jansen", 4, "answer-of-Jansen");
    assert_eq!(server.submit("key-of-Jansen", &body).status, 201);
    assert_eq!(server.submit("key-of-Jansen", &body.replace("4", "3")).status, 409);
    assert_eq!(server.submit("key-of-Jansen", &body.replace("answers", "Jansen")).status, 400);
    let path = format!("/rounds/{}/analysis?group=group-of-Jansen", server.round);
    assert_eq!(server.get(&path).status, 404);
    assert_eq!(server.ask(&get("/of-Jansen", "Bearer", "token-of-Jansen")).status, 404);
    assert_eq!(server.ask("JANSEN /healthz HTTP/1.1\r\nHost: h\r\n\r\n").status, 405);

    let log = lines.text();
    let requests: Vec<_> = log.lines().filter(|line| line.contains("micros=")).collect();
    let seen = |method: &str, route: &str, status: u16| {
        let wanted = [
            format!("method=\"{method}\""),
            format!("route=\"{route}\""),
            format!("status={status}"),
        ];
        requests.iter().any(|line| wanted.iter().all(|part| line.contains(part)))
    };
    let responses = "/v1/tenants/{tenant}/rounds/{round}/responses";
    assert!([201, 409, 400].into_iter().all(|status| seen("POST", responses, status)), "{log}");
    assert!(seen("GET", "/v1/tenants/{tenant}/rounds/{round}/analysis", 404), "{log}");
    assert!(seen("GET", "-", 404), "{log}");
    assert!(seen("other", "/healthz", 405), "{log}");

    let (tenant, round) = (server.tenant.to_string(), server.round.to_string());
    for secret in ["jansen", TOKEN, &tenant, &round] {
        assert!(!log.to_lowercase().contains(secret), "{secret} in {log}");
    }
}
