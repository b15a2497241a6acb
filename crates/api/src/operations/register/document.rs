//! A register as a document: the same tables for every form, each row with the product it is of.
//!
//! *Invariant:* as many tables for one annex as for fifty, so that no form runs out of them.

use projections::{
    ControllerRegister, GroundRow, KeptRow, PartyRow, ProcessorRegister, RetentionRow, SeatRow,
    SubprocessorRow, TransferRow,
};
use record::{JournalId, TimestampMicros};
use report::{Block, Cell, Column, Document, Kind, Language, Level, Moment, Section, Table};

use super::super::file::{say, utc};
use super::words::named;

/// What a document is about.
pub(super) struct About {
    pub(super) language: Language,
    pub(super) moment: TimestampMicros,
    pub(super) tenant: JournalId,
    /// The name of the board, if it was described.
    pub(super) board: Option<String>,
}

type Row = Vec<Cell>;

/// The register of the controller; nothing if its moment is none of the calendar.
pub(super) fn controller(about: &About, register: &ControllerRegister) -> Option<Document> {
    let language = about.language;
    let entries = &register.entries;
    let rows = entries
        .iter()
        .map(|entry| activity(about, &entry.ground, &entry.controller, &entry.processor));
    let purposes = entries.iter().flat_map(|entry| {
        entry.purposes.iter().map(|found| {
            let note = found.note.clone().unwrap_or_default();
            row(
                &entry.ground,
                [
                    found.text.clone(),
                    named(language, &found.modules),
                    found.basis.map_or_else(String::new, |basis| named(language, &[basis])),
                    note,
                ],
            )
        })
    });
    let data = entries.iter().flat_map(|entry| {
        entry.data.iter().map(|found| {
            let (kind, category) =
                (named(language, &[found.kind]), named(language, &[found.category]));
            row(&entry.ground, [kind, category, named(language, &found.fields)])
        })
    });
    let places = entries.iter().flat_map(|entry| {
        entry.locations.iter().map(|found| {
            let service = found.service.clone().unwrap_or_default();
            row(&entry.ground, [found.place.clone(), found.country.clone(), service])
        })
    });
    let security =
        entries.iter().map(|entry| row(&entry.ground, [entry.security.clone()])).collect();
    let sections = vec![
        activities(about, rows.collect()),
        table(about, PURPOSES, purposes.collect()),
        table(about, DATA, data.collect()),
        subprocessors(about, entries.iter().map(|entry| (&entry.ground, &entry.subprocessors))),
        table(about, PLACES, places.collect()),
        transfers(about, entries.iter().map(|entry| (&entry.ground, &entry.transfers))),
        seats(about, entries.iter().map(|entry| (&entry.ground, &entry.seats_outside))),
        terms(about, entries.iter().map(|entry| (&entry.ground, &entry.retention))),
        table(about, SECURITY, security),
        kept(about, &register.kept),
    ];
    let title = say(
        language,
        "Register van verwerkingsactiviteiten van de verwerkingsverantwoordelijke (AVG art. 30 lid 1)",
        "Record of processing activities of the controller (GDPR art. 30(1))",
    );
    let issuer = entries.first().map(|entry| entry.controller.name.clone());
    finished(about, title, issuer.or_else(|| about.board.clone()), sections)
}

/// The register of the processor; nothing if its moment is none of the calendar.
pub(super) fn processor(about: &About, register: &ProcessorRegister) -> Option<Document> {
    let language = about.language;
    let entries = &register.entries;
    let rows = entries
        .iter()
        .map(|entry| activity(about, &entry.ground, &entry.controller, &entry.processor));
    let services = entries.iter().flat_map(|entry| {
        entry.processing.iter().map(|found| {
            row(
                &entry.ground,
                [
                    found.description.clone(),
                    found.processing.clone(),
                    named(language, &[found.necessity]),
                    named(language, &found.modules),
                ],
            )
        })
    });
    let security =
        entries.iter().map(|entry| row(&entry.ground, [entry.security.clone()])).collect();
    let sections = vec![
        activities(about, rows.collect()),
        table(about, SERVICES, services.collect()),
        subprocessors(about, entries.iter().map(|entry| (&entry.ground, &entry.subprocessors))),
        transfers(about, entries.iter().map(|entry| (&entry.ground, &entry.transfers))),
        seats(about, entries.iter().map(|entry| (&entry.ground, &entry.seats_outside))),
        table(about, SECURITY, security),
        kept(about, &register.kept),
    ];
    let title = say(
        language,
        "Register van verwerkingsactiviteiten van de verwerker (AVG art. 30 lid 2)",
        "Record of processing activities of the processor (GDPR art. 30(2))",
    );
    let issuer = entries.first().map(|entry| entry.processor.name.clone());
    finished(about, title, issuer, sections)
}

