//! What a report says: one description, from which every form is made.
//!
//! *Invariant:* a document says nothing about how it looks; a form says nothing that is not here.

use crate::values::{Date, Minutes, Moment, Number};

/// A register, a certificate, or a package of what is kept about somebody.
#[derive(Clone, Debug)]
pub struct Document {
    /// The heading of the whole, and the title in the metadata of every form.
    pub title: String,
    /// The language of all text in it.
    pub language: Language,
    /// One line under the title: whom or what this is about; empty for none. Never in metadata.
    pub subject: String,
    /// Who answers for the contents; the author in the metadata.
    pub issuer: String,
    /// When the contents were true; the only date in the metadata.
    pub made_at: Moment,
    /// By what name the issuer finds this back.
    pub reference: String,
    /// The contents, in reading order.
    pub sections: Vec<Section>,
}

/// The language that a report is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// `nl`; numbers have a decimal comma where people read them.
    Dutch,
    /// `en`
    English,
}

/// A heading and what stands under it.
#[derive(Clone, Debug)]
pub struct Section {
    /// The text of the heading.
    pub heading: String,
    /// How deep the heading is.
    pub level: Level,
    /// What stands under it, in reading order.
    pub blocks: Vec<Block>,
}

/// How deep a heading is; the title of the document is above both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// A chapter.
    One,
    /// A part of the chapter before it.
    Two,
}

/// One piece of contents.
#[derive(Clone, Debug)]
pub enum Block {
    /// Running text; a line feed begins a new line.
    Paragraph(String),
    /// Labels and their values.
    Facts(Vec<(String, String)>),
    /// Points without an order.
    List(Vec<String>),
    /// Rows of the same kind.
    Table(Table),
}

/// Rows of the same kind.
#[derive(Clone, Debug)]
pub struct Table {
    /// What the table shows; it names the sheet and the file too.
    pub caption: String,
    /// One for each cell of a row.
    pub columns: Vec<Column>,
    /// Each with a cell for every column, empty or of the kind of the column.
    pub rows: Vec<Vec<Cell>>,
    /// A remark under the table; empty for none.
    pub note: String,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// The text of its header.
    pub name: String,
    /// What its cells hold.
    pub kind: Kind,
}

impl Column {
    /// A column with this header, for cells of this kind.
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        Self { name: name.into(), kind }
    }
}

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text; moments too, as ISO 8601 with their zone.
    Text,
    /// Exact decimal numbers.
    Number,
    /// Days of the calendar.
    Date,
    /// Durations in hours and minutes.
    Hours,
}

/// One value in a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing; fits every column.
    Empty,
    /// For [`Kind::Text`].
    Text(String),
    /// For [`Kind::Number`].
    Number(Number),
    /// For [`Kind::Date`].
    Date(Date),
    /// For [`Kind::Hours`].
    Hours(Minutes),
}

impl Cell {
    /// What people read, in PDF and HTML.
    #[must_use]
    pub fn shown(&self, language: Language) -> String {
        match (self, language) {
            (Self::Number(number), Language::Dutch) => number.to_string().replace('.', ","),
            _ => self.plain(),
        }
    }

    /// What programs read, in CSV: the same in every language.
    pub(crate) fn plain(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Date(date) => date.to_string(),
            Self::Hours(minutes) => minutes.to_string(),
        }
    }

    pub(crate) fn fits(&self, kind: Kind) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(_) => kind == Kind::Text,
            Self::Number(_) => kind == Kind::Number,
            Self::Date(_) => kind == Kind::Date,
            Self::Hours(_) => kind == Kind::Hours,
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Number> for Cell {
    fn from(number: Number) -> Self {
        Self::Number(number)
    }
}

impl From<Date> for Cell {
    fn from(date: Date) -> Self {
        Self::Date(date)
    }
}

impl From<Minutes> for Cell {
    fn from(minutes: Minutes) -> Self {
        Self::Hours(minutes)
    }
}
