//! The two languages of the console.

/// A language that pages are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Nederlands.
    Dutch,
    /// English.
    English,
}

/// The same in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Say {
    /// In Dutch.
    pub dutch: &'static str,
    /// In English.
    pub english: &'static str,
}

/// The same in both languages: Dutch, then English.
pub(crate) const fn say(dutch: &'static str, english: &'static str) -> Say {
    Say { dutch, english }
}

impl Say {
    /// In one language.
    #[must_use]
    pub const fn in_(self, language: Language) -> &'static str {
        match language {
            Language::Dutch => self.dutch,
            Language::English => self.english,
        }
    }

    /// Whether there is nothing to say.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.dutch.is_empty()
    }
}

impl Language {
    /// The tag for `lang`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Dutch => "nl",
            Self::English => "en",
        }
    }

    /// The language of a tag.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        match tag {
            "nl" => Some(Self::Dutch),
            "en" => Some(Self::English),
            _ => None,
        }
    }
}
