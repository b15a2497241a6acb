//! Observing lessons: who may plan, record, correct and see an observation.
//!
//! *Invariant:* variant and purpose are fixed by the plan, and no event changes them: what was a
//! visit of a colleague never becomes an appraisal.
//! *Invariant:* only the observer of the plan records and corrects; once that person is erased,
//! nobody does.
//! *Invariant:* the state keeps no score and no remark.

mod example;

use std::collections::BTreeMap;

use bincode::{Decode, Encode};
use events::access::{Reach, Role};
use events::annex::{FieldId, Module, SubjectKind};
use events::observe::{
    Assessment, Authorship, CORRECTIONS_MAX, DOMAINS_MAX, Domain, EXAMPLES_MAX, FOLLOW_UPS_MAX,
    INSTRUMENT_VERSIONS_MAX, ITEMS_MAX, Instrument, InstrumentId, InstrumentPublished, Item,
    LESSON_GROUP_BYTES_MAX, LaterRemark, ObservationCorrected, ObservationId, ObservationPlanned,
    ObservationRecorded, ObservationShared, ObserveEvent, REMARK_BYTES_MAX, Remark, STEPS_MAX,
    STEPS_MIN, SelfEvaluationRecorded, Variant, WORDING_BYTES_MAX, WORDING_TITLE_BYTES_MAX,
    Wording,
};
use events::organisation::SchoolId;
use events::people::Position;
use events::{About, Event, Forgotten, KeptMap};
use record::{SubjectId, TimestampMicros};

use crate::numbers::without_bsn;
use crate::refusal::{Refusal, Rule};
use crate::state::{State, check_limit, check_text};

pub use example::example_instrument;

static UNKNOWN_INSTRUMENT: Rule = Rule::unknown(
    "this version of the instrument is unknown",
    "deze versie van het instrument is onbekend",
);
static INSTRUMENT_ENDED: Rule = Rule::conflict(
    "this version of the instrument is withdrawn",
    "deze versie van het instrument is ingetrokken",
);
static WRONG_VERSION: Rule = Rule::invalid(
    "version",
    "the versions of an instrument are counted from 1, without gaps",
    "de versies van een instrument tellen vanaf 1, zonder gaten",
);
static TOO_MANY_VERSIONS: Rule = Rule::conflict(
    "a tenant has at most 200 versions of instruments",
    "een omgeving telt ten hoogste 200 versies van instrumenten",
);
static WRONG_SCALE: Rule =
    Rule::invalid("scale", "a scale has 2 to 10 steps", "een schaal heeft 2 tot 10 stappen");
static UNKNOWN_OBSERVATION: Rule =
    Rule::unknown("the observation is unknown", "de observatie is onbekend");
static WRONG_PURPOSE: Rule = Rule::invalid(
    "purpose",
    "this variant does not serve this purpose",
    "deze variant dient dit doel niet",
);
static TWO_PEOPLE: Rule =
    Rule::conflict("nobody observes themselves", "niemand observeert zichzelf");
static NOT_STAFF: Rule = Rule::conflict(
    "teacher and observer both work at the school",
    "leraar en observator werken allebei op de school",
);
static NOT_A_LEADER: Rule = Rule::conflict(
    "the school leader does not observe as a colleague or a coach",
    "de schoolleider observeert niet als collega of coach",
);
static WITHDRAWN: Rule =
    Rule::conflict("the observation is withdrawn", "de observatie is ingetrokken");
static RECORDED_ALREADY: Rule =
    Rule::conflict("the observation is recorded already", "de observatie is al vastgelegd");
static NOT_RECORDED: Rule =
    Rule::conflict("the observation is not recorded yet", "de observatie is nog niet vastgelegd");
static EVALUATED_ALREADY: Rule = Rule::conflict(
    "the teacher evaluated this lesson already",
    "de leraar heeft deze les al geëvalueerd",
);
static NOT_THE_TEACHER: Rule = Rule::conflict(
    "this is not the teacher's observation",
    "dit is niet de observatie van deze leraar",
);
static NOT_THE_OBSERVER: Rule = Rule::conflict(
    "only the observer of this lesson may do this",
    "alleen wie deze les observeert mag dit",
);
static NEVER_SHARED: Rule = Rule::conflict(
    "this variant is never shared with a school leader",
    "deze variant wordt nooit met een schoolleider gedeeld",
);
static NOT_LET_IN_BY_ONESELF: Rule = Rule::conflict(
    "a school leader does not open somebody else's observation to themselves",
    "een schoolleider geeft zichzelf geen inzage in andermans observatie",
);
static SHARED_ALREADY: Rule =
    Rule::conflict("the observation is shared already", "de observatie is al gedeeld");
