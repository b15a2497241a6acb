#!/usr/bin/env python3
"""Kills a writer, fails its calls, fills its disk and starves it; asks each time what is left.

    ordeal.py kills   --rounds 2000     killed at random microseconds, opening included
    ordeal.py sites                     killed at each call that changes a file, and in half writes
    ordeal.py syncs                     each sync fails in its turn, once and from then on
    ordeal.py nospace                   each write fails for want of space, once and from then on
    ordeal.py full    --rounds 300      a small file system of its own is filled to all degrees
    ordeal.py limits                    few descriptors, little memory
    ordeal.py hang                      a write that never returns
    ordeal.py rot     --rounds 100000   bits and pieces of every file damaged (example `rot`)
    ordeal.py settings                  each bit of what stands beside (the binary, `--zegel`)

The writer is the example `workload` (`--workload`, release build). What it acknowledged must be
found again by `workload check` once the trouble is over (`promises.py`); whoever was refused must
have been told why; after a failed sync nothing may be acknowledged; on a full disk erasures must
still end. `--every N` takes each N-th point only, beginning at a random one: the short form.

Controls, which must go red: `--control forgetful` (kills) takes database, keys and guard back to an
earlier copy before the check, as if nothing since had been kept; `--control no-reserve` (full)
removes the reserve before the disk is filled; `--control rolled-back` (rot) puts an older database
back together with its older keys and guard, which nothing within an installation can see.

Interrupted, it says what it has seen so far. Prints one JSON object. Exit codes: 0 as expected, 1 not, 77 skipped.
"""

import argparse
import collections
import concurrent.futures
import contextlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from powercut import OPENINGS_ONE_IN, promises_file_grows
from promises import Promises

SKIPPED = 77
HERE = os.path.dirname(os.path.abspath(__file__))
SYNCS = ",fsync,fdatasync,sync_file_range,"
WRITES = ",write,writev,pwrite64,ftruncate64,open64,openat64,mkdir,fallocate,"
EIO, ENOSPC = "5", "28"
# A run takes a tenth of a second: whoever takes this long hangs.
SECONDS_MAX = 120
MEBIBYTE = 1024 * 1024
ROT_AT_A_TIME = 2_000


class Skip(Exception):
    """This cannot be done here."""


class Ended:
    """How a run of the writer ended."""

    def __init__(self, printed, errors, code, hung):
        self.printed, self.errors, self.code, self.hung = printed, errors, code, hung
        self.fault = None
        self.after_fault = collections.Counter()
        self.done = False
        self.done_before = False
        for line in printed.splitlines():
            words = line.split(" ")
            if words[0] == "fault" and self.fault is None:
                self.done_before = self.done
                self.fault = f"{words[1]} {role(words[2])}"
            elif self.fault is not None:
                self.after_fault[words[0]] += 1
            self.done |= line == "done"

    @property
    def told(self):
        """Whether it failed with a message, and not with a panic's."""
        return self.code != 0 and self.errors.strip() != ""

    @property
    def panicked(self):
        return "panicked at" in self.errors


def role(path):
    """A file by what it is for, without ids and numbers."""
    directory, name = os.path.split(path)
    stem, dot, ending = name.partition(".")
    if len(stem) == 32 or (dot and ending[:1].isdigit()):
        name = f"*.{ending}" if len(stem) == 32 else f"{stem}.*"
    elif name.startswith("snap."):
        name = "snap.*"
    return os.path.join(directory.partition("/")[2], name)


