//! Signing in and out, and setting a password with a code: what is asked before anybody is known.
//!
//! *Invariant:* a wrong name, a wrong password, a wrong code and a suspended account have one answer;
//! at a sign-in each of them costs one digest.
//! KNOWN GAP: how long the answer takes tells a known name from an unknown one (docs/threats.md).
//! *Invariant:* passwords are digested off the writer's thread, few at a time: each takes 19 MiB.
//! *Invariant:* every attempt under a known name is in the trail; attempts are limited by name.

use std::time::Instant;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use engine::{Deed, Engine, EngineError, SignIn};
use events::About;
use events::access::{AccountId, Outcome, Password, PasswordSet};
use record::{ActorId, CommandId, JournalId, TimestampMicros};
use rules::Command;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ask;
use crate::caller::{self, Shown};
use crate::credentials::{
    digest_of_secret, digest_password, fresh_secret, is_password, may_be_password, salt,
    step_of_code,
};
use crate::crowd::Seat;
use crate::language::Language;
use crate::operations::OwnPassword;
use crate::parse;
use crate::problem::{Kind, Problem};
use crate::service::Service;
use crate::session::Tried;

const PURPOSE: &str = "access";
const BY_CODE: &str = "the-code-opens";
const BY_PASSWORD: &str = "the-password-opens";

/// What signs in.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SigningIn {
    /// The login name.
    login: String,
    password: String,
    /// The present code of the second factor, where there is one.
    code: Option<String>,
}

/// Who signed in.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SignedIn {
    account: String,
    person: String,
    /// Whether a second factor was shown: grave acts need one.
    second_factor: bool,
}

/// A password to set with a code.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    /// The login name.
    login: String,
    /// The code that an administrator gave out.
    code: String,
    /// At least 12 characters, at most 256 bytes, not the login name.
    password: String,
}

/// `POST /v1/tenants/{tenant}/sign-in`
pub(crate) async fn sign_in(
    State(service): State<Service>,
    Path(tenant): Path<String>,
    language: Language,
    seat: Seat,
    request: Request,
) -> Result<Response, Problem> {
    let tenant = JournalId::from_hex(&tenant).ok_or(Problem::of(Kind::NotAuthorised))?;
    let body: SigningIn = body(&service, request).await?;
    let tried = tried(tenant, &body.login);
    let now = Instant::now();
    if !service.sessions().may_try(&tried, now) {
        return Err(Problem::of(Kind::TooManyTries));
    }
    let (found, since) = find(&service, &seat, tenant, &body.login).await;
    let checked = check(&service, found, since, body).await;
    let (known, opened) = (checked.account, checked.opened);
    service.sessions().tried(tried, opened.is_some(), now);
    if let Some(account) = known {
        let outcome = if opened.is_some() { Outcome::Allowed } else { Outcome::Refused };
        note(&service, &seat, tenant, account, outcome)
            .await
            .map_err(|failed| Problem::from_engine(failed, language, &service))?;
    }
    seat.becomes_known();
    begin(&service, tenant, since, opened.ok_or(Problem::of(Kind::NotAuthorised))?)
}

