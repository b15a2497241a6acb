//! Observing a lesson, from the instrument to the report, and who sees it.

use events::access::{Reach, Role};
use events::annex::{Module, examples};
use events::observe::InstrumentPublished;
use record::ActorId;
use rules::observe::example_instrument;
use serde_json::{Value, json};

use super::client::Answer;
use super::school::{Member, SCHOOL, School};

/// A school that may observe, with an instrument, a teacher, an observer and a leader.
struct Lessons {
    school: School,
    by: ActorId,
    teacher: (Member, String),
    observer: (Member, String),
    leader: (Member, String),
    instrument: String,
}

impl Lessons {
    /// Everything but the consent of the council.
    fn unconsented() -> Self {
        let school = School::new();
        let members = [1, 2, 3, 4].map(|number| school.member(number));
        let [contact, teacher, observer, leader] = members;
        school.grant(teacher, Role::Teacher, Reach::School(SCHOOL));
        school.grant(observer, Role::Observer, Reach::School(SCHOOL));
        school.grant(leader, Role::SchoolLeader, Reach::School(SCHOOL));
        let by = school.agrees(contact);
        school.accepts(by, 5, examples::version_5());
        let instrument = events::observe::InstrumentId::from_bytes([0x19; 16]);
        let content = example_instrument();
        school.happens(InstrumentPublished { instrument, version: 1, content, by }.into());
        let with = |member| (member, school.signs_in(member));
        let (teacher, observer, leader) = (with(teacher), with(observer), with(leader));
        Self { school, by, teacher, observer, leader, instrument: instrument.to_string() }
    }

    fn new() -> Self {
        let lessons = Self::unconsented();
        lessons.school.consents(lessons.by, Module::Observation);
        lessons
    }

    fn plans(&self, key: &str, variant: &str, purpose: &str) -> Answer {
        let body = json!({
            "instrument": self.instrument, "version": 1, "variant": variant, "purpose": purpose,
            "school": SCHOOL.to_string(), "teacher": self.teacher.0.person.to_string(),
            "observer": null, "lesson_at": 1_795_773_600_000_000_u64, "group": "H3a",
        });
        self.school.post("/observations", &self.observer.1, Some(key), &body)
    }

    fn planned(&self, variant: &str, purpose: &str) -> String {
        let made = self.plans("plan", variant, purpose);
        assert_eq!(made.status, 200, "{made:?}");
        made.json()["id"].as_str().unwrap().to_owned()
    }

    fn recorded(&self, variant: &str, purpose: &str) -> String {
        let id = self.planned(variant, purpose);
        let path = format!("/observations/{id}/recording");
        let done = self.school.post(&path, &self.observer.1, Some("rec"), &assessed(scores()));
        assert_eq!(done.status, 200, "{done:?}");
        id
    }
}

/// Scores of 30 items; the first domain has four of five items not applicable.
fn scores() -> Vec<Option<u8>> {
    (0..30).map(|item| (item == 0 || item > 4).then_some(item % 4 + 1)).collect()
}

fn assessed(scores: Vec<Option<u8>>) -> Value {
    json!({ "scores": scores, "remarks": [{ "item": 29, "text": "sterk slot" }] })
}

#[test]
fn nothing_is_observed_before_the_council_consents_and_the_refusal_is_counted() {
    let lessons = Lessons::unconsented();
    let refused = lessons.plans("one", "peer", "development");
    assert_eq!((refused.status, refused.problem()), (409, "conflict".to_owned()));
    assert!(refused.body.contains("participation council"), "{}", refused.body);
    let fg = lessons.school.member(9);
    lessons.school.grant(fg, Role::Fg, Reach::Board);
    let gate = lessons.school.get("/gate", &lessons.school.signs_in(fg)).json();
    assert!(gate.to_string().contains("no-consent"), "{gate}");
    // The key was not used up: the same request is done once it may be.
    lessons.school.consents(lessons.by, Module::Observation);
    assert_eq!(lessons.plans("one", "peer", "development").status, 200);
}