class Trial:
    """One installation, and what was promised of it."""

    def __init__(self, options, where):
        self.options, self.where = options, where
        self.store = os.path.join(where, "store")
        self.promises = Promises()

    def clear(self):
        shutil.rmtree(self.store, ignore_errors=True)
        self.promises = Promises()

    def write(self, *words, faults=None, kill_after=None, prepare=None):
        """Runs the writer; `faults` become the environment of `faults.c`."""
        environment = dict(os.environ, RUST_BACKTRACE="0")
        if faults is not None:
            environment["LD_PRELOAD"] = self.options.faults
            environment["FAULT_UNDER"] = self.where + "/"
            environment.update({f"FAULT_{key}": value for key, value in faults.items()})
        command = [self.options.workload, words[0], self.store, *map(str, words[1:])]
        printed_path, errors_path = (os.path.join(self.options.aside, n) for n in ("out", "err"))
        with open(printed_path, "wb") as out, open(errors_path, "wb") as errors:
            writer = subprocess.Popen(
                command, stdout=out, stderr=errors, env=environment, preexec_fn=prepare
            )
            hung = False
            if kill_after is not None and self.options.number % OPENINGS_ONE_IN:
                promises_file_grows(writer, printed_path)
            try:
                writer.wait(timeout=SECONDS_MAX if kill_after is None else kill_after)
            except subprocess.TimeoutExpired:
                hung = kill_after is None
                writer.send_signal(signal.SIGKILL)
                writer.wait()
        with open(printed_path, encoding="utf-8", errors="replace") as printed:
            text = printed.read()
        with open(errors_path, encoding="utf-8", errors="replace") as errors:
            ended = Ended(text, errors.read(), writer.returncode, hung)
        self.taken = self.promises.take(text)
        return ended

    def check(self):
        """What is wrong with what is left; `None` if nothing is."""
        command = [self.options.workload, "check", self.store]
        try:
            checked = subprocess.run(
                command, capture_output=True, text=True, timeout=SECONDS_MAX, check=False
            )
        except subprocess.TimeoutExpired:
            return "the check hangs"
        if checked.returncode != 0:
            return f"the check fails: {checked.stderr.strip()[-300:]}"
        broken = self.promises.broken(checked.stdout)
        return f"{len(broken)} lost, first {broken[0]}" if broken else None

    def goes_on(self):
        """Whether work is taken up again where it was left."""
        ended = self.write("write", self.options.seed, 4)
        return None if ended.done else f"does not go on: {ended.errors.strip()[-300:]}"

    def forget(self, earlier):
        """The control: the database as it was earlier, and no guard that would notice."""
        for name in ("db", "keys", "guard"):
            shutil.rmtree(os.path.join(self.store, name))
            shutil.copytree(os.path.join(earlier, name), os.path.join(self.store, name))

    def copy(self):
        to = os.path.join(self.options.aside, "earlier")
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.store, to)
        return to


class Report:
    """What was seen, and what was wrong."""

    def __init__(self):
        self.seen = collections.Counter()
        self.acknowledged = 0
        self.sites = collections.Counter()
        self.messages = collections.Counter()
        self.wrong = []

    def note(self, what, wrong):
        self.seen[what] += 1
        if wrong:
            self.wrong.append(f"{what}: {wrong}")
            print(f"wrong: {what}: {wrong}", file=sys.stderr)

    def hear(self, ended):
        line = (ended.errors.strip().splitlines() or ["-"])[0]
        words = [word for word in line.split() if not any(c.isdigit() for c in word)]
        self.messages[" ".join(words)[:120]] += 1


def random_kills(options, report):
    trial, earlier = Trial(options, options.where), None
    dice = random.Random(options.seed)
    for number in range(options.rounds):
        if number % options.per_installation == 0:
            trial.clear()
            earlier = None
        seconds = dice.uniform(0, options.seconds_max)
        options.number = number
        ended = trial.write("write", options.seed + number, 1_000_000, kill_after=seconds)
        report.acknowledged += trial.taken["record"]
        report.hear(ended)
        if ended.code != -signal.SIGKILL:
            report.note("ended by itself", ended.errors.strip()[-300:] or "without a word")
        made = os.path.exists(os.path.join(trial.store, "made"))
        forgotten = options.control == "forgetful" and earlier and trial.taken["record"] > 0
        if forgotten:
            trial.forget(earlier)
            report.seen["rounds that must be red"] += 1
        wrong = trial.check()
        report.note("kills" if trial.taken else "kills before anything was said", wrong)
        if wrong:
            trial.clear()
            earlier = None
        elif options.control and made:
            earlier = trial.copy()


