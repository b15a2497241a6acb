//! One of the two: a bundle, of which the tree is read, or a checkpoint alone.
//!
//! *Invariant:* leaves count only if they give the root that was signed.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use record::checkpoint::Checkpoint;
use record::note::{NOTE_BYTES_MAX, Note, Vkey};
use record::tree::{LEAF_BYTES, LEAF_TAG, TreeHead, leaf_entry, leaf_hash, recorded_hash, root};
use record::{Hash, Header, JournalId, Origin, Seq, body_digest};

use super::{RecordFacts, Relation, Statement};
use crate::keys::{KEYS_BYTES_MAX, KeyHistory};
use crate::layout::{self, CHECKPOINT, KEYS, RECORDS_MAX, RECORDS_PER_FILE, TILE_WIDTH};
use crate::report::{Findings, utc};
use crate::source::Source;
use crate::verify::Frames;

/// How every checkpoint begins, and no tar of a bundle.
const CHECKPOINT_START: &[u8] = b"zegel/";
const ENTRY_BYTES: usize = LEAF_BYTES + 2;

/// What was read of one.
#[derive(Debug, Default)]
pub(super) struct Side {
    source: Option<Source>,
    note: Option<Note>,
    history: Option<KeyHistory>,
    pub(super) checkpoint: Option<Checkpoint>,
    pub(super) leaves: Option<Vec<Hash>>,
    /// The key that signed, once it was judged.
    pub(super) key: Option<Vkey>,
    /// Why nothing can be compared.
    pub(super) fault: Option<(Relation, String)>,
}

impl Side {
    pub(super) fn read(path: &Path) -> Self {
        let mut side = Self::default();
        if let Err(fault) = side.fill(path) {
            side.fault = Some(fault);
        }
        side
    }

    fn fill(&mut self, path: &Path) -> Result<(), (Relation, String)> {
        let missing = |reason: String| (Relation::Undecided, reason);
        let broken = |reason: &str| (Relation::Tampered, reason.to_owned());
        let text = if is_note(path) {
            read_note_file(path).map_err(missing)?
        } else {
            let source = Source::open(path).map_err(missing)?;
            if source.is_tar() && !source.faults.is_empty() {
                return Err(broken("`archive-canonical`: no tar of a bundle"));
            }
            let text = read(&source, CHECKPOINT, 4_096).ok_or(missing("no checkpoint".into()))?;
            let keys = read(&source, KEYS, KEYS_BYTES_MAX);
            self.history = keys.and_then(|keys| KeyHistory::parse(&keys).ok());
            self.source = Some(source);
            text
        };
        let note = Note::parse(&text).map_err(|_| broken("`note-form`: no signed note"))?;
        let checkpoint = Checkpoint::parse(note.text());
        let checkpoint = checkpoint.map_err(|_| broken("`checkpoint-form`: no checkpoint"))?;
        self.note = Some(note);
        self.checkpoint = Some(checkpoint);
        let TreeHead { size, root: signed } = checkpoint.head;
        if let Some(source) = self.source.as_ref().filter(|_| size <= RECORDS_MAX)
            && let Some(leaves) = leaves(source, size)
        {
            if root(&leaves) != signed {
                let reason = "`tree-root`: its entries do not give the signed root; verify it";
                return Err(broken(reason));
            }
            self.leaves = Some(leaves);
        }
        Ok(())
    }

    pub(super) fn head(&self) -> Option<TreeHead> {
        self.checkpoint.map(|checkpoint| checkpoint.head)
    }

    pub(super) fn origin(&self) -> Origin {
        let none = Origin::first(JournalId::from_bytes([0; 16]));
        self.checkpoint.map_or(none, |checkpoint| checkpoint.origin)
    }

    pub(super) fn statement(&self) -> Option<Statement> {
        let (note, checkpoint) = self.note.as_ref().zip(self.checkpoint)?;
        Some(Statement {
            origin: checkpoint.origin.to_string(),
            size: checkpoint.head.size,
            root: checkpoint.head.root.to_string(),
            key: self.key.as_ref().map(Vkey::to_string),
            note: note.to_string(),
            records: self.leaves.is_some(),
        })
    }

