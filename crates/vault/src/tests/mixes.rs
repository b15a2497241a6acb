//! Random mixes of sealing, cutting and opening again, against a plain model and the attacker.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use proptest::prelude::*;
use record::public::Cut;
use record::{Category, LeafId, PersonLabel, Record, ScopeId, SubjectId};

use super::attacker::reachable;
use super::world::{World, about, draft, facts, scope, subject};
use crate::SealError;

#[derive(Clone, Debug)]
enum Step {
    Tell { subject: u8, category: u16, scope: u8, alone: bool },
    CutSubjects(Vec<u8>),
    CutLeaf(prop::sample::Index),
    CutScope(u8),
    DropCut(u8),
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let tell = (1u8..9, 0u16..2, 0u8..4, any::<bool>());
    let tell = tell.prop_map(|(subject, category, scope, alone)| Step::Tell {
        subject,
        category,
        scope,
        alone,
    });
    let step = prop_oneof![
        12 => tell,
        1 => prop::collection::vec(1u8..9, 1..3).prop_map(Step::CutSubjects),
        2 => any::<prop::sample::Index>().prop_map(Step::CutLeaf),
        1 => (1u8..4).prop_map(Step::CutScope),
        1 => (1u8..9).prop_map(Step::DropCut),
        2 => Just(Step::Reopen),
    ];
    prop::collection::vec(step, 1..60)
}

/// What was told, what was cut, and the bytes of every key that died.
struct Model {
    world: World,
    told: Vec<(Record, LeafId, SubjectId, ScopeId)>,
    shared: BTreeMap<(SubjectId, Category, ScopeId), LeafId>,
    subjects: BTreeSet<SubjectId>,
    /// Ordered and fenced, not cut: refused, but still readable.
    subjects_fenced: BTreeSet<SubjectId>,
    leaves: BTreeSet<LeafId>,
    scopes: BTreeSet<ScopeId>,
    dead_keys: HashSet<[u8; 32]>,
}

impl Model {
    fn new() -> Self {
        let mut world = World::new();
        (101..104).for_each(|number| world.mint_scope(scope(number)));
        Self {
            world,
            told: Vec::new(),
            shared: BTreeMap::new(),
            subjects: BTreeSet::new(),
            subjects_fenced: BTreeSet::new(),
            leaves: BTreeSet::new(),
            scopes: BTreeSet::new(),
            dead_keys: HashSet::new(),
        }
    }

    fn scope(&self, number: u8) -> ScopeId {
        if number == 0 { self.world.permanent() } else { scope(100 + number) }
    }

    fn apply(&mut self, step: &Step) {
        match step {
            Step::Tell { subject: number, category, scope, alone } => {
                let (subject, scope) = (subject(*number), self.scope(*scope));
                let category = Category(*category);
                self.tell(PersonLabel { subject, category, scope, alone: *alone });
            }
            Step::CutSubjects(numbers) => {
                let targets: Vec<Cut> =
                    numbers.iter().map(|number| Cut::Subject(subject(*number))).collect();
                self.cut(&targets);
                self.subjects.extend(numbers.iter().map(|number| subject(*number)));
            }
            Step::CutLeaf(index) if !self.told.is_empty() => {
                let leaf = index.get(&self.told).1;
                self.cut(&[Cut::Leaf(leaf)]);
                self.leaves.insert(leaf);
                self.shared.retain(|_, shared| *shared != leaf);
            }
            Step::CutLeaf(_) => {}
            Step::CutScope(number) => {
                let scope = self.scope(*number);
                self.cut(&[Cut::Scope(scope)]);
                self.scopes.insert(scope);
            }
            Step::DropCut(number) => self.drop_cut(subject(*number)),
            Step::Reopen => {
                self.world.reopen();
                // The engine fences again from the journal.
                let fenced: Vec<Cut> =
                    self.subjects_fenced.iter().copied().map(Cut::Subject).collect();
                let condemned = self.world.vault.condemned(&fenced);
                self.world.vault.fence(&condemned);
            }
        }
    }

