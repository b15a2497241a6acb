//! A school with an agreement, an accepted annex and a coupling, in a directory of its own.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use connectors::{
    Address, AfasNames, AfasSettings, Brin, Coupling, Limits, OrganisationId, Pace, Secret,
    SomtodaySettings, Trust,
};
use couplings::{Outcome, Settings, SyncError};
use engine::{Clock, Engine, Paths};
use events::access::{AccountId, AccountOpened, Login};
use events::agreement::examples::parties;
use events::agreement::*;
use events::annex::{
    AnnexId, AnnexVersionAccepted, AnnexVersionPublished, FieldId, OptionalServiceAccepted,
    examples,
};
use events::sync::{CouplingId, CouplingSwitchedOn, SyncSource};
use events::{About, Event, Identity, PersonRegistered};
use record::{ActorId, JournalId, SubjectId, TimestampMicros};
use standins::{Mischief, People, Role, Standin, System, afas, somtoday};
use tempfile::TempDir;

pub(crate) const COUPLING: CouplingId = CouplingId::from_bytes([0x5E; 16]);
pub(crate) const BOTH: [System; 2] = [System::Afas, System::Somtoday];
/// Wednesday 25 November 2026, noon in the Netherlands.
pub(crate) const WEDNESDAY: u64 = 1_795_604_400_000_000;
pub(crate) const HOUR: u64 = 3_600_000_000;

/// A clock that only a test moves.
#[derive(Clone, Default)]
pub(crate) struct Hands(Arc<AtomicU64>);

impl Hands {
    pub(crate) fn put(&self, micros: u64) {
        self.0.store(micros, Ordering::Relaxed);
    }

    pub(crate) fn clock(&self) -> Clock {
        let hands = Arc::clone(&self.0);
        Clock::new(move || TimestampMicros(hands.load(Ordering::Relaxed)))
    }
}

pub(crate) struct Still;

impl Pace for Still {
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn pause(&self, _: Duration) {}
}

pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) school: JournalId,
    pub(crate) by: ActorId,
    pub(crate) hands: Hands,
    pub(crate) home: TempDir,
}

impl World {
    /// With a coupling of this system, switched on.
    pub(crate) fn new(system: System) -> Self {
        let home = tempfile::tempdir().unwrap();
        let hands = Hands::default();
        hands.put(WEDNESDAY);
        let mut engine = Engine::create(Paths::under(home.path()), hands.clock()).unwrap();
        let school = engine.start_tenant("De Linde").unwrap();
        let by = ActorId::from_bytes([0; 16]);
        let mut world = Self { engine, school, by, hands, home };
        world.by = world.person(1, "hoofd@school.example").1;
        world.agree();
        world.does(CouplingSwitchedOn {
            coupling: COUPLING,
            source: if system == System::Afas { SyncSource::Afas } else { SyncSource::Somtoday },
            school: None,
            fields: vec![FieldId::GivenName, FieldId::Initials, FieldId::Surname],
            purpose: "feedback-en-onderzoek".into(),
            hour: 3,
            by: None,
        });
        world
    }

    pub(crate) fn does(&mut self, event: impl Into<Event>) {
        self.engine.propose(self.school, event.into()).unwrap();
    }

    /// Somebody known by hand, with an account.
    pub(crate) fn person(&mut self, number: u8, login: &str) -> (SubjectId, ActorId, AccountId) {
        let (person, account) =
            (SubjectId::from_bytes([number; 16]), AccountId::from_bytes([number; 16]));
        let scope = self.engine.permanent_scope(self.school).unwrap();
        let identity = Identity { name: "Noor de Wit".into(), email: None };
        self.does(PersonRegistered { import: None, person: About::new(person, scope, identity) });
        let index = self.engine.stands_for(self.school, engine::LOGIN, login.as_bytes()).unwrap();
        let holder = About::new(person, scope, Login { name: login.into(), index });
        self.does(AccountOpened { account, holder });
        (person, self.engine.name_actor(self.school, account).unwrap(), account)
    }

