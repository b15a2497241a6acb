//! `zegel import evaluations`: the course evaluations become a round of responses.

use anyhow::{Context as _, bail};
use engine::{Engine, ImportOutcome, ImportPlan, ImportRow, Request};
use events::survey::Audience;
use events::{RoundId, SurveyId};
use record::JournalId;
use rules::Command;
use serde::Serialize;

use crate::cli::{Evaluations, ImportCommand, TenantArgs};
use crate::commands::{Opened, command_id, survey};
use crate::evaluations;
use crate::home::random;
use crate::output::Output;

#[derive(Serialize)]
struct Imported {
    import: String,
    round: String,
    rows: usize,
    already_handled: bool,
    resumed_records: usize,
}

pub(super) fn run(command: &ImportCommand, output: Output) -> anyhow::Result<()> {
    let import = match command {
        ImportCommand::Evaluations(import) => import,
        ImportCommand::Abandon { of, name } => return abandon(of, name, output),
    };
    // The whole file is read before anything is written: a bad row refuses all of it.
    let rows = evaluations::read_file(&import.file, import.invented_names)
        .with_context(|| format!("{}: nothing was imported", import.file.display()))?;
    let mut opened = Opened::open(&import.of)?;
    let round = evaluation_round(&mut opened.engine, opened.tenant, import)?;
    let outcome =
        import_rows(&mut opened.engine, opened.tenant, &import.name, round, &rows, output)?;
    opened.finish()?;
    report(import, round, outcome, rows.len(), output)
}

fn abandon(of: &TenantArgs, name: &str, output: Output) -> anyhow::Result<()> {
    let mut opened = Opened::open(of)?;
    let actor = opened.home.actor()?;
    let receipts = opened.engine.abandon_import(opened.tenant, name, actor)?;
    opened.finish()?;
    output.result(&receipts, |receipts| {
        let keys: usize = receipts.iter().map(|receipt| receipt.leaves).sum();
        format!("Abandoned `{name}`: {keys} leaf keys destroyed, no row counts")
    })
}

/// Imports rows with a progress bar.
pub(super) fn import_rows(
    engine: &mut Engine,
    tenant: JournalId,
    name: &str,
    round: RoundId,
    rows: &[ImportRow],
    output: Output,
) -> anyhow::Result<ImportOutcome> {
    let bar = output.progress(0, "importing");
    let plan = ImportPlan { name, round, rows };
    let outcome = engine.import(tenant, &plan, &mut |done, total| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    })?;
    bar.finish_and_clear();
    Ok(outcome)
}

/// The round of that name, or a new one with the 28 questions.
fn evaluation_round(
    engine: &mut Engine,
    tenant: JournalId,
    import: &Evaluations,
) -> anyhow::Result<RoundId> {
    let board = engine.tenant(tenant)?.views().surveys().board();
    let mut named = board.rounds.iter().filter(|round| round.name == import.name);
    match (named.next(), named.next()) {
        (Some(round), None) => Ok(round.round),
        (None, _) => {
            let audience = survey::audience(&import.asked)?;
            open_evaluation_round(engine, tenant, &import.name, import.floor, audience)
        }
        _ => bail!("more than one round is called `{}`: choose another --name", import.name),
    }
}

/// Defines the survey and opens a round of it.
pub(super) fn open_evaluation_round(
    engine: &mut Engine,
    tenant: JournalId,
    name: &str,
    floor: u16,
    audience: Option<Audience>,
) -> anyhow::Result<RoundId> {
    let survey = SurveyId::from_bytes(random()?);
    let define = Command::DefineSurvey {
        survey,
        title: evaluations::TITLE.to_owned(),
        questions: evaluations::questions(),
    };
    let (round, open) = survey::new_round(survey, name, floor, audience)?;
    for command in [define, open] {
        engine.execute_one(tenant, Request { id: command_id()?, command })?;
    }
    Ok(round)
}

fn report(
    import: &Evaluations,
    round: RoundId,
    outcome: ImportOutcome,
    rows: usize,
    output: Output,
) -> anyhow::Result<()> {
    let (already_handled, resumed_records) = match outcome {
        ImportOutcome::AlreadyHandled => (true, 0),
        ImportOutcome::Completed { resumed, .. } => (false, resumed),
    };
    let import_of = &import.of;
    let import = import.name.clone();
    let imported =
        Imported { import, round: round.to_string(), rows, already_handled, resumed_records };
    output.result(&imported, |imported| match imported.already_handled {
        true => format!(
            "Nothing imported: an import called `{}` was completed before\n\
             For other rows, choose another --name",
            imported.import
        ),
        false => format!(
            "Imported {} responses as `{}` into round {}\n\
             Next, to publish the analysis:\n  \
             zegel survey close --data {} --tenant \"{}\" --round {}",
            imported.rows,
            imported.import,
            imported.round,
            import_of.data.data.display(),
            import_of.tenant,
            imported.round
        ),
    })
}
