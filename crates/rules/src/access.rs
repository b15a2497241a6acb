//! Accounts, roles, tokens, support and the years of the trail.
//!
//! *Invariant:* an account is known as long as its login opens; grants and tokens go with it.
//! *Invariant:* who an actor is, is known as long as the trail of its year; the account behind it,
//! never the person, is kept here.

use std::collections::{BTreeMap, BTreeSet};

use bincode::{Decode, Encode};
use events::access::{
    AccountId, AccountOpened, Acted, ActorNamed, GrantId, LOGIN_BYTES_MAX, LOOKED_MAX,
    OPERATION_BYTES_MAX, REASON_BYTES_MAX, Reach, Role, RoleGranted, SupportId, SupportOpened,
    SuspendedBecause, TOKEN_NAME_BYTES_MAX, TOKEN_OPERATIONS_MAX, TokenId, TokenIssued,
    TrailYearOpened,
};
use events::{AccessEvent, Event, Forgotten, KeptMap, Place};
use record::{ActorId, ScopeId, Seq, SubjectId, TimestampMicros};

use crate::people::told;
use crate::refusal::{Refusal, Rule};
use crate::state::{State, check_limit, check_text};

/// Most roles of one account.
const GRANTS_MAX: usize = 100;
/// Most tokens of one account.
const TOKENS_MAX: usize = 100;
/// Longest time that support may look, in days.
const SUPPORT_DAYS_MAX: u64 = 14;
/// Longest time that a code for a new password holds, in days.
const RESET_DAYS_MAX: u64 = 7;
/// Longest time of a token or of an auditor's role, in days.
const LIMITED_DAYS_MAX: u64 = 366;
/// Longest password digest, in bytes.
const PHC_BYTES_MAX: usize = 200;
const DAY_MICROS: u64 = 24 * 60 * 60 * 1_000_000;

static UNKNOWN_ACCOUNT: Rule = Rule::unknown("the account is unknown", "het account is onbekend");
static UNKNOWN_GRANT: Rule = Rule::unknown("the grant is unknown", "de toekenning is onbekend");
static UNKNOWN_TOKEN: Rule = Rule::unknown("the token is unknown", "het token is onbekend");
static UNKNOWN_SUPPORT: Rule = Rule::unknown(
    "the support access is unknown or closed",
    "de hulptoegang is onbekend of gesloten",
);
static LOGIN_TAKEN: Rule =
    Rule::conflict("this login name is in use", "deze inlognaam is in gebruik");
static ONE_ACCOUNT: Rule =
    Rule::conflict("the person has an account already", "deze persoon heeft al een account");
static NOT_ONESELF: Rule = Rule::conflict(
    "nobody gives or keeps a role of their own",
    "niemand kent zichzelf een rol toe of laat zichzelf er een houden",
);
static FG_APART: Rule = Rule::conflict(
    "the data protection officer decides nothing, so the same account has no deciding role \
     (GDPR art. 38(6))",
    "de FG beslist niets, dus hetzelfde account heeft geen beslissende rol (AVG art. 38 lid 6)",
);
static REACHES_ALL: Rule = Rule::conflict(
    "this role reaches the whole tenant or nothing",
    "deze rol geldt voor de hele omgeving of niet",
);
static LIMITED: Rule = Rule::conflict(
    "this needs an end within 366 days",
    "hier hoort een einde binnen 366 dagen bij",
);
static RESET_LIMITED: Rule = Rule::conflict(
    "a code for a new password ends within 7 days",
    "een code voor een nieuw wachtwoord eindigt binnen 7 dagen",
);
static SUPPORT_LIMITED: Rule =
    Rule::conflict("support access ends within 14 days", "hulptoegang eindigt binnen 14 dagen");
static GRANTED_ALREADY: Rule =
    Rule::conflict("the account has this role already", "het account heeft deze rol al");
static TOO_MANY: Rule = Rule::conflict(
    "an account has at most 100 roles and 100 tokens",
    "een account heeft ten hoogste 100 rollen en 100 tokens",
);
static SUSPENDED_ALREADY: Rule =
    Rule::conflict("the account is suspended already", "het account is al opgeschort");
static NOT_SUSPENDED: Rule =
    Rule::conflict("the account is not suspended", "het account is niet opgeschort");