    fn tell(&mut self, label: PersonLabel) {
        let subject_gone =
            self.subjects.contains(&label.subject) || self.subjects_fenced.contains(&label.subject);
        let scope_gone = self.scopes.contains(&label.scope);
        match self.world.seal(draft(vec![facts("facts"), about(label, "told")])) {
            Ok(record) => {
                assert!(!subject_gone && !scope_gone, "minted behind a fence");
                let leaf = record.header.parts[1].leaf;
                if !label.alone {
                    let key = (label.subject, label.category, label.scope);
                    assert_eq!(*self.shared.entry(key).or_insert(leaf), leaf);
                }
                self.told.push((record, leaf, label.subject, label.scope));
            }
            Err(SealError::SubjectFenced) => assert!(subject_gone),
            Err(SealError::ScopeFenced(_)) => assert!(scope_gone),
            Err(other) => panic!("{other}"),
        }
    }

    fn cut(&mut self, targets: &[Cut]) {
        let condemned = self.world.vault.condemned(targets);
        let leaves = condemned.leaves.iter().map(|leaf| self.world.leaf_key(*leaf));
        let scopes = condemned.scopes.iter().map(|scope| self.world.scope_key(*scope));
        self.dead_keys.extend(leaves.chain(scopes));
        let epoch = self.world.vault.epoch();
        let done = self.world.cut(targets);
        assert_eq!((done.epoch_before, done.epoch_after), (epoch, epoch + 1));
    }

    fn drop_cut(&mut self, subject: SubjectId) {
        let (_, prepared) = self.world.prepare(&[Cut::Subject(subject)]);
        let stored = prepared.writes().to_vec();
        self.world.store(&stored);
        self.subjects_fenced.insert(subject);
    }

    fn check(&self) {
        for (record, leaf, subject, scope) in &self.told {
            let cut = self.subjects.contains(subject)
                || self.leaves.contains(leaf)
                || self.scopes.contains(scope);
            assert_eq!(self.world.opens(record), !cut);
        }
        let alive = |told: &&(Record, LeafId, SubjectId, ScopeId)| self.world.opens(&told.0);
        let leaves: BTreeSet<LeafId> = self.told.iter().filter(alive).map(|told| told.1).collect();
        let facts = BTreeSet::from([self.world.vault.facts_leaf()]);
        let listed: BTreeSet<LeafId> = self.world.vault.leaf_ids().collect();
        assert_eq!(listed, &leaves | &facts);
        assert_eq!(self.world.vault.leaves_count(), leaves.len());
        for number in 1..9 {
            let of: BTreeSet<LeafId> = self
                .told
                .iter()
                .filter(|told| told.2 == subject(number) && leaves.contains(&told.1))
                .map(|told| told.1)
                .collect();
            let listed = self.world.vault.leaves_of(subject(number));
            assert_eq!(listed.len(), of.len());
            assert!(listed.iter().all(|entry| of.contains(&entry.leaf)));
        }
    }

    fn attack(&self) {
        let found = reachable(&self.world.slot_bytes(), &self.world.frames);
        assert!(self.dead_keys.is_disjoint(&found), "a cut key is in reach");
        for leaf in self.world.vault.leaf_ids().filter(|id| *id != self.world.vault.facts_leaf()) {
            assert!(found.contains(&self.world.leaf_key(leaf)), "the attacker is too weak");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn what_is_cut_is_gone_and_the_rest_opens(steps in steps()) {
        let mut model = Model::new();
        for step in &steps {
            model.apply(step);
        }
        model.check();
        model.attack();
        model.world.reopen();
        model.check();
        let stored: BTreeSet<_> = model.world.pages.keys().copied().collect();
        prop_assert!(model.world.vault.page_keys().all(|key| stored.contains(&key)));
    }
}
