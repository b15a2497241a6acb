//! What a notice to the school says, item by item.

use bincode::{Decode, Encode};
use record::TimestampMicros;

use super::{DataCount, DoneToData, GroupCount, Item, Protection, Risk, Until};

/// Declares the items of a notice, so that none is left out where they are gone through.
macro_rules! notice {
    ($( $(#[$meta:meta])* $item:ident : $type:ty ),+ $(,)?) => {
        /// What a notice to the school says: every item is known or marked as not yet known.
        ///
        /// Its texts are the organisation's and name nobody.
        // SOURCE: eLoo processor agreement, Annex 2.C; GDPR article 33(3).
        #[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
        pub struct NoticeFacts {
            $( $(#[$meta])* pub $item: Item<$type> ),+
        }

        impl NoticeFacts {
            /// A notice of which nothing is known yet.
            pub const UNKNOWN: Self = Self { $( $item: Item::NotYetKnown ),+ };

            /// The items that are not yet known.
            #[must_use]
            pub fn open(&self) -> Vec<&'static str> {
                let mut open = Vec::new();
                $( open.extend(self.$item.known().is_none().then_some(stringify!($item))); )+
                open
            }

            /// The items that differ from another version.
            #[must_use]
            pub fn changed_from(&self, earlier: &Self) -> Vec<&'static str> {
                let mut changed = Vec::new();
                $( changed.extend((self.$item != earlier.$item).then_some(stringify!($item))); )+
                changed
            }
        }
    };
}

notice! {
    /// When it was discovered.
    discovered_at: TimestampMicros,
    /// Since when it happened.
    from: TimestampMicros,
    /// Until when.
    until: Until,
    /// What happened, in short.
    summary: String,
    /// Which part of security it concerns.
    security: String,
    /// How it came about.
    course: String,
    /// What was done with the data.
    done: DoneToData,
    /// The cause.
    cause: String,
    /// How it was discovered.
    discovery: String,
    /// What was done about it.
    measures_taken: String,
    /// What will be done about it, and against its return.
    measures_proposed: String,
    /// Whether the data were encrypted, hashed or the like.
    protection: Protection,
    /// Which groups of people, and how many; at most [`NOTICE_LIST_MAX`](super::NOTICE_LIST_MAX).
    groups: Vec<GroupCount>,
    /// Which kinds of data, and how many records; at most [`NOTICE_LIST_MAX`](super::NOTICE_LIST_MAX).
    kinds: Vec<DataCount>,
    /// What it may lead to for the school.
    consequences_school: String,
    /// What it may lead to for people.
    consequences_people: String,
    /// The risk to people.
    risk: Risk,
    /// Where more can be asked: an office, not a person; at most [`BREACH_NAME_BYTES_MAX`](super::BREACH_NAME_BYTES_MAX).
    contact: String,
    /// Which subprocessors are involved, by name; at most [`NOTICE_LIST_MAX`](super::NOTICE_LIST_MAX).
    subprocessors: Vec<String>,
    /// Which other countries, as two letters (ISO 3166-1); at most [`NOTICE_LIST_MAX`](super::NOTICE_LIST_MAX).
    countries: Vec<String>,
}
