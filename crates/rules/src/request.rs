//! Requests of data subjects: in which order their steps come, who decides, and what holds an item.
//!
//! *Invariant:* the term runs from the earlier receipt, by school or processor; an extension is told
//! within the first month.
//! *Invariant:* two people decide, and neither of them is the one who asks.
//! *Invariant:* whose request it is, is kept under that person's own keys and goes with them.

use std::collections::{BTreeMap, BTreeSet};

use bincode::{Decode, Encode};
use events::request::{
    AdviceGiven, CategoryDecision, DecisionApproved, DecisionProposed, Ending, Ground,
    IdentityChecked, PackageHandedOver, REQUEST_ADVICE_BYTES_MAX, REQUEST_DECISIONS_MAX,
    RequestCarriedOut, RequestClosed, RequestExtended, RequestForwarded, RequestId, RequestKind,
    RequestReceived, Verdict,
};
use events::{Event, Forgotten, KeptMap, RequestEvent, category};
use record::{ActorId, OrderId, SubjectId, TimestampMicros};

use crate::deadline::{Deadline, REQUEST_ANSWER, REQUEST_ANSWER_EXTENDED};
use crate::erasure::Stage;
use crate::people::told;
use crate::refusal::{Refusal, Rule};
use crate::state::{State, check_limit, check_text};

/// Most requests of a tenant.
const REQUESTS_MAX: usize = 100_000;

static UNKNOWN_REQUEST: Rule = Rule::unknown("the request is unknown", "het verzoek is onbekend");
static IN_FUTURE: Rule = Rule::conflict("this moment is yet to come", "dit moment moet nog komen");
static NO_RECEIPT: Rule = Rule::invalid(
    "received",
    "when the school or the processor received it",
    "wanneer de school of de verwerker het ontving",
);
static CLOSED: Rule = Rule::conflict("the request is closed", "het verzoek is afgesloten");
static NOT_WITH_SCHOOL: Rule = Rule::conflict(
    "the processor passes the request on to the school first",
    "de verwerker stuurt het verzoek eerst door naar de school",
);
static FORWARDED_ALREADY: Rule =
    Rule::conflict("the school has the request already", "het verzoek is al bij de school");
static IDENTIFIED_ALREADY: Rule =
    Rule::conflict("it was made sure already who asks", "er is al vastgesteld wie het vraagt");
static NOT_IDENTIFIED: Rule =
    Rule::conflict("first it is made sure who asks", "eerst wordt vastgesteld wie het vraagt");
// SOURCE: UAVG article 5: under 16 the representative exercises the rights.
static NEEDS_AUTHORITY: Rule = Rule::conflict(
    "for a child under 16 somebody with parental authority asks",
    "voor een kind onder de 16 vraagt iemand met gezag het",
);
static ACTS_ALONE: Rule = Rule::conflict(
    "whoever is 16 or older asks without a representative",
    "wie 16 of ouder is vraagt zonder vertegenwoordiger",
);
static EXTENDED_ALREADY: Rule =
    Rule::conflict("the term was extended already", "de termijn is al verlengd");
// SOURCE: GDPR article 12(3), third sentence.
static EXTENDED_LATE: Rule = Rule::conflict(
    "an extension is told within one month of receipt",
    "een verlenging wordt binnen een maand na ontvangst meegedeeld",
);
static OWN_REQUEST: Rule = Rule::conflict(
    "nobody decides on a request of their own",
    "niemand beslist over een eigen verzoek",
);
static TWO_DECIDE: Rule = Rule::conflict(
    "another person than who proposed it approves",
    "een ander dan de voorsteller keurt het goed",
);
static NOTHING_PROPOSED: Rule =
    Rule::conflict("nothing is proposed", "er is geen besluit voorgesteld");
static APPROVED_ALREADY: Rule =
    Rule::conflict("the decision is approved already", "het besluit is al goedgekeurd");
static NOT_APPROVED: Rule =
    Rule::conflict("the decision is not approved yet", "het besluit is nog niet goedgekeurd");
static TWICE: Rule =
    Rule::invalid("decisions", "one decision for each category", "één besluit voor elke categorie");
