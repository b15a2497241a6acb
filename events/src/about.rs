//! A part that tells about one person: known, or erased.
//!
//! *Invariant:* its `Debug` shows ids alone; an erased part holds nothing but the ids that the
//! record's header shows to everyone.

use std::fmt;

use bincode::{Decode, Encode};
use record::{Addressee, Category, DraftPart, LeafId, PersonLabel, ScopeId, SubjectId};

use crate::codec::encode;

/// What an event tells about one person or pseudonym.
#[derive(Clone, PartialEq, Eq)]
pub enum About<T> {
    /// The part opened, or is about to be sealed.
    Known {
        /// Whose it is.
        subject: SubjectId,
        /// The key it is sealed under; `None` before sealing.
        leaf: Option<LeafId>,
        /// The term it is kept for.
        scope: ScopeId,
        /// What it tells.
        value: T,
    },
    /// Its keys were destroyed.
    Gone {
        /// The destroyed or orphaned leaf.
        leaf: LeafId,
        /// The scope it was kept for.
        scope: ScopeId,
    },
}

impl<T> About<T> {
    /// A part that is not sealed yet.
    #[must_use]
    pub const fn new(subject: SubjectId, scope: ScopeId, value: T) -> Self {
        Self::Known { subject, leaf: None, scope, value }
    }

    /// Whose it is, unless it is gone.
    #[must_use]
    pub const fn subject(&self) -> Option<SubjectId> {
        match self {
            Self::Known { subject, .. } => Some(*subject),
            Self::Gone { .. } => None,
        }
    }

    /// What it tells, unless it is gone.
    #[must_use]
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Known { value, .. } => Some(value),
            Self::Gone { .. } => None,
        }
    }

    /// Whose part it is and under which keys, unless it is gone.
    #[must_use]
    pub const fn keys(&self) -> Option<PartKeys> {
        match self {
            Self::Known { subject, leaf, scope, .. } => {
                Some(PartKeys { subject: *subject, leaf: *leaf, scope: *scope })
            }
            Self::Gone { .. } => None,
        }
    }

    pub(crate) fn settle_on(&mut self, to: LeafId) {
        if let Self::Known { leaf, .. } = self {
            *leaf = Some(to);
        }
    }
}

impl<T: Encode> About<T> {
    pub(crate) fn part(&self, category: Category, alone: bool) -> DraftPart {
        let Self::Known { subject, scope, value, .. } = self else {
            unreachable!("an erased part is never sealed again");
        };
        let label = PersonLabel { subject: *subject, category, scope: *scope, alone };
        DraftPart { to: Addressee::Person(label), bytes: encode(value) }
    }
}

impl<T> fmt::Debug for About<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known { subject, leaf, scope, .. } => f
                .debug_struct("Known")
                .field("subject", subject)
                .field("leaf", leaf)
                .field("scope", scope)
                .finish_non_exhaustive(),
            Self::Gone { leaf, scope } => {
                f.debug_struct("Gone").field("leaf", leaf).field("scope", scope).finish()
            }
        }
    }
}

/// The keys of a part, and whose it is: what a view remembers to be able to forget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct PartKeys {
    /// Whose it is.
    pub subject: SubjectId,
    /// The leaf; `None` before sealing.
    pub leaf: Option<LeafId>,
    /// The scope.
    pub scope: ScopeId,
}
