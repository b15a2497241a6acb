//! The words and the bytes of Zegel: ids, time, the canonical record, the chain, the tree, the
//! checkpoint, and the public parts that a verifier without keys can read.
//!
//! *Invariant:* this crate holds the format, and how arithmetic on many records is spread over the
//! cores, and nothing else: no storage, no cipher, no clock, no domain rule. `docs/format/` is the
//! specification; every file names its section.

mod ids;
mod wire;

mod header;
mod sealed;

pub mod tree;

pub mod note;

pub mod checkpoint;

pub mod public;

pub mod padding;

mod spread;

pub use header::{
    CHAIN_START, EventKind, FORMAT_VERSION, HEADER_BYTES_MAX, Hash, Header, NAME_BYTES_MAX,
    PARTS_MAX, PartHeader, PartKind, SEAL_BYTES, associated_data, body_digest,
};
pub use ids::{
    ActorId, Category, CommandId, JournalId, LeafId, NodeId, OrderId, Origin, ScopeId, Seq,
    SubjectId, TimestampMicros, parse_id,
};
pub use sealed::{
    Addressee, Draft, DraftPart, PageKey, PageWrite, PersonLabel, Plaintext, RECORD_BYTES_MAX,
    Record, Sealed, SealedPart,
};
pub use spread::spread;
pub use wire::{DecodeError, Reader, Writer};
