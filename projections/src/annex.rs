//! Annexes: their versions, what the school accepted of them, and what the gate lets through.
//!
//! *Invariant:* facts alone, so an erasure changes nothing; no version is ever replaced, so what
//! governed at a moment can be shown later.

mod difference;
mod rows;

use std::collections::BTreeMap;

use bincode::{Decode, Encode};
use events::Place;
use events::agreement::AgreementId;
use events::annex::{
    AnnexEvent, AnnexId, AnnexVersionPublished, Contents, Council, LegalBasis, Module, Necessity,
    ParticipationConsentRecorded,
};
use record::ActorId;
use schemars::JsonSchema;
use serde::Serialize;

use crate::moment::{AsOf, Dated, newest};
use crate::text::{id, id_if_any};

pub use difference::ChangeRow;
pub use rows::*;

/// The annexes of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Annexes {
    annexes: BTreeMap<AnnexId, Annex>,
    /// The last word of a council on each module.
    consents: BTreeMap<Module, Consent>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Annex {
    versions: BTreeMap<u32, Version>,
    /// Whether the school wanted an optional service, since when.
    services: BTreeMap<String, Vec<Dated<bool>>>,
    bases: BTreeMap<String, Vec<Dated<Basis>>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Version {
    pub(crate) agreement: AgreementId,
    pub(crate) date: String,
    pub(crate) contents: Contents,
    published: Dated<ActorId>,
    accepted: Option<Dated<ActorId>>,
    refused: Option<Dated<ActorId>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Basis {
    pub(crate) basis: LegalBasis,
    pub(crate) note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Consent {
    council: Council,
    date: String,
    reference: String,
    recorded: Dated<ActorId>,
    withdrawn: Option<Dated<ActorId>>,
}

/// One annex in all its versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AnnexRow {
    /// The annex.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub annex: AnnexId,
    /// Name of the product, as the newest version has it.
    pub product: String,
    /// The version that governs.
    pub governing: Option<u32>,
    /// All versions, in their order.
    pub versions: Vec<VersionRow>,
    /// Optional services of the version that governs.
    pub optional: Vec<OptionalRow>,
}

/// One version of an annex.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VersionRow {
    /// Its number.
    pub version: u32,
    /// Its date.
    pub date: String,
    /// The agreement that it belongs to.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub agreement: AgreementId,
    /// Microseconds since 1970.
    pub published: u64,
    /// Who published it, as a random reference.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub published_by: ActorId,
    /// Microseconds since 1970.
    pub accepted: Option<u64>,
    /// Who accepted it, as a random reference.
    #[serde(serialize_with = "id_if_any")]
    #[schemars(with = "Option<String>")]
    pub accepted_by: Option<ActorId>,
    /// Microseconds since 1970.
    pub refused: Option<u64>,
    /// Who refused it, as a random reference.
    #[serde(serialize_with = "id_if_any")]
    #[schemars(with = "Option<String>")]
    pub refused_by: Option<ActorId>,
}

/// One optional service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OptionalRow {
    /// Its code.
    pub service: String,
    /// Whether the school accepted it.
    pub accepted: bool,
    /// Microseconds since 1970; when the school last decided.
    pub decided: Option<u64>,
}

/// What the gate lets through of one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GateRow {
    /// `staff`, `pupil` or `parent`.
    pub kind: &'static str,
    /// The module.
    pub module: &'static str,
    /// The field.
    pub field: &'static str,
    /// Whether it passes; a field without a row never does.
    pub passes: bool,
}

/// The last word of a council on one module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CouncilRow {
    /// The module.
    pub module: &'static str,
    /// `participation`, `joint-participation` or `works`.
    pub council: &'static str,
    /// When it decided.
    pub date: String,
    /// Where its decision is kept.
    pub reference: String,
    /// Microseconds since 1970.
    pub recorded: u64,
    /// Microseconds since 1970; when it consented no more.
    pub withdrawn: Option<u64>,
}

