//! What a caller gets who takes too long, or too much.

use std::time::Duration;

use super::server::{Server, patient, response};
use crate::limits::Limits;

const SHORT: Duration = Duration::from_millis(100);
const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n";

#[test]
fn a_connection_that_never_finishes_its_head_is_closed() {
    let server = Server::start(Limits { head_read: SHORT, ..patient() });
    let mut half_open: Vec<_> = (0..20).map(|_| server.client()).collect();
    for (number, client) in half_open.iter_mut().enumerate() {
        client.send(if number % 2 == 0 { "GET /healthz HTTP/1.1\r\nHost:" } else { "" });
    }
    for client in &mut half_open {
        assert_eq!(client.rest(), b"");
    }
}

#[test]
fn a_connection_that_stays_idle_is_closed() {
    let server = Server::start(Limits { head_read: SHORT, ..patient() });
    let mut client = server.client();
    assert_eq!(client.ask(HEALTH).status, 200);
    assert_eq!(client.rest(), b"");
}

#[test]
fn a_body_that_trickles_is_given_up() {
    let server = Server::start(Limits { body_read: SHORT, ..patient() });
    let head = server.submission_head("Idempotency-Key: k\r\nContent-Length: 100\r\n");
    let mut client = server.client();
    let answer = client.ask(&format!("{head}\r\n{{"));
    assert_eq!((answer.status, answer.problem()), (408, "too-slow".to_owned()));
    client.rest();
}

#[test]
fn a_body_over_its_limit_is_refused_before_it_is_sent() {
    let limits = Limits::default();
    let server = Server::start(patient());
    let head = |length| {
        let headers = format!("Idempotency-Key: k\r\nContent-Length: {length}\r\n");
        format!("{}\r\n", server.submission_head(&headers))
    };
    let answer = server.ask(&head(limits.body_bytes + 1));
    assert_eq!((answer.status, answer.problem()), (413, "too-large".to_owned()));
    // One of exactly the limit is read, and found to be no JSON.
    let whole = format!("{}{}", head(limits.body_bytes), "x".repeat(limits.body_bytes));
    assert_eq!(server.ask(&whole).status, 400);
}

#[test]
fn a_body_of_unknown_length_is_not_begun() {
    let server = Server::start(patient());
    let head = server.submission_head("Idempotency-Key: k\r\nTransfer-Encoding: chunked\r\n");
    let mut client = server.client();
    let answer = client.ask(&format!("{head}\r\n2\r\n{{}}\r\n0\r\n\r\n"));
    assert_eq!((answer.status, answer.problem()), (411, "length-required".to_owned()));
    assert_eq!(client.rest(), b"");
}

#[test]
fn a_head_over_its_limit_is_refused() {
    let server = Server::start(patient());
    let long = "x".repeat(Limits::default().head_bytes);
    let mut client = server.client();
    client.send(&format!("GET /healthz HTTP/1.1\r\nHost: h\r\nX-Long: {long}\r\n\r\n"));
    assert!(client.head().starts_with("HTTP/1.1 431 "));
}

#[test]
fn the_connection_that_waits_longest_gives_way_to_a_newcomer() {
    let server = Server::start(Limits { connections: 2, ..patient() });
    let mut half_open = server.client();
    half_open.send("GET /healthz HTTP/1.1\r\nHost:");
    let mut second = server.client();
    assert_eq!(second.ask(HEALTH).status, 200);
    let mut third = server.client();
    assert_eq!(third.ask(HEALTH).status, 200);
    assert_eq!(half_open.rest(), b"");
    assert_eq!(second.ask(HEALTH).status, 200);
}

#[test]
fn a_trickling_body_gives_way_and_a_request_at_work_does_not() {
    let server = Server::start(Limits { connections: 1, ..patient() });
    let head = server
        .submission_head("Idempotency-Key: k\r\nContent-Length: 9\r\nExpect: 100-continue\r\n");
    let mut trickling = server.client();
    trickling.send(&format!("{head}\r\n"));
    assert!(trickling.head().starts_with("HTTP/1.1 100 "));
    let mut working = server.client();
    let held = server.hold_writer();
    working.send(&server.submission("key-1", &response("3a", 4, "fine")));
    assert_eq!(trickling.rest(), b"");
    // From the moment that it is at work, nobody else is let in.
    while server.free_at_work() == Limits::default().at_work {}
    assert_eq!(server.client().rest(), b"");
    drop(held);
    assert_eq!(working.answer().status, 201);
}

