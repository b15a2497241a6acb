//! PDF, read by poppler and by pypdf.

use report::{Block, Document, Language, Report};

use crate::sample;
use crate::tools::{hex, poppler, python, written};

/// All text of a document in reading order, without spaces, as paper shows it.
fn spoken(report: &Report) -> Vec<String> {
    let document = report.document();
    let mut said = vec![
        document.title.clone(),
        document.subject.clone(),
        "Uitgegeven door".to_owned(),
        document.issuer.clone(),
        "Opgemaakt op".to_owned(),
        document.made_at.to_string(),
        "Kenmerk".to_owned(),
        document.reference.clone(),
    ];
    for section in &document.sections {
        said.push(section.heading.clone());
        for block in &section.blocks {
            match block {
                Block::Paragraph(text) => said.push(text.clone()),
                Block::Facts(facts) => {
                    facts
                        .iter()
                        .for_each(|(label, value)| said.extend([label.clone(), value.clone()]));
                }
                Block::List(points) => said.extend(points.iter().cloned()),
                Block::Table(table) => {
                    said.push(table.caption.clone());
                    said.extend(table.columns.iter().map(|column| column.name.clone()));
                    let cells = table.rows.iter().flatten();
                    said.extend(cells.map(|cell| cell.shown(Language::Dutch)));
                    said.push(table.note.clone());
                }
            }
        }
    }
    said.iter().map(|text| dense(&numbered(text))).collect()
}

