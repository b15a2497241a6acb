//! What is told with the operations of incidents and breaches.
//!
//! *Invariant:* what may be unknown is a member that may be left out; nothing is guessed for it.

use events::breach::{
    Assessment, Broken, Count, DataCount, DataKind, DetectedBy, DoneToData, FrozenScope, Group,
    GroupCount, IncidentKind, Involved, Item, Means, NotInformedBecause, NoticeFacts, Occurred,
    Outcome, Phase, Protection, Risk, Severity, Source, Until,
};
use record::TimestampMicros;
use schemars::JsonSchema;
use serde::Deserialize;

use super::super::named::named;

named! {
    /// What happened.
    KindName = IncidentKind {
        Misaddressed, Lost, Unauthorised, Published, Malware, Unavailable, Other,
    }
    /// Who found out.
    DetectedName = DetectedBy { Staff, Processor, Subprocessor, Outsider }
    /// How bad it is for the organisation.
    SeverityName = Severity { Low, Medium, High }
    /// The risk to people.
    RiskName = Risk { Unlikely, Present, High }
    /// Whether personal data are involved.
    InvolvedName = Involved { Yes, No, NotYetKnown }
    /// Whether whoever got the data could not understand them.
    ProtectionName = Protection { None, Partly, Full }
    /// A group of people.
    GroupName = Group { Pupils, Parents, Staff, Respondents, Others }
    /// A kind of data.
    DataName = DataKind {
        Contact, Credentials, Results, Answers, Financial, Health, Religion, OtherSpecial,
        NationalId, Other,
    }
    /// How somebody was told.
    MeansName = Means { Email, Telephone, Here, Letter, InPerson, PublicNotice }
    /// Which report to the authority it was.
    PhaseName = Phase { First, FollowUp }
    /// Why people are not told (GDPR art. 34).
    GroundName = NotInformedBecause { NoHighRisk, Unintelligible, MeasuresTaken, Disproportionate }
    /// How an incident ended.
    OutcomeName = Outcome { NoBreach, Breach }
}

/// How many, at least and at most.
#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[serde(deny_unknown_fields)]
pub(super) struct Counted {
    /// At least.
    min: u32,
    /// At most; the same where it is exact.
    max: u32,
}

/// When something ended.
#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Ending {
    /// It goes on.
    Ongoing,
    /// Microseconds since 1970.
    Ended(u64),
}

/// An incident to report.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Report {
    pub(super) kind: KindName,
    pub(super) detected_by: DetectedName,
    /// When it was discovered: microseconds since 1970.
    pub(super) discovered_at: u64,
    /// Since when it happened: microseconds since 1970; left out while it is not known.
    pub(super) from: Option<u64>,
    /// Until when; left out while it is not known.
    pub(super) until: Option<Ending>,
    /// How many people it may concern; left out while it is not known.
    pub(super) people: Option<Counted>,
    /// What happened, in one's own words; at most 8,000 bytes, and ends with the term of the
    /// incident.
    pub(super) story: Option<String>,
    /// The processor's own case, which only the processor names.
    pub(super) operator_case: Option<String>,
}

/// Something more to tell.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Note {
    /// At most 8,000 bytes; ends with the term of the incident.
    pub(super) story: String,
}

/// How an incident is judged.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Judgement {
    severity: SeverityName,
    risk: RiskName,
    personal_data: InvolvedName,
    broken: BrokenSides,
}

/// Which sides of security were broken.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct BrokenSides {
    /// Somebody may have read it.
    confidentiality: bool,
    /// Somebody may have changed it.
    integrity: bool,
    /// It could not be reached, or is gone.
    availability: bool,
}

/// That it is a data breach.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Confirmation {
    /// Since when the processor knows: microseconds since 1970.
    pub(super) confirmed_at: u64,
    pub(super) term: NoticeTerm,
    /// Whether the agreement wants everybody concerned told, whatever the risk.
    pub(super) informs_all: bool,
}

/// Within how long the school is told.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum NoticeTerm {
    /// As this agreement says.
    Agreement(String),
    /// 1 to 720 hours.
    Hours(u32),
}

