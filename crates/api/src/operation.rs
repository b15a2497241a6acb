//! One operation of the API: what it is called, what it takes, and what it plans.
//!
//! *Invariant:* an operation plans, and nothing more: whether the plan may be carried out is asked of
//! the policies in one place, on the writer's thread, just before it happens.
//! *Invariant:* the router and the OpenAPI document are made of the same list.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use axum::http::Method;
use engine::{Engine, EngineError, Tenant};
use events::access::AccountId;
use events::{About, Event};
use record::{ActorId, CommandId, JournalId, SubjectId, TimestampMicros};
use regex::Regex;
use rules::{Command, Refusal};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::operations::PAGE_MAX;
use crate::problem::Problem;

/// Who asks, as far as the writer's thread knows when it is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Who {
    pub(crate) account: AccountId,
    pub(crate) person: SubjectId,
    pub(crate) actor: ActorId,
}

/// What an operation plans with.
pub(crate) struct At<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) tenant: JournalId,
    pub(crate) who: Who,
    /// The id of the command that is planned; ids of what it makes derive from it.
    pub(crate) command: CommandId,
    pub(crate) path: &'a Path,
    pub(crate) now: TimestampMicros,
    /// Whether the policies let the caller do an action with a thing.
    pub(crate) may: &'a dyn Fn(&str, &Thing) -> bool,
}

/// The ids in the path, and the members of the query, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Path(pub(crate) BTreeMap<String, String>);

/// One member of a query.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) name: &'static str,
    pub(crate) pattern: &'static str,
    /// The pattern, made; tests hold that each can be.
    regex: Option<Regex>,
}

/// What would be done or shown.
pub(crate) struct Plan {
    pub(crate) thing: Thing,
    /// Whose data it touches or shows, and which categories.
    pub(crate) whose: Vec<(SubjectId, Vec<u16>)>,
    pub(crate) does: Option<Command>,
    /// What the engine carries out once that is durable.
    pub(crate) then: Option<Then>,
    pub(crate) answer: Answer,
}

/// Work that follows on a durable event; it may be asked again, and then goes on where it stopped.
pub(crate) type Then = Box<dyn FnOnce(&mut Engine, JournalId) -> Result<(), EngineError> + Send>;

/// What leaves as the answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// What a file that is handed over is called: letters, digits, hyphens and a full stop.
    pub(crate) file_name: Option<String>,
}

/// What something is done with, as the policies see it.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) within: Vec<Scope>,
}

/// A part of the tenant that a thing belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Own(String),
    Team(String),
    School(String),
    Board,
}

/// Why there is no plan.
#[derive(Debug)]
pub(crate) enum Stop {
    /// What the path names is not there; the answer is the same as for what may not be seen.
    Unknown,
    /// A rule says no.
    Refused(Refusal),
    /// The request breaks a rule of its form.
    Problem(Problem),
    /// We cannot say.
    Engine(EngineError),
}

impl Stop {
    /// A member of path, query or body, and the rule that it breaks.
    pub(crate) fn input(member: &str, rule: &str) -> Self {
        Self::Problem(Problem::input(member, rule))
    }
}

impl From<EngineError> for Stop {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

pub(crate) type Planned = Result<Plan, Stop>;
pub(crate) type Body = Box<dyn Any + Send>;
type Read = Arc<dyn Fn(&[u8]) -> Result<Body, Problem> + Send + Sync>;
type Run = Arc<dyn Fn(&At<'_>, Body) -> Planned + Send + Sync>;
type Describe = fn(&mut SchemaGenerator) -> Schema;

/// One operation.
#[derive(Clone)]
pub(crate) struct Operation {
    /// Its name, which is the policies' name of the action too.
    pub(crate) id: &'static str,
    pub(crate) method: Method,
    /// Below `/v1/tenants/{tenant}`.
    pub(crate) path: &'static str,
    pub(crate) summary: &'static str,
    /// What it is done for, as the trail says it.
    pub(crate) purpose: &'static str,
    /// Whether a look leaves a line in the trail: it shows data of people, or leaves as a file.
    pub(crate) recorded: bool,
    /// Members of the query that it knows, each with the pattern of its value.
    pub(crate) query: Vec<Member>,
    /// The one that shows the thing which this one changes, if one does: what `If-Match` is held
    /// against.
    pub(crate) shown_by: Option<Arc<Self>>,
    pub(crate) body: Option<Describe>,
    pub(crate) answer: Describe,
    /// What its answer may be other than JSON; nothing if it is JSON.
    pub(crate) files: &'static [&'static str],
    pub(crate) read: Read,
    pub(crate) run: Run,
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Operation({})", self.id)
    }
}

