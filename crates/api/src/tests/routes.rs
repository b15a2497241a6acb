//! What a caller that does everything right gets.

use record::ActorId;
use record::public::{Cut, ErasureApproved};

use super::server::{Server, get, patient, response};

#[test]
fn a_response_is_recorded_once_however_often_it_is_sent() {
    let server = Server::start(patient());
    let body = response("3a", 4, "fine");
    let first = server.submit("key-1", &body);
    assert_eq!((first.status, first.json()["repeated"].as_bool()), (201, Some(false)));
    let again = server.submit("key-1", &body);
    assert_eq!((again.status, again.json()["repeated"].as_bool()), (200, Some(true)));
    assert_eq!(first.json()["seq"], again.json()["seq"]);
    let other = server.submit("key-2", &body);
    assert_eq!(other.status, 201);
    assert_ne!(first.json()["seq"], other.json()["seq"]);
}

#[test]
fn the_same_response_sent_many_times_at_once_is_recorded_once() {
    let server = Server::start(patient());
    let held = server.hold_writer();
    let request = server.submission("key-1", &response("3a", 4, "fine"));
    let mut clients: Vec<_> = (0..8).map(|_| server.client()).collect();
    clients.iter_mut().for_each(|client| client.send(&request));
    drop(held);
    let answers: Vec<_> = clients.iter_mut().map(|client| client.answer()).collect();
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    let repeated = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!((created, repeated), (1, 7));
    assert!(answers.iter().all(|answer| answer.json()["seq"] == answers[0].json()["seq"]));
}

#[test]
fn an_analysis_is_there_once_the_round_is_closed() {
    let server = Server::start(patient());
    let (tenant, round) = (server.tenant, server.round);
    let path = format!("/rounds/{round}/analysis");
    assert_eq!(server.get(&path).problem(), "unknown");
    for (number, score) in [2, 3, 2, 3, 4, 5].into_iter().enumerate() {
        let body = response("3a", score, "fine");
        assert_eq!(server.submit(&format!("key-{number}"), &body).status, 201);
    }
    server.with_engine(move |engine| engine.close_round(tenant, round).map(drop)).unwrap();
    let whole = server.get(&path);
    assert_eq!(whole.status, 200);
    assert_eq!(whole.header("content-type"), Some("application/json"));
    assert_eq!(whole.header("cache-control"), Some("no-store"));
    assert_eq!(whole.json()["round"], round.to_string());
    assert_eq!(whole.json()["responses"], 6);
    assert!(!whole.body.contains("fine"));
    let everyone = &whole.json()["questions"][0]["cells"][0];
    assert!(everyone["group"].is_null());

    let one = server.get(&format!("{path}?group=3%61"));
    let document = one.json();
    let cells = document["questions"][0]["cells"].as_array().unwrap();
    assert_eq!((one.status, cells.len()), (200, 1));
    assert_eq!(cells[0]["group"], "3a");
    assert_eq!(server.get(&format!("{path}?group=3b")).problem(), "unknown");
    assert_eq!(server.get(&format!("{path}?groep=3a")).problem(), "bad-input");
}

#[test]
fn a_checkpoint_is_a_signed_note() {
    let server = Server::start(patient());
    let note = server.get("/checkpoint");
    assert_eq!(note.status, 200);
    assert_eq!(note.header("content-type"), Some("text/plain; charset=utf-8"));
    assert!(note.body.starts_with(&format!("zegel/{}/0\n", server.tenant)), "{}", note.body);
    assert!(note.body.contains("\n\n— "), "{}", note.body);
}

#[test]
fn health_needs_no_token_and_tells_of_no_tenant() {
    let server = Server::start(patient());
    for path in ["/healthz", "/readyz"] {
        let answer = server.ask(&format!("GET {path} HTTP/1.1\r\nHost: h\r\n\r\n"));
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.body.contains(&server.tenant.to_string()));
    }
    let ready = server.ask(&get("/readyz", "Bearer", "none")).json();
    assert_eq!(ready["ready"], true);
    assert_eq!(ready["advice"][0], engine::NO_ESCROW);
}

#[test]
fn a_server_without_a_writer_lives_and_is_not_ready() {
    let mut server = Server::start(patient());
    server.writer.take().unwrap().stop().unwrap();
    assert_eq!(server.ask("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);
    let ready = server.ask("GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!((ready.status, ready.body.contains("\"ready\":false")), (503, true));
    let submitted = server.submit("key-1", &response("3a", 4, "fine"));
    assert_eq!(submitted.problem(), "stopped");
    assert!(submitted.header("retry-after").is_some());
}

#[test]
fn of_an_ended_tenant_only_the_checkpoint_is_left() {
    let server = Server::start(patient());
    let tenant = server.tenant;
    server.with_engine(move |engine| {
        let request = engine::ErasureRequest {
            targets: vec![Cut::Tenant],
            ground: "end-of-agreement".into(),
            ordered_by: ActorId::from_bytes([1; 16]),
            four_eyes: false,
        };
        let order = engine.order_erasure(tenant, request).unwrap();
        let approved_by = ActorId::from_bytes([2; 16]);
        engine.approve_erasure(tenant, ErasureApproved { order, approved_by }).unwrap();
    });
    let submitted = server.submit("key-1", &response("3a", 4, "fine"));
    assert_eq!((submitted.status, submitted.problem()), (410, "tenant-ended".to_owned()));
    let analysis = server.get(&format!("/rounds/{}/analysis", server.round));
    assert_eq!(analysis.problem(), "tenant-ended");
    assert_eq!(server.get("/checkpoint").status, 200);
    assert_eq!(server.ask("GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);
}
