//! No two records of a journal have one salt (docs/format/record.md §3): a record that occurs twice
//! keeps its salt, since its parts are sealed under it.
//!
//! *Invariant:* 20 bytes for each record, 320 MiB at the most records of a bundle.

use record::Header;

use crate::report::{Findings, Place};

/// Every salt with its record.
#[derive(Debug, Default)]
pub(super) struct Salts(Vec<([u8; 16], u32)>);

impl Salts {
    pub(super) fn add(&mut self, header: &Header) {
        // A bundle of more records was refused before.
        self.0.extend(u32::try_from(header.seq.0).ok().map(|seq| (header.salt, seq)));
    }

    pub(super) fn check(mut self, findings: &mut Findings) {
        self.0.sort_unstable();
        for pair in self.0.windows(2) {
            let [(one, first), (other, second)] = pair else { continue };
            if one == other {
                let texts = ("a salt of its own", format!("the salt of record {first}"));
                findings.bad(Place::Seq(u64::from(*second)), "salt-once", texts);
            }
        }
    }
}
