//! What the gate kept out: which fields of whose data, and which processing.
//!
//! *Invariant:* never a value, and never a person: fields, counts, modules and rules.

use bincode::{Decode, Encode};

use crate::annex::{AnnexId, Entrance, FieldId, GateRule, Module, SubjectKind};
use crate::declare::capability;

/// Most fields of one rejection.
pub const REJECTED_FIELDS_MAX: usize = 100;

/// How often a field was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Rejected {
    /// Which field.
    pub field: FieldId,
    /// How often; at least once.
    pub count: u32,
}

capability! {
    /// Events of the gate.
    GateEvent in "gate" {
        /// Fields that the annex does not tick were brought and left out.
        FieldsRejected "gate.fields-rejected" 1 {
            facts {
                /// Where they were brought.
                entrance: Entrance => "where too much was brought",
                /// For which module.
                module: Module => "what too much was brought for",
                /// Whose data.
                kind: SubjectKind => "whose data were kept out",
                /// Which fields, how often; at most [`REJECTED_FIELDS_MAX`].
                fields: Vec<Rejected> => "which data were kept out",
                /// The annex.
                annex: AnnexId => "by which annex they were kept out",
                /// Its version.
                version: u32 => "by which annex they were kept out",
            }
        }
        /// A processing was refused altogether.
        ProcessingRefused "gate.processing-refused" 1 {
            facts {
                /// Where it was asked for.
                entrance: Entrance => "where it was asked for",
                /// Which module.
                module: Module => "which processing was refused",
                /// For which purpose, if what was asked for is a code; at most
                /// [`CODE_BYTES_MAX`](crate::annex::CODE_BYTES_MAX).
                purpose: Option<String> => "which processing was refused",
                /// Why.
                rule: GateRule => "why it was refused",
                /// How often; at least once.
                count: u32 => "how often it was refused",
            }
        }
    }
}