/// The caption of a table and its columns behind the product, in Dutch and in English.
type Shape = ((&'static str, &'static str), &'static [(&'static str, &'static str)]);

const ACTIVITIES: Shape = (
    ("Verwerkingen", "Processing"),
    &[
        ("Datum van de bijlage", "Date of the annex"),
        ("Van", "From"),
        ("Tot", "Until"),
        ("Verwerkingsverantwoordelijke", "Controller"),
        ("Contact van de FG", "Contact of the FG"),
        ("Verwerker", "Processor"),
    ],
);
const PURPOSES: Shape = (
    ("Doeleinden", "Purposes"),
    &[
        ("Doel", "Purpose"),
        ("Modules", "Modules"),
        ("Grondslag", "Legal basis"),
        ("Toelichting", "Note"),
    ],
);
const DATA: Shape = (
    ("Betrokkenen en gegevens", "People and data"),
    &[("Betrokkenen", "People"), ("Categorie", "Category"), ("Gegevens", "Data")],
);
const SERVICES: Shape = (
    ("Diensten", "Services"),
    &[
        ("Dienst", "Service"),
        ("Verwerking", "Processing"),
        ("Keuze", "Choice"),
        ("Modules", "Modules"),
    ],
);
const SUBPROCESSORS: Shape = (
    ("Subverwerkers", "Subprocessors"),
    &[
        ("Naam", "Name"),
        ("Taak", "Task"),
        ("Gegevens", "Data"),
        ("Landen van opslag, zetel en moeder", "Countries of storage, seat and parent"),
        ("Waarborg", "Safeguard"),
    ],
);
const PLACES: Shape =
    (("Locaties", "Places"), &[("Plaats", "Place"), ("Land", "Country"), ("Dienst", "Service")]);
const TRANSFERS: Shape = (
    ("Doorgiften buiten de EER", "Transfers outside the EEA"),
    &[
        ("Land", "Country"),
        ("Doorgifte", "Transfer"),
        ("Waarborg", "Safeguard"),
        ("Kader", "Framework"),
        ("Aanvulling", "Added"),
    ],
);
const SEATS: Shape = (
    ("Zetels buiten de EER", "Seats outside the EEA"),
    &[
        ("Naam", "Name"),
        ("Landen van opslag, zetel en moeder", "Countries of storage, seat and parent"),
        ("Waarborg", "Safeguard"),
    ],
);
const TERMS: Shape = (
    ("Bewaartermijnen", "Terms"),
    &[
        ("Wat", "What"),
        ("Regel", "Rule"),
        ("Aanleiding", "Trigger"),
        ("Termijn", "Period"),
        ("Gevolg", "Action"),
    ],
);
const SECURITY: Shape = (("Beveiliging", "Security"), &[("Beschrijving", "Description")]);
const KEPT: Shape = (
    ("Wat het programma bewaart", "What the program keeps"),
    &[("Gebeurtenissen", "Events"), ("Waarvoor", "What for"), ("Tot", "Until")],
);

fn finished(
    about: &About,
    title: &str,
    issuer: Option<String>,
    sections: Vec<Section>,
) -> Option<Document> {
    let unnamed = say(about.language, "niet vastgelegd", "not recorded");
    Some(Document {
        title: title.to_owned(),
        language: about.language,
        subject: String::new(),
        issuer: issuer.unwrap_or_else(|| unnamed.to_owned()),
        made_at: Moment::parse(&utc(about.moment)?).ok()?,
        reference: about.tenant.to_string(),
        sections,
    })
}

fn activity(about: &About, ground: &GroundRow, controller: &PartyRow, processor: &PartyRow) -> Row {
    let day = |at: u64| {
        let moment = utc(TimestampMicros(at)).unwrap_or_default();
        moment.split('T').next().unwrap_or_default().to_owned()
    };
    let running = say(about.language, "zolang het contract loopt", "as long as the contract runs");
    row(
        ground,
        [
            ground.date.clone(),
            day(ground.starts),
            ground.ends.map_or_else(|| running.to_owned(), day),
            organisation(controller),
            controller.fg_contact.clone().unwrap_or_default(),
            organisation(processor),
        ],
    )
}

fn organisation(party: &PartyRow) -> String {
    let PartyRow { name, kvk, seat, contact, .. } = party;
    format!("{name}, {seat}, KvK {kvk}, {contact}")
}

/// A row of a table, with the product and the version of its annex in front.
fn row<const N: usize>(ground: &GroundRow, cells: [String; N]) -> Row {
    let product = format!("{} ({})", ground.product, ground.version);
    std::iter::once(product).chain(cells).map(Cell::from).collect()
}

fn activities(about: &About, rows: Vec<Row>) -> Section {
    table(about, ACTIVITIES, rows)
}

fn table(about: &About, (caption, columns): Shape, rows: Vec<Row>) -> Section {
    let first = ("Product (versie van de bijlage)", "Product (version of the annex)");
    headed(about, first, caption, columns, rows)
}

fn headed(
    about: &About,
    first: (&'static str, &'static str),
    caption: (&'static str, &'static str),
    columns: &[(&'static str, &'static str)],
    rows: Vec<Row>,
) -> Section {
    let in_words =
        |(dutch, english): (&'static str, &'static str)| say(about.language, dutch, english);
    let columns = std::iter::once(first).chain(columns.iter().copied());
    let columns = columns.map(|name| Column::new(in_words(name), Kind::Text)).collect();
    let none = say(about.language, "Geen.", "None.");
    let note = if rows.is_empty() { none.to_owned() } else { String::new() };
    let (heading, caption) = (in_words(caption).to_owned(), in_words(caption).to_owned());
    let blocks = vec![Block::Table(Table { caption, columns, rows, note })];
    Section { heading, level: Level::One, blocks }
}

fn subprocessors<'a>(
    about: &About,
    all: impl Iterator<Item = (&'a GroundRow, &'a Vec<SubprocessorRow>)>,
) -> Section {
    let rows = all.flat_map(|(ground, found)| {
        found.iter().map(move |found| {
            row(
                ground,
                [
                    found.name.clone(),
                    found.task.clone(),
                    found.categories.clone(),
                    countries(
                        &found.storage_country,
                        &found.seat_country,
                        found.parent_country.as_ref(),
                    ),
                    found.safeguard.clone().unwrap_or_default(),
                ],
            )
        })
    });
    table(about, SUBPROCESSORS, rows.collect())
}

