//! What is told with the operations of observing.

use events::observe::{
    Acknowledgement, Assessment, CorrectedAssessment, Domain, Instrument, Item, LaterRemark,
    Purpose, Remark, Variant, WithdrawnBecause, Wording,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::super::named::named;

named! {
    /// Who observes whom, and so who may see it.
    VariantName = Variant { Peer, Coaching, Appraisal, SchoolReview }
    /// What it is for.
    PurposeName = Purpose { Development, Induction, Appraisal, SchoolReview }
    /// What the teacher says of it.
    AnswerName = Acknowledgement { Seen, Agreed, AsksCorrection }
    /// Why it does not count.
    BecauseName = WithdrawnBecause { LessonCancelled, Mistake, Objection }
}

/// A text in both languages.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TextIn {
    /// In Dutch.
    nl: String,
    /// In English; empty where nobody wrote it.
    #[serde(default)]
    en: String,
}

/// A version of an instrument to publish.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewInstrument {
    /// Which instrument it is a version of; without it, a new one.
    pub(super) instrument: Option<String>,
    /// Counted from 1, without gaps.
    pub(super) version: u16,
    title: TextIn,
    /// The steps of the scale, from weak to strong.
    scale: Vec<TextIn>,
    domains: Vec<DomainIn>,
}

/// Items that belong together.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DomainIn {
    title: TextIn,
    items: Vec<ItemIn>,
}

/// One thing to look for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ItemIn {
    text: TextIn,
    /// Behaviour by which it is seen.
    #[serde(default)]
    examples: Vec<TextIn>,
}

/// A version of an instrument.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VersionOf {
    pub(super) instrument: String,
    pub(super) version: u16,
}

/// An observation to plan.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Planning {
    pub(super) instrument: String,
    pub(super) version: u16,
    pub(super) variant: VariantName,
    pub(super) purpose: PurposeName,
    pub(super) school: String,
    /// Whose lesson it is.
    pub(super) teacher: String,
    /// Who observes; without it, the caller.
    pub(super) observer: Option<String>,
    /// Microseconds since 1970.
    pub(super) lesson_at: u64,
    /// The group that is taught; at most 100 bytes.
    pub(super) group: String,
}

/// What was seen.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Assessing {
    /// One for each item, counted from 1; null is not applicable.
    scores: Vec<Option<u8>>,
    #[serde(default)]
    remarks: Vec<Remarking>,
}

/// What was seen, corrected.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Correcting {
    /// All scores anew.
    scores: Vec<Option<u8>>,
    /// All remarks anew.
    #[serde(default)]
    remarks: Vec<Remarking>,
    /// Why; at most 2,000 bytes.
    reason: String,
}

/// A remark.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Remarking {
    /// The item, counted from 0; null for the lesson as a whole.
    item: Option<u16>,
    /// At most 2,000 bytes.
    text: String,
}

/// What the teacher says.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Acknowledging {
    pub(super) answer: AnswerName,
}

/// Why it does not count.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Withdrawing {
    pub(super) because: BecauseName,
}

impl From<TextIn> for Wording {
    fn from(text: TextIn) -> Self {
        Self { dutch: text.nl, english: text.en }
    }
}

impl NewInstrument {
    pub(super) fn content(self) -> Instrument {
        let item = |item: ItemIn| Item {
            text: item.text.into(),
            examples: item.examples.into_iter().map(Wording::from).collect(),
        };
        let domain = |domain: DomainIn| Domain {
            title: domain.title.into(),
            items: domain.items.into_iter().map(item).collect(),
        };
        Instrument {
            title: self.title.into(),
            scale: self.scale.into_iter().map(Wording::from).collect(),
            domains: self.domains.into_iter().map(domain).collect(),
        }
    }
}

impl From<Remarking> for Remark {
    fn from(remark: Remarking) -> Self {
        Self { item: remark.item, text: remark.text }
    }
}

impl From<Remarking> for LaterRemark {
    fn from(remark: Remarking) -> Self {
        Self { remark: remark.into() }
    }
}

impl From<Assessing> for Assessment {
    fn from(body: Assessing) -> Self {
        let remarks = body.remarks.into_iter().map(Remark::from).collect();
        Self { scores: body.scores, remarks }
    }
}

impl From<Correcting> for CorrectedAssessment {
    fn from(body: Correcting) -> Self {
        let remarks = body.remarks.into_iter().map(Remark::from).collect();
        Self { scores: body.scores, remarks, reason: body.reason }
    }
}
