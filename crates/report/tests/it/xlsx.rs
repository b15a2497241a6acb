//! XLSX, read by openpyxl.

use report::{Cell, Table};

use crate::sample;
use crate::tools::{hex, python, written};

#[test]
fn openpyxl_reads_what_was_written_cell_for_cell() {
    let report = sample::report(200);
    let (_folder, path) = written("report.xlsx", &report.xlsx().unwrap());
    let Some(found) = python(include_str!("readers/xlsx.py"), "openpyxl", &path) else { return };
    let sheets: Vec<&[String]> = found.chunk_by(|_, next| !next.starts_with("sheet ")).collect();
    let document = report.document();
    assert_eq!(
        sheets[0],
        [
            format!("title {}", hex(&document.title)),
            format!("creator {}", hex(&document.issuer)),
            "created 2026-11-26T23:30:15".to_owned(),
            "custom Taal nl".to_owned(),
        ]
    );
    assert_eq!(sheets[1][0], format!("sheet {} None None", hex("Overzicht")));
    for text in
        [&document.title, &document.subject, "Een noot bij de tabel.", "De <Wilg>", "punt één"]
    {
        let shown = format!(" text {} ", hex(text));
        assert!(sheets[1].iter().any(|line| line.contains(&shown)), "{text}");
    }
    let tables = sample::tables(&report);
    let names = ["1 Antwoorden & toegang  alles", "2 Leeg"];
    let filters = ["A1:E201", "A1:E1"];
    for at in 0..2 {
        let sheet = format!("sheet {} A2 {}", hex(names[at]), filters[at]);
        let lines: Vec<String> = std::iter::once(sheet).chain(cells(tables[at])).collect();
        assert_eq!(sheets[at + 2], lines);
    }
    assert_eq!(sheets.len(), 4);
}

fn cells(table: &Table) -> Vec<String> {
    let mut lines = Vec::new();
    for (at, column) in (1..).zip(&table.columns) {
        lines.push(format!("1 {at} text {} bold", hex(&column.name)));
    }
    for (row, cells) in (2..).zip(&table.rows) {
        for (column, cell) in (1..).zip(cells) {
            let value = match cell {
                Cell::Empty => continue,
                Cell::Text(text) if text.is_empty() => continue,
                Cell::Text(text) => format!("text {} plain", hex(text)),
                Cell::Number(number) => format!("number {number}"),
                Cell::Date(date) => format!("date {date}"),
                Cell::Hours(minutes) => format!("minutes {}", minutes.0),
            };
            lines.push(format!("{row} {column} {value}"));
        }
    }
    lines
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    assert_eq!(sample::report(300).xlsx().unwrap(), sample::report(300).xlsx().unwrap());
}

#[test]
fn captions_that_excel_refuses_as_names_are_taken() {
    let captions = ["[a]:*?/\\", "'", "History", "\u{1f600}".repeat(40).leak(), "Dubbel", "dubbel"];
    let tables = captions.map(|caption| sample::table(caption, 1)).to_vec();
    let report = report::Report::new(sample::document(tables)).unwrap();
    assert!(!report.xlsx().unwrap().is_empty());
}
