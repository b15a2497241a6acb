//! Incidents and breaches: reported by anybody, judged and decided by the school.
//!
//! *Invariant:* what is told freely stands under the incident's own holder and its own term.
//! *Invariant:* only the processor says that an incident belongs to a case of its own, and so that
//! it may handle it.

mod bodies;
mod shown;

use events::access::Role;
use events::agreement::AgreementId;
use events::breach::{
    AuthorityNotified, BreachConfirmed, BreachReportWithdrawn, BreachScopeFrozen, CaseId,
    Concerned, ContactId, CostsAgreed, Count, DataSubjectsInformed, FollowedUp, IncidentClassified,
    IncidentClosed, IncidentId, IncidentNoted, IncidentReopened, IncidentReported, LessonRecorded,
    NonNotificationDecided, NotInformedDecided, NoticeStated, PeopleConcerned, SchoolAware,
    SchoolNotified, Story,
};
use events::{About, Event, category};
use record::{ActorId, ScopeId, SubjectId, TimestampMicros};

use self::bodies::{
    AuthorityDecision, Awareness, Closing, ConcernedPeople, ConcernedScope, Confirmation, FollowUp,
    Judgement, Note, Notice, NoticeTerm, OwnText, PeopleDecision, Report, SchoolNotice, Withdrawal,
    item,
};
use self::shown::{Form, Register, ShownDossier, see_dossier, see_form, see_incidents};
use super::{Done, Made, id_in, person_in};
use crate::operation::{At, Operation, Plan, Planned, Scope, Stop, Thing};

const PURPOSE: &str = "incidents";

pub(super) fn operations() -> Vec<Operation> {
    [shown_operations(), judging(), telling(), deciding(), ending()].concat()
}

fn shown_operations() -> Vec<Operation> {
    vec![
        Operation::shows::<Register>(
            "see-incidents",
            "/incidents",
            PURPOSE,
            "The register of incidents, also those that were not reported, with their clocks; \
             `as_of` is a moment in microseconds since 1970; `of=processor` limits it to the \
             processor's own cases",
            see_incidents,
        )
        .knows(&[("as_of", "^[0-9]{1,20}$"), ("of", "^processor$")]),
        Operation::shows_people::<ShownDossier>(
            "see-dossier",
            "/incidents/{incident}",
            PURPOSE,
            "All of one incident: every step, notice and decision, its clocks, what was told and \
             who is concerned; `as_of` is a moment in microseconds since 1970",
            see_dossier,
        )
        .knows(&[("as_of", "^[0-9]{1,20}$"), ("page", "^[0-9]{1,6}$")]),
        Operation::shows::<Form>(
            "see-authority-form",
            "/incidents/{incident}/authority-form",
            PURPOSE,
            "The authority's form, filled in as far as the dossier knows; the school files it",
            see_form,
        )
        .knows(&[("as_of", "^[0-9]{1,20}$")]),
    ]
}

fn judging() -> Vec<Operation> {
    vec![
        Operation::does::<Report, Made>(
            "report-incident",
            "/incidents",
            PURPOSE,
            "Report that something went wrong",
            report,
        ),
        Operation::does::<Note, Done>(
            "note-incident",
            "/incidents/{incident}/notes",
            PURPOSE,
            "Tell more of an incident",
            note,
        ),
        Operation::does::<Judgement, Done>(
            "classify-incident",
            "/incidents/{incident}/classification",
            PURPOSE,
            "Judge an incident, or judge it anew",
            classify,
        ),
        Operation::does::<Confirmation, Done>(
            "confirm-breach",
            "/incidents/{incident}/confirmation",
            PURPOSE,
            "Establish that it is a data breach",
            confirm,
        ),
        Operation::does::<ConcernedScope, Done>(
            "freeze-breach-scope",
            "/incidents/{incident}/scope",
            PURPOSE,
            "Fix who and what is concerned, in numbers; they stay after an erasure",
            freeze,
        ),
        Operation::does::<ConcernedPeople, Done>(
            "list-concerned",
            "/incidents/{incident}/concerned",
            PURPOSE,
            "List people who are concerned",
            list_concerned,
        ),
    ]
}

fn telling() -> Vec<Operation> {
    vec![
        Operation::does::<Notice, Done>(
            "state-notice",
            "/incidents/{incident}/notice-versions",
            PURPOSE,
            "State what the notice to the school says: its next version, in full",
            state_notice,
        ),
        Operation::does::<SchoolNotice, Done>(
            "notify-school",
            "/incidents/{incident}/school-notice",
            PURPOSE,
            "Record that the school was told; nothing is sent",
            notify_school,
        ),
        Operation::does::<FollowUp, Done>(
            "follow-up-incident",
            "/incidents/{incident}/follow-up",
            PURPOSE,
            "Record that the school was told what became known since; nothing is sent",
            follow_up,
        ),
    ]
}

