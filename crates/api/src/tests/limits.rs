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
fn a_body_of_unknown_length_has_the_same_limit() {
    let server = Server::start(Limits { body_bytes: 100, ..patient() });
    let head = server.submission_head("Idempotency-Key: k\r\nTransfer-Encoding: chunked\r\n");
    let chunk = format!("33\r\n{}\r\n", "x".repeat(0x33));
    let over = server.ask(&format!("{head}\r\n{chunk}{chunk}"));
    assert_eq!((over.status, over.problem()), (413, "too-large".to_owned()));
    let within = server.ask(&format!("{head}\r\n{chunk}0\r\n\r\n"));
    assert_eq!(within.status, 400);
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
fn a_connection_too_many_is_turned_away_while_others_go_on() {
    let server = Server::start(Limits { connections: 1, ..patient() });
    let mut first = server.client();
    assert_eq!(first.ask(HEALTH).status, 200);
    let mut second = server.client();
    let away = second.ask(HEALTH);
    assert_eq!((away.status, away.problem()), (503, "too-many-connections".to_owned()));
    assert!(away.header("retry-after").is_some());
    assert_eq!(second.rest(), b"");
    assert_eq!(first.ask(HEALTH).status, 200);
}

#[test]
fn a_silent_connection_too_many_is_closed() {
    let server = Server::start(Limits { connections: 1, turn_away: SHORT, ..patient() });
    let mut first = server.client();
    assert_eq!(first.ask(HEALTH).status, 200);
    assert_eq!(server.client().rest(), b"");
    assert_eq!(first.ask(HEALTH).status, 200);
}

#[test]
fn beyond_those_that_hear_it_connections_are_closed_unheard() {
    let server = Server::start(Limits { connections: 1, turned_away: 0, ..patient() });
    let mut first = server.client();
    assert_eq!(first.ask(HEALTH).status, 200);
    assert_eq!(server.client().rest(), b"");
    assert_eq!(first.ask(HEALTH).status, 200);
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
