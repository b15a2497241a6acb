//! Whether a number that is kept back could be otherwise: the search for a witness.
//!
//! The published numbers are a function of the table of people.
//! A secret is safe when another table of natural numbers has the same published numbers and the
//! secret is not true in it.
//! INVARIANT: only a table that was really built counts, so a search that ends too early hides
//! more than needed and never less.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::table::{Table, people};

/// Tables opened in one search. A witness is mostly one to `floor` moves away; a search that
/// finds none costs at most this many tables.
const TABLES_OPENED_MAX: u32 = 24;

/// Moves followed from one table: enough to go round an obstacle in a small table.
const BRANCHES_MAX: usize = 8;

/// Groups tried on either side of a move, largest first, because they have the most to give.
const PARTNERS_MAX: usize = 4;

/// Third differences that each one is combined with.
const NEIGHBOURS_MAX: usize = 2;

/// How a row may change without changing what is published of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Freedom {
    /// Not at all: every count is published.
    Fixed,
    /// People, sum and sum of squares stay.
    KeepsMoments,
    /// People stay, and so do the buckets marked `false`.
    Within(Vec<bool>),
    /// People stay.
    KeepsPeople,
    /// Freely.
    Any,
}

impl Freedom {
    fn admits(&self, step: &Step) -> bool {
        match self {
            Self::Fixed => false,
            Self::KeepsMoments => step.keeps_moments,
            Self::Within(free) => {
                let outside =
                    step.vector.iter().zip(free).any(|(change, free)| *change != 0 && !free);
                !outside && step.keeps_people
            }
            Self::KeepsPeople => step.keeps_people,
            Self::Any => true,
        }
    }
}

/// A vector that moves are made of.
#[derive(Clone, Debug)]
pub(super) struct Step {
    vector: Vec<i32>,
    keeps_people: bool,
    /// People, sum and sum of squares.
    keeps_moments: bool,
}

impl Step {
    fn of(vector: Vec<i32>) -> Self {
        let moment = |power: u32| -> i64 {
            let terms = vector.iter().zip(1_i64..);
            terms.map(|(change, score)| i64::from(*change) * score.pow(power)).sum()
        };
        let keeps_people = moment(0) == 0;
        let keeps_moments = keeps_people && moment(1) == 0 && moment(2) == 0;
        Self { vector, keeps_people, keeps_moments }
    }
}

/// Something true of a group, or of several groups together, that nobody may conclude.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Secret {
    /// The groups, ascending.
    pub(super) members: Vec<usize>,
    /// What is true of them.
    pub(super) about: About,
}

/// What a secret is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum About {
    /// Somebody, but fewer than the floor, chose this bucket.
    Bucket(usize),
    /// Fewer people than the floor answered.
    People,
    /// All gave the same answer.
    Unanimity,
}

/// What is published of a table: how far it may move.
#[derive(Debug)]
pub(super) struct Published {
    /// Fewer people than this are never shown apart.
    pub(super) floor: u32,
    /// One for each group.
    pub(super) groups: Vec<Freedom>,
    /// Of everyone together.
    pub(super) total: Freedom,
}

impl Published {
    /// Another table with the same published numbers in which the secret is not true exists.
    pub(super) fn has_witness(&self, table: &Table, steps: &[Step], secret: &Secret) -> bool {
        let moves = self.moves(table, steps, &secret.members);
        let goals = match secret.about {
            About::Bucket(bucket) => vec![Goal::Enough(bucket), Goal::Empty(bucket)],
            About::People => vec![Goal::People],
            About::Unanimity => vec![Goal::Varied],
        };
        let search = Search { moves, members: &secret.members, floor: self.floor };
        goals.into_iter().any(|goal| search.reaches(table, goal))
    }

    /// How many moves could change these members.
    pub(super) fn moves_count(&self, table: &Table, steps: &[Step], members: &[usize]) -> usize {
        let count =
            |moves: Moves<'_>| moves.to.len() * (moves.from.len() + usize::from(moves.alone));
        self.moves(table, steps, members).into_iter().map(count).sum()
    }

    /// The moves that change the members together and nothing that is published.
    fn moves<'a>(&self, table: &Table, steps: &'a [Step], members: &[usize]) -> Vec<Moves<'a>> {
        let mut by_size: Vec<usize> = (0..self.groups.len()).collect();
        by_size.sort_by_key(|group| Reverse(people(table.row(*group))));
        let (inside, outside): (Vec<usize>, Vec<usize>) =
            by_size.into_iter().partition(|group| members.binary_search(group).is_ok());
        let moves = steps.iter().map(|step| {
            let free = |group: &usize| self.groups.get(*group).is_some_and(|g| g.admits(step));
            let some = |groups: &[usize]| -> Vec<usize> {
                groups.iter().copied().filter(free).take(PARTNERS_MAX).collect()
            };
            let alone = self.total.admits(step);
            Moves { step: &step.vector, to: some(&inside), from: some(&outside), alone }
        });
        moves.filter(|moves| !moves.to.is_empty()).collect()
    }
}

/// The moves with one vector.
struct Moves<'a> {
    step: &'a [i32],
    /// Rows that it can be added to.
    to: Vec<usize>,
    /// Rows that it can be taken from, so that the total stays.
    from: Vec<usize>,
    /// Or from none.
    alone: bool,
}

