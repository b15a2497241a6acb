//! What stands around every page: language, places to go, and who is signed in.

use crate::language::{Language, Say};
use crate::moment;
use crate::names;
use crate::pages::Words;
use crate::style::style_name;

/// A place to go.
#[derive(Clone, Debug)]
pub struct Place {
    /// Below the tenant's pages.
    pub path: &'static str,
    /// What it is called.
    pub title: Say,
    /// Whether this page is there.
    pub is_here: bool,
}

/// What stands around a page.
#[derive(Clone, Debug)]
pub struct Frame {
    /// In which language.
    pub language: Language,
    /// The pages of this tenant: `/console/ID`; empty before a tenant is known.
    pub base: String,
    /// Where this page stands, so that a change of language comes back to it.
    pub here: String,
    /// What the page is called.
    pub title: Say,
    /// Where else one may go; empty for who is not signed in.
    pub places: Vec<Place>,
    /// Operations that the caller may do, as far as this page asked.
    pub may: Vec<String>,
    /// Whether something was done just before.
    pub is_done: bool,
}

impl Frame {
    /// One of two texts.
    pub(crate) fn say<'a>(&self, dutch: &'a str, english: &'a str) -> &'a str {
        match self.language {
            Language::Dutch => dutch,
            Language::English => english,
        }
    }

    pub(crate) fn of(&self, say: &Say) -> &'static str {
        say.in_(self.language)
    }

    pub(crate) fn words<'a>(&self, words: &'a Words) -> &'a str {
        self.say(&words.dutch, &words.english)
    }

    pub(crate) fn moment(&self, micros: &u64) -> String {
        moment::words(*micros, self.language)
    }

    pub(crate) fn day(&self, micros: &u64) -> String {
        moment::day(*micros, self.language)
    }

    pub(crate) fn machine(&self, micros: &u64) -> String {
        moment::machine(*micros)
    }

    /// A code of a closed list in words.
    pub(crate) fn name(&self, code: &str) -> String {
        names::name(code, self.language)
    }

    pub(crate) fn names(&self, codes: &[String]) -> String {
        codes.iter().map(|code| self.name(code)).collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn yes(&self, is_so: &bool) -> &'static str {
        match (*is_so, self.language) {
            (true, Language::Dutch) => "ja",
            (true, Language::English) => "yes",
            (false, Language::Dutch) => "nee",
            (false, Language::English) => "no",
        }
    }

    pub(crate) fn may(&self, operation: &str) -> bool {
        self.may.iter().any(|may| may == operation)
    }

    pub(crate) fn style(&self) -> String {
        format!("/console/{}", style_name())
    }
}