impl Annexes {
    /// All annexes, by id.
    pub fn list(&self) -> impl Iterator<Item = AnnexRow> + '_ {
        self.annexes.iter().filter_map(|(id, annex)| annex.row(*id))
    }

    /// All that a version says.
    #[must_use]
    pub fn contents(&self, annex: AnnexId, version: u32) -> Option<ContentsRow> {
        Some(contents(self.said(annex, version)?))
    }

    /// What two versions say differently.
    #[must_use]
    pub fn difference(&self, annex: AnnexId, from: u32, to: u32) -> Option<Vec<ChangeRow>> {
        Some(difference::changes(self.said(annex, from)?, self.said(annex, to)?))
    }

    /// What the gate lets through under a version.
    #[must_use]
    pub fn gate_table(&self, annex: AnnexId, version: u32) -> Option<Vec<GateRow>> {
        let fields = self.said(annex, version)?.fields.iter();
        let rows = fields.flat_map(|tick| {
            tick.modules.iter().map(|module| GateRow {
                kind: tick.kind.name(),
                module: module.name(),
                field: tick.field.name(),
                passes: tick.passes(),
            })
        });
        Some(rows.collect())
    }

    /// What councils last said on modules that follow staff.
    pub fn councils(&self) -> impl Iterator<Item = CouncilRow> + '_ {
        self.consents.iter().map(|(module, consent)| CouncilRow {
            module: module.name(),
            council: consent.council.name(),
            date: consent.date.clone(),
            reference: consent.reference.clone(),
            recorded: consent.recorded.when.at.0,
            withdrawn: consent.withdrawn.as_ref().map(|dated| dated.when.at.0),
        })
    }

    fn said(&self, annex: AnnexId, version: u32) -> Option<&Contents> {
        self.annexes.get(&annex)?.versions.get(&version).map(|version| &version.contents)
    }

    /// What governed as of a moment, of every annex.
    pub(crate) fn governing(
        &self,
        as_of: AsOf,
    ) -> impl Iterator<Item = (AnnexId, u32, &Annex, &Version)> + '_ {
        self.annexes.iter().filter_map(move |(id, annex)| {
            let (number, version) = annex.governing(as_of)?;
            Some((*id, number, annex, version))
        })
    }

    pub(crate) fn apply(&mut self, place: &Place, event: &AnnexEvent) {
        match event {
            AnnexEvent::AnnexVersionPublished(event) => {
                let annex = self.annexes.entry(event.annex).or_default();
                annex.versions.insert(event.version, version(place, event));
            }
            AnnexEvent::AnnexVersionAccepted(event) => {
                self.decide(event.annex, event.version, |found| {
                    found.accepted = Some(Dated::of(place, event.by));
                });
            }
            AnnexEvent::AnnexVersionRefused(event) => {
                self.decide(event.annex, event.version, |found| {
                    found.refused = Some(Dated::of(place, event.by));
                });
            }
            AnnexEvent::OptionalServiceAccepted(event) => {
                self.want(place, event.annex, &event.service, true);
            }
            AnnexEvent::OptionalServiceWithdrawn(event) => {
                self.want(place, event.annex, &event.service, false);
            }
            AnnexEvent::ParticipationConsentRecorded(event) => {
                self.consents.insert(event.module, consent(place, event));
            }
            AnnexEvent::ParticipationConsentWithdrawn(event) => {
                if let Some(consent) = self.consents.get_mut(&event.module) {
                    consent.withdrawn = Some(Dated::of(place, event.by));
                }
            }
            AnnexEvent::LegalBasisStated(event) => {
                if let Some(annex) = self.annexes.get_mut(&event.annex) {
                    let basis = Basis { basis: event.basis, note: event.note.clone() };
                    let stated = annex.bases.entry(event.purpose.clone()).or_default();
                    stated.push(Dated::of(place, basis));
                }
            }
        }
    }

    fn decide(&mut self, annex: AnnexId, version: u32, how: impl FnOnce(&mut Version)) {
        let annex = self.annexes.get_mut(&annex);
        if let Some(found) = annex.and_then(|annex| annex.versions.get_mut(&version)) {
            how(found);
        }
    }

    fn want(&mut self, place: &Place, annex: AnnexId, service: &str, wanted: bool) {
        if let Some(annex) = self.annexes.get_mut(&annex) {
            let decided = annex.services.entry(service.to_owned()).or_default();
            decided.push(Dated::of(place, wanted));
        }
    }
}

impl Annex {
    /// The newest version that was accepted as of a moment.
    fn governing(&self, as_of: AsOf) -> Option<(u32, &Version)> {
        let mut newest_first = self.versions.iter().rev();
        let accepted = |version: &Version| {
            version.accepted.as_ref().is_some_and(|dated| dated.when.is_by(as_of))
        };
        let found = newest_first.find(|(_, version)| accepted(version));
        found.map(|(number, version)| (*number, version))
    }

    /// Whether a service runs as of a moment.
    pub(crate) fn runs(&self, service: &str, necessity: Necessity, as_of: AsOf) -> bool {
        necessity == Necessity::Inseparable
            || self.decided(service, as_of).is_some_and(|dated| dated.what)
    }

    fn decided(&self, service: &str, as_of: AsOf) -> Option<&Dated<bool>> {
        newest(self.services.get(service)?, as_of)
    }

    /// What the school stated for a purpose as of a moment.
    pub(crate) fn basis(&self, purpose: &str, as_of: AsOf) -> Option<&Basis> {
        newest(self.bases.get(purpose)?, as_of).map(|dated| &dated.what)
    }

    fn row(&self, annex: AnnexId) -> Option<AnnexRow> {
        let (_, last) = self.versions.last_key_value()?;
        let governing = self.governing(AsOf::NOW);
        let services = governing.map(|(_, version)| version.contents.services.as_slice());
        let optional = services.unwrap_or_default().iter();
        let optional = optional.filter(|service| service.necessity == Necessity::Optional);
        let optional = optional.map(|service| {
            let decided = self.decided(&service.id, AsOf::NOW);
            OptionalRow {
                service: service.id.clone(),
                accepted: decided.is_some_and(|dated| dated.what),
                decided: decided.map(|dated| dated.when.at.0),
            }
        });
        Some(AnnexRow {
            annex,
            product: last.contents.general.product.clone(),
            governing: governing.map(|(number, _)| number),
            versions: self.versions.iter().map(|(number, found)| found.row(*number)).collect(),
            optional: optional.collect(),
        })
    }
}

impl Version {
    fn row(&self, version: u32) -> VersionRow {
        VersionRow {
            version,
            date: self.date.clone(),
            agreement: self.agreement,
            published: self.published.when.at.0,
            published_by: self.published.what,
            accepted: self.accepted.as_ref().map(|dated| dated.when.at.0),
            accepted_by: self.accepted.as_ref().map(|dated| dated.what),
            refused: self.refused.as_ref().map(|dated| dated.when.at.0),
            refused_by: self.refused.as_ref().map(|dated| dated.what),
        }
    }
}

fn version(place: &Place, event: &AnnexVersionPublished) -> Version {
    Version {
        agreement: event.agreement,
        date: event.date.clone(),
        contents: event.contents.as_ref().clone(),
        published: Dated::of(place, event.by),
        accepted: None,
        refused: None,
    }
}

fn consent(place: &Place, event: &ParticipationConsentRecorded) -> Consent {
    Consent {
        council: event.council,
        date: event.date.clone(),
        reference: event.reference.clone(),
        recorded: Dated::of(place, event.by),
        withdrawn: None,
    }
}