fn deciding() -> Vec<Operation> {
    vec![
        Operation::does::<Awareness, Done>(
            "record-awareness",
            "/incidents/{incident}/awareness",
            PURPOSE,
            "Record since when the school knew: its 72 hours run from there",
            aware,
        ),
        Operation::does::<AuthorityDecision, Done>(
            "record-authority-report",
            "/incidents/{incident}/authority-report",
            PURPOSE,
            "Record that the school reported to the authority, or why it does not",
            decide_authority,
        ),
        Operation::does::<PeopleDecision, Done>(
            "record-informing",
            "/incidents/{incident}/informing",
            PURPOSE,
            "Record that the people concerned were told, or why they are not",
            decide_people,
        ),
        Operation::does::<OwnText, Done>(
            "record-costs",
            "/incidents/{incident}/costs",
            PURPOSE,
            "Record what was agreed on the costs of notifying",
            |at, OwnText { text: agreed }| {
                happens(at, |incident, by| CostsAgreed { incident, agreed, by }.into())
            },
        ),
    ]
}

fn ending() -> Vec<Operation> {
    vec![
        Operation::does::<OwnText, Done>(
            "record-lesson",
            "/incidents/{incident}/lessons",
            PURPOSE,
            "Record what was learned; also after it is closed",
            |at, OwnText { text: lesson }| {
                happens(at, |incident, by| LessonRecorded { incident, lesson, by }.into())
            },
        ),
        Operation::does::<Withdrawal, Done>(
            "withdraw-breach",
            "/incidents/{incident}/withdrawal",
            PURPOSE,
            "What was confirmed as a breach is none",
            withdraw,
        ),
        Operation::does::<Closing, Done>(
            "close-incident",
            "/incidents/{incident}/closing",
            PURPOSE,
            "Close an incident once everything is decided",
            close,
        ),
        Operation::does::<OwnText, Done>(
            "reopen-incident",
            "/incidents/{incident}/reopening",
            PURPOSE,
            "Take a closed incident up again",
            |at, OwnText { text: reason }| {
                happens(at, |incident, by| IncidentReopened { incident, reason, by }.into())
            },
        ),
    ]
}

/// The incident that the path names, if there is one. It is of no school, but of the board.
fn thing(at: &At<'_>) -> Result<(IncidentId, Thing), Stop> {
    let id = at.path.id("incident", IncidentId::from_hex)?;
    let case = at.tenant()?.views().incidents().case_of(id).ok_or(Stop::Unknown)?;
    Ok((id, thing_of(id, case)))
}

fn thing_of(id: IncidentId, case: Option<CaseId>) -> Thing {
    let kind = if case.is_some() { authority::OPERATOR_INCIDENT } else { "incident" };
    Thing { kind, id: id.to_string(), within: vec![Scope::Board] }
}

/// A number in the query, if it is there.
fn whole(at: &At<'_>, name: &str) -> Result<Option<u64>, Stop> {
    at.path.text(name).map(str::parse).transpose().map_err(|_| Stop::Unknown)
}

/// Something that happens with the incident of the path and tells about nobody.
fn happens(at: &At<'_>, event: impl FnOnce(IncidentId, ActorId) -> Event) -> Planned {
    let (incident, thing) = thing(at)?;
    Plan::does(thing, event(incident, at.who.actor), &Done {})
}

fn report(at: &At<'_>, body: Report) -> Planned {
    let incident = IncidentId::from_bytes(at.made("incident")?);
    let scope = ScopeId::from_bytes(at.made("the term of an incident")?);
    let holder = SubjectId::from_bytes(at.made("the holder of an incident")?);
    let operator_case = case_in(at, body.operator_case.as_deref())?;
    let occurred = Box::new(body.occurred());
    let event = IncidentReported {
        incident,
        scope,
        holder,
        kind: body.kind.into(),
        detected_by: body.detected_by.into(),
        occurred,
        discovered_at: TimestampMicros(body.discovered_at),
        people: item(body.people.map(Count::from)),
        operator_case,
        by: Some(at.who.actor),
        story: body.story.map(|text| About::new(holder, scope, Story { text })),
    };
    Plan::does(thing_of(incident, operator_case), event, &Made::of(incident))
}

/// The processor's case, which only the processor names: it opens the incident to it.
fn case_in(at: &At<'_>, text: Option<&str>) -> Result<Option<CaseId>, Stop> {
    let Some(text) = text else { return Ok(None) };
    let case = id_in("operator_case", text, CaseId::from_hex)?;
    let mut roles = at.tenant()?.state().grants_of(at.who.account, at.now);
    if roles.any(|(_, grant)| grant.role == Role::PlatformOperator) {
        return Ok(Some(case));
    }
    Err(Stop::input("operator_case", "named by the processor alone"))
}

fn note(at: &At<'_>, body: Note) -> Planned {
    let (incident, thing) = thing(at)?;
    let (scope, holder) = at.tenant()?.state().incident_term(incident).ok_or(Stop::Unknown)?;
    let story = About::new(holder, scope, Story { text: body.story });
    Plan::does(thing, IncidentNoted { incident, by: at.who.actor, story }, &Done {})
}

