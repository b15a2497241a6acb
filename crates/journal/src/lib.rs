//! The chained journals and the pages of their key trees: durable before acknowledged, and guarded.
//!
//! *Invariants:* one sled database per installation and one writer; nothing is acknowledged before
//! it is synced and read back; after a failed write or sync nothing is written until a restart; no
//! stored value is longer than [`VALUE_BYTES_MAX`] (docs/format/store.md).
//! This crate alone knows the storage engine.

mod store;

mod commit;

mod restore;

mod scan;

mod guard;

mod position;

mod chain;

mod layout;

mod database;

mod reserve;

mod watch;

#[cfg(feature = "trial")]
pub mod trial;

pub use chain::Flaw;
pub use commit::{
    Append, BATCH_BYTES_MAX, BATCH_RECORDS_MAX, Batch, CommitError, FREE_BYTES_FLOOR,
    LEAFLET_BYTES_MAX, PAGE_BYTES_MAX, RESERVE_BYTES, Urgency,
};
pub use database::{OpenError, free_bytes};
pub use guard::{Difference, Guard, GuardError, GuardState};
pub use layout::{LeafletKey, VALUE_BYTES_MAX};
pub use position::{MARK_EVERY, Position};
pub use scan::{ReadError, Scan};
pub use store::{Damage, Head, Store};
pub use watch::watched;