def every_point(options, calls):
    """The numbers of the calls to strike, as many as an unharmed run makes, and a few more."""
    trial = Trial(options, options.where)
    trial.clear()
    count = os.path.join(options.aside, "count")
    ended = trial.write("canon", faults={"CALLS": calls, "COUNT": count} if calls else {"COUNT": count})
    if not ended.done:
        raise RuntimeError(f"the unharmed run fails: {ended.errors}")
    with open(count, encoding="utf-8") as file:
        total = int(file.read())
    # The engine's own threads make some calls more or fewer each time.
    return total, range(1 + random.randrange(options.every), total + 20, options.every)


def strike(options, report, how, points, calls, judge, lasting=False):
    """Strikes the canonical workload at one call after the other, on a new installation each."""
    trial = Trial(options, options.where)
    for at in points:
        trial.clear()
        faults = {"AT": str(at), "HOW": how}
        if calls:
            faults["CALLS"] = calls
        if lasting:
            faults["LASTING"] = "1"
        ended = trial.write("canon", faults=faults)
        if ended.fault is None:
            report.note("not reached", None if ended.done else ended.errors[-300:])
            continue
        report.sites[ended.fault] += 1
        report.acknowledged += trial.taken["record"]
        what = f"{how}{' lasting' if lasting else ''}"
        wrong = judge(report, trial, ended) or trial.check()
        if len(report.sites) == 1 or sum(report.sites.values()) % 5 == 0:
            wrong = wrong or trial.goes_on() or trial.check()
        report.note(what, wrong and f"call {at}, {ended.fault}: {wrong}")


def judge_kill(_report, _trial, ended):
    return None if ended.code == -signal.SIGKILL else f"not killed: {ended.errors[-200:]}"


def judge_refusal(report, _trial, ended):
    """A failed call: told, not a panic, and nothing acknowledged afterwards. A snapshot is a shortcut
    for opening: without one the work goes on."""
    if ended.hung:
        return "it hangs"
    if " snapshots" in ended.fault and ended.done:
        return None
    if ended.after_fault["ack"]:
        return f"acknowledged afterwards: {ended.after_fault}"
    if ended.done_before:
        return None
    if ended.done:
        return "it went on as if nothing had been"
    report.hear(ended)
    return None if ended.told and not ended.panicked else f"said: {ended.errors[-300:]!r}"


def judge_space(report, _trial, ended):
    """As a failed call, except that what needs no space may go on and be acknowledged."""
    if ended.hung:
        return "it hangs"
    report.hear(ended)
    good = ended.done or (ended.told and not ended.panicked)
    return None if good else f"said: {ended.errors[-300:]!r}"


def sites(options, report):
    total, points = every_point(options, None)
    report.seen["calls of an unharmed run"] = total
    strike(options, report, "kill", points, None, judge_kill)
    total, points = every_point(options, ",write,writev,pwrite64,")
    strike(options, report, "torn", points, ",write,writev,pwrite64,", judge_kill)


def syncs(options, report):
    total, points = every_point(options, SYNCS)
    report.seen["syncs of an unharmed run"] = total
    for lasting in (False, True):
        strike(options, report, EIO, points, SYNCS, judge_refusal, lasting)


def nospace(options, report):
    total, points = every_point(options, WRITES)
    report.seen["writes of an unharmed run"] = total
    for lasting in (False, True):
        strike(options, report, ENOSPC, points, WRITES, judge_space, lasting)


