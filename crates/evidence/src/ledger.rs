//! Orders, approvals, fences, receipts and purges, folded from the public parts
//! (docs/format/bundle.md §7).
//!
//! *Invariant:* folds records in their order; a rule that a record breaks is reported once, at that
//! record. A rule that only a record in a gap could have satisfied is marked as such.

use std::collections::{BTreeMap, BTreeSet};

use record::public::{
    Cut, ErasureApproved, ErasureFenced, ErasureOrdered, KeysDestroyed, PartsPurged, PublicPart,
};
use record::{ActorId, Header, JournalId, LeafId, OrderId, PartHeader, PartKind, ScopeId, Seq};
use record::{TimestampMicros, public::ErasureCompleted};

use crate::eras::{DECLARED, Eras};
use crate::ids::IdMap;
use crate::told::Told;

/// When something was recorded, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) seq: Seq,
    pub(crate) time: TimestampMicros,
}

/// A rule that a record breaks.
#[derive(Clone, Debug)]
pub(crate) struct Violation {
    pub(crate) seq: Seq,
    pub(crate) rule: &'static str,
    pub(crate) expected: String,
    pub(crate) found: String,
    /// The rule asks for an earlier record, which may stand in a gap.
    pub(crate) absence: bool,
    /// Nothing is broken, and it is worth knowing.
    pub(crate) notice: bool,
}

/// One order and what became of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Case {
    pub(crate) ordered: Option<Ordered>,
    pub(crate) approved: Option<(At, ActorId)>,
    pub(crate) fenced: Option<At>,
    /// The lists of the fence, until the receipt was compared with them.
    fence: Option<ErasureFenced>,
    pub(crate) destroyed: Option<Destroyed>,
    pub(crate) completed: Option<At>,
}

/// The order without its targets.
#[derive(Clone, Debug)]
pub(crate) struct Ordered {
    pub(crate) at: At,
    pub(crate) ground: String,
    pub(crate) by: ActorId,
    pub(crate) four_eyes: bool,
    targets: Vec<Cut>,
}

/// The receipt without its lists.
#[derive(Clone, Debug)]
pub(crate) struct Destroyed {
    pub(crate) at: At,
    pub(crate) ground: String,
    pub(crate) approved_by: ActorId,
    pub(crate) epoch_before: u64,
    pub(crate) epoch_after: u64,
    pub(crate) level: u8,
    pub(crate) backup_days: u16,
    pub(crate) tenant: bool,
    pub(crate) leaves: usize,
    pub(crate) scopes: usize,
}

/// First sequence at which each id, or all of them, was listed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listed {
    leaves: IdMap<LeafId, Seq>,
    scopes: IdMap<ScopeId, Seq>,
    tenant: Option<Seq>,
}

impl Listed {
    fn add(&mut self, seq: Seq, tenant: bool, leaves: &[LeafId], scopes: &[ScopeId]) {
        if tenant {
            self.tenant.get_or_insert(seq);
        }
        for leaf in leaves {
            self.leaves.entry(*leaf).or_insert(seq);
        }
        for scope in scopes {
            self.scopes.entry(*scope).or_insert(seq);
        }
    }

    /// Since when this leaf is listed.
    pub(crate) fn leaf(&self, leaf: LeafId) -> Option<Seq> {
        earliest(self.tenant, self.leaves.get(&leaf).copied())
    }

    /// Since when this scope is listed.
    pub(crate) fn scope(&self, scope: ScopeId) -> Option<Seq> {
        earliest(self.tenant, self.scopes.get(&scope).copied())
    }

    /// Since when a part under this leaf and scope is listed.
    pub(crate) fn part(&self, part: &PartHeader) -> Option<Seq> {
        self.pair(part.leaf, part.scope)
    }

    /// The same of any part under these keys.
    pub(crate) fn pair(&self, leaf: LeafId, scope: ScopeId) -> Option<Seq> {
        earliest(self.leaf(leaf), self.scope(scope))
    }

