//! What operations do, show and record; and who is let in, by a matrix made of the OpenAPI document.

use std::collections::BTreeSet;

use events::access::{Reach, Role};
use projections::{ROLES, role_name};
use serde_json::{Value, json};

use super::client::Answer;
use super::school::{OTHER_SCHOOL, SCHOOL, School};
use super::server::Server;
use crate::openapi::{BASE, document};

#[test]
fn a_look_is_in_the_trail_before_the_answer_leaves() {
    let school = School::new();
    let (administrator, fg, member) = (school.member(1), school.member(2), school.member(3));
    school.grant(administrator, Role::TenantAdministrator, Reach::Board);
    school.grant(fg, Role::Fg, Reach::Board);
    let at = school.signs_in(administrator);
    let looked = school.get(&format!("/people/{}", member.person), &at);
    assert_eq!((looked.status, &looked.json()["name"]), (200, &json!("Lid Nummer3")));
    let trail = school.get(&format!("/trail?person={}", member.person), &school.signs_in(fg));
    assert_eq!(trail.status, 200, "{trail:?}");
    let line = &trail.json()["lines"][0];
    assert_eq!(line["operation"], "see-person");
    assert_eq!(
        (&line["who"], &line["role"]),
        (&json!("Lid Nummer1"), &json!("tenant-administrator"))
    );
    assert_eq!(line["policy"], "names-are-seen-by-those-whose-work-needs-them");
    // The person hears when, for what purpose and in which role, and no name.
    let own = school.get("/own/trail", &school.signs_in(member)).json();
    let line =
        own["lines"].as_array().unwrap().iter().find(|line| line["operation"] == "see-person");
    assert_eq!(line.unwrap()["who"], Value::Null);
    assert_eq!(line.unwrap()["role"], "tenant-administrator");
}

#[test]
fn a_refused_attempt_is_in_the_trail_too() {
    let school = School::new();
    let (member, fg) = (school.member(1), school.member(2));
    school.grant(fg, Role::Fg, Reach::Board);
    let session = school.signs_in(member);
    let refused = school.get("/people", &session);
    assert_eq!((refused.status, refused.problem()), (403, "forbidden".to_owned()));
    let trail = school.get("/trail", &school.signs_in(fg)).json();
    let line = trail["lines"].as_array().unwrap().iter().find(|line| line["allowed"] == false);
    let line = line.unwrap();
    assert_eq!(
        (&line["operation"], &line["policy"]),
        (&json!("see-people"), &json!("default-deny"))
    );
}

#[test]
fn a_repeated_request_is_done_once_and_answers_the_same() {
    let school = School::new();
    let administrator = school.member(1);
    school.grant(administrator, Role::TenantAdministrator, Reach::Board);
    let at = school.signs_in(administrator);
    let body = json!({ "name": "Onderbouw", "school": SCHOOL.to_string() });
    let first = school.post("/teams", &at, Some("k1"), &body);
    assert_eq!(first.status, 200, "{first:?}");
    let again = school.post("/teams", &at, Some("k1"), &body);
    assert_eq!(
        (first.json(), first.header("zegel-position")),
        (again.json(), again.header("zegel-position"))
    );
    let other = json!({ "name": "Bovenbouw", "school": SCHOOL.to_string() });
    let other = school.post("/teams", &at, Some("k1"), &other);
    assert_eq!((other.status, other.problem()), (409, "key-reused".to_owned()));
}

#[test]
fn a_reach_is_a_wall() {
    let school = School::new();
    let (leader, member) = (school.member(1), school.member(2));
    school.grant(leader, Role::SchoolLeader, Reach::School(OTHER_SCHOOL));
    let session = school.signs_in(leader);
    let path = format!("/people/{}", member.person);
    let refused = school.get(&path, &session);
    let absent = school.get(&format!("/people/{}", "0".repeat(32)), &session);
    assert_eq!((refused.status, &refused.body), (404, &absent.body));
    school.grant(leader, Role::SchoolLeader, Reach::School(SCHOOL));
    assert_eq!(school.get(&path, &session).status, 200);
}

