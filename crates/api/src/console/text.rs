//! What the console says by itself, and problems of the API in words.

use console::{Language, Say};

use super::asking::Told;

const fn say(dutch: &'static str, english: &'static str) -> Say {
    Say { dutch, english }
}

pub(super) const YES: Say = say("ja", "yes");
pub(super) const NO: Say = say("nee", "no");
pub(super) const MISSING: Say = say("vul dit in", "fill this in");
pub(super) const NUMBER: Say = say("een geheel getal", "a whole number");
pub(super) const MOMENT: Say =
    say("een dag en een tijd, zoals 2026-11-28T14:05", "a day and a time, like 2026-11-28T14:05");
pub(super) const REFUSED: Say = say("Niet te zien", "Not to be seen");
pub(super) const WRONG_LOGIN: Say = say(
    "Inlognaam, wachtwoord of code klopt niet, of het account is geschorst.",
    "Login name, password or code is wrong, or the account is suspended.",
);
pub(super) const WRONG_CODE: Say = say(
    "Inlognaam of code klopt niet, of de code is verlopen.",
    "Login name or code is wrong, or the code has ended.",
);

/// By the last word of a problem's type.
const PROBLEMS: &[(&str, Say)] = &[
    (
        "unknown",
        say("Dit is er niet, of u mag het niet zien.", "This is not there, or you may not see it."),
    ),
    (
        "forbidden",
        say(
            "Uw rol laat dit niet toe, of u hebt er een tweede factor voor nodig.",
            "Your role does not allow this, or you need a second factor for it.",
        ),
    ),
    (
        "not-authorised",
        say("Uw sessie is geëindigd. Log opnieuw in.", "Your session has ended. Sign in again."),
    ),
    (
        "too-many-tries",
        say(
            "Te veel mislukte pogingen. Wacht een kwartier.",
            "Too many failed attempts. Wait a quarter of an hour.",
        ),
    ),
    ("no-such-path", say("Deze pagina bestaat niet.", "This page does not exist.")),
    ("key-reused", say("Dit formulier is al verstuurd.", "This form was sent already.")),
    ("tenant-ended", say("De overeenkomst is geëindigd.", "The agreement has ended.")),
    ("too-large", say("Er staat te veel in het formulier.", "There is too much in the form.")),
    (
        "busy",
        say("Het is te druk. Probeer het zo opnieuw.", "It is too busy. Try again in a moment."),
    ),
];

const RULES: &[(&str, &str)] = &[
    (
        "at least 12 characters, at most 256 bytes, and not the login name",
        "minstens 12 tekens, hoogstens 256 bytes, en niet de inlognaam",
    ),
    ("the present password", "het huidige wachtwoord klopt niet"),
    ("the present code of the secret", "de code van nu, zoals de app die toont"),
    ("an id of 32 lower-case hexadecimal digits", "kies er een uit de lijst"),
    ("`own`, `board`, `school:ID` or `team:ID`", "kies er een uit de lijst"),
    ("a moment that has passed, in microseconds", "een moment dat voorbij is"),
];

/// What a problem says to people.
pub(super) fn of_problem(told: &Told, language: Language) -> String {
    let kind = told.r#type.rsplit(':').next().unwrap_or_default();
    let known = PROBLEMS.iter().find(|(name, _)| *name == kind);
    match (known, kind, &told.detail) {
        (Some((_, say)), ..) => say.in_(language).to_owned(),
        // A refusal is in the caller's language already.
        (None, "refused" | "conflict", Some(detail)) => detail.clone(),
        (None, "bad-input", Some(detail)) => rule(detail, language),
        _ => say("Er ging bij ons iets mis.", "Something went wrong on our side.")
            .in_(language)
            .to_owned(),
    }
}

/// The field that a problem names, if it names one.
pub(super) fn field_of(told: &Told) -> Option<&str> {
    let detail = told.detail.as_deref()?.strip_prefix('`')?;
    detail.split_once('`').map(|(name, _)| name)
}

fn rule(detail: &str, language: Language) -> String {
    let rule = detail.split_once("`: ").map_or(detail, |(_, rule)| rule);
    let shape = rule.starts_with("the shape that");
    let plain = say("dit past niet bij wat gevraagd wordt", "this does not fit what is asked");
    match language {
        _ if shape => plain.in_(language).to_owned(),
        Language::English => rule.to_owned(),
        Language::Dutch => {
            let known = RULES.iter().find(|(english, _)| *english == rule);
            known.map_or(plain.in_(language), |(_, dutch)| dutch).to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_its_field_and_rule_in_both_languages() {
        let detail =
            "`password`: at least 12 characters, at most 256 bytes, and not the login name";
        let told = Told {
            r#type: "urn:zegel:problem:bad-input".to_owned(),
            detail: Some(detail.to_owned()),
        };
        assert_eq!(field_of(&told), Some("password"));
        assert!(of_problem(&told, Language::Dutch).starts_with("minstens 12 tekens"));
        assert!(of_problem(&told, Language::English).starts_with("at least 12"));
    }
}
