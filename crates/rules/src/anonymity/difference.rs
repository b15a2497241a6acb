//! Whether two publications of one round can be subtracted from each other.
//!
//! INVARIANT: in doubt the answer is "too close"; a publication that is refused harms nobody.

use std::collections::{BTreeMap, BTreeSet};

use events::discover::{Bucket, Publication, QuestionResult, Shown};

use super::table::small_count;

/// The difference between the two publications would tell of too few people.
///
/// `changed` has one entry for each response that is counted in exactly one of the two: its
/// group, or `None` where the group is not known any more because the response was erased. It is
/// computed from the places of the records and from the receipts, and never stored.
/// An erased response is never counted again, so without known changes in a group the people who
/// left it are the difference of its published numbers.
///
/// Publications of different rounds are never too close.
#[must_use]
pub fn too_close(earlier: &Publication, later: &Publication, changed: &[Option<&str>]) -> bool {
    if earlier.round != later.round {
        return false;
    }
    if changed.is_empty() || earlier.floor != later.floor {
        return earlier != later;
    }
    if earlier.questions.len() != later.questions.len() {
        return true;
    }
    let changes = Changes::of(changed, u32::from(later.floor));
    let mut pairs = earlier.questions.iter().zip(&later.questions);
    pairs.any(|(earlier, later)| changes.question_too_close(earlier, later))
}

/// How many people changed, and where.
struct Changes<'a> {
    floor: u32,
    everyone: u32,
    groups: BTreeMap<&'a str, u32>,
}

impl<'a> Changes<'a> {
    fn of(changed: &[Option<&'a str>], floor: u32) -> Self {
        let mut groups: BTreeMap<&str, u32> = BTreeMap::new();
        for group in changed.iter().flatten() {
            let count = groups.entry(group).or_default();
            *count = count.saturating_add(1);
        }
        Self { floor, everyone: small_count(changed.len()), groups }
    }

    fn question_too_close(&self, earlier: &QuestionResult, later: &QuestionResult) -> bool {
        if earlier.question != later.question || self.some(self.everyone) {
            return true;
        }
        let (earlier, later) = (by_group(earlier), by_group(later));
        let groups: BTreeSet<&Option<&str>> = earlier.keys().chain(later.keys()).collect();
        let cell = |group: &Option<&str>| {
            self.too_few(*group)
                || self.cell_too_close(earlier.get(group).copied(), later.get(group).copied())
        };
        groups.into_iter().any(cell) || self.rest_too_close(&rest(&earlier), &rest(&later))
    }

    /// One to `floor - 1` people of this group are known to have changed.
    fn too_few(&self, group: Option<&str>) -> bool {
        let Some(group) = group else { return false };
        let known = self.groups.get(group).copied().unwrap_or(0);
        self.some(known)
    }

    /// What is left of everyone when the groups are subtracted is a cell too.
    fn rest_too_close(&self, earlier: &Rest, later: &Rest) -> bool {
        self.some(earlier.people.abs_diff(later.people))
            || self.counts_too_close(&earlier.counts, &later.counts)
    }

    fn cell_too_close(&self, earlier: Option<&Shown>, later: Option<&Shown>) -> bool {
        let (earlier, later) = match (earlier, later) {
            (Some(earlier), Some(later)) => (earlier, later),
            // A group that is new or gone: all of it is the difference.
            (Some(only), None) | (None, Some(only)) => return *only == Shown::Hidden,
            (None, None) => return false,
        };
        // A cell that shows more in one of them helps to subtract it from the other.
        if outline(earlier) != outline(later) {
            return true;
        }
        self.some(people(earlier).abs_diff(people(later)))
            || self.counts_too_close(&counts(earlier), &counts(later))
    }

    /// The people who changed are a cell of their own, whose buckets are the differences.
    fn counts_too_close(&self, earlier: &[u32], later: &[u32]) -> bool {
        let differences: Vec<u32> =
            earlier.iter().zip(later).map(|(earlier, later)| earlier.abs_diff(*later)).collect();
        let unanimous = differences.iter().filter(|difference| **difference > 0).count() == 1;
        unanimous || differences.into_iter().any(|difference| self.some(difference))
    }

    fn some(&self, difference: u32) -> bool {
        difference > 0 && difference < self.floor
    }
}

/// Everyone without the groups that are shown.
struct Rest {
    people: u32,
    /// Of each bucket that everyone's cell shows: the people whose group does not show it.
    counts: Vec<u32>,
}

fn rest(cells: &BTreeMap<Option<&str>, &Shown>) -> Rest {
    let everyone = cells.get(&None).copied().unwrap_or(&Shown::Hidden);
    let mut rest = Rest { people: people(everyone), counts: counts(everyone) };
    for (_, shown) in cells.iter().filter(|(group, _)| group.is_some()) {
        rest.people = rest.people.saturating_sub(people(shown));
        for (left, count) in rest.counts.iter_mut().zip(counts(shown)) {
            *left = left.saturating_sub(count);
        }
    }
    rest
}

fn by_group(question: &QuestionResult) -> BTreeMap<Option<&str>, &Shown> {
    question.cells.iter().map(|cell| (cell.group.as_deref(), &cell.shown)).collect()
}

/// What is shown, without the numbers: the variant and which buckets are hidden.
fn outline(shown: &Shown) -> (u8, Vec<bool>) {
    match shown {
        Shown::Hidden => (0, Vec::new()),
        Shown::Count { .. } => (1, Vec::new()),
        Shown::Moments { .. } => (2, Vec::new()),
        Shown::Distribution { counts, .. } => {
            (3, counts.iter().map(|bucket| *bucket == Bucket::Hidden).collect())
        }
        Shown::Full { counts, .. } => (4, counts.iter().map(|_| false).collect()),
    }
}

fn people(shown: &Shown) -> u32 {
    match shown {
        Shown::Hidden => 0,
        Shown::Count { n }
        | Shown::Moments { n, .. }
        | Shown::Distribution { n, .. }
        | Shown::Full { n, .. } => *n,
    }
}

/// The counts that are shown; hidden ones as 0, since both publications hide the same.
fn counts(shown: &Shown) -> Vec<u32> {
    match shown {
        Shown::Hidden | Shown::Count { .. } | Shown::Moments { .. } => Vec::new(),
        Shown::Distribution { counts, .. } => counts
            .iter()
            .map(|bucket| match bucket {
                Bucket::Shown(n) => *n,
                Bucket::Hidden => 0,
            })
            .collect(),
        Shown::Full { counts, .. } => counts.clone(),
    }
}
