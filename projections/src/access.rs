//! Who may do what, and who looked at whose data.
//!
//! *Invariant:* grants, tokens and support are facts: they name accounts as random references and
//! stay when a person is erased.
//! *Invariant:* the trail holds places in the journal and nothing that was looked at; whoever shows
//! a row reopens its record, where an erased person is gone by itself.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use bincode::{Decode, Encode};
use events::access::{AccountId, GrantId, Reach, Role, RoleGranted, SupportId, TokenId};
use events::{AccessEvent, Forgotten, KeptMap, PartKeys, Place};
use record::{ActorId, LeafId, ScopeId, Seq, SubjectId, TimestampMicros};
use schemars::JsonSchema;
use serde::Serialize;

use crate::ranges::Ranges;
use crate::text::{id, id_if_any};

/// Accounts, roles, tokens and support of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Access {
    /// Where the opening of an account stands.
    accounts: KeptMap<AccountId, Seq>,
    grants: BTreeMap<GrantId, Granted>,
    tokens: BTreeMap<TokenId, Issued>,
    supports: BTreeMap<SupportId, Supported>,
}

/// Who looked at whose data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Trail {
    /// Every attempt.
    rows: Ranges,
    /// Those that concern a person, under the keys of what was told about that person.
    whose: BTreeMap<PartKeys, Ranges>,
    /// Where the name of an actor stands.
    names: KeptMap<ActorId, Seq>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Granted {
    account: AccountId,
    role: Role,
    reach: Reach,
    since: TimestampMicros,
    until: Option<TimestampMicros>,
    by: Option<ActorId>,
    revoked: Option<TimestampMicros>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Issued {
    account: AccountId,
    name: String,
    operations: Vec<String>,
    since: TimestampMicros,
    until: TimestampMicros,
    revoked: Option<TimestampMicros>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Supported {
    reason: String,
    since: TimestampMicros,
    until: TimestampMicros,
    closed: Option<TimestampMicros>,
    by: ActorId,
}

/// One account; whose it is and its name are reopened from the record at `seq`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AccountRow {
    /// The account.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub account: AccountId,
    /// The person.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub subject: SubjectId,
    /// Where its opening stands.
    #[serde(skip)]
    #[schemars(skip)]
    pub seq: Seq,
}

/// One role that was given, also after it was taken away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GrantRow {
    /// The grant.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub grant: GrantId,
    /// Which account.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub account: AccountId,
    /// As what, as [`role_name`] says it.
    pub role: &'static str,
    /// `own`, `board`, `school:ID` or `team:ID`.
    pub reach: String,
    /// Microseconds since 1970.
    pub since: u64,
    /// Microseconds since 1970.
    pub until: Option<u64>,
    /// Microseconds since 1970.
    pub revoked: Option<u64>,
    /// Who granted it, as a random reference.
    #[serde(serialize_with = "id_if_any")]
    #[schemars(with = "Option<String>")]
    pub by: Option<ActorId>,
}

/// One token, also after it was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TokenRow {
    /// The token.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub token: TokenId,
    /// The account it acts for.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub account: AccountId,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub operations: Vec<String>,
    /// Microseconds since 1970.
    pub since: u64,
    /// Microseconds since 1970.
    pub until: u64,
    /// Microseconds since 1970.
    pub revoked: Option<u64>,
}

/// One support access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SupportRow {
    /// The access.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub support: SupportId,
    /// Why.
    pub reason: String,
    /// Microseconds since 1970.
    pub since: u64,
    /// At the latest until; microseconds since 1970.
    pub until: u64,
    /// Microseconds since 1970.
    pub closed: Option<u64>,
    /// Who let support in, as a random reference.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub by: ActorId,
}

