//! The law *live = rebuilt*, on the real engine and a real disk: after any history and any cuts the
//! views equal those folded anew, and nothing of the forgotten is left in them.
//!
//! The erasure register is left out of the search: it lists destroyed leaves and scopes as the
//! random references that the public receipts show to everyone.
//! Long form: `ZEGEL_LAW_CASES=500`. A failure prints the history and its seed.

use std::collections::{BTreeMap, BTreeSet};

use engine::{EngineError, ImportPlan, ImportRow, PartState, ReplayVerdict};
use events::{
    Answer, Event, Forgotten, Identity, ImportId, Place, Question, QuestionKind, SurveyId,
};
use projections::Views;
use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};
use record::public::{Cut, PublicPart};
use record::{JournalId, LeafId, OrderId, Seq, SubjectId};
use rules::Command;

use crate::school::{Round, School};

const CASES: u32 = 24;
const STEPS_MAX: usize = 25;
/// The view that may name what was destroyed.
const REGISTER: &str = "erasure";

#[derive(Clone, Debug)]
enum Step {
    Register,
    Define,
    Open(u8),
    Respond { round: u8, again: Option<u8> },
    Link { person: u8, pseudonym: u8, round: u8 },
    Close(u8),
    PublishAgain(u8),
    Import { round: u8, rows: u8, named: bool },
    StartImport { round: u8, rows: u8 },
    CompleteImport(u8),
    AbandonImport(u8),
    EraseSubject { which: u8, also: Option<u8> },
    EraseLeaf(u8),
    EraseScope(u8),
    Order(u8),
    Approve(u8),
    KeepSnapshot,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let which = any::<u8>;
    let again = proptest::option::weighted(0.2, which());
    prop_oneof![
        4 => Just(Step::Register),
        1 => Just(Step::Define),
        2 => which().prop_map(Step::Open),
        8 => (which(), again).prop_map(|(round, again)| Step::Respond { round, again }),
        5 => (which(), which(), which())
            .prop_map(|(person, pseudonym, round)| Step::Link { person, pseudonym, round }),
        1 => which().prop_map(Step::Close),
        1 => which().prop_map(Step::PublishAgain),
        2 => (which(), 1_u8..5, proptest::bool::ANY)
            .prop_map(|(round, rows, named)| Step::Import { round, rows, named }),
        1 => (which(), 0_u8..3).prop_map(|(round, rows)| Step::StartImport { round, rows }),
        1 => which().prop_map(Step::CompleteImport),
        1 => which().prop_map(Step::AbandonImport),
        3 => (which(), proptest::option::weighted(0.3, which()))
            .prop_map(|(which, also)| Step::EraseSubject { which, also }),
        2 => which().prop_map(Step::EraseLeaf),
        1 => which().prop_map(Step::EraseScope),
        1 => which().prop_map(Step::Order),
        1 => which().prop_map(Step::Approve),
        2 => Just(Step::KeepSnapshot),
        2 => Just(Step::Reopen),
    ]
}

/// What the history made in one tenant.
struct World {
    tenant: JournalId,
    surveys: Vec<SurveyId>,
    rounds: Vec<Round>,
    people: Vec<SubjectId>,
    pseudonyms: Vec<SubjectId>,
    imports: Vec<(ImportId, Round)>,
    waiting: Vec<OrderId>,
    /// Everyone that keys were ever kept of.
    seen: BTreeSet<SubjectId>,
    ended: bool,
    imported: usize,
}

fn pick<T: Clone>(list: &[T], which: u8) -> Option<T> {
    list.get(usize::from(which) % list.len().max(1)).cloned()
}

fn questions() -> Vec<Question> {
    let question = |kind| Question { text: "How was it?".to_owned(), kind };
    vec![question(QuestionKind::Agree5), question(QuestionKind::YesNo)]
}

fn answers(dice: u64) -> Vec<Answer> {
    let score = u8::try_from(dice % 5).unwrap() + 1;
    vec![Answer::Score(score), Answer::Choice(u8::try_from(dice % 2).unwrap())]
}

