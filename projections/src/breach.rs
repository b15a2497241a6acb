//! The register of incidents, and the dossier of each.
//!
//! *Invariant:* an incident is a list of what was done about it, in order; what is shown is folded
//! from that list, so that the register of an earlier moment is the fold of its beginning.
//! *Invariant:* counts, kinds and decisions are facts and stay; whom an incident concerns and what
//! was told freely are kept under the keys of their parts and go with them.

mod form;
mod notice;
mod rows;
mod standing;
mod words;

use std::collections::BTreeMap;

use bincode::{Decode, Encode};
use events::breach::{
    Assessment, CaseId, ContactId, Count, DetectedBy, FrozenScope, IncidentId, IncidentKind,
    IncidentReported, Item, Means, NotInformedBecause, NoticeFacts, Occurred, Outcome, Phase,
};
use events::{About, BreachEvent, Forgotten, KeptMap, Place};
use record::{ActorId, Seq, SubjectId, TimestampMicros};

pub use form::{FormRow, authority_form};
pub use notice::{NOTICE_LINK, NoticeLanguage, notice_text};
pub use rows::{
    Clocks, CountRow, CountedRow, DecisionRow, Dossier, IncidentRow, NoticeItemRow, NoticeRow,
    NoticeVersionRow, StepRow, Value,
};
pub use words::{NOT_YET_KNOWN, Words};

