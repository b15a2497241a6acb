//! The walk over all records: chain, digests, tree and the fold of the public parts
//! (docs/format/bundle.md §8).
//!
//! *Invariant:* holds one record at a time. Where records are not there, the entries of the tree
//! stand in for their hashes, and a rule that a missing record could satisfy says incomplete.

use std::collections::BTreeSet;

use record::public::PublicPart;
use record::tree::{LEAF_BYTES, LEAF_TAG, leaf_entry, recorded_hash};
use record::{
    CHAIN_START, Hash, Header, Origin, PartHeader, PartKind, Seq, TimestampMicros, body_digest,
};

use super::frame::{Frame, or_unreadable};
use super::frames::Frames;
use super::salts::Salts;
use crate::layout::{self, CHECKPOINT, RECORDS_PER_FILE, TILE_WIDTH};
use crate::ledger::Ledger;
use crate::report::{FINDINGS_MAX, Findings, Place, Severity};
use crate::source::Source;
use crate::tally::{IDS_MAX, Tally};
use crate::tiles::{TileBuilder, TileFile};
use crate::write::ABSENT;

/// What the walk leaves behind.
#[derive(Debug, Default)]
pub(super) struct Walked {
    pub(super) size: u64,
    pub(super) tally: Tally,
    pub(super) ledger: Ledger,
    /// Parts without a body, by record and index.
    pub(super) absent: BTreeSet<(Seq, u8)>,
    /// Some header or public part could not be read.
    pub(super) blind: bool,
    pub(super) previous_root: Option<Hash>,
    /// Files of headers and bodies that end where their last record ends.
    pub(super) read_whole: BTreeSet<String>,
}

/// The walk.
pub(super) struct Walk<'a> {
    source: &'a Source,
    frame: &'a Frame,
    walked: Walked,
    /// Hash of the record before, if it is known.
    previous: Option<Hash>,
    recorded_at: TimestampMicros,
    /// The tree so far; lost at a gap that no entry bridges.
    tiles: Option<TileBuilder>,
    /// The current entry bundle, if it reads.
    stand_ins: TileFile,
    /// The header before, whose room the next one takes.
    spare: Option<Header>,
    /// Records whose entry differs from the one in the entry bundle.
    differing: Vec<(u64, Hash, Hash)>,
    salts: Salts,
}

/// What reading a body gave.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Body {
    /// It is the last piece of its file.
    Read,
    Absent,
    Unread,
}

impl<'a> Walk<'a> {
    pub(super) fn new(source: &'a Source, frame: &'a Frame, size: u64) -> Self {
        Self {
            source,
            frame,
            walked: Walked { size, ..Walked::default() },
            previous: Some(CHAIN_START),
            recorded_at: TimestampMicros::default(),
            tiles: Some(TileBuilder::default()),
            stand_ins: TileFile::default(),
            spare: None,
            differing: Vec::new(),
            salts: Salts::default(),
        }
    }

    pub(super) fn run(mut self, findings: &mut Findings) -> Walked {
        self.note_previous_root();
        let size = self.walked.size;
        for number in 0..size.div_ceil(RECORDS_PER_FILE) {
            let first = number * RECORDS_PER_FILE;
            if self.over_limit() {
                let expected = format!("at most {IDS_MAX} distinct ids");
                let place = Place::Both(layout::headers(number), first);
                findings.gone(place, "limit", (expected, "more: not verified from here on"));
                findings.missing.insert(first, size - 1);
                (self.walked.blind, self.tiles) = (true, None);
                break;
            }
            self.file(number, first..size.min(first + RECORDS_PER_FILE), findings);
        }
        self.finish(findings);
        self.walked
    }

    fn over_limit(&self) -> bool {
        let walked = &self.walked;
        let ledger = walked.ledger.condemned.ids() + walked.ledger.purged.len();
        walked.tally.ids() + ledger + walked.absent.len() > IDS_MAX
    }

    fn file(&mut self, number: u64, range: std::ops::Range<u64>, findings: &mut Findings) {
        let mut headers = Frames::open(self.source, layout::headers(number), findings);
        let mut bodies = Frames::open(self.source, layout::bodies(number), findings);
        for seq in range {
            self.record(seq, &mut headers, &mut bodies, findings);
        }
        self.walked.tally.settle();
        for mut frames in [headers, bodies].into_iter().flatten() {
            if frames.at_end() {
                self.walked.read_whole.insert(frames.path().to_owned());
            } else {
                let texts = ("the end of the file", "more bytes");
                findings.bad(Place::file(frames.path()), "file-form", texts);
            }
        }
    }