/// Who and what is concerned, without anybody's name.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConcernedScope {
    /// 1 to 50, each group once.
    groups: Vec<GroupEntry>,
    /// 1 to 50, each kind once.
    kinds: Vec<DataEntry>,
    /// Left out while it is not known.
    protection: Option<ProtectionName>,
}

/// How many people of a group.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct GroupEntry {
    group: GroupName,
    /// Left out while it is not known.
    people: Option<Counted>,
}

/// How many records of a kind of data.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DataEntry {
    kind: DataName,
    /// Left out while it is not known.
    records: Option<Counted>,
}

/// People who are concerned.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConcernedPeople {
    /// 1 to 200, nobody twice.
    pub(super) people: Vec<ConcernedEntry>,
}

/// Somebody who is concerned.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConcernedEntry {
    pub(super) person: String,
    /// By which kinds of data: 1 to 50.
    pub(super) kinds: Vec<DataName>,
}

/// What a notice says: a full version; what is left out is marked as not yet known.
///
/// Its texts are the organisation's and name nobody; each has at most 8,000 bytes, and the body as
/// a whole its own limit.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Notice {
    /// Counted from 1, without gaps.
    pub(super) version: u32,
    /// Microseconds since 1970.
    discovered_at: Option<u64>,
    /// Since when it happened: microseconds since 1970.
    from: Option<u64>,
    /// Until when.
    until: Option<Ending>,
    /// What happened, in short.
    summary: Option<String>,
    /// Which part of security it concerns.
    security: Option<String>,
    /// How it came about.
    course: Option<String>,
    /// What was done with the data.
    done: Option<DoneWithData>,
    /// The cause.
    cause: Option<String>,
    /// How it was discovered.
    discovery: Option<String>,
    /// What was done about it.
    measures_taken: Option<String>,
    /// What will be done about it, and against its return.
    measures_proposed: Option<String>,
    /// Whether the data were encrypted, hashed or the like.
    protection: Option<ProtectionName>,
    /// Which groups of people, and how many: 1 to 50, each once.
    groups: Option<Vec<GroupEntry>>,
    /// Which kinds of data, and how many records: 1 to 50, each once.
    kinds: Option<Vec<DataEntry>>,
    /// What it may lead to for the school.
    consequences_school: Option<String>,
    /// What it may lead to for people.
    consequences_people: Option<String>,
    /// The risk to people.
    risk: Option<RiskName>,
    /// Where more can be asked: an office, not a person; at most 254 bytes.
    contact: Option<String>,
    /// Which subprocessors are involved, by name: at most 50; an empty list says none.
    subprocessors: Option<Vec<String>>,
    /// Which other countries, as two letters: at most 50; an empty list says none.
    countries: Option<Vec<String>>,
}

/// What was done with the data.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DoneWithData {
    read: bool,
    copied: bool,
    changed: bool,
    deleted: bool,
    stolen: bool,
}

/// That the school was told.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SchoolNotice {
    /// Whom: 1 to 20 contacts of the agreement.
    pub(super) to: Vec<String>,
    /// When: microseconds since 1970.
    pub(super) at: u64,
    pub(super) means: MeansName,
    /// The newest version of the notice.
    pub(super) version: u32,
}

/// Since when the school knew.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Awareness {
    /// Microseconds since 1970.
    pub(super) at: u64,
}

/// That the school was told what became known since.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FollowUp {
    /// When: microseconds since 1970.
    pub(super) at: u64,
    pub(super) means: MeansName,
    /// The newest version of the notice.
    pub(super) version: u32,
    /// What was done since; names nobody; at most 8,000 bytes.
    pub(super) measures: String,
}

/// What was decided about the authority.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum AuthorityDecision {
    /// The school reported it.
    Reported(ReportToAuthority),
    /// It is not reported.
    NotReported(NoReport),
}

/// A report to the authority.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportToAuthority {
    pub(super) phase: PhaseName,
    /// When: microseconds since 1970.
    pub(super) at: u64,
    /// The authority's reference; at most 254 bytes.
    pub(super) reference: Option<String>,
    /// Why it was later than 72 hours; names nobody; at most 8,000 bytes.
    pub(super) late_because: Option<String>,
}

/// Why the authority is not told.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoReport {
    /// Names nobody; at most 8,000 bytes.
    pub(super) reason: String,
}

