#!/usr/bin/env python3
"""Forge bundles that a signing key vouches for, lawful and lawless, for two verifiers to judge.

    forge.py OUT SEED COUNT [--resign BUNDLE SECRETFILE]

Writes OUT/<n> for each bundle and OUT/cases.json: name, expected exit code if it is known, path.
The first cases are attacks with a name; COUNT random journals follow, drawn from SEED. Each bundle
is whole in itself (chain, tree, statements, signatures), so only the rules can tell.

    forge.py --resign BUNDLE SECRETFILE

lists the files of a bundle anew in its manifest and signs that with the key: an inside attacker.
"""
import base64
import json
import os
import random
import struct
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/format"))
import verify as v  # noqa: E402

JOURNAL, OPERATOR = b"\xa5" * 16, b"\x0b" * 16


class Signer:
    def __init__(self, secret, name="zegel.example/forge"):
        self.key, self.name = Ed25519PrivateKey.from_private_bytes(secret), name
        raw = b"\1" + self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = v.sha256(name.encode() + b"\n" + raw)[:4]
        self.vkey = "%s+%s+%s" % (name, self.id.hex(), base64.b64encode(raw).decode())

    def line(self, text):
        signature = base64.b64encode(self.id + self.key.sign(text.encode())).decode()
        return "\u2014 %s %s\n" % (self.name, signature)

    def note(self, text):
        return (text + "\n" + self.line(text)).encode()


SIGNER, LATER = Signer(b"\7" * 32), Signer(b"\x08" * 32)


# Public parts: text and ids as public-parts.md writes them.

def txt(text):
    return struct.pack(">H", len(text.encode())) + text.encode()


def ids(values):
    return struct.pack(">I", len(values)) + b"".join(sorted(values))


def started(name="De Regenboog"):
    return "tenant.started", OPERATOR + txt(name)


def ordered(order, by, targets, four=0, ground="art-17"):
    listed = b"".join(bytes([kind]) + id for kind, id in targets)
    return "erasure.ordered", (order + txt(ground) + by + bytes([four])
                               + struct.pack(">I", len(targets)) + listed)


def approved(order, by):
    return "erasure.approved", order + by


def fenced(order, leaves=(), scopes=(), before=0, tenant=0):
    return "erasure.fenced", (order + struct.pack(">QB", before, tenant) + ids(leaves)
                              + ids(scopes))


def destroyed(order, by, leaves=(), scopes=(), before=0, after=1, tenant=0, ground="art-17",
              level=1):
    return "erasure.keys-destroyed", (order + txt(ground) + by + struct.pack(
        ">QQBHB", before, after, level, 0, tenant) + ids(leaves) + ids(scopes))


def completed(order):
    return "erasure.completed", order


def purged(order, places):
    return "erasure.parts-purged", order + struct.pack(">I", len(places)) + b"".join(
        struct.pack(">QB", *place) for place in sorted(places))


def restored(seq, guarded=9, era=0, leaves=(), scopes=(), size=None, ground="disk-lost"):
    """A declared restore; `Bundle` begins the next era with it."""
    return "restore.declared", (struct.pack(">IQ", max(era, 0), guarded) + bytes(32) + struct.pack(
        ">QQ", 1, seq if size is None else size) + txt(ground) + BOB + ids(leaves) + ids(scopes))


def sealed(*keys, name="survey.response-submitted"):
    """A record of sealed parts under (leaf, scope); what is inside nobody can tell."""
    return name, list(keys)


