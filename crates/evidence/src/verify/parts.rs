//! The second axis: what can still be read, part by part (docs/format/bundle.md §8).

use std::collections::BTreeMap;

use record::{Header, LeafId, PartHeader, PartKind, ScopeId, Seq};

use super::frames::Frames;
use super::walk::Walked;
use crate::layout::{self, RECORDS_PER_FILE};
use crate::ledger::Ledger;
use crate::report::{Findings, Place, Readability, Severity};
use crate::source::Source;
use crate::texts::Standing;

struct Count<'a> {
    walked: &'a Walked,
    /// Purges that no part was found for yet.
    claims: BTreeMap<(Seq, u8), Seq>,
    readability: Readability,
    /// What was found of the first part before: the facts of a journal have the same keys.
    facts: Option<(LeafId, ScopeId, Reading)>,
}

/// What is known of a sealed part that is there.
#[derive(Clone, Copy)]
enum Reading {
    Erased,
    Stated(Standing),
    Unstated,
}

/// Says of every part whether it can be read, now that all receipts and purges are known.
pub(super) fn check(source: &Source, walked: &Walked, findings: &mut Findings) -> Readability {
    let whole = walked.absent.is_empty() && !walked.blind;
    if whole && walked.ledger.purged.is_empty() {
        // Then keys alone decide, and how many parts each pair of keys has is known.
        return count_by_keys(walked);
    }
    go_over(source, walked, findings)
}

fn count_by_keys(walked: &Walked) -> Readability {
    let tally = &walked.tally;
    let mut out = Readability { public: tally.public, ..Readability::default() };
    tally.each_pair(|leaf, scope, stated, parts| {
        let counter = match stated {
            _ if walked.ledger.destroyed.pair(leaf, scope).is_some() => &mut out.erased,
            Some(Standing::Present) => &mut out.stated_present,
            Some(_) => &mut out.stated_lost,
            None => &mut out.unstated,
        };
        *counter += parts;
    });
    out
}

/// Goes over the headers once more, part by part.
fn go_over(source: &Source, walked: &Walked, findings: &mut Findings) -> Readability {
    let claims = walked.ledger.purged.clone();
    let mut count = Count { walked, claims, readability: Readability::default(), facts: None };
    for number in 0..walked.size.div_ceil(RECORDS_PER_FILE) {
        // A file that cannot be read was reported by the walk.
        let mut silent = Findings::default();
        let Some(mut headers) = Frames::open(source, layout::headers(number), &mut silent) else {
            continue;
        };
        let first = number * RECORDS_PER_FILE;
        let mut spare = None;
        for _ in first..walked.size.min(first + RECORDS_PER_FILE) {
            if headers.next_header().is_err() {
                break;
            }
            if let Ok(header) = Header::decode_over(headers.last(), spare.take()) {
                count.record(&header, findings);
                spare = Some(header);
            }
        }
    }
    count.finish(findings)
}

impl Count<'_> {
    fn record(&mut self, header: &Header, findings: &mut Findings) {
        for (index, part) in (0u8..=u8::MAX).zip(&header.parts) {
            let place = (header.seq, index);
            let claimed = self.claims.remove(&place);
            let absent = self.walked.absent.contains(&place);
            let purged = claimed.is_some_and(|by| self.is_purge(part, by));
            if let Some(by) = claimed.filter(|_| !purged) {
                let found = format!("record {} part {index}", header.seq);
                let texts = ("parts under ids of an earlier receipt", found);
                // The receipt may stand where nothing could be read.
                if self.walked.blind && part.kind == PartKind::Sealed {
                    findings.gone(Place::Seq(by.0), "purge-part", texts);
                } else {
                    findings.bad(Place::Seq(by.0), "purge-part", texts);
                }
            }
            let sealed = part.kind == PartKind::Sealed;
            if absent && !purged && sealed {
                let expected = "a ciphertext, or a purge with a receipt";
                let found = format!("part {index} is not there");
                findings.gone(Place::Seq(header.seq.0), "body-absent", (expected, found));
            }
            if purged && !absent && !findings.missing.contains(header.seq.0) {
                let found = format!("part {index} is still here");
                let texts = ("no ciphertext after a purge", found);
                findings.add(Severity::Notice, Place::Seq(header.seq.0), "purge-left", texts);
            }
            self.count(index, part, absent && purged);
        }
    }

    fn is_purge(&self, part: &PartHeader, by: Seq) -> bool {
        let receipt = self.walked.ledger.destroyed.part(part);
        part.kind == PartKind::Sealed && receipt.is_some_and(|receipt| receipt < by)
    }

    fn count(&mut self, index: u8, part: &PartHeader, purged: bool) {
        let sealed = part.kind == PartKind::Sealed && !purged;
        let reading = sealed.then(|| self.reading(index, part));
        let out = &mut self.readability;
        let counter = match reading {
            None if part.kind == PartKind::Public => &mut out.public,
            None => &mut out.purged,
            Some(Reading::Erased) => &mut out.erased,
            Some(Reading::Stated(Standing::Present)) => &mut out.stated_present,
            Some(Reading::Stated(_)) => &mut out.stated_lost,
            Some(Reading::Unstated) => &mut out.unstated,
        };
        *counter += 1;
    }

    fn reading(&mut self, index: u8, part: &PartHeader) -> Reading {
        let same = |(leaf, scope, _): &(LeafId, ScopeId, Reading)| {
            index == 0 && *leaf == part.leaf && *scope == part.scope
        };
        if let Some((.., reading)) = self.facts.filter(same) {
            return reading;
        }
        let reading = match self.walked.tally.stated(part) {
            _ if is_erased(&self.walked.ledger, part) => Reading::Erased,
            Some(standing) => Reading::Stated(standing),
            None => Reading::Unstated,
        };
        if index == 0 {
            self.facts = Some((part.leaf, part.scope, reading));
        }
        reading
    }

    fn finish(self, findings: &mut Findings) -> Readability {
        for ((seq, index), by) in self.claims {
            let texts = ("parts that exist", format!("record {seq} part {index}"));
            if self.walked.blind {
                findings.gone(Place::Seq(by.0), "purge-part", texts);
            } else {
                findings.bad(Place::Seq(by.0), "purge-part", texts);
            }
        }
        self.readability
    }
}

fn is_erased(ledger: &Ledger, part: &PartHeader) -> bool {
    ledger.destroyed.part(part).is_some()
}
