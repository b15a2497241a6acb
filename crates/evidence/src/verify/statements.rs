//! The text files that are recomputed, and the census of keys (docs/format/bundle.md §6).

use record::{LeafId, ScopeId};

use super::frame::{Frame, or_unreadable, read_text};
use super::walk::Walked;
use crate::ids::sorted;
use crate::layout::{CENSUS, INSTRUCTIONS, POPULATION, RECEIPTS};
use crate::report::{Findings, Place};
use crate::source::Source;
use crate::tally::IDS_MAX;
use crate::texts::{self, CENSUS_LINE_BYTES_MAX, Census, Standing};

/// Lines of a census that are read beyond twice as many as there are ids.
const CENSUS_LINES_MORE: usize = 1_024;

/// Compares what can be recomputed, and notes what the census says if it reads.
pub(super) fn check(source: &Source, frame: &Frame, walked: &mut Walked, findings: &mut Findings) {
    if let Some((origin, size)) = frame.origin().zip(frame.size()) {
        compare(source, INSTRUCTIONS, &texts::instructions(&origin, size), findings);
    }
    if !walked.blind {
        let population = texts::population(&walked.tally, &walked.ledger);
        compare(source, POPULATION, &population, findings);
        compare(source, RECEIPTS, &texts::receipts(&walked.ledger), findings);
    }
    // With room for lines that are too many, so that they are named as such.
    let ids = 2 * (walked.tally.leaves.len() + walked.tally.scopes.len()) + CENSUS_LINES_MORE;
    let ids = if walked.blind { IDS_MAX } else { ids.min(IDS_MAX) };
    let lines = u64::try_from(ids).unwrap_or(u64::MAX).saturating_add(2);
    let limit = CENSUS_LINE_BYTES_MAX.saturating_mul(lines);
    let Some(text) = read_text(source, CENSUS, limit, findings) else { return };
    let census = Census::parse(&text);
    drop(text);
    let Some(census) = census else {
        findings.bad(Place::file(CENSUS), "census", ("the canonical text", "another text"));
        return;
    };
    if !walked.blind {
        check_census(&census, walked, findings);
    }
    walked.tally.note(&census);
}

fn compare(source: &Source, path: &str, expected: &str, findings: &mut Findings) {
    let limit = u64::try_from(expected.len()).unwrap_or(u64::MAX);
    let read = or_unreadable(source.read(path, limit), path, findings);
    if let Some(Some(found)) = read
        && found != expected.as_bytes()
    {
        let (expected, found) = first_difference(expected, &found);
        findings.bad(Place::file(path), "recomputed", (expected, found));
    }
}

/// The first line that differs, on both sides.
fn first_difference(expected: &str, found: &[u8]) -> (String, String) {
    let found = String::from_utf8_lossy(found);
    let mut found = found.lines();
    for line in expected.lines() {
        match found.next() {
            Some(other) if other == line => {}
            other => return (line.to_owned(), other.unwrap_or("the end of the file").to_owned()),
        }
    }
    ("the end of the file".to_owned(), found.next().unwrap_or("another line end").to_owned())
}

/// What the journal itself declares lost is not stated present.
fn check_lost(census: &Census, walked: &Walked, findings: &mut Findings) {
    let eras = &walked.ledger.eras;
    let leaves = census.leaves.iter().filter(|(id, _)| eras.has_lost_leaf(*id));
    let leaves = leaves.map(|(id, standing)| (format!("leaf {id}"), standing));
    let scopes = census.scopes.iter().filter(|(id, _)| eras.has_lost_scope(*id));
    let scopes = scopes.map(|(id, standing)| (format!("scope {id}"), standing));
    for (id, _) in leaves.chain(scopes).filter(|(_, standing)| **standing == Standing::Present) {
        let texts = (format!("{id} lost, as the restore declares"), "present");
        findings.bad(Place::file(CENSUS), "census", texts);
    }
}

/// The ids must be those of the headers, and exactly those under a receipt are destroyed.
fn check_census(census: &Census, walked: &Walked, findings: &mut Findings) {
    let destroyed = &walked.ledger.destroyed;
    let tally = &walked.tally;
    let leaf = |id: LeafId, said| wrong(said, destroyed.leaf(id).is_some());
    let scope = |id: ScopeId, said| wrong(said, destroyed.scope(id).is_some());
    // As many lines of known ids as there are ids: none is without a line.
    let good = |known: bool, wrong: Option<_>| known && wrong.is_none();
    let leaves = census
        .leaves
        .iter()
        .filter(|(id, said)| good(tally.leaves.contains_key(id), leaf(*id, Some(*said))));
    let scopes = census
        .scopes
        .iter()
        .filter(|(id, said)| good(tally.scopes.contains_key(id), scope(*id, Some(*said))));
    let mut check = |id: String, wrong: Option<(&str, &str)>| {
        if let Some((expected, found)) = wrong {
            let texts = (format!("{id} {expected}"), found);
            findings.bad(Place::file(CENSUS), "census", texts);
        }
    };
    if leaves.count() < tally.leaves.len() {
        for id in sorted(tally.leaves.keys()) {
            check(format!("leaf {id}"), leaf(id, census.leaf(id)));
        }
    }
    if scopes.count() < tally.scopes.len() {
        for id in sorted(tally.scopes.keys()) {
            check(format!("scope {id}"), scope(id, census.scope(id)));
        }
    }
    check_lost(census, walked, findings);
    let expected = walked.tally.leaves.len() + walked.tally.scopes.len();
    let found = census.leaves.len() + census.scopes.len();
    if found > expected {
        let texts = (format!("{expected} ids"), format!("{found}"));
        findings.bad(Place::file(CENSUS), "census", texts);
    }
}

/// What the census should say of a key and what it says, where the two differ.
fn wrong(standing: Option<Standing>, receipt: bool) -> Option<(&'static str, &'static str)> {
    let expected = if receipt { "destroyed" } else { "present or lost" };
    let found = match standing {
        None => "no line",
        Some(Standing::Destroyed) if !receipt => "destroyed, without a receipt",
        Some(Standing::Present | Standing::Lost) if receipt => "not destroyed",
        Some(_) => return None,
    };
    Some((expected, found))
}
