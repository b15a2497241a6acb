//! Requests of data subjects: received, judged, decided by two, carried out, answered.
//!
//! *Invariant:* whose request it is stands in a part of that person; what stays after an erasure
//! tells what was asked, decided and done, and of nobody.

use bincode::{Decode, Encode};
use record::{ActorId, OrderId, SubjectId, TimestampMicros};

use crate::About;
use crate::declare::{capability, told};

/// Most categories of one decision.
pub const REQUEST_DECISIONS_MAX: usize = 200;
/// Longest advice, in bytes.
pub const REQUEST_ADVICE_BYTES_MAX: usize = 4_000;

record::random_id!(
    /// One request of one person.
    #[derive(bincode::Encode, bincode::Decode)]
    RequestId
);

/// Which right is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum RequestKind {
    /// To know what is kept (GDPR art. 15).
    Access,
    /// To have it corrected (art. 16).
    Rectification,
    /// To have it erased (art. 17).
    Erasure,
    /// To have it left alone for a while (art. 18).
    Restriction,
    /// To take it along (art. 20).
    Portability,
    /// To object (art. 21).
    Objection,
}

/// How it was made sure who asks; never by a copy of an identity document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum IdentityShown {
    /// A document was shown in person, and not copied.
    InPerson,
    /// The school knows the person.
    KnownToTheSchool,
    /// The person signed in.
    SignedIn,
    /// The person answered from an address that was known before.
    KnownAddress,
}

/// Why it takes two months more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum ExtendedBecause {
    /// The request is complex.
    Complex,
    /// There are many requests.
    Many,
}

/// What the FG advises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Advised {
    /// Do what is asked.
    Grant,
    /// Do part of it.
    GrantInPart,
    /// Do none of it.
    Refuse,
}

/// On which ground something is withheld or kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Ground {
    /// Rights and freedoms of others (art. 15(4), 20(4)).
    RightsOfOthers,
    /// A legal duty (art. 17(3)(b)).
    LegalDuty,
    /// An open incident (art. 17(3)(b), 33(5) and 34(1)).
    OpenIncident,
    /// Public health, archiving or research (art. 17(3)(c) and (d)).
    PublicInterest,
    /// Legal claims (art. 17(3)(e)).
    LegalClaims,
    /// None of the grounds of art. 17(1) applies.
    NoGroundToErase,
    /// Plainly unfounded or excessive (art. 12(5)).
    Unfounded,
}

/// What is done with the items of a category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Verdict {
    /// They are handed over.
    Given,
    /// They are not handed over.
    Withheld {
        /// Why not.
        ground: Ground,
    },
    /// They are erased.
    Erased,
    /// They are kept.
    Kept {
        /// Why.
        ground: Ground,
        /// Until when; nothing where an open incident holds them.
        until: Option<TimestampMicros>,
    },
}

/// What is decided of one category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CategoryDecision {
    /// The category, as numbered by the catalogue.
    pub category: u16,
    /// What is done with it.
    pub verdict: Verdict,
}

/// How the answer reached whoever asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum HandedBy {
    /// In the person's hands.
    InPerson,
    /// By registered mail.
    RegisteredMail,
    /// Downloaded by the person, signed in.
    OwnDownload,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Ending {
    /// Everything that was asked is done.
    Done,
    /// Part of it is done.
    DoneInPart,
    /// Nothing of it is done; the person was told why, and where to complain (art. 12(4)).
    Refused,
    /// The person took it back.
    Withdrawn,
}

told! {
    /// Whose request it is.
    pub struct Requester {
        /// Whether the person filed it with an account of their own.
        own_account: bool => "answering who asked",
    }
}

told! {
    /// Who acts for a child under 16.
    pub struct Represented {
        /// The representative with parental authority.
        representative: SubjectId => "who acts for a child under 16 (UAVG art. 5)",
    }
}

told! {
    /// What the FG said of a request.
    pub struct AdviceText {
        /// At most [`REQUEST_ADVICE_BYTES_MAX`].
        text: String => "advice of the FG (GDPR art. 39(1))",
    }
}

