//! Incidents and breaches: in which order their steps come, and what must be there before the next.
//!
//! *Invariant:* the school's 72 hours are exact: no weekend, holiday or change of the clock moves
//! them; they run from the earliest moment at which the school is known to have known.
//! *Invariant:* a decision not to tell anybody holds as long as the risk it was taken at: a higher
//! risk takes it back.
//! *Invariant:* who is concerned is kept under that person's own keys and goes with them.

mod notice;
pub(crate) mod refusals;

use std::collections::{BTreeMap, BTreeSet};

use bincode::{Decode, Encode};
use events::breach::{
    Assessment, AuthorityNotified, BREACH_NAME_BYTES_MAX, BREACH_TEXT_BYTES_MAX, BreachConfirmed,
    BreachReportWithdrawn, CONCERNED_MAX, CaseId, DataSubjectsInformed, DetectedBy, FollowedUp,
    IncidentClassified, IncidentClosed, IncidentId, IncidentReported, Involved, Item,
    NOTICE_CONTACTS_MAX, NOTICE_LIST_MAX, NOTIFY_HOURS_MAX, NonNotificationDecided,
    NotInformedBecause, NotInformedDecided, NoticeStated, Outcome, PeopleConcerned, Phase,
    Protection, Risk, SchoolAware, SchoolNotified, Story,
};
use events::{About, BreachEvent, Event, Forgotten, KeptMap};
use record::public::{Cut, ErasureOrdered};
use record::{ActorId, ScopeId, SubjectId, TimestampMicros};

use crate::deadline::{BREACH_NOTICE, Deadline};
use crate::people::told;
use crate::refusal::{Refusal, Rule};
use crate::state::State;

use notice::*;
use refusals::*;

/// Most incidents of a tenant.
const INCIDENTS_MAX: usize = 10_000;

/// A person whose erasure bears on an open incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IncidentHold {
    /// Which incident.
    pub incident: IncidentId,
    /// Who is concerned by it.
    pub person: SubjectId,
}

impl IncidentHold {
    /// On which ground what is needed of the person may be kept until the incident is closed.
    // SOURCE: GDPR article 17(3)(b) with 33(5) and 34(1): a duty to document and to tell people.
    pub const GROUND: &'static str = "GDPR art. 17(3)(b), 33(5) and 34(1)";
    /// The same in Dutch.
    pub const GROUND_DUTCH: &'static str = "AVG art. 17 lid 3 onder b, 33 lid 5 en 34 lid 1";
}

/// What was decided about telling somebody, and at which risk it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
enum Decision {
    Told,
    /// Not told; holds up to this risk.
    NotTold(Risk),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
struct Confirmed {
    at: TimestampMicros,
    informs_all: bool,
}

/// One incident, as the rules remember it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Incident {
    scope: ScopeId,
    holder: SubjectId,
    operator_case: Option<CaseId>,
    discovered_at: TimestampMicros,
    assessment: Option<Assessment>,
    confirmed: Option<Confirmed>,
    /// Whether the data could be understood, once that is fixed.
    frozen: Option<Item<Protection>>,
    /// The newest version, 0 before the first; and whether it has open items.
    stated: u32,
    has_open_items: bool,
    /// The version that the school was told, 0 before the first.
    told: u32,
    notified_at: Option<TimestampMicros>,
    waits_for_follow_up: bool,
    aware_at: Option<TimestampMicros>,
    authority: Option<Decision>,
    /// When the authority was first told, and whether with reasons for being late.
    reported: Option<(TimestampMicros, bool)>,
    people: Option<Decision>,
    is_closed: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Breaches {
    incidents: BTreeMap<IncidentId, Incident>,
    concerned: KeptMap<(IncidentId, SubjectId), ()>,
}

impl State {
    pub(crate) fn breach(
        &self,
        event: &BreachEvent,
        now: TimestampMicros,
    ) -> Result<Vec<Event>, Refusal> {
        match event {
            BreachEvent::IncidentReported(event) => self.report(event, now)?,
            BreachEvent::IncidentNoted(event) => {
                let incident = self.open_incident(event.incident, event.by)?;
                self.check_story(&event.story, incident.holder, incident.scope)?;
                self.erasures.check_scope(incident.scope)?;
            }
            BreachEvent::IncidentClassified(event) => self.classify(event)?,
            BreachEvent::BreachConfirmed(event) => self.confirm(event, now)?,
            BreachEvent::BreachScopeFrozen(event) => {
                self.classified(event.incident, event.by)?;
                check_frozen(&event.concerns)?;
            }
            BreachEvent::PeopleConcerned(event) => self.concern(event)?,
            BreachEvent::NoticeStated(event) => self.state_notice(event, now)?,
            BreachEvent::SchoolNotified(event) => self.notify_school(event, now)?,
            BreachEvent::SchoolAware(event) => self.aware(event, now)?,
            BreachEvent::FollowedUp(event) => self.follow_up(event, now)?,
            BreachEvent::AuthorityNotified(event) => self.notify_authority(event, now)?,
            BreachEvent::NonNotificationDecided(event) => self.pass_authority(event)?,
            BreachEvent::DataSubjectsInformed(event) => self.inform_people(event, now)?,
            BreachEvent::NotInformedDecided(event) => self.pass_people(event, now)?,
            BreachEvent::CostsAgreed(event) => {
                self.confirmed(event.incident, event.by)?;
                check_own_text(&event.agreed, BREACH_TEXT_BYTES_MAX, "agreed")?;
            }
            BreachEvent::LessonRecorded(event) => {
                self.incident(event.incident, event.by)?;
                check_own_text(&event.lesson, BREACH_TEXT_BYTES_MAX, "lesson")?;
            }
            BreachEvent::BreachReportWithdrawn(event) => self.withdraw(event, now)?,
            BreachEvent::IncidentClosed(event) => self.close(event)?,
            BreachEvent::IncidentReopened(event) => {
                NOT_CLOSED.unless(self.incident(event.incident, event.by)?.is_closed)?;
                check_own_text(&event.reason, BREACH_TEXT_BYTES_MAX, "reason")?;
            }
        }
        Ok(vec![Event::Breach(event.clone())])
    }

