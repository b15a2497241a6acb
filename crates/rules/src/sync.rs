//! Couplings: when a run begins, what it may bring, and when it takes the place of the one before.
//!
//! *Invariant:* what holds changes in one step: the run that takes its place, the cut of the one
//! before, who is missing and whose account is suspended are the events of one command.
//! *Invariant:* a run that is not whole, or cannot be right, changes nothing that holds.
//! *Invariant:* every scope that a run began holds contacts, waits for a decision, or has its cut
//! ordered and approved by the command that ended it.

mod missing;
pub(crate) mod refusals;

use std::collections::{BTreeMap, BTreeSet};

use bincode::{Decode, Encode};
use events::annex::{FieldId, Module, SubjectKind};
use events::organisation::SchoolId;
use events::sync::{
    CONTACT_EMAIL_BYTES_MAX, CONTACT_NAME_BYTES_MAX, COUNTED_MAX, COUNTED_NAME_BYTES_MAX,
    COUPLINGS_MAX, ContactDelivered, ContactsReplaced, Counted, CouplingId, CouplingSwitchedOff,
    CouplingSwitchedOn, DownloadCompleted, FAILURE_BYTES_MAX, HeldBecause, MissingDecision,
    SYNC_PEOPLE_MAX, StaffEntry, SyncFailed, SyncHeld, SyncRejected, SyncRunId, SyncSource,
    SyncStarted,
};
use events::{Event, Forgotten, KeptMap, Place, SyncEvent};
use record::public::{Cut, ErasureApproved, ErasureOrdered};
use record::{ActorId, OrderId, ScopeId, SubjectId, TimestampMicros};

use crate::annex::code;
use crate::deadline::sunday_after;
use crate::gate::Asked;
use crate::people::told;
use crate::refusal::Refusal;
use crate::state::{State, check_limit, check_text};

use refusals::*;

/// Why a run failed that nobody was there to end.
pub const SYNC_INTERRUPTED: &str = "interrupted";

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum SyncStage {
    /// People arrive and do not count yet.
    Arriving,
    /// It is whole, and waits for a person.
    Held,
    /// Its contacts hold.
    Current,
    /// Its contacts held.
    Past,
    /// It came to nothing.
    Discarded,
}

/// One run, as the rules remember it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
struct Run {
    coupling: CouplingId,
    scope: ScopeId,
    stage: SyncStage,
    /// Contacts recorded; an erasure does not change it.
    people: u32,
}

/// One coupling, as the rules remember it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Coupling {
    /// The system.
    pub source: SyncSource,
    /// Whose staff it is; the whole board's without a school.
    pub school: Option<SchoolId>,
    /// What is asked for.
    pub fields: Vec<FieldId>,
    /// The code of the purpose in the annex.
    pub purpose: String,
    /// The hour of Sunday.
    pub hour: u8,
    /// Whether it runs.
    pub is_on: bool,
    /// The run whose contacts hold.
    pub current: Option<SyncRunId>,
    /// The run that arrives or is held.
    pub open: Option<SyncRunId>,
    /// Since when a Sunday counts as one that nobody ran on.
    attended: TimestampMicros,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Syncs {
    couplings: BTreeMap<CouplingId, Coupling>,
    runs: BTreeMap<SyncRunId, Run>,
    /// What people are known again by, and in which run that was told.
    matches: KeptMap<(CouplingId, [u8; 16]), SyncRunId>,
    rows: KeptMap<(SyncRunId, SubjectId), ()>,
    /// Who is missing, and what was decided.
    missing: KeptMap<(CouplingId, SubjectId), Option<MissingDecision>>,
}

impl State {
    /// The couplings of the tenant, those that are switched off included.
    pub fn couplings(&self) -> impl Iterator<Item = (CouplingId, &Coupling)> {
        self.syncs.couplings.iter().map(|(id, coupling)| (*id, coupling))
    }

    /// One coupling.
    #[must_use]
    pub fn coupling(&self, id: CouplingId) -> Option<&Coupling> {
        self.syncs.couplings.get(&id)
    }

    /// How far a run is, and for which coupling.
    #[must_use]
    pub fn sync_run(&self, run: SyncRunId) -> Option<(CouplingId, SyncStage)> {
        self.syncs.runs.get(&run).map(|run| (run.coupling, run.stage))
    }

    /// The term of what a run brings.
    #[must_use]
    pub fn sync_scope(&self, run: SyncRunId) -> Option<ScopeId> {
        self.syncs.runs.get(&run).map(|run| run.scope)
    }

