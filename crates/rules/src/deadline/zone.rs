//! Between microseconds in UTC and days in the Netherlands.
//!
//! *Invariant:* no zone file is read: the rules of Europe/Amsterdam are compiled in by
//! `jiff::tz::get!`, so a new law on summer time needs a new build.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use record::TimestampMicros;

pub(super) const HOUR_MICROS: u64 = 60 * 60 * 1_000_000;

static AMSTERDAM: TimeZone = jiff::tz::get!("Europe/Amsterdam");

/// Which of two equal times on the clock is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fold {
    /// Before the clock goes back.
    Summer,
    /// After it went back.
    Winter,
}

/// The day in the Netherlands.
pub(super) fn date(at: TimestampMicros) -> Option<Date> {
    local(at).map(DateTime::date)
}

/// What the clock shows in the Netherlands.
pub(super) fn local(at: TimestampMicros) -> Option<DateTime> {
    timestamp(at).map(|at| AMSTERDAM.to_datetime(at))
}

/// Which hour it is, where the clock shows it twice.
pub(super) fn fold(at: TimestampMicros) -> Option<Fold> {
    let offset = AMSTERDAM.to_offset(timestamp(at)?);
    match AMSTERDAM.to_ambiguous_timestamp(local(at)?).offset() {
        AmbiguousOffset::Fold { before, .. } if offset == before => Some(Fold::Summer),
        AmbiguousOffset::Fold { .. } => Some(Fold::Winter),
        _ => None,
    }
}

/// The last microsecond of a day.
pub(super) fn end_of(day: Date) -> Option<TimestampMicros> {
    let midnight = day.tomorrow().ok()?.at(0, 0, 0, 0);
    let next = AMSTERDAM.to_timestamp(midnight).ok()?.as_microsecond();
    u64::try_from(next.checked_sub(1)?).ok().map(TimestampMicros)
}

/// The first Sunday after a moment on which the clock shows this hour.
pub(super) fn sunday_after(at: TimestampMicros, hour: i8) -> Option<TimestampMicros> {
    let mut day = date(at)?;
    loop {
        let hour = day.at(hour, 0, 0, 0);
        let moment = AMSTERDAM.to_timestamp(hour).ok()?.as_microsecond();
        let moment = u64::try_from(moment).ok().map(TimestampMicros)?;
        if day.weekday() == Weekday::Sunday && moment > at {
            return Some(moment);
        }
        day = day.tomorrow().ok()?;
    }
}

fn timestamp(at: TimestampMicros) -> Option<Timestamp> {
    Timestamp::from_microsecond(i64::try_from(at.0).ok()?).ok()
}
