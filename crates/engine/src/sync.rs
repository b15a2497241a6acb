//! Runs of couplings: begun, filled page by page, and ended in one step with the cut of what held.
//!
//! *Invariant:* the command that ends a run or a coupling is answered after the cut that it approved
//! was carried out; a crash in between is made up for on opening, before anything is answered.
//! *Invariant:* a run that nobody is left to end is ended on opening, and what it brought is cut.

use std::collections::BTreeSet;

use events::annex::{Entrance, FieldId};
use events::gate::{FieldsRejected, Rejected};
use events::sync::{
    ContactDelivered, CouplingId, Match, StaffEntry, SyncFailed, SyncRunId, SyncStarted,
};
use events::{About, Event, SyncEvent};
use record::{ActorId, CommandId, JournalId, OrderId, ScopeId, SubjectId};
use rules::{Command, Coupling, GateVerdict, SYNC_INTERRUPTED};

use crate::access::LOGIN;
use crate::engine::Engine;
use crate::execute::{EngineError, Request};
use crate::signing::random16;

/// What addresses that couplings deliver are digested for.
const ADDRESS: &str = "sync address";
/// What a coupling can ask for.
const FIELDS: [FieldId; 5] = [
    FieldId::GivenName,
    FieldId::Initials,
    FieldId::Prefix,
    FieldId::Surname,
    FieldId::SchoolEmail,
];

/// What became of the people of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Recorded.
    pub recorded: u32,
    /// Known by another address that this run brought already.
    pub same_person: u32,
}

impl Engine {
    /// What the gate lets through for a coupling at this moment: of what it asks for, and the address.
    ///
    /// # Errors
    /// [`EngineError`] when the coupling is unknown, or nothing may pass, which is recorded.
    pub fn sync_fields(
        &mut self,
        id: JournalId,
        coupling: CouplingId,
    ) -> Result<Vec<FieldId>, EngineError> {
        let verdict = self.sync_verdict(id, coupling)?;
        let known = self.coupling(id, coupling)?;
        if let Some(refusal) = verdict.refusal() {
            let event = verdict.record(&known.asked(&FIELDS), Entrance::Connector, 1);
            if let Some(event) = event {
                self.propose(id, event.into())?;
            }
            return Err(refusal.into());
        }
        let wanted =
            |field: &FieldId| *field == FieldId::SchoolEmail || known.fields.contains(field);
        Ok(verdict.allowed.iter().copied().filter(wanted).collect())
    }

    fn sync_verdict(
        &self,
        id: JournalId,
        coupling: CouplingId,
    ) -> Result<GateVerdict, EngineError> {
        let known = self.coupling(id, coupling)?;
        Ok(self.tenant(id)?.state().gate(&known.asked(&FIELDS), self.now()))
    }

    fn coupling(&self, id: JournalId, coupling: CouplingId) -> Result<Coupling, EngineError> {
        let known = self.tenant(id)?.state().coupling(coupling).cloned();
        known.ok_or(EngineError::NothingKept)
    }

    /// Records how often fields were sent that the annex does not tick.
    ///
    /// # Errors
    /// [`EngineError`] when a rule refuses or nothing could be written.
    pub fn sync_rejected(
        &mut self,
        id: JournalId,
        coupling: CouplingId,
        counted: &[(FieldId, u64)],
    ) -> Result<(), EngineError> {
        let verdict = self.sync_verdict(id, coupling)?;
        let known = self.coupling(id, coupling)?;
        let asked = known.asked(&[]);
        let ours = counted.iter().filter(|(field, _)| verdict.rejected.contains(field));
        let fields: Vec<Rejected> = ours
            .map(|(field, count)| Rejected {
                field: *field,
                count: u32::try_from(*count).unwrap_or(u32::MAX),
            })
            .collect();
        let Some((annex, version)) = verdict.annex.filter(|_| !fields.is_empty()) else {
            return Ok(());
        };
        let (entrance, module, kind) = (Entrance::Connector, asked.module, asked.kind);
        let event = FieldsRejected { entrance, module, kind, fields, annex, version };
        self.propose(id, Event::Gate(event.into()))
    }

    /// Begins a run under a fresh scope.
    ///
    /// # Errors
    /// [`EngineError`] when a rule refuses or nothing could be written.
    pub fn start_sync(
        &mut self,
        id: JournalId,
        coupling: CouplingId,
    ) -> Result<SyncRunId, EngineError> {
        let run = SyncRunId::from_bytes(random16()?);
        let scope = ScopeId::from_bytes(random16()?);
        self.propose(id, Event::Sync(SyncStarted { coupling, run, scope }.into()))?;
        Ok(run)
    }

    /// Records a page of people of a run.
    ///
    /// # Errors
    /// [`EngineError`] when a rule refuses one of them or nothing could be written.
    pub fn deliver(
        &mut self,
        id: JournalId,
        run: SyncRunId,
        people: Vec<StaffEntry>,
    ) -> Result<Delivery, EngineError> {
        let mut seen = BTreeSet::new();
        let mut requests = Vec::with_capacity(people.len());
        let mut delivery = Delivery::default();
        for entry in people {
            let event = self.delivered(id, run, entry)?;
            match event
                .filter(|event| event.contact.subject().is_some_and(|person| seen.insert(person)))
            {
                Some(event) => {
                    let command = Command::Propose(Event::Sync(event.into()));
                    requests.push(Request { id: CommandId::from_bytes(random16()?), command });
                    delivery.recorded += 1;
                }
                None => delivery.same_person += 1,
            }
        }
        let answers = self.execute(id, &requests)?;
        answers.into_iter().try_for_each(|answer| answer.map(drop))?;
        self.publish_if_due()?;
        Ok(delivery)
    }

