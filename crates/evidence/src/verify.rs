//! The offline verifier (docs/format/bundle.md §8).
//!
//! *Invariant:* never panics and never follows what a bundle says to read; memory is bounded by
//! the limits of the format. Everything that can be recomputed is compared byte for byte.

mod files;
mod frame;
mod parts;
mod statements;
mod walk;

use std::path::Path;

use record::OrderId;
use record::note::Vkey;

use crate::layout::RECORDS_MAX;
use crate::ledger::{Case, Ledger};
use crate::report::{
    ArchiveForm, CheckpointFacts, Erasure, Findings, Place, Population, PreviousFacts, Readability,
    Report, Restored, Severity,
};
use crate::source::{Source, SourceFault};
use crate::tally::Tally;
use crate::texts::population_counts;
use frame::Frame;
use walk::Walk;

/// What the verifier is told beside the bundle.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The key that the auditor holds; without it the verdict is untrusted at best.
    pub key: Option<Vkey>,
    /// An older checkpoint of the same journal, as the text of its signed note.
    pub previous: Option<String>,
}

/// Verifies a bundle, a directory or a tar.
#[must_use]
pub fn verify(path: &Path, options: &Options) -> Report {
    let mut findings = Findings::default();
    let source = match Source::open(path) {
        Ok(source) => source,
        Err(reason) => {
            findings.gone(Place::file("."), "bundle-readable", ("a bundle", reason));
            return assemble(Pieces::default(), findings);
        }
    };
    source_faults(&source, &mut findings);
    let form = if source.is_tar() { ArchiveForm::Tar } else { ArchiveForm::Directory };
    let frame = Frame::read(&source, options, &mut findings);
    files::check(&source, &frame, &mut findings);
    let mut pieces = Pieces { form: Some(form), ..Pieces::default() };
    if let Some(size) = frame.size().filter(|size| *size <= RECORDS_MAX) {
        let walked = Walk::new(&source, &frame, size).run(&mut findings);
        let census = statements::check(&source, &frame, &walked, &mut findings);
        pieces.readability = parts::check(&source, &walked, census.as_ref(), &mut findings);
        pieces.erasures = erasures(&walked.ledger, &walked.tally);
        pieces.population = population(&walked.tally, &walked.ledger);
        pieces.previous_consistent = frame.compare_previous(&walked, &mut findings);
        pieces.restores = restores(&walked.ledger, &mut findings);
        pieces.size = size;
    } else if frame.size().is_some() {
        let expected = format!("at most {RECORDS_MAX} records");
        findings.bad(Place::file(crate::layout::CHECKPOINT), "limit", (expected, "more"));
    }
    pieces.witness = frame.witness(&source, &mut findings);
    pieces.frame = Some(frame);
    assemble(pieces, findings)
}

fn source_faults(source: &Source, findings: &mut Findings) {
    for fault in &source.faults {
        match fault {
            SourceFault::Unreadable(reason) => {
                findings.gone(Place::file("."), "bundle-readable", ("a bundle", reason.clone()));
            }
            SourceFault::Foreign { place, what } => {
                let rule = if source.is_tar() { "archive-canonical" } else { "file-listed" };
                findings.bad(Place::file(place), rule, ("the canonical form", *what));
            }
        }
    }
}

/// What the steps came up with.
#[derive(Default)]
struct Pieces {
    form: Option<ArchiveForm>,
    frame: Option<Frame>,
    size: u64,
    readability: Readability,
    population: Population,
    erasures: Vec<Erasure>,
    restores: Vec<Restored>,
    previous_consistent: Option<bool>,
    witness: Option<String>,
}

fn assemble(pieces: Pieces, findings: Findings) -> Report {
    let erased = pieces.erasures.iter().any(|erasure| erasure.destroyed.is_some());
    let verdict = findings.verdict(erased);
    let integrity = findings.integrity(pieces.size);
    let (findings, findings_more, first_bad) = findings.finish();
    let frame = pieces.frame.as_ref();
    Report {
        verdict,
        exit_code: verdict.exit_code(),
        form: pieces.form,
        checkpoint: frame.and_then(checkpoint_facts),
        key: frame.and_then(|frame| frame.key.as_ref()).map(Vkey::to_string),
        key_trusted: frame.is_some_and(|frame| frame.trusted),
        previous: frame.and_then(|frame| frame.previous).map(|previous| PreviousFacts {
            size: previous.head.size,
            root: previous.head.root.to_string(),
            consistent: pieces.previous_consistent,
        }),
        witness: pieces.witness,
        population: pieces.population,
        integrity,
        readability: pieces.readability,
        erasures: pieces.erasures,
        restores: pieces.restores,
        first_bad,
        findings,
        findings_more,
    }
}

