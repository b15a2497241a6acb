//! The forger: an installation made by the real binary, its real signing key, and a writer of
//! bundles over whatever journal the forger likes.

use std::path::{Path, PathBuf};

use evidence::{BundleInput, KeyHistory, KeyId, KeyStanding, Target, Witness, write_bundle};
use record::checkpoint::Checkpoint;
use record::note::{NoteSigner, Vkey};
use record::public::{KeysDestroyed, PublicPart};
use record::tree::{TreeHead, leaf_entry, leaf_hash, record_leaf, root};
use record::{
    CHAIN_START, CommandId, EventKind, Hash, Header, LeafId, Origin, PartHeader, PartKind, Record,
    ScopeId, Seq, TimestampMicros, body_digest,
};
use replay_tests::dice::Dice;

use crate::support::{copy_tree, zegel_json};
use crate::verify::{export, sign_again, signer_of, text};

/// Who is registered: names so long that no base64 holds one by chance.
pub(super) const PEOPLE: [&str; 8] = [
    "Annelotte",
    "Bartholomeus",
    "Cornelissen",
    "Dirkje-Anna",
    "Evangeline",
    "Ferdinanda",
    "Gustaafje",
    "Hallewijn",
];

/// What every attack starts from; nothing changes it.
pub(super) struct Base {
    _holder: tempfile::TempDir,
    pub(super) home: PathBuf,
    pub(super) vkey: String,
    /// A tenant after two erasures, the second under four eyes.
    pub(super) bundle: PathBuf,
    /// The same tenant before them.
    pub(super) earlier: PathBuf,
    /// Another tenant of the installation.
    pub(super) other: PathBuf,
    /// A tenant that ended.
    pub(super) ended: PathBuf,
    /// The operator journal, now and as of `earlier`.
    pub(super) operator: PathBuf,
    pub(super) operator_earlier: PathBuf,
}

impl Base {
    pub(super) fn new() -> Self {
        let holder = tempfile::tempdir().unwrap();
        let home = holder.path().join("data");
        let data = home.to_str().unwrap().to_owned();
        let vkey = text(&zegel_json(&["init", "--data", &data]), "vkey");
        let start = |name: &str| {
            let start = ["tenant", "start", "--data", &data, "--name", name];
            text(&zegel_json(&start), "tenant")
        };
        let add = |tenant: &str, name: &str| {
            let add = ["person", "add", "--data", &data, "--tenant", tenant, "--name", name];
            text(&zegel_json(&add), "subject")
        };
        let out = |name: &str| holder.path().join(name);
        let (school, other, ended) = (start("De Regenboog"), start("De Vlinder"), start("De Eik"));
        let people = [0, 1, 2, 3, 4].map(|who| add(&school, PEOPLE[who]));
        PEOPLE[5..7].iter().for_each(|name| drop(add(&other, name)));
        add(&ended, PEOPLE[7]);
        export(&data, &school, &out("earlier"));
        export_operator(&data, &out("operator-earlier"));
        let erase = ["erase", "--data", &data, "--tenant", &school, "--subject"];
        zegel_json(&[&erase[..], &[people[1].as_str(), "--yes"]].concat());
        let (one, two) = ("71".repeat(16), "82".repeat(16));
        let eyes = [people[2].as_str(), "--four-eyes", "--by", &one];
        four_eyes(&data, &school, &[&erase[..], &eyes].concat(), &two);
        let end = ["tenant", "end", "--data", &data, "--tenant", &ended, "--by", &one];
        four_eyes(&data, &ended, &[&end[..], &["--ground", "contract-end"]].concat(), &two);
        export(&data, &school, &out("bundle"));
        export(&data, &school, &out("bundle.tar"));
        export(&data, &other, &out("other"));
        export(&data, &ended, &out("ended"));
        export_operator(&data, &out("operator"));
        Self {
            bundle: out("bundle"),
            earlier: out("earlier"),
            other: out("other"),
            ended: out("ended"),
            operator: out("operator"),
            operator_earlier: out("operator-earlier"),
            _holder: holder,
            home,
            vkey,
        }
    }

    /// The real key, as whoever runs the installation can read it.
    pub(super) fn signer(&self) -> NoteSigner {
        signer_of(&self.home, &self.vkey)
    }

    pub(super) fn tar(&self) -> PathBuf {
        self.bundle.with_extension("tar")
    }
}

fn export_operator(data: &str, out: &Path) {
    zegel_json(&["export", "operator", "--data", data, "--out", out.to_str().unwrap()]);
}

