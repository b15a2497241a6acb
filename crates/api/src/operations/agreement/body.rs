//! What an annex says, as a request says it: in the shape of the privacy annex of covenant 4.0, part
//! by part.
//!
//! *Invariant:* every closed list is read by the names of the events, and the OpenAPI document lists
//! them; lengths and what must agree with what are the rules' to judge.

use std::borrow::Cow;

use events::annex::{
    self, Council, FieldId, LegalBasis, Module, Necessity, RetentionAction, RetentionTrigger,
    Safeguard, Sector, SubjectKind, Supply,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// Declares the names of closed lists, as a body has them.
macro_rules! named {
    ($($name:ident of $list:ident),+ $(,)?) => { $(
        #[derive(Clone, Copy)]
        pub(super) struct $name(pub(super) $list);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = String::deserialize(from)?;
                // What is said here is not repeated: the answer names the place and the document.
                $list::parse(&text).map(Self).ok_or_else(|| D::Error::custom("not on the list"))
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let names: Vec<&str> = $list::ALL.iter().map(|value| value.name()).collect();
                json_schema!({ "type": "string", "enum": names })
            }
        }
    )+ };
}

named! {
    ModuleName of Module,
    KindName of SubjectKind,
    FieldName of FieldId,
    SectorName of Sector,
    SupplyName of Supply,
    NecessityName of Necessity,
    TriggerName of RetentionTrigger,
    ActionName of RetentionAction,
    SafeguardName of Safeguard,
    BasisName of LegalBasis,
    CouncilName of Council,
}

/// All of one version of an annex.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AnnexContents {
    /// What the product is (C).
    general: AnnexGeneral,
    /// What is done with it (D); at least 1, at most 50, as every list but the fields.
    services: Vec<AnnexService>,
    /// What for (E); at least 1.
    purposes: Vec<AnnexPurpose>,
    /// Which data, and which not (F); at most 500.
    fields: Vec<AnnexTick>,
    /// How long (F).
    retention: Vec<AnnexRetention>,
    /// Where (G); at least 1.
    locations: Vec<AnnexLocation>,
    /// Where outside the EEA, and under which safeguard (G).
    transfers: Vec<AnnexTransfer>,
    /// By whom else (H).
    subprocessors: Vec<AnnexSubprocessor>,
    /// From which systems of the school (D).
    couplings: Vec<AnnexCoupling>,
    /// How it is secured, in general; at most 2,000 bytes.
    security: String,
}

/// What a product is.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AnnexGeneral {
    /// Its name; at most 200 bytes.
    product: String,
    /// What it does, in plain language; at most 2,000 bytes.
    explanation: String,
    /// The page of the supplier; at most 200 bytes.
    supplier_url: String,
    /// The page of the product; at most 200 bytes.
    product_url: String,
    sectors: Vec<SectorName>,
    /// Who uses it.
    users: Vec<KindName>,
    supply: SupplyName,
}

/// One service and its processing.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AnnexService {
    /// Its code: small letters, digits and hyphens; at most 40 bytes. What changes gets another.
    id: String,
    /// What it is; at most 2,000 bytes.
    description: String,
    /// What is processed for it; at most 2,000 bytes.
    processing: String,
    necessity: NecessityName,
    /// Which modules it runs.
    modules: Vec<ModuleName>,
}

/// One purpose.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AnnexPurpose {
    /// Its code: small letters, digits and hyphens; at most 40 bytes.
    id: String,
    /// What it is; at most 2,000 bytes.
    text: String,
    modules: Vec<ModuleName>,
}

/// One box of the table of data.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AnnexTick {
    /// Whose data.
    kind: KindName,
    modules: Vec<ModuleName>,
    field: FieldName,
    /// Whether it may be processed.
    ticked: bool,
    /// The law that allows a citizen service number or a special category; at most 200 bytes.
    law: Option<String>,
    /// What stands beside the box; at most 2,000 bytes.
    note: Option<String>,
}

/// How long something is kept, or what ends it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AnnexRetention {
    /// What is kept; at most 200 bytes.
    scope: String,
    /// The rule in words; at most 2,000 bytes.
    rule: String,
    trigger: TriggerName,
    /// The period, like `P2Y`, if it is counted.
    period: Option<String>,
    action: ActionName,
}

/// Where a service processes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AnnexLocation {
    /// Code of the service; null for all of them.
    service: Option<String>,
    /// At most 200 bytes.
    place: String,
    /// Two capitals (ISO 3166-1).
    country: String,
}

