//! The installation that the load is written to and the check opens: one tenant, one open round.

use std::error::Error;
use std::fs::{self, File};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use engine::{
    Clock, Engine, JournalRow, PartState, Paths, Question, QuestionKind, Request, RoundId, SurveyId,
};
use record::{CommandId, JournalId, ScopeId, Seq, TimestampMicros};
use rules::Command;

/// Questions of the survey.
pub(crate) const QUESTIONS: u64 = 5;
/// Stands once everything before the first acknowledgement is durable.
const MADE: &str = "made";

/// Opens the installation, or makes it if an earlier run did not come to its end.
///
/// # Errors
/// Whatever the engine says.
pub(crate) fn open_or_create(
    directory: &Path,
) -> Result<(Engine, JournalId, RoundId), Box<dyn Error>> {
    if directory.join(MADE).exists() {
        return open(directory);
    }
    if directory.exists() {
        fs::remove_dir_all(directory)?;
    }
    fs::create_dir_all(directory)?;
    let mut engine = Engine::create(Paths::under(directory), clock())?;
    let tenant = engine.start_tenant("workload")?;
    open_round(&mut engine, tenant)?;
    File::create(directory.join(MADE))?.sync_all()?;
    File::open(directory)?.sync_all()?;
    File::open(directory.parent().ok_or("no parent")?)?.sync_all()?;
    let round = only_round(&engine, tenant)?;
    Ok((engine, tenant, round))
}

/// Opens the installation.
///
/// # Errors
/// Whatever the engine says.
pub(crate) fn open(directory: &Path) -> Result<(Engine, JournalId, RoundId), Box<dyn Error>> {
    let engine = Engine::open(Paths::under(directory), clock())?;
    let tenant = engine.tenants().first().and_then(|row| JournalId::from_hex(&row.tenant));
    let tenant = tenant.ok_or("no tenant")?;
    let round = only_round(&engine, tenant)?;
    Ok((engine, tenant, round))
}

/// One record as its header shows it.
///
/// # Errors
/// If it is not there.
pub(crate) fn stored(
    engine: &Engine,
    tenant: JournalId,
    seq: Seq,
) -> Result<JournalRow, Box<dyn Error>> {
    let row = engine.journal_rows(tenant, seq, 1)?.into_iter().next();
    row.ok_or_else(|| format!("no record {seq}").into())
}

/// The state of a part, in one word.
#[must_use]
pub(crate) const fn state_word(state: PartState) -> &'static str {
    match state {
        PartState::Public => "public",
        PartState::Open => "open",
        PartState::Erased => "erased",
        PartState::KeyLost => "key-lost",
        PartState::Tampered => "tampered",
    }
}

fn open_round(engine: &mut Engine, tenant: JournalId) -> Result<(), Box<dyn Error>> {
    let survey = SurveyId::from_bytes(random(engine)?);
    let question =
        |number| Question { text: format!("Question {number}"), kind: QuestionKind::Agree5 };
    let questions = (0..QUESTIONS).map(question).collect();
    let define = Command::DefineSurvey { survey, title: "Workload".to_owned(), questions };
    let open = Command::OpenRound {
        round: RoundId::from_bytes(random(engine)?),
        survey,
        name: "workload".to_owned(),
        floor: 5,
        answers_scope: ScopeId::from_bytes(random(engine)?),
        identity_scope: ScopeId::from_bytes(random(engine)?),
    };
    for command in [define, open] {
        let id = CommandId::from_bytes(random(engine)?);
        engine.execute_one(tenant, Request { id, command })?;
    }
    Ok(())
}

fn only_round(engine: &Engine, tenant: JournalId) -> Result<RoundId, Box<dyn Error>> {
    let rounds = engine.tenant(tenant)?.state().open_rounds();
    Ok(*rounds.first().ok_or("no round is open")?)
}

fn random(engine: &Engine) -> Result<[u8; 16], Box<dyn Error>> {
    Ok(*engine.fresh_subject()?.as_bytes())
}

fn clock() -> Clock {
    Clock::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        TimestampMicros(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
    })
}
