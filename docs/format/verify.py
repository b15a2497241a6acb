#!/usr/bin/env python3
"""Verify a Zegel bundle: a second verifier, written from docs/format/ alone.

    verify.py BUNDLE [--key VKEY] [--previous FILE] [--json]
    verify.py TENANT --operator OPERATOR ...    beside the operator's bundle (B 12)
    verify.py OPERATOR --tenant TENANT ...      the operator's, beside those of all its tenants
    verify.py ONE --compare OTHER [--proof FILE] ...    one history, or a fork (B 13)

It needs Python 3.8, `pip install blake3 cryptography`, and bundle.md beside it (for appendix A).
It prints the verdict of bundle.md section 8 and every finding, and exits with the code of the
verdict: 0 INTACT or INTACT-WITH-ERASURES, 3 INCOMPLETE, 4 UNTRUSTED, 5 TAMPERED, 2 wrong usage.
With --compare: 0 SAME or PREFIX, 3 UNDECIDED, 4 UNTRUSTED, 5 FORK or TAMPERED.

Read it from the bottom: `verify` is the list of what is checked, in order.
Section numbers are those of bundle.md (B), record.md (R), checkpoint.md (C), public-parts.md (P).
"""
import argparse
import base64
import hashlib
import json
import os
import re
import stat
import struct
import sys
import unicodedata
from collections import Counter, namedtuple

from blake3 import blake3 as _blake3
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HERE = os.path.dirname(os.path.abspath(__file__))
MIB = 1 << 20
UNACCOUNTED_BYTES_MAX = 4 << 30         # hashed of files that no record accounts for
ABSENT = 0xFFFFFFFF
ZEROS16, ZEROS32 = bytes(16), bytes(32)


class Bad(Exception):
    """Bytes that do not have the form that the documents ask for."""


def ask(condition, what):
    if not condition:
        raise Bad(what)


def sha256(data):
    return hashlib.sha256(data).digest()


def blake3(data):
    return _blake3(data).digest()


# ---------------------------------------------------------------- texts, keys and notes (C 1)

def utf8(data, limit):
    ask(len(data) <= limit, "over %d bytes" % limit)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Bad("not UTF-8") from None


def has_control(text):
    return any(unicodedata.category(character) == "Cc" for character in text)


# What does not show where it stands: the categories Cc, Cf, Zl and Zp of Unicode 16, as P 1 lists
# them, since the tables of this Python may be older.
NOT_PLAIN = re.compile(
    "[\0-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001"
    "\U000e0020-\U000e007f]")


def decimal(text, bits):
    ask(re.fullmatch(r"0|[1-9][0-9]*", text, re.ASCII), "not a canonical number")
    ask(int(text) < 1 << bits, "a number over %d bits" % bits)
    return int(text)


def base64_strict(text):
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise Bad("not base64") from None
    ask(base64.b64encode(data).decode() == text, "not canonical base64")
    return data


