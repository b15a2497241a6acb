//! What the proofs of forgetting need of a build: every key that was ever drawn, and builds that
//! are wrong on purpose. Nothing of it is compiled without the feature `harness`, and no binary
//! compiles with it (held by `crates/tidy` and by `zegel` itself).
//!
//! *Invariant:* a key goes from where it stands to the file in one system call, so that recording
//! it leaves no copy in memory.

use crate::keys::Key32;

/// Whether this build can record keys.
pub const HARNESS: bool = cfg!(feature = "harness");

/// One mistake for each rule that a proof holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mistake {
    /// The old slot is not overwritten.
    OldSlotStays,
    /// A cut keeps the node keys of the pages it rewrites.
    NodeKeysStay,
    /// Replaced pages stay in memory.
    PagesInMemory,
}

#[cfg(not(feature = "harness"))]
pub(crate) const fn makes(_: Mistake) -> bool {
    false
}

#[cfg(not(feature = "harness"))]
pub(crate) const fn record(_: &Key32) {}

#[cfg(feature = "harness")]
pub(crate) use enabled::{makes, record};

#[cfg(feature = "harness")]
mod enabled {
    use std::fs::{File, OpenOptions};
    use std::io::Write as _;
    use std::sync::OnceLock;

    use super::{Key32, Mistake};

    /// Names a file outside the installation: 32 bytes for each key, in the order of drawing.
    const KEYS: &str = "ZEGEL_HARNESS_KEYS";
    /// Names the mistake to make.
    const MISTAKE: &str = "ZEGEL_HARNESS_MISTAKE";

    pub(crate) fn record(key: &Key32) {
        static FILE: OnceLock<Option<File>> = OnceLock::new();
        let open = || {
            let path = std::env::var_os(KEYS)?;
            OpenOptions::new().append(true).create(true).open(path).ok()
        };
        let written = FILE.get_or_init(open).as_ref().map(|mut file| file.write(key.as_bytes()));
        let whole = matches!(written, None | Some(Ok(crate::keys::KEY_BYTES)));
        assert!(whole, "a key could not be recorded");
    }

    pub(crate) fn makes(mistake: Mistake) -> bool {
        static MADE: OnceLock<Option<Mistake>> = OnceLock::new();
        let named = || match std::env::var(MISTAKE).ok()?.as_str() {
            "old-slot" => Some(Mistake::OldSlotStays),
            "node-keys" => Some(Mistake::NodeKeysStay),
            "pages" => Some(Mistake::PagesInMemory),
            _ => None,
        };
        *MADE.get_or_init(named) == Some(mistake)
    }
}
