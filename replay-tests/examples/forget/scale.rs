//! People erased in groups and singly, leaves cut and renewed, scopes ended, people added between:
//! everything that opens is compared after each part of it.

use std::collections::BTreeSet;
use std::time::Duration;

use replay_tests::bundle::Id;
use serde_json::{Value, json};

use replay_tests::dice::Xorshift;

use crate::arguments::Arguments;
use crate::judge::{Judge, Reading, report};
use crate::product::Times;

/// People of one group.
const GROUP: usize = 50;
/// People whose identity is cut and given anew, out of a hundred erased.
const RENEWED_PERCENT: usize = 4;

pub(crate) fn run(arguments: &Arguments) -> bool {
    std::fs::create_dir_all(&arguments.directory).unwrap();
    let mut judge = Judge::new(arguments, arguments.directory.join("data"));
    let (figures, ..) = judge.forget();
    report(figures, arguments)
}

impl Judge<'_> {
    /// The whole of it: load, erase, end; figures, the last reading, and the keys that are dead.
    pub(crate) fn forget(&mut self) -> (Value, Reading, Vec<Vec<u8>>) {
        let started = std::time::Instant::now();
        self.load();
        let before = self.read();
        let figures_before = self.compare(&before.keys, &before.parts);
        let missing = self.controls_missing(&before);
        let mut random = self.arguments.random();

        let (first, second) = self.plans(&before, &mut random);
        let plan = self.arguments.directory.join("plan");
        let times = self.product.carry_out(self.arguments.seed, &first.lines, &plan);
        self.gone.take(&first, &self.known);
        let between = self.read();
        let figures_between = self.compare(&between.keys, &between.parts);
        drop(between);

        let later = self.product.carry_out(self.arguments.seed, &second.lines, &plan);
        self.gone.take(&second, &self.known);
        let after = self.read();
        let dead = self.dead_keys(&after);
        let figures = json!({
            "people": self.known.people.len(),
            "people_erased": self.gone.people.len(),
            "leaves_cut_alone": self.gone.leaves.len(),
            "scopes_ended": self.gone.scopes.len(),
            "before": figures_before,
            "between": figures_between,
            "after": self.compare(&after.keys, &after.parts),
            "opened": self.opened(&after),
            "raw": self.raw(&dead),
            "keys_drawn": self.product.drawn().len(),
            "keys_drawn_twice": self.shared_keys(),
            "controls_missing": missing,
            "times": times_of(&times, &later),
            "seconds": started.elapsed().as_secs(),
        });
        (figures, after, dead)
    }

    /// What must be found before anything is erased, or the search is blind.
    fn controls_missing(&self, before: &Reading) -> usize {
        let seed = self.arguments.seed;
        let words: Vec<Vec<u8>> = self
            .known
            .people
            .values()
            .flat_map(|number| crate::marks::words(seed, *number))
            .collect();
        let contents = before.parts.iter().filter_map(|part| before.keys.open(part));
        let text: Vec<u8> = contents.flatten().collect();
        let found: BTreeSet<usize> = replay_tests::needles::find_in(&words, &text)
            .into_iter()
            .map(|(_, needle)| needle)
            .collect();
        let drawn: BTreeSet<_> = self.product.drawn().into_iter().collect();
        let unrecorded = before.keys.all().difference(&drawn).count();
        let absent = self.numbers.len() - self.known.people.len();
        let sealed = usize::from(before.keys.figures.sealed_roots == 0);
        words.len() - found.len() + unrecorded + absent + sealed
    }

    /// Who is erased when: singles among additions and endings of answers, then groups and the
    /// endings of identities.
    fn plans(&self, before: &Reading, random: &mut Xorshift) -> (Plan, Plan) {
        let mass: BTreeSet<Id> = self
            .known
            .people
            .iter()
            .filter(|(_, number)| **number >= 1 << 32)
            .map(|(id, _)| *id)
            .collect();
        let mut people: Vec<Id> =
            self.known.people.keys().filter(|id| !mass.contains(*id)).copied().collect();
        let scopes = self.scopes(before, &mass, random);
        let (mut first, mut second) = (Plan::default(), Plan::default());
        let singles = random.take_some(self.arguments.erase / 2, &mut people);
        for (turn, person) in singles.iter().enumerate() {
            first.single(*person);
            if turn % 10 == 9 {
                let added = (1 << 40) + u64::try_from(turn).unwrap();
                first.lines.push(format!("add {added}"));
            }
        }
        let renewed = random.take_some(self.arguments.erase * RENEWED_PERCENT / 100, &mut people);
        for person in renewed {
            let Some(leaf) = self.known.identity_leaf(person) else { continue };
            first.leaves.insert(leaf);
            first.lines.push(format!("leaf {}", hex(leaf)));
            first.lines.push(format!("renew {} {}", hex(person), self.known.people[&person]));
        }
        scopes.answers.iter().for_each(|scope| first.scope(*scope));
        first.shuffle_scopes();
        let groups = random.take_some(self.arguments.erase - singles.len(), &mut people);
        groups.chunks(GROUP).for_each(|group| second.group(group));
        scopes.identities.iter().for_each(|scope| second.scope(*scope));
        (first, second)
    }

    /// Scopes to end: of answers, and of identities; among them both of the mass.
    fn scopes(&self, before: &Reading, mass: &BTreeSet<Id>, random: &mut Xorshift) -> Scopes {
        let mut answers = BTreeSet::new();
        let mut identities = BTreeSet::new();
        let mut of_mass = BTreeSet::new();
        let permanent = before.parts.iter().find(|part| part.index == 0).unwrap().scope;
        for part in before.parts.iter().filter(|part| part.scope != permanent) {
            let Some(leaf) = before.keys.leaves.get(&part.leaf) else { continue };
            let Some(subject) = leaf.subject else { continue };
            let of = if leaf.category == 2 { &mut answers } else { &mut identities };
            of.insert(part.scope);
            if mass.contains(&subject) {
                of_mass.insert(part.scope);
            }
        }
        // The answers of the mass stand under pseudonyms.
        let pseudonyms = self.known.pseudonyms_of(mass);
        let of_pseudonym = |part: &&replay_tests::bundle::Part| {
            let leaf = before.keys.leaves.get(&part.leaf).and_then(|leaf| leaf.subject);
            leaf.is_some_and(|subject| pseudonyms.contains(&subject))
        };
        of_mass.extend(before.parts.iter().filter(of_pseudonym).map(|part| part.scope));
        let (mut chosen, mut left) = (Scopes::default(), self.arguments.scopes);
        for (kind, into) in [(&answers, &mut chosen.answers), (&identities, &mut chosen.identities)]
        {
            into.extend(kind.intersection(&of_mass));
            left -= into.len();
        }
        let mut answers: Vec<Id> = answers.difference(&of_mass).copied().collect();
        let mut identities: Vec<Id> = identities.difference(&of_mass).copied().collect();
        chosen.answers.extend(random.take_some(left.div_ceil(2), &mut answers));
        chosen.identities.extend(random.take_some(left / 2, &mut identities));
        chosen
    }
}