fn four_eyes(data: &str, tenant: &str, order: &[&str], approver: &str) {
    let order = text(&zegel_json(order), "order");
    let approve = ["--approve", &order, "--by", approver];
    zegel_json(&[&["erase", "--data", data, "--tenant", tenant][..], &approve].concat());
}

/// One attempt: a directory of its own and its own dice.
pub(super) struct Scene<'a> {
    pub(super) base: &'a Base,
    pub(super) dir: &'a Path,
    pub(super) dice: Dice,
    pub(super) variant: usize,
    made: usize,
}

/// How the verifiers are called, and where they must point.
#[derive(Clone, Debug, Default)]
pub(super) struct Run {
    pub(super) bundle: PathBuf,
    pub(super) key: Option<String>,
    pub(super) previous: Option<PathBuf>,
    pub(super) operator: Option<PathBuf>,
    pub(super) tenants: Vec<PathBuf>,
    /// The other of two that are compared.
    pub(super) compare: Option<PathBuf>,
    pub(super) proof: Option<PathBuf>,
    pub(super) file: Option<String>,
    pub(super) seq: Option<u64>,
}

impl Run {
    pub(super) fn at(self, seq: usize) -> Self {
        Self { seq: Some(u64::try_from(seq).unwrap()), ..self }
    }

    pub(super) fn in_file(self, file: &str) -> Self {
        Self { file: Some(file.to_owned()), ..self }
    }

    /// A file, and no record.
    pub(super) fn elsewhere(self, file: &str) -> Self {
        Self { seq: None, ..self }.in_file(file)
    }

    pub(super) fn previous(self, note: &Path) -> Self {
        Self { previous: Some(note.to_owned()), ..self }
    }

    pub(super) fn operator(self, bundle: &Path) -> Self {
        Self { operator: Some(bundle.to_owned()), ..self }
    }

    pub(super) fn compare(self, other: &Path) -> Self {
        Self { compare: Some(other.to_owned()), ..self }
    }
}

impl<'a> Scene<'a> {
    pub(super) fn new(base: &'a Base, dir: &'a Path, seed: u64, variant: usize) -> Self {
        Self { base, dir, dice: Dice::new(seed), variant, made: 0 }
    }

    /// A run over this bundle with the real key.
    pub(super) fn run(&self, bundle: &Path) -> Run {
        let key = Some(self.base.vkey.clone());
        Run { bundle: bundle.to_owned(), key, ..Run::default() }
    }

    pub(super) fn path(&mut self) -> PathBuf {
        self.made += 1;
        self.dir.join(format!("made-{}", self.made))
    }

    pub(super) fn copy(&mut self, from: &Path) -> PathBuf {
        let to = self.path();
        copy_tree(from, &to);
        to
    }

    pub(super) fn sign_again(&self, bundle: &Path) {
        sign_again(bundle, &self.base.signer());
    }

    /// The journal of the tenant.
    pub(super) fn journal(&self) -> Journal {
        Journal::read(&self.base.bundle)
    }

    /// Writes a journal as the operator does, signed with the real key.
    pub(super) fn write(&mut self, journal: &Journal) -> PathBuf {
        let (out, salt) = (self.path(), [self.dice.id(), self.dice.id()].concat());
        let witness = Witness::new(salt.try_into().unwrap(), &journal.checkpoint());
        journal.write(&out, &self.base.signer(), journal.is_tenant().then_some(witness));
        out
    }

    /// The same, to be verified with the real key.
    pub(super) fn write_journal(&mut self, journal: &Journal) -> Run {
        let bundle = self.write(journal);
        self.run(&bundle)
    }

    /// Writes headers that the product's own writer would refuse: `change` is applied to their
    /// bytes, the chain is made anew, and tree, checkpoint and manifest follow.
    pub(super) fn write_raw(
        &mut self,
        journal: &Journal,
        change: impl FnOnce(&mut Vec<Vec<u8>>),
    ) -> PathBuf {
        self.write_unlinked(journal, |headers| {
            change(headers);
            relink(headers);
        })
    }

