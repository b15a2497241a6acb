//! Requests as a school handles them: taken in, decided by two, carried out, answered.

use std::collections::{BTreeMap, BTreeSet};

use engine::Request;
use events::About;
use events::access::{Reach, Role};
use events::annex::{Module, examples};
use events::category;
use events::observe::{
    Assessment, Authorship, InstrumentId, InstrumentPublished, ObservationId, ObservationPlanned,
    ObservationRecorded, PlannedLesson, Purpose, Remark, Variant,
};
use events::people::{Representation, RepresentationRecorded};
use record::{CommandId, Seq, SubjectId};
use rules::Command;
use serde_json::{Value, json};

use super::client::Answer;
use super::school::{Member, SCHOOL, School};

const DAY: u64 = 86_400;
const PUPIL: u8 = 1;

/// A school with a person who asks, and those who answer.
struct Case {
    school: School,
    person: Member,
    officer: String,
    leader: String,
    fg: String,
    path: String,
}

impl Case {
    /// A request of a kind, filed by the person and made sure of.
    fn filed(kind: &str) -> Self {
        let school = School::new();
        let person = school.member(PUPIL);
        let (officer, leader, fg) = (school.member(2), school.member(3), school.member(4));
        school.grant(officer, Role::PrivacyOfficer, Reach::Board);
        school.grant(leader, Role::SchoolLeader, Reach::School(SCHOOL));
        school.grant(fg, Role::Fg, Reach::Board);
        let own = school.signs_in(person);
        let filed = school.post("/own/requests", &own, Some("file"), &json!({ "kind": kind }));
        assert_eq!(filed.status, 200, "{filed:?}");
        let path = format!("/requests/{}", filed.json()["id"].as_str().unwrap());
        let own = school.get("/own/requests", &own).json();
        assert_eq!(own["requests"][0]["request"]["kind"], kind);
        let (officer, leader, fg) =
            (school.signs_in(officer), school.signs_in(leader), school.signs_in(fg));
        Self { school, person, officer, leader, fg, path }
    }

    fn identified(self) -> Self {
        self.done("identity", &self.officer, &json!({ "shown": "signed-in", "under_16": false }));
        self
    }

    fn step(&self, step: &str, cookie: &str, body: &Value) -> Answer {
        let key = blake3::hash(format!("{step}{body}").as_bytes()).to_hex();
        self.school.post(&format!("{}/{step}", self.path), cookie, Some(&key), body)
    }

    #[track_caller]
    fn done(&self, step: &str, cookie: &str, body: &Value) {
        let answer = self.step(step, cookie, body);
        assert_eq!((answer.status, answer.json()), (200, json!({})), "{step}: {answer:?}");
    }

    #[track_caller]
    fn refused(&self, step: &str, cookie: &str, body: &Value, says: &str) {
        let answer = self.step(step, cookie, body);
        assert!(answer.status >= 400 && answer.body.contains(says), "{step}: {answer:?}");
    }

    fn show(&self, what: &str, cookie: &str) -> Answer {
        let answer = self.school.get(&format!("{}{what}", self.path), cookie);
        assert_eq!(answer.status, 200, "{what}: {answer:?}");
        answer
    }

    fn now(&self) -> u64 {
        self.school.server.with_engine(|engine| engine.now()).0
    }

    /// Every category of the preview, each with a verdict.
    fn decisions(&self, verdict: impl Fn(u64) -> Value) -> Value {
        let preview = self.show("/preview", &self.officer).json();
        let categories = preview["categories"].as_array().unwrap();
        let decided = categories.iter().map(|it| {
            let category = it["category"].as_u64().unwrap();
            json!({ "category": category, "verdict": verdict(category) })
        });
        json!({ "decisions": decided.collect::<Vec<_>>() })
    }

    /// Proposed by the officer, approved by the leader.
    fn decided(&self, body: &Value) {
        self.done("proposal", &self.officer, body);
        self.done("approval", &self.leader, &json!({}));
    }

    fn kept(&self) -> BTreeSet<u16> {
        let (tenant, person) = (self.school.tenant(), self.person.person);
        let kept = self.school.server.with_engine(move |engine| engine.kept_of(tenant, person));
        kept.unwrap().into_iter().map(|it| it.category).collect()
    }

