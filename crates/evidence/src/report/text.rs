//! The report as plain text, for a person (docs/format/bundle.md §8).

use std::fmt::Write as _;

use record::TimestampMicros;

use super::{Erasure, Finding, Moment, Report, Restored, SeqRange, Verdict};
use crate::texts::escaped;

/// Most characters of a text that comes from a bundle.
const FIELD_CHARACTERS_MAX: usize = 200;
/// Most ranges that are printed.
const RANGES_PRINTED_MAX: usize = 10;

/// Renders everything.
pub(super) fn render(report: &Report) -> String {
    let mut out = String::new();
    let code = report.exit_code;
    line(&mut out, format_args!("{} (exit {code})", word(report.verdict)));
    line(&mut out, format_args!("{}", meaning(report.verdict)));
    heading(&mut out, "Checkpoint");
    checkpoint(&mut out, report);
    heading(&mut out, "Records");
    records(&mut out, report);
    heading(&mut out, "Sealed parts");
    readability(&mut out, report);
    heading(&mut out, "Erasures");
    if report.erasures.is_empty() {
        line(&mut out, format_args!("  none"));
    }
    report.erasures.iter().for_each(|erasure| erasure_lines(&mut out, erasure));
    if !report.restores.is_empty() {
        heading(&mut out, "Restores");
        report.restores.iter().for_each(|restored| restore_lines(&mut out, restored));
    }
    heading(&mut out, "Findings");
    if report.findings.is_empty() {
        line(&mut out, format_args!("  none"));
    }
    report.findings.iter().for_each(|finding| finding_lines(&mut out, finding));
    if report.findings_more > 0 {
        line(&mut out, format_args!("  and {} more", report.findings_more));
    }
    if !report.beside.is_empty() {
        heading(&mut out, "Verified beside it");
    }
    for other in &report.beside {
        let origin = other.checkpoint.as_ref().map_or("not there", |facts| &facts.origin);
        let size = other.checkpoint.as_ref().map_or(0, |facts| facts.size);
        line(&mut out, format_args!("  {}: {origin} of {size} records", word(other.verdict)));
        other.findings.iter().for_each(|finding| finding_lines(&mut out, finding));
    }
    out
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{text}");
}

fn heading(out: &mut String, text: &str) {
    line(out, format_args!("\n{text}"));
}

fn row(out: &mut String, name: &str, value: &str) {
    line(out, format_args!("  {name:<16} {value}"));
}

fn count(out: &mut String, name: &str, value: u64) {
    line(out, format_args!("  {name:<16} {value:>10}"));
}

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Intact => "INTACT",
        Verdict::IntactWithErasures => "INTACT-WITH-ERASURES",
        Verdict::Incomplete => "INCOMPLETE",
        Verdict::Untrusted => "UNTRUSTED",
        Verdict::Tampered => "TAMPERED",
    }
}

const fn meaning(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Intact => "Every byte is what the pinned key signed.",
        Verdict::IntactWithErasures => {
            "Every byte is what the pinned key signed; keys were destroyed with receipts."
        }
        Verdict::Incomplete => "Something is not there; nothing of what is there contradicts it.",
        Verdict::Untrusted => "Nothing is wrong in itself, but no pinned key vouches for it.",
        Verdict::Tampered => "Something is not what was signed, or breaks a rule.",
    }
}

fn checkpoint(out: &mut String, report: &Report) {
    if let Some(facts) = &report.checkpoint {
        row(out, "origin", &facts.origin);
        row(out, "size", &facts.size.to_string());
        row(out, "root", facts.root.as_deref().unwrap_or("not there"));
    } else {
        row(out, "origin", "not there");
    }
    let key = report.key.as_deref().map_or_else(|| "no valid signature".to_owned(), short);
    row(out, "signed by", &key);
    row(out, "key trusted", if report.key_trusted { "yes" } else { "no" });
    if let Some(previous) = &report.previous {
        let standing = match previous.consistent {
            Some(true) => "is a prefix",
            Some(false) => "is NOT a prefix",
            None => "could not be compared",
        };
        row(out, "previous", &format!("size {} {standing}", previous.size));
    }
    row(out, "witness hash", report.witness.as_deref().unwrap_or("none"));
}

fn records(out: &mut String, report: &Report) {
    let integrity = &report.integrity;
    count(out, "intact", integrity.intact);
    count(out, "missing", integrity.missing);
    ranges(out, &integrity.missing_ranges);
    count(out, "tampered", integrity.tampered);
    ranges(out, &integrity.tampered_ranges);
    if let Some(first) = &report.first_bad {
        row(out, "first bad", &format!("record {}", first.seq));
        row(out, "  expected", &short(&first.expected));
        row(out, "  found", &short(&first.found));
    }
}

fn ranges(out: &mut String, ranges: &[SeqRange]) {
    for range in ranges.iter().take(RANGES_PRINTED_MAX) {
        line(out, format_args!("    {} to {}", range.first, range.last));
    }
    if ranges.len() > RANGES_PRINTED_MAX {
        line(out, format_args!("    and more"));
    }
}

fn readability(out: &mut String, report: &Report) {
    let parts = &report.readability;
    count(out, "erased", parts.erased);
    count(out, "purged", parts.purged);
    count(out, "stated present", parts.stated_present);
    count(out, "stated lost", parts.stated_lost);
    count(out, "unstated", parts.unstated);
    line(out, format_args!("  (\"stated\" is the operator's own statement)"));
}

