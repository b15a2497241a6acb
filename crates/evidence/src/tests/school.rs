//! A small journal with public parts, sealed parts, an erasure and a purge, and tools to damage its
//! bundle. Everything is deterministic, so that docs/format/bundle.md can show it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use record::checkpoint::Checkpoint;
use record::note::{Note, NoteSigner, Vkey};
use record::public::{
    Cut, ErasureApproved, ErasureCompleted, ErasureFenced, ErasureOrdered, KeysDestroyed,
    PartsPurged, PublicPart, TenantStarted,
};
use record::tree::{TreeHead, record_leaf, root};
use record::{
    ActorId, CHAIN_START, CommandId, EventKind, Hash, Header, JournalId, LeafId, OrderId, Origin,
    PartHeader, PartKind, Record, ScopeId, Seq, TimestampMicros, body_digest,
};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::manifest::{FileDigest, Manifest};
use crate::{
    BundleError, BundleInput, KeyHistory, KeyId, KeyStanding, Options, Report, Target, Verdict,
    Witness, verify, write_bundle,
};

pub(super) const FACTS: u8 = 0x10;
pub(super) const LINA: u8 = 0x21;
pub(super) const SAMI: u8 = 0x22;
pub(super) const PERMANENT: u8 = 0x30;
pub(super) const ROUND: u8 = 0x31;

pub(super) fn leaf(id: u8) -> LeafId {
    LeafId::from_bytes([id; 16])
}

pub(super) fn scope(id: u8) -> ScopeId {
    ScopeId::from_bytes([id; 16])
}

pub(super) fn order_id(id: u8) -> OrderId {
    OrderId::from_bytes([id; 16])
}

pub(super) fn actor(id: u8) -> ActorId {
    ActorId::from_bytes([id; 16])
}

pub(super) fn signer(seed: u8) -> NoteSigner {
    NoteSigner::new("zegel.example/school", &[seed; 32]).unwrap()
}

pub(super) fn origin() -> Origin {
    Origin::first(JournalId::from_bytes([0xa5; 16]))
}

/// A journal under construction.
#[derive(Clone)]
pub(super) struct School {
    pub(super) records: Vec<Record>,
    pub(super) lost: Vec<KeyId>,
    pub(super) era: u32,
}

impl School {
    pub(super) fn empty() -> Self {
        Self { records: Vec::new(), lost: Vec::new(), era: 0 }
    }

    /// Genesis and four sealed events.
    pub(super) fn started() -> Self {
        let mut school = Self::empty();
        school.public(PublicPart::TenantStarted(TenantStarted {
            operator: JournalId::from_bytes([0x0b; 16]),
            name: "De Regenboog".to_owned(),
        }));
        school.sealed("survey.round-opened", &[(FACTS, PERMANENT)]);
        school.sealed("survey.response-submitted", &[(FACTS, PERMANENT), (LINA, ROUND)]);
        school.sealed("survey.response-submitted", &[(FACTS, PERMANENT), (SAMI, ROUND)]);
        school
    }

    /// Also an erasure of one leaf, from order to completion.
    pub(super) fn with_erasure() -> Self {
        let mut school = Self::started();
        erasure().iter().for_each(|part| school.public(part.clone()));
        school
    }

    pub(super) fn public(&mut self, part: PublicPart) {
        let kind = part.kind().unwrap();
        self.push(kind, vec![(PartKind::Public, 0, 0, part.encode())]);
    }

    pub(super) fn sealed(&mut self, name: &str, keys: &[(u8, u8)]) {
        let kind = EventKind::new(name, 1).unwrap();
        let parts = keys.iter().map(|(leaf, scope)| (PartKind::Sealed, *leaf, *scope, Vec::new()));
        self.push(kind, parts.collect());
    }