impl World {
    fn new(school: &mut School, name: &str) -> Self {
        let tenant = school.engine().start_tenant(name).unwrap();
        let survey = school.define(tenant, questions());
        let round = school.open_round(tenant, survey, 5).unwrap();
        Self {
            tenant,
            surveys: vec![survey],
            rounds: vec![round],
            people: Vec::new(),
            pseudonyms: Vec::new(),
            imports: Vec::new(),
            waiting: Vec::new(),
            seen: BTreeSet::new(),
            ended: false,
            imported: 0,
        }
    }

    /// Carries out one step; whatever a rule refuses changes nothing. Says whether keys died.
    fn take(&mut self, school: &mut School, step: &Step) -> bool {
        match step {
            Step::EraseSubject { .. }
            | Step::EraseLeaf(_)
            | Step::EraseScope(_)
            | Step::Approve(_) => return self.cut(school, step),
            Step::Import { .. }
            | Step::StartImport { .. }
            | Step::CompleteImport(_)
            | Step::AbandonImport(_) => self.import(school, step),
            Step::KeepSnapshot => {
                school.engine().keep_snapshot(self.tenant).unwrap();
            }
            Step::Reopen => school.reopen(),
            _ => self.act(school, step),
        }
        false
    }

    fn act(&mut self, school: &mut School, step: &Step) {
        let tenant = self.tenant;
        match *step {
            Step::Register => self.people.extend(allowed(school.register(tenant))),
            Step::Define => self.surveys.push(school.define(tenant, questions())),
            Step::Open(which) => {
                let survey = pick(&self.surveys, which).unwrap();
                self.rounds.extend(allowed(school.open_round(tenant, survey, 5)));
            }
            Step::Respond { round, again } => self.respond(school, round, again),
            Step::Link { person, pseudonym, round } => {
                let (Some(person), Some(pseudonym)) =
                    (pick(&self.people, person), pick(&self.pseudonyms, pseudonym))
                else {
                    return;
                };
                let round = pick(&self.rounds, round).unwrap().id;
                let link = Command::LinkRespondent { round, person, pseudonym, import: None };
                allowed(school.run(tenant, link));
            }
            Step::Close(round) => {
                let round = pick(&self.rounds, round).unwrap().id;
                allowed(school.engine().close_round(tenant, round));
            }
            Step::PublishAgain(round) => {
                let round = pick(&self.rounds, round).unwrap().id;
                allowed(school.engine().publish_again(tenant, round));
            }
            Step::Order(which) => {
                let Some(person) = pick(&self.people, which) else { return };
                self.waiting.extend(allowed(school.order(tenant, vec![Cut::Subject(person)])));
            }
            _ => unreachable!("taken elsewhere"),
        }
    }

    fn respond(&mut self, school: &mut School, round: u8, again: Option<u8>) {
        let fresh = SubjectId::from_bytes(school.dice.id());
        let pseudonym = again.and_then(|which| pick(&self.pseudonyms, which)).unwrap_or(fresh);
        // Every third response belongs to an unfinished import, if there is one.
        let dice = school.dice.number();
        let import = pick(&self.imports, round).filter(|_| dice.is_multiple_of(3));
        let round = import.map_or_else(|| pick(&self.rounds, round).unwrap(), |(_, round)| round);
        let submit = Command::SubmitResponse {
            round: round.id,
            pseudonym,
            group: format!("group {}", dice % 2),
            answers: answers(dice),
            import: import.map(|(import, _)| import),
        };
        if allowed(school.run(self.tenant, submit)).is_some() {
            self.pseudonyms.push(pseudonym);
        }
    }

