//! The past is told by the views of the past, under pseudonyms, and a name only with a reason.

use events::access::{Reach, Role};
use serde_json::json;

use super::school::{SCHOOL, School};

/// A school with an officer, an FG and an incident that the officer reported and judged.
struct World {
    school: School,
    officer: String,
    fg: String,
    incident: String,
    person: String,
}

fn world() -> World {
    let school = School::new();
    let (one, two, three) = (school.member(1), school.member(2), school.member(3));
    school.grant(one, Role::PrivacyOfficer, Reach::Board);
    school.grant(two, Role::Fg, Reach::Board);
    let (officer, fg) = (school.signs_in(one), school.signs_in(two));
    let incident = super::breach::reported(&school, one);
    World { school, officer, fg, incident, person: three.person.to_string() }
}

impl World {
    fn with_reason(&self, path: &str, cookie: &str, reason: &str) -> super::client::Answer {
        let tenant = self.school.tenant();
        self.school.server.ask(&format!(
            "GET /v1/tenants/{tenant}{path} HTTP/1.1\r\nHost: h\r\nCookie: {cookie}\r\n\
             Zegel-Reason: {reason}\r\n\r\n"
        ))
    }
}

#[test]
fn an_incident_is_told_step_by_step_with_what_changed() {
    let world = world();
    let path = format!("/timeline/incident/{}", world.incident);
    let told = world.school.get(&path, &world.fg).json();
    assert_eq!(told["total"], 1, "{told}");
    let step = &told["steps"][0];
    assert_eq!(step["event"], "breach.incident-reported");
    assert_eq!(step["nl"], "Een incident is gemeld.");
    assert_eq!(step["by"]["operation"], "report-incident");
    assert_eq!(step["by"]["role"], serde_json::Value::Null);
    assert_eq!(step["changes"][0]["before"], serde_json::Value::Null);
    assert_eq!(step["changes"][0]["after"]["row"]["incident"], world.incident.as_str());
    let actor = step["by"]["actor"].as_str().unwrap();

    let note = json!({ "story": "het ging om een oude lijst" });
    let path_of_notes = format!("/incidents/{}/notes", world.incident);
    let noted = world.school.post(&path_of_notes, &world.officer, Some("twee"), &note);
    assert_eq!(noted.status, 200, "{noted:?}");
    let seq = step["seq"].as_u64().unwrap();
    let told = world.school.get(&format!("{path}?from={seq}&to=99999"), &world.fg).json();
    assert_eq!(told["total"], 2);
    let compared = told["compared"]["changes"].as_array().unwrap();
    assert_eq!(compared, told["steps"][1]["changes"].as_array().unwrap());
    assert!(!compared.is_empty());
    assert!(!told.to_string().contains("oude lijst"), "a story repeats no text");

    // Who acted is a pseudonym, until somebody says why it must be known.
    let path = format!("/pseudonyms/{actor}");
    assert_eq!(world.school.get(&path, &world.fg).status, 404);
    let named = world.with_reason(&path, &world.fg, "onderzoek+naar+incident+1").json();
    assert_eq!(named["name"], "Lid Nummer1", "{named}");
    assert_eq!(named["of"], "actor");
}

#[test]
fn a_look_of_the_fg_is_no_step_for_those_whom_the_fg_supervises() {
    let world = world();
    let path = format!("/timeline/person/{}", world.person);
    let looked = world.with_reason(
        &format!("/pseudonyms/{}", world.person),
        &world.fg,
        "verzoek%20van%20betrokkene",
    );
    assert_eq!(looked.json()["name"], "Lid Nummer3");
    let looks = |cookie: &str| {
        let told = world.school.get(&path, cookie).json();
        let steps = told["steps"].as_array().unwrap().clone();
        steps.iter().filter(|step| step["by"]["operation"] == "reveal-person").count()
    };
    assert_eq!(looks(&world.officer), 0);
    assert_eq!(looks(&world.fg), 1);
}

#[test]
fn a_person_is_told_in_references_only() {
    let world = world();
    let path = format!("/timeline/person/{}", world.person);
    let answer = world.school.get(&path, &world.officer);
    let told = answer.json();
    assert_eq!(told["steps"][0]["event"], "people.person-registered");
    assert_eq!(told["steps"][1]["changes"][0]["path"], "schools[0]");
    assert_eq!(told["steps"][1]["changes"][0]["after"]["school"], SCHOOL.to_string());
    for name in ["Lid", "Nummer", "lid3@"] {
        assert!(!told.to_string().contains(name));
    }
}

#[test]
fn what_is_not_there_and_what_may_not_be_seen_look_alike() {
    let world = world();
    let other = world.school.member(9);
    let cookie = world.school.signs_in(other);
    let absent = world.school.get("/timeline/incident/00000000000000000000000000000001", &world.fg);
    assert_eq!(absent.status, 404);
    for path in [
        format!("/timeline/incident/{}", world.incident),
        format!("/timeline/person/{}", world.person),
        format!("/timeline/feest/{}", world.person),
        "/timeline/incident/niets".to_owned(),
    ] {
        let answer = world.school.get(&path, &cookie);
        assert_eq!((answer.status, answer.body), (404, absent.body.clone()), "{path}");
    }
}

#[test]
fn a_reason_is_text_within_its_limit() {
    let world = world();
    let path = format!("/pseudonyms/{}", world.person);
    for bad in ["%ff", "%2", "+", "{}", "a b", &"a".repeat(1_001)] {
        let answer = world.with_reason(&path, &world.fg, bad);
        assert_eq!(answer.status, 400, "{bad}");
        assert!(answer.problem().contains("bad-input"));
    }
}
