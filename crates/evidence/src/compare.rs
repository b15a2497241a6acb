//! Two signed statements of one journal, held against each other (docs/format/bundle.md §13).
//!
//! *Invariant:* a fork is said only if one installation signed both statements and no tree has both
//! as its prefixes; what is printed with it convinces others too.

mod proof;
mod side;
mod text;

use std::path::Path;

use record::checkpoint::Checkpoint;
use record::note::Vkey;
use record::tree::{Frontier, TreeHead, consistency_proof};
use record::{Hash, Seq};
use serde::Serialize;

pub use proof::Proof;
use side::Side;

/// What the auditor gives beside the two.
#[derive(Clone, Debug, Default)]
pub struct CompareOptions {
    /// The key that the auditor holds; without it nothing is believed, but a fork is shown.
    pub key: Option<Vkey>,
    /// A proof of consistency, where no records are there; the text of §13.
    pub proof: Option<String>,
}

/// The answer in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub enum Relation {
    /// One history, at one size.
    Same,
    /// The smaller is the beginning of the larger.
    Prefix,
    /// What was given does not decide.
    Undecided,
    /// No key that is believed signed both.
    Untrusted,
    /// A bundle is not what its own checkpoint says.
    Tampered,
    /// One installation signed two histories.
    Fork,
}

impl Relation {
    /// The exit code of a program that reports it.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Same | Self::Prefix => 0,
            Self::Undecided => 3,
            Self::Untrusted => 4,
            Self::Tampered | Self::Fork => 5,
        }
    }
}

/// What is known of one of the two.
#[derive(Clone, Debug, Serialize)]
pub struct Statement {
    /// Journal and era.
    pub origin: String,
    /// Number of records.
    pub size: u64,
    /// The root, in hexadecimal.
    pub root: String,
    /// The key that signed, if it is one of those that count.
    pub key: Option<String>,
    /// The signed note as it stands: half of the evidence of a fork.
    pub note: String,
    /// Whether the tree under it was there too.
    pub records: bool,
}

/// One record as one of the two has it; nothing in it is about a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordFacts {
    /// Hash of its header.
    pub record: String,
    /// The event, if the header is there.
    pub event: Option<String>,
    /// Its time in UTC.
    pub recorded_at: Option<String>,
}

/// Where two histories part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fork {
    /// The size of the smaller statement: there the two roots differ.
    pub size: u64,
    /// The root that the first gives at that size.
    pub one: String,
    /// The root that the second gives at that size.
    pub other: String,
    /// The first record that differs, if both trees are there.
    pub seq: Option<u64>,
    /// That record in the first and in the second.
    pub records: Option<[RecordFacts; 2]>,
}

/// Everything that the comparison has to say.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The answer.
    pub verdict: Relation,
    /// The exit code that goes with it.
    pub exit_code: u8,
    /// Why, in a sentence; names the rule of docs/format/bundle.md §13.
    pub reason: String,
    /// The two statements, in the order in which they were given, as far as they read.
    pub statements: Vec<Statement>,
    /// Where they part.
    pub fork: Option<Fork>,
    /// The proof of consistency that was used, or that the larger tree gave.
    pub proof: Option<String>,
}

impl Comparison {
    /// As plain text, for a person.
    #[must_use]
    pub fn to_text(&self) -> String {
        text::render(self)
    }

    fn new(verdict: Relation, reason: impl Into<String>, sides: [&Side; 2]) -> Self {
        let statements = sides.into_iter().filter_map(Side::statement).collect();
        let (exit_code, reason) = (verdict.exit_code(), reason.into());
        Self { verdict, exit_code, reason, statements, fork: None, proof: None }
    }
}

/// Compares two bundles, a bundle and a checkpoint, or two checkpoints.
#[must_use]
pub fn compare(one: &Path, other: &Path, options: &CompareOptions) -> Comparison {
    let (mut one, mut other) = (Side::read(one), Side::read(other));
    side::judge_keys(&mut one, &mut other, options.key.as_ref());
    let sides = [&one, &other];
    for (name, side) in ["first", "second"].into_iter().zip(sides) {
        if let Some((verdict, reason)) = &side.fault {
            return Comparison::new(*verdict, format!("the {name} of the two: {reason}"), sides);
        }
    }
    let Some((first, second)) = one.checkpoint.zip(other.checkpoint) else {
        return Comparison::new(Relation::Undecided, "a checkpoint is missing", sides);
    };
    if let Some(reason) = unrelated(&first, &second) {
        return Comparison::new(Relation::Undecided, reason, sides);
    }
    if let Some(name) = unsigned(sides) {
        let reason = format!("no key that counts signed the {name} of the two");
        return Comparison::new(Relation::Untrusted, reason, sides);
    }
    let mut answer = related(sides, options);
    if answer.exit_code == 0 && options.key.is_none() {
        answer.verdict = Relation::Untrusted;
        answer.exit_code = Relation::Untrusted.exit_code();
        answer.reason = format!("{}; no key was given, so nobody vouches for it", answer.reason);
    }
    answer
}

