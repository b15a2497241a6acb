//! The periods against cases that another program counted (`cases.py`), and their laws.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use proptest::prelude::*;
use record::TimestampMicros;

use super::*;

const CASES: &str = include_str!("cases.csv");

/// One line of the cases.
#[derive(Clone, Debug, PartialEq)]
struct Case {
    why: String,
    starts: TimestampMicros,
    period: Period,
    ending: String,
    counted_from: Date,
    nominal_end: Date,
    shift: String,
    last_day: Date,
    ends_at: TimestampMicros,
}

impl Case {
    fn parse(line: &str) -> Self {
        let [why, starts, period, ending, counted_from, nominal_end, shift, last_day, ends_at] =
            line.split(',').collect::<Vec<_>>().try_into().unwrap();
        Self {
            why: why.into(),
            starts: at(starts),
            period: Period::parse(period).unwrap(),
            ending: ending.into(),
            counted_from: day(counted_from),
            nominal_end: day(nominal_end),
            shift: shift.into(),
            last_day: day(last_day),
            ends_at: at(ends_at),
        }
    }

    fn counted(&self) -> Deadline {
        match self.ending.as_str() {
            "act" => Deadline::to_act(self.starts, self.period).unwrap(),
            "keep" => Deadline::to_keep(self.starts, self.period).unwrap(),
            other => panic!("`{other}`"),
        }
    }
}

fn cases() -> Vec<Case> {
    CASES.lines().skip(1).map(Case::parse).collect()
}

fn at(text: &str) -> TimestampMicros {
    let timestamp: Timestamp = text.parse().unwrap();
    TimestampMicros(timestamp.as_microsecond().try_into().unwrap())
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn shift_name(shift: Option<Shift>) -> &'static str {
    match shift {
        None => "",
        Some(Shift::TwoWorkingDays) => "two-working-days",
        Some(Shift::DayOff(DayOff::Saturday)) => "saturday",
        Some(Shift::DayOff(DayOff::Sunday)) => "sunday",
        Some(Shift::DayOff(DayOff::Holiday(holiday))) => match holiday {
            Holiday::NewYear => "new-year",
            Holiday::GoodFriday => "good-friday",
            Holiday::EasterMonday => "easter-monday",
            Holiday::KingsDay => "kings-day",
            Holiday::LiberationDay => "liberation-day",
            Holiday::AscensionDay => "ascension-day",
            Holiday::WhitMonday => "whit-monday",
            Holiday::ChristmasDay => "christmas-day",
            Holiday::SecondChristmasDay => "second-christmas-day",
        },
    }
}

#[test]
fn every_case_is_counted_as_the_other_program_did() {
    let cases = cases();
    for case in &cases {
        let counted = case.counted();
        let found = Case {
            why: case.why.clone(),
            starts: counted.starts,
            period: counted.period,
            ending: case.ending.clone(),
            counted_from: counted.counted_from,
            nominal_end: counted.nominal_end,
            shift: shift_name(counted.shifted_because).into(),
            last_day: counted.last_day,
            ends_at: counted.ends_at,
        };
        assert_eq!(found, *case);
    }
    println!("{} cases of deadlines, counted twice, are equal", cases.len());
    assert!(cases.len() >= 120);
}

/// The cases reach every reason there is.
#[test]
fn every_kind_of_shift_has_a_case() {
    let shifts: BTreeSet<String> = cases().into_iter().map(|case| case.shift).collect();
    assert_eq!(shifts.len(), 13, "nine holidays, two days of the weekend, two days, none");
}

/// What this module must know is what makes these fail.
#[test]
fn a_count_without_a_rule_is_caught_by_the_cases() {
    let cases = cases();
    let wrong = |end: Count| cases.iter().filter(|case| end(case) != Some(case.last_day)).count();
    assert_eq!(wrong(|case| Some(case.counted().last_day)), 0);
    let variants: [(&str, Count, usize); 4] = [
        ("no day off is known", without_shift, 60),
        ("no holiday is known", without_holidays, 30),
        ("two working days are not asked for", without_two_days, 6),
        ("the day of the event is that of UTC", in_utc, 5),
    ];
    for (rule, end, least) in variants {
        println!("{} of {} cases end on another day where {rule}", wrong(end), cases.len());
        assert!(wrong(end) >= least, "{rule}");
    }
    let utc_ends = cases.iter().filter(|case| {
        let midnight_utc = at(&format!("{}T23:59:59.999999Z", case.last_day));
        case.period.hours().is_none() && midnight_utc != case.ends_at
    });
    assert!(utc_ends.count() >= 100, "a day ends at midnight in the Netherlands");
    let shifted_hours = cases
        .iter()
        .filter(|case| case.period.hours().is_some() && day_off(case.last_day).is_some());
    assert!(shifted_hours.count() >= 5, "hours end on days off, unshifted");
}

