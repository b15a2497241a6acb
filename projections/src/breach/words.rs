//! The closed lists of incidents and breaches, in English and Dutch.

use events::breach::*;
use schemars::JsonSchema;
use serde::Serialize;

/// The same in two languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Words {
    /// In English.
    pub english: &'static str,
    /// In Dutch.
    pub dutch: &'static str,
}

/// How what is missing is marked.
pub const NOT_YET_KNOWN: Words = words("not yet known", "nog niet bekend");

pub(super) const fn words(english: &'static str, dutch: &'static str) -> Words {
    Words { english, dutch }
}

macro_rules! listed {
    ($( $name:ident($type:ty) { $( $value:pat => $english:literal, $dutch:literal; )+ } )+) => {
        $(
            pub(super) const fn $name(value: $type) -> Words {
                match value {
                    $( $value => words($english, $dutch), )+
                }
            }
        )+
    };
}

listed! {
    kind(IncidentKind) {
        IncidentKind::Misaddressed => "message to a wrong address", "bericht naar verkeerd adres";
        IncidentKind::Lost => "device, data carrier or paper lost or stolen",
            "apparaat, gegevensdrager of papier kwijt of gestolen";
        IncidentKind::Unauthorised => "unauthorised access", "onbevoegde toegang";
        IncidentKind::Published => "published by mistake", "per ongeluk gepubliceerd";
        IncidentKind::Malware => "malware", "schadelijke software";
        IncidentKind::Unavailable => "unavailable or destroyed", "onbereikbaar of vernietigd";
        IncidentKind::Other => "other", "anders";
    }
    detected_by(DetectedBy) {
        DetectedBy::Staff => "the school", "de school";
        DetectedBy::System => "the system", "het systeem";
        DetectedBy::Processor => "the processor", "de verwerker";
        DetectedBy::Subprocessor => "a subprocessor", "een subverwerker";
        DetectedBy::Outsider => "somebody from outside", "iemand van buiten";
    }
    severity(Severity) {
        Severity::Low => "low", "laag";
        Severity::Medium => "medium", "gemiddeld";
        Severity::High => "high", "hoog";
    }
    risk(Risk) {
        Risk::Unlikely => "a risk is unlikely", "een risico is onwaarschijnlijk";
        Risk::Present => "a risk", "een risico";
        Risk::High => "probably a high risk", "waarschijnlijk een hoog risico";
    }
    involved(Involved) {
        Involved::Yes => "personal data are involved", "er zijn persoonsgegevens bij betrokken";
        Involved::No => "no personal data", "geen persoonsgegevens";
        Involved::NotYetKnown => "not yet known", "nog niet bekend";
    }
    protection(Protection) {
        Protection::None => "readable", "leesbaar";
        Protection::Partly => "partly unintelligible", "deels onbegrijpelijk gemaakt";
        Protection::Full => "unintelligible (encrypted, hashed or the like)",
            "onbegrijpelijk gemaakt (versleuteld, gehasht of iets dergelijks)";
    }
    group(Group) {
        Group::Pupils => "pupils", "leerlingen";
        Group::Parents => "parents and guardians", "ouders en verzorgers";
        Group::Staff => "staff", "medewerkers";
        Group::Respondents => "respondents under a pseudonym", "respondenten onder pseudoniem";
        Group::Others => "others", "anderen";
    }
    data_kind(DataKind) {
        DataKind::Contact => "names and addresses", "namen en adressen";
        DataKind::Credentials => "credentials and identifiers", "toegangs- of identificatiegegevens";
        DataKind::Results => "results of learning", "leerprestaties";
        DataKind::Answers => "answers to questions", "antwoorden op vragen";
        DataKind::Financial => "financial data", "financiële gegevens";
        DataKind::Health => "health", "gezondheid";
        DataKind::Religion => "religion or belief", "godsdienst of levensovertuiging";
        DataKind::OtherSpecial => "another special category", "een andere bijzondere categorie";
        DataKind::NationalId => "citizen service number or passport", "BSN of paspoort";
        DataKind::Other => "other", "anders";
    }
    source(Source) {
        Source::Query => "computed", "berekend";
        Source::Stated => "stated by hand", "met de hand opgegeven";
    }
    means(Means) {
        Means::Email => "e-mail", "e-mail";
        Means::Telephone => "telephone", "telefoon";
        Means::Here => "in Zegel", "in Zegel";
        Means::Letter => "letter", "brief";
        Means::InPerson => "face to face", "persoonlijk";
        Means::PublicNotice => "public notice", "openbare mededeling";
    }
    not_informed(NotInformedBecause) {
        NotInformedBecause::NoHighRisk => "the risk is probably not high (GDPR art. 34(1))",
            "het risico is waarschijnlijk niet hoog (AVG art. 34 lid 1)";
        NotInformedBecause::Unintelligible => "the data are unintelligible (GDPR art. 34(3)(a))",
            "de gegevens zijn onbegrijpelijk (AVG art. 34 lid 3 onder a)";
        NotInformedBecause::MeasuresTaken => "measures were taken since (GDPR art. 34(3)(b))",
            "er zijn achteraf maatregelen genomen (AVG art. 34 lid 3 onder b)";
        NotInformedBecause::Disproportionate => "a public notice was given (GDPR art. 34(3)(c))",
            "er is een openbare mededeling gedaan (AVG art. 34 lid 3 onder c)";
    }
    outcome(Outcome) {
        Outcome::NoBreach => "no data breach", "geen datalek";
        Outcome::Breach => "data breach", "datalek";
    }
}

/// Whether a kind of data is a special category or as sensitive.
pub(super) const fn is_special(kind: DataKind) -> bool {
    matches!(
        kind,
        DataKind::Health | DataKind::Religion | DataKind::OtherSpecial | DataKind::NationalId
    )
}

pub(super) fn done(done: &DoneToData) -> Vec<Words> {
    let all = [
        (done.read, words("read", "gelezen")),
        (done.copied, words("copied", "gekopieerd")),
        (done.changed, words("changed", "veranderd")),
        (done.deleted, words("deleted or destroyed", "verwijderd of vernietigd")),
        (done.stolen, words("stolen", "gestolen")),
    ];
    all.into_iter().filter_map(|(holds, words)| holds.then_some(words)).collect()
}

pub(super) fn broken(broken: &Broken) -> Vec<Words> {
    let all = [
        (broken.confidentiality, words("confidentiality", "vertrouwelijkheid")),
        (broken.integrity, words("integrity", "integriteit")),
        (broken.availability, words("availability", "beschikbaarheid")),
    ];
    all.into_iter().filter_map(|(holds, words)| holds.then_some(words)).collect()
}