fn unsigned(sides: [&Side; 2]) -> Option<&'static str> {
    let named = ["first", "second"].into_iter().zip(sides);
    named.into_iter().find(|(_, side)| side.key.is_none()).map(|(name, _)| name)
}

fn unrelated(one: &Checkpoint, other: &Checkpoint) -> Option<String> {
    if one.origin.journal != other.origin.journal {
        return Some(format!("two journals: {} and {}", one.origin, other.origin));
    }
    (one.origin != other.origin).then(|| {
        format!(
            "two eras of one journal: {} and {}; `zegel verify --previous` follows a declared \
                 restore",
            one.origin, other.origin
        )
    })
}

/// Both are statements of one journal, signed by one installation.
fn related(sides: [&Side; 2], options: &CompareOptions) -> Comparison {
    let [one, other] = sides;
    let (Some(first), Some(second)) = (one.head(), other.head()) else {
        return Comparison::new(Relation::Undecided, "a checkpoint is missing", sides);
    };
    let (small, large) = if first.size <= second.size { (one, other) } else { (other, one) };
    let (Some(small_head), Some(large_head)) = (small.head(), large.head()) else {
        return Comparison::new(Relation::Undecided, "a checkpoint is missing", sides);
    };
    let prefix = match prefix_of(large, small_head, large_head, options.proof.as_deref()) {
        Ok(prefix) => prefix,
        Err(reason) => return Comparison::new(Relation::Undecided, reason, sides),
    };
    let proof = prefix.proof.as_ref().map(ToString::to_string);
    if prefix.root == small_head.root {
        let (verdict, reason) = if small_head.size == large_head.size {
            (Relation::Same, format!("both say {} records and one root", small_head.size))
        } else {
            let (size, of) = (small_head.size, large_head.size);
            (Relation::Prefix, format!("the smaller is the first {size} of {of} records"))
        };
        return Comparison { proof, ..Comparison::new(verdict, reason, sides) };
    }
    let size = small_head.size;
    let fork = fork(sides, size, small_head.root, prefix.root, first.size <= second.size);
    let reason = format!("at size {size} the two signed roots differ: one signed two histories");
    let answer = Comparison::new(Relation::Fork, reason, sides);
    Comparison { fork: Some(fork), proof, ..answer }
}

/// What the larger one says of its first records.
struct Prefix {
    root: Hash,
    proof: Option<Proof>,
}

fn prefix_of(
    large: &Side,
    small_head: TreeHead,
    large_head: TreeHead,
    proof: Option<&str>,
) -> Result<Prefix, String> {
    if small_head.size == large_head.size {
        return Ok(Prefix { root: large_head.root, proof: None });
    }
    if small_head.size == 0 {
        return Ok(Prefix { root: Frontier::default().root(), proof: None });
    }
    if let Some(leaves) = &large.leaves {
        let count = usize::try_from(small_head.size).unwrap_or(usize::MAX);
        let path = consistency_proof(leaves, count).unwrap_or_default();
        let root = record::tree::root(leaves.get(..count).unwrap_or_default());
        let (old, origin) = (TreeHead { size: small_head.size, root }, large.origin());
        return Ok(Prefix { root, proof: Some(Proof { origin, old, new: large_head, path }) });
    }
    let Some(text) = proof else {
        return Err("only checkpoints of two sizes: the bundle of the larger one decides, or a \
                    proof from whoever holds it"
            .to_owned());
    };
    let proof = Proof::parse(text).ok_or("the proof has not the form of a proof")?;
    let fits = (proof.origin, proof.old.size) == (large.origin(), small_head.size)
        && proof.new == large_head;
    if !fits || !proof.holds() {
        return Err(
            "the proof does not lead to the larger checkpoint: it is of another tree".into()
        );
    }
    Ok(Prefix { root: proof.old.root, proof: Some(proof) })
}

fn fork(
    [one, other]: [&Side; 2],
    size: u64,
    small: Hash,
    prefix: Hash,
    first_is_small: bool,
) -> Fork {
    let (root_one, root_other) = if first_is_small { (small, prefix) } else { (prefix, small) };
    let leaves = one.leaves.as_ref().zip(other.leaves.as_ref());
    let seq = leaves.and_then(|(a, b)| a.iter().zip(b).position(|(a, b)| a != b));
    let seq = seq.and_then(|seq| u64::try_from(seq).ok());
    let records = seq.map(|seq| [one.told(Seq(seq)), other.told(Seq(seq))]);
    Fork { size, one: root_one.to_string(), other: root_other.to_string(), seq, records }
}