    /// The same, and the chain stays as `change` leaves it.
    pub(super) fn write_unlinked(
        &mut self,
        journal: &Journal,
        change: impl FnOnce(&mut Vec<Vec<u8>>),
    ) -> PathBuf {
        let bundle = self.write(journal);
        let mut headers: Vec<Vec<u8>> =
            journal.records.iter().map(|record| record.header.encode()).collect();
        change(&mut headers);
        let entries: Vec<_> =
            (0..).zip(&headers).map(|(seq, header)| leaf_entry(Seq(seq), header)).collect();
        let hashes: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        let size = u64::try_from(headers.len()).unwrap();
        assert!(size < 256, "one tile");
        let head = TreeHead { size, root: root(&hashes) };
        let checkpoint = Checkpoint { origin: journal.origin, head };
        let put = |name: &str, bytes: &[u8]| std::fs::write(bundle.join(name), bytes).unwrap();
        put("records/headers/00000000", &framed(&headers));
        put(&format!("tile/0/000.p/{size}"), &hashes.iter().flat_map(|h| h.0).collect::<Vec<_>>());
        let entries: Vec<u8> =
            entries.iter().flat_map(|entry| [&[0, 84], &entry[..]].concat()).collect();
        put(&format!("tile/entries/000.p/{size}"), &entries);
        put("checkpoint", checkpoint.sign(&self.base.signer()).to_string().as_bytes());
        put("witness", b"zegel-witness/v1\nabsent\n");
        self.sign_again(&bundle);
        bundle
    }

    /// A signed checkpoint of the tenant's first records.
    pub(super) fn note_at(&mut self, size: usize) -> PathBuf {
        self.note(&self.journal().checkpoint_at(size))
    }

    /// A file with a signed checkpoint.
    pub(super) fn note(&mut self, checkpoint: &Checkpoint) -> PathBuf {
        let path = self.path();
        std::fs::write(&path, checkpoint.sign(&self.base.signer()).to_string()).unwrap();
        path
    }
}

pub(super) fn framed(pieces: &[Vec<u8>]) -> Vec<u8> {
    let frame =
        |piece: &Vec<u8>| [&u32::try_from(piece.len()).unwrap().to_be_bytes()[..], piece].concat();
    pieces.iter().flat_map(frame).collect()
}

/// Where `previous` stands in the bytes of a header.
pub(super) fn previous_at(header: &[u8]) -> usize {
    75 + usize::from(header[40])
}

fn relink(headers: &mut [Vec<u8>]) {
    let mut previous = CHAIN_START;
    for header in headers {
        let at = previous_at(header);
        header[at..at + 32].copy_from_slice(&previous.0);
        previous = body_digest(header);
    }
}

/// Changes the bytes of a file.
pub(super) fn edit(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(path).unwrap();
    change(&mut bytes);
    std::fs::write(path, bytes).unwrap();
}

/// Changes a text file.
pub(super) fn edit_text(path: &Path, change: impl FnOnce(&str) -> String) {
    let text = std::fs::read_to_string(path).unwrap();
    let changed = change(&text);
    assert_ne!(text, changed, "{path:?} is as it was");
    std::fs::write(path, changed).unwrap();
}

/// Records that a forger may change.
#[derive(Clone, Debug)]
pub(super) struct Journal {
    pub(super) origin: Origin,
    pub(super) records: Vec<Record>,
}

impl Journal {
    pub(super) fn read(bundle: &Path) -> Self {
        let read = |name: &str| std::fs::read(bundle.join(name)).unwrap();
        let headers = crate::verify::frames(&read("records/headers/00000000"));
        let mut bodies = crate::verify::frames(&read("records/bodies/00000000")).into_iter();
        let records: Vec<Record> = headers
            .iter()
            .map(|header| {
                let header = Header::decode(&header[4..]).unwrap();
                let count = header.parts.len();
                let bodies = bodies.by_ref().take(count).map(|body| body[4..].to_vec()).collect();
                Record { header, bodies }
            })
            .collect();
        Self { origin: records[0].header.origin, records }
    }

    pub(super) fn size(&self) -> usize {
        self.records.len()
    }

    fn is_tenant(&self) -> bool {
        self.records[0].header.kind.name() == "tenant.started"
    }

    pub(super) fn checkpoint_at(&self, size: usize) -> Checkpoint {
        let leaves: Vec<Hash> =
            self.records[..size].iter().map(|record| record_leaf(&record.header)).collect();
        let head = TreeHead { size: u64::try_from(size).unwrap(), root: root(&leaves) };
        Checkpoint { origin: self.origin, head }
    }

    pub(super) fn checkpoint(&self) -> Checkpoint {
        self.checkpoint_at(self.size())
    }

