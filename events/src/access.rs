//! Who may do what, and who looked at whose data: accounts, roles, sessions, support, the trail.
//!
//! *Invariant:* whoever acts is an [`ActorId`], drawn anew for every account and year; who that is
//! stands under the trail scope of the year, never under the person's own key. So the trail survives
//! the erasure of whoever looked, and ends with its year.
//! *Invariant:* whose data was looked at stands under that person's own key: when the person is
//! erased, the look stays and whose it was is gone.
//! *Invariant:* no password, no secret of a second factor and no token ever stands in the facts; of
//! a token only the digest of its random bytes.

use bincode::{Decode, Encode};
use record::{ActorId, ScopeId, SubjectId, TimestampMicros};

use crate::About;
use crate::declare::{capability, told};
use crate::organisation::{SchoolId, TeamId};

/// Longest login name, in bytes.
pub const LOGIN_BYTES_MAX: usize = 254;
/// Longest name of a token, in bytes.
pub const TOKEN_NAME_BYTES_MAX: usize = 100;
/// Longest reason for a look or for a support access, in bytes.
pub const REASON_BYTES_MAX: usize = 1_000;
/// Most people whose data one look shows: a record has at most 255 parts.
pub const LOOKED_MAX: usize = 200;
/// Longest name of an operation or a policy, in bytes.
pub const OPERATION_BYTES_MAX: usize = 100;
/// Most operations that a token is limited to.
pub const TOKEN_OPERATIONS_MAX: usize = 100;

record::random_id!(
    /// One account: what a person signs in with.
    #[derive(Encode, Decode)]
    AccountId
);
record::random_id!(
    /// One role that an account was given.
    #[derive(Encode, Decode)]
    GrantId
);
record::random_id!(
    /// One token of a program that acts for an account.
    #[derive(Encode, Decode)]
    TokenId
);
record::random_id!(
    /// One support access: opened, closed, and seen by the school.
    #[derive(Encode, Decode)]
    SupportId
);
record::random_id!(
    /// One review of who may do what.
    #[derive(Encode, Decode)]
    ReviewId
);

/// What somebody acts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum Role {
    /// Leads a school.
    SchoolLeader,
    /// Observes lessons.
    Observer,
    /// Teaches.
    Teacher,
    /// Researches: surveys and their results.
    Analyst,
    /// Carries out requests, incidents and terms for the controller.
    PrivacyOfficer,
    /// May instruct the processor and accept annexes.
    AuthorisedContact,
    /// Advises and monitors, and decides nothing (GDPR art. 38(6)).
    Fg,
    /// Looks from outside, for a time.
    Auditor,
    /// Manages accounts and roles, and sees no content.
    TenantAdministrator,
    /// The processor's support, inside an opened support access only.
    Support,
    /// The processor: agreements, annexes, incidents; sees no content.
    PlatformOperator,
}

/// How far a role reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum Reach {
    /// What is the account holder's own.
    Own,
    /// One team.
    Team(TeamId),
    /// One school.
    School(SchoolId),
    /// Everything of the tenant.
    Board,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum Outcome {
    /// It was allowed and done, or shown.
    Allowed,
    /// No policy allows it, or one forbids it.
    Refused,
}

/// Why an account cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum SuspendedBecause {
    /// A person decided so.
    Decided,
    /// The person was missing in a synchronisation; a person decides.
    MissingInSync,
    /// A review was not done in time.
    ReviewOverdue,
}

told! {
    /// What an account is found by.
    pub struct Login {
        /// As it is typed, lower case; at most [`LOGIN_BYTES_MAX`].
        name: String => "signing in",
        /// Keyed digest of the name: finding the account without keeping names in memory.
        index: [u8; 16] => "finding the account at sign-in",
    }
}

told! {
    /// What a password is checked against.
    pub struct Password {
        /// Argon2id in the PHC string form (RFC 9106).
        phc: String => "checking who signs in",
    }
}

