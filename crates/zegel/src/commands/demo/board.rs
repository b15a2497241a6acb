//! The invented school board of the demonstration: three schools, and an account for each role.

use std::collections::BTreeMap;

use anyhow::Context as _;
use base32::Alphabet;
use engine::{Engine, LOGIN};
use events::access::{
    AccountId, AccountOpened, GrantId, Login, Password, PasswordSet, Reach, Role, RoleGranted,
    SecondFactor, SecondFactorSet,
};
use events::organisation::{BoardDescribed, SchoolAdded, SchoolId, TeamFormed, TeamId};
use events::people::{
    Affiliation, Identity, Membership, PersonJoined, PersonRegistered, Position, Representation,
    RepresentationRecorded, TeamJoined,
};
use events::{About, Event};
use projections::role_name;
use record::{ActorId, JournalId, SubjectId, TimestampMicros};
use serde::Serialize;

use super::clock::DAY_MICROS;
use crate::home::random;

/// Schools with BRINs that nobody has.
const SCHOOLS: [(&str, &str); 3] =
    [("De Regenboog", "99ZZ"), ("Het Kompas", "98ZZ"), ("De Vliegenier", "97ZZ")];
/// Who has which role; none of them exists.
const ROLES: [(Role, &str); 11] = [
    (Role::TenantAdministrator, "Ada Voorbeeld"),
    (Role::SchoolLeader, "Lea Voorbeeld"),
    (Role::Observer, "Otto Voorbeeld"),
    (Role::Teacher, "Tess Voorbeeld"),
    (Role::Analyst, "Anna Voorbeeld"),
    (Role::PrivacyOfficer, "Pim Voorbeeld"),
    (Role::AuthorisedContact, "Cas Voorbeeld"),
    (Role::Fg, "Fenna Voorbeeld"),
    (Role::Auditor, "Aukje Voorbeeld"),
    (Role::Support, "Siem Voorbeeld"),
    (Role::PlatformOperator, "Pien Voorbeeld"),
];
const TEACHERS: [&str; 5] =
    ["Bo Lestijd", "Dien Lestijd", "Evi Lestijd", "Guus Lestijd", "Hans Lestijd"];
const PUPILS: [&str; 4] = ["Jip Leerling", "Kaat Leerling", "Loek Leerling", "Mees Leerling"];

/// An account that whoever tries the demonstration signs in with.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Account {
    /// The role.
    pub(super) role: &'static str,
    /// Whose it is.
    pub(super) person: String,
    /// What it signs in with.
    pub(super) login: String,
    /// The same for all of them, and new for every demonstration.
    pub(super) password: String,
    /// The secret of the second factor in Base32, as an authenticator takes it.
    pub(super) second_factor: String,
}

/// The board, and who is who in it.
pub(super) struct Board<'a> {
    pub(super) engine: &'a mut Engine,
    pub(super) tenant: JournalId,
    pub(super) schools: Vec<SchoolId>,
    pub(super) people: BTreeMap<&'static str, SubjectId>,
    /// Who acts, by role.
    actors: BTreeMap<Role, ActorId>,
    pub(super) accounts: Vec<Account>,
}

impl<'a> Board<'a> {
    /// Describes the board and its schools, and lets everybody in.
    pub(super) fn begin(engine: &'a mut Engine, tenant: JournalId) -> anyhow::Result<Self> {
        let mut board = Self {
            engine,
            tenant,
            schools: Vec::new(),
            people: BTreeMap::new(),
            actors: BTreeMap::new(),
            accounts: Vec::new(),
        };
        board.describe()?;
        board.open_accounts()?;
        Ok(board)
    }

    /// Has something happen.
    pub(super) fn happens(&mut self, event: impl Into<Event>) -> anyhow::Result<()> {
        self.engine.propose(self.tenant, event.into()).context("the demonstration's own rules")
    }

    /// Somebody who acts in a role.
    pub(super) fn by(&self, role: Role) -> anyhow::Result<ActorId> {
        self.actors.get(&role).copied().context("every role has an account")
    }

    /// A person of the board.
    pub(super) fn person(&self, name: &str) -> anyhow::Result<SubjectId> {
        self.people.get(name).copied().context("everybody of the demonstration is registered")
    }

    /// One of the schools.
    pub(super) fn school(&self, number: usize) -> anyhow::Result<SchoolId> {
        self.schools.get(number).copied().context("the board has three schools")
    }

    /// A part about somebody, kept as long as the agreement lasts.
    pub(super) fn about<T>(&self, subject: SubjectId, value: T) -> anyhow::Result<About<T>> {
        Ok(About::new(subject, self.engine.permanent_scope(self.tenant)?, value))
    }

    pub(super) fn now(&self) -> TimestampMicros {
        self.engine.now()
    }