fn erasure_lines(out: &mut String, erasure: &Erasure) {
    let ground = erasure.ground.as_deref().map_or_else(|| "unknown".to_owned(), short);
    line(out, format_args!("  order {} on {ground}", erasure.order));
    step(out, "ordered", erasure.ordered.as_ref(), erasure.ordered_by.as_deref());
    step(out, "approved", erasure.approved.as_ref(), erasure.approver.as_deref());
    step(out, "fenced", erasure.fenced.as_ref(), None);
    step(out, "keys destroyed", erasure.destroyed.as_ref(), None);
    if erasure.destroyed.is_some() {
        line(out, format_args!("    {}", receipt(erasure)));
    }
    if erasure.destroyed.is_some() && erasure.keys_destroyed == 0 {
        line(out, format_args!("    this erasure destroyed 0 keys: no record names one of them"));
    }
    step(out, "completed", erasure.completed.as_ref(), None);
}

fn step(out: &mut String, name: &str, moment: Option<&Moment>, by: Option<&str>) {
    let by = by.map_or_else(String::new, |by| format!(" by {by}"));
    let text = moment.map_or_else(
        || "not recorded".to_owned(),
        |moment| format!("{} at record {}{by}", moment.utc, moment.seq),
    );
    line(out, format_args!("    {name:<14} {text}"));
}

fn receipt(erasure: &Erasure) -> String {
    let number = |value: Option<u64>| value.map_or_else(|| "?".to_owned(), |v| v.to_string());
    let ids = if erasure.tenant { "whole tenant: ".to_owned() } else { String::new() };
    let backups = match erasure.backup_days {
        Some(0) => "no backup of the root is kept".to_owned(),
        Some(u16::MAX) => "an older backup of the root could not be replaced".to_owned(),
        days => format!("backups gone within {} days", number(days.map(u64::from))),
    };
    format!(
        "{ids}{} leaves, {} scopes; epoch {} to {}; level {}; {backups}",
        erasure.leaves,
        erasure.scopes,
        number(erasure.epoch_before),
        number(erasure.epoch_after),
        number(erasure.level.map(u64::from)),
    )
}

fn restore_lines(out: &mut String, restored: &Restored) {
    let place = (&restored.declared.utc, restored.declared.seq);
    line(out, format_args!("  era {} from {} at record {}", restored.era, place.0, place.1));
    let ground = short(&restored.ground);
    line(out, format_args!("    ground {ground}, approved by {}", restored.approver));
    let (guarded, back) = (restored.guarded_size, restored.restored_size);
    line(out, format_args!("    {back} records came back, the guard knew {guarded}"));
    let (leaves, scopes) = (restored.lost_leaves, restored.lost_scopes);
    line(out, format_args!("    keys lost: {leaves} leaves, {scopes} scopes"));
    if let Some(unseen) = &restored.eras_unseen {
        line(out, format_args!("    {unseen} never seen here: what was lost into it is not told"));
    }
}

fn finding_lines(out: &mut String, finding: &Finding) {
    let file = finding.file.as_deref().map(|file| format!(" {}", short(file)));
    let seq = finding.seq.map(|seq| format!(" record {seq}"));
    let place = [file, seq].into_iter().flatten().collect::<String>();
    let severity = format!("{:?}", finding.severity).to_lowercase();
    line(out, format_args!("  {severity:<10}{place}: {} ({})", finding.rule, finding.section));
    line(out, format_args!("    expected {}", short(&finding.expected)));
    line(out, format_args!("    found    {}", short(&finding.found)));
}

/// Escaped and cut, so that a bundle cannot write to a terminal.
fn short(text: &str) -> String {
    let mut cut: String = text.chars().take(FIELD_CHARACTERS_MAX).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    escaped(&cut)
}

/// `2026-11-23T01:02:03.000004Z`.
pub(crate) fn utc(time: TimestampMicros) -> String {
    let (seconds, micros) = (time.0 / 1_000_000, time.0 % 1_000_000);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}

/// Year, month and day from days since 1970-01-01.
///
/// SOURCE: Howard Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`.
const fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_shifted + 2) / 5 + 1;
    let month = if month_shifted < 10 { month_shifted + 3 } else { month_shifted - 9 };
    let year = year_of_era + era * 400;
    (if month <= 2 { year + 1 } else { year }, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc() {
        let at = |seconds: u64, micros| utc(TimestampMicros(seconds * 1_000_000 + micros));
        assert_eq!(at(0, 0), "1970-01-01T00:00:00.000000Z");
        assert_eq!(at(951_782_400, 7), "2000-02-29T00:00:00.000007Z");
        assert_eq!(at(1_795_395_723, 0), "2026-11-23T01:02:03.000000Z");
        assert!(utc(TimestampMicros(u64::MAX)).ends_with('Z'));
    }

    #[test]
    fn a_bundle_cannot_write_to_the_terminal() {
        assert_eq!(short("a\u{1b}[2Jb\n"), "a\\u{1b}[2Jb\\u{a}");
        assert_eq!(short("a\u{202e}b\u{2028}c\u{200b}"), "a\\u{202e}b\\u{2028}c\\u{200b}");
    }
}
