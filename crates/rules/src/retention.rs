//! Terms of retention: what is over at a moment, and the runs in which it is cut.
//!
//! *Invariant:* a term is counted from the beginning of the scope, to the end of the day; nothing is
//! listed before, nor while it is needed: a round that is open, an incident that is not closed.
//! *Invariant:* whoever approves a run is another person than who listed it.

use std::collections::{BTreeMap, BTreeSet};

use bincode::{Decode, Encode};
use events::breach::BreachEvent;
use events::retention::{
    Expired, Held, RUN_SCOPES_MAX, RunApproved, RunCarriedOut, RunId, RunProposed, TermKind,
};
use events::{AccessEvent, ErasureEvent, Event, Place, RetentionEvent, SurveyEvent};
use record::{ActorId, OrderId, ScopeId, TimestampMicros};

use crate::deadline::{Deadline, Period, end_of_year};
use crate::erasure::Stage;
use crate::refusal::{Refusal, Rule};
use crate::state::{State, check_limit};

/// How long a year of the trail is kept, unless the annex says otherwise.
// No agreement or law that we know gives a number for logs: this one is our choice.
pub const TRAIL_TERM: Period = Period::Years(2);
/// Most runs of a tenant.
const RUNS_MAX: usize = 10_000;

static UNKNOWN_RUN: Rule = Rule::unknown("the run is unknown", "de opschoonronde is onbekend");
static NOTHING_OVER: Rule = Rule::conflict("no term is over", "er is geen bewaartermijn voorbij");
static NOT_OVER: Rule = Rule::conflict(
    "the list holds what is not over",
    "de lijst bevat iets waarvan de termijn niet voorbij is",
);
static TWO_DECIDE: Rule = Rule::conflict(
    "another person than who listed it approves",
    "een ander dan wie de lijst maakte keurt goed",
);
static NOT_APPROVED: Rule =
    Rule::conflict("the run is not approved yet", "de opschoonronde is nog niet goedgekeurd");
static APPROVED_ALREADY: Rule =
    Rule::conflict("the run is approved already", "de opschoonronde is al goedgekeurd");
static DONE_ALREADY: Rule =
    Rule::conflict("the run is carried out already", "de opschoonronde is al uitgevoerd");
static DIFFERS: Rule = Rule::conflict(
    "what is carried out differs from what is approved",
    "wat wordt uitgevoerd verschilt van wat is goedgekeurd",
);

/// One run, as the rules remember it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Run {
    /// What was over.
    pub expired: Vec<Expired>,
    /// Who listed it.
    pub by: ActorId,
    /// Who approved it.
    pub approved_by: Option<ActorId>,
    /// Once it is carried out: the erasure, where something is cut.
    pub carried_out: Option<Option<OrderId>>,
    kept: Vec<ScopeId>,
}

impl Run {
    /// What it left: needed, or gone already.
    #[must_use]
    pub fn kept(&self) -> &[ScopeId] {
        &self.kept
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Retention {
    /// What a scope holds and since when, until it is cut.
    scopes: BTreeMap<ScopeId, (Held, TimestampMicros)>,
    terms: BTreeMap<TermKind, String>,
    runs: BTreeMap<RunId, Run>,
}

impl State {
    pub(crate) fn retention_event(
        &self,
        event: &RetentionEvent,
        now: TimestampMicros,
    ) -> Result<Vec<Event>, Refusal> {
        match event {
            RetentionEvent::TermStated(event) => {
                self.access.check_actor(event.by)?;
                Period::parse(&event.period)?;
            }
            RetentionEvent::RunProposed(event) => self.propose_run(event, now)?,
            RetentionEvent::RunApproved(event) => self.approve_run(event)?,
            RetentionEvent::RunCarriedOut(event) => self.carry_out_run(event, now)?,
        }
        Ok(vec![Event::Retention(event.clone())])
    }

    fn propose_run(&self, event: &RunProposed, now: TimestampMicros) -> Result<(), Refusal> {
        self.access.check_actor(event.by)?;
        if self.retention.runs.contains_key(&event.run) {
            return Err(Refusal::IdInUse);
        }
        check_limit(self.retention.runs.len(), RUNS_MAX, "runs")?;
        check_limit(event.expired.len(), RUN_SCOPES_MAX, "expired")?;
        NOTHING_OVER.unless(!event.expired.is_empty())?;
        let due: BTreeSet<ScopeId> = self.expired(now).map(|it| it.scope).collect();
        NOT_OVER.unless(event.expired.iter().all(|it| due.contains(&it.scope)))
    }

    fn approve_run(&self, event: &RunApproved) -> Result<(), Refusal> {
        self.access.check_actor(event.by)?;
        let run = self.run(event.run)?;
        APPROVED_ALREADY.unless(run.approved_by.is_none())?;
        TWO_DECIDE.unless(self.are_two_people(run.by, event.by))
    }

    fn carry_out_run(&self, event: &RunCarriedOut, now: TimestampMicros) -> Result<(), Refusal> {
        self.access.check_actor(event.by)?;
        let run = self.run(event.run)?;
        NOT_APPROVED.unless(run.approved_by.is_some())?;
        if let Some(order) = run.carried_out {
            // Asked again after it stopped half way: the same order goes on.
            let completed =
                |order| self.order(order).is_some_and(|order| order.stage == Stage::Completed);
            DONE_ALREADY.unless(order.is_some_and(|order| !completed(order)))?;
            return DIFFERS.unless(order == event.order && run.kept == event.kept);
        }
        let kept = self.kept_of_run(event.run, now);
        let cuts = kept.len() < run.expired.len();
        DIFFERS.unless(event.kept == kept && event.order.is_some() == cuts)
    }

    fn run(&self, run: RunId) -> Result<&Run, Refusal> {
        self.retention.runs.get(&run).ok_or(Refusal::Says(&UNKNOWN_RUN))
    }

    /// What is over at a moment, and needed for nothing.
    pub fn expired(&self, now: TimestampMicros) -> impl Iterator<Item = Expired> + '_ {
        let scopes = self.retention.scopes.iter();
        let over = scopes.filter_map(move |(scope, (held, begun))| {
            let ended_at = self.kept_until(*held, *begun)?;
            (now > ended_at).then_some(Expired { scope: *scope, held: *held, ended_at })
        });
        over.filter(|it| !self.is_needed(it.held))
    }

    /// Every scope that has a term, since when, and until when where that is stated.
    pub fn terms(
        &self,
    ) -> impl Iterator<Item = (ScopeId, Held, TimestampMicros, Option<TimestampMicros>)> + '_ {
        let scopes = self.retention.scopes.iter();
        scopes.map(|(scope, (held, begun))| (*scope, *held, *begun, self.kept_until(*held, *begun)))
    }