    /// Every leaf and every scope that was listed before the whole tenant, with where it was first.
    pub(crate) fn listed(
        &self,
    ) -> (impl Iterator<Item = (LeafId, Seq)>, impl Iterator<Item = (ScopeId, Seq)>) {
        let before = |seq: &Seq| self.tenant.is_none_or(|tenant| *seq < tenant);
        let leaves = self.leaves.iter().map(|(leaf, seq)| (*leaf, *seq));
        let scopes = self.scopes.iter().map(|(scope, seq)| (*scope, *seq));
        (leaves.filter(move |(_, seq)| before(seq)), scopes.filter(move |(_, seq)| before(seq)))
    }

    pub(crate) fn ids(&self) -> usize {
        self.leaves.len() + self.scopes.len()
    }
}

fn earliest(one: Option<Seq>, other: Option<Seq>) -> Option<Seq> {
    [one, other].into_iter().flatten().min()
}

/// One line of the file `receipts`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) seq: Seq,
    pub(crate) word: &'static str,
    pub(crate) order: OrderId,
}

/// The fold.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) cases: BTreeMap<OrderId, Case>,
    pub(crate) steps: Vec<Step>,
    pub(crate) condemned: Listed,
    pub(crate) destroyed: Listed,
    /// Parts whose ciphertext was purged, and by which record.
    pub(crate) purged: BTreeMap<(Seq, u8), Seq>,
    pub(crate) eras: Eras,
    pub(crate) told: Told,
    epoch: u64,
    /// The last receipt that told of an escrow, and its days.
    escrow: Option<(Seq, u16)>,
    /// Whose journal it is, by the name of its first record.
    operator: Option<bool>,
}

/// Collects what one record breaks.
pub(crate) struct Checks<'a> {
    seq: Seq,
    out: &'a mut Vec<Violation>,
}

impl Checks<'_> {
    pub(crate) fn require(&mut self, holds: bool, rule: &'static str, expected: &str, found: &str) {
        self.note(holds, rule, expected, found, false);
    }

    pub(crate) fn require_earlier(
        &mut self,
        holds: bool,
        rule: &'static str,
        expected: &str,
        found: &str,
    ) {
        self.note(holds, rule, expected, found, true);
    }

    fn note(&mut self, ok: bool, rule: &'static str, expected: &str, found: &str, absence: bool) {
        if !ok {
            let (expected, found) = (expected.to_owned(), found.to_owned());
            let seq = self.seq;
            self.out.push(Violation { seq, rule, expected, found, absence, notice: false });
        }
    }

    /// Something that breaks no rule.
    fn tell(&mut self, rule: &'static str, expected: String, found: String) {
        let (seq, absence, notice) = (self.seq, false, true);
        self.out.push(Violation { seq, rule, expected, found, absence, notice });
    }
}

impl Ledger {
    /// Folds the next record; `part` is its public part 0, if it has one that reads.
    pub(crate) fn fold(
        &mut self,
        header: &Header,
        part: Option<&PublicPart>,
        out: &mut Vec<Violation>,
    ) {
        let at = At { seq: header.seq, time: header.recorded_at };
        let mut checks = Checks { seq: header.seq, out };
        check_genesis(header, &mut checks);
        self.check_stands_in(header, &mut checks);
        self.check_fences(header, &mut checks);
        let declared = match part {
            Some(PublicPart::RestoreDeclared(part)) => Some(part),
            _ => None,
        };
        self.eras.fold(header, declared, &mut checks);
        match part {
            Some(PublicPart::TenantRegistered(part)) => {
                let fresh = !self.told.is_registered(part.tenant);
                checks.require(fresh, "tenant-registered", "one registration", "a second one");
            }
            Some(PublicPart::TenantWitnessed(part)) => self.registered(part.tenant, &mut checks),
            Some(PublicPart::TenantClosing(part)) => self.registered(part.tenant, &mut checks),
            Some(PublicPart::ErasureOrdered(part)) => self.order(at, part, &mut checks),
            Some(PublicPart::ErasureApproved(part)) => self.approve(at, part, &mut checks),
            Some(PublicPart::ErasureFenced(part)) => self.fence(at, part, &mut checks),
            Some(PublicPart::KeysDestroyed(part)) => self.receipt(at, part, &mut checks),
            Some(PublicPart::ErasureCompleted(part)) => self.complete(at, *part, &mut checks),
            Some(PublicPart::PartsPurged(part)) => self.purge(at, part, &mut checks),
            _ => {}
        }
        if let Some(part) = part {
            self.told.fold(header, part);
        }
    }

