//! `zegel timeline`.

use anyhow::{Context as _, bail};
use api::timeline::{Change, ErasedPart, Step, Timeline, Wanted, timeline};
use record::{SubjectId, TimestampMicros};

use crate::cli::{self, SentenceLanguage};
use crate::commands::Opened;
use crate::output::{Output, table};

/// Longest value that is shown to people; `--json` has all of it.
const SHOWN_MAX: usize = 60;

pub(super) fn run(asked: &cli::Timeline, output: Output) -> anyhow::Result<()> {
    let opened = Opened::open(&asked.of)?.running()?;
    let id = SubjectId::from_hex(&asked.id).context("ID: not 32 hexadecimal digits")?;
    let wanted = Wanted {
        kind: asked.kind,
        id: *id.as_bytes(),
        compare: asked.from.zip(asked.to),
        looks_of_fg: true,
    };
    let bar = output.progress(opened.engine.journal_size(opened.tenant), "replaying");
    let told = timeline(&opened.engine, opened.tenant, &wanted, &mut |seq| bar.set_position(seq))?;
    bar.finish_and_clear();
    if told.total == 0 {
        bail!("no record names this id; what was erased names nobody any more");
    }
    output.result(&told, |told| render(told, asked.language))
}

fn render(told: &Timeline, language: SentenceLanguage) -> String {
    let rows = told.steps.iter().map(|step| row(step, language)).collect();
    let steps = table(["record", "when (Netherlands)", "what", "by", "changed"], rows);
    match &told.compared {
        None => steps,
        Some(compared) => {
            let changes = compared.changes.iter().map(change_row).collect();
            let heading = ["place", "before", "after"];
            let (from, to) = (compared.from, compared.to);
            format!("{steps}\nFrom record {from} to {to}:\n{}", table(heading, changes))
        }
    }
}

fn row(step: &Step, language: SentenceLanguage) -> [String; 5] {
    let sentence = match language {
        SentenceLanguage::Nl => &step.nl,
        SentenceLanguage::En => &step.en,
    };
    let erased = step.erased.iter().map(|part| erased(part, language));
    let what: Vec<String> = std::iter::once(sentence.clone()).chain(erased).collect();
    let by = step.by.as_ref().map_or_else(String::new, |by| {
        let role = by.role.as_deref().unwrap_or("-");
        format!("{}\n{role}, {}", by.actor.as_deref().unwrap_or("-"), by.operation)
    });
    let changed = step.changes.iter().map(change).collect::<Vec<_>>().join("\n");
    [step.seq.to_string(), moment(step.at), what.join("\n"), by, changed]
}

fn erased(part: &ErasedPart, language: SentenceLanguage) -> String {
    let (gone, unexplained) = match language {
        SentenceLanguage::Nl => ("GEWIST", "zonder ontvangstbewijs"),
        SentenceLanguage::En => ("ERASED", "without a receipt"),
    };
    let ground = part.ground.as_deref().unwrap_or(unexplained);
    format!("{gone}: {ground}")
}

fn change(change: &Change) -> String {
    let [path, before, after] = change_row(change);
    format!("{path}: {before} → {after}")
}

fn change_row(change: &Change) -> [String; 3] {
    let path = if change.path.is_empty() { "-".to_owned() } else { change.path.clone() };
    [path, short(&change.before), short(&change.after)]
}

fn short(value: &serde_json::Value) -> String {
    let text = match value {
        serde_json::Value::Null => "-".to_owned(),
        serde_json::Value::Object(members) => format!("{} members", members.len()),
        serde_json::Value::Array(rows) => format!("{} rows", rows.len()),
        plain => plain.to_string(),
    };
    if text.chars().count() <= SHOWN_MAX {
        return text;
    }
    text.chars().take(SHOWN_MAX).chain(std::iter::once('…')).collect()
}

fn moment(at: u64) -> String {
    rules::deadline::local_text(TimestampMicros(at)).unwrap_or_else(|| at.to_string())
}
