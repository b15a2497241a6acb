//! The installation that the load is written to and the check opens: one tenant, one open round.

use std::error::Error;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use engine::{
    Clock, Engine, JournalRow, PartState, Paths, Question, QuestionKind, Request, RoundId, SurveyId,
};
use record::{CommandId, JournalId, ScopeId, Seq, TimestampMicros};
use rules::Command;

/// Questions of the survey.
pub(crate) const QUESTIONS: u64 = 5;
/// Stands once everything before the first acknowledgement is durable; names tenant and round.
const MADE: &str = "made";

/// Opens the installation, or makes it if an earlier run did not come to its end.
///
/// # Errors
/// Whatever the engine says.
pub(crate) fn open_or_create(
    directory: &Path,
) -> Result<(Engine, JournalId, RoundId), Box<dyn Error>> {
    if is_made(directory) {
        return open(directory);
    }
    if directory.exists() {
        fs::remove_dir_all(directory)?;
    }
    fs::create_dir_all(directory)?;
    let mut engine = Engine::create(Paths::under(directory), clock())?;
    let tenant = engine.start_tenant("workload")?;
    let (round, _) = open_round(&mut engine, tenant, "workload")?;
    // CRASH: the marker gets its name when it is whole.
    let new = directory.join("made.new");
    let mut file = File::create(&new)?;
    write!(file, "{tenant} {round}")?;
    file.sync_all()?;
    fs::rename(new, directory.join(MADE))?;
    File::open(directory)?.sync_all()?;
    File::open(directory.parent().ok_or("no parent")?)?.sync_all()?;
    Ok((engine, tenant, round))
}

/// Whether anything was ever acknowledged here.
#[must_use]
pub(crate) fn is_made(directory: &Path) -> bool {
    directory.join(MADE).exists()
}

/// Opens the installation.
///
/// # Errors
/// Whatever the engine says.
pub(crate) fn open(directory: &Path) -> Result<(Engine, JournalId, RoundId), Box<dyn Error>> {
    let engine = Engine::open(Paths::under(directory), clock())?;
    let made = fs::read_to_string(directory.join(MADE))?;
    let (tenant, round) = made.split_once(' ').ok_or("`made` does not name two ids")?;
    let tenant = JournalId::from_hex(tenant).ok_or("no tenant")?;
    Ok((engine, tenant, RoundId::from_hex(round).ok_or("no round")?))
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
        PartState::StatedLost => "stated-lost",
        PartState::KeyLost => "key-lost",
        PartState::Tampered => "tampered",
    }
}

/// Opens a round of a survey of its own; with it comes the scope of its answers.
///
/// # Errors
/// Whatever the engine says.
pub(crate) fn open_round(
    engine: &mut Engine,
    tenant: JournalId,
    name: &str,
) -> Result<(RoundId, ScopeId), Box<dyn Error>> {
    let survey = SurveyId::from_bytes(random(engine)?);
    let question =
        |number| Question { text: format!("Question {number}"), kind: QuestionKind::Agree5 };
    let questions = (0..QUESTIONS).map(question).collect();
    let define = Command::DefineSurvey { survey, title: "Workload".to_owned(), questions };
    let round = RoundId::from_bytes(random(engine)?);
    let answers_scope = ScopeId::from_bytes(random(engine)?);
    let open = Command::OpenRound {
        round,
        survey,
        name: name.to_owned(),
        floor: 5,
        answers_scope,
        identity_scope: ScopeId::from_bytes(random(engine)?),
        audience: None,
    };
    for command in [define, open] {
        let id = CommandId::from_bytes(random(engine)?);
        engine.execute_one(tenant, Request { id, command })?;
    }
    Ok((round, answers_scope))
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
