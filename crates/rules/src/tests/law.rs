//! The law *live = rebuilt*: after any history and any cuts, the state that forgot equals the
//! state folded anew from the records that still open.

use std::collections::{BTreeMap, BTreeSet};

use events::{About, Event, Forgotten, ImportEvent, PeopleEvent, Place, RoundId, SurveyEvent};
use proptest::prelude::*;
use record::public::{Cut, ErasureApproved, ErasureCompleted, ErasureFenced, ErasureOrdered};
use record::{LeafId, OrderId, ScopeId, SubjectId, TimestampMicros};

use super::harness::*;
use crate::{Command, ImportHolder, State, decide};

#[derive(Clone, Debug)]
enum Step {
    Open(u8),
    Person { number: u8, imported: bool },
    Respond { number: u8, round: u8, import: Option<u8> },
    Link { person: u8, number: u8, round: u8 },
    Close(u8),
    Start { import: u8, round: u8, rows: u8 },
    Complete(u8),
    Abandon(u8),
    Cut(u8, u8),
    CutTenant,
}

fn step() -> impl Strategy<Value = Step> {
    let small = 0_u8..4;
    prop_oneof![
        1 => (2_u8..4).prop_map(Step::Open),
        4 => (small.clone(), any::<bool>())
            .prop_map(|(number, imported)| Step::Person { number, imported }),
        12 => (0_u8..6, 0_u8..2, proptest::option::of(0_u8..2))
            .prop_map(|(number, round, import)| Step::Respond { number, round, import }),
        4 => (small, 0_u8..12, 0_u8..2)
            .prop_map(|(person, number, round)| Step::Link { person, number, round }),
        1 => (0_u8..4).prop_map(Step::Close),
        2 => (0_u8..2, 0_u8..2, 0_u8..3)
            .prop_map(|(import, round, rows)| Step::Start { import, round, rows }),
        1 => (0_u8..2).prop_map(Step::Complete),
        1 => (0_u8..2).prop_map(Step::Abandon),
        4 => (0_u8..3, any::<u8>()).prop_map(|(kind, which)| Step::Cut(kind, which)),
    ]
}

/// A journal in memory: who holds which leaf, what is dead, and the live state.
#[derive(Default)]
struct Simulation {
    live: State,
    history: Vec<(Place, Event)>,
    /// (subject, category) → leaf, for parts that do not stand alone.
    shared: BTreeMap<(SubjectId, u16), LeafId>,
    /// leaf → (subject, scope).
    leaves: BTreeMap<LeafId, (SubjectId, ScopeId)>,
    /// The scopes that parts under a leaf stand in.
    stand_in: BTreeMap<LeafId, BTreeSet<ScopeId>>,
    dead: Forgotten,
    minted: u32,
}

impl Simulation {
    fn started() -> Self {
        let mut simulation = Self::default();
        simulation.run(&Command::StartTenant(started_part()));
        simulation.run(&Command::DefineSurvey {
            survey: SURVEY,
            title: "Leerlingen".into(),
            questions: questions(),
        });
        simulation.take(&Step::Open(0));
        simulation.take(&Step::Open(1));
        simulation
    }

    /// Decides and folds a command; a refused one changes nothing.
    fn run(&mut self, command: &Command) -> bool {
        let Ok(events) = decide(&self.live, command, TimestampMicros(0)) else { return false };
        if events.iter().any(|event| !self.can_seal(event)) {
            return false;
        }
        for event in events {
            let event = self.seal(event);
            let place = place(u64::try_from(self.history.len()).unwrap());
            self.live.evolve(&place, &event);
            self.history.push((place, event));
        }
        true
    }

    /// The vault refuses what is fenced.
    fn can_seal(&self, event: &Event) -> bool {
        part(event).is_none_or(|(subject, scope, _)| {
            !self.dead.subjects.contains(&subject) && !self.dead.scopes.contains(&scope)
        })
    }

    /// Chooses a leaf, as the vault would.
    fn seal(&mut self, mut event: Event) -> Event {
        let draft = event.draft(place(0).command);
        let Some(record::Addressee::Person(label)) = draft.parts.get(1).map(|part| part.to) else {
            return event;
        };
        let key = (label.subject, label.category.0);
        let shared = self.shared.get(&key).copied().filter(|_| !label.alone);
        let leaf = shared.unwrap_or_else(|| {
            self.minted += 1;
            let mut bytes = [0xEE; 16];
            bytes[..4].copy_from_slice(&self.minted.to_be_bytes());
            LeafId::from_bytes(bytes)
        });
        self.shared.insert(key, leaf);
        // A leaf belongs to the scope it was minted for; a later part may name another scope.
        self.leaves.entry(leaf).or_insert((label.subject, label.scope));
        self.stand_in.entry(leaf).or_default().insert(label.scope);
        settle(&mut event, leaf);
        event
    }

