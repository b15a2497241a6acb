//! Keys, checkpoint, manifest and the older checkpoint: who signed what (docs/format/bundle.md §8).

use std::cmp::Ordering;
use std::io;

use record::Origin;
use record::checkpoint::Checkpoint;
use record::note::{NOTE_BYTES_MAX, Note, Vkey};

use super::Options;
use super::walk::Walked;
use crate::eras::Restore;
use crate::keys::{KEYS_BYTES_MAX, KeyHistory};
use crate::layout::{CHECKPOINT, KEYS, MANIFEST, WITNESS};
use crate::manifest::Manifest;
use crate::report::{Findings, Place, Severity};
use crate::source::Source;
use crate::texts::Witness;

/// Most bytes of a checkpoint or of `witness`.
const SMALL_BYTES_MAX: u64 = 4_096;

/// What frames the records.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) history: Option<KeyHistory>,
    pub(super) manifest: Option<Manifest>,
    pub(super) checkpoint: Option<Checkpoint>,
    /// The key whose signature verifies, of the manifest if it is there.
    pub(super) key: Option<Vkey>,
    pub(super) trusted: bool,
    pub(super) previous: Option<Checkpoint>,
}

impl Frame {
    pub(super) fn read(source: &Source, options: &Options, findings: &mut Findings) -> Self {
        let history = read_text(source, KEYS, KEYS_BYTES_MAX, findings).and_then(|text| {
            let parsed = KeyHistory::parse(&text);
            parsed
                .map_err(|error| {
                    let expected = "a history whose rotations are signed by both keys";
                    findings.bad(Place::file(KEYS), "keys", (expected, error.to_string()));
                })
                .ok()
        });
        let trust = Trust { history: history.as_ref(), pinned: options.key.as_ref() };
        let manifest_limit = u64::try_from(NOTE_BYTES_MAX).unwrap_or(u64::MAX);
        let manifest = read_note(source, MANIFEST, manifest_limit, findings);
        let checkpoint = read_note(source, CHECKPOINT, SMALL_BYTES_MAX, findings);
        let by_manifest = manifest.as_ref().map(|note| trust.judge(MANIFEST, note, findings));
        let by_checkpoint = checkpoint.as_ref().map(|note| trust.judge(CHECKPOINT, note, findings));
        if options.key.is_none() {
            let texts = ("a key from the auditor", "none was given");
            findings.add(Severity::Untrusted, Place::file(KEYS), "key-pinned", texts);
        }
        let judged = [by_manifest, by_checkpoint];
        let trusted = judged.iter().flatten().all(|judged| judged.trusted);
        let key = judged.into_iter().flatten().find_map(|judged| judged.key);
        let manifest = manifest.and_then(|note| {
            or_bad(Manifest::parse(note.text()), MANIFEST, "manifest-form", findings)
        });
        let checkpoint = checkpoint.and_then(|note| {
            or_bad(Checkpoint::parse(note.text()).ok(), CHECKPOINT, "checkpoint-form", findings)
        });
        let previous = options.previous.as_deref();
        let previous = previous.and_then(|text| trust.previous(text, findings));
        let trusted = trusted && key.is_some();
        let frame = Self { history, manifest, checkpoint, key, trusted, previous };
        frame.check_agreement(findings);
        frame
    }

    pub(super) fn origin(&self) -> Option<Origin> {
        let manifest = self.manifest.as_ref().map(|manifest| manifest.origin);
        self.checkpoint.map(|checkpoint| checkpoint.origin).or(manifest)
    }

    pub(super) fn size(&self) -> Option<u64> {
        let manifest = self.manifest.as_ref().map(|manifest| manifest.size);
        self.checkpoint.map(|checkpoint| checkpoint.head.size).or(manifest)
    }

    fn check_agreement(&self, findings: &mut Findings) {
        let Some((manifest, checkpoint)) = self.manifest.as_ref().zip(self.checkpoint) else {
            return;
        };
        let expected = format!("{} at {}", checkpoint.origin, checkpoint.head.size);
        let found = format!("{} at {}", manifest.origin, manifest.size);
        if expected != found {
            findings.bad(Place::file(MANIFEST), "manifest-checkpoint", (expected, found));
        }
    }

