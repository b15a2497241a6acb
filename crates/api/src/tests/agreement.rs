//! Agreements, annexes, the gate and the registers, as a school and its processor live them.

use events::access::{Reach, Role};
use events::annex::{Contents, examples};
use serde_json::{Value, json};

use super::client::Answer;
use super::school::{Member, School};

/// A school with an agreement, whose contact person may instruct.
struct Parties {
    school: School,
    operator: String,
    contact: String,
    fg: String,
    leader: String,
    agreement: String,
    instructing: Member,
}

impl Parties {
    fn new() -> Self {
        let school = School::new();
        let roles = [Role::PlatformOperator, Role::AuthorisedContact, Role::Fg, Role::SchoolLeader];
        let members = [1, 2, 3, 4].map(|number| school.member(number));
        for (member, role) in members.into_iter().zip(roles) {
            school.grant(member, role, Reach::Board);
        }
        let [operator, contact, fg, leader] = members.map(|member| school.signs_in(member));
        let starts = school.server.with_engine(|engine| engine.now()).0;
        let party = |name: &str, kvk: &str| {
            json!({
                "name": name, "kvk": kvk, "seat": "Zeist", "contact": "info@horizon.example",
                "fg_contact": null, "representative": null,
            })
        };
        let body = json!({
            "controller": party("Stichting De Horizon", "90000001"),
            "processor": party("Lesvenster BV", "90000002"),
            "model": "covenant-4",
            "terms": { "starts": starts, "ends": null, "objection": "P6W", "breach_hours": 24 },
        });
        let signed = school.post("/agreements", &contact, Some("sign"), &body);
        let again = school.post("/agreements", &contact, Some("sign"), &body);
        assert_eq!(made(&signed), made(&again));
        let (agreement, instructing) = (made(&signed), members[1]);
        Self { school, operator, contact, fg, leader, agreement, instructing }
    }

    fn authorises_contact(&self) -> String {
        let body = json!({
            "side": "controller", "may_instruct": true,
            "person": self.instructing.person.to_string(), "name": "Noor de Wit",
            "function": "bestuurssecretaris", "email": "noor@horizon.example", "phone": null,
        });
        let path = format!("/agreements/{}/contacts", self.agreement);
        made(&self.school.post(&path, &self.contact, Some("contact"), &body))
    }

    fn publishes(&self, annex: Option<&str>, version: u32, contents: &Contents) -> Answer {
        let body = json!({
            "annex": annex, "version": version, "date": "2025-02-01",
            "contents": body_of(contents),
        });
        let path = format!("/agreements/{}/annexes", self.agreement);
        self.school.post(&path, &self.operator, Some(&format!("v{version}")), &body)
    }

    fn accepts(&self, annex: &str, version: u32) -> Answer {
        let path = format!("/annexes/{annex}/acceptance");
        let key = format!("accept {version}").replace(' ', "-");
        self.school.post(&path, &self.contact, Some(&key), &json!({ "version": version }))
    }

    fn does(&self, session: &str, path: &str, key: &str, body: &Value) -> Answer {
        self.school.post(path, session, Some(key), body)
    }

    fn now(&self) -> u64 {
        self.school.server.with_engine(|engine| engine.now()).0
    }
}

