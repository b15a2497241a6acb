//! An incident as a school lives it: reported, judged, told, decided late with reasons, closed.

use events::access::{Reach, Role};
use events::breach::IncidentId;
use serde_json::{Value, json};

use super::client::Answer;
use super::school::{Member, OTHER_SCHOOL, SCHOOL, School};

const HOUR: u64 = 3_600_000_000;
const CONTACT: &str = "c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0";
const STORY: &str = "Ik stuurde het rapport van Bram aan de verkeerde ouder.";

/// A school with an incident that a teacher reported.
struct Case {
    school: School,
    teacher: Member,
    officer: String,
    operator: String,
    discovered_at: u64,
    path: String,
}

impl Case {
    fn new() -> Self {
        let school = School::new();
        let (teacher, officer, operator) = (school.member(1), school.member(2), school.member(3));
        school.grant(teacher, Role::Teacher, Reach::School(SCHOOL));
        school.grant(officer, Role::PrivacyOfficer, Reach::Board);
        school.grant(operator, Role::PlatformOperator, Reach::Board);
        let path = format!("/incidents/{}", reported(&school, teacher));
        let discovered_at = now(&school);
        let (officer, operator) = (school.signs_in(officer), school.signs_in(operator));
        Self { school, teacher, officer, operator, discovered_at, path }
    }

    fn step(&self, step: &str, cookie: &str, body: &Value) -> Answer {
        let path = format!("{}/{step}", self.path);
        // A step is asked once, or its repetition is meant.
        self.school.post(
            &path,
            cookie,
            Some(&blake3::hash(body.to_string().as_bytes()).to_hex()),
            body,
        )
    }

    #[track_caller]
    fn done(&self, step: &str, cookie: &str, body: &Value) {
        let answer = self.step(step, cookie, body);
        assert_eq!((answer.status, answer.json()), (200, json!({})), "{step}: {answer:?}");
    }

