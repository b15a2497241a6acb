//! Incidents and breaches: from the report to the end, and each rule that stands in the way.

use events::access::{AccountId, AccountOpened, ActorName, ActorNamed, Login, TrailYearOpened};
use events::breach::Outcome;
use events::breach::*;
use events::{About, Event, Forgotten, PeopleEvent, PersonRegistered};
use record::public::Cut;
use record::{ActorId, ScopeId, SubjectId, TimestampMicros};

use super::harness::*;
use crate::breach::refusals as rule;
use crate::deadline::{BREACH_NOTICE, Deadline};
use crate::numbers::NumberRefusal;
use crate::{Command, IncidentHold, Refusal, Repeat, Rule, decide, repeats};

const INCIDENT: IncidentId = IncidentId::from_bytes([0x21; 16]);
const OTHER: IncidentId = IncidentId::from_bytes([0x22; 16]);
const CASE: CaseId = CaseId::from_bytes([0x23; 16]);
const TERM: ScopeId = ScopeId::from_bytes([0x24; 16]);
const HOLDER: SubjectId = SubjectId::from_bytes([0x25; 16]);
const BY: ActorId = ActorId::from_bytes([0x26; 16]);
const CONTACT: ContactId = ContactId::from_bytes([0x27; 16]);
const HOUR: u64 = 3_600_000_000;
/// Friday 27 March 2026, 16:00 UTC: the clock goes forward on Sunday.
const SPRING: TimestampMicros = TimestampMicros(1_774_627_200_000_000);
/// Friday 23 October 2026, 16:00 UTC: the clock goes back on Sunday.
const AUTUMN: TimestampMicros = TimestampMicros(1_792_771_200_000_000);

const fn after(hours: u64) -> TimestampMicros {
    TimestampMicros(SPRING.0 + hours * HOUR)
}

/// Everything here is decided long after all of it happened.
const NOW: TimestampMicros = after(10_000);

/// A school with somebody who acts.
fn school() -> Given {
    let account = AccountId::from_bytes([0x2A; 16]);
    let (year, scope) = (2026, ScopeId::from_bytes([0x2B; 16]));
    let holder = SubjectId::from_bytes([0x2C; 16]);
    let login = Login { name: "noor@regenboog.example".into(), index: [1; 16] };
    let name = ActorName { account, person: PERSON, name: "Noor de Wit".into() };
    let person = About::new(PERSON, PERMANENT, identity());
    given([
        Event::People(PeopleEvent::PersonRegistered(PersonRegistered { import: None, person })),
        AccountOpened { account, holder: About::new(PERSON, PERMANENT, login) }.into(),
        TrailYearOpened { year, scope, holder }.into(),
        ActorNamed { actor: BY, year, name: About::new(holder, scope, name) }.into(),
    ])
}

impl Given {
    fn does_so(mut self, event: impl Into<Event>) -> Self {
        let events = decide(&self.state, &Command::Propose(event.into()), NOW).unwrap();
        events.iter().for_each(|event| self.fold(event));
        self
    }

    fn may_not(self, event: impl Into<Event>, rule: &'static Rule) -> Self {
        self.fails(event, Refusal::Says(rule))
    }

    fn fails(self, event: impl Into<Event>, refusal: Refusal) -> Self {
        let refused = decide(&self.state, &Command::Propose(event.into()), NOW);
        assert_eq!(refused, Err(refusal));
        self
    }

    /// Judged as a risk, confirmed, fixed, stated in full, told and known at the same moment.
    fn told_of_a_breach(self) -> Self {
        self.does_so(reported())
            .does_so(judged(Risk::Present))
            .does_so(confirmed())
            .does_so(frozen(Protection::None))
            .does_so(stated(1, full()))
            .does_so(notified(1))
            .does_so(aware(after(5)))
    }
}

