//! How much of each cell of one question is shown.
//!
//! Every cell starts with as much as it may show by itself and gives way, smallest group first,
//! until nothing that is kept back can be concluded.
//! INVARIANT: a cell only ever gives way, so the loop ends; with every cell hidden it has nothing
//! left to protect.

use std::collections::BTreeSet;

use events::discover::{Bucket, Shown};

use super::QuestionShape;
use super::table::{Moments, Table, people, small, unanimous};
use super::witness::{About, Freedom, Published, Secret, Step, steps};

/// Scales with fewer buckets have only one distribution for a mean and deviation.
const MOMENTS_BUCKETS_MIN: u16 = 4;

/// Groups tried one by one in one round of giving way, before several give way together.
const CANDIDATES_MAX: usize = 8;

/// One question: the people and how they may be shown.
pub(super) struct Question<'a> {
    pub(super) shape: QuestionShape,
    pub(super) floor: u32,
    pub(super) table: Table,
    /// Groups in the order in which they give way.
    pub(super) order: &'a [usize],
    /// Groups that no question shows.
    pub(super) always_hidden: &'a [bool],
}

/// How much of a cell is shown; later is more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Hidden,
    Count,
    /// Mean and deviation.
    Moments,
    /// The distribution without the buckets marked `true`.
    Buckets(Vec<bool>),
    Full,
}

/// The level of every cell.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Plan {
    groups: Vec<Level>,
    total: Level,
}

/// One cell of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Group(usize),
    Total,
}

/// Hides further groups, in order, until the hidden ones together are at least two groups and
/// at least `floor` people, if any is hidden at all.
pub(super) fn cover(hidden: &mut [bool], sizes: &[u32], order: &[usize], floor: u32) {
    if !hidden.contains(&true) {
        return;
    }
    for group in order {
        let covered = sizes.iter().zip(&*hidden).filter(|(_, hidden)| **hidden);
        let together = covered.clone().fold(0, |sum: u32, (size, _)| sum.saturating_add(*size));
        if covered.count() >= 2 && together >= floor {
            return;
        }
        if let Some(hidden) = hidden.get_mut(*group) {
            *hidden = true;
        }
    }
}

