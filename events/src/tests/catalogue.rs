//! Every encoded field has exactly one entry, and the entries say what the parts show.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Debug, Write as _};
use std::path::Path;

use record::Addressee;

use crate::catalogue::{Entry, Retention};
use crate::samples;
use crate::{Event, catalogue, category};

type Field = (String, String);

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

/// Sealed events cannot be declared without what the catalogue says of them; public ones can.
#[test]
fn each_public_field_has_exactly_one_entry() {
    let mut encoded: Vec<Field> = samples::all()
        .iter()
        .flat_map(|sample| {
            let fields = public_fields(&sample.event).unwrap_or_default().into_iter();
            fields.map(|field| (sample.name.to_owned(), field))
        })
        .collect();
    let public = catalogue().into_iter().filter(|entry| entry.retention == Retention::Record);
    let mut listed: Vec<Field> =
        public.map(|entry| (entry.event.to_owned(), entry.field.into_owned())).collect();
    encoded.sort();
    listed.sort();
    assert_eq!(encoded, listed);
}

#[test]
fn no_field_is_listed_twice() {
    let entries = catalogue();
    let fields: BTreeSet<_> =
        entries.iter().map(|entry| (entry.event, entry.version, &entry.field)).collect();
    assert_eq!(fields.len(), entries.len());
}

#[test]
fn no_event_version_is_without_fields() {
    let listed: BTreeSet<(&str, u16)> =
        catalogue().iter().map(|entry| (entry.event, entry.version)).collect();
    let written: BTreeSet<(&str, u16)> =
        samples::all().iter().map(|sample| (sample.name, sample.version)).collect();
    assert_eq!(listed, written);
}

#[test]
fn categories_and_personal_data_agree_with_the_parts() {
    for sample in samples::all() {
        let of_event =
            |entry: &&Entry| entry.event == sample.name && entry.version == sample.version;
        let listed: BTreeSet<u16> = catalogue()
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
        for entry in catalogue().iter().filter(of_event) {
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

/// `docs/format/catalogue/` is written from the declarations: `ZEGEL_WRITE_CATALOGUE=1` writes it.
#[test]
fn the_documents_say_what_is_declared() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/format/catalogue");
    let written = tables();
    if std::env::var_os("ZEGEL_WRITE_CATALOGUE").is_some() {
        for (capability, text) in &written {
            std::fs::write(directory.join(format!("{capability}.md")), text).unwrap();
        }
    }
    for (capability, text) in &written {
        let path = directory.join(format!("{capability}.md"));
        let found = std::fs::read_to_string(path).unwrap_or_default();
        assert!(found == *text, "{capability}: set ZEGEL_WRITE_CATALOGUE=1 to write it anew");
    }
    assert_eq!(std::fs::read_dir(directory).unwrap().count(), written.len());
}

/// One document for each capability.
fn tables() -> BTreeMap<String, String> {
    let mut documents: BTreeMap<String, String> = BTreeMap::new();
    let mut last = ("", 0);
    for entry in catalogue().iter().filter(|entry| entry.r#type.is_some()) {
        let capability = entry.event.split('.').next().unwrap();
        let head = format!(
            "# Events of `{capability}`\n\nHow to read this: [catalogue](../catalogue.md).\n"
        );
        let text = documents.entry(capability.to_owned()).or_insert(head);
        if last != (entry.event, entry.version) {
            last = (entry.event, entry.version);
            write!(text, "\n## `{}` version {}\n\n", entry.event, entry.version).unwrap();
            text.push_str("| part | field | type | kept for | until |\n");
            text.push_str("| --- | --- | --- | --- | --- |\n");
        }
        let part = match entry.category {
            None => "facts".to_owned(),
            Some(category) => format!("person, category {}", category.0),
        };
        let kind = entry.r#type.unwrap_or_default().replace('|', "or");
        let (field, purpose, until) = (&entry.field, entry.purpose, until(entry.retention));
        writeln!(text, "| {part} | {field} | `{kind}` | {purpose} | {until} |").unwrap();
    }
    documents
}

const fn until(retention: Retention) -> &'static str {
    match retention {
        Retention::Record => "as long as the record",
        Retention::Tenant => "the tenant ends",
        Retention::Scope => "the person or the term is cut",
        Retention::AnswersScope => "the round's answers end",
        Retention::IdentityScope => "the round's identities end",
        Retention::Trail => "the year of the trail ends",
        Retention::Incident => "the incident's own term ends",
    }
}
