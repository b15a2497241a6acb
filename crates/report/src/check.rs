//! What a document must hold to before it becomes a form: its limits, and text that shows itself.
//!
//! *Invariant:* a [`Report`] keeps every limit here, and its text holds no character that acts
//! instead of showing: controls and marks of direction stand there by their number.

use crate::model::{Block, Cell, Document, Level, Table};

/// Sections of a document.
pub const SECTIONS_MAX: usize = 500;
/// Blocks of a section.
pub const BLOCKS_MAX: usize = 1_000;
/// Facts of a block, and points of a list.
pub const ITEMS_MAX: usize = 10_000;
/// Tables of a document: each is a sheet and a file.
pub const TABLES_MAX: usize = 100;
/// Columns of a table: more cannot be read on paper.
pub const COLUMNS_MAX: usize = 16;
/// Rows of one table: a page holds about forty, and nobody reads more than two thousand pages.
pub const ROWS_MAX: usize = 50_000;
/// Bytes of a title, a heading, a caption, and each line about the document.
pub const LINE_BYTES_MAX: usize = 300;
/// Bytes of the name of a column, and of the label of a fact.
pub const NAME_BYTES_MAX: usize = 120;
/// Bytes of a cell, a value, a point or a paragraph: a spreadsheet keeps 32,767 characters.
pub const TEXT_BYTES_MAX: usize = 30_000;
/// Bytes of all text together.
pub const DOCUMENT_BYTES_MAX: usize = 16 << 20;
/// Cells, facts, points, paragraphs and line feeds together, empty ones too: what takes place on
/// paper takes memory until the document is whole.
pub const PIECES_MAX: usize = 350_000;

/// A document that keeps the limits.
#[derive(Clone, Debug)]
pub struct Report {
    document: Document,
}

/// Why a document is none that can be handed over. Places count from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A title, issuer, reference, heading, caption, label or column without text.
    #[error("{place}: this text is needed")]
    Missing {
        /// Where.
        place: String,
    },
    /// A text with too many bytes.
    #[error("{place}: more than {limit} bytes")]
    TooLong {
        /// Where.
        place: String,
        /// The limit, in bytes.
        limit: usize,
    },
    /// Too many sections, blocks, facts, tables, columns or rows.
    #[error("{place}: more than {limit} {what}")]
    TooMany {
        /// Where.
        place: String,
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// A table without columns.
    #[error("{place}: a table needs a column")]
    NoColumns {
        /// Where.
        place: String,
    },
    /// A row with more or fewer cells than there are columns.
    #[error("{place}: a row needs a cell for each column")]
    Uneven {
        /// Where.
        place: String,
    },
    /// A cell that is not of the kind of its column.
    #[error("{place}: a cell is not of the kind of its column")]
    WrongKind {
        /// Where.
        place: String,
    },
    /// A part of a chapter without a chapter before it.
    #[error("{place}: a heading of the second level needs one of the first before it")]
    Orphan {
        /// Where.
        place: String,
    },
    /// More text than [`DOCUMENT_BYTES_MAX`].
    #[error("the document holds more than {DOCUMENT_BYTES_MAX} bytes of text")]
    TooLarge,
    /// More cells, facts, points, paragraphs and line feeds than [`PIECES_MAX`].
    #[error("the document holds more than {PIECES_MAX} cells, facts, points and lines")]
    TooManyPieces,
}

impl Report {
    /// Takes a document that keeps the limits.
    ///
    /// Line ends become line feeds, and characters that act instead of showing become their number,
    /// as `[U+202E]`.
    ///
    /// # Errors
    /// The first limit that the document breaks, with the place, and without its text.
    pub fn new(mut document: Document) -> Result<Self, Refused> {
        let mut check = Check::default();
        check.document(&mut document)?;
        Ok(Self { document })
    }

    /// The document as every form shows it.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The tables in reading order.
    pub(crate) fn tables(&self) -> impl Iterator<Item = &Table> {
        let blocks = self.document.sections.iter().flat_map(|section| &section.blocks);
        blocks.filter_map(|block| match block {
            Block::Table(table) => Some(table),
            _ => None,
        })
    }
}

#[derive(Default)]
struct Check {
    bytes: usize,
    pieces: usize,
    tables: usize,
}

impl Check {
    fn document(&mut self, document: &mut Document) -> Result<(), Refused> {
        self.line(&mut document.title, || "title".to_owned())?;
        self.line(&mut document.issuer, || "issuer".to_owned())?;
        self.line(&mut document.reference, || "reference".to_owned())?;
        self.text(&mut document.subject, LINE_BYTES_MAX, || "subject".to_owned())?;
        document.subject = one_line(&document.subject);
        at_most(document.sections.len(), SECTIONS_MAX, "sections", || "document".to_owned())?;
        if document.sections.first().is_some_and(|first| first.level == Level::Two) {
            return Err(Refused::Orphan { place: "section 1".to_owned() });
        }
        for (at, section) in (1..).zip(&mut document.sections) {
            let place = format!("section {at}");
            self.line(&mut section.heading, || place.clone())?;
            at_most(section.blocks.len(), BLOCKS_MAX, "blocks", || place.clone())?;
            for (at, block) in (1..).zip(&mut section.blocks) {
                self.block(block, &format!("{place}, block {at}"))?;
            }
        }
        match (self.bytes > DOCUMENT_BYTES_MAX, self.pieces > PIECES_MAX) {
            (true, _) => Err(Refused::TooLarge),
            (_, true) => Err(Refused::TooManyPieces),
            (false, false) => Ok(()),
        }
    }