static NO_FACTOR: Rule = Rule::conflict("there is no second factor", "er is geen tweede factor");
static NOT_ARGON2ID: Rule =
    Rule::invalid("password", "not an Argon2id digest", "geen Argon2id-afgeleide");
static YEAR_OPEN: Rule =
    Rule::conflict("this year of the trail is open", "dit jaar van het spoor is al geopend");
static YEAR_UNKNOWN: Rule =
    Rule::conflict("this year of the trail is not open", "dit jaar van het spoor is niet geopend");
static NAMED_ALREADY: Rule =
    Rule::conflict("the actor has a name already", "de handelende heeft al een naam");
static UNKNOWN_ACTOR: Rule =
    Rule::unknown("nobody is known as this actor", "de handelende is onbekend");

/// An account, as the rules remember it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Account {
    /// What it is found by.
    pub login: [u8; 16],
    /// Why it cannot be used, if it cannot.
    pub suspended: Option<SuspendedBecause>,
    /// Sessions from before this moment have ended.
    pub sessions_from: TimestampMicros,
}

/// A role that an account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Grant {
    /// Whose.
    pub account: AccountId,
    /// As what.
    pub role: Role,
    /// How far.
    pub reach: Reach,
    /// Until when, if it has an end.
    pub until: Option<TimestampMicros>,
}

/// A token that an account gave to a program.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Token {
    /// Whose.
    pub account: AccountId,
    /// BLAKE3 of its random bytes.
    pub digest: [u8; 32],
    /// What it may do.
    pub operations: Vec<String>,
    /// Until when.
    pub until: TimestampMicros,
}

/// A year of the trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct TrailYear {
    /// Its term.
    pub scope: ScopeId,
    /// What its names stand under.
    pub holder: SubjectId,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Access {
    accounts: KeptMap<AccountId, Account>,
    logins: BTreeMap<[u8; 16], AccountId>,
    /// Where the present password and second factor stand.
    passwords: KeptMap<AccountId, Seq>,
    factors: KeptMap<AccountId, Seq>,
    /// Digest and end of the code that sets a new password.
    resets: BTreeMap<AccountId, ([u8; 32], TimestampMicros)>,
    pub(crate) grants: BTreeMap<GrantId, Grant>,
    tokens: BTreeMap<TokenId, Token>,
    supports: BTreeMap<SupportId, TimestampMicros>,
    years: BTreeMap<u16, TrailYear>,
    /// Which account an actor of a year is.
    actors: KeptMap<ActorId, (u16, AccountId)>,
    by_account: BTreeMap<(u16, AccountId), ActorId>,
}

impl State {
    pub(crate) fn access(
        &self,
        event: &AccessEvent,
        now: TimestampMicros,
    ) -> Result<Vec<Event>, Refusal> {
        let access = &self.access;
        match event {
            AccessEvent::AccountOpened(event) => self.open_account(event)?,
            AccessEvent::PasswordSet(event) => {
                let (person, password) = self.about(&event.password)?;
                access.check_holder(event.account, person)?;
                check_limit(password.phc.len(), PHC_BYTES_MAX, "password")?;
                NOT_ARGON2ID.unless(password.phc.starts_with("$argon2id$"))?;
            }
            AccessEvent::ResetIssued(event) => {
                event.by.map_or(Ok(()), |by| access.check_actor(by))?;
                access.account(event.account)?;
                RESET_LIMITED.unless(ends_within(Some(event.until), now, RESET_DAYS_MAX))?;
            }
            AccessEvent::SecondFactorSet(event) => {
                let (person, _) = self.about(&event.factor)?;
                access.check_holder(event.account, person)?;
            }
            AccessEvent::SecondFactorRemoved(event) => {
                access.check_actor(event.by)?;
                NO_FACTOR.unless(access.factors.contains(&event.account))?;
            }
            AccessEvent::AccountSuspended(event) => {
                event.by.map_or(Ok(()), |by| access.check_actor(by))?;
                let account = access.account(event.account)?;
                SUSPENDED_ALREADY.unless(account.suspended.is_none())?;
            }
            AccessEvent::AccountResumed(event) => {
                access.check_actor(event.by)?;
                NOT_SUSPENDED.unless(access.account(event.account)?.suspended.is_some())?;
            }
            AccessEvent::SessionsRevoked(event) => {
                access.check_actor(event.by)?;
                access.account(event.account)?;
            }
            AccessEvent::RoleGranted(event) => self.grant(event, now)?,
            AccessEvent::RoleRevoked(event) => {
                access.check_actor(event.by)?;
                UNKNOWN_GRANT.unless(access.grants.contains_key(&event.grant))?;
            }
            AccessEvent::AccessReviewed(event) => access.review(&event.kept, event.by)?,
            AccessEvent::TokenIssued(event) => access.issue(event, now)?,
            AccessEvent::TokenRevoked(event) => {
                access.check_actor(event.by)?;
                UNKNOWN_TOKEN.unless(access.tokens.contains_key(&event.token))?;
            }
            AccessEvent::SupportOpened(event) => access.open_support(event, now)?,
            AccessEvent::SupportClosed(event) => {
                access.check_actor(event.by)?;
                UNKNOWN_SUPPORT.unless(access.supports.contains_key(&event.support))?;
            }
            AccessEvent::TrailYearOpened(event) => self.open_year(event)?,
            AccessEvent::ActorNamed(event) => access.name_actor(event)?,
            AccessEvent::Acted(event) => self.act(event)?,
        }
        Ok(vec![Event::Access(event.clone())])
    }