    /// Until when a year of the trail is kept.
    #[must_use]
    pub fn trail_kept_until(&self, year: u16) -> Option<TimestampMicros> {
        let scope = self.trail_year(year)?.scope;
        let (held, begun) = self.retention.scopes.get(&scope)?;
        self.kept_until(*held, *begun)
    }

    /// One run.
    #[must_use]
    pub fn retention_run(&self, run: RunId) -> Option<&Run> {
        self.retention.runs.get(&run)
    }

    /// What a run does not cut: what is needed by now, or gone.
    #[must_use]
    pub fn kept_of_run(&self, run: RunId, now: TimestampMicros) -> Vec<ScopeId> {
        let listed = self.retention.runs.get(&run).into_iter().flat_map(|run| &run.expired);
        let is_over = |it: &Expired| {
            // A term may have been stated anew since the list was made.
            let known = self.retention.scopes.get(&it.scope);
            let until = known.and_then(|(held, begun)| self.kept_until(*held, *begun));
            until.is_some_and(|until| now > until) && !self.is_needed(it.held)
        };
        listed.filter(|it| !is_over(it)).map(|it| it.scope).collect()
    }

    fn kept_until(&self, held: Held, begun: TimestampMicros) -> Option<TimestampMicros> {
        let stated = self.retention.terms.get(&held.kind());
        let period = match stated {
            Some(text) => Period::parse(text).ok()?,
            None if held.kind() == TermKind::Trail => TRAIL_TERM,
            None => return None,
        };
        let from = match held {
            // What was done on the last day of a year is kept as long as any.
            Held::TrailYear(year) => end_of_year(year)?,
            _ => begun,
        };
        Deadline::to_keep(from, period).ok().map(|term| term.ends_at)
    }

    fn is_needed(&self, held: Held) -> bool {
        match held {
            Held::TrailYear(_) => false,
            Held::Answers(round) | Held::Identities(round) => {
                self.round(round).is_some_and(|round| round.open)
            }
            Held::Incident(incident) => self.incident_is_open(incident),
        }
    }
}

impl Retention {
    pub(crate) fn evolve(&mut self, place: &Place, event: &Event) {
        match event {
            Event::Survey(SurveyEvent::RoundOpened(event)) => {
                self.begins(place, event.answers_scope, Held::Answers(event.round));
                self.begins(place, event.identity_scope, Held::Identities(event.round));
            }
            Event::Access(AccessEvent::TrailYearOpened(event)) => {
                self.begins(place, event.scope, Held::TrailYear(event.year));
            }
            Event::Breach(BreachEvent::IncidentReported(event)) => {
                self.begins(place, event.scope, Held::Incident(event.incident));
            }
            Event::Erasure(ErasureEvent::KeysDestroyed(event)) => {
                event.scopes.iter().for_each(|scope| {
                    self.scopes.remove(scope);
                });
            }
            Event::Retention(event) => self.evolve_run(event),
            _ => {}
        }
    }

    fn begins(&mut self, place: &Place, scope: ScopeId, held: Held) {
        self.scopes.entry(scope).or_insert((held, place.recorded_at));
    }

    fn evolve_run(&mut self, event: &RetentionEvent) {
        match event {
            RetentionEvent::TermStated(event) => {
                self.terms.insert(event.kind, event.period.clone());
            }
            RetentionEvent::RunProposed(event) => {
                let run = Run {
                    expired: event.expired.clone(),
                    by: event.by,
                    approved_by: None,
                    carried_out: None,
                    kept: Vec::new(),
                };
                self.runs.insert(event.run, run);
            }
            RetentionEvent::RunApproved(event) => {
                if let Some(run) = self.runs.get_mut(&event.run) {
                    run.approved_by = Some(event.by);
                }
            }
            RetentionEvent::RunCarriedOut(event) => {
                if let Some(run) = self.runs.get_mut(&event.run) {
                    (run.carried_out, run.kept) = (Some(event.order), event.kept.clone());
                }
            }
        }
    }
}
