//! Parties of the example annex, both invented.

use super::{Parties, Party};

/// A school board and its processor.
#[must_use]
pub fn parties() -> Parties {
    let party = |name: &str, kvk: &str| Party {
        name: name.into(),
        kvk: kvk.into(),
        seat: "Zeist".into(),
        contact: "info@voorbeeld.example".into(),
        fg_contact: None,
        representative: None,
    };
    Parties {
        controller: party("Stichting De Horizon", "90000001"),
        processor: party("Lesvenster BV", "90000002"),
    }
}