fn made(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// What the gate says of the answers of pupils in surveys, under a version.
fn pupils_answers_pass(parties: &Parties, annex: &str, version: u32) -> bool {
    let path = format!("/annexes/{annex}?version={version}");
    let shown = parties.school.get(&path, &parties.fg);
    assert_eq!(shown.status, 200, "{shown:?}");
    let shown = shown.json();
    let row = shown["gate"].as_array().unwrap().iter().find(|row| {
        (&row["kind"], &row["module"], &row["field"])
            == (&json!("pupil"), &json!("surveys"), &json!("answers"))
    });
    row.unwrap()["passes"].as_bool().unwrap()
}

#[test]
fn a_version_governs_once_the_contact_accepts_it_and_the_register_keeps_the_one_before() {
    let parties = Parties::new();
    let annex = made(&parties.publishes(None, 5, &examples::version_5()));
    // The role is not enough: who accepts is a contact person of this agreement.
    assert_eq!(parties.accepts(&annex, 5).status, 409);
    parties.authorises_contact();
    assert_eq!(parties.accepts(&annex, 5).status, 200);
    let basis = json!({ "purpose": "feedback-en-onderzoek", "basis": "public-task", "note": null });
    let path = format!("/annexes/{annex}/legal-basis");
    assert_eq!(parties.does(&parties.contact, &path, "basis", &basis).status, 200);
    assert!(!pupils_answers_pass(&parties, &annex, 5));
    let before = parties.school.get("/processing-register", &parties.fg).json();
    let moment = parties.now();
    assert_eq!(before["controller"]["entries"][0]["version"], 5);
    assert_eq!(before["controller"]["entries"][0]["purposes"][0]["basis"], "public-task");

    parties.school.server.advance(60);
    assert_eq!(made(&parties.publishes(Some(&annex), 6, &examples::version_6())), annex);
    let compared = parties.school.get(&format!("/annexes/{annex}?from=5&to=6"), &parties.contact);
    let compared = compared.json();
    assert_eq!(compared["difference"].as_array().unwrap().len(), 2, "{}", compared["difference"]);
    assert_eq!(parties.accepts(&annex, 6).status, 200);
    assert!(pupils_answers_pass(&parties, &annex, 6));
    let after = parties.school.get("/processing-register", &parties.fg).json();
    assert_eq!(after["controller"]["entries"][0]["version"], 6);
    let path = format!("/processing-register?as_of={moment}");
    let then = parties.school.get(&path, &parties.fg).json();
    assert_eq!(then["as_of"], moment);
    assert_eq!(
        (&then["controller"], &then["processor"]),
        (&before["controller"], &before["processor"])
    );
    let future = format!("/processing-register?as_of={}", moment + 86_400_000_000);
    assert_eq!(parties.school.get(&future, &parties.fg).status, 400);
}

#[test]
fn the_fg_reads_and_decides_nothing() {
    let parties = Parties::new();
    parties.authorises_contact();
    let annex = made(&parties.publishes(None, 5, &examples::version_5()));
    let path = format!("/annexes/{annex}");
    for path in ["/agreements", "/gate", "/processing-register", &path] {
        assert_eq!(parties.school.get(path, &parties.fg).status, 200, "{path}");
    }
    let path = format!("/annexes/{annex}/acceptance");
    let version = json!({ "version": 5 });
    let refused = parties.does(&parties.fg, &path, "fg", &version);
    let nowhere = format!("/annexes/{}/acceptance", "0".repeat(32));
    let absent = parties.does(&parties.fg, &nowhere, "fg", &version);
    assert_eq!((refused.status, &refused.body), (404, &absent.body));
    // Nor does the processor accept what it published itself.
    assert_eq!(parties.does(&parties.operator, &path, "operator", &version).status, 404);
    let trail = parties.school.get("/trail", &parties.fg).json();
    let line = trail["lines"].as_array().unwrap().iter().find(|line| {
        line["operation"] == "accept-annex" && line["policy"] == "the-fg-decides-nothing"
    });
    assert_eq!(line.unwrap()["allowed"], false);
}

#[test]
fn a_refusal_is_said_in_dutch() {
    let parties = Parties::new();
    let annex = made(&parties.publishes(None, 5, &examples::version_5()));
    let (tenant, body) = (parties.school.tenant(), r#"{"version":5}"#);
    let refused = parties.school.server.ask(&format!(
        "POST /v1/tenants/{tenant}/annexes/{annex}/acceptance HTTP/1.1\r\nHost: h\r\nCookie: {}\r\n\
         Idempotency-Key: nl\r\nAccept-Language: nl\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        parties.contact,
        body.len()
    ));
    assert_eq!(refused.status, 409, "{refused:?}");
    let rule = "dit beslist alleen een contactpersoon van de school die instructies mag geven";
    assert!(refused.body.to_lowercase().contains(rule), "{}", refused.body);
}

#[test]
fn a_contact_person_is_reached_until_revoked_and_instructs_no_more_then() {
    let parties = Parties::new();
    let contact = parties.authorises_contact();
    let shown = parties.school.get("/agreements", &parties.operator).json();
    assert_eq!(shown["people"][0]["name"], "Noor de Wit");
    assert_eq!(shown["agreements"][0]["contacts"][0]["may_instruct"], true);
    let annex = made(&parties.publishes(None, 5, &examples::version_5()));
    assert_eq!(parties.accepts(&annex, 5).status, 200);
    let service = json!({ "service": "koppeling" });
    let path = format!("/annexes/{annex}/services");
    assert_eq!(parties.does(&parties.contact, &path, "on", &service).status, 200);
    let shown = parties.school.get("/agreements", &parties.contact).json();
    assert_eq!(shown["annexes"][0]["optional"][0]["accepted"], true);
    let revoked = format!("/contacts/{contact}/revocation");
    assert_eq!(parties.does(&parties.contact, &revoked, "revoke", &json!({})).status, 200);
    let path = format!("/annexes/{annex}/service-withdrawal");
    assert_eq!(parties.does(&parties.contact, &path, "off", &service).status, 409);
    // Whose contact data was looked at hears of it.
    let member = parties.school.signs_in(parties.instructing);
    let own = parties.school.get("/own/trail", &member).json();
    let mut lines = own["lines"].as_array().unwrap().iter();
    assert!(lines.any(|line| line["operation"] == "see-agreement"));
}

#[test]
fn the_leader_records_what_the_council_said_once() {
    let parties = Parties::new();
    let body = json!({
        "module": "observation", "council": "joint-participation", "date": "2023-09-01",
        "reference": "GMR 2023-07",
    });
    let path = "/participation-consents";
    assert_eq!(parties.does(&parties.contact, path, "other", &body).status, 403);
    assert_eq!(parties.does(&parties.leader, path, "one", &body).status, 200);
    assert_eq!(parties.does(&parties.leader, path, "two", &body).status, 409);
    let withdrawal = format!("{path}/withdrawal");
    let module = json!({ "module": "observation" });
    assert_eq!(parties.does(&parties.leader, &withdrawal, "three", &module).status, 200);
    let shown = parties.school.get("/agreements", &parties.leader).json();
    assert!(shown["councils"][0]["withdrawn"].is_u64(), "{shown}");
}

#[test]
fn a_name_that_is_on_no_list_is_told_by_its_place() {
    let parties = Parties::new();
    let mut contents = body_of(&examples::version_5());
    contents["fields"][0]["field"] = json!("Jansen");
    let body = json!({ "annex": null, "version": 5, "date": "2025-02-01", "contents": contents });
    let path = format!("/agreements/{}/annexes", parties.agreement);
    let refused = parties.does(&parties.operator, &path, "k", &body);
    assert_eq!((refused.status, refused.problem()), (400, "bad-input".to_owned()));
    assert!(refused.body.contains("contents.fields[0].field"), "{}", refused.body);
    assert!(!refused.body.contains("Jansen"));
}

#[test]
fn a_register_leaves_as_a_file_and_that_is_in_the_trail() {
    let parties = Parties::new();
    parties.authorises_contact();
    let annex = made(&parties.publishes(None, 5, &examples::version_5()));
    assert_eq!(parties.accepts(&annex, 5).status, 200);
    let forms: [(&str, &str, &[u8]); 5] = [
        ("form=pdf", "application/pdf", b"%PDF"),
        ("form=pdf&register=processor&language=en", "application/pdf", b"%PDF"),
        ("form=xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
        ("form=csv&table=3", "text/csv; charset=utf-8", "\u{feff}\"Product".as_bytes()),
        ("form=html", "text/html; charset=utf-8", b"<!DOCTYPE html>"),
    ];
    for (query, content_type, begins) in forms {
        let began = std::time::Instant::now();
        let (head, bytes) = file(&parties, query);
        println!("{query}: {} bytes in {:?}", bytes.len(), began.elapsed());
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(head.contains(&format!("content-type: {content_type}\r\n")), "{head}");
        assert!(head.contains("content-disposition: attachment; filename=\"register-"), "{head}");
        assert!(bytes.starts_with(begins), "{query}");
    }
    let (_, page) = file(&parties, "form=html");
    let page = String::from_utf8(page).unwrap();
    for said in ["Lesvenster (5)", "geboortedatum", "Polder Hosting", "Stichting De Horizon"] {
        assert!(page.contains(said), "{said}");
    }
    for wrong in ["form=doc", "register=x", "language=fr", "form=csv&table=99", "as_of=x"] {
        assert!(file(&parties, wrong).0.starts_with("HTTP/1.1 400"), "{wrong}");
    }
    let trail = parties.school.get("/trail", &parties.fg).json();
    let lines = trail["lines"].as_array().unwrap().iter();
    let exports = lines.filter(|line| line["operation"] == "export-register");
    let exports: Vec<_> = exports.collect();
    assert_eq!(exports.len(), 6);
    assert!(exports.iter().all(|line| line["role"] == "fg" && line["purpose"] == "register"));
    // The operator answers for no register of the school.
    let refused = parties.school.get("/processing-register/export", &parties.operator);
    assert_eq!(refused.status, 403);
}

/// A file that the FG exports: head and bytes.
fn file(parties: &Parties, query: &str) -> (String, Vec<u8>) {
    let path = format!("/processing-register/export?{query}");
    handed_over(&parties.school, &path, &parties.fg)
}

/// A file that somebody takes out: head and bytes.
pub(super) fn handed_over(school: &School, path: &str, cookie: &str) -> (String, Vec<u8>) {
    let tenant = school.tenant();
    let mut client = school.server.client();
    client.send(&format!(
        "GET /v1/tenants/{tenant}{path} HTTP/1.1\r\nHost: h\r\n\
         Connection: close\r\nCookie: {cookie}\r\n\r\n"
    ));
    let head = client.head();
    (head, client.rest())
}

fn modules(modules: &[events::annex::Module]) -> Vec<&'static str> {
    modules.iter().map(|module| module.name()).collect()
}

/// An annex as a request says it.
fn body_of(contents: &Contents) -> Value {
    let general = &contents.general;
    let service = |found: &events::annex::Service| {
        json!({
            "id": found.id, "description": found.description, "processing": found.processing,
            "necessity": found.necessity.name(), "modules": modules(&found.modules),
        })
    };
    let purpose = |found: &events::annex::Purpose| json!({ "id": found.id, "text": found.text, "modules": modules(&found.modules) });
    let tick = |found: &events::annex::FieldTick| {
        json!({
            "kind": found.kind.name(), "modules": modules(&found.modules),
            "field": found.field.name(), "ticked": found.ticked, "law": found.law,
            "note": found.note,
        })
    };
    let retention = |found: &events::annex::RetentionRule| {
        json!({
            "scope": found.scope, "rule": found.rule, "trigger": found.trigger.name(),
            "period": found.period, "action": found.action.name(),
        })
    };
    let location = |found: &events::annex::Location| json!({ "service": found.service, "place": found.place, "country": found.country });
    let subprocessor = |found: &events::annex::Subprocessor| {
        json!({
            "name": found.name, "task": found.task, "categories": found.categories,
            "storage_country": found.storage_country, "seat_country": found.seat_country,
            "parent_country": found.parent_country, "safeguard": found.safeguard,
        })
    };
    let coupling = |found: &events::annex::Coupling| {
        let fields: Vec<_> = found.fields.iter().map(|field| field.name()).collect();
        json!({
            "system": found.system, "frequency": found.frequency,
            "subject": found.subject.name(), "fields": fields,
        })
    };
    let sectors: Vec<_> = general.sectors.iter().map(|sector| sector.name()).collect();
    let users: Vec<_> = general.users.iter().map(|kind| kind.name()).collect();
    json!({
        "general": {
            "product": general.product, "explanation": general.explanation,
            "supplier_url": general.supplier_url, "product_url": general.product_url,
            "sectors": sectors, "users": users, "supply": general.supply.name(),
        },
        "services": contents.services.iter().map(service).collect::<Vec<_>>(),
        "purposes": contents.purposes.iter().map(purpose).collect::<Vec<_>>(),
        "fields": contents.fields.iter().map(tick).collect::<Vec<_>>(),
        "retention": contents.retention.iter().map(retention).collect::<Vec<_>>(),
        "locations": contents.locations.iter().map(location).collect::<Vec<_>>(),
        "transfers": [],
        "subprocessors": contents.subprocessors.iter().map(subprocessor).collect::<Vec<_>>(),
        "couplings": contents.couplings.iter().map(coupling).collect::<Vec<_>>(),
        "security": contents.security,
    })
}
