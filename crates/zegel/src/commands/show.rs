//! `zegel show`: tenants, subjects, rounds, the analysis, the journal, the keys.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use engine::{Engine, Item, JournalRow, KeyState, PartState, SubjectRow, TenantSummary};
use events::{Question, QuestionKind, RoundId};
use projections::{ErasureRow, PublishedAnalysis, PublishedCell, RoundRow, SurveyRow};
use record::{Category, JournalId, Seq, SubjectId};
use serde::Serialize;

use crate::cli::{ShowCommand, TenantArgs};
use crate::commands::{Opened, survey};
use crate::home::Home;
use crate::output::{Output, table};

pub(super) fn run(command: &ShowCommand, output: Output) -> anyhow::Result<()> {
    match command {
        ShowCommand::Tenants(data) => {
            let (_, engine) = Home::open(&data.data)?;
            output.result(&engine.tenants(), |tenants| tenant_table(tenants))
        }
        ShowCommand::Subjects { of, subject: None } => {
            let opened = Opened::open(of)?;
            let subjects = opened.engine.subjects(opened.tenant)?;
            output.result(&subjects, |subjects| subject_table(subjects))
        }
        ShowCommand::Subjects { of, subject: Some(subject) } => items(of, subject, output),
        ShowCommand::Analysis { of, round, group } => {
            analysis(of, round.as_deref(), group.as_deref(), output)
        }
        ShowCommand::Journal { of, from, most } => {
            let opened = Opened::open(of)?;
            let rows = opened.engine.journal_rows(opened.tenant, Seq(*from), *most)?;
            output.result(&rows, |rows| journal_table(rows))
        }
        ShowCommand::Key(of) => keys(of, output),
        ShowCommand::Rounds(of) => {
            let opened = Opened::open(of)?.running()?;
            let board = opened.engine.tenant(opened.tenant)?.views().surveys().board();
            let surveys = opened.engine.tenant(opened.tenant)?.views().surveys().list().surveys;
            output.result(&Surveys { rounds: board.rounds, surveys }, |surveys| {
                format!("{}\n{}", survey_table(&surveys.surveys), round_table(&surveys.rounds))
            })
        }
    }
}

fn tenant_table(tenants: &[TenantSummary]) -> String {
    let row = |tenant: &TenantSummary| {
        let state = if tenant.ended { "ended" } else { "running" };
        [tenant.name.clone(), tenant.tenant.clone(), tenant.records.to_string(), state.to_owned()]
    };
    table(["name", "id", "records", "state"], tenants.iter().map(row).collect())
}

fn subject_table(subjects: &[SubjectRow]) -> String {
    let row = |subject: &SubjectRow| {
        let leaves = subject
            .leaves
            .iter()
            .map(|(category, count)| format!("{}: {count}", category_name(Category(*category))));
        [subject.subject.clone(), leaves.collect::<Vec<_>>().join(", ")]
    };
    table(["subject", "leaf keys by category"], subjects.iter().map(row).collect())
}

fn category_name(category: Category) -> &'static str {
    match category {
        events::category::IDENTITY => "identity",
        events::category::ANSWERS => "answers",
        events::category::LINK => "link",
        events::category::IMPORT_SECRET => "import secret",
        _ => "other",
    }
}

fn items(of: &TenantArgs, subject: &str, output: Output) -> anyhow::Result<()> {
    let opened = Opened::open(of)?;
    let subject =
        SubjectId::from_hex(subject).context("--subject: not an id of 32 hexadecimal digits")?;
    let items = opened.engine.find(opened.engine.tenant(opened.tenant)?, subject)?;
    let row = |item: &Item| {
        [item.seq.to_string(), item.event.clone(), item.subject.clone(), item.leaf.clone()]
    };
    output.result(&items, |items| {
        table(["record", "event", "subject", "leaf"], items.iter().map(row).collect())
    })
}

#[derive(Serialize)]
struct Surveys {
    rounds: Vec<RoundRow>,
    surveys: Vec<SurveyRow>,
}

