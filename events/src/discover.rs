//! What an analysis publishes: the numbers of one round, exactly as everybody may see them; all of
//! it facts, nothing about a person.
//!
//! A publication is kept as it was computed, so that it survives erasures and replays to the same
//! numbers.
//! It names groups and counts, never a person; which numbers may stand in it is decided by the
//! anonymity rules (`docs/anonymity.md`), before the event exists.
//! All numbers are integers: mean and deviation are in millionths, rounded half up.

use bincode::{Decode, Encode};

use crate::declare::capability;
use crate::survey::RoundId;

/// The published numbers of one round.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Publication {
    /// The round that was analysed.
    pub round: RoundId,
    /// Fewer people than this are never shown apart.
    pub floor: u16,
    /// All response records that were counted in, also those without an answer to some question.
    pub responses: u32,
    /// One result for each question, in the order of the instrument.
    pub questions: Vec<QuestionResult>,
}

/// The published numbers of one question.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct QuestionResult {
    /// The question's position in the instrument, from 0.
    pub question: u16,
    /// The first cell is everyone; then the groups, ascending by name.
    pub cells: Vec<Cell>,
}

/// One group's answers to one question.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Cell {
    /// The group's name, or `None` for everyone together.
    pub group: Option<String>,
    /// As much as may be shown of it.
    pub shown: Shown,
}

/// How much of a cell is published, from nothing to everything.
///
/// In every variant `n` counts the people who gave an answer: "not applicable" and skipped
/// questions stand outside `n`, the mean and the deviation.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Shown {
    /// Nothing: too few people, a unanimous answer, or a cell that would give another one away.
    Hidden,
    /// How many answered, and no more.
    Count {
        /// People who answered.
        n: u32,
    },
    /// Mean and deviation, because the distribution would show too few people.
    Moments {
        /// People who answered.
        n: u32,
        /// Mean score in millionths.
        mean_millionths: u64,
        /// Population standard deviation (divided by `n`) in millionths.
        deviation_millionths: u64,
    },
    /// How many gave each answer, where some of the counts may be hidden.
    Distribution {
        /// People who answered.
        n: u32,
        /// One entry for each possible answer.
        counts: Vec<Bucket>,
    },
    /// How many gave each answer, with mean and deviation.
    Full {
        /// People who answered.
        n: u32,
        /// One entry for each possible answer.
        counts: Vec<u32>,
        /// Mean score in millionths.
        mean_millionths: u64,
        /// Population standard deviation (divided by `n`) in millionths.
        deviation_millionths: u64,
    },
}

/// How many people gave one answer, or that this is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Bucket {
    /// This many people.
    Shown(u32),
    /// Too few, or the number would give another one away.
    Hidden,
}

capability! {
    /// Events of discovery.
    DiscoverEvent in "discover" {
        /// The numbers of a round were published.
        AnalysisPublished "discover.published" 1 {
            facts {
                /// The numbers, exactly as everybody may see them.
                publication: Publication => "the anonymous numbers themselves",
            }
        }
    }
}