impl Access {
    /// All accounts whose login still opens, by id.
    pub fn accounts(&self) -> impl Iterator<Item = AccountRow> + '_ {
        self.accounts.iter().map(|(account, kept)| AccountRow {
            account: *account,
            subject: kept.keys.subject,
            seq: kept.value,
        })
    }

    /// Where the opening of an account stands.
    #[must_use]
    pub fn account_at(&self, account: AccountId) -> Option<Seq> {
        self.accounts.get(&account).copied()
    }

    /// All roles that were ever given, by id.
    pub fn grants(&self) -> impl Iterator<Item = GrantRow> + '_ {
        self.grants.iter().map(|(grant, granted)| GrantRow {
            grant: *grant,
            account: granted.account,
            role: role_name(granted.role),
            reach: reach_name(granted.reach),
            since: granted.since.0,
            until: granted.until.map(|at| at.0),
            revoked: granted.revoked.map(|at| at.0),
            by: granted.by,
        })
    }

    /// All tokens that were ever given out, by id.
    pub fn tokens(&self) -> impl Iterator<Item = TokenRow> + '_ {
        self.tokens.iter().map(|(token, issued)| TokenRow {
            token: *token,
            account: issued.account,
            name: issued.name.clone(),
            operations: issued.operations.clone(),
            since: issued.since.0,
            until: issued.until.0,
            revoked: issued.revoked.map(|at| at.0),
        })
    }

    /// All support accesses, by id.
    pub fn supports(&self) -> impl Iterator<Item = SupportRow> + '_ {
        self.supports.iter().map(|(support, opened)| SupportRow {
            support: *support,
            reason: opened.reason.clone(),
            since: opened.since.0,
            until: opened.until.0,
            closed: opened.closed.map(|at| at.0),
            by: opened.by,
        })
    }

    pub(crate) fn apply(&mut self, place: &Place, event: &AccessEvent) {
        let at = place.recorded_at;
        match event {
            AccessEvent::AccountOpened(event) => {
                if let Some(keys) = event.holder.keys() {
                    self.accounts.insert(event.account, keys, place.seq);
                }
            }
            AccessEvent::RoleGranted(event) => {
                self.grants.insert(event.grant, granted(at, event));
            }
            AccessEvent::RoleRevoked(event) => {
                if let Some(grant) = self.grants.get_mut(&event.grant) {
                    grant.revoked = Some(at);
                }
            }
            AccessEvent::TokenIssued(event) => {
                let issued = Issued {
                    account: event.account,
                    name: event.name.clone(),
                    operations: event.operations.clone(),
                    since: at,
                    until: event.until,
                    revoked: None,
                };
                self.tokens.insert(event.token, issued);
            }
            AccessEvent::TokenRevoked(event) => {
                if let Some(token) = self.tokens.get_mut(&event.token) {
                    token.revoked = Some(at);
                }
            }
            AccessEvent::SupportOpened(event) => {
                let (reason, until, by) = (event.reason.clone(), event.until, event.by);
                let opened = Supported { reason, since: at, until, closed: None, by };
                self.supports.insert(event.support, opened);
            }
            AccessEvent::SupportClosed(event) => {
                if let Some(support) = self.supports.get_mut(&event.support) {
                    support.closed = Some(at);
                }
            }
            AccessEvent::PasswordSet(_)
            | AccessEvent::ResetIssued(_)
            | AccessEvent::SecondFactorSet(_)
            | AccessEvent::SecondFactorRemoved(_)
            | AccessEvent::AccountSuspended(_)
            | AccessEvent::AccountResumed(_)
            | AccessEvent::SessionsRevoked(_)
            | AccessEvent::AccessReviewed(_)
            | AccessEvent::TrailYearOpened(_)
            | AccessEvent::ActorNamed(_)
            | AccessEvent::Acted(_) => {}
        }
    }

    pub(crate) fn forget(&mut self, gone: &Forgotten) {
        self.accounts.forget(gone);
    }
}

impl Trail {
    /// Where the newest attempts before a place stand, newest first.
    #[must_use]
    pub fn before(&self, before: Seq, take: usize) -> Vec<Seq> {
        self.rows.descending(before).take(take).collect()
    }

