//! A tenant's bundle beside the operator's: neither can leave out what the other tells
//! (docs/format/bundle.md §12).
//!
//! *Invariant:* the salted hashes say nothing of a checkpoint whose salt is not shown, so a tenant
//! is compared with what is said of it alone.

use std::collections::BTreeSet;
use std::path::PathBuf;

use record::JournalId;

use super::{Pieces, Seen};
use crate::report::{Findings, Place, Report, Severity, Verdict};
use crate::told::Tenant;

/// Bundles of the same installation that are verified with the first.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// The operator's, beside a tenant's.
    pub operator: Option<PathBuf>,
    /// Those of its tenants, beside the operator's: every tenant that it registered must be shown.
    pub tenants: Vec<PathBuf>,
}

/// The tenant's view: what does the operator journal say of it?
pub(super) fn tenant_beside(tenant: &mut Seen, operator: &Seen) {
    cross(&tenant.pieces, &operator.pieces, &mut tenant.findings);
}

/// The operator's view: each tenant that it registered is shown, and none else.
pub(super) fn operator_beside(operator: &mut Seen, tenants: &[Seen]) {
    let Seen { pieces, findings } = operator;
    tenants.iter().for_each(|tenant| cross(&tenant.pieces, pieces, findings));
    let shown: BTreeSet<JournalId> = tenants.iter().filter_map(|t| t.pieces.journal()).collect();
    for (id, told) in &pieces.told.tenants {
        let Some((seq, _)) = told.registered.as_ref().filter(|_| !shown.contains(id)) else {
            continue;
        };
        let last = told.witnessed.last().map_or_else(String::new, |(seq, _)| {
            format!("; {} checkpoints witnessed, the last at record {seq}", told.witnessed.len())
        });
        let texts = (format!("a bundle of tenant {id}"), format!("none{last}"));
        findings.gone(Place::Seq(seq.0), "tenant-shown", texts);
    }
}

/// The verdict of another bundle weighs like a finding.
pub(super) fn weigh(other: &Report, name: &str, findings: &mut Findings) {
    let (severity, found) = match other.verdict {
        Verdict::Tampered => (Severity::Tampered, "it is tampered"),
        Verdict::Incomplete => (Severity::Incomplete, "it is incomplete"),
        Verdict::Untrusted => (Severity::Untrusted, "it is untrusted"),
        Verdict::Intact | Verdict::IntactWithErasures => return,
    };
    findings.add(severity, Place::file(name), "beside-verdict", ("an intact bundle", found));
}

fn cross(tenant: &Pieces, operator: &Pieces, findings: &mut Findings) {
    let Some((id, journal)) = tenant.journal().zip(operator.journal()) else { return };
    let place = || Place::File(format!("tenant {id}"));
    let Some(started) = &tenant.told.started else {
        let texts = ("the genesis of a tenant", "none that reads");
        findings.gone(place(), "operator-journal", texts);
        return;
    };
    if started.operator != journal {
        let expected = format!("operator journal {}", started.operator);
        findings.bad(place(), "operator-journal", (expected, format!("journal {journal}")));
        return;
    }
    let told = operator.told.tenants.get(&id);
    match told.and_then(|told| told.registered.as_ref()) {
        None => {
            let found = "none: the operator's bundle is older, or does not know the tenant";
            findings.gone(place(), "operator-registered", ("a registration", found));
        }
        Some((_, name)) if *name != started.name => {
            findings.bad(place(), "operator-registered", (name, &started.name));
        }
        Some(_) => {}
    }
    let none = Tenant::default();
    let told = told.unwrap_or(&none);
    check_witnessed(tenant, told, &place, findings);
    check_closings(tenant, told, &place, findings);
}

/// The checkpoint of the bundle is the last one that the operator journal witnessed.
fn check_witnessed(
    tenant: &Pieces,
    told: &Tenant,
    place: &dyn Fn() -> Place,
    findings: &mut Findings,
) {
    let Some(hash) = &tenant.witness else {
        let texts = ("a witnessed checkpoint", "`witness` names none");
        return findings.gone(place(), "operator-witnessed", texts);
    };
    let found = told.witnessed.iter().rposition(|(_, witnessed)| witnessed.to_string() == *hash);
    let Some(found) = found else {
        let texts = (
            format!("{hash} among {} witnessed checkpoints", told.witnessed.len()),
            "not among them: the operator's bundle is older, or witnessed another checkpoint",
        );
        return findings.gone(place(), "operator-witnessed", texts);
    };
    let later = told.witnessed.len() - 1 - found;
    if let Some((last, _)) = told.witnessed.last().filter(|_| later > 0) {
        let expected = format!("the last checkpoint witnessed, at record {last} of the operator's");
        let found = format!("an older one: {later} later ones were witnessed");
        findings.gone(place(), "operator-latest", (expected, found));
    }
}

/// Every closing names a record that ends the tenant, and every such record has its closing.
fn check_closings(
    tenant: &Pieces,
    told: &Tenant,
    place: &dyn Fn() -> Place,
    findings: &mut Findings,
) {
    let ends = &tenant.told.ends;
    for (_, closing) in &told.closings {
        let end = ends.iter().find(|end| end.seq == closing.seq);
        let same = end
            .is_some_and(|end| (end.record, end.destroyed) == (closing.record, closing.destroyed));
        if same {
            continue;
        }
        let word = if closing.destroyed { "receipt" } else { "fence" };
        let expected = format!("a {word} of the whole tenant at record {}", closing.seq);
        let beyond = closing.seq.0 >= tenant.size;
        if end.is_none() && (beyond || tenant.blind) {
            let found = if beyond { "the bundle ends before it" } else { "it cannot be read" };
            findings.gone(place(), "operator-closing", (expected, found));
        } else {
            findings.bad(place(), "operator-closing", (expected, "another record"));
        }
    }
    for end in ends {
        if !told.closings.iter().any(|(_, closing)| closing.seq == end.seq) {
            let expected = format!("a closing for record {}", end.seq);
            findings.gone(place(), "operator-closing", (expected, "none"));
        }
    }
}