    /// The day in the Netherlands, like `2026-11-28`.
    pub(super) fn today(&self) -> String {
        let text = rules::deadline::local_text(self.now()).unwrap_or_default();
        text.split(' ').next().unwrap_or_default().to_owned()
    }

    fn describe(&mut self) -> anyhow::Result<()> {
        self.happens(BoardDescribed {
            name: "Stichting Voorbeeld".into(),
            kvk: "90000001".into(),
            contact: "bestuur@voorbeeld.example".into(),
            fg_contact: "fg@voorbeeld.example".into(),
        })?;
        for (name, brin) in SCHOOLS {
            let school = SchoolId::from_bytes(random()?);
            self.happens(SchoolAdded { school, name: name.into(), brin: brin.into() })?;
            let team = TeamId::from_bytes(random()?);
            self.happens(TeamFormed { team, school, name: "Onderbouw".into() })?;
            self.schools.push(school);
        }
        Ok(())
    }

    fn open_accounts(&mut self) -> anyhow::Result<()> {
        let password = api::fresh_secret().context("the operating system gives no randomness")?;
        let phc = api::digest_password(&password, &random()?).ok().context("no digest")?;
        for (role, name) in ROLES {
            let person = self.registers(name, Position::Staff, 0)?;
            self.opens(role, name, person, &password, &phc)?;
        }
        Ok(())
    }

    fn opens(
        &mut self,
        role: Role,
        name: &str,
        person: SubjectId,
        password: &str,
        phc: &str,
    ) -> anyhow::Result<()> {
        let (account, login) = (AccountId::from_bytes(random()?), address(name));
        let index = self.engine.stands_for(self.tenant, LOGIN, login.as_bytes())?;
        let holder = self.about(person, Login { name: login.clone(), index })?;
        self.happens(AccountOpened { account, holder })?;
        let set = self.about(person, Password { phc: phc.to_owned() })?;
        self.happens(PasswordSet { account, password: set })?;
        let secret = factor_secret()?;
        let factor = self.about(person, SecondFactor { secret })?;
        self.happens(SecondFactorSet { account, factor })?;
        let reach = match role {
            Role::SchoolLeader | Role::Observer | Role::Teacher => Reach::School(self.school(0)?),
            _ => Reach::Board,
        };
        let until = (role == Role::Auditor)
            .then(|| TimestampMicros(self.now().0.saturating_add(360 * DAY_MICROS)));
        let grant = GrantId::from_bytes(random()?);
        self.happens(RoleGranted { grant, account, role, reach, until, by: None })?;
        let actor = self.engine.name_actor(self.tenant, account)?;
        self.actors.insert(role, actor);
        self.accounts.push(Account {
            role: role_name(role),
            person: person.to_string(),
            login,
            password: password.to_owned(),
            second_factor: base32::encode(Alphabet::Rfc4648 { padding: false }, &secret),
        });
        Ok(())
    }

    /// Registers somebody at a school.
    fn registers(
        &mut self,
        name: &'static str,
        position: Position,
        school: usize,
    ) -> anyhow::Result<SubjectId> {
        let person = SubjectId::from_bytes(random()?);
        let email = (position == Position::Staff).then(|| address(name));
        let identity = self.about(person, Identity { name: name.to_owned(), email })?;
        self.happens(PersonRegistered { import: None, person: identity })?;
        let joined = self.about(person, Affiliation { school: self.school(school)?, position })?;
        self.happens(PersonJoined { person: joined })?;
        self.people.insert(name, person);
        Ok(person)
    }

    /// Teachers, and pupils with a parent who acts for them.
    pub(super) fn fill(&mut self) -> anyhow::Result<()> {
        for (number, name) in TEACHERS.into_iter().enumerate() {
            self.registers(name, Position::Staff, number % SCHOOLS.len())?;
        }
        let team = TeamId::from_bytes(random()?);
        let school = self.school(0)?;
        self.happens(TeamFormed { team, school, name: "Sectie talen".into() })?;
        for name in ["Bo Lestijd", "Guus Lestijd"] {
            let member = self.about(self.person(name)?, Membership { team })?;
            self.happens(TeamJoined { person: member })?;
        }
        let parent = self.registers("Olga Ouder", Position::Parent, 0)?;
        for name in PUPILS {
            let child = self.registers(name, Position::Pupil, 0)?;
            let acts = Representation { representative: parent, authority: true };
            let child = self.about(child, acts)?;
            self.happens(RepresentationRecorded { child })?;
        }
        Ok(())
    }
}

/// The address of an invented person.
fn address(name: &str) -> String {
    format!("{}@voorbeeld.example", name.to_lowercase().replace(' ', "."))
}

fn factor_secret() -> anyhow::Result<[u8; 20]> {
    let (one, other): ([u8; 16], [u8; 16]) = (random()?, random()?);
    let mut secret = [0; 20];
    for (to, from) in secret.iter_mut().zip(one.into_iter().chain(other)) {
        *to = from;
    }
    Ok(secret)
}
