//! The text files of a bundle: census, population, receipts, witness and VERIFY.md
//! (docs/format/bundle.md §6 and appendix A).
//!
//! *Invariant:* each has one form. The words of the census differ in length or in more than one
//! letter, so that no changed byte turns one into another.

use std::fmt::Write as _;

use record::checkpoint::Checkpoint;
use record::public::is_plain;
use record::{Hash, LeafId, Origin, ScopeId, body_digest, parse_id};

use crate::ledger::Ledger;
use crate::tally::Tally;

const CENSUS: &str = "zegel-census/v1";
const POPULATION: &str = "zegel-population/v1";
const RECEIPTS: &str = "zegel-receipts/v1";
const WITNESS: &str = "zegel-witness/v1";
const SCOPES: &str = "scopes";
const TEMPLATE: &str = include_str!("VERIFY.md.template");
/// Bytes of one line of the census, at most: 32 digits, a space, the longest word, a line end.
pub(crate) const CENSUS_LINE_BYTES_MAX: u64 = 32 + 1 + 9 + 1;

/// What a census says of one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The operator states that it holds the key.
    Present,
    /// A receipt in the journal covers it.
    Destroyed,
    /// The operator states that the key is gone without a receipt.
    Lost,
}

impl Standing {
    const fn word(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Destroyed => "destroyed",
            Self::Lost => "lost",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Present, Self::Destroyed, Self::Lost].into_iter().find(|state| state.word() == word)
    }
}

/// The state of every key that a sealed part names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Census {
    /// Ascending.
    pub(crate) leaves: Vec<(LeafId, Standing)>,
    /// Ascending.
    pub(crate) scopes: Vec<(ScopeId, Standing)>,
}

impl Census {
    /// Reads a census; `None` if it has any form but the canonical one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        if lines.next() != Some(CENSUS) {
            return None;
        }
        // Each id has one form and they ascend, so that no other text says the same.
        let mut census = Self::default();
        let mut before = None;
        loop {
            let line = lines.next()?;
            if line == SCOPES {
                break;
            }
            let (id, standing) = parse_line(line)?;
            if before.replace(id).is_some_and(|before| before >= id) {
                return None;
            }
            census.leaves.push((LeafId::from_bytes(id), standing));
        }
        before = None;
        for line in lines {
            let (id, standing) = parse_line(line)?;
            if before.replace(id).is_some_and(|before| before >= id) {
                return None;
            }
            census.scopes.push((ScopeId::from_bytes(id), standing));
        }
        Some(census)
    }

    /// The canonical text.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("{CENSUS}\n");
        for (leaf, standing) in &self.leaves {
            push(&mut text, format_args!("{leaf} {}", standing.word()));
        }
        push(&mut text, format_args!("{SCOPES}"));
        for (scope, standing) in &self.scopes {
            push(&mut text, format_args!("{scope} {}", standing.word()));
        }
        text
    }

    /// What it says of a leaf.
    pub(crate) fn leaf(&self, leaf: LeafId) -> Option<Standing> {
        find(&self.leaves, leaf)
    }

    /// What it says of a scope.
    pub(crate) fn scope(&self, scope: ScopeId) -> Option<Standing> {
        find(&self.scopes, scope)
    }
}

fn parse_line(line: &str) -> Option<([u8; 16], Standing)> {
    let (id, word) = line.split_once(' ')?;
    Some((parse_id(id)?, Standing::parse(word)?))
}

fn find<K: Copy + Ord>(lines: &[(K, Standing)], id: K) -> Option<Standing> {
    let at = lines.binary_search_by_key(&id, |(id, _)| *id).ok()?;
    lines.get(at).map(|(_, standing)| *standing)
}

fn push(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{line}");
}

