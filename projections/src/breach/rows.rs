//! What is shown of incidents and breaches.
//!
//! Every moment is in microseconds since 1970, every id a random reference.

use events::breach::{
    CaseId, ContactId, Count, DataCount, GroupCount, IncidentId, Item, NoticeFacts, Until,
};
use record::{ActorId, Seq};
use schemars::JsonSchema;
use serde::Serialize;
use serde::ser::Serializer;

use super::words::{self, Words, words};
use crate::text::{id, id_if_any};

/// How many, at least and at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CountRow {
    /// At least.
    pub min: u32,
    /// At most.
    pub max: u32,
}

/// How many of what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CountedRow {
    /// Of what.
    pub what: Words,
    /// How many, if that is known.
    pub count: Option<CountRow>,
    /// Whether it is a special category, or a vulnerable group.
    pub is_special: bool,
}

/// What an item says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "NoticeValue")]
pub enum Value {
    /// A text.
    Text(String),
    /// A moment.
    Moment(u64),
    /// A value of a closed list.
    Words(Words),
    /// Several of them.
    List(Vec<Words>),
    /// Several names.
    Names(Vec<String>),
    /// Numbers.
    Counted(Vec<CountedRow>),
    /// One number.
    Count(CountRow),
}

/// One item of a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NoticeItemRow {
    /// Its name, as programs name it.
    pub item: &'static str,
    /// Its name, as people read it.
    pub label: Words,
    /// What it says; nothing if it is not yet known.
    pub value: Option<Value>,
}

/// One version of a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NoticeVersionRow {
    /// Counted from 1.
    pub version: u32,
    /// When it was stated.
    pub stated_at: u64,
    /// Who stated it.
    #[serde(serialize_with = "id_if_any")]
    #[schemars(with = "Option<String>")]
    pub by: Option<ActorId>,
    /// Items that differ from the version before.
    pub changed: Vec<&'static str>,
    /// Items that are not yet known.
    pub open: Vec<&'static str>,
    /// All of it.
    pub items: Vec<NoticeItemRow>,
}

/// The clocks of a breach; whoever shows them counts what is left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Clocks {
    /// Since when the processor knows.
    pub confirmed_at: Option<u64>,
    /// Within how many hours the agreement wants the school told.
    pub notify_hours: Option<u32>,
    /// Until when the agreement wants the school told.
    pub notify_by: Option<u64>,
    /// When the school was told.
    pub notified_at: Option<u64>,
    /// In how many whole hours after the processor knew.
    pub notified_after_hours: Option<u64>,
    /// Since when the school knows.
    pub aware_at: Option<u64>,
    /// Until when the authority must be told: 72 hours later, exactly.
    pub report_by: Option<u64>,
    /// When the authority was first told.
    pub reported_at: Option<u64>,
}

/// What was decided about telling the authority, or the people concerned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DecisionRow {
    /// Whether they were told.
    pub is_told: bool,
    /// Whether it holds: a higher risk takes back a decision not to tell, and withdrawing the breach
    /// takes back both.
    pub holds: bool,
    /// When they were told, or a public notice was given instead.
    pub at: Option<u64>,
    /// How.
    pub means: Option<Words>,
    /// How many.
    pub people: Option<CountRow>,
    /// The authority's reference.
    pub reference: Option<String>,
    /// On which ground not.
    pub ground: Option<Words>,
    /// Why not, or why late.
    pub reason: Option<String>,
    /// When it was recorded.
    pub recorded_at: u64,
    /// Who decided.
    #[serde(serialize_with = "id_if_any")]
    #[schemars(with = "Option<String>")]
    pub by: Option<ActorId>,
}

