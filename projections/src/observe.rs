//! Observing: instruments with all their texts, and where what was observed stands.
//!
//! *Invariant:* no score and no remark; whoever shows them reopens the records at the places given
//! here, where those of an erased person are gone by themselves.
//! *Invariant:* that an observation took place, its instrument, variant, school and dates are facts
//! and stay; whose lesson it was and who observed are kept under the keys of each and go with them.
//! *Invariant:* nothing here compares people: lists by person are asked for one person, and counts
//! are by school and variant.

mod report;

use std::collections::BTreeMap;

use bincode::{Decode, Encode};
use events::observe::{
    Instrument, InstrumentId, Item, ObservationId, ObservationPlanned, ObserveEvent, Purpose,
    Variant, Wording,
};
use events::organisation::SchoolId;
use events::{Forgotten, KeptMap, Place};
use record::{Seq, SubjectId, TimestampMicros};
use schemars::JsonSchema;
use serde::Serialize;

use crate::text::id;

pub use report::{
    AssessmentRow, CorrectionRow, DomainScore, ItemRemark, LessonRow, ObservationReport, Opened,
    RemarkRow, domain_scores, observation_report,
};

/// Instruments of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Instruments {
    versions: BTreeMap<(InstrumentId, u16), Version>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Version {
    content: Instrument,
    published_at: TimestampMicros,
    withdrawn_at: Option<TimestampMicros>,
}

/// Observations of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Observations {
    all: BTreeMap<ObservationId, Observation>,
    /// Whose lesson it is.
    teachers: KeptMap<ObservationId, ()>,
    /// Who observes.
    observers: KeptMap<ObservationId, ()>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Observation {
    instrument: InstrumentId,
    version: u16,
    variant: Variant,
    purpose: Purpose,
    school: SchoolId,
    planned_at: TimestampMicros,
    recorded_at: Option<TimestampMicros>,
    shared_at: Option<TimestampMicros>,
    withdrawn_at: Option<TimestampMicros>,
    places: Places,
}

/// Where what belongs to one observation stands; reopened, it may be gone.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Places {
    /// The plan.
    pub planned: Seq,
    /// The observer's assessment.
    pub recorded: Option<Seq>,
    /// The teacher's own assessment.
    pub self_evaluation: Option<Seq>,
    /// Corrections of the observer's assessment, the last one in force.
    pub corrections: Vec<Seq>,
    /// Remarks of the teacher and of the observer, and answers of the teacher.
    pub follow_ups: Vec<Seq>,
    /// That it was shared, or withdrawn.
    pub decisions: Vec<Seq>,
}

impl Places {
    /// Where the observer's assessment that is in force stands.
    #[must_use]
    pub fn in_force(&self) -> Option<Seq> {
        self.corrections.last().copied().or(self.recorded)
    }

    /// The two perspectives on the lesson side by side: the observer's, then the teacher's own.
    #[must_use]
    pub fn perspectives(&self) -> (Option<Seq>, Option<Seq>) {
        (self.in_force(), self.self_evaluation)
    }

    /// All of them, ascending: what [`observation_report`] reads.
    #[must_use]
    pub fn all(&self) -> Vec<Seq> {
        let single = [Some(self.planned), self.recorded, self.self_evaluation];
        let many = self.corrections.iter().chain(&self.follow_ups).chain(&self.decisions);
        let mut all: Vec<Seq> = single.into_iter().flatten().chain(many.copied()).collect();
        all.sort_unstable();
        all
    }
}

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WordingRow {
    /// In Dutch.
    pub nl: String,
    /// In English; empty where nobody wrote it.
    pub en: String,
}

/// One version of an instrument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InstrumentRow {
    /// The instrument.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub instrument: InstrumentId,
    /// Counted from 1.
    pub version: u16,
    /// Its title.
    pub title: WordingRow,
    /// The steps of the scale; the first is score 1.
    pub scale: Vec<WordingRow>,
    /// Its domains.
    pub domains: Vec<DomainRow>,
    /// Microseconds since 1970.
    pub published_at: u64,
    /// Microseconds since 1970; no observation is planned with it since.
    pub withdrawn_at: Option<u64>,
}

