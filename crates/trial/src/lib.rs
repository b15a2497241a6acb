//! What every decoder and every edge must hold on bytes of any kind.
//!
//! A target takes bytes and returns; whatever is wrong is a panic. The fuzzers in `fuzz/` call these
//! functions, and the tests replay what the fuzzers found worth keeping (docs/reliability.md).
//!
//! *Invariant:* what decodes is written again as the very same bytes: one form for each value.
//! *Invariant:* nothing is reserved that the bytes at hand do not fill.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a target says what is wrong by panicking"
)]

mod records;

mod trees;

mod texts;

mod keys;

mod stores;

mod bundles;

mod imports;

mod edges;

mod command_line;

pub mod seeds;

// The importer and the command line belong to the binary, which nobody can import.
#[path = "../../zegel/src/cli.rs"]
mod cli;
#[path = "../../zegel/src/evaluations.rs"]
#[expect(dead_code, reason = "only its reader is tried")]
mod evaluations;
#[path = "../../zegel/src/names.rs"]
mod names;

/// A target and its name.
pub type Target = (&'static str, fn(&[u8]));

/// All of them; each has a fuzzer and a corpus of this name.
pub const TARGETS: &[Target] = &[
    ("record_header", records::header),
    ("record", records::record),
    ("public_part", records::public_part),
    ("event", records::event),
    ("tree_proof", trees::proofs),
    ("note", texts::note),
    ("bundle_text", texts::bundle_text),
    ("key_entries", keys::entries),
    ("key_page", keys::page),
    ("key_tree", keys::tree),
    ("key_slot", keys::slot),
    ("guard", stores::guard),
    ("store", stores::store),
    ("snapshot", stores::snapshot),
    ("backup", stores::backup),
    ("escrow", stores::escrow),
    ("bundle_tar", bundles::tar),
    ("bundle", bundles::bundle),
    ("import", imports::csv),
    ("request_parts", edges::parts),
    ("http", edges::http),
    ("command_line", command_line::arguments),
];

/// Runs one target.
///
/// # Panics
/// When it finds something wrong, or has no such name.
pub fn run(name: &str, bytes: &[u8]) {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).expect("a target's name");
    target(bytes);
}

/// Where the corpora stand.
pub const CORPORA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus");
