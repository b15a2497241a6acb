//! The comparison as plain text; what an auditor sends on stands at the end, byte for byte.

use std::fmt::Write as _;

use super::{Comparison, RecordFacts, Relation};

pub(super) fn render(answer: &Comparison) -> String {
    let mut out = String::new();
    let word = match answer.verdict {
        Relation::Same => "SAME",
        Relation::Prefix => "PREFIX",
        Relation::Undecided => "UNDECIDED",
        Relation::Untrusted => "UNTRUSTED",
        Relation::Tampered => "TAMPERED",
        Relation::Fork => "FORK",
    };
    line(&mut out, format_args!("{word} (exit {})", answer.exit_code));
    line(&mut out, format_args!("{} (bundle.md section 13)", answer.reason));
    for (name, statement) in ["First", "Second"].iter().zip(&answer.statements) {
        let key = statement.key.as_deref().unwrap_or("no key that counts");
        let tree = if statement.records { "with its tree" } else { "the checkpoint alone" };
        line(&mut out, format_args!("\n{name}: {tree}"));
        line(&mut out, format_args!("  origin     {}", statement.origin));
        line(&mut out, format_args!("  size       {}", statement.size));
        line(&mut out, format_args!("  root       {}", statement.root));
        line(&mut out, format_args!("  signed by  {key}"));
    }
    if let Some(fork) = &answer.fork {
        line(&mut out, format_args!("\nFork at size {}", fork.size));
        line(&mut out, format_args!("  root in the first   {}", fork.one));
        line(&mut out, format_args!("  root in the second  {}", fork.other));
        match (fork.seq, &fork.records) {
            (Some(seq), Some([one, other])) => {
                line(&mut out, format_args!("  first record that differs: {seq}"));
                record_line(&mut out, "first ", one);
                record_line(&mut out, "second", other);
            }
            _ => line(&mut out, format_args!("  which record differs first takes both bundles")),
        }
        evidence(&mut out, answer);
    }
    out
}

fn record_line(out: &mut String, name: &str, told: &RecordFacts) {
    let event = told.event.as_deref().unwrap_or("header not there");
    let at = told.recorded_at.as_deref().unwrap_or("");
    line(out, format_args!("    in the {name}  {}  {event}  {at}", told.record));
}

fn evidence(out: &mut String, answer: &Comparison) {
    line(
        out,
        format_args!("\nEvidence: keep and send both signed notes, and the proof if there is"),
    );
    line(
        out,
        format_args!("one; `zegel compare NOTE NOTE --proof PROOF --key VKEY` shows it again."),
    );
    for statement in &answer.statements {
        line(out, format_args!("\n{}", statement.note.trim_end()));
    }
    if let Some(proof) = &answer.proof {
        line(out, format_args!("\n{}", proof.trim_end()));
    }
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{text}");
}