    pub(super) fn push(&mut self, kind: EventKind, parts: Vec<(PartKind, u8, u8, Vec<u8>)>) {
        let number = u64::try_from(self.records.len()).unwrap();
        let previous = self.records.last().map_or(CHAIN_START, |last| last.header.record_hash());
        let mark = u8::try_from(number % 251).unwrap();
        let bodies: Vec<Vec<u8>> = parts
            .iter()
            .map(|(kind, leaf, _, public)| match kind {
                PartKind::Public => public.clone(),
                PartKind::Sealed => (0u8..112).map(|i| i.wrapping_mul(*leaf) ^ mark).collect(),
            })
            .collect();
        let length = |kind: PartKind, body: &[u8]| match kind {
            PartKind::Public => u32::try_from(body.len()).unwrap(),
            PartKind::Sealed => 64,
        };
        let headers = parts.iter().zip(&bodies).map(|((kind, leaf_id, scope_id, _), body)| {
            let (kind, digest) = (*kind, body_digest(body));
            PartHeader {
                kind,
                leaf: leaf(*leaf_id),
                scope: scope(*scope_id),
                length: length(kind, body),
                digest,
            }
        });
        let mut salt = [mark ^ 0xff; 16];
        // Every salt stands once; the worked example has those of the first records.
        salt[0] ^= u8::try_from(number / 251).unwrap();
        let header = Header {
            origin: Origin { era: self.era, ..origin() },
            seq: Seq(number),
            recorded_at: TimestampMicros(1_795_395_723_000_000 + number * 1_000),
            kind,
            command: CommandId::from_bytes([mark; 16]),
            salt,
            previous,
            parts: headers.collect(),
        };
        self.records.push(Record { header, bodies });
    }

    pub(super) fn checkpoint_at(&self, size: usize) -> Checkpoint {
        let leaves: Vec<Hash> =
            self.records[..size].iter().map(|record| record_leaf(&record.header)).collect();
        let size = u64::try_from(size).unwrap();
        let origin = Origin { era: self.era, ..origin() };
        Checkpoint { origin, head: TreeHead { size, root: root(&leaves) } }
    }

    pub(super) fn checkpoint(&self) -> Checkpoint {
        self.checkpoint_at(self.records.len())
    }

    /// What the key tree would say: gone if a receipt covers it.
    fn standing(&self, key: KeyId) -> KeyStanding {
        let covers = |record: &Record| match PublicPart::of(record) {
            Ok(Some(PublicPart::KeysDestroyed(receipt))) => {
                receipt.tenant
                    || match key {
                        KeyId::Leaf(leaf) => receipt.leaves.contains(&leaf),
                        KeyId::Scope(scope) => receipt.scopes.contains(&scope),
                    }
            }
            _ => false,
        };
        if self.lost.contains(&key) {
            KeyStanding::Lost
        } else if self.records.iter().any(covers) {
            KeyStanding::Destroyed
        } else {
            KeyStanding::Present
        }
    }

    pub(super) fn input<'a>(
        &'a self,
        keys: KeyHistory,
        census: &'a dyn Fn(KeyId) -> KeyStanding,
    ) -> BundleInput<'a> {
        let checkpoint = self.checkpoint();
        BundleInput {
            checkpoint,
            keys,
            records: Box::new(self.records.iter().cloned().map(Ok)),
            census,
            witness: Some(Witness::new([0x5a; 32], &checkpoint)),
        }
    }

    pub(super) fn write_to(&self, target: &Target, seed: u8) -> Result<(), BundleError> {
        let census = |key| self.standing(key);
        let input = self.input(KeyHistory::new(signer(seed).vkey()), &census);
        write_bundle(target, input, &signer(seed), &mut |_| {})
    }

    /// A bundle signed by key 1.
    pub(super) fn bundle(&self) -> Bundle {
        let bundle = Bundle::nowhere();
        self.write_to(&Target::Directory(bundle.path.clone()), 1).unwrap();
        bundle
    }
}

