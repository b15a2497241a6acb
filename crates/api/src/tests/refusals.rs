//! What a caller gets who asks for something that cannot be.

use axum::body::Body;
use axum::response::IntoResponse as _;
use engine::{EngineError, Fault};

use super::server::{Server, TOKEN, get, patient, response};
use crate::Service;
use crate::ask::Unanswered;
use crate::language::Language;
use crate::parse::body;
use crate::problem::Problem;

#[test]
fn one_key_stands_for_one_request() {
    let server = Server::start(patient());
    assert_eq!(server.submit("key-1", &response("3a", 4, "fine")).status, 201);
    for other in [response("3a", 5, "fine"), response("3b", 4, "fine"), response("3a", 4, "bad")] {
        let reused = server.submit("key-1", &other);
        assert_eq!((reused.status, reused.problem()), (409, "key-reused".to_owned()));
    }
}

#[test]
fn a_body_that_breaks_the_form_is_refused_and_not_repeated() {
    let server = Server::start(patient());
    for body in [
        r#"{"group":"3a","answers":[{"score":4},null],"Jansen":1}"#,
        r#"{"group":"3a","answers":[{"score":4},"Jansen"]}"#,
        r#"{"group":"3a","answers":[{"score":4},{"text":"Jansen"#,
    ] {
        let refused = server.submit("key-1", body);
        assert_eq!((refused.status, refused.problem()), (400, "bad-input".to_owned()));
        assert!(!refused.body.contains("Jansen"), "{}", refused.body);
    }
    // Nothing was recorded under the key.
    assert_eq!(server.submit("key-1", &response("3a", 4, "fine")).status, 201);
}

#[test]
fn a_rule_says_no_in_the_language_of_the_caller() {
    let server = Server::start(patient());
    let body = r#"{"group":"3a","answers":[null]}"#;
    let told = |language: &str| {
        let length = body.len();
        let headers = format!(
            "Idempotency-Key: k\r\nContent-Length: {length}\r\nAccept-Language: {language}\r\n"
        );
        let answer = server.ask(&format!("{}\r\n{body}", server.submission_head(&headers)));
        assert_eq!((answer.status, answer.problem()), (422, "refused".to_owned()));
        let language = answer.header("content-language").unwrap().to_owned();
        (language, answer.json()["detail"].as_str().unwrap().to_owned())
    };
    let (english, dutch) = (told("en"), told("nl-NL, en;q=0.3"));
    assert_eq!(english.0, "en");
    assert_eq!(english.1, "the survey has 2 questions, the response has 1 answers");
    assert_eq!(dutch.0, "nl");
    assert_eq!(dutch.1, "de enquête heeft 2 vragen, de respons 1 antwoorden");
}

#[test]
fn a_closed_round_takes_nothing() {
    let server = Server::start(patient());
    let (tenant, round) = (server.tenant, server.round);
    server.with_engine(move |engine| engine.close_round(tenant, round).map(drop)).unwrap();
    let refused = server.submit("key-1", &response("3a", 4, "fine"));
    assert_eq!((refused.status, refused.problem()), (409, "conflict".to_owned()));
}

#[test]
fn what_nobody_knows_is_not_found() {
    let server = Server::start(patient());
    let unknown = "0123456789abcdef0123456789abcdef";
    let ask = |path: &str| server.ask(&get(path, "Bearer", TOKEN));
    let tenant = ask(&format!("/v1/tenants/{unknown}/checkpoint"));
    assert_eq!((tenant.status, tenant.problem()), (404, "unknown".to_owned()));
    let round = server.get(&format!("/rounds/{unknown}/analysis"));
    assert_eq!((round.status, round.problem()), (404, "unknown".to_owned()));
    let path = ask("/v1/elsewhere");
    assert_eq!((path.status, path.problem()), (404, "no-such-path".to_owned()));
    for malformed in ["/v1/tenants/a/checkpoint", "/v1/tenants/%ff/checkpoint"] {
        assert_eq!(ask(malformed).problem(), "bad-input");
    }
    assert_eq!(server.get("/rounds/%ff/analysis").problem(), "bad-input");

    let body = response("3a", 4, "fine");
    let there = server.submission("key-1", &body);
    let elsewhere = there.replace(&server.round.to_string(), unknown);
    assert_eq!(server.ask(&elsewhere).problem(), "unknown");
    let elsewhere = there.replace(&server.tenant.to_string(), unknown);
    assert_eq!(server.ask(&elsewhere).problem(), "unknown");
}

#[test]
fn nobody_enters_without_the_token() {
    let server = Server::start(patient());
    let paths = [
        format!("/v1/tenants/{}/checkpoint", server.tenant),
        format!("/v1/tenants/{}/rounds/{}/analysis", server.tenant, server.round),
        "/v1/tenants/not-an-id/checkpoint".to_owned(),
    ];
    for path in &paths {
        let bare = server.ask(&format!("GET {path} HTTP/1.1\r\nHost: h\r\n\r\n"));
        assert_eq!((bare.status, bare.problem()), (401, "not-authorised".to_owned()));
        assert_eq!(bare.header("www-authenticate"), Some("Bearer"));
        assert_eq!(server.ask(&get(path, "Bearer", "f00dfacef00dfacf")).status, 401);
        assert_eq!(server.ask(&get(path, "Basic", TOKEN)).status, 401);
    }
    let submission = server.submission("key-1", &response("3a", 4, "fine"));
    assert_eq!(server.ask(&submission.replace(TOKEN, "guess")).status, 401);
    assert_eq!(server.ask(&submission).status, 201);
}

#[test]
fn method_type_and_key_have_their_rules() {
    let server = Server::start(patient());
    let submission = server.submission("key-1", &response("3a", 4, "fine"));
    let wrong = |from: &str, to: &str| {
        assert!(submission.contains(from));
        let answer = server.ask(&submission.replace(from, to));
        (answer.status, answer.problem())
    };
    assert_eq!(wrong("POST", "PUT"), (405, "method-not-allowed".to_owned()));
    assert_eq!(wrong("application/json", "text/plain"), (415, "not-json".to_owned()));
    assert_eq!(wrong("Content-Type: application/json\r\n", ""), (415, "not-json".to_owned()));
    assert_eq!(wrong("Idempotency-Key: key-1\r\n", ""), (400, "bad-input".to_owned()));
    assert_eq!(wrong("Key: key-1", "Key: key 1"), (400, "bad-input".to_owned()));
    assert_eq!(server.ask(&submission.replace("json", "json; charset=utf-8")).status, 201);
    let health = server.ask("DELETE /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!(health.problem(), "method-not-allowed");
}

#[test]
fn a_fault_shows_its_number_and_not_its_reason() {
    let server = Server::start(patient());
    let service = Service::limited(server.handle.clone(), TOKEN, patient()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    for number in [1, 2] {
        let fault = Fault::Bundle("of Jansen".into());
        let asked = Unanswered::Engine(EngineError::Fault(fault));
        let answer = Problem::from_engine(asked, Language::Dutch, &service).into_response();
        assert_eq!(answer.status(), 500);
        let read = body(Body::new(answer.into_body()), service.limits());
        let text = String::from_utf8(runtime.block_on(read).unwrap()).unwrap();
        assert!(text.contains("urn:zegel:problem:fault"), "{text}");
        assert!(text.contains(&format!("fault {number}:")) && !text.contains("Jansen"), "{text}");
    }
}
