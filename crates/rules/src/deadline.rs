//! Legal periods: when one ends, how that was counted, and how long is left.
//!
//! Counted in Dutch days (Europe/Amsterdam) as Regulation (EEC, Euratom) No 1182/71 article 3 says;
//! docs/deadlines.md has the sources, the choices where the law is silent, and the counted cases.
//!
//! *Invariant:* pure: the zone is compiled in, and `now` arrives as an argument.
//! *Invariant:* a period in hours is exact: no weekend, holiday or change of the clock moves it.
//! *Invariant:* a later start never gives an earlier end.

mod period;
mod words;
mod workdays;
mod zone;

#[cfg(test)]
mod tests;

pub use jiff::civil::Date;
pub use period::{Period, YEARS_MAX};
pub use words::Remaining;
pub use workdays::{DayOff, Holiday, day_off, is_holiday, next_working_day};

use record::TimestampMicros;
use thiserror::Error;

/// To answer a request of a data subject, from its receipt by the school.
// SOURCE: GDPR article 12(3), first sentence; a refusal has the same term (12(4)).
pub const REQUEST_ANSWER: Period = Period::Months(1);

/// The same, extended: three months from the receipt, not two from the end of the first.
///
/// The extension is told, with its reasons, within [`REQUEST_ANSWER`].
// SOURCE: GDPR article 12(3), second sentence: *that period* is extended, so it stays one period.
pub const REQUEST_ANSWER_EXTENDED: Period = Period::Months(3);

/// To notify the authority of a breach, from the moment of awareness.
///
/// Plain 72 hours, which no reading of the law makes shorter: article 3(1) of Regulation 1182/71
/// would leave out the running hour, and article 3(5) might ask for two working days; both only
/// give more.
// SOURCE: GDPR article 33(1); EDPB Guidelines 9/2022.
pub const BREACH_NOTICE: Period = Period::Hours(72);

/// To object to a new subprocessor, from the notice.
///
/// The eLoo agreement's; another agreement has another (obligations, section H 12).
// SOURCE: eLoo processor agreement, article 10(2).
pub const SUBPROCESSOR_OBJECTION: Period = Period::Weeks(6);

/// Why a period cannot be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PeriodRefusal {
    /// Nothing ends after nothing, or after more than a century.
    #[error("a period is at least one and at most {years_max} years")]
    OutOfRange {
        /// [`YEARS_MAX`].
        years_max: u16,
    },
    /// The text form has one unit.
    #[error("a period is written like `PT72H`, `P10D`, `P6W`, `P1M` or `P2Y`")]
    Unreadable,
    /// The calendar ends with the year 9999.
    #[error("the moment lies outside the calendar")]
    OutsideCalendar,
}

impl PeriodRefusal {
    /// The same in Dutch.
    #[must_use]
    pub fn dutch(&self) -> String {
        match self {
            Self::OutOfRange { years_max } => {
                format!("een termijn is ten minste één en ten hoogste {years_max} jaar")
            }
            Self::Unreadable => {
                "een termijn schrijf je als `PT72H`, `P10D`, `P6W`, `P1M` of `P2Y`".into()
            }
            Self::OutsideCalendar => "het tijdstip valt buiten de kalender".into(),
        }
    }
}

/// A counted period, with its arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// The moment of the event from which the period runs.
    pub starts: TimestampMicros,
    /// What was counted.
    pub period: Period,
    /// The first day that counts: the day after the event; of a period in hours the day itself.
    pub counted_from: Date,
    /// The last day before anything was shifted.
    pub nominal_end: Date,
    /// Why the last day is a later one.
    pub shifted_because: Option<Shift>,
    /// The last day.
    pub last_day: Date,
    /// The last microsecond that is in time.
    pub ends_at: TimestampMicros,
}

/// Why a period ends later than its days say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shift {
    /// Its last day would not be a working day.
    DayOff(DayOff),
    /// A period of two days or more has at least two working days.
    TwoWorkingDays,
}

/// What happens at the end of a period.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// Somebody must have acted, and has a working day for it.
    Act,
    /// Something is no longer kept; a machine has no weekend.
    Keep,
}

impl Deadline {
    /// Until when somebody may act: on a Saturday, Sunday or holiday the period goes on until the
    /// end of the next working day, and two days or more have two working days.
    ///
    /// # Errors
    ///
    /// A period outside its limits, or an end outside the calendar.
    // SOURCE: Regulation 1182/71 article 3(4) and (5).
    pub fn to_act(starts: TimestampMicros, period: Period) -> Result<Self, PeriodRefusal> {
        Self::checked(starts, period, Ending::Act)
    }

