//! Sets of sequences as ranges, so that a gap of millions costs nothing.
//!
//! *Invariant:* ranges neither touch nor overlap.

use std::collections::BTreeMap;

use super::SeqRange;

/// First and last sequence of each range.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ranges {
    ranges: BTreeMap<u64, u64>,
}

impl Ranges {
    /// Adds a range, both ends included.
    pub(crate) fn insert(&mut self, first: u64, last: u64) {
        let (mut first, mut last) = (first, last);
        let reach = last.saturating_add(1);
        while let Some((start, end)) = self.ranges.range(..=reach).next_back() {
            let (start, end) = (*start, *end);
            if end.saturating_add(1) < first {
                break;
            }
            self.ranges.remove(&start);
            first = first.min(start);
            last = last.max(end);
        }
        self.ranges.insert(first, last);
    }

    /// Whether this sequence is in one of the ranges.
    pub(crate) fn contains(&self, seq: u64) -> bool {
        self.ranges.range(..=seq).next_back().is_some_and(|(_, last)| *last >= seq)
    }

    /// How many sequences.
    pub(crate) fn count(&self) -> u64 {
        self.ranges.iter().map(|(first, last)| last - first + 1).sum()
    }

    /// How many sequences are in both.
    pub(crate) fn overlap(&self, other: &Self) -> u64 {
        self.ranges.iter().map(|(first, last)| other.within(*first, *last)).sum()
    }

    fn within(&self, first: u64, last: u64) -> u64 {
        let touching = self.ranges.range(..=last).rev().take_while(|(_, end)| **end >= first);
        touching.map(|(start, end)| last.min(*end) - first.max(*start) + 1).sum()
    }

    /// The lowest ranges.
    pub(crate) fn list(&self, most: usize) -> Vec<SeqRange> {
        let ranges = self.ranges.iter().take(most);
        ranges.map(|(first, last)| SeqRange { first: *first, last: *last }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn touching_ranges_become_one() {
        let mut ranges = Ranges::default();
        [(5, 6), (1, 1), (9, 9), (7, 8), (2, 2)].iter().for_each(|(a, b)| ranges.insert(*a, *b));
        let expected = [SeqRange { first: 1, last: 2 }, SeqRange { first: 5, last: 9 }];
        assert_eq!(ranges.list(10), expected);
        assert_eq!(ranges.count(), 7);
        assert!(ranges.contains(8) && !ranges.contains(3));
    }

    #[test]
    fn the_overlap_is_counted_once() {
        let mut one = Ranges::default();
        one.insert(0, 9);
        one.insert(20, 29);
        let mut other = Ranges::default();
        other.insert(5, 6);
        other.insert(8, 24);
        assert_eq!(one.overlap(&other), 2 + 2 + 5);
        assert_eq!(other.overlap(&one), 2 + 2 + 5);
    }
}