fn reported() -> IncidentReported {
    IncidentReported {
        incident: INCIDENT,
        scope: TERM,
        holder: HOLDER,
        kind: IncidentKind::Misaddressed,
        detected_by: DetectedBy::Staff,
        occurred: Box::new(Occurred { from: Item::Known(after(0)), until: Item::NotYetKnown }),
        discovered_at: after(1),
        people: Item::Known(Count { min: 1, max: 30 }),
        operator_case: Some(CASE),
        by: Some(BY),
        story: Some(story("De lijst van Noor ging naar een verkeerd adres")),
    }
}

fn story(text: &str) -> About<Story> {
    About::new(HOLDER, TERM, Story { text: text.into() })
}

fn judged(risk: Risk) -> IncidentClassified {
    let broken = Broken { confidentiality: true, integrity: false, availability: false };
    let personal_data = Involved::Yes;
    let assessment = Assessment { severity: Severity::Medium, broken, risk, personal_data };
    IncidentClassified { incident: INCIDENT, assessment, by: BY }
}

fn confirmed() -> BreachConfirmed {
    BreachConfirmed {
        incident: INCIDENT,
        confirmed_at: after(2),
        notify_hours: 24,
        informs_all: false,
        by: BY,
    }
}

fn frozen(protection: Protection) -> BreachScopeFrozen {
    let people = Item::Known(Count { min: 12, max: 12 });
    let concerns = FrozenScope {
        groups: vec![GroupCount { group: Group::Pupils, people }],
        kinds: vec![DataCount { kind: DataKind::Contact, records: Item::NotYetKnown }],
        protection: Item::Known(protection),
        source: Source::Query,
    };
    BreachScopeFrozen { incident: INCIDENT, concerns, by: BY }
}

fn concerned(people: &[SubjectId], scope: ScopeId) -> PeopleConcerned {
    let concerned = || Concerned { kinds: vec![DataKind::Contact] };
    let people = people.iter().map(|person| About::new(*person, scope, concerned())).collect();
    PeopleConcerned { incident: INCIDENT, by: BY, people }
}

/// A notice of which everything is known.
fn full() -> NoticeFacts {
    let text = || Item::Known("zoals afgesproken".to_owned());
    let FrozenScope { groups, kinds, .. } = frozen(Protection::None).concerns;
    let [read, copied, changed, deleted, stolen] = [true, false, false, false, false];
    NoticeFacts {
        discovered_at: Item::Known(after(1)),
        from: Item::Known(after(0)),
        until: Item::Known(Until::Ended(after(1))),
        summary: text(),
        security: text(),
        course: text(),
        done: Item::Known(DoneToData { read, copied, changed, deleted, stolen }),
        cause: text(),
        discovery: text(),
        measures_taken: text(),
        measures_proposed: text(),
        protection: Item::Known(Protection::None),
        groups: Item::Known(groups),
        kinds: Item::Known(kinds),
        consequences_school: text(),
        consequences_people: text(),
        risk: Item::Known(Risk::Present),
        contact: Item::Known("privacy@regenboog.example".into()),
        subprocessors: Item::Known(Vec::new()),
        countries: Item::Known(vec!["BE".into()]),
    }
}

fn stated(version: u32, notice: NoticeFacts) -> NoticeStated {
    NoticeStated { incident: INCIDENT, version, notice: Box::new(notice), by: BY }
}

fn notified(version: u32) -> SchoolNotified {
    let (at, means) = (after(6), Means::Email);
    SchoolNotified { incident: INCIDENT, to: vec![CONTACT], at, means, version, by: BY }
}

fn aware(at: TimestampMicros) -> SchoolAware {
    SchoolAware { incident: INCIDENT, at, by: BY }
}

fn followed_up(version: u32) -> FollowedUp {
    let (at, means, measures) = (after(30), Means::Here, "adres aangepast".into());
    FollowedUp { incident: INCIDENT, at, means, version, measures, by: BY }
}

