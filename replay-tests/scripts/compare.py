#!/usr/bin/env python3
"""Compares a published analysis of the course evaluations with the file it came from.

    compare.py FILE.csv[.gz] ANALYSIS.json

ANALYSIS.json is what `zegel --json show analysis` prints: one publication of all rows of the file.
Number of people, counts, mean and population standard deviation of every question are computed here
from the file, for everyone and for each group, and held against every number that was published.
Everyone's cells must show all of it; a group's cell may keep numbers back, as the anonymity floor
has it, but what it shows must be right, and no group of the file may be missing.

Exit code 0: all equal; 1: something differs; 2: the input cannot be read. Standard library only.
"""

import csv
import gzip
import json
import sys
from statistics import fmean, pstdev

ITEMS = 28
SCORES = 5
TOLERANCE = 1e-6
NUMBERS = ("n", "counts", "mean", "deviation")


def read_answers(path):
    """The answers of each group, by question; `None` is everyone."""
    opener = gzip.open if path.endswith(".gz") else open
    answers = {}
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            group = f"instructor {int(row['instr'])}, class {int(row['class']):02}"
            scores = [int(row[f"Q{item + 1}"]) for item in range(ITEMS)]
            for name in (None, group):
                answers.setdefault(name, []).append(scores)
    return answers


def expected(scores):
    counts = [scores.count(score + 1) for score in range(SCORES)]
    return {"n": len(scores), "counts": counts, "mean": fmean(scores), "deviation": pstdev(scores)}


def shown(cell):
    numbers = {name: cell.get(name) for name in ("n", "counts")}
    for name in ("mean", "deviation"):
        millionths = cell.get(f"{name}_millionths")
        numbers[name] = None if millionths is None else millionths / 1e6
    return numbers


def same(name, one, other):
    return one == other if name in ("n", "counts") else abs(one - other) <= TOLERANCE


def compare(answers, analysis):
    """What differs, and how many numbers were held against each other."""
    wrong, compared = [], 0
    if analysis["responses"] != len(answers[None]):
        wrong.append(f"{analysis['responses']} responses, the file has {len(answers[None])}")
    if [question["question"] for question in analysis["questions"]] != list(range(ITEMS)):
        wrong.append("not the 28 questions, each once and in order")
    for question in analysis["questions"]:
        number = question["question"]
        cells = {cell["group"]: shown(cell) for cell in question["cells"]}
        if set(cells) != set(answers) or len(cells) != len(question["cells"]):
            wrong.append(f"Q{number + 1}: not everyone and the groups of the file, each once")
            continue
        for group, numbers in cells.items():
            truth = expected([scores[number] for scores in answers[group]])
            for name in NUMBERS:
                if numbers[name] is None and group is not None:
                    continue
                compared += 1
                if numbers[name] is None or not same(name, numbers[name], truth[name]):
                    who = group or "everyone"
                    wrong.append(f"Q{number + 1}, {who}: {name} is {numbers[name]}, not {truth[name]}")
    return wrong, compared


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        answers = read_answers(arguments[0])
        with open(arguments[1], encoding="utf-8") as file:
            [analysis] = json.load(file)
        wrong, compared = compare(answers, analysis)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"cannot compare: {error!r}", file=sys.stderr)
        return 2
    for what in wrong:
        print(what)
    print(f"{compared} numbers compared, {len(wrong)} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
