//! Couplings: which systems bring contact data of staff, how their runs ended, and what waits for a
//! person.
//!
//! A run itself begins at the server, where the secrets of the coupling are.

use engine::Engine;
use events::annex::FieldId;
use events::category;
use events::organisation::SchoolId;
use events::sync::{
    ContactsReplaced, CouplingId, CouplingSwitchedOff, CouplingSwitchedOn, DecidedOf,
    MissingDecided, MissingDecision, SyncEvent, SyncRejected, SyncRunId, SyncSource,
};
use projections::{MissingRow, SyncCouplingRow, SyncRunRow};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::named::named;
use super::{Done, Made, Nothing, id_in, people};
use crate::operation::{At, Operation, Plan, Planned, Stop};

const PURPOSE: &str = "couplings";

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::shows::<Couplings>(
            "see-sync",
            "/couplings",
            PURPOSE,
            "The couplings, how their runs ended, and who is missing since",
            see,
        ),
        Operation::does::<NewCoupling, Made>(
            "configure-sync",
            "/couplings",
            PURPOSE,
            "Switch a coupling on; what opens the system is set at the server",
            switch_on,
        ),
        Operation::does::<Nothing, Done>(
            "switch-off-sync",
            "/couplings/{coupling}/switching-off",
            PURPOSE,
            "Switch a coupling off: its contact data are wiped, nobody is locked out",
            switch_off,
        ),
        Operation::does::<Deciding, Done>(
            "decide-sync",
            "/sync-runs/{run}/decision",
            PURPOSE,
            "Let a run that waits take its place, or reject it",
            decide,
        ),
        Operation::does::<DecidingMissing, Done>(
            "decide-missing",
            "/people/{person}/absence",
            PURPOSE,
            "Decide about somebody whom a coupling brings no more",
            decide_missing,
        ),
    ]
}

/// Every coupling.
#[derive(Serialize, JsonSchema)]
struct Couplings {
    couplings: Vec<ShownCoupling>,
}

/// One coupling, its runs, and who is missing.
#[derive(Serialize, JsonSchema)]
struct ShownCoupling {
    coupling: SyncCouplingRow,
    /// When the next run is due; microseconds since 1970.
    next: Option<u64>,
    /// Newest first.
    runs: Vec<SyncRunRow>,
    missing: Vec<MissingRow>,
}

/// A coupling to switch on.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewCoupling {
    source: SourceName,
    /// The school whose staff it is; null for the whole board's.
    school: Option<String>,
    /// What is asked for; the annex must tick each.
    fields: Vec<FieldName>,
    /// The code of the purpose in the annex.
    purpose: String,
    /// The hour of Sunday, in the Netherlands, from 0 to 23.
    hour: u8,
}

named! {
    /// A system that contacts come from.
    SourceName = SyncSource { Afas, Somtoday }
    /// A field of a contact.
    FieldName = FieldId { GivenName, Initials, Prefix, Surname, SchoolEmail }
    /// What becomes of somebody who is missing.
    AbsenceName = MissingDecision { Keep, Leaves }
}

/// What becomes of a run that waits.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Deciding {
    decision: DecisionName,
}

/// What becomes of a run that waits.
#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum DecisionName {
    Release,
    Reject,
}

/// What becomes of somebody who is missing.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DecidingMissing {
    coupling: String,
    decision: AbsenceName,
}

fn see(at: &At<'_>) -> Planned {
    let tenant = at.tenant()?;
    let (view, state) = (tenant.views().syncs(), tenant.state());
    let shown = |coupling: SyncCouplingRow| {
        let id = CouplingId::from_hex(&coupling.coupling);
        ShownCoupling {
            next: id.and_then(|id| state.next_sync(id)).map(|at| at.0),
            runs: id.map(|id| view.runs_of(id)).unwrap_or_default(),
            missing: id.map(|id| view.missing_of(id)).unwrap_or_default(),
            coupling,
        }
    };
    let couplings = view.couplings().map(shown).collect();
    Plan::shows(at.board("coupling"), &Couplings { couplings })
}

fn switch_on(at: &At<'_>, body: NewCoupling) -> Planned {
    let school = body.school.map(|id| id_in("school", &id, SchoolId::from_hex)).transpose()?;
    let coupling = CouplingId::from_bytes(at.made("coupling")?);
    let source = body.source.into();
    let fields = body.fields.into_iter().map(FieldId::from).collect();
    let (purpose, hour, by) = (body.purpose, body.hour, Some(at.who.actor));
    let event = CouplingSwitchedOn { coupling, source, school, fields, purpose, hour, by };
    Plan::does(at.board("coupling"), event, &Made::of(coupling))
}

fn switch_off(at: &At<'_>, _: Nothing) -> Planned {
    let coupling = at.path.id("coupling", CouplingId::from_hex)?;
    at.tenant()?.views().syncs().coupling(coupling).ok_or(Stop::Unknown)?;
    ends(at, CouplingSwitchedOff { coupling, by: Some(at.who.actor) }.into())
}

fn decide(at: &At<'_>, body: Deciding) -> Planned {
    let run = at.path.id("run", SyncRunId::from_hex)?;
    at.tenant()?.views().syncs().run(run).ok_or(Stop::Unknown)?;
    let by = Some(at.who.actor);
    ends(
        at,
        match body.decision {
            DecisionName::Release => ContactsReplaced { run, by }.into(),
            DecisionName::Reject => SyncRejected { run, by }.into(),
        },
    )
}

/// Ends a run or a coupling, with the cut of what it held.
fn ends(at: &At<'_>, event: SyncEvent) -> Planned {
    let command = Engine::sync_command(event, Some(at.who.actor))?;
    Plan::carries(at.board("coupling"), command, &Done {})
}

fn decide_missing(at: &At<'_>, body: DecidingMissing) -> Planned {
    let (person, thing) = people::known(at)?;
    let coupling = id_in("coupling", &body.coupling, CouplingId::from_hex)?;
    let missing = at.tenant()?.views().syncs().missing_of(coupling);
    if !missing.iter().any(|row| row.person == person.to_string()) {
        return Err(Stop::input("coupling", "one that misses this person"));
    }
    let decision = body.decision.into();
    let decided = at.about(person, DecidedOf { coupling, decision })?;
    let event = MissingDecided { by: at.who.actor, person: decided };
    Ok(Plan::does(thing, event, &Done {})?.about(person, &[category::STAFF_MATCH.0]))
}