fn to_authority(at: TimestampMicros, late_because: Option<&str>) -> AuthorityNotified {
    AuthorityNotified {
        incident: INCIDENT,
        phase: Phase::First,
        at,
        reference: Some("DB-12".into()),
        late_because: late_because.map(Into::into),
        by: BY,
    }
}

fn not_to_authority() -> NonNotificationDecided {
    NonNotificationDecided { incident: INCIDENT, reason: "geen risico".into(), by: BY }
}

fn informed() -> DataSubjectsInformed {
    let people = Count { min: 12, max: 12 };
    DataSubjectsInformed { incident: INCIDENT, at: after(40), means: Means::Letter, people, by: BY }
}

fn not_informed(because: NotInformedBecause) -> NotInformedDecided {
    NotInformedDecided {
        incident: INCIDENT,
        because,
        reason: "betrouwbaar adres".into(),
        public_notice_at: (because == NotInformedBecause::Disproportionate).then_some(after(9)),
        by: BY,
    }
}

fn withdrawn(authority_told_at: Option<TimestampMicros>) -> BreachReportWithdrawn {
    let reason = "het bericht was leeg".into();
    BreachReportWithdrawn { incident: INCIDENT, reason, authority_told_at, by: BY }
}

fn closed_as(outcome: Outcome) -> IncidentClosed {
    IncidentClosed { incident: INCIDENT, outcome, reason: "afgehandeld".into(), by: BY }
}

fn reopened() -> IncidentReopened {
    IncidentReopened { incident: INCIDENT, reason: "nieuwe melding".into(), by: BY }
}

#[test]
fn a_breach_goes_its_way_to_the_end() {
    let given =
        school().told_of_a_breach().does_so(to_authority(after(50), None)).does_so(informed());
    assert!(given.state.missing_to_close(INCIDENT).is_empty());
    assert_eq!(given.state.incident_of_case(CASE), Some(INCIDENT));
    assert_eq!(given.state.incident_term(INCIDENT), Some((TERM, HOLDER)));
    given
        .does_so(closed_as(Outcome::Breach))
        .may_not(judged(Risk::High), &rule::CLOSED)
        .does_so(LessonRecorded { incident: INCIDENT, lesson: "geen lijsten".into(), by: BY });
}

#[test]
fn an_incident_that_is_no_breach_is_closed_with_its_reason() {
    let no_reason = IncidentClosed { reason: String::new(), ..closed_as(Outcome::NoBreach) };
    school()
        .does_so(reported())
        .may_not(closed_as(Outcome::NoBreach), &rule::NOT_CLASSIFIED)
        .does_so(judged(Risk::Unlikely))
        .fails(no_reason, Refusal::Empty { field: "reason" })
        .may_not(closed_as(Outcome::Breach), &rule::OUTCOME_DIFFERS)
        .does_so(closed_as(Outcome::NoBreach));
}

#[test]
fn the_system_reports_without_a_reporter_and_nobody_else_does() {
    let system = DetectedBy::System;
    let by_nobody = IncidentReported { by: None, ..reported() };
    school()
        .may_not(by_nobody.clone(), &rule::REPORTER)
        .may_not(IncidentReported { detected_by: system, ..reported() }, &rule::REPORTER)
        .does_so(IncidentReported { detected_by: system, story: None, ..by_nobody });
}

#[test]
fn an_incident_has_an_id_a_term_a_holder_and_a_case_of_its_own() {
    let (scope, holder) = (ScopeId::from_bytes([0x31; 16]), SubjectId::from_bytes([0x32; 16]));
    let second = || IncidentReported { incident: OTHER, scope, holder, story: None, ..reported() };
    school()
        .does_so(reported())
        .fails(IncidentReported { incident: INCIDENT, ..second() }, Refusal::IdInUse)
        .fails(IncidentReported { scope: TERM, ..second() }, Refusal::IdInUse)
        .fails(IncidentReported { holder: HOLDER, ..second() }, Refusal::IdInUse)
        .fails(IncidentReported { holder: PERSON, ..second() }, Refusal::IdInUse)
        .may_not(second(), &rule::CASE_TAKEN)
        .does_so(IncidentReported { operator_case: None, ..second() });
}