/// Incidents and breaches of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Incidents {
    incidents: BTreeMap<IncidentId, Incident>,
    /// Where it stands that a person is concerned.
    concerned: KeptMap<(IncidentId, SubjectId), Seq>,
    /// Where something was told freely.
    stories: KeptMap<(IncidentId, Seq), ()>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Incident {
    number: u32,
    kind: IncidentKind,
    detected_by: DetectedBy,
    occurred: Occurred,
    discovered_at: TimestampMicros,
    people: Item<Count>,
    operator_case: Option<CaseId>,
    history: Vec<Entry>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Entry {
    seq: Seq,
    at: TimestampMicros,
    by: Option<ActorId>,
    did: Did,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
enum Did {
    Reported,
    Noted,
    Judged(Assessment),
    Confirmed {
        at: TimestampMicros,
        notify_hours: u32,
    },
    Frozen(FrozenScope),
    Listed(u32),
    Stated(Box<NoticeFacts>),
    Notified {
        at: TimestampMicros,
        means: Means,
        version: u32,
        to: Vec<ContactId>,
    },
    Aware(TimestampMicros),
    FollowedUp {
        at: TimestampMicros,
        means: Means,
        version: u32,
        measures: String,
    },
    ToAuthority(Report),
    NotToAuthority {
        reason: String,
    },
    Informed {
        at: TimestampMicros,
        means: Means,
        people: Count,
    },
    NotInformed {
        because: NotInformedBecause,
        reason: String,
        public_notice_at: Option<TimestampMicros>,
    },
    CostsAgreed(String),
    Lesson(String),
    Withdrawn {
        reason: String,
    },
    Closed {
        outcome: Outcome,
        reason: String,
    },
    Reopened {
        reason: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Report {
    phase: Phase,
    at: TimestampMicros,
    reference: Option<String>,
    late_because: Option<String>,
}

impl Incidents {
    /// Every incident, by number, also those that were not reported to anybody, and why.
    pub fn register(&self) -> Vec<IncidentRow> {
        self.register_as_of(TimestampMicros(u64::MAX))
    }

    /// The register as it was at an earlier moment.
    #[must_use]
    pub fn register_as_of(&self, moment: TimestampMicros) -> Vec<IncidentRow> {
        let rows = self.incidents.iter().filter_map(|(id, incident)| {
            Some(standing::Standing::of(incident, moment)?.row(*id, incident))
        });
        let mut rows: Vec<IncidentRow> = rows.collect();
        rows.sort_by_key(|row| row.number);
        rows
    }

    /// Everything about one incident that names nobody.
    #[must_use]
    pub fn dossier(&self, incident: IncidentId) -> Option<Dossier> {
        self.dossier_as_of(incident, TimestampMicros(u64::MAX))
    }

    /// The dossier as it was at an earlier moment, without what was erased since.
    #[must_use]
    pub fn dossier_as_of(&self, id: IncidentId, moment: TimestampMicros) -> Option<Dossier> {
        let incident = self.incidents.get(&id)?;
        let standing = standing::Standing::of(incident, moment)?;
        let last = standing.last;
        let still_listed = self.concerned(id).filter(|(_, seq)| *seq <= last).count();
        Some(Dossier {
            still_listed: u32::try_from(still_listed).unwrap_or(u32::MAX),
            stories: self.stories(id).filter(|seq| *seq <= last).collect(),
            ..standing.dossier(id, incident)
        })
    }

    /// The processor's own case that an incident belongs to; nothing if there is no such incident.
    #[must_use]
    pub fn case_of(&self, incident: IncidentId) -> Option<Option<CaseId>> {
        self.incidents.get(&incident).map(|it| it.operator_case)
    }

    /// Who is known to be concerned by an incident, and where that stands.
    pub fn concerned(&self, incident: IncidentId) -> impl Iterator<Item = (SubjectId, Seq)> + '_ {
        let all = self.concerned.iter().filter(move |((of, _), _)| *of == incident);
        all.map(|((_, person), kept)| (*person, kept.value))
    }

    /// The incidents that concern a person, and where that stands.
    pub fn concerning(&self, person: SubjectId) -> impl Iterator<Item = (IncidentId, Seq)> + '_ {
        self.concerned.of(person).map(|((incident, _), kept)| (*incident, kept.value))
    }

    /// Where what was told freely of an incident stands.
    fn stories(&self, incident: IncidentId) -> impl Iterator<Item = Seq> + '_ {
        let all = self.stories.iter().map(|(key, _)| *key);
        all.filter(move |(of, _)| *of == incident).map(|(_, seq)| seq)
    }

    pub(crate) fn apply(&mut self, place: &Place, event: &BreachEvent) {
        match event {
            BreachEvent::IncidentReported(event) => {
                let number = u32::try_from(self.incidents.len() + 1).unwrap_or(u32::MAX);
                self.incidents.insert(event.incident, Incident::new(number, event));
                self.told(place, event.incident, event.story.as_ref());
            }
            BreachEvent::IncidentNoted(event) => {
                self.told(place, event.incident, Some(&event.story));
            }
            BreachEvent::PeopleConcerned(event) => {
                for keys in event.people.iter().filter_map(About::keys) {
                    self.concerned.insert((event.incident, keys.subject), keys, place.seq);
                }
            }
            _ => {}
        }
        let (incident, by, did) = did(event);
        if let Some(incident) = self.incidents.get_mut(&incident) {
            incident.history.push(Entry { seq: place.seq, at: place.recorded_at, by, did });
        }
    }

    fn told<T>(&mut self, place: &Place, incident: IncidentId, story: Option<&About<T>>) {
        if let Some(keys) = story.and_then(About::keys) {
            self.stories.insert((incident, place.seq), keys, ());
        }
    }

    pub(crate) fn forget(&mut self, gone: &Forgotten) {
        self.concerned.forget(gone);
        self.stories.forget(gone);
    }
}

impl Incident {
    fn new(number: u32, event: &IncidentReported) -> Self {
        Self {
            number,
            kind: event.kind,
            detected_by: event.detected_by,
            occurred: *event.occurred,
            discovered_at: event.discovered_at,
            people: event.people,
            operator_case: event.operator_case,
            history: Vec::new(),
        }
    }
}

/// Which incident, by whom, and what.
fn did(event: &BreachEvent) -> (IncidentId, Option<ActorId>, Did) {
    macro_rules! by {
        ($event:ident, $did:expr) => {
            ($event.incident, Some($event.by), $did)
        };
    }
    match event {
        BreachEvent::IncidentReported(event) => (event.incident, event.by, Did::Reported),
        BreachEvent::IncidentNoted(it) => by!(it, Did::Noted),
        BreachEvent::IncidentClassified(it) => by!(it, Did::Judged(it.assessment)),
        BreachEvent::BreachConfirmed(it) => {
            by!(it, Did::Confirmed { at: it.confirmed_at, notify_hours: it.notify_hours })
        }
        BreachEvent::BreachScopeFrozen(it) => by!(it, Did::Frozen(it.concerns.clone())),
        BreachEvent::PeopleConcerned(it) => {
            by!(it, Did::Listed(u32::try_from(it.people.len()).unwrap_or(u32::MAX)))
        }
        BreachEvent::NoticeStated(it) => by!(it, Did::Stated(it.notice.clone())),
        BreachEvent::SchoolNotified(it) => {
            let (at, means, version, to) = (it.at, it.means, it.version, it.to.clone());
            by!(it, Did::Notified { at, means, version, to })
        }
        BreachEvent::SchoolAware(it) => by!(it, Did::Aware(it.at)),
        BreachEvent::FollowedUp(it) => {
            let (at, means, version, measures) = (it.at, it.means, it.version, it.measures.clone());
            by!(it, Did::FollowedUp { at, means, version, measures })
        }
        BreachEvent::AuthorityNotified(it) => by!(
            it,
            Did::ToAuthority(Report {
                phase: it.phase,
                at: it.at,
                reference: it.reference.clone(),
                late_because: it.late_because.clone(),
            })
        ),
        BreachEvent::NonNotificationDecided(it) => {
            by!(it, Did::NotToAuthority { reason: it.reason.clone() })
        }
        BreachEvent::DataSubjectsInformed(it) => {
            by!(it, Did::Informed { at: it.at, means: it.means, people: it.people })
        }
        BreachEvent::NotInformedDecided(it) => {
            let (because, public_notice_at) = (it.because, it.public_notice_at);
            by!(it, Did::NotInformed { because, reason: it.reason.clone(), public_notice_at })
        }
        BreachEvent::CostsAgreed(it) => by!(it, Did::CostsAgreed(it.agreed.clone())),
        BreachEvent::LessonRecorded(it) => by!(it, Did::Lesson(it.lesson.clone())),
        BreachEvent::BreachReportWithdrawn(it) => {
            by!(it, Did::Withdrawn { reason: it.reason.clone() })
        }
        BreachEvent::IncidentClosed(it) => {
            by!(it, Did::Closed { outcome: it.outcome, reason: it.reason.clone() })
        }
        BreachEvent::IncidentReopened(it) => by!(it, Did::Reopened { reason: it.reason.clone() }),
    }
}