/// A way to count: the last day of a case.
type Count = fn(&Case) -> Option<Date>;

fn without_holidays(case: &Case) -> Option<Date> {
    let weekend = |day: Date| matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    let mut last = case.counted().nominal_end;
    while case.ending == "act" && case.period.hours().is_none() && weekend(last) {
        last = last.tomorrow().ok()?;
    }
    Some(last)
}

/// As if the event were at noon of its day in UTC.
fn in_utc(case: &Case) -> Option<Date> {
    let micros = i64::try_from(case.starts.0).ok()?;
    let in_utc = jiff::tz::TimeZone::UTC.to_datetime(Timestamp::from_microsecond(micros).ok()?);
    if case.period.hours().is_some() {
        return Some(case.last_day);
    }
    let noon = Case { starts: at(&format!("{}T12:00Z", in_utc.date())), ..case.clone() };
    Some(noon.counted().last_day)
}

fn without_shift(case: &Case) -> Option<Date> {
    Some(case.counted().nominal_end)
}

fn without_two_days(case: &Case) -> Option<Date> {
    match case.counted().shifted_because {
        Some(Shift::TwoWorkingDays) => workdays::this_or_next(case.nominal_end),
        _ => Some(case.last_day),
    }
}

// --- The calendar -------------------------------------------------------------------------

/// Easter Sundays from published tables, the earliest and latest possible among them.
#[test]
fn easter_is_where_the_tables_have_it() {
    let tables = [
        "1818-03-22",
        "1943-04-25",
        "1961-04-02",
        "1981-04-19",
        "2000-04-23",
        "2008-03-23",
        "2011-04-24",
        "2024-03-31",
        "2025-04-20",
        "2026-04-05",
        "2027-03-28",
        "2038-04-25",
        "2049-04-18",
        "2076-04-19",
        "2285-03-22",
    ];
    for sunday in tables.map(day) {
        let monday = sunday.tomorrow().unwrap();
        assert_eq!(day_off(monday), Some(DayOff::Holiday(Holiday::EasterMonday)), "{sunday}");
        assert_eq!(day_off(sunday), Some(DayOff::Sunday), "{sunday}");
        assert!(!is_holiday(sunday), "Easter Sunday is a Sunday");
    }
}

#[test]
fn the_days_off_of_2026() {
    let year = std::iter::successors(Some(day("2026-01-01")), |day| day.tomorrow().ok());
    let off: Vec<String> = year
        .take_while(|day| day.year() == 2026)
        .filter(|day| is_holiday(*day))
        .map(|day| day.to_string())
        .collect();
    assert_eq!(
        off,
        [
            "2026-01-01",
            "2026-04-03",
            "2026-04-06",
            "2026-04-27",
            "2026-05-05",
            "2026-05-14",
            "2026-05-25",
            "2026-12-25",
            "2026-12-26",
        ]
    );
    assert_eq!(next_working_day(day("2026-04-02")), Some(day("2026-04-07")), "over Easter");
    assert_eq!(next_working_day(day("2026-04-07")), Some(day("2026-04-08")), "strictly after");
    assert_eq!(next_working_day(day("9999-12-31")), None);
}

#[test]
fn a_school_year_ends_on_31_july() {
    let end = |text: &str| end_of_school_year(at(text)).unwrap();
    assert_eq!(end("2026-11-10T12:00Z"), at("2027-07-31T21:59:59.999999Z"));
    assert_eq!(end("2027-07-31T21:59:59.999999Z"), at("2027-07-31T21:59:59.999999Z"));
    assert_eq!(end("2027-07-31T22:00Z"), at("2028-07-31T21:59:59.999999Z"), "1 August here");
    let kept = Deadline::to_keep(end("2026-11-10T12:00Z"), Period::Years(2)).unwrap();
    assert_eq!(kept.ends_at, at("2029-07-31T21:59:59.999999Z"));
}

// --- Limits -------------------------------------------------------------------------------

#[test]
fn a_period_reads_back_and_no_other_text_is_one() {
    for text in ["PT72H", "P10D", "P6W", "P1M", "P3M", "P2Y", "P100Y", "PT876000H"] {
        assert_eq!(Period::parse(text).unwrap().to_string(), text);
    }
    for text in ["", "P", "PT", "P1", "1M", "P1M2D", "P+1M", "P01M", "p1m", "P-1D", "P1H", "PT1M"] {
        assert_eq!(Period::parse(text), Err(PeriodRefusal::Unreadable), "{text}");
    }
    for text in ["PT0H", "P0D", "P0M", "P101Y", "P1201M", "P5201W", "P36501D", "PT876001H"] {
        let refused = Err(PeriodRefusal::OutOfRange { years_max: YEARS_MAX });
        assert_eq!(Period::parse(text), refused, "{text}");
    }
}

