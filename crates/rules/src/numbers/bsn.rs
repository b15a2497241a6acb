//! Numbers that may be a citizen service number (BSN), so that a writer is stopped in time.
//!
//! A BSN may be kept only where a law prescribes it (UAVG article 46), and no text here is such a
//! place. One of eleven numbers of nine digits passes the test by chance, and so does every number
//! of a legal entity (RSIN): a find is a question to the writer, and nothing is dropped in silence.
//!
//! *Invariant:* a text in which nothing is found has no nine digits that pass the test in any of
//! the writings that [`find_bsn`] lists.

use std::ops::Range;

use super::NumberRefusal;

/// Digits of a BSN.
const DIGITS: usize = 9;

/// What each digit counts for; the last −1 is 10, which is the same modulo 11.
// SOURCE: NEN 1888, the sofi number, whose successor the BSN is.
const WEIGHTS: [u32; DIGITS] = [9, 8, 7, 6, 5, 4, 3, 2, 10];

/// A written number has at most this many groups: `12 34 56 782`.
const GROUPS_MAX: usize = 4;

/// A group has at least so many digits, so that a list of marks is no number.
const GROUP_DIGITS_MIN: usize = 2;

/// What people write between groups: space, full stop, hyphen, and their unbreakable kin.
const SEPARATORS: [char; 7] = [' ', '.', '-', '\u{a0}', '\u{202f}', '\u{2011}', '\u{2013}'];

/// Whether a text is nine digits that pass the 11-test, and not all zero.
///
/// A BSN of eight digits is written with a zero before it; without it, it is none here, since
/// dates and numbers of companies have eight digits too.
#[must_use]
pub fn is_bsn(text: &str) -> bool {
    let digits: Option<Vec<u32>> = text.chars().map(|character| character.to_digit(10)).collect();
    digits.is_some_and(|digits| {
        let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
        digits.len() == DIGITS && sum.is_multiple_of(11) && digits.iter().any(|digit| *digit != 0)
    })
}

/// Where the first number stands that may be a BSN, in bytes.
///
/// Found are nine digits together, and in two to four groups of at least two digits with one
/// separator between them: a space, full stop, hyphen or dash. Letters may touch it, further digits
/// may not, except as a group of their own.
// KNOWN GAP: digits of other scripts, other separators, eight digits, and an education number
// (onderwijsnummer), whose test differs, are not found; it stops mistakes, no evasion.
#[must_use]
pub fn find_bsn(text: &str) -> Option<Range<usize>> {
    let groups = groups(text);
    (0..groups.len()).find_map(|first| bsn_at_start(text, groups.get(first..)?))
}

/// Refuses a text with a number that may be a BSN.
///
/// # Errors
///
/// [`NumberRefusal::PerhapsABsn`], which says what to do.
pub fn without_bsn(field: &'static str, text: &str) -> Result<(), NumberRefusal> {
    match find_bsn(text) {
        Some(_) => Err(NumberRefusal::PerhapsABsn { field }),
        None => Ok(()),
    }
}

/// Digits without anything between them, on both sides as long as they go.
struct Group {
    at: Range<usize>,
    /// One separator and no more stands between the group before and this one.
    is_joined: bool,
}

fn groups(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (at, _) in text.char_indices().filter(|(_, character)| character.is_ascii_digit()) {
        match groups.last_mut() {
            Some(group) if group.at.end == at => group.at.end = at + 1,
            last => {
                let between = last.and_then(|last| text.get(last.at.end..at));
                let is_joined = between.is_some_and(is_separator);
                groups.push(Group { at: at..at + 1, is_joined });
            }
        }
    }
    groups
}

fn is_separator(between: &str) -> bool {
    let mut characters = between.chars();
    let first = characters.next();
    first.is_some_and(|first| SEPARATORS.contains(&first)) && characters.next().is_none()
}

/// A BSN that begins with the first of these groups.
fn bsn_at_start(text: &str, groups: &[Group]) -> Option<Range<usize>> {
    let start = groups.first()?.at.start;
    let mut number = String::new();
    for (n, group) in groups.iter().take(GROUPS_MAX).enumerate() {
        let fits = group.at.len() >= GROUP_DIGITS_MIN && (n == 0 || group.is_joined);
        if !fits || number.len() + group.at.len() > DIGITS {
            return None;
        }
        number.push_str(text.get(group.at.clone())?);
        if number.len() == DIGITS {
            return is_bsn(&number).then_some(start..group.at.end);
        }
    }
    None
}
