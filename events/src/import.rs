//! Imports: many rows under one name, that count only when all are there.

use crate::About;
use crate::declare::{capability, told};
use crate::survey::RoundId;

/// Longest name of an import, in bytes.
pub const IMPORT_NAME_BYTES_MAX: usize = 200;
/// Most rows of one import.
pub const IMPORT_ROWS_MAX: u32 = 1_000_000;

record::random_id!(
    /// One import: a name bound to a random id when it starts.
    #[derive(bincode::Encode, bincode::Decode)]
    ImportId
);

told! {
    /// What the command ids, the order and the subjects of an import's identities derive from.
    pub struct ImportSecret {
        /// Drawn at random when the import starts.
        seed: [u8; 32] => "resuming an import under the same random-looking ids",
    }
}

capability! {
    /// Events of imports.
    ImportEvent in "import" {
        /// An import began.
        ImportStarted "import.started" 1 {
            facts {
                /// Its id; the rows' command ids derive from it and the row number.
                import: ImportId => "naming the import",
                /// Its name, by which it is found again; at most [`IMPORT_NAME_BYTES_MAX`].
                name: String => "finding the import again",
                /// The round that its responses belong to.
                round: RoundId => "which round it fills",
                /// How many responses it holds.
                rows: u32 => "knowing when all rows are there",
            }
            about {
                /// The secret of its identities, if it has any: alone under a random subject and
                /// kept for the identity scope, so that the end of that scope ends the derivation
                /// too.
                identities: Option<About<ImportSecret>>
                    => alone [IMPORT_SECRET] until IdentityScope,
            }
        }
        /// All rows of an import are recorded; from here on they count.
        ImportCompleted "import.completed" 1 {
            facts {
                /// Which import.
                import: ImportId => "which import counts",
            }
        }
        /// An import is given up; its rows never count and its leaves are to be cut.
        ImportAbandoned "import.abandoned" 1 {
            facts {
                /// Which import.
                import: ImportId => "which import does not count",
            }
        }
    }
}