    fn incident(&self, id: IncidentId, by: ActorId) -> Result<&Incident, Refusal> {
        self.access.check_actor(by)?;
        self.breaches.incidents.get(&id).ok_or(Refusal::Says(&UNKNOWN_INCIDENT))
    }

    fn open_incident(&self, id: IncidentId, by: ActorId) -> Result<&Incident, Refusal> {
        let incident = self.incident(id, by)?;
        CLOSED.unless(!incident.is_closed)?;
        Ok(incident)
    }

    fn classified(&self, id: IncidentId, by: ActorId) -> Result<&Incident, Refusal> {
        let incident = self.open_incident(id, by)?;
        NOT_CLASSIFIED.unless(incident.assessment.is_some())?;
        Ok(incident)
    }

    fn confirmed(
        &self,
        id: IncidentId,
        by: ActorId,
    ) -> Result<(&Incident, Confirmed, Risk), Refusal> {
        let incident = self.classified(id, by)?;
        let confirmed = incident.confirmed.ok_or(Refusal::Says(&NOT_CONFIRMED))?;
        let assessment = incident.assessment.ok_or(Refusal::Says(&NOT_CLASSIFIED))?;
        Ok((incident, confirmed, assessment.risk))
    }

    fn report(&self, event: &IncidentReported, now: TimestampMicros) -> Result<(), Refusal> {
        event.by.map_or(Ok(()), |by| self.access.check_actor(by))?;
        REPORTER.unless(event.by.is_none() == (event.detected_by == DetectedBy::System))?;
        let incidents = &self.breaches.incidents;
        let used = incidents
            .values()
            .any(|incident| incident.scope == event.scope || incident.holder == event.holder);
        if used || incidents.contains_key(&event.incident) || self.people.knows(event.holder) {
            return Err(Refusal::IdInUse);
        }
        TOO_MANY.unless(incidents.len() < INCIDENTS_MAX)?;
        let mut cases = incidents.values().filter_map(|incident| incident.operator_case);
        CASE_TAKEN.unless(event.operator_case.is_none_or(|case| !cases.any(|it| it == case)))?;
        self.erasures.check_scope(event.scope)?;
        IN_FUTURE.unless(event.discovered_at <= now)?;
        check_occurred(&event.occurred, Some(&event.discovered_at))?;
        check_count(event.people.known())?;
        let story = event.story.as_ref();
        story.map_or(Ok(()), |story| self.check_story(story, event.holder, event.scope))
    }