impl Operation {
    /// Shows something that tells about nobody.
    pub(crate) fn shows<A: JsonSchema + 'static>(
        id: &'static str,
        path: &'static str,
        purpose: &'static str,
        summary: &'static str,
        run: fn(&At<'_>) -> Planned,
    ) -> Self {
        Self {
            id,
            method: Method::GET,
            path,
            summary,
            purpose,
            recorded: false,
            query: Vec::new(),
            shown_by: None,
            body: None,
            answer: SchemaGenerator::subschema_for::<A>,
            files: &[],
            read: Arc::new(|_| Ok(Box::new(()))),
            run: Arc::new(move |at, _| run(at)),
        }
    }

    /// Shows data of people; that is recorded before the answer leaves.
    pub(crate) fn shows_people<A: JsonSchema + 'static>(
        id: &'static str,
        path: &'static str,
        purpose: &'static str,
        summary: &'static str,
        run: fn(&At<'_>) -> Planned,
    ) -> Self {
        Self { recorded: true, ..Self::shows::<A>(id, path, purpose, summary, run) }
    }

    /// Hands over a file of one of these types; that is recorded before it leaves.
    pub(crate) fn exports(
        id: &'static str,
        path: &'static str,
        purpose: &'static str,
        summary: &'static str,
        files: &'static [&'static str],
        run: fn(&At<'_>) -> Planned,
    ) -> Self {
        Self { recorded: true, files, ..Self::shows::<()>(id, path, purpose, summary, run) }
    }

    /// Does something.
    pub(crate) fn does<B, A>(
        id: &'static str,
        path: &'static str,
        purpose: &'static str,
        summary: &'static str,
        run: fn(&At<'_>, B) -> Planned,
    ) -> Self
    where
        B: DeserializeOwned + JsonSchema + Send + 'static,
        A: JsonSchema + 'static,
    {
        let read = |bytes: &[u8]| -> Result<Body, Problem> {
            Ok(Box::new(crate::parse::json::<B>(bytes)?))
        };
        let run = move |at: &At<'_>, body: Body| match body.downcast::<B>() {
            Ok(body) => run(at, *body),
            Err(_) => Err(Stop::Unknown),
        };
        Self {
            id,
            method: Method::POST,
            path,
            summary,
            purpose,
            recorded: true,
            query: Vec::new(),
            shown_by: None,
            body: Some(SchemaGenerator::subschema_for::<B>),
            answer: SchemaGenerator::subschema_for::<A>,
            files: &[],
            read: Arc::new(read),
            run: Arc::new(run),
        }
    }

    /// Which members of the query it knows, each with the pattern of its value.
    pub(crate) fn knows(self, query: &'static [(&'static str, &'static str)]) -> Self {
        let member = |(name, pattern): &(&'static str, &'static str)| Member {
            name,
            pattern,
            regex: Regex::new(pattern).ok(),
        };
        Self { query: query.iter().map(member).collect(), ..self }
    }

    /// Whether a query has only members that it knows, each of its pattern.
    ///
    /// # Errors
    /// [`Problem`], which names the member if it is a known one.
    pub(crate) fn check_query(&self, query: &[(String, String)]) -> Result<(), Problem> {
        for (name, value) in query {
            let Some(member) = self.query.iter().find(|member| member.name == name) else {
                let names: Vec<_> = self.query.iter().map(|member| member.name).collect();
                let rule = format!("no members but: {}", names.join(", "));
                return Err(Problem::input("query", &rule));
            };
            if !member.regex.as_ref().is_some_and(|regex| regex.is_match(value)) {
                let rule = format!("must match {}", member.pattern);
                return Err(Problem::input(member.name, &rule));
            }
        }
        Ok(())
    }

    /// Whether it changes something.
    pub(crate) fn changes(&self) -> bool {
        self.method != Method::GET
    }

    /// Whether its path names one thing, so that a refusal must look as if it were not there.
    pub(crate) fn names_a_thing(&self) -> bool {
        self.path.contains('{')
    }
}