impl Question<'_> {
    /// What is shown: everyone first, then each group.
    pub(super) fn shown(&self) -> Vec<Shown> {
        let plan = self.settle();
        let total = self.render(&plan.total, &self.counts(Place::Total));
        let groups = (0..).zip(&plan.groups);
        let groups = groups.map(|(g, level)| self.render(level, self.table.row(g)));
        std::iter::once(total).chain(groups).collect()
    }

    fn counts(&self, place: Place) -> Vec<u32> {
        match place {
            Place::Group(group) => self.table.row(group).to_vec(),
            Place::Total => self.table.sum(&self.everyone()),
        }
    }

    fn everyone(&self) -> Vec<usize> {
        (0..self.table.groups()).collect()
    }

    /// Lets cells give way until every secret has a witness.
    fn settle(&self) -> Plan {
        let steps = steps(self.table.buckets(), self.shape.scored);
        let mut plan = self.first_plan();
        let mut safe = BTreeSet::new();
        loop {
            self.cover(&mut plan);
            let Some(secret) = self.first_unsafe(&plan, &steps, &mut safe) else { return plan };
            let next = self.give_way(&plan, &steps, &secret);
            let Some(next) = next else { return plan };
            plan = next;
        }
    }

    /// As much of every cell as it may show by itself.
    fn first_plan(&self) -> Plan {
        let always_hidden = self.always_hidden.iter().copied();
        let group = |(group, hidden): (usize, bool)| match hidden {
            true => Level::Hidden,
            false => self.alone(self.table.row(group)),
        };
        Plan {
            groups: (0..).zip(always_hidden).map(group).collect(),
            total: self.alone(&self.counts(Place::Total)),
        }
    }

    fn alone(&self, row: &[u32]) -> Level {
        let open = self.shape.buckets == 0;
        if people(row) < self.floor || people(row) == 0 || (!open && unanimous(row)) {
            Level::Hidden
        } else if open {
            Level::Count
        } else if row.iter().any(|count| small(*count, self.floor)) {
            self.softened(row, &[])
        } else {
            Level::Full
        }
    }

    /// The level below `Full`; `pattern` names buckets that other cells hide.
    fn softened(&self, row: &[u32], pattern: &[bool]) -> Level {
        if self.shape.scored && self.shape.buckets >= MOMENTS_BUCKETS_MIN {
            return Level::Moments;
        }
        let pattern = pattern.iter().copied().chain(std::iter::repeat(false));
        let hidden = row.iter().zip(pattern);
        let hidden = hidden.map(|(count, other)| other || small(*count, self.floor)).collect();
        Level::Buckets(self.cover_buckets(row, hidden))
    }

    /// Hides the next smallest buckets until the hidden ones are two and reach the floor.
    fn cover_buckets(&self, row: &[u32], mut hidden: Vec<bool>) -> Vec<bool> {
        loop {
            let covered = row.iter().zip(&hidden).filter(|(n, hidden)| **hidden && **n > 0);
            let together = covered.clone().fold(0, |sum: u32, (n, _)| sum.saturating_add(*n));
            if covered.count() >= 2 && together >= self.floor {
                return hidden;
            }
            let Some(bucket) = next_bucket(row, &hidden) else { return hidden };
            hide(&mut hidden, bucket);
        }
    }

    fn cover(&self, plan: &mut Plan) {
        let mut hidden: Vec<bool> = plan.groups.iter().map(|l| *l == Level::Hidden).collect();
        let sizes: Vec<u32> =
            self.everyone().into_iter().map(|group| people(self.table.row(group))).collect();
        cover(&mut hidden, &sizes, self.order, self.floor);
        for (level, _) in plan.groups.iter_mut().zip(hidden).filter(|(_, hidden)| *hidden) {
            *level = Level::Hidden;
        }
    }

    /// The next plan: the first of the ways in which the secret becomes safe, or else the last.
    /// `None` when everything is hidden.
    fn give_way(&self, plan: &Plan, steps: &[Step], secret: &Secret) -> Option<Plan> {
        let moves = |plan: &Plan| {
            self.published(plan, secret.about).moves_count(&self.table, steps, &secret.members)
        };
        let before = moves(plan);
        let mut last = None;
        for places in self.ways(plan, secret) {
            let lower =
                places.into_iter().fold(plan.clone(), |plan, place| self.lower(plan, place));
            // Without a new move the search would end where it ended before.
            if moves(&lower) > before && self.is_safe(&lower, steps, secret) {
                return Some(lower);
            }
            last = Some(lower).filter(|lower| lower != plan);
        }
        last
    }

    /// Which cells may give way together, in the order in which it is tried: one small group, the
    /// secret's own cell, ever more groups, at last all groups, and the total when all are hidden.
    fn ways(&self, plan: &Plan, secret: &Secret) -> Vec<Vec<Place>> {
        let able = |group: &usize| plan.groups.get(*group).is_some_and(|l| *l != Level::Hidden);
        let able: Vec<Place> = self.order.iter().copied().filter(able).map(Place::Group).collect();
        let owner: Vec<Place> = match secret.members.as_slice() {
            [owner] => vec![Place::Group(*owner)],
            members if members.len() == plan.groups.len() => vec![Place::Total],
            _ => Vec::new(),
        };
        let mut ways: Vec<Vec<Place>> =
            able.iter().take(CANDIDATES_MAX).map(|place| vec![*place]).collect();
        ways.push(owner.clone());
        let doubled = std::iter::successors(Some(2_usize), |size| size.checked_mul(2));
        for size in doubled.take_while(|size| *size < able.len()) {
            let some = able.iter().take(size).filter(|place| !owner.contains(place));
            ways.push(some.chain(&owner).copied().collect());
        }
        ways.push(if able.is_empty() { vec![Place::Total] } else { able });
        ways
    }

    /// The plan with one cell a level lower; the same plan when it is hidden already.
    fn lower(&self, mut plan: Plan, place: Place) -> Plan {
        let pattern = plan.pattern();
        let row = self.counts(place);
        let level = match place {
            Place::Group(group) => plan.groups.get_mut(group),
            Place::Total => Some(&mut plan.total),
        };
        if let Some(level) = level {
            *level = match &*level {
                Level::Hidden | Level::Count => Level::Hidden,
                Level::Moments => Level::Count,
                Level::Buckets(hidden) => self.fewer_buckets(&row, hidden, &pattern),
                Level::Full => self.softened(&row, &pattern),
            };
        }
        plan
    }

    fn fewer_buckets(&self, row: &[u32], hidden: &[bool], pattern: &[bool]) -> Level {
        let mut fewer: Vec<bool> = hidden.iter().zip(pattern).map(|(a, b)| *a || *b).collect();
        if fewer == hidden {
            let Some(bucket) = next_bucket(row, hidden) else { return Level::Count };
            hide(&mut fewer, bucket);
        }
        Level::Buckets(fewer)
    }

    fn first_unsafe(
        &self,
        plan: &Plan,
        steps: &[Step],
        safe: &mut BTreeSet<Secret>,
    ) -> Option<Secret> {
        for secret in self.secrets(plan) {
            // A cell that gives way frees its row further: what had a witness keeps it.
            if safe.contains(&secret) {
                continue;
            }
            if !self.is_safe(plan, steps, &secret) {
                return Some(secret);
            }
            safe.insert(secret);
        }
        None
    }

    fn is_safe(&self, plan: &Plan, steps: &[Step], secret: &Secret) -> bool {
        self.published(plan, secret.about).has_witness(&self.table, steps, secret)
    }

    /// Everything that this plan must keep back.
    fn secrets(&self, plan: &Plan) -> BTreeSet<Secret> {
        let mut secrets = BTreeSet::new();
        for (group, level) in (0..).zip(&plan.groups) {
            self.secrets_of(vec![group], level, &mut secrets);
        }
        self.secrets_of(self.everyone(), &plan.total, &mut secrets);
        // What is left of everyone when the cells that show more are subtracted is a cell too.
        for most in [Level::Hidden, Level::Count, Level::Buckets(vec![true; self.table.buckets()])]
        {
            let rest = (0..).zip(&plan.groups).filter(|(_, level)| **level <= most);
            let rest: Vec<usize> = rest.map(|(group, _)| group).collect();
            self.secrets_of(rest, &most, &mut secrets);
        }
        for bucket in 0..self.table.buckets() {
            let rest = (0..).zip(&plan.groups).filter(|(_, level)| !level.shows(bucket));
            let rest: Vec<usize> = rest.map(|(group, _)| group).collect();
            self.secret_bucket(rest, bucket, &mut secrets);
        }
        secrets
    }

    fn secrets_of(&self, members: Vec<usize>, level: &Level, secrets: &mut BTreeSet<Secret>) {
        let row = self.table.sum(&members);
        if members.is_empty() {
            return;
        }
        if *level == Level::Hidden && people(&row) < self.floor {
            secrets.insert(Secret { members: members.clone(), about: About::People });
        }
        if self.shape.buckets == 0 {
            return;
        }
        if *level == Level::Hidden && unanimous(&row) {
            secrets.insert(Secret { members: members.clone(), about: About::Unanimity });
        }
        for bucket in 0..row.len() {
            self.secret_bucket(members.clone(), bucket, secrets);
        }
    }

    fn secret_bucket(&self, members: Vec<usize>, bucket: usize, secrets: &mut BTreeSet<Secret>) {
        let count = self.table.sum(&members).get(bucket).copied().unwrap_or(0);
        if self.shape.buckets > 0 && small(count, self.floor) {
            secrets.insert(Secret { members, about: About::Bucket(bucket) });
        }
    }

    /// What an outsider knows under this plan when asking about this kind of secret.
    fn published(&self, plan: &Plan, about: About) -> Published {
        let groups = (0..).zip(&plan.groups).zip(self.always_hidden);
        let groups = groups.map(|((group, level), always_hidden)| {
            // How many a group is may be known from a question in which it is shown.
            let told = !always_hidden && people(self.table.row(group)) >= self.floor;
            level.freedom(told && about != About::People)
        });
        Published { floor: self.floor, groups: groups.collect(), total: plan.total.freedom(false) }
    }

    fn render(&self, level: &Level, row: &[u32]) -> Shown {
        let moments = Moments::of(row);
        let n = moments.n;
        match level {
            Level::Hidden => Shown::Hidden,
            Level::Count => Shown::Count { n },
            Level::Moments => Shown::Moments {
                n,
                mean_millionths: moments.mean_millionths(),
                deviation_millionths: moments.deviation_millionths(),
            },
            Level::Buckets(hidden) => Shown::Distribution { n, counts: masked(row, hidden) },
            Level::Full if self.shape.scored => Shown::Full {
                n,
                counts: row.to_vec(),
                mean_millionths: moments.mean_millionths(),
                deviation_millionths: moments.deviation_millionths(),
            },
            Level::Full => Shown::Distribution { n, counts: masked(row, &vec![false; row.len()]) },
        }
    }
}