static WRONG_SCORE_COUNT: Rule = Rule::invalid(
    "scores",
    "one score for each item, or not applicable",
    "één score per onderdeel, of niet van toepassing",
);
static OUT_OF_SCALE: Rule = Rule::invalid(
    "scores",
    "a score is a step of the scale, counted from 1",
    "een score is een stap van de schaal, geteld vanaf 1",
);
static UNKNOWN_ITEM: Rule = Rule::invalid(
    "item",
    "the instrument has no such item",
    "het instrument heeft dit onderdeel niet",
);
static TOO_MUCH: Rule = Rule::conflict(
    "an observation takes at most 20 corrections and 100 remarks and answers",
    "een observatie krijgt ten hoogste 20 correcties en 100 opmerkingen en antwoorden",
);

/// What somebody may see of an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// All of it, as the teacher.
    Teacher,
    /// All of it, as the observer.
    Observer,
    /// All of it, as the school leader with whom it was shared.
    Shared,
    /// Nothing.
    No,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Observe {
    instruments: BTreeMap<(InstrumentId, u16), Form>,
    observations: BTreeMap<ObservationId, Observation>,
    /// Whose lesson it is, under the teacher's keys.
    teachers: KeptMap<ObservationId, ()>,
    /// Who observes, under the observer's keys.
    observers: KeptMap<ObservationId, ()>,
}

/// What the rules need of a version of an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
struct Form {
    items: u16,
    steps: u8,
    withdrawn: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
struct Observation {
    instrument: (InstrumentId, u16),
    variant: Variant,
    school: SchoolId,
    recorded: bool,
    evaluated: bool,
    shared: bool,
    withdrawn: bool,
    corrections: u16,
    follow_ups: u16,
}

impl State {
    pub(crate) fn observe(
        &self,
        event: &ObserveEvent,
        now: TimestampMicros,
    ) -> Result<Vec<Event>, Refusal> {
        match event {
            ObserveEvent::InstrumentPublished(event) => self.publish_instrument(event)?,
            ObserveEvent::InstrumentWithdrawn(event) => {
                self.access.check_actor(event.by)?;
                self.observe.form_in_use(event.instrument, event.version)?;
            }
            ObserveEvent::ObservationPlanned(event) => self.plan(event, now)?,
            ObserveEvent::ObservationRecorded(event) => self.record_observation(event, now)?,
            ObserveEvent::SelfEvaluationRecorded(event) => self.evaluate(event, now)?,
            ObserveEvent::ObservationShared(event) => self.share(event, now)?,
            ObserveEvent::ObservationCorrected(event) => self.correct(event, now)?,
            ObserveEvent::TeacherRemarkAdded(event) => {
                let observation = self.followed(event.observation)?;
                let LaterRemark { remark } = self.by_teacher(event.observation, &event.teacher)?;
                self.pass_observation(true, now)?;
                check_remark(remark, self.observe.form_of(observation)?)?;
            }
            ObserveEvent::ObserverRemarkAdded(event) => {
                let observation = self.followed(event.observation)?;
                self.by_observer(event.observation, &event.observer)?;
                let LaterRemark { remark } = self.by_teacher(event.observation, &event.teacher)?;
                self.pass_observation(true, now)?;
                check_remark(remark, self.observe.form_of(observation)?)?;
            }
            ObserveEvent::ObservationSeen(event) => {
                self.followed(event.observation)?;
                self.by_teacher(event.observation, &event.teacher)?;
            }
            ObserveEvent::ObservationWithdrawn(event) => {
                self.access.check_actor(event.by)?;
                self.observe.running(event.observation)?;
            }
        }
        Ok(vec![Event::Observe(event.clone())])
    }

    fn publish_instrument(&self, event: &InstrumentPublished) -> Result<(), Refusal> {
        self.access.check_actor(event.by)?;
        let versions = (event.instrument, 0)..=(event.instrument, u16::MAX);
        let last = self.observe.instruments.range(versions).next_back();
        let next = last.map_or(Some(1), |((_, version), _)| version.checked_add(1));
        WRONG_VERSION.unless(next == Some(event.version))?;
        TOO_MANY_VERSIONS.unless(self.observe.instruments.len() < INSTRUMENT_VERSIONS_MAX)?;
        check_instrument(&event.content)
    }

