//! What a register calls things, in Dutch and in English.

use report::Language;

/// Codes of closed lists as people read them.
pub(super) fn named(language: Language, codes: &[&str]) -> String {
    let language = match language {
        Language::Dutch => console::Language::Dutch,
        Language::English => console::Language::English,
    };
    codes.iter().map(|code| console::name(code, language)).collect::<Vec<_>>().join(", ")
}
