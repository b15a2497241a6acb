//! Answering a survey with a code and without an account, and taking the answer back.
//!
//! *Invariant:* a code, the pseudonym of an answer and its withdrawal code are keyed digests of one
//! another in one direction only: from the code alone, never towards it, and nothing of the code is
//! kept (docs/anonymity.md).
//! *Invariant:* who answered is noted in memory alone, until it is recorded for as many people of a
//! group as the floor at once; what a restart loses costs a reminder too many.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::{Path, Request, State};
use engine::{Engine, EngineError, ErasureRequest, RoundId};
use events::survey::{Answered, AnswersMarked, CODE_USES_MAX, CodeDigest};
use events::{About, Answer, Event, SurveyEvent};
use projections::QuestionRow;
use record::public::{Cut, ErasureApproved};
use record::{ActorId, CommandId, JournalId, Seq, SubjectId};
use rules::{Code, Command};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ask;
use crate::caller;
use crate::crowd::Seat;
use crate::language::Language;
use crate::parse;
use crate::problem::{Kind, Problem};
use crate::service::Service;

/// Whoever answered has no account: withdrawing is recorded as done by nobody of these.
const RESPONDENT: ActorId = ActorId::from_bytes([0; 16]);
/// Why an answer is erased that its respondent takes back.
const WITHDRAWN: &str = "withdrawn-by-respondent";

const STATEMENT_NL: &str = "Je antwoorden worden onder een pseudoniem bewaard, niet onder je naam. \
    Zolang de school nog kan nagaan wie is uitgenodigd, zijn ze gepseudonimiseerd en niet anoniem. \
    Resultaten van minder dan {floor} mensen worden nooit apart getoond. Schrijf in open antwoorden \
    geen namen. Met de intrekkingscode die je krijgt, kun je je antwoord terugnemen.";
const STATEMENT_EN: &str = "Your answers are kept under a pseudonym, not under your name. As long \
    as the school can still find out who was invited, they are pseudonymised and not anonymous. \
    Results of fewer than {floor} people are never shown apart. Write no names in open answers. \
    With the withdrawal code that you get, you can take your answer back.";

/// A code.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WithCode {
    code: String,
}

/// What a code opens.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Form {
    /// The title of the survey.
    title: String,
    /// The name of the round.
    round: String,
    questions: Vec<QuestionRow>,
    /// Fewer people than this are never shown apart.
    floor: u16,
    /// What happens with the answers.
    statement: Statement,
}

/// What a respondent is told, in both languages.
#[derive(Serialize, JsonSchema)]
struct Statement {
    nl: String,
    en: String,
}

/// An answer.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answering {
    code: String,
    /// One for each question, in their order; null is not applicable.
    answers: Vec<Option<Given>>,
}

/// One answer to one question.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Given {
    /// Counted from 1.
    Score(u8),
    /// Counted from 0; yes is 0, no is 1.
    Choice(u8),
    /// At most 2,000 bytes.
    Text(String),
}

/// The answer was recorded.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Recorded {
    /// Takes the answer back, together with the code; null when that was done.
    withdrawal: Option<String>,
    statement: Statement,
}

/// What takes an answer back.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Withdrawing {
    code: String,
    withdrawal: String,
}

/// It is done.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Withdrawn {}

/// People who answered and are not recorded as having done so, by round and group.
#[derive(Debug, Default)]
pub(crate) struct Pending(Mutex<BTreeMap<(JournalId, RoundId, String), BTreeSet<SubjectId>>>);

/// What a code is known by.
///
/// # Errors
/// [`EngineError`] when the tenant is unknown or ended.
pub(crate) fn digest(
    engine: &Engine,
    tenant: JournalId,
    code: &str,
) -> Result<CodeDigest, EngineError> {
    engine.stands_for(tenant, "a code of a round", plain(code).as_bytes())
}

