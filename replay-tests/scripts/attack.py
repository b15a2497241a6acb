#!/usr/bin/env python3
"""Attacks published analyses: what can be concluded about fewer people than the floor?

    attack.py FILE...             publications of one round, as `zegel show analysis --json` prints
    attack.py --everybody FILE... the same, and everybody is assumed to have answered everything
    attack.py --naive             a made-up round in which each cell is judged alone: must be broken
    attack.py --verbose           also says how it went about each question

A question may state "buckets", the number of its answers; without it the attacker goes by the
longest distribution that is shown, or assumes a scale of five.

The unknowns are the people of each group in each bucket of one question. Every published number is
an equation over them; sums and sums of squares are recovered exactly from mean and deviation. The
equations are solved exactly (fractions), then counts are bounded as natural numbers, and where few
tables are left every one of them is tried.

Exit code 0: nothing concluded; 1: something was; 2: the input cannot be read.
Standard library only. It shares no code with what it attacks.
"""

import json
import random
import sys
from fractions import Fraction
from math import isqrt

TABLES_MAX = 1_000_000
ROUNDS_MAX = 200


# ---------------------------------------------------------------- what is published


class Cell:
    """One published cell; `None` is not shown."""

    def __init__(self, raw):
        self.group = raw.get("group")
        self.n = raw.get("n")
        self.counts = raw.get("counts")
        self.mean = raw.get("mean_millionths")
        self.deviation = raw.get("deviation_millionths")
        self.hidden = self.n is None

    def sums(self):
        """(sum of scores, sum of squares), each `None` unless it is certain."""
        if self.mean is None or not self.n:
            return None, None
        total = whole(Fraction(self.n * (2 * self.mean - 1), 2_000_000),
                      Fraction(self.n * (2 * self.mean + 1), 2_000_000))
        if total is None or self.deviation is None:
            return total, None
        low = Fraction(max(2 * self.deviation - 1, 0), 2_000_000) ** 2
        high = Fraction(2 * self.deviation + 1, 2_000_000) ** 2
        exact = Fraction(total * total, self.n)
        return total, whole(self.n * low + exact, self.n * high + exact, total % 2)