/// A transfer outside the EEA.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AnnexTransfer {
    /// Two capitals (ISO 3166-1).
    country: String,
    /// What is transferred to whom; at most 2,000 bytes.
    description: String,
    safeguard: SafeguardName,
    /// Which framework, clauses or rules; at most 200 bytes.
    framework: String,
    /// What was added to the safeguard; at most 2,000 bytes.
    supplementary: Option<String>,
}

/// Another processor that the processor engages.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AnnexSubprocessor {
    /// At most 200 bytes.
    name: String,
    /// What it does; at most 2,000 bytes.
    task: String,
    /// Which data; at most 2,000 bytes.
    categories: String,
    /// Where it stores: two capitals (ISO 3166-1), as the next two.
    storage_country: String,
    /// Where it is established.
    seat_country: String,
    /// Where its parent is established, if it has one elsewhere.
    parent_country: Option<String>,
    /// The safeguard against access from outside the EEA; at most 2,000 bytes.
    safeguard: Option<String>,
}

/// A coupling with a system of the school.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AnnexCoupling {
    /// Which system; at most 200 bytes.
    system: String,
    /// How often; at most 200 bytes.
    frequency: String,
    /// Whose data.
    subject: KindName,
    fields: Vec<FieldName>,
}

impl From<AnnexContents> for annex::Contents {
    fn from(body: AnnexContents) -> Self {
        Self {
            general: body.general.into(),
            services: each(body.services),
            purposes: each(body.purposes),
            fields: each(body.fields),
            retention: each(body.retention),
            locations: each(body.locations),
            transfers: each(body.transfers),
            subprocessors: each(body.subprocessors),
            couplings: each(body.couplings),
            security: body.security,
        }
    }
}

fn each<A: Into<B>, B>(all: Vec<A>) -> Vec<B> {
    all.into_iter().map(Into::into).collect()
}

fn modules(names: &[ModuleName]) -> Vec<Module> {
    names.iter().map(|name| name.0).collect()
}

impl From<AnnexGeneral> for annex::General {
    fn from(body: AnnexGeneral) -> Self {
        let AnnexGeneral { product, explanation, supplier_url, product_url, .. } = body;
        let sectors = body.sectors.iter().map(|name| name.0).collect();
        let users = body.users.iter().map(|name| name.0).collect();
        let supply = body.supply.0;
        Self { product, explanation, supplier_url, product_url, sectors, users, supply }
    }
}

impl From<AnnexService> for annex::Service {
    fn from(body: AnnexService) -> Self {
        let AnnexService { id, description, processing, necessity, modules: names } = body;
        let (necessity, modules) = (necessity.0, modules(&names));
        Self { id, description, processing, necessity, modules }
    }
}

impl From<AnnexPurpose> for annex::Purpose {
    fn from(body: AnnexPurpose) -> Self {
        Self { id: body.id, text: body.text, modules: modules(&body.modules) }
    }
}

impl From<AnnexTick> for annex::FieldTick {
    fn from(body: AnnexTick) -> Self {
        let AnnexTick { kind, modules: names, field, ticked, law, note } = body;
        Self { kind: kind.0, modules: modules(&names), field: field.0, ticked, law, note }
    }
}

impl From<AnnexRetention> for annex::RetentionRule {
    fn from(body: AnnexRetention) -> Self {
        let AnnexRetention { scope, rule, trigger, period, action } = body;
        Self { scope, rule, trigger: trigger.0, period, action: action.0 }
    }
}

impl From<AnnexLocation> for annex::Location {
    fn from(body: AnnexLocation) -> Self {
        let AnnexLocation { service, place, country } = body;
        Self { service, place, country }
    }
}

impl From<AnnexTransfer> for annex::Transfer {
    fn from(body: AnnexTransfer) -> Self {
        let AnnexTransfer { country, description, safeguard, framework, supplementary } = body;
        Self { country, description, safeguard: safeguard.0, framework, supplementary }
    }
}

impl From<AnnexSubprocessor> for annex::Subprocessor {
    fn from(body: AnnexSubprocessor) -> Self {
        Self {
            name: body.name,
            task: body.task,
            categories: body.categories,
            storage_country: body.storage_country,
            seat_country: body.seat_country,
            parent_country: body.parent_country,
            safeguard: body.safeguard,
        }
    }
}

impl From<AnnexCoupling> for annex::Coupling {
    fn from(body: AnnexCoupling) -> Self {
        let fields = body.fields.iter().map(|name| name.0).collect();
        let AnnexCoupling { system, frequency, subject, .. } = body;
        Self { system, frequency, subject: subject.0, fields }
    }
}