/// One incident in the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct IncidentRow {
    /// The incident.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub incident: IncidentId,
    /// Its number in this register, counted from 1.
    pub number: u32,
    /// What happened.
    pub kind: Words,
    /// How far it is.
    pub step: Words,
    /// When it was reported.
    pub reported_at: u64,
    /// When it was discovered.
    pub discovered_at: u64,
    /// Whether it is a confirmed breach.
    pub is_breach: bool,
    /// How bad.
    pub severity: Option<Words>,
    /// The risk to people.
    pub risk: Option<Words>,
    /// How many people, by the newest numbers.
    pub people: Option<CountRow>,
    /// The clocks.
    pub clocks: Clocks,
    /// The newest version of the notice; 0 before the first.
    pub version: u32,
    /// The version that the school was told; 0 before the first.
    pub told_version: u32,
    /// About the authority.
    pub authority: Option<DecisionRow>,
    /// About the people concerned.
    pub subjects: Option<DecisionRow>,
    /// How it ended.
    pub outcome: Option<Words>,
    /// Why it ended, or why it is no breach.
    pub reason: Option<String>,
    /// When it was closed: its own term runs from here.
    pub closed_at: Option<u64>,
}

/// One time that the school was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NoticeRow {
    /// When.
    pub at: u64,
    /// How.
    pub means: Words,
    /// Which version.
    pub version: u32,
    /// Whom; nobody anew in a follow-up.
    #[serde(serialize_with = "ids")]
    #[schemars(with = "Vec<String>")]
    pub to: Vec<ContactId>,
    /// What was done since.
    pub measures: Option<String>,
    /// Who told it.
    #[serde(serialize_with = "id_if_any")]
    #[schemars(with = "Option<String>")]
    pub by: Option<ActorId>,
}

/// One step, and who took it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StepRow {
    /// Where it stands.
    #[serde(skip)]
    #[schemars(skip)]
    pub seq: Seq,
    /// When it was recorded.
    pub at: u64,
    /// What.
    pub step: Words,
    /// What was said about it, where a text belongs to it.
    pub text: Option<String>,
    /// Who; nobody if the system did.
    #[serde(serialize_with = "id_if_any")]
    #[schemars(with = "Option<String>")]
    pub by: Option<ActorId>,
}

/// Everything about one incident that names nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Dossier {
    /// As in the register.
    pub row: IncidentRow,
    /// The processor's own case.
    #[serde(serialize_with = "id_if_any")]
    #[schemars(with = "Option<String>")]
    pub operator_case: Option<CaseId>,
    /// Who found out.
    pub detected_by: Words,
    /// Since when it happened, as it was reported.
    pub from: Option<Value>,
    /// Until when, as it was reported.
    pub until: Option<Value>,
    /// Which sides of security were broken.
    pub broken: Vec<Words>,
    /// Whether personal data are involved.
    pub personal_data: Option<Words>,
    /// Groups of people, as they were fixed.
    pub groups: Option<Value>,
    /// Kinds of data, as they were fixed.
    pub kinds: Option<Value>,
    /// Whether the data could be understood, as it was fixed.
    pub protection: Option<Value>,
    /// Where these numbers come from.
    pub source: Option<Words>,
    /// How many people were listed one by one.
    pub listed: u32,
    /// Of how many of them that is still kept.
    pub still_listed: u32,
    /// Every version of the notice.
    pub versions: Vec<NoticeVersionRow>,
    /// Every time that the school was told.
    pub notices: Vec<NoticeRow>,
    /// Whether the breach was withdrawn.
    pub is_withdrawn: bool,
    /// Every step.
    pub steps: Vec<StepRow>,
    /// Where what was told freely stands.
    #[serde(skip)]
    #[schemars(skip)]
    pub stories: Vec<Seq>,
}

impl Dossier {
    /// What the newest version says of an item.
    #[must_use]
    pub fn item(&self, item: &str) -> Option<&Value> {
        let newest = self.versions.last()?;
        newest.items.iter().find(|row| row.item == item)?.value.as_ref()
    }
}

fn ids<S: Serializer>(ids: &[ContactId], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(ids.iter().map(ToString::to_string))
}

impl From<&Count> for CountRow {
    fn from(count: &Count) -> Self {
        Self { min: count.min, max: count.max }
    }
}

pub(super) fn until(until: &Until) -> Value {
    match until {
        Until::Ongoing => Value::Words(words("it goes on", "het duurt voort")),
        Until::Ended(at) => Value::Moment(at.0),
    }
}