    /// The whole protocol around one cut.
    fn erase(&mut self, target: Cut) {
        let mut order = [0xDD; 16];
        order[..8].copy_from_slice(&u64::try_from(self.history.len()).unwrap().to_be_bytes());
        let order = OrderId::from_bytes(order);
        let (leaves, scopes) = self.condemned(target);
        let tenant = target == Cut::Tenant;
        let ordered = ErasureOrdered { order, ..ordered(vec![target]) };
        if !self.run(&Command::OrderErasure(ordered)) {
            return;
        }
        self.run(&Command::ApproveErasure(ErasureApproved { order, approved_by: APPROVER }));
        let (leaf_list, scope_list): (Vec<_>, Vec<_>) = match tenant {
            true => (Vec::new(), Vec::new()),
            false => (leaves.iter().copied().collect(), scopes.iter().copied().collect()),
        };
        self.run(&Command::FenceErasure(ErasureFenced {
            order,
            epoch_before: 3,
            tenant,
            leaves: leaf_list.clone(),
            scopes: scope_list.clone(),
        }));
        let receipt = record::public::KeysDestroyed {
            order,
            tenant,
            leaves: leaf_list,
            scopes: scope_list,
            ..receipt()
        };
        assert!(self.run(&Command::RecordReceipt(receipt)));
        let subjects = match target {
            Cut::Subject(subject) => BTreeSet::from([subject]),
            _ => BTreeSet::new(),
        };
        // Whether the state is told whose keys died, and where, makes no difference to what it forgets.
        let told = self.history.len().is_multiple_of(2) && scopes.is_empty() && !tenant;
        let owner = |leaf: &LeafId| self.leaves.get(leaf).map(|(subject, _)| *subject);
        let owners = leaves.iter().filter_map(owner).chain(subjects.iter().copied()).collect();
        let within = leaves.iter().filter_map(|leaf| self.stand_in.get(leaf)).flatten().copied();
        let (owners, within) = (told.then_some(owners), told.then(|| within.collect()));
        let gone = Forgotten { subjects, leaves, scopes, tenant, owners, within };
        self.live.forget(&gone);
        self.shared.retain(|_, leaf| !gone.leaves.contains(leaf));
        self.dead.subjects.extend(gone.subjects);
        self.dead.leaves.extend(gone.leaves);
        self.dead.scopes.extend(gone.scopes);
        self.dead.tenant |= gone.tenant;
        assert!(self.run(&Command::CompleteErasure(ErasureCompleted { order })));
    }

    fn condemned(&self, target: Cut) -> (BTreeSet<LeafId>, BTreeSet<ScopeId>) {
        let dies = |leaf: &LeafId, subject: &SubjectId, scope: &ScopeId| match target {
            Cut::Subject(dead) => *subject == dead,
            Cut::Leaf(dead) => *leaf == dead,
            Cut::Scope(dead) => *scope == dead,
            Cut::Tenant => true,
        };
        let leaves = self.leaves.iter().filter(|(leaf, (subject, scope))| {
            !self.dead.leaves.contains(leaf) && dies(leaf, subject, scope)
        });
        let scopes = match target {
            Cut::Scope(scope) => BTreeSet::from([scope]),
            _ => BTreeSet::new(),
        };
        (leaves.map(|(leaf, _)| *leaf).collect(), scopes)
    }

    /// Folds what still opens, from empty.
    fn rebuilt(&self) -> State {
        let mut state = State::default();
        for (place, event) in &self.history {
            if self.dead.tenant && event.public_part().is_none() {
                continue;
            }
            state.evolve(place, &self.reopened(event.clone()));
        }
        state
    }

    fn reopened(&self, mut event: Event) -> Event {
        fn close<T>(about: &mut About<T>, dead: &Forgotten) {
            if let About::Known { leaf: Some(leaf), scope, .. } = about
                && (dead.leaves.contains(leaf) || dead.scopes.contains(scope))
            {
                *about = About::Gone { leaf: *leaf, scope: *scope };
            }
        }
        match &mut event {
            Event::People(PeopleEvent::PersonRegistered(event)) => {
                close(&mut event.person, &self.dead);
            }
            Event::Survey(SurveyEvent::ResponseSubmitted(event)) => {
                close(&mut event.response, &self.dead);
            }
            Event::Survey(SurveyEvent::RespondentLinked(event)) => {
                close(&mut event.link, &self.dead);
            }
            Event::Import(ImportEvent::ImportStarted(event)) => {
                event.identities.iter_mut().for_each(|secret| close(secret, &self.dead));
            }
            _ => {}
        }
        event
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Cut(kind, which) => self.cut(kind, usize::from(which)),
            Step::CutTenant => self.erase(Cut::Tenant),
            _ => {
                self.run(&command(step));
            }
        }
    }

    fn cut(&mut self, kind: u8, which: usize) {
        let leaves: Vec<_> = self.leaves.iter().map(|(leaf, keys)| (*leaf, *keys)).collect();
        let Some((leaf, (subject, scope))) = leaves.get(which % leaves.len().max(1)) else {
            return;
        };
        match kind {
            0 => self.erase(Cut::Subject(*subject)),
            1 => self.erase(Cut::Leaf(*leaf)),
            _ if *scope != PERMANENT => self.erase(Cut::Scope(*scope)),
            _ => {}
        }
    }
}