capability! {
    /// Events of requests.
    RequestEvent in "request" {
        /// A request came in.
        RequestReceived "request.received" 1 {
            facts {
                /// Its id.
                request: RequestId => "naming the request",
                /// Which right.
                kind: RequestKind => "what is asked",
                /// When the school received it, if it did first.
                school_at: Option<TimestampMicros> => "since when the term runs",
                /// When the processor received it, if it did.
                processor_at: Option<TimestampMicros> => "since when the term runs",
                /// Who recorded it.
                by: ActorId => "who is answerable",
            }
            about {
                /// Whose request it is.
                person: About<Requester> => [REQUEST] until Scope,
            }
        }
        /// The processor passed it on to the school.
        RequestForwarded "request.forwarded" 1 {
            facts {
                /// Which request.
                request: RequestId => "which request",
                /// When.
                at: TimestampMicros => "when the school had it",
                /// Who did.
                by: ActorId => "who is answerable",
            }
        }
        /// It was made sure who asks.
        IdentityChecked "request.identity-checked" 1 {
            facts {
                /// Which request.
                request: RequestId => "which request",
                /// How.
                shown: IdentityShown => "how it was made sure who asks",
                /// Whether the person is under 16.
                under_16: bool => "who may ask",
                /// Who checked.
                by: ActorId => "who is answerable",
            }
            about {
                /// Who acts for the person; the subject is the child.
                represented: Option<About<Represented>> => [REQUEST] until Scope,
            }
        }
        /// The term became three months, and the person was told why.
        RequestExtended "request.extended" 1 {
            facts {
                /// Which request.
                request: RequestId => "which request",
                /// Why.
                because: ExtendedBecause => "why it takes longer",
                /// When the person was told.
                told_at: TimestampMicros => "whether it was told in time",
                /// Who decided.
                by: ActorId => "who is answerable",
            }
        }
        /// The FG gave advice, which binds nobody.
        AdviceGiven "request.advice-given" 1 {
            facts {
                /// Which request.
                request: RequestId => "which request",
                /// What is advised.
                advised: Advised => "what the FG advised",
                /// The FG.
                by: ActorId => "who advised",
            }
            about {
                /// In words; goes with the person.
                advice: Option<About<AdviceText>> => [REQUEST] until Scope,
            }
        }
        /// A decision was proposed; it takes the place of an earlier one.
        DecisionProposed "request.decision-proposed" 1 {
            facts {
                /// Which request.
                request: RequestId => "which request",
                /// Category by category; at most [`REQUEST_DECISIONS_MAX`].
                decisions: Vec<CategoryDecision> => "what is decided of what is kept",
                /// Whether the package names who looked.
                names_lookers: bool => "whether the person hears who looked",
                /// Who proposes.
                by: ActorId => "who is answerable",
            }
        }
        /// Another person approved it.
        DecisionApproved "request.decision-approved" 1 {
            facts {
                /// Which request.
                request: RequestId => "which request",
                /// Who approves.
                by: ActorId => "who is answerable",
            }
        }
        /// It is carried out: what is to go goes by this order.
        RequestCarriedOut "request.carried-out" 1 {
            facts {
                /// Which request.
                request: RequestId => "which request",
                /// The erasure; nothing where nothing is erased.
                order: Option<OrderId> => "which receipt shows it",
                /// Years of the trail that name the person as who acted, until their term.
                trail_years: Vec<u16> => "what is kept of who acted",
                /// Who carried it out.
                by: ActorId => "who is answerable",
            }
        }
        /// The package was handed over.
        PackageHandedOver "request.package-handed-over" 1 {
            facts {
                /// Which request.
                request: RequestId => "which request",
                /// How.
                handed: HandedBy => "how the person got it",
                /// When.
                at: TimestampMicros => "whether it was in time",
                /// Who did.
                by: ActorId => "who is answerable",
            }
        }
        /// The person was told how it ended.
        RequestClosed "request.closed" 1 {
            facts {
                /// Which request.
                request: RequestId => "which request",
                /// How it ended.
                ending: Ending => "how it ended",
                /// When the person was told.
                told_at: TimestampMicros => "whether it was told in time",
                /// Who closed it.
                by: ActorId => "who is answerable",
            }
        }
    }
}