#[test]
fn whoever_does_not_take_its_answers_is_closed() {
    let server = Server::start(Limits { answer_write: SHORT, ..patient() });
    let mut client = server.client();
    // Until the windows of both sides are full of answers that nobody reads.
    while client.try_send(&HEALTH.repeat(100)) {}
    client.rest();
}

#[test]
fn beyond_what_can_be_at_work_requests_are_turned_down() {
    let server = Server::start(Limits { at_work: 1, ..patient() });
    let held = server.hold_writer();
    let body = response("3a", 4, "fine");
    let mut first = server.client();
    first.send(&server.submission("key-1", &body));
    while server.free_at_work() > 0 {}
    let second = server.submit("key-2", &body);
    assert_eq!((second.status, second.problem()), (503, "busy".to_owned()));
    assert_eq!(second.header("retry-after"), Some("1"));
    assert_eq!(second.header("cache-control"), Some("no-store"));
    assert_eq!(server.ask(HEALTH).status, 200);
    // Who hangs up keeps its place until the engine is done with it.
    drop(first);
    assert_eq!(server.submit("key-2", &body).status, 503);
    drop(held);
    server.with_engine(|_| ());
    assert_eq!(server.submit("key-1", &body).json()["repeated"], true);
}

#[test]
fn whoever_is_turned_down_cannot_hide_a_second_request() {
    let server = Server::start(Limits { at_work: 1, ..patient() });
    let held = server.hold_writer();
    let mut first = server.client();
    first.send(&server.submission("key-1", &response("3a", 4, "fine")));
    while server.free_at_work() > 0 {}
    for lengths in ["Content-Length: 5\r\n", ""] {
        let mut client = server.client();
        client.send(&format!(
            "POST /v1/x HTTP/1.1\r\nHost: h\r\n{lengths}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{HEALTH}"
        ));
        let said = client.rest();
        let told = String::from_utf8_lossy(&said);
        assert!(told.starts_with("HTTP/1.1 411 "), "{told}");
        assert_eq!(told.matches("HTTP/1.1 ").count(), 1, "{told}");
    }
    drop(held);
    assert_eq!(first.answer().status, 201);
}

#[test]
fn a_place_is_free_again_once_its_connection_ends() {
    let server = Server::start(Limits { connections: 1, ..patient() });
    let mut first = server.client();
    let closing = HEALTH.replace("Host", "Connection: close\r\nHost");
    assert_eq!(first.ask(&closing).status, 200);
    first.rest();
    // The end is seen here a moment before the server has taken note of it.
    let mut answers = std::iter::repeat_with(|| server.ask(HEALTH).status).take(1_000);
    assert!(answers.any(|status| status == 200));
}

#[test]
fn no_connection_lives_for_ever() {
    let server = Server::start(Limits { connection: SHORT, ..patient() });
    let mut client = server.client();
    assert_eq!(client.ask(HEALTH).status, 200);
    assert_eq!(client.rest(), b"");
}

#[test]
fn an_answer_that_takes_too_long_is_given_up_and_can_be_asked_for_again() {
    let server = Server::start(Limits { request: SHORT, ..patient() });
    let held = server.hold_writer();
    let body = response("3a", 4, "fine");
    let late = server.submit("key-1", &body);
    assert_eq!((late.status, late.problem()), (503, "took-too-long".to_owned()));
    assert!(late.header("retry-after").is_some());
    drop(held);
    server.with_engine(|_| ());
    let again = server.submit("key-1", &body);
    assert_eq!((again.status, again.json()["repeated"].as_bool()), (200, Some(true)));
}

#[test]
fn a_full_queue_is_said_at_once() {
    let server = Server::start(patient());
    let held = server.hold_writer();
    while server.handle.ask(|_| ()).is_ok() {}
    let busy = server.submit("key-1", &response("3a", 4, "fine"));
    assert_eq!((busy.status, busy.problem()), (503, "busy".to_owned()));
    assert_eq!(busy.header("retry-after"), Some("1"));
    assert_eq!(server.ask(HEALTH).status, 200);
    drop(held);
}
