//! Signing in: who gets in, who does not, and what ends it.

use events::access::{Reach, Role};
use serde_json::json;

use super::school::{PASSWORD, School, cookie, login};

#[test]
fn password_and_second_factor_begin_a_session() {
    let school = School::new();
    let member = school.member(1);
    let code = school.code();
    let answer = school.try_sign_in(&login(member), PASSWORD, Some(&code));
    assert_eq!((answer.status, &answer.json()["second_factor"]), (200, &json!(true)));
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-zegel="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict"), "{cookie}");
    let again = school.try_sign_in(&login(member), PASSWORD, Some(&code));
    assert_eq!(again.status, 401, "a code is taken once");
}

#[test]
fn whatever_is_wrong_has_one_answer() {
    let school = School::new();
    let member = school.member(1);
    let code = school.code();
    let wrong = [
        school.try_sign_in("niemand@school.example", PASSWORD, Some(&code)),
        school.try_sign_in(&login(member), "een andere zin", Some(&code)),
        school.try_sign_in(&login(member), PASSWORD, None),
        school.try_sign_in(&login(member), PASSWORD, Some("000000")),
    ];
    for answer in &wrong {
        assert_eq!((answer.status, &answer.body), (401, &wrong[0].body));
        assert!(answer.header("set-cookie").is_none());
    }
}

#[test]
fn a_name_that_fails_too_often_waits_also_with_the_right_password() {
    let school = School::new();
    let (member, other) = (school.member(1), school.member(2));
    for _ in 0..5 {
        assert_eq!(school.try_sign_in(&login(member), "een andere zin", None).status, 401);
    }
    let code = school.code();
    let answer = school.try_sign_in(&login(member), PASSWORD, Some(&code));
    assert_eq!((answer.status, answer.problem()), (429, "too-many-tries".to_owned()));
    assert_eq!(answer.header("retry-after"), Some("900"));
    let _other_does_not_wait = school.signs_in(other);
}

#[test]
fn a_session_ends_at_sign_out_and_when_it_is_revoked() {
    let school = School::new();
    let member = school.member(1);
    let session = school.signs_in(member);
    assert_eq!(school.get("/own/trail", &session).status, 200);
    assert_eq!(school.post("/sign-out", &session, None, &json!({})).status, 204);
    assert_eq!(school.get("/own/trail", &session).status, 401);
    let (one, other) = (school.signs_in(member), school.signs_in(member));
    let ended = school.post("/own/sessions-end", &one, Some("k1"), &json!({}));
    assert_eq!(ended.status, 200, "{ended:?}");
    for session in [one, other] {
        assert_eq!(school.get("/own/trail", &session).status, 401);
    }
}

#[test]
fn a_suspended_account_signs_in_no_more_and_its_session_ends() {
    let school = School::new();
    let (administrator, member) = (school.member(1), school.member(2));
    school.grant(administrator, Role::TenantAdministrator, Reach::Board);
    let (at, session) = (school.signs_in(administrator), school.signs_in(member));
    let path = format!("/accounts/{}/suspension", member.account);
    assert_eq!(school.post(&path, &at, Some("k1"), &json!({})).status, 200);
    assert_eq!(school.get("/own/trail", &session).status, 401);
    let code = school.code();
    assert_eq!(school.try_sign_in(&login(member), PASSWORD, Some(&code)).status, 401);
    let path = format!("/accounts/{}/resumption", member.account);
    assert_eq!(school.post(&path, &at, Some("k2"), &json!({})).status, 200);
    assert_eq!(school.get("/own/trail", &session).status, 401, "the old session stays ended");
    let _new = school.signs_in(member);
}

#[test]
fn a_code_sets_a_new_password_once() {
    let school = School::new();
    let (administrator, member) = (school.member(1), school.member(2));
    school.grant(administrator, Role::TenantAdministrator, Reach::Board);
    let at = school.signs_in(administrator);
    let path = format!("/accounts/{}/password-reset", member.account);
    let given = school.post(&path, &at, Some("k1"), &json!({}));
    assert_eq!(given.status, 200, "{given:?}");
    let repeated = school.post(&path, &at, Some("k1"), &json!({}));
    assert_eq!(given.json(), repeated.json(), "one key, one code");
    let code = given.json()["code"].as_str().unwrap().to_owned();
    let set = |password: &str| {
        let body = json!({ "login": login(member), "code": code, "password": password });
        school.post("/new-password", "", None, &body).status
    };
    assert_eq!(set("te kort"), 400);
    assert_eq!(set("een heel nieuwe zin"), 204);
    assert_eq!(set("een heel andere zin"), 401, "the code is used");
    let factor = school.code();
    assert_eq!(school.try_sign_in(&login(member), PASSWORD, Some(&factor)).status, 401);
    let factor = school.code();
    let answer = school.try_sign_in(&login(member), "een heel nieuwe zin", Some(&factor));
    assert_eq!(answer.status, 200, "{answer:?}");
    let session = cookie(&answer);
    let body = json!({ "current": "een heel nieuwe zin", "password": "en weer een nieuwe" });
    let renewed = school.post("/own/password", &session, Some("k2"), &body);
    assert_eq!(renewed.status, 200, "{renewed:?}");
    assert_eq!(school.get("/own/trail", &session).status, 401, "a new password ends sessions");
}

#[test]
fn a_page_of_another_site_changes_nothing() {
    let school = School::new();
    let session = school.signs_in(school.member(1));
    let tenant = school.tenant();
    let answer = school.server.ask(&format!(
        "POST /v1/tenants/{tenant}/own/sessions-end HTTP/1.1\r\nHost: h\r\nCookie: {session}\r\n\
         Sec-Fetch-Site: cross-site\r\nIdempotency-Key: k\r\nContent-Type: application/json\r\n\
         Content-Length: 2\r\n\r\n{{}}"
    ));
    assert_eq!((answer.status, answer.problem()), (403, "forbidden".to_owned()));
    assert_eq!(school.get("/own/trail", &session).status, 200);
}
