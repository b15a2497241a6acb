//! What a document must hold to, and that a refusal names the place and never the text.

use report::{
    Block, COLUMNS_MAX, Cell, Column, Document, Kind, LINE_BYTES_MAX, Level, ROWS_MAX, Refused,
    Report, TABLES_MAX, TEXT_BYTES_MAX, Table,
};

use crate::sample;

fn refused(change: impl Fn(&mut Document)) -> String {
    let mut document = sample::document(vec![sample::table("Tabel", 2)]);
    change(&mut document);
    Report::new(document).unwrap_err().to_string()
}

fn refused_table(change: impl Fn(&mut Table)) -> String {
    refused(|document| {
        let Block::Table(table) = &mut document.sections[2].blocks[0] else { panic!("a table") };
        change(table);
    })
}

#[test]
fn each_limit_refuses_with_its_place() {
    let long = "a".repeat(TEXT_BYTES_MAX + 1);
    let line = "a".repeat(LINE_BYTES_MAX + 1);
    assert_eq!(refused(|it| it.title = " \n ".into()), "title: this text is needed");
    assert_eq!(refused(|it| it.issuer.clear()), "issuer: this text is needed");
    assert_eq!(refused(|it| it.reference = line.clone()), "reference: more than 300 bytes");
    assert_eq!(
        refused(|it| it.sections[0].blocks[0] = Block::Paragraph(long.clone())),
        "section 1, block 1: more than 30000 bytes"
    );
    assert_eq!(
        refused(|it| it.sections[0].level = Level::Two),
        "section 1: a heading of the second level needs one of the first before it"
    );
    assert_eq!(
        refused(|it| it.sections = vec![it.sections[0].clone(); 501]),
        "document: more than 500 sections"
    );
    assert_eq!(
        refused(|it| {
            let table = it.sections[2].blocks[0].clone();
            it.sections[2].blocks = vec![table; TABLES_MAX + 1];
        }),
        "document: more than 100 tables"
    );
}

#[test]
fn each_limit_of_a_table_refuses_with_its_place() {
    let long = "a".repeat(TEXT_BYTES_MAX + 1);
    let place = "section 3, block 1";
    assert_eq!(
        refused_table(|it| it.rows[1][1] = long.as_str().into()),
        format!("{place}, row 2, column 2: more than 30000 bytes")
    );
    assert_eq!(
        refused_table(|it| it.rows[1][2] = "2026-11-27".into()),
        format!("{place}, row 2, column 3: a cell is not of the kind of its column")
    );
    assert_eq!(
        refused_table(|it| it.rows[0].truncate(4)),
        format!("{place}, row 1: a row needs a cell for each column")
    );
    assert_eq!(refused_table(|it| it.columns.clear()), format!("{place}: a table needs a column"));
    assert_eq!(
        refused_table(|it| it.columns = vec![Column::new("a", Kind::Text); COLUMNS_MAX + 1]),
        format!("{place}: more than 16 columns")
    );
    assert_eq!(
        refused_table(|it| it.rows = vec![vec![Cell::Empty; 5]; ROWS_MAX + 1]),
        format!("{place}: more than 50000 rows")
    );
    assert_eq!(
        refused_table(|it| it.columns[1].name = "a".repeat(121)),
        format!("{place}, column 2: more than 120 bytes")
    );
}

#[test]
fn text_that_grows_past_the_limit_by_being_shown_is_refused() {
    let controls = "\u{202e}".repeat(TEXT_BYTES_MAX / 3);
    assert_eq!(
        refused_table(|it| it.rows[0][1] = controls.as_str().into()),
        "section 3, block 1, row 1, column 2: more than 30000 bytes"
    );
}

#[test]
fn all_text_together_has_a_limit() {
    let text = "a".repeat(TEXT_BYTES_MAX);
    let found = Report::new({
        let mut document = sample::document(vec![]);
        document.sections[0].blocks = vec![Block::Paragraph(text); 600];
        document
    });
    assert_eq!(found.unwrap_err(), Refused::TooLarge);
}

#[test]
fn a_table_of_all_rows_and_six_columns_is_taken() {
    let mut table = sample::table("Alles", 0);
    table.columns = vec![Column::new("a", Kind::Text); 6];
    table.rows = vec![vec!["a".into(); 6]; ROWS_MAX];
    assert!(Report::new(sample::document(vec![table])).is_ok());
}

#[test]
fn what_is_empty_counts_too() {
    let said = "the document holds more than 350000 cells, facts, points and lines";
    assert_eq!(
        refused(|it| {
            let columns = vec![Column::new("a", Kind::Hours); 16];
            let rows = vec![vec![Cell::Empty; 16]; 22_000];
            let table = Table { caption: "a".into(), columns, rows, note: String::new() };
            it.sections[0].blocks = vec![Block::Table(table)];
        }),
        said
    );
    assert_eq!(
        refused(|it| it.sections[0].blocks = vec![Block::Paragraph("\n".repeat(30_000)); 12]),
        said
    );
}

#[test]
fn line_ends_and_acting_characters_become_visible_once() {
    let mut document = sample::document(vec![]);
    document.title = " a\r\nb\u{85}c ".into();
    document.sections[0].blocks = vec![Block::Paragraph("a\r\nb\rc\u{200f}\t".into())];
    let report = Report::new(document).unwrap();
    assert_eq!(report.document().title, "a b[U+0085]c");
    let Block::Paragraph(text) = &report.document().sections[0].blocks[0] else { panic!("text") };
    assert_eq!(text, "a\nb\nc[U+200F]\t");
}
