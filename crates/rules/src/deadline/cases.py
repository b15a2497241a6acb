#!/usr/bin/env python3
"""Writes cases.csv: legal periods counted by a program that shares nothing with the Rust one.

    python3 -m venv v && v/bin/pip install python-dateutil==2.9.0.post0 holidays==0.109 tzdata
    v/bin/python crates/rules/src/deadline/cases.py > crates/rules/src/deadline/cases.csv

Another calendar (datetime, dateutil), another Easter (dateutil.easter), another copy of the time
zones (zoneinfo), another way to the end: here a period is a set of days that is walked through one
by one; a month is found by its number and not by adding. Before anything is written the
list of holidays is compared with the package `holidays` for 2014 to 2060.
"""

import calendar
import csv
import re
import sys
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import holidays
from dateutil.easter import easter

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
UTC = timezone.utc
DAY = timedelta(days=1)


def days_off(year):
    """Dutch public holidays of a year, as article 3 of the Algemene termijnenwet lists them."""
    sunday = easter(year)
    king = date(year, 4, 27)
    if king.isoweekday() == 7:
        king -= DAY
    # The movable ones first: where two fall together, the fixed one gives the name.
    return {
        sunday - 2 * DAY: "good-friday",
        sunday + 1 * DAY: "easter-monday",
        sunday + 39 * DAY: "ascension-day",
        sunday + 50 * DAY: "whit-monday",
        date(year, 1, 1): "new-year",
        king: "kings-day",
        date(year, 5, 5): "liberation-day",
        date(year, 12, 25): "christmas-day",
        date(year, 12, 26): "second-christmas-day",
    }


def compare_with_package():
    both = (holidays.PUBLIC, holidays.OPTIONAL)
    for year in range(2014, 2061):
        theirs = set(holidays.Netherlands(years=year, categories=both))
        theirs -= {easter(year), easter(year) + 49 * DAY}  # Sundays, not listed in the law
        assert theirs == set(days_off(year)), year


def why_off(day):
    named = days_off(day.year).get(day)
    return named or {6: "saturday", 7: "sunday"}.get(day.isoweekday())


def same_day_after(day, months):
    """The same date `months` months later, or the last day of that month."""
    number = day.year * 12 + (day.month - 1) + months
    year, month = number // 12, number % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def nominal(day, count, unit):
    if unit in "MY":
        return same_day_after(day, count * (12 if unit == "Y" else 1))
    last = day
    for _ in range(count * (7 if unit == "W" else 1)):
        last += DAY
    return last


def last_moment(day):
    end = datetime(day.year, day.month, day.day, 23, 59, 59, 999999, tzinfo=AMSTERDAM)
    return end.astimezone(UTC)


def counted(start, period, mode):
    hours = re.fullmatch(r"PT(\d+)H", period)
    first = start.astimezone(AMSTERDAM).date()
    if hours:
        end = start + timedelta(hours=int(hours[1]))
        last = end.astimezone(AMSTERDAM).date()
        return first, last, "", last, end
    count, unit = re.fullmatch(r"P(\d+)([DWMY])", period).groups()
    ends = nominal(first, int(count), unit)
    days = [first + n * DAY for n in range(1, (ends - first).days + 1)]
    reason = ""
    if mode == "act":
        if why_off(days[-1]):
            reason = why_off(days[-1])
            while why_off(days[-1]):
                days.append(days[-1] + DAY)
        if ends > first + DAY:  # two days or more
            while sum(1 for day in days if not why_off(day)) < 2:
                reason = "two-working-days"
                days.append(days[-1] + DAY)
    return days[0], ends, reason, days[-1], last_moment(days[-1])


