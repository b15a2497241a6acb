//! Couplings: how they stand, their runs, who is missing, and where contacts are found.
//!
//! *Invariant:* no name, no address and no digest of one: a contact is reopened from its record.

use std::collections::BTreeMap;

use bincode::{Decode, Encode};
use events::annex::FieldId;
use events::organisation::SchoolId;
use events::sync::{
    Counted, CouplingId, CouplingSwitchedOn, Downloaded, HeldBecause, MissingDecision, SyncRunId,
    SyncSource, SyncStarted,
};
use events::{Forgotten, Kept, KeptMap, Place, SyncEvent};
use record::{Seq, SubjectId, TimestampMicros};
use schemars::JsonSchema;
use serde::Serialize;

/// Couplings of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Syncs {
    couplings: BTreeMap<CouplingId, Coupling>,
    runs: BTreeMap<SyncRunId, Run>,
    /// Where a contact of a run stands.
    contacts: KeptMap<(SyncRunId, SubjectId), Seq>,
    /// Since when somebody is missing, and what was decided.
    missing: KeptMap<(CouplingId, SubjectId), Absence>,
}

/// Since when, and what was decided.
type Absence = (TimestampMicros, Option<MissingDecision>);

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Coupling {
    source: SyncSource,
    school: Option<SchoolId>,
    fields: Vec<FieldId>,
    hour: u8,
    is_on: bool,
    current: Option<SyncRunId>,
    last: Option<SyncRunId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Run {
    coupling: CouplingId,
    started_at: TimestampMicros,
    ended_at: Option<TimestampMicros>,
    recorded: u32,
    downloaded: Option<Downloaded>,
    stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
enum Stage {
    Arriving,
    Held { because: HeldBecause, before: u32, missing: u32 },
    Replaced,
    Failed(String),
    Rejected,
    SwitchedOff,
}

/// One coupling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SyncCouplingRow {
    /// Its id.
    pub coupling: String,
    /// `afas` or `somtoday`.
    pub source: &'static str,
    /// The school whose staff it is; without one, the whole board's.
    pub school: Option<String>,
    /// The fields that are asked for.
    pub fields: Vec<&'static str>,
    /// The hour of Sunday, in the Netherlands.
    pub hour: u8,
    /// Whether it is switched on.
    pub is_on: bool,
    /// The run whose contacts hold, if one does.
    pub current: Option<String>,
    /// How many contacts hold.
    pub contacts: u32,
    /// Since when they hold, in microseconds since 1970.
    pub since: Option<u64>,
    /// The last run.
    pub last: Option<SyncRunRow>,
    /// People who are missing and about whom nobody has decided.
    pub undecided: u32,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SyncRunRow {
    /// Its id.
    pub run: String,
    /// Its coupling.
    pub coupling: String,
    /// Microseconds since 1970.
    pub started_at: u64,
    /// Microseconds since 1970; none while people arrive or a person is to decide.
    pub ended_at: Option<u64>,
    /// `arriving`, `held`, `replaced`, `failed`, `rejected` or `switched-off`.
    pub stage: &'static str,
    /// Why it failed or is held; names nobody.
    pub because: Option<String>,
    /// People recorded.
    pub people: u32,
    /// Where it is held: people of the run before.
    pub before: Option<u32>,
    /// Where it is held: of those, who are missing.
    pub missing: Option<u32>,
    /// Rows of people who were there already.
    pub repeated: u64,
    /// Pages.
    pub pages: u64,
    /// Fields that were not let in, by name.
    pub rejected: Vec<CountedName>,
    /// Rows that were not let in, by reason.
    pub stopped: Vec<CountedName>,
}

/// Something counted by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CountedName {
    /// Its name.
    pub name: String,
    /// How often.
    pub count: u64,
}

/// Somebody who is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MissingRow {
    /// Who.
    pub person: String,
    /// Microseconds since 1970.
    pub since: u64,
    /// `keep` or `leaves`, once that is decided.
    pub decision: Option<&'static str>,
}

impl Syncs {
    /// All couplings, by id.
    pub fn couplings(&self) -> impl DoubleEndedIterator<Item = SyncCouplingRow> {
        self.couplings.iter().map(|(id, coupling)| self.row(*id, coupling))
    }

    /// One coupling.
    #[must_use]
    pub fn coupling(&self, id: CouplingId) -> Option<SyncCouplingRow> {
        self.couplings.get(&id).map(|coupling| self.row(id, coupling))
    }

