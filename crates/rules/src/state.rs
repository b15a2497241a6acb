//! The state of one tenant, and the one place where commands are decided.

use bincode::{Decode, Encode};
use events::access::Acted;
use events::{AccessEvent, Event, Forgotten, Place, Question, RoundId, SurveyId, canonical_bytes};
use record::{OrderId, TimestampMicros};

use crate::access::Access;
use crate::agreement::Agreements;
use crate::annex::Annexes;
use crate::breach::Breaches;
use crate::command::Command;
use crate::erasure::{Erasures, Order, Stage};
use crate::import::{ImportStage, Imports};
use crate::observe::Observe;
use crate::organisation::Organisation;
use crate::people::People;
use crate::refusal::Refusal;
use crate::request::Requests;
use crate::retention::Retention;
use crate::survey::{Round, Surveys};
use crate::sync::Syncs;
use crate::tenancy::Tenancy;

/// Everything the rules remember of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct State {
    pub(crate) tenancy: Tenancy,
    pub(crate) organisation: Organisation,
    pub(crate) people: People,
    pub(crate) access: Access,
    pub(crate) agreements: Agreements,
    pub(crate) annexes: Annexes,
    pub(crate) surveys: Surveys,
    pub(crate) imports: Imports,
    pub(crate) observe: Observe,
    pub(crate) breaches: Breaches,
    pub(crate) requests: Requests,
    pub(crate) retention: Retention,
    pub(crate) syncs: Syncs,
    pub(crate) erasures: Erasures,
}

/// Decides a command: what happens, or why not.
///
/// The time is given so that rules with terms need no clock.
///
/// # Errors
/// The [`Refusal`] of the first rule that stands in the way.
pub fn decide(
    state: &State,
    command: &Command,
    now: TimestampMicros,
) -> Result<Vec<Event>, Refusal> {
    state.tenancy.admits(command)?;
    match command {
        Command::StartTenant(started) => crate::tenancy::start(started),
        Command::RegisterPerson { person, scope, identity, import } => {
            state.register_person(*person, *scope, identity, *import, now)
        }
        Command::DefineSurvey { survey, title, questions } => {
            state.surveys.define(*survey, title, questions)
        }
        Command::OpenRound { .. } => state.open_round(command, now),
        Command::SubmitResponse { .. } => state.submit_response(command, now),
        Command::LinkRespondent { .. } => state.link_respondent(command),
        Command::CloseRound { round, responses } => state.close_round(*round, responses),
        Command::PublishAnalysis { round, responses } => state.publish_again(*round, responses),
        Command::StartImport { .. } => state.start_import(command, now),
        Command::CompleteImport { import } => state.imports.complete(*import),
        Command::AbandonImport { import } => state.imports.abandon(*import),
        Command::Propose(event) => state.propose(event, now),
        Command::Act { acted, does } => act(state, acted, does.as_deref(), now),
        Command::EndSync { event, order, approver } => state.end_sync(event, *order, *approver),
        Command::OrderErasure(order) => {
            state.breaches.check_order(order)?;
            state.erasures.order(order)
        }
        Command::ApproveErasure(approval) => state.erasures.approve(approval),
        Command::ApproveAndFence { approval, fence } => {
            state.erasures.approve_and_fence(approval, fence)
        }
        Command::FenceErasure(fence) => state.erasures.fence(fence),
        Command::RecordReceipt(receipt) => state.erasures.receipt(receipt),
        Command::CompleteErasure(completed) => state.erasures.complete(completed),
        Command::PurgeParts(purged) => state.erasures.purge(purged),
    }
}

/// What is done, and then who did it.
fn act(
    state: &State,
    acted: &Acted,
    does: Option<&Command>,
    now: TimestampMicros,
) -> Result<Vec<Event>, Refusal> {
    let mut events = does.map_or(Ok(Vec::new()), |command| decide(state, command, now))?;
    events.extend(state.access(&AccessEvent::Acted(acted.clone()), now)?);
    Ok(events)
}

impl State {
    /// Decides whether a proposed event happens, and what with it.
    fn propose(&self, event: &Event, now: TimestampMicros) -> Result<Vec<Event>, Refusal> {
        match event {
            Event::Organisation(event) => self.organisation.decide(event),
            Event::People(event) => self.people(event, now),
            Event::Access(event) => self.access(event, now),
            Event::Observe(event) => self.observe(event, now),
            Event::Breach(event) => self.breach(event, now),
            Event::Sync(event) => self.sync(event, now),
            Event::Agreement(event) => self.agreement(event),
            Event::Annex(event) => self.annex(event),
            Event::Gate(event) => self.gate_event(event),
            Event::Survey(event) => self.survey_event(event),
            Event::Request(event) => self.request_event(event, now),
            Event::Retention(event) => self.retention_event(event, now),
            Event::Tenancy(_) | Event::Erasure(_) | Event::Discover(_) | Event::Import(_) => {
                Err(Refusal::OwnCommand)
            }
        }
    }