fn classify(at: &At<'_>, body: Judgement) -> Planned {
    let assessment = body.into();
    happens(at, |incident, by| IncidentClassified { incident, assessment, by }.into())
}

fn confirm(at: &At<'_>, body: Confirmation) -> Planned {
    let notify_hours = match body.term {
        NoticeTerm::Hours(hours) => hours,
        NoticeTerm::Agreement(text) => {
            let agreement = id_in("term", &text, AgreementId::from_hex)?;
            let hours = at.tenant()?.state().breach_hours(agreement);
            let unknown = || Stop::input("term", "an agreement that is known");
            u32::from(hours.ok_or_else(unknown)?)
        }
    };
    let (confirmed_at, informs_all) = (TimestampMicros(body.confirmed_at), body.informs_all);
    happens(at, |incident, by| {
        BreachConfirmed { incident, confirmed_at, notify_hours, informs_all, by }.into()
    })
}

fn freeze(at: &At<'_>, body: ConcernedScope) -> Planned {
    let concerns = body.into();
    happens(at, |incident, by| BreachScopeFrozen { incident, concerns, by }.into())
}

fn list_concerned(at: &At<'_>, body: ConcernedPeople) -> Planned {
    let (incident, thing) = thing(at)?;
    let (scope, _) = at.tenant()?.state().incident_term(incident).ok_or(Stop::Unknown)?;
    let listed = body.people.iter().map(|entry| {
        let kinds = entry.kinds.iter().map(|kind| (*kind).into()).collect();
        Ok((person_in(&entry.person)?, kinds))
    });
    let listed = listed.collect::<Result<Vec<_>, Stop>>()?;
    let whose: Vec<SubjectId> = listed.iter().map(|(person, _)| *person).collect();
    let people = listed.into_iter().map(|(person, kinds)| {
        let concerned = Concerned { kinds };
        About::new(person, scope, concerned)
    });
    let people = people.collect();
    let plan = Plan::does(thing, PeopleConcerned { incident, by: at.who.actor, people }, &Done {})?;
    let categories = [category::CONCERNED.0];
    Ok(whose.into_iter().fold(plan, |plan, person| plan.about(person, &categories)))
}

fn state_notice(at: &At<'_>, body: Notice) -> Planned {
    let version = body.version;
    let notice = Box::new(body.into());
    happens(at, |incident, by| NoticeStated { incident, version, notice, by }.into())
}

fn notify_school(at: &At<'_>, body: SchoolNotice) -> Planned {
    let SchoolNotice { to, at: told_at, means, version } = body;
    let to = to.iter().map(|id| id_in("to", id, ContactId::from_hex));
    let to = to.collect::<Result<Vec<_>, _>>()?;
    let (told_at, means) = (TimestampMicros(told_at), means.into());
    happens(at, |incident, by| {
        SchoolNotified { incident, to, at: told_at, means, version, by }.into()
    })
}

fn follow_up(at: &At<'_>, body: FollowUp) -> Planned {
    let FollowUp { at: told_at, means, version, measures } = body;
    let (told_at, means) = (TimestampMicros(told_at), means.into());
    happens(at, |incident, by| {
        FollowedUp { incident, at: told_at, means, version, measures, by }.into()
    })
}

fn aware(at: &At<'_>, body: Awareness) -> Planned {
    let since = TimestampMicros(body.at);
    happens(at, |incident, by| SchoolAware { incident, at: since, by }.into())
}

fn decide_authority(at: &At<'_>, body: AuthorityDecision) -> Planned {
    happens(at, |incident, by| match body {
        AuthorityDecision::Reported(it) => AuthorityNotified {
            incident,
            phase: it.phase.into(),
            at: TimestampMicros(it.at),
            reference: it.reference,
            late_because: it.late_because,
            by,
        }
        .into(),
        AuthorityDecision::NotReported(it) => {
            NonNotificationDecided { incident, reason: it.reason, by }.into()
        }
    })
}

fn decide_people(at: &At<'_>, body: PeopleDecision) -> Planned {
    happens(at, |incident, by| match body {
        PeopleDecision::Informed(it) => DataSubjectsInformed {
            incident,
            at: TimestampMicros(it.at),
            means: it.means.into(),
            people: it.people.into(),
            by,
        }
        .into(),
        PeopleDecision::NotInformed(it) => NotInformedDecided {
            incident,
            because: it.because.into(),
            reason: it.reason,
            public_notice_at: it.public_notice_at.map(TimestampMicros),
            by,
        }
        .into(),
    })
}

fn withdraw(at: &At<'_>, body: Withdrawal) -> Planned {
    let Withdrawal { reason, authority_told_at } = body;
    let authority_told_at = authority_told_at.map(TimestampMicros);
    happens(at, |incident, by| {
        BreachReportWithdrawn { incident, reason, authority_told_at, by }.into()
    })
}

fn close(at: &At<'_>, body: Closing) -> Planned {
    let (outcome, reason) = (body.outcome.into(), body.reason);
    happens(at, |incident, by| IncidentClosed { incident, outcome, reason, by }.into())
}