#[test]
fn a_tenant_has_so_many_incidents_and_no_more() {
    let mut given = school();
    let nth = |number: u16| {
        let mut bytes = [0x40; 16];
        bytes[..2].copy_from_slice(&number.to_be_bytes());
        IncidentReported {
            incident: IncidentId::from_bytes(bytes),
            scope: ScopeId::from_bytes(bytes),
            holder: SubjectId::from_bytes(bytes),
            operator_case: None,
            story: None,
            ..reported()
        }
    };
    (0..10_000).for_each(|number| given.fold(&nth(number).into()));
    given.may_not(nth(10_000), &rule::TOO_MANY);
}

#[test]
fn what_is_told_stands_under_the_incidents_own_holder_and_term() {
    let told = || Story { text: "Noor zag het".into() };
    let of_person = About::new(PERSON, TERM, told());
    let of_other_term = About::new(HOLDER, PERMANENT, told());
    let noted = |story| IncidentNoted { incident: INCIDENT, by: BY, story };
    school()
        .may_not(IncidentReported { story: Some(of_person.clone()), ..reported() }, &rule::OWN_TERM)
        .does_so(reported())
        .may_not(noted(of_person), &rule::OWN_TERM)
        .may_not(noted(of_other_term), &rule::OWN_TERM)
        .does_so(noted(story("Noor zag het")))
        .fails(noted(story("bsn 111222333")), NumberRefusal::PerhapsABsn { field: "story" }.into());
}

#[test]
fn moments_follow_each_other() {
    let late = IncidentReported { discovered_at: after(20_000), ..reported() };
    let from = Item::Known(after(2));
    let turned = Occurred { from, until: Item::NotYetKnown };
    let ended =
        Occurred { from: Item::Known(after(1)), until: Item::Known(Until::Ended(after(0))) };
    let confirmed_at = |at| BreachConfirmed { confirmed_at: at, ..confirmed() };
    school()
        .may_not(late, &rule::IN_FUTURE)
        .may_not(
            IncidentReported { occurred: Box::new(turned), ..reported() },
            &rule::PERIOD_TURNED,
        )
        .may_not(IncidentReported { occurred: Box::new(ended), ..reported() }, &rule::PERIOD_TURNED)
        .may_not(
            IncidentReported { people: Item::Known(Count { min: 2, max: 1 }), ..reported() },
            &rule::COUNT_TURNED,
        )
        .does_so(reported())
        .does_so(judged(Risk::Present))
        .may_not(confirmed_at(after(0)), &rule::BEFORE_DISCOVERY)
        .may_not(confirmed_at(after(20_000)), &rule::IN_FUTURE);
}

#[test]
fn a_breach_is_confirmed_once_after_it_was_judged_and_involves_personal_data() {
    let without = |personal_data| {
        let IncidentClassified { assessment, .. } = judged(Risk::Present);
        let assessment = Assessment { personal_data, ..assessment };
        IncidentClassified { assessment, ..judged(Risk::Present) }
    };
    school()
        .may_not(confirmed(), &rule::UNKNOWN_INCIDENT)
        .does_so(reported())
        .may_not(confirmed(), &rule::NOT_CLASSIFIED)
        .does_so(without(Involved::NotYetKnown))
        .may_not(confirmed(), &rule::NO_PERSONAL_DATA)
        .does_so(judged(Risk::Present))
        .may_not(BreachConfirmed { notify_hours: 0, ..confirmed() }, &rule::NOTIFY_HOURS)
        .may_not(BreachConfirmed { notify_hours: 721, ..confirmed() }, &rule::NOTIFY_HOURS)
        .does_so(confirmed())
        .may_not(confirmed(), &rule::CONFIRMED_ALREADY)
        .may_not(without(Involved::No), &rule::NO_PERSONAL_DATA);
}