    fn record(
        &mut self,
        seq: u64,
        headers: &mut Option<Frames>,
        bodies: &mut Option<Frames>,
        findings: &mut Findings,
    ) {
        if seq.is_multiple_of(TILE_WIDTH) {
            self.load_stand_ins(seq, findings);
        }
        let Some(bytes) = next_header(seq, headers, findings) else {
            return self.gap(seq, bodies, findings);
        };
        let hash = self.note_entry(seq, bytes, findings);
        match Header::decode_over(bytes, self.spare.take()) {
            Err(error) => {
                let texts = ("a canonical header", error.to_string());
                findings.bad(Place::Seq(seq), "header-form", texts);
                self.walked.blind = true;
                *bodies = None;
            }
            Ok(header) => {
                self.check_place(seq, &header, findings);
                let public = self.bodies(&header, bodies, findings);
                self.fold(&header, public.as_deref(), findings);
                self.spare = Some(header);
            }
        }
        self.previous = Some(hash);
    }

    /// A record that cannot be read: the entry stands in for it.
    fn gap(&mut self, seq: u64, bodies: &mut Option<Frames>, findings: &mut Findings) {
        findings.missing.insert(seq, seq);
        self.walked.blind = true;
        *bodies = None;
        let entry = self.stand_in(seq);
        self.previous = entry.as_ref().map(recorded_hash);
        match entry {
            Some(entry) => self.grow(&entry, findings),
            None => self.tiles = None,
        }
    }

    fn check_place(&mut self, seq: u64, header: &Header, findings: &mut Findings) {
        let mut bad = |rule, expected: String, found: String| {
            findings.bad(Place::Seq(seq), rule, (expected, found));
        };
        if header.seq.0 != seq {
            bad("sequence", seq.to_string(), header.seq.0.to_string());
        }
        let (origin, found) = (self.frame.origin(), header.origin);
        let ours = |origin: &Origin| found.journal == origin.journal && found.era <= origin.era;
        if let Some(origin) = origin.filter(|origin| !ours(origin)) {
            bad("origin", origin.to_string(), found.to_string());
        }
        if let Some(previous) = self.previous.filter(|previous| *previous != header.previous) {
            bad("chain", previous.to_string(), header.previous.to_string());
        }
        let (before, found) = (self.recorded_at, header.recorded_at);
        if found < before {
            bad("time", format!("a time of at least {}", before.0), found.0.to_string());
        }
        self.recorded_at = found;
    }

    /// Checks every body and returns that of a public part 0.
    fn bodies(
        &mut self,
        header: &Header,
        bodies: &mut Option<Frames>,
        findings: &mut Findings,
    ) -> Option<Vec<u8>> {
        let seq = header.seq;
        let mut public = None;
        for (index, part) in (0u8..=u8::MAX).zip(&header.parts) {
            match read_body(seq.0, part, bodies, findings) {
                Body::Read if index == 0 && part.kind == PartKind::Public => {
                    public = bodies.as_ref().map(|bodies| bodies.last().to_vec());
                }
                Body::Read => {}
                Body::Absent => {
                    self.walked.absent.insert((seq, index));
                    self.walked.blind |= part.kind == PartKind::Public;
                }
                Body::Unread => {
                    findings.missing.insert(seq.0, seq.0);
                    self.walked.blind |= part.kind == PartKind::Public;
                }
            }
        }
        public
    }

    fn fold(&mut self, header: &Header, body: Option<&[u8]>, findings: &mut Findings) {
        self.walked.tally.add(header);
        self.salts.add(header);
        let public = header.parts.first().is_some_and(|part| part.kind == PartKind::Public);
        let readable = body.is_some() || !public;
        self.check_clear(header, public, findings);
        let seq = header.seq.0;
        let part = if readable { PublicPart::of_text(&header.kind, body) } else { Ok(None) };
        let part = part.unwrap_or_else(|error| {
            let texts = ("a public part of the format", error.to_string());
            findings.bad(Place::Seq(seq), "public-part", texts);
            self.walked.blind = true;
            None
        });
        self.check_genesis(seq, part.as_ref(), findings);
        let mut broken = Vec::new();
        self.walked.ledger.fold(header, part.as_ref(), &mut broken);
        for rule in broken {
            let texts = (rule.expected, rule.found);
            let place = Place::Seq(rule.seq.0);
            if rule.notice {
                findings.add(Severity::Notice, place, rule.rule, texts);
            } else if rule.absence && self.walked.blind {
                findings.gone(place, rule.rule, texts);
            } else {
                findings.bad(place, rule.rule, texts);
            }
        }
    }

