//! A document as one accessible HTML page that stands alone.
//!
//! *Invariant:* every text goes through [`escaped`]; the page has no script, links nothing, and its
//! one style is named by [`CONTENT_SECURITY_POLICY`], which stands in the page too.

use std::fmt::Write as _;

use crate::check::Report;
use crate::model::{Block, Column, Document, Kind, Language, Level, Section, Table};
use crate::words::{Words, particulars};

/// What the one `<style>` element of every page holds.
pub const STYLE: &str = "\
:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{line-height:1.2;margin-bottom:.25rem}
h2{border-bottom:1px solid;margin-top:2.5rem;padding-bottom:.25rem}
p,dd,li,td{white-space:pre-wrap;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:fit-content(30%) 1fr;gap:.25rem 1.5rem}
dt{font-weight:600}
dd{margin:0}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}
caption{font-weight:600;text-align:left;padding:.5rem 0}
th,td{border-bottom:1px solid;padding:.3rem .6rem;text-align:left;vertical-align:top}
thead th{border-bottom-width:2px}
.n{text-align:right;font-variant-numeric:tabular-nums}
@media print{body{max-width:none;margin:0}thead{display:table-header-group}tr{break-inside:avoid}}
";

/// The digest of [`STYLE`] as a content security policy names it.
pub const STYLE_HASH: &str = "sha256-SBL5wmeS5KF7XWzylcvyrB7ylyYZJY4Y/hhrmze/tro=";

/// The strictest policy under which the page shows as meant; send it as a header too.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'sha256-SBL5wmeS5KF7XWzylcvyrB7ylyYZJY4Y/hhrmze/tro='; base-uri 'none'; form-action 'none'";

impl Report {
    /// The whole document as one page of HTML, in UTF-8.
    #[must_use]
    pub fn html(&self) -> String {
        let document = self.document();
        let mut out = String::new();
        head(&mut out, document);
        let mut tables = 0;
        for section in &document.sections {
            section_of(&mut out, section, document.language, &mut tables);
        }
        out.push_str("</main>\n</body>\n</html>\n");
        out
    }
}

fn head(out: &mut String, document: &Document) {
    let title = escaped(&document.title);
    let code = Words::of(document.language).code;
    put(out, format_args!("<!DOCTYPE html>\n<html lang=\"{code}\">\n<head>\n"));
    out.push_str("<meta charset=\"utf-8\">\n");
    put(
        out,
        format_args!(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"{CONTENT_SECURITY_POLICY}\">\n"
        ),
    );
    out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    put(out, format_args!("<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n"));
    put(out, format_args!("<body>\n<main>\n<h1>{title}</h1>\n"));
    if !document.subject.is_empty() {
        put(out, format_args!("<p>{}</p>\n", escaped(&document.subject)));
    }
    let facts = particulars(document);
    facts_of(out, facts.iter().map(|(label, value)| (*label, value.as_str())));
}

fn section_of(out: &mut String, section: &Section, language: Language, tables: &mut usize) {
    let level = match section.level {
        Level::One => 2,
        Level::Two => 3,
    };
    put(out, format_args!("<h{level}>{}</h{level}>\n", escaped(&section.heading)));
    for block in &section.blocks {
        match block {
            Block::Paragraph(text) => put(out, format_args!("<p>{}</p>\n", escaped(text))),
            Block::Facts(facts) => {
                facts_of(out, facts.iter().map(|(label, value)| (label.as_str(), value.as_str())));
            }
            Block::List(points) => list_of(out, points),
            Block::Table(table) => {
                *tables += 1;
                table_of(out, table, language, *tables);
            }
        }
    }
}

fn facts_of<'a>(out: &mut String, facts: impl Iterator<Item = (&'a str, &'a str)>) {
    let mut facts = facts.peekable();
    if facts.peek().is_none() {
        return;
    }
    out.push_str("<dl>\n");
    for (label, value) in facts {
        put(out, format_args!("<dt>{}</dt><dd>{}</dd>\n", escaped(label), escaped(value)));
    }
    out.push_str("</dl>\n");
}

fn list_of(out: &mut String, points: &[String]) {
    if points.is_empty() {
        return;
    }
    out.push_str("<ul>\n");
    for point in points {
        put(out, format_args!("<li>{}</li>\n", escaped(point)));
    }
    out.push_str("</ul>\n");
}

/// A table in a region that the keyboard can scroll (WCAG 2.1.1) where it is wider than the screen.
fn table_of(out: &mut String, table: &Table, language: Language, at: usize) {
    put(
        out,
        format_args!(
            "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-labelledby=\"table-{at}\">\n"
        ),
    );
    let caption = escaped(&table.caption);
    put(
        out,
        format_args!("<table>\n<caption id=\"table-{at}\">{caption}</caption>\n<thead>\n<tr>"),
    );
    for column in &table.columns {
        let (class, name) = (class(column), escaped(&column.name));
        put(out, format_args!("<th scope=\"col\"{class}>{name}</th>"));
    }
    out.push_str("</tr>\n</thead>\n<tbody>\n");
    for row in &table.rows {
        out.push_str("<tr>");
        for (cell, column) in row.iter().zip(&table.columns) {
            let text = escaped(&cell.shown(language));
            put(out, format_args!("<td{}>{text}</td>", class(column)));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n</div>\n");
    if !table.note.is_empty() {
        put(out, format_args!("<p>{}</p>\n", escaped(&table.note)));
    }
}

fn class(column: &Column) -> &'static str {
    match column.kind {
        Kind::Number | Kind::Hours => " class=\"n\"",
        Kind::Text | Kind::Date => "",
    }
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// Writing to a string does not fail.
fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}
