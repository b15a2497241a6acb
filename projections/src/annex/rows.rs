//! What a version of an annex says, as query results.

use events::annex::{
    Contents, Coupling, FieldTick, Location, Module, Purpose, RetentionRule, Service, Subprocessor,
    Transfer, is_eea,
};
use schemars::JsonSchema;
use serde::Serialize;

/// All of one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ContentsRow {
    /// Name of the product.
    pub product: String,
    /// What it does.
    pub explanation: String,
    /// Page of the supplier.
    pub supplier_url: String,
    /// Page of the product.
    pub product_url: String,
    /// For which sectors.
    pub sectors: Vec<&'static str>,
    /// Who uses it.
    pub users: Vec<&'static str>,
    /// `learning-material` or `information-system`.
    pub supply: &'static str,
    /// What is done with it.
    pub services: Vec<ServiceRow>,
    /// What for.
    pub purposes: Vec<PurposeRow>,
    /// Which data, and which not.
    pub fields: Vec<FieldRow>,
    /// How long.
    pub retention: Vec<RetentionRow>,
    /// Where.
    pub locations: Vec<LocationRow>,
    /// Where outside the EEA.
    pub transfers: Vec<TransferRow>,
    /// By whom else.
    pub subprocessors: Vec<SubprocessorRow>,
    /// From which systems.
    pub couplings: Vec<CouplingRow>,
    /// How it is secured, in general.
    pub security: String,
}

/// One service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ServiceRow {
    /// Its code.
    pub id: String,
    /// What it is.
    pub description: String,
    /// What is processed for it.
    pub processing: String,
    /// `inseparable` or `optional`.
    pub necessity: &'static str,
    /// Which modules it runs.
    pub modules: Vec<&'static str>,
}

/// One purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PurposeRow {
    /// Its code.
    pub id: String,
    /// What it is.
    pub text: String,
    /// In which modules.
    pub modules: Vec<&'static str>,
}

/// One box of the table of data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FieldRow {
    /// `staff`, `pupil` or `parent`.
    pub kind: &'static str,
    /// In which modules.
    pub modules: Vec<&'static str>,
    /// The category of the field.
    pub category: &'static str,
    /// The field.
    pub field: &'static str,
    /// Whether it may be processed.
    pub ticked: bool,
    /// Whether a tick is not enough.
    pub needs_law: bool,
    /// The law that allows it.
    pub law: Option<String>,
    /// What stands beside the box.
    pub note: Option<String>,
}

/// One retention rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RetentionRow {
    /// What is kept.
    pub scope: String,
    /// The rule in words.
    pub rule: String,
    /// What it waits for.
    pub trigger: &'static str,
    /// The period, like `P2Y`.
    pub period: Option<String>,
    /// `erase`, `anonymise` or `return`.
    pub action: &'static str,
}

/// One place of processing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LocationRow {
    /// Code of the service; all of them without.
    pub service: Option<String>,
    /// The place.
    pub place: String,
    /// The country.
    pub country: String,
    /// Whether it lies in the EEA.
    pub eea: bool,
}

/// One transfer outside the EEA.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TransferRow {
    /// The country.
    pub country: String,
    /// What is transferred to whom.
    pub description: String,
    /// `adequacy`, `standard-clauses` or `corporate-rules`.
    pub safeguard: &'static str,
    /// Which framework, clauses or rules.
    pub framework: String,
    /// What was added.
    pub supplementary: Option<String>,
}

/// One subprocessor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SubprocessorRow {
    /// Its name.
    pub name: String,
    /// What it does.
    pub task: String,
    /// Which data.
    pub categories: String,
    /// Where it stores.
    pub storage_country: String,
    /// Where it is established.
    pub seat_country: String,
    /// Where its parent is established.
    pub parent_country: Option<String>,
    /// Whether storage, seat and parent all lie in the EEA.
    pub inside_eea: bool,
    /// The safeguard against access from outside, and its framework.
    pub safeguard: Option<String>,
}

/// One coupling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CouplingRow {
    /// Which system.
    pub system: String,
    /// How often.
    pub frequency: String,
    /// Whose data.
    pub subject: &'static str,
    /// Which fields.
    pub fields: Vec<&'static str>,
}

pub(crate) fn contents(contents: &Contents) -> ContentsRow {
    let general = contents.general.clone();
    ContentsRow {
        product: general.product,
        explanation: general.explanation,
        supplier_url: general.supplier_url,
        product_url: general.product_url,
        sectors: general.sectors.iter().map(|sector| sector.name()).collect(),
        users: general.users.iter().map(|kind| kind.name()).collect(),
        supply: general.supply.name(),
        services: contents.services.iter().map(service).collect(),
        purposes: contents.purposes.iter().map(purpose).collect(),
        fields: contents.fields.iter().map(field).collect(),
        retention: contents.retention.iter().map(retention).collect(),
        locations: contents.locations.iter().map(location).collect(),
        transfers: contents.transfers.iter().map(transfer).collect(),
        subprocessors: contents.subprocessors.iter().map(subprocessor).collect(),
        couplings: contents.couplings.iter().map(coupling).collect(),
        security: contents.security.clone(),
    }
}

pub(crate) fn modules(modules: &[Module]) -> Vec<&'static str> {
    modules.iter().map(|module| module.name()).collect()
}

pub(crate) fn service(service: &Service) -> ServiceRow {
    let Service { id, description, processing, .. } = service.clone();
    let (necessity, modules) = (service.necessity.name(), modules(&service.modules));
    ServiceRow { id, description, processing, necessity, modules }
}

fn purpose(purpose: &Purpose) -> PurposeRow {
    let Purpose { id, text, .. } = purpose.clone();
    PurposeRow { id, text, modules: modules(&purpose.modules) }
}

fn field(tick: &FieldTick) -> FieldRow {
    FieldRow {
        kind: tick.kind.name(),
        modules: modules(&tick.modules),
        category: tick.field.category().name(),
        field: tick.field.name(),
        ticked: tick.ticked,
        needs_law: tick.field.needs_law(),
        law: tick.law.clone(),
        note: tick.note.clone(),
    }
}

pub(crate) fn retention(rule: &RetentionRule) -> RetentionRow {
    let RetentionRule { scope, rule: words, period, trigger, action } = rule.clone();
    RetentionRow { scope, rule: words, trigger: trigger.name(), period, action: action.name() }
}

pub(crate) fn location(location: &Location) -> LocationRow {
    let Location { service, place, country } = location.clone();
    let eea = is_eea(&country);
    LocationRow { service, place, country, eea }
}

pub(crate) fn transfer(transfer: &Transfer) -> TransferRow {
    let Transfer { country, description, safeguard, framework, supplementary } = transfer.clone();
    TransferRow { country, description, safeguard: safeguard.name(), framework, supplementary }
}

pub(crate) fn subprocessor(sub: &Subprocessor) -> SubprocessorRow {
    let Subprocessor {
        name,
        task,
        categories,
        storage_country,
        seat_country,
        parent_country,
        safeguard,
    } = sub.clone();
    let inside_eea = is_eea(&storage_country)
        && is_eea(&seat_country)
        && parent_country.as_ref().is_none_or(|parent| is_eea(parent));
    SubprocessorRow {
        name,
        task,
        categories,
        storage_country,
        seat_country,
        parent_country,
        inside_eea,
        safeguard,
    }
}

fn coupling(coupling: &Coupling) -> CouplingRow {
    let fields = coupling.fields.iter().map(|field| field.name()).collect();
    let Coupling { system, frequency, subject, .. } = coupling.clone();
    CouplingRow { system, frequency, subject: subject.name(), fields }
}
