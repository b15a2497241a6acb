//! What happened, in one sentence for people: Dutch and English.
//!
//! *Invariant:* every event of the catalogue and every public event has its sentence; a sentence
//! names nobody.

/// One sentence in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// In Dutch.
    pub nl: &'static str,
    /// In English.
    pub en: &'static str,
}

/// What an event of this name says.
#[must_use]
pub fn sentence(event: &str) -> Option<Sentence> {
    let mut all = SENTENCES.iter().copied().flatten();
    all.find(|(name, _, _)| *name == event).map(|(_, nl, en)| Sentence { nl, en })
}

type Rows = &'static [(&'static str, &'static str, &'static str)];

const SENTENCES: &[Rows] = &[
    TENANCY,
    ORGANISATION,
    PEOPLE,
    ACCESS,
    AGREEMENT,
    ANNEX,
    GATE,
    SURVEY,
    IMPORT,
    OBSERVE,
    BREACH,
    REQUEST,
    SYNC,
    ERASURE,
];

const TENANCY: Rows = &[
    ("installation.started", "De installatie is begonnen.", "The installation began."),
    ("tenant.registered", "Een organisatie is ingeschreven.", "An organisation was registered."),
    (
        "tenant.witnessed",
        "De stand van een journaal is vastgelegd bij de verwerker.",
        "The state of a journal was witnessed at the processor.",
    ),
    ("tenant.started", "Het journaal is begonnen.", "The journal began."),
    ("tenant.closing", "De overeenkomst loopt af.", "The agreement is ending."),
    (
        "restore.declared",
        "Er is een reservekopie teruggezet; wat daarna kwam, is verklaard verloren.",
        "A backup was restored; what came after it is declared lost.",
    ),
];

const ORGANISATION: Rows = &[
    ("organisation.described", "Het bestuur is beschreven.", "The board was described."),
    ("organisation.school-added", "Een school is toegevoegd.", "A school was added."),
    ("organisation.school-removed", "Een school is verwijderd.", "A school was removed."),
    ("organisation.team-formed", "Een team is gevormd.", "A team was formed."),
    ("organisation.team-dissolved", "Een team is opgeheven.", "A team was dissolved."),
];

const PEOPLE: Rows = &[
    ("people.person-registered", "Een persoon is ingeschreven.", "A person was registered."),
    (
        "people.person-joined",
        "Een persoon hoort voortaan bij een school.",
        "A person became part of a school.",
    ),
    (
        "people.person-left",
        "Een persoon hoort niet meer bij een school.",
        "A person is no longer part of a school.",
    ),
    ("people.team-joined", "Een persoon is bij een team gekomen.", "A person joined a team."),
    ("people.team-left", "Een persoon heeft een team verlaten.", "A person left a team."),
    (
        "people.representation",
        "Vastgelegd is wie een kind vertegenwoordigt.",
        "It was recorded who acts for a child.",
    ),
    (
        "people.representation-ended",
        "Een vertegenwoordiging van een kind is beëindigd.",
        "Somebody no longer acts for a child.",
    ),
];

const ACCESS: Rows = &[
    ("access.account-opened", "Een account is geopend.", "An account was opened."),
    ("access.password-set", "Een wachtwoord is ingesteld.", "A password was set."),
    (
        "access.reset-issued",
        "Een code voor een nieuw wachtwoord is uitgegeven.",
        "A code for a new password was given out.",
    ),
    ("access.factor-set", "Een tweede factor is ingesteld.", "A second factor was set."),
    ("access.factor-removed", "Een tweede factor is verwijderd.", "A second factor was removed."),
    ("access.account-suspended", "Een account is geschorst.", "An account was suspended."),
    ("access.account-resumed", "Een account is weer vrijgegeven.", "An account was resumed."),
    ("access.sessions-revoked", "Lopende sessies zijn beëindigd.", "Sessions were revoked."),
    ("access.role-granted", "Een rol is toegekend.", "A role was granted."),
    ("access.role-revoked", "Een rol is ingetrokken.", "A role was revoked."),
    ("access.reviewed", "De toegang is nagelopen.", "Access was reviewed."),
    ("access.token-issued", "Een token is uitgegeven.", "A token was issued."),
    ("access.token-revoked", "Een token is ingetrokken.", "A token was revoked."),
    (
        "access.support-opened",
        "De school heeft ondersteuning toegelaten.",
        "The school let support in.",
    ),
    (
        "access.support-closed",
        "De toegang van ondersteuning is gesloten.",
        "The access of support was closed.",
    ),
    (
        "access.trail-year-opened",
        "Een jaar van het inzagelogboek is begonnen.",
        "A year of the access trail began.",
    ),
    (
        "access.actor-named",
        "Vastgelegd is wie in dit jaar onder een pseudoniem handelt.",
        "It was recorded who acts under a pseudonym this year.",
    ),
    (
        "access.acted",
        "Iemand heeft gegevens bekeken of een handeling verricht, of dat geprobeerd.",
        "Somebody looked at data or did something, or tried to.",
    ),
];