#[derive(Default)]
struct Scopes {
    answers: Vec<Id>,
    identities: Vec<Id>,
}

/// What the product is told to do, and what must be closed then.
#[derive(Default)]
struct Plan {
    lines: Vec<String>,
    people: BTreeSet<Id>,
    leaves: BTreeSet<Id>,
    scopes: BTreeSet<Id>,
}

impl Plan {
    fn single(&mut self, person: Id) {
        self.people.insert(person);
        self.lines.push(format!("single {}", hex(person)));
    }

    fn group(&mut self, people: &[Id]) {
        self.people.extend(people);
        let ids: Vec<String> = people.iter().map(|person| hex(*person)).collect();
        self.lines.push(format!("group {}", ids.join(" ")));
    }

    fn scope(&mut self, scope: Id) {
        self.scopes.insert(scope);
        self.lines.push(format!("scope {}", hex(scope)));
    }

    /// Spreads the endings among the rest, which keeps its order.
    fn shuffle_scopes(&mut self) {
        let (scopes, mut rest): (Vec<String>, Vec<String>) =
            self.lines.drain(..).partition(|line| line.starts_with("scope"));
        let step = rest.len() / (scopes.len() + 1);
        for (turn, scope) in scopes.into_iter().enumerate() {
            rest.insert((turn + 1) * step + turn, scope);
        }
        self.lines = rest;
    }
}

impl crate::known::Gone {
    fn take(&mut self, plan: &Plan, known: &crate::known::Known) {
        self.people.extend(&plan.people);
        self.subjects.extend(&plan.people);
        self.subjects.extend(known.pseudonyms_of(&plan.people));
        self.leaves.extend(&plan.leaves);
        self.scopes.extend(&plan.scopes);
    }
}

/// Medians of the first and the last tenth of the single erasures tell whether each costs more.
fn times_of(first: &Times, second: &Times) -> Value {
    let median = |times: &[Duration]| {
        let mut times = times.to_vec();
        times.sort_unstable();
        times.get(times.len() / 2).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
    };
    let singles = &first.single;
    let tenth = singles.len() / 10;
    let sum = |times: &[Duration]| times.iter().sum::<Duration>().as_secs_f64();
    let groups = [&first.group[..], &second.group].concat();
    let scopes = [&first.scope[..], &second.scope].concat();
    json!({
        "singles": singles.len(),
        "singles_seconds": sum(singles),
        "single_median_ms": median(singles),
        "single_first_tenth_median_ms": median(&singles[..tenth]),
        "single_last_tenth_median_ms": median(&singles[singles.len() - tenth..]),
        "groups": groups.len(),
        "group_median_ms": median(&groups),
        "scopes_and_leaves": scopes.len(),
        "scope_or_leaf_median_ms": median(&scopes),
    })
}

pub(crate) fn hex(id: Id) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}