static VERDICT: Rule = Rule::invalid(
    "decisions",
    "access and portability give or withhold, erasure erases or keeps, others decide as a whole",
    "bij inzage en overdracht geven of weigeren, bij wissen wissen of bewaren, anders als geheel",
);
static KEPT_UNTIL: Rule = Rule::invalid(
    "decisions",
    "what is kept has an end that is yet to come; what an open incident holds has none",
    "wat blijft heeft een einde dat nog komt; wat een open incident vasthoudt heeft er geen",
);
static INCIDENT_HOLDS: Rule = Rule::conflict(
    "an open incident holds who the person is and that the incident concerns them",
    "een open incident houdt vast wie de persoon is en dat het incident die raakt",
);
static NO_INCIDENT: Rule = Rule::conflict(
    "no open incident concerns this person",
    "geen open incident raakt deze persoon",
);
static NAMES_LOOKERS: Rule = Rule::invalid(
    "names_lookers",
    "only an access package tells who looked",
    "alleen een inzagepakket vertelt wie keek",
);
static DONE_ALREADY: Rule = Rule::conflict("it is carried out already", "het is al uitgevoerd");
static ORDER_DIFFERS: Rule = Rule::conflict(
    "what is carried out differs from what is decided",
    "wat wordt uitgevoerd verschilt van wat is besloten",
);
static NOT_DONE: Rule = Rule::conflict(
    "first it is carried out, or the package handed over",
    "eerst wordt het uitgevoerd, of het pakket overhandigd",
);
static NO_PACKAGE: Rule =
    Rule::conflict("this request has no package", "bij dit verzoek hoort geen pakket");

/// What an open incident needs of a person: to tell them, and to know that it concerns them.
const HELD_BY_INCIDENTS: [u16; 2] = [category::IDENTITY.0, category::CONCERNED.0];

/// What was proposed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Proposal {
    /// Category by category.
    pub decisions: Vec<CategoryDecision>,
    /// Whether the package names who looked.
    pub names_lookers: bool,
    /// Who proposed it.
    pub by: ActorId,
}

/// One request, as the rules remember it: nobody's name or id.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DataRequest {
    /// Which right.
    pub kind: RequestKind,
    /// The earlier receipt.
    pub received_at: TimestampMicros,
    processor_at: Option<TimestampMicros>,
    is_with_school: bool,
    identified: bool,
    /// Whether the term is three months.
    pub extended: bool,
    /// What is proposed.
    pub proposal: Option<Proposal>,
    /// Who approved it.
    pub approved_by: Option<ActorId>,
    /// Once it is carried out: the erasure, where something is erased.
    pub carried_out: Option<Option<OrderId>>,
    trail_years: Vec<u16>,
    handed_over: bool,
    /// Whether the person was told how it ended.
    pub is_closed: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Requests {
    requests: BTreeMap<RequestId, DataRequest>,
    people: KeptMap<RequestId, ()>,
}

impl DataRequest {
    fn new(event: &RequestReceived) -> Self {
        let received = event.school_at.into_iter().chain(event.processor_at).min();
        Self {
            kind: event.kind,
            received_at: received.unwrap_or(TimestampMicros(0)),
            processor_at: event.processor_at,
            is_with_school: event.school_at.is_some(),
            identified: false,
            extended: false,
            proposal: None,
            approved_by: None,
            carried_out: None,
            trail_years: Vec::new(),
            handed_over: false,
            is_closed: false,
        }
    }

    /// Until when the person is answered, with the arithmetic.
    ///
    /// # Errors
    /// A moment outside the calendar.
    pub fn term(&self) -> Result<Deadline, Refusal> {
        let period = if self.extended { REQUEST_ANSWER_EXTENDED } else { REQUEST_ANSWER };
        Ok(Deadline::to_act(self.received_at, period)?)
    }

    /// Whether one hands something over to answer it.
    #[must_use]
    pub const fn has_package(&self) -> bool {
        matches!(self.kind, RequestKind::Access | RequestKind::Portability)
    }

    /// What was approved, category by category.
    #[must_use]
    pub fn decided(&self) -> Option<&Proposal> {
        self.approved_by.and(self.proposal.as_ref())
    }

    fn erases(&self) -> bool {
        let decisions = self.proposal.iter().flat_map(|proposal| &proposal.decisions);
        decisions.into_iter().any(|it| it.verdict == Verdict::Erased)
    }
}