#[test]
fn what_lies_outside_the_calendar_is_refused() {
    let outside = Err(PeriodRefusal::OutsideCalendar);
    for starts in [u64::MAX, i64::MAX.cast_unsigned(), at("9999-12-01T00:00Z").0] {
        for period in [REQUEST_ANSWER, Period::Hours(876_000), Period::Days(40)] {
            assert_eq!(Deadline::to_act(TimestampMicros(starts), period), outside);
        }
    }
    assert!(Deadline::to_act(TimestampMicros(0), REQUEST_ANSWER).is_ok());
    assert_eq!(end_of_school_year(TimestampMicros(u64::MAX)), Err(PeriodRefusal::OutsideCalendar));
}

// --- Words --------------------------------------------------------------------------------

fn act(starts: &str, period: Period) -> Deadline {
    Deadline::to_act(at(starts), period).unwrap()
}

#[test]
fn a_deadline_explains_itself() {
    let request = act("2026-01-31T09:00Z", REQUEST_ANSWER);
    assert_eq!(
        request.dutch(),
        "Begonnen op zaterdag 31 januari 2026 om 10:00. De dag zelf telt niet mee. Een maand \
         later is zaterdag 28 februari 2026, de laatste dag van die maand. Dat is een zaterdag, \
         dus de termijn eindigt aan het eind van de eerstvolgende werkdag: maandag 2 maart 2026."
    );
    assert_eq!(
        request.english(),
        "Began on Saturday 31 January 2026 at 10:00. The day itself does not count. One month \
         later is Saturday 28 February 2026, the last day of that month. That is a Saturday, so \
         the period ends at the end of the next working day: Monday 2 March 2026."
    );
    let breach = act("2026-10-25T00:30Z", BREACH_NOTICE);
    assert_eq!(
        breach.dutch(),
        "Begonnen op zondag 25 oktober 2026 om 02:30 (zomertijd). 72 uur later is woensdag 28 \
         oktober 2026 om 01:30. Uren lopen door, ook in het weekend, op feestdagen en als de klok \
         wordt verzet."
    );
    let later = act("2026-10-25T01:30Z", BREACH_NOTICE);
    assert!(later.english().starts_with("Began on Sunday 25 October 2026 at 02:30 (winter time)."));
    let two_days = act("2026-11-13T11:00Z", Period::Days(2)).dutch();
    assert!(two_days.ends_with("de termijn eindigt aan het eind van dinsdag 17 november 2026."));
    let kept = Deadline::to_keep(at("2026-12-25T11:00Z"), Period::Years(2)).unwrap();
    assert!(kept.dutch().ends_with("een bewaartermijn schuift niet op."), "{}", kept.dutch());
    let example = act("2026-03-03T09:00Z", REQUEST_ANSWER).dutch();
    assert!(include_str!("../../../../docs/deadlines.md").contains(&example), "{example}");
}

#[test]
fn what_is_left_is_said_in_whole_hours() {
    let breach = act("2026-11-10T09:00Z", BREACH_NOTICE);
    let said = |now: &str| {
        let remaining = breach.remaining(at(now));
        format!("{} / {}", remaining.dutch(), remaining.english())
    };
    assert_eq!(said("2026-11-12T02:00Z"), "nog 31 uur / 31 hours left");
    assert_eq!(said("2026-11-12T02:00:00.000001Z"), "nog 30 uur / 30 hours left");
    assert_eq!(said("2026-11-13T08:00Z"), "nog 1 uur / 1 hour left");
    assert_eq!(said("2026-11-13T09:00Z"), "nog minder dan een uur / less than an hour left");
    assert_eq!(
        said("2026-11-13T09:00:00.000001Z"),
        "minder dan een uur te laat / less than an hour late"
    );
    assert_eq!(said("2026-11-13T13:30Z"), "4 uur te laat / 4 hours late");
    assert!(!breach.is_over(breach.ends_at));
    assert!(breach.is_over(TimestampMicros(breach.ends_at.0 + 1)));
}

// --- Laws ---------------------------------------------------------------------------------

const DAY_MICROS: u64 = 24 * zone::HOUR_MICROS;

fn periods() -> impl Strategy<Value = Period> {
    prop_oneof![
        (1..=2_000_u32).prop_map(Period::Hours),
        (1..=400_u16).prop_map(Period::Days),
        (1..=60_u16).prop_map(Period::Weeks),
        (1..=40_u16).prop_map(Period::Months),
        (1..=100_u16).prop_map(Period::Years),
    ]
}