    /// The ground of an order, as far as it is known.
    pub(crate) fn ground(&self, order: OrderId) -> Option<&str> {
        let case = self.cases.get(&order)?;
        let ordered = case.ordered.as_ref().map(|ordered| ordered.ground.as_str());
        ordered.or_else(|| case.destroyed.as_ref().map(|destroyed| destroyed.ground.as_str()))
    }

    fn registered(&self, tenant: JournalId, checks: &mut Checks<'_>) {
        let known = self.told.is_registered(tenant);
        checks.require_earlier(known, "tenant-registered", "an earlier registration", "none");
    }

    /// A listed event stands in the journal that public-parts.md §1 names.
    fn check_stands_in(&mut self, header: &Header, checks: &mut Checks<'_>) {
        let name = header.kind.name();
        if header.seq.0 == 0 {
            self.operator = match name {
                "installation.started" => Some(true),
                "tenant.started" => Some(false),
                _ => None,
            };
        }
        let one_journal = PublicPart::is_public_name(name) && name != DECLARED;
        let Some(operator) = self.operator.filter(|_| one_journal) else {
            return;
        };
        let expected =
            if operator { "an event of the operator journal" } else { "an event of a tenant" };
        checks.require(is_operators(name) == operator, "stands-in", expected, name);
    }

    fn check_fences(&self, header: &Header, checks: &mut Checks<'_>) {
        let sealed = header.parts.iter().enumerate();
        for (index, part) in sealed.filter(|(_, part)| part.kind == PartKind::Sealed) {
            if let Some(fence) = self.condemned.part(part) {
                let expected = format!("nothing sealed under an id fenced at {fence}");
                let found = format!("part {index}: leaf {} scope {}", part.leaf, part.scope);
                checks.require(false, "part-after-fence", &expected, &found);
            }
        }
    }

    fn step(&mut self, at: At, word: &'static str, order: OrderId) -> &mut Case {
        self.steps.push(Step { seq: at.seq, word, order });
        self.cases.entry(order).or_default()
    }

    fn order(&mut self, at: At, part: &ErasureOrdered, checks: &mut Checks<'_>) {
        let case = self.step(at, "ordered", part.order);
        checks.require(case.ordered.is_none(), "order-once", "a new order id", "a second order");
        let late = case.approved.is_some() || case.fenced.is_some() || case.destroyed.is_some();
        let late = late || case.completed.is_some();
        checks.require(!late, "order-first", "an order before its other steps", "an order after");
        case.ordered.get_or_insert_with(|| Ordered {
            at,
            ground: part.ground.clone(),
            by: part.ordered_by,
            four_eyes: part.four_eyes,
            targets: part.targets.clone(),
        });
    }

    fn approve(&mut self, at: At, part: &ErasureApproved, checks: &mut Checks<'_>) {
        let case = self.step(at, "approved", part.order);
        let known = case.ordered.is_some();
        checks.require_earlier(known, "approval-order", "an earlier order", "none");
        checks.require(case.approved.is_none(), "approval-once", "one approval", "a second one");
        let alone = case
            .ordered
            .as_ref()
            .is_some_and(|ordered| ordered.four_eyes && ordered.by == part.approved_by);
        checks.require(!alone, "four-eyes", "another than who ordered", "the same actor");
        case.approved.get_or_insert((at, part.approved_by));
    }

