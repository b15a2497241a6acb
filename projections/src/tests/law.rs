//! The law *live = rebuilt*: after any history and any cuts, views that forgot equal views folded
//! anew from the records that still open, and nothing of a forgotten person is left in them.

use std::collections::BTreeMap;

use events::{About, Event, Forgotten, ImportEvent, PeopleEvent, SurveyEvent};
use proptest::prelude::*;
use record::public::Cut;
use record::{Addressee, LeafId, ScopeId, SubjectId};

use super::story::*;
use crate::Views;

#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a few steps of a test, most of them events")]
enum Step {
    Happens(Event),
    Cut { kind: u8, which: usize },
    End,
}

fn step() -> impl Strategy<Value = Step> {
    let row = proptest::option::of(0_u8..2);
    let any_leaf = LeafId::from_bytes([0; 16]);
    prop_oneof![
        1 => Just(Step::Happens(defined())),
        2 => (0_u8..2).prop_map(|round| Step::Happens(opened(round))),
        1 => (0_u8..2).prop_map(|round| Step::Happens(closed(round))),
        6 => (0_u8..2, 0_u8..6, row.clone())
            .prop_map(move |(round, who, row)| Step::Happens(responded(round, who, row, any_leaf))),
        5 => (0_u8..2, 0_u8..4, 0_u8..6)
            .prop_map(move |(round, who, name)| Step::Happens(linked(round, who, name, any_leaf))),
        5 => (0_u8..4, row).prop_map(move |(who, row)| Step::Happens(registered(who, row, any_leaf))),
        2 => (0_u8..2, 0_u8..2)
            .prop_map(move |(import, round)| Step::Happens(import_started(import, round, any_leaf))),
        1 => (0_u8..2).prop_map(|import| Step::Happens(import_completed(import))),
        1 => (0_u8..2).prop_map(|import| Step::Happens(import_abandoned(import))),
        1 => (0_u8..2, 0_u32..50)
            .prop_map(|(round, responses)| Step::Happens(published(round, responses))),
        4 => (0_u8..3, any::<usize>()).prop_map(|(kind, which)| Step::Cut { kind, which }),
    ]
}

/// A journal in memory with the keys of every part.
#[derive(Default)]
struct Simulation {
    live: Views,
    history: Vec<Event>,
    shared: BTreeMap<(SubjectId, u16), LeafId>,
    leaves: BTreeMap<LeafId, (SubjectId, ScopeId)>,
    dead: Forgotten,
    orders: u8,
}

impl Simulation {
    fn take(&mut self, step: Step) {
        match step {
            Step::Happens(event) => self.happen(event),
            Step::Cut { kind, which } => self.cut(kind, which),
            Step::End => self.erase(Cut::Tenant),
        }
    }

    fn happen(&mut self, mut event: Event) {
        let draft = event.draft(place(0).command);
        if let Some(Addressee::Person(label)) = draft.parts.get(1).map(|part| part.to) {
            let fenced = self.dead.subjects.contains(&label.subject)
                || self.dead.scopes.contains(&label.scope);
            if fenced || self.dead.tenant {
                return;
            }
            let key = (label.subject, label.category.0);
            let shared = self.shared.get(&key).copied().filter(|_| !label.alone);
            let chosen = shared.unwrap_or_else(|| self.mint());
            self.shared.insert(key, chosen);
            // A leaf belongs to the scope it was minted for; a later part may name another scope.
            self.leaves.entry(chosen).or_insert((label.subject, label.scope));
            settle(&mut event, chosen);
        }
        self.append(event);
    }

    fn append(&mut self, event: Event) {
        self.live.apply(&place(u64::try_from(self.history.len()).unwrap()), &event);
        self.history.push(event);
    }

