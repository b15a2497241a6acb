//! CSV, read by Python's own module.

use report::{Cell, Mark};

use crate::sample::{self, HOSTILE};
use crate::tools::{hex, python, written};

/// What a reader must find: an apostrophe before text that a spreadsheet would run.
fn expected(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => guarded(text),
        Cell::Number(number) => number.to_string(),
        Cell::Date(date) => date.to_string(),
        Cell::Hours(minutes) => minutes.to_string(),
    }
}

fn guarded(text: &str) -> String {
    let signs = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n'];
    let runs = text.trim_start_matches(' ').starts_with(signs);
    if runs { format!("'{text}") } else { text.to_owned() }
}

#[test]
fn python_reads_what_was_written() {
    let report = sample::report(200);
    for mark in [Mark::With, Mark::Without] {
        let files = report.csv(mark);
        let tables = sample::tables(&report);
        assert_eq!(files.len(), tables.len());
        for (file, table) in files.iter().zip(tables) {
            assert_eq!(file.bytes.starts_with(b"\xef\xbb\xbf"), mark == Mark::With);
            let (_folder, path) = written(&file.name, &file.bytes);
            let Some(found) = python(include_str!("readers/csv.py"), "csv", &path) else { return };
            let line = |cells: Vec<String>| {
                let fields = cells.iter().map(|cell| match hex(cell) {
                    empty if empty.is_empty() => "-".to_owned(),
                    hex => hex,
                });
                fields.collect::<Vec<_>>().join(" ")
            };
            let header = table.columns.iter().map(|column| guarded(&column.name)).collect();
            let rows = table.rows.iter().map(|row| line(row.iter().map(expected).collect()));
            let lines: Vec<String> = std::iter::once(line(header)).chain(rows).collect();
            assert_eq!(found, lines);
        }
    }
}

#[test]
fn no_hostile_text_begins_a_field() {
    let report = sample::report(HOSTILE.len());
    let files = report.csv(Mark::Without);
    let text = std::str::from_utf8(&files[0].bytes).unwrap();
    let signs = ["=", "+", "@", "\t", "\n", " =", "＝", "-2+3"];
    for sign in signs {
        assert!(!text.contains(&format!("\"{sign}")), "a field begins with {sign:?}");
        assert!(text.contains(&format!("\"'{sign}")), "the sample has {sign:?}");
    }
    assert!(text.contains(",-50.00,"), "a negative number stays a number");
}

#[test]
fn names_of_files_are_plain_and_different() {
    let names: Vec<String> =
        sample::report(1).csv(Mark::Without).into_iter().map(|file| file.name).collect();
    assert_eq!(names, ["01-antwoorden-toegang-alles.csv", "02-leeg.csv"]);
}