    /// The runs of a coupling, newest first.
    #[must_use]
    pub fn runs_of(&self, coupling: CouplingId) -> Vec<SyncRunRow> {
        let runs = self.runs.iter().filter(|(_, run)| run.coupling == coupling);
        let mut rows: Vec<_> = runs.map(|(id, run)| run.row(*id)).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.started_at));
        rows
    }

    /// One run.
    #[must_use]
    pub fn run(&self, id: SyncRunId) -> Option<SyncRunRow> {
        self.runs.get(&id).map(|run| run.row(id))
    }

    /// The coupling of a run.
    #[must_use]
    pub fn coupling_of(&self, run: SyncRunId) -> Option<CouplingId> {
        self.runs.get(&run).map(|run| run.coupling)
    }

    /// Who is missing from a coupling, by id.
    #[must_use]
    pub fn missing_of(&self, coupling: CouplingId) -> Vec<MissingRow> {
        let theirs = self.missing.iter().filter(|((whose, _), _)| *whose == coupling);
        let row = |((_, person), kept): (&(CouplingId, SubjectId), &Kept<Absence>)| {
            let (since, decision) = kept.value;
            MissingRow {
                person: person.to_string(),
                since: since.0,
                decision: decision.map(decision_name),
            }
        };
        theirs.map(row).collect()
    }

    /// The contacts that hold in a coupling, after this person, each with where it stands.
    #[must_use]
    pub fn contacts_of(
        &self,
        coupling: CouplingId,
        after: Option<SubjectId>,
        take: usize,
    ) -> Vec<(SubjectId, Seq)> {
        let current = self.couplings.get(&coupling).and_then(|coupling| coupling.current);
        let Some(run) = current else { return Vec::new() };
        let contacts = self.contacts.iter().filter(|((of, _), _)| *of == run);
        let rest = contacts.filter(|((_, person), _)| after.is_none_or(|after| *person > after));
        rest.take(take).map(|((_, person), kept)| (*person, kept.value)).collect()
    }

    /// Where the contact of a person stands that holds, in any coupling.
    #[must_use]
    pub fn contact_at(&self, person: SubjectId) -> Option<Seq> {
        let mut runs = self.couplings.values().filter_map(|coupling| coupling.current);
        runs.find_map(|run| self.contacts.get(&(run, person)).copied())
    }

    pub(crate) fn apply(&mut self, place: &Place, event: &SyncEvent) {
        match event {
            SyncEvent::CouplingSwitchedOn(event) => self.switched_on(event),
            SyncEvent::CouplingSwitchedOff(event) => self.switched_off(place, event.coupling),
            SyncEvent::SyncStarted(event) => self.started(place, event),
            SyncEvent::ContactDelivered(event) => {
                if let Some(run) = self.runs.get_mut(&event.run) {
                    run.recorded = run.recorded.saturating_add(1);
                }
                if let Some(keys) = event.contact.keys() {
                    self.contacts.insert((event.run, keys.subject), keys, place.seq);
                }
            }
            SyncEvent::DownloadCompleted(event) => {
                if let Some(run) = self.runs.get_mut(&event.run) {
                    run.downloaded = Some(event.downloaded.as_ref().clone());
                }
            }
            SyncEvent::SyncHeld(event) => {
                let (because, before, missing) = (event.because, event.before, event.missing);
                if let Some(run) = self.runs.get_mut(&event.run) {
                    run.stage = Stage::Held { because, before, missing };
                }
            }
            SyncEvent::ContactsReplaced(event) => {
                self.end(place, event.run, Stage::Replaced);
                let coupling = self.coupling_of(event.run);
                if let Some(coupling) = coupling.and_then(|id| self.couplings.get_mut(&id)) {
                    coupling.current = Some(event.run);
                }
            }
            SyncEvent::SyncFailed(event) => {
                self.end(place, event.run, Stage::Failed(event.because.clone()));
            }
            SyncEvent::SyncRejected(event) => self.end(place, event.run, Stage::Rejected),
            SyncEvent::PeopleMissed(event) => {
                for about in &event.people {
                    if let (Some(keys), Some(missed)) = (about.keys(), about.value()) {
                        let since = (place.recorded_at, None);
                        self.missing.insert((missed.coupling, keys.subject), keys, since);
                    }
                }
            }
            SyncEvent::PeopleReturned(event) => {
                for about in &event.people {
                    if let (Some(keys), Some(missed)) = (about.keys(), about.value()) {
                        self.missing.remove(&(missed.coupling, keys.subject));
                    }
                }
            }
            SyncEvent::MissingDecided(event) => {
                if let (Some(keys), Some(decided)) = (event.person.keys(), event.person.value()) {
                    let missing = self.missing.get_mut(&(decided.coupling, keys.subject));
                    if let Some((_, decision)) = missing {
                        *decision = Some(decided.decision);
                    }
                }
            }
        }
    }

    fn switched_on(&mut self, event: &CouplingSwitchedOn) {
        let known = self.couplings.get(&event.coupling);
        let (current, last) = known.map_or((None, None), |known| (known.current, known.last));
        let coupling = Coupling {
            source: event.source,
            school: event.school,
            fields: event.fields.clone(),
            hour: event.hour,
            is_on: true,
            current,
            last,
        };
        self.couplings.insert(event.coupling, coupling);
    }

    fn switched_off(&mut self, place: &Place, id: CouplingId) {
        let Some(coupling) = self.couplings.get_mut(&id) else { return };
        coupling.is_on = false;
        coupling.current = None;
        let last = coupling.last;
        let open = last.filter(|last| self.runs.get(last).is_some_and(|run| run.is_open()));
        open.into_iter().for_each(|run| self.end(place, run, Stage::SwitchedOff));
    }

    fn started(&mut self, place: &Place, event: &SyncStarted) {
        let run = Run {
            coupling: event.coupling,
            started_at: place.recorded_at,
            ended_at: None,
            recorded: 0,
            downloaded: None,
            stage: Stage::Arriving,
        };
        self.runs.insert(event.run, run);
        if let Some(coupling) = self.couplings.get_mut(&event.coupling) {
            coupling.last = Some(event.run);
        }
    }

    fn end(&mut self, place: &Place, run: SyncRunId, stage: Stage) {
        if let Some(run) = self.runs.get_mut(&run) {
            run.stage = stage;
            run.ended_at = Some(place.recorded_at);
        }
    }

    fn row(&self, id: CouplingId, coupling: &Coupling) -> SyncCouplingRow {
        let current = coupling.current.and_then(|run| self.runs.get(&run));
        let undecided = self.missing.iter().filter(|((whose, _), kept)| {
            let (_, decision) = kept.value;
            *whose == id && decision.is_none()
        });
        SyncCouplingRow {
            coupling: id.to_string(),
            source: coupling.source.name(),
            school: coupling.school.map(|school| school.to_string()),
            fields: coupling.fields.iter().map(|field| field.name()).collect(),
            hour: coupling.hour,
            is_on: coupling.is_on,
            current: coupling.current.map(|run| run.to_string()),
            contacts: current.map_or(0, |run| run.recorded),
            since: current.and_then(|run| run.ended_at).map(|at| at.0),
            last: coupling.last.and_then(|run| self.run(run)),
            undecided: u32::try_from(undecided.count()).unwrap_or(u32::MAX),
        }
    }

    pub(crate) fn forget(&mut self, gone: &Forgotten) {
        self.contacts.forget(gone);
        self.missing.forget(gone);
    }
}

