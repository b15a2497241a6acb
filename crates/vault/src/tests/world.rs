//! A tenant with a slot file and a journal that is a map of pages.

use std::collections::BTreeMap;
use std::path::PathBuf;

use record::public::Cut;
use record::{
    Addressee, Category, CommandId, Draft, DraftPart, EventKind, Hash, JournalId, LeafId, Origin,
    PageKey, PageWrite, PersonLabel, Plaintext, Record, ScopeId, Seq, SubjectId, TimestampMicros,
};

use crate::tree::Shape;
use crate::{Condemned, CutDone, Opening, PreparedCut, SealError, Vault, VaultError};

/// Three leaves a page and four pages a branch: a few mints make a deep tree.
pub(crate) const NARROW: Shape = Shape { fan_out: 4, entries_bytes: 1 + 3 * 83 };

pub(crate) type Pages = BTreeMap<PageKey, Vec<u8>>;

pub(crate) struct World {
    pub(crate) directory: tempfile::TempDir,
    pub(crate) vault: Vault,
    pub(crate) pages: Pages,
    /// Every frame that was ever written, and never deleted.
    pub(crate) frames: Vec<(PageKey, Vec<u8>)>,
}

pub(crate) fn subject(number: u8) -> SubjectId {
    SubjectId::from_bytes([number; 16])
}

pub(crate) fn scope(number: u8) -> ScopeId {
    ScopeId::from_bytes([number; 16])
}

pub(crate) fn origin() -> Origin {
    Origin::first(JournalId::from_bytes([9; 16]))
}

pub(crate) fn facts(text: &str) -> DraftPart {
    DraftPart { to: Addressee::Facts, bytes: Plaintext::new(text.into()) }
}

pub(crate) fn public(text: &str) -> DraftPart {
    DraftPart { to: Addressee::Public, bytes: Plaintext::new(text.into()) }
}

pub(crate) fn about(label: PersonLabel, text: &str) -> DraftPart {
    DraftPart { to: Addressee::Person(label), bytes: Plaintext::new(text.into()) }
}

pub(crate) fn label(subject: SubjectId, scope: ScopeId) -> PersonLabel {
    PersonLabel { subject, category: Category(1), scope, alone: false }
}

pub(crate) fn draft(parts: Vec<DraftPart>) -> Draft {
    let kind = EventKind::new("observation.recorded", 1).unwrap();
    Draft { kind, command: CommandId::from_bytes([3; 16]), new_scopes: Vec::new(), parts }
}

/// Places a sealed event; where does not matter to the vault.
pub(crate) fn placed(sealed: record::Sealed) -> Record {
    sealed.into_record(Seq(0), TimestampMicros(0), Hash([0; 32]))
}

impl World {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (vault, writes) =
            Vault::create_shaped(&directory.path().join("slots"), NARROW).unwrap();
        let mut world = Self { directory, vault, pages: Pages::new(), frames: Vec::new() };
        world.store(&writes);
        world
    }

    pub(crate) fn slots(&self) -> PathBuf {
        self.directory.path().join("slots")
    }

    pub(crate) fn slot_bytes(&self) -> Vec<u8> {
        std::fs::read(self.slots()).unwrap()
    }

    pub(crate) fn permanent(&self) -> ScopeId {
        self.vault.permanent_scope()
    }

    pub(crate) fn store(&mut self, writes: &[PageWrite]) {
        for write in writes {
            match &write.bytes {
                Some(bytes) => {
                    assert!(bytes.len() <= 5_996, "a page over the limit");
                    self.frames.push((write.key, bytes.clone()));
                    self.pages.insert(write.key, bytes.clone());
                }
                None => drop(self.pages.remove(&write.key)),
            }
        }
    }

    pub(crate) fn commit(&mut self) {
        let writes = self.vault.take_page_writes().unwrap();
        self.store(&writes);
    }

    pub(crate) fn seal(&mut self, draft: Draft) -> Result<Record, SealError> {
        let sealed = self.vault.seal(origin(), draft)?;
        self.commit();
        Ok(placed(sealed))
    }

    /// One record with facts and one part about a person, and the leaf of that part.
    pub(crate) fn tell(&mut self, person: PersonLabel) -> (Record, LeafId) {
        let record = self.seal(draft(vec![facts("facts"), about(person, "told")])).unwrap();
        let leaf = record.header.parts[1].leaf;
        (record, leaf)
    }

    pub(crate) fn mint_scope(&mut self, scope: ScopeId) {
        let mut draft = draft(vec![facts("a term begins")]);
        draft.new_scopes.push(scope);
        self.seal(draft).unwrap();
    }

    pub(crate) fn prepare(&mut self, targets: &[Cut]) -> (Condemned, PreparedCut) {
        let condemned = self.vault.condemned(targets);
        self.vault.fence(&condemned);
        let prepared = self.vault.cut(&condemned).unwrap();
        (condemned, prepared)
    }

    pub(crate) fn cut(&mut self, targets: &[Cut]) -> CutDone {
        let (condemned, prepared) = self.prepare(targets);
        self.store(prepared.writes());
        let done = self.vault.switch_root(prepared).unwrap();
        self.store(&done.obsolete);
        assert!(self.vault.is_cut(&condemned));
        done
    }

    pub(crate) fn open(&self, pages: &Pages) -> Result<Vault, VaultError> {
        Vault::open_shaped(&self.slots(), &mut |key| pages.get(&key).cloned(), NARROW)
    }

    pub(crate) fn reopen(&mut self) {
        self.vault = self.open(&self.pages).unwrap();
    }

    pub(crate) fn open_part(&self, record: &Record, index: usize) -> Opening {
        self.vault.open_part(&record.header, index, &record.bodies[index])
    }

    pub(crate) fn opens(&self, record: &Record) -> bool {
        match self.open_part(record, 1) {
            Opening::Open(opened) => opened.bytes.as_slice() == b"told",
            Opening::NoKey => false,
            Opening::Tampered => panic!("an untouched part is called tampered"),
        }
    }

    /// The key bytes of a leaf, for the attacker's tests.
    pub(crate) fn leaf_key(&self, leaf: LeafId) -> [u8; 32] {
        *self.vault.index.leaf(&self.vault.tree, leaf).unwrap().1
    }

    pub(crate) fn scope_key(&self, scope: ScopeId) -> [u8; 32] {
        *self.vault.index.scope(&self.vault.tree, scope).unwrap()
    }
}
