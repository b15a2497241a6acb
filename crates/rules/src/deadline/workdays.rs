//! Which days are working days in the Netherlands.
//!
//! A day declared equal to a holiday for some years (Algemene termijnenwet article 3(3)) is no
//! holiday here, so that a period ends rather too early than too late.
//!
//! *Invariant:* today's law for every year; King's Day as it has been since 2014.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// A public holiday.
// SOURCE: Algemene termijnenwet article 3(1); Good Friday through 3(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holiday {
    /// 1 January.
    NewYear,
    /// Two days before Easter.
    GoodFriday,
    /// The day after Easter.
    EasterMonday,
    /// 27 April, or the 26th where the 27th is a Sunday.
    KingsDay,
    /// 5 May.
    LiberationDay,
    /// Thirty-nine days after Easter.
    AscensionDay,
    /// Fifty days after Easter.
    WhitMonday,
    /// 25 December.
    ChristmasDay,
    /// 26 December.
    SecondChristmasDay,
}

/// Why a day is no working day; a holiday in a weekend is named as the holiday.
// SOURCE: Regulation 1182/71 article 2(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayOff {
    /// The sixth day of the week.
    Saturday,
    /// The seventh; Easter and Whit Sunday are nothing more.
    Sunday,
    /// A public holiday.
    Holiday(Holiday),
}

/// Whether a day is a public holiday.
#[must_use]
pub fn is_holiday(day: Date) -> bool {
    holiday(day).is_some()
}

/// Why a day is no working day, or `None` for a working day.
#[must_use]
pub fn day_off(day: Date) -> Option<DayOff> {
    let weekend = match day.weekday() {
        Weekday::Saturday => Some(DayOff::Saturday),
        Weekday::Sunday => Some(DayOff::Sunday),
        _ => None,
    };
    holiday(day).map(DayOff::Holiday).or(weekend)
}

/// The first working day after a day; `None` only where the calendar ends, in the year 9999.
#[must_use]
pub fn next_working_day(day: Date) -> Option<Date> {
    this_or_next(day.tomorrow().ok()?)
}

/// A day itself, or the first working day after it.
pub(super) fn this_or_next(day: Date) -> Option<Date> {
    let mut day = day;
    while day_off(day).is_some() {
        day = day.tomorrow().ok()?;
    }
    Some(day)
}

fn holiday(day: Date) -> Option<Holiday> {
    fixed(day).or_else(|| movable(day))
}

fn fixed(day: Date) -> Option<Holiday> {
    match (day.month(), day.day(), day.weekday()) {
        (1, 1, _) => Some(Holiday::NewYear),
        (4, 26, Weekday::Saturday) => Some(Holiday::KingsDay),
        (4, 27, weekday) if weekday != Weekday::Sunday => Some(Holiday::KingsDay),
        (5, 5, _) => Some(Holiday::LiberationDay),
        (12, 25, _) => Some(Holiday::ChristmasDay),
        (12, 26, _) => Some(Holiday::SecondChristmasDay),
        _ => None,
    }
}

fn movable(day: Date) -> Option<Holiday> {
    match day.day_of_year().checked_sub(easter(day.year())?.day_of_year())? {
        -2 => Some(Holiday::GoodFriday),
        1 => Some(Holiday::EasterMonday),
        39 => Some(Holiday::AscensionDay),
        50 => Some(Holiday::WhitMonday),
        _ => None,
    }
}

/// Easter Sunday of the Gregorian calendar.
// SOURCE: the anonymous Gregorian computus, J. Meeus, Astronomical Algorithms, chapter 8.
fn easter(year: i16) -> Option<Date> {
    let year_number = i32::from(year);
    let golden = year_number % 19;
    let (century, in_century) = (year_number / 100, year_number % 100);
    let moon_shift = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - moon_shift + 15) % 30;
    let to_sunday = (32 + 2 * (century % 4) + 2 * (in_century / 4) - epact - in_century % 4) % 7;
    let late = (golden + 11 * epact + 22 * to_sunday) / 451;
    let after_22_march = epact + to_sunday - 7 * late;
    Date::new(year, 3, 22).ok()?.checked_add(after_22_march.days()).ok()
}
