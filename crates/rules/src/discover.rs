//! Closing a round: its responses become a publication, once or once more.
//!
//! *Invariant:* what is published passed the anonymity rules, and no two publications of a round
//! can be subtracted from each other to find fewer people than its floor.

use std::collections::BTreeSet;

use events::{
    AnalysisPublished, Answer, DiscoverEvent, Event, Publication, Question, QuestionKind,
    RoundClosed, RoundId, SurveyEvent,
};

use crate::anonymity::{QuestionShape, Row, publish, too_close};
use crate::command::Gathered;
use crate::refusal::Refusal;
use crate::state::State;
use crate::survey::Round;

/// Most cells of one publication, groups times questions: at 370 B for the largest cell (a long
/// name, fifty options) it fits half a record, and the analysis stays within seconds.
const CELLS_MAX: usize = 20_000;

impl State {
    pub(crate) fn close_round(
        &self,
        id: RoundId,
        responses: &[Gathered],
    ) -> Result<Vec<Event>, Refusal> {
        let round = self.surveys.open_round(id)?;
        if let Some(import) = self.imports.unfinished_of(id) {
            return Err(Refusal::ImportUnfinished { import });
        }
        let publication = self.analyse(id, round, responses)?;
        let closed = Event::Survey(SurveyEvent::RoundClosed(RoundClosed { round: id }));
        Ok(vec![closed, published(publication)])
    }

    pub(crate) fn publish_again(
        &self,
        id: RoundId,
        responses: &[Gathered],
    ) -> Result<Vec<Event>, Refusal> {
        let round = self.surveys.round(id)?;
        if round.open {
            return Err(Refusal::RoundOpen);
        }
        let publication = self.analyse(id, round, responses)?;
        check_apart(&round.publications, &publication)?;
        Ok(vec![published(publication)])
    }

    fn analyse(
        &self,
        id: RoundId,
        round: &Round,
        responses: &[Gathered],
    ) -> Result<Publication, Refusal> {
        let recorded = round.direct_responses.saturating_add(self.imports.counted_in(id));
        if u64::try_from(responses.len()).unwrap_or(u64::MAX) > recorded {
            return Err(Refusal::TooManyResponses);
        }
        let shapes: Vec<_> = self.surveys.questions(round)?.iter().map(shape).collect();
        let buckets: Vec<Vec<_>> = responses
            .iter()
            .map(|response| response.answers.iter().map(bucket).collect())
            .collect();
        let rows: Vec<_> = responses
            .iter()
            .zip(&buckets)
            .map(|(response, answers)| Row { group: &response.group, answers })
            .collect();
        let groups: BTreeSet<&str> = rows.iter().map(|row| row.group).collect();
        if groups.len().saturating_mul(shapes.len()) > CELLS_MAX {
            return Err(Refusal::TooManyGroups);
        }
        Ok(publish(id, round.floor, &shapes, &rows))
    }
}

/// Refuses a publication that could be subtracted from an earlier one.
///
/// INVARIANT: a closed round gains no responses and erased ones do not come back, so the people
/// counted now are among those counted before, and the difference of the totals is exactly the
/// number of people erased in between. Their groups are not known any more.
fn check_apart(earlier: &[Publication], later: &Publication) -> Result<(), Refusal> {
    if earlier.last() == Some(later) {
        return Err(Refusal::NothingChanged);
    }
    earlier.iter().try_for_each(|earlier| {
        let erased = earlier.responses.checked_sub(later.responses);
        let erased = erased.ok_or(Refusal::TooManyResponses)?;
        let unknown = vec![None; usize::try_from(erased).unwrap_or(usize::MAX)];
        let close = too_close(earlier, later, &unknown);
        if close { Err(Refusal::TooCloseToEarlier) } else { Ok(()) }
    })
}

fn published(publication: Publication) -> Event {
    Event::Discover(DiscoverEvent::AnalysisPublished(AnalysisPublished { publication }))
}

fn shape(question: &Question) -> QuestionShape {
    let score = question.kind.score_max().map(u16::from);
    let options = question.kind.option_count().and_then(|count| u16::try_from(count).ok());
    let buckets = match question.kind {
        QuestionKind::Open => 0,
        _ => score.or(options).unwrap_or(0),
    };
    QuestionShape { buckets, scored: score.is_some() }
}

fn bucket(answer: &Answer) -> Option<u16> {
    match answer {
        Answer::NotApplicable => None,
        Answer::Score(score) => u16::from(*score).checked_sub(1),
        Answer::Choice(option) => Some(u16::from(*option)),
        Answer::Text(_) => Some(0),
    }
}
