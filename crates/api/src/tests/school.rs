//! A tenant with people, accounts and roles, and callers that are signed in.

use engine::{Engine, LOGIN};
use events::About;
use events::access::{
    AccountId, AccountOpened, GrantId, Login, Password, PasswordSet, Reach, Role, RoleGranted,
    SecondFactor, SecondFactorSet,
};
use events::organisation::{SchoolAdded, SchoolId};
use events::people::{Affiliation, Identity, PersonJoined, PersonRegistered, Position};
use record::{JournalId, SubjectId};
use serde_json::{Value, json};

use super::client::Answer;
use super::server::{Server, patient};
use crate::credentials::digest_password;

pub(super) const PASSWORD: &str = "een lange zin";
pub(super) const SECRET: [u8; 20] = *b"12345678901234567890";
pub(super) const SCHOOL: SchoolId = SchoolId::from_bytes([0x51; 16]);
pub(super) const OTHER_SCHOOL: SchoolId = SchoolId::from_bytes([0x52; 16]);

pub(super) struct School {
    pub(super) server: Server,
    digest: String,
}

/// Somebody with an account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) person: SubjectId,
    pub(super) account: AccountId,
    number: u8,
}

impl School {
    pub(super) fn new() -> Self {
        let school = Self {
            server: Server::start(patient()),
            digest: digest_password(PASSWORD, &[7; 16]).unwrap(),
        };
        for (id, brin) in [(SCHOOL, "99ZZ"), (OTHER_SCHOOL, "98ZZ")] {
            let added = SchoolAdded { school: id, name: "De Regenboog".into(), brin: brin.into() };
            school.happens(added.into());
        }
        school
    }

    pub(super) fn tenant(&self) -> JournalId {
        self.server.tenant
    }

    pub(super) fn happens(&self, event: events::Event) {
        let tenant = self.tenant();
        self.server.with_engine(move |engine| engine.propose(tenant, event).unwrap());
    }

    /// A person of the school with an account, and with a second factor.
    pub(super) fn member(&self, number: u8) -> Member {
        let member = Member {
            person: SubjectId::from_bytes([0xA0, number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            account: AccountId::from_bytes([number; 16]),
            number,
        };
        let (tenant, phc) = (self.tenant(), self.digest.clone());
        self.server.with_engine(move |engine| enrol(engine, tenant, member, phc));
        member
    }

    pub(super) fn grant(&self, member: Member, role: Role, reach: Reach) -> GrantId {
        let tenant = self.tenant();
        self.server.with_engine(move |engine| {
            let grant = GrantId::from_bytes(*engine.fresh_subject().unwrap().as_bytes());
            let account = member.account;
            let until = (role == Role::Auditor)
                .then(|| record::TimestampMicros(engine.now().0 + 86_400_000_000));
            let granted = RoleGranted { grant, account, role, reach, until, by: None };
            engine.propose(tenant, granted.into()).unwrap();
            grant
        })
    }

    /// Signs in with password and second factor; gives the cookie.
    pub(super) fn signs_in(&self, member: Member) -> String {
        let code = self.code();
        let answer = self.try_sign_in(&login(member), PASSWORD, Some(&code));
        assert_eq!(answer.status, 200, "{answer:?}");
        cookie(&answer)
    }

    pub(super) fn try_sign_in(&self, login: &str, password: &str, code: Option<&str>) -> Answer {
        let body = json!({ "login": login, "password": password, "code": code });
        self.post("/sign-in", "", None, &body)
    }

    /// A code that was not taken yet: the clock of the tests moves on by steps of 30 s.
    pub(super) fn code(&self) -> String {
        self.server.advance(60);
        let now = self.server.with_engine(|engine| engine.now()).0 / 1_000_000;
        let totp = totp_rs::Builder::new().with_secret(SECRET.to_vec()).build().unwrap();
        totp.generate(now).to_string()
    }

    pub(super) fn get(&self, path: &str, cookie: &str) -> Answer {
        let tenant = self.tenant();
        self.server.ask(&format!(
            "GET /v1/tenants/{tenant}{path} HTTP/1.1\r\nHost: h\r\nCookie: {cookie}\r\n\r\n"
        ))
    }

    pub(super) fn post(&self, path: &str, cookie: &str, key: Option<&str>, body: &Value) -> Answer {
        self.post_in("en", path, cookie, key, body)
    }

    /// The same, for who prefers a language.
    pub(super) fn post_in(
        &self,
        language: &str,
        path: &str,
        cookie: &str,
        key: Option<&str>,
        body: &Value,
    ) -> Answer {
        let (tenant, body) = (self.tenant(), body.to_string());
        let key = key.map(|key| format!("Idempotency-Key: {key}\r\n")).unwrap_or_default();
        let length = body.len();
        self.server.ask(&format!(
            "POST /v1/tenants/{tenant}{path} HTTP/1.1\r\nHost: h\r\nCookie: {cookie}\r\n{key}\
             Accept-Language: {language}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
    }
}

pub(super) fn login(member: Member) -> String {
    format!("lid{}@school.example", member.number)
}

pub(super) fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned()
}

fn enrol(engine: &mut Engine, tenant: JournalId, member: Member, phc: String) {
    let scope = engine.permanent_scope(tenant).unwrap();
    let Member { person, account, number } = member;
    let name = format!("Lid Nummer{number}");
    let identity = Identity { name, email: None };
    let affiliation = Affiliation { school: SCHOOL, position: Position::Staff };
    let name = login(member);
    let index = engine.stands_for(tenant, LOGIN, name.as_bytes()).unwrap();
    let events: [events::Event; 5] = [
        PersonRegistered { import: None, person: About::new(person, scope, identity) }.into(),
        PersonJoined { person: About::new(person, scope, affiliation) }.into(),
        AccountOpened { account, holder: About::new(person, scope, Login { name, index }) }.into(),
        PasswordSet { account, password: About::new(person, scope, Password { phc }) }.into(),
        SecondFactorSet {
            account,
            factor: About::new(person, scope, SecondFactor { secret: SECRET }),
        }
        .into(),
    ];
    for event in events {
        engine.propose(tenant, event).unwrap();
    }
}
