//! What an operator may look at: headers, states, ids and counts; never a name, answer or key.

use std::collections::BTreeMap;

use record::checkpoint::Checkpoint;
use record::note::Note;
use record::tree::TreeHead;
use record::{JournalId, PartKind, Record, Seq, SubjectId};
use serde::Serialize;
use vault::Opening;

use crate::engine::Engine;
use crate::execute::{EngineError, Fault};
use crate::tenant::Tenant;

/// Most records of one page of the journal.
pub(crate) const JOURNAL_ROWS_MAX: u64 = 10_000;

/// One record as its header shows it, with the state of each part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JournalRow {
    /// Place in the journal.
    pub seq: u64,
    /// Microseconds since 1970.
    pub recorded_at: u64,
    /// Name of the event.
    pub event: String,
    /// Version of its encoding.
    pub version: u16,
    /// BLAKE3 of the header.
    pub record_hash: String,
    /// Its parts.
    pub parts: Vec<PartRow>,
}

/// One part of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartRow {
    /// Its state.
    pub state: PartState,
    /// The leaf it is sealed under; zeros when public.
    pub leaf: String,
    /// The scope it is kept for; zeros when public.
    pub scope: String,
    /// Padded length in bytes.
    pub bytes: u32,
}

/// What can be done with a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartState {
    /// It is in clear.
    Public,
    /// It opens.
    Open,
    /// Its key was destroyed, and a receipt says so.
    Erased,
    /// A declared restore did not bring its key back: known, and not erased.
    StatedLost,
    /// Its key is gone and no receipt says why: an incident.
    KeyLost,
    /// It was changed, or belongs elsewhere.
    Tampered,
}

/// One person or pseudonym that keys are kept of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SubjectRow {
    /// A random reference.
    pub subject: String,
    /// Number of leaf keys in each category.
    pub leaves: BTreeMap<u16, usize>,
}

/// The key tree in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyState {
    /// Key epoch: one more after every cut.
    pub epoch: Option<u64>,
    /// Leaf keys held.
    pub leaves: usize,
    /// Scopes whose keys are held.
    pub scopes: Vec<String>,
    /// The scope of what is kept as long as the agreement lasts.
    pub permanent_scope: Option<String>,
    /// Destruction level of the medium.
    pub level: u8,
    /// What that rests on.
    pub level_reason: String,
}

impl Engine {
    /// A page of the journal.
    ///
    /// # Errors
    /// [`EngineError`] when the tenant is unknown or a record cannot be read.
    pub fn journal_rows(
        &self,
        id: JournalId,
        from: Seq,
        most: u64,
    ) -> Result<Vec<JournalRow>, EngineError> {
        let tenant = self.tenant(id)?;
        let size = self.store.size(id);
        let to = from.0.saturating_add(most.min(JOURNAL_ROWS_MAX)).min(size);
        if from.0 >= to {
            return Ok(Vec::new());
        }
        let row =
            |record: Result<Record, _>| Ok(journal_row(tenant, &record.map_err(Fault::from)?));
        self.store.scan(id, from, Seq(to)).map(row).collect()
    }

    /// Everyone that keys are kept of.
    ///
    /// # Errors
    /// [`EngineError`] when the tenant is unknown or ended.
    pub fn subjects(&self, id: JournalId) -> Result<Vec<SubjectRow>, EngineError> {
        let vault = self.tenant(id)?.running()?;
        let mut subjects: BTreeMap<SubjectId, BTreeMap<u16, usize>> = BTreeMap::new();
        for entry in vault.leaf_ids().filter_map(|leaf| vault.entry(leaf)) {
            *subjects.entry(entry.subject).or_default().entry(entry.category.0).or_default() += 1;
        }
        let row =
            |(subject, leaves): (SubjectId, _)| SubjectRow { subject: subject.to_string(), leaves };
        Ok(subjects.into_iter().map(row).collect())
    }

    /// The key tree in numbers.
    ///
    /// # Errors
    /// [`EngineError`] when the tenant is unknown.
    pub fn key_state(&self, id: JournalId) -> Result<KeyState, EngineError> {
        let tenant = self.tenant(id)?;
        let vault = tenant.vault.as_ref();
        let level = vault::destruction_level(&self.paths.slots(id));
        Ok(KeyState {
            epoch: vault.map(vault::Vault::epoch),
            leaves: vault.map_or(0, vault::Vault::leaves_count),
            scopes: tenant.held_scopes().iter().map(ToString::to_string).collect(),
            permanent_scope: vault.map(|vault| vault.permanent_scope().to_string()),
            level: level.number(),
            level_reason: level.sentence().to_owned(),
        })
    }
}

