//! Terms of retention, and the runs in which what is over is cut.
//!
//! *Invariant:* a run names terms and kinds of data, never people.

use bincode::{Decode, Encode};
use record::{ActorId, OrderId, ScopeId, TimestampMicros};

use crate::breach::IncidentId;
use crate::declare::capability;
use crate::survey::RoundId;

/// Longest period in words, in bytes.
pub const PERIOD_BYTES_MAX: usize = 10;
/// Most scopes of one run.
pub const RUN_SCOPES_MAX: usize = 1_000;

record::random_id!(
    /// One run of retention.
    #[derive(bincode::Encode, bincode::Decode)]
    RunId
);

/// A kind of scope that has a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum TermKind {
    /// A year of the trail.
    Trail,
    /// The answers of a round.
    Answers,
    /// The identities and links of a round.
    Identities,
    /// What was told of an incident.
    Incident,
}

/// What one scope holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Held {
    /// The names of who acted in a year, and whose data was looked at.
    TrailYear(u16),
    /// The answers of a round.
    Answers(RoundId),
    /// The identities and links of a round.
    Identities(RoundId),
    /// What was told of an incident.
    Incident(IncidentId),
}

impl Held {
    /// Which kind of term it has.
    #[must_use]
    pub const fn kind(self) -> TermKind {
        match self {
            Self::TrailYear(_) => TermKind::Trail,
            Self::Answers(_) => TermKind::Answers,
            Self::Identities(_) => TermKind::Identities,
            Self::Incident(_) => TermKind::Incident,
        }
    }
}

/// A scope whose term is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Expired {
    /// The scope.
    pub scope: ScopeId,
    /// What it holds.
    pub held: Held,
    /// When its term was over.
    pub ended_at: TimestampMicros,
}

capability! {
    /// Events of retention.
    RetentionEvent in "retention" {
        /// It was stated how long something is kept, as the annex says it.
        TermStated "retention.term-stated" 1 {
            facts {
                /// Of what.
                kind: TermKind => "what is kept",
                /// How long, such as `P2Y`; at most [`PERIOD_BYTES_MAX`].
                period: String => "how long it is kept",
                /// Who stated it.
                by: ActorId => "who is answerable",
            }
        }
        /// What is over was listed, to be cut.
        RunProposed "retention.run-proposed" 1 {
            facts {
                /// Its id.
                run: RunId => "naming the run",
                /// What is over; at most [`RUN_SCOPES_MAX`].
                expired: Vec<Expired> => "what is cut",
                /// Who listed it.
                by: ActorId => "who is answerable",
            }
        }
        /// Another person approved the list.
        RunApproved "retention.run-approved" 1 {
            facts {
                /// Which run.
                run: RunId => "which run",
                /// Who approves.
                by: ActorId => "who is answerable",
            }
        }
        /// It is carried out by this order.
        RunCarriedOut "retention.run-carried-out" 1 {
            facts {
                /// Which run.
                run: RunId => "which run",
                /// The erasure; nothing where everything is kept.
                order: Option<OrderId> => "which receipt shows it",
                /// What is kept after all, since an incident is open or it is gone already.
                kept: Vec<ScopeId> => "what was not cut",
                /// Who carried it out.
                by: ActorId => "who is answerable",
            }
        }
    }
}