    fn replays(&self) {
        let tenant = self.school.tenant();
        let check = self
            .school
            .server
            .with_engine(move |engine| engine.replay_check(tenant, None, &mut |_| {}).unwrap());
        assert!(check.verdict.is_good(), "{check:?}");
    }
}

fn erased(_: u64) -> Value {
    json!({ "erased": {} })
}

fn given(_: u64) -> Value {
    json!({ "given": {} })
}

/// Whatever opens of these subjects, found by reading every record: what and how often.
fn told_of(school: &School, subjects: &[SubjectId]) -> BTreeMap<(u64, u16), usize> {
    let (tenant, subjects) = (school.tenant(), subjects.to_vec());
    school.server.with_engine(move |engine| {
        let rows = engine.journal_rows(tenant, Seq(0), u64::MAX).unwrap();
        let mut told = BTreeMap::new();
        for seq in rows.iter().map(|row| row.seq) {
            let event = engine.reopened(tenant, Seq(seq)).unwrap();
            for part in event.into_iter().flat_map(|event| event.told_parts()) {
                if subjects.contains(&part.subject) {
                    *told.entry((seq, part.category.0)).or_default() += 1;
                }
            }
        }
        told
    })
}

fn does(school: &School, number: u8, command: Command) {
    let tenant = school.tenant();
    let id = CommandId::from_bytes([number; 16]);
    school
        .server
        .with_engine(move |engine| engine.execute_one(tenant, Request { id, command }).unwrap());
}

/// Answers of the person and of somebody else in the round.
fn answered(school: &School, person: SubjectId) -> (SubjectId, SubjectId) {
    let pseudonyms = (SubjectId::from_bytes([0xB1; 16]), SubjectId::from_bytes([0xB2; 16]));
    let round = school.server.round;
    for (number, pseudonym) in [(200, pseudonyms.0), (201, pseudonyms.1)] {
        let answers = vec![events::Answer::Score(4), events::Answer::Text("Prettige sfeer".into())];
        let (group, import) = ("H3a".into(), None);
        does(school, number, Command::SubmitResponse { round, pseudonym, group, answers, import });
    }
    let (pseudonym, import) = (pseudonyms.0, None);
    does(school, 202, Command::LinkRespondent { round, person, pseudonym, import });
    pseudonyms
}

#[test]
fn an_erasure_goes_its_way_and_what_is_kept_stands_on_the_certificate() {
    let case = Case::filed("erasure");
    let all = case.decisions(erased);
    case.refused("proposal", &case.officer, &all, "made sure who asks");
    let case = case.identified();
    case.done("advice", &case.fg, &json!({ "advised": "grant-in-part", "text": "Wis het" }));
    // The FG decides nothing, and what it may not do is not there.
    assert_eq!(case.step("proposal", &case.fg, &all).status, 404);
    let until = case.now() + 30 * DAY * 1_000_000;
    let duty = |category: u64| match category {
        5 => json!({ "kept": { "ground": "legal-duty", "until": until } }),
        other => erased(other),
    };
    // What is kept and not decided, and a kept item without an end.
    let short = json!({ "decisions": [{ "category": 1, "verdict": { "erased": {} } }] });
    case.refused("proposal", &case.officer, &short, "every category");
    let endless = case.decisions(|_| json!({ "kept": { "ground": "legal-duty" } }));
    case.refused("proposal", &case.officer, &endless, "an end that is yet to come");
    case.done("proposal", &case.officer, &case.decisions(duty));
    case.refused("execution", &case.officer, &json!({}), "not approved yet");
    case.refused("approval", &case.officer, &json!({}), "another person");
    assert_eq!(case.step("approval", &case.fg, &json!({})).status, 404);
    case.done("approval", &case.leader, &json!({}));
    let others = told_of(&case.school, &[member_number(2), member_number(3)]);
    case.done("execution", &case.officer, &json!({}));
    assert_eq!(case.kept(), BTreeSet::from([category::AFFILIATION.0]));
    let left = told_of(&case.school, &[case.person.person]);
    assert!(left.keys().all(|(_, it)| *it == category::AFFILIATION.0), "{left:?}");
    assert_eq!(told_of(&case.school, &[member_number(2), member_number(3)]), others);
    let certificate = case.show("/certificate", &case.fg);
    let shown = certificate.json();
    assert_eq!((&shown["completed"], &shown["kept"][0]["category"]), (&json!(true), &json!(5)));
    assert_eq!(shown["kept"][0]["until"], until);
    assert!(shown["trail"][0]["until"].as_u64().unwrap() > until, "{shown}");
    assert_eq!(shown["erasure"]["stage"], "completed");
    assert_ne!(shown["erasure"]["ordered_by"], shown["erasure"]["approved_by"]);
    for name in [case.person.person.to_string(), "Lid Nummer1".into(), "Wis het".into()] {
        assert!(!certificate.body.contains(&name), "{certificate:?}");
    }
    let paper = case.show("/certificate?form=html&language=nl", &case.officer);
    assert!(paper.body.contains("een wettelijke bewaarplicht"), "{paper:?}");
    // Whoever is gone cannot sign in, and a repetition does nothing anew.
    let gone =
        case.school.try_sign_in(&super::school::login(case.person), super::school::PASSWORD, None);
    assert_eq!(gone.status, 401);
    let again = case.school.post(
        &format!("{}/execution", case.path),
        &case.officer,
        Some("again"),
        &json!({}),
    );
    assert!(again.status == 409 && again.body.contains("carried out already"), "{again:?}");
    case.done(
        "closing",
        &case.officer,
        &json!({ "ending": "done-in-part", "told_at": case.now() }),
    );
    case.replays();
}

