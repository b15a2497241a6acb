//! Surveys over the API: under the gate, with codes, and published.

use events::About;
use events::access::{Reach, Role};
use events::annex::examples;
use events::people::{Identity, PersonRegistered};
use record::{ActorId, SubjectId};
use serde_json::{Value, json};

use super::client::Answer;
use super::school::{SCHOOL, School};
use super::server::TOKEN;

/// A school with an analyst, an FG and an accepted annex.
struct Asking {
    school: School,
    by: ActorId,
    analyst: String,
    fg: String,
}

impl Asking {
    /// Under version 5, which does not tick the answers of pupils.
    fn fifth() -> Self {
        let asking = Self::without_agreement();
        asking.school.accepts(asking.by, 5, examples::version_5());
        asking
    }

    fn without_agreement() -> Self {
        let school = School::new();
        let [contact, analyst, fg] = [1, 2, 3].map(|number| school.member(number));
        school.grant(analyst, Role::Analyst, Reach::Board);
        school.grant(fg, Role::Fg, Reach::Board);
        let by = school.agrees(contact);
        let (analyst, fg) = (school.signs_in(analyst), school.signs_in(fg));
        Self { school, by, analyst, fg }
    }

    fn sixth() -> Self {
        let asking = Self::fifth();
        asking.school.accepts(asking.by, 6, examples::version_6());
        asking
    }

    fn does(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.school.post(path, &self.analyst, Some(key), body)
    }

    fn survey(&self) -> String {
        let body = json!({ "title": "Lessen", "questions": [
            { "text": "De les is duidelijk", "kind": "agree-5" },
            { "text": "Wat wil je nog zeggen?", "kind": "open" },
        ] });
        made(&self.does("/surveys", "survey", &body))
    }

    fn opens(&self, survey: &str, key: &str, kind: &str) -> Answer {
        self.does(&format!("/surveys/{survey}/rounds"), key, &round(key, kind, false))
    }

    /// A round for pupils that is open.
    fn round(&self) -> String {
        made(&self.opens(&self.survey(), "najaar", "pupil"))
    }

    fn codes(&self, round: &str, key: &str, group: &str, count: u16, uses: u16) -> Vec<String> {
        let body = json!({ "group": group, "count": count, "uses": uses });
        let issued = self.does(&format!("/rounds/{round}/codes"), key, &body);
        assert_eq!(issued.status, 200, "{issued:?}");
        let codes = issued.json()["codes"].as_array().unwrap().clone();
        codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect()
    }

    fn answers(&self, code: &str, key: &str, score: u8, text: &str) -> Answer {
        let body = json!({ "code": code, "answers": [{ "score": score }, { "text": text }] });
        self.school.post("/answers", "", Some(key), &body)
    }

    /// People who are known, with ids in this order.
    fn guests(&self, count: u8) -> Vec<String> {
        let ids = (0..count).map(|number| SubjectId::from_bytes([0xB0 + number; 16]));
        let scope = {
            let tenant = self.school.tenant();
            self.school.server.with_engine(move |engine| engine.permanent_scope(tenant).unwrap())
        };
        ids.map(|id| {
            let identity = Identity { name: "Bo".into(), email: None };
            let person = About::new(id, scope, identity);
            self.school.happens(PersonRegistered { import: None, person }.into());
            id.to_string()
        })
        .collect()
    }

    fn reminded(&self, round: &str, key: &str) -> usize {
        let listed = self.does(&format!("/rounds/{round}/reminders"), key, &json!({}));
        assert_eq!(listed.status, 200, "{listed:?}");
        listed.json()["people"].as_array().unwrap().len()
    }
}

fn round(name: &str, kind: &str, together: bool) -> Value {
    json!({
        "name": name, "floor": 5, "module": "surveys", "kind": kind,
        "purpose": "feedback-en-onderzoek", "school": SCHOOL.to_string(), "together": together,
    })
}

fn made(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["id"].as_str().unwrap().to_owned()
}