    /// Folds one event.
    pub fn evolve(&mut self, place: &Place, event: &Event) {
        self.retention.evolve(place, event);
        match event {
            Event::Tenancy(event) => self.tenancy.evolve(event),
            Event::Organisation(event) => self.organisation.evolve(event),
            Event::People(event) => self.people.evolve(event),
            Event::Access(event) => self.access.evolve(place, event),
            Event::Breach(event) => self.breaches.evolve(event),
            Event::Sync(event) => self.syncs.evolve(place, event),
            Event::Agreement(event) => self.agreements.evolve(event),
            Event::Annex(event) => self.annexes.evolve(event),
            Event::Gate(_) | Event::Retention(_) => {}
            Event::Request(event) => self.requests.evolve(event),
            Event::Survey(event) => {
                self.surveys.evolve(event);
                self.imports.evolve_survey(event);
            }
            Event::Discover(event) => self.surveys.evolve_discover(event),
            Event::Import(event) => self.imports.evolve(place, event),
            Event::Observe(event) => self.observe.evolve(event),
            Event::Erasure(event) => {
                self.erasures.evolve(event);
                self.tenancy.evolve_erasure(event);
                if self.tenancy.has_ended() {
                    self.forget_content();
                }
            }
        }
    }

    /// Removes all that is keyed by what was destroyed.
    pub fn forget(&mut self, gone: &Forgotten) {
        if gone.tenant {
            self.forget_content();
        }
        self.people.forget(gone);
        self.access.forget(gone);
        self.breaches.forget(gone);
        self.syncs.forget(gone);
        self.agreements.forget(gone);
        self.surveys.forget(gone);
        self.observe.forget(gone);
        self.requests.forget(gone);
    }

    /// Canonical bytes of all of it, to take a digest of.
    #[must_use]
    pub fn digest_input(&self) -> Vec<u8> {
        canonical_bytes(self)
    }

    /// Whether the tenant's first event is there.
    #[must_use]
    pub const fn has_started(&self) -> bool {
        self.tenancy.has_started()
    }

    /// Whether the keys of the whole tenant are destroyed.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        self.tenancy.has_ended()
    }

    /// One round.
    #[must_use]
    pub fn round(&self, round: RoundId) -> Option<&Round> {
        self.surveys.rounds.get(&round)
    }

    /// Rounds that take responses, by id.
    #[must_use]
    pub fn open_rounds(&self) -> Vec<RoundId> {
        let rounds = self.surveys.rounds.iter();
        rounds.filter(|(_, round)| round.open).map(|(id, _)| *id).collect()
    }

    /// The questions of a survey.
    #[must_use]
    pub fn questions(&self, survey: SurveyId) -> Option<&[Question]> {
        self.surveys.surveys.get(&survey).map(Vec::as_slice)
    }

    /// How far the import of this name is; `None` if there is none or it was abandoned.
    #[must_use]
    pub fn import_stage(&self, name: &str) -> Option<ImportStage> {
        self.imports.by_name(name).map(|(_, import)| import.stage)
    }

    /// One erasure order.
    #[must_use]
    pub fn order(&self, order: OrderId) -> Option<&Order> {
        self.erasures.orders.get(&order)
    }

    /// Orders at a stage, by id.
    ///
    /// Once the whole tenant is fenced, orders that were not fenced before are overtaken by it and
    /// no longer listed.
    #[must_use]
    pub fn orders_in(&self, stage: Stage) -> Vec<OrderId> {
        let overtaken = self.tenancy.is_ending() && stage < Stage::Fenced;
        let orders = self.erasures.orders.iter();
        let at_stage = orders.filter(|(_, order)| !overtaken && order.stage == stage);
        at_stage.map(|(id, _)| *id).collect()
    }

    /// The end of a tenant leaves what its public parts tell.
    fn forget_content(&mut self) {
        self.organisation = Organisation::default();
        self.people = People::default();
        self.access = Access::default();
        self.breaches = Breaches::default();
        self.syncs = Syncs::default();
        self.agreements = Agreements::default();
        self.annexes = Annexes::default();
        self.surveys = Surveys::default();
        self.imports = Imports::default();
        self.observe = Observe::default();
        self.requests = Requests::default();
        self.retention = Retention::default();
    }
}

/// Refuses a free text that is empty, too long, or holds what may be a BSN.
pub(crate) fn check_free_text(
    text: &str,
    limit: usize,
    field: &'static str,
) -> Result<(), Refusal> {
    check_text(text, limit, field)?;
    Ok(crate::numbers::without_bsn(field, text)?)
}

/// Refuses a text that is empty or too long.
pub(crate) fn check_text(text: &str, limit: usize, field: &'static str) -> Result<(), Refusal> {
    if text.is_empty() {
        return Err(Refusal::Empty { field });
    }
    check_limit(text.len(), limit, field)
}

/// Refuses a length over its limit.
pub(crate) const fn check_limit(
    length: usize,
    limit: usize,
    field: &'static str,
) -> Result<(), Refusal> {
    if length > limit { Err(Refusal::TooLarge { field, limit }) } else { Ok(()) }
}