    /// A record by its entry, and by its header if that is there.
    pub(super) fn told(&self, seq: Seq) -> RecordFacts {
        let source = self.source.as_ref();
        let size = self.head().map_or(0, |head| head.size);
        let entry = source.and_then(|source| entry(source, seq.0, size));
        let header = source.and_then(|source| header(source, seq));
        let header = header.filter(|bytes| entry == Some(leaf_entry(seq, bytes)));
        let known = header.as_ref().and_then(|bytes| Header::decode(bytes).ok());
        let hash = header.as_deref().map(body_digest).or(entry.as_ref().map(recorded_hash));
        RecordFacts {
            record: hash.map_or_else(|| "unknown".to_owned(), |hash| hash.to_string()),
            event: known.as_ref().map(|header| header.kind.name().to_owned()),
            recorded_at: known.as_ref().map(|header| utc(header.recorded_at)),
        }
    }
}

/// Finds the keys that signed: the pinned one and those that its histories lead to; without a
/// pinned one, those of the bundles, if they are one installation's.
pub(super) fn judge_keys(one: &mut Side, other: &mut Side, pinned: Option<&Vkey>) {
    let histories: Vec<&KeyHistory> =
        [&*one, &*other].into_iter().filter_map(|side| side.history.as_ref()).collect();
    let mut keys: Vec<Vkey> = pinned.cloned().into_iter().collect();
    match (pinned, histories.as_slice()) {
        (Some(pinned), histories) => {
            let reached = histories.iter().flat_map(|h| h.keys().skip_while(|key| *key != pinned));
            keys.extend(reached.cloned());
        }
        (None, [first, second]) if !first.keys().any(|key| second.keys().any(|k| k == key)) => {}
        (None, histories) => keys.extend(histories.iter().flat_map(|h| h.keys()).cloned()),
    }
    for side in [one, other] {
        let note = side.note.as_ref();
        side.key = note.and_then(|note| keys.iter().find(|key| note.verify(key).is_ok()).cloned());
    }
}

fn is_note(path: &Path) -> bool {
    let mut start = [0; CHECKPOINT_START.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == CHECKPOINT_START
}

fn read_note_file(path: &Path) -> Result<String, String> {
    let limit = u64::try_from(NOTE_BYTES_MAX).unwrap_or(u64::MAX);
    let mut text = String::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(limit).read_to_string(&mut text).map_err(|error| error.to_string())?;
    Ok(text)
}

fn read(source: &Source, path: &str, bytes_max: u64) -> Option<String> {
    String::from_utf8(source.read(path, bytes_max).ok()??).ok()
}

/// The leaf hashes, if all entries are there.
fn leaves(source: &Source, size: u64) -> Option<Vec<Hash>> {
    let mut leaves = Vec::new();
    for index in 0..size.div_ceil(TILE_WIDTH) {
        let width = TILE_WIDTH.min(size - index * TILE_WIDTH);
        let bytes = entries(source, index, width)?;
        leaves.extend(bytes.chunks_exact(ENTRY_BYTES).filter_map(|framed| {
            framed.split_first_chunk::<2>().map(|(_, entry)| leaf_hash(entry))
        }));
    }
    Some(leaves)
}

/// An entry bundle of exactly this many entries.
fn entries(source: &Source, index: u64, width: u64) -> Option<Vec<u8>> {
    let expected = usize::try_from(width).ok()?.checked_mul(ENTRY_BYTES)?;
    let limit = u64::try_from(expected).ok()?;
    let bytes = source.read(&layout::entries(index, width), limit).ok()??;
    let framed = bytes.chunks_exact(ENTRY_BYTES).all(|framed| framed.starts_with(&[0, 84]));
    (bytes.len() == expected && framed).then_some(bytes)
}

fn entry(source: &Source, seq: u64, size: u64) -> Option<[u8; LEAF_BYTES]> {
    let index = seq / TILE_WIDTH;
    let bytes = entries(source, index, TILE_WIDTH.min(size.checked_sub(index * TILE_WIDTH)?))?;
    let framed = bytes.chunks_exact(ENTRY_BYTES).nth(usize::try_from(seq % TILE_WIDTH).ok()?)?;
    let entry: [u8; LEAF_BYTES] = framed.get(2..)?.try_into().ok()?;
    entry.starts_with(&LEAF_TAG).then_some(entry)
}

fn header(source: &Source, seq: Seq) -> Option<Vec<u8>> {
    let mut silent = Findings::default();
    let path = layout::headers(seq.0 / RECORDS_PER_FILE);
    let mut frames = Frames::open(source, path, &mut silent)?;
    for _ in 0..=seq.0 % RECORDS_PER_FILE {
        frames.next_header().ok()?;
    }
    Some(frames.last().to_vec())
}
