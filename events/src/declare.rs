//! How a capability declares its events: one declaration gives the types, their bytes, their place
//! in the catalogue and their comparison.
//!
//! *Invariant:* a field cannot be declared without what it is kept for, nor a part about a person
//! without its category and its term; so the catalogue cannot lack one.
//! *Invariant:* facts are encoded in the order of their declaration, then the parts about people in
//! theirs (docs/format/events.md §2).

use record::{Category, DraftPart, LeafId};

use crate::catalogue::Retention;
use crate::codec::{Parts, Told};
use crate::{About, EventError, ToldPart};

/// Whether an event is the one that was recorded before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Again {
    /// The same event.
    Same,
    /// The same as far as it still opens: part of it was erased.
    Erased,
    /// Another event.
    Different,
}

impl Again {
    pub(crate) const fn of(same: bool) -> Self {
        if same { Self::Same } else { Self::Different }
    }
}

/// What is declared of one version of an event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Declared {
    pub(crate) event: &'static str,
    pub(crate) version: u16,
    /// Fields of its own facts, each with what it is kept for.
    pub(crate) facts: Fields,
    pub(crate) about: &'static [DeclaredAbout],
}

/// Fields: name, type as it is declared, and what it is kept for.
pub(crate) type Fields = &'static [(&'static str, &'static str, &'static str)];

/// What is declared of one part about a person, or of a list of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeclaredAbout {
    pub(crate) field: &'static str,
    pub(crate) category: Category,
    pub(crate) retention: Retention,
    pub(crate) fields: Fields,
}

/// A field that stands for one part about a person, at most one, or any number.
///
/// One that is not exactly one stands last: it takes the parts that are left.
pub(crate) trait Parted: Sized {
    const FIELDS: Fields;

    fn draft(&self, category: Category, alone: bool, parts: &mut Vec<DraftPart>);
    fn take(parts: &mut Parts) -> Result<Self, EventError>;
    fn settle(&mut self, leaves: &mut dyn Iterator<Item = LeafId>);
    fn again(&self, recorded: &Self) -> Again;
    fn tell(&self, part: &'static str, category: Category, all: &mut Vec<ToldPart>);
}

impl<T: Told> Parted for About<T> {
    const FIELDS: Fields = T::FIELDS;

    fn draft(&self, category: Category, alone: bool, parts: &mut Vec<DraftPart>) {
        parts.push(self.part(category, alone));
    }

    fn take(parts: &mut Parts) -> Result<Self, EventError> {
        parts.person()
    }

    fn settle(&mut self, leaves: &mut dyn Iterator<Item = LeafId>) {
        if let Some(leaf) = leaves.next() {
            self.settle_on(leaf);
        }
    }

    fn again(&self, recorded: &Self) -> Again {
        match (self, recorded) {
            (_, Self::Gone { .. }) => Again::Erased,
            (
                Self::Known { subject, scope, value, .. },
                Self::Known { subject: whose, scope: term, value: told, .. },
            ) => Again::of(subject == whose && scope == term && value == told),
            (Self::Gone { .. }, Self::Known { .. }) => Again::Different,
        }
    }

    fn tell(&self, part: &'static str, category: Category, all: &mut Vec<ToldPart>) {
        if let Self::Known { subject, value, .. } = self {
            all.push(ToldPart { part, category, subject: *subject, fields: value.shown() });
        }
    }
}

impl<T: Told> Parted for Option<About<T>> {
    const FIELDS: Fields = T::FIELDS;

    fn draft(&self, category: Category, alone: bool, parts: &mut Vec<DraftPart>) {
        self.iter().for_each(|about| about.draft(category, alone, parts));
    }

    fn take(parts: &mut Parts) -> Result<Self, EventError> {
        parts.person_if_any()
    }

    fn settle(&mut self, leaves: &mut dyn Iterator<Item = LeafId>) {
        self.iter_mut().for_each(|about| about.settle(leaves));
    }

    fn again(&self, recorded: &Self) -> Again {
        match (self, recorded) {
            (Some(about), Some(recorded)) => about.again(recorded),
            (None, None) => Again::Same,
            _ => Again::Different,
        }
    }

