//! A document as a workbook: one sheet with everything but the tables, then one for each table.
//!
//! *Invariant:* no cell is a formula: text is written as a string, whatever it begins with.
//! *Invariant:* the same document gives the same bytes; the one date in it is that of making.

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError,
};

use crate::check::Report;
use crate::model::{Block, Cell, Column, Document, Kind, Table};
use crate::words::{Words, particulars};

/// Characters of a sheet's name that Excel takes.
const SHEET_NAME_MAX: usize = 31;
/// Widths of a column, in characters.
const WIDTHS: (usize, usize) = (8, 60);
/// Rows that decide the width of a column: enough to know it, few enough to be quick.
const ROWS_MEASURED: usize = 1_000;

/// A workbook that the library did not make: our fault, not that of the document.
#[derive(Debug, thiserror::Error)]
#[error("the workbook was not made: {reason}")]
pub struct XlsxFault {
    reason: String,
}

impl From<XlsxError> for XlsxFault {
    fn from(fault: XlsxError) -> Self {
        // The name of the fault only: its text may quote a caption.
        let reason = format!("{fault:?}").split('(').next().unwrap_or_default().to_owned();
        Self { reason }
    }
}

impl Report {
    /// The whole document as a workbook for Excel 2007 and newer.
    ///
    /// # Errors
    /// The library refused what the limits allow.
    pub fn xlsx(&self) -> Result<Vec<u8>, XlsxFault> {
        let document = self.document();
        let mut workbook = Workbook::new();
        workbook.set_properties(&properties(document)?);
        let names: Vec<String> =
            (1..).zip(self.tables()).map(|(at, table)| sheet_name(at, &table.caption)).collect();
        overview(workbook.add_worksheet(), document, &names)?;
        let styles = Styles::new();
        for (name, table) in names.iter().zip(self.tables()) {
            let sheet = workbook.add_worksheet();
            sheet.set_name(name)?;
            write_table(sheet, table, &styles)?;
        }
        Ok(workbook.save_to_buffer()?)
    }
}

fn properties(document: &Document) -> Result<DocProperties, XlsxError> {
    let words = Words::of(document.language);
    let made_at = ExcelDateTime::from_timestamp(document.made_at.unix_seconds())?;
    Ok(DocProperties::new()
        .set_title(&document.title)
        .set_author(&document.issuer)
        .set_custom_property(words.language, words.code)
        .set_creation_datetime(&made_at))
}

/// Its number keeps names apart; what Excel refuses in a name becomes a space.
fn sheet_name(at: usize, caption: &str) -> String {
    let allowed = |letter: char| match letter {
        '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'' => ' ',
        other => other,
    };
    let mut name = format!("{at} ");
    for letter in caption.chars().map(allowed) {
        let units: usize = name.chars().map(char::len_utf16).sum();
        if units + letter.len_utf16() > SHEET_NAME_MAX {
            break;
        }
        name.push(letter);
    }
    name.trim_end().to_owned()
}

/// A sheet that is written from top to bottom in two columns.
struct Lines<'a> {
    sheet: &'a mut Worksheet,
    row: u32,
    bold: Format,
    wrapped: Format,
}

impl Lines<'_> {
    fn heading(&mut self, text: &str) -> Result<(), XlsxError> {
        self.sheet.write_string_with_format(self.row, 0, text, &self.bold)?;
        self.row += 1;
        Ok(())
    }

    fn fact(&mut self, label: &str, value: &str) -> Result<(), XlsxError> {
        self.sheet.write_string_with_format(self.row, 0, label, &self.wrapped)?;
        self.sheet.write_string_with_format(self.row, 1, value, &self.wrapped)?;
        self.row += 1;
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), XlsxError> {
        if text.is_empty() { Ok(()) } else { self.fact("", text) }
    }
}