/// One domain of an instrument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DomainRow {
    /// Its title.
    pub title: WordingRow,
    /// Its items.
    pub items: Vec<ItemRow>,
}

/// One item of an instrument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ItemRow {
    /// What to look for.
    pub text: WordingRow,
    /// Behaviour by which it is seen.
    pub examples: Vec<WordingRow>,
}

/// One observation; whose it is, is asked by person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ObservationRow {
    /// The observation.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub observation: ObservationId,
    /// The instrument.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub instrument: InstrumentId,
    /// Its version.
    pub version: u16,
    /// As [`variant_name`] says it.
    pub variant: &'static str,
    /// As [`purpose_name`] says it.
    pub purpose: &'static str,
    /// The school.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub school: SchoolId,
    /// `planned`, `recorded` or `withdrawn`.
    pub step: &'static str,
    /// Microseconds since 1970.
    pub planned_at: u64,
    /// Microseconds since 1970.
    pub recorded_at: Option<u64>,
    /// Microseconds since 1970; when the school leader was let in.
    pub shared_at: Option<u64>,
    /// Whether the teacher evaluated the lesson too.
    pub self_evaluated: bool,
    /// How often it was corrected.
    pub corrections: usize,
    /// Where its parts stand.
    #[serde(skip)]
    #[schemars(skip)]
    pub places: Places,
}

/// How many observations a school has of one variant, erased people counted in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ObservationCount {
    /// The school.
    #[serde(serialize_with = "id")]
    pub school: SchoolId,
    /// As [`variant_name`] says it.
    pub variant: &'static str,
    /// Planned and not recorded or withdrawn yet.
    pub planned: u64,
    /// Recorded and not withdrawn.
    pub recorded: u64,
    /// Withdrawn.
    pub withdrawn: u64,
}

/// One point of a teacher's own trend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrendPoint {
    /// The observation.
    pub observation: ObservationId,
    /// The instrument: only points of the same version compare.
    pub instrument: InstrumentId,
    /// Its version.
    pub version: u16,
    /// What it may be used for: an appraisal reads points of appraisals only.
    pub purpose: Purpose,
    /// Where the assessment that is in force stands.
    pub seq: Seq,
    /// Where the teacher's own stands.
    pub self_evaluation: Option<Seq>,
}

impl Instruments {
    /// All versions, by id and version.
    pub fn list(&self) -> impl Iterator<Item = InstrumentRow> + '_ {
        self.versions.iter().map(|(key, version)| instrument_row(*key, version))
    }

    /// The content of one version: what is filled in.
    #[must_use]
    pub fn content(&self, instrument: InstrumentId, version: u16) -> Option<&Instrument> {
        self.versions.get(&(instrument, version)).map(|version| &version.content)
    }

    pub(crate) fn apply(&mut self, place: &Place, event: &ObserveEvent) {
        match event {
            ObserveEvent::InstrumentPublished(event) => {
                let version = Version {
                    content: event.content.clone(),
                    published_at: place.recorded_at,
                    withdrawn_at: None,
                };
                self.versions.insert((event.instrument, event.version), version);
            }
            ObserveEvent::InstrumentWithdrawn(event) => {
                if let Some(version) = self.versions.get_mut(&(event.instrument, event.version)) {
                    version.withdrawn_at = Some(place.recorded_at);
                }
            }
            ObserveEvent::ObservationPlanned(_)
            | ObserveEvent::ObservationRecorded(_)
            | ObserveEvent::SelfEvaluationRecorded(_)
            | ObserveEvent::ObservationShared(_)
            | ObserveEvent::ObservationCorrected(_)
            | ObserveEvent::TeacherRemarkAdded(_)
            | ObserveEvent::ObserverRemarkAdded(_)
            | ObserveEvent::ObservationSeen(_)
            | ObserveEvent::ObservationWithdrawn(_) => {}
        }
    }
}