/// The text of `population`.
pub(crate) fn population(tally: &Tally, ledger: &Ledger) -> String {
    let mut text = format!("{POPULATION}\nrecords {}\n", tally.records);
    for (kind, count) in &tally.events {
        push(&mut text, format_args!("event {}/{} {count}", kind.name(), kind.version()));
    }
    let counts = population_counts(tally, ledger);
    push(&mut text, format_args!("parts public {}", tally.public));
    push(&mut text, format_args!("parts sealed {}", tally.sealed));
    push(&mut text, format_args!("leaves {}", tally.leaves.len()));
    push(&mut text, format_args!("leaves destroyed {}", counts.leaves_destroyed));
    push(&mut text, format_args!("scopes {}", tally.scopes.len()));
    push(&mut text, format_args!("scopes destroyed {}", counts.scopes_destroyed));
    push(&mut text, format_args!("orders {}", counts.orders));
    push(&mut text, format_args!("receipts {}", counts.receipts));
    text
}

/// The counts that need both the headers and the receipts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) leaves_destroyed: usize,
    pub(crate) scopes_destroyed: usize,
    pub(crate) orders: usize,
    pub(crate) receipts: usize,
}

/// Counts them.
pub(crate) fn population_counts(tally: &Tally, ledger: &Ledger) -> Counts {
    let leaves = tally.leaves.keys().filter(|leaf| ledger.destroyed.leaf(**leaf).is_some());
    let scopes = tally.scopes.keys().filter(|scope| ledger.destroyed.scope(**scope).is_some());
    let cases = || ledger.cases.values();
    Counts {
        leaves_destroyed: leaves.count(),
        scopes_destroyed: scopes.count(),
        orders: cases().filter(|case| case.ordered.is_some()).count(),
        receipts: cases().filter(|case| case.destroyed.is_some()).count(),
    }
}

/// The text of `receipts`.
pub(crate) fn receipts(ledger: &Ledger) -> String {
    let mut text = format!("{RECEIPTS}\n");
    for step in &ledger.steps {
        let ground = ledger.ground(step.order).map_or_else(|| "-".to_owned(), escaped);
        push(&mut text, format_args!("{} {} {} {ground}", step.seq, step.word, step.order));
    }
    text
}

/// A text on one line: a backslash or a character that is not plain becomes `\u{hex}`.
pub(crate) fn escaped(text: &str) -> String {
    let plain = |c: char| is_plain(c) && c != '\\';
    let mut line = String::new();
    for c in text.chars() {
        if plain(c) { line.push(c) } else { line.extend(c.escape_unicode()) }
    }
    line
}

/// The salted hash under which the operator journal witnessed this checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Witness {
    salt: [u8; 32],
    hash: Hash,
}

impl Witness {
    /// `BLAKE3(salt ‖ checkpoint text)`, with the text of three lines that is signed.
    #[must_use]
    pub fn new(salt: [u8; 32], checkpoint: &Checkpoint) -> Self {
        let salted = [salt.as_slice(), checkpoint.text().as_bytes()].concat();
        Self { salt, hash: body_digest(&salted) }
    }

    /// What stands in the operator journal.
    #[must_use]
    pub const fn hash(&self) -> Hash {
        self.hash
    }

    /// The text of `witness`.
    pub(crate) fn text(witness: Option<&Self>) -> String {
        match witness {
            None => format!("{WITNESS}\nabsent\n"),
            Some(Self { salt, hash }) => format!("{WITNESS}\nsalt {}\nhash {hash}\n", Hash(*salt)),
        }
    }

    /// Reads the text of `witness` and recomputes the hash.
    pub(crate) fn parse(text: &str, checkpoint: &Checkpoint) -> Option<Option<Self>> {
        if text == Self::text(None) {
            return Some(None);
        }
        let salt = text.lines().nth(1)?.strip_prefix("salt ")?;
        let witness = Self::new(Hash::from_hex(salt)?.0, checkpoint);
        (Self::text(Some(&witness)) == text).then_some(Some(witness))
    }
}

/// The text of `VERIFY.md`.
pub(crate) fn instructions(origin: &Origin, size: u64) -> String {
    let origin = origin.to_string();
    TEMPLATE.replace("{{origin}}", &origin).replace("{{size}}", &size.to_string())
}
