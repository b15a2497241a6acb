//! What each invented person says: words that occur nowhere else, from a number and a seed.
//!
//! *Invariant:* no mark is built on the stack, where the product is not to blame for it.

use engine::ImportRow;
use events::{Answer, Identity};

/// A word of one person: `kind` and 16 letters: digits may look like a citizen number.
pub(crate) fn mark(kind: &str, seed: u64, number: u64) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_be_bytes()).update(&number.to_be_bytes()).update(kind.as_bytes());
    let mut text = String::with_capacity(64);
    text.push_str(kind);
    for byte in &hasher.finalize().as_bytes()[..8] {
        text.extend(
            [byte >> 4, byte & 15].map(|digit| char::from(b"ghijklmnopabcdef"[usize::from(digit)])),
        );
    }
    text
}

/// The words that must be gone with a person.
pub(crate) fn words(seed: u64, number: u64) -> [Vec<u8>; 3] {
    ["Qn", "qe", "Qa"].map(|kind| mark(kind, seed, number).into_bytes())
}

pub(crate) fn identity(seed: u64, number: u64) -> Identity {
    let mut name = String::with_capacity(64);
    name.push_str("Onbestaande ");
    name.push_str(&mark("Qn", seed, number));
    let mut email = mark("qe", seed, number);
    email.push_str("@nergens.example");
    Identity { name, email: Some(email) }
}

pub(crate) fn answers(seed: u64, number: u64) -> Vec<Answer> {
    let mut text = String::with_capacity(64);
    text.push_str("Ik vond ");
    text.push_str(&mark("Qa", seed, number));
    let score = u8::try_from(number % 5 + 1).unwrap_or(1);
    vec![Answer::Score(score), Answer::Text(text)]
}

pub(crate) fn group(number: u64) -> String {
    format!("group {}", number % 7)
}

/// A row of an import with a name.
pub(crate) fn row(seed: u64, number: u64) -> ImportRow {
    let (group, answers) = (group(number), answers(seed, number));
    ImportRow { group, answers, identity: Some(identity(seed, number)) }
}