#[test]
fn who_is_concerned_is_listed_once_under_the_incidents_term() {
    let stranger = SubjectId::from_bytes([0x33; 16]);
    let twice = |mut event: BreachScopeFrozen| {
        event.concerns.groups.extend(event.concerns.groups.clone());
        event
    };
    school()
        .does_so(reported())
        .may_not(frozen(Protection::None), &rule::NOT_CLASSIFIED)
        .does_so(judged(Risk::Present))
        .may_not(concerned(&[PERSON], TERM), &rule::NOT_FROZEN)
        .may_not(twice(frozen(Protection::None)), &rule::LISTED_TWICE)
        .does_so(frozen(Protection::None))
        .fails(concerned(&[], TERM), Refusal::Empty { field: "people" })
        .fails(
            concerned(&[PERSON; 201], TERM),
            Refusal::TooLarge { field: "people", limit: CONCERNED_MAX },
        )
        .fails(concerned(&[stranger], TERM), Refusal::SubjectUnknown)
        .may_not(concerned(&[PERSON], PERMANENT), &rule::OWN_TERM)
        .may_not(concerned(&[PERSON, PERSON], TERM), &rule::LISTED_TWICE)
        .does_so(concerned(&[PERSON], TERM))
        .may_not(concerned(&[PERSON], TERM), &rule::LISTED_TWICE);
}

#[test]
fn the_school_is_told_once_and_of_the_newest_version() {
    school()
        .does_so(reported())
        .may_not(stated(1, full()), &rule::NOT_CLASSIFIED)
        .does_so(judged(Risk::High))
        .may_not(notified(1), &rule::NOT_STATED)
        .may_not(stated(2, full()), &rule::NEXT_VERSION)
        .does_so(stated(1, NoticeFacts::UNKNOWN))
        .does_so(stated(2, full()))
        .may_not(notified(1), &rule::NOT_NEWEST)
        .may_not(followed_up(2), &rule::NOT_NOTIFIED)
        .fails(SchoolNotified { to: vec![], ..notified(2) }, Refusal::Empty { field: "to" })
        .does_so(notified(2))
        .may_not(notified(2), &rule::NOTIFIED_ALREADY)
        .may_not(followed_up(2), &rule::NOTHING_NEW)
        .does_so(stated(3, full()))
        .may_not(FollowedUp { at: after(5), ..followed_up(3) }, &rule::BEFORE_NOTICE)
        .may_not(closed_as(Outcome::NoBreach), &rule::UNTOLD)
        .does_so(followed_up(3))
        .does_so(closed_as(Outcome::NoBreach));
}

#[test]
fn every_item_of_a_notice_is_known_or_marked_as_not_yet_known() {
    let with = |change: &dyn Fn(&mut NoticeFacts)| {
        let mut notice = full();
        change(&mut notice);
        stated(1, notice)
    };
    let too_long = "x".repeat(BREACH_TEXT_BYTES_MAX + 1);
    assert_eq!(NoticeFacts::UNKNOWN.open().len(), 20);
    assert!(full().open().is_empty());
    school()
        .does_so(reported())
        .does_so(judged(Risk::Present))
        .fails(
            with(&|notice| notice.cause = Item::Known(String::new())),
            Refusal::Empty { field: "cause" },
        )
        .fails(
            with(&|notice| notice.summary = Item::Known(too_long.clone())),
            Refusal::TooLarge { field: "summary", limit: BREACH_TEXT_BYTES_MAX },
        )
        .fails(
            with(&|notice| notice.discovery = Item::Known("leerling 111222333".into())),
            NumberRefusal::PerhapsABsn { field: "discovery" }.into(),
        )
        .fails(
            with(&|notice| notice.groups = Item::Known(Vec::new())),
            Refusal::Empty { field: "groups" },
        )
        .may_not(
            with(&|notice| notice.countries = Item::Known(vec!["be".into()])),
            &rule::NOT_A_COUNTRY,
        )
        .may_not(with(&|notice| notice.from = Item::Known(after(9))), &rule::PERIOD_TURNED)
        .does_so(with(&|notice| notice.cause = Item::NotYetKnown));
}