    /// In clear stands only part 0 of the listed events.
    fn check_clear(&mut self, header: &Header, public: bool, findings: &mut Findings) {
        let mut later = header.parts.iter().skip(1);
        let listed = PublicPart::is_public_name(header.kind.name());
        if (public && !listed) || later.any(|part| part.kind == PartKind::Public) {
            let texts = ("nothing in clear but part 0 of a listed event", header.kind.name());
            findings.bad(Place::Seq(header.seq.0), "public-part", texts);
            self.walked.blind = true;
        }
    }

    /// The operator journal names the first key of its installation.
    fn check_genesis(&self, seq: u64, part: Option<&PublicPart>, findings: &mut Findings) {
        let Some(PublicPart::InstallationStarted(started)) = part else { return };
        let Some(history) = &self.frame.history else { return };
        let first = history.first().to_string();
        if started.vkey != first {
            findings.bad(Place::Seq(seq), "genesis-key", (started.vkey.clone(), first));
        }
    }

    /// Adds a header to the tree and returns its hash.
    fn note_entry(&mut self, seq: u64, bytes: &[u8], findings: &mut Findings) -> Hash {
        let entry = leaf_entry(Seq(seq), bytes);
        let hash = recorded_hash(&entry);
        let signed = self.stand_in(seq).filter(|signed| *signed != entry);
        if let Some(signed) = signed.filter(|_| self.differing.len() < FINDINGS_MAX) {
            self.differing.push((seq, recorded_hash(&signed), hash));
        }
        self.grow(&entry, findings);
        hash
    }

    fn grow(&mut self, entry: &[u8; LEAF_BYTES], findings: &mut Findings) {
        let Some(tiles) = &mut self.tiles else { return };
        let done = tiles.push(entry);
        self.note_previous_root();
        done.iter().for_each(|file| self.compare(file, findings));
    }

    fn note_previous_root(&mut self) {
        let size = self.frame.previous.map(|previous| previous.head.size);
        if let Some(tiles) = self.tiles.as_ref().filter(|tiles| Some(tiles.size()) == size) {
            self.walked.previous_root = Some(tiles.root());
        }
    }

    fn compare(&self, file: &TileFile, findings: &mut Findings) {
        if *file == self.stand_ins {
            return;
        }
        let limit = u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
        let read = or_unreadable(self.source.read(&file.path, limit), &file.path, findings);
        if let Some(Some(bytes)) = read
            && bytes != file.bytes
        {
            let texts = ("the hashes and entries of the records", "other bytes");
            findings.bad(Place::file(&file.path), "tile", texts);
        }
    }

    fn load_stand_ins(&mut self, seq: u64, findings: &mut Findings) {
        let width = TILE_WIDTH.min(self.walked.size - seq);
        let path = layout::entries(seq / TILE_WIDTH, width);
        let frame_bytes = u64::try_from(LEAF_BYTES + 2).unwrap_or(u64::MAX);
        let limit = width.saturating_mul(frame_bytes);
        let bytes = or_unreadable(self.source.read(&path, limit), &path, findings).flatten();
        self.stand_ins = TileFile { path, bytes: bytes.unwrap_or_default() };
    }

    fn stand_in(&self, seq: u64) -> Option<[u8; LEAF_BYTES]> {
        let (entries, _) = self.stand_ins.bytes.as_chunks::<{ LEAF_BYTES + 2 }>();
        let entry = unframe(entries.get(usize::try_from(seq % TILE_WIDTH).ok()?)?)?;
        let (tag, rest) = entry.split_first_chunk::<12>()?;
        let (place, _) = rest.split_first_chunk::<8>()?;
        (*tag == LEAF_TAG && u64::from_be_bytes(*place) == seq).then_some(entry)
    }

