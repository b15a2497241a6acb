//! How the server ends.

use std::net::TcpStream;
use std::time::Duration;

use super::server::{Server, patient, response};
use crate::limits::Limits;

#[test]
fn a_stop_finishes_what_runs_and_takes_nothing_new() {
    let mut server = Server::start(patient());
    let mut idle = server.client();
    assert_eq!(idle.ask("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);
    let body = response("3a", 4, "fine");
    let length = body.len();
    let head = server.submission_head(&format!(
        "Idempotency-Key: k\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n"
    ));
    let mut running = server.client();
    running.send(&format!("{head}\r\n"));
    // From here on the request is being worked on.
    assert!(running.head().starts_with("HTTP/1.1 100 "));
    server.begin_stop();
    assert_eq!(idle.rest(), b"");
    assert!(TcpStream::connect(server.address).is_err());
    let answer = running.ask(&body);
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(running.rest(), b"");
    server.has_stopped();
}

#[test]
fn a_stop_does_not_wait_for_ever() {
    let mut server = Server::start(Limits { finish: Duration::from_millis(100), ..patient() });
    let head = server
        .submission_head("Idempotency-Key: k\r\nContent-Length: 9\r\nExpect: 100-continue\r\n");
    let mut stuck = server.client();
    stuck.send(&format!("{head}\r\n"));
    assert!(stuck.head().starts_with("HTTP/1.1 100 "));
    server.begin_stop();
    server.has_stopped();
    stuck.rest();
}