#[test]
fn a_notice_with_open_items_wants_a_follow_up() {
    let open = NoticeFacts { cause: Item::NotYetKnown, ..full() };
    school()
        .does_so(reported())
        .does_so(judged(Risk::Unlikely))
        .does_so(stated(1, open))
        .does_so(notified(1))
        .may_not(closed_as(Outcome::NoBreach), &rule::WANTS_FOLLOW_UP)
        .does_so(stated(2, full()))
        .does_so(followed_up(2))
        .does_so(closed_as(Outcome::NoBreach));
}

#[test]
fn the_school_knew_at_the_latest_when_it_was_told() {
    let told = school()
        .does_so(reported())
        .does_so(judged(Risk::Present))
        .does_so(confirmed())
        .does_so(frozen(Protection::None))
        .does_so(stated(1, full()))
        .may_not(to_authority(after(50), None), &rule::NOT_AWARE)
        .does_so(notified(1));
    told.may_not(to_authority(after(6 + 72 + 1), None), &rule::LATE_NEEDS_REASONS)
        .may_not(aware(after(7)), &rule::AWARE_EARLIER)
        .may_not(aware(after(0)), &rule::BEFORE_DISCOVERY)
        .does_so(aware(after(6)))
        .may_not(aware(after(6)), &rule::AWARE_EARLIER)
        .does_so(aware(after(3)))
        .may_not(to_authority(after(2), None), &rule::REPORT_BEFORE_AWARE)
        .may_not(to_authority(after(3 + 73), None), &rule::LATE_NEEDS_REASONS)
        .does_so(to_authority(after(3 + 72), None));
}

#[test]
fn seventy_two_hours_are_never_moved_by_a_weekend_or_the_clock() {
    for friday in [SPRING, AUTUMN] {
        let deadline = Deadline::to_act(friday, BREACH_NOTICE).unwrap();
        assert_eq!(deadline.ends_at, TimestampMicros(friday.0 + 72 * HOUR));
        assert_eq!(deadline.shifted_because, None);
    }
    let known = aware(after(5));
    let last = after(5 + 72);
    let first_late = TimestampMicros(last.0 + 1);
    let reasons = Some("de omvang was lang onbekend");
    let late = || to_authority(first_late, None);
    school().told_of_a_breach().does_so(to_authority(last, None));
    school()
        .told_of_a_breach()
        .may_not(known, &rule::AWARE_EARLIER)
        .may_not(late(), &rule::LATE_NEEDS_REASONS)
        .does_so(to_authority(first_late, reasons))
        .may_not(late(), &rule::REPORTED_ALREADY)
        .does_so(AuthorityNotified { phase: Phase::FollowUp, ..late() });
}

#[test]
fn a_report_that_turns_out_late_wants_reasons_before_the_end() {
    let given = school()
        .told_of_a_breach()
        .does_so(to_authority(after(5 + 72), None))
        .does_so(informed())
        .does_so(aware(after(4)));
    let later = |late_because| {
        let first = to_authority(after(90), late_because);
        AuthorityNotified { phase: Phase::FollowUp, ..first }
    };
    given
        .does_so(later(None))
        .may_not(closed_as(Outcome::Breach), &rule::LATE_NEEDS_REASONS)
        .does_so(later(Some("eerst was niet bekend dat de school het wist")))
        .does_so(closed_as(Outcome::Breach));
}

#[test]
fn being_told_earlier_than_was_stated_counts() {
    school()
        .does_so(reported())
        .does_so(judged(Risk::Present))
        .does_so(confirmed())
        .does_so(aware(after(20)))
        .does_so(stated(1, full()))
        .does_so(notified(1))
        .may_not(to_authority(after(6 + 73), None), &rule::LATE_NEEDS_REASONS)
        .does_so(to_authority(after(6 + 72), None));
}