/// Every declared restore, which is worth knowing whatever the verdict.
fn restores(ledger: &Ledger, findings: &mut Findings) -> Vec<Restored> {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let restored = ledger.eras.restores.iter().map(|restore| Restored {
        declared: restore.at.into(),
        era: restore.era,
        guarded_era: restore.guarded_era,
        guarded_size: restore.guarded_size,
        restored_size: restore.at.seq.0,
        records_lost: restore.guarded_size.saturating_sub(restore.at.seq.0),
        ground: restore.ground.clone(),
        approver: restore.approved_by.to_string(),
        lost_leaves: count(restore.lost_leaves),
        lost_scopes: count(restore.lost_scopes),
    });
    let restored: Vec<Restored> = restored.collect();
    for restore in &restored {
        let found = format!(
            "{} records, {} leaves and {} scopes lost, on {}, approved by {}",
            restore.records_lost,
            restore.lost_leaves,
            restore.lost_scopes,
            restore.ground,
            restore.approver
        );
        let texts = (format!("era {} from here on", restore.era), found);
        findings.add(Severity::Notice, Place::Seq(restore.declared.seq), "restored", texts);
    }
    restored
}

fn checkpoint_facts(frame: &Frame) -> Option<CheckpointFacts> {
    let (origin, size) = frame.origin().zip(frame.size())?;
    let root = frame.checkpoint.map(|checkpoint| checkpoint.head.root.to_string());
    Some(CheckpointFacts { origin: origin.to_string(), size, root })
}

fn population(tally: &Tally, ledger: &Ledger) -> Population {
    let counts = population_counts(tally, ledger);
    Population {
        records: tally.records,
        leaves: tally.leaves.len(),
        leaves_destroyed: counts.leaves_destroyed,
        scopes: tally.scopes.len(),
        scopes_destroyed: counts.scopes_destroyed,
    }
}

fn erasures(ledger: &Ledger, tally: &Tally) -> Vec<Erasure> {
    let mut erasures: Vec<Erasure> =
        ledger.cases.iter().map(|(order, case)| erasure(*order, case, ledger, tally)).collect();
    erasures.sort_by_key(|erasure| {
        let moments = [&erasure.ordered, &erasure.approved, &erasure.fenced, &erasure.destroyed];
        moments.into_iter().flatten().map(|moment| moment.seq).min()
    });
    erasures
}

fn erasure(order: OrderId, case: &Case, ledger: &Ledger, tally: &Tally) -> Erasure {
    let (ordered, destroyed) = (case.ordered.as_ref(), case.destroyed.as_ref());
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let approver = case.approved.map(|(_, by)| by);
    let approver = approver.or_else(|| destroyed.map(|receipt| receipt.approved_by));
    let tenant = destroyed.is_some_and(|receipt| receipt.tenant);
    let (leaves, scopes) = match destroyed {
        Some(_) if tenant => (tally.leaves.len(), tally.scopes.len()),
        Some(receipt) => (receipt.leaves, receipt.scopes),
        None => (0, 0),
    };
    Erasure {
        order: order.to_string(),
        ground: ledger.ground(order).map(str::to_owned),
        ordered: ordered.map(|ordered| ordered.at.into()),
        ordered_by: ordered.map(|ordered| ordered.by.to_string()),
        four_eyes: ordered.map(|ordered| ordered.four_eyes),
        approved: case.approved.map(|(at, _)| at.into()),
        approver: approver.map(|by| by.to_string()),
        fenced: case.fenced.map(Into::into),
        destroyed: destroyed.map(|receipt| receipt.at.into()),
        epoch_before: destroyed.map(|receipt| receipt.epoch_before),
        epoch_after: destroyed.map(|receipt| receipt.epoch_after),
        level: destroyed.map(|receipt| receipt.level),
        tenant,
        leaves: count(leaves),
        scopes: count(scopes),
        backup_days: destroyed.map(|receipt| receipt.backup_days),
        completed: case.completed.map(Into::into),
    }
}
