//! What the operations that hand over a file share.

use jiff::Timestamp;
use record::TimestampMicros;
use report::{Language, Mark, Report};

use crate::operation::{At, Stop};
use crate::problem::{Kind, Problem};

pub(super) const PDF: &str = "application/pdf";
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
pub(super) const CSV: &str = "text/csv; charset=utf-8";
pub(super) const HTML: &str = "text/html; charset=utf-8";
pub(super) const JSON: &str = "application/json";

/// The language that the query asks for, Dutch without, and its code.
pub(super) fn language(at: &At<'_>) -> Result<(Language, &'static str), Stop> {
    match at.path.text("language") {
        None | Some("nl") => Ok((Language::Dutch, "nl")),
        Some("en") => Ok((Language::English, "en")),
        Some(_) => Err(Stop::input("language", "`nl` or `en`")),
    }
}

pub(super) const fn say<'a>(language: Language, dutch: &'a str, english: &'a str) -> &'a str {
    match language {
        Language::Dutch => dutch,
        Language::English => english,
    }
}

/// The one table that the query asks for, the first without; `rule` says which there are.
pub(super) fn csv(at: &At<'_>, report: &Report, rule: &str) -> Result<Vec<u8>, Stop> {
    let table = at.path.text("table").unwrap_or("1").parse::<usize>().ok();
    let mut files = report.csv(Mark::With).into_iter();
    let file = table.and_then(|table| files.nth(table.checked_sub(1)?));
    Ok(file.ok_or_else(|| Stop::input("table", rule))?.bytes)
}

/// A moment in UTC, to the second.
pub(super) fn utc(at: TimestampMicros) -> Option<String> {
    let seconds = i64::try_from(at.0 / 1_000_000).ok()?;
    Timestamp::from_second(seconds).ok().map(|moment| moment.to_string())
}

/// What is handed over keeps within what a file can hold, so this is our fault.
pub(super) fn fault() -> Stop {
    Stop::Problem(Problem::of(Kind::Fault))
}