#[test]
fn a_later_report_follows_a_first_one() {
    let later = AuthorityNotified { phase: Phase::FollowUp, ..to_authority(after(50), None) };
    school().told_of_a_breach().may_not(later, &rule::NOT_REPORTED);
}

#[test]
fn nothing_is_closed_before_both_decisions() {
    let given = school().told_of_a_breach();
    assert_eq!(
        given.state.missing_to_close(INCIDENT),
        [&rule::AUTHORITY_UNDECIDED, &rule::PEOPLE_UNDECIDED]
    );
    given
        .may_not(closed_as(Outcome::Breach), &rule::AUTHORITY_UNDECIDED)
        .does_so(to_authority(after(50), None))
        .may_not(closed_as(Outcome::Breach), &rule::PEOPLE_UNDECIDED)
        .does_so(not_informed(NotInformedBecause::NoHighRisk))
        .may_not(closed_as(Outcome::NoBreach), &rule::OUTCOME_DIFFERS)
        .does_so(closed_as(Outcome::Breach));
    school()
        .does_so(reported())
        .does_so(judged(Risk::Present))
        .does_so(confirmed())
        .may_not(closed_as(Outcome::Breach), &rule::NOT_FROZEN)
        .does_so(frozen(Protection::None))
        .may_not(closed_as(Outcome::Breach), &rule::NOT_NOTIFIED);
}

#[test]
fn only_without_a_risk_the_authority_is_not_told() {
    school()
        .told_of_a_breach()
        .may_not(not_to_authority(), &rule::RISK_WANTS_REPORT)
        .does_so(judged(Risk::Unlikely))
        .does_so(not_to_authority())
        .does_so(to_authority(after(50), None))
        .may_not(not_to_authority(), &rule::REPORTED_ALREADY);
}

#[test]
fn people_are_told_unless_a_ground_fits() {
    use NotInformedBecause::*;
    school()
        .told_of_a_breach()
        .does_so(judged(Risk::High))
        .may_not(not_informed(NoHighRisk), &rule::GROUND_DOES_NOT_FIT)
        .may_not(not_informed(Unintelligible), &rule::INTELLIGIBLE)
        .does_so(frozen(Protection::Full))
        .does_so(not_informed(Unintelligible))
        .does_so(not_informed(MeasuresTaken))
        .may_not(
            NotInformedDecided { because: Disproportionate, ..not_informed(MeasuresTaken) },
            &rule::PUBLIC_NOTICE,
        )
        .may_not(
            NotInformedDecided { because: MeasuresTaken, ..not_informed(Disproportionate) },
            &rule::PUBLIC_NOTICE,
        )
        .does_so(not_informed(Disproportionate))
        .does_so(informed())
        .may_not(not_informed(Disproportionate), &rule::INFORMED_ALREADY);
    let all = BreachConfirmed { informs_all: true, ..confirmed() };
    school()
        .does_so(reported())
        .does_so(judged(Risk::Unlikely))
        .may_not(informed(), &rule::NOT_CONFIRMED)
        .does_so(all)
        .may_not(not_informed(NoHighRisk), &rule::GROUND_DOES_NOT_FIT);
}

#[test]
fn a_higher_risk_takes_a_decision_back() {
    let given = school()
        .told_of_a_breach()
        .does_so(judged(Risk::Unlikely))
        .does_so(not_to_authority())
        .does_so(not_informed(NotInformedBecause::NoHighRisk))
        .does_so(judged(Risk::Present));
    assert_eq!(given.state.missing_to_close(INCIDENT), [&rule::AUTHORITY_UNDECIDED]);
    let given = given.does_so(judged(Risk::High));
    assert_eq!(
        given.state.missing_to_close(INCIDENT),
        [&rule::AUTHORITY_UNDECIDED, &rule::PEOPLE_UNDECIDED]
    );
}