    /// Until when something is kept: to the end of the date itself, never longer.
    ///
    /// # Errors
    ///
    /// As [`Deadline::to_act`].
    pub fn to_keep(starts: TimestampMicros, period: Period) -> Result<Self, PeriodRefusal> {
        Self::checked(starts, period, Ending::Keep)
    }

    /// Whether it is over; its last microsecond is in time.
    #[must_use]
    pub fn is_over(&self, now: TimestampMicros) -> bool {
        now > self.ends_at
    }

    fn checked(
        starts: TimestampMicros,
        period: Period,
        ending: Ending,
    ) -> Result<Self, PeriodRefusal> {
        let period = period.within_limits()?;
        let counted = match period.hours() {
            Some(hours) => Self::in_hours(starts, period, hours),
            None => Self::in_days(starts, period, ending),
        };
        counted.ok_or(PeriodRefusal::OutsideCalendar)
    }

    fn in_hours(starts: TimestampMicros, period: Period, hours: u32) -> Option<Self> {
        let micros = u64::from(hours).checked_mul(zone::HOUR_MICROS)?;
        let ends_at = TimestampMicros(starts.0.checked_add(micros)?);
        let last_day = zone::date(ends_at)?;
        Some(Self {
            starts,
            period,
            counted_from: zone::date(starts)?,
            nominal_end: last_day,
            shifted_because: None,
            last_day,
            ends_at,
        })
    }

    fn in_days(starts: TimestampMicros, period: Period, ending: Ending) -> Option<Self> {
        let event = zone::date(starts)?;
        let counted_from = event.tomorrow().ok()?;
        let nominal_end = period.after(event)?;
        let (last_day, shifted_because) = match ending {
            Ending::Act => last_day_to_act(counted_from, nominal_end)?,
            Ending::Keep => (nominal_end, None),
        };
        let ends_at = zone::end_of(last_day)?;
        Some(Self { starts, period, counted_from, nominal_end, shifted_because, last_day, ends_at })
    }
}

/// The last day on which somebody may act, and why if it is not the nominal one.
fn last_day_to_act(counted_from: Date, nominal_end: Date) -> Option<(Date, Option<Shift>)> {
    let first = workdays::this_or_next(counted_from)?;
    let second = next_working_day(first)?;
    if nominal_end > counted_from && second > workdays::this_or_next(nominal_end)? {
        return Some((second, Some(Shift::TwoWorkingDays)));
    }
    let shift = day_off(nominal_end).map(Shift::DayOff);
    Some((workdays::this_or_next(nominal_end)?, shift))
}

/// The last microsecond of the school year that a moment lies in: 31 July.
///
/// A term "two years after the school year" is kept from here.
///
/// # Errors
///
/// A moment outside the calendar.
// SOURCE: WPO article 1 and WVO 2020 article 1.1: a school year is 1 August to 31 July.
pub fn end_of_school_year(at: TimestampMicros) -> Result<TimestampMicros, PeriodRefusal> {
    zone::date(at).and_then(last_of_july).ok_or(PeriodRefusal::OutsideCalendar)
}

/// The last moment of a year in the Netherlands.
#[must_use]
pub fn end_of_year(year: u16) -> Option<TimestampMicros> {
    let last = Date::new(i16::try_from(year).ok()?, 12, 31).ok()?;
    zone::end_of(last)
}

/// What the clock shows in the Netherlands, like `2026-11-28 05:48`; nothing beyond the year 9999.
#[must_use]
pub fn local_text(at: TimestampMicros) -> Option<String> {
    zone::local(at).map(|at| at.strftime("%Y-%m-%d %H:%M").to_string())
}

/// The year of a moment in Europe/Amsterdam: the trail has a term for each.
///
/// # Errors
///
/// A moment outside the calendar.
pub fn year_of(at: TimestampMicros) -> Result<u16, PeriodRefusal> {
    let year = zone::date(at).and_then(|day| u16::try_from(day.year()).ok());
    year.ok_or(PeriodRefusal::OutsideCalendar)
}

/// The first Sunday after a moment on which the clock in the Netherlands shows this hour; an hour
/// that the clock skips is the one after, and of an hour that comes twice it is the first.
///
/// # Errors
///
/// A moment outside the calendar, or an hour that no day has.
pub fn sunday_after(at: TimestampMicros, hour: u8) -> Result<TimestampMicros, PeriodRefusal> {
    let hour = i8::try_from(hour).ok().filter(|hour| *hour < 24);
    let moment = hour.and_then(|hour| zone::sunday_after(at, hour));
    moment.ok_or(PeriodRefusal::OutsideCalendar)
}

fn last_of_july(day: Date) -> Option<TimestampMicros> {
    let year = if day.month() > 7 { day.year().checked_add(1)? } else { day.year() };
    zone::end_of(Date::new(year, 7, 31).ok()?)
}
