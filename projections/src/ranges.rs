//! A growing set of sequence numbers, kept as ranges.
//!
//! *Invariant:* ranges ascend and never touch; an import of a million rows in a row is one range.

use bincode::{Decode, Encode};
use record::{Seq, Writer};

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

    /// From, and one past the last, of each range.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Seq, Seq)> + '_ {
        self.ranges.iter().map(|(from, to)| (Seq(*from), Seq(*to)))
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        out.count(self.ranges.len());
        for (from, to) in &self.ranges {
            out.u64(*from).u64(*to);
        }
    }
}