    fn mint(&self) -> LeafId {
        let mut bytes = [0xEE; 16];
        bytes[..8].copy_from_slice(&u64::try_from(self.history.len()).unwrap().to_be_bytes());
        LeafId::from_bytes(bytes)
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

    /// The whole protocol around one cut.
    fn erase(&mut self, target: Cut) {
        let number = self.orders;
        self.orders = self.orders.wrapping_add(1) % 64;
        let mut gone = self.condemned(target);
        // Whether a view is told whose keys died makes no difference to what it forgets.
        let told = number.is_multiple_of(2) && gone.scopes.is_empty();
        gone.owners = gone.owners.filter(|_| told);
        self.append(ordered(number, vec![target]));
        self.append(approved(number));
        self.append(fenced(number, &gone));
        self.append(receipt(number, &gone));
        self.live.forget(&gone);
        self.shared.retain(|_, leaf| !gone.leaves.contains(leaf));
        self.leaves.retain(|leaf, _| !gone.leaves.contains(leaf));
        self.dead.subjects.extend(gone.subjects);
        self.dead.leaves.extend(gone.leaves);
        self.dead.scopes.extend(gone.scopes);
        self.dead.tenant |= gone.tenant;
        self.append(completed(number));
    }

    fn condemned(&self, target: Cut) -> Forgotten {
        let mut gone = Forgotten { tenant: target == Cut::Tenant, ..Forgotten::default() };
        for (leaf, (subject, scope)) in &self.leaves {
            let dies = match target {
                Cut::Subject(dead) => *subject == dead,
                Cut::Leaf(dead) => *leaf == dead,
                Cut::Scope(dead) => *scope == dead,
                Cut::Tenant => true,
            };
            if dies {
                gone.leaves.insert(*leaf);
                gone.owners.get_or_insert_default().insert(*subject);
            }
        }
        match target {
            Cut::Subject(subject) => drop(gone.subjects.insert(subject)),
            Cut::Scope(scope) => drop(gone.scopes.insert(scope)),
            Cut::Leaf(_) | Cut::Tenant => {}
        }
        gone
    }

    /// Folds what still opens, from empty.
    fn rebuilt(&self) -> Views {
        let mut views = Views::default();
        for (seq, event) in (0..).zip(&self.history) {
            if !self.dead.tenant || event.public_part().is_some() {
                views.apply(&place(seq), &self.reopened(event.clone()));
            }
        }
        views
    }

    fn reopened(&self, mut event: Event) -> Event {
        match &mut event {
            Event::People(PeopleEvent::PersonRegistered(event)) => self.close(&mut event.person),
            Event::Survey(SurveyEvent::ResponseSubmitted(event)) => self.close(&mut event.response),
            Event::Survey(SurveyEvent::RespondentLinked(event)) => self.close(&mut event.link),
            Event::Import(ImportEvent::ImportStarted(event)) => {
                event.identities.iter_mut().for_each(|secret| self.close(secret));
            }
            _ => {}
        }
        event
    }

    fn close<T>(&self, about: &mut About<T>) {
        if let About::Known { leaf: Some(leaf), scope, .. } = about
            && (self.dead.leaves.contains(leaf) || self.dead.scopes.contains(scope))
        {
            *about = About::Gone { leaf: *leaf, scope: *scope };
        }
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

fn mentions(views: &Views, subject: SubjectId) -> bool {
    let inputs = views.digest_inputs();
    inputs.iter().any(|(_, bytes)| bytes.windows(16).any(|window| window == subject.as_bytes()))
}

proptest! {
    #[test]
    fn live_equals_rebuilt(
        steps in proptest::collection::vec(step(), 1..60),
        ends in proptest::bool::weighted(0.1),
    ) {
        let mut simulation = Simulation::default();
        simulation.append(started());
        for step in steps {
            simulation.take(step);
            let rebuilt = simulation.rebuilt();
            prop_assert_eq!(simulation.live.digest_inputs(), rebuilt.digest_inputs());
            prop_assert_eq!(&simulation.live, &rebuilt);
        }
        if ends {
            simulation.take(Step::End);
            prop_assert_eq!(&simulation.live, &simulation.rebuilt());
        }
        for subject in &simulation.dead.subjects {
            prop_assert!(!mentions(&simulation.live, *subject), "{}", subject);
        }
    }
}

#[test]
fn a_cut_changes_the_digest_and_leaves_no_trace_of_the_person() {
    let mut simulation = Simulation::default();
    simulation.take(Step::Happens(registered(1, None, leaf(0))));
    assert!(mentions(&simulation.live, person(1)));
    simulation.take(Step::Cut { kind: 0, which: 0 });
    assert!(!mentions(&simulation.live, person(1)));
    assert_eq!(simulation.live.people().list(0, 1).total, 0);
}

#[test]
fn a_pseudonym_never_stands_in_a_view() {
    let mut simulation = Simulation::default();
    for event in [defined(), opened(0), responded(0, 1, None, leaf(0)), linked(0, 1, 1, leaf(0))] {
        simulation.take(Step::Happens(event));
    }
    assert!(mentions(&simulation.live, person(1)));
    assert!(!mentions(&simulation.live, pseudonym(1)));
}

#[test]
fn every_view_has_its_digest() {
    let names: Vec<_> = Views::default().digest_inputs().iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "tenancy",
            "organisation",
            "people",
            "access",
            "trail",
            "agreement",
            "annex",
            "gate",
            "survey",
            "discover",
            "import",
            "instruments",
            "observations",
            "breach",
            "request",
            "retention",
            "sync",
            "erasure",
        ]
    );
}
