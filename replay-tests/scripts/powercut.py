#!/usr/bin/env python3
"""Cuts the power under a writer, and asks whether everything it acknowledged is still there.

An image of ext4 or xfs is mounted through a loop device. The writer works in it and prints what
was acknowledged to a file outside the mount. After a random time the file system is shut down as by
a power cut (EXT4_IOC_SHUTDOWN, and XFS_IOC_GOINGDOWN which is the same number, without flushing the
journal: the page cache and the open transaction are gone), the writer is killed, the image is
mounted again, and the checker opens what is left.
Images are used for several cuts, so that databases grow old and are recovered more than once.

The writer is run as `CMD DIR SEED COMMITS`, the checker as `CMD DIR`; `promises.py` says what they
print. With `--side-by-side` several images are written and cut at the same time.

    cargo build --release -p replay-tests --example workload
    powercut.py --writer "target/release/examples/workload write" \
                --checker "target/release/examples/workload check" --cuts 50

The store alone is loaded by the examples `powercut_writer` and `powercut_checker` of the crate
`journal` in the same way. `--control` expects a writer that was built without its sync (cargo
feature `journal/control-no-sync`), or that runs without it: the run then must find losses, or the
test itself is broken.

Prints one JSON object; `in_between` counts the cuts that came between an `also` and its `ack`, as in
the middle of an erasure. Exit codes: 0 as expected, 1 not, 77 skipped.
"""

import argparse
import collections
import concurrent.futures
import contextlib
import errno
import fcntl
import json
import os
import random
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

from promises import Promises

SHUTDOWN = 0x8004587D  # _IOR('X', 125, __u32), of both file systems
NOLOGFLUSH = 2
SKIPPED = 77
COMMITS_MAX = 1_000_000
# One cut in so many counts its time from the start, and so may come while the database opens; the
# others count it from the first thing that is acknowledged.
OPENINGS_ONE_IN = 4
STARTS_WITHIN = 60
FILE_SYSTEMS = {"ext4": ("mkfs.ext4", "-q", "-F"), "xfs": ("mkfs.xfs", "-q", "-f")}


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True)


class Disk:
    """One image and where it is mounted."""

    def __init__(self, where, mebibytes, file_system):
        self.image = os.path.join(where, "disk.img")
        self.mount_point = os.path.join(where, "mount")
        self.mounted = False
        self.stale_mounts = 0
        os.makedirs(self.mount_point, exist_ok=True)
        with open(self.image, "wb") as image:
            image.truncate(mebibytes * 1024 * 1024)
        run(*FILE_SYSTEMS[file_system], self.image)

    def mount(self):
        """Mounts the image anew. While something still holds the file system that was shut down,
        for example a process that is ending, a mount gets that one again, which answers nothing."""
        for _ in range(100):
            run("mount", "-o", "loop", self.image, self.mount_point)
            self.mounted = True
            if self.answers():
                return
            self.stale_mounts += 1
            self.unmount()
            time.sleep(0.1)
        raise RuntimeError("the file system stays shut down")

    def answers(self):
        probe = os.path.join(self.mount_point, "probe")
        try:
            os.close(os.open(probe, os.O_CREAT | os.O_WRONLY))
            os.remove(probe)
        except OSError as error:
            if error.errno == errno.EIO:
                return False
            raise
        return True

    def cut_power(self):
        handle = os.open(self.mount_point, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, SHUTDOWN, struct.pack("I", NOLOGFLUSH))
        finally:
            os.close(handle)

    def unmount(self):
        if not self.mounted:
            return
        for _ in range(50):
            if subprocess.run(["umount", self.mount_point], capture_output=True).returncode == 0:
                self.mounted = False
                return
            time.sleep(0.1)
        raise RuntimeError("the image cannot be unmounted")

    def discard(self):
        self.unmount()
        os.remove(self.image)


def promises_file_grows(writer, log_path):
    """Waits until the writer has said something: on a busy machine that takes its time."""
    until = time.monotonic() + STARTS_WITHIN
    while writer.poll() is None and time.monotonic() < until and not os.path.getsize(log_path):
        time.sleep(0.005)


def write_until_cut(disk, options, seed, seconds, log_path):
    """Runs the writer, cuts the power under it, and returns what it printed."""
    store = os.path.join(disk.mount_point, "store")
    command = shlex.split(options.writer) + [store, str(seed), str(COMMITS_MAX)]
    # The pipe ends in a file outside the mount: a full pipe would hold the writer back.
    with open(log_path, "wb") as out, open(log_path + ".errors", "wb") as errors:
        writer = subprocess.Popen(
            command, stdout=out, stderr=errors, cwd="/", start_new_session=True
        )
        try:
            ended_early = True
            if seed % OPENINGS_ONE_IN:
                promises_file_grows(writer, log_path)
            try:
                writer.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                ended_early = False
            disk.cut_power()
        finally:
            # With its children, if it runs under another program.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(writer.pid, signal.SIGKILL)
            writer.wait()
    with open(log_path, encoding="utf-8", errors="replace") as printed:
        text = printed.read()
    with open(log_path + ".errors", encoding="utf-8", errors="replace") as errors:
        return text, ended_early, errors.read().strip()


