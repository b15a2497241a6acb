//! What the verifier found: verdict, counts, erasures and findings (docs/format/bundle.md §8).
//!
//! *Invariant:* the verdict follows from the findings alone; text that comes from a bundle is
//! escaped before it is printed.

mod ranges;
mod sections;
mod text;

use serde::Serialize;

use crate::ledger::At;
pub(crate) use ranges::Ranges;
pub(crate) use sections::section;
pub(crate) use text::utc;

/// The answer in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub enum Verdict {
    /// Nothing is changed, missing or foreign, and the key is the pinned one.
    Intact,
    /// The same, and keys were destroyed with receipts.
    IntactWithErasures,
    /// Something is not there.
    Incomplete,
    /// Nothing is wrong, but the signature leads to no pinned key.
    Untrusted,
    /// Something is not what was signed.
    Tampered,
}

impl Verdict {
    /// The exit code of a program that reports it.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Intact | Self::IntactWithErasures => 0,
            Self::Incomplete => 3,
            Self::Untrusted => 4,
            Self::Tampered => 5,
        }
    }
}

/// What a finding does to the verdict, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; the verdict stays.
    Notice,
    /// At best untrusted.
    Untrusted,
    /// At best incomplete.
    Incomplete,
    /// Tampered.
    Tampered,
}

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it does to the verdict.
    pub severity: Severity,
    /// The file.
    pub file: Option<String>,
    /// The record.
    pub seq: Option<u64>,
    /// The rule, as docs/format/bundle.md §8 names it.
    pub rule: &'static str,
    /// Where the format asks for it.
    pub section: &'static str,
    /// What the rule asks.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

/// The bad record with the lowest sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FirstBad {
    /// Its sequence.
    pub seq: u64,
    /// What should stand there.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

/// A range of records, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SeqRange {
    /// First sequence.
    pub first: u64,
    /// Last sequence.
    pub last: u64,
}

/// The first axis: are the bytes what was signed?
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Integrity {
    /// Records that are whole.
    pub intact: u64,
    /// Records of which something is not there.
    pub missing: u64,
    /// Records that are not what was signed, or break a rule.
    pub tampered: u64,
    /// Where records are missing, at most the first thousand ranges.
    pub missing_ranges: Vec<SeqRange>,
    /// Where records are tampered, at most the first thousand ranges.
    pub tampered_ranges: Vec<SeqRange>,
}

/// The second axis, counted in parts: can a part still be opened?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Readability {
    /// Public parts, in clear.
    pub public: u64,
    /// Sealed parts whose keys a receipt covers.
    pub erased: u64,
    /// Those whose ciphertext was purged as well.
    pub purged: u64,
    /// Sealed parts whose keys the operator states it holds.
    pub stated_present: u64,
    /// Sealed parts of which the operator states a key was lost.
    pub stated_lost: u64,
    /// Sealed parts of which nothing is stated, because the census does not read.
    pub unstated: u64,
}

/// Counts over the whole journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Population {
    /// Records that could be read.
    pub records: u64,
    /// Distinct leaf ids.
    pub leaves: usize,
    /// Of these, covered by a receipt.
    pub leaves_destroyed: usize,
    /// Distinct scope ids.
    pub scopes: usize,
    /// Of these, covered by a receipt.
    pub scopes_destroyed: usize,
}

/// Where and when something was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// Place in the journal.
    pub seq: u64,
    /// Microseconds since 1970.
    pub micros: u64,
    /// The same in UTC.
    pub utc: String,
}

impl From<At> for Moment {
    fn from(at: At) -> Self {
        Self { seq: at.seq.0, micros: at.time.0, utc: utc(at.time) }
    }
}

