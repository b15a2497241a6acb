//! The register of requests of data subjects: what was asked, every step, and what was decided.
//!
//! *Invariant:* a row stays after an erasure, and then says of nobody whose it was.

mod words;

use std::collections::BTreeMap;

use bincode::{Decode, Encode};
use events::request::{
    Advised, CategoryDecision, Ending, ExtendedBecause, HandedBy, IdentityShown, RequestId,
    RequestKind, Verdict,
};
use events::{Forgotten, KeptMap, Place, RequestEvent};
use record::{ActorId, OrderId, SubjectId, TimestampMicros};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Words;
use crate::moment::Dated;
use crate::text::{id, id_if_any};

pub use words::{TRAIL_GROUND, category_words, ground_words, request_kind_words};

/// The requests of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Requests {
    requests: BTreeMap<RequestId, Kept>,
    /// Requests in the order they came.
    sequence: Vec<RequestId>,
    people: KeptMap<RequestId, ()>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Kept {
    kind: RequestKind,
    school_at: Option<TimestampMicros>,
    processor_at: Option<TimestampMicros>,
    steps: Vec<Dated<(Step, ActorId)>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
enum Step {
    Received,
    Forwarded(TimestampMicros),
    Identified { shown: IdentityShown, under_16: bool },
    Extended { because: ExtendedBecause, told_at: TimestampMicros },
    Advised(Advised),
    Proposed { decisions: Vec<CategoryDecision>, names_lookers: bool },
    Approved,
    CarriedOut { order: Option<OrderId>, trail_years: Vec<u16> },
    HandedOver { handed: HandedBy, at: TimestampMicros },
    Closed { ending: Ending, told_at: TimestampMicros },
}

/// What is decided of one category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CategoryRow {
    /// The category, as numbered by the catalogue.
    pub category: u16,
    /// What it is called.
    pub name: Option<Words>,
    /// `given`, `withheld`, `erased` or `kept`.
    pub verdict: &'static str,
    /// Why it is withheld or kept.
    pub ground: Option<Words>,
    /// Until when it is kept, in microseconds since 1970; nothing where an incident is open.
    pub until: Option<u64>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RequestStepRow {
    /// Its place in the journal.
    pub seq: u64,
    /// When it was recorded, in microseconds since 1970.
    pub at: u64,
    /// What happened.
    pub step: &'static str,
    /// How or why, where the step says it.
    pub how: Option<&'static str>,
    /// The moment that the step tells of, in microseconds since 1970.
    pub moment: Option<u64>,
    /// Who recorded it, as a random reference.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub by: ActorId,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RequestRow {
    /// The request.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub request: RequestId,
    /// Whose, as a random reference; nothing once that person is erased.
    #[serde(serialize_with = "id_if_any")]
    #[schemars(with = "Option<String>")]
    pub person: Option<SubjectId>,
    /// Which right.
    pub kind: &'static str,
    /// The same in words.
    pub right: Words,
    /// When the school received it, in microseconds since 1970.
    pub school_at: Option<u64>,
    /// When the processor received it, in microseconds since 1970.
    pub processor_at: Option<u64>,
    /// The newest step.
    pub stage: &'static str,
    /// Whether the decision is approved.
    pub approved: bool,
    /// Whether the package names who looked.
    pub names_lookers: bool,
    /// What is proposed or decided, category by category.
    pub decisions: Vec<CategoryRow>,
    /// The erasure, once it is carried out.
    #[serde(serialize_with = "id_if_any")]
    #[schemars(with = "Option<String>")]
    pub order: Option<OrderId>,
    /// Whether it is carried out.
    pub carried_out: bool,
    /// Years of the trail that name the person as who acted.
    pub trail_years: Vec<u16>,
    /// All steps, in order.
    pub steps: Vec<RequestStepRow>,
}

impl Requests {
    /// A page of them, newest first.
    #[must_use]
    pub fn page(&self, skip: usize, take: usize) -> Vec<RequestRow> {
        let page = self.sequence.iter().rev().skip(skip).take(take);
        page.filter_map(|request| self.row(*request)).collect()
    }

    /// How many there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.sequence.len()
    }

    /// One request.
    #[must_use]
    pub fn row(&self, request: RequestId) -> Option<RequestRow> {
        let person = self.people.keys_of(&request).map(|keys| keys.subject);
        self.requests.get(&request).map(|kept| kept.row(request, person))
    }

    pub(crate) fn apply(&mut self, place: &Place, event: &RequestEvent) {
        let (request, step, by) = match event {
            RequestEvent::RequestReceived(it) => {
                let kept = Kept {
                    kind: it.kind,
                    school_at: it.school_at,
                    processor_at: it.processor_at,
                    steps: Vec::new(),
                };
                if self.requests.insert(it.request, kept).is_none() {
                    self.sequence.push(it.request);
                }
                if let Some(keys) = it.person.keys() {
                    self.people.insert(it.request, keys, ());
                }
                (it.request, Step::Received, it.by)
            }
            RequestEvent::RequestForwarded(it) => (it.request, Step::Forwarded(it.at), it.by),
            RequestEvent::IdentityChecked(it) => {
                let step = Step::Identified { shown: it.shown, under_16: it.under_16 };
                (it.request, step, it.by)
            }
            RequestEvent::RequestExtended(it) => {
                let step = Step::Extended { because: it.because, told_at: it.told_at };
                (it.request, step, it.by)
            }
            RequestEvent::AdviceGiven(it) => (it.request, Step::Advised(it.advised), it.by),
            RequestEvent::DecisionProposed(it) => {
                let (decisions, names_lookers) = (it.decisions.clone(), it.names_lookers);
                (it.request, Step::Proposed { decisions, names_lookers }, it.by)
            }
            RequestEvent::DecisionApproved(it) => (it.request, Step::Approved, it.by),
            RequestEvent::RequestCarriedOut(it) => {
                let trail_years = it.trail_years.clone();
                (it.request, Step::CarriedOut { order: it.order, trail_years }, it.by)
            }
            RequestEvent::PackageHandedOver(it) => {
                (it.request, Step::HandedOver { handed: it.handed, at: it.at }, it.by)
            }
            RequestEvent::RequestClosed(it) => {
                let step = Step::Closed { ending: it.ending, told_at: it.told_at };
                (it.request, step, it.by)
            }
        };
        if let Some(kept) = self.requests.get_mut(&request) {
            kept.steps.push(Dated::of(place, (step, by)));
        }
    }

    pub(crate) fn forget(&mut self, gone: &Forgotten) {
        self.people.forget(gone);
    }
}