    /// When a coupling runs next; a moment that has passed is due.
    #[must_use]
    pub fn next_sync(&self, id: CouplingId) -> Option<TimestampMicros> {
        let coupling = self.coupling(id).filter(|coupling| coupling.is_on)?;
        sunday_after(coupling.attended, coupling.hour).ok()
    }

    /// Couplings whose Sunday has come and that nothing holds up.
    #[must_use]
    pub fn due_syncs(&self, now: TimestampMicros) -> Vec<CouplingId> {
        let due = |id: &CouplingId| self.next_sync(*id).is_some_and(|next| next <= now);
        let idle = self.couplings().filter(|(_, coupling)| coupling.open.is_none());
        idle.map(|(id, _)| id).filter(due).collect()
    }

    /// Runs that nobody ends any more, once the program that ran them is gone.
    #[must_use]
    pub fn arriving_syncs(&self) -> Vec<SyncRunId> {
        let arriving = |run: &&(&SyncRunId, &Run)| run.1.stage == SyncStage::Arriving;
        self.syncs.runs.iter().filter(|run| arriving(&run)).map(|(id, _)| *id).collect()
    }

    /// Who a delivered address is: known from a run, or by a login name that is the same address.
    #[must_use]
    pub fn person_of_address(&self, index: &[u8; 16], login: &[u8; 16]) -> Option<SubjectId> {
        let matches = &self.syncs.matches;
        let mut couplings = self.syncs.couplings.keys();
        let known = couplings.find_map(|coupling| matches.keys_of(&(*coupling, *index)));
        let by_login = || self.account(self.account_by_login(login)?).map(|(person, _)| person);
        known.map(|keys| keys.subject).or_else(by_login)
    }

    /// Whether a coupling knows an address, from a run that counted or from this one.
    #[must_use]
    pub fn knows_address(&self, coupling: CouplingId, index: &[u8; 16], run: SyncRunId) -> bool {
        let told_in = self.syncs.matches.get(&(coupling, *index));
        told_in.is_some_and(|told_in| *told_in == run || !self.syncs.is_discarded(*told_in))
    }

    /// Whether a run brought a person already.
    #[must_use]
    pub fn is_delivered(&self, run: SyncRunId, person: SubjectId) -> bool {
        self.syncs.rows.contains(&(run, person))
    }

    pub(crate) fn sync(
        &self,
        event: &SyncEvent,
        now: TimestampMicros,
    ) -> Result<Vec<Event>, Refusal> {
        let mut events = vec![Event::Sync(event.clone())];
        match event {
            SyncEvent::CouplingSwitchedOn(event) => self.switch_on(event)?,
            SyncEvent::SyncStarted(event) => self.start_sync(event, now)?,
            SyncEvent::ContactDelivered(event) => self.deliver(event)?,
            SyncEvent::MissingDecided(event) => events.extend(self.decide_missing(event)?),
            SyncEvent::CouplingSwitchedOff(_)
            | SyncEvent::DownloadCompleted(_)
            | SyncEvent::SyncHeld(_)
            | SyncEvent::ContactsReplaced(_)
            | SyncEvent::SyncFailed(_)
            | SyncEvent::SyncRejected(_)
            | SyncEvent::PeopleMissed(_)
            | SyncEvent::PeopleReturned(_) => return Err(Refusal::OwnCommand),
        }
        Ok(events)
    }

    fn switch_on(&self, event: &CouplingSwitchedOn) -> Result<(), Refusal> {
        event.by.map_or(Ok(()), |by| self.access.check_actor(by))?;
        code(&event.purpose)?;
        HOUR.unless(event.hour < 24)?;
        let fields: BTreeSet<FieldId> = event.fields.iter().copied().collect();
        let offered = fields.iter().all(|field| CONTACT_FIELDS.contains(field));
        FIELDS.unless(offered && fields.len() == event.fields.len())?;
        event.school.map_or(Ok(()), |school| self.organisation.check_school(school))?;
        match self.coupling(event.coupling) {
            None => TOO_MANY.unless(self.syncs.couplings.len() < COUPLINGS_MAX),
            Some(known) => {
                OTHER_COUPLING.unless(known.source == event.source && known.school == event.school)
            }
        }
    }