class Bundle:
    """A journal made of (event, public bytes) and (event, keys), and every file around it."""

    def __init__(self, records, random_, absent=(), era=0, keys=None, witness=True,
                 versions=None, extra=None, signer=SIGNER, eras=True, hidden=False):
        self.era, self.signer, self.extra, self.hidden = era, signer, extra or {}, hidden
        self.files, self.headers, self.bodies = {}, [], []
        previous = bytes(32)
        for seq, (name, content) in enumerate(records):
            self.era += eras and name == "restore.declared"
            parts = self.parts(seq, content, random_)
            header = self.header(seq, name, (versions or {}).get(seq, 1), previous, parts, random_)
            previous = v.blake3(header)
            self.headers.append(header)
            self.bodies.append([None if (seq, index) in absent else part[3]
                                for index, part in enumerate(parts)])
        self.write(keys or (SIGNER.vkey + "\n").encode(), witness, random_)

    def parts(self, seq, content, random_):
        if isinstance(content, bytes):
            parts = [(0, bytes(16), bytes(16), content)]
        else:
            parts = [(1, leaf, scope, random_.randbytes(112)) for leaf, scope in content]
        return parts + self.extra.get(seq, [])

    def header(self, seq, name, version, previous, parts, random_):
        out = b"ZG\0\1" + JOURNAL + struct.pack(">IQQB", self.era, seq, 10**15 + seq, len(name))
        out += name.encode() + struct.pack(">H", version) + random_.randbytes(32) + previous
        out += bytes([len(parts)])
        for kind, leaf, scope, body in parts:
            length = len(body) - (48 if kind else 0)
            out += bytes([kind]) + leaf + scope + struct.pack(">I", length) + v.blake3(body)
        return out

    def write(self, keys, witness, random_):
        size = len(self.headers)
        entries = [v.entry_of(seq, header) for seq, header in enumerate(self.headers)]
        hashes = [v.leaf_hash(entry) for entry in entries]
        self.root = v.tree_root(hashes)
        text = "zegel/%s/%d\n%d\n%s\n" % (JOURNAL.hex(), self.era, size,
                                         base64.b64encode(self.root).decode())
        self.checkpoint = self.signer.note(text)
        statement = v.parse_checkpoint(text)
        self.files.update({"keys": keys, "checkpoint": self.checkpoint})
        for index, width in v.tiles_of(size, 0):
            part = slice(256 * index, 256 * index + width)
            self.files[v.tile_path("tile/0", index, width)] = b"".join(hashes[part])
            self.files[v.tile_path("tile/entries", index, width)] = b"".join(
                b"\0\x54" + entry for entry in entries[part])
        if size:
            self.files["records/headers/00000000"] = b"".join(
                struct.pack(">I", len(header)) + header for header in self.headers)
            self.files["records/bodies/00000000"] = b"".join(
                b"\xff" * 4 if body is None else struct.pack(">I", len(body)) + body
                for bodies in self.bodies for body in bodies)
        self.statements(statement, size, witness, random_)

    def statements(self, statement, size, witness, random_):
        rules, events, parts = v.Rules(v.Report()), v.Counter(), []
        for raw, bodies in zip(self.headers, self.bodies):
            header = v.parse_header(raw)
            public = None
            if header.parts[0].kind == 0 and header.name in v.LAYOUT and bodies[0] is not None:
                try:
                    public = v.parse_public(header.name, header.version, bodies[0])
                except v.Bad:
                    pass
            rules.record(header, public)
            events[header.name, header.version] += 1
            parts += header.parts
        census = ["zegel-census/v1"]
        for kind, heading, field in ((1, None, "leaf"), (2, "scopes", "scope")):
            census += [heading] if heading else []
            for id in sorted({getattr(part, field) for part in parts if part.kind}):
                lost = (kind, id) in rules.lost and not self.hidden
                census.append("%s %s" % (id.hex(), "destroyed" if rules.is_destroyed(kind, id)
                                         else "lost" if lost else "present"))
        salt = random_.randbytes(32)
        said = ["absent"] if not witness else [
            "salt " + salt.hex(), "hash " + v.blake3(salt + statement.text.encode()).hex()]
        self.files.update({
            "population": v.population_text(events, parts, rules),
            "receipts": v.receipts_text(rules), "VERIFY.md": v.verify_md(statement.origin, size),
            "census": v.text_of(census), "witness": v.text_of(["zegel-witness/v1"] + said)})
        self.text = statement.origin, statement.size

    def save(self, path, signer=None):
        self.files["manifest"] = (signer or self.signer).note(manifest_text(*self.text, self.files))
        for name, data in self.files.items():
            os.makedirs(os.path.dirname(os.path.join(path, name)) or path, exist_ok=True)
            with open(os.path.join(path, name), "wb") as file:
                file.write(data)


def manifest_text(origin, size, files):
    lines = ["zegel-bundle/v1", origin, str(size)]
    for path in sorted(files, key=str.encode):
        if path != "manifest":
            lines.append("%s %d %s" % (v.sha256(files[path]).hex(), len(files[path]), path))
    return "".join(line + "\n" for line in lines)


