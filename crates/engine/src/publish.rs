//! Closing a round: gather what still opens, decide, and record the analysis as an event.
//!
//! *Invariant:* the published numbers are computed once; replay reads them and computes nothing.

use events::{About, Event, RoundId, SurveyEvent};
use record::{CommandId, JournalId};
use rules::{Command, Gathered};

use crate::engine::Engine;
use crate::execute::{Done, EngineError, Fault, Request};
use crate::model::open_event;
use crate::signing::random16;
use crate::tenant::Tenant;

impl Engine {
    /// Closes a round and publishes its analysis, in one commit.
    ///
    /// # Errors
    /// [`EngineError`] when the round is unknown or closed already.
    pub fn close_round(&mut self, id: JournalId, round: RoundId) -> Result<Done, EngineError> {
        let tenant = self.tenants.get(&id).ok_or(EngineError::UnknownTenant)?;
        let responses = self.gather(tenant, round)?;
        let command = Command::CloseRound { round, responses };
        self.execute_one(id, Request { id: CommandId::from_bytes(random16()?), command })
    }

    /// Publishes the analysis of a closed round once more, from what still opens.
    ///
    /// # Errors
    /// [`EngineError::Refused`] when a cell would differ from an earlier publication by fewer
    /// people than the floor.
    pub fn publish_again(&mut self, id: JournalId, round: RoundId) -> Result<Done, EngineError> {
        let tenant = self.tenants.get(&id).ok_or(EngineError::UnknownTenant)?;
        let responses = self.gather(tenant, round)?;
        let command = Command::PublishAnalysis { round, responses };
        self.execute_one(id, Request { id: CommandId::from_bytes(random16()?), command })
    }

    /// The responses of a round that still open, in the order of the journal.
    ///
    /// # Errors
    /// [`Fault`] when a record cannot be read.
    pub fn gather(&self, tenant: &Tenant, round: RoundId) -> Result<Vec<Gathered>, Fault> {
        let mut gathered = Vec::new();
        for (from, to) in tenant.views().surveys().response_ranges(round) {
            for record in self.store.scan(tenant.id(), from, to) {
                let event = open_event(tenant.vault.as_ref(), &record?)?;
                gathered.extend(event.and_then(|event| response_of(event, round)));
            }
        }
        Ok(gathered)
    }
}

fn response_of(event: Event, round: RoundId) -> Option<Gathered> {
    match event {
        Event::Survey(SurveyEvent::ResponseSubmitted(submitted)) if submitted.round == round => {
            match submitted.response {
                About::Known { value, .. } => {
                    Some(Gathered { group: value.group, answers: value.answers })
                }
                About::Gone { .. } => None,
            }
        }
        _ => None,
    }
}
