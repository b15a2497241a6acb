//! The registers of processing activities (GDPR art. 30), as of any moment.
//!
//! *Invariant:* generated, never typed: from the agreements, the accepted annexes, what the school
//! stated, and the catalogue of what the program keeps.

use std::collections::{BTreeMap, BTreeSet};

use events::agreement::{AgreementId, Terms};
use events::annex::{AnnexId, FieldTick};
use events::catalogue::Retention;
use schemars::JsonSchema;
use serde::Serialize;

use crate::agreement::{Agreement, Agreements, PartyRow, party};
use crate::annex::{
    Annex, Annexes, LocationRow, RetentionRow, ServiceRow, SubprocessorRow, TransferRow, Version,
    location, modules, retention, service, subprocessor, transfer,
};
use crate::moment::AsOf;
use crate::text::id;

/// What the registers are generated from.
#[derive(Clone, Copy, Debug)]
pub struct Art30<'a> {
    pub(crate) agreements: &'a Agreements,
    pub(crate) annexes: &'a Annexes,
}

/// The register of the processor (art. 30(2)): one entry for each controller and product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProcessorRegister {
    /// One for each accepted annex of an agreement that had not ended; as of a time, one whose term
    /// runs.
    pub entries: Vec<ProcessorEntry>,
    /// What the program that answers keeps about people, whatever the moment.
    pub kept: Vec<KeptRow>,
}

/// One entry of the processor's register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProcessorEntry {
    /// Under which agreement and annex.
    #[serde(flatten)]
    pub ground: GroundRow,
    /// The controller on whose behalf is processed (a).
    pub controller: PartyRow,
    /// The processor (a).
    pub processor: PartyRow,
    /// Other processors (a).
    pub subprocessors: Vec<SubprocessorRow>,
    /// The categories of processing carried out (b): services that run.
    pub processing: Vec<ServiceRow>,
    /// Transfers outside the EEA, and their safeguards (c).
    pub transfers: Vec<TransferRow>,
    /// Subprocessors that store inside the EEA and have a seat or parent outside (c): reachable from
    /// there, hence their safeguard.
    pub seats_outside: Vec<SeatRow>,
    /// How it is secured, in general (d).
    pub security: String,
}

/// The register of the controller (art. 30(1)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ControllerRegister {
    /// One for each accepted annex of an agreement that had not ended; as of a time, one whose term
    /// runs.
    pub entries: Vec<ControllerEntry>,
    /// What the program that answers keeps about people, whatever the moment.
    pub kept: Vec<KeptRow>,
}

/// One entry of the controller's register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ControllerEntry {
    /// Under which agreement and annex.
    #[serde(flatten)]
    pub ground: GroundRow,
    /// The controller and its data protection officer (a).
    pub controller: PartyRow,
    /// The purposes (b), each with what makes it lawful.
    pub purposes: Vec<StatedRow>,
    /// The categories of people and of data (c).
    pub data: Vec<DataRow>,
    /// Who receives: the processor (d).
    pub processor: PartyRow,
    /// Who receives: the processor's processors (d).
    pub subprocessors: Vec<SubprocessorRow>,
    /// Where it is processed.
    pub locations: Vec<LocationRow>,
    /// Transfers outside the EEA, and their safeguards (e).
    pub transfers: Vec<TransferRow>,
    /// As in the processor's register (e).
    pub seats_outside: Vec<SeatRow>,
    /// The terms of erasure (f).
    pub retention: Vec<RetentionRow>,
    /// How it is secured, in general (g).
    pub security: String,
}

/// Under which agreement and annex is processed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GroundRow {
    /// The agreement.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub agreement: AgreementId,
    /// Microseconds since 1970; its first moment.
    pub starts: u64,
    /// Microseconds since 1970; the first moment after it.
    pub ends: Option<u64>,
    /// The annex.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub annex: AnnexId,
    /// Its version.
    pub version: u32,
    /// Its date.
    pub date: String,
    /// The product.
    pub product: String,
}

/// A subprocessor with a seat or parent outside the EEA.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SeatRow {
    /// Its name.
    pub name: String,
    /// Where it stores.
    pub storage_country: String,
    /// Where it is established.
    pub seat_country: String,
    /// Where its parent is established.
    pub parent_country: Option<String>,
    /// The safeguard, and its framework.
    pub safeguard: Option<String>,
}

/// A purpose, and what the school stated of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StatedRow {
    /// Its code.
    pub purpose: String,
    /// What it is.
    pub text: String,
    /// In which modules.
    pub modules: Vec<&'static str>,
    /// What makes it lawful (art. 6(1)); nothing until the school stated it.
    pub basis: Option<&'static str>,
    /// Why this basis.
    pub note: Option<String>,
}

/// Fields of one category about one kind of people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DataRow {
    /// `staff`, `pupil` or `parent`.
    pub kind: &'static str,
    /// The category.
    pub category: &'static str,
    /// The fields that pass in at least one module.
    pub fields: Vec<&'static str>,
}

/// What the program keeps in one category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KeptRow {
    /// The category, as it is numbered.
    pub category: u16,
    /// In which events.
    pub events: Vec<&'static str>,
    /// What for.
    pub purposes: Vec<&'static str>,
    /// Until when.
    pub until: Vec<&'static str>,
}

/// One governing annex with its agreement, as of a moment.
struct Governed<'a> {
    ground: GroundRow,
    agreement: &'a Agreement,
    annex: &'a Annex,
    version: &'a Version,
}

