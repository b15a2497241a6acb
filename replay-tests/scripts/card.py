"""The card, from end to end, over HTTP on the board of the demonstration (docs/guides/the-card.md).

Each of the five actions is done by whoever may, and then looked for where it must be: in its view, in
the timeline, in the trail and in the exported bundle. Then a teacher asks for erasure, and what was
told of that teacher is gone from each, but for what the certificate keeps.
"""

import json
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import campus

MICROS = 1_000_000
MARKERS = ["Zwaluwmarkering", "Reigermarkering", "Ooievaarmarkering"]
STEPS = []


def now():
    return int(time.time() * MICROS)


def step(text):
    STEPS.append(text)
    print(f"{len(STEPS):2}. {text}", flush=True)


def expect(holds, what):
    if not holds:
        raise SystemExit(f"FAILED after step {len(STEPS)}: {what}")


def events(board, kind, thing):
    told = board.get(f"/timeline/{kind}/{thing}", "fg")
    return [row["event"] for row in told["steps"]], told


def in_trail(board, operation):
    lines = board.get("/trail", "fg")["lines"]
    found = [line for line in lines if line["operation"] == operation and line["allowed"]]
    expect(found, f"the trail lacks {operation}")
    return found[0]


def observe(board):
    """An observation is planned, recorded and answered by a self-evaluation."""
    instruments = board.get("/instruments", "observer")
    instrument = instruments["instruments"][0]
    plan = {
        "instrument": instrument["instrument"],
        "version": instrument["version"],
        "variant": "coaching",
        "purpose": "development",
        "school": board.schools_of["teacher"],
        "teacher": board.people["teacher"],
        "observer": None,
        "lesson_at": now(),
        "group": "H3a",
    }
    made = board.post("/observations", "observer", plan)["id"]
    items = sum(len(domain["items"]) for domain in instrument["domains"])
    seen = {
        "scores": [None if item == 2 else item % 3 + 2 for item in range(items)],
        "remarks": [{"item": None, "text": f"Rustig begin, {MARKERS[0]}"}],
    }
    board.post(f"/observations/{made}/recording", "observer", seen)
    board.post(f"/observations/{made}/self-evaluation", "teacher", seen)
    step("an observation is recorded, and the teacher evaluates the own lesson")
    report = board.get(f"/observations/{made}", "teacher")
    expect(MARKERS[0] in json.dumps(report), "the report lacks the remark")
    names, _ = events(board, "observation", made)
    expect(names == ["observe.planned", "observe.recorded", "observe.self-evaluation"], names)
    in_trail(board, "record-observation")
    return made


def answer(board):
    """A class answers with a code of the class; the analysis is published when the round closes."""
    survey = {
        "title": "Lesfeedback",
        "questions": [
            {"text": "De les was duidelijk", "kind": "agree-5"},
            {"text": "Wat wil je nog zeggen?", "kind": "open"},
        ],
    }
    survey = board.post("/surveys", "analyst", survey)["id"]
    opened = {
        "name": "H3a, november",
        "floor": 5,
        "module": "surveys",
        "kind": "pupil",
        "purpose": "feedback-en-onderzoek",
        "school": None,
        "together": False,
        "confidential": True,
    }
    made = board.post(f"/surveys/{survey}/rounds", "analyst", opened)["id"]
    codes = board.post(
        f"/rounds/{made}/codes", "analyst", {"group": "H3a", "count": 1, "uses": 30}
    )["codes"]
    form = board.post("/answer-form", None, {"code": codes[0]})
    expect("gepseudonimiseerd" in json.dumps(form, ensure_ascii=False), "the form says anonymous")
    scores = [1 + (7 * number) % 5 for number in range(28)]
    for score in scores:
        given = {"code": codes[0], "answers": [{"score": score}, {"text": MARKERS[1]}]}
        board.post("/answers", None, given)
    taken = {"code": codes[0], "answers": [{"score": 1}, None]}
    back = board.post("/answers", None, taken)["withdrawal"]
    board.post("/answer-withdrawal", None, {"code": codes[0], "withdrawal": back})
    board.post(f"/rounds/{made}/closing", "analyst", {})
    step(f"a survey is answered {len(scores)} times with a code, one answer is taken back")
    results = board.get(f"/rounds/{made}/results", "analyst")
    whole = results["questions"][0]["cells"][0]
    expect(whole["counts"] == [scores.count(one) for one in range(1, 6)], f"counts: {whole}")
    mean = round(sum(scores) * 1_000_000 / len(scores))
    expect(whole["mean_millionths"] == mean, f"mean {mean} is not that of {whole}")
    expect(MARKERS[1] not in json.dumps(results), "open text is published")
    names, _ = events(board, "round", made)
    expect(names.count("survey.response-submitted") == len(scores) + 1, names)
    in_trail(board, "close-round")
    return made