    fn open_account(&self, event: &AccountOpened) -> Result<(), Refusal> {
        let (person, login) = self.about(&event.holder)?;
        check_text(&login.name, LOGIN_BYTES_MAX, "login")?;
        if self.access.accounts.contains(&event.account) {
            return Err(Refusal::IdInUse);
        }
        LOGIN_TAKEN.unless(!self.access.logins.contains_key(&login.index))?;
        ONE_ACCOUNT.unless(self.access.accounts.of(person).next().is_none())
    }

    fn grant(&self, event: &RoleGranted, now: TimestampMicros) -> Result<(), Refusal> {
        let access = &self.access;
        access.account(event.account)?;
        if access.grants.contains_key(&event.grant) {
            return Err(Refusal::IdInUse);
        }
        if let Some(by) = event.by {
            NOT_ONESELF.unless(access.account_of(by)? != event.account)?;
        }
        self.check_reach(event.reach)?;
        check_role(event, now)?;
        let mut theirs = access.grants.values().filter(|grant| grant.account == event.account);
        let mut again = theirs.clone();
        GRANTED_ALREADY
            .unless(!again.any(|grant| grant.role == event.role && grant.reach == event.reach))?;
        TOO_MANY.unless(theirs.clone().count() < GRANTS_MAX)?;
        let apart = |one: Role, other: Role| one == Role::Fg && decides(other);
        FG_APART.unless(
            !theirs.any(|grant| apart(grant.role, event.role) || apart(event.role, grant.role)),
        )
    }

    fn check_reach(&self, reach: Reach) -> Result<(), Refusal> {
        match reach {
            Reach::Own | Reach::Board => Ok(()),
            Reach::School(school) => self.organisation.check_school(school),
            Reach::Team(team) => self.organisation.check_team(team),
        }
    }

    fn open_year(&self, event: &TrailYearOpened) -> Result<(), Refusal> {
        YEAR_OPEN.unless(!self.access.years.contains_key(&event.year))?;
        self.erasures.check_scope(event.scope)
    }

    fn act(&self, event: &Acted) -> Result<(), Refusal> {
        event.actor.map_or(Ok(()), |actor| self.access.check_actor(actor))?;
        check_text(&event.operation, OPERATION_BYTES_MAX, "operation")?;
        check_text(&event.purpose, OPERATION_BYTES_MAX, "purpose")?;
        check_text(&event.policy, OPERATION_BYTES_MAX, "policy")?;
        check_limit(event.whose.len(), LOOKED_MAX, "whose")?;
        event.whose.iter().try_for_each(|whose| {
            let (keys, looked) = told(whose).ok_or(Refusal::AlreadyErased)?;
            YEAR_UNKNOWN.unless(self.access.years.values().any(|year| year.scope == keys.scope))?;
            check_limit(looked.reason.as_ref().map_or(0, String::len), REASON_BYTES_MAX, "reason")
        })
    }

    /// The account that a login name's keyed digest stands for.
    #[must_use]
    pub fn account_by_login(&self, index: &[u8; 16]) -> Option<AccountId> {
        self.access.logins.get(index).copied()
    }