/// Twenty hexadecimal digits in four groups: 80 bits, easy to copy from paper.
pub(crate) fn written(bytes: &[u8; 16]) -> String {
    let digits: Vec<String> = bytes.iter().take(10).map(|byte| format!("{byte:02x}")).collect();
    let digits: Vec<char> = digits.concat().chars().collect();
    let groups: Vec<String> = digits.chunks(5).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// A code as it is digested: people type spaces, capitals and no hyphens.
fn plain(code: &str) -> String {
    code.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|digit| digit.to_ascii_lowercase())
        .collect()
}

/// `POST /v1/tenants/{tenant}/answer-form`
pub(crate) async fn form(
    State(service): State<Service>,
    Path(tenant): Path<String>,
    language: Language,
    seat: Seat,
    request: Request,
) -> Result<Json<Form>, Problem> {
    let (tenant, _, body) = read::<WithCode>(&service, &tenant, request).await?;
    let shown = ask::ask(&service, &seat, move |engine| shown(engine, tenant, &body.code)).await;
    let shown = shown.map_err(|failed| Problem::from_engine(failed, language, &service))?;
    shown.map(Json).ok_or(Problem::of(Kind::Unknown))
}

fn shown(engine: &Engine, tenant: JournalId, code: &str) -> Result<Option<Form>, EngineError> {
    let Some(code) = known(engine, tenant, code)? else { return Ok(None) };
    let surveys = engine.tenant(tenant)?.views().surveys();
    let form = surveys.round(code.round).and_then(|round| {
        let survey = surveys.survey(round.survey)?;
        let (title, questions, floor) = (survey.title, survey.questions, round.floor);
        Some(Form { title, round: round.name, questions, floor, statement: statement(floor) })
    });
    Ok(form)
}

/// `POST /v1/tenants/{tenant}/answers`
pub(crate) async fn answer(
    State(service): State<Service>,
    Path(tenant): Path<String>,
    language: Language,
    seat: Seat,
    request: Request,
) -> Result<Json<Recorded>, Problem> {
    let (tenant, key, body) = read::<Answering>(&service, &tenant, request).await?;
    let key = key?;
    let failed = |unanswered| Problem::from_engine(unanswered, language, &service);
    let code = body.code.clone();
    let opens = move |engine: &Engine| opened(engine, tenant, &code);
    let opened = ask::ask(&service, &seat, opens).await.map_err(failed)?;
    let (code, floor, guest) = opened.ok_or(Problem::of(Kind::Unknown))?;
    let answers: Vec<Answer> = body.answers.into_iter().map(answer_of).collect();
    let (text, round, group) = (body.code, code.round, code.group.clone());
    let (used, tell) = two(&Arc::new(Mutex::new(None)));
    let typed = text.clone();
    let make = move |engine: &Engine| {
        let (used, request) = submission(engine, tenant, &code, &typed, &key, answers)?;
        *tell.lock().unwrap_or_else(PoisonError::into_inner) = used;
        Ok(request)
    };
    let done = ask::submit(&service, &seat, tenant, make).await.map_err(failed)?;
    let used = used.lock().unwrap_or_else(PoisonError::into_inner).take();
    let take_back = move |engine: &Engine| match (done.repeated, used) {
        (false, Some(used)) => withdrawal_code(engine, tenant, &text, used).map(Some),
        _ => withdrawal_of(engine, tenant, &text, done.seq),
    };
    let withdrawal = ask::ask(&service, &seat, take_back).await.map_err(failed)?;
    if let Some(guest) = guest {
        mark(&service, &seat, (tenant, round, group), floor, guest).await;
    }
    Ok(Json(Recorded { withdrawal, statement: statement(floor) }))
}

fn two<T>(shared: &Arc<T>) -> (Arc<T>, Arc<T>) {
    (Arc::clone(shared), Arc::clone(shared))
}

/// `POST /v1/tenants/{tenant}/answer-withdrawal`
pub(crate) async fn withdraw(
    State(service): State<Service>,
    Path(tenant): Path<String>,
    language: Language,
    seat: Seat,
    request: Request,
) -> Result<Json<Withdrawn>, Problem> {
    let (tenant, _, body) = read::<Withdrawing>(&service, &tenant, request).await?;
    let erase = move |engine: &mut Engine| take_back(engine, tenant, &body);
    match ask::ask_mut(&service, &seat, erase).await {
        Ok(true) => Ok(Json(Withdrawn {})),
        Ok(false) | Err(ask::Unanswered::Engine(EngineError::NothingKept)) => {
            Err(Problem::of(Kind::Unknown))
        }
        Err(failed) => Err(Problem::from_engine(failed, language, &service)),
    }
}

