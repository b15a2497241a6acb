//! The few words that a form adds of its own, in both languages.

use crate::model::{Document, Language};

pub(crate) struct Words {
    /// As RFC 5646 names the language.
    pub code: &'static str,
    pub issuer: &'static str,
    pub made_at: &'static str,
    pub reference: &'static str,
    /// Name of the sheet that holds everything but the tables.
    pub sheet: &'static str,
    /// Points to the sheet of a table.
    pub see_sheet: &'static str,
    /// What the sheet calls its language.
    pub language: &'static str,
    page: (&'static str, &'static str),
}

const DUTCH: Words = Words {
    code: "nl",
    issuer: "Uitgegeven door",
    made_at: "Opgemaakt op",
    reference: "Kenmerk",
    sheet: "Overzicht",
    see_sheet: "Zie blad",
    language: "Taal",
    page: ("Pagina", "van"),
};

const ENGLISH: Words = Words {
    code: "en",
    issuer: "Issued by",
    made_at: "Made at",
    reference: "Reference",
    sheet: "Overview",
    see_sheet: "See sheet",
    language: "Language",
    page: ("Page", "of"),
};

impl Words {
    pub(crate) fn of(language: Language) -> &'static Self {
        match language {
            Language::Dutch => &DUTCH,
            Language::English => &ENGLISH,
        }
    }

    pub(crate) fn page(&self, number: usize, count: usize) -> String {
        format!("{} {number} {} {count}", self.page.0, self.page.1)
    }
}

/// What every form says of the document itself.
pub(crate) fn particulars(document: &Document) -> [(&'static str, String); 3] {
    let words = Words::of(document.language);
    [
        (words.issuer, document.issuer.clone()),
        (words.made_at, document.made_at.to_string()),
        (words.reference, document.reference.clone()),
    ]
}
