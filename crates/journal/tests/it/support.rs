//! Events for tests and examples: one public part of any bytes, under a made-up kind.
//!
//! *Invariant:* this file is the only one here that says bytes are sealed without a vault.

use record::{
    CommandId, EventKind, Hash, JournalId, LeafId, Origin, PartHeader, PartKind, ScopeId, Sealed,
    SealedPart,
};

/// A journal id made of one number.
pub(crate) fn journal_id(number: u8) -> JournalId {
    JournalId::from_bytes([number; 16])
}

/// An event with one public part.
pub(crate) fn event(origin: Origin, number: u64, body: &[u8]) -> Sealed {
    let header = PartHeader {
        kind: PartKind::Public,
        leaf: LeafId::from_bytes([0; 16]),
        scope: ScopeId::from_bytes([0; 16]),
        length: u32::try_from(body.len()).unwrap_or(u32::MAX),
        digest: Hash([0; 32]),
    };
    let salt = u128::from(number).to_be_bytes();
    let kind = EventKind::new("test.written", 1).unwrap_or_else(|_| unreachable!("a good name"));
    let part = SealedPart::new(header, body.to_vec());
    Sealed::assume_sealed(origin, kind, CommandId::from_bytes(salt), salt, vec![part])
}