    /// Whether the journal begins with the older checkpoint.
    pub(super) fn compare_previous(
        &self,
        walked: &Walked,
        findings: &mut Findings,
    ) -> Option<bool> {
        let previous = self.previous?;
        let (origin, size) = self.origin().zip(self.size())?;
        let place = || Place::file("the previous checkpoint");
        if previous.origin.journal != origin.journal {
            let texts = (previous.origin.to_string(), origin.to_string());
            findings.bad(place(), "previous-origin", texts);
            return Some(false);
        }
        match previous.origin.era.cmp(&origin.era) {
            Ordering::Greater => {
                let expected = format!("a journal in era {} or later", previous.origin.era);
                let found = format!("era {}: from before a restore that is known", origin.era);
                findings.gone(place(), "previous-era", (expected, found));
                return None;
            }
            Ordering::Less => {
                let Some(restore) = walked.ledger.eras.leaving(previous.origin.era) else {
                    let expected = format!("the restore that ends era {}", previous.origin.era);
                    findings.gone(place(), "previous-era", (expected, "it is not here"));
                    return None;
                };
                if previous.head.size > restore.at.seq.0 {
                    return beyond_restore(&previous, restore, findings);
                }
            }
            Ordering::Equal if previous.head.size > size => {
                let expected = format!("at least {} records", previous.head.size);
                let found = format!("{size}: the tail from record {size} on is cut off");
                findings.gone(place(), "previous-size", (expected, found));
                return None;
            }
            Ordering::Equal => {}
        }
        let Some(root) = walked.previous_root else {
            let found = "cannot be computed: records are missing";
            findings.gone(place(), "previous-root", (previous.head.root.to_string(), found));
            return None;
        };
        let same = root == previous.head.root;
        if !same {
            let expected = format!("root {} of {}", previous.head.root, previous.head.size);
            findings.bad(place(), "previous-root", (expected, format!("a fork: root {root}")));
        }
        Some(same)
    }

    /// Recomputes the witnessed hash.
    pub(super) fn witness(&self, source: &Source, findings: &mut Findings) -> Option<String> {
        let text = read_text(source, WITNESS, SMALL_BYTES_MAX, findings)?;
        let checkpoint = self.checkpoint?;
        let Some(witness) = Witness::parse(&text, &checkpoint) else {
            let expected = "the salted hash of this checkpoint, or `absent`";
            findings.bad(Place::file(WITNESS), "witness", (expected, "another text"));
            return None;
        };
        witness.map(|witness| witness.hash().to_string())
    }
}

/// An older checkpoint of more records than were put back: they are lost, and the journal says so,
/// or it hides that they were there.
fn beyond_restore(
    previous: &Checkpoint,
    restore: &Restore,
    findings: &mut Findings,
) -> Option<bool> {
    let place = || Place::file("the previous checkpoint");
    let (size, root) = (previous.head.size, previous.head.root);
    if restore.guarded_era == previous.origin.era {
        if size > restore.guarded_size {
            let expected = format!("a restore that declares at least {size} records");
            let found = format!("record {} declares {}", restore.at.seq, restore.guarded_size);
            findings.bad(place(), "previous-hidden", (expected, found));
            return Some(false);
        }
        if size == restore.guarded_size && root != restore.guarded_root {
            let found = format!("a fork: root {}", restore.guarded_root);
            let expected = format!("root {root} of {size}");
            findings.bad(place(), "previous-root", (expected, found));
            return Some(false);
        }
    }
    let expected = format!("records {} to {}", restore.at.seq, size.saturating_sub(1));
    let mut found = format!(
        "lost: a restore was declared at record {} on {}, approved by {}",
        restore.at.seq, restore.ground, restore.approved_by
    );
    if restore.guarded_era > previous.origin.era {
        let next = previous.origin.era.saturating_add(1);
        found.push_str(&format!(
            "; but it left era {}: the restore that ended era {} began era {next}, which was never \
             seen here, so nothing here says what it lost",
            restore.guarded_era, previous.origin.era
        ));
    }
    findings.gone(place(), "previous-lost", (expected, found));
    None
}

fn or_bad<T>(
    parsed: Option<T>,
    path: &str,
    rule: &'static str,
    findings: &mut Findings,
) -> Option<T> {
    if parsed.is_none() {
        findings.bad(Place::file(path), rule, ("the canonical text", "another text"));
    }
    parsed
}