def resign(path, secret_path):
    bundle = v.Directory(path)
    with open(secret_path, "rb") as file:
        secret = file.read()
    old = v.parse_note(bundle.read("manifest"))
    signer = Signer(secret, old.signatures[0][0])
    origin, size, _ = v.parse_manifest(old.text)
    files = {name: bundle.read(name) for name in bundle.files}
    with open(os.path.join(path, "manifest"), "wb") as file:
        file.write(signer.note(manifest_text(origin, size, files)))


# The attacks: what an operator who holds the signing key might try.

def id16(number):
    return bytes([number]) * 16


O1, O2, ANN, BOB = id16(0x41), id16(0x42), id16(0x51), id16(0x52)
L1, L2, L3, S1, S2 = id16(0x21), id16(0x22), id16(0x23), id16(0x31), id16(0x32)
BEGUN = [started(), sealed((L1, S1), (L2, S1)), sealed((L3, S2))]


def erasure(order=O1, targets=((1, L1),), leaves=(L1,), scopes=(), by=ANN, approver=BOB, four=1,
            epoch=0, tenant=0):
    return [ordered(order, by, targets, four), approved(order, approver),
            fenced(order, leaves, scopes, epoch, tenant),
            destroyed(order, approver, leaves, scopes, epoch, epoch + 1, tenant), completed(order)]


def rotated():
    text = "zegel-key-rotation/v1\n%s\n%s\n" % (SIGNER.vkey, LATER.vkey)
    both = text + "\n" + SIGNER.line(text) + LATER.line(text)
    return (SIGNER.vkey + "\n\n" + both).encode()


