//! A deadline in plain words, Dutch and English.
//!
//! *Invariant:* a sentence holds times and dates only, nothing of a person.

use jiff::civil::Date;
use record::TimestampMicros;

use super::zone::{self, Fold, HOUR_MICROS};
use super::{DayOff, Deadline, Holiday, Period, Shift, day_off};

/// What is left of a period, or how long it has been over, in whole hours.
///
/// Both are rounded down, so that nobody is promised an hour that is not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remaining {
    /// In time.
    Left {
        /// Whole hours.
        hours: u64,
    },
    /// Too late.
    Late {
        /// Whole hours.
        hours: u64,
    },
}

impl Remaining {
    /// "nog 31 uur", "4 uur te laat".
    #[must_use]
    pub fn dutch(self) -> String {
        match self {
            Self::Left { hours: 0 } => "nog minder dan een uur".into(),
            Self::Left { hours } => format!("nog {hours} uur"),
            Self::Late { hours: 0 } => "minder dan een uur te laat".into(),
            Self::Late { hours } => format!("{hours} uur te laat"),
        }
    }

    /// "31 hours left", "4 hours late".
    #[must_use]
    pub fn english(self) -> String {
        match self {
            Self::Left { hours: 0 } => "less than an hour left".into(),
            Self::Left { hours: 1 } => "1 hour left".into(),
            Self::Left { hours } => format!("{hours} hours left"),
            Self::Late { hours: 0 } => "less than an hour late".into(),
            Self::Late { hours: 1 } => "1 hour late".into(),
            Self::Late { hours } => format!("{hours} hours late"),
        }
    }
}

impl Deadline {
    /// What is left at a moment.
    #[must_use]
    pub fn remaining(&self, now: TimestampMicros) -> Remaining {
        match self.ends_at.0.checked_sub(now.0) {
            Some(left) => Remaining::Left { hours: left / HOUR_MICROS },
            None => Remaining::Late { hours: now.0.saturating_sub(self.ends_at.0) / HOUR_MICROS },
        }
    }

    /// How it was counted, for whoever must keep to it.
    #[must_use]
    pub fn dutch(&self) -> String {
        let start = format!("Begonnen op {}.", moment(self.starts, &DUTCH));
        let length = length_dutch(self.period);
        if self.period.hours().is_some() {
            let end = moment(self.ends_at, &DUTCH);
            return format!("{start} {length} later is {end}. {HOURS_RUN_ON_DUTCH}");
        }
        let nominal = date(self.nominal_end, &DUTCH);
        let last_of_month = if self.is_clamped() { ", de laatste dag van die maand" } else { "" };
        let counted = format!("De dag zelf telt niet mee. {length} later is {nominal}");
        format!("{start} {counted}{last_of_month}. {}", self.end_dutch())
    }

    /// The same in English.
    #[must_use]
    pub fn english(&self) -> String {
        let start = format!("Began on {}.", moment(self.starts, &ENGLISH));
        let length = length_english(self.period);
        if self.period.hours().is_some() {
            let end = moment(self.ends_at, &ENGLISH);
            return format!("{start} {length} later is {end}. {HOURS_RUN_ON_ENGLISH}");
        }
        let nominal = date(self.nominal_end, &ENGLISH);
        let last_of_month = if self.is_clamped() { ", the last day of that month" } else { "" };
        let counted = format!("The day itself does not count. {length} later is {nominal}");
        format!("{start} {counted}{last_of_month}. {}", self.end_english())
    }

    fn end_dutch(&self) -> String {
        let last = date(self.last_day, &DUTCH);
        match self.shifted_because {
            Some(Shift::DayOff(day)) => format!(
                "Dat is {}, dus de termijn eindigt aan het eind van de eerstvolgende werkdag: \
                 {last}.",
                day.dutch()
            ),
            Some(Shift::TwoWorkingDays) => format!(
                "Tot dan zijn er geen twee werkdagen, en die horen erin: de termijn eindigt aan \
                 het eind van {last}."
            ),
            None if day_off(self.last_day).is_some() => {
                "Aan het eind van die dag eindigt de termijn: een bewaartermijn schuift niet op."
                    .into()
            }
            None => "Aan het eind van die dag eindigt de termijn.".into(),
        }
    }

    fn end_english(&self) -> String {
        let last = date(self.last_day, &ENGLISH);
        match self.shifted_because {
            Some(Shift::DayOff(day)) => format!(
                "That is {}, so the period ends at the end of the next working day: {last}.",
                day.english()
            ),
            Some(Shift::TwoWorkingDays) => format!(
                "That leaves fewer than two working days, which a period must have: it ends at \
                 the end of {last}."
            ),
            None if day_off(self.last_day).is_some() => {
                "The period ends at the end of that day: a term of retention is not moved.".into()
            }
            None => "The period ends at the end of that day.".into(),
        }
    }