impl Observations {
    /// One observation.
    #[must_use]
    pub fn observation(&self, observation: ObservationId) -> Option<ObservationRow> {
        self.all.get(&observation).map(|found| row(observation, found))
    }

    /// Observations of a teacher's lessons, by id.
    pub fn of_teacher(&self, teacher: SubjectId) -> impl Iterator<Item = ObservationRow> + '_ {
        self.teachers.of(teacher).filter_map(|(observation, _)| self.observation(*observation))
    }

    /// Observations by an observer, by id.
    pub fn of_observer(&self, observer: SubjectId) -> impl Iterator<Item = ObservationRow> + '_ {
        self.observers.of(observer).filter_map(|(observation, _)| self.observation(*observation))
    }

    /// Observations at a school, by id; that they took place, and nothing of whom.
    pub fn of_school(&self, school: SchoolId) -> impl Iterator<Item = ObservationRow> + '_ {
        let theirs = self.all.iter().filter(move |(_, found)| found.school == school);
        theirs.map(|(observation, found)| row(*observation, found))
    }

    /// How many there are by school and variant; an erasure changes none of them.
    #[must_use]
    pub fn counts(&self) -> Vec<ObservationCount> {
        let mut counts: BTreeMap<(SchoolId, Variant), ObservationCount> = BTreeMap::new();
        for found in self.all.values() {
            let (school, variant) = (found.school, variant_name(found.variant));
            let none = ObservationCount { school, variant, planned: 0, recorded: 0, withdrawn: 0 };
            let count = counts.entry((school, found.variant)).or_insert(none);
            let counted = match (found.withdrawn_at, found.recorded_at) {
                (Some(_), _) => &mut count.withdrawn,
                (None, Some(_)) => &mut count.recorded,
                (None, None) => &mut count.planned,
            };
            *counted = counted.saturating_add(1);
        }
        counts.into_values().collect()
    }

    /// A teacher's own trend, in the order in which the lessons were recorded.
    #[must_use]
    pub fn trend_of(&self, teacher: SubjectId) -> Vec<TrendPoint> {
        let theirs = self.teachers.of(teacher);
        let found = theirs.filter_map(|(id, _)| self.all.get(id).map(|found| (*id, found)));
        let counting = found.filter(|(_, found)| found.withdrawn_at.is_none());
        let mut points: Vec<(Option<Seq>, TrendPoint)> = counting
            .filter_map(|(id, found)| Some((found.places.recorded, trend_point(id, found)?)))
            .collect();
        points.sort_by_key(|(recorded, _)| *recorded);
        points.into_iter().map(|(_, point)| point).collect()
    }

    pub(crate) fn apply(&mut self, place: &Place, event: &ObserveEvent) {
        let (at, seq) = (place.recorded_at, place.seq);
        match event {
            ObserveEvent::InstrumentPublished(_) | ObserveEvent::InstrumentWithdrawn(_) => {}
            ObserveEvent::ObservationPlanned(event) => self.planned(place, event),
            ObserveEvent::ObservationRecorded(event) => self.change(event.observation, |found| {
                found.recorded_at = Some(at);
                found.places.recorded = Some(seq);
            }),
            ObserveEvent::SelfEvaluationRecorded(event) => {
                self.change(event.observation, |found| found.places.self_evaluation = Some(seq));
            }
            ObserveEvent::ObservationCorrected(event) => {
                self.change(event.observation, |found| found.places.corrections.push(seq));
            }
            ObserveEvent::TeacherRemarkAdded(event) => self.follow_up(event.observation, seq),
            ObserveEvent::ObserverRemarkAdded(event) => self.follow_up(event.observation, seq),
            ObserveEvent::ObservationSeen(event) => self.follow_up(event.observation, seq),
            ObserveEvent::ObservationShared(event) => self.change(event.observation, |found| {
                found.shared_at = Some(at);
                found.places.decisions.push(seq);
            }),
            ObserveEvent::ObservationWithdrawn(event) => self.change(event.observation, |found| {
                found.withdrawn_at = Some(at);
                found.places.decisions.push(seq);
            }),
        }
    }

    fn planned(&mut self, place: &Place, event: &ObservationPlanned) {
        let places = Places {
            planned: place.seq,
            recorded: None,
            self_evaluation: None,
            corrections: Vec::new(),
            follow_ups: Vec::new(),
            decisions: Vec::new(),
        };
        let observation = Observation {
            instrument: event.instrument,
            version: event.version,
            variant: event.variant,
            purpose: event.purpose,
            school: event.school,
            planned_at: place.recorded_at,
            recorded_at: None,
            shared_at: None,
            withdrawn_at: None,
            places,
        };
        self.all.insert(event.observation, observation);
        if let Some(keys) = event.teacher.keys() {
            self.teachers.insert(event.observation, keys, ());
        }
        if let Some(keys) = event.observer.keys() {
            self.observers.insert(event.observation, keys, ());
        }
    }

    fn follow_up(&mut self, observation: ObservationId, seq: Seq) {
        self.change(observation, |found| found.places.follow_ups.push(seq));
    }

    fn change(&mut self, observation: ObservationId, change: impl FnOnce(&mut Observation)) {
        if let Some(found) = self.all.get_mut(&observation) {
            change(found);
        }
    }

    pub(crate) fn forget(&mut self, gone: &Forgotten) {
        self.teachers.forget(gone);
        self.observers.forget(gone);
    }
}

