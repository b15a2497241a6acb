//! One run against a stand-in, with a clock that only a test moves.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use connectors::*;
use standins::{
    Asked, Habit, Mischief, People, Person, Place, Role, Standin, System, afas, somtoday,
};

pub(crate) const BOTH: [System; 2] = [System::Afas, System::Somtoday];
pub(crate) const ALL: [Field; 5] = Field::ALL;

/// A clock that moves by `step` at every look, and by what is waited.
#[derive(Default)]
pub(crate) struct Still {
    step: Duration,
    now: Cell<Duration>,
    waited: RefCell<Vec<u64>>,
}

impl Pace for Still {
    fn elapsed(&self) -> Duration {
        self.now.set(self.now.get() + self.step);
        self.now.get()
    }

    fn pause(&self, wait: Duration) {
        self.now.set(self.now.get() + wait);
        self.waited.borrow_mut().push(wait.as_secs());
    }
}

pub(crate) struct Setup {
    pub(crate) role: Role,
    pub(crate) ticks: Ticks,
    pub(crate) limits: Limits,
    pub(crate) trust: Trust,
    pub(crate) step: Duration,
}

pub(crate) struct Outcome {
    pub(crate) end: Result<Summary, FetchError>,
    pub(crate) people: Vec<StaffContact>,
    /// Seconds, wait by wait.
    pub(crate) waited: Vec<u64>,
    pub(crate) asked: Vec<Asked>,
}

/// 25 people, ten rows in a page, all ticks.
pub(crate) fn setup(system: System) -> Setup {
    Setup {
        role: Role::faithful(system, People { seed: 7, count: 25 }),
        ticks: Ticks::of(&ALL, &["school.example"]),
        limits: Limits { page_rows: 10, ..Limits::default() },
        trust: Trust::default(),
        step: Duration::ZERO,
    }
}

pub(crate) fn spoiled(system: System, habit: Habit) -> Setup {
    with(system, Mischief::always(habit))
}

pub(crate) fn at(system: System, place: Place, habit: Habit) -> Setup {
    with(system, Mischief { at: place, after: 0, times: usize::MAX, habit })
}

pub(crate) fn with(system: System, mischief: Mischief) -> Setup {
    let mut setup = setup(system);
    setup.role.mischief = Some(mischief);
    setup
}

pub(crate) fn afas_settings(standin: &Standin) -> AfasSettings {
    AfasSettings {
        address: Address::parse(&format!("{}/ProfitRestServices", standin.origin())).unwrap(),
        token: Secret::parse(afas::TOKEN).unwrap(),
        integration: None,
        names: AfasNames::default(),
    }
}

pub(crate) fn somtoday_settings(standin: &Standin) -> SomtodaySettings {
    let origin = standin.origin();
    SomtodaySettings {
        address: Address::parse(&format!("{origin}/rest/v1")).unwrap(),
        token_address: Address::parse(&format!("{origin}/oauth2/token")).unwrap(),
        organisation: OrganisationId::parse(somtoday::ORGANISATION).unwrap(),
        brin: Brin::parse(somtoday::BRIN).unwrap(),
        client: Secret::parse(somtoday::CLIENT).unwrap(),
        secret: Secret::parse(somtoday::SECRET).unwrap(),
    }
}

pub(crate) fn coupling(standin: &Standin, system: System) -> Coupling {
    match system {
        System::Afas => Coupling::Afas(afas_settings(standin)),
        System::Somtoday => Coupling::Somtoday(somtoday_settings(standin)),
    }
}

pub(crate) fn run(setup: Setup) -> Outcome {
    let system = setup.role.system;
    let standin = Standin::start(setup.role.clone()).unwrap();
    let coupling = coupling(&standin, system);
    fetch(setup, &standin, &coupling)
}

pub(crate) fn fetch(setup: Setup, standin: &Standin, coupling: &Coupling) -> Outcome {
    let Setup { ticks, limits, trust, step, .. } = setup;
    let pace = Still { step, ..Still::default() };
    let mut run = Run::start(coupling, ticks, &trust, limits, &pace).unwrap();
    let mut people = Vec::new();
    let end = loop {
        match run.next_page() {
            Ok(Some(page)) => {
                assert!(page.len() <= usize::from(limits.page_rows));
                people.extend(page);
            }
            Ok(None) => break Ok(run.summary().unwrap().clone()),
            Err(error) => {
                assert_eq!(run.summary(), None, "a broken run has no summary");
                assert_eq!(run.next_page().unwrap_err().rule, Rule::Ended);
                break Err(error);
            }
        }
    };
    Outcome { end, people, waited: pace.waited.take(), asked: standin.asked() }
}

impl Outcome {
    /// Step, status and rule of a run that ended early.
    pub(crate) fn broken(&self) -> (Step, Option<u16>, Rule) {
        let error = self.end.as_ref().unwrap_err();
        (error.step, error.status, error.rule)
    }

    pub(crate) fn summary(&self) -> &Summary {
        self.end.as_ref().unwrap()
    }

    /// Who came, sorted.
    pub(crate) fn came(&self) -> Vec<StaffContact> {
        let mut came = self.people.clone();
        came.sort();
        came
    }
}

/// What a stand-in holds, as contacts, sorted.
pub(crate) fn held(people: People) -> Vec<StaffContact> {
    let contact = |person: Person| StaffContact {
        given_name: Some(person.given_name),
        initials: Some(person.initials),
        prefix: person.prefix,
        surname: Some(person.surname),
        school_email: person.email,
    };
    let mut held: Vec<StaffContact> = people.all().into_iter().map(contact).collect();
    held.sort();
    held
}
