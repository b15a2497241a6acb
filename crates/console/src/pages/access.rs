//! Accounts and roles, one's own account, and the trail.

use serde::Deserialize;

use crate::page::page;

page! {
    Accounts => AccountsPage "accounts.html";
    Own => OwnPage "own.html";
    Trail => TrailPage "trail.html";
}

/// Accounts, roles, and when support was let in.
#[derive(Debug, Deserialize)]
pub struct Accounts {
    see_accounts: AccountList,
    see_grants: Option<Grants>,
    see_support: Option<Supports>,
}

#[derive(Debug, Deserialize)]
struct AccountList {
    accounts: Vec<Account>,
}

#[derive(Debug, Deserialize)]
struct Account {
    account: String,
    person: String,
    login: Option<String>,
    suspended: bool,
    second_factor: bool,
}

#[derive(Debug, Deserialize)]
struct Grants {
    grants: Vec<Grant>,
}

#[derive(Debug, Deserialize)]
struct Grant {
    grant: String,
    account: String,
    role: String,
    reach: String,
    since: u64,
    until: Option<u64>,
    revoked: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Supports {
    supports: Vec<Support>,
}

#[derive(Debug, Deserialize)]
struct Support {
    support: String,
    reason: String,
    since: u64,
    until: u64,
    closed: Option<u64>,
}

impl Accounts {
    /// The roles of an account that were not taken away.
    fn roles_of<'a>(&'a self, account: &'a str) -> impl Iterator<Item = &'a Grant> {
        let grants = self.see_grants.iter().flat_map(|all| &all.grants);
        grants.filter(move |grant| grant.account == account && grant.revoked.is_none())
    }
}

impl Grant {
    /// `school:ID` is a school: which one stands in the address of its page.
    fn reach_kind(&self) -> &str {
        self.reach.split(':').next().unwrap_or(&self.reach)
    }
}

/// What `see-own-account` answers.
#[derive(Debug, Deserialize)]
pub struct OwnAccount {
    pub(super) second_factor: bool,
    pub(super) roles: Vec<OwnRole>,
    /// Which of the operations that were asked about the caller may do.
    pub may: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct OwnRole {
    pub(super) role: String,
    reach: String,
    pub(super) until: Option<u64>,
}

impl OwnRole {
    pub(super) fn reach_kind(&self) -> &str {
        self.reach.split(':').next().unwrap_or(&self.reach)
    }
}

/// One's own account, and who looked at one's own data.
#[derive(Debug, Deserialize)]
pub struct Own {
    see_own_account: OwnAccount,
    see_own_trail: Lines,
}

/// Who did or looked at what.
#[derive(Debug, Deserialize)]
pub struct Trail {
    see_trail: Lines,
}

#[derive(Debug, Deserialize)]
struct Lines {
    lines: Vec<Line>,
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Line {
    seq: u64,
    at: u64,
    who: Option<String>,
    role: Option<String>,
    operation: String,
    purpose: String,
    allowed: bool,
    policy: String,
    whose: Vec<Option<String>>,
}
