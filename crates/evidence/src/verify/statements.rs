//! The text files that are recomputed, and the census of keys (docs/format/bundle.md §6).

use super::frame::{Frame, or_unreadable, read_text};
use super::walk::Walked;
use crate::layout::{CENSUS, INSTRUCTIONS, POPULATION, RECEIPTS};
use crate::report::{Findings, Place};
use crate::source::Source;
use crate::tally::IDS_MAX;
use crate::texts::{self, CENSUS_LINE_BYTES_MAX, Census, Standing};

/// Compares what can be recomputed; returns the census if it reads.
pub(super) fn check(
    source: &Source,
    frame: &Frame,
    walked: &Walked,
    findings: &mut Findings,
) -> Option<Census> {
    if let Some((origin, size)) = frame.origin().zip(frame.size()) {
        compare(source, INSTRUCTIONS, &texts::instructions(&origin, size), findings);
    }
    if !walked.blind {
        let population = texts::population(&walked.tally, &walked.ledger);
        compare(source, POPULATION, &population, findings);
        compare(source, RECEIPTS, &texts::receipts(&walked.ledger), findings);
    }
    let lines = u64::try_from(IDS_MAX).unwrap_or(u64::MAX).saturating_add(2);
    let limit = CENSUS_LINE_BYTES_MAX.saturating_mul(lines);
    let text = read_text(source, CENSUS, limit, findings)?;
    let Some(census) = Census::parse(&text) else {
        findings.bad(Place::file(CENSUS), "census", ("the canonical text", "another text"));
        return None;
    };
    if !walked.blind {
        check_census(&census, walked, findings);
    }
    Some(census)
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
    let leaves = census
        .leaves
        .iter()
        .map(|(id, standing)| (format!("leaf {id}"), eras.has_lost_leaf(*id), standing));
    let scopes = census
        .scopes
        .iter()
        .map(|(id, standing)| (format!("scope {id}"), eras.has_lost_scope(*id), standing));
    let hidden =
        |(_, lost, standing): &(String, bool, &Standing)| *lost && **standing == Standing::Present;
    for (id, ..) in leaves.chain(scopes).filter(hidden) {
        let texts = (format!("{id} lost, as the restore declares"), "present");
        findings.bad(Place::file(CENSUS), "census", texts);
    }
}

/// The ids must be those of the headers, and exactly those under a receipt are destroyed.
fn check_census(census: &Census, walked: &Walked, findings: &mut Findings) {
    let destroyed = &walked.ledger.destroyed;
    let mut check = |id: String, standing: Option<Standing>, receipt: bool| {
        let wrong = match standing {
            None => Some("no line"),
            Some(Standing::Destroyed) if !receipt => Some("destroyed, without a receipt"),
            Some(Standing::Present | Standing::Lost) if receipt => Some("not destroyed"),
            Some(_) => None,
        };
        if let Some(found) = wrong {
            let expected = if receipt { "destroyed" } else { "present or lost" };
            let texts = (format!("{id} {expected}"), found);
            findings.bad(Place::file(CENSUS), "census", texts);
        }
    };
    for leaf in &walked.tally.leaves {
        let standing = census.leaves.get(leaf).copied();
        check(format!("leaf {leaf}"), standing, destroyed.leaf(*leaf).is_some());
    }
    for scope in &walked.tally.scopes {
        let standing = census.scopes.get(scope).copied();
        check(format!("scope {scope}"), standing, destroyed.scope(*scope).is_some());
    }
    check_lost(census, walked, findings);
    let expected = walked.tally.leaves.len() + walked.tally.scopes.len();
    let found = census.leaves.len() + census.scopes.len();
    if found > expected {
        let texts = (format!("{expected} ids"), format!("{found}"));
        findings.bad(Place::file(CENSUS), "census", texts);
    }
}
