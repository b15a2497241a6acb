//! The steps of an erasure, from order to completion: public parts only.

use record::public::{
    ErasureApproved, ErasureCompleted, ErasureFenced, ErasureOrdered, KeysDestroyed, PartsPurged,
    PublicPart,
};

/// Events of erasure; each wraps a public part.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the public part of the same name")]
pub enum ErasureEvent {
    ErasureOrdered(ErasureOrdered),
    ErasureApproved(ErasureApproved),
    ErasureFenced(ErasureFenced),
    KeysDestroyed(KeysDestroyed),
    ErasureCompleted(ErasureCompleted),
    PartsPurged(PartsPurged),
}

impl ErasureEvent {
    pub(crate) fn public_part(&self) -> PublicPart {
        match self {
            Self::ErasureOrdered(part) => PublicPart::ErasureOrdered(part.clone()),
            Self::ErasureApproved(part) => PublicPart::ErasureApproved(*part),
            Self::ErasureFenced(part) => PublicPart::ErasureFenced(part.clone()),
            Self::KeysDestroyed(part) => PublicPart::KeysDestroyed(part.clone()),
            Self::ErasureCompleted(part) => PublicPart::ErasureCompleted(*part),
            Self::PartsPurged(part) => PublicPart::PartsPurged(part.clone()),
        }
    }
}
