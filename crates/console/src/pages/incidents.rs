//! The register of incidents, with running clocks, and a dossier.

use serde::Deserialize;

use super::Words;
use crate::frame::Frame;
use crate::page::page;

page! {
    Incidents => IncidentsPage "incidents.html";
    Dossier => DossierPage "dossier.html";
}

/// The register.
#[derive(Debug, Deserialize)]
pub struct Incidents {
    see_incidents: Register,
    /// The day that the register is shown as of; empty for now.
    #[serde(default)]
    on: String,
}

/// What `see-incidents` answers.
#[derive(Debug, Deserialize)]
pub(super) struct Register {
    pub(super) incidents: Vec<Registered>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Registered {
    pub(super) incident: Row,
    pub(super) clocks: Vec<Clock>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    pub(super) incident: String,
    pub(super) number: u32,
    pub(super) kind: Words,
    pub(super) step: Words,
    reported_at: u64,
    discovered_at: u64,
    is_breach: bool,
    severity: Option<Words>,
    risk: Option<Words>,
    people: Option<Count>,
    version: u32,
    authority: Option<Decision>,
    subjects: Option<Decision>,
    outcome: Option<Words>,
    reason: Option<String>,
    pub(super) closed_at: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Count {
    min: u32,
    max: u32,
}

#[derive(Debug, Deserialize)]
pub(super) struct Clock {
    pub(super) what: Words,
    pub(super) ends_at: u64,
    pub(super) done_at: Option<u64>,
    pub(super) is_late: bool,
    pub(super) remaining: Words,
    counted: Words,
}

#[derive(Debug, Deserialize)]
struct Decision {
    is_told: bool,
    holds: bool,
    at: Option<u64>,
    reference: Option<String>,
    ground: Option<Words>,
    reason: Option<String>,
}

/// One incident.
#[derive(Debug, Deserialize)]
pub struct Dossier {
    see_dossier: Shown,
}

#[derive(Debug, Deserialize)]
struct Shown {
    dossier: Told,
    clocks: Vec<Clock>,
    stories: Vec<Story>,
    missing: Vec<Words>,
}

#[derive(Debug, Deserialize)]
struct Told {
    row: Row,
    detected_by: Words,
    from: Option<Value>,
    until: Option<Value>,
    broken: Vec<Words>,
    personal_data: Option<Words>,
    groups: Option<Value>,
    kinds: Option<Value>,
    protection: Option<Value>,
    listed: u32,
    still_listed: u32,
    versions: Vec<Version>,
    steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
struct Version {
    version: u32,
    stated_at: u64,
    items: Vec<Item>,
}

#[derive(Debug, Deserialize)]
struct Item {
    label: Words,
    value: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Step {
    at: u64,
    step: Words,
    text: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Story {
    at: u64,
    text: String,
}

/// What an item says.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Value {
    Text(String),
    Moment(u64),
    Words(Words),
    Count(Count),
    List(Vec<Words>),
    Counted(Vec<Counted>),
    Names(Vec<String>),
}

#[derive(Debug, Deserialize)]
struct Counted {
    what: Words,
    count: Option<Count>,
}

impl Count {
    fn shown(&self) -> String {
        if self.min == self.max {
            self.min.to_string()
        } else {
            format!("{}–{}", self.min, self.max)
        }
    }
}

impl Value {
    fn shown(&self, frame: &Frame) -> String {
        let words = |all: &Vec<Words>| {
            all.iter().map(|words| frame.words(words).to_owned()).collect::<Vec<_>>().join(", ")
        };
        match self {
            Self::Text(text) => text.clone(),
            Self::Moment(at) => frame.moment(at),
            Self::Words(words) => frame.words(words).to_owned(),
            Self::Count(count) => count.shown(),
            Self::List(all) => words(all),
            Self::Names(names) => names.join(", "),
            Self::Counted(all) => {
                let unknown = frame.say("nog niet bekend", "not yet known");
                let count = |it: &Option<Count>| it.as_ref().map_or(unknown.into(), Count::shown);
                let one = |it: &Counted| format!("{}: {}", frame.words(&it.what), count(&it.count));
                all.iter().map(one).collect::<Vec<_>>().join("; ")
            }
        }
    }
}

/// The forms of a dossier.
const STEPS: &[&str] = &[
    "note-incident",
    "classify-incident",
    "confirm-breach",
    "freeze-breach-scope",
    "state-notice",
    "notify-school",
    "follow-up-incident",
    "record-awareness",
    "reported-to-authority",
    "not-reported-to-authority",
    "people-informed",
    "people-not-informed",
    "record-costs",
    "record-lesson",
    "withdraw-breach",
    "close-incident",
    "reopen-incident",
];

impl Dossier {
    /// What may be done with it, each with its address and name.
    fn steps(&self, frame: &Frame) -> Vec<(&'static str, &'static str)> {
        let forms = crate::forms::all().filter(|form| STEPS.contains(&form.id));
        let may = forms.filter(|form| frame.may(form.operation));
        may.map(|form| (form.id, form.title.in_(frame.language))).collect()
    }
}
