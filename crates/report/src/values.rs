//! Values that a cell can hold: numbers, days, durations and the moment of making.
//!
//! *Invariant:* a value that exists can be written in every form without loss: 15 digits and the
//! years from 1900 on are what a spreadsheet keeps.

use std::fmt;

/// Digits that a spreadsheet keeps of a number.
pub const DIGITS_MAX: u32 = 15;
/// Digits behind the point.
pub const DECIMALS_MAX: u8 = 9;
/// First and last year of a date; a spreadsheet counts days from 1900 on.
pub const YEARS: (u16, u16) = (1900, 9999);

const UNITS_LIMIT: u64 = 10u64.pow(DIGITS_MAX);
const MINUTES_IN_AN_HOUR: u32 = 60;

/// A value that cannot be written in every form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongValue {
    /// More digits than [`DIGITS_MAX`], or more decimals than [`DECIMALS_MAX`].
    #[error("a number has at most {DIGITS_MAX} digits and {DECIMALS_MAX} decimals")]
    Number,
    /// No day of the calendar, or outside [`YEARS`].
    #[error("a date is a day from the year 1900 on")]
    Date,
    /// Not of the form `2026-11-27T14:05:00+01:00`.
    #[error("a moment is a date, a time and a zone as in RFC 3339, without fractions")]
    Moment,
}

/// An exact decimal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    units: i64,
    decimals: u8,
}

impl Number {
    /// `units` divided by ten to the power `decimals`: `(1250, 2)` is 12.50.
    ///
    /// # Errors
    /// More than [`DIGITS_MAX`] digits or [`DECIMALS_MAX`] decimals.
    pub fn new(units: i64, decimals: u8) -> Result<Self, WrongValue> {
        let fits = units.unsigned_abs() < UNITS_LIMIT && decimals <= DECIMALS_MAX;
        fits.then_some(Self { units, decimals }).ok_or(WrongValue::Number)
    }

    /// The nearest binary number: what a spreadsheet keeps. 15 digits survive the way there and back.
    pub(crate) fn binary(self) -> f64 {
        self.to_string().parse().unwrap_or_default()
    }

    pub(crate) fn decimals(self) -> u8 {
        self.decimals
    }
}

impl From<u32> for Number {
    fn from(count: u32) -> Self {
        Self { units: i64::from(count), decimals: 0 }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let scale = 10u64.pow(u32::from(self.decimals));
        let (whole, rest) = (self.units.unsigned_abs() / scale, self.units.unsigned_abs() % scale);
        match usize::from(self.decimals) {
            0 => write!(out, "{sign}{whole}"),
            places => write!(out, "{sign}{whole}.{rest:0places$}"),
        }
    }
}

/// A day of the Gregorian calendar; written as ISO 8601.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day of this year, month from 1 and day from 1.
    ///
    /// # Errors
    /// No such day, or a year outside [`YEARS`].
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, WrongValue> {
        let leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => 0,
        };
        let exists = (YEARS.0..=YEARS.1).contains(&year) && (1..=days).contains(&day);
        exists.then_some(Self { year, month, day }).ok_or(WrongValue::Date)
    }

    /// Days since 1970-01-01, in the calendar that begins its years in March (Hinnant).
    fn unix_days(self) -> i64 {
        let (month, day) = (i64::from(self.month), i64::from(self.day));
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        365 * year + year / 4 - year / 100 + year / 400 + of_year - 719_468
    }

    pub(crate) fn parts(self) -> (u16, u8, u8) {
        (self.year, self.month, self.day)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// A duration in whole minutes; written as hours and minutes, `37:05`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Minutes(pub u32);

impl Minutes {
    /// What a spreadsheet keeps: a part of a day.
    pub(crate) fn days(self) -> f64 {
        f64::from(self.0) / f64::from(24 * MINUTES_IN_AN_HOUR)
    }
}

impl fmt::Display for Minutes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{:02}", self.0 / MINUTES_IN_AN_HOUR, self.0 % MINUTES_IN_AN_HOUR)
    }
}

/// A date and time with its zone, to the second; shown to the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    date: Date,
    hour: u8,
    minute: u8,
    second: u8,
    zone: Zone,
}

/// How far local time is ahead of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Zone {
    behind: bool,
    hours: u8,
    minutes: u8,
}

impl Moment {
    /// Reads `2026-11-27T14:05:00+01:00`, or `Z` for the zone.
    ///
    /// # Errors
    /// Any other form, or a date or time that does not exist.
    pub fn parse(text: &str) -> Result<Self, WrongValue> {
        Self::read(text).ok_or(WrongValue::Moment)
    }