fn survey_table(surveys: &[SurveyRow]) -> String {
    let row = |survey: &SurveyRow| {
        [survey.title.clone(), survey.survey.to_string(), survey.questions.len().to_string()]
    };
    table(["survey", "id", "questions"], surveys.iter().map(row).collect())
}

fn round_table(rounds: &[RoundRow]) -> String {
    let row = |round: &RoundRow| {
        [
            round.name.clone(),
            format!(
                "{}\n{} responses\nfloor {}",
                if round.open { "open" } else { "closed" },
                round.responses,
                round.floor
            ),
            "round\nanswers\nidentities".to_owned(),
            format!("{}\n{}\n{}", round.round, round.answers_scope, round.identity_scope),
        ]
    };
    let heading = ["round", "state", "of", "id or scope"];
    table(heading, rounds.iter().map(row).collect())
}

fn journal_table(rows: &[JournalRow]) -> String {
    let row = |row: &JournalRow| {
        let parts = row.parts.iter().map(|part| match part.state {
            PartState::Public => "public",
            PartState::Open => "open",
            PartState::Erased => "ERASED",
            PartState::StatedLost => "STATED LOST",
            PartState::KeyLost => "KEY LOST",
            PartState::Tampered => "TAMPERED",
        });
        [
            row.seq.to_string(),
            format!("{} v{}", row.event, row.version),
            parts.collect::<Vec<_>>().join(", "),
            row.record_hash.clone(),
        ]
    };
    table(["record", "event", "parts", "record hash"], rows.iter().map(row).collect())
}

#[derive(Serialize)]
struct Keys {
    keys: KeyState,
    erasures: Vec<ErasureRow>,
}

fn keys(of: &TenantArgs, output: Output) -> anyhow::Result<()> {
    let opened = Opened::open(of)?;
    let erasures = opened.engine.tenant(opened.tenant)?.views().erasures().list().erasures;
    let keys = Keys { keys: opened.engine.key_state(opened.tenant)?, erasures };
    output.result(&keys, |keys| {
        let epoch = keys.keys.epoch.map_or("ended".to_owned(), |epoch| epoch.to_string());
        let row = |erasure: &ErasureRow| {
            [
                erasure.order.to_string(),
                erasure.ground.clone(),
                format!("{:?}", erasure.stage).to_lowercase(),
                erasure.receipt.map_or(String::new(), |seq| format!("record {seq}")),
            ]
        };
        format!(
            "key epoch {epoch}, {} leaf keys, {} scopes, destruction level {}: {}\n{}",
            keys.keys.leaves,
            keys.keys.scopes.len(),
            keys.keys.level,
            keys.keys.level_reason,
            table(["order", "ground", "stage", "receipt"], keys.erasures.iter().map(row).collect())
        )
    })
}

fn analysis(
    of: &TenantArgs,
    round: Option<&str>,
    group: Option<&str>,
    output: Output,
) -> anyhow::Result<()> {
    let opened = Opened::open(of)?.running()?;
    let tenant = opened.engine.tenant(opened.tenant)?;
    let rounds = match round {
        Some(round) => vec![survey::find_round(&opened.engine, opened.tenant, round)?],
        None => tenant.views().surveys().board().rounds.iter().map(|round| round.round).collect(),
    };
    let mut analyses = Vec::new();
    for round in rounds {
        analyses.extend(tenant.views().analyses().of_round(round).analyses);
    }
    if let Some(group) = group {
        analyses.iter_mut().for_each(|analysis| keep_group(analysis, group));
        analyses.retain(|analysis| analysis.questions.iter().any(|asked| !asked.cells.is_empty()));
        if analyses.is_empty() {
            bail!("no published analysis has a group with this name: `--json` lists all groups");
        }
    }
    let wanted = group.map(str::to_owned);
    output.result(&analyses, |analyses| {
        if analyses.is_empty() {
            return "Nothing is published yet: `zegel survey close` does that".to_owned();
        }
        let text = analyses.iter().map(|analysis| {
            let questions =
                tenant.views().surveys().questions_of(analysis.round).unwrap_or_default();
            question_table(analysis, questions, wanted.as_deref())
        });
        text.collect::<Vec<_>>().join("\n\n")
    })
}

