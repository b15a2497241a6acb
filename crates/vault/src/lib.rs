//! The key tree of a tenant: it seals and opens the parts of records, and it destroys keys.
//!
//! *Invariants:* no cipher and no key leaves this crate; it asks nobody for anything but pages and
//! answers with page writes; the slot file is the only file it touches. `docs/format/keys.md` is
//! the specification; every file names its section.

mod vault;

mod seal;

mod cut;

mod restore;

mod snapshot;

mod level;

mod tree;

mod entries;

mod index;

mod table;

mod page;

mod part;

mod cipher;

mod slots;

mod keys;

pub mod bare;

mod harness;

#[cfg(feature = "trial")]
pub mod trial;

#[cfg(test)]
mod tests;

pub use cut::{Condemned, CutDone, PreparedCut, destroy_slots, discard_slots};
pub use entries::LeafEntry;
pub use harness::HARNESS;
pub use keys::NoRandomness;
pub use level::{Level, destruction_level};
pub use restore::{RootCopy, blank_slots};
pub use seal::{Minted, Opened, Opening, SealError, seal_public};
pub use slots::SlotError;
pub use snapshot::DigestKey;
pub use vault::{Vault, VaultError};