impl<'a> Art30<'a> {
    /// The register of the processor as of a moment.
    #[must_use]
    pub fn processor(&self, as_of: AsOf) -> ProcessorRegister {
        let entries = self.governed(as_of).map(|found| ProcessorEntry {
            controller: party(&found.agreement.parties.controller),
            processor: party(&found.agreement.parties.processor),
            subprocessors: found.subprocessors(),
            processing: found.services(as_of),
            transfers: found.transfers(),
            seats_outside: found.seats_outside(),
            security: found.version.contents.security.clone(),
            ground: found.ground,
        });
        ProcessorRegister { entries: entries.collect(), kept: kept() }
    }

    /// The register of the controller as of a moment.
    #[must_use]
    pub fn controller(&self, as_of: AsOf) -> ControllerRegister {
        let entries = self.governed(as_of).map(|found| ControllerEntry {
            controller: party(&found.agreement.parties.controller),
            purposes: found.purposes(as_of),
            data: data(&found.version.contents.fields),
            processor: party(&found.agreement.parties.processor),
            subprocessors: found.subprocessors(),
            locations: found.version.contents.locations.iter().map(location).collect(),
            transfers: found.transfers(),
            seats_outside: found.seats_outside(),
            retention: found.version.contents.retention.iter().map(retention).collect(),
            security: found.version.contents.security.clone(),
            ground: found.ground,
        });
        ControllerRegister { entries: entries.collect(), kept: kept() }
    }

    fn governed(&self, as_of: AsOf) -> impl Iterator<Item = Governed<'a>> {
        let Self { agreements, annexes } = *self;
        let running: BTreeMap<AgreementId, &Agreement> = agreements.running(as_of).collect();
        annexes.governing(as_of).filter_map(move |(annex_id, number, annex, version)| {
            let agreement = running.get(&version.agreement).copied()?;
            let terms = agreement.terms(as_of)?;
            if !holds(terms, as_of) {
                return None;
            }
            let ground = GroundRow {
                agreement: version.agreement,
                starts: terms.starts.0,
                ends: terms.ends.map(|at| at.0),
                annex: annex_id,
                version: number,
                date: version.date.clone(),
                product: version.contents.general.product.clone(),
            };
            Some(Governed { ground, agreement, annex, version })
        })
    }
}

/// Whether an agreement holds at a time; as of a record, its term is shown and not judged.
fn holds(terms: &Terms, as_of: AsOf) -> bool {
    match as_of {
        AsOf::Seq(_) => true,
        AsOf::Time(time) => terms.starts <= time && terms.ends.is_none_or(|ends| time < ends),
    }
}

impl Governed<'_> {
    fn services(&self, as_of: AsOf) -> Vec<ServiceRow> {
        let services = self.version.contents.services.iter();
        let runs = services.filter(|found| self.annex.runs(&found.id, found.necessity, as_of));
        runs.map(service).collect()
    }

    fn purposes(&self, as_of: AsOf) -> Vec<StatedRow> {
        let row = |purpose: &events::annex::Purpose| {
            let stated = self.annex.basis(&purpose.id, as_of);
            StatedRow {
                purpose: purpose.id.clone(),
                text: purpose.text.clone(),
                modules: modules(&purpose.modules),
                basis: stated.map(|stated| stated.basis.name()),
                note: stated.and_then(|stated| stated.note.clone()),
            }
        };
        self.version.contents.purposes.iter().map(row).collect()
    }

    fn subprocessors(&self) -> Vec<SubprocessorRow> {
        self.version.contents.subprocessors.iter().map(subprocessor).collect()
    }

    fn transfers(&self) -> Vec<TransferRow> {
        self.version.contents.transfers.iter().map(transfer).collect()
    }

    fn seats_outside(&self) -> Vec<SeatRow> {
        let outside = self.subprocessors().into_iter().filter(|found| !found.inside_eea);
        let row = |found: SubprocessorRow| SeatRow {
            name: found.name,
            storage_country: found.storage_country,
            seat_country: found.seat_country,
            parent_country: found.parent_country,
            safeguard: found.safeguard,
        };
        outside.map(row).collect()
    }
}

/// What passes, by kind of people and category.
fn data(fields: &[FieldTick]) -> Vec<DataRow> {
    let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for tick in fields.iter().filter(|tick| tick.passes() && !tick.modules.is_empty()) {
        found.entry((tick.kind, tick.field.category())).or_default().insert(tick.field);
    }
    let row =
        |((kind, category), fields): ((events::annex::SubjectKind, _), BTreeSet<_>)| DataRow {
            kind: kind.name(),
            category: events::annex::FieldCategory::name(category),
            fields: fields.into_iter().map(events::annex::FieldId::name).collect(),
        };
    found.into_iter().map(row).collect()
}

/// Every category of personal data of the catalogue.
fn kept() -> Vec<KeptRow> {
    let mut rows: BTreeMap<u16, [BTreeSet<&'static str>; 3]> = BTreeMap::new();
    for entry in events::catalogue() {
        let Some(category) = entry.category else { continue };
        let [found, purposes, until] = rows.entry(category.0).or_default();
        found.insert(entry.event);
        purposes.insert(entry.purpose);
        until.insert(until_name(entry.retention));
    }
    let row = |(category, sets): (u16, [BTreeSet<&'static str>; 3])| {
        let [events, purposes, until] = sets.map(|set| set.into_iter().collect());
        KeptRow { category, events, purposes, until }
    };
    rows.into_iter().map(row).collect()
}

const fn until_name(retention: Retention) -> &'static str {
    match retention {
        Retention::Record => "record",
        Retention::Tenant => "tenant",
        Retention::Scope => "scope",
        Retention::AnswersScope => "answers-scope",
        Retention::IdentityScope => "identity-scope",
        Retention::Trail => "trail-year",
        Retention::Incident => "incident",
    }
}