    fn dossier(&self, cookie: &str) -> Value {
        let answer = self.school.get(&self.path, cookie);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// Judged, confirmed, fixed, and told to the school; gives the moment of the telling.
    fn told(&self) -> u64 {
        self.done("classification", &self.officer, &judgement("present"));
        let confirmed = json!({
            "confirmed_at": now(&self.school), "term": { "hours": 24 }, "informs_all": false,
        });
        self.done("confirmation", &self.officer, &confirmed);
        self.done(
            "scope",
            &self.officer,
            &json!({
                "groups": [{ "group": "pupils", "people": { "min": 1, "max": 1 } }],
                "kinds": [{ "kind": "results", "records": { "min": 1, "max": 3 } }],
                "protection": "none",
            }),
        );
        self.done(
            "concerned",
            &self.officer,
            &json!({
                "people": [{ "person": self.teacher.person.to_string(), "kinds": ["results"] }],
            }),
        );
        self.done("notice-versions", &self.officer, &notice(1, None));
        let told_at = now(&self.school);
        let told = json!({ "to": [CONTACT], "at": told_at, "means": "telephone", "version": 1 });
        self.done("school-notice", &self.operator, &told);
        told_at
    }
}

/// A member reports a misaddressed mail, and gets the id of the incident.
pub(super) fn reported(school: &School, member: Member) -> String {
    let at = school.signs_in(member);
    let body = misaddressed(now(school));
    let reported = school.post("/incidents", &at, Some("report"), &body);
    assert_eq!(reported.status, 200, "{reported:?}");
    reported.json()["id"].as_str().unwrap().to_owned()
}

fn now(school: &School) -> u64 {
    school.server.with_engine(|engine| engine.now()).0
}

fn misaddressed(discovered_at: u64) -> Value {
    json!({
        "kind": "misaddressed", "detected_by": "staff", "discovered_at": discovered_at,
        "people": { "min": 1, "max": 2 }, "story": STORY,
    })
}

fn judgement(risk: &str) -> Value {
    json!({
        "severity": "medium", "risk": risk, "personal_data": "yes",
        "broken": { "confidentiality": true, "integrity": false, "availability": false },
    })
}

fn notice(version: u32, cause: Option<&str>) -> Value {
    json!({
        "version": version, "summary": "Een rapport ging naar een verkeerd adres.",
        "cause": cause, "until": "ongoing", "subprocessors": [], "countries": [],
    })
}

#[test]
fn a_misaddressed_mail_goes_its_way_to_the_end() {
    let case = Case::new();
    let told_at = case.told();
    case.school.server.advance(60);
    // The dossier and its clocks, as the officer sees them.
    let shown = case.dossier(&case.officer);
    assert_eq!(shown["stories"][0]["text"], STORY);
    assert_eq!(shown["concerned"], json!([case.teacher.person.to_string()]));
    assert_eq!(shown["clocks"][0]["done_at"], told_at);
    assert_eq!(shown["clocks"][1]["ends_at"], told_at + 72 * HOUR);
    assert_eq!(shown["clocks"][1]["remaining"]["dutch"], "nog 71 uur");
    // Too late, and not without reasons.
    case.school.server.advance(75 * 3_600);
    let shown = case.school.get("/incidents", &case.officer).json();
    let clock = &shown["incidents"][0]["clocks"][1];
    assert_eq!(
        (&clock["is_late"], &clock["remaining"]["english"]),
        (&json!(true), &json!("3 hours late"))
    );
    let at = now(&case.school);
    let officer = case.officer.clone();
    let late = json!({ "reported": { "phase": "first", "at": at } });
    let refused = case.step("authority-report", &officer, &late);
    assert_eq!((refused.status, refused.problem()), (422, "refused".into()));
    let reasons = "De herfstvakantie viel ertussen.";
    case.done(
        "authority-report",
        &officer,
        &json!({ "reported": {
        "phase": "first", "at": at, "reference": "AP-2026-17", "late_because": reasons,
    } }),
    );
    case.done(
        "informing",
        &officer,
        &json!({ "informed": {
        "at": at, "means": "letter", "people": { "min": 1, "max": 1 },
    } }),
    );
    finish(&case, &officer);
    let row = &case.school.get("/incidents", &officer).json()["incidents"][0]["incident"];
    assert_eq!(row["authority"]["reason"], reasons);
    assert_eq!(row["step"]["dutch"], "gesloten");
    let early = format!("/incidents?as_of={}", case.discovered_at - HOUR);
    assert_eq!(case.school.get(&early, &officer).json()["incidents"], json!([]));
    // What anybody needs for the authority's own form.
    let form = case.school.get(&format!("{}/authority-form", case.path), &officer).json();
    let questions = form["questions"].as_array().unwrap();
    assert!(questions.iter().any(|row| row["value"] == "AP-2026-17"), "{form}");
}

/// What is open is told, what was learned is recorded, and it is closed.
fn finish(case: &Case, officer: &str) {
    let closing = json!({ "outcome": "breach", "reason": "Alles is afgehandeld." });
    let open = case.step("closing", officer, &closing);
    assert_eq!(open.status, 409, "{open:?}");
    let missing = case.dossier(officer)["missing"].clone();
    assert!(!missing.as_array().unwrap().is_empty());
    case.done("notice-versions", officer, &notice(2, Some("Een adres was verwisseld.")));
    case.done(
        "follow-up",
        officer,
        &json!({
            "at": now(&case.school), "means": "telephone", "version": 2,
            "measures": "De ouder heeft het bericht gewist.",
        }),
    );
    assert_eq!(case.dossier(officer)["missing"], json!([]));
    case.done("lessons", officer, &json!({ "text": "Kijk het adres na." }));
    let path = format!("{}/closing", case.path);
    let closed = case.school.post(&path, officer, Some("close"), &closing);
    assert_eq!(closed.status, 200, "{closed:?}");
    let again = case.school.post(&path, officer, Some("close"), &closing);
    assert_eq!(
        (again.status, again.header("zegel-position")),
        (200, closed.header("zegel-position"))
    );
}

#[test]
fn the_supervisor_sees_register_and_clocks_and_decides_nothing() {
    let case = Case::new();
    case.told();
    let fg = case.school.member(4);
    case.school.grant(fg, Role::Fg, Reach::Board);
    let at = case.school.signs_in(fg);
    let register = case.school.get("/incidents", &at).json();
    assert_eq!(register["incidents"][0]["incident"]["number"], 1);
    assert_eq!(register["incidents"][0]["clocks"][1]["is_late"], false);
    assert_eq!(case.dossier(&at)["dossier"]["row"]["is_breach"], true);
    for (step, body) in [
        ("classification", judgement("unlikely")),
        ("authority-report", json!({ "not-reported": { "reason": "Geen risico." } })),
        ("closing", json!({ "outcome": "breach", "reason": "Klaar." })),
    ] {
        let refused = case.step(step, &at, &body);
        assert_eq!((refused.status, refused.problem()), (404, "unknown".into()), "{step}");
    }
    // The looks and the refusals are in the trail.
    let trail = case.school.get("/trail", &at).json();
    let lines = trail["lines"].as_array().unwrap();
    let found = |operation: &str, allowed: bool| {
        lines.iter().any(|line| line["operation"] == operation && line["allowed"] == allowed)
    };
    assert!(found("see-dossier", true) && found("close-incident", false), "{trail}");
}

#[test]
fn who_does_not_answer_for_it_sees_nothing_of_it() {
    let case = Case::new();
    let (leader, teacher) = (case.school.member(5), case.teacher);
    case.school.grant(leader, Role::SchoolLeader, Reach::School(OTHER_SCHOOL));
    let nowhere = format!("/incidents/{}", IncidentId::from_bytes([9; 16]));
    for session in [case.school.signs_in(leader), case.school.signs_in(teacher)] {
        assert_eq!(case.school.get("/incidents", &session).status, 403);
        for rest in ["", "/authority-form"] {
            let refused = case.school.get(&format!("{}{rest}", case.path), &session);
            let absent = case.school.get(&format!("{nowhere}{rest}"), &session);
            assert_eq!((refused.status, &refused.body), (404, &absent.body));
        }
    }
    // The processor tells the school of it, and reads nothing of it.
    assert_eq!(case.school.get(&case.path, &case.operator).status, 404);
}

#[test]
fn only_the_processor_says_that_an_incident_is_its_own() {
    let case = Case::new();
    let mut body = misaddressed(case.discovered_at);
    body["operator_case"] = json!("0a".repeat(16));
    let teacher = case.school.signs_in(case.teacher);
    let refused = case.school.post("/incidents", &teacher, Some("own"), &body);
    assert_eq!((refused.status, refused.problem()), (400, "bad-input".into()));
    body["detected_by"] = json!("processor");
    let made = case.school.post("/incidents", &case.operator, Some("own"), &body);
    assert_eq!(made.status, 200, "{made:?}");
    let path = format!("/incidents/{}", made.json()["id"].as_str().unwrap());
    assert_eq!(case.school.get(&path, &case.operator).status, 200);
    let register = case.school.get("/incidents?of=processor", &case.operator).json();
    assert_eq!(register["incidents"].as_array().unwrap().len(), 1);
    assert_eq!(case.school.get("/incidents", &case.operator).status, 403);
}

#[test]
fn what_a_rule_refuses_is_said_in_dutch_and_repeats_nothing() {
    let case = Case::new();
    let mut body = misaddressed(case.discovered_at);
    body["discovered_at"] = json!(now(&case.school) + 24 * HOUR);
    let teacher = case.school.signs_in(case.teacher);
    let refused = case.school.post_in("nl", "/incidents", &teacher, Some("later"), &body);
    assert_eq!(refused.status, 409, "{refused:?}");
    assert_eq!(refused.json()["detail"], "dit moment is nog niet geweest");
    assert!(!refused.body.contains("Bram"));
}