fn transfers<'a>(
    about: &About,
    all: impl Iterator<Item = (&'a GroundRow, &'a Vec<TransferRow>)>,
) -> Section {
    let rows = all.flat_map(|(ground, found)| {
        found.iter().map(move |found| {
            row(
                ground,
                [
                    found.country.clone(),
                    found.description.clone(),
                    named(about.language, &[found.safeguard]),
                    found.framework.clone(),
                    found.supplementary.clone().unwrap_or_default(),
                ],
            )
        })
    });
    table(about, TRANSFERS, rows.collect())
}

fn seats<'a>(
    about: &About,
    all: impl Iterator<Item = (&'a GroundRow, &'a Vec<SeatRow>)>,
) -> Section {
    let rows = all.flat_map(|(ground, found)| {
        found.iter().map(move |found| {
            let SeatRow { name, storage_country, seat_country, parent_country, safeguard } = found;
            let countries = countries(storage_country, seat_country, parent_country.as_ref());
            row(ground, [name.clone(), countries, safeguard.clone().unwrap_or_default()])
        })
    });
    table(about, SEATS, rows.collect())
}

fn terms<'a>(
    about: &About,
    all: impl Iterator<Item = (&'a GroundRow, &'a Vec<RetentionRow>)>,
) -> Section {
    let rows = all.flat_map(|(ground, found)| {
        found.iter().map(move |found| {
            row(
                ground,
                [
                    found.scope.clone(),
                    found.rule.clone(),
                    named(about.language, &[found.trigger]),
                    found.period.clone().unwrap_or_default(),
                    named(about.language, &[found.action]),
                ],
            )
        })
    });
    table(about, TERMS, rows.collect())
}

fn countries(storage: &str, seat: &str, parent: Option<&String>) -> String {
    [storage, seat, parent.map_or("–", String::as_str)].join(", ")
}

/// What the program keeps; its words are those of the catalogue, in English.
fn kept(about: &About, kept: &[KeptRow]) -> Section {
    let rows = kept.iter().map(|found| {
        let number = found.category.to_string();
        let cells =
            [number, found.events.join(", "), found.purposes.join("; "), found.until.join(", ")];
        cells.into_iter().map(Cell::from).collect()
    });
    let (caption, columns) = KEPT;
    headed(about, ("Categorie", "Category"), caption, columns, rows.collect())
}