impl Moves<'_> {
    /// Every table that one of these moves leads to.
    fn apply<'t>(&'t self, table: &'t Table) -> impl Iterator<Item = Table> + 't {
        let alone = self.alone.then_some(None);
        let pairs = self.from.iter().map(|from| Some(*from));
        let partners: Vec<Option<usize>> = alone.into_iter().chain(pairs).collect();
        let pairs = self
            .to
            .iter()
            .flat_map(move |to| partners.clone().into_iter().map(move |from| (*to, from)));
        pairs.filter_map(|(to, from)| {
            let fits = table.can_shift(to, self.step, 1)
                && from.is_none_or(|from| table.can_shift(from, self.step, -1));
            fits.then(|| {
                let mut moved = table.clone();
                moved.shift(to, self.step, 1);
                from.into_iter().for_each(|from| moved.shift(from, self.step, -1));
                moved
            })
        })
    }
}

/// What a witness must show.
#[derive(Clone, Copy, Debug)]
enum Goal {
    Empty(usize),
    Enough(usize),
    People,
    Varied,
}

impl Goal {
    /// How far a row is from the goal; 0 is there.
    fn distance(self, mut row: impl Iterator<Item = u32>, floor: u32) -> u32 {
        match self {
            Self::Empty(k) => row.nth(k).unwrap_or(0),
            Self::Enough(k) => floor.saturating_sub(row.nth(k).unwrap_or(0)),
            Self::People => floor.saturating_sub(row.fold(0, u32::saturating_add)),
            Self::Varied => u32::from(row.filter(|count| *count > 0).count() <= 1),
        }
    }
}

/// One walk from table to table.
struct Search<'a> {
    moves: Vec<Moves<'a>>,
    members: &'a [usize],
    floor: u32,
}

impl Search<'_> {
    /// Walks, nearest first, until a table is at the goal.
    ///
    /// Steps sideways are taken only where no step leads nearer.
    fn reaches(&self, start: &Table, goal: Goal) -> bool {
        let distance = goal.distance(start.sum(self.members).into_iter(), self.floor);
        let mut seen = BTreeSet::from([start.clone()]);
        let mut open = BinaryHeap::from([Reverse((distance, 0_usize, start.clone()))]);
        for _ in 0..TABLES_OPENED_MAX {
            let Some(Reverse((here, _, table))) = open.pop() else { return false };
            let (there, next) = self.nearest(&table, goal, here);
            if there == 0 && !next.is_empty() {
                return true;
            }
            for table in next {
                if seen.insert(table.clone()) {
                    open.push(Reverse((there, seen.len(), table)));
                }
            }
        }
        false
    }

    /// The tables one move away that are nearest to the goal, unless all are farther than `here`.
    fn nearest(&self, table: &Table, goal: Goal, here: u32) -> (u32, Vec<Table>) {
        let sum = table.sum(self.members);
        let mut nearest = (here, Vec::new());
        for moves in &self.moves {
            let moved = sum.iter().zip(moves.step);
            let moved = moved.map(|(count, change)| count.saturating_add_signed(*change));
            let there = goal.distance(moved, self.floor);
            if there > nearest.0 || (there == nearest.0 && nearest.1.len() >= BRANCHES_MAX) {
                continue;
            }
            let mut next: Vec<Table> = moves.apply(table).take(BRANCHES_MAX).collect();
            if there < nearest.0 && !next.is_empty() {
                nearest = (there, next);
            } else if there == nearest.0 {
                nearest.1.append(&mut next);
            }
        }
        nearest
    }
}

/// The vectors that moves are made of: people appearing, changing their answer, or changing it
/// together so that people, sum and sum of squares stay.
pub(super) fn steps(buckets: usize, scored: bool) -> Vec<Step> {
    let unit = |k: usize| (0..buckets).map(|i| i32::from(i == k)).collect::<Vec<i32>>();
    let mut steps: Vec<Vec<i32>> = (0..buckets).map(unit).collect();
    for first in 0..buckets {
        steps.extend((first + 1..buckets).map(|second| combine(&unit(first), &unit(second), -1)));
    }
    if scored {
        steps.extend(moment_steps(buckets));
    }
    let opposite: Vec<Vec<i32>> =
        steps.iter().map(|step| step.iter().map(|i| -i).collect()).collect();
    steps.into_iter().chain(opposite).map(Step::of).collect()
}

/// Vectors that keep people, sum and sum of squares: third differences at every place and
/// spacing, and the sums and differences of neighbouring ones.
fn moment_steps(buckets: usize) -> Vec<Vec<i32>> {
    let mut thirds: Vec<Vec<i32>> = Vec::new();
    for spacing in 1..=buckets.saturating_sub(1) / 3 {
        for start in 0..buckets.saturating_sub(3 * spacing) {
            let mut vector = vec![0; buckets];
            let places = vector.iter_mut().skip(start).step_by(spacing);
            places.zip([1, -3, 3, -1]).for_each(|(place, step)| *place = step);
            thirds.push(vector);
        }
    }
    let mut steps = thirds.clone();
    for (index, first) in thirds.iter().enumerate() {
        for second in thirds.iter().skip(index + 1).take(NEIGHBOURS_MAX) {
            steps.extend([combine(first, second, 1), combine(first, second, -1)]);
        }
    }
    steps
}

fn combine(first: &[i32], second: &[i32], sign: i32) -> Vec<i32> {
    first.iter().zip(second).map(|(a, b)| a + sign * b).collect()
}
