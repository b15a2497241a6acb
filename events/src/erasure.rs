//! The steps of an erasure, from order to completion: public parts only.

use record::public::{
    ErasureApproved, ErasureCompleted, ErasureFenced, ErasureOrdered, KeysDestroyed, PartsPurged,
    PublicPart,
};

/// Events of erasure; each wraps a public part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Erasure {
    /// Somebody asked.
    Ordered(ErasureOrdered),
    /// Somebody agreed.
    Approved(ErasureApproved),
    /// The ids to die are fixed.
    Fenced(ErasureFenced),
    /// The receipt.
    KeysDestroyed(KeysDestroyed),
    /// The views forgot.
    Completed(ErasureCompleted),
    /// Ciphertexts were removed.
    Purged(PartsPurged),
}

impl Erasure {
    pub(crate) fn public_part(&self) -> PublicPart {
        match self {
            Self::Ordered(part) => PublicPart::ErasureOrdered(part.clone()),
            Self::Approved(part) => PublicPart::ErasureApproved(*part),
            Self::Fenced(part) => PublicPart::ErasureFenced(part.clone()),
            Self::KeysDestroyed(part) => PublicPart::KeysDestroyed(part.clone()),
            Self::Completed(part) => PublicPart::ErasureCompleted(*part),
            Self::Purged(part) => PublicPart::PartsPurged(part.clone()),
        }
    }
}