    fn import(&mut self, school: &mut School, step: &Step) {
        let tenant = self.tenant;
        match *step {
            Step::Import { round, rows, named } => {
                self.imported += 1;
                let row = |row: u8| ImportRow {
                    group: "imported".to_owned(),
                    answers: answers(u64::from(row)),
                    identity: named.then(|| Identity { name: format!("Row {row}"), email: None }),
                };
                let rows: Vec<_> = (0..rows).map(row).collect();
                let name = format!("import {}", self.imported);
                let round = pick(&self.rounds, round).unwrap().id;
                let plan = ImportPlan { name: &name, round, rows: &rows };
                allowed(school.engine().import(tenant, &plan, &mut |_, _| {}));
            }
            Step::StartImport { round, rows } => {
                self.imported += 1;
                let round = pick(&self.rounds, round).unwrap();
                let import = ImportId::from_bytes(school.dice.id());
                let holder = SubjectId::from_bytes(school.dice.id());
                let start = Command::StartImport {
                    import,
                    name: format!("import {}", self.imported),
                    round: round.id,
                    rows: u32::from(rows),
                    identities: Some(rules::ImportHolder { holder, seed: [7; 32] }),
                };
                if allowed(school.run(tenant, start)).is_some() {
                    self.imports.push((import, round));
                }
            }
            Step::CompleteImport(which) => {
                let Some((import, _)) = pick(&self.imports, which) else { return };
                allowed(school.run(tenant, Command::CompleteImport { import }));
            }
            Step::AbandonImport(which) => {
                let Some((import, _)) = pick(&self.imports, which) else { return };
                allowed(school.run(tenant, Command::AbandonImport { import }));
            }
            _ => unreachable!("taken elsewhere"),
        }
    }

    fn cut(&mut self, school: &mut School, step: &Step) -> bool {
        let tenant = self.tenant;
        let target = match *step {
            Step::EraseSubject { which, also } => {
                let known: Vec<_> = self.known(school).into_iter().collect();
                let chosen = [Some(which), also].into_iter().flatten();
                let chosen: BTreeSet<_> = chosen.filter_map(|one| pick(&known, one)).collect();
                chosen.into_iter().map(Cut::Subject).collect()
            }
            Step::EraseLeaf(which) => {
                let leaves = leaves(school, tenant, PartState::Open);
                let leaf = leaves.into_iter().nth(usize::from(which) % 7);
                leaf.map(Cut::Leaf).into_iter().collect()
            }
            Step::EraseScope(which) => {
                let round = pick(&self.rounds, which).unwrap();
                let scope = if which % 2 == 0 { round.answers_scope } else { round.identity_scope };
                vec![Cut::Scope(scope)]
            }
            Step::Approve(which) => {
                let Some(order) = pick(&self.waiting, which) else { return false };
                return allowed(school.approve(tenant, order)).is_some();
            }
            _ => unreachable!("taken elsewhere"),
        };
        let targets: Vec<Cut> = target;
        !targets.is_empty() && allowed(school.erase(tenant, targets)).is_some()
    }

    /// Everyone that keys are kept of now.
    fn known(&mut self, school: &mut School) -> BTreeSet<SubjectId> {
        let rows = school.engine().subjects(self.tenant).unwrap();
        let known: BTreeSet<_> =
            rows.iter().map(|row| SubjectId::from_hex(&row.subject).unwrap()).collect();
        self.seen.extend(&known);
        known
    }
}

/// What came of it, unless a rule said no; a fault is never allowed.
fn allowed<T>(result: Result<T, EngineError>) -> Option<T> {
    match result {
        Ok(done) => Some(done),
        Err(EngineError::Refused(_) | EngineError::NothingKept | EngineError::TenantEnded) => None,
        Err(error) => panic!("neither done nor refused: {error}"),
    }
}

/// The leaves of person parts in a state, as the journal shows them.
fn leaves(school: &mut School, tenant: JournalId, state: PartState) -> Vec<LeafId> {
    let rows = school.engine().journal_rows(tenant, Seq(0), u64::MAX).unwrap();
    let parts = rows.iter().flat_map(|row| row.parts.iter().skip(1));
    let found: BTreeSet<_> =
        parts.filter(|part| part.state == state).map(|part| part.leaf.clone()).collect();
    found.iter().map(|leaf| LeafId::from_hex(leaf).unwrap()).collect()
}

/// What the views are made of, by name.
type Bytes = BTreeMap<&'static str, Vec<u8>>;

fn folded(school: &mut School, tenant: JournalId) -> Bytes {
    let tenant = school.engine().tenant(tenant).unwrap();
    let mut folded: Bytes = tenant.views().digest_inputs().into_iter().collect();
    folded.insert("rules", tenant.state().digest_input());
    folded
}