    fn plan(&self, event: &ObservationPlanned, now: TimestampMicros) -> Result<(), Refusal> {
        self.access.check_actor(event.by)?;
        self.pass_observation(false, now)?;
        self.organisation.check_school(event.school)?;
        self.observe.form_in_use(event.instrument, event.version)?;
        if self.observe.observations.contains_key(&event.observation) {
            return Err(Refusal::IdInUse);
        }
        WRONG_PURPOSE.unless(event.variant.serves(event.purpose))?;
        let (teacher, lesson) = self.about(&event.teacher)?;
        let (observer, authorship) = self.about(&event.observer)?;
        check_authorship(event.observation, authorship)?;
        TWO_PEOPLE.unless(teacher != observer)?;
        let works_there = |person| self.belongs(person, event.school, Position::Staff);
        NOT_STAFF.unless(works_there(teacher) && works_there(observer))?;
        self.check_apart(event.variant, observer, event.school, now)?;
        check_told(&lesson.group, LESSON_GROUP_BYTES_MAX, "group")
    }

    /// A colleague or a coach is not the one who judges.
    fn check_apart(
        &self,
        variant: Variant,
        observer: SubjectId,
        school: SchoolId,
        now: TimestampMicros,
    ) -> Result<(), Refusal> {
        let apart = matches!(variant, Variant::Peer | Variant::Coaching);
        NOT_A_LEADER.unless(!apart || !self.leads(observer, school, now))
    }

    fn record_observation(
        &self,
        event: &ObservationRecorded,
        now: TimestampMicros,
    ) -> Result<(), Refusal> {
        let observation = self.observe.running(event.observation)?;
        RECORDED_ALREADY.unless(!observation.recorded)?;
        let observer = self.by_observer(event.observation, &event.observer)?;
        self.check_apart(observation.variant, observer, observation.school, now)?;
        let Assessment { scores, remarks } = self.by_teacher(event.observation, &event.teacher)?;
        self.pass_observation(!remarks.is_empty(), now)?;
        check_assessment(scores, remarks, self.observe.form_of(observation)?)
    }

    fn evaluate(
        &self,
        event: &SelfEvaluationRecorded,
        now: TimestampMicros,
    ) -> Result<(), Refusal> {
        let observation = self.observe.running(event.observation)?;
        EVALUATED_ALREADY.unless(!observation.evaluated)?;
        let Assessment { scores, remarks } = self.by_teacher(event.observation, &event.teacher)?;
        self.pass_observation(!remarks.is_empty(), now)?;
        check_assessment(scores, remarks, self.observe.form_of(observation)?)
    }

    fn share(&self, event: &ObservationShared, now: TimestampMicros) -> Result<(), Refusal> {
        self.access.check_actor(event.by)?;
        let observation = self.recorded(event.observation)?;
        NEVER_SHARED.unless(observation.variant.reaches_leader())?;
        let account = self.account_behind(event.by);
        let sharer = account.and_then(|account| self.account(account)).map(|(person, _)| person);
        let theirs = sharer.is_some() && sharer == self.observer_of(event.observation);
        let leads = sharer.is_some_and(|sharer| self.leads(sharer, observation.school, now));
        NOT_LET_IN_BY_ONESELF.unless(theirs || !leads)?;
        SHARED_ALREADY.unless(!observation.shared)
    }

    fn correct(&self, event: &ObservationCorrected, now: TimestampMicros) -> Result<(), Refusal> {
        let observation = self.recorded(event.observation)?;
        TOO_MUCH.unless(observation.corrections < CORRECTIONS_MAX)?;
        self.by_observer(event.observation, &event.observer)?;
        let told = self.by_teacher(event.observation, &event.teacher)?;
        self.pass_observation(true, now)?;
        check_told(&told.reason, REMARK_BYTES_MAX, "reason")?;
        check_assessment(&told.scores, &told.remarks, self.observe.form_of(observation)?)
    }

    /// An observation that was recorded and still counts.
    fn recorded(&self, observation: ObservationId) -> Result<&Observation, Refusal> {
        let found = self.observe.running(observation)?;
        NOT_RECORDED.unless(found.recorded).map(|()| found)
    }

    /// One that takes another remark or answer.
    fn followed(&self, observation: ObservationId) -> Result<&Observation, Refusal> {
        let found = self.recorded(observation)?;
        TOO_MUCH.unless(found.follow_ups < FOLLOW_UPS_MAX).map(|()| found)
    }