# Ed25519: the field, the order of the group, and the y of the eight points of small order.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
Y8 = int.from_bytes(bytes.fromhex(
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little")
SMALL_ORDER = {0, 1, P - 1, Y8, P - Y8}


def point_y(encoded):
    """The y of an encoded point; without the check that it is on the curve."""
    return int.from_bytes(encoded, "little") & ((1 << 255) - 1)


def on_curve(y):
    """x^2 = (y^2 - 1) / (d y^2 + 1) has a root (RFC 8032 section 5.1.3)."""
    d = -121665 * pow(121666, P - 2, P)
    square = (y * y - 1) * pow(d * y * y + 1, P - 2, P) % P
    return pow(square, (P - 1) // 2, P) in (0, 1)


def good_name(name):
    return name and not has_control(name) and "+" not in name and not any(map(str.isspace, name))


Key = namedtuple("Key", "text name id public")


def parse_vkey(text):
    fields = text.split("+", 2)
    ask(len(fields) == 3 and good_name(fields[0]), "not a verifying key")
    name, key_id, raw = fields[0], fields[1], base64_strict(fields[2])
    ask(len(raw) == 33 and raw[0] == 1, "not an Ed25519 key")
    ask(sha256(name.encode() + b"\n" + raw)[:4].hex() == key_id, "another key id")
    y = point_y(raw[1:])
    ask(y < P and y not in SMALL_ORDER and on_curve(y), "not a sound public key")
    return Key(text, name, key_id, raw[1:])


Note = namedtuple("Note", "text signatures")


def parse_note(data):
    """The signed text and its signature lines, as (name, key id, signature)."""
    note = utf8(data, 16 * MIB)
    ask(not has_control(note.replace("\n", "")), "a control character")
    text, blank, lines = note.rpartition("\n\n")
    ask(blank and lines.endswith("\n"), "not a signed note")
    lines = lines[:-1].split("\n")
    ask(1 <= len(lines) <= 100, "too many signature lines")
    return Note(text + "\n", [parse_signature_line(line) for line in lines])


def parse_signature_line(line):
    fields = line.split(" ")
    ask(len(fields) == 3 and fields[0] == "\u2014" and good_name(fields[1]), "a signature line")
    raw = base64_strict(fields[2])
    ask(len(raw) >= 5, "a signature without bytes")
    return fields[1], raw[:4].hex(), raw[4:]


def signed_by(note, keys):
    """The key of the first line that names one of `keys`, if its signature verifies."""
    for name, key_id, signature in note.signatures:
        for key in keys:
            if (name, key_id) == (key.name, key.id):
                return key if verifies(key, signature, note.text.encode()) else None
    return None


def verifies(key, signature, message):
    """Strict Ed25519: R and S canonical, R not of small order, no cofactor (OpenSSL's equation)."""
    if len(signature) != 64 or int.from_bytes(signature[32:], "little") >= ORDER:
        return False
    if point_y(signature[:32]) >= P or point_y(signature[:32]) in SMALL_ORDER:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
        return True
    except InvalidSignature:
        return False


Checkpoint = namedtuple("Checkpoint", "origin journal era size root text")


def parse_checkpoint(text):
    lines = text.split("\n")
    ask(len(lines) == 4 and lines[3] == "", "not three lines")
    journal, era = parse_origin(lines[0])
    root = base64_strict(lines[2])
    ask(len(root) == 32, "a root of another length")
    return Checkpoint(lines[0], journal, era, decimal(lines[1], 64), root, text)


def parse_origin(line):
    fields = line.split("/")
    ask(len(fields) == 3 and fields[0] == "zegel", "not an origin")
    ask(re.fullmatch(r"[0-9a-f]{32}", fields[1]), "not a journal id")
    return bytes.fromhex(fields[1]), decimal(fields[2], 32)


def parse_keys(data):
    """The history of signing keys, the oldest first (B 4)."""
    lines = utf8(data, 8 * MIB).split("\n")
    ask(lines.pop() == "" and lines and len(lines) % 7 == 1, "not a key and rotations")
    ask(len(lines) // 7 <= 4096, "too many rotations")
    keys = [parse_vkey(lines[0])]
    for start in range(1, len(lines), 7):
        ask(lines[start] == "", "no blank line before a rotation")
        note = parse_note(("\n".join(lines[start + 1:start + 7]) + "\n").encode())
        new = parse_vkey(lines[start + 3])
        text = "zegel-key-rotation/v1\n%s\n%s\n" % (keys[-1].text, new.text)
        ask(note.text == text and len(note.signatures) == 2, "not a rotation from the last key")
        ask((new.name, new.id) not in [(key.name, key.id) for key in keys],
            "a key that was there before, or one with its name and id")
        for key, line in zip((keys[-1], new), note.signatures):
            ask(signed_by(Note(note.text, [line]), [key]), "a rotation that is not signed by both")
        keys.append(new)
    return keys


# ---------------------------------------------------------------- the files (B 2, 5, 9)

def tile_path(start, index, width):
    groups = "%03d" % (index % 1000)
    while index >= 1000:
        index //= 1000
        groups = "x%03d/%s" % (index % 1000, groups)
    return start + "/" + groups + ("" if width == 256 else ".p/%d" % width)


def tiles_of(size, level):
    """(index, number of hashes) of every tile of a level."""
    hashes = size >> (8 * level)
    return [(i, min(256, hashes - 256 * i)) for i in range((hashes + 255) // 256)]


def files_of(size):
    paths = ["manifest", "keys", "checkpoint", "census", "population", "receipts", "witness",
             "VERIFY.md"]
    level = 0
    while size >> (8 * level):
        paths += [tile_path("tile/%d" % level, *tile) for tile in tiles_of(size, level)]
        level += 1
    paths += [tile_path("tile/entries", *tile) for tile in tiles_of(size, 0)]
    for number in range((size + 1023) // 1024):
        paths += ["records/headers/%08d" % number, "records/bodies/%08d" % number]
    return paths


def tile_bytes(path):
    """The length of a tile or an entry bundle, which follows from its path."""
    found = re.fullmatch(r"tile/([0-9]+|entries)/[x0-9/]+(?:\.p/([0-9]+))?", path)
    return found and int(found[2] or 256) * (86 if found[1] == "entries" else 32)


class Directory:
    """A bundle in a directory; links are not followed, only what is asked for is opened."""

    def __init__(self, top):
        self.top, self.files, self.directories, self.others = top, set(), set(), set()
        for folder, directories, files in os.walk(top, onerror=self.fail):
            for name in directories + files:
                path = os.path.join(folder, name)
                mode = os.lstat(path).st_mode
                inner = os.path.relpath(path, top)
                if stat.S_ISREG(mode):
                    self.files.add(inner)
                elif stat.S_ISDIR(mode):
                    self.directories.add(inner)
                else:
                    self.others.add(inner)

    def fail(self, error):
        raise error

    def open(self, path):
        """The file at its first byte, and its length."""
        file = open(os.path.join(self.top, path), "rb")
        return file, os.fstat(file.fileno()).st_size


class Tar:
    """A bundle in a tar of exactly one form; what its files hold is not read here."""

    def __init__(self, path):
        self.path, self.extents, self.directories, self.others = path, {}, set(), set()
        with open(path, "rb") as file:
            end = file.seek(0, os.SEEK_END)

            def there(at, count):
                file.seek(at)
                return file.read(count)

            at, before = 0, b""
            while there(at, 512) != bytes(512):
                header = there(at, 512)
                name = header[:100].rstrip(b"\0")
                length = re.fullmatch(rb"([0-7]{11})\0", header[124:136])
                ask(length, "no header of a file at byte %d" % at)
                length = int(length[1], 8)
                ask(header == self.header(name, length), "another header at byte %d" % at)
                ask(name > before, "files out of order at byte %d" % at)
                at, before = at + 512, name
                rest = -length % 512
                ask(there(at + length, rest) == bytes(rest), "no zeros after a file")
                self.extents[name.decode("utf-8", "replace")] = at, length
                at += length + rest
            ask(end == at + 1024 and there(at, 1024) == bytes(1024),
                "not two blocks of zeros at the end")
        self.files = set(self.extents)

    @staticmethod
    def header(name, length):
        zero = b"0000000\0"
        start = name.ljust(100, b"\0") + b"0000644\0" + zero + zero
        start += b"%011o\0" % length + b"00000000000\0"
        end = (b"0" + bytes(100) + b"ustar\00000").ljust(512 - 156, b"\0")
        return start + b"%07o\0" % sum(start + b" " * 8 + end) + end

    def open(self, path):
        at, length = self.extents[path]
        file = open(self.path, "rb")
        file.seek(at)
        return file, length


def read_at_most(bundle, path, limit):
    """The bytes of a file, and at most one more than `limit`: whoever parses them refuses it."""
    file, length = bundle.open(path)
    with file:
        return file.read(min(length, limit + 1))


def sha256_of(bundle, path):
    file, left = bundle.open(path)
    hasher = hashlib.sha256()
    with file:
        while left > 0:
            piece = file.read(min(left, MIB))
            if not piece:
                break
            hasher.update(piece)
            left -= len(piece)
    return hasher.hexdigest()


# ---------------------------------------------------------------- public parts (P 1 and 2)

class Fields:
    """Reads the fields of a public part; `end` refuses bytes that follow the last."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        ask(self.at + count <= len(self.data), "bytes that end early")
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self, count):
        return int.from_bytes(self.take(count), "big")

    def id(self):
        return self.take(16)

    def hash(self):
        return self.take(32)

    def flag(self):
        value = self.number(1)
        ask(value <= 1, "a flag that is not 0 or 1")
        return value

    def text(self, limit):
        text = utf8(self.take(self.number(2)), limit)
        ask(text and not NOT_PLAIN.search(text), "an empty text or a character that does not show")
        return text

    def ids(self):
        ids = [self.id() for _ in range(self.count(16))]
        ask(all(a < b for a, b in zip(ids, ids[1:])), "ids that do not ascend")
        return ids

    def count(self, each):
        count = self.number(4)
        ask(count * each <= len(self.data) - self.at, "bytes that end early")
        return count

    def targets(self):
        targets = [(self.number(1), self.id()) for _ in range(self.count(17))]
        ask(len(targets) <= 100_000, "over 100,000 targets")
        for kind, id in targets:
            ask(kind < 3 or (kind, id) == (3, ZEROS16), "a target of an unknown form")
        return targets

    def level(self):
        level = self.number(1)
        ask(level <= 1, "a level that is not 0 or 1")
        return level

    def places(self):
        places = [(self.number(8), self.number(1)) for _ in range(self.count(9))]
        ask(all(a < b for a, b in zip(places, places[1:])), "parts that do not ascend")
        return places

    def end(self):
        ask(self.at == len(self.data), "bytes after the last field")


def u(bytes_):
    return lambda fields: fields.number(bytes_)


def text(limit):
    return lambda fields: fields.text(limit)


F = Fields
LAYOUT = {
    "installation.started": dict(vkey=text(400)),
    "tenant.registered": dict(tenant=F.id, name=text(200)),
    "tenant.witnessed": dict(tenant=F.id, checkpoint=F.hash),
    "tenant.closing": dict(tenant=F.id, sequence=u(8), record=F.hash, destroyed=F.flag),
    "tenant.started": dict(operator=F.id, name=text(200)),
    "erasure.ordered": dict(order=F.id, ground=text(64), by=F.id, four_eyes=F.flag,
                            targets=F.targets),
    "erasure.approved": dict(order=F.id, by=F.id),
    "erasure.fenced": dict(order=F.id, before=u(8), tenant=F.flag, leaves=F.ids, scopes=F.ids),
    "erasure.keys-destroyed": dict(order=F.id, ground=text(64), by=F.id, before=u(8), after=u(8),
                                   level=F.level, days=u(2), tenant=F.flag, leaves=F.ids,
                                   scopes=F.ids),
    "erasure.completed": dict(order=F.id),
    "erasure.parts-purged": dict(order=F.id, parts=F.places),
    "restore.declared": dict(guarded_era=u(4), guarded_size=u(8), guarded_root=F.hash,
                             guarded_epoch=u(8), restored=u(8), ground=text(64), by=F.id,
                             lost_leaves=F.ids, lost_scopes=F.ids),
}
GENESIS = ("tenant.started", "installation.started")
RESTORE = "restore.declared"                    # stands in either journal


def parse_public(name, version, data):
    ask(version == 1, "another version of a public part")
    fields = Fields(data)
    part = {field: read(fields) for field, read in LAYOUT[name].items()}
    fields.end()
    if part.get("tenant") == 1:
        ask(not part["leaves"] and not part["scopes"], "lists beside a whole tenant")
    if "vkey" in part:
        parse_vkey(part["vkey"])
    return part


# ---------------------------------------------------------------- headers (R 3, 6, 7)

Part = namedtuple("Part", "kind leaf scope length digest")
Header = namedtuple("Header", "journal era seq time name version salt previous parts hash")


def padme(length):
    length = max(length, 64)
    e = length.bit_length() - 1
    mask = (1 << (e - e.bit_length())) - 1
    return (length + mask) & ~mask


def stored_length(part):
    return part.length + (48 if part.kind else 0)


def parse_header(raw):
    ask(len(raw) >= 41 and raw[:4] == b"ZG\0\1", "not a header of version 1")
    n = raw[40]
    ask(1 <= n <= 64 and len(raw) >= 108 + n, "a header that ends early")
    name = raw[41:41 + n].decode("latin-1")
    ask(re.fullmatch(r"[a-z0-9.-]+", name), "an event name of other characters")
    version, = struct.unpack_from(">H", raw, 41 + n)
    count = raw[107 + n]
    ask(version and count and len(raw) == 108 + n + 69 * count, "a header of another length")
    parts = [Part(*struct.unpack_from(">B16s16sI32s", raw, 108 + n + 69 * index))
             for index in range(count)]
    for index, part in enumerate(parts):
        if part.kind == 0:
            ask(part.leaf == part.scope == ZEROS16, "a public part under a key")
        else:
            ask(part.kind == 1, "a part of an unknown kind")
            ask(padme(part.length) == part.length, "a length that is not padded")
    ask(len(raw) + sum(map(stored_length, parts)) <= 16 * MIB, "a record over 16 MiB")
    journal, era, seq, time = struct.unpack_from(">16sIQQ", raw, 4)
    return Header(journal, era, seq, time, name, version, raw[59 + n:75 + n], raw[75 + n:107 + n],
                  parts, blake3(raw))


# ---------------------------------------------------------------- the tree (B 5)

def entry_of(seq, raw):
    return b"zegel-leaf-1" + struct.pack(">Q", seq) + blake3(raw) + sha256(raw)


def leaf_hash(entry):
    return sha256(b"\0" + entry)


def tree_root(hashes):
    """RFC 6962: pair by pair; an odd last hash goes up as it is."""
    if not hashes:
        return sha256(b"")
    while len(hashes) > 1:
        pairs = [sha256(b"\1" + hashes[i] + hashes[i + 1]) for i in range(0, len(hashes) - 1, 2)]
        hashes = pairs + hashes[len(hashes) & ~1:]
    return hashes[0]


# ---------------------------------------------------------------- findings and the verdict (B 8)

TAMPERED, INCOMPLETE, UNTRUSTED, NOTICE = "tampered", "incomplete", "untrusted", "notice"
VERDICTS = {TAMPERED: ("TAMPERED", 5), INCOMPLETE: ("INCOMPLETE", 3), UNTRUSTED: ("UNTRUSTED", 4)}


class Report:
    def __init__(self):
        self.findings = []
        self.erasures = False
        self.checkpoint = None

    def add(self, severity, rule, file=None, seq=None, what=""):
        self.findings.append(dict(severity=severity, rule=rule, file=file, seq=seq, what=what))

    def tampered(self, rule, file=None, seq=None, what=""):
        self.add(TAMPERED, rule, file, seq, what)

    def sorted(self):
        """The findings, worst first and then by record."""
        order = list(VERDICTS) + [NOTICE]
        return sorted(self.findings, key=lambda finding: (
            order.index(finding["severity"]),
            float("inf") if finding["seq"] is None else finding["seq"]))

    def first_bad(self):
        """The first record that is tampered or not whole."""
        seqs = [finding["seq"] for finding in self.findings if finding["seq"] is not None
                and finding["severity"] in (TAMPERED, INCOMPLETE)]
        return dict(seq=min(seqs)) if seqs else None

    def verdict(self):
        worst = self.sorted()[:1]
        if worst and worst[0]["severity"] in VERDICTS:
            return VERDICTS[worst[0]["severity"]]
        return ("INTACT-WITH-ERASURES" if self.erasures else "INTACT"), 0


# ---------------------------------------------------------------- the rules of erasure (B 7, P 3)

PERSON, LEAF, SCOPE, TENANT = range(4)          # the kinds of targets of an order
OPERATOR_JOURNAL = ("installation.started", "tenant.registered", "tenant.witnessed",
                    "tenant.closing")


def ids_of(lists):
    """The ids of a fence or receipt."""
    return {(LEAF, id) for id in lists["leaves"]} | {(SCOPE, id) for id in lists["scopes"]}


def keys_of(part):
    return {(LEAF, part.leaf), (SCOPE, part.scope)}


class Rules:
    """Follows the public parts of a journal in order."""

    def __init__(self, report):
        self.report = report
        self.hole = False                      # an earlier record could not be read
        self.steps = {}                        # order -> step -> (seq, public part), the first
        self.listed = []                       # the lines of `receipts`: (seq, step, order)
        self.fenced, self.destroyed = set(), set()      # of (LEAF, id) and (SCOPE, id)
        self.tenant_fenced = self.tenant_destroyed = False
        self.epoch = 0
        self.escrow = None                     # the last receipt that told of an escrow
        self.operator = None                   # whether it is the operator journal, by record 0
        self.registered = set()
        self.receipts = []                     # (seq, the ids that it is the first to list, tenant)
        self.purged = set()                    # (seq, index) that a purge covers
        self.parts = {}                        # seq -> parts
        self.era = None                        # of the record before
        self.restores = []                     # (seq, era, public part)
        self.lost = set()                      # of (LEAF, id) and (SCOPE, id): the last restore's
        self.started = None                    # the genesis of a tenant
        self.told = {}                         # tenant -> what an operator journal says of it
        self.ends = {}                         # seq -> (record hash, 0 fence or 1 receipt)

    def need(self, condition, rule, seq):
        """A rule that an earlier record could satisfy."""
        if not condition:
            self.report.add(INCOMPLETE if self.hole else TAMPERED, rule, seq=seq)
        return condition

    def must(self, condition, rule, seq):
        if not condition:
            self.report.tampered(rule, seq=seq)

    def covered(self, part):
        return part.kind == 1 and (self.tenant_destroyed or bool(keys_of(part) & self.destroyed))

    def is_destroyed(self, kind, id):
        return self.tenant_destroyed or (kind, id) in self.destroyed

    def record(self, header, public):
        seq = header.seq
        self.must((header.name in GENESIS) == (seq == 0), "genesis", seq)
        if seq == 0:
            self.operator = {"installation.started": True, "tenant.started": False}.get(header.name)
        if self.operator is not None and header.name in LAYOUT and header.name != RESTORE:
            self.must((header.name in OPERATOR_JOURNAL) == self.operator, "stands-in", seq)
        for part in header.parts:
            dead = self.tenant_fenced or keys_of(part) & self.fenced
            self.must(not (part.kind and dead), "part-after-fence", seq)
        self.parts[seq] = header.parts
        self.eras(header, public)
        if public is None:
            return
        self.tell(seq, header, public)
        if header.name == "tenant.registered":
            self.must(public["tenant"] not in self.registered, "tenant-registered", seq)
            self.registered.add(public["tenant"])
        elif header.name in ("tenant.witnessed", "tenant.closing"):
            self.need(public["tenant"] in self.registered, "tenant-registered", seq)
        elif header.name in self.STEPS:
            step, follow = self.STEPS[header.name]
            known = self.steps.setdefault(public["order"], {})
            self.listed.append((seq, step, public["order"]))
            follow(self, seq, public, known)
            known.setdefault(step, (seq, public))

    def eras(self, header, public):
        """P 3, rules 17 to 20."""
        seq, era, last = header.seq, header.era, self.era
        if seq == 0:
            self.must(era == 0, "era", seq)
        elif last is not None:
            self.must(era >= last, "era", seq)
            if era > last:
                self.need(header.name == RESTORE, "era", seq)
            else:
                self.must(header.name != RESTORE, "era", seq)
        for part in header.parts:
            self.must(not (part.kind and keys_of(part) & self.lost), "part-after-loss", seq)
        if header.name == RESTORE and public is not None:
            self.must(public["restored"] == seq, "restore-size", seq)
            guarded, last = public["guarded_era"], last or 0
            self.must(era > last and guarded == era - 1, "restore-era", seq)
            # An era of which nothing came back began at what came back, or behind it.
            self.need(guarded <= last or public["guarded_size"] > seq, "restore-era", seq)
            if era - 1 > last:
                self.report.add(NOTICE, "era-unseen", seq=seq, what="eras %d to %d" % (
                    last + 1, era - 1))
            self.restores.append((seq, era, public))
            self.lost = {(LEAF, id) for id in public["lost_leaves"]}
            self.lost |= {(SCOPE, id) for id in public["lost_scopes"]}
            self.report.add(NOTICE, "restored", seq=seq, what=restore_text(seq, era, public))
        self.era = era

    def tell(self, seq, header, public):
        """Collects what the two kinds of journals say of each other (B 12)."""
        if header.name == "tenant.started":
            self.started = self.started or public
        elif header.name in ("tenant.registered", "tenant.witnessed", "tenant.closing"):
            told = self.told.setdefault(public["tenant"], {})
            told.setdefault(header.name, []).append((seq, public))
        elif public.get("tenant") == 1:
            self.ends[seq] = header.hash, int(header.name == "erasure.keys-destroyed")

    def ordered(self, seq, order, known):
        self.must("ordered" not in known, "order-once", seq)
        self.must(not set(known) - {"ordered"}, "order-first", seq)

    def approved(self, seq, approval, known):
        self.must("approved" not in known, "approval-once", seq)
        if self.need("ordered" in known, "approval-order", seq):
            order = known["ordered"][1]
            self.must(not order["four_eyes"] or approval["by"] != order["by"], "four-eyes", seq)

    def fence(self, seq, fence, known):
        self.must("fenced" not in known, "fence-once", seq)
        self.need("approved" in known, "fence-approval", seq)
        ids = ids_of(fence)
        if self.need("ordered" in known, "fence-order", seq):
            targets = known["ordered"][1]["targets"]
            kinds = {kind for kind, _ in targets}
            self.must(bool(fence["tenant"]) == (TENANT in kinds), "fence-targets", seq)
            wanted = {target for target in targets if target[0] in (LEAF, SCOPE)}
            self.need(fence["tenant"] or self.tenant_fenced or wanted <= ids | self.fenced,
                      "fence-targets", seq)
            # Nobody can tell whose a leaf is, or for which scope it was minted.
            beyond = {id for id in ids - wanted if id[0] == SCOPE or not kinds & {PERSON, SCOPE}}
            self.must(not beyond, "fence-beyond", seq)
        self.fenced |= ids
        self.tenant_fenced |= bool(fence["tenant"])

    def receipt(self, seq, receipt, known):
        self.must("destroyed" not in known, "receipt-once", seq)
        if self.need("ordered" in known, "receipt-order", seq):
            order = known["ordered"][1]
            self.must(receipt["ground"] == order["ground"], "receipt-ground", seq)
            self.must(not order["four_eyes"] or receipt["by"] != order["by"], "four-eyes", seq)
        if self.need("approved" in known, "receipt-approval", seq):
            self.must(receipt["by"] == known["approved"][1]["by"], "receipt-approver", seq)
        if self.need("fenced" in known, "receipt-fence", seq):
            fence = known["fenced"][1]
            same = all(receipt[field] == fence[field] for field in ("tenant", "leaves", "scopes"))
            self.must(same, "receipt-lists", seq)
            self.must(receipt["before"] >= fence["before"], "receipt-epoch", seq)
        grown = receipt["after"] - receipt["before"]
        self.must(grown > 0 or (grown == 0 and receipt["tenant"]), "receipt-epoch", seq)
        self.must(receipt["after"] >= self.epoch, "receipt-epoch", seq)
        self.epoch = max(self.epoch, receipt["after"])
        if receipt["days"]:
            self.escrow = seq
        elif self.escrow is not None:
            self.report.add(NOTICE, "receipt-backup", seq=seq, what="0 days, and the receipt at "
                            "record %d told of an escrow" % self.escrow)
        new = ids_of(receipt) - (self.destroyed if not self.tenant_destroyed else ids_of(receipt))
        self.receipts.append((seq, new, bool(receipt["tenant"])))
        self.destroyed |= ids_of(receipt)
        self.tenant_destroyed |= bool(receipt["tenant"])
        for kind, id in known["ordered"][1]["targets"] if "ordered" in known else ():
            if kind in (LEAF, SCOPE):
                self.need(self.is_destroyed(kind, id), "receipt-targets", seq)

    def completed(self, seq, _, known):
        self.need("destroyed" in known, "completed-receipt", seq)

    def purge(self, seq, purge, known):
        self.need("destroyed" in known, "purge-receipt", seq)
        for place, index in purge["parts"]:
            parts = self.parts.get(place, []) if place < seq else []
            if place >= seq or (index < len(parts) and not parts[index].kind):
                self.must(False, "purge-part", seq)
            elif self.need(index < len(parts) and self.covered(parts[index]), "purge-part", seq):
                self.purged.add((place, index))

    STEPS = {
        "erasure.ordered": ("ordered", ordered),
        "erasure.approved": ("approved", approved),
        "erasure.fenced": ("fenced", fence),
        "erasure.keys-destroyed": ("destroyed", receipt),
        "erasure.completed": ("completed", completed),
        "erasure.parts-purged": ("purged", purge),
    }

    def count_keys(self, parts):
        """A receipt that destroys no key that a record names is worth a word."""
        named = set().union(*(keys_of(part) for part in parts if part.kind))
        for seq, new, tenant in self.receipts:
            if tenant or new & named:
                self.report.erasures = True
            elif not self.hole or not new:
                self.report.add(NOTICE, "receipt-empty", seq=seq,
                                what="this erasure destroyed 0 keys")

    def ground(self, order):
        for step in ("ordered", "destroyed"):
            if step in self.steps[order]:
                return escape(self.steps[order][step][1]["ground"])
        return "-"


def restore_text(seq, era, public):
    lost = len(public["lost_leaves"]), len(public["lost_scopes"])
    return "era %d: %d records came back of %d guarded, %d leaves and %d scopes lost, on %s by %s" % (
        era, seq, public["guarded_size"], *lost, public["ground"], public["by"].hex())


def escape(ground):
    return "".join("\\u{%x}" % ord(c) if c == "\\" or NOT_PLAIN.match(c) else c for c in ground)


# ---------------------------------------------------------------- the statements (B 6)

def text_of(lines):
    return "".join(line + "\n" for line in lines).encode()


def population_text(events, parts, rules):
    sealed = [part for part in parts if part.kind]
    leaves, scopes = {part.leaf for part in sealed}, {part.scope for part in sealed}

    def gone(kind, ids):
        return sum(rules.is_destroyed(kind, id) for id in ids)

    steps = Counter(step for known in rules.steps.values() for step in known)
    lines = ["zegel-population/v1", "records %d" % sum(events.values())]
    lines += ["event %s/%d %d" % (*event, events[event]) for event in sorted(events)]
    lines += ["parts public %d" % (len(parts) - len(sealed)), "parts sealed %d" % len(sealed)]
    lines += ["leaves %d" % len(leaves), "leaves destroyed %d" % gone(LEAF, leaves)]
    lines += ["scopes %d" % len(scopes), "scopes destroyed %d" % gone(SCOPE, scopes)]
    lines += ["orders %d" % steps["ordered"], "receipts %d" % steps["destroyed"]]
    return text_of(lines)


def receipts_text(rules):
    return text_of(["zegel-receipts/v1"] + ["%d %s %s %s" % (seq, step, order.hex(),
                   rules.ground(order)) for seq, step, order in rules.listed])


def check_census(text, parts, rules):
    """Every id of the headers once, ascending; `destroyed` exactly if a receipt covers it."""
    sealed = [part for part in parts if part.kind]
    expected = ["zegel-census/v1"] + sorted({(LEAF, part.leaf) for part in sealed})
    expected += ["scopes"] + sorted({(SCOPE, part.scope) for part in sealed})
    lines = text.split("\n")
    ask(lines.pop() == "" and len(lines) == len(expected), "another number of lines")
    for line, wanted in zip(lines, expected):
        if isinstance(wanted, str):
            ask(line == wanted, "its headings")
        else:
            states = ["destroyed"] if rules.is_destroyed(*wanted) else (
                ["lost"] if wanted in rules.lost else ["present", "lost"])
            ask(line in ["%s %s" % (wanted[1].hex(), state) for state in states],
                "`%s`" % line[:80])


def check_census_form(text):
    """What can be asked of a census when the headers are not all there."""
    state = r"[0-9a-f]{32} (?:present|lost|destroyed)\n"
    found = re.fullmatch(r"zegel-census/v1\n((?:%s)*)scopes\n((?:%s)*)" % (state, state), text)
    ask(found, "not a census")
    for block in found.groups():
        ids = [line[:32] for line in block.splitlines()]
        ask(all(a < b for a, b in zip(ids, ids[1:])), "ids that do not ascend")


def check_witness(text, checkpoint):
    if text == "zegel-witness/v1\nabsent\n":
        return
    found = re.fullmatch(r"zegel-witness/v1\nsalt ([0-9a-f]{64})\nhash ([0-9a-f]{64})\n", text)
    ask(found, "neither absent nor salt and hash")
    ask(blake3(bytes.fromhex(found[1]) + checkpoint.text.encode()).hex() == found[2],
        "the hash is of something else")
    return bytes.fromhex(found[2])


def verify_md(origin, size):
    """Appendix A of bundle.md, between its fences of four."""
    with open(os.path.join(HERE, "bundle.md"), encoding="utf-8") as file:
        text = file.read().split("\n````text\n")[1].split("````\n")[0]
    return text.replace("{{origin}}", origin).replace("{{size}}", str(size)).encode()


# ---------------------------------------------------------------- the verifier (B 8)

class Verifier:
    def __init__(self, bundle, pinned, previous):
        self.bundle, self.pinned, self.previous = bundle, pinned, previous
        self.report = Report()
        self.rules = Rules(self.report)
        self.keys, self.entries, self.salts, self.size = [], [], {}, 0
        self.whole = set()                     # files that end where their last record ends
        self.journal = self.witness = None

    def read(self, path, limit):
        """The bytes of a file of the bundle, or None; what is missing was said by `files`."""
        return read_at_most(self.bundle, path, limit) if path in self.bundle.files else None

    def stream(self, path):
        return Stream(*self.bundle.open(path) if path in self.bundle.files else (None, 0))

    def form(self, rule, path, parse, data):
        """Parses, or says that the file has not the form."""
        try:
            return parse(data) if data is not None else None
        except Bad as bad:
            self.report.tampered(rule, path, what=str(bad))
            return None

    def note(self, path):
        data = self.read(path, 16 * MIB if path == "manifest" else 4096)
        if path == "checkpoint" and data is not None and len(data) > 4096:
            return self.report.tampered("file-form", path, what="over 4,096 bytes")
        note = self.form("note-form", path, parse_note, data)
        if note and len(note.signatures) != 1:
            self.report.tampered("note-form", path, what="not exactly one signature line")
        return note

    def verify(self):
        manifest, checkpoint = self.note("manifest"), self.note("checkpoint")
        statement = checkpoint and self.form("checkpoint-form", "checkpoint", parse_checkpoint,
                                             checkpoint.text)
        lines = manifest and self.form("manifest-form", "manifest", parse_manifest, manifest.text)
        size = statement.size if statement else lines[1] if lines else None
        if size is None or size > 1 << 24:
            for path in ("manifest", "checkpoint"):
                if path not in self.bundle.files:
                    self.report.add(INCOMPLETE, "file-present", path)
            if size is not None:
                self.report.tampered("limit", "checkpoint", what="over 16,777,216 records")
            return self.report
        self.report.checkpoint, self.size = statement, size
        self.journal = parse_origin(statement.origin if statement else lines[0])[0]
        self.files(size, lines, statement)
        self.signatures(manifest, checkpoint)
        self.records(size, statement)
        self.digests(size, lines)
        self.rules.count_keys(self.all_parts)
        era = parse_origin(statement.origin if statement else lines[0])[1]
        if self.rules.era not in (None, era):
            self.report.add(INCOMPLETE if self.rules.hole else TAMPERED, "era", "checkpoint")
        self.tree(size, statement)
        self.statements(size, statement.origin if statement else lines[0], statement)
        if self.previous is not None:
            self.older_checkpoint(size, statement)
        return self.report

    def files(self, size, manifest, checkpoint):
        """Every file of section 2 and no other, each with the length of the manifest."""
        expected = files_of(size)
        folders = {"/".join(path.split("/")[:end]) for path in expected
                   for end in range(1, path.count("/") + 1)}
        extra = (self.bundle.files - set(expected)) | (self.bundle.directories - folders)
        for path in sorted(extra | self.bundle.others):
            self.report.tampered("file-listed", path)
        for path in expected:
            if path not in self.bundle.files:
                self.report.add(INCOMPLETE, "file-present", path)
        if manifest is None:
            return
        origin, listed_size, listed = manifest
        if checkpoint and (origin, listed_size) != (checkpoint.origin, checkpoint.size):
            self.report.tampered("manifest-checkpoint", "manifest")
        paths = sorted((path for path in expected if path != "manifest"), key=str.encode)
        if [path for path, _, _ in listed] != paths:
            self.report.tampered("manifest-lines", "manifest")
        for path, _, length in listed:
            if path in paths and self.length(path) not in (None, length):
                self.report.tampered("file-digest", path, what="another length")

    def length(self, path):
        if path not in self.bundle.files:
            return None
        file, length = self.bundle.open(path)
        file.close()
        return length

    def digests(self, size, manifest):
        """The SHA-256 of each file that has the length of its line, and an end in sight."""
        room, expected = UNACCOUNTED_BYTES_MAX, set(files_of(size)) - {"manifest"}
        for path, digest, length in manifest[2] if manifest else ():
            if path not in expected or self.length(path) != length:
                continue
            if path not in self.whole and tile_bytes(path) != length:
                if length > room:
                    self.report.add(INCOMPLETE, "limit", path, what="too long to be hashed")
                    continue
                room -= length
            if sha256_of(self.bundle, path) != digest:
                self.report.tampered("file-digest", path)

    def signatures(self, manifest, checkpoint):
        """One key of the history signed both notes, and it is reached from the pinned key."""
        keys = self.form("keys", "keys", parse_keys, self.read("keys", 8 * MIB))
        self.keys = keys or []
        texts = [key.text for key in self.keys]
        if self.pinned is None:
            self.report.add(UNTRUSTED, "key-pinned", "keys", what="no key was given")
        elif keys and self.pinned.text not in texts:
            self.report.add(UNTRUSTED, "key-reached", "keys", what="the given key is not in it")
        start = texts.index(self.pinned.text) if self.pinned and self.pinned.text in texts else 0
        for path, note in (("manifest", manifest), ("checkpoint", checkpoint)):
            signer = note and signed_by(note, self.keys)
            if note and keys and signer is None:
                self.report.tampered("signature", path)
            elif signer and signer not in self.keys[start:]:
                self.report.add(UNTRUSTED, "key-reached", path)

    def records(self, size, checkpoint):
        """Every header, the chain, every body, and the rules of section 7."""
        self.entries = self.read_entries(size)
        self.events, self.all_parts, self.there, absent = Counter(), [], set(), []
        previous, time = ZEROS32, 0
        for number in range((size + 1023) // 1024):
            headers = self.stream("records/headers/%08d" % number)
            bodies = self.stream("records/bodies/%08d" % number)
            for seq in range(1024 * number, min(size, 1024 * number + 1024)):
                header, raw = self.header(seq, headers)
                stated, self.entries[seq] = self.entries[seq], raw and entry_of(seq, raw) \
                    or self.entries[seq]
                if stated and stated != self.entries[seq]:
                    self.report.tampered("entry", seq=seq)
                if header is None:
                    self.rules.hole, bodies.data = True, None
                else:
                    self.chain(seq, header, previous, time, checkpoint)
                    time = max(time, header.time)
                    self.events[header.name, header.version] += 1
                    self.all_parts += header.parts
                    public = self.bodies(seq, header, bodies, absent)
                    self.rules.record(header._replace(seq=seq), public)
                previous = self.entries[seq] and self.entries[seq][20:52]
            for stream, path in ((headers, "headers"), (bodies, "bodies")):
                path = "records/%s/%08d" % (path, number)
                if stream.data is not None and stream.at != stream.length:
                    self.report.tampered("file-form", path)
                elif stream.data is not None:
                    self.whole.add(path)
        for place in sorted(self.there & self.rules.purged):
            self.report.add(NOTICE, "purge-left", seq=place[0], what="part %d" % place[1])
        for place in absent:
            if place not in self.rules.purged:
                self.report.add(INCOMPLETE, "body-absent", seq=place[0])

    def read_entries(self, size):
        """The entries as the bundle states them; they stand in where a header is missing."""
        entries = []
        for index, width in tiles_of(size, 0):
            path = tile_path("tile/entries", index, width)
            data = self.read(path, 86 * width)
            good = data is not None and len(data) == 86 * width
            if data is not None and not good:
                self.report.tampered("tile", path, what="another length")
            for place in range(width):
                entry = data[86 * place:86 * place + 86] if good else b"\0\x54"
                start = b"\0\x54zegel-leaf-1" + struct.pack(">Q", 256 * index + place)
                if good and not entry.startswith(start):
                    self.report.tampered("tile", path, seq=256 * index + place)
                entries.append(entry[2:] or None)
        return entries

    def header(self, seq, headers):
        """The next header and its bytes; (None, None) if it cannot be read."""
        if headers.data is None:
            return None, None
        try:
            raw = headers.framed(17_767)
        except Bad as bad:
            self.report.tampered("header-length", seq=seq, what=str(bad))
            headers.data = None
            return None, None
        try:
            return parse_header(raw), raw
        except Bad as bad:
            self.report.tampered("header-form", seq=seq, what=str(bad))
            return None, None

    def chain(self, seq, header, previous, time, checkpoint):
        if header.seq != seq:
            self.report.tampered("sequence", seq=seq)
        if checkpoint and (header.journal != checkpoint.journal or header.era > checkpoint.era):
            self.report.tampered("origin", seq=seq)
        if previous is not None and header.previous != previous:
            self.report.tampered("chain", seq=seq)
        if header.time < time:
            self.report.tampered("time", seq=seq)
        first = self.salts.setdefault(header.salt, seq)
        if first != seq:
            self.report.tampered("salt-once", seq=seq, what="the salt of record %d" % first)

    def bodies(self, seq, header, bodies, absent):
        """Every body against its digest; returns the public part."""
        public = None
        kinds = [part.kind for part in header.parts]
        if 0 in kinds[1:] or (kinds[0] == 0) != (header.name in LAYOUT):
            self.report.tampered("public-part", seq=seq, what="in clear or sealed against the list")
            self.rules.hole = True
        for index, part in enumerate(header.parts):
            try:
                body = bodies.body(stored_length(part))
            except Bad as bad:
                self.report.tampered("body-length", seq=seq, what=str(bad))
                bodies.data = None
                body = None
            if bodies.data is None:
                self.rules.hole |= part.kind == 0
            elif body is None and part.kind == 0:
                self.report.add(INCOMPLETE, "public-body", seq=seq)
                self.rules.hole = True
            elif body is None:
                absent.append((seq, index))
            elif blake3(body) != part.digest:
                self.report.tampered("body-digest", seq=seq)
                self.rules.hole |= part.kind == 0
            elif part.kind:
                self.there.add((seq, index))
            elif index == 0 and header.name in LAYOUT:
                public = self.public_part(seq, header, body)
        return public

    def public_part(self, seq, header, body):
        try:
            public = parse_public(header.name, header.version, body)
        except Bad as bad:
            self.report.tampered("public-part", seq=seq, what=str(bad))
            self.rules.hole = True
            return None
        if "vkey" in public and seq == 0 and self.keys and public["vkey"] != self.keys[0].text:
            self.report.tampered("genesis-key", seq=0)
        return public

    def tree(self, size, checkpoint):
        """The root over all entries is the checkpoint's, and every tile is what they give."""
        level, hashes = 0, [entry and leaf_hash(entry) for entry in self.entries]
        if None not in hashes and checkpoint and tree_root(hashes) != checkpoint.root:
            self.report.tampered("tree-root", "checkpoint")
        while hashes:
            for index, width in tiles_of(size, level):
                path = tile_path("tile/%d" % level, index, width)
                tile, data = hashes[256 * index:256 * index + width], self.read(path, 32 * width)
                if data is not None and None not in tile and data != b"".join(tile):
                    self.report.tampered("tile", path)
            above = [hashes[i:i + 256] for i in range(0, len(hashes) // 256 * 256, 256)]
            hashes = [None if None in tile else tree_root(tile) for tile in above]
            level += 1

    def statements(self, size, origin, checkpoint):
        """What can be computed again is compared byte for byte."""
        recomputed = {"VERIFY.md": verify_md(origin, size)}
        if not self.rules.hole:
            recomputed["population"] = population_text(self.events, self.all_parts, self.rules)
            recomputed["receipts"] = receipts_text(self.rules)
        for path, expected in recomputed.items():
            data = self.read(path, len(expected))
            if data is not None and data != expected:
                self.report.tampered("recomputed", path)
        ids = 2 * sum(part.kind for part in self.all_parts) + 1024
        limit = 43 * (1 << 24 if self.rules.hole else min(ids, 1 << 24))
        self.form("census", "census", self.census, self.read("census", limit + 86))
        if checkpoint:
            self.witness = self.form("witness", "witness", lambda data: check_witness(
                utf8(data, 4096), checkpoint), self.read("witness", 4096))

    def census(self, data):
        text = utf8(data, 1 << 40)
        check_census_form(text)
        if not self.rules.hole:
            check_census(text, self.all_parts, self.rules)

    def older_checkpoint(self, size, checkpoint):
        """The journal begins with the checkpoint that the auditor kept."""
        file = "the previous checkpoint"
        try:
            note = parse_note(self.previous)
            older = parse_checkpoint(note.text)
        except Bad as bad:
            return self.report.add(UNTRUSTED, "previous-form", file, what=str(bad))
        inside = not self.pinned or self.pinned in self.keys
        known = ([self.pinned] if self.pinned else []) + (self.keys if inside else [])
        if not signed_by(note, known):
            self.report.add(UNTRUSTED, "previous-signature", file)
        elif checkpoint and older.journal != checkpoint.journal:
            self.report.tampered("previous-origin", file)
        elif checkpoint and older.era > checkpoint.era:
            self.report.add(INCOMPLETE, "previous-era", file, what="from before a restore")
        elif checkpoint and older.era < checkpoint.era:
            self.of_an_earlier_era(older, file)
        elif older.size > size:
            self.report.add(INCOMPLETE, "previous-size", file)
        else:
            self.older_root(older, file)

    def of_an_earlier_era(self, older, file):
        """What came back is compared; what did not is lost, and said to be, or hidden."""
        leaving = [restore for restore in self.rules.restores if restore[1] > older.era]
        if not leaving:
            return self.report.add(INCOMPLETE, "previous-era", file, what="no restore ends its era")
        seq, era, public = leaving[0]
        if older.size <= seq:
            return self.older_root(older, file)
        if public["guarded_era"] == older.era and older.size > public["guarded_size"]:
            return self.report.tampered("previous-hidden", file, what="the restore hides its loss")
        guarded = (older.era, older.size) == (public["guarded_era"], public["guarded_size"])
        if guarded and older.root != public["guarded_root"]:
            return self.report.tampered("previous-root", file, what="a fork")
        lost = "records %d to %d: " % (seq, older.size - 1)
        if public["guarded_era"] > older.era:
            lost += "the restore that ended era %d was never seen here; " % older.era
        self.report.add(INCOMPLETE, "previous-lost", file,
                        what=lost + restore_text(seq, era, public))

    def older_root(self, older, file):
        if None in self.entries[:older.size]:
            self.report.add(INCOMPLETE, "previous-root", file, what="cannot be computed")
        elif tree_root([leaf_hash(e) for e in self.entries[:older.size]]) != older.root:
            self.report.tampered("previous-root", file, what="a fork")


class Stream:
    """Reads `length ‖ bytes` from a file, never beyond them; data is None if it is not there."""

    def __init__(self, data, length):
        self.data, self.length, self.at = data, length, 0

    def take(self, count):
        ask(self.at + count <= self.length, "the file ends early")
        self.at += count
        return self.data.read(count)

    def framed(self, limit):
        length = int.from_bytes(self.take(4), "big")
        ask(length <= limit, "a length over %d" % limit)
        return self.take(length)

    def body(self, expected):
        """A body of the expected length, or None if it is stated absent."""
        if self.data is None:
            return None
        length = int.from_bytes(self.take(4), "big")
        if length == ABSENT:
            return None
        ask(length == expected, "another length than the header's")
        return self.take(length)


def parse_manifest(text):
    lines = text.split("\n")
    ask(lines.pop() == "" and len(lines) >= 3 and lines[0] == "zegel-bundle/v1", "its heading")
    parse_origin(lines[1])
    listed = []
    for line in lines[3:]:
        found = re.fullmatch(r"([0-9a-f]{64}) (0|[1-9][0-9]*) (.+)", line, re.ASCII)
        ask(found, "a line")
        listed.append((found[3], found[1], decimal(found[2], 64)))
    paths = [path.encode() for path, _, _ in listed]
    ask(all(a < b for a, b in zip(paths, paths[1:])), "paths that do not ascend")
    return lines[1], decimal(lines[2], 64), listed


# ---------------------------------------------------------------- beside each other (B 12)

def cross(tenant, operator, report):
    """What the operator journal says of a tenant, against the tenant's own bundle."""
    if tenant.journal is None or operator.journal is None:
        return
    place, told = "tenant " + tenant.journal.hex(), operator.rules.told.get(tenant.journal, {})
    if tenant.rules.started is None:
        return report.add(INCOMPLETE, "operator-journal", place)
    if tenant.rules.started["operator"] != operator.journal:
        return report.tampered("operator-journal", place)
    registered = told.get("tenant.registered")
    if not registered:
        report.add(INCOMPLETE, "operator-registered", place)
    elif registered[0][1]["name"] != tenant.rules.started["name"]:
        report.tampered("operator-registered", place)
    witnessed = [part["checkpoint"] for _, part in told.get("tenant.witnessed", [])]
    if tenant.witness not in witnessed:
        report.add(INCOMPLETE, "operator-witnessed", place)
    elif witnessed[-1] != tenant.witness:
        report.add(INCOMPLETE, "operator-latest", place)
    closed = set()
    for _, closing in told.get("tenant.closing", []):
        seq, end = closing["sequence"], tenant.rules.ends.get(closing["sequence"])
        closed.add(seq)
        if end is None and (seq >= tenant.size or tenant.rules.hole):
            report.add(INCOMPLETE, "operator-closing", place, what="record %d" % seq)
        elif end != (closing["record"], closing["destroyed"]):
            report.tampered("operator-closing", place, what="record %d" % seq)
    for seq in sorted(set(tenant.rules.ends) - closed):
        report.add(INCOMPLETE, "operator-closing", place, what="none for record %d" % seq)


def weigh(other, report):
    """The verdict of another bundle weighs like a finding."""
    severity = {name: severity for severity, (name, _) in VERDICTS.items()}.get(
        other.report.verdict()[0])
    if severity:
        report.add(severity, "beside-verdict",
                   "journal " + other.journal.hex() if other.journal else "a bundle beside it")


def beside(main, operator, tenants):
    if operator:
        cross(main, operator, main.report)
    for tenant in tenants:
        cross(tenant, main, main.report)
    for id, told in main.rules.told.items() if tenants else ():
        if "tenant.registered" in told and id not in [tenant.journal for tenant in tenants]:
            main.report.add(INCOMPLETE, "tenant-shown", seq=told["tenant.registered"][0][0],
                            what="tenant " + id.hex())
    for other in ([operator] if operator else []) + tenants:
        weigh(other, main.report)


# ---------------------------------------------------------------- one history, or a fork (B 13)

class Undecided(Exception):
    """What was given does not decide."""


class Side:
    """A bundle, of which the tree is read, or a checkpoint alone."""

    def __init__(self, path):
        self.leaves, self.keys, bundle = None, None, None
        with open(path, "rb") if not os.path.isdir(path) else open(os.devnull, "rb") as file:
            data = file.read(6)
            data += file.read(16 * MIB) if data == b"zegel/" else b""
        if not data.startswith(b"zegel/"):
            bundle = Directory(path) if os.path.isdir(path) else Tar(path)
            if "checkpoint" not in bundle.files:
                raise Undecided("no checkpoint")
            data = read_at_most(bundle, "checkpoint", 4096)
            try:
                self.keys = parse_keys(read_at_most(bundle, "keys", 8 * MIB))
            except (Bad, OSError, KeyError):
                pass
        self.note = parse_note(data)
        self.checkpoint = parse_checkpoint(self.note.text)
        if bundle:
            self.read_leaves(bundle)

    def read_leaves(self, bundle):
        leaves, size = [], self.checkpoint.size
        for index, width in tiles_of(size, 0) if size <= 1 << 24 else [(0, 0)]:
            path = tile_path("tile/entries", index, width)
            data = read_at_most(bundle, path, 86 * width) if path in bundle.files else b""
            framed = [data[at:at + 86] for at in range(0, len(data), 86)]
            if len(data) != 86 * width or any(entry[:2] != b"\0\x54" for entry in framed):
                return
            leaves += [leaf_hash(entry[2:]) for entry in framed]
        if size <= 1 << 24:
            ask(tree_root(leaves) == self.checkpoint.root, "its entries give another root")
            self.leaves = leaves


def parse_proof(data):
    lines = utf8(data, 16_384).split("\n")
    ask(lines.pop() == "" and 4 <= len(lines) <= 134 and lines[0] == "zegel-consistency/v1",
        "its heading or length")
    parse_origin(lines[1])
    heads = [re.fullmatch(r"([0-9]+) ([0-9a-f]{64})", line, re.ASCII) for line in lines[2:4]]
    ask(all(heads), "a head")
    ask(all(re.fullmatch(r"[0-9a-f]{64}", line) for line in lines[4:]), "a hash")
    heads = [(decimal(head[1], 64), bytes.fromhex(head[2])) for head in heads]
    return lines[1], heads[0], heads[1], [bytes.fromhex(line) for line in lines[4:]]


def consistent(old_size, old_root, new_size, new_root, path):
    """tree.md section 4."""
    if old_size == new_size:
        return path == [] and old_root == new_root
    if old_size == 0 or old_size > new_size:
        return False
    if old_size & (old_size - 1) == 0:
        path = [old_root] + path
    if path == []:
        return False
    node, last = old_size - 1, new_size - 1
    while node % 2 == 1:
        node, last = node // 2, last // 2
    old_hash = new_hash = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node % 2 == 1 or node == last:
            old_hash = sha256(b"\1" + sibling + old_hash)
            new_hash = sha256(b"\1" + sibling + new_hash)
            while node % 2 == 0 and node != 0:
                node, last = node // 2, last // 2
        else:
            new_hash = sha256(b"\1" + new_hash + sibling)
        node, last = node // 2, last // 2
    return last == 0 and old_hash == old_root and new_hash == new_root


def prefix_root(small, large, proof):
    """The root over the first records of the larger one."""
    size = small.checkpoint.size
    if size == large.checkpoint.size:
        return large.checkpoint.root
    if size == 0:
        return tree_root([])
    if large.leaves is not None:
        return tree_root(large.leaves[:size])
    if proof is None:
        raise Undecided("checkpoints of two sizes, and no proof")
    try:
        origin, old, new, path = parse_proof(proof)
    except Bad as bad:
        raise Undecided("not a proof: %s" % bad) from None
    head = large.checkpoint.size, large.checkpoint.root
    if (origin, old[0], new) != (large.checkpoint.origin, size, head) \
            or not consistent(*old, *new, path):
        raise Undecided("a proof for another tree")
    return old[1]


def counting_keys(sides, pinned):
    histories = [side.keys for side in sides if side.keys]
    if pinned is None:
        joined = len(histories) < 2 or any(key in histories[1] for key in histories[0])
        return sum(histories, []) if joined else []
    return [pinned] + [key for keys in histories if pinned in keys
                       for key in keys[keys.index(pinned):]]


def compare(one, other, pinned=None, proof=None):
    """(verdict, exit code, size of a fork or None, first differing record or None)."""
    try:
        sides = Side(one), Side(other)
        first, second = (side.checkpoint for side in sides)
        if first.origin != second.origin:
            raise Undecided("two journals, or two eras of one")
        keys = counting_keys(sides, pinned)
        if not all(signed_by(side.note, keys) for side in sides):
            return "UNTRUSTED", 4, None, None
        small, large = sorted(sides, key=lambda side: side.checkpoint.size)
        if prefix_root(small, large, proof) != small.checkpoint.root:
            pairs = zip(sides[0].leaves or [], sides[1].leaves or [])
            seqs = (seq for seq, (a, b) in enumerate(pairs) if a != b)
            return "FORK", 5, small.checkpoint.size, next(seqs, None)
        if pinned is None:
            return "UNTRUSTED", 4, None, None
        return ("SAME" if first.size == second.size else "PREFIX"), 0, None, None
    except Bad:
        return "TAMPERED", 5, None, None
    except (Undecided, OSError):
        return "UNDECIDED", 3, None, None


# ---------------------------------------------------------------- the program

def seen(path, pinned=None, previous=None):
    """A verifier that has looked at the bundle at `path`."""
    verifier = Verifier(None, pinned, previous)
    try:
        verifier.bundle = Directory(path) if os.path.isdir(path) else Tar(path)
        verifier.verify()
    except Bad as bad:
        verifier.report.tampered("archive-canonical", os.path.basename(path), what=str(bad))
    except OSError as error:
        verifier.report.add(INCOMPLETE, "bundle-readable", error.filename, what=error.strerror)
    return verifier


def verify(path, pinned=None, previous=None, operator=None, tenants=()):
    """The report on the bundle at `path`: what a program that imports this calls."""
    main = seen(path, pinned, previous)
    beside(main, seen(operator, pinned) if operator else None,
           [seen(tenant, pinned) for tenant in tenants])
    return main.report


def main():
    parser = argparse.ArgumentParser(description="Verify a Zegel bundle offline.")
    parser.add_argument("bundle", help="a directory, or a tar")
    parser.add_argument("--key", metavar="VKEY", help="the verifying key that you pinned")
    parser.add_argument("--previous", metavar="FILE", help="a checkpoint that you kept")
    parser.add_argument("--operator", metavar="BUNDLE", help="the operator's, beside a tenant's")
    parser.add_argument("--tenant", metavar="BUNDLE", action="append", default=[],
                        help="a tenant's, beside the operator's; give all of them")
    parser.add_argument("--compare", metavar="OTHER", help="a bundle or checkpoint of the same")
    parser.add_argument("--proof", metavar="FILE", help="a proof of consistency between the two")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    try:
        pinned = parse_vkey(given.key) if given.key is not None else None
        previous, proof = (open(file, "rb").read() if file else None
                           for file in (given.previous, given.proof))
    except (Bad, OSError) as error:
        parser.error(str(error))
    sys.stdout.reconfigure(errors="backslashreplace")
    if given.compare:
        verdict, code, size, seq = compare(given.bundle, given.compare, pinned, proof)
        answer = dict(verdict=verdict, exit_code=code, fork=size and dict(size=size, seq=seq))
        print(json.dumps(answer) if given.json else "%s (exit %d)" % (verdict, code)
              + ("" if size is None else ": at size %d the two signed roots differ" % size))
        sys.exit(code)
    report = verify(given.bundle, pinned, previous, given.operator, given.tenant)
    verdict, code = report.verdict()
    if given.json:
        print(json.dumps(dict(verdict=verdict, exit_code=code, first_bad=report.first_bad(),
                              findings=report.sorted()), indent=2))
    else:
        print("%s (exit %d)" % (verdict, code))
        if report.checkpoint:
            print("%s, %d records" % (report.checkpoint.origin, report.checkpoint.size))
        for finding in report.sorted():
            place = "record %d" % finding["seq"] if finding["seq"] is not None else finding["file"]
            print(escape("%(severity)s: %(rule)s: " % finding + "%s %s" % (place, finding["what"])))
    sys.exit(code)


if __name__ == "__main__":
    main()