    /// One account, and whose it is.
    #[must_use]
    pub fn account(&self, account: AccountId) -> Option<(SubjectId, &Account)> {
        let keys = self.access.accounts.keys_of(&account)?;
        self.access.accounts.get(&account).map(|found| (keys.subject, found))
    }

    /// The account of a person.
    #[must_use]
    pub fn account_of_person(&self, person: SubjectId) -> Option<AccountId> {
        self.access.accounts.of(person).next().map(|(account, _)| *account)
    }

    /// Where the present password stands.
    #[must_use]
    pub fn password_at(&self, account: AccountId) -> Option<Seq> {
        self.access.passwords.get(&account).copied()
    }

    /// Whether a code with this digest sets a new password at this moment.
    #[must_use]
    pub fn resets(&self, account: AccountId, digest: &[u8; 32], now: TimestampMicros) -> bool {
        let issued = self.access.resets.get(&account);
        issued.is_some_and(|(known, until)| known == digest && *until > now)
    }

    /// Where the present second factor stands.
    #[must_use]
    pub fn second_factor_at(&self, account: AccountId) -> Option<Seq> {
        self.access.factors.get(&account).copied()
    }

    /// The roles of an account that hold at this moment.
    pub fn grants_of(
        &self,
        account: AccountId,
        now: TimestampMicros,
    ) -> impl Iterator<Item = (GrantId, Grant)> + '_ {
        let theirs = self.access.grants.iter().filter(move |(_, grant)| grant.account == account);
        let running = theirs.filter(move |(_, grant)| grant.until.is_none_or(|until| until > now));
        running.map(|(id, grant)| (*id, *grant))
    }

    /// The token with this digest, if it holds at this moment.
    #[must_use]
    pub fn token(&self, digest: &[u8; 32], now: TimestampMicros) -> Option<&Token> {
        let mut tokens = self.access.tokens.values();
        tokens.find(|token| token.digest == *digest && token.until > now)
    }

    /// Whether the processor's support may look at this moment.
    #[must_use]
    pub fn support_is_open(&self, now: TimestampMicros) -> bool {
        self.access.supports.values().any(|until| *until > now)
    }

    /// A year of the trail.
    #[must_use]
    pub fn trail_year(&self, year: u16) -> Option<TrailYear> {
        self.access.years.get(&year).copied()
    }

    /// Who an account is in a year of the trail.
    #[must_use]
    pub fn actor_of(&self, account: AccountId, year: u16) -> Option<ActorId> {
        self.access.by_account.get(&(year, account)).copied()
    }

    /// The account behind an actor, as long as its year is kept.
    #[must_use]
    pub fn account_behind(&self, actor: ActorId) -> Option<AccountId> {
        self.access.actors.get(&actor).map(|(_, account)| *account)
    }

    /// The person behind an actor, as long as year and account are kept.
    #[must_use]
    pub fn person_behind(&self, actor: ActorId) -> Option<SubjectId> {
        self.account(self.account_behind(actor)?).map(|(person, _)| person)
    }

    /// Whether two actors are two accounts, of two people.
    #[must_use]
    pub fn are_two_people(&self, one: ActorId, other: ActorId) -> bool {
        let (first, second) = (self.person_behind(one), self.person_behind(other));
        self.are_two(one, other) && (first.is_none() || first != second)
    }

    /// The years of the trail that name a person as who acted.
    #[must_use]
    pub fn trail_years_of(&self, person: SubjectId) -> Vec<u16> {
        let years = self.access.by_account.keys();
        let theirs = |account| self.account(account).is_some_and(|(holder, _)| holder == person);
        let mut years: Vec<u16> =
            years.filter(|(_, account)| theirs(*account)).map(|(year, _)| *year).collect();
        years.dedup();
        years
    }

    /// Whether two actors are known to be two people: the same account acts under another id in
    /// another year.
    #[must_use]
    pub fn are_two(&self, one: ActorId, other: ActorId) -> bool {
        let (first, second) = (self.account_behind(one), self.account_behind(other));
        one != other && first.is_some() && second.is_some() && first != second
    }
}

impl Access {
    fn account(&self, account: AccountId) -> Result<&Account, Refusal> {
        self.accounts.get(&account).ok_or(Refusal::Says(&UNKNOWN_ACCOUNT))
    }

    fn check_holder(&self, account: AccountId, person: SubjectId) -> Result<(), Refusal> {
        let holder = self.accounts.keys_of(&account).map(|keys| keys.subject);
        UNKNOWN_ACCOUNT.unless(holder == Some(person))
    }