impl At<'_> {
    /// The tenant, which runs.
    pub(crate) fn tenant(&self) -> Result<&Tenant, Stop> {
        let tenant = self.engine.tenant(self.tenant)?;
        if tenant.has_ended() { Err(EngineError::TenantEnded.into()) } else { Ok(tenant) }
    }

    /// Sixteen bytes for a thing that this command makes: the same command makes the same.
    pub(crate) fn made(&self, what: &str) -> Result<[u8; 16], Stop> {
        Ok(self.engine.stands_for(self.tenant, what, self.command.as_bytes())?)
    }

    /// A part about somebody, kept as long as the agreement lasts.
    pub(crate) fn about<T>(&self, subject: SubjectId, value: T) -> Result<About<T>, Stop> {
        Ok(About::new(subject, self.engine.permanent_scope(self.tenant)?, value))
    }

    /// How many rows stand before the page that is asked for; `page` counts from 0.
    pub(crate) fn rows_before_page(&self) -> Result<usize, Stop> {
        let page = self.path.text("page").map_or(Ok(0), str::parse::<usize>);
        page.ok().and_then(|page| page.checked_mul(PAGE_MAX)).ok_or(Stop::Unknown)
    }

    /// The moment that is asked about, if one is; what is to come is told by nothing yet.
    pub(crate) fn as_of(&self) -> Result<Option<TimestampMicros>, Stop> {
        let Some(text) = self.path.text("as_of") else { return Ok(None) };
        let asked = text.parse().ok().map(TimestampMicros).filter(|moment| *moment <= self.now);
        let rule = "a moment that has passed, in microseconds";
        asked.map(Some).ok_or_else(|| Stop::input("as_of", rule))
    }

    /// What belongs to all of the tenant.
    pub(crate) fn board(&self, kind: &'static str) -> Thing {
        Thing { kind, id: self.tenant.to_string(), within: vec![Scope::Board] }
    }

    /// What is the same at every school of the tenant, and tells of nobody.
    pub(crate) fn everywhere(&self, kind: &'static str) -> Result<Thing, Stop> {
        let schools = self.tenant()?.views().organisation().chart().schools;
        let mut thing = self.board(kind);
        thing.within.extend(schools.iter().map(|row| Scope::School(row.school.to_string())));
        Ok(thing)
    }

    /// What is a person's: of the account, the teams and the schools of that person, and the board.
    pub(crate) fn of_person(&self, kind: &'static str, person: SubjectId) -> Result<Thing, Stop> {
        let state = self.tenant()?.state();
        let own = state.account_of_person(person).map(|account| Scope::Own(account.to_string()));
        let teams = state.teams_of(person).map(|team| Scope::Team(team.to_string()));
        let schools = state.affiliations_of(person).map(|(school, _)| school.to_string());
        let mut within: Vec<Scope> = own.into_iter().chain(teams).collect();
        within.extend(schools.map(Scope::School));
        within.push(Scope::Board);
        Ok(Thing { kind, id: person.to_string(), within })
    }

    /// What is the caller's own.
    pub(crate) fn own(&self, kind: &'static str) -> Thing {
        let account = self.who.account.to_string();
        Thing { kind, id: account.clone(), within: vec![Scope::Own(account), Scope::Board] }
    }
}

impl Path {
    /// An id of the path; one that is none is a thing that is not there.
    pub(crate) fn id<T>(&self, name: &str, read: fn(&str) -> Option<T>) -> Result<T, Stop> {
        self.0.get(name).and_then(|text| read(text)).ok_or(Stop::Unknown)
    }

    /// A member of the query, if it is there.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl Plan {
    /// Shows something.
    pub(crate) fn shows(thing: Thing, answer: &impl Serialize) -> Planned {
        let (whose, does, then) = (Vec::new(), None, None);
        Ok(Self { thing, whose, does, then, answer: Answer::json(answer)? })
    }

    /// Hands over a file.
    pub(crate) fn exports(thing: Thing, answer: Answer) -> Planned {
        Ok(Self { thing, whose: Vec::new(), does: None, then: None, answer })
    }

    /// Has an event happen, and answers with what it made.
    pub(crate) fn does(thing: Thing, event: impl Into<Event>, answer: &impl Serialize) -> Planned {
        Self::carries(thing, Command::Propose(event.into()), answer)
    }

    /// Has the engine carry something out once the event is durable.
    pub(crate) fn then(
        self,
        then: impl FnOnce(&mut Engine, JournalId) -> Result<(), EngineError> + Send + 'static,
    ) -> Self {
        Self { then: Some(Box::new(then)), ..self }
    }

    /// Has a command carried out, and answers with what it made.
    pub(crate) fn carries(thing: Thing, command: Command, answer: &impl Serialize) -> Planned {
        let answer = Answer::json(answer)?;
        Ok(Self { thing, whose: Vec::new(), does: Some(command), then: None, answer })
    }

    /// Says whose data it touches or shows.
    pub(crate) fn about(mut self, person: SubjectId, categories: &[u16]) -> Self {
        self.whose.push((person, categories.to_vec()));
        self
    }
}

impl Answer {
    fn json(answer: &impl Serialize) -> Result<Self, Stop> {
        // What we serialize has text for keys, so this cannot fail.
        let bytes = serde_json::to_vec(answer).map_err(|_| Stop::Unknown)?;
        Ok(Self { content_type: "application/json", bytes, file_name: None })
    }
}