    /// What a part tells, if it is about the teacher of the observation.
    fn by_teacher<'a, T>(
        &self,
        observation: ObservationId,
        part: &'a About<T>,
    ) -> Result<&'a T, Refusal> {
        let (teacher, told) = self.about(part)?;
        NOT_THE_TEACHER.unless(self.teacher_of(observation) == Some(teacher)).map(|()| told)
    }

    fn by_observer(
        &self,
        observation: ObservationId,
        part: &About<Authorship>,
    ) -> Result<SubjectId, Refusal> {
        let (observer, authorship) = self.about(part)?;
        check_authorship(observation, authorship)?;
        let theirs = self.observer_of(observation) == Some(observer);
        NOT_THE_OBSERVER.unless(theirs).map(|()| observer)
    }

    /// Whether a person leads the school at this moment.
    fn leads(&self, person: SubjectId, school: SchoolId, now: TimestampMicros) -> bool {
        let Some(account) = self.account_of_person(person) else { return false };
        self.grants_of(account, now).any(|(_, grant)| {
            let reaches = grant.reach == Reach::Board || grant.reach == Reach::School(school);
            grant.role == Role::SchoolLeader && reaches
        })
    }

    /// Refuses what is told in an observation unless the accepted annex ticks it and the
    /// participation council consented.
    fn pass_observation(&self, remarked: bool, now: TimestampMicros) -> Result<(), Refusal> {
        let remarks = remarked.then_some(FieldId::Remarks);
        let told: Vec<_> = [FieldId::Observations].into_iter().chain(remarks).collect();
        self.pass_module((Module::Observation, SubjectKind::Staff), &told, now)
    }

    /// Whose lesson it is, unless that person is erased.
    #[must_use]
    pub fn teacher_of(&self, observation: ObservationId) -> Option<SubjectId> {
        self.observe.teachers.keys_of(&observation).map(|keys| keys.subject)
    }

    /// Who observes, unless that person is erased.
    #[must_use]
    pub fn observer_of(&self, observation: ObservationId) -> Option<SubjectId> {
        self.observe.observers.keys_of(&observation).map(|keys| keys.subject)
    }

    /// What a person may see of an observation at this moment.
    ///
    /// The school leader is the person who has that role now, so a share follows the office.
    #[must_use]
    pub fn may_see_observation(
        &self,
        observation: ObservationId,
        person: SubjectId,
        now: TimestampMicros,
    ) -> Seen {
        let Some(found) = self.observe.observations.get(&observation) else { return Seen::No };
        if self.teacher_of(observation) == Some(person) {
            return Seen::Teacher;
        }
        if self.observer_of(observation) == Some(person) {
            return Seen::Observer;
        }
        let open = found.shared && !found.withdrawn && found.variant.reaches_leader();
        if open && self.leads(person, found.school, now) { Seen::Shared } else { Seen::No }
    }
}

impl Observe {
    fn form(&self, version: (InstrumentId, u16)) -> Result<Form, Refusal> {
        self.instruments.get(&version).copied().ok_or(Refusal::Says(&UNKNOWN_INSTRUMENT))
    }

    fn form_in_use(&self, instrument: InstrumentId, version: u16) -> Result<(), Refusal> {
        INSTRUMENT_ENDED.unless(!self.form((instrument, version))?.withdrawn)
    }

    fn form_of(&self, observation: &Observation) -> Result<Form, Refusal> {
        self.form(observation.instrument)
    }

    /// An observation that still counts.
    fn running(&self, observation: ObservationId) -> Result<&Observation, Refusal> {
        let found = self.observations.get(&observation);
        let found = found.ok_or(Refusal::Says(&UNKNOWN_OBSERVATION))?;
        WITHDRAWN.unless(!found.withdrawn).map(|()| found)
    }

    pub(crate) fn evolve(&mut self, event: &ObserveEvent) {
        match event {
            ObserveEvent::InstrumentPublished(event) => {
                let form = form(&event.content);
                self.instruments.insert((event.instrument, event.version), form);
            }
            ObserveEvent::InstrumentWithdrawn(event) => {
                if let Some(form) = self.instruments.get_mut(&(event.instrument, event.version)) {
                    form.withdrawn = true;
                }
            }
            ObserveEvent::ObservationPlanned(event) => self.planned(event),
            ObserveEvent::ObservationRecorded(event) => {
                self.change(event.observation, |observation| observation.recorded = true);
            }
            ObserveEvent::SelfEvaluationRecorded(event) => {
                self.change(event.observation, |observation| observation.evaluated = true);
            }
            ObserveEvent::ObservationShared(event) => {
                self.change(event.observation, |observation| observation.shared = true);
            }
            ObserveEvent::ObservationCorrected(event) => {
                self.change(event.observation, |observation| {
                    observation.corrections = observation.corrections.saturating_add(1);
                });
            }
            ObserveEvent::TeacherRemarkAdded(event) => self.follow_up(event.observation),
            ObserveEvent::ObserverRemarkAdded(event) => self.follow_up(event.observation),
            ObserveEvent::ObservationSeen(event) => self.follow_up(event.observation),
            ObserveEvent::ObservationWithdrawn(event) => {
                self.change(event.observation, |observation| observation.withdrawn = true);
            }
        }
    }