impl State {
    pub(crate) fn request_event(
        &self,
        event: &RequestEvent,
        now: TimestampMicros,
    ) -> Result<Vec<Event>, Refusal> {
        match event {
            RequestEvent::RequestReceived(event) => self.receive_request(event, now)?,
            RequestEvent::RequestForwarded(event) => self.forward_request(event, now)?,
            RequestEvent::IdentityChecked(event) => self.check_identity(event)?,
            RequestEvent::RequestExtended(event) => self.extend_request(event, now)?,
            RequestEvent::AdviceGiven(event) => self.advise(event)?,
            RequestEvent::DecisionProposed(event) => self.propose_decision(event, now)?,
            RequestEvent::DecisionApproved(event) => self.approve_decision(event, now)?,
            RequestEvent::RequestCarriedOut(event) => self.carry_out_request(event, now)?,
            RequestEvent::PackageHandedOver(event) => self.hand_over(event, now)?,
            RequestEvent::RequestClosed(event) => self.close_request(event, now)?,
        }
        Ok(vec![Event::Request(event.clone())])
    }

    fn receive_request(
        &self,
        event: &RequestReceived,
        now: TimestampMicros,
    ) -> Result<(), Refusal> {
        self.access.check_actor(event.by)?;
        self.about(&event.person)?;
        if self.requests.requests.contains_key(&event.request) {
            return Err(Refusal::IdInUse);
        }
        check_limit(self.requests.requests.len(), REQUESTS_MAX, "requests")?;
        NO_RECEIPT.unless(event.school_at.or(event.processor_at).is_some())?;
        let mut moments = event.school_at.into_iter().chain(event.processor_at);
        IN_FUTURE.unless(moments.all(|at| at <= now))?;
        DataRequest::new(event).term().map(drop)
    }

    fn forward_request(
        &self,
        event: &RequestForwarded,
        now: TimestampMicros,
    ) -> Result<(), Refusal> {
        let request = self.open_request(event.request, event.by)?;
        FORWARDED_ALREADY.unless(!request.is_with_school)?;
        IN_FUTURE.unless(event.at <= now)
    }

    fn check_identity(&self, event: &IdentityChecked) -> Result<(), Refusal> {
        let request = self.open_request(event.request, event.by)?;
        NOT_WITH_SCHOOL.unless(request.is_with_school)?;
        IDENTIFIED_ALREADY.unless(!request.identified)?;
        let person = self.request_person(event.request).ok_or(Refusal::SubjectUnknown)?;
        let Some(represented) = &event.represented else {
            return NEEDS_AUTHORITY.unless(!event.under_16);
        };
        let (child, by) = self.about(represented)?;
        ACTS_ALONE.unless(event.under_16)?;
        NEEDS_AUTHORITY.unless(child == person && self.has_authority_over(by.representative, child))
    }

    fn extend_request(&self, event: &RequestExtended, now: TimestampMicros) -> Result<(), Refusal> {
        let request = self.open_request(event.request, event.by)?;
        EXTENDED_ALREADY.unless(!request.extended)?;
        IN_FUTURE.unless(event.told_at <= now)?;
        EXTENDED_LATE.unless(!request.term()?.is_over(event.told_at))
    }

    fn advise(&self, event: &AdviceGiven) -> Result<(), Refusal> {
        let request = self.open_request(event.request, event.by)?;
        DONE_ALREADY.unless(request.carried_out.is_none())?;
        let Some(advice) = &event.advice else { return Ok(()) };
        let (person, advice) = self.about(advice)?;
        check_text(&advice.text, REQUEST_ADVICE_BYTES_MAX, "text")?;
        let whose = self.request_person(event.request);
        if whose == Some(person) { Ok(()) } else { Err(Refusal::SubjectUnknown) }
    }

    fn propose_decision(
        &self,
        event: &DecisionProposed,
        now: TimestampMicros,
    ) -> Result<(), Refusal> {
        let request = self.open_request(event.request, event.by)?;
        NOT_IDENTIFIED.unless(request.identified)?;
        DONE_ALREADY.unless(request.carried_out.is_none() && !request.handed_over)?;
        self.check_not_own(event.request, event.by)?;
        check_limit(event.decisions.len(), REQUEST_DECISIONS_MAX, "decisions")?;
        NAMES_LOOKERS.unless(!event.names_lookers || request.kind == RequestKind::Access)?;
        let categories: BTreeSet<u16> = event.decisions.iter().map(|it| it.category).collect();
        TWICE.unless(categories.len() == event.decisions.len())?;
        event.decisions.iter().try_for_each(|it| check_verdict(request.kind, it.verdict, now))?;
        self.check_holds(event.request, request.kind, &event.decisions)
    }