def attacks(random_):
    def case(name, code, records, **more):
        return name, code, Bundle(records, random_, **more)
    good = erasure()
    yield case("lawful: nothing erased", 0, BEGUN)
    yield case("lawful: no records at all", 0, [])
    yield case("lawful: one erasure", 0, BEGUN + good)
    yield case("lawful: an order that waits", 0, BEGUN + good[:1])
    yield case("lawful: a cut that is not finished", 0, BEGUN + good[:3])
    yield case("lawful: a scope ends", 0, BEGUN + erasure(
        targets=((2, S1),), leaves=(L1, L2), scopes=(S1,)))
    yield case("lawful: a person", 0, BEGUN + erasure(targets=((0, id16(9)),), leaves=(L1, L2)))
    yield case("lawful: the tenant ends", 0, BEGUN + erasure(
        targets=((3, bytes(16)),), leaves=(), tenant=1))
    yield case("lawful: two erasures of one leaf", 0, BEGUN + good + erasure(
        O2, leaves=(), epoch=1))
    yield case("lawful: a purge", 0, BEGUN + good + [purged(O1, [(1, 0)])], absent={(1, 0)})
    yield case("lawful: a purge that left the ciphertext", 0, BEGUN + good + [purged(O1, [(1, 0)])])
    yield case("lawful: not witnessed", 0, BEGUN, witness=False)
    yield case("lawful: a rotated key", 0, BEGUN, keys=rotated(), signer=LATER)
    yield case("lawful: the old key signs after its rotation", 0, BEGUN, keys=rotated())
    back = BEGUN + [restored(3, leaves=(L2,), scopes=(S2,))]
    yield case("lawful: a restore", 0, back + good)
    yield case("lawful: a restore of a restore", 0, back + [restored(4, era=1)])
    yield case("lawful: a restore of an operator journal", 0, [
        ("installation.started", txt(SIGNER.vkey)), restored(1)])
    yield case("a restore within an era", 5, back, eras=False)
    yield case("a restore that states another size", 5, BEGUN + [restored(3, size=2)])
    yield case("a restore from an era that is not over", 5, BEGUN + [restored(3, era=1)])
    yield case("a restore from before the last era", 5, back + [restored(4, era=0)])
    yield case("sealed under a leaf that was lost", 5, back + [sealed((L2, S1))])
    yield case("sealed under a scope that was lost", 5, back + [sealed((L1, S2))])
    yield case("lawful: sealed after a restore that lost nothing", 0, back + [
        restored(4, era=1), sealed((L2, S2))])
    yield case("a lost key that is stated present", 5, back, hidden=True)
    yield case("the completion without its receipt", 5, BEGUN + good[:3] + good[4:])
    yield case("the receipt without its fence", 5, BEGUN + good[:2] + good[3:])
    yield case("the fence without its approval", 5, BEGUN + good[:1] + good[2:])
    yield case("the order dropped", 5, BEGUN + good[1:])
    yield case("the approval after the fence", 5, BEGUN + [good[0], good[2], good[1]] + good[3:])
    yield case("two eyes of four", 5, BEGUN + erasure(approver=ANN))
    yield case("a receipt with another ground", 5, BEGUN + good[:3] + [
        destroyed(O1, BOB, (L1,), ground="art-6")])
    yield case("a receipt with another approver", 5, BEGUN + good[:3] + [destroyed(O1, ANN, (L1,))])
    yield case("a receipt of fewer ids", 5, BEGUN + good[:3] + [destroyed(O1, BOB)])
    yield case("a receipt of more ids", 5, BEGUN + good[:3] + [destroyed(O1, BOB, (L1, L2))])
    yield case("a receipt at the same epoch", 5, BEGUN + good[:3] + [
        destroyed(O1, BOB, (L1,), after=0)])
    yield case("a later receipt of an earlier epoch", 5, BEGUN + erasure(epoch=7) + erasure(
        O2, ((1, L2),), (L2,), epoch=2))
    yield case("a fence that skips what was ordered", 5, BEGUN + erasure(leaves=(L2,)))
    yield case("sealed under a fenced leaf", 5, BEGUN + good + [sealed((L1, S2))])
    yield case("sealed between fence and receipt", 5, BEGUN + good[:3] + [sealed((L1, S1))] + good[3:])
    yield case("sealed after the end", 5, BEGUN + erasure(
        targets=((3, bytes(16)),), leaves=(), tenant=1) + [sealed((L2, S2))])
    yield case("a purge without a receipt", 5, BEGUN + [purged(O1, [(1, 0)])], absent={(1, 0)})
    yield case("a purge of a living part", 5, BEGUN + good + [purged(O1, [(1, 1)])], absent={(1, 1)})
    yield case("a purge of a public part", 5, BEGUN + good + [purged(O1, [(0, 0)])])
    yield case("a ciphertext left out", 3, BEGUN, absent={(1, 0)})
    yield case("an erased ciphertext left out without a purge", 3, BEGUN + good, absent={(1, 0)})
    yield case("a public part left out", 3, BEGUN + good, absent={(3, 0)})
    yield case("a second genesis", 5, BEGUN + [started("Another School")])
    yield case("no genesis", 5, BEGUN[1:])
    yield case("a later era, as if restored", 5, BEGUN, era=1)
    yield case("a listed event in another version", 5, BEGUN + good, versions={3: 2})
    yield case("a level beyond the format", 5, BEGUN + good[:3] + [
        destroyed(O1, BOB, (L1,), level=2)])
    yield case("a second completion", 0, BEGUN + good + good[4:])
    yield case("an order repeated with other targets", 5, BEGUN + good[:1] + [
        ordered(O1, ANN, ((1, L2),), 1)] + good[1:])
    yield case("completed though the ordered key lives under another's unfinished fence", 5,
               BEGUN + [ordered(O2, ANN, ((1, L1),)), approved(O2, BOB), fenced(O2, (L1,))]
               + erasure(leaves=()))
    yield case("a fence that takes more leaves than ordered", 5, BEGUN + erasure(leaves=(L1, L2)))
    yield case("a fence that takes a scope that was not ordered", 5, BEGUN + erasure(
        targets=((0, id16(9)),), leaves=(L1,), scopes=(S2,)))
    yield case("a public part of an event that is not listed", 5, BEGUN + [
        ("school.notice", b"in clear")])
    yield case("a public part behind a sealed one", 5, BEGUN,
               extra={1: [(0, bytes(16), bytes(16), b"Ann, 12 years")]})
    yield case("a listed event with a sealed part 0", 5, BEGUN + [
        sealed((L3, S2), name="erasure.completed")])
    yield case("a tenant registered in a tenant's journal", 5, BEGUN + [
        ("tenant.registered", id16(1) + txt("School"))])
    yield case("an erasure in the operator journal", 5, [
        ("installation.started", txt(SIGNER.vkey))] + good)
    yield case("lawful: an operator journal", 0, [
        ("installation.started", txt(SIGNER.vkey)),
        ("tenant.registered", id16(1) + txt("School")),
        ("tenant.witnessed", id16(1) + bytes(32)),
        ("tenant.closing", id16(1) + struct.pack(">Q", 7) + bytes(32) + b"\1")])
    yield case("an operator journal of another key", 5, [("installation.started", txt(LATER.vkey))])
    yield case("a tenant witnessed before it is registered", 5, [
        ("installation.started", txt(SIGNER.vkey)), ("tenant.witnessed", id16(1) + bytes(32))])
    yield case("a tenant registered twice", 5, [("installation.started", txt(SIGNER.vkey))] + 2 * [
        ("tenant.registered", id16(1) + txt("School"))])