type Read<B> = (JournalId, Result<String, Problem>, B);

async fn read<B: serde::de::DeserializeOwned>(
    service: &Service,
    tenant: &str,
    request: Request,
) -> Result<Read<B>, Problem> {
    let tenant = JournalId::from_hex(tenant).ok_or(Problem::of(Kind::Unknown))?;
    if caller::is_foreign(request.headers()) {
        return Err(Problem::of(Kind::Forbidden));
    }
    let key = parse::idempotency_key(request.headers());
    parse::json_type(request.headers())?;
    let bytes = parse::body(request.into_body(), service.limits()).await?;
    Ok((tenant, key, parse::json(&bytes)?))
}

/// A code, unless it is none, its round is closed, or the tenant is not there.
fn known(engine: &Engine, tenant: JournalId, code: &str) -> Result<Option<Code>, EngineError> {
    let found = match digest(engine, tenant, code) {
        Ok(digest) => engine.tenant(tenant)?.state().code(&digest).cloned(),
        Err(EngineError::UnknownTenant | EngineError::TenantEnded) => None,
        Err(error) => return Err(error),
    };
    Ok(found)
}

type Opened = (Code, u16, Option<SubjectId>);

fn opened(engine: &Engine, tenant: JournalId, text: &str) -> Result<Option<Opened>, EngineError> {
    let Some(code) = known(engine, tenant, text)? else { return Ok(None) };
    let guest = digest(engine, tenant, text)?;
    let state = engine.tenant(tenant)?.state();
    let floor = state.round(code.round).map_or(0, |round| round.floor);
    let guest = state.invited_by(&guest);
    Ok(Some((code, floor, guest)))
}

/// The answer under the first pseudonym of the code that is free, and which one that is.
///
/// When none is free the last one is taken: the rules say that it answered, or know the repetition.
fn submission(
    engine: &Engine,
    tenant: JournalId,
    code: &Code,
    text: &str,
    key: &str,
    answers: Vec<Answer>,
) -> Result<(Option<u16>, engine::Request), EngineError> {
    let state = engine.tenant(tenant)?.state();
    let mut free = None;
    let mut pseudonym = pseudonym_of(engine, tenant, text, 0)?;
    for used in 0..code.uses {
        pseudonym = pseudonym_of(engine, tenant, text, used)?;
        if !state.has_answered(code.round, pseudonym) {
            free = Some(used);
            break;
        }
    }
    let name = ["an answer with a code", &plain(text), key].join("\n");
    let id: CommandId = engine.command_id(tenant, &name)?;
    let (round, group) = (code.round, code.group.clone());
    let command = Command::SubmitResponse { round, pseudonym, group, answers, import: None };
    Ok((free, engine::Request { id, command }))
}

fn pseudonym_of(
    engine: &Engine,
    tenant: JournalId,
    code: &str,
    used: u16,
) -> Result<SubjectId, EngineError> {
    let bytes = engine.stands_for(tenant, "who answers with a code", &numbered(code, used))?;
    Ok(SubjectId::from_bytes(bytes))
}

fn withdrawal_code(
    engine: &Engine,
    tenant: JournalId,
    code: &str,
    used: u16,
) -> Result<String, EngineError> {
    let bytes = engine.stands_for(tenant, "what takes an answer back", &numbered(code, used))?;
    Ok(written(&bytes))
}

fn numbered(code: &str, used: u16) -> Vec<u8> {
    [plain(code).as_bytes(), b"\n", &used.to_be_bytes()].concat()
}