class SmallDisk:
    """A file system of its own, in memory or in an image, and something that fills it."""

    def __init__(self, where, mebibytes, kind):
        self.where, self.filler = where, os.path.join(where, "filler")
        self.image = f"{where}.img" if kind == "ext4" else None
        os.makedirs(where, exist_ok=True)
        if self.image:
            with open(self.image, "wb") as image:
                image.truncate(mebibytes * MEBIBYTE)
            subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", self.image], check=True)
            mount = ["mount", "-o", "loop", self.image, where]
        else:
            mount = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", where]
        if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            raise Skip("no file system can be mounted here")

    def free(self):
        space = os.statvfs(self.where)
        return space.f_bavail * space.f_frsize

    def fill(self, leave):
        with open(self.filler, "ab") as filler:
            wanted = self.free() - leave
            if wanted > 0:
                with contextlib.suppress(OSError):
                    os.posix_fallocate(filler.fileno(), filler.tell(), wanted)

    def relieve(self):
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.filler)

    def discard(self):
        for _ in range(50):
            if subprocess.run(["umount", self.where], capture_output=True).returncode == 0:
                break
            time.sleep(0.1)
        if self.image:
            os.remove(self.image)


def full(options, report):
    if os.geteuid() != 0:
        raise Skip("only root can mount")
    disk = SmallDisk(os.path.join(options.aside, "disk"), options.mebibytes, options.file_system)
    try:
        trial = Trial(options, disk.where)
        for number in range(options.rounds):
            if number % options.per_installation == 0:
                trial.clear()
                prepared = trial.write("write", options.seed + number, 40)
                wrong = None if prepared.done else prepared.errors
                report.acknowledged += trial.taken["record"]
                if wrong:
                    raise RuntimeError(f"not prepared: {wrong}")
            # From nothing at all to more than the reserve; the control leaves nothing.
            most = 0 if options.control else options.leave_max
            leave = int(most * MEBIBYTE * number / max(1, options.rounds - 1))
            one_degree(options, report, trial, disk, leave, number)
    finally:
        disk.discard()


def one_degree(options, report, trial, disk, leave, number):
    """Fills the disk, works and erases, makes room again, and looks at what is left."""
    if options.control == "no-reserve":
        with contextlib.suppress(FileNotFoundError):
            os.remove(os.path.join(trial.store, "db", "reserve"))
        report.seen["rounds that must be red"] += 1
    if number % 2 and not options.control:
        # While it works, as another program does: what it is writing then may fail, and is told.
        filling = threading.Timer(random.Random(number).uniform(0, 0.1), disk.fill, [leave])
        filling.start()
        ended = trial.write("fill", options.seed + number, 60)
        filling.join()
        report.acknowledged += trial.taken["record"]
        if not ended.done and not (ended.told and not ended.panicked):
            report.note("filled while it worked", f"said: {ended.errors[-300:]!r}")
    else:
        disk.fill(leave)
    ended = trial.write("fill", options.seed + number, 60)
    report.acknowledged += trial.taken["record"]
    refused = "note refused" in ended.printed
    report.hear(ended)
    wrong = "it hangs" if ended.hung else None
    if ended.panicked:
        wrong = f"it panics: {ended.errors[-300:]}"
    if not ended.done:
        wrong = wrong or f"an erasure did not end: {ended.errors.strip()[-300:]}"
    orders = trial.taken["order"]
    disk.relieve()
    wrong = wrong or trial.check()
    if number % 10 == 0:
        wrong = wrong or trial.goes_on() or trial.check()
    what = "refused, and erased" if refused else "not full"
    report.seen["erasures on a full disk"] += orders if refused else 0
    report.note(what, wrong and f"{leave} bytes free: {wrong}")
    if wrong:
        trial.clear()
        trial.write("write", options.seed + number, 40)