def random_history(random_):
    """Steps of erasures in any order, mostly sound; parts; purges; and bodies left out."""
    orders, leaves, scopes, people = [O1, O2, id16(0x43)], [L1, L2, L3], [S1, S2], [ANN, BOB]
    records, absent, told, epoch = [started()], set(), {}, 0
    for _ in range(random_.randrange(2, 24)):
        order, by = random_.choice(orders), random_.choice(people)
        own = told.setdefault(order, {"by": by, "leaves": random_.sample(leaves, random_.randrange(3)),
                                      "scopes": random_.sample(scopes, random_.randrange(2)),
                                      "step": 0})
        if random_.random() < 0.08:
            own = dict(own, by=by, leaves=leaves[:1], step=random_.randrange(5))
        step = own["step"]
        if random_.random() < 0.06:
            eras = sum(name == "restore.declared" for name, _ in records)
            slips = random_.random() < 0.1, random_.random() < 0.1
            records.append(restored(len(records) - slips[0], era=eras - slips[1],
                                    leaves=random_.sample(leaves, random_.random() < 0.3)))
            continue
        if random_.random() < 0.45:
            alive = [(leaf, scope) for leaf in leaves for scope in scopes if random_.random() < 0.9
                     or not any(leaf in t["leaves"] or scope in t["scopes"] for t in told.values())]
            records.append(sealed(*random_.sample(alive, 1)))
        elif step == 0:
            targets = [(1, leaf) for leaf in own["leaves"]] + [(2, s) for s in own["scopes"]]
            records.append(ordered(order, ANN, targets, random_.randrange(2) and own["by"] == BOB))
        elif step == 1:
            records.append(approved(order, own["by"]))
        elif step == 2:
            records.append(fenced(order, own["leaves"], own["scopes"], epoch))
        elif step == 3:
            records.append(destroyed(order, own["by"], own["leaves"], own["scopes"], epoch, epoch + 1))
            epoch += random_.random() < 0.95
        elif step == 4:
            records.append(completed(order))
        else:
            places = [(seq, 0) for seq, (_, content) in enumerate(records)
                      if isinstance(content, list) and (content[0][0] in own["leaves"]
                                                        or random_.random() < 0.03)]
            if random_.random() < 0.9:
                absent.update(places)
            records.append(purged(order, places))
        if isinstance(records[-1][1], bytes):
            told[order]["step"] = (step + 1) % 6 if step < 5 else 5
    if random_.random() < 0.1:
        absent.add((random_.randrange(len(records)), 0))
    return records, absent


def main():
    if sys.argv[1] == "--resign":
        return resign(sys.argv[2], sys.argv[3])
    out, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    random_, cases = random.Random(seed), []
    for name, code, bundle in attacks(random_):
        cases.append((name, code, bundle))
    for number in range(count):
        records, absent = random_history(random_)
        bundle = Bundle(records, random_, absent=absent)
        if random_.random() < 0.2:
            del bundle.files[random_.choice(sorted(bundle.files))]
        cases.append(("random %d of seed %d" % (number, seed), None, bundle))
    listed = []
    for number, (name, code, bundle) in enumerate(cases):
        path = os.path.join(out, str(number))
        bundle.save(path)
        listed.append(dict(name=name, code=code, path=path))
    with open(os.path.join(out, "cases.json"), "w", encoding="utf-8") as file:
        json.dump(dict(vkey=SIGNER.vkey, cases=listed), file)


if __name__ == "__main__":
    main()