    /// Numbers and chains every record anew, in this journal.
    pub(super) fn relink(&mut self) {
        let mut previous = CHAIN_START;
        for (seq, record) in (0..).zip(&mut self.records) {
            let header = &mut record.header;
            (header.seq, header.previous) = (Seq(seq), previous);
            header.origin.journal = self.origin.journal;
            for (part, body) in header.parts.iter_mut().zip(&record.bodies) {
                if !body.is_empty() {
                    part.digest = body_digest(body);
                }
            }
            previous = header.record_hash();
        }
    }

    pub(super) fn push(
        &mut self,
        dice: &mut Dice,
        kind: EventKind,
        parts: Vec<(PartKind, LeafId, ScopeId, Vec<u8>)>,
    ) {
        let last = self.records.last().map(|record| record.header.recorded_at.0).unwrap_or(1);
        let headers = parts.iter().map(|(kind, leaf, scope, body)| {
            let sealed = usize::from(*kind == PartKind::Sealed) * 48;
            let length = u32::try_from(body.len() - sealed).unwrap();
            let (kind, leaf, scope) = (*kind, *leaf, *scope);
            PartHeader { kind, leaf, scope, length, digest: body_digest(body) }
        });
        let header = Header {
            origin: self.origin,
            seq: Seq(0),
            recorded_at: TimestampMicros(last + 1_000),
            kind,
            command: CommandId::from_bytes(dice.id()),
            salt: dice.id(),
            previous: CHAIN_START,
            parts: headers.collect(),
        };
        let bodies = parts.into_iter().map(|(_, _, _, body)| body).collect();
        self.records.push(Record { header, bodies });
        self.relink();
    }

    pub(super) fn public(&mut self, dice: &mut Dice, part: &PublicPart) {
        let none = (LeafId::from_bytes([0; 16]), ScopeId::from_bytes([0; 16]));
        let parts = vec![(PartKind::Public, none.0, none.1, part.encode())];
        self.push(dice, part.kind().unwrap(), parts);
    }

    pub(super) fn sealed(&mut self, dice: &mut Dice, leaf: LeafId, scope: ScopeId) {
        let body = (0..7).flat_map(|_| dice.id()).collect();
        let kind = EventKind::new("person.registered", 1).unwrap();
        self.push(dice, kind, vec![(PartKind::Sealed, leaf, scope, body)]);
    }

    /// The first record of this event.
    pub(super) fn place_of(&self, event: &str) -> usize {
        let of = |record: &Record| record.header.kind.name() == event;
        self.records.iter().position(of).unwrap()
    }

    fn receipts(&self) -> Vec<KeysDestroyed> {
        let receipt = |record: &Record| match PublicPart::of(record) {
            Ok(Some(PublicPart::KeysDestroyed(receipt))) => Some(receipt),
            _ => None,
        };
        self.records.iter().filter_map(receipt).collect()
    }

    /// Sealed parts whose keys no receipt covers: record, part, leaf, scope.
    pub(super) fn living(&self) -> Vec<(usize, usize, LeafId, ScopeId)> {
        let receipts = self.receipts();
        let dead = |leaf, scope| {
            receipts.iter().any(|r| r.leaves.contains(&leaf) || r.scopes.contains(&scope))
        };
        let mut living = Vec::new();
        for (seq, record) in self.records.iter().enumerate() {
            for (index, part) in record.header.parts.iter().enumerate().skip(1) {
                if part.kind == PartKind::Sealed && !dead(part.leaf, part.scope) {
                    living.push((seq, index, part.leaf, part.scope));
                }
            }
        }
        living
    }

    fn write(&self, out: &Path, signer: &NoteSigner, witness: Option<Witness>) {
        let receipts = self.receipts();
        let covered = |key: KeyId| {
            receipts.iter().any(|receipt| {
                receipt.tenant
                    || match key {
                        KeyId::Leaf(leaf) => receipt.leaves.contains(&leaf),
                        KeyId::Scope(scope) => receipt.scopes.contains(&scope),
                    }
            })
        };
        let census = |key| {
            if covered(key) { KeyStanding::Destroyed } else { KeyStanding::Present }
        };
        let input = BundleInput {
            checkpoint: self.checkpoint(),
            keys: KeyHistory::new(signer.vkey()),
            records: Box::new(self.records.iter().cloned().map(Ok)),
            census: &census,
            witness,
        };
        write_bundle(&Target::Directory(out.to_owned()), input, signer, &mut |_| ()).unwrap();
    }
}

/// Who nobody knows.
pub(super) fn thief(name: &str) -> NoteSigner {
    NoteSigner::new(name, &[13; 32]).unwrap()
}

pub(super) fn name_of(vkey: &str) -> String {
    Vkey::parse(vkey).unwrap().name().to_owned()
}
