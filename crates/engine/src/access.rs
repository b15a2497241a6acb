//! Who signs in, who acts, and what the trail holds of it.
//!
//! *Invariant:* a year of the trail and the name of an actor are durable before anything is done in
//! that name.
//! *Invariant:* names and digests are reopened from their records when they are asked for; none of
//! them is kept.

use events::access::{
    AccountId, Acted, ActorName, ActorNamed, Looked, Outcome, Role, SuspendedBecause,
    TrailYearOpened,
};
use events::sync::StaffEntry;
use events::{About, AccessEvent, Event, Identity, PeopleEvent};
use record::{ActorId, CommandId, JournalId, ScopeId, Seq, SubjectId, TimestampMicros};
use rules::deadline::year_of;
use rules::{Command, Refusal};

use crate::engine::Engine;
use crate::execute::{EngineError, Fault, Request};
use crate::model::open_event;
use crate::signing::random16;

/// What a sign-in is checked against.
///
/// Its `Debug` shows the account alone.
pub struct SignIn {
    /// The account.
    pub account: AccountId,
    /// Whose it is.
    pub person: SubjectId,
    /// What the password is checked against, if one was set.
    pub password: Option<String>,
    /// The secret of the second factor, if there is one.
    pub second_factor: Option<[u8; 20]>,
    /// Why the account cannot be used, if it cannot.
    pub suspended: Option<SuspendedBecause>,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn").field("account", &self.account).finish_non_exhaustive()
    }
}

/// What was done or shown, or tried: what one line of the trail says.
#[derive(Clone, Debug)]
pub struct Deed {
    /// Who; nobody before sign-in.
    pub actor: Option<ActorId>,
    /// What it was.
    pub operation: String,
    /// As what.
    pub role: Option<Role>,
    /// What for.
    pub purpose: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The policy that decided.
    pub policy: String,
    /// Whose data, which categories, and why where a reason is asked.
    pub whose: Vec<(SubjectId, Vec<u16>, Option<String>)>,
}

/// One line of the trail, as its record says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailLine {
    /// Its place.
    pub seq: Seq,
    /// When.
    pub at: TimestampMicros,
    /// What was done.
    pub acted: Acted,
    /// The account and the name at that time, as long as the trail of that year is kept.
    pub who: Option<(AccountId, String)>,
}

impl Engine {
    /// The time.
    #[must_use]
    pub fn now(&self) -> TimestampMicros {
        self.clock.now()
    }

    /// What a text stands for in a tenant, for one purpose: a keyed digest.
    ///
    /// # Errors
    /// [`EngineError`] when the tenant is unknown or ended.
    pub fn stands_for(
        &self,
        id: JournalId,
        purpose: &str,
        text: &[u8],
    ) -> Result<[u8; 16], EngineError> {
        Ok(self.tenant(id)?.running()?.stands_for(purpose, text))
    }

    /// What signs in under a login name, if anything does.
    ///
    /// # Errors
    /// [`EngineError`] when the tenant is unknown or ended, or a record cannot be read.
    pub fn sign_in(&self, id: JournalId, login: &str) -> Result<Option<SignIn>, EngineError> {
        let index = self.stands_for(id, LOGIN, login.to_lowercase().as_bytes())?;
        let state = self.tenant(id)?.state();
        let Some(account) = state.account_by_login(&index) else { return Ok(None) };
        let Some((person, known)) = state.account(account) else { return Ok(None) };
        let suspended = known.suspended;
        let password = state.password_at(account);
        let factor = state.second_factor_at(account);
        let password = password.map(|seq| self.reopened(id, seq)).transpose()?.flatten();
        let factor = factor.map(|seq| self.reopened(id, seq)).transpose()?.flatten();
        Ok(Some(SignIn {
            account,
            person,
            password: password.and_then(password_of),
            second_factor: factor.and_then(secret_of),
            suspended,
        }))
    }

    /// Who an account is in the trail of this year, if that is recorded.
    ///
    /// # Errors
    /// [`EngineError`] when the tenant is unknown.
    pub fn actor(&self, id: JournalId, account: AccountId) -> Result<Option<ActorId>, EngineError> {
        let year = year_of(self.now()).map_err(Refusal::from)?;
        Ok(self.tenant(id)?.state().actor_of(account, year))
    }

    /// Who an account is in the trail of this year; records the year and the name where needed.
    ///
    /// # Errors
    /// [`EngineError`] when the account is unknown or nothing could be written.
    pub fn name_actor(
        &mut self,
        id: JournalId,
        account: AccountId,
    ) -> Result<ActorId, EngineError> {
        if let Some(actor) = self.actor(id, account)? {
            return Ok(actor);
        }
        let year = year_of(self.now()).map_err(Refusal::from)?;
        self.open_trail(id, year)?;
        let state = self.tenant(id)?.state();
        let (person, _) = state.account(account).ok_or(EngineError::NothingKept)?;
        let opened = state.trail_year(year).ok_or(Fault::Broken)?;
        let name = self.identity(id, person)?.map_or_else(String::new, |known| known.name);
        let actor = ActorId::from_bytes(random16()?);
        let name = About::new(opened.holder, opened.scope, ActorName { account, person, name });
        self.propose(id, ActorNamed { actor, year, name }.into())?;
        Ok(actor)
    }

    fn open_trail(&mut self, id: JournalId, year: u16) -> Result<(), EngineError> {
        if self.tenant(id)?.state().trail_year(year).is_some() {
            return Ok(());
        }
        let scope = ScopeId::from_bytes(random16()?);
        let holder = SubjectId::from_bytes(random16()?);
        self.propose(id, TrailYearOpened { year, scope, holder }.into())
    }

