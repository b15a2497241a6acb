//! Closed lists of the domain, as the API names them.

/// A list of names in kebab-case, each for one value of a type of the domain.
macro_rules! named {
    ($( #[doc = $doc:literal] $name:ident = $of:ident { $( $variant:ident ),+ $(,)? } )+) => { $(
        #[doc = $doc]
        #[derive(serde::Deserialize, schemars::JsonSchema, Clone, Copy)]
        #[serde(rename_all = "kebab-case")]
        pub(super) enum $name { $( $variant ),+ }

        impl From<$name> for $of {
            fn from(name: $name) -> Self {
                match name { $( $name::$variant => Self::$variant ),+ }
            }
        }
    )+ };
}

pub(super) use named;
