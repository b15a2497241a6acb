//! One observation as it is shown to somebody who may see it, computed from its reopened records.
//!
//! *Invariant:* a domain has a mean only when at least half of its items were answered, and `n`
//! always stands beside it; numbers are integers, so that a replay gives the same ones.
//! *Invariant:* what was erased is shown as erased, never left out.

use events::About;
use events::observe::{
    Acknowledgement, Assessment, Authorship, CorrectedAssessment, Instrument, InstrumentId,
    LaterRemark, ObservationId, ObservationPlanned, ObserveEvent, PlannedLesson, Remark, Response,
};
use events::organisation::SchoolId;
use record::SubjectId;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::{purpose_name, variant_name};
use crate::text::id;

const MILLION: u64 = 1_000_000;

/// What was told about somebody: known, or erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Opened<T> {
    /// It opens.
    Known(T),
    /// Its keys were destroyed.
    Erased,
}

/// The scores of one domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DomainScore {
    /// The domain, counted from 0.
    pub domain: usize,
    /// Mean over the answered items in millionths, rounded half up; only where it is shown.
    pub mean_millionths: Option<u64>,
    /// How many items it has.
    pub n_items: u64,
    /// How many were answered.
    pub n_answered: u64,
    /// Whether at least half were answered.
    pub shown: bool,
}

/// An observation, as far as it opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ObservationReport {
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
    /// The variant.
    pub variant: &'static str,
    /// The purpose.
    pub purpose: &'static str,
    /// The school.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub school: SchoolId,
    /// `planned`, `recorded` or `withdrawn`.
    pub step: &'static str,
    /// Whether the school leader was let in.
    pub shared: bool,
    /// The teacher and the lesson.
    pub lesson: Opened<LessonRow>,
    /// Who observes.
    #[serde(serialize_with = "person")]
    #[schemars(with = "String")]
    pub observer: Opened<SubjectId>,
    /// The observer's assessment that is in force: the last correction, or what was recorded.
    pub observed: Option<Opened<AssessmentRow>>,
    /// Why each correction was made, oldest first, and what stood there before.
    pub corrections: Vec<CorrectionRow>,
    /// The teacher's own assessment.
    pub self_evaluation: Option<Opened<AssessmentRow>>,
    /// Remarks that were made later, oldest first.
    pub remarks: Vec<RemarkRow>,
    /// What the teacher answered, oldest first.
    ///
    /// Each is `seen`, `agreed` or `asks-correction`.
    pub answers: Vec<Opened<&'static str>>,
}

/// The lesson that was planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LessonRow {
    /// The teacher.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub teacher: SubjectId,
    /// Microseconds since 1970.
    pub lesson_at: u64,
    /// The group that was taught.
    pub group: String,
}

/// One assessment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AssessmentRow {
    /// One for each item; `None` is not applicable.
    pub scores: Vec<Option<u8>>,
    /// One for each domain.
    pub domains: Vec<DomainScore>,
    /// Remarks about items and the lesson.
    pub remarks: Vec<ItemRemark>,
}

/// One remark inside an assessment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ItemRemark {
    /// The item, counted from 0; `None` for the lesson as a whole.
    pub item: Option<u16>,
    /// The remark.
    pub text: String,
}

/// One correction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CorrectionRow {
    /// Why.
    pub reason: Opened<String>,
    /// What stood there before.
    pub before: Opened<AssessmentRow>,
}

/// One remark that was made later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RemarkRow {
    /// `teacher` or `observer`.
    pub by: &'static str,
    /// The remark.
    pub remark: Opened<ItemRemark>,
}

/// The scores by domain; items that are not applicable count in nothing but `n_items`.
#[must_use]
pub fn domain_scores(instrument: &Instrument, scores: &[Option<u8>]) -> Vec<DomainScore> {
    let mut rest = scores.iter();
    let domains = instrument.domains.iter().enumerate();
    domains
        .map(|(domain, content)| {
            let answered: Vec<u64> = rest
                .by_ref()
                .take(content.items.len())
                .flatten()
                .map(|score| (*score).into())
                .collect();
            domain_score(domain, count(content.items.len()), &answered)
        })
        .collect()
}