    fn check_story(
        &self,
        story: &About<Story>,
        holder: SubjectId,
        scope: ScopeId,
    ) -> Result<(), Refusal> {
        let (keys, story) = told(story).ok_or(Refusal::AlreadyErased)?;
        OWN_TERM.unless(keys.subject == holder && keys.scope == scope)?;
        check_own_text(&story.text, BREACH_TEXT_BYTES_MAX, "story")
    }

    fn classify(&self, event: &IncidentClassified) -> Result<(), Refusal> {
        let incident = self.open_incident(event.incident, event.by)?;
        let involved = event.assessment.personal_data == Involved::Yes;
        NO_PERSONAL_DATA.unless(involved || incident.confirmed.is_none())
    }

    fn confirm(&self, event: &BreachConfirmed, now: TimestampMicros) -> Result<(), Refusal> {
        let incident = self.classified(event.incident, event.by)?;
        CONFIRMED_ALREADY.unless(incident.confirmed.is_none())?;
        let involved = incident.assessment.map(|assessment| assessment.personal_data);
        NO_PERSONAL_DATA.unless(involved == Some(Involved::Yes))?;
        incident.check_moment(event.confirmed_at, now)?;
        NOTIFY_HOURS.unless((1..=NOTIFY_HOURS_MAX).contains(&event.notify_hours))
    }

    fn concern(&self, event: &PeopleConcerned) -> Result<(), Refusal> {
        let incident = self.classified(event.incident, event.by)?;
        NOT_FROZEN.unless(incident.frozen.is_some())?;
        check_list(event.people.len(), CONCERNED_MAX, "people")?;
        let mut seen = BTreeSet::new();
        event.people.iter().try_for_each(|part| {
            let (person, concerned) = self.about(part)?;
            OWN_TERM.unless(part.keys().is_some_and(|keys| keys.scope == incident.scope))?;
            check_list(concerned.kinds.len(), NOTICE_LIST_MAX, "kinds")?;
            let listed = self.breaches.concerned.contains(&(event.incident, person));
            LISTED_TWICE.unless(!listed && seen.insert(person))
        })
    }

    fn state_notice(&self, event: &NoticeStated, now: TimestampMicros) -> Result<(), Refusal> {
        let incident = self.classified(event.incident, event.by)?;
        NEXT_VERSION.unless(Some(event.version) == incident.stated.checked_add(1))?;
        check_notice(&event.notice, now)
    }

    fn notify_school(&self, event: &SchoolNotified, now: TimestampMicros) -> Result<(), Refusal> {
        let incident = self.classified(event.incident, event.by)?;
        NOTIFIED_ALREADY.unless(incident.notified_at.is_none())?;
        incident.check_newest(event.version)?;
        check_list(event.to.len(), NOTICE_CONTACTS_MAX, "to")?;
        incident.check_moment(event.at, now)
    }

    fn aware(&self, event: &SchoolAware, now: TimestampMicros) -> Result<(), Refusal> {
        let incident = self.classified(event.incident, event.by)?;
        incident.check_moment(event.at, now)?;
        let confirms = |known| incident.aware_at.is_none() && event.at == known;
        let is_new = |known| event.at < known || confirms(known);
        AWARE_EARLIER.unless(incident.aware().is_none_or(is_new))
    }

    fn follow_up(&self, event: &FollowedUp, now: TimestampMicros) -> Result<(), Refusal> {
        let incident = self.classified(event.incident, event.by)?;
        let notified_at = incident.notified_at.ok_or(Refusal::Says(&NOT_NOTIFIED))?;
        NOTHING_NEW.unless(event.version > incident.told)?;
        incident.check_newest(event.version)?;
        check_own_text(&event.measures, BREACH_TEXT_BYTES_MAX, "measures")?;
        BEFORE_NOTICE.unless(event.at >= notified_at)?;
        IN_FUTURE.unless(event.at <= now)
    }

    fn notify_authority(
        &self,
        event: &AuthorityNotified,
        now: TimestampMicros,
    ) -> Result<(), Refusal> {
        let (incident, ..) = self.confirmed(event.incident, event.by)?;
        let aware = incident.aware().ok_or(Refusal::Says(&NOT_AWARE))?;
        IN_FUTURE.unless(event.at <= now)?;
        REPORT_BEFORE_AWARE.unless(event.at >= aware)?;
        let is_told = incident.authority == Some(Decision::Told);
        if event.phase == Phase::First {
            REPORTED_ALREADY.unless(!is_told)?;
            let is_late = is_late(aware, event.at);
            LATE_NEEDS_REASONS.unless(!is_late || event.late_because.is_some())?;
        } else {
            NOT_REPORTED.unless(is_told)?;
        }
        let reference = event.reference.as_ref();
        reference.map_or(Ok(()), |it| check_own_text(it, BREACH_NAME_BYTES_MAX, "reference"))?;
        let because = event.late_because.as_ref();
        because.map_or(Ok(()), |it| check_own_text(it, BREACH_TEXT_BYTES_MAX, "late_because"))
    }