impl Level {
    fn shows(&self, bucket: usize) -> bool {
        match self {
            Self::Hidden | Self::Count | Self::Moments => false,
            Self::Buckets(hidden) => !hidden.get(bucket).copied().unwrap_or(false),
            Self::Full => true,
        }
    }

    fn freedom(&self, people_told: bool) -> Freedom {
        match self {
            Self::Hidden if people_told => Freedom::KeepsPeople,
            Self::Hidden => Freedom::Any,
            Self::Count => Freedom::KeepsPeople,
            Self::Moments => Freedom::KeepsMoments,
            Self::Buckets(hidden) => Freedom::Within(hidden.clone()),
            Self::Full => Freedom::Fixed,
        }
    }
}

impl Plan {
    /// The buckets that some group hides while it shows others.
    fn pattern(&self) -> Vec<bool> {
        let mut pattern: Vec<bool> = Vec::new();
        for level in self.groups.iter().chain([&self.total]) {
            if let Level::Buckets(hidden) = level {
                pattern.resize(hidden.len().max(pattern.len()), false);
                pattern.iter_mut().zip(hidden).for_each(|(all, hidden)| *all |= hidden);
            }
        }
        pattern
    }
}

fn masked(row: &[u32], hidden: &[bool]) -> Vec<Bucket> {
    let counts = row.iter().zip(hidden);
    counts.map(|(n, hidden)| if *hidden { Bucket::Hidden } else { Bucket::Shown(*n) }).collect()
}

/// The smallest bucket that holds somebody and is still shown.
fn next_bucket(row: &[u32], hidden: &[bool]) -> Option<usize> {
    let shown = row.iter().zip(hidden).enumerate();
    let shown = shown.filter(|(_, (n, hidden))| **n > 0 && !**hidden);
    shown.min_by_key(|(bucket, (n, _))| (**n, *bucket)).map(|(bucket, _)| bucket)
}

fn hide(hidden: &mut [bool], bucket: usize) {
    if let Some(hidden) = hidden.get_mut(bucket) {
        *hidden = true;
    }
}
