//! Being overtaken, waiting for news, and what a query may hold.

use events::access::{Reach, Role};
use events::organisation::SchoolAdded;
use events::organisation::SchoolId;
use serde_json::json;

use super::client::Client;
use super::school::{SCHOOL, School};

/// Reads one piece of a chunked answer.
fn piece(client: &mut Client) -> String {
    let length = client.line();
    let length = usize::from_str_radix(length.trim(), 16).unwrap();
    let text = client.exactly(length + 2);
    String::from_utf8(text).unwrap()
}

#[test]
fn who_was_overtaken_changes_nothing() {
    let school = School::new();
    let (administrator, teacher) = (school.member(1), school.member(2));
    school.grant(administrator, Role::TenantAdministrator, Reach::Board);
    school.grant(administrator, Role::SchoolLeader, Reach::Board);
    let cookie = school.signs_in(administrator);
    let path = format!("/people/{}", teacher.person);
    let read = school.get(&path, &cookie);
    let tag = read.header("etag").unwrap().to_owned();
    let made = school.post(
        "/teams",
        &cookie,
        Some("team"),
        &json!({ "school": SCHOOL.to_string(), "name": "Bovenbouw" }),
    );
    let team = made.json()["id"].as_str().unwrap().to_owned();
    let join = |key: &str, tag: &str| {
        let (tenant, body) = (school.tenant(), json!({ "team": team }).to_string());
        school.server.ask(&format!(
            "POST /v1/tenants/{tenant}{path}/team-joining HTTP/1.1\r\nHost: h\r\n\
             Cookie: {cookie}\r\nIdempotency-Key: {key}\r\nIf-Match: {tag}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    };
    let stale = join("een", "\"00000000000000000000000000000000\"");
    assert_eq!((stale.status, stale.problem().as_str()), (412, "overtaken"));
    for broken in ["", "*", "W/\"00\"", "\"0\""] {
        assert_eq!(join("een", broken).status, 400, "{broken}");
    }
    assert_eq!(school.get(&path, &cookie).header("etag"), Some(tag.as_str()), "nothing changed");
    assert_eq!(join("een", &tag).status, 200);
    let late = join("twee", &tag);
    assert_eq!((late.status, late.problem().as_str()), (412, "overtaken"));
}

#[test]
fn a_query_holds_what_the_operation_knows() {
    let school = School::new();
    let officer = school.member(1);
    school.grant(officer, Role::PrivacyOfficer, Reach::Board);
    let cookie = school.signs_in(officer);
    for (query, field) in [
        ("page=x", "page"),
        ("page=1234567", "page"),
        ("pagina=1", "query"),
        ("page=0&x=1", "query"),
    ] {
        let answer = school.get(&format!("/people?{query}"), &cookie);
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.body.contains(&format!("`{field}`")), "{answer:?}");
    }
    assert_eq!(school.get("/people?page=0", &cookie).status, 200);
}

#[test]
fn a_page_that_waits_hears_of_a_change_and_of_its_end() {
    let school = School::new();
    let leader = school.member(1);
    school.grant(leader, Role::SchoolLeader, Reach::Board);
    let cookie = school.signs_in(leader);
    let tag = school.get("/organisation", &cookie).header("etag").unwrap().to_owned();
    let (tenant, mut client) = (school.tenant(), school.server.client());
    client.send(&format!(
        "GET /v1/tenants/{tenant}/organisation HTTP/1.1\r\nHost: h\r\nCookie: {cookie}\r\n\
         Accept: text/event-stream\r\nLast-Event-ID: {tag}\r\n\r\n"
    ));
    assert!(client.head().contains("text/event-stream"));
    let added = SchoolAdded {
        school: SchoolId::from_bytes([0x53; 16]),
        name: "Het Kompas".into(),
        brin: "97ZZ".into(),
    };
    school.happens(added.into());
    let news = piece(&mut client);
    assert!(news.contains("event: changed"), "{news}");
    assert!(!news.contains(&tag) && !news.contains("Kompas"), "{news}");
    // The one who waits may look no longer: it hears that, and nothing else.
    assert_eq!(school.post("/own/sessions-end", &cookie, Some("k"), &json!({})).status, 200);
    assert!(piece(&mut client).contains("event: ended"));
    assert_eq!(piece(&mut client).trim(), "");
}

#[test]
fn what_leaves_a_line_in_the_trail_is_not_watched() {
    let school = School::new();
    let officer = school.member(1);
    school.grant(officer, Role::PrivacyOfficer, Reach::Board);
    let cookie = school.signs_in(officer);
    let tenant = school.tenant();
    let answer = school.server.ask(&format!(
        "GET /v1/tenants/{tenant}/people HTTP/1.1\r\nHost: h\r\nCookie: {cookie}\r\n\
         Accept: text/event-stream\r\n\r\n"
    ));
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("`Accept`"));
}

#[test]
fn figures_tell_of_routes_and_of_nobody() {
    let school = School::new();
    let member = school.member(1);
    let cookie = school.signs_in(member);
    let _asked = school.get("/people/niemand", &cookie);
    let figures = school.server.figures();
    assert!(figures.contains("route=\"/v1/tenants/{tenant}/people/{person}\",status=\"404\""));
    assert!(figures.contains(&format!("zegel_records{{tenant=\"{}\"}}", school.tenant())));
    for private in ["niemand", "lid1", &member.person.to_string(), &cookie] {
        assert!(!figures.contains(private), "{private}");
    }
}