fn journal_row(tenant: &Tenant, record: &Record) -> JournalRow {
    let header = &record.header;
    let parts = header.parts.iter().enumerate().map(|(index, part)| PartRow {
        state: part_state(tenant, record, index),
        leaf: part.leaf.to_string(),
        scope: part.scope.to_string(),
        bytes: part.length,
    });
    JournalRow {
        seq: header.seq.0,
        recorded_at: header.recorded_at.0,
        event: header.kind.name().to_owned(),
        version: header.kind.version(),
        record_hash: header.record_hash().to_string(),
        parts: parts.collect(),
    }
}

pub(crate) fn part_state(tenant: &Tenant, record: &Record, index: usize) -> PartState {
    let (Some(part), Some(body)) = (record.header.parts.get(index), record.bodies.get(index))
    else {
        return PartState::Tampered;
    };
    if part.kind == PartKind::Public {
        return PartState::Public;
    }
    let opening = tenant.vault.as_ref().map(|vault| vault.open_part(&record.header, index, body));
    match opening {
        Some(Opening::Open(_)) => PartState::Open,
        Some(Opening::Tampered) => PartState::Tampered,
        None | Some(Opening::NoKey) if tenant.model.destroyed.covers(part.leaf, part.scope) => {
            PartState::Erased
        }
        None | Some(Opening::NoKey) if tenant.model.stated_lost.covers(part.leaf, part.scope) => {
            PartState::StatedLost
        }
        None | Some(Opening::NoKey) => PartState::KeyLost,
    }
}

/// What was found when the newest records were gone through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Walked {
    /// How many were gone through.
    pub records: u64,
    /// Whether each follows the one before and is what its digests say.
    pub chain: bool,
    /// Parts that open, or are in clear.
    pub readable: u64,
    /// Parts whose keys were destroyed, with a receipt, or stated lost.
    pub erased: u64,
    /// Parts whose keys are gone without a receipt.
    pub key_lost: u64,
    /// Parts that are not what was sealed.
    pub tampered: u64,
    /// Whether the newest checkpoint has the root of the journal at its size; true without one.
    pub checkpoint: bool,
}

impl Engine {
    /// Goes through the newest records, at most so many, and holds the newest checkpoint against
    /// the tree: what `zegel doctor` does for all of them, in bounded time.
    ///
    /// # Errors
    /// [`EngineError`] when the tenant is unknown or the store cannot be read.
    pub fn walk_newest(&self, id: JournalId, most: u64) -> Result<Walked, EngineError> {
        let tenant = self.tenant(id)?;
        let size = self.store.size(id);
        let from = Seq(size.saturating_sub(most));
        let mut walked = Walked { chain: true, ..Walked::default() };
        for record in self.store.scan(id, from, Seq(size)) {
            let Ok(record) = record else {
                walked.chain = false;
                break;
            };
            walked.records += 1;
            for index in 0..record.header.parts.len() {
                match part_state(tenant, &record, index) {
                    PartState::Public | PartState::Open => walked.readable += 1,
                    PartState::Erased | PartState::StatedLost => walked.erased += 1,
                    PartState::KeyLost => walked.key_lost += 1,
                    PartState::Tampered => walked.tampered += 1,
                }
            }
        }
        walked.checkpoint = match self.newest_head(id)? {
            Some(head) => self.store.root_at(id, head.size).map_err(Fault::from)? == head.root,
            None => true,
        };
        Ok(walked)
    }

    /// How many records a tenant's journal has.
    #[must_use]
    pub fn journal_size(&self, id: JournalId) -> u64 {
        self.store.size(id)
    }

    /// Size and root of the newest published checkpoint.
    ///
    /// # Errors
    /// [`EngineError`] when the store cannot be read.
    pub fn newest_head(&self, id: JournalId) -> Result<Option<TreeHead>, EngineError> {
        let note = self.published(id)?.and_then(|note| Note::parse(&note).ok());
        Ok(note.and_then(|note| Checkpoint::parse(note.text()).ok()).map(|it| it.head))
    }

    /// Bytes of one record as it is stored, and how many of them are header, tags and commitments.
    ///
    /// # Errors
    /// [`EngineError`] when the record cannot be read.
    pub fn record_bytes(&self, id: JournalId, seq: Seq) -> Result<(usize, usize), EngineError> {
        let record = self.store.read(id, seq).map_err(Fault::from)?;
        let sealed = record.header.parts.iter().filter(|part| part.kind == PartKind::Sealed);
        let seals: usize =
            sealed.map(|_| usize::try_from(record::SEAL_BYTES).unwrap_or(usize::MAX)).sum();
        Ok((record.encode().len(), record.header.encode().len() + seals))
    }
}
