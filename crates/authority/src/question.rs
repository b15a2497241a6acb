//! What is asked, and what is answered.

/// What everybody who is signed in is by itself, without a grant: asked with the reach
/// [`ScopeRef::Own`], after the account's grants.
pub const ACCOUNT_HOLDER: &str = "account-holder";

/// Every role that a policy knows: those that are granted, and [`ACCOUNT_HOLDER`].
pub const ROLES: &[&str] = &[
    "school-leader",
    "observer",
    "teacher",
    "analyst",
    "privacy-officer",
    "authorised-contact",
    "fg",
    "auditor",
    "tenant-administrator",
    "support",
    "platform-operator",
    ACCOUNT_HOLDER,
];

/// The kind of an observation that a leader made as a leader, which leaders may therefore read.
pub const MANAGER_OBSERVATION: &str = "manager-observation";

/// The kind of an incident at the processor, which it handles itself.
pub const OPERATOR_INCIDENT: &str = "operator-incident";

/// What a refusal names when no policy permits what was asked.
pub const DEFAULT_DENY: &str = "default-deny";

/// What a refusal names when a policy could not be evaluated: a fault of ours that opens nothing.
pub const NOT_EVALUATED: &str = "not-evaluated";

/// May this account, by this one role, do this with that?
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The grant that is looked at, as text; it names nobody.
    pub grant: &'a str,
    /// The account, as text: what is its own is in [`ScopeRef::Own`] of the same text.
    pub account: &'a str,
    /// What the grant lets it act as, by its name in [`ROLES`].
    pub role: &'a str,
    /// How far the grant reaches.
    pub reach: ScopeRef<'a>,
    /// Whether the account is suspended.
    pub suspended: bool,
    /// Whether the session showed a second factor.
    pub second_factor: bool,
    /// What it would do, by its name in [`crate::ACTIONS`].
    pub action: &'a str,
    /// With what.
    pub thing: ThingRef<'a>,
    /// Whether it said why.
    pub reason_given: bool,
    /// Whether a support access is open.
    pub support_open: bool,
}

/// What something is done with.
#[derive(Clone, Copy, Debug)]
pub struct ThingRef<'a> {
    /// What kind of thing: policies know [`MANAGER_OBSERVATION`] and [`OPERATOR_INCIDENT`].
    pub kind: &'a str,
    /// Which one, as text; it names nobody.
    pub id: &'a str,
    /// Every scope it belongs to: its teams, their schools, the board, and whose own it is.
    pub within: &'a [ScopeRef<'a>],
}

/// A part of the tenant, by the text of its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeRef<'a> {
    /// What is one account's own.
    Own(&'a str),
    /// One team.
    Team(&'a str),
    /// One school.
    School(&'a str),
    /// Everything of the tenant.
    Board,
}

/// Yes or no, and which policy said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It may.
    Allowed {
        /// The policy that permits it.
        policy: String,
    },
    /// It may not.
    Refused {
        /// The policy that forbids it, [`DEFAULT_DENY`] or [`NOT_EVALUATED`].
        policy: String,
    },
}

impl Decision {
    /// Whether it may.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed { .. })
    }

    /// The policy that decided, as it is recorded.
    #[must_use]
    pub fn policy(&self) -> &str {
        match self {
            Self::Allowed { policy } | Self::Refused { policy } => policy,
        }
    }

    pub(crate) fn refused(policy: &str) -> Self {
        Self::Refused { policy: policy.to_owned() }
    }
}
