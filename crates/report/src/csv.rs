//! Tables as CSV: RFC 4180, one file for each table.
//!
//! *Invariant:* no cell is a formula: text that a spreadsheet would run begins with an apostrophe
//! (OWASP, CSV injection), and text is always in quotes, so that no separator ends it early.

use crate::check::Report;
use crate::model::{Cell, Table};

/// Bytes of the name of a file, without number and ending.
const NAME_BYTES_MAX: usize = 60;

/// Whether a file begins with the mark by which Excel knows UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// With the bytes EF BB BF: for people with a spreadsheet.
    With,
    /// Without: for programs.
    Without,
}

/// One table as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvFile {
    /// Such as `01-leerlingen.csv`: lower case letters, digits and hyphens, different for each file.
    pub name: String,
    /// UTF-8, lines that end in CR LF, the first with the names of the columns.
    pub bytes: Vec<u8>,
}

impl Report {
    /// Each table as a file, in reading order; nothing else of the document.
    #[must_use]
    pub fn csv(&self, mark: Mark) -> Vec<CsvFile> {
        let files = (1..).zip(self.tables());
        files
            .map(|(at, table)| CsvFile { name: name(at, table), bytes: file(table, mark) })
            .collect()
    }
}

fn name(at: usize, table: &Table) -> String {
    let letters = table.caption.chars().flat_map(char::to_lowercase);
    let dashed: String =
        letters.map(|letter| if letter.is_ascii_alphanumeric() { letter } else { ' ' }).collect();
    let mut slug = dashed.split_whitespace().collect::<Vec<_>>().join("-");
    slug.truncate(NAME_BYTES_MAX);
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { format!("{at:02}.csv") } else { format!("{at:02}-{slug}.csv") }
}

fn file(table: &Table, mark: Mark) -> Vec<u8> {
    let mut out = String::new();
    if mark == Mark::With {
        out.push('\u{feff}');
    }
    line(&mut out, table.columns.iter().map(|column| quoted(&column.name)));
    for row in &table.rows {
        line(&mut out, row.iter().map(field));
    }
    out.into_bytes()
}

fn line(out: &mut String, fields: impl Iterator<Item = String>) {
    for (at, field) in fields.enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(&field);
    }
    out.push_str("\r\n");
}

/// Numbers, dates and hours are of our own making: a minus sign there is no formula.
fn field(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => quoted(text),
        other => other.plain(),
    }
}

fn quoted(text: &str) -> String {
    let apostrophe = if runs(text) { "'" } else { "" };
    format!("\"{apostrophe}{}\"", text.replace('"', "\"\""))
}

// SOURCE: OWASP, "CSV Injection", which names the wide forms too; a line feed or a space before the
// sign is skipped by some programs.
fn runs(text: &str) -> bool {
    text.starts_with(['\t', '\r', '\n'])
        || text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}
