//! Tables of people, group by bucket, and the exact statistics of one row.
//!
//! Everything is an integer: scores, sums, and mean and deviation in millionths.

/// Millionths in one.
const MILLION: u128 = 1_000_000;

/// How many people of each group chose each bucket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Table {
    buckets: usize,
    counts: Vec<u32>,
}

impl Table {
    pub(super) fn new(groups: usize, buckets: usize) -> Self {
        Self { buckets, counts: vec![0; groups.saturating_mul(buckets)] }
    }

    /// Counts one person; a bucket that does not exist counts nobody.
    pub(super) fn add(&mut self, group: usize, bucket: usize) {
        if bucket >= self.buckets {
            return;
        }
        if let Some(count) = self.row_mut(group).get_mut(bucket) {
            *count = count.saturating_add(1);
        }
    }

    pub(super) fn buckets(&self) -> usize {
        self.buckets
    }

    pub(super) fn groups(&self) -> usize {
        self.counts.chunks_exact(self.buckets).len()
    }

    pub(super) fn row(&self, group: usize) -> &[u32] {
        let start = group.saturating_mul(self.buckets);
        self.counts.get(start..start.saturating_add(self.buckets)).unwrap_or_default()
    }

    fn row_mut(&mut self, group: usize) -> &mut [u32] {
        let start = group.saturating_mul(self.buckets);
        self.counts.get_mut(start..start.saturating_add(self.buckets)).unwrap_or_default()
    }

    /// The rows of these groups added up.
    pub(super) fn sum(&self, groups: &[usize]) -> Vec<u32> {
        let mut sum = vec![0_u32; self.buckets];
        for group in groups {
            for (total, count) in sum.iter_mut().zip(self.row(*group)) {
                *total = total.saturating_add(*count);
            }
        }
        sum
    }

    /// Whether a vector can be added to one row (`sign` 1) or taken from it (`sign` -1) so that
    /// every count stays a natural number.
    pub(super) fn can_shift(&self, group: usize, vector: &[i32], sign: i32) -> bool {
        let mut counts = self.row(group).iter().zip(vector);
        counts.all(|(count, step)| count.checked_add_signed(step.saturating_mul(sign)).is_some())
    }

    /// Adds a vector to one row (`sign` 1) or takes it away (`sign` -1).
    pub(super) fn shift(&mut self, group: usize, vector: &[i32], sign: i32) {
        for (count, step) in self.row_mut(group).iter_mut().zip(vector) {
            *count = count.saturating_add_signed(step.saturating_mul(sign));
        }
    }
}

/// How many people a row counts.
pub(super) fn people(row: &[u32]) -> u32 {
    row.iter().fold(0, |sum, count| sum.saturating_add(*count))
}

/// All people of a row stand in one bucket (also one person alone, and nobody).
pub(super) fn unanimous(row: &[u32]) -> bool {
    row.iter().filter(|count| **count > 0).count() <= 1
}

/// Too few people to be shown apart, but somebody.
pub(super) fn small(count: u32, floor: u32) -> bool {
    count > 0 && count < floor
}

/// A length as a count of people; a journal cannot hold more than fit.
pub(super) fn small_count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// The exact sums from which mean and deviation follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moments {
    pub(super) n: u32,
    sum: u128,
    squares: u128,
}

impl Moments {
    /// The moments of a row in which bucket `k` scores `k + 1`.
    pub(super) fn of(row: &[u32]) -> Self {
        let (sum, squares) = row.iter().zip(1_u128..).fold((0, 0), |(sum, squares), (n, score)| {
            let weighted = u128::from(*n).saturating_mul(score);
            (sum + weighted, squares + weighted.saturating_mul(score))
        });
        Self { n: people(row), sum, squares }
    }

    /// The mean in millionths, rounded half up; 0 of nobody.
    pub(super) fn mean_millionths(self) -> u64 {
        let n = u128::from(self.n);
        let doubled = self.sum.saturating_mul(2 * MILLION).saturating_add(n);
        fit(doubled.checked_div(2 * n).unwrap_or(0))
    }

    /// The population standard deviation in millionths, rounded half up; 0 of nobody.
    ///
    /// Exact while people times buckets stay below 2^42.
    pub(super) fn deviation_millionths(self) -> u64 {
        let n = u128::from(self.n);
        let spread =
            n.saturating_mul(self.squares).saturating_sub(self.sum.saturating_mul(self.sum));
        // Half-up of x is ceil(floor(2x) / 2), and floor(2x) needs no fraction.
        let doubled = spread.saturating_mul(4 * MILLION * MILLION).checked_div(n * n).unwrap_or(0);
        fit(doubled.isqrt().div_ceil(2))
    }
}

fn fit(value: u128) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}