    pub(crate) fn check_actor(&self, actor: ActorId) -> Result<(), Refusal> {
        self.account_of(actor).map(drop)
    }

    fn account_of(&self, actor: ActorId) -> Result<AccountId, Refusal> {
        let found = self.actors.get(&actor).map(|(_, account)| *account);
        found.ok_or(Refusal::Says(&UNKNOWN_ACTOR))
    }

    fn review(&self, kept: &[GrantId], by: ActorId) -> Result<(), Refusal> {
        let reviewer = self.account_of(by)?;
        kept.iter().try_for_each(|grant| {
            let grant = self.grants.get(grant).ok_or(Refusal::Says(&UNKNOWN_GRANT))?;
            NOT_ONESELF.unless(grant.account != reviewer)
        })
    }

    fn issue(&self, event: &TokenIssued, now: TimestampMicros) -> Result<(), Refusal> {
        self.check_actor(event.by)?;
        self.account(event.account)?;
        if self.tokens.contains_key(&event.token) {
            return Err(Refusal::IdInUse);
        }
        check_text(&event.name, TOKEN_NAME_BYTES_MAX, "name")?;
        if event.operations.is_empty() {
            return Err(Refusal::Empty { field: "operations" });
        }
        check_limit(event.operations.len(), TOKEN_OPERATIONS_MAX, "operations")?;
        event
            .operations
            .iter()
            .try_for_each(|name| check_text(name, OPERATION_BYTES_MAX, "operations"))?;
        LIMITED.unless(ends_within(Some(event.until), now, LIMITED_DAYS_MAX))?;
        let theirs = self.tokens.values().filter(|token| token.account == event.account);
        TOO_MANY.unless(theirs.count() < TOKENS_MAX)
    }

    fn open_support(&self, event: &SupportOpened, now: TimestampMicros) -> Result<(), Refusal> {
        self.check_actor(event.by)?;
        if self.supports.contains_key(&event.support) {
            return Err(Refusal::IdInUse);
        }
        check_text(&event.reason, REASON_BYTES_MAX, "reason")?;
        SUPPORT_LIMITED.unless(ends_within(Some(event.until), now, SUPPORT_DAYS_MAX))
    }

    fn name_actor(&self, event: &ActorNamed) -> Result<(), Refusal> {
        let (keys, name) = told(&event.name).ok_or(Refusal::AlreadyErased)?;
        let year = self.years.get(&event.year).ok_or(Refusal::Says(&YEAR_UNKNOWN))?;
        YEAR_UNKNOWN.unless(year.scope == keys.scope && year.holder == keys.subject)?;
        self.check_holder(name.account, name.person)?;
        NAMED_ALREADY.unless(
            !self.actors.contains(&event.actor)
                && !self.by_account.contains_key(&(event.year, name.account)),
        )
    }

    pub(crate) fn evolve(&mut self, place: &Place, event: &AccessEvent) {
        match event {
            AccessEvent::AccountOpened(event) => self.opened(place, event),
            AccessEvent::PasswordSet(event) => {
                if let Some(keys) = event.password.keys() {
                    self.passwords.insert(event.account, keys, place.seq);
                }
                self.resets.remove(&event.account);
                self.end_sessions(event.account, place.recorded_at);
            }
            AccessEvent::ResetIssued(event) => {
                if self.accounts.contains(&event.account) {
                    self.resets.insert(event.account, (event.digest, event.until));
                }
            }
            AccessEvent::SecondFactorSet(event) => {
                if let Some(keys) = event.factor.keys() {
                    self.factors.insert(event.account, keys, place.seq);
                }
            }
            AccessEvent::SecondFactorRemoved(event) => {
                self.factors.remove(&event.account);
                self.end_sessions(event.account, place.recorded_at);
            }
            AccessEvent::AccountSuspended(event) => {
                self.suspend(event.account, Some(event.because));
                self.end_sessions(event.account, place.recorded_at);
            }
            AccessEvent::AccountResumed(event) => self.suspend(event.account, None),
            AccessEvent::SessionsRevoked(event) => {
                self.end_sessions(event.account, place.recorded_at);
            }
            AccessEvent::RoleGranted(event) => self.granted(event),
            AccessEvent::RoleRevoked(event) => drop(self.grants.remove(&event.grant)),
            AccessEvent::AccessReviewed(_) | AccessEvent::Acted(_) => {}
            AccessEvent::TokenIssued(event) => self.issued(event),
            AccessEvent::TokenRevoked(event) => drop(self.tokens.remove(&event.token)),
            AccessEvent::SupportOpened(event) => {
                self.supports.insert(event.support, event.until);
            }
            AccessEvent::SupportClosed(event) => drop(self.supports.remove(&event.support)),
            AccessEvent::TrailYearOpened(event) => {
                let year = TrailYear { scope: event.scope, holder: event.holder };
                self.years.insert(event.year, year);
            }
            AccessEvent::ActorNamed(event) => self.named(event),
        }
    }

