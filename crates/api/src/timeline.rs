//! The story of one thing: each record that names it, in a sentence, with what it changed.
//!
//! *Invariant:* what stood before and after is asked of the production views and rules, folded from
//! the journal up to that record by the code that folds live work.
//! *Invariant:* a story names nobody: people stand in it as random references; who is behind one is
//! asked for apart, with a reason.

mod differences;
mod standing;

use std::collections::BTreeMap;

use engine::{Engine, EngineError, Moment, PartState, Told};
use events::access::{Outcome, Role};
use events::{AccessEvent, Event};
use projections::{Sentence, role_name, sentence};
use record::{CommandId, JournalId, Seq, SubjectId};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

pub use self::differences::Change;
pub use self::standing::Kind;

/// Most records of a journal whose past is folded for one answer; above it, `zegel timeline` tells.
pub(crate) const RECORDS_MAX: u64 = 100_000;

/// What story is asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The kind of thing.
    pub kind: Kind,
    /// Its id.
    pub id: [u8; 16],
    /// Two moments to compare: after these records.
    pub compare: Option<(u64, u64)>,
    /// Whether looks of the FG are told, which those whom the FG supervises do not see.
    pub looks_of_fg: bool,
}

/// The story of one thing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Timeline {
    /// `person`, `incident`, `annex`, `agreement`, `round`, `observation`, `request` or `coupling`.
    pub kind: Kind,
    /// The thing.
    pub id: String,
    /// How many records were folded.
    pub records: u64,
    /// How many of them name the thing.
    pub total: usize,
    /// The records that name it, oldest first.
    pub steps: Vec<Step>,
    /// Two moments held against each other, where that was asked.
    pub compared: Option<Compared>,
}

/// One record of a story.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Step {
    /// Its place in the journal.
    pub seq: u64,
    /// Microseconds since 1970.
    pub at: u64,
    /// Name of the event.
    pub event: String,
    /// Version that was written.
    pub version: u16,
    /// What happened, in Dutch.
    pub nl: String,
    /// What happened, in English.
    pub en: String,
    /// Who did it, where an account did.
    pub by: Option<By>,
    /// Whose parts it has, as far as they open: random references.
    pub people: Vec<String>,
    /// How many of its parts are sealed and open.
    pub open: usize,
    /// Parts that no longer open, and on which ground.
    pub erased: Vec<ErasedPart>,
    /// What it changed: what stood before and after.
    pub changes: Vec<Change>,
}

/// Who did something, under a pseudonym of that year.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct By {
    /// A random reference; null before sign-in.
    pub actor: Option<String>,
    /// As what.
    pub role: Option<String>,
    /// The operation.
    pub operation: String,
    /// What for.
    pub purpose: String,
    /// Whether it was allowed.
    pub allowed: bool,
}

/// A part that no longer opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ErasedPart {
    /// Where the receipt stands; null when no receipt says why.
    pub receipt: Option<u64>,
    /// On which ground, such as `art-17`.
    pub ground: Option<String>,
    /// Microseconds since 1970.
    pub at: Option<u64>,
}

/// Two moments, held against each other.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Compared {
    /// After this record.
    pub from: u64,
    /// After this one.
    pub to: u64,
    /// What differs.
    pub changes: Vec<Change>,
}

/// Tells the story of a thing.
///
/// # Errors
/// [`EngineError`] when the tenant is unknown or has ended, or the journal cannot be read.
pub fn timeline(
    engine: &Engine,
    tenant: JournalId,
    wanted: &Wanted,
    progress: &mut dyn FnMut(u64),
) -> Result<Timeline, EngineError> {
    // Moments beyond the end are the end.
    let last = engine.journal_size(tenant).saturating_sub(1);
    let compare = wanted.compare.map(|(from, to)| (from.min(last), to.min(last)));
    let wanted = &Wanted { compare, ..wanted.clone() };
    let mut telling = Telling::of(wanted);
    engine.story(tenant, &wanted.id, None, &mut |told| {
        if let Told::After(moment) = &told {
            progress(moment.place.seq.0);
        }
        telling.hear(told);
    })?;
    let receipts = receipts(engine, tenant)?;
    Ok(telling.told(engine.journal_size(tenant), &receipts))
}

/// Each receipt by its place: on which ground, and when.
fn receipts(
    engine: &Engine,
    tenant: JournalId,
) -> Result<BTreeMap<u64, (String, Option<u64>)>, EngineError> {
    let list = engine.tenant(tenant)?.views().erasures().list();
    let row = |row: projections::ErasureRow| Some((row.receipt?, (row.ground, row.destroyed_at)));
    Ok(list.erasures.into_iter().filter_map(row).collect())
}

struct Telling<'a> {
    wanted: &'a Wanted,
    before: Value,
    steps: Vec<(CommandId, Step)>,
    /// What the newest command did, and who.
    acted: Option<(CommandId, By)>,
    from: Option<Value>,
    to: Option<Value>,
}

