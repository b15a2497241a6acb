//! What a register calls things, in Dutch and in English.

use report::Language;

/// A text in the language of the document.
pub(super) const fn say(
    language: Language,
    dutch: &'static str,
    english: &'static str,
) -> &'static str {
    match language {
        Language::Dutch => dutch,
        Language::English => english,
    }
}

/// Codes of closed lists as people read them.
pub(super) fn named(language: Language, codes: &[&str]) -> String {
    let language = match language {
        Language::Dutch => console::Language::Dutch,
        Language::English => console::Language::English,
    };
    codes.iter().map(|code| console::name(code, language)).collect::<Vec<_>>().join(", ")
}