#[test]
fn version_5_refuses_pupils_and_version_6_lets_them_in() {
    let asking = Asking::without_agreement();
    let survey = asking.survey();
    let none = asking.opens(&survey, "one", "pupil");
    assert_eq!((none.status, none.problem()), (409, "conflict".to_owned()));
    asking.school.accepts(asking.by, 5, examples::version_5());
    let refused = asking.opens(&survey, "one", "pupil");
    assert_eq!((refused.status, refused.problem()), (422, "refused".to_owned()));
    assert!(refused.body.contains("answers"), "the field is named: {}", refused.body);
    assert_eq!(asking.opens(&survey, "parents", "parent").status, 200);
    let gate = asking.school.get("/gate", &asking.fg).json();
    let rejected = gate["rejected"].as_array().unwrap();
    assert_eq!(rejected.len(), 1, "{gate}");
    assert_eq!((&rejected[0]["field"], &rejected[0]["kind"]), (&json!("answers"), &json!("pupil")));
    asking.school.accepts(asking.by, 6, examples::version_6());
    // The same request, under the same key: what was refused was not done.
    assert_eq!(asking.opens(&survey, "one", "pupil").status, 200);
}

#[test]
fn an_answer_that_the_annex_no_longer_ticks_is_refused_and_counted() {
    let asking = Asking::sixth();
    let round = asking.round();
    let code = asking.codes(&round, "c", "3a", 1, 30).remove(0);
    assert_eq!(asking.answers(&code, "one", 4, "fijn").status, 200);
    asking.school.accepts(asking.by, 7, examples::version_5());
    let refused = asking.answers(&code, "two", 4, "fijn");
    assert_eq!((refused.status, refused.problem()), (422, "refused".to_owned()));
    // The older route stands under the same gate.
    let tenant = asking.school.tenant();
    let body = r#"{"group":"3a","answers":[{"score":4},null]}"#;
    let older = asking.school.server.ask(&format!(
        "POST /v1/tenants/{tenant}/rounds/{round}/responses HTTP/1.1\r\nHost: h\r\n\
         Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n\
         Idempotency-Key: older\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    assert_eq!(older.status, 422, "{older:?}");
    let gate = asking.school.get("/gate", &asking.fg).json();
    assert_eq!(gate["rejected"][0]["count"], 2, "{gate}");
    let rounds = asking
        .school
        .server
        .with_engine(move |engine| engine.tenant(tenant).unwrap().views().surveys().board().rounds);
    assert!(rounds.iter().any(|row| row.round.to_string() == round && row.responses == 1));
}

#[test]
fn a_code_shows_the_questions_the_floor_and_that_answers_are_pseudonymised() {
    let asking = Asking::sixth();
    let code = asking.codes(&asking.round(), "c", "3a", 1, 1).remove(0);
    let shown = asking.school.post("/answer-form", "", None, &json!({ "code": code }));
    assert_eq!(shown.status, 200, "{shown:?}");
    let shown = shown.json();
    assert_eq!((&shown["floor"], &shown["title"]), (&json!(5), &json!("Lessen")));
    assert_eq!(shown["questions"][0]["kind"], "agree-5");
    let said = &shown["statement"];
    assert!(said["nl"].as_str().unwrap().contains("gepseudonimiseerd en niet anoniem"));
    assert!(said["en"].as_str().unwrap().contains("pseudonymised and not anonymous"));
    let typed = code.to_uppercase().replace('-', " ");
    let again = asking.school.post("/answer-form", "", None, &json!({ "code": typed }));
    assert_eq!(again.status, 200, "as people type it");
    let none = asking.school.post("/answer-form", "", None, &json!({ "code": "00000" }));
    assert_eq!((none.status, none.problem()), (404, "unknown".to_owned()));
}

#[test]
fn a_code_is_taken_as_often_as_it_says_and_its_repetition_answers_the_same() {
    let asking = Asking::sixth();
    let round = asking.round();
    let once = asking.codes(&round, "once", "3a", 2, 1);
    assert_eq!(once, asking.codes(&round, "once", "3a", 2, 1), "shown again to who repeats it");
    let first = asking.answers(&once[0], "k", 4, "fijn");
    assert_eq!(first.status, 200, "{first:?}");
    let again = asking.answers(&once[0], "k", 4, "fijn");
    assert_eq!(first.json(), again.json());
    let second = asking.answers(&once[0], "k2", 5, "nog eens");
    assert_eq!((second.status, second.problem()), (409, "conflict".to_owned()));
    let class = asking.codes(&round, "class", "3b", 1, 3).remove(0);
    for number in 0..3 {
        assert_eq!(asking.answers(&class, &format!("c{number}"), 3, "x").status, 200);
    }
    assert_eq!(asking.answers(&class, "c3", 3, "x").status, 409);
    let bsn = asking.answers(&once[1], "bsn", 3, "mijn nummer is 111222333");
    assert_eq!((bsn.status, bsn.problem()), (422, "refused".to_owned()));
    assert!(!bsn.body.contains("111222333"));
    assert_eq!(asking.answers(&once[1], "bsn", 3, "zonder nummer").status, 200);
}

#[test]
fn an_answer_is_taken_back_with_its_own_withdrawal_code_alone() {
    let asking = Asking::sixth();
    let round = asking.round();
    let code = asking.codes(&round, "c", "3a", 1, 30).remove(0);
    let withdrawals: Vec<String> = (0..6)
        .map(|number| {
            let answered = asking.answers(&code, &format!("k{number}"), 4, "weg ermee");
            answered.json()["withdrawal"].as_str().unwrap().to_owned()
        })
        .collect();
    let take = |withdrawal: &str| {
        let body = json!({ "code": code, "withdrawal": withdrawal });
        asking.school.post("/answer-withdrawal", "", None, &body)
    };
    assert_eq!(take(&code).status, 404, "the code itself takes nothing back");
    assert_eq!(take(&withdrawals[2]).status, 200);
    assert_eq!(take(&withdrawals[2]).status, 404, "it is gone");
    let tenant = asking.school.tenant();
    let id = events::RoundId::from_hex(&round).unwrap();
    let left = asking.school.server.with_engine(move |engine| {
        engine.gather(engine.tenant(tenant).unwrap(), id).unwrap().len()
    });
    assert_eq!(left, 5);
    let again = asking.answers(&code, "k2", 4, "weg ermee");
    assert_eq!((again.status, &again.json()["withdrawal"]), (200, &Value::Null));
    // After the round closed, too: its codes open nothing, and what was answered can be taken back.
    assert_eq!(asking.does(&format!("/rounds/{round}/closing"), "close", &json!({})).status, 200);
    assert_eq!(asking.answers(&code, "late", 4, "te laat").status, 404);
    assert_eq!(take(&withdrawals[0]).status, 200);
}

#[test]
fn reminders_go_to_those_who_did_not_answer_and_nothing_tells_who_said_what() {
    let asking = Asking::sixth();
    let round = asking.round();
    let people = asking.guests(7);
    let body = json!({ "group": "3a", "people": people });
    let invited = asking.does(&format!("/rounds/{round}/invitations"), "invite", &body);
    assert_eq!(invited.status, 200, "{invited:?}");
    let invited = invited.json()["invitations"].as_array().unwrap().clone();
    let code = |number: usize| invited[number]["code"].as_str().unwrap();
    // They answer in another order than that of their ids.
    for (at, number) in [5, 2, 4, 0].into_iter().enumerate() {
        assert_eq!(asking.answers(code(number), &format!("k{at}"), 4, "x").status, 200);
    }
    assert_eq!(asking.reminded(&round, "r1"), 7, "fewer than the floor are not told apart");
    assert_eq!(asking.answers(code(3), "k4", 4, "x").status, 200);
    assert_eq!(asking.reminded(&round, "r2"), 2);
    // What is recorded of it: one batch of five, in the order of their ids, after the answers.
    let tenant = asking.school.tenant();
    let rows = asking.school.server.with_engine(move |engine| {
        (0..400)
            .filter_map(|seq| engine.reopened(tenant, record::Seq(seq)).ok().flatten())
            .collect::<Vec<_>>()
    });
    let marked: Vec<_> = rows
        .iter()
        .filter_map(|event| match event {
            events::Event::Survey(events::SurveyEvent::AnswersMarked(event)) => Some(event),
            _ => None,
        })
        .collect();
    assert_eq!(marked.len(), 1);
    let who: Vec<String> =
        marked[0].guests.iter().map(|guest| guest.subject().unwrap().to_string()).collect();
    assert_eq!(who, [0, 2, 3, 4, 5].map(|number| people[number].clone()));
    // No answer carries a code, its digest or a person.
    let ids: Vec<SubjectId> = people.iter().map(|id| SubjectId::from_hex(id).unwrap()).collect();
    for event in &rows {
        if let events::Event::Survey(events::SurveyEvent::ResponseSubmitted(event)) = event {
            let pseudonym = event.response.subject().unwrap();
            assert!(!ids.contains(&pseudonym));
            let known = asking.school.server.with_engine(move |engine| {
                engine.tenant(tenant).unwrap().state().invited_by(pseudonym.as_bytes())
            });
            assert_eq!(known, None);
        }
    }
}

#[test]
fn results_are_published_numbers_and_rounds_stand_side_by_side() {
    let asking = Asking::sixth();
    let survey = asking.survey();
    let scores: [(&str, &[u8]); 2] =
        [("3a", &[1, 1, 1, 1, 1, 5, 5, 5, 5, 5]), ("3b", &[2, 2, 2, 2, 2, 4, 4, 4, 4, 4])];
    let mut moments = Vec::new();
    for kind in ["pupil", "parent"] {
        let round = made(&asking.opens(&survey, kind, kind));
        assert_eq!(
            asking.school.get(&format!("/rounds/{round}/results"), &asking.analyst).status,
            404
        );
        for (group, scores) in scores {
            let code = asking.codes(&round, &format!("{kind}{group}"), group, 1, 20).remove(0);
            for (number, score) in scores.iter().enumerate() {
                let key = format!("{kind}{group}{number}");
                assert_eq!(asking.answers(&code, &key, *score, "x").status, 200);
            }
        }
        let closed = asking.does(&format!("/rounds/{round}/closing"), kind, &json!({}));
        assert_eq!(closed.status, 200, "{closed:?}");
        moments.push((round, asking.school.server.with_engine(|engine| engine.now()).0));
        asking.school.server.advance(60);
    }
    let (round, first) = &moments[0];
    let path = format!("/rounds/{round}/results?question=0");
    let shown = asking.school.get(&path, &asking.analyst).json();
    let cells = shown["questions"][0]["cells"].as_array().unwrap();
    let all: Vec<u8> = scores.iter().flat_map(|(_, scores)| scores.iter().copied()).collect();
    for (cell, scores) in cells.iter().zip([&all[..], scores[0].1, scores[1].1]) {
        let (n, mean, counts) = by_hand(scores);
        assert_eq!((&cell["n"], &cell["mean_millionths"]), (&json!(n), &json!(mean)), "{cell}");
        assert_eq!(cell["counts"], json!(counts));
    }
    let group = asking.school.get(&format!("{path}&group=2"), &asking.analyst).json();
    assert_eq!(group["questions"][0]["cells"][0]["group"], "3b");
    assert_eq!(asking.school.get(&format!("{path}&group=9"), &asking.analyst).status, 404);
    // Side by side, and as of a moment before the second was published.
    let path = format!("/surveys/{survey}/comparison");
    let both = asking.school.get(&path, &asking.analyst).json();
    let kinds = |shown: &Value| {
        let rounds = shown["rounds"].as_array().unwrap().clone();
        rounds.iter().map(|row| row["round"]["audience"]["kind"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&both), ["pupil", "parent"]);
    let then = asking.school.get(&format!("{path}?as_of={first}"), &asking.analyst).json();
    assert_eq!(kinds(&then), ["pupil"]);
    // Nobody without the role, and no parent of a pupil, reads any of it.
    assert_eq!(asking.school.get(&path, &asking.fg).status, 404);
    let same = asking.does(&format!("/rounds/{round}/publication"), "again", &json!({}));
    assert_eq!((same.status, same.problem()), (409, "conflict".to_owned()));
}

/// How many, the mean in millionths, and how many gave each score.
fn by_hand(scores: &[u8]) -> (usize, u64, Vec<usize>) {
    let sum: u64 = scores.iter().map(|score| u64::from(*score)).sum();
    let n = scores.len() as u64;
    let counts = (1..=5).map(|score| scores.iter().filter(|given| **given == score).count());
    (scores.len(), (2_000_000 * sum + n) / (2 * n), counts.collect())
}

#[test]
fn a_round_without_groups_shows_nothing_but_all_of_it() {
    let asking = Asking::sixth();
    let survey = asking.survey();
    let path = format!("/surveys/{survey}/rounds");
    let together = made(&asking.does(&path, "samen", &round("samen", "pupil", true)));
    let codes = format!("/rounds/{together}/codes");
    let named = json!({ "group": "3a", "count": 1, "uses": 9 });
    assert_eq!(asking.does(&codes, "named", &named).status, 400);
    let issued =
        asking.does(&codes, "all", &json!({ "group": null, "count": 1, "uses": 9 })).json();
    let code = issued["codes"][0].as_str().unwrap();
    for number in 0..6 {
        assert_eq!(
            asking.answers(code, &format!("k{number}"), 1 + number % 2 * 3, "x").status,
            200
        );
    }
    assert_eq!(asking.does(&format!("/rounds/{together}/closing"), "x", &json!({})).status, 200);
    let shown = asking.school.get(&format!("/rounds/{together}/results"), &asking.analyst).json();
    for cell in shown["questions"][0]["cells"].as_array().unwrap() {
        assert!(cell["group"].is_null() || cell["group"] == "alle groepen", "{cell}");
    }
}
