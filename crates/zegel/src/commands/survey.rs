//! `zegel survey define|open|close`.

use std::path::Path;

use anyhow::{Context as _, bail};
use engine::{Engine, EngineError, Request};
use events::annex::{Module, SubjectKind};
use events::survey::{Audience, Division};
use events::{Question, QuestionKind, RoundId, SurveyId};
use record::{JournalId, ScopeId};
use rules::Command;
use serde::{Deserialize, Serialize};

use crate::cli::{Asked, SurveyCommand, TenantArgs};
use crate::commands::{Opened, command_id};
use crate::home::random;
use crate::output::Output;

/// Most bytes of a file with questions.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SurveyFile {
    title: String,
    questions: Vec<QuestionFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionFile {
    text: String,
    kind: String,
    #[serde(default)]
    options: Vec<String>,
}

#[derive(Serialize)]
struct Made {
    id: String,
    seq: u64,
}

pub(super) fn run(command: &SurveyCommand, output: Output) -> anyhow::Result<()> {
    match command {
        SurveyCommand::Define { of, file } => define(of, file, output),
        SurveyCommand::Open { of, survey, name, floor, asked } => {
            let survey = SurveyId::from_hex(survey)
                .context("--survey: not an id of 32 hexadecimal digits")?;
            open(of, survey, name, *floor, asked, output)
        }
        SurveyCommand::Close { of, round, again } => close(of, round, *again, output),
    }
}

fn define(of: &TenantArgs, file: &Path, output: Output) -> anyhow::Result<()> {
    let length =
        std::fs::metadata(file).with_context(|| format!("cannot read {}", file.display()))?;
    if length.len() > FILE_BYTES_MAX {
        bail!("{} is larger than 1 MiB", file.display());
    }
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let parsed: SurveyFile =
        serde_json::from_str(&text).with_context(|| format!("{}", file.display()))?;
    let numbered = parsed.questions.into_iter().enumerate();
    let questions = numbered
        .map(|(number, question)| {
            self::question(question).with_context(|| format!("question {}", number + 1))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let survey = SurveyId::from_bytes(random()?);
    let command = Command::DefineSurvey { survey, title: parsed.title, questions };
    execute(of, command, survey.to_string(), "Defined survey", output)
}

fn question(file: QuestionFile) -> anyhow::Result<Question> {
    let kind = match file.kind.as_str() {
        "agree4" | "agree-4" => QuestionKind::Agree4,
        "agree5" | "agree-5" => QuestionKind::Agree5,
        "grade10" | "grade-10" => QuestionKind::Grade10,
        "yes-no" => QuestionKind::YesNo,
        "open" => QuestionKind::Open,
        "choice" => QuestionKind::Choice { options: file.options.clone() },
        other => {
            bail!("kind `{other}`: expected agree-4, agree-5, grade-10, choice, yes-no or open")
        }
    };
    if !matches!(kind, QuestionKind::Choice { .. }) && !file.options.is_empty() {
        bail!("only a `choice` question has options");
    }
    Ok(Question { text: file.text, kind })
}

fn open(
    of: &TenantArgs,
    survey: SurveyId,
    name: &str,
    floor: u16,
    asked: &Asked,
    output: Output,
) -> anyhow::Result<()> {
    let (round, command) = new_round(survey, name, floor, audience(asked)?)?;
    execute(of, command, round.to_string(), "Opened round", output)
}

/// Whom a round asks, as the command line says it.
pub(super) fn audience(asked: &Asked) -> anyhow::Result<Option<Audience>> {
    let (Some(kind), Some(purpose)) = (&asked.asks, &asked.purpose) else { return Ok(None) };
    let kind = SubjectKind::parse(kind).context("--asks: one of staff, pupil, parent")?;
    Ok(Some(Audience {
        module: Module::Surveys,
        kind,
        purpose: purpose.clone(),
        school: None,
        division: Division::Groups,
        confidential: false,
    }))
}

/// A round with a fresh id and fresh scopes, and the command that opens it.
pub(super) fn new_round(
    survey: SurveyId,
    name: &str,
    floor: u16,
    audience: Option<Audience>,
) -> anyhow::Result<(RoundId, Command)> {
    let round = RoundId::from_bytes(random()?);
    let command = Command::OpenRound {
        round,
        survey,
        name: name.to_owned(),
        floor,
        answers_scope: ScopeId::from_bytes(random()?),
        identity_scope: ScopeId::from_bytes(random()?),
        audience: audience.map(Box::new),
    };
    Ok((round, command))
}

fn execute(
    of: &TenantArgs,
    command: Command,
    id: String,
    done: &'static str,
    output: Output,
) -> anyhow::Result<()> {
    let mut opened = Opened::open(of)?;
    let request = Request { id: command_id()?, command };
    let seq = opened.engine.execute_one(opened.tenant, request)?.seq.0;
    opened.finish()?;
    output.result(&Made { id, seq }, |made| format!("{done} {} (record {})", made.id, made.seq))
}

fn close(of: &TenantArgs, round: &str, again: bool, output: Output) -> anyhow::Result<()> {
    let mut opened = Opened::open(of)?;
    let tenant = opened.tenant;
    let round = find_round(&opened.engine, tenant, round)?;
    let done = match again {
        true => opened.engine.publish_again(tenant, round)?,
        false => opened.engine.close_round(tenant, round)?,
    };
    opened.finish()?;
    output.result(&Made { id: round.to_string(), seq: done.seq.0 }, |made| {
        let done = if again { "Published once more the analysis of round" } else { "Closed round" };
        format!(
            "{done} {} (record {})\n\
             Next: zegel show analysis --data {} --tenant {tenant} --round {}",
            made.id,
            made.seq,
            of.data.data.display(),
            made.id
        )
    })
}

/// A round by its id, or by its name when only one has it.
pub(super) fn find_round(
    engine: &Engine,
    tenant: JournalId,
    wanted: &str,
) -> anyhow::Result<RoundId> {
    let tenant = engine.tenant(tenant)?;
    if tenant.has_ended() {
        return Err(EngineError::TenantEnded.into());
    }
    let board = tenant.views().surveys().board();
    let id = RoundId::from_hex(wanted);
    let mut found =
        board.rounds.iter().filter(|round| Some(round.round) == id || round.name == wanted);
    match (found.next(), found.next()) {
        (Some(round), None) => Ok(round.round),
        (None, _) => bail!("no round `{wanted}`: `zegel show rounds` lists them"),
        _ => bail!("more than one round is called `{wanted}`: give the id"),
    }
}