    /// Whether the date of the event is missing in the last month.
    fn is_clamped(&self) -> bool {
        let event = zone::date(self.starts);
        matches!(self.period, Period::Months(_) | Period::Years(_))
            && event.is_some_and(|event| event.day() != self.nominal_end.day())
    }
}

const HOURS_RUN_ON_DUTCH: &str = "Uren lopen door, ook in het weekend, op feestdagen en als de \
    klok wordt verzet.";
const HOURS_RUN_ON_ENGLISH: &str = "Hours run on, also in weekends, on holidays and when the \
    clock changes.";

impl DayOff {
    /// "een zaterdag", "Tweede Paasdag".
    #[must_use]
    pub fn dutch(self) -> &'static str {
        match self {
            Self::Saturday => "een zaterdag",
            Self::Sunday => "een zondag",
            Self::Holiday(holiday) => holiday.dutch(),
        }
    }

    /// "a Saturday", "Easter Monday".
    #[must_use]
    pub fn english(self) -> &'static str {
        match self {
            Self::Saturday => "a Saturday",
            Self::Sunday => "a Sunday",
            Self::Holiday(holiday) => holiday.english(),
        }
    }
}

impl Holiday {
    /// Its Dutch name.
    #[must_use]
    pub fn dutch(self) -> &'static str {
        match self {
            Self::NewYear => "Nieuwjaarsdag",
            Self::GoodFriday => "Goede Vrijdag",
            Self::EasterMonday => "Tweede Paasdag",
            Self::KingsDay => "Koningsdag",
            Self::LiberationDay => "Bevrijdingsdag",
            Self::AscensionDay => "Hemelvaartsdag",
            Self::WhitMonday => "Tweede Pinksterdag",
            Self::ChristmasDay => "Eerste Kerstdag",
            Self::SecondChristmasDay => "Tweede Kerstdag",
        }
    }

    /// Its English name.
    #[must_use]
    pub fn english(self) -> &'static str {
        match self {
            Self::NewYear => "New Year's Day",
            Self::GoodFriday => "Good Friday",
            Self::EasterMonday => "Easter Monday",
            Self::KingsDay => "King's Day",
            Self::LiberationDay => "Liberation Day",
            Self::AscensionDay => "Ascension Day",
            Self::WhitMonday => "Whit Monday",
            Self::ChristmasDay => "Christmas Day",
            Self::SecondChristmasDay => "Boxing Day",
        }
    }
}

fn length_dutch(period: Period) -> String {
    match period {
        Period::Hours(1) => "Een uur".into(),
        Period::Hours(hours) => format!("{hours} uur"),
        Period::Days(1) => "Een dag".into(),
        Period::Days(days) => format!("{days} dagen"),
        Period::Weeks(1) => "Een week".into(),
        Period::Weeks(weeks) => format!("{weeks} weken"),
        Period::Months(1) => "Een maand".into(),
        Period::Months(months) => format!("{months} maanden"),
        Period::Years(1) => "Een jaar".into(),
        Period::Years(years) => format!("{years} jaar"),
    }
}

fn length_english(period: Period) -> String {
    let (count, unit) = match period {
        Period::Hours(hours) => (hours, "hour"),
        Period::Days(days) => (days.into(), "day"),
        Period::Weeks(weeks) => (weeks.into(), "week"),
        Period::Months(months) => (months.into(), "month"),
        Period::Years(years) => (years.into(), "year"),
    };
    if count == 1 { format!("One {unit}") } else { format!("{count} {unit}s") }
}

/// What differs between the languages in a date.
struct Language {
    weekdays: [&'static str; 7],
    months: [&'static str; 12],
    at: &'static str,
    summer: &'static str,
    winter: &'static str,
}

const DUTCH: Language = Language {
    weekdays: ["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"],
    months: [
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
    ],
    at: "om",
    summer: " (zomertijd)",
    winter: " (wintertijd)",
};

const ENGLISH: Language = Language {
    weekdays: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    months: [
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
    ],
    at: "at",
    summer: " (summer time)",
    winter: " (winter time)",
};

/// "dinsdag 10 november 2026 om 10:12"; where the clock shows a time twice, which of them.
fn moment(at: TimestampMicros, language: &Language) -> String {
    let Some(local) = zone::local(at) else { return String::new() };
    let fold = match zone::fold(at) {
        Some(Fold::Summer) => language.summer,
        Some(Fold::Winter) => language.winter,
        None => "",
    };
    let day = date(local.date(), language);
    format!("{day} {} {:02}:{:02}{fold}", language.at, local.hour(), local.minute())
}

/// "dinsdag 10 november 2026".
fn date(day: Date, language: &Language) -> String {
    let weekday = named(&language.weekdays, day.weekday().to_monday_one_offset());
    let month = named(&language.months, day.month());
    format!("{weekday} {} {month} {}", day.day(), day.year())
}

/// The name with a number that is counted from 1.
fn named<'a>(names: &[&'a str], number: i8) -> &'a str {
    let at = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    at.and_then(|at| names.get(at).copied()).unwrap_or_default()
}