    fn agree(&mut self) {
        let (agreement, by) = (AgreementId::from_bytes([0x41; 16]), self.by);
        let terms = Terms {
            starts: TimestampMicros(WEDNESDAY - HOUR),
            ends: None,
            objection: "P6W".into(),
            breach_hours: 24,
        };
        self.does(AgreementSigned {
            agreement,
            parties: Box::new(parties()),
            model: AgreementModel::Covenant4General,
            terms,
            by,
        });
        let told = Contact {
            name: "Noor de Wit".into(),
            function: "bestuurssecretaris".into(),
            email: "noor@horizon.example".into(),
            phone: None,
        };
        let scope = self.engine.permanent_scope(self.school).unwrap();
        self.does(ContactAuthorised {
            contact: ContactId::from_bytes([0x43; 16]),
            agreement,
            side: Side::Controller,
            may_instruct: true,
            by,
            person: About::new(SubjectId::from_bytes([1; 16]), scope, told),
        });
        let annex = AnnexId::from_bytes([0x51; 16]);
        self.does(AnnexVersionPublished {
            annex,
            agreement,
            version: 5,
            date: "2025-02-01".into(),
            contents: Box::new(examples::version_5()),
            by,
        });
        self.does(AnnexVersionAccepted { annex, version: 5, by });
        self.does(OptionalServiceAccepted { annex, service: "koppeling".into(), by });
    }

    pub(crate) fn sync(&mut self, role: Role) -> Result<Outcome, SyncError> {
        let settings = settings(&role);
        couplings::run(&mut self.engine, (self.school, COUPLING), &settings.0, &Still, &mut |_| {})
    }

    /// One run of these people, without mischief.
    pub(crate) fn week(&mut self, system: System, seed: u64, count: usize) -> Outcome {
        self.sync(Role::faithful(system, People { seed, count })).unwrap()
    }

    /// The contacts that hold, by address, with whom they are.
    pub(crate) fn contacts(&self) -> BTreeSet<(String, SubjectId)> {
        contacts(&self.engine, self.school)
    }

    pub(crate) fn addresses(&self) -> BTreeSet<String> {
        self.contacts().into_iter().map(|(address, _)| address).collect()
    }

    pub(crate) fn row(&self) -> (String, Option<String>) {
        let tenant = self.engine.tenant(self.school).unwrap();
        let last = tenant.views().syncs().coupling(COUPLING).unwrap().last.unwrap();
        (last.stage.to_owned(), last.because)
    }

    /// Closed and opened again.
    pub(crate) fn reopened(self) -> Self {
        let Self { engine, school, by, hands, home } = self;
        drop(engine);
        let engine = Engine::open(Paths::under(home.path()), hands.clock()).unwrap();
        Self { engine, school, by, hands, home }
    }

    /// What lives equals what is rebuilt from the records.
    pub(crate) fn is_as_rebuilt(&mut self) {
        self.engine.publish_with_digests().unwrap();
        let check = self.engine.replay_check(self.school, None, &mut |_| {}).unwrap();
        assert_eq!(check.verdict, engine::ReplayVerdict::Equal, "{check:?}");
    }
}

pub(crate) fn contacts(engine: &Engine, school: JournalId) -> BTreeSet<(String, SubjectId)> {
    let contacts = engine.contacts(school, COUPLING, None, 100_000).unwrap();
    contacts.into_iter().map(|(person, entry)| (entry.email, person)).collect()
}

pub(crate) fn open(home: &Path) -> Engine {
    let hands = Hands::default();
    hands.put(WEDNESDAY);
    Engine::open(Paths::under(home), hands.clock()).unwrap()
}

/// The addresses that a stand-in serves.
pub(crate) fn served(seed: u64, count: usize) -> BTreeSet<String> {
    People { seed, count }.all().into_iter().map(|person| person.email).collect()
}

pub(crate) fn mischievous(system: System, count: usize, mischief: Mischief) -> Role {
    Role { mischief: Some(mischief), ..Role::faithful(system, People { seed: 7, count }) }
}

/// Settings for a stand-in, which lives as long as what is returned.
pub(crate) fn settings(role: &Role) -> (Settings, Standin) {
    let standin = Standin::start(role.clone()).unwrap();
    let origin = standin.origin();
    let system = match role.system {
        System::Afas => Coupling::Afas(AfasSettings {
            address: Address::parse(&format!("{origin}/ProfitRestServices")).unwrap(),
            token: Secret::parse(afas::TOKEN).unwrap(),
            integration: None,
            names: AfasNames::default(),
        }),
        System::Somtoday => Coupling::Somtoday(SomtodaySettings {
            address: Address::parse(&format!("{origin}/rest/v1")).unwrap(),
            token_address: Address::parse(&format!("{origin}/oauth2/token")).unwrap(),
            organisation: OrganisationId::parse(somtoday::ORGANISATION).unwrap(),
            brin: Brin::parse(somtoday::BRIN).unwrap(),
            client: Secret::parse(somtoday::CLIENT).unwrap(),
            secret: Secret::parse(somtoday::SECRET).unwrap(),
        }),
    };
    let limits = Limits { page_rows: 10, ..Limits::default() };
    let domains = vec!["school.example".to_owned()];
    (Settings { system, domains, trust: Trust::default(), limits }, standin)
}
