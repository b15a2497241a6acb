//! The offline verifier (docs/format/bundle.md §8).
//!
//! *Invariant:* never panics and never follows what a bundle says to read; memory is bounded by
//! the limits of the format. Everything that can be recomputed is compared byte for byte.

mod beside;
mod files;
mod frame;
mod frames;
mod parts;
mod salts;
mod statements;
mod walk;

use std::collections::BTreeMap;
use std::path::Path;

use record::note::Vkey;
use record::{JournalId, OrderId, Seq};

use crate::layout::RECORDS_MAX;
use crate::ledger::{Case, Ledger};
use crate::report::{
    ArchiveForm, CheckpointFacts, EraRange, Erasure, Findings, Place, Population, PreviousFacts,
    Readability, Report, Restored, Severity,
};
use crate::source::{Source, SourceFault};
use crate::tally::Tally;
use crate::texts::population_counts;
use crate::told::Told;
pub use beside::Beside;
use frame::Frame;
pub(crate) use frames::Frames;
use walk::{Walk, Walked};

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
    Seen::of(path, options).report(Vec::new())
}

/// Verifies a bundle together with others of the same installation (docs/format/bundle.md §12).
#[must_use]
pub fn verify_beside(path: &Path, options: &Options, beside: &Beside) -> Report {
    let same_key = Options { key: options.key.clone(), previous: None };
    let mut main = Seen::of(path, options);
    let mut others = Vec::new();
    if let Some(operator) = &beside.operator {
        let operator = Seen::of(operator, &same_key);
        beside::tenant_beside(&mut main, &operator);
        others.push(operator);
    }
    if !beside.tenants.is_empty() {
        let tenants: Vec<Seen> = beside.tenants.iter().map(|t| Seen::of(t, &same_key)).collect();
        beside::operator_beside(&mut main, &tenants);
        others.extend(tenants);
    }
    let mut reports = Vec::new();
    for other in others {
        let report = other.report(Vec::new());
        let origin = report.checkpoint.as_ref().map(|facts| facts.origin.clone());
        let name = origin.unwrap_or_else(|| "a bundle beside it".to_owned());
        beside::weigh(&report, &name, &mut main.findings);
        reports.push(report);
    }
    main.report(reports)
}

/// What was seen in one bundle.
struct Seen {
    pieces: Pieces,
    findings: Findings,
}

impl Seen {
    fn of(path: &Path, options: &Options) -> Self {
        let mut findings = Findings::default();
        let mut pieces = Pieces::default();
        match Source::open(path) {
            Ok(source) => examine(&source, options, &mut pieces, &mut findings),
            Err(reason) => {
                findings.gone(Place::file("."), "bundle-readable", ("a bundle", reason));
            }
        }
        Self { pieces, findings }
    }

    fn report(self, beside: Vec<Report>) -> Report {
        Report { beside, ..assemble(self.pieces, self.findings) }
    }
}

fn examine(source: &Source, options: &Options, pieces: &mut Pieces, findings: &mut Findings) {
    source_faults(source, findings);
    pieces.form = Some(if source.is_tar() { ArchiveForm::Tar } else { ArchiveForm::Directory });
    let frame = Frame::read(source, options, findings);
    files::check(source, &frame, findings);
    if let Some(size) = frame.size().filter(|size| *size <= RECORDS_MAX) {
        let mut walked = Walk::new(source, &frame, size).run(findings);
        files::check_digests(source, &frame, &walked, findings);
        statements::check(source, &frame, &mut walked, findings);
        pieces.readability = parts::check(source, &walked, findings);
        pieces.erasures = erasures(&walked, findings);
        pieces.population = population(&walked.tally, &walked.ledger);
        pieces.previous_consistent = frame.compare_previous(&walked, findings);
        pieces.restores = restores(&walked.ledger, findings);
        pieces.size = size;
        pieces.blind = walked.blind;
        pieces.told = walked.ledger.told;
    } else if frame.size().is_some() {
        let expected = format!("at most {RECORDS_MAX} records");
        findings.bad(Place::file(crate::layout::CHECKPOINT), "limit", (expected, "more"));
    }
    pieces.witness = frame.witness(source, findings);
    pieces.frame = Some(frame);
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
    told: Told,
    /// Some record or public part could not be read.
    blind: bool,
}

impl Pieces {
    fn journal(&self) -> Option<JournalId> {
        Some(self.frame.as_ref()?.origin()?.journal)
    }
}

fn assemble(pieces: Pieces, findings: Findings) -> Report {
    let erased = pieces.erasures.iter().any(|erasure| erasure.keys_destroyed > 0);
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
        beside: Vec::new(),
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
        eras_unseen: restore.unseen.map(|(first, last)| EraRange { first, last }),
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
        let place = || Place::Seq(restore.declared.seq);
        findings.add(Severity::Notice, place(), "restored", texts);
        if let Some(unseen) = &restore.eras_unseen {
            let expected = format!("the restore that began {unseen}");
            let found = "never seen here: what it lost is not told";
            findings.add(Severity::Notice, place(), "era-unseen", (expected, found));
        }
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

fn erasures(walked: &Walked, findings: &mut Findings) -> Vec<Erasure> {
    let (ledger, tally) = (&walked.ledger, &walked.tally);
    let keys = keys_destroyed(ledger, tally);
    let of_case = |(order, case): (&OrderId, &Case)| {
        let (seq, tenant) = case.destroyed.as_ref().map(|d| (d.at.seq, d.tenant)).unzip();
        // The root of a whole tenant is a key of its own.
        let root = u64::from(tenant.unwrap_or(false));
        let keys = seq.and_then(|seq| keys.get(&seq).copied()).unwrap_or(0).max(root);
        Erasure { keys_destroyed: keys, ..erasure(*order, case, ledger, tally) }
    };
    let mut erasures: Vec<Erasure> = ledger.cases.iter().map(of_case).collect();
    for receipt in erasures.iter().filter(|erasure| erasure.keys_destroyed == 0) {
        // What it lists may be named by a record that cannot be read.
        let lists_nothing = receipt.leaves + receipt.scopes == 0;
        let Some(at) = receipt.destroyed.as_ref().filter(|_| lists_nothing || !walked.blind) else {
            continue;
        };
        let found = format!("{} listed, and this erasure destroyed 0 keys", lists(receipt));
        let texts = ("a key that a record names and that no earlier receipt lists", found);
        findings.add(Severity::Notice, Place::Seq(at.seq), "receipt-empty", texts);
    }
    erasures.sort_by_key(|erasure| {
        let moments = [&erasure.ordered, &erasure.approved, &erasure.fenced, &erasure.destroyed];
        moments.into_iter().flatten().map(|moment| moment.seq).min()
    });
    erasures
}

fn lists(receipt: &Erasure) -> String {
    format!("{} leaves and {} scopes", receipt.leaves, receipt.scopes)
}

/// How many keys that a record names each receipt is the first to list.
fn keys_destroyed(ledger: &Ledger, tally: &Tally) -> BTreeMap<Seq, u64> {
    let mut keys = BTreeMap::new();
    let (leaves, scopes) = ledger.destroyed.listed();
    let leaves = leaves.filter(|(leaf, _)| tally.leaves.contains_key(leaf)).map(|(_, seq)| seq);
    let scopes = scopes.filter(|(scope, _)| tally.scopes.contains_key(scope)).map(|(_, seq)| seq);
    leaves.chain(scopes).for_each(|seq| *keys.entry(seq).or_default() += 1);
    keys
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
        keys_destroyed: 0,
        backup_days: destroyed.map(|receipt| receipt.backup_days),
        completed: case.completed.map(Into::into),
    }
}