    fn fence(&mut self, at: At, part: &ErasureFenced, checks: &mut Checks<'_>) {
        let case = self.step(at, "fenced", part.order);
        let (ordered, approved) = (case.ordered.is_some(), case.approved.is_some());
        checks.require_earlier(ordered, "fence-order", "an earlier order", "none");
        checks.require_earlier(approved, "fence-approval", "an earlier approval", "none");
        checks.require(case.fenced.is_none(), "fence-once", "one fence", "a second one");
        case.fenced.get_or_insert(at);
        case.fence.get_or_insert_with(|| part.clone());
        self.condemned.add(at.seq, part.tenant, &part.leaves, &part.scopes);
        let ordered = self.cases.get(&part.order).and_then(|case| case.ordered.as_ref());
        if let Some(ordered) = ordered {
            self.check_targets(part, &ordered.targets, checks);
            check_beyond(part, &ordered.targets, checks);
        }
    }

    fn check_targets(&self, part: &ErasureFenced, targets: &[Cut], checks: &mut Checks<'_>) {
        let whole = targets.contains(&Cut::Tenant);
        let (expected, found) = (format!("tenant {whole}"), format!("tenant {}", part.tenant));
        checks.require(whole == part.tenant, "fence-targets", &expected, &found);
        for name in unlisted(&self.condemned, targets) {
            checks.require_earlier(false, "fence-targets", &name, "not listed by any fence");
        }
    }

    fn receipt(&mut self, at: At, part: &KeysDestroyed, checks: &mut Checks<'_>) {
        let epoch = self.epoch;
        let case = self.step(at, "destroyed", part.order);
        checks.require(case.destroyed.is_none(), "receipt-once", "one receipt", "a second one");
        check_receipt(case, part, checks);
        let forward = part.epoch_after > part.epoch_before
            || (part.tenant && part.epoch_after == part.epoch_before);
        let (before, after) = (part.epoch_before, part.epoch_after);
        let epochs = format!("epoch {before} to {after}");
        checks.require(forward, "receipt-epoch", "a later epoch after the cut", &epochs);
        let expected = format!("an epoch of at least {epoch}");
        checks.require(after >= epoch, "receipt-epoch", &expected, &epochs);
        case.fence = None;
        case.destroyed.get_or_insert_with(|| Destroyed {
            at,
            ground: part.ground.clone(),
            approved_by: part.approved_by,
            epoch_before: before,
            epoch_after: after,
            level: part.level,
            backup_days: part.backup_days,
            tenant: part.tenant,
            leaves: part.leaves.len(),
            scopes: part.scopes.len(),
        });
        // The targets are not needed any more, and may be many.
        let targets = case.ordered.as_mut().map(|ordered| std::mem::take(&mut ordered.targets));
        self.epoch = self.epoch.max(after);
        self.check_backups(at, part, checks);
        self.destroyed.add(at.seq, part.tenant, &part.leaves, &part.scopes);
        for name in unlisted(&self.destroyed, &targets.unwrap_or_default()) {
            checks.require_earlier(false, "receipt-targets", &name, "not listed by any receipt");
        }
    }

    /// Copies of the root that an escrow holds do not end with the setting that made them.
    fn check_backups(&mut self, at: At, part: &KeysDestroyed, checks: &mut Checks<'_>) {
        if part.backup_days > 0 {
            self.escrow = Some((at.seq, part.backup_days));
        } else if let Some((seq, days)) = self.escrow {
            let expected = format!("the escrow that the receipt at record {seq} told of: {days}");
            checks.tell("receipt-backup", expected, "0 days: no backup of the root".to_owned());
        }
    }

    fn complete(&mut self, at: At, part: ErasureCompleted, checks: &mut Checks<'_>) {
        let case = self.step(at, "completed", part.order);
        let done = case.destroyed.is_some();
        checks.require_earlier(done, "completed-receipt", "an earlier receipt", "none");
        case.completed.get_or_insert(at);
    }

    fn purge(&mut self, at: At, part: &PartsPurged, checks: &mut Checks<'_>) {
        let case = self.step(at, "purged", part.order);
        let done = case.destroyed.is_some();
        checks.require_earlier(done, "purge-receipt", "an earlier receipt", "none");
        for place in &part.parts {
            let earlier = place.0 < at.seq;
            let found = format!("record {} part {}", place.0, place.1);
            checks.require(earlier, "purge-part", "parts of earlier records", &found);
            self.purged.entry(*place).or_insert(at.seq);
        }
    }
}