fn domain_score(domain: usize, n_items: u64, answered: &[u64]) -> DomainScore {
    let (n_answered, sum) = (count(answered.len()), answered.iter().sum::<u64>());
    let shown = n_answered > 0 && n_answered.saturating_mul(2) >= n_items;
    let twice = n_answered.saturating_mul(2);
    let rounded = sum.saturating_mul(2 * MILLION).saturating_add(n_answered).checked_div(twice);
    DomainScore { domain, mean_millionths: rounded.filter(|_| shown), n_items, n_answered, shown }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// One observation from its reopened records in their order; `None` where the plan is missing.
///
/// What belongs to another observation is passed over.
#[must_use]
pub fn observation_report(
    instrument: &Instrument,
    events: &[ObserveEvent],
) -> Option<ObservationReport> {
    let plan = events.iter().find_map(|event| match event {
        ObserveEvent::ObservationPlanned(plan) => Some(plan),
        _ => None,
    })?;
    let mut report = planned(plan);
    events.iter().for_each(|event| report.read(instrument, event));
    Some(report)
}

fn planned(plan: &ObservationPlanned) -> ObservationReport {
    ObservationReport {
        observation: plan.observation,
        instrument: plan.instrument,
        version: plan.version,
        variant: variant_name(plan.variant),
        purpose: purpose_name(plan.purpose),
        school: plan.school,
        step: "planned",
        shared: false,
        lesson: lesson(&plan.teacher),
        observer: author(&plan.observer),
        observed: None,
        corrections: Vec::new(),
        self_evaluation: None,
        remarks: Vec::new(),
        answers: Vec::new(),
    }
}

impl ObservationReport {
    fn read(&mut self, instrument: &Instrument, event: &ObserveEvent) {
        let this = self.observation;
        match event {
            ObserveEvent::ObservationRecorded(event) if event.observation == this => {
                self.step = "recorded";
                self.observed = Some(assessment(instrument, &event.teacher));
            }
            ObserveEvent::SelfEvaluationRecorded(event) if event.observation == this => {
                self.self_evaluation = Some(assessment(instrument, &event.teacher));
            }
            ObserveEvent::ObservationCorrected(event) if event.observation == this => {
                self.correct(instrument, &event.teacher);
            }
            ObserveEvent::TeacherRemarkAdded(event) if event.observation == this => {
                self.remarks.push(RemarkRow { by: "teacher", remark: later(&event.teacher) });
            }
            ObserveEvent::ObserverRemarkAdded(event) if event.observation == this => {
                self.remarks.push(RemarkRow { by: "observer", remark: later(&event.teacher) });
            }
            ObserveEvent::ObservationSeen(event) if event.observation == this => {
                self.answers.push(answer(&event.teacher));
            }
            ObserveEvent::ObservationShared(event) if event.observation == this => {
                self.shared = true;
            }
            ObserveEvent::ObservationWithdrawn(event) if event.observation == this => {
                self.step = "withdrawn";
            }
            _ => {}
        }
    }

    fn correct(&mut self, instrument: &Instrument, part: &About<CorrectedAssessment>) {
        let reason = opened(part, |told| told.reason.clone());
        let now = opened(part, |told| assessed(instrument, &told.scores, &told.remarks));
        let before = self.observed.replace(now).unwrap_or(Opened::Erased);
        self.corrections.push(CorrectionRow { reason, before });
    }
}

fn opened<T, U>(part: &About<T>, show: impl FnOnce(&T) -> U) -> Opened<U> {
    part.value().map_or(Opened::Erased, |told| Opened::Known(show(told)))
}

fn lesson(part: &About<PlannedLesson>) -> Opened<LessonRow> {
    let About::Known { subject, value, .. } = part else { return Opened::Erased };
    let (lesson_at, group) = (value.lesson_at.0, value.group.clone());
    Opened::Known(LessonRow { teacher: *subject, lesson_at, group })
}

fn author(part: &About<Authorship>) -> Opened<SubjectId> {
    part.subject().map_or(Opened::Erased, Opened::Known)
}

fn assessment(instrument: &Instrument, part: &About<Assessment>) -> Opened<AssessmentRow> {
    opened(part, |told| assessed(instrument, &told.scores, &told.remarks))
}

fn assessed(instrument: &Instrument, scores: &[Option<u8>], remarks: &[Remark]) -> AssessmentRow {
    AssessmentRow {
        scores: scores.to_vec(),
        domains: domain_scores(instrument, scores),
        remarks: remarks.iter().map(remark).collect(),
    }
}

fn remark(remark: &Remark) -> ItemRemark {
    ItemRemark { item: remark.item, text: remark.text.clone() }
}

fn later(part: &About<LaterRemark>) -> Opened<ItemRemark> {
    opened(part, |told| remark(&told.remark))
}

fn answer(part: &About<Response>) -> Opened<&'static str> {
    opened(part, |told| match told.answer {
        Acknowledgement::Seen => "seen",
        Acknowledgement::Agreed => "agreed",
        Acknowledgement::AsksCorrection => "asks-correction",
    })
}

/// Writes who it is, or `erased`.
fn person<S: Serializer>(person: &Opened<SubjectId>, serializer: S) -> Result<S::Ok, S::Error> {
    match person {
        Opened::Known(subject) => serializer.collect_str(subject),
        Opened::Erased => serializer.serialize_str("erased"),
    }
}
