//! The closed lists of requests and of categories, in English and Dutch.

use events::category;
use events::request::*;
use record::Category;

use crate::Words;

const fn words(english: &'static str, dutch: &'static str) -> Words {
    Words { english, dutch }
}

/// What a category of data is called; those that have no words of their own are numbered.
#[must_use]
pub fn category_words(number: u16) -> Option<Words> {
    Some(match Category(number) {
        category::IDENTITY => words("name and address", "naam en adres"),
        category::ANSWERS => words("answers to questionnaires", "antwoorden op vragenlijsten"),
        category::LINK => words(
            "which answers are whose (pseudonym)",
            "welke antwoorden van wie zijn (pseudoniem)",
        ),
        category::IMPORT_SECRET => words("secret of an import", "geheim van een import"),
        category::AFFILIATION => words("schools and teams", "scholen en teams"),
        category::REPRESENTATION => words("who acts for a child", "wie voor een kind optreedt"),
        category::LOGIN => words("login name", "inlognaam"),
        category::CREDENTIAL => {
            words("what signing in is checked against", "waarmee het inloggen wordt gecontroleerd")
        }
        category::TRAIL_ACTOR => words("who acted", "wie handelde"),
        category::TRAIL_LOOKED => words("who looked at the data", "wie de gegevens inzag"),
        category::CONTACT => words("contact of an agreement", "contact van een overeenkomst"),
        category::INCIDENT_STORY => words("account of an incident", "verslag van een incident"),
        category::CONCERNED => words("concerned by an incident", "geraakt door een incident"),
        category::OBSERVATION => words("observed lessons", "geobserveerde lessen"),
        category::OBSERVER => words("observing lessons", "lessen observeren"),
        category::REQUEST => words("own requests", "eigen verzoeken"),
        _ => return None,
    })
}

/// On which ground something is withheld or kept.
#[must_use]
pub const fn ground_words(ground: Ground) -> Words {
    match ground {
        Ground::RightsOfOthers => words(
            "rights and freedoms of others (GDPR art. 15(4))",
            "rechten en vrijheden van anderen (AVG art. 15 lid 4)",
        ),
        Ground::LegalDuty => words(
            "a legal duty to keep it (GDPR art. 17(3)(b))",
            "een wettelijke bewaarplicht (AVG art. 17 lid 3 onder b)",
        ),
        Ground::OpenIncident => words(
            "an open incident (GDPR art. 17(3)(b), 33(5) and 34(1))",
            "een open incident (AVG art. 17 lid 3 onder b, 33 lid 5 en 34 lid 1)",
        ),
        Ground::PublicInterest => words(
            "public health, archiving or research (GDPR art. 17(3)(c) and (d))",
            "volksgezondheid, archivering of onderzoek (AVG art. 17 lid 3 onder c en d)",
        ),
        Ground::LegalClaims => words(
            "legal claims (GDPR art. 17(3)(e))",
            "een rechtsvordering (AVG art. 17 lid 3 onder e)",
        ),
        Ground::NoGroundToErase => words(
            "no ground to erase applies (GDPR art. 17(1))",
            "geen grond om te wissen (AVG art. 17 lid 1)",
        ),
        Ground::Unfounded => words(
            "unfounded or excessive (GDPR art. 12(5))",
            "ongegrond of buitensporig (AVG art. 12 lid 5)",
        ),
    }
}

/// The ground on which the trail keeps who acted.
// SOURCE: GDPR article 17(3)(b) with 5(2) and 32: the school must be able to show who acted.
pub const TRAIL_GROUND: Words = words(
    "the trail of who acted, until its term (GDPR art. 17(3)(b), 5(2) and 32)",
    "het spoor van wie handelde, tot zijn termijn (AVG art. 17 lid 3 onder b, 5 lid 2 en 32)",
);

/// What a right is called.
#[must_use]
pub const fn request_kind_words(kind: RequestKind) -> Words {
    match kind {
        RequestKind::Access => words("access (GDPR art. 15)", "inzage (AVG art. 15)"),
        RequestKind::Rectification => {
            words("rectification (GDPR art. 16)", "rectificatie (AVG art. 16)")
        }
        RequestKind::Erasure => words("erasure (GDPR art. 17)", "wissing (AVG art. 17)"),
        RequestKind::Restriction => words("restriction (GDPR art. 18)", "beperking (AVG art. 18)"),
        RequestKind::Portability => {
            words("portability (GDPR art. 20)", "overdraagbaarheid (AVG art. 20)")
        }
        RequestKind::Objection => words("objection (GDPR art. 21)", "bezwaar (AVG art. 21)"),
    }
}

pub(super) const fn kind_name(kind: RequestKind) -> &'static str {
    match kind {
        RequestKind::Access => "access",
        RequestKind::Rectification => "rectification",
        RequestKind::Erasure => "erasure",
        RequestKind::Restriction => "restriction",
        RequestKind::Portability => "portability",
        RequestKind::Objection => "objection",
    }
}

pub(super) const fn shown_name(shown: IdentityShown) -> &'static str {
    match shown {
        IdentityShown::InPerson => "in-person",
        IdentityShown::KnownToTheSchool => "known-to-the-school",
        IdentityShown::SignedIn => "signed-in",
        IdentityShown::KnownAddress => "known-address",
    }
}

pub(super) const fn because_name(because: ExtendedBecause) -> &'static str {
    match because {
        ExtendedBecause::Complex => "complex",
        ExtendedBecause::Many => "many",
    }
}

pub(super) const fn advised_name(advised: Advised) -> &'static str {
    match advised {
        Advised::Grant => "grant",
        Advised::GrantInPart => "grant-in-part",
        Advised::Refuse => "refuse",
    }
}

pub(super) const fn handed_name(handed: HandedBy) -> &'static str {
    match handed {
        HandedBy::InPerson => "in-person",
        HandedBy::RegisteredMail => "registered-mail",
        HandedBy::OwnDownload => "own-download",
    }
}

pub(super) const fn ending_name(ending: Ending) -> &'static str {
    match ending {
        Ending::Done => "done",
        Ending::DoneInPart => "done-in-part",
        Ending::Refused => "refused",
        Ending::Withdrawn => "withdrawn",
    }
}