fn member_number(number: u8) -> SubjectId {
    SubjectId::from_bytes([0xA0, number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
}

#[test]
fn with_all_of_a_person_their_answers_go_and_those_of_others_stay() {
    let case = Case::filed("erasure").identified();
    let (pseudonym, other) = answered(&case.school, case.person.person);
    let others = told_of(&case.school, &[other, member_number(2), member_number(4)]);
    assert!(!told_of(&case.school, &[pseudonym]).is_empty());
    let round = case.school.server.round;
    let responses = move |school: &School| {
        let tenant = school.tenant();
        school.server.with_engine(move |engine| {
            engine.tenant(tenant).unwrap().state().round(round).unwrap().direct_responses
        })
    };
    let before = responses(&case.school);
    case.decided(&case.decisions(erased));
    case.done("execution", &case.officer, &json!({}));
    assert_eq!(told_of(&case.school, &[case.person.person, pseudonym]), BTreeMap::new());
    assert_eq!(case.kept(), BTreeSet::new());
    assert_eq!(told_of(&case.school, &[other, member_number(2), member_number(4)]), others);
    assert_eq!(responses(&case.school), before);
    // The register keeps the request, and says of nobody whose it was.
    let row = case.show("", &case.fg).json();
    assert_eq!(
        (&row["request"]["person"], &row["request"]["stage"]),
        (&Value::Null, &json!("carried-out"))
    );
    case.replays();
}

#[test]
fn a_package_holds_every_part_of_a_person_and_each_look() {
    let case = Case::filed("access").identified();
    let (pseudonym, _) = answered(&case.school, case.person.person);
    let asked = case.school.get(&format!("{}/package", case.path), &case.officer);
    assert_eq!(asked.status, 400, "{asked:?}");
    let withheld = |category: u64| match category {
        7 => json!({ "withheld": { "ground": "rights-of-others" } }),
        other => given(other),
    };
    case.decided(&case.decisions(withheld));
    // Counted by reading every record, before the look at the package is recorded.
    let all = told_of(&case.school, &[case.person.person, pseudonym]);
    let package = case.show("/package?form=json", &case.officer).json();
    let mut told: BTreeMap<(u64, u16), usize> = BTreeMap::new();
    for part in package["parts"].as_array().unwrap() {
        let place = (
            part["seq"].as_u64().unwrap(),
            u16::try_from(part["category"].as_u64().unwrap()).unwrap(),
        );
        *told.entry(place).or_default() += 1;
    }
    let looked = category::TRAIL_LOOKED.0;
    let expected = all.iter().filter(|((_, it), _)| ![7, looked].contains(it));
    assert_eq!(told, expected.map(|(place, count)| (*place, *count)).collect());
    let looks: BTreeSet<u64> = package["looks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|look| look["seq"].as_u64().unwrap())
        .collect();
    let expected = all.keys().filter(|(_, it)| *it == looked).map(|(seq, _)| *seq);
    assert_eq!(looks, expected.collect());
    let preview = package["looks"].as_array().unwrap().iter();
    let preview = preview.clone().find(|look| look["operation"] == "preview-request").unwrap();
    assert_eq!(
        (&preview["role"], &preview["purpose"], &preview["who"]),
        (&json!("privacy-officer"), &json!("requests"), &Value::Null)
    );
    assert_eq!(package["withheld"][0]["category"], 7);
    for form in ["html&language=nl", "csv&table=1"] {
        let file = case.show(&format!("/package?form={form}"), &case.officer);
        assert!(
            file.body.contains("Lid Nummer1") && file.body.contains("Prettige sfeer"),
            "{file:?}"
        );
        // What signing in is checked against leaves in no form.
        assert!(!file.body.contains("argon2") && !file.body.contains("lid1@"), "{file:?}");
    }
    // The FG supervises, and opens no package.
    let fg = case.school.get(&format!("{}/package", case.path), &case.fg);
    assert_eq!(fg.status, 404);
    case.refused(
        "closing",
        &case.officer,
        &json!({ "ending": "done", "told_at": case.now() }),
        "handed over",
    );
    case.done("handing-over", &case.officer, &json!({ "handed": "in-person", "at": case.now() }));
    case.done("closing", &case.officer, &json!({ "ending": "done", "told_at": case.now() }));
    case.replays();
}

#[test]
fn names_of_who_looked_are_told_only_where_the_school_decided_so() {
    let case = Case::filed("access").identified();
    let mut body = case.decisions(given);
    body["names_lookers"] = json!(true);
    case.decided(&body);
    let package = case.show("/package?form=json", &case.officer).json();
    let named =
        |look: &Value| look["who"] == "Lid Nummer2" && look["operation"] == "preview-request";
    assert!(package["looks"].as_array().unwrap().iter().any(named), "{package}");
}

#[test]
fn for_a_child_somebody_with_parental_authority_acts() {
    let case = Case::filed("access");
    let parent = case.school.member(9).person;
    let child = |representative: Option<SubjectId>| {
        json!({
            "shown": "in-person", "under_16": true,
            "representative": representative.map(|it| it.to_string()),
        })
    };
    case.refused("identity", &case.officer, &child(None), "parental authority");
    case.refused("identity", &case.officer, &child(Some(parent)), "parental authority");
    let (tenant, person) = (case.school.tenant(), case.person.person);
    for authority in [false, true] {
        case.school.server.with_engine(move |engine| {
            let scope = engine.permanent_scope(tenant).unwrap();
            let representation = Representation { representative: parent, authority };
            let child = About::new(person, scope, representation);
            let recorded = RepresentationRecorded { child: child.clone() };
            engine.propose(tenant, recorded.into()).unwrap();
            if !authority {
                let ended = events::people::RepresentationEnded { child };
                engine.propose(tenant, ended.into()).unwrap();
            }
        });
        if !authority {
            case.refused("identity", &case.officer, &child(Some(parent)), "parental authority");
        }
    }
    case.done("identity", &case.officer, &child(Some(parent)));
    let grown = json!({ "shown": "in-person", "under_16": false });
    case.refused("identity", &case.officer, &grown, "made sure already");
}

#[test]
fn the_month_runs_from_the_earlier_receipt_and_is_extended_within_it() {
    let case = Case::filed("access");
    let now = case.now();
    let day = DAY * 1_000_000;
    let body = json!({
        "person": case.person.person.to_string(), "kind": "rectification",
        "processor_at": now - 20 * day,
    });
    let made = case.school.post("/requests", &case.officer, Some("k"), &body);
    let path = format!("/requests/{}", made.json()["id"].as_str().unwrap());
    let case = Case { path, ..case };
    let term = |case: &Case| case.show("", &case.fg).json()["clock"].clone();
    let first = term(&case);
    let last = first["ends_at"].as_u64().unwrap();
    assert!((now + 7 * day..now + 16 * day).contains(&last), "{first}");
    assert!(first["counted"]["dutch"].as_str().unwrap().contains("De dag zelf telt niet mee"));
    let identity = json!({ "shown": "known-address", "under_16": false });
    case.refused("identity", &case.officer, &identity, "passes the request on");
    case.done("forwarding", &case.officer, &json!({ "at": now - 10 * day }));
    // Passing it on moves nothing.
    assert_eq!(term(&case)["ends_at"], last);
    let told = |told_at: u64| json!({ "because": "complex", "told_at": told_at });
    case.done("extension", &case.officer, &told(now));
    assert!(term(&case)["ends_at"].as_u64().unwrap() > last + 50 * day);
    case.refused("extension", &case.officer, &told(now - 1), "extended already");
    case.done("identity", &case.officer, &identity);
    case.done("proposal", &case.officer, &json!({ "decisions": [] }));
    case.done("approval", &case.leader, &json!({}));
    case.done("closing", &case.officer, &json!({ "ending": "done", "told_at": now }));
    assert_eq!(case.show("", &case.fg).json()["clock"], Value::Null);
}

#[test]
fn an_open_incident_holds_what_it_needs() {
    let case = Case::filed("erasure").identified();
    let incident = super::breach::reported(&case.school, case.person);
    let judged = json!({
        "severity": "medium", "risk": "present", "personal_data": "yes",
        "broken": { "confidentiality": true, "integrity": false, "availability": false },
    });
    let concerned = json!({
        "people": [{ "person": case.person.person.to_string(), "kinds": ["contact"] }],
    });
    let fixed = json!({
        "groups": [{ "group": "staff", "people": { "min": 1, "max": 1 } }],
        "kinds": [{ "kind": "contact", "records": { "min": 1, "max": 1 } }],
        "protection": "none",
    });
    let steps = [("classification", judged), ("scope", fixed), ("concerned", concerned)];
    for (step, body) in steps {
        let path = format!("/incidents/{incident}/{step}");
        let answer = case.school.post(&path, &case.officer, Some(step), &body);
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    case.refused("proposal", &case.officer, &case.decisions(erased), "open incident");
    let held = [category::IDENTITY.0, category::CONCERNED.0].map(u64::from);
    let holding = |category: u64| match held.contains(&category) {
        true => json!({ "kept": { "ground": "open-incident" } }),
        false => erased(category),
    };
    case.decided(&case.decisions(holding));
    case.done("execution", &case.officer, &json!({}));
    assert_eq!(case.kept(), BTreeSet::from([category::IDENTITY.0, category::CONCERNED.0]));
    let shown = case.show("/certificate", &case.officer).json();
    let ground = &shown["kept"][0]["ground"]["english"];
    assert!(ground.as_str().unwrap().contains("open incident"), "{shown}");
    case.replays();
}

#[test]
fn a_year_of_the_trail_is_cut_once_its_term_is_over_and_two_people_say_so() {
    let school = School::new();
    let (officer, leader) = (school.member(2), school.member(3));
    school.grant(officer, Role::PrivacyOfficer, Reach::Board);
    school.grant(leader, Role::SchoolLeader, Reach::Board);
    let at = school.signs_in(officer);
    let shown = school.get("/retention", &at).json();
    assert_eq!((&shown["expired"], &shown["runs"]), (&json!([]), &json!([])));
    let early = school.post("/retention/runs", &at, Some("early"), &json!({}));
    assert!(early.body.contains("no term is over"), "{early:?}");
    let looked = school.get("/people?page=0", &at);
    assert_eq!(looked.status, 200, "{looked:?}");
    let named = |school: &School| {
        let tenant = school.tenant();
        school.server.with_engine(move |engine| {
            let lines = engine.trail(tenant, None, Seq(u64::MAX), 1_000).unwrap();
            lines.iter().filter(|line| line.who.is_some()).count()
        })
    };
    assert!(named(&school) > 0);
    school.server.advance(3 * 366 * DAY);
    let (at, other) = (school.signs_in(officer), school.signs_in(leader));
    let shown = school.get("/retention", &at).json();
    assert_eq!(shown["expired"].as_array().unwrap().len(), 1, "{shown}");
    let made = school.post("/retention/runs", &at, Some("run"), &json!({}));
    assert_eq!(made.status, 200, "{made:?}");
    let path = format!("/retention/runs/{}", made.json()["id"].as_str().unwrap());
    let step = |step: &str, cookie: &str| {
        school.post(&format!("{path}/{step}"), cookie, Some(step), &json!({}))
    };
    assert!(step("execution", &at).body.contains("not approved yet"));
    assert!(step("approval", &at).body.contains("another person"));
    assert_eq!(step("approval", &other).status, 200);
    let names_before = named(&school);
    let done = step("execution", &at);
    assert_eq!(done.status, 200, "{done:?}");
    assert!(named(&school) < names_before);
    let shown = school.get("/retention", &at).json();
    assert_eq!(shown["expired"], json!([]));
    assert_eq!(shown["runs"][0]["expired"][0]["kept"], false);
    assert!(shown["runs"][0]["order"].is_string(), "{shown}");
}

/// A lesson of one member that another observed.
fn observed(school: &School, teacher: SubjectId, observer: SubjectId) {
    let by = school.agrees(school.member(7));
    school.accepts(by, 5, examples::version_5());
    school.consents(by, Module::Observation);
    let (tenant, officer) = (school.tenant(), events::access::AccountId::from_bytes([2; 16]));
    school.server.with_engine(move |engine| {
        let by = engine.name_actor(tenant, officer).unwrap();
        let scope = engine.permanent_scope(tenant).unwrap();
        let (instrument, observation) =
            (InstrumentId::from_bytes([1; 16]), ObservationId::from_bytes([2; 16]));
        let content = rules::observe::example_instrument();
        let items = content.domains.iter().map(|domain| domain.items.len()).sum();
        let author = || About::new(observer, scope, Authorship { observation });
        let lesson = PlannedLesson { lesson_at: engine.now(), group: "H3a".into() };
        let remarks = vec![Remark { item: None, text: "rustige start".into() }];
        let seen = Assessment { scores: vec![Some(3); items], remarks };
        let events: [events::Event; 3] = [
            InstrumentPublished { instrument, version: 1, content, by }.into(),
            ObservationPlanned {
                observation,
                instrument,
                version: 1,
                variant: Variant::Appraisal,
                purpose: Purpose::Appraisal,
                school: SCHOOL,
                by,
                teacher: About::new(teacher, scope, lesson),
                observer: author(),
            }
            .into(),
            ObservationRecorded {
                observation,
                teacher: About::new(teacher, scope, seen),
                observer: author(),
            }
            .into(),
        ];
        for event in events {
            engine.propose(tenant, event).unwrap();
        }
    });
}

/// Somebody acts for a child.
fn represents(school: &School, child: SubjectId, representative: SubjectId) {
    let tenant = school.tenant();
    school.server.with_engine(move |engine| {
        let scope = engine.permanent_scope(tenant).unwrap();
        let value = Representation { representative, authority: true };
        let child = About::new(child, scope, value);
        engine.propose(tenant, RepresentationRecorded { child }.into()).unwrap();
    });
}

#[test]
fn of_nobody_who_is_erased_anything_opens_whatever_they_were() {
    for kind in ["teacher", "observer", "pupil", "respondent", "parent"] {
        let case = Case::filed("erasure").identified();
        let (person, other) = (case.person.person, case.school.member(8).person);
        let mut theirs = vec![person];
        let mut others = vec![other, member_number(3), member_number(4)];
        match kind {
            "teacher" => observed(&case.school, person, other),
            "observer" => observed(&case.school, other, person),
            "pupil" => represents(&case.school, person, other),
            "parent" => represents(&case.school, other, person),
            _ => {
                let (pseudonym, stranger) = answered(&case.school, person);
                theirs.push(pseudonym);
                others.push(stranger);
            }
        }
        let before = told_of(&case.school, &others);
        case.decided(&case.decisions(erased));
        case.done("execution", &case.officer, &json!({}));
        assert_eq!(told_of(&case.school, &theirs), BTreeMap::new(), "{kind}");
        assert_eq!(told_of(&case.school, &others), before, "{kind}");
        case.replays();
    }
}
