//! What a register calls things, in Dutch and in English.
//!
//! *Invariant:* a code without a word of its own is shown as it is: nothing is left out.

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
    let word = |code: &&str| match language {
        Language::Dutch => dutch(code).map_or_else(|| code.replace('-', " "), str::to_owned),
        Language::English => code.replace('-', " "),
    };
    codes.iter().map(word).collect::<Vec<_>>().join(", ")
}

fn dutch(code: &str) -> Option<&'static str> {
    let word = WORDS.iter().find(|(known, _)| *known == code);
    word.map(|(_, word)| *word)
}

/// The names of the lists of annexes (events::annex) and of the terms of the catalogue.
const WORDS: &[(&str, &str)] = &[
    ("staff", "medewerkers"),
    ("pupil", "leerlingen"),
    ("parent", "ouders"),
    ("surveys", "onderzoeken"),
    ("schoolscan", "schoolscan"),
    ("observation", "lesobservaties"),
    ("development", "ontwikkeling"),
    ("coupling", "koppeling"),
    ("monitor", "monitor"),
    ("learning", "oefenen"),
    ("dossier", "dossier"),
    ("contact", "contactgegevens"),
    ("numbers", "nummers"),
    ("origin", "geboorte en herkomst"),
    ("sign-in", "aanmelden"),
    ("questionnaires", "vragenlijsten"),
    ("functioning", "functioneren"),
    ("progress", "voortgang"),
    ("organisation", "organisatie"),
    ("images", "beeld en geluid"),
    ("finance", "financiën"),
    ("special", "bijzondere gegevens"),
    ("given-name", "voornaam"),
    ("initials", "voorletters"),
    ("prefix", "tussenvoegsel"),
    ("surname", "achternaam"),
    ("gender", "aanhef of geslacht"),
    ("school-email", "e-mailadres van school"),
    ("private-email", "eigen e-mailadres"),
    ("phone", "telefoonnummer"),
    ("address", "adres"),
    ("postal-code", "postcode"),
    ("town", "woonplaats"),
    ("birth-date", "geboortedatum"),
    ("age", "leeftijd"),
    ("birth-place", "geboorteplaats"),
    ("nationality", "nationaliteit"),
    ("group", "groep of klas"),
    ("pupil-number", "leerlingnummer"),
    ("staff-number", "personeelsnummer"),
    ("source-key", "sleutel in het bronsysteem"),
    ("eck-id", "ECK iD"),
    ("bsn", "burgerservicenummer"),
    ("photo", "foto"),
    ("activity-images", "beeld van activiteiten"),
    ("login-name", "inlognaam"),
    ("password", "wachtwoord"),
    ("session", "sessie"),
    ("login-times", "momenten van aanmelden"),
    ("ip-address", "IP-adres"),
    ("answers", "antwoorden op vragenlijsten"),
    ("observations", "observaties"),
    ("remarks", "opmerkingen"),
    ("results", "resultaten"),
    ("dossier-entries", "aantekeningen in het dossier"),
    ("health", "gezondheid"),
    ("religion", "godsdienst"),
    ("consent", "toestemming"),
    ("contract", "overeenkomst"),
    ("legal-obligation", "wettelijke plicht"),
    ("vital-interests", "vitale belangen"),
    ("public-task", "taak van algemeen belang"),
    ("legitimate-interest", "gerechtvaardigd belang"),
    ("inseparable", "onlosmakelijk"),
    ("optional", "optioneel"),
    ("adequacy", "adequaatheidsbesluit"),
    ("standard-clauses", "modelbepalingen"),
    ("corporate-rules", "bindende bedrijfsvoorschriften"),
    ("erase", "wissen"),
    ("anonymise", "anoniem maken"),
    ("return", "teruggeven"),
    ("weekly-sync", "wekelijkse koppeling"),
    ("coupling-off", "koppeling uit"),
    ("school-asks", "verzoek van de school"),
    ("licence-end", "einde van de licentie"),
    ("period-end", "einde van de termijn"),
];