    /// Has an event happen under a fresh command id.
    ///
    /// # Errors
    /// [`EngineError`] when a rule says no or nothing could be written.
    pub fn propose(&mut self, id: JournalId, event: Event) -> Result<(), EngineError> {
        let command = CommandId::from_bytes(random16()?);
        let request = Request { id: command, command: Command::Propose(event) };
        self.execute_one(id, request).map(drop)
    }

    /// The line of the trail that a deed leaves, under the term of this year.
    ///
    /// # Errors
    /// [`EngineError`] when the year of the trail is not open: see [`Engine::name_actor`].
    pub fn acted(&self, id: JournalId, deed: Deed) -> Result<Acted, EngineError> {
        let year = year_of(self.now()).map_err(Refusal::from)?;
        let opened = self.tenant(id)?.state().trail_year(year).ok_or(EngineError::NoTrail)?;
        let Deed { actor, operation, role, purpose, outcome, policy, whose } = deed;
        let looked = |(person, categories, reason)| {
            About::new(person, opened.scope, Looked { categories, reason })
        };
        let whose = whose.into_iter().map(looked).collect();
        Ok(Acted { actor, operation, role, purpose, outcome, policy, whose })
    }

    /// Who a person is, unless that was erased.
    ///
    /// # Errors
    /// [`EngineError`] when the tenant is unknown or a record cannot be read.
    pub fn identity(
        &self,
        id: JournalId,
        person: SubjectId,
    ) -> Result<Option<Identity>, EngineError> {
        let Some(seq) = self.tenant(id)?.views().people().registered_at(person) else {
            return Ok(self.contact(id, person)?.map(|known| identity_of(&known)));
        };
        Ok(match self.reopened(id, seq)? {
            Some(Event::People(PeopleEvent::PersonRegistered(event))) => match event.person {
                About::Known { value, .. } => Some(value),
                About::Gone { .. } => None,
            },
            _ => None,
        })
    }

    /// The login name of an account, unless that was erased.
    ///
    /// # Errors
    /// [`EngineError`] when the tenant is unknown or a record cannot be read.
    pub fn login_name(
        &self,
        id: JournalId,
        account: AccountId,
    ) -> Result<Option<String>, EngineError> {
        let Some(seq) = self.tenant(id)?.views().access().account_at(account) else {
            return Ok(None);
        };
        Ok(match self.reopened(id, seq)? {
            Some(Event::Access(AccessEvent::AccountOpened(event))) => {
                event.holder.value().map(|login| login.name.clone())
            }
            _ => None,
        })
    }

    /// Lines of the trail, newest first: of everybody, or of what concerns one person.
    ///
    /// # Errors
    /// [`EngineError`] when the tenant is unknown or a record cannot be read.
    pub fn trail(
        &self,
        id: JournalId,
        of: Option<SubjectId>,
        before: Seq,
        take: usize,
    ) -> Result<Vec<TrailLine>, EngineError> {
        let trail = self.tenant(id)?.views().trail();
        let places = match of {
            Some(person) => trail.of(person, before, take),
            None => trail.before(before, take),
        };
        let lines = places.into_iter().map(|seq| self.trail_line(id, seq));
        lines.filter_map(Result::transpose).collect()
    }

    fn trail_line(&self, id: JournalId, seq: Seq) -> Result<Option<TrailLine>, EngineError> {
        let record = self.store.read(id, seq).map_err(Fault::from)?;
        let at = record.header.recorded_at;
        let tenant = self.tenant(id)?;
        let Some(Event::Access(AccessEvent::Acted(acted))) =
            open_event(tenant.vault.as_ref(), &record)?
        else {
            return Ok(None);
        };
        let named = acted.actor.and_then(|actor| tenant.views().trail().name_at(actor));
        let named = named.map(|seq| self.reopened(id, seq)).transpose()?.flatten();
        Ok(Some(TrailLine { seq, at, acted, who: named.and_then(name_of) }))
    }

    /// The event of a record, as far as it opens.
    ///
    /// # Errors
    /// [`EngineError`] when the tenant is unknown or the record cannot be read.
    pub fn reopened(&self, id: JournalId, seq: Seq) -> Result<Option<Event>, EngineError> {
        let tenant = self.tenant(id)?;
        let record = self.store.read(id, seq).map_err(Fault::from)?;
        Ok(open_event(tenant.vault.as_ref(), &record)?)
    }
}

/// A delivered person as one who is known by name.
fn identity_of(entry: &StaffEntry) -> Identity {
    let first = entry.given_name.as_ref().or(entry.initials.as_ref());
    let parts = [first, entry.prefix.as_ref(), entry.surname.as_ref()];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    let name = if parts.is_empty() { entry.email.clone() } else { parts.join(" ") };
    Identity { name, email: Some(entry.email.clone()) }
}

/// What login names are digested for.
pub const LOGIN: &str = "login";

fn password_of(event: Event) -> Option<String> {
    match event {
        Event::Access(AccessEvent::PasswordSet(event)) => match event.password {
            About::Known { value, .. } => Some(value.phc),
            About::Gone { .. } => None,
        },
        _ => None,
    }
}

fn secret_of(event: Event) -> Option<[u8; 20]> {
    match event {
        Event::Access(AccessEvent::SecondFactorSet(event)) => {
            event.factor.value().map(|factor| factor.secret)
        }
        _ => None,
    }
}

fn name_of(event: Event) -> Option<(AccountId, String)> {
    match event {
        Event::Access(AccessEvent::ActorNamed(event)) => match event.name {
            About::Known { value, .. } => Some((value.account, value.name)),
            About::Gone { .. } => None,
        },
        _ => None,
    }
}
