//! Moments as people read and write them: the clock of the Netherlands.
//!
//! *Invariant:* the rules of Europe/Amsterdam are compiled in; no zone file is read.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::language::Language;

static AMSTERDAM: TimeZone = jiff::tz::get!("Europe/Amsterdam");

const DUTCH: [&str; 12] = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
];
const ENGLISH: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn local(micros: u64) -> Option<DateTime> {
    let at = Timestamp::from_microsecond(i64::try_from(micros).ok()?).ok()?;
    Some(AMSTERDAM.to_datetime(at))
}

/// A moment in words; what lies outside the calendar is a dash.
pub(crate) fn words(micros: u64, language: Language) -> String {
    let Some(at) = local(micros) else { return "–".to_owned() };
    format!("{} {:02}:{:02}", day_words(at.date(), language), at.hour(), at.minute())
}

/// A day in words.
pub(crate) fn day(micros: u64, language: Language) -> String {
    local(micros).map_or_else(|| "–".to_owned(), |at| day_words(at.date(), language))
}

fn day_words(date: Date, language: Language) -> String {
    let names = match language {
        Language::Dutch => DUTCH,
        Language::English => ENGLISH,
    };
    let month =
        usize::try_from(date.month()).ok().and_then(|month| names.get(month.checked_sub(1)?));
    format!("{} {} {}", date.day(), month.copied().unwrap_or("–"), date.year())
}

/// A moment for programs that read the page (`datetime`).
pub(crate) fn machine(micros: u64) -> String {
    let at = i64::try_from(micros).ok().and_then(|at| Timestamp::from_second(at / 1_000_000).ok());
    at.map_or_else(String::new, |at| at.to_string())
}

/// A moment as a field of a form shows it: `2026-11-28T14:05`.
#[must_use]
pub fn local_minute(micros: u64) -> String {
    local(micros)
        .map_or_else(String::new, |at| format!("{}T{:02}:{:02}", at.date(), at.hour(), at.minute()))
}

/// The moment that a field of a form says.
#[must_use]
pub fn micros_of_minute(text: &str) -> Option<u64> {
    let at: DateTime = text.trim().parse().ok()?;
    let micros = AMSTERDAM.to_timestamp(at).ok()?.as_microsecond();
    u64::try_from(micros).ok()
}

/// The last microsecond of a day such as `2026-11-28`.
#[must_use]
pub fn end_of_day(text: &str) -> Option<u64> {
    let date: Date = text.trim().parse().ok()?;
    let next = date.tomorrow().ok()?.at(0, 0, 0, 0);
    u64::try_from(AMSTERDAM.to_timestamp(next).ok()?.as_microsecond()).ok()?.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 28 November 2026, 13:05 UTC.
    const AT: u64 = 1_795_871_100_000_000;

    #[test]
    fn a_moment_is_told_by_the_clock_of_the_netherlands() {
        assert_eq!(words(AT, Language::Dutch), "28 november 2026 14:05");
        assert_eq!(words(AT, Language::English), "28 November 2026 14:05");
        assert_eq!(machine(AT), "2026-11-28T13:05:00Z");
        assert_eq!(words(u64::MAX, Language::Dutch), "–");
    }

    #[test]
    fn what_a_field_shows_is_read_back() {
        assert_eq!(micros_of_minute(&local_minute(AT)), Some(AT));
        assert_eq!(end_of_day("2026-11-28"), Some(AT + (9 * 60 + 55) * 60_000_000 - 1));
        assert_eq!(micros_of_minute("morgen"), None);
        assert_eq!(end_of_day("2026-02-30"), None);
    }
}