    /// A contact under the person that its address stands for; none if the run has that person.
    fn delivered(
        &self,
        id: JournalId,
        run: SyncRunId,
        entry: StaffEntry,
    ) -> Result<Option<ContactDelivered>, EngineError> {
        let address = entry.email.to_lowercase();
        let index = self.stands_for(id, ADDRESS, address.as_bytes())?;
        let login = self.stands_for(id, LOGIN, address.as_bytes())?;
        let permanent = self.permanent_scope(id)?;
        let state = self.tenant(id)?.state();
        let (coupling, _) = state.sync_run(run).ok_or(EngineError::NothingKept)?;
        let scope = state.sync_scope(run).ok_or(EngineError::NothingKept)?;
        let person = match state.person_of_address(&index, &login) {
            Some(person) => person,
            None => SubjectId::from_bytes(random16()?),
        };
        if state.is_delivered(run, person) {
            return Ok(None);
        }
        let is_known = state.knows_address(coupling, &index, run);
        let known = About::new(person, permanent, Match { coupling, index });
        let contact = About::new(person, scope, entry);
        Ok(Some(ContactDelivered { run, contact, known: (!is_known).then_some(known) }))
    }

    /// Ends a run or a coupling; what it held is cut when this returns.
    ///
    /// # Errors
    /// [`EngineError`] when a rule refuses or nothing could be written.
    pub fn end_sync(
        &mut self,
        id: JournalId,
        event: SyncEvent,
        approver: Option<ActorId>,
    ) -> Result<(), EngineError> {
        let command = Self::sync_command(event, approver)?;
        let request = Request { id: CommandId::from_bytes(random16()?), command };
        self.execute_one(id, request).map(drop)
    }

    /// The command that ends a run or a coupling, with fresh ids.
    ///
    /// # Errors
    /// [`Fault::Randomness`].
    pub fn sync_command(
        event: SyncEvent,
        approver: Option<ActorId>,
    ) -> Result<Command, EngineError> {
        let approver = match approver {
            Some(approver) => approver,
            None => ActorId::from_bytes(random16()?),
        };
        let order = OrderId::from_bytes(random16()?);
        Ok(Command::EndSync { event: Box::new(event), order, approver })
    }

    /// Carries out the cuts that a group of commands approved, before they are answered.
    pub(crate) fn carry_out_approved(
        &mut self,
        id: JournalId,
        approved: &[OrderId],
    ) -> Result<(), EngineError> {
        if approved.is_empty() {
            return Ok(());
        }
        // CRASH: the approval is durable; opening guards it and carries it out.
        let guarded = self.guard_tail(id).map_err(EngineError::from);
        let done = guarded.and_then(|()| {
            approved.iter().try_for_each(|order| self.carry_out(id, *order, None).map(drop))
        });
        done.map_err(|error| self.unfinished(error))
    }

    /// Ends the runs that a stopped program left.
    pub(crate) fn end_interrupted_syncs(&mut self, id: JournalId) -> Result<(), EngineError> {
        let runs = self.tenant(id)?.state().arriving_syncs();
        for run in runs {
            tracing::info!(tenant = %id, "ending a run of a coupling that was interrupted");
            let because = SYNC_INTERRUPTED.to_owned();
            self.end_sync(id, SyncFailed { run, because }.into(), None)?;
        }
        Ok(())
    }

    /// The contact of a person that holds, if a coupling delivers the person.
    ///
    /// # Errors
    /// [`EngineError`] when the tenant is unknown or a record cannot be read.
    pub fn contact(
        &self,
        id: JournalId,
        person: SubjectId,
    ) -> Result<Option<StaffEntry>, EngineError> {
        let at = self.tenant(id)?.views().syncs().contact_at(person);
        let event = at.map(|seq| self.reopened(id, seq)).transpose()?.flatten();
        Ok(event.and_then(entry_of))
    }

    /// A page of the contacts that hold in a coupling, by person.
    ///
    /// # Errors
    /// [`EngineError`] when the tenant is unknown or a record cannot be read.
    pub fn contacts(
        &self,
        id: JournalId,
        coupling: CouplingId,
        after: Option<SubjectId>,
        take: usize,
    ) -> Result<Vec<(SubjectId, StaffEntry)>, EngineError> {
        let places = self.tenant(id)?.views().syncs().contacts_of(coupling, after, take);
        let mut contacts = Vec::with_capacity(places.len());
        for (person, seq) in places {
            let entry = self.reopened(id, seq)?.and_then(entry_of);
            contacts.extend(entry.map(|entry| (person, entry)));
        }
        Ok(contacts)
    }
}

fn entry_of(event: Event) -> Option<StaffEntry> {
    match event {
        Event::Sync(SyncEvent::ContactDelivered(event)) => match event.contact {
            About::Known { value, .. } => Some(value),
            About::Gone { .. } => None,
        },
        _ => None,
    }
}
