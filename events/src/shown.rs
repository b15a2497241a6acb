//! What a part about a person tells, as text: for whoever asks what is kept of them.
//!
//! *Invariant:* every field of every part has a text; a type that hides itself from logs has its own.

use std::fmt::Debug;

use record::{Category, SubjectId};

use crate::Answer;
use crate::observe::Remark;

/// One part about a person, opened: what it tells, field by field.
#[derive(Clone, PartialEq, Eq)]
pub struct ToldPart {
    /// The field of the event.
    pub part: &'static str,
    /// Its category.
    pub category: Category,
    /// Whose it is: a person, or a pseudonym.
    pub subject: SubjectId,
    /// Name and text of each field.
    pub fields: Vec<(&'static str, String)>,
}

impl Debug for ToldPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ToldPart").field("part", &self.part).finish_non_exhaustive()
    }
}

/// A value that hides itself from logs, or reads badly there.
pub(crate) trait Legible {
    fn text(&self) -> String;
}

impl Legible for String {
    fn text(&self) -> String {
        self.clone()
    }
}

impl Legible for Option<String> {
    fn text(&self) -> String {
        self.clone().unwrap_or_default()
    }
}

impl Legible for SubjectId {
    fn text(&self) -> String {
        self.to_string()
    }
}

impl Legible for bool {
    fn text(&self) -> String {
        if *self { "ja / yes".to_owned() } else { "nee / no".to_owned() }
    }
}

impl Legible for Answer {
    fn text(&self) -> String {
        match self {
            Self::NotApplicable => "–".to_owned(),
            Self::Score(score) => score.to_string(),
            Self::Choice(option) => format!("#{}", u16::from(*option) + 1),
            Self::Text(text) => text.clone(),
        }
    }
}

impl Legible for Vec<Answer> {
    fn text(&self) -> String {
        self.iter().map(Legible::text).collect::<Vec<_>>().join(" | ")
    }
}

impl Legible for Remark {
    fn text(&self) -> String {
        match self.item {
            Some(item) => format!("{}: {}", u32::from(item) + 1, self.text),
            None => self.text.clone(),
        }
    }
}

impl Legible for Vec<Remark> {
    fn text(&self) -> String {
        self.iter().map(Legible::text).collect::<Vec<_>>().join(" | ")
    }
}

impl Legible for Vec<Option<u8>> {
    fn text(&self) -> String {
        let score = |score: &Option<u8>| score.map_or_else(|| "–".to_owned(), |it| it.to_string());
        self.iter().map(score).collect::<Vec<_>>().join(" ")
    }
}

/// Random bytes that protect the person: that they are kept is told, and not what they are.
impl<const N: usize> Legible for [u8; N] {
    fn text(&self) -> String {
        format!("{N} bytes")
    }
}

/// Picks a value's own text where it has one, and what logs show of it where it has none: of two
/// methods of one name the compiler takes the one that needs no further reference.
pub(crate) struct Field<'a, T>(pub(crate) &'a T);

pub(crate) trait OwnText {
    fn shown(&self) -> String;
}

impl<T: Legible> OwnText for Field<'_, T> {
    fn shown(&self) -> String {
        self.0.text()
    }
}

pub(crate) trait LogText {
    fn shown(&self) -> String;
}

impl<T: Debug> LogText for &Field<'_, T> {
    fn shown(&self) -> String {
        format!("{:?}", self.0)
    }
}
