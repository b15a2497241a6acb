//! A growing set of sequence numbers, kept as ranges.
//!
//! *Invariant:* ranges ascend and never touch; an import of a million rows in a row is one range.

use bincode::{Decode, Encode};
use record::Seq;

/// Sequence numbers in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Ranges {
    /// First and one past the last.
    ranges: Vec<(u64, u64)>,
}

impl Ranges {
    /// Adds a number that is larger than all before; others are already there.
    pub(crate) fn push(&mut self, seq: Seq) {
        let next = seq.0.saturating_add(1);
        match self.ranges.last_mut() {
            Some((_, end)) if *end == seq.0 => *end = next,
            Some((_, end)) if *end > seq.0 => {}
            _ => self.ranges.push((seq.0, next)),
        }
    }

    pub(crate) fn count(&self) -> u64 {
        self.ranges.iter().map(|(from, to)| to.saturating_sub(*from)).sum()
    }

    /// The numbers below one, largest first.
    pub(crate) fn descending(&self, below: Seq) -> impl Iterator<Item = Seq> + '_ {
        let ranges = self.ranges.iter().rev();
        ranges.flat_map(move |(from, to)| (*from..below.0.min(*to)).rev()).map(Seq)
    }

    /// From, and one past the last, of each range.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Seq, Seq)> + '_ {
        self.ranges.iter().map(|(from, to)| (Seq(*from), Seq(*to)))
    }
}
