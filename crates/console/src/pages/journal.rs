//! The health of the journal.

use serde::Deserialize;

use crate::page::page;

page! {
    Journal => JournalPage "journal.html";
}

/// How the journal is.
#[derive(Debug, Deserialize)]
pub struct Journal {
    see_health: Health,
}

#[derive(Debug, Deserialize)]
struct Health {
    size: u64,
    checkpoint: Option<Checkpoint>,
    epoch: Option<u64>,
    level: u8,
    erasures: Vec<Erasure>,
}

#[derive(Debug, Deserialize)]
struct Checkpoint {
    size: u64,
    root: String,
}

#[derive(Debug, Deserialize)]
struct Erasure {
    ordered_at: u64,
    ground: String,
    stage: String,
    destroyed_at: Option<u64>,
    level: Option<u8>,
    receipt: Option<u64>,
}
