//! Runs of retention: what was over, who listed and approved it, and by which order it went.

use std::collections::BTreeMap;

use bincode::{Decode, Encode};
use events::retention::{Expired, Held, RunId, TermKind};
use events::{Place, RetentionEvent};
use record::{ActorId, OrderId, ScopeId, TimestampMicros};
use schemars::JsonSchema;
use serde::Serialize;

use crate::moment::When;
use crate::text::{id, id_if_any};

/// The terms and runs of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Retention {
    terms: BTreeMap<TermKind, (String, When)>,
    runs: BTreeMap<RunId, Run>,
    sequence: Vec<RunId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Run {
    expired: Vec<Expired>,
    proposed: (When, ActorId),
    approved: Option<(When, ActorId)>,
    done: Option<(When, Option<OrderId>)>,
    kept: Vec<ScopeId>,
}

/// How long a kind of scope is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TermRow {
    /// `trail`, `answers`, `identities` or `incident`.
    pub kind: &'static str,
    /// Such as `P2Y`.
    pub period: String,
    /// When that was stated, in microseconds since 1970.
    pub stated_at: u64,
}

/// One scope of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExpiredRow {
    /// The scope.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub scope: ScopeId,
    /// `trail`, `answers`, `identities` or `incident`.
    pub kind: &'static str,
    /// Which year, round or incident.
    pub of: String,
    /// When its term was over, in microseconds since 1970.
    pub ended_at: u64,
    /// Whether the run left it: it was needed, or gone.
    pub kept: bool,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RunRow {
    /// The run.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub run: RunId,
    /// What was over.
    pub expired: Vec<ExpiredRow>,
    /// Who listed it, as a random reference.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub proposed_by: ActorId,
    /// When, in microseconds since 1970.
    pub proposed_at: u64,
    /// Who approved it, as a random reference.
    #[serde(serialize_with = "id_if_any")]
    #[schemars(with = "Option<String>")]
    pub approved_by: Option<ActorId>,
    /// When it was carried out, in microseconds since 1970.
    pub carried_out_at: Option<u64>,
    /// The erasure.
    #[serde(serialize_with = "id_if_any")]
    #[schemars(with = "Option<String>")]
    pub order: Option<OrderId>,
}

impl Retention {
    /// How long each kind is kept, where that was stated.
    #[must_use]
    pub fn terms(&self) -> Vec<TermRow> {
        let row = |(kind, (period, when)): (&TermKind, &(String, When))| TermRow {
            kind: term_name(*kind),
            period: period.clone(),
            stated_at: when.at.0,
        };
        self.terms.iter().map(row).collect()
    }

    /// A page of runs, newest first.
    #[must_use]
    pub fn runs(&self, skip: usize, take: usize) -> Vec<RunRow> {
        let page = self.sequence.iter().rev().skip(skip).take(take);
        page.filter_map(|run| self.run(*run)).collect()
    }

    /// One run.
    #[must_use]
    pub fn run(&self, run: RunId) -> Option<RunRow> {
        self.runs.get(&run).map(|kept| kept.row(run))
    }

    pub(crate) fn apply(&mut self, place: &Place, event: &RetentionEvent) {
        let when = When::of(place);
        match event {
            RetentionEvent::TermStated(it) => {
                self.terms.insert(it.kind, (it.period.clone(), when));
            }
            RetentionEvent::RunProposed(it) => {
                let run = Run {
                    expired: it.expired.clone(),
                    proposed: (when, it.by),
                    approved: None,
                    done: None,
                    kept: Vec::new(),
                };
                if self.runs.insert(it.run, run).is_none() {
                    self.sequence.push(it.run);
                }
            }
            RetentionEvent::RunApproved(it) => {
                if let Some(run) = self.runs.get_mut(&it.run) {
                    run.approved = Some((when, it.by));
                }
            }
            RetentionEvent::RunCarriedOut(it) => {
                if let Some(run) = self.runs.get_mut(&it.run) {
                    (run.done, run.kept) = (Some((when, it.order)), it.kept.clone());
                }
            }
        }
    }
}

impl Run {
    fn row(&self, run: RunId) -> RunRow {
        let row = |it: &Expired| ExpiredRow {
            kept: self.kept.contains(&it.scope),
            ..expired_row(it.scope, it.held, it.ended_at)
        };
        RunRow {
            run,
            expired: self.expired.iter().map(row).collect(),
            proposed_by: self.proposed.1,
            proposed_at: self.proposed.0.at.0,
            approved_by: self.approved.map(|(_, by)| by),
            carried_out_at: self.done.map(|(when, _)| when.at.0),
            order: self.done.and_then(|(_, order)| order),
        }
    }
}

/// One scope whose term is over.
#[must_use]
pub fn expired_row(scope: ScopeId, held: Held, ended_at: TimestampMicros) -> ExpiredRow {
    let of = match held {
        Held::TrailYear(year) => year.to_string(),
        Held::Answers(round) | Held::Identities(round) => round.to_string(),
        Held::Incident(incident) => incident.to_string(),
    };
    ExpiredRow { scope, kind: term_name(held.kind()), of, ended_at: ended_at.0, kept: false }
}

const fn term_name(kind: TermKind) -> &'static str {
    match kind {
        TermKind::Trail => "trail",
        TermKind::Answers => "answers",
        TermKind::Identities => "identities",
        TermKind::Incident => "incident",
    }
}