def limits(options, report):
    trial = Trial(options, options.where)
    few = [(resource.RLIMIT_NOFILE, "descriptors", number) for number in range(3, 45)]
    little = [(resource.RLIMIT_AS, "memory", n * MEBIBYTE) for n in range(8, 400, 6)]
    for limit, name, most in (few + little)[:: options.every]:
        trial.clear()
        trial.write("canon")

        def starve(limit=limit, most=most):
            resource.setrlimit(limit, (most, most))

        ended = trial.write("write", options.seed, 30, prepare=starve)
        report.acknowledged += trial.taken["record"]
        report.hear(ended)
        wrong = "it hangs" if ended.hung else None
        if not ended.done and not ended.told:
            wrong = wrong or f"it says nothing, exit {ended.code}"
        report.seen["panics inside the engine, told"] += ended.panicked
        wrong = wrong or trial.check() or trial.goes_on() or trial.check()
        report.note(f"{name}, {'enough' if ended.done else 'refused'}", wrong and f"{most}: {wrong}")


def hang(options, report):
    """A disk that never answers: the process ends by itself, and says why. All places at a time."""
    places = [(at, place, calls) for at, place in (("40", "db"), ("12", "guard"), ("5", "keys"))
              for calls in (",pwrite64,", ",fdatasync,")]
    places += [("2", "snapshots", ",write,"), ("1", "snapshots", ",fsync,")]
    with concurrent.futures.ThreadPoolExecutor(len(places)) as pool:
        list(pool.map(lambda place: hang_at(options, report, *place), places))


def hang_at(options, report, at, place, calls):
    own = argparse.Namespace(**vars(options))
    own.where = tempfile.mkdtemp(dir=options.where)
    own.aside = tempfile.mkdtemp(dir=options.aside)
    trial = Trial(own, own.where)
    under = os.path.join(trial.store, place) + "/"
    ended = trial.write("canon", faults={"AT": at, "HOW": "hang", "CALLS": calls, "UNDER": under})
    report.acknowledged += trial.taken["record"]
    report.hear(ended)
    wrong = None if ended.fault else "nothing was struck"
    wrong = wrong or ("it hangs" if ended.hung else None)
    if ended.code != 70 or "has not answered" not in ended.errors:
        wrong = wrong or f"exit {ended.code}: {ended.errors[-300:]}"
    wrong = wrong or trial.check() or trial.goes_on() or trial.check()
    report.note(f"{place} {calls.strip(',')}", wrong)


def rot(options, report):
    """Two installations: a small one, opened many times, and one of several segments."""
    for name, turns, share in (("small", 0, 0.98), ("large", 90, 0.02)):
        trial = Trial(options, os.path.join(options.where, name))
        os.makedirs(trial.where)
        if not trial.write("canon").done or (turns and not trial.write("write", 7, turns).done):
            raise RuntimeError("not prepared")
        older = os.path.join(trial.where, "older")
        shutil.copytree(trial.store, older)
        if not trial.write("canon").done:
            raise RuntimeError("not prepared")
        count = 3 if options.control else max(1, int(options.rounds * share))
        for start in range(0, count, ROT_AT_A_TIME):
            some = min(ROT_AT_A_TIME, count - start)
            command = [options.rot, trial.store, older, str(some), str(options.seed + start)]
            command += [str(options.workers)] + ([options.control] if options.control else [])
            ran = subprocess.run(command, capture_output=True, text=True, check=False)
            print(ran.stderr, file=sys.stderr)
            for row in json.loads(ran.stdout)["seen"]:
                report.seen[f"{name}, {row['outcome']}"] += row["count"]
                report.sites[f"{row['damage']} {row['file']}: {row['outcome']}"] += row["count"]
                if row["outcome"] not in ("harmless", "named"):
                    report.wrong.append(f"{name}: {row}")