    fn approve_decision(
        &self,
        event: &DecisionApproved,
        now: TimestampMicros,
    ) -> Result<(), Refusal> {
        let request = self.open_request(event.request, event.by)?;
        let proposal = request.proposal.as_ref().ok_or(Refusal::Says(&NOTHING_PROPOSED))?;
        APPROVED_ALREADY.unless(request.approved_by.is_none())?;
        self.check_not_own(event.request, event.by)?;
        TWO_DECIDE.unless(self.are_two_people(proposal.by, event.by))?;
        let verdicts = proposal.decisions.iter();
        verdicts.map(|it| it.verdict).try_for_each(|it| check_verdict(request.kind, it, now))?;
        self.check_holds(event.request, request.kind, &proposal.decisions)
    }

    fn carry_out_request(
        &self,
        event: &RequestCarriedOut,
        now: TimestampMicros,
    ) -> Result<(), Refusal> {
        let request = self.open_request(event.request, event.by)?;
        let decided = request.decided().ok_or(Refusal::Says(&NOT_APPROVED))?;
        if let Some(order) = request.carried_out {
            // Asked again after it stopped half way: the same order goes on.
            DONE_ALREADY.unless(order.is_some_and(|order| !self.is_completed(order)))?;
            if order.is_some_and(|order| self.order(order).is_none()) {
                self.check_holds(event.request, request.kind, &decided.decisions)?;
            }
            let same = order == event.order && request.trail_years == event.trail_years;
            return ORDER_DIFFERS.unless(same);
        }
        let person = self.request_person(event.request).ok_or(Refusal::SubjectUnknown)?;
        let erases = request.kind == RequestKind::Erasure;
        let years = if erases { self.trail_years_of(person) } else { Vec::new() };
        let fits = event.order.is_some() == request.erases() && event.trail_years == years;
        ORDER_DIFFERS.unless(erases && fits)?;
        let verdicts = decided.decisions.iter();
        verdicts.map(|it| it.verdict).try_for_each(|it| check_verdict(request.kind, it, now))?;
        self.check_holds(event.request, request.kind, &decided.decisions)
    }

    fn hand_over(&self, event: &PackageHandedOver, now: TimestampMicros) -> Result<(), Refusal> {
        let request = self.open_request(event.request, event.by)?;
        NO_PACKAGE.unless(request.has_package())?;
        NOT_APPROVED.unless(request.approved_by.is_some())?;
        IN_FUTURE.unless(event.at <= now)
    }

    fn close_request(&self, event: &RequestClosed, now: TimestampMicros) -> Result<(), Refusal> {
        let request = self.open_request(event.request, event.by)?;
        IN_FUTURE.unless(event.told_at <= now)?;
        if event.ending == Ending::Withdrawn {
            return DONE_ALREADY.unless(request.carried_out.is_none());
        }
        NOT_APPROVED.unless(request.approved_by.is_some())?;
        if event.ending == Ending::Refused {
            return DONE_ALREADY.unless(request.carried_out.is_none());
        }
        let done = match request.kind {
            RequestKind::Access | RequestKind::Portability => request.handed_over,
            RequestKind::Erasure => request
                .carried_out
                .is_some_and(|order| order.is_none_or(|order| self.is_completed(order))),
            RequestKind::Rectification | RequestKind::Restriction | RequestKind::Objection => true,
        };
        NOT_DONE.unless(done)
    }

    /// Refuses to erase what an open incident needs, and to keep for one that is not there.
    fn check_holds(
        &self,
        request: RequestId,
        kind: RequestKind,
        decisions: &[CategoryDecision],
    ) -> Result<(), Refusal> {
        if kind != RequestKind::Erasure {
            return Ok(());
        }
        let person = self.request_person(request).ok_or(Refusal::SubjectUnknown)?;
        let held = self.holds_of_person(person).next().is_some();
        let erased = |it: &CategoryDecision| it.verdict == Verdict::Erased;
        let needed = |it: &&CategoryDecision| HELD_BY_INCIDENTS.contains(&it.category);
        INCIDENT_HOLDS.unless(!held || !decisions.iter().filter(needed).any(erased))?;
        let for_incident = |it: &CategoryDecision| {
            matches!(it.verdict, Verdict::Kept { ground: Ground::OpenIncident, .. })
        };
        NO_INCIDENT.unless(held || !decisions.iter().any(for_incident))
    }