def one_cut(disk, promises, options, seed, where):
    result = {"acknowledged": 0, "lost": 0, "unopenable": False}
    seconds = random.Random(seed).uniform(options.seconds_min, options.seconds_max)
    disk.mount()
    log_path = os.path.join(where, "printed")
    printed, ended_early, errors = write_until_cut(disk, options, seed, seconds, log_path)
    disk.unmount()
    result["kinds"] = promises.take(printed)
    result["acknowledged"] = result["kinds"].total()
    result["in_between"] = bool(promises.also)
    result["stale_mounts"] = -disk.stale_mounts
    if ended_early:
        result["writer"] = errors[-300:]
    disk.mount()
    store = os.path.join(disk.mount_point, "store")
    checker = shlex.split(options.checker) + [store]
    checked = subprocess.run(checker, capture_output=True, text=True, timeout=600)
    if checked.returncode != 0 and promises.count() > 0:
        result["unopenable"] = True
        result["checker"] = checked.stderr.strip()[-300:]
    else:
        broken = promises.broken(checked.stdout)
        result["lost"] = len(broken)
        if broken:
            result["first lost"] = broken[0]
    disk.unmount()
    result["stale_mounts"] += disk.stale_mounts
    return result


def cut_repeatedly(options, where, numbers):
    """Cuts the power under one image after the other."""
    os.makedirs(where, exist_ok=True)
    results, disk, promises = [], None, None
    try:
        for turn, number in enumerate(numbers):
            damaged = results and (results[-1]["lost"] or results[-1]["unopenable"])
            if disk is None or damaged or turn % options.cuts_per_image == 0:
                if disk is not None:
                    disk.discard()
                disk = Disk(where, options.image_mebibytes, options.file_system)
                promises = Promises()
            results.append(one_cut(disk, promises, options, options.seed + number, where))
            print(f"cut {number + 1}: {json.dumps(results[-1])}", file=sys.stderr)
    finally:
        if disk is not None:
            disk.discard()
    return results


def cut_side_by_side(options, where):
    """The same for several images at a time, each with its share of the cuts."""
    lanes = options.side_by_side
    shares = [range(options.cuts)[lane::lanes] for lane in range(lanes)]
    places = [os.path.join(where, f"lane{lane}") for lane in range(lanes)]
    with concurrent.futures.ThreadPoolExecutor(lanes) as pool:
        done = pool.map(cut_repeatedly, [options] * lanes, places, shares)
        return [result for results in done for result in results]


def summary(results, options):
    return {
        "file_system": options.file_system,
        "control": options.control,
        "seed": options.seed,
        "cuts": len(results),
        "cuts_after_acknowledgements": sum(1 for result in results if result["acknowledged"]),
        "acknowledged": sum(result["acknowledged"] for result in results),
        "kinds": dict(sum((result["kinds"] for result in results), collections.Counter())),
        "in_between": sum(result["in_between"] for result in results),
        "lost": sum(result["lost"] for result in results),
        "cuts_with_loss": sum(1 for result in results if result["lost"]),
        "mounts_repeated": sum(result["stale_mounts"] for result in results),
        "unopenable": sum(1 for result in results if result["unopenable"]),
        "writer_ended_early": sum(1 for result in results if "writer" in result),
    }


def as_expected(figures):
    harmed = figures["lost"] + figures["unopenable"] > 0
    if figures["control"]:
        return harmed and figures["acknowledged"] > 0
    quiet = figures["acknowledged"] > 0 and figures["writer_ended_early"] == 0
    return quiet and not harmed


def check_possible(where, file_system):
    if os.geteuid() != 0:
        skip("only root can mount")
    for tool in [FILE_SYSTEMS[file_system][0], "mount", "umount"]:
        if shutil.which(tool) is None:
            skip(f"{tool} is not installed")
    try:
        disk = Disk(where, 320, file_system)
        disk.mount()
    except (OSError, subprocess.CalledProcessError):
        skip("no image can be mounted here")
    try:
        disk.cut_power()
    except OSError:
        disk.unmount()
        skip(f"this {file_system} cannot be shut down")
    disk.discard()


def parse():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--writer", required=True, help="command, run as `CMD DIR SEED COMMITS`")
    parser.add_argument("--checker", required=True, help="command, run as `CMD DIR`")
    parser.add_argument("--file-system", choices=sorted(FILE_SYSTEMS), default="ext4")
    parser.add_argument("--side-by-side", type=int, default=1, help="images at a time")
    parser.add_argument("--cuts", type=int, default=10)
    parser.add_argument("--cuts-per-image", type=int, default=5)
    parser.add_argument("--control", action="store_true", help="losses are expected")
    parser.add_argument("--seconds-min", type=float, default=0.3)
    parser.add_argument("--seconds-max", type=float, default=4.0)
    parser.add_argument("--image-mebibytes", type=int, default=1024)
    parser.add_argument("--seed", type=int, default=None, help="of the writer and of the times")
    options = parser.parse_args()
    options.seed = random.randrange(1, 2**31) if options.seed is None else options.seed
    random.seed(options.seed)
    return options


def main():
    options = parse()
    where = tempfile.mkdtemp(prefix="zegel-powercut-")
    try:
        check_possible(where, options.file_system)
        figures = summary(cut_side_by_side(options, where), options)
    finally:
        shutil.rmtree(where, ignore_errors=True)
    print(json.dumps(figures))
    sys.exit(0 if as_expected(figures) else 1)


if __name__ == "__main__":
    main()