impl Kept {
    fn row(&self, request: RequestId, person: Option<SubjectId>) -> RequestRow {
        let mut row = RequestRow {
            request,
            person,
            kind: words::kind_name(self.kind),
            right: request_kind_words(self.kind),
            school_at: self.school_at.map(|at| at.0),
            processor_at: self.processor_at.map(|at| at.0),
            stage: "received",
            approved: false,
            names_lookers: false,
            decisions: Vec::new(),
            order: None,
            carried_out: false,
            trail_years: Vec::new(),
            steps: self.steps.iter().map(step_row).collect(),
        };
        for step in &self.steps {
            row.stage = step.what.0.name();
            match &step.what.0 {
                Step::Forwarded(at) => row.school_at = Some(at.0),
                Step::Proposed { decisions, names_lookers } => {
                    row.decisions = decisions.iter().map(category_row).collect();
                    (row.approved, row.names_lookers) = (false, *names_lookers);
                }
                Step::Approved => row.approved = true,
                Step::CarriedOut { order, trail_years } => {
                    row.carried_out = true;
                    (row.order, row.trail_years) = (*order, trail_years.clone());
                }
                _ => {}
            }
        }
        row
    }
}

impl Step {
    const fn name(&self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Forwarded(_) => "forwarded",
            Self::Identified { .. } => "identity-checked",
            Self::Extended { .. } => "extended",
            Self::Advised(_) => "advised",
            Self::Proposed { .. } => "proposed",
            Self::Approved => "approved",
            Self::CarriedOut { .. } => "carried-out",
            Self::HandedOver { .. } => "handed-over",
            Self::Closed { .. } => "closed",
        }
    }

    /// How or why, and the moment that it tells of.
    const fn told(&self) -> (Option<&'static str>, Option<TimestampMicros>) {
        match self {
            Self::Received | Self::Proposed { .. } | Self::Approved | Self::CarriedOut { .. } => {
                (None, None)
            }
            Self::Forwarded(at) => (None, Some(*at)),
            Self::Identified { shown, .. } => (Some(words::shown_name(*shown)), None),
            Self::Extended { because, told_at } => {
                (Some(words::because_name(*because)), Some(*told_at))
            }
            Self::Advised(advised) => (Some(words::advised_name(*advised)), None),
            Self::HandedOver { handed, at } => (Some(words::handed_name(*handed)), Some(*at)),
            Self::Closed { ending, told_at } => (Some(words::ending_name(*ending)), Some(*told_at)),
        }
    }
}

fn step_row(step: &Dated<(Step, ActorId)>) -> RequestStepRow {
    let (what, by) = &step.what;
    let (how, moment) = what.told();
    RequestStepRow {
        seq: step.when.seq.0,
        at: step.when.at.0,
        step: what.name(),
        how,
        moment: moment.map(|at| at.0),
        by: *by,
    }
}

fn category_row(decision: &CategoryDecision) -> CategoryRow {
    let (verdict, ground, until) = match decision.verdict {
        Verdict::Given => ("given", None, None),
        Verdict::Withheld { ground } => ("withheld", Some(ground), None),
        Verdict::Erased => ("erased", None, None),
        Verdict::Kept { ground, until } => ("kept", Some(ground), until),
    };
    CategoryRow {
        category: decision.category,
        name: category_words(decision.category),
        verdict,
        ground: ground.map(ground_words),
        until: until.map(|at| at.0),
    }
}