    fn block(&mut self, block: &mut Block, place: &str) -> Result<(), Refused> {
        match block {
            Block::Paragraph(text) => self.text(text, TEXT_BYTES_MAX, || place.to_owned()),
            Block::Facts(facts) => {
                at_most(facts.len(), ITEMS_MAX, "facts", || place.to_owned())?;
                (1..).zip(facts).try_for_each(|(at, (label, value))| {
                    let place = || format!("{place}, fact {at}");
                    self.name(label, place)?;
                    self.text(value, TEXT_BYTES_MAX, place)
                })
            }
            Block::List(points) => {
                at_most(points.len(), ITEMS_MAX, "points", || place.to_owned())?;
                (1..).zip(points).try_for_each(|(at, point)| {
                    self.text(point, TEXT_BYTES_MAX, || format!("{place}, point {at}"))
                })
            }
            Block::Table(table) => self.table(table, place),
        }
    }

    fn table(&mut self, table: &mut Table, place: &str) -> Result<(), Refused> {
        self.tables += 1;
        at_most(self.tables, TABLES_MAX, "tables", || "document".to_owned())?;
        self.line(&mut table.caption, || place.to_owned())?;
        self.text(&mut table.note, TEXT_BYTES_MAX, || place.to_owned())?;
        at_most(table.columns.len(), COLUMNS_MAX, "columns", || place.to_owned())?;
        at_most(table.rows.len(), ROWS_MAX, "rows", || place.to_owned())?;
        if table.columns.is_empty() {
            return Err(Refused::NoColumns { place: place.to_owned() });
        }
        for (at, column) in (1..).zip(&mut table.columns) {
            self.name(&mut column.name, || format!("{place}, column {at}"))?;
        }
        for (at, row) in (1..).zip(&mut table.rows) {
            if row.len() != table.columns.len() {
                return Err(Refused::Uneven { place: format!("{place}, row {at}") });
            }
            for (column, (cell, of)) in (1..).zip(row.iter_mut().zip(&table.columns)) {
                let place = || format!("{place}, row {at}, column {column}");
                if !cell.fits(of.kind) {
                    return Err(Refused::WrongKind { place: place() });
                }
                match cell {
                    Cell::Text(text) => self.text(text, TEXT_BYTES_MAX, place)?,
                    _ => self.pieces += 1,
                }
            }
        }
        Ok(())
    }

    /// Text on one line that must be there.
    fn line(&mut self, text: &mut String, place: impl Fn() -> String) -> Result<(), Refused> {
        self.needed(text, LINE_BYTES_MAX, place)
    }

    fn name(&mut self, text: &mut String, place: impl Fn() -> String) -> Result<(), Refused> {
        self.needed(text, NAME_BYTES_MAX, place)
    }

    fn needed(
        &mut self,
        text: &mut String,
        limit: usize,
        place: impl Fn() -> String,
    ) -> Result<(), Refused> {
        self.text(text, limit, &place)?;
        *text = one_line(text);
        if text.is_empty() { Err(Refused::Missing { place: place() }) } else { Ok(()) }
    }

    fn text(
        &mut self,
        text: &mut String,
        limit: usize,
        place: impl Fn() -> String,
    ) -> Result<(), Refused> {
        // Before the work as well as after it: a text that is too long is not copied.
        if text.len() <= limit && !text.chars().all(shows_itself) {
            *text = showing(text);
        }
        self.bytes += text.len();
        self.pieces += 1 + text.bytes().filter(|byte| *byte == b'\n').count();
        if text.len() > limit { Err(Refused::TooLong { place: place(), limit }) } else { Ok(()) }
    }
}

fn at_most(
    count: usize,
    limit: usize,
    what: &'static str,
    place: impl Fn() -> String,
) -> Result<(), Refused> {
    if count > limit { Err(Refused::TooMany { place: place(), what, limit }) } else { Ok(()) }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn showing(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.replace("\r\n", "\n").replace('\r', "\n").chars() {
        if shows_itself(letter) {
            shown.push(letter);
        } else {
            shown.push_str(&numbered(letter));
        }
    }
    shown
}

/// A character by its number, for one that cannot be shown.
pub(crate) fn numbered(letter: char) -> String {
    format!("[U+{:04X}]", u32::from(letter))
}

/// Not a control, a mark of direction (it makes text read as what it is not), or no character.
fn shows_itself(letter: char) -> bool {
    let directs = matches!(letter, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(letter, '\u{2066}'..='\u{2069}');
    let nothing = matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fdd0}'..='\u{fdef}')
        || u32::from(letter) & 0xfffe == 0xfffe;
    matches!(letter, '\n' | '\t') || !(letter.is_control() || directs || nothing)
}