/// The leaves and scopes among the targets that are not listed, in words.
fn unlisted(listed: &Listed, targets: &[Cut]) -> Vec<String> {
    let name = |target: &Cut| match target {
        Cut::Leaf(leaf) => listed.leaf(*leaf).is_none().then(|| format!("leaf {leaf}")),
        Cut::Scope(scope) => listed.scope(*scope).is_none().then(|| format!("scope {scope}")),
        Cut::Subject(_) | Cut::Tenant => None,
    };
    targets.iter().filter_map(name).collect()
}

/// A fence takes nothing that was not ordered. Whose a leaf is, and for which scope it was minted,
/// cannot be told without keys: an order of a person or a scope allows any leaf.
fn check_beyond(part: &ErasureFenced, targets: &[Cut], checks: &mut Checks<'_>) {
    let ordered: BTreeSet<&Cut> = targets.iter().collect();
    let open = targets.iter().any(|target| matches!(target, Cut::Subject(_) | Cut::Scope(_)));
    let mut check = |listed: bool, found: String| {
        checks.require(listed, "fence-beyond", "only what was ordered", &found);
    };
    for scope in &part.scopes {
        check(ordered.contains(&Cut::Scope(*scope)), format!("scope {scope}"));
    }
    for leaf in part.leaves.iter().filter(|_| !open) {
        check(ordered.contains(&Cut::Leaf(*leaf)), format!("leaf {leaf}"));
    }
}

/// Whether a listed event stands in the operator journal, not in a tenant's.
fn is_operators(name: &str) -> bool {
    matches!(
        name,
        "installation.started" | "tenant.registered" | "tenant.witnessed" | "tenant.closing"
    )
}

/// The first record begins a tenant or an installation, and no other record does.
fn check_genesis(header: &Header, checks: &mut Checks<'_>) {
    let name = header.kind.name();
    let begins = matches!(name, "installation.started" | "tenant.started");
    let first = header.seq.0 == 0;
    let expected = if first { "the start of a journal" } else { "no second start" };
    checks.require(begins == first, "genesis", expected, name);
}

fn check_receipt(case: &Case, part: &KeysDestroyed, checks: &mut Checks<'_>) {
    let none = "none";
    checks.require_earlier(case.ordered.is_some(), "receipt-order", "an earlier order", none);
    let approved = case.approved.is_some();
    checks.require_earlier(approved, "receipt-approval", "an earlier approval", none);
    checks.require_earlier(case.fenced.is_some(), "receipt-fence", "an earlier fence", none);
    if let Some(ordered) = &case.ordered {
        let same = ordered.ground == part.ground;
        checks.require(same, "receipt-ground", &ordered.ground, &part.ground);
        let alone = ordered.four_eyes && ordered.by == part.approved_by;
        checks.require(!alone, "four-eyes", "another than who ordered", "the same actor");
    }
    if let Some((_, by)) = &case.approved {
        let (expected, found) = (by.to_string(), part.approved_by.to_string());
        checks.require(expected == found, "receipt-approver", &expected, &found);
    }
    if let Some(fence) = &case.fence {
        let same = fence.tenant == part.tenant
            && fence.leaves == part.leaves
            && fence.scopes == part.scopes;
        let expected = lists(fence.tenant, fence.leaves.len(), fence.scopes.len());
        let found = lists(part.tenant, part.leaves.len(), part.scopes.len());
        checks.require(same, "receipt-lists", &format!("the fence's {expected}"), &found);
        let (expected, found) = (fence.epoch_before, part.epoch_before);
        let expected = format!("epoch {expected} or later before the cut");
        let ordered = found >= fence.epoch_before;
        checks.require(ordered, "receipt-epoch", &expected, &format!("epoch {found}"));
    }
}

fn lists(tenant: bool, leaves: usize, scopes: usize) -> String {
    if tenant { "whole tenant".to_owned() } else { format!("{leaves} leaves and {scopes} scopes") }
}