#[test]
fn a_grant_that_is_taken_away_ends_at_once() {
    let school = School::new();
    let (administrator, leader, member) = (school.member(1), school.member(2), school.member(3));
    school.grant(administrator, Role::TenantAdministrator, Reach::Board);
    let grant = school.grant(leader, Role::SchoolLeader, Reach::School(SCHOOL));
    let (at, session) = (school.signs_in(administrator), school.signs_in(leader));
    let path = format!("/people/{}", member.person);
    assert_eq!(school.get(&path, &session).status, 200);
    let revoked = school.post(&format!("/grants/{grant}/revocation"), &at, Some("k"), &json!({}));
    assert_eq!(revoked.status, 200, "{revoked:?}");
    assert_eq!(school.get(&path, &session).status, 404);
}

#[test]
fn a_token_does_what_it_is_limited_to_until_it_is_taken_back() {
    let school = School::new();
    let administrator = school.member(1);
    school.grant(administrator, Role::TenantAdministrator, Reach::Board);
    let at = school.signs_in(administrator);
    let until = school.server.with_engine(|engine| engine.now()).0 + 86_400_000_000;
    let body = json!({ "name": "Rapport", "operations": ["see-organisation"], "until": until });
    let issued = school.post("/own/tokens", &at, Some("k1"), &body).json();
    let token = issued["token"].as_str().unwrap().to_owned();
    let ask = |path: &str| {
        let tenant = school.tenant();
        school.server.ask(&super::server::get(
            &format!("/v1/tenants/{tenant}{path}"),
            "Bearer",
            &token,
        ))
    };
    assert_eq!(ask("/organisation").status, 200);
    assert_eq!(ask("/grants").status, 403);
    let path = format!("/tokens/{}/revocation", issued["id"].as_str().unwrap());
    assert_eq!(school.post(&path, &at, Some("k2"), &json!({})).status, 200);
    assert_eq!(ask("/organisation").status, 401);
}

/// One operation of the document.
struct Described {
    method: String,
    path: String,
    id: String,
    open: bool,
}

fn described() -> Vec<Described> {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, methods)| {
        methods.as_object().unwrap().iter().map(|(method, operation)| Described {
            method: method.to_uppercase(),
            path: path.clone(),
            id: operation["operationId"].as_str().unwrap().to_owned(),
            open: operation["security"] == json!([]),
        })
    });
    operations.collect()
}

/// The request of an operation, with one id at every place of an id.
fn asked(server: &Server, operation: &Described, tenant: &str, id: &str, headers: &str) -> Answer {
    let path = operation.path.replace("{tenant}", tenant);
    let path = path.split('/').map(|part| if part.starts_with('{') { id } else { part });
    let path = path.collect::<Vec<_>>().join("/");
    let body = match operation.method.as_str() {
        "GET" => String::new(),
        _ => "Idempotency-Key: m\r\nContent-Type: application/json\r\nContent-Length: 2\r\n".into(),
    };
    let content = if body.is_empty() { "" } else { "{}" };
    server.ask(&format!(
        "{} {path} HTTP/1.1\r\nHost: h\r\n{headers}{body}\r\n{content}",
        operation.method
    ))
}

#[test]
fn every_operation_asks_who_is_there_and_another_tenant_is_not_there() {
    let school = School::new();
    let other = school.server.with_engine(|engine| engine.start_tenant("Anders").unwrap());
    let (tenant, other) = (school.tenant().to_string(), other.to_string());
    let member = school.member(1);
    for role in ROLES {
        school.grant(school.member(10 + role as u8), role, Reach::Board);
    }
    let session = school.signs_in(member);
    let cookie = format!("Cookie: {session}\r\n");
    let revoked = school.signs_in(member);
    let end = school.post("/own/sessions-end", &revoked, Some("end"), &json!({}));
    assert_eq!(end.status, 200);
    let session = school.signs_in(member);
    let fresh = format!("Cookie: {session}\r\n");
    let (mut cells, id) = (0, "7".repeat(32));
    for operation in described().iter().filter(|operation| !operation.open) {
        for headers in ["", "Authorization: Bearer f00dfacef00dface\r\n", &cookie] {
            let answer = asked(&school.server, operation, &tenant, &id, headers);
            assert_eq!(
                (answer.status, answer.problem()),
                (401, "not-authorised".into()),
                "{}",
                operation.id
            );
            cells += 1;
        }
        let nowhere = asked(&school.server, operation, &"9".repeat(32), &id, &fresh);
        for foreign in [&other, &tenant.to_uppercase()] {
            let answer = asked(&school.server, operation, foreign, &id, &fresh);
            assert_eq!((answer.status, &answer.body), (404, &nowhere.body), "{}", operation.id);
            cells += 1;
        }
    }
    println!("{cells} cells, 0 leaks");
    assert!(cells > 150, "{cells}");
}