    fn check_not_own(&self, request: RequestId, by: ActorId) -> Result<(), Refusal> {
        let (Some(asks), Some(decides)) = (self.request_person(request), self.person_behind(by))
        else {
            return Ok(());
        };
        OWN_REQUEST.unless(asks != decides && !self.has_authority_over(decides, asks))
    }

    fn open_request(&self, request: RequestId, by: ActorId) -> Result<&DataRequest, Refusal> {
        self.access.check_actor(by)?;
        let found = self.requests.requests.get(&request);
        let found = found.ok_or(Refusal::Says(&UNKNOWN_REQUEST))?;
        CLOSED.unless(!found.is_closed)?;
        Ok(found)
    }

    fn is_completed(&self, order: OrderId) -> bool {
        self.order(order).is_some_and(|order| order.stage == Stage::Completed)
    }

    /// One request.
    #[must_use]
    pub fn data_request(&self, request: RequestId) -> Option<&DataRequest> {
        self.requests.requests.get(&request)
    }

    /// Whose request it is, unless that was erased.
    #[must_use]
    pub fn request_person(&self, request: RequestId) -> Option<SubjectId> {
        self.requests.people.keys_of(&request).map(|keys| keys.subject)
    }

    /// The requests of a person.
    pub fn requests_of(&self, person: SubjectId) -> impl Iterator<Item = RequestId> + '_ {
        self.requests.people.of(person).map(|(request, _)| *request)
    }
}

/// Whether a right can end so for a category.
fn check_verdict(kind: RequestKind, verdict: Verdict, now: TimestampMicros) -> Result<(), Refusal> {
    let fits = match kind {
        RequestKind::Access | RequestKind::Portability => {
            matches!(verdict, Verdict::Given | Verdict::Withheld { .. })
        }
        RequestKind::Erasure => matches!(verdict, Verdict::Erased | Verdict::Kept { .. }),
        RequestKind::Rectification | RequestKind::Restriction | RequestKind::Objection => false,
    };
    VERDICT.unless(fits)?;
    match verdict {
        Verdict::Kept { ground, until } => KEPT_UNTIL.unless(match until {
            None => ground == Ground::OpenIncident,
            Some(until) => ground != Ground::OpenIncident && until > now,
        }),
        _ => Ok(()),
    }
}

impl Requests {
    pub(crate) fn evolve(&mut self, event: &RequestEvent) {
        match event {
            RequestEvent::RequestReceived(event) => {
                self.requests.insert(event.request, DataRequest::new(event));
                if let Some((keys, _)) = told(&event.person) {
                    self.people.insert(event.request, keys, ());
                }
            }
            RequestEvent::RequestForwarded(event) => {
                self.change(event.request, |it| it.is_with_school = true);
            }
            RequestEvent::IdentityChecked(event) => {
                self.change(event.request, |it| it.identified = true);
            }
            RequestEvent::RequestExtended(event) => {
                self.change(event.request, |it| it.extended = true);
            }
            RequestEvent::AdviceGiven(_) => {}
            RequestEvent::DecisionProposed(event) => {
                let (decisions, names_lookers) = (event.decisions.clone(), event.names_lookers);
                let proposal = Proposal { decisions, names_lookers, by: event.by };
                self.change(event.request, |it| {
                    (it.proposal, it.approved_by) = (Some(proposal), None);
                });
            }
            RequestEvent::DecisionApproved(event) => {
                self.change(event.request, |it| it.approved_by = Some(event.by));
            }
            RequestEvent::RequestCarriedOut(event) => {
                let years = event.trail_years.clone();
                self.change(event.request, |it| {
                    (it.carried_out, it.trail_years) = (Some(event.order), years);
                });
            }
            RequestEvent::PackageHandedOver(event) => {
                self.change(event.request, |it| it.handed_over = true);
            }
            RequestEvent::RequestClosed(event) => {
                self.change(event.request, |it| it.is_closed = true);
            }
        }
    }

    fn change(&mut self, request: RequestId, change: impl FnOnce(&mut DataRequest)) {
        if let Some(request) = self.requests.get_mut(&request) {
            change(request);
        }
    }

    pub(crate) fn forget(&mut self, gone: &Forgotten) {
        self.people.forget(gone);
    }
}
