//! Eras and declared restores, folded from headers and public parts (docs/format/public-parts.md
//! §3, rules 17 to 20).
//!
//! *Invariant:* an era begins with its declaration and nowhere else; what the last declaration
//! lists as lost stays lost until the next one.

use record::public::RestoreDeclared;
use record::{ActorId, Hash, Header, LeafId, PartHeader, PartKind, ScopeId};

use crate::ids::IdSet;
use crate::ledger::{At, Checks};

/// The event that begins an era.
pub(crate) const DECLARED: &str = "restore.declared";

/// One declaration without its lists.
#[derive(Clone, Debug)]
pub(crate) struct Restore {
    pub(crate) at: At,
    /// The era that it begins.
    pub(crate) era: u32,
    pub(crate) guarded_era: u32,
    pub(crate) guarded_size: u64,
    pub(crate) guarded_root: Hash,
    pub(crate) ground: String,
    pub(crate) approved_by: ActorId,
    pub(crate) lost_leaves: usize,
    pub(crate) lost_scopes: usize,
    /// The first and the last era before it of which no record is here.
    pub(crate) unseen: Option<(u32, u32)>,
}

/// The fold.
#[derive(Debug, Default)]
pub(crate) struct Eras {
    /// That of the last record; `None` before the first.
    pub(crate) last: Option<u32>,
    pub(crate) restores: Vec<Restore>,
    lost_leaves: IdSet<LeafId>,
    lost_scopes: IdSet<ScopeId>,
}

impl Eras {
    /// Folds the next header, and its declaration if it is one.
    pub(crate) fn fold(
        &mut self,
        header: &Header,
        declared: Option<&RestoreDeclared>,
        checks: &mut Checks<'_>,
    ) {
        self.check_era(header, checks);
        self.check_lost(header, checks);
        if let Some(part) = declared {
            self.declare(header, part, checks);
        }
        self.last = Some(header.origin.era);
    }

    /// The restore that leaves an era: what was signed in that era holds up to its place.
    pub(crate) fn leaving(&self, era: u32) -> Option<&Restore> {
        self.restores.iter().find(|restore| restore.era > era)
    }

    /// Whether the last declaration says that this leaf did not come back.
    pub(crate) fn has_lost_leaf(&self, leaf: LeafId) -> bool {
        self.lost_leaves.contains(&leaf)
    }

    /// Whether the last declaration says that this scope did not come back.
    pub(crate) fn has_lost_scope(&self, scope: ScopeId) -> bool {
        self.lost_scopes.contains(&scope)
    }

    fn check_era(&self, header: &Header, checks: &mut Checks<'_>) {
        let (era, name) = (header.origin.era, header.kind.name());
        if self.last == Some(era) && name != DECLARED && header.seq.0 > 0 {
            return;
        }
        let found = format!("era {era}");
        let Some(last) = self.last.filter(|_| header.seq.0 > 0) else {
            return checks.require(header.seq.0 > 0 || era == 0, "era", "era 0", &found);
        };
        checks.require(era >= last, "era", &format!("era {last} or a later one"), &found);
        if era > last {
            let found = format!("era {era} begins with {name}");
            checks.require_earlier(name == DECLARED, "era", DECLARED, &found);
        } else {
            let expected = format!("an era after {last}");
            checks.require(name != DECLARED, "era", &expected, &found);
        }
    }

    fn check_lost(&self, header: &Header, checks: &mut Checks<'_>) {
        let lost = |part: &&PartHeader| {
            part.kind == PartKind::Sealed
                && (self.has_lost_leaf(part.leaf) || self.has_lost_scope(part.scope))
        };
        for part in header.parts.iter().filter(lost) {
            let found = format!("leaf {} scope {}", part.leaf, part.scope);
            checks.require(false, "part-after-loss", "nothing sealed under a lost id", &found);
        }
    }

    fn declare(&mut self, header: &Header, part: &RestoreDeclared, checks: &mut Checks<'_>) {
        let (seq, restored) = (header.seq.0, part.restored_size);
        let expected = format!("{seq} records restored");
        checks.require(restored == seq, "restore-size", &expected, &restored.to_string());
        let (era, last) = (header.origin.era, self.last.unwrap_or_default());
        let (before, guarded) = (era.saturating_sub(1), part.guarded_era);
        let expected = format!("era {before}, and not before {last}");
        let follows = era > last && guarded == before;
        checks.require(follows, "restore-era", &expected, &guarded.to_string());
        // An era of which nothing came back began at what came back, or behind it.
        let began = guarded <= last || part.guarded_size > seq;
        let expected = format!("more than {seq} guarded records, since era {guarded} is not here");
        let found = part.guarded_size.to_string();
        checks.require_earlier(began, "restore-era", &expected, &found);
        self.restores.push(Restore {
            at: At { seq: header.seq, time: header.recorded_at },
            era,
            guarded_era: part.guarded_era,
            guarded_size: part.guarded_size,
            guarded_root: part.guarded_root,
            ground: part.ground.clone(),
            approved_by: part.approved_by,
            lost_leaves: part.lost_leaves.len(),
            lost_scopes: part.lost_scopes.len(),
            unseen: (before > last).then_some((last.saturating_add(1), before)),
        });
        self.lost_leaves = part.lost_leaves.iter().copied().collect();
        self.lost_scopes = part.lost_scopes.iter().copied().collect();
    }
}
