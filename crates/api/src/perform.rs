//! Performing an operation: who asks, whether they may, the trail, and the answer.
//!
//! *Invariant:* an answer that shows data of people leaves after the line of the trail is durable.
//! *Invariant:* what may not be seen answers to the byte as what is not there.
//! *Invariant:* whether somebody may is asked on the writer's thread, between two commands: nothing
//! that it rests on changes before the command is decided.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use authority::{ACCOUNT_HOLDER, Decision, Question, ScopeRef, ThingRef};
use axum::body::Body;
use axum::extract::{FromRequestParts as _, RawPathParams, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use engine::{Deed, Engine, EngineError};
use events::access::{AccountId, Outcome, Reach, Role};
use projections::role_name;
use record::{ActorId, CommandId, JournalId, SubjectId, TimestampMicros};
use rules::Command;

use crate::ask;
use crate::caller::{self, Shown};
use crate::crowd::Seat;
use crate::language::Language;
use crate::operation::{self, Answer, At, Operation, Path, Plan, Scope, Stop, Then, Thing, Who};
use crate::operations::OwnPassword;
use crate::parse;
use crate::problem::{Kind, Problem};
use crate::service::Service;
use crate::sign_in;

/// Marks a request that nobody made now: a page waits for news.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting;

/// Where in the journal a write stands.
const POSITION: HeaderName = HeaderName::from_static("zegel-position");

/// Who asks, as the request shows it; checked again on the writer's thread.
#[derive(Clone, Debug)]
struct Caller {
    account: AccountId,
    person: SubjectId,
    second_factor: bool,
    /// When the session began; none for a token.
    since: Option<TimestampMicros>,
    token: Option<[u8; 32]>,
}

/// One request, read.
struct Asked {
    tenant: JournalId,
    caller: Caller,
    actor: ActorId,
    path: Path,
    key: String,
    /// Why, where the caller says so.
    reason: Option<String>,
    /// What the thing is believed to read like.
    known: Option<HeaderValue>,
    body: operation::Body,
}

/// What became of a plan, told from the writer's thread.
enum Became {
    /// With what the engine carries out once the event is durable.
    Planned(Answer, Option<Then>),
    Refused,
    Stopped(Stop),
}

/// Performs an operation.
///
/// # Errors
/// [`Problem`].
pub(crate) async fn perform(
    service: &Service,
    operation: &Arc<Operation>,
    seat: &Seat,
    request: Request,
) -> Result<Response, Problem> {
    let language = Language::of(request.headers());
    let etag = request.headers().get(header::IF_NONE_MATCH).cloned();
    let asked = read(service, operation, seat, request).await?;
    let asked = prepared(service, seat, asked).await?;
    let (became, seq) = carry_out(service, operation, seat, asked, language).await?;
    match became {
        Became::Planned(answer, _) => Ok(answered(operation, answer, seq, etag.as_ref())),
        Became::Refused if operation.names_a_thing() => Err(absent()),
        Became::Refused => Err(Problem::of(Kind::Forbidden)),
        Became::Stopped(stop) => Err(stopped(stop, language, service)),
    }
}

/// The answer for what is not there and for what may not be seen.
fn absent() -> Problem {
    Problem::of(Kind::Unknown)
}

fn stopped(stop: Stop, language: Language, service: &Service) -> Problem {
    match stop {
        Stop::Unknown => absent(),
        Stop::Refused(refusal) => Problem::refusal(&refusal, language),
        Stop::Problem(problem) => problem,
        Stop::Engine(error) => Problem::from_engine(error.into(), language, service),
    }
}

async fn read(
    service: &Service,
    operation: &Operation,
    seat: &Seat,
    request: Request,
) -> Result<Asked, Problem> {
    let (mut parts, body) = request.into_parts();
    let shown = caller::shown(&parts.headers).ok_or(Problem::of(Kind::NotAuthorised))?;
    let ids = RawPathParams::from_request_parts(&mut parts, &()).await;
    let ids = ids.iter().flat_map(|ids| ids.iter().map(|(name, id)| (name.into(), id.into())));
    let mut path: BTreeMap<String, String> = ids.collect();
    let tenant = path.remove("tenant").and_then(|id| JournalId::from_hex(&id));
    let waits = parts.extensions.get::<Waiting>().is_some();
    let caller = known(service, seat, shown, tenant, waits).await?;
    // A caller of one tenant sees of another one what is not there.
    let tenant = tenant.ok_or_else(absent)?;
    let actor = actor(service, seat, tenant, &caller).await?;
    seat.becomes_known();
    let query = parse::query(parts.uri.query())?;
    operation.check_query(&query)?;
    path.extend(query);
    let (path, reason) = (Path(path), parse::reason(&parts.headers)?);
    if !operation.changes() {
        let (key, body) = (String::new(), (operation.read)(&[])?);
        return Ok(Asked { tenant, caller, actor, path, key, reason, known: None, body });
    }
    let known = parse::tag(&parts.headers)?;
    if known.is_some() && operation.shown_by.is_none() {
        return Err(Problem::input("If-Match", "only where one thing is changed that can be read"));
    }
    if caller::is_foreign(&parts.headers) {
        return Err(Problem::of(Kind::Forbidden));
    }
    let key = parse::idempotency_key(&parts.headers)?;
    let body = read_body(service, operation, &parts.headers, body).await?;
    Ok(Asked { tenant, caller, actor, path, key, reason, known, body })
}

/// Who acts, once what the request showed is found to hold; named in the trail of this year.
async fn actor(
    service: &Service,
    seat: &Seat,
    tenant: JournalId,
    caller: &Caller,
) -> Result<ActorId, Problem> {
    let caller = caller.clone();
    let named = ask::ask_mut(service, seat, move |engine| {
        if !caller.holds(engine, tenant)? {
            return Ok(None);
        }
        // Recorded once a year and account, before anything is done in that name.
        match engine.actor(tenant, caller.account)? {
            Some(actor) => Ok(Some(actor)),
            None => engine.name_actor(tenant, caller.account).map(Some),
        }
    });
    let named = named.await;
    let failed = |unanswered| Problem::from_engine(unanswered, Language::English, service);
    named.map_err(failed)?.ok_or(Problem::of(Kind::NotAuthorised))
}

impl Caller {
    /// Whether the account is there, and its session or token has not ended.
    fn holds(&self, engine: &Engine, tenant: JournalId) -> Result<bool, EngineError> {
        let state = engine.tenant(tenant)?.state();
        let Some((_, account)) = state.account(self.account) else { return Ok(false) };
        let token = self.token.is_none_or(|token| state.token(&token, engine.now()).is_some());
        Ok(token && self.since.is_none_or(|since| since >= account.sessions_from))
    }
}

/// A password is digested before the writer is asked: it must not wait for that.
async fn prepared(service: &Service, seat: &Seat, mut asked: Asked) -> Result<Asked, Problem> {
    asked.body = match asked.body.downcast::<OwnPassword>() {
        Ok(body) => {
            let (account, key) = (asked.caller.account, &asked.key);
            Box::new(sign_in::renew(service, seat, asked.tenant, account, key, *body).await?)
        }
        Err(body) => body,
    };
    Ok(asked)
}

async fn read_body(
    service: &Service,
    operation: &Operation,
    headers: &HeaderMap,
    body: Body,
) -> Result<operation::Body, Problem> {
    parse::json_type(headers)?;
    let bytes = parse::body(body, service.limits()).await?;
    (operation.read)(&bytes)
}

/// Who a session or a token is of. A session of another tenant is shown what is not there.
async fn known(
    service: &Service,
    seat: &Seat,
    shown: Shown,
    tenant: Option<JournalId>,
    waits: bool,
) -> Result<Caller, Problem> {
    let unknown = || Problem::of(Kind::NotAuthorised);
    match shown {
        Shown::Session(digest) => {
            let (sessions, now) = (service.sessions(), Instant::now());
            let session =
                if waits { sessions.peek(&digest, now) } else { sessions.find(&digest, now) };
            let session = session.ok_or_else(unknown)?;
            if tenant != Some(session.tenant) {
                return Err(absent());
            }
            Ok(Caller {
                account: session.account,
                person: session.person,
                second_factor: session.second_factor,
                since: Some(session.since),
                token: None,
            })
        }
        Shown::Token(digest) => {
            let tenant = tenant.ok_or_else(unknown)?;
            let found = ask::ask(service, seat, move |engine| holder(engine, tenant, digest)).await;
            found.ok().flatten().ok_or_else(unknown)
        }
    }
}

fn holder(
    engine: &Engine,
    tenant: JournalId,
    digest: [u8; 32],
) -> Result<Option<Caller>, EngineError> {
    let state = engine.tenant(tenant)?.state();
    let Some(token) = state.token(&digest, engine.now()) else { return Ok(None) };
    let account = token.account;
    let Some((person, _)) = state.account(account) else { return Ok(None) };
    let (second_factor, since) = (false, None);
    Ok(Some(Caller { account, person, second_factor, since, token: Some(digest) }))
}

/// Plans on the writer's thread, asks the policies, and does or records what there is to.
async fn carry_out(
    service: &Service,
    operation: &Arc<Operation>,
    seat: &Seat,
    asked: Asked,
    language: Language,
) -> Result<(Became, Option<u64>), Problem> {
    let Asked { tenant, caller, actor, path, key, reason, known, body } = asked;
    let failed = |unanswered| Problem::from_engine(unanswered, language, service);
    let who = Who { account: caller.account, person: caller.person, actor };
    let became = Arc::new(Mutex::new(None));
    let tell = Arc::clone(&became);
    let performing = Performing {
        service: service.clone(),
        operation: Arc::clone(operation),
        tenant,
        caller,
        who,
        path,
        key,
        reason,
        known,
    };
    let done = if operation.recorded {
        let make = move |engine: &Engine| performing.command(engine, body, &tell);
        ask::submit(service, seat, tenant, make).await.map(|done| Some(done.seq.0))
    } else {
        let look = move |engine: &Engine| {
            let (became, _) = performing.plan(engine, CommandId::from_bytes([0; 16]), body);
            *tell.lock().unwrap_or_else(PoisonError::into_inner) = Some(became);
            Ok(None)
        };
        ask::ask(service, seat, look).await
    };
    let became = became.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (done, became) {
        // A plan that stopped left no command to do.
        (_, Some(became @ Became::Stopped(_))) => Ok((became, None)),
        (Ok(seq), Some(Became::Planned(answer, Some(then)))) => {
            let carried = ask::ask_mut(service, seat, move |engine| then(engine, tenant)).await;
            carried.map_err(failed)?;
            Ok((Became::Planned(answer, None), seq))
        }
        (Ok(seq), Some(became)) => Ok((became, seq)),
        (Ok(_), None) => Err(Problem::of(Kind::Fault)),
        (Err(unanswered), _) => Err(failed(unanswered)),
    }
}

/// Everything that performing needs on the writer's thread.
struct Performing {
    service: Service,
    operation: Arc<Operation>,
    tenant: JournalId,
    caller: Caller,
    who: Who,
    path: Path,
    key: String,
    reason: Option<String>,
    known: Option<HeaderValue>,
}

type Tell = Mutex<Option<Became>>;

impl Performing {
    /// The command that does what was planned and says who did it, or that it was refused.
    fn command(
        &self,
        engine: &Engine,
        body: operation::Body,
        tell: &Tell,
    ) -> Result<engine::Request, EngineError> {
        let id = self.command_id(engine)?;
        let (became, told) = self.plan(engine, id, body);
        let stopped = matches!(became, Became::Stopped(_));
        *tell.lock().unwrap_or_else(PoisonError::into_inner) = Some(became);
        let Some(Told { deed, does }) = told.filter(|_| !stopped) else {
            return Err(EngineError::NothingKept);
        };
        let acted = engine.acted(self.tenant, deed)?;
        // What was refused is recorded under an id of its own: the key stays free.
        let id = if does.is_some() { id } else { self.fresh_id(engine)? };
        Ok(engine::Request { id, command: Command::Act { acted, does: does.map(Box::new) } })
    }

    /// An operation under one key is one command, of one account.
    fn command_id(&self, engine: &Engine) -> Result<CommandId, EngineError> {
        if !self.operation.changes() {
            return self.fresh_id(engine);
        }
        let name = [self.operation.id, &self.who.account.to_string(), &self.key].join("\n");
        engine.command_id(self.tenant, &name)
    }

    fn fresh_id(&self, engine: &Engine) -> Result<CommandId, EngineError> {
        Ok(CommandId::from_bytes(*engine.fresh_subject()?.as_bytes()))
    }

    fn plan(
        &self,
        engine: &Engine,
        command: CommandId,
        body: operation::Body,
    ) -> (Became, Option<Told>) {
        if let Err(stop) = self.still_holds(engine) {
            return (Became::Stopped(stop), None);
        }
        let (path, now) = (&self.path, engine.now());
        // A question that cannot be asked is answered with no.
        let may = |action: &str, thing: &Thing| {
            self.decide(engine, action, thing, false)
                .is_ok_and(|(decision, _)| decision.is_allowed())
        };
        let (tenant, who, may) = (self.tenant, self.who, &may);
        let at = At { engine, tenant, who, command, path, now, may };
        match (self.operation.run)(&at, body) {
            Err(stop) => (Became::Stopped(stop), None),
            Ok(plan) => {
                match self.decide(engine, self.operation.id, &plan.thing, !plan.whose.is_empty()) {
                    Err(error) => (Became::Stopped(error.into()), None),
                    Ok((decision, _)) if decision.is_allowed() && self.is_overtaken(&at) => {
                        (Became::Stopped(Stop::Problem(Problem::of(Kind::Overtaken))), None)
                    }
                    Ok((decision, role)) => self.told(plan, &decision, role),
                }
            }
        }
    }

    /// Whether the thing no longer reads as the caller believes.
    fn is_overtaken(&self, at: &At<'_>) -> bool {
        let (Some(known), Some(shown_by)) = (&self.known, &self.operation.shown_by) else {
            return false;
        };
        let now = (shown_by.run)(at, Box::new(()));
        !now.is_ok_and(|plan| tag_of(&plan.answer) == known)
    }

    fn told(&self, plan: Plan, decision: &Decision, role: Option<Role>) -> (Became, Option<Told>) {
        let allowed = decision.is_allowed();
        let Plan { whose, does, then, answer, .. } = plan;
        let whose = whose.into_iter().map(|(person, what)| (person, what, self.reason.clone()));
        let deed = Deed {
            actor: Some(self.who.actor),
            operation: self.operation.id.to_owned(),
            role,
            purpose: self.operation.purpose.to_owned(),
            outcome: if allowed { Outcome::Allowed } else { Outcome::Refused },
            policy: decision.policy().to_owned(),
            whose: whose.collect(),
        };
        let became = if allowed { Became::Planned(answer, then) } else { Became::Refused };
        (became, Some(Told { deed, does: does.filter(|_| allowed) }))
    }

    /// A session or a token may have ended since the request was read.
    fn still_holds(&self, engine: &Engine) -> Result<(), Stop> {
        if !self.caller.holds(engine, self.tenant)? {
            return Err(Stop::Problem(Problem::of(Kind::NotAuthorised)));
        }
        let Some(digest) = self.caller.token else { return Ok(()) };
        let token = engine.tenant(self.tenant)?.state().token(&digest, engine.now());
        let limited = token
            .is_some_and(|token| token.operations.iter().any(|name| name == self.operation.id));
        if limited { Ok(()) } else { Err(Stop::Problem(Problem::of(Kind::Forbidden))) }
    }

    /// Asks the policies about each of the account's roles, and about its being an account.
    fn decide(
        &self,
        engine: &Engine,
        action: &str,
        thing: &Thing,
        shows_somebody: bool,
    ) -> Result<(Decision, Option<Role>), EngineError> {
        let (state, now) = (engine.tenant(self.tenant)?.state(), engine.now());
        let account = self.who.account.to_string();
        let suspended =
            state.account(self.who.account).is_none_or(|(_, account)| account.suspended.is_some());
        let grants: Vec<_> = state
            .grants_of(self.who.account, now)
            .map(|(id, grant)| (id.to_string(), grant.role, scope_of(grant.reach, &account)))
            .collect();
        let within: Vec<_> = thing.within.iter().map(scope_ref).collect();
        let thing = ThingRef { kind: thing.kind, id: &thing.id, within: &within };
        let question = |grant, role, reach| Question {
            grant,
            account: &account,
            role,
            reach,
            suspended,
            second_factor: self.caller.second_factor,
            action,
            thing,
            // A reason counts where it is recorded: with the person that is looked at.
            reason_given: self.reason.is_some() && shows_somebody,
            support_open: state.support_is_open(now),
        };
        let roles =
            grants.iter().map(|(id, role, reach)| question(id, role_name(*role), scope_ref(reach)));
        let holder = question(ACCOUNT_HOLDER, ACCOUNT_HOLDER, ScopeRef::Own(&account));
        let (decision, at) =
            self.service.authority().decide_any(roles.chain(std::iter::once(holder)));
        let role = at.and_then(|at| grants.get(at)).map(|(_, role, _)| *role);
        Ok((decision, role))
    }
}

struct Told {
    deed: Deed,
    does: Option<Command>,
}

fn scope_of(reach: Reach, account: &str) -> Scope {
    match reach {
        Reach::Own => Scope::Own(account.to_owned()),
        Reach::Team(team) => Scope::Team(team.to_string()),
        Reach::School(school) => Scope::School(school.to_string()),
        Reach::Board => Scope::Board,
    }
}

fn scope_ref(scope: &Scope) -> ScopeRef<'_> {
    match scope {
        Scope::Own(account) => ScopeRef::Own(account),
        Scope::Team(team) => ScopeRef::Team(team),
        Scope::School(school) => ScopeRef::School(school),
        Scope::Board => ScopeRef::Board,
    }
}

/// Names the content of an answer.
fn tag_of(answer: &Answer) -> HeaderValue {
    let tag = format!("\"{}\"", blake3::hash(&answer.bytes).to_hex().split_at(32).0);
    HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""))
}

/// The answer, with its position in the journal and a tag of its content.
fn answered(
    operation: &Operation,
    answer: Answer,
    seq: Option<u64>,
    known: Option<&HeaderValue>,
) -> Response {
    let tag = tag_of(&answer);
    if !operation.changes() && known == Some(&tag) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    let content = [(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type))];
    let mut response = (StatusCode::OK, content, answer.bytes).into_response();
    let headers = response.headers_mut();
    if !operation.changes() {
        headers.insert(header::ETAG, tag);
    }
    if let Some(name) = answer.file_name {
        // Kept, and never shown as a page of this server.
        let attached = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
        let attached = attached.unwrap_or(HeaderValue::from_static("attachment"));
        headers.insert(header::CONTENT_DISPOSITION, attached);
    }
    if let Some(seq) = seq.filter(|_| operation.changes()) {
        headers.insert(POSITION, HeaderValue::from(seq));
    }
    response
}