fn mentions(bytes: &[u8], id: &[u8; 16]) -> bool {
    bytes.windows(16).any(|window| window == id)
}

/// Names of the views that mention somebody.
fn views_that_mention(views: &[(&'static str, Vec<u8>)], id: &[u8; 16]) -> Vec<&'static str> {
    let found = views.iter().filter(|(name, bytes)| *name != REGISTER && mentions(bytes, id));
    found.map(|(name, _)| *name).collect()
}

/// The law, for one tenant at one moment.
fn hold(school: &mut School, world: &mut World) {
    let tenant = world.tenant;
    if !world.ended {
        school.engine().checkpoint(tenant).unwrap();
    }
    let check = school.engine().replay_check(tenant, None, &mut |_| {}).unwrap();
    let expected = if world.ended { ReplayVerdict::Ended } else { ReplayVerdict::Equal };
    assert_eq!(check.verdict, expected, "{check:?}");
    assert_eq!(check.records, check.size);
    let views = school.engine().tenant(tenant).unwrap().views().digest_inputs();
    let known = if world.ended { BTreeSet::new() } else { world.known(school) };
    for subject in world.seen.difference(&known) {
        let found = views_that_mention(&views, subject.as_bytes());
        assert!(found.is_empty(), "{found:?} still mention a forgotten subject");
    }
    for leaf in leaves(school, tenant, PartState::Erased) {
        let found = views_that_mention(&views, leaf.as_bytes());
        assert!(found.is_empty(), "{found:?} still mention a destroyed leaf");
    }
    assert!(leaves(school, tenant, PartState::KeyLost).is_empty());
    assert!(leaves(school, tenant, PartState::Tampered).is_empty());
}

/// What was folded live equals what is read from the disk: from the snapshots that were kept and
/// what came after them, from snapshots of this very moment, and from the first record.
///
/// Says how many tenants a snapshot was found of that was not of this very moment.
fn hold_reopened(school: &mut School, worlds: &mut [World]) -> usize {
    let live: Vec<_> = worlds.iter().map(|world| folded(school, world.tenant)).collect();
    let compare = |school: &mut School, worlds: &mut [World]| {
        for (world, live) in worlds.iter_mut().zip(&live) {
            let anew = folded(school, world.tenant);
            let differ: Vec<_> = live.keys().filter(|name| live[**name] != anew[**name]).collect();
            assert!(differ.is_empty(), "{differ:?} differ after reopening");
            hold(school, world);
        }
    };
    school.reopen();
    let found = worlds.iter().filter(|world| snapshot_size(school, world) > 0).count();
    compare(school, worlds);
    for world in worlds.iter() {
        let kept = school.engine().keep_snapshot(world.tenant).unwrap();
        assert_eq!(kept, !world.ended, "a snapshot is kept at rest, and none of what ended");
    }
    school.reopen();
    for world in worlds.iter() {
        let size = school
            .engine()
            .tenants()
            .iter()
            .find(|row| row.tenant == world.tenant.to_string())
            .unwrap()
            .records;
        assert_eq!(snapshot_size(school, world), if world.ended { 0 } else { size });
    }
    compare(school, worlds);
    school.close();
    std::fs::remove_dir_all(&school.paths.snapshots).unwrap();
    school.reopen();
    assert!(worlds.iter().all(|world| snapshot_size(school, world) == 0));
    compare(school, worlds);
    found
}

fn snapshot_size(school: &mut School, world: &World) -> u64 {
    school.engine().tenant(world.tenant).unwrap().snapshot_size()
}

fn end(school: &mut School, world: &mut World) {
    world.known(school);
    school.erase(world.tenant, vec![Cut::Tenant]).unwrap();
    world.ended = true;
    let nothing: Bytes = Views::default().digest_inputs().into_iter().collect();
    let left = folded(school, world.tenant);
    for name in ["people", "survey", "discover", "import"] {
        assert_eq!(left[name], nothing[name], "{name} keeps something of an ended tenant");
    }
}

/// Runs one history; says how many cuts it held, and how many older snapshots were used.
fn run(seed: u64, steps: &[(bool, Step)], ends: bool) -> (usize, usize) {
    let mut school = School::new(seed);
    let mut worlds = [World::new(&mut school, "one"), World::new(&mut school, "other")];
    let mut cuts = 0;
    for (other, step) in steps {
        let world = &mut worlds[usize::from(*other)];
        world.known(&mut school);
        if world.take(&mut school, step) {
            cuts += 1;
            hold(&mut school, world);
        }
    }
    worlds.iter_mut().for_each(|world| hold(&mut school, world));
    if ends {
        end(&mut school, &mut worlds[0]);
    }
    let restored = hold_reopened(&mut school, &mut worlds);
    (cuts, restored)
}

#[test]
fn live_equals_rebuilt_after_any_history() {
    let cases = std::env::var("ZEGEL_LAW_CASES").ok().and_then(|cases| cases.parse().ok());
    let config = Config {
        cases: cases.unwrap_or(CASES),
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        max_shrink_iters: 200,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let history = proptest::collection::vec((proptest::bool::weighted(0.2), step()), 1..=STEPS_MAX);
    let (cuts, restored) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let result = runner.run(&(any::<u64>(), history, any::<bool>()), |(seed, steps, ends)| {
        eprintln!("seed {seed}: {} steps", steps.len());
        let (some_cuts, some_restored) = run(seed, &steps, ends);
        cuts.set(cuts.get() + some_cuts);
        restored.set(restored.get() + some_restored);
        Ok(())
    });
    result.unwrap();
    // Histories without cuts, or none that went on after a snapshot, would prove little.
    assert!(cuts.get() > 0 && restored.get() > 0);
}

/// A person who registered, answered and was linked; erased, and what was there before.
fn erased_person() -> (School, JournalId, SubjectId, Views, u64) {
    let mut school = School::new(1);
    let mut world = World::new(&mut school, "one");
    let zero = |step| (false, step);
    let story = [
        Step::Register,
        Step::Register,
        Step::Respond { round: 0, again: None },
        Step::Link { person: 0, pseudonym: 0, round: 0 },
    ];
    for (_, step) in story.into_iter().map(zero) {
        world.take(&mut school, &step);
    }
    let person = world.people[0];
    let tenant = world.tenant;
    let before = school.engine().tenant(tenant).unwrap().views().clone();
    let size = school.engine().tenants()[0].records;
    school.erase(tenant, vec![Cut::Subject(person)]).unwrap();
    (school, tenant, person, before, size)
}

#[test]
fn a_view_that_does_not_forget_is_found_out() {
    let (mut school, tenant, person, mut forgetful, from) = erased_person();
    let found = views_that_mention(&forgetful.digest_inputs(), person.as_bytes());
    assert_eq!(found, ["people"], "before the erasure the search finds the person");
    let live: Bytes = folded(&mut school, tenant);
    let size = school.engine().tenants()[0].records;
    school.close();
    // The same records from the disk, folded without and then with `forget`.
    let store = journal::Store::open(&school.paths.database, false).unwrap();
    let mut gone = Forgotten::default();
    for record in store.scan(tenant, Seq(from), Seq(size)) {
        let record = record.unwrap();
        let part = PublicPart::of(&record).unwrap().expect("an erasure has public parts");
        if let PublicPart::KeysDestroyed(receipt) = &part {
            gone.leaves.extend(&receipt.leaves);
        }
        forgetful.apply(&Place::of(&record.header), &Event::from(part));
    }
    let differ = |views: &Views| -> Vec<&str> {
        let inputs = views.digest_inputs().into_iter();
        inputs.filter(|(name, bytes)| live[name] != *bytes).map(|(name, _)| name).collect()
    };
    assert_eq!(differ(&forgetful), ["people"], "the comparison is red");
    assert_eq!(
        views_that_mention(&forgetful.digest_inputs(), person.as_bytes()),
        ["people"],
        "and the search is too"
    );
    forgetful.forget(&gone);
    assert!(differ(&forgetful).is_empty(), "with forget it is green");
    assert!(views_that_mention(&forgetful.digest_inputs(), person.as_bytes()).is_empty());
}