/// Order, approval, fence, receipt and completion for one leaf.
pub(super) fn erasure() -> [PublicPart; 5] {
    let order = order_id(0x41);
    [
        PublicPart::ErasureOrdered(ErasureOrdered {
            order,
            ground: "art-17".to_owned(),
            ordered_by: actor(0x51),
            four_eyes: true,
            targets: vec![Cut::Leaf(leaf(LINA))],
        }),
        PublicPart::ErasureApproved(ErasureApproved { order, approved_by: actor(0x52) }),
        PublicPart::ErasureFenced(ErasureFenced {
            order,
            epoch_before: 1,
            tenant: false,
            leaves: vec![leaf(LINA)],
            scopes: Vec::new(),
        }),
        PublicPart::KeysDestroyed(KeysDestroyed {
            order,
            ground: "art-17".to_owned(),
            approved_by: actor(0x52),
            epoch_before: 1,
            epoch_after: 2,
            level: 1,
            backup_days: 30,
            tenant: false,
            leaves: vec![leaf(LINA)],
            scopes: Vec::new(),
        }),
        PublicPart::ErasureCompleted(ErasureCompleted { order }),
    ]
}

/// The purge of the erased part of record 2.
pub(super) fn purge() -> PublicPart {
    PublicPart::PartsPurged(PartsPurged { order: order_id(0x41), parts: vec![(Seq(2), 1)] })
}

/// A bundle on disk.
pub(super) struct Bundle {
    _directory: TempDir,
    pub(super) path: PathBuf,
}

impl Bundle {
    pub(super) fn nowhere() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("bundle");
        Self { _directory: directory, path }
    }

    pub(super) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.path, "", &mut files);
        files
    }

    pub(super) fn put(&self, path: &str, bytes: &[u8]) {
        put(&self.path.join(path), bytes);
    }

    pub(super) fn remove(&self, path: &str) {
        fs::remove_file(self.path.join(path)).unwrap();
    }

    /// Lists the files as they are now and signs the list.
    pub(super) fn sign_manifest(&self, seed: u8) {
        let manifest = signed_manifest(&self.files(), seed);
        self.put("manifest", manifest.as_bytes());
    }

    pub(super) fn verify(&self, key: Option<Vkey>) -> Report {
        verify(&self.path, &Options { key, previous: None })
    }

    pub(super) fn verify_pinned(&self) -> Report {
        self.verify(Some(signer(1).vkey()))
    }

    pub(super) fn verify_with(&self, previous: &Note) -> Report {
        let previous = Some(previous.to_string());
        verify(&self.path, &Options { key: Some(signer(1).vkey()), previous })
    }
}

/// Writes in place: ext4 flushes a file that was truncated and written again, which is slow.
pub(super) fn put(path: &Path, bytes: &[u8]) {
    let mut options = fs::OpenOptions::new();
    let file = options.write(true).create(true).truncate(false).open(path).unwrap();
    (&file).write_all(bytes).unwrap();
    let length = u64::try_from(bytes.len()).unwrap();
    if file.metadata().unwrap().len() != length {
        file.set_len(length).unwrap();
    }
}

/// A manifest of these files with origin and size as before, signed.
pub(super) fn signed_manifest(files: &BTreeMap<String, Vec<u8>>, seed: u8) -> String {
    let text = String::from_utf8(files["manifest"].clone()).unwrap();
    let note = Note::parse(&text).unwrap();
    let before = Manifest::parse(note.text()).unwrap();
    let digest = |bytes: &Vec<u8>| FileDigest {
        sha256: Hash(Sha256::digest(bytes).into()),
        bytes: u64::try_from(bytes.len()).unwrap(),
    };
    let listed = files.iter().filter(|(path, _)| *path != "manifest");
    let files = listed.map(|(path, bytes)| (path.clone(), digest(bytes))).collect();
    signer(seed).sign(&Manifest { files, ..before }.to_string()).to_string()
}

fn collect(directory: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &format!("{path}/"), files);
        } else {
            files.insert(path, fs::read(entry.path()).unwrap());
        }
    }
}

/// Asserts a verdict and that the finding of this rule stands at this place.
#[track_caller]
pub(super) fn assert_found(report: &Report, verdict: Verdict, rule: &str, seq: Option<u64>) {
    let found = report.findings.iter().any(|f| f.rule == rule && (seq.is_none() || f.seq == seq));
    assert!(found, "no `{rule}` at {seq:?}:\n{}", report.to_text());
    assert_eq!(report.verdict, verdict, "{}", report.to_text());
}