pub(super) fn groups(groups: &[GroupCount]) -> Value {
    let row = |entry: &GroupCount| CountedRow {
        what: words::group(entry.group),
        count: entry.people.known().map(CountRow::from),
        is_special: entry.group == events::breach::Group::Pupils,
    };
    Value::Counted(groups.iter().map(row).collect())
}

pub(super) fn kinds(kinds: &[DataCount]) -> Value {
    let row = |entry: &DataCount| CountedRow {
        what: words::data_kind(entry.kind),
        count: entry.records.known().map(CountRow::from),
        is_special: words::is_special(entry.kind),
    };
    Value::Counted(kinds.iter().map(row).collect())
}

/// All items of a notice, in its own order.
pub(super) fn items(notice: &NoticeFacts) -> Vec<NoticeItemRow> {
    [when_and_what(notice), causes(notice), whom(notice)].concat()
}

fn row(item: &'static str, label: Words, value: Option<Value>) -> NoticeItemRow {
    NoticeItemRow { item, label, value }
}

fn text(item: &Item<String>) -> Option<Value> {
    item.known().cloned().map(Value::Text)
}

fn when_and_what(notice: &NoticeFacts) -> Vec<NoticeItemRow> {
    let moment = |at: &record::TimestampMicros| Value::Moment(at.0);
    vec![
        row(
            "discovered_at",
            words("discovered", "ontdekt"),
            notice.discovered_at.known().map(moment),
        ),
        row("from", words("since", "sinds"), notice.from.known().map(moment)),
        row("until", words("until", "tot"), notice.until.known().map(until)),
        row("summary", words("summary", "samenvatting"), text(&notice.summary)),
        row(
            "security",
            words("part of security", "onderdeel van de beveiliging"),
            text(&notice.security),
        ),
        row(
            "course",
            words("how it came about", "hoe het zich heeft voorgedaan"),
            text(&notice.course),
        ),
        row(
            "done",
            words("what was done with the data", "wat er met de gegevens is gebeurd"),
            notice.done.known().map(|done| Value::List(words::done(done))),
        ),
    ]
}

fn causes(notice: &NoticeFacts) -> Vec<NoticeItemRow> {
    vec![
        row("cause", words("cause", "oorzaak"), text(&notice.cause)),
        row(
            "discovery",
            words("how it was discovered", "hoe het is ontdekt"),
            text(&notice.discovery),
        ),
        row(
            "measures_taken",
            words("measures taken", "getroffen maatregelen"),
            text(&notice.measures_taken),
        ),
        row(
            "measures_proposed",
            words("measures proposed", "voorgestelde maatregelen"),
            text(&notice.measures_proposed),
        ),
        row(
            "protection",
            words("encrypted, hashed or the like", "versleuteld, gehasht of iets dergelijks"),
            notice.protection.known().map(|it| Value::Words(words::protection(*it))),
        ),
    ]
}

fn whom(notice: &NoticeFacts) -> Vec<NoticeItemRow> {
    let names = |names: &Vec<String>| Value::Names(names.clone());
    vec![
        row(
            "groups",
            words("groups of people", "groepen betrokkenen"),
            notice.groups.known().map(|it| groups(it)),
        ),
        row(
            "kinds",
            words("kinds of data", "soorten gegevens"),
            notice.kinds.known().map(|it| kinds(it)),
        ),
        row(
            "consequences_school",
            words("consequences for the school", "gevolgen voor de school"),
            text(&notice.consequences_school),
        ),
        row(
            "consequences_people",
            words("consequences for people", "gevolgen voor betrokkenen"),
            text(&notice.consequences_people),
        ),
        row(
            "risk",
            words("risk to people", "risico voor betrokkenen"),
            notice.risk.known().map(|it| Value::Words(words::risk(*it))),
        ),
        row("contact", words("contact", "contact"), text(&notice.contact)),
        row(
            "subprocessors",
            words("subprocessors involved", "betrokken subverwerkers"),
            notice.subprocessors.known().map(names),
        ),
        row(
            "countries",
            words("other countries", "andere landen"),
            notice.countries.known().map(names),
        ),
    ]
}