impl Run {
    const fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Arriving | Stage::Held { .. })
    }

    fn row(&self, id: SyncRunId) -> SyncRunRow {
        let empty = Downloaded::default();
        let downloaded = self.downloaded.as_ref().unwrap_or(&empty);
        let (before, missing) = match self.stage {
            Stage::Held { before, missing, .. } => (Some(before), Some(missing)),
            _ => (None, None),
        };
        SyncRunRow {
            run: id.to_string(),
            coupling: self.coupling.to_string(),
            started_at: self.started_at.0,
            ended_at: self.ended_at.map(|at| at.0),
            stage: self.stage.name(),
            because: self.stage.because(),
            people: self.recorded,
            before,
            missing,
            repeated: downloaded.repeated,
            pages: downloaded.pages,
            rejected: named(&downloaded.rejected),
            stopped: named(&downloaded.stopped),
        }
    }
}

impl Stage {
    const fn name(&self) -> &'static str {
        match self {
            Self::Arriving => "arriving",
            Self::Held { .. } => "held",
            Self::Replaced => "replaced",
            Self::Failed(_) => "failed",
            Self::Rejected => "rejected",
            Self::SwitchedOff => "switched-off",
        }
    }

    fn because(&self) -> Option<String> {
        match self {
            Self::Held { because, .. } => Some(held_name(*because).to_owned()),
            Self::Failed(because) => Some(because.clone()),
            _ => None,
        }
    }
}

const fn held_name(because: HeldBecause) -> &'static str {
    match because {
        HeldBecause::Nobody => "nobody",
        HeldBecause::FarFewer => "far-fewer",
        HeldBecause::TooManyMissing => "too-many-missing",
    }
}

const fn decision_name(decision: MissingDecision) -> &'static str {
    match decision {
        MissingDecision::Keep => "keep",
        MissingDecision::Leaves => "leaves",
    }
}

fn named(counted: &[Counted]) -> Vec<CountedName> {
    let name =
        |Counted { name, count }: &Counted| CountedName { name: name.clone(), count: *count };
    counted.iter().map(name).collect()
}