fn trend_point(observation: ObservationId, found: &Observation) -> Option<TrendPoint> {
    let (in_force, self_evaluation) = found.places.perspectives();
    Some(TrendPoint {
        observation,
        instrument: found.instrument,
        version: found.version,
        purpose: found.purpose,
        seq: in_force?,
        self_evaluation,
    })
}

fn row(observation: ObservationId, found: &Observation) -> ObservationRow {
    let step = match (found.withdrawn_at, found.recorded_at) {
        (Some(_), _) => "withdrawn",
        (None, Some(_)) => "recorded",
        (None, None) => "planned",
    };
    ObservationRow {
        observation,
        instrument: found.instrument,
        version: found.version,
        variant: variant_name(found.variant),
        purpose: purpose_name(found.purpose),
        school: found.school,
        step,
        planned_at: found.planned_at.0,
        recorded_at: found.recorded_at.map(|at| at.0),
        shared_at: found.shared_at.map(|at| at.0),
        self_evaluated: found.places.self_evaluation.is_some(),
        corrections: found.places.corrections.len(),
        places: found.places.clone(),
    }
}

fn instrument_row((instrument, version): (InstrumentId, u16), found: &Version) -> InstrumentRow {
    let content = &found.content;
    let domains = content.domains.iter().map(|domain| DomainRow {
        title: wording(&domain.title),
        items: domain.items.iter().map(item_row).collect(),
    });
    InstrumentRow {
        instrument,
        version,
        title: wording(&content.title),
        scale: content.scale.iter().map(wording).collect(),
        domains: domains.collect(),
        published_at: found.published_at.0,
        withdrawn_at: found.withdrawn_at.map(|at| at.0),
    }
}

fn item_row(item: &Item) -> ItemRow {
    ItemRow { text: wording(&item.text), examples: item.examples.iter().map(wording).collect() }
}

fn wording(text: &Wording) -> WordingRow {
    WordingRow { nl: text.dutch.clone(), en: text.english.clone() }
}

/// A variant as it is named to programs.
#[must_use]
pub const fn variant_name(variant: Variant) -> &'static str {
    match variant {
        Variant::Peer => "peer",
        Variant::Coaching => "coaching",
        Variant::Appraisal => "appraisal",
        Variant::SchoolReview => "school-review",
    }
}

/// A purpose as it is named to programs.
#[must_use]
pub const fn purpose_name(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Development => "development",
        Purpose::Induction => "induction",
        Purpose::Appraisal => "appraisal",
        Purpose::SchoolReview => "school-review",
    }
}