fn part(event: &Event) -> Option<(SubjectId, ScopeId, bool)> {
    match event.draft(place(0).command).parts.get(1)?.to {
        record::Addressee::Person(label) => Some((label.subject, label.scope, label.alone)),
        _ => None,
    }
}

fn settle(event: &mut Event, leaf: LeafId) {
    let header = record::PartHeader {
        kind: record::PartKind::Sealed,
        leaf,
        scope: PERMANENT,
        length: 64,
        digest: record::Hash([0; 32]),
    };
    event.settle(&[header, header]);
}

fn round(number: u8) -> RoundId {
    RoundId::from_bytes([0xB0 + number; 16])
}

fn import(number: u8) -> events::ImportId {
    events::ImportId::from_bytes([0xC0 + number; 16])
}

fn identity_scope(number: u8) -> ScopeId {
    ScopeId::from_bytes([0xF8 + number; 16])
}

fn person(number: u8) -> SubjectId {
    SubjectId::from_bytes([0x60 + number; 16])
}

fn command(step: &Step) -> Command {
    match *step {
        Step::Open(number) => Command::OpenRound {
            round: round(number),
            survey: SURVEY,
            name: "Voorjaar".into(),
            floor: 5,
            answers_scope: ScopeId::from_bytes([0xF0 + number; 16]),
            identity_scope: identity_scope(number),
            audience: None,
        },
        Step::Person { number, imported } => Command::RegisterPerson {
            person: person(number),
            scope: if imported { identity_scope(0) } else { PERMANENT },
            identity: identity(),
            import: imported.then_some(import(0)),
        },
        Step::Respond { number, round: of, import: row } => Command::SubmitResponse {
            round: round(of),
            pseudonym: pseudonym(number),
            group: "H3a".into(),
            answers: answers(1 + number % 4),
            import: row.map(import),
        },
        Step::Link { person: whose, number, round: of } => Command::LinkRespondent {
            round: round(of),
            person: person(whose),
            pseudonym: pseudonym(number),
            import: None,
        },
        Step::Close(number) => Command::CloseRound { round: round(number), responses: Vec::new() },
        Step::Start { import: number, round: of, rows } => Command::StartImport {
            import: import(number),
            name: format!("import {number}"),
            round: round(of),
            rows: u32::from(rows),
            identities: Some(ImportHolder { holder: pseudonym(200 + number), seed: [7; 32] }),
        },
        Step::Complete(number) => Command::CompleteImport { import: import(number) },
        Step::Abandon(number) => Command::AbandonImport { import: import(number) },
        Step::Cut(..) | Step::CutTenant => unreachable!("cuts are not one command"),
    }
}

proptest! {
    #[test]
    fn live_equals_rebuilt(
        steps in proptest::collection::vec(step(), 1..60),
        ends in proptest::bool::weighted(0.1),
    ) {
        let mut simulation = Simulation::started();
        for step in &steps {
            simulation.take(step);
            prop_assert_eq!(simulation.live.digest_input(), simulation.rebuilt().digest_input());
        }
        if ends {
            simulation.take(&Step::CutTenant);
            prop_assert!(simulation.live.has_ended());
        }
        prop_assert_eq!(&simulation.live, &simulation.rebuilt());
    }
}

#[test]
fn a_history_with_a_cut_changes_the_digest() {
    let mut simulation = Simulation::started();
    simulation.take(&Step::Respond { number: 1, round: 0, import: None });
    let before = simulation.live.digest_input();
    let responded = simulation.live.round(round(0)).unwrap().responded.len();
    simulation.take(&Step::Cut(0, 0));
    assert_ne!(simulation.live.digest_input(), before);
    assert_eq!(responded, 1);
    assert!(simulation.live.round(round(0)).unwrap().responded.is_empty());
    assert_eq!(simulation.live.round(round(0)).unwrap().direct_responses, 1);
}