    fn start_sync(&self, event: &SyncStarted, now: TimestampMicros) -> Result<(), Refusal> {
        let coupling = self.coupling(event.coupling).ok_or(Refusal::Says(&UNKNOWN_COUPLING))?;
        IS_OFF.unless(coupling.is_on)?;
        RUNS_ALREADY.unless(coupling.open.is_none())?;
        let verdict = self.gate(&asked(coupling, &[FieldId::SchoolEmail]), now);
        verdict.refusal().map_or(Ok(()), Err)?;
        NO_ADDRESS.unless(!verdict.allowed.is_empty())?;
        let scopes = self.syncs.runs.values().any(|run| run.scope == event.scope);
        if scopes || self.syncs.runs.contains_key(&event.run) {
            return Err(Refusal::IdInUse);
        }
        self.erasures.check_scope(event.scope)
    }

    fn deliver(&self, event: &ContactDelivered) -> Result<(), Refusal> {
        let run = self.run_in(event.run, SyncStage::Arriving)?;
        let (keys, entry) = told(&event.contact).ok_or(Refusal::AlreadyErased)?;
        check_entry(entry)?;
        OTHER_SCOPE.unless(keys.scope == run.scope)?;
        self.erasures.check_scope(keys.scope)?;
        DELIVERED_ALREADY.unless(!self.is_delivered(event.run, keys.subject))?;
        check_limit(run.people as usize + 1, SYNC_PEOPLE_MAX as usize, "people")?;
        let Some(known) = &event.known else {
            return UNKNOWN_PERSON.unless(self.syncs.knows(keys.subject));
        };
        let (by, known) = told(known).ok_or(Refusal::AlreadyErased)?;
        self.erasures.check_scope(by.scope)?;
        let other = self.syncs.matches.keys_of(&(run.coupling, known.index));
        let same = by.subject == keys.subject && known.coupling == run.coupling;
        let taken = other.is_some_and(|other| other.subject != keys.subject);
        OTHER_PERSON.unless(same && by.scope != run.scope && !taken)
    }

    fn run_in(&self, id: SyncRunId, stage: SyncStage) -> Result<&Run, Refusal> {
        let run = self.syncs.runs.get(&id).ok_or(Refusal::Says(&UNKNOWN_RUN))?;
        WRONG_STAGE.unless(run.stage == stage).map(|()| run)
    }

    /// Ends a run or a coupling, with the cut of what it held.
    pub(crate) fn end_sync(
        &self,
        event: &SyncEvent,
        order: OrderId,
        approver: ActorId,
    ) -> Result<Vec<Event>, Refusal> {
        let mut events = vec![Event::Sync(event.clone())];
        let (ground, scopes) = match event {
            SyncEvent::DownloadCompleted(event) => {
                let run = self.complete_download(event)?;
                match self.verdict(event.run, run) {
                    Some(held) => {
                        events.push(Event::Sync(held.into()));
                        return Ok(events);
                    }
                    None => {
                        let replaced = ContactsReplaced { run: event.run, by: None };
                        events.push(Event::Sync(replaced.into()));
                        events.extend(self.missed_and_returned(event.run, run.coupling, approver));
                        ("sync-replaced", self.scope_before(run))
                    }
                }
            }
            SyncEvent::ContactsReplaced(event) => {
                event.by.map_or(Ok(()), |by| self.access.check_actor(by))?;
                let run = self.run_in(event.run, SyncStage::Held)?;
                events.extend(self.missed_and_returned(event.run, run.coupling, approver));
                ("sync-replaced", self.scope_before(run))
            }
            SyncEvent::SyncRejected(SyncRejected { run, by }) => {
                by.map_or(Ok(()), |by| self.access.check_actor(by))?;
                ("sync-rejected", vec![self.run_in(*run, SyncStage::Held)?.scope])
            }
            SyncEvent::SyncFailed(SyncFailed { run, because }) => {
                check_text(because, FAILURE_BYTES_MAX, "because")?;
                ("sync-failed", vec![self.run_in(*run, SyncStage::Arriving)?.scope])
            }
            SyncEvent::CouplingSwitchedOff(event) => ("coupling-off", self.switch_off(event)?),
            _ => return Err(Refusal::OwnCommand),
        };
        events.extend(self.cut_of(ground, &scopes, order, approver)?);
        Ok(events)
    }

    fn complete_download(&self, event: &DownloadCompleted) -> Result<&Run, Refusal> {
        let run = self.run_in(event.run, SyncStage::Arriving)?;
        let downloaded = &event.downloaded;
        NOT_ALL_RECORDED.unless(downloaded.people == run.people)?;
        for counted in [&downloaded.rejected, &downloaded.stopped] {
            check_limit(counted.len(), COUNTED_MAX, "counted")?;
            let check =
                |Counted { name, .. }: &Counted| check_text(name, COUNTED_NAME_BYTES_MAX, "name");
            counted.iter().try_for_each(check)?;
        }
        Ok(run)
    }

