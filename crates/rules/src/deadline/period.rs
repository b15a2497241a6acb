//! How long a period is, and its text form.
//!
//! *Invariant:* the text form is the ISO 8601 duration of one unit, and reads back as itself.

use std::fmt;

use jiff::Span;
use jiff::civil::Date;

use super::PeriodRefusal;

/// The longest period: no term of the law or of an agreement here comes near it.
pub const YEARS_MAX: u16 = 100;

/// A period in one unit, as a law or an agreement expresses it.
///
/// At least one, at most [`YEARS_MAX`] years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Period {
    /// Exact hours.
    Hours(u32),
    /// Days, of which the day of the event is none.
    Days(u16),
    /// Weeks, to the same day of the week.
    Weeks(u16),
    /// Months, to the same date or the last day of the month.
    Months(u16),
    /// Years, to the same date or the last day of the month.
    Years(u16),
}

impl Period {
    /// Reads the text form: `PT72H`, `P10D`, `P6W`, `P1M` or `P2Y`.
    ///
    /// # Errors
    ///
    /// Any other text, and a period outside its limits.
    pub fn parse(text: &str) -> Result<Self, PeriodRefusal> {
        let read = Self::read(text).filter(|read| read.to_string() == text);
        read.ok_or(PeriodRefusal::Unreadable)?.within_limits()
    }

    /// The period itself, if it is within its limits.
    ///
    /// # Errors
    ///
    /// Nothing, or more than [`YEARS_MAX`] years.
    pub fn within_limits(self) -> Result<Self, PeriodRefusal> {
        let years_max = u32::from(YEARS_MAX);
        let (count, in_a_year) = match self {
            Self::Hours(hours) => (hours, 365 * 24),
            Self::Days(days) => (days.into(), 365),
            Self::Weeks(weeks) => (weeks.into(), 52),
            Self::Months(months) => (months.into(), 12),
            Self::Years(years) => (years.into(), 1),
        };
        let fits = (1..=in_a_year * years_max).contains(&count);
        if fits { Ok(self) } else { Err(PeriodRefusal::OutOfRange { years_max: YEARS_MAX }) }
    }

    /// Its hours, if it is expressed in them.
    pub(super) fn hours(self) -> Option<u32> {
        if let Self::Hours(hours) = self { Some(hours) } else { None }
    }

    /// The last day of a period in days or longer, from the day of the event.
    ///
    /// The day of the event is the one whose name or date returns: from Monday to Monday.
    // SOURCE: Regulation 1182/71 article 3(2)(c); CJEU C-171/03 (Toeters), points 33 and 36.
    pub(super) fn after(self, event: Date) -> Option<Date> {
        let span = match self {
            Self::Hours(_) => return None,
            Self::Days(days) => Span::new().try_days(days),
            Self::Weeks(weeks) => Span::new().try_weeks(weeks),
            Self::Months(months) => Span::new().try_months(months),
            Self::Years(years) => Span::new().try_years(years),
        };
        event.checked_add(span.ok()?).ok()
    }

    fn read(text: &str) -> Option<Self> {
        let text = text.strip_prefix('P')?;
        if let Some(hours) = text.strip_prefix('T') {
            return hours.strip_suffix('H')?.parse().ok().map(Self::Hours);
        }
        let number = |unit: char| text.strip_suffix(unit)?.parse().ok();
        let days = number('D').map(Self::Days);
        let weeks = number('W').map(Self::Weeks);
        let months = number('M').map(Self::Months);
        days.or(weeks).or(months).or_else(|| number('Y').map(Self::Years))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hours(hours) => write!(f, "PT{hours}H"),
            Self::Days(days) => write!(f, "P{days}D"),
            Self::Weeks(weeks) => write!(f, "P{weeks}W"),
            Self::Months(months) => write!(f, "P{months}M"),
            Self::Years(years) => write!(f, "P{years}Y"),
        }
    }
}