/// From 2014 to 2100.
fn moments() -> impl Strategy<Value = TimestampMicros> {
    (at("2014-01-01T00:00Z").0..at("2100-01-01T00:00Z").0).prop_map(TimestampMicros)
}

proptest! {
    /// No day that the period must have is taken off: a short month is the only shorter one.
    #[test]
    fn a_period_has_passed_before_it_ends(starts in moments(), period in periods()) {
        let least = match period {
            Period::Hours(hours) => u64::from(hours) * zone::HOUR_MICROS,
            // A day in which the clock goes forward has 23 hours; the last microsecond is short.
            Period::Days(days) => u64::from(days) * DAY_MICROS - zone::HOUR_MICROS - 1,
            Period::Weeks(weeks) => u64::from(weeks) * 7 * DAY_MICROS - zone::HOUR_MICROS - 1,
            Period::Months(months) => u64::from(months) * 28 * DAY_MICROS - zone::HOUR_MICROS - 1,
            Period::Years(years) => u64::from(years) * 365 * DAY_MICROS - zone::HOUR_MICROS - 1,
        };
        for counted in [Deadline::to_act(starts, period), Deadline::to_keep(starts, period)] {
            prop_assert!(counted.unwrap().ends_at.0 - starts.0 >= least);
        }
    }

    #[test]
    fn to_act_ends_with_a_working_day_and_has_two(starts in moments(), period in periods()) {
        let counted = Deadline::to_act(starts, period).unwrap();
        if let Period::Hours(hours) = period {
            prop_assert_eq!(counted.ends_at.0, starts.0 + u64::from(hours) * zone::HOUR_MICROS);
            prop_assert_eq!(counted.shifted_because, None);
            return Ok(());
        }
        prop_assert_eq!(day_off(counted.last_day), None);
        prop_assert_eq!(zone::date(counted.ends_at), Some(counted.last_day));
        let next = TimestampMicros(counted.ends_at.0 + 1);
        prop_assert_eq!(zone::local(next).unwrap().time(), jiff::civil::time(0, 0, 0, 0));
        prop_assert_eq!(counted.shifted_because.is_some(), counted.last_day > counted.nominal_end);
        let days = std::iter::successors(Some(counted.counted_from), |day| day.tomorrow().ok());
        let working = days.take_while(|day| *day <= counted.last_day);
        let working = working.filter(|day| day_off(*day).is_none()).count();
        let least = if period == Period::Days(1) { 1 } else { 2 };
        prop_assert!(working >= least);
    }

    #[test]
    fn to_keep_ends_with_the_date_itself(starts in moments(), period in periods()) {
        let counted = Deadline::to_keep(starts, period).unwrap();
        prop_assert_eq!(counted.last_day, counted.nominal_end);
        prop_assert!(counted.ends_at <= Deadline::to_act(starts, period).unwrap().ends_at);
    }

    #[test]
    fn a_later_start_never_ends_earlier(
        starts in moments(), later in 0..60 * DAY_MICROS, period in periods(),
    ) {
        let second = TimestampMicros(starts.0 + later);
        for count in [Deadline::to_act, Deadline::to_keep] {
            let (first, second) = (count(starts, period).unwrap(), count(second, period).unwrap());
            prop_assert!(first.ends_at <= second.ends_at);
        }
    }

    #[test]
    fn an_extension_ends_after_the_first_month(starts in moments()) {
        let first = Deadline::to_act(starts, REQUEST_ANSWER).unwrap();
        let extended = Deadline::to_act(starts, REQUEST_ANSWER_EXTENDED).unwrap();
        prop_assert!(extended.ends_at.0 - first.ends_at.0 >= 54 * DAY_MICROS);
    }

    #[test]
    fn any_number_is_counted_or_refused(starts: u64, hours: u32, other: u16) {
        for period in [
            Period::Hours(hours), Period::Days(other), Period::Weeks(other),
            Period::Months(other), Period::Years(other),
        ] {
            if let Ok(counted) = Deadline::to_act(TimestampMicros(starts), period) {
                prop_assert!(counted.ends_at.0 > starts);
                prop_assert!(!counted.dutch().is_empty() && !counted.english().is_empty());
            }
        }
    }
}

#[test]
fn a_year_ends_with_its_last_moment_in_the_netherlands() {
    let end = end_of_year(2026).unwrap();
    assert_eq!(local_text(end).as_deref(), Some("2026-12-31 23:59"));
    let next = TimestampMicros(end.0 + 1);
    assert_eq!(local_text(next).as_deref(), Some("2027-01-01 00:00"));
    assert_eq!(end_of_year(40_000), None);
}
