"""Five people are erased after a year: nothing that lies or leaves tells of them any more.

A teacher, an observer, a pupil, a parent and a respondent of the demonstration's board, each by a
request that two people decide. Before, the same search finds all five: that is its control.
"""

import json
import os
import re
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import campus

MICROS = 1_000_000
TEACHER, OBSERVER = "Tess Voorbeeld", "Otto Voorbeeld"
# Pages of the console that are read for each role.
PAGES_MAX = 60
TRAIL = ["/trail"]  # of the API, and the page of the console
PUPIL, PARENT = "Jip Leerling", "Olga Ouder"


def expect(holds, what):
    if not holds:
        raise SystemExit(f"FAILED: {what}")


def leaves(board, ids):
    """Every byte that leaves: each GET of the document and page of the console by each role."""
    document = json.loads(board.fetch("/v1/openapi.json"))
    prefix = "/v1/tenants/{tenant}"
    bytes_out, asked = [], 0
    shown = [
        path.removeprefix(prefix)
        for path, methods in document["paths"].items()
        if "get" in methods and path.startswith(prefix)
    ]
    for role in board.cookies:
        for path in shown:
            paths = [path] if "{" not in path else filled(path, ids)
            for one in paths:
                status, headers, read = board.ask("GET", one, role)
                expect(status < 500, f"{one} as {role}: {status}")
                bytes_out.append((path, read + json.dumps(headers).encode()))
                asked += 1
    page = 0
    while True:
        status, _, read = board.ask("GET", f"/people?page={page}", "privacy-officer")
        bytes_out.append(("/people", read))
        asked += 1
        if status != 200 or not json.loads(read)["people"]:
            break
        page += 1
    for role in board.cookies:
        for path, read in pages(board, role):
            bytes_out.append((path, read))
            asked += 1
    bytes_out.append(("/metrics", board.fetch("/metrics", board.metrics)))
    return bytes_out, asked


def found(mark, answers):
    """In which answers a mark is."""
    return sorted({path for path, read in answers if mark.encode() in read})


def pages(board, role):
    """Every page of the console that links lead to; exports and other pages of people left out."""
    start = f"/console/{board.tenant}"
    waiting, seen = [start + "/work"], set()
    while waiting and len(seen) < PAGES_MAX:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        read = board.fetch(path, cookie=board.cookies[role])
        yield path.removeprefix(start) or "/", read
        for link in re.findall(rb'href="(/console/[^"#?]*)"', read):
            waiting.append(link.decode())


def filled(path, ids):
    """The path with every known id in the place of its one parameter."""
    if path.count("{") == 1:
        start, rest = path.split("{")
        name, end = rest.split("}")
        return [start + one + end for one in ids.get(name, [])]
    if path == "/timeline/{kind}/{thing}":
        return [f"/timeline/person/{one}" for one in ids["person"]]
    return []


def lies(directory):
    """Every byte that lies: data, logs, temporary files of the run."""
    read = []
    for folder, _, names in os.walk(directory):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                read.append(file.read())
    return b"\n".join(read)


def lead_the_board(board):
    """Respondents belong to no school: whoever approves for them leads the board."""
    accounts = board.get("/accounts", "tenant-administrator")["accounts"]
    leader = next(row for row in accounts if row["person"] == board.people["school-leader"])
    grant = {
        "account": leader["account"],
        "role": "school-leader",
        "reach": "board",
        "until": None,
    }
    board.post("/grants", "tenant-administrator", grant)


def erase(board, name, person, identity, own=None):
    """A request for erasure, from its receipt to its certificate."""
    if own:
        request = board.post("/own/requests", own, {"kind": "erasure"})["id"]
    else:
        received = {
            "person": person,
            "kind": "erasure",
            "school_at": int(time.time() * MICROS) - 3_600 * MICROS,
            "processor_at": None,
        }
        request = board.post("/requests", "privacy-officer", received)["id"]
    path = f"/requests/{request}"
    board.post(f"{path}/identity", "privacy-officer", identity)
    preview = board.get(f"{path}/preview", "privacy-officer")
    decided = [
        {"category": row["category"], "verdict": {"erased": {}}} for row in preview["categories"]
    ]
    board.post(f"{path}/proposal", "privacy-officer", {"decisions": decided})
    board.post(f"{path}/approval", board.leader, {})
    board.post(f"{path}/execution", "privacy-officer", {})
    certificate = board.get(f"{path}/certificate", "fg")
    expect(certificate["completed"], f"the certificate for {name} is not complete")
    years = certificate["trail"]
    stated = bool(years) and all(year["until"] for year in years)
    expect(stated == bool(own), f"the certificate for {name} states of the trail: {years}")
    print(f"erased: {name}, {len(decided)} categories; years of trail kept: {len(years)}", flush=True)
    return request


def main():
    with tempfile.TemporaryDirectory() as directory:
        with open(os.path.join(directory, "log"), "w") as log:
            board = campus.Demo(directory, log, metrics=True)
            board.leader = "school-leader"
            people = board.shown["people"]
            lead_the_board(board)
            page = board.get("/people?page=20", "privacy-officer")["people"]
            invented = set(people.values())
            respondent = next(row for row in page if row["id"] not in invented and row["name"])
            names = [TEACHER, OBSERVER, PUPIL, PARENT, respondent["name"]]
            marks = names + [campus.address(name) for name in (TEACHER, OBSERVER)]
            persons = [people[name] for name in names[:4]] + [respondent["id"]]
            ids = {"person": persons, "pseudonym": persons}
            register = board.get("/incidents", "fg")["incidents"]
            ids["incident"] = [row["incident"]["incident"] for row in register]
            before, asked = leaves(board, ids)
            unseen = [name for name in names if not found(name, before)]
            expect(not unseen, f"the search is blind: {len(unseen)} of 5 were not found before")
            print(f"control: all five are found in {asked} answers before", flush=True)
            adult = {"shown": "in-person", "under_16": False}
            child = {"shown": "in-person", "under_16": True, "representative": people[PARENT]}
            requests = [
                erase(board, "a pupil", people[PUPIL], child),
                erase(board, "a parent", people[PARENT], adult),
                erase(board, "a respondent", respondent["id"], adult),
                erase(board, "an observer", people[OBSERVER], adult, own="observer"),
                erase(board, "a teacher", people[TEACHER], adult, own="teacher"),
            ]
            ids["request"] = requests
            after, asked = leaves(board, ids)
            # Who acted stays in the trail until its term, and the certificate says so.
            kept = {TEACHER: TRAIL, OBSERVER: TRAIL}
            for number, mark in enumerate(marks):
                left = [path for path in found(mark, after) if path not in kept.get(mark, [])]
                expect(not left, f"mark {number} still leaves: {left}")
            expect(
                len(board.get("/incidents", "fg")["incidents"]) == len(register),
                "incidents went along",
            )
            board.stop()
            stored = lies(directory)
            left = [mark for mark in marks if mark.encode() in stored]
            expect(not left, f"{len(left)} marks lie in the files")
            replayed = board.command("replay", "--check", "--tenant", board.tenant)
            expect(replayed[0]["verdict"]["kind"] == "equal", replayed)
            print(
                f"forgotten: 5 people, {len(marks)} marks, 0 found in {asked} answers "
                f"({sum(len(read) for _, read in after)} bytes) but the trail, and in {len(stored)} bytes of files; replay equal"
            )


main()
