//! What may be published of a round's answers without showing what one person said.
//!
//! The rules and their limits are in `docs/anonymity.md`; the invariants held here are:
//! - fewer people than the floor, and any unanimous group, are never shown;
//! - every number that is kept back has a **witness**: another table of answers with the same
//!   published numbers in which the secret is not true (`witness`);
//! - the result depends on the answers only, not on the order of the rows, and is computed with
//!   integers, so that a replay gives the same numbers.

mod difference;
mod plan;
mod table;
mod witness;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use events::discover::{Cell, Publication, QuestionResult, Shown};
use events::survey::RoundId;

pub use difference::too_close;
use plan::Question;
use table::{Table, small_count};

/// How the answers to one question look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuestionShape {
    /// How many answers there are to choose from; 0 is open text, of which only `n` is shown.
    pub buckets: u16,
    /// The answers are a scale: bucket `k` scores `k + 1`.
    pub scored: bool,
}

/// One response.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The group the response belongs to.
    pub group: &'a str,
    /// The chosen bucket of each question; `None` is "not applicable" or no answer.
    ///
    /// A missing entry or a bucket that the question does not have counts as `None`.
    pub answers: &'a [Option<u16>],
}

/// Computes what may be published of these responses.
///
/// A question that cannot show anything safely has only hidden cells; there is no error.
#[must_use]
pub fn publish(
    round: RoundId,
    floor: u16,
    shapes: &[QuestionShape],
    rows: &[Row<'_>],
) -> Publication {
    let groups = Groups::of(rows, u32::from(floor));
    let questions = (0_u16..)
        .zip(shapes)
        .map(|(question, shape)| QuestionResult {
            question,
            cells: cells(&groups, u32::from(floor), question, *shape, rows),
        })
        .collect();
    Publication { round, floor, responses: small_count(rows.len()), questions }
}

/// The cells of one question: everyone first, then each group.
fn cells(
    groups: &Groups<'_>,
    floor: u32,
    question: u16,
    shape: QuestionShape,
    rows: &[Row<'_>],
) -> Vec<Cell> {
    if rows.is_empty() {
        // Nobody answered anything: the one empty cell that tells of nobody.
        return vec![Cell { group: None, shown: Shown::Count { n: 0 } }];
    }
    let question = Question {
        shape,
        floor,
        table: groups.count(usize::from(question), shape, rows),
        order: &groups.order,
        always_hidden: &groups.always_hidden,
    };
    let names = std::iter::once(None).chain(groups.names.iter().map(|name| Some((*name).into())));
    names.zip(question.shown()).map(|(group, shown)| Cell { group, shown }).collect()
}

/// The groups of a round and what holds for all its questions.
struct Groups<'a> {
    /// Ascending by name.
    names: Vec<&'a str>,
    index: BTreeMap<&'a str, usize>,
    /// Groups ascending by responses, then by name: the order in which they give way.
    order: Vec<usize>,
    /// Groups hidden in every question: those with fewer responses than the floor, and the groups
    /// that cover them. The same ones everywhere, or one question would give another away.
    always_hidden: Vec<bool>,
}

impl<'a> Groups<'a> {
    fn of(rows: &[Row<'a>], floor: u32) -> Self {
        let mut sizes: BTreeMap<&str, u32> = BTreeMap::new();
        for row in rows {
            let size = sizes.entry(row.group).or_default();
            *size = size.saturating_add(1);
        }
        let names: Vec<&str> = sizes.keys().copied().collect();
        let index = names.iter().copied().zip(0..).collect();
        let sizes: Vec<u32> = sizes.into_values().collect();
        let mut order: Vec<usize> = (0..sizes.len()).collect();
        order.sort_by_key(|group| (sizes.get(*group).copied(), *group));
        let mut always_hidden: Vec<bool> = sizes.iter().map(|size| *size < floor).collect();
        plan::cover(&mut always_hidden, &sizes, &order, floor);
        Self { names, index, order, always_hidden }
    }

    fn count(&self, question: usize, shape: QuestionShape, rows: &[Row<'_>]) -> Table {
        let mut table = Table::new(self.names.len(), usize::from(shape.buckets.max(1)));
        for row in rows {
            let answer = row.answers.get(question).copied().flatten();
            if let (Some(bucket), Some(group)) = (answer, self.index.get(row.group)) {
                // Open text has one bucket: that there is an answer.
                let bucket = if shape.buckets == 0 { 0 } else { usize::from(bucket) };
                table.add(*group, bucket);
            }
        }
        table
    }
}
