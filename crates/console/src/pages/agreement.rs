//! Agreements, annexes, the gate, and the registers of processing.

use serde::Deserialize;

use crate::page::page;

page! {
    Agreements => AgreementsPage "agreements.html";
    Annex => AnnexPage "annex.html";
    Gate => GatePage "gate.html";
    Registers => RegistersPage "registers.html";
}

/// Agreements with their contacts, annexes and councils.
#[derive(Debug, Deserialize)]
pub struct Agreements {
    see_agreement: AgreementList,
}

/// What `see-agreement` answers.
#[derive(Debug, Deserialize)]
pub(super) struct AgreementList {
    agreements: Vec<Agreement>,
    people: Vec<ContactPerson>,
    pub(super) annexes: Vec<AnnexRow>,
    councils: Vec<Council>,
}

#[derive(Debug, Deserialize)]
struct Agreement {
    agreement: String,
    controller: Party,
    processor: Party,
    model: String,
    signed: u64,
    starts: u64,
    ends: Option<u64>,
    objection: String,
    breach_hours: u16,
    ended: Option<u64>,
    contacts: Vec<Contact>,
}

#[derive(Debug, Deserialize)]
struct Party {
    name: String,
    kvk: String,
    seat: String,
    contact: String,
    fg_contact: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Contact {
    contact: String,
    side: String,
    may_instruct: bool,
    since: u64,
    until: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct ContactPerson {
    contact: String,
    name: String,
    function: String,
    email: String,
    phone: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct AnnexRow {
    pub(super) annex: String,
    pub(super) product: String,
    governing: Option<u32>,
    versions: Vec<Version>,
    optional: Vec<Optional>,
}

#[derive(Debug, Deserialize)]
struct Version {
    version: u32,
    date: String,
    published: u64,
    accepted: Option<u64>,
    refused: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Optional {
    service: String,
    accepted: bool,
}

#[derive(Debug, Deserialize)]
struct Council {
    module: String,
    council: String,
    date: String,
    reference: String,
    withdrawn: Option<u64>,
}

impl AgreementList {
    fn person(&self, contact: &str) -> Option<&ContactPerson> {
        self.people.iter().find(|person| person.contact == contact)
    }
}

impl AnnexRow {
    fn governs(&self, version: &u32) -> bool {
        self.governing == Some(*version)
    }

    /// The newest version, if nobody decided on it.
    pub(super) fn waits(&self) -> Option<u32> {
        let newest = self.versions.last()?;
        let open = newest.accepted.is_none() && newest.refused.is_none();
        open.then_some(newest.version)
    }
}

/// One annex.
#[derive(Debug, Deserialize)]
pub struct Annex {
    see_annex: AnnexShown,
}

#[derive(Debug, Deserialize)]
struct AnnexShown {
    annex: AnnexRow,
    version: u32,
    contents: Contents,
}

#[derive(Debug, Deserialize)]
struct Contents {
    product: String,
    explanation: String,
    users: Vec<String>,
    services: Vec<Service>,
    purposes: Vec<Purpose>,
    fields: Vec<Tick>,
    retention: Vec<Retention>,
    locations: Vec<Location>,
    transfers: Vec<Transfer>,
    subprocessors: Vec<Subprocessor>,
    security: String,
}

#[derive(Debug, Deserialize)]
struct Service {
    description: String,
    processing: String,
    necessity: String,
}

#[derive(Debug, Deserialize)]
struct Purpose {
    text: String,
    modules: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Tick {
    kind: String,
    modules: Vec<String>,
    field: String,
    ticked: bool,
    law: Option<String>,
    note: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Retention {
    scope: String,
    rule: String,
}

#[derive(Debug, Deserialize)]
struct Location {
    place: String,
    country: String,
    eea: bool,
}

#[derive(Debug, Deserialize)]
struct Transfer {
    country: String,
    description: String,
    framework: String,
}

#[derive(Debug, Deserialize)]
struct Subprocessor {
    name: String,
    task: String,
    storage_country: String,
    seat_country: String,
    parent_country: Option<String>,
    safeguard: Option<String>,
}

/// What the gate kept out.
#[derive(Debug, Deserialize)]
pub struct Gate {
    see_gate: KeptOut,
}

#[derive(Debug, Deserialize)]
struct KeptOut {
    rejected_total: u64,
    refused_total: u64,
    rejected: Vec<Rejected>,
    refused: Vec<Refused>,
}

#[derive(Debug, Deserialize)]
struct Rejected {
    day: u64,
    module: String,
    kind: String,
    field: String,
    count: u64,
}

#[derive(Debug, Deserialize)]
struct Refused {
    day: u64,
    module: String,
    rule: String,
    count: u64,
}

/// The registers of processing (art. 30).
#[derive(Debug, Deserialize)]
pub struct Registers {
    see_processing_register: Both,
    /// The day that they are shown as of; empty for now.
    #[serde(default)]
    on: String,
}

#[derive(Debug, Deserialize)]
struct Both {
    as_of: Option<u64>,
    controller: Controller,
    processor: Processor,
}

#[derive(Debug, Deserialize)]
struct Controller {
    entries: Vec<ControllerEntry>,
}

#[derive(Debug, Deserialize)]
struct ControllerEntry {
    product: String,
    version: u32,
    starts: u64,
    ends: Option<u64>,
    controller: Party,
    processor: Party,
    purposes: Vec<Stated>,
    data: Vec<Data>,
    subprocessors: Vec<Subprocessor>,
    transfers: Vec<Transfer>,
    seats_outside: Vec<Seat>,
    retention: Vec<Retention>,
    security: String,
}

#[derive(Debug, Deserialize)]
struct Processor {
    entries: Vec<ProcessorEntry>,
}

#[derive(Debug, Deserialize)]
struct ProcessorEntry {
    product: String,
    version: u32,
    controller: Party,
    processor: Party,
    processing: Vec<Service>,
    subprocessors: Vec<Subprocessor>,
    transfers: Vec<Transfer>,
    seats_outside: Vec<Seat>,
    security: String,
}

#[derive(Debug, Deserialize)]
struct Stated {
    text: String,
    basis: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Data {
    kind: String,
    category: String,
    fields: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Seat {
    name: String,
    seat_country: String,
    parent_country: Option<String>,
    safeguard: Option<String>,
}
