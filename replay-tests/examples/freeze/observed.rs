//! What can be seen of an installation, as JSON: what a frozen journal must show for ever.
//!
//! *Invariant:* it changes nothing, and depends on nothing but the installation's own bytes.

use std::collections::BTreeMap;
use std::error::Error;

use engine::{Engine, PartState};
use record::{JournalId, Seq};
use serde_json::{Value, json};

/// Every tenant, in the order of their names.
///
/// # Errors
/// The engine's.
pub(crate) fn installation(engine: &Engine) -> Result<Value, Box<dyn Error>> {
    let mut tenants = BTreeMap::new();
    for summary in engine.tenants() {
        let id = JournalId::from_hex(&summary.tenant).ok_or("a tenant's id")?;
        tenants.insert(summary.name.clone(), tenant(engine, id)?);
    }
    Ok(json!({ "vkey": engine.vkey(), "tenants": tenants }))
}

fn tenant(engine: &Engine, id: JournalId) -> Result<Value, Box<dyn Error>> {
    let views = engine.tenant(id)?.views();
    let rounds = views.surveys().board();
    let analyses: Vec<_> =
        rounds.rounds.iter().map(|round| views.analyses().of_round(round.round)).collect();
    let check = engine.replay_check(id, None, &mut |_| {})?;
    Ok(json!({
        "id": id.to_string(),
        "ended": engine.tenant(id)?.has_ended(),
        "size": check.size,
        "replay": check.verdict,
        "checkpoint": engine.published(id)?,
        "parts": parts(engine, id)?,
        "people": views.people().list(0, usize::MAX),
        "surveys": views.surveys().list(),
        "rounds": rounds,
        "analyses": analyses,
        "imports": views.imports().list(),
        "erasures": views.erasures().list(),
    }))
}

/// How many parts of each event, in each version, are in which state.
fn parts(engine: &Engine, id: JournalId) -> Result<Value, Box<dyn Error>> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for row in engine.journal_rows(id, Seq(0), u64::MAX)? {
        for (place, part) in row.parts.iter().enumerate() {
            let state = state(part.state);
            let name = format!("{} v{} part {place} {state}", row.event, row.version);
            *counts.entry(name).or_default() += 1;
        }
    }
    Ok(serde_json::to_value(counts)?)
}

const fn state(state: PartState) -> &'static str {
    match state {
        PartState::Public => "public",
        PartState::Open => "open",
        PartState::Erased => "erased",
        PartState::StatedLost => "stated lost",
        PartState::KeyLost => "key lost",
        PartState::Tampered => "tampered",
    }
}