#[test]
fn a_breach_that_is_none_is_withdrawn_wherever_it_was_told() {
    school()
        .told_of_a_breach()
        .may_not(withdrawn(Some(after(60))), &rule::WITHDRAW_AT_AUTHORITY)
        .does_so(to_authority(after(50), None))
        .may_not(withdrawn(None), &rule::WITHDRAW_AT_AUTHORITY)
        .may_not(withdrawn(Some(after(20_000))), &rule::IN_FUTURE)
        .does_so(withdrawn(Some(after(60))))
        .may_not(informed(), &rule::NOT_CONFIRMED)
        .may_not(closed_as(Outcome::NoBreach), &rule::WANTS_FOLLOW_UP)
        .does_so(stated(2, full()))
        .does_so(followed_up(2))
        .does_so(closed_as(Outcome::NoBreach));
}

#[test]
fn a_closed_incident_is_taken_up_again_with_a_reason() {
    school()
        .does_so(reported())
        .may_not(reopened(), &rule::NOT_CLOSED)
        .does_so(judged(Risk::Unlikely))
        .does_so(closed_as(Outcome::NoBreach))
        .does_so(reopened())
        .does_so(confirmed());
}

#[test]
fn costs_are_agreed_for_a_breach() {
    let agreed = || CostsAgreed { incident: INCIDENT, agreed: "ieder de helft".into(), by: BY };
    school()
        .does_so(reported())
        .does_so(judged(Risk::Present))
        .may_not(agreed(), &rule::NOT_CONFIRMED)
        .does_so(confirmed())
        .does_so(agreed());
}

#[test]
fn an_open_incident_says_whom_it_concerns_until_they_are_erased() {
    let hold = IncidentHold { incident: INCIDENT, person: PERSON };
    let mut given = school()
        .does_so(reported())
        .does_so(judged(Risk::Unlikely))
        .does_so(frozen(Protection::None))
        .does_so(concerned(&[PERSON], TERM));
    assert_eq!(given.state.holds_of_incidents().collect::<Vec<_>>(), [hold]);
    assert_eq!(given.state.holds_of_person(PERSON).collect::<Vec<_>>(), [hold]);
    given = given.does_so(closed_as(Outcome::NoBreach));
    assert_eq!(given.state.holds_of_person(PERSON).next(), None);
    given = given.does_so(reopened());
    let gone = Forgotten { subjects: [PERSON].into(), ..Forgotten::default() };
    given.state.forget(&gone);
    assert_eq!(given.state.holds_of_incidents().next(), None);
}

#[test]
fn the_term_of_an_open_incident_is_not_ended() {
    let order = |target| Command::OrderErasure(ordered(vec![target]));
    let given = school().does_so(reported()).does_so(judged(Risk::Unlikely));
    given.when(&order(Cut::Scope(TERM))).then_refused(Refusal::Says(&rule::TERM_RUNS));
    given.when(&order(Cut::Subject(HOLDER))).then_refused(Refusal::Says(&rule::TERM_RUNS));
    let given = given.does_so(closed_as(Outcome::NoBreach));
    assert_eq!(given.when(&order(Cut::Scope(TERM))).events().len(), 1);
}

#[test]
fn whoever_is_unknown_decides_nothing() {
    let given = school().does_so(reported());
    let by = ActorId::from_bytes([0x35; 16]);
    let refused = |event: Event| decide(&given.state, &Command::Propose(event), NOW).is_err();
    assert!(refused(IncidentClassified { by, ..judged(Risk::High) }.into()));
    assert!(refused(LessonRecorded { incident: INCIDENT, lesson: "les".into(), by }.into()));
}

#[test]
fn a_report_that_comes_again_is_the_same() {
    let event = Event::from(reported());
    let command = Command::Propose(event.clone());
    assert_eq!(repeats(&command, &[event]), Repeat::Same);
    let other = Event::from(IncidentReported { kind: IncidentKind::Lost, ..reported() });
    assert_eq!(repeats(&command, &[other]), Repeat::Different);
}