    fn finish(&mut self, findings: &mut Findings) {
        std::mem::take(&mut self.salts).check(findings);
        let root = self.tiles.as_ref().map(TileBuilder::root);
        let signed = self.frame.checkpoint.map(|checkpoint| checkpoint.head.root);
        let matches = root.zip(signed).map(|(root, signed)| root == signed);
        if let Some((root, signed)) = root.zip(signed).filter(|_| matches == Some(false)) {
            let texts = (signed.to_string(), root.to_string());
            findings.bad(Place::file(CHECKPOINT), "tree-root", texts);
        }
        self.check_last_era(findings);
        for (seq, signed, found) in std::mem::take(&mut self.differing) {
            let width = TILE_WIDTH.min(self.walked.size - seq / TILE_WIDTH * TILE_WIDTH);
            let path = layout::entries(seq / TILE_WIDTH, width);
            // If the records give the signed root, it is the entry that is wrong.
            if matches == Some(true) {
                let expected = format!("{found} for record {seq}");
                findings.bad(Place::File(path), "entry", (expected, signed.to_string()));
            } else {
                let expected = format!("a header with the hash {signed}");
                findings.bad(Place::Seq(seq), "entry", (expected, found.to_string()));
            }
        }
        if let Some(tiles) = self.tiles.take() {
            tiles.finish().iter().for_each(|file| self.compare(file, findings));
        }
    }
}

impl Walk<'_> {
    /// The checkpoint speaks of the era in which the journal is now.
    fn check_last_era(&self, findings: &mut Findings) {
        let Some((origin, last)) = self.frame.origin().zip(self.walked.ledger.eras.last) else {
            return;
        };
        if origin.era == last {
            return;
        }
        let place = Place::file(CHECKPOINT);
        let texts = (format!("era {last}, that of the last record"), format!("era {}", origin.era));
        match self.walked.blind {
            true => findings.gone(place, "era", texts),
            false => findings.bad(place, "era", texts),
        }
    }
}

fn next_header<'a>(
    seq: u64,
    headers: &'a mut Option<Frames>,
    findings: &mut Findings,
) -> Option<&'a [u8]> {
    let frames = headers.as_mut()?;
    if let Err(reason) = frames.next_header() {
        let place = Place::Both(frames.path().to_owned(), seq);
        findings.bad(place, "header-length", ("the length of a header", reason));
        *headers = None;
    }
    headers.as_ref().map(Frames::last)
}

/// Reads and checks one body; after a length that is not as expected the file tells nothing more.
fn read_body(
    seq: u64,
    part: &PartHeader,
    bodies: &mut Option<Frames>,
    findings: &mut Findings,
) -> Body {
    let Some(frames) = bodies else { return Body::Unread };
    let place = |frames: &Frames| Place::Both(frames.path().to_owned(), seq);
    let expected = part.body_bytes();
    let (expected, found) = match frames.length() {
        Ok(ABSENT) => return absent(part, || place(frames), findings),
        Ok(length) if u64::from(length) == expected => match frames.next(length) {
            Ok(()) => return check_body(part, frames, || place(frames), findings),
            Err(error) => (length.to_string(), error.to_string()),
        },
        Ok(length) => (expected.to_string(), format!("a length of {length}")),
        Err(error) => (expected.to_string(), error.to_string()),
    };
    findings.bad(place(frames), "body-length", (format!("{expected} bytes"), found));
    *bodies = None;
    Body::Unread
}

fn check_body(
    part: &PartHeader,
    frames: &Frames,
    place: impl Fn() -> Place,
    findings: &mut Findings,
) -> Body {
    let found = body_digest(frames.last());
    if found == part.digest {
        return Body::Read;
    }
    findings.bad(place(), "body-digest", (part.digest.to_string(), found.to_string()));
    Body::Unread
}

fn absent(part: &PartHeader, place: impl Fn() -> Place, findings: &mut Findings) -> Body {
    if part.kind == PartKind::Public {
        findings.gone(place(), "public-body", ("a public part, which is never purged", "nothing"));
    }
    Body::Absent
}

fn unframe(framed: &[u8; LEAF_BYTES + 2]) -> Option<[u8; LEAF_BYTES]> {
    let (length, entry) = framed.split_first_chunk::<2>()?;
    let whole = usize::from(u16::from_be_bytes(*length)) == LEAF_BYTES;
    entry.try_into().ok().filter(|_| whole)
}