    /// Where the newest attempts that concern a person stand, newest first.
    #[must_use]
    pub fn of(&self, subject: SubjectId, before: Seq, take: usize) -> Vec<Seq> {
        let theirs = self.whose.range(all_of(subject));
        let mut found: Vec<Seq> =
            theirs.flat_map(|(_, rows)| rows.descending(before).take(take)).collect();
        found.sort_unstable_by(|one, other| other.cmp(one));
        found.truncate(take);
        found
    }

    /// How many attempts there were.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.rows.count()
    }

    /// Where the name of an actor stands.
    #[must_use]
    pub fn name_at(&self, actor: ActorId) -> Option<Seq> {
        self.names.get(&actor).copied()
    }

    pub(crate) fn apply(&mut self, place: &Place, event: &AccessEvent) {
        match event {
            AccessEvent::Acted(event) => {
                self.rows.push(place.seq);
                for keys in event.whose.iter().filter_map(events::About::keys) {
                    self.whose.entry(keys).or_default().push(place.seq);
                }
            }
            AccessEvent::ActorNamed(event) => {
                if let Some(keys) = event.name.keys() {
                    self.names.insert(event.actor, keys, place.seq);
                }
            }
            _ => {}
        }
    }

    pub(crate) fn forget(&mut self, gone: &Forgotten) {
        self.names.forget(gone);
        let Some(owners) = gone.few_owners(self.whose.len()) else {
            return self.whose.retain(|keys, _| !gone.covers(keys));
        };
        for owner in owners {
            let theirs = self.whose.range(all_of(*owner)).map(|(keys, _)| *keys);
            let dead: Vec<PartKeys> = theirs.filter(|keys| gone.covers(keys)).collect();
            dead.iter().for_each(|keys| {
                self.whose.remove(keys);
            });
        }
    }
}

/// All keys of one person.
fn all_of(subject: SubjectId) -> RangeInclusive<PartKeys> {
    let (first, last) = (ScopeId::from_bytes([0; 16]), ScopeId::from_bytes([0xFF; 16]));
    let last_leaf = Some(LeafId::from_bytes([0xFF; 16]));
    PartKeys { subject, leaf: None, scope: first }..=PartKeys {
        subject,
        leaf: last_leaf,
        scope: last,
    }
}

fn granted(at: TimestampMicros, event: &RoleGranted) -> Granted {
    Granted {
        account: event.account,
        role: event.role,
        reach: event.reach,
        since: at,
        until: event.until,
        by: event.by,
        revoked: None,
    }
}

/// A role as it is named to programs.
#[must_use]
pub const fn role_name(role: Role) -> &'static str {
    match role {
        Role::SchoolLeader => "school-leader",
        Role::Observer => "observer",
        Role::Teacher => "teacher",
        Role::Analyst => "analyst",
        Role::PrivacyOfficer => "privacy-officer",
        Role::AuthorisedContact => "authorised-contact",
        Role::Fg => "fg",
        Role::Auditor => "auditor",
        Role::TenantAdministrator => "tenant-administrator",
        Role::Support => "support",
        Role::PlatformOperator => "platform-operator",
    }
}

/// All roles.
pub const ROLES: [Role; 11] = [
    Role::SchoolLeader,
    Role::Observer,
    Role::Teacher,
    Role::Analyst,
    Role::PrivacyOfficer,
    Role::AuthorisedContact,
    Role::Fg,
    Role::Auditor,
    Role::TenantAdministrator,
    Role::Support,
    Role::PlatformOperator,
];

/// How far a role reaches, as it is named to programs.
#[must_use]
pub fn reach_name(reach: Reach) -> String {
    match reach {
        Reach::Own => "own".to_owned(),
        Reach::Board => "board".to_owned(),
        Reach::School(school) => format!("school:{school}"),
        Reach::Team(team) => format!("team:{team}"),
    }
}
