//! What an annex says, in the shape of the privacy annex of covenant 4.0.
//!
//! *Invariant:* it tells of organisations, kinds of people and kinds of data, never of a person.

use bincode::{Decode, Encode};

use super::{
    FieldId, Module, Necessity, RetentionAction, RetentionTrigger, Safeguard, Sector, SubjectKind,
    Supply,
};

/// Longest description, in bytes.
pub const ANNEX_TEXT_BYTES_MAX: usize = 2_000;
/// Longest name or place, in bytes.
pub const ANNEX_NAME_BYTES_MAX: usize = 200;
/// Longest code of a service or a purpose, in bytes.
pub const CODE_BYTES_MAX: usize = 40;
/// Most field ticks of one annex.
pub const TICKS_MAX: usize = 500;
/// Most entries of every other list of one annex.
pub const ENTRIES_MAX: usize = 50;

/// All of one version of an annex.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Contents {
    /// What the product is.
    pub general: General,
    /// What is done with it.
    pub services: Vec<Service>,
    /// What for.
    pub purposes: Vec<Purpose>,
    /// Which data, and which not.
    pub fields: Vec<FieldTick>,
    /// How long.
    pub retention: Vec<RetentionRule>,
    /// Where.
    pub locations: Vec<Location>,
    /// Where outside the EEA, and under which safeguard.
    pub transfers: Vec<Transfer>,
    /// By whom else.
    pub subprocessors: Vec<Subprocessor>,
    /// From which systems of the school.
    pub couplings: Vec<Coupling>,
    /// How it is secured, in general, and where the full statement is; at most
    /// [`ANNEX_TEXT_BYTES_MAX`].
    pub security: String,
}

/// What a product is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct General {
    /// Its name; at most [`ANNEX_NAME_BYTES_MAX`].
    pub product: String,
    /// What it does, in plain language; at most [`ANNEX_TEXT_BYTES_MAX`].
    pub explanation: String,
    /// The page of the supplier; at most [`ANNEX_NAME_BYTES_MAX`].
    pub supplier_url: String,
    /// The page of the product; at most [`ANNEX_NAME_BYTES_MAX`].
    pub product_url: String,
    /// For which sectors.
    pub sectors: Vec<Sector>,
    /// Who uses it.
    pub users: Vec<SubjectKind>,
    /// What kind of supply it is.
    pub supply: Supply,
}

/// One service and its processing.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Service {
    /// Its code in this annex; at most [`CODE_BYTES_MAX`]. What the school accepted under a code
    /// stays accepted in later versions: a service that changes gets another code.
    pub id: String,
    /// What it is; at most [`ANNEX_TEXT_BYTES_MAX`].
    pub description: String,
    /// What is processed for it; at most [`ANNEX_TEXT_BYTES_MAX`].
    pub processing: String,
    /// Whether it can be had without.
    pub necessity: Necessity,
    /// Which modules it runs.
    pub modules: Vec<Module>,
}

/// One purpose.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Purpose {
    /// Its code in this annex; at most [`CODE_BYTES_MAX`].
    pub id: String,
    /// What it is; at most [`ANNEX_TEXT_BYTES_MAX`].
    pub text: String,
    /// In which modules.
    pub modules: Vec<Module>,
}

/// One box of the table of data, ticked or not.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FieldTick {
    /// Whose data.
    pub kind: SubjectKind,
    /// In which modules.
    pub modules: Vec<Module>,
    /// Which field.
    pub field: FieldId,
    /// Whether it may be processed.
    pub ticked: bool,
    /// The law that prescribes or allows it, where [`FieldId::needs_law`]; at most
    /// [`ANNEX_NAME_BYTES_MAX`].
    pub law: Option<String>,
    /// What stands beside the box; at most [`ANNEX_TEXT_BYTES_MAX`].
    pub note: Option<String>,
}

impl FieldTick {
    /// Whether the field passes: ticked, and with a law where one is needed.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.ticked && (!self.field.needs_law() || self.law.is_some())
    }
}

/// How long something is kept, or what ends it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RetentionRule {
    /// What is kept; at most [`ANNEX_NAME_BYTES_MAX`].
    pub scope: String,
    /// The rule in words; at most [`ANNEX_TEXT_BYTES_MAX`].
    pub rule: String,
    /// What it waits for.
    pub trigger: RetentionTrigger,
    /// The period, like `P2Y`, if it is counted.
    pub period: Option<String>,
    /// What happens then.
    pub action: RetentionAction,
}

/// Where a service processes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Location {
    /// Code of the service; `None` for all of them.
    pub service: Option<String>,
    /// The place; at most [`ANNEX_NAME_BYTES_MAX`].
    pub place: String,
    /// The country, as ISO 3166-1 alpha-2.
    pub country: String,
}

/// A transfer outside the EEA.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Transfer {
    /// The country, as ISO 3166-1 alpha-2.
    pub country: String,
    /// What is transferred to whom; at most [`ANNEX_TEXT_BYTES_MAX`].
    pub description: String,
    /// What makes it lawful.
    pub safeguard: Safeguard,
    /// Which framework, clauses or rules; at most [`ANNEX_NAME_BYTES_MAX`].
    pub framework: String,
    /// What was added to the safeguard; at most [`ANNEX_TEXT_BYTES_MAX`].
    pub supplementary: Option<String>,
}

/// Another processor that the processor engages.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Subprocessor {
    /// Its name; at most [`ANNEX_NAME_BYTES_MAX`].
    pub name: String,
    /// What it does; at most [`ANNEX_TEXT_BYTES_MAX`].
    pub task: String,
    /// Which data; at most [`ANNEX_TEXT_BYTES_MAX`].
    pub categories: String,
    /// Where it stores, as ISO 3166-1 alpha-2.
    pub storage_country: String,
    /// Where it is established, as ISO 3166-1 alpha-2.
    pub seat_country: String,
    /// Where its parent is established, if it has one elsewhere.
    pub parent_country: Option<String>,
    /// The safeguard against access from outside the EEA, and its framework; at most
    /// [`ANNEX_TEXT_BYTES_MAX`].
    pub safeguard: Option<String>,
}

/// A coupling with a system of the school.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Coupling {
    /// Which system; at most [`ANNEX_NAME_BYTES_MAX`].
    pub system: String,
    /// How often; at most [`ANNEX_NAME_BYTES_MAX`].
    pub frequency: String,
    /// Whose data.
    pub subject: SubjectKind,
    /// Which fields.
    pub fields: Vec<FieldId>,
}

/// The states of the European Economic Area, as ISO 3166-1 alpha-2.
// SOURCE: EEA Agreement: the member states of the Union, Iceland, Liechtenstein and Norway.
const EEA: [&str; 30] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS",
    "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// Whether a country lies in the European Economic Area.
#[must_use]
pub fn is_eea(country: &str) -> bool {
    EEA.contains(&country)
}
