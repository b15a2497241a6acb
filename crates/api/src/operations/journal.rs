//! The health of the journal, and a look whether it is what was written.

use projections::ErasureRow;
use schemars::JsonSchema;
use serde::Serialize;

use super::Nothing;
use crate::operation::{At, Operation, Plan, Planned};

const PURPOSE: &str = "journal";
/// About 20 µs for each record on the writer's thread: 40 ms.
const WALKED_MAX: u64 = 2_000;
/// The newest of the erasures.
const ERASURES_MAX: usize = 20;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::shows::<Health>(
            "see-health",
            "/health",
            PURPOSE,
            "Size and newest checkpoint of the journal, and the last erasures",
            see_health,
        ),
        Operation::does::<Nothing, Verified>(
            "verify-journal",
            "/verification",
            PURPOSE,
            "Go through the newest 2,000 records: chain, digests, keys and receipts, and the newest \
             checkpoint; the whole journal is verified outside, with `zegel verify`",
            verify,
        ),
    ]
}

/// How the journal is.
#[derive(Serialize, JsonSchema)]
struct Health {
    /// How many records it has.
    size: u64,
    /// The newest published checkpoint; null before there is one.
    checkpoint: Option<Head>,
    /// How many cuts there were.
    epoch: Option<u64>,
    /// Destruction level of the medium.
    level: u8,
    /// At most 20, newest first.
    erasures: Vec<Erased>,
}

/// What a checkpoint says.
#[derive(Serialize, JsonSchema)]
struct Head {
    size: u64,
    /// 64 hexadecimal digits.
    root: String,
}

/// One erasure.
#[derive(Serialize, JsonSchema)]
struct Erased {
    /// Microseconds since 1970.
    ordered_at: u64,
    ground: String,
    /// `ordered`, `approved`, `fenced`, `destroyed` or `completed`.
    stage: String,
    /// When the keys were destroyed; null before that.
    destroyed_at: Option<u64>,
    /// At which level; null before that.
    level: Option<u8>,
    /// Where its receipt stands in the journal; null before there is one.
    receipt: Option<u64>,
}

/// What was found.
#[derive(Serialize, JsonSchema)]
struct Verified {
    /// How many records were gone through, the newest.
    records: u64,
    /// Whether each follows the one before and is what its digests say.
    chain: bool,
    /// Whether the newest checkpoint has the root of the journal; true without a checkpoint.
    checkpoint: bool,
    /// Parts that open, or are in clear.
    readable: u64,
    /// Parts whose keys were destroyed with a receipt, or stated lost.
    erased: u64,
    /// Parts whose keys are gone without a receipt: an incident.
    key_lost: u64,
    /// Parts that are not what was sealed.
    tampered: u64,
}

fn see_health(at: &At<'_>) -> Planned {
    let keys = at.engine.key_state(at.tenant)?;
    let head = at.engine.newest_head(at.tenant)?;
    let erasures = at.tenant()?.views().erasures().list().erasures;
    let shown = Health {
        size: at.engine.journal_size(at.tenant),
        checkpoint: head.map(|head| Head { size: head.size, root: head.root.to_string() }),
        epoch: keys.epoch,
        level: keys.level,
        erasures: erasures.iter().rev().take(ERASURES_MAX).map(erased).collect(),
    };
    Plan::shows(at.board("journal"), &shown)
}

fn erased(row: &ErasureRow) -> Erased {
    Erased {
        ordered_at: row.ordered_at,
        ground: row.ground.clone(),
        stage: row.stage.name().to_owned(),
        destroyed_at: row.destroyed_at,
        level: row.level,
        receipt: row.receipt,
    }
}

fn verify(at: &At<'_>, _: Nothing) -> Planned {
    let found = at.engine.walk_newest(at.tenant, WALKED_MAX)?;
    let verified = Verified {
        records: found.records,
        chain: found.chain,
        checkpoint: found.checkpoint,
        readable: found.readable,
        erased: found.erased,
        key_lost: found.key_lost,
        tampered: found.tampered,
    };
    Plan::shows(at.board("journal"), &verified)
}
