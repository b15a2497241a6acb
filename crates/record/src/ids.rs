//! Names of things: random 16-byte ids, sequence numbers and time.
//!
//! Ids are random and never reused; none is derived from what it names (docs/format/record.md §2).

use std::fmt;

use bincode::{Decode, Encode};

/// Declares an id of 16 random bytes: never reused, never derived from what it names.
///
/// Attributes go in front of the name, further derives among them.
#[macro_export]
macro_rules! random_id {
    ($(#[$attribute:meta])* $name:ident) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Sixteen bytes that the caller drew at random or read back.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The bytes as they are stored.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// Reads 32 lower-case hexadecimal digits.
            #[must_use]
            pub fn from_hex(text: &str) -> Option<Self> {
                $crate::parse_id(text).map(Self)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    };
}

random_id!(
    /// One journal: a tenant's, or the operator's. A tenant is named by its journal.
    #[derive(Encode, Decode)]
    JournalId
);
random_id!(
    /// One command. Never derived from content: repeating a command repeats its id.
    #[derive(Encode, Decode)]
    CommandId
);
random_id!(
    /// One leaf key: what one subject told in one category.
    #[derive(Encode, Decode)]
    LeafId
);
random_id!(
    /// One scope key: why parts are kept, and until when.
    #[derive(Encode, Decode)]
    ScopeId
);
random_id!(
    /// One data subject, or one pseudonym of a data subject.
    #[derive(Encode, Decode)]
    SubjectId
);
random_id!(
    /// One erasure order.
    #[derive(Encode, Decode)]
    OrderId
);
random_id!(
    /// Whoever acts: a person or a service of the operator, as a random reference.
    #[derive(Encode, Decode)]
    ActorId
);

/// One node of a tenant's key tree; numbered from 1 by the vault, 0 is the tenant page.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(pub u64);

/// A category of personal data, as numbered by the event catalogue.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Category(pub u16);

/// Place of a record in its journal: gap-free from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
pub struct Seq(pub u64);

impl Seq {
    /// The place after this one.
    ///
    /// A journal of 2^64 records is out of reach, so the sum cannot wrap in practice.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seq({})", self.0)
    }
}

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Encode, Decode)]
pub struct TimestampMicros(pub u64);

/// What a checkpoint speaks of: a journal and its era.
///
/// A declared restore starts a new era; the old origin is never signed again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Origin {
    /// The journal.
    pub journal: JournalId,
    /// 0 at the start, one more at every declared restore.
    pub era: u32,
}

impl Origin {
    /// A journal in its first era.
    #[must_use]
    pub const fn first(journal: JournalId) -> Self {
        Self { journal, era: 0 }
    }

    /// Reads the text form that [`fmt::Display`] writes, and only that.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (journal, era) = text.strip_prefix("zegel/")?.split_once('/')?;
        let origin = Self { journal: JournalId::from_hex(journal)?, era: era.parse().ok()? };
        (origin.to_string() == text).then_some(origin)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "zegel/{}/{}", self.journal, self.era)
    }
}

/// The bytes of an id from its 32 lower-case hexadecimal digits.
#[must_use]
pub fn parse_id(text: &str) -> Option<[u8; 16]> {
    parse_hex(text)
}

/// Bytes from twice as many lower-case hexadecimal digits.
pub(crate) fn parse_hex<const BYTES: usize>(text: &str) -> Option<[u8; BYTES]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * BYTES {
        return None;
    }
    let mut bytes = [0u8; BYTES];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = hex_digit(*high)?.checked_mul(16)?.checked_add(hex_digit(*low)?)?;
    }
    Some(bytes)
}

fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}