fn keep_group(analysis: &mut PublishedAnalysis, group: &str) {
    for question in &mut analysis.questions {
        question.cells.retain(|cell| cell.group.as_deref() == Some(group));
    }
}

/// The newest publication of a round: as JSON, and as a table of its questions.
pub(super) fn overview(
    engine: &Engine,
    tenant: JournalId,
    round: RoundId,
) -> anyhow::Result<(serde_json::Value, String)> {
    let views = engine.tenant(tenant)?.views();
    let analysis = views.analyses().newest(round).context("nothing is published of this round")?;
    let questions = views.surveys().questions_of(round).unwrap_or_default();
    let text = question_table(&analysis, questions, None);
    let groups: BTreeMap<_, _> = analysis
        .questions
        .iter()
        .flat_map(|question| &question.cells)
        .filter_map(|cell| cell.group.as_ref().map(|group| (group, ())))
        .collect();
    let first = groups.keys().next().map_or("", |group| group.as_str());
    let text = format!(
        "{text}\n{} groups; to show one of them by itself:\n  \
         zegel show analysis --data DIR --tenant T --group \"{first}\"",
        groups.len()
    );
    Ok((serde_json::to_value(&analysis)?, text))
}

/// One line a question: of everyone, or of one group.
fn question_table(
    analysis: &PublishedAnalysis,
    questions: &[Question],
    group: Option<&str>,
) -> String {
    let row = |result: &projections::PublishedQuestion| {
        let cell = result.cells.iter().find(|cell| cell.group.as_deref() == group);
        let question = questions.get(usize::from(result.question));
        let text = question.map_or("", |question| question.text.as_str());
        [
            format!("{}", result.question + 1),
            shortened(text),
            cell.and_then(|cell| cell.n).map_or("-".to_owned(), |n| n.to_string()),
            millionths(cell.and_then(|cell| cell.mean_millionths)),
            millionths(cell.and_then(|cell| cell.deviation_millionths)),
            cell.map_or(String::new(), |cell| distribution(cell, question)),
        ]
    };
    let heading = ["", "question", "n", "mean", "deviation", "distribution"];
    let lines = table(heading, analysis.questions.iter().map(row).collect());
    let who = group.unwrap_or("everyone");
    format!(
        "Published in record {}: {who}; {} responses in the round, \
         nothing of fewer than {} people\n{lines}",
        analysis.seq, analysis.responses, analysis.floor
    )
}

fn shortened(text: &str) -> String {
    const CHARACTERS_MAX: usize = 44;
    if text.chars().count() <= CHARACTERS_MAX {
        return text.to_owned();
    }
    text.chars().take(CHARACTERS_MAX - 1).chain(['…']).collect()
}

fn millionths(value: Option<u64>) -> String {
    value.map_or("-".to_owned(), |value| {
        let thousandths = (value + 500) / 1_000;
        format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000)
    })
}

/// A bar of eighths for each answer, and the counts.
fn distribution(cell: &PublishedCell, question: Option<&Question>) -> String {
    const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    if cell.hidden {
        return "too few to show".to_owned();
    }
    let Some(counts) = &cell.counts else {
        let open = question.is_some_and(|question| question.kind == QuestionKind::Open);
        return if open { "open text: not published" } else { "not shown beside the mean" }
            .to_owned();
    };
    let most = counts.iter().flatten().copied().max().unwrap_or(0).max(1);
    let bar = |count: &Option<u32>| match count {
        None => '·',
        Some(count) => {
            let eighths = usize::try_from(u64::from(*count) * 8 / u64::from(most)).unwrap_or(0);
            BARS.get(eighths).copied().unwrap_or(' ')
        }
    };
    let number = |count: &Option<u32>| count.map_or("<".to_owned(), |count| count.to_string());
    let bars: String = counts.iter().map(bar).collect();
    let numbers: Vec<String> = counts.iter().map(number).collect();
    format!("{bars}  {}", numbers.join(" "))
}