/// One order and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Erasure {
    /// The order's id.
    pub order: String,
    /// Its ground, if the order or the receipt is there.
    pub ground: Option<String>,
    /// When it was ordered.
    pub ordered: Option<Moment>,
    /// By whom, as a random reference.
    pub ordered_by: Option<String>,
    /// Whether another had to approve.
    pub four_eyes: Option<bool>,
    /// When it was approved.
    pub approved: Option<Moment>,
    /// By whom.
    pub approver: Option<String>,
    /// When its ids were fenced.
    pub fenced: Option<Moment>,
    /// The receipt: when the keys were destroyed.
    pub destroyed: Option<Moment>,
    /// Key epoch before the cut.
    pub epoch_before: Option<u64>,
    /// Key epoch after the cut.
    pub epoch_after: Option<u64>,
    /// 1: overwritten at block level; 0: nothing is claimed.
    pub level: Option<u8>,
    /// Whether the whole tenant went.
    pub tenant: bool,
    /// How many leaf keys the receipt covers.
    pub leaves: u64,
    /// How many scope keys the receipt covers.
    pub scopes: u64,
    /// How many keys that a record names the receipt is the first to list; of a whole tenant one,
    /// its root, or more.
    pub keys_destroyed: u64,
    /// Days within which every escrowed root copy is gone.
    pub backup_days: Option<u16>,
    /// When nothing was left to do.
    pub completed: Option<Moment>,
}

/// One declared restore: where an era begins, and what did not come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// Where it was declared.
    pub declared: Moment,
    /// The era that it begins.
    pub era: u32,
    /// The era of the guard before it.
    pub guarded_era: u32,
    /// How many records that guard knew.
    pub guarded_size: u64,
    /// How many records were put back.
    pub restored_size: u64,
    /// How many of the guarded records are lost.
    pub records_lost: u64,
    /// Its ground.
    pub ground: String,
    /// Who decided, as a random reference.
    pub approver: String,
    /// How many leaf keys did not come back.
    pub lost_leaves: u64,
    /// How many scope keys did not come back.
    pub lost_scopes: u64,
    /// Eras between the one before it and its own, of which no record is here.
    pub eras_unseen: Option<EraRange>,
}

/// A range of eras, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct EraRange {
    /// First era.
    pub first: u32,
    /// Last era.
    pub last: u32,
}

impl std::fmt::Display for EraRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { first, last } = self;
        if first == last { write!(f, "era {first}") } else { write!(f, "eras {first} to {last}") }
    }
}

/// The checkpoint that the bundle stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckpointFacts {
    /// Journal and era.
    pub origin: String,
    /// Number of records.
    pub size: u64,
    /// The root, in hexadecimal; absent when the checkpoint is missing.
    pub root: Option<String>,
}

/// The older checkpoint that was compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PreviousFacts {
    /// Number of records.
    pub size: u64,
    /// Its root, in hexadecimal.
    pub root: String,
    /// Whether the journal begins with it; absent when that could not be computed.
    pub consistent: Option<bool>,
}

/// In which form the bundle came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ArchiveForm {
    /// A directory.
    Directory,
    /// A tar.
    Tar,
}

/// Everything the verifier has to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The answer.
    pub verdict: Verdict,
    /// The exit code that goes with it.
    pub exit_code: u8,
    /// Directory or tar; absent when there is nothing to read.
    pub form: Option<ArchiveForm>,
    /// What the bundle stands for.
    pub checkpoint: Option<CheckpointFacts>,
    /// The key that signed, if its signature verifies.
    pub key: Option<String>,
    /// Whether that key is reached from the pinned one.
    pub key_trusted: bool,
    /// The older checkpoint, if one was given and reads.
    pub previous: Option<PreviousFacts>,
    /// The hash to look for in the operator journal.
    pub witness: Option<String>,
    /// Counts.
    pub population: Population,
    /// The first axis.
    pub integrity: Integrity,
    /// The second axis.
    pub readability: Readability,
    /// Every order, in the order of the journal.
    pub erasures: Vec<Erasure>,
    /// Every declared restore.
    pub restores: Vec<Restored>,
    /// The bad record with the lowest sequence.
    pub first_bad: Option<FirstBad>,
    /// At most the first thousand findings.
    pub findings: Vec<Finding>,
    /// How many more there were.
    pub findings_more: u64,
    /// The other bundles that were verified with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<Report>,
}

