//! Published analyses, in the order of their publication.
//!
//! *Invariant:* the numbers are those of the event, digit for digit; nothing is computed here.

use std::collections::BTreeMap;

use bincode::{Decode, Encode};
use events::discover::{Bucket, Cell, QuestionResult, Shown};
use events::{DiscoverEvent, Place, Publication, RoundId};
use record::{Seq, TimestampMicros};
use schemars::JsonSchema;
use serde::Serialize;

use crate::text::id;

/// Publications of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Analyses {
    rounds: BTreeMap<RoundId, Vec<Published>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Published {
    seq: Seq,
    at: TimestampMicros,
    publication: Publication,
}

/// One publication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PublishedAnalysis {
    /// The round.
    #[serde(serialize_with = "id")]
    #[schemars(with = "String")]
    pub round: RoundId,
    /// Where the publication stands in the journal.
    pub seq: u64,
    /// Microseconds since 1970.
    pub published_at: u64,
    /// Fewer people than this are never shown apart.
    pub floor: u16,
    /// Response records that were counted in.
    pub responses: u32,
    /// One result for each question.
    pub questions: Vec<PublishedQuestion>,
}

/// The published numbers of one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PublishedQuestion {
    /// Position, from 0.
    pub question: u16,
    /// Everyone first, then the groups.
    pub cells: Vec<PublishedCell>,
}

/// One cell; what is absent is not shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PublishedCell {
    /// The group; `None` for everyone.
    pub group: Option<String>,
    /// Whether nothing of it may be shown.
    pub hidden: bool,
    /// People who answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<u32>,
    /// How many gave each answer; `null` where that is hidden.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts: Option<Vec<Option<u32>>>,
    /// Mean score in millionths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_millionths: Option<u64>,
    /// Population standard deviation in millionths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deviation_millionths: Option<u64>,
}

/// All publications of one round, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AnalysisList {
    /// The publications.
    pub analyses: Vec<PublishedAnalysis>,
}

impl Analyses {
    /// All publications of a round.
    #[must_use]
    pub fn of_round(&self, round: RoundId) -> AnalysisList {
        let published = self.rounds.get(&round).into_iter().flatten();
        AnalysisList { analyses: published.map(analysis).collect() }
    }

    /// The newest publication of a round.
    #[must_use]
    pub fn newest(&self, round: RoundId) -> Option<PublishedAnalysis> {
        self.rounds.get(&round)?.last().map(analysis)
    }

    /// The newest publication of a round as of a moment: never anything between two of them.
    #[must_use]
    pub fn newest_at(&self, round: RoundId, moment: TimestampMicros) -> Option<PublishedAnalysis> {
        let mut published = self.rounds.get(&round)?.iter().rev();
        published.find(|published| published.at <= moment).map(analysis)
    }

    pub(crate) fn apply(&mut self, place: &Place, event: &DiscoverEvent) {
        match event {
            DiscoverEvent::AnalysisPublished(event) => {
                let publication = event.publication.clone();
                let published = Published { seq: place.seq, at: place.recorded_at, publication };
                self.rounds.entry(event.publication.round).or_default().push(published);
            }
        }
    }
}

fn analysis(published: &Published) -> PublishedAnalysis {
    let publication = &published.publication;
    PublishedAnalysis {
        round: publication.round,
        seq: published.seq.0,
        published_at: published.at.0,
        floor: publication.floor,
        responses: publication.responses,
        questions: publication.questions.iter().map(question).collect(),
    }
}

fn question(result: &QuestionResult) -> PublishedQuestion {
    PublishedQuestion { question: result.question, cells: result.cells.iter().map(cell).collect() }
}

fn cell(cell: &Cell) -> PublishedCell {
    let group = cell.group.clone();
    match &cell.shown {
        Shown::Hidden => PublishedCell { group, hidden: true, ..PublishedCell::default() },
        Shown::Count { n } => PublishedCell { group, n: Some(*n), ..PublishedCell::default() },
        Shown::Moments { n, mean_millionths, deviation_millionths } => PublishedCell {
            group,
            n: Some(*n),
            mean_millionths: Some(*mean_millionths),
            deviation_millionths: Some(*deviation_millionths),
            ..PublishedCell::default()
        },
        Shown::Distribution { n, counts } => PublishedCell {
            group,
            n: Some(*n),
            counts: Some(counts.iter().map(bucket).collect()),
            ..PublishedCell::default()
        },
        Shown::Full { n, counts, mean_millionths, deviation_millionths } => PublishedCell {
            group,
            hidden: false,
            n: Some(*n),
            counts: Some(counts.iter().copied().map(Some).collect()),
            mean_millionths: Some(*mean_millionths),
            deviation_millionths: Some(*deviation_millionths),
        },
    }
}

const fn bucket(bucket: &Bucket) -> Option<u32> {
    match bucket {
        Bucket::Shown(n) => Some(*n),
        Bucket::Hidden => None,
    }
}