    fn pass_authority(&self, event: &NonNotificationDecided) -> Result<(), Refusal> {
        let (incident, _, risk) = self.confirmed(event.incident, event.by)?;
        REPORTED_ALREADY.unless(incident.authority != Some(Decision::Told))?;
        RISK_WANTS_REPORT.unless(risk == Risk::Unlikely)?;
        check_own_text(&event.reason, BREACH_TEXT_BYTES_MAX, "reason")
    }

    fn inform_people(
        &self,
        event: &DataSubjectsInformed,
        now: TimestampMicros,
    ) -> Result<(), Refusal> {
        let (incident, ..) = self.confirmed(event.incident, event.by)?;
        incident.check_moment(event.at, now)?;
        check_count(Some(&event.people))
    }

    fn pass_people(&self, event: &NotInformedDecided, now: TimestampMicros) -> Result<(), Refusal> {
        let (incident, confirmed, risk) = self.confirmed(event.incident, event.by)?;
        INFORMED_ALREADY.unless(incident.people != Some(Decision::Told))?;
        match event.because {
            NotInformedBecause::NoHighRisk => {
                GROUND_DOES_NOT_FIT.unless(risk < Risk::High && !confirmed.informs_all)?;
            }
            NotInformedBecause::Unintelligible => {
                INTELLIGIBLE.unless(incident.frozen == Some(Item::Known(Protection::Full)))?;
            }
            NotInformedBecause::MeasuresTaken | NotInformedBecause::Disproportionate => {}
        }
        let wants_notice = event.because == NotInformedBecause::Disproportionate;
        PUBLIC_NOTICE.unless(wants_notice == event.public_notice_at.is_some())?;
        event.public_notice_at.map_or(Ok(()), |at| incident.check_moment(at, now))?;
        check_own_text(&event.reason, BREACH_TEXT_BYTES_MAX, "reason")
    }

    fn withdraw(&self, event: &BreachReportWithdrawn, now: TimestampMicros) -> Result<(), Refusal> {
        let (incident, ..) = self.confirmed(event.incident, event.by)?;
        let is_told = incident.authority == Some(Decision::Told);
        WITHDRAW_AT_AUTHORITY.unless(is_told == event.authority_told_at.is_some())?;
        IN_FUTURE.unless(event.authority_told_at.is_none_or(|at| at <= now))?;
        check_own_text(&event.reason, BREACH_TEXT_BYTES_MAX, "reason")
    }

    fn close(&self, event: &IncidentClosed) -> Result<(), Refusal> {
        let incident = self.open_incident(event.incident, event.by)?;
        check_own_text(&event.reason, BREACH_TEXT_BYTES_MAX, "reason")?;
        OUTCOME_DIFFERS
            .unless(incident.confirmed.is_some() == (event.outcome == Outcome::Breach))?;
        incident.missing().next().map_or(Ok(()), |rule| Err(rule.into()))
    }

    /// What stands in the way of closing an incident; nothing if it is closed or unknown.
    #[must_use]
    pub fn missing_to_close(&self, incident: IncidentId) -> Vec<&'static Rule> {
        let incident = self.breaches.incidents.get(&incident).filter(|it| !it.is_closed);
        incident.into_iter().flat_map(Incident::missing).collect()
    }

    /// The own term of an incident, and the subject that is nobody which its stories stand under.
    #[must_use]
    pub fn incident_term(&self, incident: IncidentId) -> Option<(ScopeId, SubjectId)> {
        self.breaches.incidents.get(&incident).map(|it| (it.scope, it.holder))
    }

    /// The incident of the processor's case.
    #[must_use]
    pub fn incident_of_case(&self, case: CaseId) -> Option<IncidentId> {
        let mut incidents = self.breaches.incidents.iter();
        incidents.find(|(_, it)| it.operator_case == Some(case)).map(|(id, _)| *id)
    }