    fn tell(&self, part: &'static str, category: Category, all: &mut Vec<ToldPart>) {
        self.iter().for_each(|about| about.tell(part, category, all));
    }
}

impl<T: Told> Parted for Vec<About<T>> {
    const FIELDS: Fields = T::FIELDS;

    fn draft(&self, category: Category, alone: bool, parts: &mut Vec<DraftPart>) {
        self.iter().for_each(|about| about.draft(category, alone, parts));
    }

    fn take(parts: &mut Parts) -> Result<Self, EventError> {
        std::iter::from_fn(|| parts.person_if_any().transpose()).collect()
    }

    fn settle(&mut self, leaves: &mut dyn Iterator<Item = LeafId>) {
        self.iter_mut().for_each(|about| about.settle(leaves));
    }

    fn again(&self, recorded: &Self) -> Again {
        if self.len() != recorded.len() {
            return Again::Different;
        }
        let each = self.iter().zip(recorded).map(|(about, recorded)| about.again(recorded));
        each.max().unwrap_or(Again::Same)
    }

    fn tell(&self, part: &'static str, category: Category, all: &mut Vec<ToldPart>) {
        self.iter().for_each(|about| about.tell(part, category, all));
    }
}

/// Declares what an event tells about a person: each field with what it is kept for. Its `Debug`
/// shows nothing.
macro_rules! told {
    ($(#[$meta:meta])* pub struct $name:ident {
        $( $(#[$field_meta:meta])* $field:ident : $type:ty => $purpose:literal ),+ $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, bincode::Encode, bincode::Decode)]
        pub struct $name {
            $( $(#[$field_meta])* pub $field: $type ),+
        }

        impl $crate::codec::Told for $name {
            const FIELDS: $crate::declare::Fields = &[$((stringify!($field), stringify!($type), $purpose)),+];

            fn shown(&self) -> Vec<(&'static str, String)> {
                // All of it: which of two traits gives the text depends on the type of each field.
                use $crate::shown::*;
                vec![$((stringify!($field), (&Field(&self.$field)).shown())),+]
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}
pub(crate) use told;

/// Declares the events of a capability.
///
/// ```text
/// capability! {
///     /// Events of …
///     LibraryEvent in "library" {
///         /// A book was lent.
///         BookLent "library.book-lent" 1 {
///             facts {
///                 /// The book.
///                 book: BookId => "which book is out",
///             }
///             about {
///                 /// Who has it.
///                 reader: About<Reader> => READER until Scope,
///             }
///         }
///     }
/// }
/// ```
///
/// `READER` is a constant of [`category`](crate::category), `Scope` a variant of
/// [`Retention`]; `alone READER` gives the part a leaf of its own. `begins { field }` names
/// scopes that begin with the event. `earlier { 1 [field: Type => "purpose"] by function }` names a
/// version that was written before and the function that reads its facts.
macro_rules! capability {
    (
        $(#[$enum_meta:meta])*
        $Enum:ident in $prefix:literal {
            $(
                $(#[$meta:meta])*
                $Event:ident $name:literal $version:literal {
                    $(facts {
                        $( $(#[$fact_meta:meta])* $fact:ident : $fact_type:ty => $purpose:literal ),+
                        $(,)?
                    })?
                    $(about {
                        $(
                            $(#[$about_meta:meta])*
                            $about:ident : $about_type:ty
                                => $($alone:ident)? [$category:ident] until $retention:ident
                        ),+
                        $(,)?
                    })?
                    $(begins { $($scope:ident),+ })?
                    $(earlier { $(
                        $old:literal [$($old_field:ident : $old_type:ty => $old_purpose:literal),*] by $upcast:path
                    ),+ })?
                }
            )+
        }
    ) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub struct $Event {
                $($( $(#[$fact_meta])* pub $fact: $fact_type, )+)?
                $($( $(#[$about_meta])* pub $about: $about_type, )+)?
            }

            impl $Event {
                /// The same for every version.
                const ABOUT: &'static [$crate::declare::DeclaredAbout] = &[
                    $($( $crate::declare::DeclaredAbout {
                        field: stringify!($about),
                        category: $crate::category::$category,
                        retention: $crate::catalogue::Retention::$retention,
                        fields: <$about_type as $crate::declare::Parted>::FIELDS,
                    }, )+)?
                ];

                fn parts(&self) -> Vec<record::DraftPart> {
                    let mut parts = Vec::new();
                    parts.extend([$crate::codec::facts_part(&($($( &self.$fact, )+)?))]);
                    $($(
                        let alone = false $(|| stringify!($alone) == "alone")?;
                        $crate::declare::Parted::draft(
                            &self.$about,
                            $crate::category::$category,
                            alone,
                            &mut parts,
                        );
                    )+)?
                    parts
                }

                fn decode(
                    version: u16,
                    parts: &mut $crate::codec::Parts,
                ) -> Result<Self, $crate::EventError> {
                    match version {
                        $version => {
                            let ($($( $fact, )+)?): ($($( $fact_type, )+)?) = parts.facts()?;
                            $($( let $about = $crate::declare::Parted::take(parts)?; )+)?
                            Ok(Self { $($( $fact, )+)? $($( $about, )+)? })
                        }
                        $($( $old => $upcast(parts), )+)?
                        _ => Err($crate::EventError::Unknown),
                    }
                }

                fn settle(&mut self, leaves: &mut dyn Iterator<Item = record::LeafId>) {
                    // An event may tell about nobody.
                    let _: &_ = &leaves;
                    $($( $crate::declare::Parted::settle(&mut self.$about, leaves); )+)?
                }

                fn again(&self, recorded: &Self) -> $crate::Again {
                    let (ours, theirs) = (self, recorded);
                    let same = true $($( && ours.$fact == theirs.$fact )+)?;
                    let again = $crate::Again::of(same);
                    $($(
                        let again = match again {
                            $crate::Again::Different => again,
                            _ => again.max($crate::declare::Parted::again(
                                &ours.$about,
                                &theirs.$about,
                            )),
                        };
                    )+)?
                    again
                }

                fn new_scopes(&self) -> Vec<record::ScopeId> {
                    vec![$($( self.$scope ),+)?]
                }

                fn tell(&self, all: &mut Vec<$crate::ToldPart>) {
                    // An event may tell about nobody.
                    let _: &_ = &all;
                    $($( $crate::declare::Parted::tell(
                        &self.$about,
                        stringify!($about),
                        $crate::category::$category,
                        all,
                    ); )+)?
                }
            }

            impl From<$Event> for $Enum {
                fn from(event: $Event) -> Self {
                    Self::$Event(event)
                }
            }

            impl From<$Event> for $crate::Event {
                fn from(event: $Event) -> Self {
                    Self::from($Enum::$Event(event))
                }
            }
        )+

        $(#[$enum_meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each variant is the type of the same name")]
        pub enum $Enum {
            $( $Event($Event), )+
        }

        impl $Enum {
            /// What the names of these events begin with.
            pub(crate) const PREFIX: &'static str = $prefix;

            pub(crate) const DECLARED: &'static [$crate::declare::Declared] = &[$(
                $($($crate::declare::Declared {
                    event: $name,
                    version: $old,
                    facts: &[$(
                        (stringify!($old_field), stringify!($old_type), $old_purpose),
                    )*],
                    about: $Event::ABOUT,
                },)+)?
                $crate::declare::Declared {
                    event: $name,
                    version: $version,
                    facts: &[$($(
                        (stringify!($fact), stringify!($fact_type), $purpose),
                    )+)?],
                    about: $Event::ABOUT,
                },
            )+];

            pub(crate) const fn name(&self) -> (&'static str, u16) {
                match self {
                    $( Self::$Event(_) => ($name, $version), )+
                }
            }

            pub(crate) fn parts(&self) -> Vec<record::DraftPart> {
                match self {
                    $( Self::$Event(event) => event.parts(), )+
                }
            }

            pub(crate) fn decode(
                name: &str,
                version: u16,
                parts: &mut $crate::codec::Parts,
            ) -> Result<Self, $crate::EventError> {
                match name {
                    $( $name => $Event::decode(version, parts).map(Self::$Event), )+
                    _ => Err($crate::EventError::Unknown),
                }
            }

            pub(crate) fn settle(&mut self, leaves: &mut dyn Iterator<Item = record::LeafId>) {
                match self {
                    $( Self::$Event(event) => event.settle(leaves), )+
                }
            }

            pub(crate) fn again(&self, recorded: &Self) -> $crate::Again {
                // An option, since a capability may have one event only.
                match (self, Some(recorded)) {
                    $(
                        (Self::$Event(event), Some(Self::$Event(recorded))) => {
                            event.again(recorded)
                        }
                    )+
                    _ => $crate::Again::Different,
                }
            }

            pub(crate) fn new_scopes(&self) -> Vec<record::ScopeId> {
                match self {
                    $( Self::$Event(event) => event.new_scopes(), )+
                }
            }

            pub(crate) fn tell(&self, all: &mut Vec<$crate::ToldPart>) {
                match self {
                    $( Self::$Event(event) => event.tell(all), )+
                }
            }
        }
    };
}
pub(crate) use capability;

/// Declares which capabilities there are; each has the file of its name.
macro_rules! capabilities {
    ($( $Capability:ident($Enum:ident) ),+ $(,)?) => {
        /// Something that happened: one variant per capability.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each variant is the capability of the same name")]
        pub enum Event {
            Tenancy(TenancyEvent),
            Erasure(ErasureEvent),
            $( $Capability($Enum), )+
        }

        $(
            impl From<$Enum> for Event {
                fn from(event: $Enum) -> Self {
                    Self::$Capability(event)
                }
            }
        )+

        /// Everything that is declared, by capability.
        pub(crate) const DECLARED: &[&[declare::Declared]] = &[$( $Enum::DECLARED ),+];

        impl Event {
            fn name_and_version(&self) -> (&'static str, u16) {
                match self {
                    Self::Tenancy(event) => (event.public_part().event_name(), 1),
                    Self::Erasure(event) => (event.public_part().event_name(), 1),
                    $( Self::$Capability(event) => event.name(), )+
                }
            }

            fn parts(&self) -> Vec<DraftPart> {
                match self {
                    Self::Tenancy(event) => vec![public(&event.public_part())],
                    Self::Erasure(event) => vec![public(&event.public_part())],
                    $( Self::$Capability(event) => event.parts(), )+
                }
            }

            fn new_scopes(&self) -> Vec<ScopeId> {
                match self {
                    Self::Tenancy(_) | Self::Erasure(_) => Vec::new(),
                    $( Self::$Capability(event) => event.new_scopes(), )+
                }
            }

            /// What it tells about people, as far as it opens, as text.
            #[must_use]
            pub fn told_parts(&self) -> Vec<ToldPart> {
                let mut all = Vec::new();
                match self {
                    Self::Tenancy(_) | Self::Erasure(_) => {}
                    $( Self::$Capability(event) => event.tell(&mut all), )+
                }
                all
            }

            fn settle_on(&mut self, leaves: &mut dyn Iterator<Item = LeafId>) {
                match self {
                    Self::Tenancy(_) | Self::Erasure(_) => {}
                    $( Self::$Capability(event) => event.settle(leaves), )+
                }
            }

            /// Whether this event is the one that was recorded before.
            #[must_use]
            pub fn again(&self, recorded: &Self) -> Again {
                match (self, recorded) {
                    $(
                        (Self::$Capability(event), Self::$Capability(recorded)) => {
                            event.again(recorded)
                        }
                    )+
                    _ => Again::of(self == recorded),
                }
            }

            /// The public part, if the event is one that verifiers without keys can read.
            #[must_use]
            pub fn public_part(&self) -> Option<PublicPart> {
                match self {
                    Self::Tenancy(event) => Some(event.public_part()),
                    Self::Erasure(event) => Some(event.public_part()),
                    $( Self::$Capability(_) => None, )+
                }
            }
        }

        fn decode_sealed(
            kind: &EventKind,
            parts: &mut codec::Parts,
        ) -> Result<Event, EventError> {
            let (name, version) = (kind.name(), kind.version());
            match name.split_once('.').map(|(capability, _)| capability) {
                $(
                    Some($Enum::PREFIX) => {
                        $Enum::decode(name, version, parts).map(Event::$Capability)
                    }
                )+
                _ => Err(EventError::Unknown),
            }
        }
    };
}
pub(crate) use capabilities;