    fn read(text: &str) -> Option<Self> {
        let (date, rest) = text.split_once('T')?;
        let time = rest.get(..8)?;
        let zone = rest.get(8..)?;
        let [year, month, day] = fields::<3>(date, '-', [4, 2, 2])?;
        let [hour, minute, second] = fields::<3>(time, ':', [2, 2, 2])?;
        let small = |number: u16, limit: u8| u8::try_from(number).ok().filter(|it| *it < limit);
        let date = Date::new(year, small(month, 13)?, small(day, 32)?).ok()?;
        let (hour, minute) = (small(hour, 24)?, small(minute, 60)?);
        let zone = match (zone, zone.get(..1)?, zone.get(1..)?) {
            ("Z", ..) => Zone { behind: false, hours: 0, minutes: 0 },
            (_, sign @ ("+" | "-"), ahead) => {
                let [hours, minutes] = fields::<2>(ahead, ':', [2, 2])?;
                Zone { behind: sign == "-", hours: small(hours, 24)?, minutes: small(minutes, 60)? }
            }
            _ => return None,
        };
        Some(Self { date, hour, minute, second: small(second, 60)?, zone })
    }

    pub(crate) fn date(self) -> Date {
        self.date
    }

    /// Seconds since 1970-01-01 in UTC.
    pub(crate) fn unix_seconds(self) -> i64 {
        let seconds = |hours: u8, minutes: u8| i64::from(hours) * 3600 + i64::from(minutes) * 60;
        let ahead = seconds(self.zone.hours, self.zone.minutes);
        let local = seconds(self.hour, self.minute) + i64::from(self.second);
        let utc = if self.zone.behind { local + ahead } else { local - ahead };
        self.date.unix_days() * 86_400 + utc
    }

    pub(crate) fn time(self) -> (u8, u8, u8) {
        (self.hour, self.minute, self.second)
    }

    /// Hours ahead of UTC, negative for behind, and minutes in the same direction.
    pub(crate) fn zone(self) -> (i8, u8) {
        let hours = i8::try_from(self.zone.hours).unwrap_or_default();
        (if self.zone.behind { -hours } else { hours }, self.zone.minutes)
    }
}

/// Numbers of exactly these lengths, with a separator between them.
fn fields<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[u16; N]> {
    let mut found = [0; N];
    let mut parts = text.split(separator);
    for (place, length) in found.iter_mut().zip(digits) {
        let part = parts.next()?;
        let right = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        *place = right.then(|| part.parse().ok())??;
    }
    parts.next().is_none().then_some(found)
}

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.zone.behind { '-' } else { '+' };
        let (hours, minutes) = (self.zone.hours, self.zone.minutes);
        write!(out, "{} {:02}:{:02} ", self.date, self.hour, self.minute)?;
        write!(out, "{sign}{hours:02}:{minutes:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_exactly() {
        let written = |units, decimals| Number::new(units, decimals).unwrap().to_string();
        assert_eq!(written(1250, 2), "12.50");
        assert_eq!(written(-5, 3), "-0.005");
        assert_eq!(written(-999_999_999_999_999, 0), "-999999999999999");
        assert_eq!(Number::new(1_000_000_000_000_000, 0), Err(WrongValue::Number));
        assert_eq!(Number::new(1, 10), Err(WrongValue::Number));
    }

    #[test]
    fn only_days_that_exist() {
        assert_eq!(Date::new(2028, 2, 29).unwrap().to_string(), "2028-02-29");
        for (year, month, day) in
            [(2026, 2, 29), (1900, 2, 29), (2026, 0, 1), (2026, 13, 1), (2026, 1, 0), (1899, 1, 1)]
        {
            assert_eq!(Date::new(year, month, day), Err(WrongValue::Date), "{year} {month} {day}");
        }
    }

    #[test]
    fn a_moment_is_read_strictly() {
        let read = |text| Moment::parse(text).map(|moment| moment.to_string());
        assert_eq!(read("2026-11-27T14:05:59+01:00").unwrap(), "2026-11-27 14:05 +01:00");
        assert_eq!(read("2026-11-27T14:05:59Z").unwrap(), "2026-11-27 14:05 +00:00");
        assert_eq!(Moment::parse("2026-11-27T14:05:59-03:30").unwrap().zone(), (-3, 30));
        for wrong in [
            "",
            "2026-11-27",
            "2026-11-27T14:05:59",
            "2026-11-27T24:05:59Z",
            "2026-11-27T14:05:59+1:00",
            "2026-11-31T14:05:59Z",
            "2026-11-27T14:05:5éZ",
            "+026-11-27T14:05:59Z",
            "2026-11-27T14:05:59Zz",
        ] {
            assert_eq!(read(wrong), Err(WrongValue::Moment), "{wrong}");
        }
    }

    #[test]
    fn a_moment_knows_its_second() {
        let seconds = |text| Moment::parse(text).unwrap().unix_seconds();
        assert_eq!(seconds("1970-01-01T01:00:00+01:00"), 0);
        assert_eq!(seconds("2000-02-29T23:59:59Z"), 951_868_799);
        assert_eq!(seconds("2026-12-31T20:30:00-03:30"), 1_798_761_600);
    }

    #[test]
    fn hours_go_past_a_day() {
        assert_eq!(Minutes(37 * 60 + 5).to_string(), "37:05");
        assert_eq!(Minutes(0).to_string(), "0:00");
    }
}