fn dense(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

/// What the sample has and the fonts have not.
fn numbered(text: &str) -> String {
    let shown = |letter: char| match letter {
        '\u{1f600}' | '＝' | '\u{620}'..='\u{64a}' => format!("[U+{:04X}]", u32::from(letter)),
        other => other.to_string(),
    };
    text.chars().map(shown).collect()
}

/// The first text that does not follow the ones before it.
fn lost(read: &str, said: &[String]) -> Option<String> {
    let mut rest = read;
    for text in said {
        match rest.split_once(text.as_str()) {
            Some((_, after)) => rest = after,
            None => return Some(text.clone()),
        }
    }
    None
}

#[test]
fn poppler_reads_every_text_in_order() {
    let report = sample::report(200);
    let (_folder, path) = written("report.pdf", &report.pdf().unwrap());
    let Some(read) = poppler("pdftotext", &["-raw"], &path) else { return };
    let (read, mut said) = (dense(&read), spoken(&report));
    assert_eq!(lost(&read, &said), None);
    // The control: texts in another order are not found.
    let last = said.len() - 1;
    said.swap(0, last);
    assert!(lost(&read, &said).is_some());
}

#[test]
fn poppler_finds_the_tree_and_embedded_fonts() {
    let report = sample::report(3);
    let (_folder, path) = written("report.pdf", &report.pdf().unwrap());
    let Some(tree) = poppler("pdfinfo", &["-struct-text"], &path) else { return };
    for part in [
        "Document\n  H1 \"Inzage <b>van</b> \"gegevens\"\" (block)",
        "  Table (block)\n    Caption\n      \"Antwoorden & toegang: alles\"",
        "    THead\n      TR\n        TH:\n           /Scope /Column\n          \"Nr.\"",
        "    TBody\n      TR\n        TD\n          \"0\"",
        "LBody (block)\n        \"punt twee\"",
    ] {
        assert!(tree.contains(part), "{part}\nin\n{tree}");
    }
    let fonts = poppler("pdffonts", &[], &path).unwrap_or_default();
    let rows: Vec<&str> = fonts.lines().skip(2).collect();
    assert_eq!(rows.len(), 2, "{fonts}");
    assert!(rows.iter().all(|row| row.contains("NotoSans") && row.contains("yes yes yes")));
}

#[test]
fn two_thousand_rows_have_their_header_on_every_page() {
    let report = sample::report(2_000);
    let (_folder, path) = written("report.pdf", &report.pdf().unwrap());
    let Some(read) = poppler("pdftotext", &["-raw"], &path) else { return };
    let pages: Vec<&str> = read.trim_end_matches('\u{c}').split('\u{c}').collect();
    assert!(pages.len() > 60, "{} pages", pages.len());
    for (at, page) in (1..).zip(&pages) {
        let number = format!("Pagina {at} van {}", pages.len());
        assert!(page.contains(&number), "{number}");
        assert!(at == 1 || page.contains("Nr. =Naam"), "page {at} has no header:\n{page}");
    }
    let Some(found) = python(include_str!("readers/pdf.py"), "pypdf", &path) else { return };
    let has = |line: &str| assert!(found.iter().any(|it| it == line), "{line} in {found:#?}");
    has("tag /TBody/TR 2000");
    has("tag /TR/TD 10000");
    // Repeated headers are artifacts: the tree has each header once.
    has("tag /TR/TH 10");
}

#[test]
fn pypdf_finds_language_title_tags_and_outline() {
    let report = sample::report(10);
    let (_folder, path) = written("report.pdf", &report.pdf().unwrap());
    let Some(found) = python(include_str!("readers/pdf.py"), "pypdf", &path) else { return };
    let title = hex(&report.document().title);
    let expected = [
        "lang nl",
        "marked True",
        "display title True",
        "info ['/Author', '/CreationDate', '/ModDate', '/Title']",
        &format!("title {title}"),
        "ua True a True",
        "tabs True",
        "tag /Document 1",
        "tag /Document/H1 1",
        "tag /Document/H2 2",
        "tag /Document/H3 1",
        "tag /Document/L 3",
        "tag /Document/P 4",
        "tag /Document/Table 2",
        "tag /L/LI 6",
        "tag /LI/LBody 6",
        "tag /LI/Lbl 6",
        "tag /TBody/TR 10",
        "tag /THead/TR 2",
        "tag /TR/TD 50",
        "tag /TR/TH 10",
        "tag /Table/Caption 2",
        "tag /Table/TBody 1",
        "tag /Table/THead 2",
        "scopes {'/Column': 10}",
        "cells in a row [5]",
        &format!("outline 0 {title}"),
        &format!("outline 0 {}", hex("Wat er is")),
        &format!("outline 0 {}", hex("Tabellen")),
        &format!("outline 1 {}", hex("Alle rijen")),
    ];
    assert_eq!(found, expected);
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    assert_eq!(sample::report(300).pdf().unwrap(), sample::report(300).pdf().unwrap());
}

/// A document with one table of one text column.
fn column(texts: Vec<String>) -> Document {
    let mut table = sample::table("Kolom", 0);
    table.columns.retain(|column| column.name == "=Naam");
    table.rows = texts.into_iter().map(|text| vec![text.into()]).collect();
    sample::document(vec![table])
}

#[test]
fn every_character_can_be_written() {
    let all: Vec<char> =
        (0..0x3_1000).chain(0xe_0000..0xe_0200).filter_map(char::from_u32).collect();
    let texts = all.chunks(64).map(|chunk| chunk.iter().collect()).collect();
    let report = Report::new(column(texts)).unwrap();
    report.pdf().unwrap();
    report.xlsx().unwrap();
}

#[test]
fn a_row_that_is_higher_than_a_page_goes_on() {
    let words: Vec<String> = (0..3_000).map(|at| format!("woord{at}")).collect();
    let report = Report::new(column(vec!["voor".into(), words.join(" "), "na".into()])).unwrap();
    let (_folder, path) = written("report.pdf", &report.pdf().unwrap());
    let Some(read) = poppler("pdftotext", &["-raw"], &path) else { return };
    assert_eq!(lost(&dense(&read), &words), None);
    assert!(read.matches('\u{c}').count() > 3);
}

#[test]
fn sixteen_columns_with_long_names_end() {
    let mut table = sample::table("Breed", 0);
    let name = "W".repeat(report::NAME_BYTES_MAX);
    table.columns = vec![report::Column::new(name, report::Kind::Text); report::COLUMNS_MAX];
    table.rows = vec![vec!["W".repeat(500).as_str().into(); report::COLUMNS_MAX]; 4];
    let report = Report::new(sample::document(vec![table])).unwrap();
    assert!(report.pdf().unwrap().len() > 1_000);
}