impl Report {
    /// The report as plain text with aligned columns.
    #[must_use]
    pub fn to_text(&self) -> String {
        text::render(self)
    }
}

/// Where a finding stands.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    File(String),
    Seq(u64),
    Both(String, u64),
}

impl Place {
    pub(crate) fn file(path: &str) -> Self {
        Self::File(path.to_owned())
    }
}

/// Most findings, and most ranges, that are kept; more are counted.
pub(crate) const FINDINGS_MAX: usize = 1_000;

/// Collects findings.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<Finding>,
    more: u64,
    worst: Option<Severity>,
    first_bad: Option<FirstBad>,
    pub(crate) tampered: Ranges,
    pub(crate) missing: Ranges,
}

impl Findings {
    pub(crate) fn add(
        &mut self,
        severity: Severity,
        place: Place,
        rule: &'static str,
        (expected, found): (impl Into<String>, impl Into<String>),
    ) {
        let (file, seq) = match place {
            Place::File(file) => (Some(file), None),
            Place::Seq(seq) => (None, Some(seq)),
            Place::Both(file, seq) => (Some(file), Some(seq)),
        };
        let (expected, found) = (expected.into(), found.into());
        self.worst = self.worst.max(Some(severity));
        if let Some(seq) = seq.filter(|_| severity >= Severity::Incomplete) {
            let tampered = severity == Severity::Tampered;
            let ranges = if tampered { &mut self.tampered } else { &mut self.missing };
            ranges.insert(seq, seq);
            let earlier = self.first_bad.as_ref().is_none_or(|first| seq < first.seq);
            if earlier {
                let (expected, found) = (expected.clone(), found.clone());
                self.first_bad = Some(FirstBad { seq, expected, found });
            }
        }
        if self.list.len() < FINDINGS_MAX {
            let section = section(rule);
            self.list.push(Finding { severity, file, seq, rule, section, expected, found });
        } else {
            self.more += 1;
        }
    }

    /// Something is not what was signed.
    pub(crate) fn bad(
        &mut self,
        place: Place,
        rule: &'static str,
        texts: (impl Into<String>, impl Into<String>),
    ) {
        self.add(Severity::Tampered, place, rule, texts);
    }

    /// Something is not there.
    pub(crate) fn gone(
        &mut self,
        place: Place,
        rule: &'static str,
        texts: (impl Into<String>, impl Into<String>),
    ) {
        self.add(Severity::Incomplete, place, rule, texts);
    }

    /// The verdict that follows.
    pub(crate) fn verdict(&self, erasures: bool) -> Verdict {
        match self.worst {
            Some(Severity::Tampered) => Verdict::Tampered,
            Some(Severity::Incomplete) => Verdict::Incomplete,
            Some(Severity::Untrusted) => Verdict::Untrusted,
            Some(Severity::Notice) | None if erasures => Verdict::IntactWithErasures,
            Some(Severity::Notice) | None => Verdict::Intact,
        }
    }

    /// The first axis over `size` records.
    pub(crate) fn integrity(&self, size: u64) -> Integrity {
        let tampered = self.tampered.count();
        let missing = self.missing.count() - self.missing.overlap(&self.tampered);
        Integrity {
            intact: size.saturating_sub(tampered).saturating_sub(missing),
            missing,
            tampered,
            missing_ranges: self.missing.list(FINDINGS_MAX),
            tampered_ranges: self.tampered.list(FINDINGS_MAX),
        }
    }

    /// The list, worst first and then by record; how many more; the first bad record.
    pub(crate) fn finish(mut self) -> (Vec<Finding>, u64, Option<FirstBad>) {
        self.list.sort_by_key(|finding| {
            (std::cmp::Reverse(finding.severity), finding.seq.unwrap_or(u64::MAX))
        });
        (self.list, self.more, self.first_bad)
    }
}