    fn opened(&mut self, place: &Place, event: &AccountOpened) {
        if let Some((keys, login)) = told(&event.holder) {
            let (login, sessions_from) = (login.index, place.recorded_at);
            self.logins.insert(login, event.account);
            let account = Account { login, suspended: None, sessions_from };
            self.accounts.insert(event.account, keys, account);
        }
    }

    fn granted(&mut self, event: &RoleGranted) {
        let RoleGranted { grant, account, role, reach, until, .. } = *event;
        if self.accounts.contains(&account) {
            self.grants.insert(grant, Grant { account, role, reach, until });
        }
    }

    fn issued(&mut self, event: &TokenIssued) {
        let TokenIssued { token, account, digest, until, .. } = *event;
        if self.accounts.contains(&account) {
            let operations = event.operations.clone();
            self.tokens.insert(token, Token { account, digest, operations, until });
        }
    }

    fn named(&mut self, event: &ActorNamed) {
        if let Some((keys, name)) = told(&event.name) {
            self.actors.insert(event.actor, keys, (event.year, name.account));
            self.by_account.insert((event.year, name.account), event.actor);
        }
    }

    fn suspend(&mut self, account: AccountId, because: Option<SuspendedBecause>) {
        if let Some(account) = self.accounts.get_mut(&account) {
            account.suspended = because;
        }
    }

    fn end_sessions(&mut self, account: AccountId, at: TimestampMicros) {
        if let Some(account) = self.accounts.get_mut(&account) {
            account.sessions_from = at;
        }
    }

    pub(crate) fn forget(&mut self, gone: &Forgotten) {
        self.accounts.forget(gone);
        self.passwords.forget(gone);
        self.factors.forget(gone);
        self.actors.forget(gone);
        let accounts = &self.accounts;
        self.logins.retain(|_, account| accounts.contains(account));
        self.resets.retain(|account, _| accounts.contains(account));
        self.grants.retain(|_, grant| accounts.contains(&grant.account));
        self.tokens.retain(|_, token| accounts.contains(&token.account));
        let actors: BTreeSet<ActorId> = self.actors.iter().map(|(actor, _)| *actor).collect();
        self.by_account.retain(|_, actor| actors.contains(actor));
    }
}

/// What a role may never be without.
fn check_role(event: &RoleGranted, now: TimestampMicros) -> Result<(), Refusal> {
    let everywhere = event.reach == Reach::Board;
    match event.role {
        Role::Fg
        | Role::PrivacyOfficer
        | Role::AuthorisedContact
        | Role::TenantAdministrator
        | Role::Support
        | Role::PlatformOperator => REACHES_ALL.unless(everywhere)?,
        Role::Auditor => {
            REACHES_ALL.unless(everywhere)?;
            LIMITED.unless(ends_within(event.until, now, LIMITED_DAYS_MAX))?;
        }
        Role::SchoolLeader | Role::Observer | Role::Teacher | Role::Analyst => {}
    }
    LIMITED.unless(event.until.is_none_or(|until| until > now))
}

/// Roles that decide, which the data protection officer must not have.
const fn decides(role: Role) -> bool {
    matches!(
        role,
        Role::SchoolLeader
            | Role::PrivacyOfficer
            | Role::AuthorisedContact
            | Role::TenantAdministrator
            | Role::PlatformOperator
            | Role::Support
    )
}

fn ends_within(until: Option<TimestampMicros>, now: TimestampMicros, days: u64) -> bool {
    let latest = now.0.saturating_add(days.saturating_mul(DAY_MICROS));
    until.is_some_and(|until| until > now && until.0 <= latest)
}
