//! Whether a command that comes again is the same command.
//!
//! *Invariant:* judged by what the record tells when it is reopened; no digest of a command's
//! content is kept anywhere.
//! *Invariant:* ids that a command brings fresh (of a person, a round, a pseudonym, an order …) do
//! not count: whoever repeats a command under the same id may have drawn new ones.

use events::access::Acted;
use events::{
    About, Again, DiscoverEvent, ErasureEvent, Event, ImportEvent, PeopleEvent, SurveyEvent,
    TenancyEvent,
};
use record::public::{ErasureApproved, ErasureFenced};

use crate::command::Command;

/// What a command that comes under a used id is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// The same command again: already handled.
    Same,
    /// Another command under a used id: a conflict.
    Different,
    /// What it caused was erased, so it can no longer be compared: already handled.
    Erased,
}

/// Compares a command with the events that its id caused.
#[must_use]
pub fn repeats(command: &Command, recorded: &[Event]) -> Repeat {
    if let Command::Act { acted, does } = command {
        return acts(acted, does.as_deref(), recorded);
    }
    if let Command::Propose(event) = command {
        return recorded.first().map_or(Repeat::Different, |first| event.again(first).into());
    }
    if let Command::EndSync { event, .. } = command {
        let first = recorded.first();
        return first.map_or(Repeat::Different, |first| {
            Event::Sync(event.as_ref().clone()).again(first).into()
        });
    }
    match recorded {
        [Event::Tenancy(event)] => tenancy(command, event),
        [Event::People(event)] => people(command, event),
        [Event::Survey(closed @ SurveyEvent::RoundClosed(_)), Event::Discover(_)] => {
            survey(command, closed)
        }
        [Event::Survey(event)] => survey(command, event),
        [Event::Discover(event)] => discover(command, event),
        [Event::Import(event)] => import(command, event),
        [Event::Erasure(event)] => erasure(command, event),
        [
            Event::Erasure(ErasureEvent::ErasureApproved(approved)),
            Event::Erasure(ErasureEvent::ErasureFenced(fenced)),
        ] => approved_and_fenced(command, approved, fenced),
        _ => Repeat::Different,
    }
}

/// What was done says whether it is the same; a look is one by itself.
fn acts(acted: &Acted, does: Option<&Command>, recorded: &[Event]) -> Repeat {
    let Some((last, done)) = recorded.split_last() else { return Repeat::Different };
    match does {
        Some(command) if !done.is_empty() => repeats(command, done),
        Some(_) => Repeat::Different,
        None => Event::from(acted.clone()).again(last).into(),
    }
}

impl From<Again> for Repeat {
    fn from(again: Again) -> Self {
        match again {
            Again::Same => Self::Same,
            Again::Different => Self::Different,
            Again::Erased => Self::Erased,
        }
    }
}

fn same(same: bool) -> Repeat {
    if same { Repeat::Same } else { Repeat::Different }
}

/// The facts first: they are always known. Then the part about a person, unless it is gone.
fn about<T>(facts: bool, part: &About<T>, same_part: impl FnOnce(&T) -> bool) -> Repeat {
    match part {
        _ if !facts => Repeat::Different,
        About::Gone { .. } => Repeat::Erased,
        About::Known { value, .. } => same(same_part(value)),
    }
}

fn tenancy(command: &Command, event: &TenancyEvent) -> Repeat {
    match (command, event) {
        (Command::StartTenant(command), TenancyEvent::TenantStarted(event)) => {
            same(command == event)
        }
        _ => Repeat::Different,
    }
}

fn people(command: &Command, event: &PeopleEvent) -> Repeat {
    let (Command::RegisterPerson { identity, import, .. }, PeopleEvent::PersonRegistered(event)) =
        (command, event)
    else {
        return Repeat::Different;
    };
    about(*import == event.import, &event.person, |known| known == identity)
}

fn survey(command: &Command, event: &SurveyEvent) -> Repeat {
    match (command, event) {
        (Command::DefineSurvey { title, questions, .. }, SurveyEvent::SurveyDefined(event)) => {
            same(*title == event.title && *questions == event.questions)
        }
        (
            Command::OpenRound { survey, name, floor, audience, .. },
            SurveyEvent::RoundOpened(event),
        ) => same(
            *survey == event.survey
                && *name == event.name
                && *floor == event.floor
                && *audience == event.audience,
        ),
        (
            Command::SubmitResponse { round, group, answers, import, .. },
            SurveyEvent::ResponseSubmitted(event),
        ) => {
            let facts = *round == event.round && *import == event.import;
            about(facts, &event.response, |known| {
                known.group == *group && known.answers == *answers
            })
        }
        (
            Command::LinkRespondent { round, person, pseudonym, import },
            SurveyEvent::RespondentLinked(event),
        ) => {
            let facts = *round == event.round && *import == event.import;
            about(facts, &event.link, |known| {
                known.person == *person && known.pseudonym == *pseudonym
            })
        }
        (Command::CloseRound { round, .. }, SurveyEvent::RoundClosed(event)) => {
            same(*round == event.round)
        }
        _ => Repeat::Different,
    }
}

fn discover(command: &Command, event: &DiscoverEvent) -> Repeat {
    let DiscoverEvent::AnalysisPublished(event) = event;
    match command {
        Command::PublishAnalysis { round, .. } => same(*round == event.publication.round),
        _ => Repeat::Different,
    }
}

fn import(command: &Command, event: &ImportEvent) -> Repeat {
    match (command, event) {
        (
            Command::StartImport { name, round, rows, identities, .. },
            ImportEvent::ImportStarted(event),
        ) => same(
            *name == event.name
                && *round == event.round
                && *rows == event.rows
                && identities.is_some() == event.identities.is_some(),
        ),
        (Command::CompleteImport { import }, ImportEvent::ImportCompleted(event)) => {
            same(*import == event.import)
        }
        (Command::AbandonImport { import }, ImportEvent::ImportAbandoned(event)) => {
            same(*import == event.import)
        }
        _ => Repeat::Different,
    }
}

fn approved_and_fenced(
    command: &Command,
    approved: &ErasureApproved,
    fenced: &ErasureFenced,
) -> Repeat {
    match command {
        Command::ApproveAndFence { approval, fence } => {
            same(approval == approved && fence == fenced)
        }
        _ => Repeat::Different,
    }
}

fn erasure(command: &Command, event: &ErasureEvent) -> Repeat {
    match (command, event) {
        (Command::OrderErasure(command), ErasureEvent::ErasureOrdered(event)) => {
            // Not four eyes either: the rules may have asked for them where the command did not.
            same(
                command.ground == event.ground
                    && command.ordered_by == event.ordered_by
                    && command.targets == event.targets,
            )
        }
        (Command::ApproveErasure(command), ErasureEvent::ErasureApproved(event)) => {
            same(command == event)
        }
        (Command::FenceErasure(command), ErasureEvent::ErasureFenced(event)) => {
            same(command == event)
        }
        (Command::RecordReceipt(command), ErasureEvent::KeysDestroyed(event)) => {
            same(command == event)
        }
        (Command::CompleteErasure(command), ErasureEvent::ErasureCompleted(event)) => {
            same(command == event)
        }
        (Command::PurgeParts(command), ErasureEvent::PartsPurged(event)) => same(command == event),
        _ => Repeat::Different,
    }
}
