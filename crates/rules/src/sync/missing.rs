//! Whoever was delivered before and is not now: suspended, never lost; a person decides.
//!
//! *Invariant:* whoever manages the tenant's accounts is never suspended by a machine: nobody would
//! be left to decide.

use std::collections::BTreeSet;

use events::access::{AccountId, AccountResumed, AccountSuspended, Role, SuspendedBecause};
use events::sync::{
    CouplingId, MISSED_MAX, Missed, MissingDecided, MissingDecision, PeopleMissed, PeopleReturned,
    SyncRunId,
};
use events::{About, Event, PartKeys};
use record::{ActorId, SubjectId};

use super::SyncStage;
use super::refusals::*;
use crate::people::told;
use crate::refusal::Refusal;
use crate::state::State;

impl State {
    /// Who is missing from a coupling, and what was decided of each.
    pub fn missing_people(
        &self,
        coupling: CouplingId,
    ) -> impl Iterator<Item = (SubjectId, Option<MissingDecision>)> {
        let missing = self.syncs.missing.iter();
        let theirs = missing.filter(move |((whose, _), _)| *whose == coupling);
        theirs.map(|((_, person), kept)| (*person, kept.value))
    }

    /// Who is known to a coupling, not in this run, and not known to be missing.
    pub(super) fn newly_missing(&self, run: SyncRunId, coupling: CouplingId) -> Vec<PartKeys> {
        let mut seen = BTreeSet::new();
        let known = self.syncs.matches.iter();
        let counted = known.filter(|((whose, _), told_in)| {
            *whose == coupling && (told_in.value == run || !self.syncs.is_discarded(told_in.value))
        });
        let absent = counted.map(|(_, kept)| kept.keys).filter(|keys| {
            !self.is_delivered(run, keys.subject)
                && !self.syncs.missing.contains(&(coupling, keys.subject))
        });
        absent.filter(|keys| seen.insert(keys.subject)).collect()
    }

    /// What happens to people with the run that takes the place of the one before.
    pub(super) fn missed_and_returned(
        &self,
        run: SyncRunId,
        coupling: CouplingId,
        by: ActorId,
    ) -> Vec<Event> {
        let missed = self.newly_missing(run, coupling);
        let missing = self.syncs.missing.iter();
        let back = missing
            .filter(|((whose, person), _)| *whose == coupling && self.is_delivered(run, *person));
        let back: Vec<PartKeys> = back.map(|(_, kept)| kept.keys).collect();
        let mut events = Vec::new();
        for some in missed.chunks(MISSED_MAX) {
            let people = some.iter().map(|keys| missed_part(keys, coupling)).collect();
            events.push(Event::Sync(PeopleMissed { run, people }.into()));
        }
        for some in back.chunks(MISSED_MAX) {
            let people = some.iter().map(|keys| missed_part(keys, coupling)).collect();
            events.push(Event::Sync(PeopleReturned { run, people }.into()));
        }
        let suspended = missed.iter().filter_map(|keys| self.to_suspend(keys.subject, coupling));
        events.extend(suspended.map(|account| {
            let because = SuspendedBecause::MissingInSync;
            AccountSuspended { account, because, by: None }.into()
        }));
        let resumed = back.iter().filter_map(|keys| self.to_resume(keys.subject));
        events.extend(resumed.map(|account| AccountResumed { account, by }.into()));
        events
    }

    fn to_suspend(&self, person: SubjectId, coupling: CouplingId) -> Option<AccountId> {
        let elsewhere = self.couplings().any(|(id, other)| {
            let current = other.current.filter(|_| id != coupling);
            current.is_some_and(|run| self.is_delivered(run, person))
        });
        let account = self.account_of_person(person).filter(|_| !elsewhere)?;
        let (_, known) = self.account(account)?;
        let manages = self.access.manages(account);
        (known.suspended.is_none() && !manages).then_some(account)
    }

    fn to_resume(&self, person: SubjectId) -> Option<AccountId> {
        let account = self.account_of_person(person)?;
        let (_, known) = self.account(account)?;
        (known.suspended == Some(SuspendedBecause::MissingInSync)).then_some(account)
    }

    pub(super) fn decide_missing(&self, event: &MissingDecided) -> Result<Vec<Event>, Refusal> {
        self.access.check_actor(event.by)?;
        let (keys, decided) = told(&event.person).ok_or(Refusal::AlreadyErased)?;
        self.erasures.check_scope(keys.scope)?;
        NOT_MISSING.unless(self.syncs.missing.contains(&(decided.coupling, keys.subject)))?;
        let keeps = decided.decision == MissingDecision::Keep;
        let resumed = self.to_resume(keys.subject).filter(|_| keeps);
        let resumed = resumed.map(|account| AccountResumed { account, by: event.by }.into());
        Ok(resumed.into_iter().collect())
    }

    /// Whose contacts hold in a run that holds.
    #[must_use]
    pub fn holds_contacts(&self, run: SyncRunId) -> bool {
        self.sync_run(run).is_some_and(|(_, stage)| stage == SyncStage::Current)
    }
}

fn missed_part(keys: &PartKeys, coupling: CouplingId) -> About<Missed> {
    About::new(keys.subject, keys.scope, Missed { coupling })
}

impl crate::access::Access {
    /// Whether an account manages the accounts of the tenant.
    fn manages(&self, account: AccountId) -> bool {
        self.grants
            .values()
            .any(|grant| grant.account == account && grant.role == Role::TenantAdministrator)
    }
}
