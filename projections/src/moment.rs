//! Moments of the journal, so that a view can say what was then.
//!
//! *Invariant:* what happened at or before a moment is shown as of it, and nothing later.

use bincode::{Decode, Encode};
use events::Place;
use record::{Seq, TimestampMicros};

/// As of which moment something is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// After this record.
    Seq(Seq),
    /// After everything recorded at or before this time.
    Time(TimestampMicros),
}

impl AsOf {
    /// Everything that is there.
    pub const NOW: Self = Self::Seq(Seq(u64::MAX));
}

/// Where and when something was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct When {
    pub(crate) seq: Seq,
    pub(crate) at: TimestampMicros,
}

impl When {
    pub(crate) const fn of(place: &Place) -> Self {
        Self { seq: place.seq, at: place.recorded_at }
    }

    pub(crate) fn is_by(self, as_of: AsOf) -> bool {
        match as_of {
            AsOf::Seq(seq) => self.seq <= seq,
            AsOf::Time(time) => self.at <= time,
        }
    }
}

/// Something, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Dated<T> {
    pub(crate) when: When,
    pub(crate) what: T,
}

impl<T> Dated<T> {
    pub(crate) const fn of(place: &Place, what: T) -> Self {
        Self { when: When::of(place), what }
    }
}

/// The newest of them as of a moment.
pub(crate) fn newest<T>(all: &[Dated<T>], as_of: AsOf) -> Option<&Dated<T>> {
    all.iter().rev().find(|dated| dated.when.is_by(as_of))
}
