//! The console as an attacker and a stranger find it; that it works is shown in a browser
//! (`replay-tests/scripts/console.py`).

use events::access::{Reach, Role};

use super::client::Answer;
use super::school::{PASSWORD, School, login};

const OURS: &str = "Sec-Fetch-Site: same-origin\r\n";

fn get(school: &School, path: &str, cookie: &str) -> Answer {
    let tenant = school.tenant();
    school.server.ask(&format!(
        "GET /console/{tenant}{path} HTTP/1.1\r\nHost: h\r\nCookie: {cookie}\r\n\r\n"
    ))
}

fn post(school: &School, path: &str, cookie: &str, headers: &str, body: &str) -> Answer {
    let (tenant, length) = (school.tenant(), body.len());
    school.server.ask(&format!(
        "POST /console/{tenant}{path} HTTP/1.1\r\nHost: h\r\nCookie: {cookie}\r\n{headers}\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
    ))
}

/// A value as a form sends it.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn sign_in(school: &School, member: super::school::Member, password: &str) -> Answer {
    let (login, password) = (encoded(&login(member)), encoded(password));
    let code = school.code();
    let body = format!("key=k&login={login}&password={password}&code={code}");
    post(school, "/sign-in", "", OURS, &body)
}

#[test]
fn a_form_signs_in_and_a_wrong_password_keeps_what_was_filled_in_but_the_secrets() {
    let school = School::new();
    let member = school.member(1);
    let wrong = sign_in(&school, member, "een heel ander wachtwoord");
    assert_eq!(wrong.status, 401, "{wrong:?}");
    assert!(wrong.body.contains("lid1@school.example") && wrong.body.contains("id=\"errors\""));
    assert!(!wrong.body.contains("een heel ander"), "{}", wrong.body);
    let right = sign_in(&school, member, PASSWORD);
    assert_eq!(right.status, 303, "{right:?}");
    let next = right.header("location").unwrap();
    assert_eq!(next, format!("/console/{}/work", school.tenant()));
    let cookie = super::school::cookie(&right);
    let page = get(&school, "/work", &cookie);
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.body.contains("<h1>Mijn werk</h1>"));
    let out = post(&school, "/sign-out", &cookie, OURS, "");
    assert_eq!(out.status, 303);
    assert_eq!(get(&school, "/work", &cookie).status, 303, "the session has ended");
}

#[test]
fn a_form_of_another_site_changes_nothing() {
    let school = School::new();
    let member = school.member(1);
    let cookie = school.signs_in(member);
    let size = |school: &School| {
        let tenant = school.tenant();
        school.server.with_engine(move |engine| engine.journal_size(tenant))
    };
    let before = size(&school);
    let body = "key=k&kind=lost&detected_by=staff&discovered_at=2023-11-14T10:00";
    for headers in [
        "",
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n",
        "Sec-Fetch-Site: none\r\n",
        "Origin: https://elsewhere.example\r\n",
        "Origin: null\r\n",
    ] {
        let refused = post(&school, "/form/report-incident", &cookie, headers, body);
        assert_eq!(refused.status, 403, "{headers}");
        let signing = post(&school, "/sign-in", "", headers, "key=k&login=a&password=b");
        assert_eq!(signing.status, 403, "{headers}");
    }
    assert_eq!(size(&school), before);
    let done = post(&school, "/form/report-incident", &cookie, "Origin: http://h\r\n", body);
    assert_eq!(done.status, 303, "{done:?}");
    // The same form twice is done once.
    let after = size(&school);
    let again = post(&school, "/form/report-incident", &cookie, OURS, body);
    assert_eq!((again.status, size(&school)), (303, after));
}

#[test]
fn a_page_runs_no_script_loads_nothing_and_escapes_what_people_wrote() {
    let school = School::new();
    let officer = school.member(2);
    school.grant(officer, Role::PrivacyOfficer, Reach::Board);
    let cookie = school.signs_in(officer);
    let story = encoded("<script>alert(1)</script>\"'");
    let body =
        format!("key=k&kind=lost&detected_by=staff&discovered_at=2023-11-14T10:00&story={story}");
    assert_eq!(post(&school, "/form/report-incident", &cookie, OURS, &body).status, 303);
    let rows = school.get("/incidents", &cookie).json();
    let id = rows["incidents"][0]["incident"]["incident"].as_str().unwrap().to_owned();
    let page = get(&school, &format!("/incidents/{id}"), &cookie);
    assert_eq!(page.status, 200, "{page:?}");
    assert!(!page.body.contains("<script") && page.body.contains("&#60;script"), "{}", page.body);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'self';"), "{policy}");
    assert!(!policy.contains("unsafe"));
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(page.header(name), Some(value));
    }
    let style = page.body.split("rel=\"stylesheet\" href=\"").nth(1).unwrap();
    let style = style.split('"').next().unwrap();
    let style = school.server.ask(&format!("GET {style} HTTP/1.1\r\nHost: h\r\n\r\n"));
    assert_eq!(style.header("content-type"), Some("text/css; charset=utf-8"));
}

#[test]
fn a_page_shows_no_more_than_the_operation_and_a_look_is_in_the_trail() {
    let school = School::new();
    let (teacher, admin) = (school.member(1), school.member(2));
    school.grant(teacher, Role::Teacher, Reach::Board);
    school.grant(admin, Role::TenantAdministrator, Reach::Board);
    let (teacher, admin) = (school.signs_in(teacher), school.signs_in(admin));
    let refused = get(&school, "/people", &teacher);
    assert_eq!(refused.status, 403);
    assert!(!refused.body.contains("Lid Nummer"), "{}", refused.body);
    assert!(!refused.body.contains("/accounts\""), "no place to go that is closed");
    let shown = get(&school, "/people", &admin);
    assert!(shown.status == 200 && shown.body.contains("Lid Nummer1"), "{shown:?}");
    let tenant = school.tenant();
    let looks = school.server.with_engine(move |engine| {
        let lines = engine.trail(tenant, None, record::Seq(u64::MAX), 10).unwrap();
        lines.into_iter().filter(|line| line.acted.operation == "see-people").count()
    });
    assert_eq!(looks, 2, "one allowed, one refused");
    let absent = get(&school, "/incidents/00000000000000000000000000000000", &admin);
    assert_eq!(absent.status, 404);
}