def synchronise(board, directory):
    """Contact data of staff come from the school's system, and take their place in one step."""
    new = {
        "source": "afas",
        "school": None,
        "fields": ["given-name", "initials", "surname"],
        "purpose": "feedback-en-onderzoek",
        "hour": 3,
    }
    made = board.post("/couplings", "tenant-administrator", new)["id"]
    settings = os.path.join(directory, "afas.json")
    opens = {
        "system": "afas",
        "address": os.environ["AFAS_ORIGIN"] + "/ProfitRestServices",
        "token": os.environ["AFAS_TOKEN"],
        "domains": ["school.example"],
    }
    with open(os.open(settings, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
        json.dump(opens, file)
    board.stop()
    words = ["--tenant", board.tenant, "--coupling", made, "--settings", settings]
    ran = board.command("sync", "run", *words)["run"]
    expect(ran["stage"] == "replaced" and ran["people"] == int(os.environ["AFAS_PEOPLE"]), ran)
    again = board.command("sync", "run", *words)["run"]
    expect(again["stage"] == "replaced", again)
    board.serve()
    board.sign_in_all()
    step(f"contact data of {ran['people']} members of staff are fetched, and a week later replaced")
    shown = board.get("/couplings", "tenant-administrator")["couplings"][0]
    expect(shown["coupling"]["contacts"] == ran["people"], shown)
    names, _ = events(board, "coupling", made)
    expect(names[0] == "sync.coupling-on", names)
    in_trail(board, "configure-sync")


def breach(board):
    """A teacher reports a misaddressed mail; the officer judges it."""
    report = {
        "kind": "misaddressed",
        "detected_by": "staff",
        "discovered_at": now() - 60 * MICROS,
        "people": {"min": 1, "max": 3},
        "story": f"Een rapport ging naar een verkeerd adres. {MARKERS[2]}",
    }
    made = board.post("/incidents", "teacher", report)["id"]
    judged = {
        "severity": "medium",
        "risk": "present",
        "personal_data": "yes",
        "broken": {"confidentiality": True, "integrity": False, "availability": False},
    }
    board.post(f"/incidents/{made}/classification", "privacy-officer", judged)
    step("a breach is reported by a teacher and judged by the privacy officer")
    register = board.get("/incidents", "fg")
    expect(made in json.dumps(register), "the register lacks the incident")
    expect(MARKERS[2] in json.dumps(board.get(f"/incidents/{made}", "privacy-officer")), "story")
    names, told = events(board, "incident", made)
    expect(names == ["breach.incident-reported", "breach.classified"], names)
    expect(MARKERS[2] not in json.dumps(told), "the timeline repeats a story")
    in_trail(board, "report-incident")
    return made


def ask_for_erasure(board):
    """A request for erasure, up to its certificate; one category is kept on a ground."""
    request = board.post("/own/requests", "teacher", {"kind": "erasure"})["id"]
    path = f"/requests/{request}"
    board.post(f"{path}/identity", "privacy-officer", {"shown": "signed-in", "under_16": False})
    advice = {"advised": "grant-in-part", "text": "Bewaar de aanstelling."}
    board.post(f"{path}/advice", "fg", advice)
    preview = board.get(f"{path}/preview", "privacy-officer")
    until = now() + 365 * 86_400 * MICROS

    def verdict(category):
        if category == 5:
            return {"kept": {"ground": "legal-duty", "until": until}}
        return {"erased": {}}

    categories = [row["category"] for row in preview["categories"]]
    decided = [{"category": one, "verdict": verdict(one)} for one in categories]
    board.post(f"{path}/proposal", "privacy-officer", {"decisions": decided})
    status, _, _ = board.ask("POST", f"{path}/approval", "privacy-officer", {})
    expect(status >= 400, "one pair of eyes is enough")
    status, _, _ = board.ask("POST", f"{path}/approval", "fg", {})
    expect(status == 404, "the FG decides")
    board.post(f"{path}/approval", "school-leader", {})
    step(f"a teacher asks for erasure; two people decide about {len(categories)} categories")
    names, _ = events(board, "request", request)
    expect("request.received" in names[0], names)
    board.post(f"{path}/execution", "privacy-officer", {})
    certificate = board.get(f"{path}/certificate", "fg")
    expect([row["category"] for row in certificate["kept"]] == [5], certificate)
    step("it is carried out, and the certificate states what is kept and until when")
    return request


def is_gone(board, observation, round_, incident):
    """Nothing of the teacher is left in any view; what others told is."""
    teacher = board.people["teacher"]
    status, _, read = board.ask("GET", f"/observations/{observation}", "observer")
    expect(MARKERS[0].encode() not in read, f"the observation still tells: {status}")
    names, told = events(board, "observation", observation)
    expect(names[0] == "observe.planned", names)
    erased = [part for row in told["steps"] for part in row["erased"]]
    expect(erased and all(part["ground"] for part in erased), "erased parts lack their ground")
    status, _, _ = board.ask("GET", f"/people/{teacher}", "school-leader")
    expect(status == 404, "the person is still known")
    register = json.dumps(board.get("/incidents", "fg"))
    expect(incident in register, "the incident went with the reporter")
    results = json.dumps(board.get(f"/rounds/{round_}/results", "analyst"))
    expect("H3a" in results, "the results went too")
    step("it is gone from each view; the incident and the results of others stay")


def proofs(board, directory):
    """The bundle tells of each action by name, and everything verifies."""
    board.stop()
    out = os.path.join(directory, "bundle")
    board.command("export", "bundle", "--tenant", board.tenant, "--out", out)
    bundle = b""
    for folder, _, names in os.walk(out):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                bundle += file.read()
    for event in [
        b"observe.recorded",
        b"survey.response-submitted",
        b"breach.incident-reported",
        b"sync.contacts-replaced",
        b"request.received",
        b"erasure.keys-destroyed",
    ]:
        expect(event in bundle, f"the bundle lacks {event.decode()}")
    for marker in MARKERS + ["Tess Voorbeeld"]:
        expect(marker.encode() not in bundle, "the bundle tells of somebody")
    with open(os.path.join(board.data, "vkey")) as file:
        verified = board.run(["verify", out, "--key", file.read().strip()])
    expect("INTACT-WITH-ERASURES" in verified, verified)
    replayed = board.command("replay", "--check", "--tenant", board.tenant)
    expect(replayed[0]["verdict"]["kind"] == "equal", replayed)
    step("the bundle holds each action and nobody: INTACT-WITH-ERASURES; replay: equal")


def main():
    with tempfile.TemporaryDirectory() as directory:
        with open(os.path.join(directory, "log"), "w") as log:
            board = campus.Demo(directory, log)
            board.schools_of = {
                "teacher": board.get(f"/people/{board.people['teacher']}", "school-leader")[
                    "affiliations"
                ][0]["school"]
            }
            step("the demonstration's board is served, and eleven roles are signed in")
            observation = observe(board)
            round_ = answer(board)
            synchronise(board, directory)
            incident = breach(board)
            ask_for_erasure(board)
            is_gone(board, observation, round_, incident)
            proofs(board, directory)
    print(f"the card holds: {len(STEPS)} steps")


main()