const AGREEMENT: Rows = &[
    (
        "agreement.signed",
        "De verwerkersovereenkomst is getekend.",
        "The processor agreement was signed.",
    ),
    ("agreement.amended", "De overeenkomst is gewijzigd.", "The agreement was amended."),
    (
        "agreement.superseded",
        "De overeenkomst is door een andere vervangen.",
        "The agreement was superseded by another one.",
    ),
    ("agreement.ended", "De overeenkomst is beëindigd.", "The agreement was ended."),
    (
        "agreement.contact-added",
        "Een bevoegde contactpersoon is aangewezen.",
        "An authorised contact was named.",
    ),
    (
        "agreement.contact-revoked",
        "Een contactpersoon is niet meer bevoegd.",
        "A contact is no longer authorised.",
    ),
    (
        "agreement.deviation",
        "Een afwijking van het model is vastgelegd.",
        "A deviation from the model was recorded.",
    ),
    (
        "agreement.contract-linked",
        "De onderliggende overeenkomst is gekoppeld.",
        "The contract beneath it was linked.",
    ),
];

const ANNEX: Rows = &[
    (
        "annex.version-published",
        "Een versie van de privacybijsluiter is gepubliceerd.",
        "A version of the privacy annex was published.",
    ),
    (
        "annex.version-accepted",
        "De school heeft een versie van de privacybijsluiter aanvaard.",
        "The school accepted a version of the privacy annex.",
    ),
    (
        "annex.version-refused",
        "De school heeft een versie van de privacybijsluiter geweigerd.",
        "The school refused a version of the privacy annex.",
    ),
    (
        "annex.service-accepted",
        "De school heeft een optionele dienst aangezet.",
        "The school enabled an optional service.",
    ),
    (
        "annex.service-withdrawn",
        "De school heeft een optionele dienst uitgezet.",
        "The school withdrew an optional service.",
    ),
    (
        "annex.council-consented",
        "De instemming van de medezeggenschapsraad is vastgelegd.",
        "The consent of the participation council was recorded.",
    ),
    (
        "annex.council-withdrew",
        "De instemming van de medezeggenschapsraad is vervallen.",
        "The consent of the participation council lapsed.",
    ),
    (
        "annex.basis-stated",
        "De school heeft haar grondslag vermeld.",
        "The school stated its legal basis.",
    ),
];

const GATE: Rows = &[
    (
        "gate.fields-rejected",
        "Velden die de bijsluiter niet aankruist, zijn geweigerd en geteld.",
        "Fields that the annex does not tick were refused and counted.",
    ),
    (
        "gate.processing-refused",
        "Een verwerking buiten de bijsluiter is geweigerd.",
        "Processing outside the annex was refused.",
    ),
];

const SURVEY: Rows = &[
    ("survey.defined", "Een vragenlijst is opgesteld.", "A survey was defined."),
    ("survey.round-opened", "Een afname is geopend.", "A round was opened."),
    (
        "survey.response-submitted",
        "Er is onder een pseudoniem geantwoord.",
        "A response was submitted under a pseudonym.",
    ),
    (
        "survey.respondent-linked",
        "Een pseudoniem is aan een persoon gekoppeld.",
        "A pseudonym was linked to a person.",
    ),
    (
        "survey.codes-issued",
        "Codes om te antwoorden zijn uitgegeven.",
        "Codes to answer with were given out.",
    ),
    ("survey.guests-invited", "Genodigden zijn opgetekend.", "Guests were invited."),
    (
        "survey.answers-marked",
        "Vastgelegd is wie antwoordden, los van de antwoorden.",
        "It was recorded who answered, apart from the answers.",
    ),
    (
        "survey.reminders-listed",
        "Opgetekend is wie een herinnering krijgt.",
        "It was recorded who is reminded.",
    ),
    ("survey.round-closed", "Een afname is gesloten.", "A round was closed."),
    ("discover.published", "Een analyse is gepubliceerd.", "An analysis was published."),
];

const IMPORT: Rows = &[
    ("import.started", "Een import is begonnen.", "An import began."),
    ("import.completed", "Een import is voltooid.", "An import was completed."),
    ("import.abandoned", "Een import is afgebroken.", "An import was abandoned."),
];

