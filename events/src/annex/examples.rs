//! An example of a real annex: two versions of one platform of an invented processor.
//!
//! The ticks are those of a published annex of such a platform (ELOO-B1-C to H1 in
//! docs/obligations.md), in our own words and with invented names. As printed, its version 5 lists
//! the filled-in questionnaires of pupils and leaves their box open, so that their answers are
//! refused; version 6 ticks it and changes nothing else.

use super::{
    Contents, Coupling, FieldId, FieldTick, General, Location, Module, Necessity, Purpose,
    RetentionAction, RetentionRule, RetentionTrigger, Sector, Service, SubjectKind, Subprocessor,
    Supply,
};

/// The modules of the example that hold questionnaires.
const QUESTIONNAIRES: [Module; 4] =
    [Module::Observation, Module::Development, Module::Surveys, Module::Schoolscan];
/// The only modules that hold data of pupils and parents.
const SURVEYS: [Module; 2] = [Module::Surveys, Module::Schoolscan];
/// Fields of staff that a coupling may bring.
const STAFF_CONTACT: [FieldId; 4] =
    [FieldId::GivenName, FieldId::Initials, FieldId::Surname, FieldId::SchoolEmail];

/// Version 5, of 1 February 2025: answers of pupils are not ticked.
#[must_use]
pub fn version_5() -> Contents {
    Contents {
        general: general(),
        services: services(),
        purposes: vec![purpose()],
        fields: [staff(), pupils(), parents()].concat(),
        retention: retention(),
        locations: vec![Location {
            service: None,
            place: "Amsterdam".into(),
            country: "NL".into(),
        }],
        transfers: Vec::new(),
        subprocessors: vec![host()],
        couplings: couplings(),
        security: "De gegevens zijn versleuteld opgeslagen met sleutels die de hostingpartij niet \
                   heeft; de volledige verklaring staat in bijlage 2."
            .into(),
    }
}

/// Version 6, of 1 October 2026: as version 5, with answers of pupils ticked.
#[must_use]
pub fn version_6() -> Contents {
    let mut contents = version_5();
    let answers = contents
        .fields
        .iter_mut()
        .filter(|tick| tick.kind == SubjectKind::Pupil && tick.field == FieldId::Answers);
    answers.for_each(|tick| tick.ticked = true);
    contents
}

fn general() -> General {
    General {
        product: "Lesvenster".into(),
        explanation: "Platform voor feedback op lessen en functioneren, een gesprekscyclus, \
                      (tevredenheids)onderzoeken, en het analyseren en vergelijken van de resultaten."
            .into(),
        supplier_url: "https://lesvenster.example".into(),
        product_url: "https://mijn.lesvenster.example".into(),
        sectors: Sector::ALL.to_vec(),
        users: SubjectKind::ALL.to_vec(),
        supply: Supply::LearningMaterial,
    }
}

fn services() -> Vec<Service> {
    let inseparable = |id: &str, description: &str, processing: &str| Service {
        id: id.into(),
        description: description.into(),
        processing: processing.into(),
        necessity: Necessity::Inseparable,
        modules: QUESTIONNAIRES.to_vec(),
    };
    vec![
        inseparable(
            "resultaten",
            "Resultaten digitaal vastleggen, bekijken en wijzigen",
            "Medewerkers met een rol en rechten bekijken en analyseren resultaten",
        ),
        inseparable(
            "vragenlijsten",
            "Vragenlijsten digitaal versturen en invullen",
            "Medewerkers met een rol en rechten versturen vragenlijsten en vullen ze in",
        ),
        inseparable(
            "opslag",
            "Resultaten en documenten opslaan en analyseren",
            "Vragenlijsten en resultaten blijven bewaard om ze later te analyseren",
        ),
        inseparable(
            "rapportages",
            "Rapportages downloaden en resultaten exporteren",
            "Medewerkers met een rol en rechten exporteren als pdf of rekenblad",
        ),
        Service {
            id: "koppeling".into(),
            description: "Koppeling met een leerlingvolg- of personeelssysteem".into(),
            processing: "Contactgegevens van medewerkers wekelijks overnemen".into(),
            necessity: Necessity::Optional,
            modules: vec![Module::Coupling],
        },
    ]
}

fn purpose() -> Purpose {
    Purpose {
        id: "feedback-en-onderzoek".into(),
        text: "Lesobservaties invoeren, feedback geven en krijgen, gespreksformulieren en \
               (tevredenheids)onderzoeken uitzetten bij leerlingen, ouders en medewerkers; de \
               resultaten bekijken, invullen, opslaan, analyseren en exporteren."
            .into(),
        modules: [&QUESTIONNAIRES[..], &[Module::Coupling]].concat(),
    }
}