    /// Whether an incident is known and not closed.
    #[must_use]
    pub(crate) fn incident_is_open(&self, incident: IncidentId) -> bool {
        self.breaches.is_open(incident)
    }

    /// The people whom an open incident concerns: whoever decides on their erasure is told.
    pub fn holds_of_incidents(&self) -> impl Iterator<Item = IncidentHold> + '_ {
        let all = self.breaches.concerned.iter().map(|(key, _)| hold(*key));
        all.filter(|hold| self.breaches.is_open(hold.incident))
    }

    /// The open incidents that concern one person.
    pub fn holds_of_person(&self, person: SubjectId) -> impl Iterator<Item = IncidentHold> + '_ {
        let theirs = self.breaches.concerned.of(person).map(|(key, _)| hold(*key));
        theirs.filter(|hold| self.breaches.is_open(hold.incident))
    }
}

fn hold((incident, person): (IncidentId, SubjectId)) -> IncidentHold {
    IncidentHold { incident, person }
}

/// An end outside the calendar never comes.
fn is_late(aware: TimestampMicros, at: TimestampMicros) -> bool {
    Deadline::to_act(aware, BREACH_NOTICE).is_ok_and(|deadline| deadline.is_over(at))
}

impl Incident {
    fn new(event: &IncidentReported) -> Self {
        Self {
            scope: event.scope,
            holder: event.holder,
            operator_case: event.operator_case,
            discovered_at: event.discovered_at,
            assessment: None,
            confirmed: None,
            frozen: None,
            stated: 0,
            has_open_items: false,
            told: 0,
            notified_at: None,
            waits_for_follow_up: false,
            aware_at: None,
            authority: None,
            reported: None,
            people: None,
            is_closed: false,
        }
    }

    /// When the school knew of the breach: the earliest of what was stated and when it was told of
    /// one.
    // SOURCE: EDPB Guidelines 9/2022, 44: the controller is aware once the processor informed it.
    fn aware(&self) -> Option<TimestampMicros> {
        let told = self.notified_at.zip(self.confirmed);
        let told = told.map(|(notified, confirmed)| notified.max(confirmed.at));
        self.aware_at.into_iter().chain(told).min()
    }

    fn check_moment(&self, at: TimestampMicros, now: TimestampMicros) -> Result<(), Refusal> {
        IN_FUTURE.unless(at <= now)?;
        BEFORE_DISCOVERY.unless(at >= self.discovered_at)
    }

    fn check_newest(&self, version: u32) -> Result<(), Refusal> {
        NOT_STATED.unless(self.stated > 0)?;
        NOT_NEWEST.unless(version == self.stated)
    }

    fn missing(&self) -> impl Iterator<Item = &'static Rule> {
        let is_breach = self.confirmed.is_some();
        let wanted = [
            (self.assessment.is_none(), &NOT_CLASSIFIED),
            (is_breach && self.frozen.is_none(), &NOT_FROZEN),
            (is_breach && self.notified_at.is_none(), &NOT_NOTIFIED),
            (self.notified_at.is_some() && self.told < self.stated, &UNTOLD),
            (self.waits_for_follow_up, &WANTS_FOLLOW_UP),
            (is_breach && self.aware().is_none(), &NOT_AWARE),
            (is_breach && self.authority.is_none(), &AUTHORITY_UNDECIDED),
            (self.is_late_without_reasons(), &LATE_NEEDS_REASONS),
            (is_breach && self.people.is_none(), &PEOPLE_UNDECIDED),
        ];
        wanted.into_iter().filter_map(|(is_missing, rule)| is_missing.then_some(rule))
    }

    /// That the school knew earlier may turn out after it reported.
    fn is_late_without_reasons(&self) -> bool {
        let unexplained = self.reported.filter(|(_, has_reasons)| !has_reasons);
        self.aware().zip(unexplained).is_some_and(|(aware, (at, _))| is_late(aware, at))
    }

    fn authority_told(&mut self, event: &AuthorityNotified) {
        self.authority = Some(Decision::Told);
        let (first, has_reasons) = self.reported.unwrap_or((event.at, false));
        self.reported = Some((first, has_reasons || event.late_because.is_some()));
    }

    /// A higher risk takes back a decision not to tell anybody.
    fn judged(&mut self, assessment: Assessment) {
        self.assessment = Some(assessment);
        let holds = |decision: &Decision| match decision {
            Decision::Told => true,
            Decision::NotTold(up_to) => assessment.risk <= *up_to,
        };
        self.authority = self.authority.filter(holds);
        self.people = self.people.filter(holds);
    }

    fn notified(&mut self, event: &SchoolNotified) {
        (self.told, self.notified_at) = (event.version, Some(event.at));
        self.waits_for_follow_up = self.has_open_items;
    }

    fn passed_people(&mut self, because: NotInformedBecause) {
        self.people = Some(Decision::NotTold(match because {
            NotInformedBecause::NoHighRisk => Risk::Present,
            _ => Risk::High,
        }));
    }

    /// A school that was told of a breach hears that it is none.
    fn withdrawn(&mut self) {
        (self.confirmed, self.authority, self.people) = (None, None, None);
        self.reported = None;
        self.waits_for_follow_up |= self.notified_at.is_some();
    }
}