    /// Why a whole download cannot be right by itself, if it cannot.
    // SOURCE: ours: a school does not lose a fifth of its staff in a week.
    fn verdict(&self, id: SyncRunId, run: &Run) -> Option<SyncHeld> {
        let coupling = self.coupling(run.coupling)?;
        let before = coupling.current.and_then(|current| self.syncs.runs.get(&current));
        let before = before.map_or(0, |before| before.people);
        let missing = self.newly_missing(id, run.coupling).len();
        let missing = u32::try_from(missing).unwrap_or(u32::MAX);
        let (now, last) = (u64::from(run.people), u64::from(before));
        let because = if now == 0 {
            HeldBecause::Nobody
        } else if now * 5 < last * 4 {
            HeldBecause::FarFewer
        } else if last > 0 && u64::from(missing) * 5 > last {
            HeldBecause::TooManyMissing
        } else {
            return None;
        };
        Some(SyncHeld { run: id, because, people: run.people, before, missing })
    }

    fn switch_off(&self, event: &CouplingSwitchedOff) -> Result<Vec<ScopeId>, Refusal> {
        event.by.map_or(Ok(()), |by| self.access.check_actor(by))?;
        let coupling = self.coupling(event.coupling).ok_or(Refusal::Says(&UNKNOWN_COUPLING))?;
        IS_OFF.unless(coupling.is_on)?;
        let runs = coupling.current.into_iter().chain(coupling.open);
        Ok(runs.filter_map(|run| self.sync_scope(run)).collect())
    }

    fn scope_before(&self, run: &Run) -> Vec<ScopeId> {
        let current = self.coupling(run.coupling).and_then(|coupling| coupling.current);
        current.and_then(|current| self.sync_scope(current)).into_iter().collect()
    }

    /// The order and the approval of a cut; nothing where there is nothing to cut.
    fn cut_of(
        &self,
        ground: &str,
        scopes: &[ScopeId],
        order: OrderId,
        approver: ActorId,
    ) -> Result<Vec<Event>, Refusal> {
        // An erasure that somebody else ordered may have ended a scope before.
        let runs = |scope: &&ScopeId| self.erasures.check_scope(**scope).is_ok();
        let targets: Vec<Cut> =
            scopes.iter().filter(runs).map(|scope| Cut::Scope(*scope)).collect();
        if targets.is_empty() {
            return Ok(Vec::new());
        }
        let (ground, four_eyes) = (ground.to_owned(), false);
        let ordered = ErasureOrdered { order, ground, ordered_by: approver, four_eyes, targets };
        let mut events = self.erasures.order(&ordered)?;
        let approved = ErasureApproved { order, approved_by: approver };
        events.push(Event::Erasure(events::ErasureEvent::ErasureApproved(approved)));
        Ok(events)
    }
}

/// The fields that a coupling may ask for.
// SOURCE: processor agreement, annex 1.F: first names, initials, surname and school e-mail.
const CONTACT_FIELDS: [FieldId; 5] = [
    FieldId::GivenName,
    FieldId::Initials,
    FieldId::Prefix,
    FieldId::Surname,
    FieldId::SchoolEmail,
];

/// What a coupling asks of the gate.
fn asked<'a>(coupling: &'a Coupling, fields: &'a [FieldId]) -> Asked<'a> {
    let (module, kind) = (Module::Coupling, SubjectKind::Staff);
    Asked { module, kind, fields, purpose: &coupling.purpose }
}

impl Coupling {
    /// What is asked of the gate for these fields.
    #[must_use]
    pub fn asked<'a>(&'a self, fields: &'a [FieldId]) -> Asked<'a> {
        asked(self, fields)
    }
}

fn check_entry(entry: &StaffEntry) -> Result<(), Refusal> {
    let StaffEntry { given_name, initials, prefix, surname, email } = entry;
    check_text(email, CONTACT_EMAIL_BYTES_MAX, "email")?;
    for name in [given_name, initials, prefix, surname].into_iter().flatten() {
        check_text(name, CONTACT_NAME_BYTES_MAX, "name")?;
    }
    Ok(())
}

impl Syncs {
    pub(crate) fn knows(&self, person: SubjectId) -> bool {
        self.matches.of(person).next().is_some()
    }

    fn is_discarded(&self, run: SyncRunId) -> bool {
        self.runs.get(&run).is_none_or(|run| run.stage == SyncStage::Discarded)
    }

