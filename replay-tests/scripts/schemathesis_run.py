"""schemathesis against the running server, signed in with real accounts.

Usage: schemathesis_run.py EXAMPLES [ROLE ...]: each role asks every operation that does not end its
own session; those that do are asked apart. Exit 1 when schemathesis finds anything.
"""

import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import campus

# These end the session that asks, or suspend whoever asks: they have a run of their own.
ENDING = [
    "sign-out",
    "set-own-password",
    "set-own-second-factor",
    "revoke-own-sessions",
    "revoke-sessions",
    "suspend-account",
    "reset-password",
    "remove-second-factor",
]
CHECKS = ",".join(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
        "missing_required_header",
        "unsupported_method",
        "ignored_auth",
    ]
)


def known(school):
    """Ids that are there, so that requests reach what the path names."""
    report = {
        "kind": "misaddressed",
        "detected_by": "staff",
        "discovered_at": int((time.time() - 60) * 1_000_000),
        "people": {"min": 1, "max": 2},
        "story": "Een lijst ging naar het verkeerde adres.",
    }
    return {
        "tenant": school.tenant,
        "school": school.schools[0],
        "person": school.people["teacher"],
        "account": school.accounts["teacher"],
        "incident": school.post("/incidents", "privacy-officer", report)["id"],
        "grant": school.get("/grants", "tenant-administrator")["grants"][0]["grant"],
    }


def configured(directory, ids):
    """Every path names what is there; what is absent is asked for by other tests."""
    path = os.path.join(directory, "schemathesis.toml")
    with open(path, "w") as file:
        file.write("[parameters]\n")
        for name, value in ids.items():
            file.write(f'"path.{name}" = "{value}"\n')
    return path


def run(school, config, cookie, examples, words):
    st = os.path.join(os.path.dirname(sys.executable), "st")
    command = [
        *(st, "--config-file", config, "run", f"http://{school.address}/v1/openapi.json"),
        *("--checks", CHECKS, "--max-examples", str(examples), "--seed", "1"),
        *("--phases", "examples,coverage,fuzzing", "--request-timeout", "30"),
        *("--continue-on-failure", "--no-color", "--workers", "1", "--max-failures", "40"),
        *("--suppress-health-check", "all", "--header", f"Cookie: {cookie}"),
        *words,
    ]
    return subprocess.run(command).returncode


def main():
    examples, roles = int(sys.argv[1]), sys.argv[2:] or ["privacy-officer"]
    with tempfile.TemporaryDirectory() as directory:
        with open(os.path.join(directory, "log"), "w") as log:
            school = campus.Campus(directory, log)
            school.second_factor("tenant-administrator", "ada@bestuur.example")
            school.fill()
            config, codes = configured(directory, known(school)), []
            for role in roles:
                words = [word for name in ENDING for word in ("--exclude-operation-id", name)]
                codes.append(run(school, config, school.cookies[role], examples, words))
            words = [word for name in ENDING for word in ("--include-operation-id", name)]
            codes.append(run(school, config, school.cookies["teacher"], examples, words))
            school.stop()
    sys.exit(1 if any(codes) else 0)


main()