/// The withdrawal code of an answer that was recorded before; nothing if it was taken back.
fn withdrawal_of(
    engine: &Engine,
    tenant: JournalId,
    code: &str,
    seq: Seq,
) -> Result<Option<String>, EngineError> {
    let Some(Event::Survey(SurveyEvent::ResponseSubmitted(event))) =
        engine.reopened(tenant, seq)?
    else {
        return Ok(None);
    };
    let Some(pseudonym) = event.response.subject() else { return Ok(None) };
    for used in 0..CODE_USES_MAX {
        if pseudonym_of(engine, tenant, code, used)? == pseudonym {
            return withdrawal_code(engine, tenant, code, used).map(Some);
        }
    }
    Ok(None)
}

/// Erases the answer that a withdrawal code belongs to, also once the round is closed.
fn take_back(
    engine: &mut Engine,
    tenant: JournalId,
    body: &Withdrawing,
) -> Result<bool, EngineError> {
    let wanted = plain(&body.withdrawal);
    let mut found = None;
    for used in 0..CODE_USES_MAX {
        let code = match withdrawal_code(engine, tenant, &body.code, used) {
            Err(EngineError::UnknownTenant | EngineError::TenantEnded) => return Ok(false),
            code => code?,
        };
        if plain(&code) == wanted {
            found = Some(pseudonym_of(engine, tenant, &body.code, used)?);
        }
    }
    let Some(pseudonym) = found else { return Ok(false) };
    let request = ErasureRequest {
        targets: vec![Cut::Subject(pseudonym)],
        ground: WITHDRAWN.to_owned(),
        ordered_by: RESPONDENT,
        four_eyes: false,
    };
    let order = engine.order_erasure(tenant, request)?;
    engine.approve_erasure(tenant, ErasureApproved { order, approved_by: RESPONDENT })?;
    Ok(true)
}

/// Notes that a guest answered, and records it for all who did once they are enough.
async fn mark(
    service: &Service,
    seat: &Seat,
    (tenant, round, group): (JournalId, RoundId, String),
    floor: u16,
    guest: SubjectId,
) {
    let place = (tenant, round, group);
    let waiting = service.pending().note(place.clone(), guest);
    if waiting.len() < usize::from(floor) {
        return;
    }
    let marked = waiting.clone();
    let make = move |engine: &Engine| {
        let state = engine.tenant(tenant)?.state();
        let unanswered: BTreeSet<SubjectId> = state.unanswered(round).into_iter().collect();
        let scope = state.round(round).ok_or(EngineError::NothingKept)?.identity_scope;
        // In the order of their ids, which tells of nothing.
        let guests = marked.intersection(&unanswered);
        let guests = guests.map(|guest| About::new(*guest, scope, Answered { round }));
        let command = Command::Propose(AnswersMarked { round, guests: guests.collect() }.into());
        let id = CommandId::from_bytes(*engine.fresh_subject()?.as_bytes());
        Ok(engine::Request { id, command })
    };
    // What is refused, since somebody was erased meanwhile, waits for the next who answers.
    if ask::submit(service, seat, tenant, make).await.is_ok() {
        service.pending().drop_all(&place, &waiting);
    }
}

impl Pending {
    /// Adds somebody; gives all who wait.
    fn note(&self, place: (JournalId, RoundId, String), guest: SubjectId) -> BTreeSet<SubjectId> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = waiting.entry(place).or_default();
        waiting.insert(guest);
        waiting.clone()
    }

    fn drop_all(&self, place: &(JournalId, RoundId, String), marked: &BTreeSet<SubjectId>) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waiting) = waiting.get_mut(place) {
            waiting.retain(|guest| !marked.contains(guest));
        }
    }
}

fn answer_of(given: Option<Given>) -> Answer {
    match given {
        None => Answer::NotApplicable,
        Some(Given::Score(score)) => Answer::Score(score),
        Some(Given::Choice(option)) => Answer::Choice(option),
        Some(Given::Text(text)) => Answer::Text(text),
    }
}

fn statement(floor: u16) -> Statement {
    let said = |text: &str| text.replace("{floor}", &floor.to_string());
    Statement { nl: said(STATEMENT_NL), en: said(STATEMENT_EN) }
}