def settings(options, report):
    """Each bit of the files beside the database that people and callers read."""
    home = os.path.join(options.where, "home")

    def doctor():
        command = [options.zegel, "--json", "doctor", "--data", home]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    command = [options.zegel, "init", "--data", home]
    subprocess.run(command, capture_output=True, check=True)
    good = doctor()
    if good.returncode != 0:
        raise RuntimeError(f"not prepared: {good.stderr}{good.stdout}")
    for name in ("settings.json", "token", "vkey"):
        path = os.path.join(home, name)
        with open(path, "rb") as file:
            whole = file.read()
        for bit in range(random.randrange(options.every), 8 * len(whole), options.every):
            bent = bytearray(whole)
            bent[bit // 8] ^= 1 << (bit % 8)
            with open(path, "wb") as file:
                file.write(bent)
            told = doctor()
            silent = told.returncode == 0 and bent.split() != whole.split()
            report.note(f"{name}, {'harmless' if told.returncode == 0 else 'named'}",
                        f"bit {bit} is not seen" if silent else None)
        with open(path, "wb") as file:
            file.write(whole)


ORDEALS = {
    "hang": hang,
    "rot": rot,
    "settings": settings,
    "kills": random_kills,
    "sites": sites,
    "syncs": syncs,
    "nospace": nospace,
    "full": full,
    "limits": limits,
}


def build_faults(options):
    options.faults = os.path.join(options.aside, "faults.so")
    source = os.path.join(HERE, "faults.c")
    command = ["cc", "-shared", "-fPIC", "-O2", "-o", options.faults, source, "-ldl"]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError as error:
        raise Skip("no C compiler (cc)") from error


def parse():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("ordeal", choices=sorted(ORDEALS))
    parser.add_argument("--workload", default="target/release/examples/workload")
    parser.add_argument("--rot", default="target/release/examples/rot")
    parser.add_argument("--zegel", default="target/release/zegel")
    parser.add_argument("--workers", type=int, default=2, help="of `rot`")
    parser.add_argument("--rounds", type=int, default=100, help="kills, degrees of a full disk, damages")
    parser.add_argument("--every", type=int, default=1, help="take each N-th point only")
    parser.add_argument("--per-installation", type=int, default=20)
    parser.add_argument("--seconds-max", type=float, default=0.3, help="until a random kill")
    parser.add_argument("--mebibytes", type=int, default=192, help="of the small disk")
    parser.add_argument("--leave-max", type=int, default=80, help="mebibytes left free at most")
    parser.add_argument("--file-system", choices=["tmpfs", "ext4"], default="tmpfs")
    parser.add_argument("--control", choices=["forgetful", "no-reserve", "rolled-back"])
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    options.workload = os.path.abspath(options.workload)
    options.rot, options.zegel = os.path.abspath(options.rot), os.path.abspath(options.zegel)
    options.seed = random.randrange(1, 2**31) if options.seed is None else options.seed
    random.seed(options.seed)
    return options


def summary(options, report, seconds):
    return {
        "ordeal": options.ordeal,
        "control": options.control,
        "seed": options.seed,
        "seconds": round(seconds),
        "seen": dict(report.seen),
        "acknowledged": report.acknowledged,
        "wrong": len(report.wrong),
        "first wrong": report.wrong[:3],
        "sites": dict(sorted(report.sites.items())),
        "messages": dict(report.messages.most_common(30)),
    }


def main():
    options = parse()
    in_memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    # A kill leaves what was written, so memory serves as well as a disk, and faster.
    options.where = tempfile.mkdtemp(prefix="zegel-ordeal-", dir=in_memory)
    options.aside = tempfile.mkdtemp(prefix="zegel-ordeal-", dir=in_memory)
    report, started = Report(), time.monotonic()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        build_faults(options)
        ORDEALS[options.ordeal](options, report)
    except KeyboardInterrupt:
        report.seen["interrupted, so not all of it"] = 1
    except Skip as why:
        print(f"skipped: {why}")
        sys.exit(SKIPPED)
    finally:
        shutil.rmtree(options.where, ignore_errors=True)
        shutil.rmtree(options.aside, ignore_errors=True)
    figures = summary(options, report, time.monotonic() - started)
    print(json.dumps(figures, ensure_ascii=False))
    # A control must be red each time that it did harm.
    must = max(1, report.seen["rounds that must be red"]) if options.control else 0
    good = len(report.wrong) >= must if options.control else not report.wrong
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