const OBSERVE: Rows = &[
    ("observe.instrument", "Een kijkwijzer is gepubliceerd.", "An instrument was published."),
    (
        "observe.instrument-ended",
        "Een kijkwijzer is buiten gebruik gesteld.",
        "An instrument was taken out of use.",
    ),
    ("observe.planned", "Een lesobservatie is gepland.", "An observation was planned."),
    ("observe.recorded", "Een lesobservatie is vastgelegd.", "An observation was recorded."),
    (
        "observe.self-evaluation",
        "De leraar heeft de eigen les beoordeeld.",
        "The teacher evaluated the own lesson.",
    ),
    ("observe.shared", "Een lesobservatie is gedeeld.", "An observation was shared."),
    ("observe.corrected", "Een lesobservatie is gecorrigeerd.", "An observation was corrected."),
    (
        "observe.teacher-remark",
        "De leraar heeft een opmerking toegevoegd.",
        "The teacher added a remark.",
    ),
    (
        "observe.observer-remark",
        "De observator heeft een opmerking toegevoegd.",
        "The observer added a remark.",
    ),
    ("observe.seen", "De leraar heeft voor gezien getekend.", "The teacher marked it as seen."),
    ("observe.withdrawn", "Een lesobservatie is ingetrokken.", "An observation was withdrawn."),
];

const BREACH: Rows = &[
    ("breach.incident-reported", "Een incident is gemeld.", "An incident was reported."),
    ("breach.noted", "Bij het incident is meer verteld.", "More was told about the incident."),
    ("breach.classified", "Het incident is beoordeeld.", "The incident was classified."),
    (
        "breach.confirmed",
        "Vastgesteld is dat het een datalek is.",
        "It was confirmed as a data breach.",
    ),
    (
        "breach.scope-frozen",
        "De omvang van het datalek is vastgelegd.",
        "The scope of the breach was frozen.",
    ),
    (
        "breach.people-concerned",
        "Betrokkenen van het datalek zijn opgetekend.",
        "People concerned by the breach were listed.",
    ),
    (
        "breach.notice-stated",
        "Een versie van de melding aan de school is opgesteld.",
        "A version of the notice to the school was stated.",
    ),
    ("breach.school-notified", "De school is ingelicht.", "The school was notified."),
    (
        "breach.school-aware",
        "Vastgelegd is sinds wanneer de school het weet.",
        "It was recorded since when the school knew.",
    ),
    (
        "breach.followed-up",
        "De school is over de nieuwe feiten ingelicht.",
        "The school was told what became known since.",
    ),
    (
        "breach.authority-notified",
        "De school heeft bij de Autoriteit Persoonsgegevens gemeld.",
        "The school reported to the authority.",
    ),
    (
        "breach.not-to-authority",
        "De school heeft besloten niet bij de autoriteit te melden, met reden.",
        "The school decided not to report to the authority, with reasons.",
    ),
    (
        "breach.people-informed",
        "De betrokkenen zijn ingelicht.",
        "The people concerned were informed.",
    ),
    (
        "breach.not-to-people",
        "De school heeft besloten de betrokkenen niet in te lichten, met reden.",
        "The school decided not to inform the people concerned, with reasons.",
    ),
    (
        "breach.costs-agreed",
        "Afgesproken is wie de kosten draagt.",
        "It was agreed who bears the costs.",
    ),
    ("breach.lesson-recorded", "Een les is vastgelegd.", "A lesson was recorded."),
    (
        "breach.withdrawn",
        "Wat een datalek heette, bleek er geen te zijn.",
        "What was confirmed as a breach is none.",
    ),
    ("breach.closed", "Het incident is gesloten.", "The incident was closed."),
    ("breach.reopened", "Het incident is heropend.", "The incident was reopened."),
];