# why; the moment (local time unless it ends in Z; `*` is the second time of a repeated hour);
# the period; act: somebody must act before the end; keep: something is kept until the end.
CASES = """
an ordinary month                              | 2026-11-10 10:12 | P1M | act
31 January, common year                        | 2026-01-31 10:00 | P1M | act
31 January, leap year                          | 2028-01-31 10:00 | P1M | act
30 January, common year                        | 2026-01-30 09:00 | P1M | act
29 January, common year                        | 2027-01-29 09:00 | P1M | act
28 February stays the 28th                     | 2026-02-28 12:00 | P1M | act
29 February to 29 March                        | 2028-02-29 12:00 | P1M | act
31 March to 30 April                           | 2026-03-31 08:00 | P1M | act
31 May to 30 June                              | 2026-05-31 08:00 | P1M | act
31 August to 30 September                      | 2026-08-31 16:45 | P1M | act
31 October to 30 November                      | 2026-10-31 16:45 | P1M | act
30 November to 30 December                     | 2026-11-30 16:45 | P1M | act
31 December to 31 January                      | 2026-12-31 16:45 | P1M | act
28 February of a century without a leap day    | 2100-01-31 12:00 | P1M | act
29 February 2400 is there                      | 2400-01-31 12:00 | P1M | act
ends on a Saturday                             | 2026-09-10 11:00 | P1M | act
ends on a Sunday                               | 2026-09-11 11:00 | P1M | act
ends on a Friday                               | 2026-09-09 11:00 | P1M | act
ends on a Monday                               | 2026-09-12 11:00 | P1M | act
ends at New Year, a Friday                     | 2026-12-01 11:00 | P1M | act
ends at New Year, a Saturday                   | 2027-12-01 11:00 | P1M | act
ends at New Year, a Sunday                     | 2022-12-01 11:00 | P1M | act
ends at New Year, a Wednesday                  | 2024-12-01 11:00 | P1M | act
ends on Good Friday, four days off             | 2026-03-03 10:00 | P1M | act
ends on the Saturday before Easter             | 2026-03-04 10:00 | P1M | act
ends on Easter Sunday                          | 2026-03-05 10:00 | P1M | act
ends on Easter Monday                          | 2026-03-06 10:00 | P1M | act
ends on the Thursday before Easter             | 2026-03-02 10:00 | P1M | act
Good Friday in March                           | 2024-02-29 10:00 | P1M | act
an early Easter, Easter Monday on 24 March       | 2008-02-24 10:00 | P1M | act
a late Easter, Easter Monday                   | 2038-03-26 10:00 | P1M | act
an Easter of the corrected century             | 2049-03-19 10:00 | P1M | act
Saturday, Sunday, and then King's Day           | 2026-03-25 10:00 | P1M | act
King's Day, a Tuesday                          | 2027-03-27 10:00 | P1M | act
King's Day moved to Saturday the 26th          | 2025-03-26 10:00 | P1M | act
the 27th after a moved King's Day              | 2025-03-27 10:00 | P1M | act
King's Day moved, 2031                         | 2031-03-26 10:00 | P1M | act
King's Day moved, Monday the 28th is free      | 2031-03-28 10:00 | P1M | act
5 May, a Tuesday                               | 2026-04-05 10:00 | P1M | act
5 May, a Wednesday                             | 2027-04-05 10:00 | P1M | act
5 May and the day after is Ascension Day       | 2032-04-05 10:00 | P1M | act
Ascension Day, the Friday after counts         | 2026-04-14 10:00 | P1M | act
Ascension Day on 5 May                         | 2016-04-05 10:00 | P1M | act
Whit Sunday                                    | 2026-04-24 10:00 | P1M | act
Whit Monday                                    | 2026-04-25 10:00 | P1M | act
Christmas on Friday and Saturday               | 2026-11-25 10:00 | P1M | act
second Christmas day on a Saturday             | 2026-11-26 10:00 | P1M | act
Christmas on Saturday and Sunday               | 2027-11-25 10:00 | P1M | act
second Christmas day on a Sunday               | 2027-11-26 10:00 | P1M | act
Christmas on Thursday and Friday, long         | 2025-11-25 10:00 | P1M | act
Christmas Eve is a working day                 | 2026-11-24 10:00 | P1M | act
New Year's Eve is a working day                | 2026-11-30 10:00 | P31D | act
the Wednesday before Ascension Day             | 2026-04-13 10:00 | P1M | act
received at 23:59 local                        | 2026-06-10 23:59 | P1M | act
received at the last microsecond of the day    | 2026-06-10 23:59:59.999999 | P1M | act
received at 00:00 local                        | 2026-06-11 00:00 | P1M | act
received at 00:30 local, the day before in UTC | 2026-06-11 00:30 | P1M | act
received at 00:30 local on a Tuesday           | 2026-11-10 00:30 | P1M | act
received at 01:30 local in summer              | 2026-07-14 01:30 | P1M | act
six weeks, noticed at 00:15 local              | 2026-09-02 00:15 | P6W | act
22:30 UTC in summer is the next day            | 2026-07-31 22:30Z | P1M | act
23:30 UTC in winter is the next day            | 2026-01-30 23:30Z | P1M | act
22:30 UTC in winter is the same day            | 2026-01-30 22:30Z | P1M | act
received on New Year's Eve at 23:30 local      | 2026-12-31 23:30 | P1M | act
received at New Year 00:30 local               | 2027-01-01 00:30 | P1M | act
received in the first of two hours             | 2026-10-25 02:30 | P1M | act
received in the second of two hours            | 2026-10-25 02:30* | P1M | act
received just before the hour that is missing  | 2026-03-29 01:59:59.999999 | P1M | act
received just after the hour that is missing   | 2026-03-29 03:00 | P1M | act
ends on the day summer time begins             | 2026-02-28 10:00 | P29D | keep
ends on the day summer time ends               | 2026-09-25 10:00 | P1M | keep
ends the day before summer time begins         | 2026-02-28 10:00 | P28D | keep
ends the Monday after summer time began        | 2026-02-28 10:00 | P29D | act
ends the Monday after summer time ended        | 2026-09-25 10:00 | P1M | act
extended: three months                         | 2026-11-10 10:12 | P3M | act
extended: 31 January to 30 April, not 28 April | 2026-01-31 10:00 | P3M | act
extended: 30 November to the end of February   | 2026-11-30 10:00 | P3M | act
extended: 30 November before a leap day        | 2027-11-30 10:00 | P3M | act
extended: ends on Good Friday                  | 2026-01-03 10:00 | P3M | act
extended: ends at Christmas                    | 2026-09-25 10:00 | P3M | act
extended: the first month ended on a Saturday  | 2026-09-10 11:00 | P3M | act
extended over the year's end                   | 2026-12-05 10:00 | P3M | act
six weeks, same day of the week                | 2026-09-01 09:00 | P6W | act
six weeks from a Saturday                      | 2026-09-05 09:00 | P6W | act
six weeks from a Sunday                        | 2026-09-06 09:00 | P6W | act
six weeks to Easter Monday                     | 2026-02-23 09:00 | P6W | act
six weeks to Good Friday                       | 2026-02-20 09:00 | P6W | act
six weeks to Ascension Day                     | 2026-04-02 09:00 | P6W | act
six weeks to Christmas                         | 2026-11-13 09:00 | P6W | act
six weeks over both changes of the year        | 2026-12-01 23:30 | P6W | act
one week                                       | 2026-12-18 12:00 | P1W | act
one day: no minimum                            | 2026-11-12 12:00 | P1D | act
one day to a Saturday: Monday                  | 2026-11-13 12:00 | P1D | act
one day to Good Friday: Tuesday                | 2026-04-02 12:00 | P1D | act
two days from a Thursday: Friday and Monday    | 2026-11-12 12:00 | P2D | act
two days from a Friday: at least two working   | 2026-11-13 12:00 | P2D | act
two days from a Saturday: Monday and Tuesday   | 2026-11-14 12:00 | P2D | act
three days from a Friday                       | 2026-11-13 12:00 | P3D | act
four days from the Thursday before Easter      | 2026-04-02 12:00 | P4D | act
five days from the Thursday before Easter      | 2026-04-02 12:00 | P5D | act
six days from the Thursday before Easter       | 2026-04-02 12:00 | P6D | act
three days over Christmas on Friday            | 2026-12-24 12:00 | P3D | act
ten days over King's Day                       | 2026-04-17 12:00 | P10D | act
fourteen days                                  | 2026-11-10 12:00 | P14D | act
72 hours                                       | 2026-11-10 10:12:13.000014 | PT72H | act
72 hours over the hour that is missing         | 2026-03-27 14:00 | PT72H | act
72 hours over the hour that comes twice        | 2026-10-23 14:00 | PT72H | act
72 hours from the first of two hours           | 2026-10-25 02:30 | PT72H | act
72 hours from the second of two hours          | 2026-10-25 02:30* | PT72H | act
72 hours into the hour that comes twice        | 2026-10-22 02:30 | PT72H | act
72 hours into the hour that is missing         | 2026-03-26 02:30 | PT72H | act
72 hours over a weekend                        | 2026-11-13 18:00 | PT72H | act
72 hours from Good Friday: no shift            | 2026-04-03 09:00 | PT72H | act
72 hours over Christmas: no shift              | 2026-12-24 17:30 | PT72H | act
72 hours ending at New Year                    | 2026-12-29 12:00 | PT72H | act
72 hours ending on a Sunday                    | 2026-11-12 08:00 | PT72H | act
72 hours over the leap day                     | 2028-02-28 12:00 | PT72H | act
24 hours of a processor                        | 2026-11-14 16:20 | PT24H | act
36 hours over the hour that is missing         | 2026-03-28 18:00 | PT36H | act
two years after leaving                        | 2026-07-31 12:00 | P2Y | keep
two years ending on a Sunday                   | 2026-11-12 12:00 | P2Y | keep
five years after the school year               | 2026-07-31 23:59:59.999999 | P5Y | keep
one year from the leap day                     | 2028-02-29 12:00 | P1Y | keep
four years from leap day to leap day           | 2028-02-29 12:00 | P4Y | keep
two years ending at Christmas                  | 2026-12-25 12:00 | P2Y | keep
two years for an act, ending on a Sunday       | 2026-11-12 12:00 | P2Y | act
one month kept, ending on Good Friday          | 2026-03-03 10:00 | P1M | keep
a hundred years                                | 2026-11-10 12:00 | P100Y | keep
"""


def moment(text):
    if text.endswith("Z"):
        return datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)
    fold = int(text.endswith("*"))
    local = datetime.fromisoformat(text.rstrip("*")).replace(tzinfo=AMSTERDAM, fold=fold)
    return local.astimezone(UTC)


def written(at):
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def main():
    compare_with_package()
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(
        "why starts period mode counted_from nominal_end shift last_day ends_at".split()
    )
    for line in CASES.strip().splitlines():
        why, at, period, mode = (part.strip() for part in line.split("|"))
        start = moment(at)
        first, ends, reason, last, end = counted(start, period, mode)
        out.writerow(
            [why.replace(",", ";"), written(start), period, mode, first, ends, reason, last,
             written(end)]
        )


if __name__ == "__main__":
    main()