def whole(low, high, parity=None):
    """The one whole number between the two, if there is just one (of this parity)."""
    first, last = -(-low.numerator // low.denominator), high.numerator // high.denominator
    found = [n for n in range(first, min(last, first + 4) + 1) if parity is None or n % 2 == parity]
    return found[0] if len(found) == 1 and last <= first + 4 else None


# ---------------------------------------------------------------- equations


class System:
    """Linear equations over natural numbers, solved exactly."""

    def __init__(self, unknowns):
        self.unknowns = unknowns
        self.rows = {}       # pivot -> ({unknown: coefficient}, value); reduced
        self.equations = []  # as given, for the bounds

    def reduce(self, terms, value):
        terms, value = dict(terms), Fraction(value)
        for unknown in sorted(terms):
            factor = terms.get(unknown, 0)
            if factor and unknown in self.rows:
                row, known = self.rows[unknown]
                for other, coefficient in row.items():
                    terms[other] = terms.get(other, 0) - factor * coefficient
                value -= factor * known
        return {unknown: c for unknown, c in terms.items() if c}, value

    def add(self, terms, value):
        terms = {unknown: Fraction(c) for unknown, c in terms.items() if c}
        self.equations.append((terms, Fraction(value)))
        terms, value = self.reduce(terms, value)
        if not terms:
            if value:
                raise ValueError("the published numbers contradict each other")
            return
        pivot = min(terms)
        factor = terms[pivot]
        terms = {unknown: c / factor for unknown, c in terms.items()}
        value /= factor
        for other, (row, known) in list(self.rows.items()):
            back = row.get(pivot)
            if back:
                new = dict(row)
                for unknown, c in terms.items():
                    new[unknown] = new.get(unknown, 0) - back * c
                self.rows[other] = ({u: c for u, c in new.items() if c}, known - back * value)
        self.rows[pivot] = (terms, value)

    def bounds(self, ceiling):
        """Bounds of each unknown, as natural numbers, by passing them through the equations."""
        low = [0] * self.unknowns
        high = [ceiling] * self.unknowns
        rows = self.equations + [(dict(t), v) for t, v in self.rows.values()]
        for _ in range(ROUNDS_MAX):
            changed = False
            for terms, value in rows:
                changed |= tighten(terms, value, low, high)
            if not changed:
                break
        return low, high


def tighten(terms, value, low, high):
    changed = False
    least = sum(c * (low[u] if c > 0 else high[u]) for u, c in terms.items())
    most = sum(c * (high[u] if c > 0 else low[u]) for u, c in terms.items())
    for unknown, c in terms.items():
        own_least = c * (low[unknown] if c > 0 else high[unknown])
        own_most = c * (high[unknown] if c > 0 else low[unknown])
        ends = sorted([(value - (most - own_most)) / c, (value - (least - own_least)) / c])
        new_low = max(low[unknown], -(-ends[0].numerator // ends[0].denominator))
        new_high = min(high[unknown], ends[1].numerator // ends[1].denominator)
        if new_low > new_high:
            raise ValueError("the published numbers contradict each other")
        if (new_low, new_high) != (low[unknown], high[unknown]):
            least += (c * (new_low if c > 0 else new_high)) - own_least
            most += (c * (new_high if c > 0 else new_low)) - own_most
            low[unknown], high[unknown] = new_low, new_high
            changed = True
    return changed


# ---------------------------------------------------------------- one question


class Table:
    """The unknown people of one question in one publication: where they stand in the system."""

    def __init__(self, cells, groups, buckets, start):
        self.cells, self.groups, self.buckets, self.start = cells, groups, buckets, start

    def place(self, group, bucket):
        return self.start + group * self.buckets + bucket

    def row(self, groups):
        """For each bucket the unknowns of these groups."""
        return [[self.place(g, b) for g in groups] for b in range(self.buckets)]

    def equations(self):
        for name, cell in self.cells.items():
            groups = range(len(self.groups)) if name is None else [self.groups.index(name)]
            yield from cell_equations(cell, self.row(groups))


def cell_equations(cell, row):
    if cell.n is not None:
        yield {u: 1 for bucket in row for u in bucket}, cell.n
    for bucket, count in zip(row, cell.counts or []):
        if count is not None:
            yield {u: 1 for u in bucket}, count
    total, squares = cell.sums()
    for power, value in ((1, total), (2, squares)):
        if value is not None:
            yield {u: (k + 1) ** power for k, bucket in enumerate(row) for u in bucket}, value


def bucket_count(cells):
    known = [len(cell.counts) for table in cells for cell in table.values() if cell.counts]
    if known:
        return max(known)
    # Nobody shows a distribution: a scale reaches at least the highest mean, and one is unscored.
    means = [c.mean for table in cells for c in table.values() if c.mean is not None]
    return max(5, -(-max(means) // 1_000_000)) if means else 1


class Secret:
    """A sum of unknowns per bucket: a group, everyone, or what is left of everyone."""

    def __init__(self, name, row, hidden):
        self.name, self.row, self.hidden = name, row, hidden


def secrets(table, note):
    named = [(name, [g]) for g, name in enumerate(table.groups)]
    everyone = list(range(len(table.groups)))
    for name, groups in named + [("everyone", everyone)]:
        cell = table.cells.get(None if groups is everyone else name)
        if cell is not None:
            yield Secret(note + name, table.row(groups), cell.hidden)
    unseen = [g for g, name in enumerate(table.groups)
              if name in table.cells and table.cells[name].hidden]
    if len(unseen) > 1:
        yield Secret(note + "the hidden groups together", table.row(unseen), True)
    rest = [g for g, name in enumerate(table.groups)
            if name in table.cells and table.cells[name].counts is None]
    if len(rest) > 1:
        yield Secret(note + "the groups without a distribution together", table.row(rest), False)


def attack_question(number, publications, floor, sizes, report):
    cells = [{c.group: c for c in p["cells"][number]} for p in publications]
    groups = sorted({name for table in cells for name in table if name is not None})
    groups = groups or ["everyone there is"]
    buckets = publications[0]["buckets"][number] or bucket_count(cells)
    size = len(groups) * buckets
    tables = [Table(table, groups, buckets, i * size) for i, table in enumerate(cells)]
    leavers = differences(publications)
    system = System(size * (len(tables) + len(leavers)))
    for table in tables:
        for terms, value in table.equations():
            system.add(terms, value)
        for name, people in sizes.items():
            row = table.row(range(len(groups)) if name is None else [groups.index(name)])
            system.add({u: 1 for bucket in row for u in bucket}, people)
    wanted = [s for i, table in enumerate(tables) for s in secrets(table, note(publications, i))]
    for index, (before, after) in enumerate(leavers):
        start = size * (len(tables) + index)
        for offset in range(size):
            system.add({before * size + offset: 1, after * size + offset: -1, start + offset: -1}, 0)
            if publications[before]["responses"] == publications[after]["responses"]:
                system.add({start + offset: 1}, 0)
        wanted += difference_secrets(Table({}, groups, buckets, start))
    return judge(number, system, wanted, floor, publications, report)


def note(publications, index):
    return "" if len(publications) == 1 else f"publication {index + 1}: "


def differences(publications):
    """Pairs (larger, smaller): people were erased in between, and nobody joined.

    As many responses in both are the same people.
    """
    pairs = []
    for first in range(len(publications)):
        for second in range(first + 1, len(publications)):
            one, two = publications[first]["responses"], publications[second]["responses"]
            pairs.append((first, second) if one >= two else (second, first))
    return pairs


def difference_secrets(table):
    """Whoever left: of each group and of everyone."""
    for name in [None] + table.groups:
        groups = range(len(table.groups)) if name is None else [table.groups.index(name)]
        yield Secret(f"who left {name or 'everyone'}", table.row(groups), True)


# ---------------------------------------------------------------- conclusions


def judge(number, system, wanted, floor, publications, report):
    ceiling = max([p["responses"] for p in publications] + [1])
    low, high = system.bounds(ceiling)
    free = [u for u in range(system.unknowns) if u not in system.rows and low[u] < high[u]]
    space = 1
    for unknown in free:
        space *= high[unknown] - low[unknown] + 1
        if space > TABLES_MAX:
            break
    tables = every_table(system, low, high) if space <= TABLES_MAX else None
    if report:
        how = f"{len(tables)} tables" if tables is not None else "bounds only"
        print(f"question {number}: {system.unknowns} unknowns, {len(free)} free, {how}")
    found = []
    for secret in wanted:
        if tables is not None:
            found += by_trying(secret, tables, floor)
        else:
            found += by_bounds(secret, system, low, high, floor)
    return [f"question {number}: {what}" for what in found]


def every_table(system, low, high):
    """All tables of natural numbers within the bounds that solve the equations."""
    free = [u for u in range(system.unknowns) if u not in system.rows]
    tables, table = [], [0] * system.unknowns

    def fill(index):
        if index == len(free):
            for pivot, (terms, value) in system.rows.items():
                rest = value - sum(c * table[u] for u, c in terms.items() if u != pivot)
                if rest.denominator != 1 or not low[pivot] <= rest <= high[pivot]:
                    return
                table[pivot] = int(rest)
            tables.append(tuple(table))
            return
        for value in range(low[free[index]], high[free[index]] + 1):
            table[free[index]] = value
            fill(index + 1)

    fill(0)
    return tables


def by_trying(secret, tables, floor):
    rows = {tuple(sum(t[u] for u in bucket) for bucket in secret.row) for t in tables}
    for bucket in range(len(secret.row)):
        values = {row[bucket] for row in rows}
        if len(secret.row) > 1 and values and all(0 < value < floor for value in values):
            yield f"{secret.name}: {say(values)} people chose answer {bucket + 1}"
    people = {sum(row) for row in rows}
    if secret.hidden and any(people) and all(value < floor for value in people):
        yield f"{secret.name}: hidden, but {say(people)} people answered"
    if len(secret.row) > 1 and any(people) and all(sum(v > 0 for v in row) <= 1 for row in rows):
        yield f"{secret.name}: all gave the same answer"


def say(values):
    return " or ".join(str(value) for value in sorted(values))


def by_bounds(secret, system, low, high, floor):
    ranges = [span(system, low, high, {u: 1 for u in bucket}) for bucket in secret.row]
    several = len(secret.row) > 1
    for bucket, (least, most) in enumerate(ranges):
        if several and 0 < least and most < floor:
            yield f"{secret.name}: {least} to {most} people chose answer {bucket + 1}"
    least, most = span(system, low, high, {u: 1 for bucket in secret.row for u in bucket})
    if secret.hidden and 0 < most < floor:
        yield f"{secret.name}: hidden, but {least} to {most} people answered"
    if several and most > 0 and sum(top > 0 for _, top in ranges) <= 1:
        yield f"{secret.name}: all gave the same answer"
    moments = [exactly(system, row_terms(secret.row, power)) for power in range(3)]
    if several and None not in moments and moments[0] and moments[0] * moments[2] == moments[1] ** 2:
        yield f"{secret.name}: all gave the same answer, for their deviation is 0"


def row_terms(row, power):
    return {u: (k + 1) ** power for k, bucket in enumerate(row) for u in bucket}


def exactly(system, terms):
    left, value = system.reduce(terms, 0)
    return -value if not left else None


def span(system, low, high, terms):
    value = exactly(system, terms)
    if value is not None:
        return value, value
    left, value = system.reduce(terms, 0)
    sides = [(sum(c * (low[u] if c > 0 else high[u]) for u, c in t.items()) - v,
              sum(c * (high[u] if c > 0 else low[u]) for u, c in t.items()) - v)
             for t, v in ((terms, 0), (left, value))]
    least, most = max(side[0] for side in sides), min(side[1] for side in sides)
    return -(-least.numerator // least.denominator) if isinstance(least, Fraction) else least, \
        most.numerator // most.denominator if isinstance(most, Fraction) else most


# ---------------------------------------------------------------- input


def load(path):
    with open(path, encoding="utf-8") as file:
        raw = json.load(file)
    if isinstance(raw, dict):
        raw = raw.get("analyses", [raw])
    return [parse(one) for one in raw]


def parse(raw):
    cells = {q["question"]: [Cell(cell) for cell in q["cells"]] for q in raw["questions"]}
    # How many answers a question has stands in the questionnaire, which everybody has seen.
    buckets = {q["question"]: q.get("buckets") for q in raw["questions"]}
    return {"round": raw["round"], "floor": raw["floor"], "responses": raw["responses"],
            "cells": cells, "buckets": buckets}


def attack(publications, everybody=False, report=False):
    if len({p["round"] for p in publications}) != 1:
        raise ValueError("the publications are of different rounds")
    if any(p["cells"].keys() != publications[0]["cells"].keys() for p in publications):
        raise ValueError("the publications have different questions")
    floor = max(p["floor"] for p in publications)
    found = []
    for first, second in differences(publications):
        people = publications[first]["responses"] - publications[second]["responses"]
        if 0 < people < floor:
            found.append(f"{people} people left between two publications")
    sizes = told_sizes(publications) if everybody else {}
    for number in publications[0]["cells"]:
        found += attack_question(number, publications, floor, sizes, report)
    return found


def told_sizes(publications):
    """How many each group is, from any question that shows it."""
    if len(publications) > 1:
        raise ValueError("--everybody takes one publication")
    sizes = {None: publications[0]["responses"]}
    for cells in publications[0]["cells"].values():
        sizes.update({cell.group: cell.n for cell in cells if cell.n})
    return sizes


# ---------------------------------------------------------------- the control


def naive(seed):
    """A round published with each cell judged alone: small and unanimous ones hidden."""
    dice, floor = random.Random(seed), 5
    table = {f"group {g}": [[dice.randint(0, 6) for _ in range(5)] for _ in range(6)]
             for g in range(3)}
    table["group 0"] = [[1, 0, 1, 1, 0] for _ in range(6)]
    questions = []
    for number in range(6):
        rows = {name: counts[number] for name, counts in table.items()}
        everyone = [sum(column) for column in zip(*rows.values())]
        cells = [naive_cell(name, row, floor) for name, row in [(None, everyone), *rows.items()]]
        questions.append({"question": number, "cells": cells})
    responses = max(sum(map(sum, (c[q] for c in table.values()))) for q in range(6))
    return parse({"round": "made up", "floor": floor, "responses": responses,
                  "questions": questions})


def naive_cell(name, row, floor):
    n = sum(row)
    if n < floor or sum(count > 0 for count in row) <= 1:
        return {"group": name, "hidden": True}
    total = sum((k + 1) * count for k, count in enumerate(row))
    squares = sum((k + 1) ** 2 * count for k, count in enumerate(row))
    spread = n * squares - total * total
    cell = {"group": name, "n": n, "mean_millionths": (2_000_000 * total + n) // (2 * n),
            "deviation_millionths": (isqrt(4 * 10**12 * spread // (n * n)) + 1) // 2}
    if not any(0 < count < floor for count in row):
        cell["counts"] = row
    return cell


def main(arguments):
    options = {a for a in arguments if a.startswith("--")}
    files = [a for a in arguments if not a.startswith("--")]
    if options - {"--naive", "--everybody", "--verbose"} or bool(files) == ("--naive" in options):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        publications = [naive(1)] if not files else [p for path in files for p in load(path)]
        found = attack(publications, "--everybody" in options, "--verbose" in options)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"cannot attack: {error}", file=sys.stderr)
        return 2
    for what in found:
        print(what)
    questions = len(publications[0]["cells"])
    print(f"{len(found)} conclusions from {len(publications)} publication(s) of {questions} questions")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