#[test]
fn an_observation_is_recorded_seen_answered_and_corrected_by_the_two_of_them() {
    let lessons = Lessons::new();
    let id = lessons.recorded("peer", "development");
    let school = &lessons.school;
    let at = |what: &str| format!("/observations/{id}{what}");
    let own =
        |path: &str, key, body: &Value| school.post(path, &lessons.teacher.1, Some(key), body);
    let theirs =
        |path: &str, key, body: &Value| school.post(path, &lessons.observer.1, Some(key), body);
    assert_eq!(own(&at("/self-evaluation"), "self", &assessed(scores())).status, 200);
    let remark = json!({ "item": null, "text": "de klas was onrustig" });
    assert_eq!(own(&at("/remarks"), "remark", &remark).status, 200);
    assert_eq!(theirs(&at("/observer-remarks"), "note", &remark).status, 200);
    let asks = json!({ "answer": "asks-correction" });
    assert_eq!(own(&at("/answer"), "answer", &asks).status, 200);
    let mut better = scores();
    better[29] = Some(4);
    let correction = json!({ "scores": better, "remarks": [], "reason": "verkeerde regel" });
    assert_eq!(theirs(&at("/correction"), "better", &correction).status, 200);
    // A text that may hold a BSN stops the writer, and is not kept.
    let number = json!({ "item": null, "text": "leerling 111222333" });
    let stopped = own(&at("/remarks"), "bsn", &number);
    assert_eq!((stopped.status, stopped.problem()), (422, "refused".to_owned()));
    assert!(stopped.body.contains("nine digits") && !stopped.body.contains("111222333"));

    let seen = school.get(&at(""), &lessons.teacher.1);
    assert_eq!(seen.status, 200, "{seen:?}");
    let seen = seen.json();
    assert_eq!(seen, school.get(&at(""), &lessons.observer.1).json());
    let domains = &seen["observed"]["known"]["domains"];
    let independent = means(&better, &sizes());
    for (domain, (n, mean)) in independent.into_iter().enumerate() {
        assert_eq!(domains[domain]["n_answered"], n, "{domain}");
        assert_eq!(domains[domain]["mean_millionths"], json!(mean), "{domain}");
    }
    assert_eq!(domains[0]["shown"], false, "one of five items tells nothing of a domain");
    assert_eq!(seen["corrections"][0]["reason"]["known"], "verkeerde regel");
    assert_eq!(seen["self_evaluation"]["known"]["scores"], json!(scores()));
    assert_eq!(seen["answers"][0]["known"], "asks-correction");
    let rows = school.get("/own/observations", &lessons.teacher.1).json();
    assert_eq!(
        (&rows["lessons"][0]["observation"], rows["observed"].as_array().map(Vec::len)),
        (&json!(id), Some(0))
    );
}

fn sizes() -> Vec<usize> {
    example_instrument().domains.iter().map(|domain| domain.items.len()).collect()
}

/// Counts and means by domain, by hand: in whole numbers, rounded, with its own rule of half.
fn means(scores: &[Option<u8>], sizes: &[usize]) -> Vec<(usize, Option<u64>)> {
    let mut from = 0;
    let domain = |size: &usize| {
        let given: Vec<u64> =
            scores[from..from + size].iter().flatten().map(|score| u64::from(*score)).collect();
        from += size;
        let (sum, n) = (given.iter().sum::<u64>(), given.len() as u64);
        let shown = 2 * given.len() >= *size;
        (given.len(), shown.then(|| (2_000_000 * sum + n) / (2 * n)))
    };
    sizes.iter().map(domain).collect()
}