#[test]
fn what_may_not_be_seen_is_to_the_byte_what_is_not_there() {
    let school = School::new();
    let target = school.member(99);
    let grant = school.grant(target, Role::Teacher, Reach::School(SCHOOL));
    let incident = super::breach::reported(&school, target);
    let mut cells = 0;
    // The administrator may do all of it, and would: the school would be gone for the next role.
    let roles = ROLES.into_iter().filter(|role| *role != Role::TenantAdministrator);
    for (number, role) in (1..).zip(roles) {
        let member = school.member(number);
        let reach = match role {
            Role::SchoolLeader | Role::Observer | Role::Teacher | Role::Analyst => {
                Reach::School(OTHER_SCHOOL)
            }
            _ => Reach::Board,
        };
        school.grant(member, role, reach);
        let cookie = format!("Cookie: {}\r\n", school.signs_in(member));
        let tenant = school.tenant().to_string();
        for operation in described().iter().filter(|operation| !operation.open) {
            let places = operation.path.matches('{').count();
            if places < 2 {
                continue;
            }
            let there = match operation
                .path
                .split('/')
                .find(|part| part.starts_with('{') && *part != "{tenant}")
            {
                Some("{person}") => target.person.to_string(),
                Some("{account}") => target.account.to_string(),
                Some("{grant}") => grant.to_string(),
                Some("{school}") => SCHOOL.to_string(),
                Some("{incident}") => incident.clone(),
                _ => continue,
            };
            let real = asked(&school.server, operation, &tenant, &there, &cookie);
            let absent = asked(&school.server, operation, &tenant, &"6".repeat(32), &cookie);
            assert!([400, 404].contains(&absent.status), "{} {absent:?}", operation.id);
            if real.status == 404 {
                assert_eq!(real.body, absent.body, "{} as {}", operation.id, role_name(role));
            } else {
                // Only who may do it gets further than absence.
                assert_ne!(real.status, 403, "{} as {}", operation.id, role_name(role));
            }
            cells += 1;
        }
    }
    println!("{cells} cells, 0 leaks");
    assert!(cells > 100, "{cells}");
}

#[test]
fn the_router_has_nothing_that_the_document_lacks() {
    let school = School::new();
    let known: BTreeSet<(String, String)> =
        described().into_iter().map(|operation| (operation.method, operation.path)).collect();
    // Asked with a method that the document lacks, a path says so; one that it lacks is not there.
    for (_, path) in &known {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let operation = Described {
                method: method.into(),
                path: path.clone(),
                id: String::new(),
                open: false,
            };
            let tenant = school.tenant().to_string();
            let answer = asked(&school.server, &operation, &tenant, &"7".repeat(32), "");
            let there = known.contains(&(method.to_owned(), path.clone()));
            assert_eq!(answer.status == 405, !there, "{method} {path}: {answer:?}");
        }
    }
    assert!(known.iter().all(|(_, path)| path.starts_with(BASE)));
}

#[test]
fn every_action_of_an_operation_is_known_to_the_policies() {
    let actions: BTreeSet<&str> = authority::ACTIONS.iter().map(|(action, _)| *action).collect();
    for operation in crate::operations::all() {
        assert!(actions.contains(operation.id), "{}", operation.id);
    }
}

#[test]
fn every_problem_of_a_body_names_its_place_and_repeats_nothing() {
    let school = School::new();
    let administrator = school.member(1);
    school.grant(administrator, Role::TenantAdministrator, Reach::Board);
    let at = school.signs_in(administrator);
    for (body, place) in [
        (json!({ "name": 7, "school": "Jansen" }), "name"),
        (json!({ "name": "x", "school": "Jansen" }), "school"),
        (json!({ "name": "x", "school": SCHOOL.to_string(), "Jansen": 1 }), "Jansen"),
        (json!(["Jansen"]), "body"),
    ] {
        let refused = school.post("/teams", &at, Some("k"), &body);
        assert_eq!((refused.status, refused.problem()), (400, "bad-input".to_owned()));
        let detail = refused.json()["detail"].as_str().unwrap().to_owned();
        if place != "Jansen" {
            assert!(detail.contains(&format!("`{place}`")), "{detail}");
        }
        assert!(!refused.body.contains("Jansen"), "{}", refused.body);
    }
}
