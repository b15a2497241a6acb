//! The clock of the demonstration: a year behind, until the year is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use engine::Clock;
use record::TimestampMicros;

use crate::environment;

pub(super) const HOUR_MICROS: u64 = 60 * 60 * 1_000_000;
pub(super) const DAY_MICROS: u64 = 24 * HOUR_MICROS;

/// How far behind the time of the story is.
#[derive(Clone, Debug)]
pub(super) struct Behind(Arc<AtomicU64>);

impl Behind {
    /// A story that begins so many days ago.
    pub(super) fn from_days_ago(days: u64) -> Self {
        Self(Arc::new(AtomicU64::new(days * DAY_MICROS)))
    }

    /// The clock that the engine is given.
    pub(super) fn clock(&self) -> Clock {
        let behind = Arc::clone(&self.0);
        Clock::new(move || {
            let now = environment::now().0;
            TimestampMicros(now.saturating_sub(behind.load(Ordering::Relaxed)))
        })
    }

    /// Time passes; never beyond now.
    pub(super) fn passes(&self, micros: u64) {
        let pass = |behind: u64| Some(behind.saturating_sub(micros));
        // The closure always gives a value.
        let _before = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, pass);
    }

    /// Days pass.
    pub(super) fn passes_days(&self, days: u64) {
        self.passes(days * DAY_MICROS);
    }

    /// From here on the time is now.
    pub(super) fn is_now(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// So much before now.
    pub(super) fn is_hours_ago(&self, hours: u64) {
        self.0.store(hours * HOUR_MICROS, Ordering::Relaxed);
    }
}