    pub(crate) fn evolve(&mut self, place: &Place, event: &SyncEvent) {
        match event {
            SyncEvent::CouplingSwitchedOn(event) => self.switched_on(place, event),
            SyncEvent::CouplingSwitchedOff(event) => self.switched_off(event.coupling),
            SyncEvent::SyncStarted(event) => self.started(event),
            SyncEvent::ContactDelivered(event) => self.delivered(event),
            SyncEvent::DownloadCompleted(_) => {}
            SyncEvent::SyncHeld(event) => {
                self.set(event.run, SyncStage::Held);
                self.attend(event.run, place.recorded_at);
            }
            SyncEvent::ContactsReplaced(event) => self.replaced(place, event.run),
            SyncEvent::SyncFailed(event) => {
                self.discard(event.run);
                if event.because != SYNC_INTERRUPTED {
                    self.attend(event.run, place.recorded_at);
                }
            }
            SyncEvent::SyncRejected(event) => self.discard(event.run),
            SyncEvent::PeopleMissed(event) => {
                for (keys, missed) in event.people.iter().filter_map(told) {
                    self.missing.insert((missed.coupling, keys.subject), keys, None);
                }
            }
            SyncEvent::PeopleReturned(event) => {
                for (keys, missed) in event.people.iter().filter_map(told) {
                    self.missing.remove(&(missed.coupling, keys.subject));
                }
            }
            SyncEvent::MissingDecided(event) => {
                if let Some((keys, decided)) = told(&event.person) {
                    let key = (decided.coupling, keys.subject);
                    self.missing.insert(key, keys, Some(decided.decision));
                }
            }
        }
    }

    fn switched_on(&mut self, place: &Place, event: &CouplingSwitchedOn) {
        let known = self.couplings.get(&event.coupling).filter(|known| known.is_on);
        let (current, open) = known.map_or((None, None), |known| (known.current, known.open));
        let attended = known.map_or(place.recorded_at, |known| known.attended);
        let coupling = Coupling {
            source: event.source,
            school: event.school,
            fields: event.fields.clone(),
            purpose: event.purpose.clone(),
            hour: event.hour,
            is_on: true,
            current,
            open,
            attended,
        };
        self.couplings.insert(event.coupling, coupling);
    }

    fn switched_off(&mut self, id: CouplingId) {
        let Some(coupling) = self.couplings.get_mut(&id) else { return };
        coupling.is_on = false;
        let (current, open) = (coupling.current.take(), coupling.open.take());
        current.into_iter().for_each(|run| self.set(run, SyncStage::Past));
        open.into_iter().for_each(|run| self.set(run, SyncStage::Discarded));
    }

    fn started(&mut self, event: &SyncStarted) {
        let SyncStarted { coupling, run, scope } = *event;
        let stage = SyncStage::Arriving;
        self.runs.insert(run, Run { coupling, scope, stage, people: 0 });
        if let Some(coupling) = self.couplings.get_mut(&coupling) {
            coupling.open = Some(run);
        }
    }

    fn delivered(&mut self, event: &ContactDelivered) {
        if let Some(run) = self.runs.get_mut(&event.run) {
            run.people = run.people.saturating_add(1);
        }
        if let Some((keys, _)) = told(&event.contact) {
            self.rows.insert((event.run, keys.subject), keys, ());
        }
        if let Some((keys, known)) = event.known.as_ref().and_then(told) {
            self.matches.insert((known.coupling, known.index), keys, event.run);
        }
    }

    fn replaced(&mut self, place: &Place, run: SyncRunId) {
        self.set(run, SyncStage::Current);
        self.attend(run, place.recorded_at);
        let Some(coupling) = self.of_run(run) else { return };
        coupling.open = None;
        if let Some(before) = coupling.current.replace(run) {
            self.set(before, SyncStage::Past);
        }
    }

    fn discard(&mut self, run: SyncRunId) {
        self.set(run, SyncStage::Discarded);
        if let Some(coupling) = self.of_run(run) {
            coupling.open = None;
        }
    }

    fn attend(&mut self, run: SyncRunId, at: TimestampMicros) {
        if let Some(coupling) = self.of_run(run) {
            coupling.attended = at;
        }
    }

    fn set(&mut self, run: SyncRunId, stage: SyncStage) {
        if let Some(run) = self.runs.get_mut(&run) {
            run.stage = stage;
        }
    }

    fn of_run(&mut self, run: SyncRunId) -> Option<&mut Coupling> {
        let coupling = self.runs.get(&run)?.coupling;
        self.couplings.get_mut(&coupling)
    }

    pub(crate) fn forget(&mut self, gone: &Forgotten) {
        self.matches.forget(gone);
        self.rows.forget(gone);
        self.missing.forget(gone);
    }
}