fn tick(kind: SubjectKind, modules: &[Module], field: FieldId, ticked: bool) -> FieldTick {
    FieldTick { kind, modules: modules.to_vec(), field, ticked, law: None, note: None }
}

fn staff() -> Vec<FieldTick> {
    let everywhere = [&QUESTIONNAIRES[..], &[Module::Coupling]].concat();
    let of = |modules: &[Module], field, ticked| tick(SubjectKind::Staff, modules, field, ticked);
    let contact = STAFF_CONTACT.map(|field| of(&everywhere, field, true));
    let others =
        [of(&everywhere, FieldId::Gender, false), of(&everywhere, FieldId::ActivityImages, false)];
    let named = [FieldId::LoginName, FieldId::Password, FieldId::Session, FieldId::Answers]
        .map(|field| of(&QUESTIONNAIRES, field, true));
    let followed = [FieldId::Observations, FieldId::Remarks].map(|field| FieldTick {
        note: Some("een ingevuld observatieformulier is een ingevulde vragenlijst".into()),
        ..of(&[Module::Observation, Module::Development], field, true)
    });
    contact.into_iter().chain(others).chain(named).chain(followed).collect()
}

fn pupils() -> Vec<FieldTick> {
    let of = |field, ticked| tick(SubjectKind::Pupil, &SURVEYS, field, ticked);
    let to_log_in =
        |field, ticked| FieldTick { note: Some("om in te loggen".into()), ..of(field, ticked) };
    vec![
        of(FieldId::GivenName, true),
        of(FieldId::Initials, false),
        of(FieldId::Surname, true),
        of(FieldId::Gender, false),
        of(FieldId::Address, false),
        of(FieldId::PostalCode, false),
        of(FieldId::Town, false),
        of(FieldId::Phone, false),
        of(FieldId::PrivateEmail, false),
        of(FieldId::SchoolEmail, true),
        of(FieldId::Bsn, false),
        to_log_in(FieldId::PupilNumber, false),
        of(FieldId::Nationality, false),
        to_log_in(FieldId::BirthDate, true),
        of(FieldId::BirthPlace, false),
        of(FieldId::Finance, false),
        of(FieldId::Health, false),
        of(FieldId::Religion, false),
        of(FieldId::Answers, false),
    ]
}

fn parents() -> Vec<FieldTick> {
    let of = |field, ticked| tick(SubjectKind::Parent, &SURVEYS, field, ticked);
    vec![
        of(FieldId::GivenName, true),
        of(FieldId::Initials, false),
        of(FieldId::Surname, true),
        of(FieldId::Gender, false),
        of(FieldId::Address, false),
        of(FieldId::PostalCode, false),
        of(FieldId::Town, false),
        of(FieldId::Phone, false),
        of(FieldId::PrivateEmail, true),
        of(FieldId::Finance, false),
        of(FieldId::Answers, true),
    ]
}

fn retention() -> Vec<RetentionRule> {
    let rule = |scope: &str, rule: &str, trigger, action| RetentionRule {
        scope: scope.into(),
        rule: rule.into(),
        trigger,
        period: None,
        action,
    };
    vec![
        rule(
            "contactgegevens uit een koppeling",
            "Elke zondag worden zij gewist en opnieuw overgenomen",
            RetentionTrigger::WeeklySync,
            RetentionAction::Erase,
        ),
        rule(
            "contactgegevens uit een koppeling",
            "Gaat de koppeling uit, dan worden zij gewist en niet opnieuw overgenomen",
            RetentionTrigger::CouplingOff,
            RetentionAction::Erase,
        ),
        rule(
            "resultaten en vragenlijsten",
            "De school kan ze zelf uit het platform halen",
            RetentionTrigger::SchoolAsks,
            RetentionAction::Return,
        ),
        rule(
            "resultaten",
            "Na de licentie blijven zij zonder contactgegevens, niet herleidbaar, voor de benchmark",
            RetentionTrigger::LicenceEnd,
            RetentionAction::Anonymise,
        ),
    ]
}

fn host() -> Subprocessor {
    Subprocessor {
        name: "Polder Hosting".into(),
        task: "Versleutelde gegevens opslaan en verwerken".into(),
        categories: "Alle gegevens van deze bijlage".into(),
        storage_country: "NL".into(),
        seat_country: "US".into(),
        parent_country: None,
        safeguard: Some(
            "EU-US Data Privacy Framework; zonder de sleutel van de verwerker kan de hostingpartij \
             niets inzien of verplaatsen"
                .into(),
        ),
    }
}

fn couplings() -> Vec<Coupling> {
    let coupling = |system: &str| Coupling {
        system: system.into(),
        frequency: "wekelijks, op zondag".into(),
        subject: SubjectKind::Staff,
        fields: STAFF_CONTACT.to_vec(),
    };
    ["Magister", "Somtoday", "AFAS", "ParnasSys"].map(coupling).into()
}