/// `POST /v1/tenants/{tenant}/sign-out`
pub(crate) async fn sign_out(State(service): State<Service>, request: Request) -> Response {
    if let Some(Shown::Session(digest)) = caller::shown(request.headers()) {
        service.sessions().end(&digest);
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(cookie) = caller::set_cookie("") {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// `POST /v1/tenants/{tenant}/new-password`
pub(crate) async fn new_password(
    State(service): State<Service>,
    Path(tenant): Path<String>,
    language: Language,
    seat: Seat,
    request: Request,
) -> Result<Response, Problem> {
    let refused = || Problem::of(Kind::NotAuthorised);
    let tenant = JournalId::from_hex(&tenant).ok_or_else(refused)?;
    let body: NewPassword = body(&service, request).await?;
    let tried = tried(tenant, &body.login);
    let now = Instant::now();
    if !service.sessions().may_try(&tried, now) {
        return Err(Problem::of(Kind::TooManyTries));
    }
    check_password(&body.password, &body.login)?;
    let (found, _) = find(&service, &seat, tenant, &body.login).await;
    let digest = digest_of_secret(&body.code);
    let (Some(found), Some(digest)) = (found, digest) else {
        service.sessions().tried(tried, false, now);
        return Err(refused());
    };
    let salt = salt(found.account.as_bytes(), &body.code);
    let phc = digested(&service, body.password, salt).await?;
    // The line of the trail needs its year.
    let account = found.account;
    let named = move |engine: &mut Engine| engine.name_actor(tenant, account);
    let named = ask::ask_mut(&service, &seat, named).await;
    named.map_err(|failed| Problem::from_engine(failed, language, &service))?;
    let made = move |engine: &Engine| with_code(engine, tenant, &found, digest, phc);
    let done = ask::submit(&service, &seat, tenant, made).await;
    service.sessions().tried(tried, done.is_ok(), now);
    match done {
        Ok(_) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(ask::Unanswered::Engine(EngineError::NothingKept)) => Err(refused()),
        Err(failed) => Err(Problem::from_engine(failed, language, &service)),
    }
}

/// The digest of a new password, once the present one was shown.
///
/// # Errors
/// [`Problem`] when the present one is wrong, the new one is none, or too many were wrong.
pub(crate) async fn renew(
    service: &Service,
    seat: &Seat,
    tenant: JournalId,
    account: AccountId,
    key: &str,
    body: OwnPassword,
) -> Result<OwnPassword, Problem> {
    let known = move |engine: &Engine| match engine.login_name(tenant, account)? {
        Some(login) => Ok(engine.sign_in(tenant, &login)?.map(|found| (login, found))),
        None => Ok(None),
    };
    let known = ask::ask(service, seat, known).await.ok().flatten();
    let (login, found) = known.ok_or(Problem::of(Kind::NotAuthorised))?;
    let (tried, now) = (tried(tenant, &login), Instant::now());
    if !service.sessions().may_try(&tried, now) {
        return Err(Problem::of(Kind::TooManyTries));
    }
    check_password(&body.password, &login)?;
    let OwnPassword { current, password, .. } = body;
    let right = opens(service, current, found.password).await;
    service.sessions().tried(tried, right, now);
    if !right {
        return Err(Problem::input("current", "the present password"));
    }
    let digest = digested(service, password, salt(account.as_bytes(), key)).await?;
    Ok(OwnPassword { current: String::new(), password: String::new(), digest: Some(digest) })
}

/// Digests a password, few at a time.
///
/// # Errors
/// [`Problem`] when too many wait, or on a bug of ours.
pub(crate) async fn digested(
    service: &Service,
    password: String,
    salt: [u8; 16],
) -> Result<String, Problem> {
    let _one_of_few = service.digesting().await.ok_or(Problem::of(Kind::Stopped))?;
    let digest = tokio::task::spawn_blocking(move || digest_password(&password, &salt)).await;
    digest.ok().and_then(Result::ok).ok_or(Problem::of(Kind::Fault))
}

/// Whether a password is the one of an account.
pub(crate) async fn opens(service: &Service, password: String, digest: Option<String>) -> bool {
    let Some(_one_of_few) = service.digesting().await else { return false };
    let opens = move || is_password(&password, digest.as_deref());
    tokio::task::spawn_blocking(opens).await.unwrap_or(false)
}

/// # Errors
/// [`Problem`] naming the rule that a password breaks.
pub(crate) fn check_password(password: &str, login: &str) -> Result<(), Problem> {
    let rule = "at least 12 characters, at most 256 bytes, and not the login name";
    match may_be_password(password, login) {
        true => Ok(()),
        false => Err(Problem::input("password", rule)),
    }
}

/// What a sign-in came to: the account that was tried, and what it opened.
struct Checked {
    account: Option<AccountId>,
    opened: Option<(SignIn, bool)>,
}

async fn check(
    service: &Service,
    found: Option<SignIn>,
    now: TimestampMicros,
    body: SigningIn,
) -> Checked {
    let digest = found.as_ref().and_then(|found| found.password.clone());
    let right = opens(service, body.password, digest).await;
    let account = found.as_ref().map(|found| found.account);
    let opened = found.filter(|found| right && found.suspended.is_none()).and_then(|found| {
        let Some(secret) = found.second_factor else { return Some((found, false)) };
        let step = step_of_code(&secret, body.code.as_deref()?, now.0 / 1_000_000)?;
        service.sessions().takes_step(found.account, step).then_some((found, true))
    });
    Checked { account, opened }
}

fn begin(
    service: &Service,
    tenant: JournalId,
    since: TimestampMicros,
    (found, second_factor): (SignIn, bool),
) -> Result<Response, Problem> {
    let text = fresh_secret().map_err(|_| Problem::of(Kind::Fault))?;
    let digest = digest_of_secret(&text).ok_or(Problem::of(Kind::Fault))?;
    let who = (tenant, found.account, found.person);
    if !service.sessions().begin(digest, who, second_factor, since, Instant::now()) {
        return Err(Problem::of(Kind::Busy));
    }
    let cookie = caller::set_cookie(&text).ok_or(Problem::of(Kind::Fault))?;
    let (account, person) = (found.account.to_string(), found.person.to_string());
    let signed_in = SignedIn { account, person, second_factor };
    Ok(([(header::SET_COOKIE, cookie)], Json(signed_in)).into_response())
}

/// What signs in under a name, and the time as the journal tells it.
async fn find(
    service: &Service,
    seat: &Seat,
    tenant: JournalId,
    login: &str,
) -> (Option<SignIn>, TimestampMicros) {
    let login = login.to_owned();
    // A tenant that is not there has no accounts.
    let find =
        move |engine: &Engine| Ok((engine.sign_in(tenant, &login).ok().flatten(), engine.now()));
    ask::ask(service, seat, find).await.unwrap_or((None, TimestampMicros(0)))
}

/// Leaves a line in the trail.
async fn note(
    service: &Service,
    seat: &Seat,
    tenant: JournalId,
    account: AccountId,
    outcome: Outcome,
) -> Result<(), ask::Unanswered> {
    let named = move |engine: &mut Engine| engine.name_actor(tenant, account);
    let actor = ask::ask_mut(service, seat, named).await?;
    let make = move |engine: &Engine| {
        let deed = deed("sign-in", Some(actor), outcome, BY_PASSWORD);
        let id = CommandId::from_bytes(*engine.fresh_subject()?.as_bytes());
        let acted = engine.acted(tenant, deed)?;
        Ok(engine::Request { id, command: Command::Act { acted, does: None } })
    };
    ask::submit(service, seat, tenant, make).await.map(drop)
}

/// What is done before anybody acts in a role; it touches nobody's data but the caller's own.
fn deed(operation: &str, actor: Option<ActorId>, outcome: Outcome, policy: &str) -> Deed {
    Deed {
        actor,
        operation: operation.to_owned(),
        role: None,
        purpose: PURPOSE.to_owned(),
        outcome,
        policy: policy.to_owned(),
        whose: Vec::new(),
    }
}

/// The command that sets a password, if the code holds.
fn with_code(
    engine: &Engine,
    tenant: JournalId,
    found: &SignIn,
    digest: [u8; 32],
    phc: String,
) -> Result<engine::Request, EngineError> {
    let state = engine.tenant(tenant)?.state();
    if !state.resets(found.account, &digest, engine.now()) {
        return Err(EngineError::NothingKept);
    }
    let scope = engine.permanent_scope(tenant)?;
    let password = About::new(found.person, scope, Password { phc });
    let set = PasswordSet { account: found.account, password };
    let deed = deed("new-password", None, Outcome::Allowed, BY_CODE);
    let acted = engine.acted(tenant, deed)?;
    let does = Some(Box::new(Command::Propose(set.into())));
    let id = CommandId::from_bytes(*engine.fresh_subject()?.as_bytes());
    Ok(engine::Request { id, command: Command::Act { acted, does } })
}

async fn body<B: serde::de::DeserializeOwned>(
    service: &Service,
    request: Request,
) -> Result<B, Problem> {
    if caller::is_foreign(request.headers()) {
        return Err(Problem::of(Kind::Forbidden));
    }
    parse::json_type(request.headers())?;
    let bytes = parse::body(request.into_body(), service.limits()).await?;
    parse::json(&bytes)
}

/// What failures are counted under.
fn tried(tenant: JournalId, login: &str) -> Tried {
    let mut hasher = blake3::Hasher::new_derive_key("zegel 2026 failed sign-ins");
    let digest = hasher.update(tenant.as_bytes()).update(login.to_lowercase().as_bytes());
    *digest.finalize().as_bytes()
}