told! {
    /// The secret of a second factor (RFC 6238).
    pub struct SecondFactor {
        /// 20 random bytes.
        secret: [u8; 20] => "checking who signs in",
    }
}

told! {
    /// Who an actor of one year is.
    pub struct ActorName {
        /// The account.
        account: AccountId => "who acted, until the term of the trail",
        /// The person.
        person: SubjectId => "who acted, until the term of the trail",
        /// The name at that time.
        name: String => "who acted, until the term of the trail",
    }
}

told! {
    /// That somebody's data was looked at or acted on.
    pub struct Looked {
        /// The categories of data, as they are numbered.
        categories: Vec<u16> => "which data were looked at",
        /// Why, where a reason is asked.
        reason: Option<String> => "why the data were looked at",
    }
}

capability! {
    /// Events of access.
    AccessEvent in "access" {
        /// An account was opened for a person.
        AccountOpened "access.account-opened" 1 {
            facts {
                /// Its id.
                account: AccountId => "naming the account",
            }
            about {
                /// Whose it is and what it is found by.
                holder: About<Login> => [LOGIN] until Scope,
            }
        }
        /// A password was set.
        PasswordSet "access.password-set" 1 {
            facts {
                /// Which account.
                account: AccountId => "whose sign-in changed",
            }
            about {
                /// What it is checked against.
                password: About<Password> => [CREDENTIAL] until Scope,
            }
        }
        /// A code was given out with which the holder sets a new password, once.
        ResetIssued "access.reset-issued" 1 {
            facts {
                /// Which account.
                account: AccountId => "whose sign-in may change",
                /// BLAKE3 of its random bytes.
                digest: [u8; 32] => "knowing the code again",
                /// Until when.
                until: TimestampMicros => "until when it can be used",
                /// Who gave it out; nobody where the operator did.
                by: Option<ActorId> => "who is answerable",
            }
        }
        /// A second factor was set.
        SecondFactorSet "access.factor-set" 1 {
            facts {
                /// Which account.
                account: AccountId => "whose sign-in changed",
            }
            about {
                /// Its secret.
                factor: About<SecondFactor> => [CREDENTIAL] until Scope,
            }
        }
        /// The second factor was removed.
        SecondFactorRemoved "access.factor-removed" 1 {
            facts {
                /// Which account.
                account: AccountId => "whose sign-in changed",
                /// Who removed it: the holder, or an administrator after it was lost.
                by: ActorId => "who is answerable",
            }
        }
        /// An account cannot be used for the time being.
        AccountSuspended "access.account-suspended" 1 {
            facts {
                /// Which account.
                account: AccountId => "whose access ended",
                /// Why.
                because: SuspendedBecause => "why access ended",
                /// Who decided, unless a rule did.
                by: Option<ActorId> => "who is answerable",
            }
        }
        /// An account can be used again.
        AccountResumed "access.account-resumed" 1 {
            facts {
                /// Which account.
                account: AccountId => "whose access began again",
                /// Who decided.
                by: ActorId => "who is answerable",
            }
        }
        /// All sessions of an account end.
        SessionsRevoked "access.sessions-revoked" 1 {
            facts {
                /// Which account.
                account: AccountId => "whose sessions ended",
                /// Who did so.
                by: ActorId => "who is answerable",
            }
        }
        /// An account was given a role.
        RoleGranted "access.role-granted" 1 {
            facts {
                /// Its id.
                grant: GrantId => "naming the grant",
                /// Which account.
                account: AccountId => "who may do it",
                /// What it may act as.
                role: Role => "what may be done",
                /// How far.
                reach: Reach => "with whose data",
                /// Until when, if it has an end.
                until: Option<TimestampMicros> => "until when",
                /// Who granted it; nobody for the first administrator, whom the operator set.
                by: Option<ActorId> => "who is answerable",
            }
        }
        /// A role was taken away.
        RoleRevoked "access.role-revoked" 1 {
            facts {
                /// Which grant.
                grant: GrantId => "which role ended",
                /// Who revoked it.
                by: ActorId => "who is answerable",
            }
        }
        /// Somebody looked through all grants and said which stay.
        AccessReviewed "access.reviewed" 1 {
            facts {
                /// Its id.
                review: ReviewId => "naming the review",
                /// The grants that stay; all others of the reviewed ones were revoked before.
                kept: Vec<GrantId> => "which roles were found right",
                /// Who reviewed.
                by: ActorId => "who is answerable",
            }
        }
        /// A token was given out.
        TokenIssued "access.token-issued" 1 {
            facts {
                /// Its id.
                token: TokenId => "naming the token",
                /// The account it acts for.
                account: AccountId => "for whom it acts",
                /// What it is for; at most [`TOKEN_NAME_BYTES_MAX`].
                name: String => "telling tokens apart",
                /// BLAKE3 of its 32 random bytes.
                digest: [u8; 32] => "knowing the token again",
                /// The operations it is limited to; at most [`TOKEN_OPERATIONS_MAX`].
                operations: Vec<String> => "what it may do",
                /// Until when.
                until: TimestampMicros => "until when it may",
                /// Who gave it out.
                by: ActorId => "who is answerable",
            }
        }
        /// A token was taken back.
        TokenRevoked "access.token-revoked" 1 {
            facts {
                /// Which token.
                token: TokenId => "which token ended",
                /// Who took it back.
                by: ActorId => "who is answerable",
            }
        }
        /// The processor's support may look, until it is closed.
        SupportOpened "access.support-opened" 1 {
            facts {
                /// Its id.
                support: SupportId => "naming the access",
                /// Why; names nobody; at most [`REASON_BYTES_MAX`].
                reason: String => "why support looks",
                /// At the latest until.
                until: TimestampMicros => "until when support may look",
                /// Who of the school let it in.
                by: ActorId => "who is answerable",
            }
        }
        /// Support looks no more.
        SupportClosed "access.support-closed" 1 {
            facts {
                /// Which access.
                support: SupportId => "which access ended",
                /// Who closed it.
                by: ActorId => "who is answerable",
            }
        }
        /// A year of the trail began: its scope and the random subject that its names stand under.
        TrailYearOpened "access.trail-year-opened" 1 {
            facts {
                /// The year, in Europe/Amsterdam.
                year: u16 => "which year of the trail",
                /// Its term.
                scope: ScopeId => "the term of the trail",
                /// A random subject that is nobody.
                holder: SubjectId => "what the names of the year stand under",
            }
            begins { scope }
        }
        /// An actor of a year got a name.
        ActorNamed "access.actor-named" 1 {
            facts {
                /// The actor.
                actor: ActorId => "naming the actor",
                /// The year.
                year: u16 => "which year of the trail",
            }
            about {
                /// Who it is; the subject is the holder of the year.
                name: About<ActorName> => [TRAIL_ACTOR] until Trail,
            }
        }
        /// Somebody did something, looked at something, or tried to.
        Acted "access.acted" 1 {
            facts {
                /// Who; nobody before sign-in.
                actor: Option<ActorId> => "who is answerable",
                /// What it was, as the API names it; at most [`OPERATION_BYTES_MAX`].
                operation: String => "what was done",
                /// As what.
                role: Option<Role> => "in which role",
                /// What for, as the annex names it; at most [`OPERATION_BYTES_MAX`].
                purpose: String => "what it was done for",
                /// How it ended.
                outcome: Outcome => "whether it was allowed",
                /// The policy that decided; at most [`OPERATION_BYTES_MAX`].
                policy: String => "why it was allowed or refused",
            }
            about {
                /// Whose data; at most [`LOOKED_MAX`].
                whose: Vec<About<Looked>> => [TRAIL_LOOKED] until Trail,
            }
        }
    }
}
