#!/usr/bin/env python3
"""What docs/format/verify.py says of each attack, and what it says without the check that finds it.

    attacks.py < cases.json > answers.json

Each case has `bundle` and, where given, `key`, `previous`, `operator`, `tenants`, `compare`, `proof`;
`without`, the rules that the control does not check; and `patches`, lines of verify.py with what
stands there instead in the control. The control is verify.py itself, read and changed in memory:
a verifier without that check, to which the attack must get through.
"""
import json
import os
import sys

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/format/verify.py")
ADD = '    def add(self, severity, rule, file=None, seq=None, what=""):\n'
MODULES = {}


def module(without=(), patches=()):
    """verify.py, without the checks of these rules and with these lines changed."""
    key = json.dumps([sorted(without), patches])
    if key not in MODULES:
        with open(SCRIPT, encoding="utf-8") as file:
            source = file.read()
        deaf = ADD + "        if rule in %r:\n            return\n" % (sorted(without),)
        for old, new in [(ADD, deaf)] + [tuple(patch) for patch in patches]:
            assert source.count(old) == 1, "%r stands in verify.py %d times" % (
                old, source.count(old))
            source = source.replace(old, new)
        names = {"__name__": "verify_control", "__file__": SCRIPT}
        exec(compile(source, SCRIPT, "exec"), names)  # noqa: S102
        MODULES[key] = names
    return MODULES[key]


def read(path):
    if path is None:
        return None
    with open(path, "rb") as file:
        return file.read()


def answer(names, case):
    pinned = names["parse_vkey"](case["key"]) if case.get("key") else None
    if case.get("compare"):
        verdict, code, _, seq = names["compare"](case["bundle"], case["compare"], pinned,
                                                 read(case.get("proof")))
        return dict(verdict=verdict, code=code, seq=seq, findings=[])
    report = names["verify"](case["bundle"], pinned, read(case.get("previous")),
                             case.get("operator"), case.get("tenants") or ())
    verdict, code = report.verdict()
    findings = [[f["severity"], f["rule"], f["file"], f["seq"]] for f in report.sorted()]
    return dict(verdict=verdict, code=code, seq=None, findings=findings)


def judged(case):
    said = answer(module(), case)
    without = case.get("without") or []
    if without and not case.get("compare"):
        said["muted"] = answer(module(without), case)["code"]
    if case.get("patches"):
        said["patched"] = answer(module((), case["patches"]), case)["code"]
    return said


if __name__ == "__main__":
    json.dump([judged(case) for case in json.load(sys.stdin)], sys.stdout)