/// What was decided about the people concerned.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PeopleDecision {
    /// They were told.
    Informed(Informed),
    /// They are not told.
    NotInformed(NotInformed),
}

/// How people were told.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Informed {
    /// When: microseconds since 1970.
    pub(super) at: u64,
    pub(super) means: MeansName,
    pub(super) people: Counted,
}

/// Why people are not told.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NotInformed {
    pub(super) because: GroundName,
    /// Names nobody; at most 8,000 bytes.
    pub(super) reason: String,
    /// When a public notice was given, where telling each takes too much effort: microseconds since
    /// 1970.
    pub(super) public_notice_at: Option<u64>,
}

/// A text of the organisation's.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnText {
    /// Names nobody; at most 8,000 bytes.
    pub(super) text: String,
}

/// Why what was confirmed as a breach is none.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Withdrawal {
    /// Names nobody; at most 8,000 bytes.
    pub(super) reason: String,
    /// When the report to the authority was withdrawn, if there was one: microseconds since 1970.
    pub(super) authority_told_at: Option<u64>,
}

/// How an incident ended.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Closing {
    pub(super) outcome: OutcomeName,
    /// Names nobody; at most 8,000 bytes.
    pub(super) reason: String,
}

pub(super) fn item<T>(value: Option<T>) -> Item<T> {
    value.map_or(Item::NotYetKnown, Item::Known)
}

impl From<Counted> for Count {
    fn from(Counted { min, max }: Counted) -> Self {
        Self { min, max }
    }
}

impl From<Ending> for Until {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Ongoing => Self::Ongoing,
            Ending::Ended(at) => Self::Ended(TimestampMicros(at)),
        }
    }
}

impl Report {
    pub(super) fn occurred(&self) -> Occurred {
        Occurred {
            from: item(self.from.map(TimestampMicros)),
            until: item(self.until.map(Until::from)),
        }
    }
}

impl From<Judgement> for Assessment {
    fn from(it: Judgement) -> Self {
        let BrokenSides { confidentiality, integrity, availability } = it.broken;
        Self {
            severity: it.severity.into(),
            broken: Broken { confidentiality, integrity, availability },
            risk: it.risk.into(),
            personal_data: it.personal_data.into(),
        }
    }
}

fn groups(entries: Vec<GroupEntry>) -> Vec<GroupCount> {
    let count = |it: GroupEntry| GroupCount {
        group: it.group.into(),
        people: item(it.people.map(Count::from)),
    };
    entries.into_iter().map(count).collect()
}

fn kinds(entries: Vec<DataEntry>) -> Vec<DataCount> {
    let count = |it: DataEntry| DataCount {
        kind: it.kind.into(),
        records: item(it.records.map(Count::from)),
    };
    entries.into_iter().map(count).collect()
}

impl From<ConcernedScope> for FrozenScope {
    fn from(scope: ConcernedScope) -> Self {
        Self {
            groups: groups(scope.groups),
            kinds: kinds(scope.kinds),
            protection: item(scope.protection.map(Protection::from)),
            source: Source::Stated,
        }
    }
}

impl From<Notice> for NoticeFacts {
    fn from(it: Notice) -> Self {
        let done = |DoneWithData { read, copied, changed, deleted, stolen }| DoneToData {
            read,
            copied,
            changed,
            deleted,
            stolen,
        };
        Self {
            discovered_at: item(it.discovered_at.map(TimestampMicros)),
            from: item(it.from.map(TimestampMicros)),
            until: item(it.until.map(Until::from)),
            summary: item(it.summary),
            security: item(it.security),
            course: item(it.course),
            done: item(it.done.map(done)),
            cause: item(it.cause),
            discovery: item(it.discovery),
            measures_taken: item(it.measures_taken),
            measures_proposed: item(it.measures_proposed),
            protection: item(it.protection.map(Protection::from)),
            groups: item(it.groups.map(groups)),
            kinds: item(it.kinds.map(kinds)),
            consequences_school: item(it.consequences_school),
            consequences_people: item(it.consequences_people),
            risk: item(it.risk.map(Risk::from)),
            contact: item(it.contact),
            subprocessors: item(it.subprocessors),
            countries: item(it.countries),
        }
    }
}