/// Reads a text file with a limit; a missing one is reported with the files.
pub(super) fn read_text(
    source: &Source,
    path: &str,
    bytes_max: u64,
    findings: &mut Findings,
) -> Option<String> {
    let bytes = or_unreadable(source.read(path, bytes_max), path, findings)??;
    let fits = u64::try_from(bytes.len()).is_ok_and(|length| length <= bytes_max);
    let text = String::from_utf8(bytes).ok().filter(|_| fits);
    if text.is_none() {
        let expected = format!("at most {bytes_max} bytes of UTF-8");
        findings.bad(Place::file(path), "file-form", (expected, "more, or other bytes"));
    }
    text
}

/// Turns an error of the disk into a finding.
pub(super) fn or_unreadable<T>(
    read: io::Result<T>,
    path: &str,
    findings: &mut Findings,
) -> Option<T> {
    read.map_err(|error| {
        findings.gone(Place::file(path), "file-readable", ("its bytes", error.to_string()));
    })
    .ok()
}

/// Reads a note with exactly one signature line.
fn read_note(source: &Source, path: &str, bytes_max: u64, findings: &mut Findings) -> Option<Note> {
    let text = read_text(source, path, bytes_max, findings)?;
    let note = Note::parse(&text).ok().filter(|note| note.signature_count() == 1);
    if note.is_none() {
        let expected = "a signed note with exactly one signature line";
        findings.bad(Place::file(path), "note-form", (expected, "another text"));
    }
    note
}

/// Who signed a note, and whether the pinned key leads there.
struct Judged {
    key: Option<Vkey>,
    trusted: bool,
}

/// What decides about trust.
struct Trust<'a> {
    history: Option<&'a KeyHistory>,
    pinned: Option<&'a Vkey>,
}

impl Trust<'_> {
    fn judge(&self, path: &str, note: &Note, findings: &mut Findings) -> Judged {
        let Some(history) = self.history else {
            // The history is missing or broken, which is a finding of its own.
            let key = self.pinned.filter(|pinned| note.verify(pinned).is_ok()).cloned();
            if self.pinned.is_some() && key.is_none() {
                let texts = ("a signature by the pinned key", "none that verifies");
                findings.add(Severity::Untrusted, Place::file(path), "key-reached", texts);
            }
            return Judged { trusted: key.is_some(), key };
        };
        let signed = history.keys().position(|key| note.verify(key).is_ok());
        let Some(signed) = signed else {
            let texts = ("a signature by a key of the history", "none that verifies");
            findings.bad(Place::file(path), "signature", texts);
            return Judged { key: None, trusted: false };
        };
        let start = history.keys().position(|key| Some(key) == self.pinned);
        let trusted = start.is_some_and(|start| start <= signed);
        if self.pinned.is_some() && !trusted {
            let texts = ("a signature by the pinned key or a later one", "another key's");
            findings.add(Severity::Untrusted, Place::file(path), "key-reached", texts);
        }
        Judged { key: history.keys().nth(signed).cloned(), trusted }
    }

    /// An older checkpoint counts if the pinned key signed it, or a key that stands in one history
    /// with it.
    fn previous(&self, text: &str, findings: &mut Findings) -> Option<Checkpoint> {
        let note = Note::parse(text).ok();
        let checkpoint = note.as_ref().and_then(|note| Checkpoint::parse(note.text()).ok());
        let place = || Place::file("the previous checkpoint");
        let Some((note, checkpoint)) = note.zip(checkpoint) else {
            let texts = ("a checkpoint", "another text");
            findings.add(Severity::Untrusted, place(), "previous-form", texts);
            return None;
        };
        let by_pinned = self.pinned.is_some_and(|pinned| note.verify(pinned).is_ok());
        let joined = self.history.filter(|history| {
            self.pinned.is_none_or(|pinned| history.keys().any(|key| key == pinned))
        });
        let by_history = joined.is_some_and(|keys| keys.keys().any(|key| note.verify(key).is_ok()));
        if by_pinned || by_history {
            return Some(checkpoint);
        }
        let texts = ("a signature by a trusted key", "none that verifies");
        findings.add(Severity::Untrusted, place(), "previous-signature", texts);
        None
    }
}