#[test]
fn a_leader_sees_a_formal_visit_once_it_is_shared_and_a_peer_visit_never() {
    let lessons = Lessons::new();
    let school = &lessons.school;
    let id = lessons.recorded("appraisal", "appraisal");
    let path = format!("/observations/{id}");
    let absent = school.get(&format!("/observations/{}", "0".repeat(32)), &lessons.leader.1);
    let before = school.get(&path, &lessons.leader.1);
    assert_eq!((before.status, &before.body), (404, &absent.body));
    let share = format!("{path}/sharing");
    let own = school.post(&share, &lessons.leader.1, Some("l"), &json!({}));
    assert_eq!(own.status, 404, "a leader does not let themselves in");
    assert_eq!(school.post(&share, &lessons.observer.1, Some("s"), &json!({})).status, 200);
    assert_eq!(school.get(&path, &lessons.leader.1).status, 200);
    for (session, query, begins, name) in [
        (&lessons.leader.1, "form=pdf", &b"%PDF"[..], "observation-nl.pdf"),
        (&lessons.teacher.1, "form=xlsx&language=en", &b"PK"[..], "observation-en.xlsx"),
    ] {
        let (head, bytes) =
            super::agreement::handed_over(school, &format!("{path}/export?{query}"), session);
        assert!(head.contains(&format!("attachment; filename=\"{name}\"")), "{head}");
        assert!(bytes.starts_with(begins), "{query}");
    }
    // Withdrawn, it is the leader's to see no more.
    let withdraw = format!("{path}/withdrawal");
    let because = json!({ "because": "objection" });
    assert_eq!(school.post(&withdraw, &lessons.observer.1, Some("w"), &because).status, 200);
    assert_eq!(school.get(&path, &lessons.leader.1).status, 404);

    let lessons = Lessons::new();
    let id = lessons.recorded("peer", "development");
    let share = format!("/observations/{id}/sharing");
    let refused = lessons.school.post(&share, &lessons.observer.1, Some("s"), &json!({}));
    assert_eq!((refused.status, refused.problem()), (409, "conflict".to_owned()));
    let seen = lessons.school.get(&format!("/observations/{id}"), &lessons.leader.1);
    assert_eq!(seen.status, 404);
}

#[test]
fn nobody_records_or_reads_for_another() {
    let lessons = Lessons::new();
    let id = lessons.planned("peer", "development");
    let stranger = lessons.school.member(7);
    lessons.school.grant(stranger, Role::Observer, Reach::School(SCHOOL));
    lessons.school.grant(stranger, Role::Teacher, Reach::School(SCHOOL));
    let session = lessons.school.signs_in(stranger);
    let post = |what: &str, session: &str, body: &Value| {
        lessons.school.post(&format!("/observations/{id}/{what}"), session, Some(what), body)
    };
    // Within the reach it is known that there is an observation, and no more.
    assert_eq!(post("recording", &session, &assessed(scores())).status, 409);
    assert_eq!(post("self-evaluation", &session, &assessed(scores())).status, 404);
    assert_eq!(lessons.school.get(&format!("/observations/{id}"), &session).status, 404);
    assert_eq!(post("self-evaluation", &lessons.observer.1, &assessed(scores())).status, 404);
    let wrong = lessons.plans("other", "peer", "appraisal");
    assert_eq!((wrong.status, wrong.problem()), (422, "refused".to_owned()));
}

#[test]
fn instruments_are_made_by_analysts_and_seen_by_who_takes_part() {
    let lessons = Lessons::new();
    let analyst = lessons.school.member(8);
    lessons.school.grant(analyst, Role::Analyst, Reach::Board);
    let session = lessons.school.signs_in(analyst);
    let body = json!({
        "instrument": null, "version": 1, "title": { "nl": "Kijkwijzer" },
        "scale": [{ "nl": "zwak", "en": "weak" }, { "nl": "sterk", "en": "strong" }],
        "domains": [{ "title": { "nl": "Uitleg" }, "items": [{ "text": { "nl": "vat samen" } }] }],
    });
    let made = lessons.school.post("/instruments", &session, Some("new"), &body);
    assert_eq!(made.status, 200, "{made:?}");
    let refused = lessons.school.post("/instruments", &lessons.teacher.1, Some("new"), &body);
    assert_eq!(refused.status, 403);
    let shown = lessons.school.get("/instruments", &lessons.teacher.1).json();
    assert_eq!(shown["instruments"].as_array().unwrap().len(), 2);
    let made = made.json();
    let end = json!({ "instrument": made["id"], "version": 1 });
    let ended = lessons.school.post("/instruments/withdrawal", &session, Some("end"), &end);
    assert_eq!(ended.status, 200, "{ended:?}");
}