impl Breaches {
    fn is_open(&self, incident: IncidentId) -> bool {
        self.incidents.get(&incident).is_some_and(|it| !it.is_closed)
    }

    /// Refuses to end the term of an open incident.
    pub(crate) fn check_order(&self, order: &ErasureOrdered) -> Result<(), Refusal> {
        let open = self.incidents.values().filter(|incident| !incident.is_closed);
        let held = |incident: &Incident| {
            order.targets.contains(&Cut::Scope(incident.scope))
                || order.targets.contains(&Cut::Subject(incident.holder))
        };
        TERM_RUNS.unless(!open.into_iter().any(held))
    }

    pub(crate) fn evolve(&mut self, event: &BreachEvent) {
        match event {
            BreachEvent::IncidentReported(event) => {
                self.incidents.insert(event.incident, Incident::new(event));
            }
            BreachEvent::IncidentClassified(event) => {
                self.change(event.incident, |it| it.judged(event.assessment));
            }
            BreachEvent::BreachConfirmed(BreachConfirmed {
                incident,
                confirmed_at,
                informs_all,
                ..
            }) => {
                let confirmed = Confirmed { at: *confirmed_at, informs_all: *informs_all };
                self.change(*incident, |it| it.confirmed = Some(confirmed));
            }
            BreachEvent::BreachScopeFrozen(event) => {
                self.change(event.incident, |it| it.frozen = Some(event.concerns.protection));
            }
            BreachEvent::PeopleConcerned(event) => {
                for keys in event.people.iter().filter_map(About::keys) {
                    self.concerned.insert((event.incident, keys.subject), keys, ());
                }
            }
            BreachEvent::NoticeStated(event) => self.change(event.incident, |it| {
                it.stated = event.version;
                it.has_open_items = !event.notice.open().is_empty();
            }),
            BreachEvent::SchoolNotified(event) => {
                self.change(event.incident, |it| it.notified(event));
            }
            BreachEvent::SchoolAware(event) => {
                self.change(event.incident, |it| it.aware_at = Some(event.at));
            }
            BreachEvent::FollowedUp(event) => self.change(event.incident, |it| {
                (it.told, it.waits_for_follow_up) = (event.version, false);
            }),
            BreachEvent::AuthorityNotified(event) => {
                self.change(event.incident, |it| it.authority_told(event));
            }
            BreachEvent::NonNotificationDecided(event) => self.change(event.incident, |it| {
                it.authority = Some(Decision::NotTold(Risk::Unlikely));
            }),
            BreachEvent::DataSubjectsInformed(event) => {
                self.change(event.incident, |it| it.people = Some(Decision::Told));
            }
            BreachEvent::NotInformedDecided(event) => {
                self.change(event.incident, |it| it.passed_people(event.because));
            }
            BreachEvent::BreachReportWithdrawn(event) => {
                self.change(event.incident, Incident::withdrawn);
            }
            BreachEvent::IncidentClosed(event) => {
                self.change(event.incident, |it| it.is_closed = true);
            }
            BreachEvent::IncidentReopened(event) => {
                self.change(event.incident, |it| it.is_closed = false);
            }
            BreachEvent::IncidentNoted(_)
            | BreachEvent::CostsAgreed(_)
            | BreachEvent::LessonRecorded(_) => {}
        }
    }

    fn change(&mut self, incident: IncidentId, change: impl FnOnce(&mut Incident)) {
        if let Some(incident) = self.incidents.get_mut(&incident) {
            change(incident);
        }
    }

    pub(crate) fn forget(&mut self, gone: &Forgotten) {
        self.concerned.forget(gone);
    }
}