    fn planned(&mut self, event: &ObservationPlanned) {
        let observation = Observation {
            instrument: (event.instrument, event.version),
            variant: event.variant,
            school: event.school,
            recorded: false,
            evaluated: false,
            shared: false,
            withdrawn: false,
            corrections: 0,
            follow_ups: 0,
        };
        self.observations.insert(event.observation, observation);
        if let Some(keys) = event.teacher.keys() {
            self.teachers.insert(event.observation, keys, ());
        }
        if let Some(keys) = event.observer.keys() {
            self.observers.insert(event.observation, keys, ());
        }
    }

    fn follow_up(&mut self, observation: ObservationId) {
        self.change(observation, |observation| {
            observation.follow_ups = observation.follow_ups.saturating_add(1);
        });
    }

    fn change(&mut self, observation: ObservationId, change: impl FnOnce(&mut Observation)) {
        if let Some(found) = self.observations.get_mut(&observation) {
            change(found);
        }
    }

    pub(crate) fn forget(&mut self, gone: &Forgotten) {
        self.teachers.forget(gone);
        self.observers.forget(gone);
    }
}

fn form(content: &Instrument) -> Form {
    Form {
        items: u16::try_from(content.item_count()).unwrap_or(u16::MAX),
        steps: u8::try_from(content.scale.len()).unwrap_or(u8::MAX),
        withdrawn: false,
    }
}

fn check_instrument(content: &Instrument) -> Result<(), Refusal> {
    check_wording(&content.title, WORDING_TITLE_BYTES_MAX, "title")?;
    WRONG_SCALE.unless((STEPS_MIN..=STEPS_MAX).contains(&content.scale.len()))?;
    let mut steps = content.scale.iter();
    steps.try_for_each(|step| check_wording(step, WORDING_TITLE_BYTES_MAX, "scale"))?;
    check_count(content.domains.len(), DOMAINS_MAX, "domains")?;
    check_limit(content.item_count(), ITEMS_MAX, "items")?;
    content.domains.iter().try_for_each(check_domain)
}

fn check_domain(domain: &Domain) -> Result<(), Refusal> {
    check_wording(&domain.title, WORDING_TITLE_BYTES_MAX, "domains")?;
    check_count(domain.items.len(), ITEMS_MAX, "items")?;
    domain.items.iter().try_for_each(|Item { text, examples }| {
        check_wording(text, WORDING_BYTES_MAX, "items")?;
        check_limit(examples.len(), EXAMPLES_MAX, "examples")?;
        examples.iter().try_for_each(|text| check_wording(text, WORDING_BYTES_MAX, "examples"))
    })
}

/// Dutch is always there; English may be missing.
fn check_wording(text: &Wording, limit: usize, field: &'static str) -> Result<(), Refusal> {
    check_told(&text.dutch, limit, field)?;
    check_limit(text.english.len(), limit, field)?;
    Ok(without_bsn(field, &text.english)?)
}

const fn check_count(count: usize, limit: usize, field: &'static str) -> Result<(), Refusal> {
    if count == 0 { Err(Refusal::Empty { field }) } else { check_limit(count, limit, field) }
}

/// An authorship that names another observation would show the observer what is not theirs.
fn check_authorship(observation: ObservationId, told: &Authorship) -> Result<(), Refusal> {
    UNKNOWN_OBSERVATION.unless(told.observation == observation)
}

fn check_assessment(scores: &[Option<u8>], remarks: &[Remark], form: Form) -> Result<(), Refusal> {
    WRONG_SCORE_COUNT.unless(scores.len() == usize::from(form.items))?;
    let fits = |score: &u8| (1..=form.steps).contains(score);
    OUT_OF_SCALE.unless(scores.iter().flatten().all(fits))?;
    check_limit(remarks.len(), usize::from(form.items).saturating_add(1), "remarks")?;
    remarks.iter().try_for_each(|remark| check_remark(remark, form))
}

fn check_remark(remark: &Remark, form: Form) -> Result<(), Refusal> {
    UNKNOWN_ITEM.unless(remark.item.is_none_or(|item| item < form.items))?;
    check_told(&remark.text, REMARK_BYTES_MAX, "remark")
}

/// A free text about a person: not empty, not too long, and without a BSN.
fn check_told(text: &str, limit: usize, field: &'static str) -> Result<(), Refusal> {
    check_text(text, limit, field)?;
    Ok(without_bsn(field, text)?)
}