fn overview(sheet: &mut Worksheet, document: &Document, names: &[String]) -> Result<(), XlsxError> {
    let words = Words::of(document.language);
    sheet.set_name(words.sheet)?;
    sheet.set_column_width(0, 32)?;
    sheet.set_column_width(1, 90)?;
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let mut lines = Lines { sheet, row: 0, bold: Format::new().set_bold(), wrapped };
    lines.heading(&document.title)?;
    lines.text(&document.subject)?;
    for (label, value) in particulars(document) {
        lines.fact(label, &value)?;
    }
    let mut names = names.iter();
    for section in &document.sections {
        lines.row += 1;
        lines.heading(&section.heading)?;
        for block in &section.blocks {
            match block {
                Block::Paragraph(text) => lines.text(text)?,
                Block::Facts(facts) => {
                    facts.iter().try_for_each(|(label, value)| lines.fact(label, value))?;
                }
                Block::List(points) => points.iter().try_for_each(|point| lines.text(point))?,
                Block::Table(table) => {
                    let name = names.next().map(String::as_str).unwrap_or_default();
                    lines.fact(&table.caption, &format!("{} {name}", words.see_sheet))?;
                    lines.text(&table.note)?;
                }
            }
        }
    }
    Ok(())
}

/// The few formats of a workbook; dates and hours look the same in every locale.
struct Styles {
    header: Format,
    text: Format,
    date: Format,
    hours: Format,
}

impl Styles {
    fn new() -> Self {
        let top = Format::new().set_align(FormatAlign::Top);
        Self {
            header: top.clone().set_bold().set_text_wrap(),
            text: top.clone().set_text_wrap(),
            date: top.clone().set_num_format("yyyy-mm-dd").set_align(FormatAlign::Left),
            hours: top.set_num_format("[h]:mm"),
        }
    }

    fn number(decimals: u8) -> Format {
        let form = match usize::from(decimals) {
            0 => "0".to_owned(),
            places => format!("0.{}", "0".repeat(places)),
        };
        Format::new().set_align(FormatAlign::Top).set_num_format(form)
    }
}

fn write_table(sheet: &mut Worksheet, table: &Table, styles: &Styles) -> Result<(), XlsxError> {
    for (column, place) in table.columns.iter().zip(0u16..) {
        sheet.write_string_with_format(0, place, &column.name, &styles.header)?;
        sheet.set_column_width(place, width(table, column, usize::from(place)))?;
    }
    let mut last = 0;
    for (row, at) in table.rows.iter().zip(1u32..) {
        for (cell, place) in row.iter().zip(0u16..) {
            write_cell(sheet, (at, place), cell, styles)?;
        }
        last = at;
    }
    let columns = u16::try_from(table.columns.len()).unwrap_or(u16::MAX);
    sheet.autofilter(0, 0, last, columns.saturating_sub(1))?;
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_paper_size(PAPER_A4);
    if table.columns.len() > COLUMNS_UPRIGHT {
        sheet.set_landscape();
    }
    Ok(())
}

/// As the file format numbers paper.
const PAPER_A4: u8 = 9;
/// More columns are printed on a page that lies.
const COLUMNS_UPRIGHT: usize = 6;

fn write_cell(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    styles: &Styles,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        // `write_string` and never `write`: the latter would look at what the text is.
        Cell::Text(text) => {
            sheet.write_string_with_format(row, column, text, &styles.text)?;
        }
        Cell::Number(number) => {
            let style = Styles::number(number.decimals());
            sheet.write_number_with_format(row, column, number.binary(), &style)?;
        }
        Cell::Date(date) => {
            let (year, month, day) = date.parts();
            let day = ExcelDateTime::from_ymd(year, month, day)?;
            sheet.write_datetime_with_format(row, column, &day, &styles.date)?;
        }
        Cell::Hours(minutes) => {
            sheet.write_number_with_format(row, column, minutes.days(), &styles.hours)?;
        }
    }
    Ok(())
}

fn width(table: &Table, column: &Column, place: usize) -> f64 {
    let cells = table.rows.iter().take(ROWS_MEASURED).filter_map(|row| row.get(place));
    let longest = match column.kind {
        Kind::Date => 10,
        _ => cells.map(|cell| letters(&cell.plain())).max().unwrap_or_default(),
    };
    // Two more than the letters: room for the button of the filter.
    let letters = longest.max(letters(&column.name)).clamp(WIDTHS.0, WIDTHS.1) + 2;
    u32::try_from(letters).map_or(0.0, f64::from)
}

fn letters(text: &str) -> usize {
    text.lines().map(|line| line.chars().count()).max().unwrap_or_default()
}
