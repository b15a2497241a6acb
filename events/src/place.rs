//! Where an event stands, and what has been forgotten.

use std::collections::BTreeSet;

use record::{CommandId, Header, LeafId, ScopeId, Seq, SubjectId, TimestampMicros};

use crate::PartKeys;

/// Where and when an event was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its place in the journal.
    pub seq: Seq,
    /// When it was recorded.
    pub recorded_at: TimestampMicros,
    /// The command that caused it.
    pub command: CommandId,
}

impl Place {
    /// The place that a record's header states.
    #[must_use]
    pub const fn of(header: &Header) -> Self {
        Self { seq: header.seq, recorded_at: header.recorded_at, command: header.command }
    }
}

/// Every id that died in one cut: what views and rules forget.
///
/// `leaves` and `scopes` are those of the receipt.
/// `subjects` are people of whom *every* leaf died and who can get no new one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// People and pseudonyms that are gone altogether.
    pub subjects: BTreeSet<SubjectId>,
    /// Destroyed leaf keys.
    pub leaves: BTreeSet<LeafId>,
    /// Destroyed scope keys.
    pub scopes: BTreeSet<ScopeId>,
    /// Whether the whole tenant is gone.
    pub tenant: bool,
    /// Everyone that the destroyed leaves were of, where that is known and no scope is among what is
    /// gone: then a view looks at what it keeps of them and at nothing else.
    pub owners: Option<BTreeSet<SubjectId>>,
    /// The scopes that the destroyed leaves stood in, where that is known and no scope is among what
    /// is gone: then what keeps nothing under any of them need not be looked at.
    pub within: Option<BTreeSet<ScopeId>>,
}

impl Forgotten {
    /// Those at whom it is enough to look, when a view keeps something of `kept` people or more.
    #[must_use]
    pub fn few_owners(&self, kept: usize) -> Option<&BTreeSet<SubjectId>> {
        let few = |owners: &&BTreeSet<SubjectId>| owners.len() < kept && !self.tenant;
        self.owners.as_ref().filter(few)
    }

    /// Whether anything that was kept under this scope may be gone.
    #[must_use]
    pub fn touches(&self, scope: ScopeId) -> bool {
        self.tenant || self.within.as_ref().is_none_or(|within| within.contains(&scope))
    }

    /// Whether a part under these keys no longer opens.
    #[must_use]
    pub fn covers(&self, keys: &PartKeys) -> bool {
        self.tenant
            || self.scopes.contains(&keys.scope)
            || keys.leaf.is_some_and(|leaf| self.leaves.contains(&leaf))
            || self.subjects.contains(&keys.subject)
    }
}
