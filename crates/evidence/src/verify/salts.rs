//! No two records of a journal have one salt (docs/format/record.md §3): a record that occurs twice
//! keeps its salt, since its parts are sealed under it.
//!
//! *Invariant:* 24 bytes for each record, 384 MiB at the most records of a bundle.

use record::Header;

use crate::report::{Findings, Place};

/// Every salt with its record.
#[derive(Debug, Default)]
pub(super) struct Salts(Vec<([u64; 2], u32)>);

impl Salts {
    pub(super) fn add(&mut self, header: &Header) {
        // Numbers are compared faster than bytes.
        let salt = u128::from_be_bytes(header.salt);
        let halves = [salt >> 64, salt & u128::from(u64::MAX)];
        let halves = halves.map(|half| u64::try_from(half).unwrap_or_default());
        // A bundle of more records was refused before.
        self.0.extend(u32::try_from(header.seq.0).ok().map(|seq| (halves, seq)));
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