const REQUEST: Rows = &[
    (
        "request.received",
        "Een verzoek van een betrokkene is ontvangen.",
        "A request of a data subject was received.",
    ),
    (
        "request.forwarded",
        "Het verzoek is aan de school doorgestuurd.",
        "The request was forwarded to the school.",
    ),
    (
        "request.identity-checked",
        "Vastgesteld is wie het verzoek doet.",
        "It was made sure who makes the request.",
    ),
    (
        "request.extended",
        "De termijn van het verzoek is verlengd.",
        "The term of the request was extended.",
    ),
    ("request.advice-given", "De FG heeft geadviseerd.", "The FG gave advice."),
    (
        "request.decision-proposed",
        "Een besluit op het verzoek is voorgesteld.",
        "A decision on the request was proposed.",
    ),
    (
        "request.decision-approved",
        "Een ander heeft het besluit goedgekeurd.",
        "Another person approved the decision.",
    ),
    ("request.carried-out", "Het besluit is uitgevoerd.", "The decision was carried out."),
    (
        "request.package-handed-over",
        "De gegevens zijn aan de betrokkene verstrekt.",
        "The data were handed over to the data subject.",
    ),
    ("request.closed", "Het verzoek is afgesloten.", "The request was closed."),
    ("retention.term-stated", "Een bewaartermijn is vastgelegd.", "A retention term was stated."),
    (
        "retention.run-proposed",
        "Voorgesteld is te wissen waarvan de termijn om is.",
        "It was proposed to erase what is over its term.",
    ),
    (
        "retention.run-approved",
        "Het wissen na de termijn is goedgekeurd.",
        "Erasing after the term was approved.",
    ),
    (
        "retention.run-carried-out",
        "Wat over zijn termijn was, is gewist.",
        "What was over its term was erased.",
    ),
];

const SYNC: Rows = &[
    ("sync.coupling-on", "Een koppeling is aangezet.", "A coupling was switched on."),
    (
        "sync.coupling-off",
        "Een koppeling is uitgezet; haar contactgegevens zijn gewist.",
        "A coupling was switched off; its contact data were wiped.",
    ),
    ("sync.started", "Een synchronisatie is begonnen.", "A synchronisation began."),
    (
        "sync.contact-delivered",
        "De koppeling leverde contactgegevens van een medewerker.",
        "The coupling delivered contact data of a member of staff.",
    ),
    (
        "sync.download-completed",
        "Alles is opgehaald; nog niets is vervangen.",
        "Everything was downloaded; nothing was replaced yet.",
    ),
    (
        "sync.contacts-replaced",
        "De contactgegevens zijn in één stap vervangen.",
        "The contact data were replaced in one step.",
    ),
    (
        "sync.held",
        "De synchronisatie wacht op een besluit; er is niets veranderd.",
        "The synchronisation waits for a decision; nothing changed.",
    ),
    (
        "sync.rejected",
        "De opgehaalde gegevens zijn afgewezen en gewist.",
        "The download was rejected and wiped.",
    ),
    (
        "sync.failed",
        "De synchronisatie is mislukt; er is niets veranderd.",
        "The synchronisation failed; nothing changed.",
    ),
    (
        "sync.people-missed",
        "Medewerkers ontbraken en zijn geschorst tot iemand besluit.",
        "Members of staff were missing, and are suspended until somebody decides.",
    ),
    (
        "sync.people-returned",
        "Medewerkers die ontbraken, zijn er weer.",
        "Members of staff who were missing are back.",
    ),
    (
        "sync.missing-decided",
        "Over iemand die ontbrak, is besloten.",
        "It was decided about somebody who was missing.",
    ),
];

const ERASURE: Rows = &[
    ("erasure.ordered", "Om wissing is verzocht.", "An erasure was ordered."),
    ("erasure.approved", "De wissing is goedgekeurd.", "The erasure was approved."),
    (
        "erasure.fenced",
        "Vastgelegd en openbaar is welke sleutels verdwijnen.",
        "It was fixed in public which keys will be destroyed.",
    ),
    ("erasure.keys-destroyed", "De sleutels zijn vernietigd.", "The keys were destroyed."),
    ("erasure.completed", "De wissing is voltooid.", "The erasure was completed."),
    (
        "erasure.parts-purged",
        "Onleesbaar geworden gegevens zijn uit de opslag verwijderd.",
        "Data that could no longer be read were removed from storage.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_one_sentence_in_each_language() {
        let catalogue = events::catalogue();
        for entry in &catalogue {
            assert!(sentence(entry.event).is_some(), "`{}` has no sentence", entry.event);
        }
        let mut told: Vec<_> =
            SENTENCES.iter().copied().flatten().map(|(_, nl, en)| (nl, en)).collect();
        let all = told.len();
        told.sort_unstable();
        told.dedup();
        assert_eq!(told.len(), all, "two events say the same");
    }

    #[test]
    fn every_sentence_is_of_an_event_that_exists() {
        let catalogue = events::catalogue();
        for (name, nl, en) in SENTENCES.iter().copied().flatten() {
            let sealed = catalogue.iter().any(|entry| entry.event == *name);
            assert!(sealed || record::public::PublicPart::is_public_name(name), "{name}");
            assert!(nl.ends_with('.') && en.ends_with('.'), "{name}");
        }
    }
}
