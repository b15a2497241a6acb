//! Every encoded field has exactly one entry, and the entries say what the parts show.

use std::collections::BTreeSet;
use std::fmt::Debug;

use record::Addressee;

use super::samples;
use crate::catalogue::{CATALOGUE, Retention};
use crate::{Event, category, import, people, survey};

type Field = (String, u16, String);

fn fields(name: &str, version: u16, prefix: &str, fields: &[&str]) -> Vec<Field> {
    fields.iter().map(|field| (name.to_owned(), version, format!("{prefix}{field}"))).collect()
}

/// Field names of a structure, from the first level of its pretty `Debug`.
fn shown_fields(value: &dyn Debug) -> Vec<String> {
    let text = format!("{value:#?}");
    let lines = text.lines().filter_map(|line| line.strip_prefix("    "));
    let lines = lines.filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()));
    lines.filter_map(|line| line.split_once(':')).map(|(field, _)| field.to_owned()).collect()
}

/// The structure inside the two levels of an event, as its `Debug`.
fn public_fields(event: &Event) -> Option<Vec<String>> {
    use record::public::PublicPart as P;
    Some(match event.public_part()? {
        P::InstallationStarted(part) => shown_fields(&part),
        P::TenantRegistered(part) => shown_fields(&part),
        P::TenantWitnessed(part) => shown_fields(&part),
        P::TenantClosing(part) => shown_fields(&part),
        P::TenantStarted(part) => shown_fields(&part),
        P::ErasureOrdered(part) => shown_fields(&part),
        P::ErasureApproved(part) => shown_fields(&part),
        P::ErasureFenced(part) => shown_fields(&part),
        P::KeysDestroyed(part) => shown_fields(&part),
        P::ErasureCompleted(part) => shown_fields(&part),
        P::PartsPurged(part) => shown_fields(&part),
        P::RestoreDeclared(part) => shown_fields(&part),
    })
}

fn encoded_fields() -> Vec<Field> {
    let mut all = Vec::new();
    for sample in samples::all() {
        let found = public_fields(&sample.event).or_else(|| publication_fields(&sample.event));
        let found = found.unwrap_or_default();
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        all.extend(fields(sample.name, sample.version, "", &found));
    }
    all.extend(sealed_fields());
    all
}

fn publication_fields(event: &Event) -> Option<Vec<String>> {
    match event {
        Event::Discover(crate::DiscoverEvent::AnalysisPublished(event)) => {
            Some(shown_fields(&event.publication))
        }
        _ => None,
    }
}

fn sealed_fields() -> Vec<Field> {
    use import::{ImportEndedFacts, ImportSecret, ImportStartedFacts};
    use people::{Identity, PersonRegisteredFacts};
    use survey::*;
    let response = "survey.response-submitted";
    [
        fields("people.person-registered", 1, "", PersonRegisteredFacts::FIELDS),
        fields("people.person-registered", 1, "person.", Identity::FIELDS),
        fields("survey.defined", 1, "", SurveyDefinedFacts::FIELDS),
        fields("survey.defined", 1, "questions.", Question::FIELDS),
        fields("survey.round-opened", 1, "", RoundOpenedFacts::FIELDS),
        fields(response, 1, "", ResponseSubmittedFactsV1::FIELDS),
        fields(response, 1, "response.", Response::FIELDS),
        fields(response, 2, "", ResponseSubmittedFacts::FIELDS),
        fields(response, 2, "response.", Response::FIELDS),
        fields("survey.respondent-linked", 1, "", RespondentLinkedFacts::FIELDS),
        fields("survey.respondent-linked", 1, "link.", LinkPart::FIELDS),
        fields("survey.round-closed", 1, "", RoundClosedFacts::FIELDS),
        fields("import.started", 1, "", ImportStartedFacts::FIELDS),
        fields("import.started", 1, "identities.", ImportSecret::FIELDS),
        fields("import.completed", 1, "", ImportEndedFacts::FIELDS),
        fields("import.abandoned", 1, "", ImportEndedFacts::FIELDS),
    ]
    .concat()
}

#[test]
fn each_encoded_field_has_exactly_one_entry() {
    let mut encoded = encoded_fields();
    let entries = CATALOGUE.iter();
    let mut listed: Vec<Field> = entries
        .map(|entry| (entry.event.to_owned(), entry.version, entry.field.to_owned()))
        .collect();
    encoded.sort();
    listed.sort();
    assert_eq!(encoded, listed);
}

#[test]
fn no_event_version_is_without_fields() {
    let listed: BTreeSet<(&str, u16)> =
        CATALOGUE.iter().map(|entry| (entry.event, entry.version)).collect();
    let written: BTreeSet<(&str, u16)> =
        samples::all().iter().map(|sample| (sample.name, sample.version)).collect();
    assert_eq!(listed, written);
}

#[test]
fn categories_and_personal_data_agree_with_the_parts() {
    for sample in samples::all() {
        let of_event = |entry: &&crate::catalogue::Entry| {
            entry.event == sample.name && entry.version == sample.version
        };
        let listed: BTreeSet<u16> = CATALOGUE
            .iter()
            .filter(of_event)
            .filter_map(|entry| entry.category.map(|category| category.0))
            .collect();
        let sealed: BTreeSet<u16> = sample
            .parts
            .iter()
            .filter_map(|part| match part.to {
                Addressee::Person(label) => Some(label.category.0),
                Addressee::Public | Addressee::Facts => None,
            })
            .collect();
        assert_eq!(listed, sealed, "{}", sample.name);
        for entry in CATALOGUE.iter().filter(of_event) {
            assert_eq!(entry.personal, entry.category.is_some(), "{}", entry.field);
            let in_clear = matches!(sample.parts[0].to, Addressee::Public);
            assert_eq!(entry.retention == Retention::Record, in_clear, "{}", entry.field);
            assert!(!entry.purpose.is_empty());
        }
    }
}

#[test]
fn what_stands_alone_and_for_which_subject() {
    let alone: Vec<u16> = samples::all()
        .iter()
        .flat_map(|sample| &sample.parts)
        .filter_map(|part| match part.to {
            Addressee::Person(label) if label.alone => Some(label.category.0),
            _ => None,
        })
        .collect();
    assert_eq!(alone, [category::LINK.0, category::IMPORT_SECRET.0]);
}

#[test]
fn names_are_short_and_allowed() {
    for sample in samples::all() {
        assert!(sample.name.len() <= 27, "{}", sample.name);
        assert_eq!(sample.event.kind().name(), sample.name);
    }
}