impl<'a> Telling<'a> {
    fn of(wanted: &'a Wanted) -> Self {
        let (steps, before) = (Vec::new(), Value::Null);
        Self { wanted, before, steps, acted: None, from: None, to: None }
    }

    fn standing(&self, moment: &Moment<'_>) -> Value {
        self.wanted.kind.standing(self.wanted.id, moment.views, moment.state)
    }

    fn hear(&mut self, told: Told<'_>) {
        match told {
            Told::Before(moment) => self.before = self.standing(&moment),
            Told::After(moment) => {
                self.hear_who(&moment);
                if moment.named && self.tells(&moment) {
                    self.step(&moment);
                }
                self.note_moments(&moment);
            }
        }
    }

    /// A command that an account gave has a line of the trail beside what it did.
    fn hear_who(&mut self, moment: &Moment<'_>) {
        let Event::Access(AccessEvent::Acted(acted)) = moment.event else { return };
        let by = By {
            actor: acted.actor.map(|actor| actor.to_string()),
            role: acted.role.map(|role| role_name(role).to_owned()),
            operation: acted.operation.clone(),
            purpose: acted.purpose.clone(),
            allowed: acted.outcome == Outcome::Allowed,
        };
        let theirs = self.steps.iter_mut().rev();
        let theirs = theirs.take_while(|(command, _)| *command == moment.place.command);
        theirs.for_each(|(_, step)| step.by = Some(by.clone()));
        self.acted = Some((moment.place.command, by));
    }

    /// A line of the trail is a step of its own only where nothing else of its command is.
    fn tells(&self, moment: &Moment<'_>) -> bool {
        let Event::Access(AccessEvent::Acted(acted)) = moment.event else { return true };
        let beside = self.steps.last().is_some_and(|(last, _)| *last == moment.place.command);
        !beside && (self.wanted.looks_of_fg || acted.role != Some(Role::Fg))
    }

    fn step(&mut self, moment: &Moment<'_>) {
        let command = moment.place.command;
        let acted = self.acted.as_ref().filter(|(of, _)| *of == command);
        let by = acted.map(|(_, by)| by.clone());
        let is_trail = |step: &Step| step.event == "access.acted";
        if self.steps.last().is_some_and(|(last, step)| *last == command && is_trail(step)) {
            self.steps.pop();
        }
        let after = self.standing(moment);
        let changes = differences::between(&self.before, &after);
        self.steps.push((command, step_of(moment, by, changes)));
    }

    fn note_moments(&mut self, moment: &Moment<'_>) {
        let Some((from, to)) = self.wanted.compare else { return };
        let seq = moment.place.seq.0;
        if seq == from {
            self.from = Some(self.standing(moment));
        }
        if seq == to {
            self.to = Some(self.standing(moment));
        }
    }

    fn told(self, records: u64, receipts: &BTreeMap<u64, (String, Option<u64>)>) -> Timeline {
        let mut steps: Vec<Step> = self.steps.into_iter().map(|(_, step)| step).collect();
        for part in steps.iter_mut().flat_map(|step| &mut step.erased) {
            let found = part.receipt.and_then(|seq| receipts.get(&seq));
            if let Some((ground, at)) = found {
                (part.ground, part.at) = (Some(ground.clone()), *at);
            }
        }
        let compared = self.wanted.compare.map(|(from, to)| {
            let (before, after) = (self.from.unwrap_or_default(), self.to.unwrap_or_default());
            Compared { from, to, changes: differences::between(&before, &after) }
        });
        let total = steps.len();
        let (kind, id) = (self.wanted.kind, SubjectId::from_bytes(self.wanted.id).to_string());
        Timeline { kind, id, records, total, steps, compared }
    }
}

fn step_of(moment: &Moment<'_>, by: Option<By>, changes: Vec<Change>) -> Step {
    let name = moment.kind.name();
    let Sentence { nl, en } = sentence(name).unwrap_or(Sentence { nl: "", en: "" });
    let mut people: Vec<_> = moment.parts.iter().filter_map(|part| part.subject).collect();
    people.sort_unstable();
    people.dedup();
    let gone =
        |state| matches!(state, PartState::Erased | PartState::StatedLost | PartState::KeyLost);
    let erased = moment.parts.iter().filter(|part| gone(part.state));
    let erased = erased.map(|part| ErasedPart {
        receipt: part.receipt.map(|Seq(seq)| seq),
        ground: None,
        at: None,
    });
    Step {
        seq: moment.place.seq.0,
        at: moment.place.recorded_at.0,
        event: name.to_owned(),
        version: moment.kind.version(),
        nl: nl.to_owned(),
        en: en.to_owned(),
        by,
        people: people.iter().map(ToString::to_string).collect(),
        open: moment.parts.iter().filter(|part| part.state == PartState::Open).count(),
        erased: erased.collect(),
        changes,
    }
}
