//! Observing lessons: instruments, plans, what was seen, and what is said about it.
//!
//! *Invariant:* whoever records, corrects, evaluates or remarks does it as themselves: the part is
//! about or by the person that is signed in, and the rules ask whether it is their observation.
//! *Invariant:* an observation is a leader's to see only while it is shared with whoever leads the
//! school at that moment; otherwise it belongs to the teacher and the observer alone.

mod bodies;
mod document;

use events::observe::{
    Assessment, Authorship, CorrectedAssessment, InstrumentId, InstrumentPublished,
    InstrumentWithdrawn, LaterRemark, ObservationCorrected, ObservationId, ObservationPlanned,
    ObservationRecorded, ObservationSeen, ObservationShared, ObservationWithdrawn, ObserveEvent,
    ObserverRemarkAdded, PlannedLesson, Response, SelfEvaluationRecorded, TeacherRemarkAdded,
};
use events::{About, Event, category};
use projections::{InstrumentRow, ObservationReport, ObservationRow, observation_report};
use record::{SubjectId, TimestampMicros};
use rules::observe::Seen;
use schemars::JsonSchema;
use serde::Serialize;

use self::bodies::{
    Acknowledging, Assessing, Correcting, NewInstrument, Planning, Remarking, VersionOf,
    Withdrawing,
};
use self::document::{FORMS, export};
use super::{Done, Made, Nothing, id_in, person_in, school_in};
use crate::operation::{At, Operation, Plan, Planned, Scope, Stop, Thing};

const PURPOSE: &str = "observation";
const LESSON: [u16; 1] = [category::OBSERVATION.0];
const OBSERVER: [u16; 1] = [category::OBSERVER.0];

pub(super) fn operations() -> Vec<Operation> {
    [instruments(), shown(), recording(), following()].concat()
}

fn instruments() -> Vec<Operation> {
    vec![
        Operation::shows::<Instruments>(
            "see-instruments",
            "/instruments",
            PURPOSE,
            "All instruments, in all versions",
            |at| {
                let instruments = at.tenant()?.views().instruments().list().collect();
                Plan::shows(at.everywhere("instruments")?, &Instruments { instruments })
            },
        ),
        Operation::does::<NewInstrument, Made>(
            "define-instrument",
            "/instruments",
            PURPOSE,
            "Publish an instrument, or its next version",
            define,
        ),
        Operation::does::<VersionOf, Done>(
            "withdraw-instrument",
            "/instruments/withdrawal",
            PURPOSE,
            "Nothing more is planned with a version of an instrument",
            |at, body| {
                let instrument = instrument_in(&body.instrument)?;
                let (version, by) = (body.version, at.who.actor);
                let event = InstrumentWithdrawn { instrument, version, by };
                Plan::does(at.board("instruments"), event, &Done {})
            },
        ),
    ]
}

fn shown() -> Vec<Operation> {
    vec![
        Operation::shows_people::<OwnObservations>(
            "see-own-observations",
            "/own/observations",
            PURPOSE,
            "The observations of the caller's own lessons, and those that the caller made",
            see_own,
        ),
        Operation::shows_people::<ObservationReport>(
            "see-observation",
            "/observations/{observation}",
            PURPOSE,
            "One observation: what was seen, the teacher's own view beside it, and what was said",
            |at| {
                let (id, thing) = thing(at)?;
                with_people(at, id, Plan::shows(thing, &report(at, id)?)?)
            },
        ),
        Operation::exports(
            "export-observation",
            "/observations/{observation}/export",
            PURPOSE,
            "One observation as a file: `form` is `pdf` (without) or `xlsx`, `language` is `nl` \
             (without) or `en`",
            FORMS,
            |at| {
                let (id, thing) = thing(at)?;
                let answer = export(at, &report(at, id)?)?;
                with_people(at, id, Plan::exports(thing, answer)?)
            },
        )
        .knows(&[("form", "^(pdf|xlsx)$"), ("language", "^(nl|en)$")]),
    ]
}

fn recording() -> Vec<Operation> {
    vec![
        Operation::does::<Planning, Made>(
            "plan-observation",
            "/observations",
            PURPOSE,
            "Plan an observation; variant and purpose are fixed from then on",
            plan,
        ),
        Operation::does::<Assessing, Done>(
            "record-observation",
            "/observations/{observation}/recording",
            PURPOSE,
            "Record what was seen, as the observer",
            |at, body| {
                both(at, |observation, of, by| {
                    let teacher = at.about(of, Assessment::from(body))?;
                    Ok(ObservationRecorded { observation, teacher, observer: by }.into())
                })
            },
        ),
        Operation::does::<Assessing, Done>(
            "evaluate-self",
            "/observations/{observation}/self-evaluation",
            PURPOSE,
            "Fill in the same items about one's own lesson",
            |at, body| {
                as_teacher(at, |observation, me| {
                    let teacher = at.about(me, Assessment::from(body))?;
                    Ok(SelfEvaluationRecorded { observation, teacher }.into())
                })
            },
        ),
        Operation::does::<Correcting, Done>(
            "correct-observation",
            "/observations/{observation}/correction",
            PURPOSE,
            "Correct what was recorded, in full and with a reason; what stood there stays readable",
            |at, body| {
                both(at, |observation, of, by| {
                    let teacher = at.about(of, CorrectedAssessment::from(body))?;
                    Ok(ObservationCorrected { observation, teacher, observer: by }.into())
                })
            },
        ),
    ]
}

fn following() -> Vec<Operation> {
    vec![
        Operation::does::<Remarking, Done>(
            "remark",
            "/observations/{observation}/remarks",
            PURPOSE,
            "Say something to it, as the teacher (GDPR art. 16)",
            |at, body| {
                as_teacher(at, |observation, me| {
                    let teacher = at.about(me, LaterRemark::from(body))?;
                    Ok(TeacherRemarkAdded { observation, teacher }.into())
                })
            },
        ),
        Operation::does::<Remarking, Done>(
            "annotate-observation",
            "/observations/{observation}/observer-remarks",
            PURPOSE,
            "Say something more, as the observer",
            |at, body| {
                both(at, |observation, of, by| {
                    let teacher = at.about(of, LaterRemark::from(body))?;
                    Ok(ObserverRemarkAdded { observation, teacher, observer: by }.into())
                })
            },
        ),
        Operation::does::<Acknowledging, Done>(
            "answer-observation",
            "/observations/{observation}/answer",
            PURPOSE,
            "Say that it was seen, or agreed with, or ask for a correction",
            |at, body| {
                as_teacher(at, |observation, me| {
                    let teacher = at.about(me, Response { answer: body.answer.into() })?;
                    Ok(ObservationSeen { observation, teacher }.into())
                })
            },
        ),
        Operation::does::<Nothing, Done>(
            "share-observation",
            "/observations/{observation}/sharing",
            PURPOSE,
            "Let whoever leads the school see it; only a formal visit can be shared",
            |at, _| {
                let (observation, thing) = thing(at)?;
                let event = ObservationShared { observation, by: at.who.actor };
                with_people(at, observation, Plan::does(thing, event, &Done {})?)
            },
        ),
        Operation::does::<Withdrawing, Done>(
            "withdraw-observation",
            "/observations/{observation}/withdrawal",
            PURPOSE,
            "It does not count",
            |at, body| {
                let (observation, thing) = thing(at)?;
                let (because, by) = (body.because.into(), at.who.actor);
                let event = ObservationWithdrawn { observation, because, by };
                with_people(at, observation, Plan::does(thing, event, &Done {})?)
            },
        ),
    ]
}

/// All instruments.
#[derive(Serialize, JsonSchema)]
struct Instruments {
    /// By id and version.
    instruments: Vec<InstrumentRow>,
}

/// Observations that are the caller's own.
#[derive(Serialize, JsonSchema)]
struct OwnObservations {
    /// Of the caller's lessons.
    lessons: Vec<ObservationRow>,
    /// Made by the caller.
    observed: Vec<ObservationRow>,
}

fn define(at: &At<'_>, body: NewInstrument) -> Planned {
    let known = body.instrument.as_deref().map(instrument_in).transpose()?;
    let made = InstrumentId::from_bytes(at.made("instrument")?);
    let (instrument, version) = (known.unwrap_or(made), body.version);
    let content = body.content();
    let event = InstrumentPublished { instrument, version, content, by: at.who.actor };
    Plan::does(at.board("instruments"), event, &Made::of(instrument))
}

fn see_own(at: &At<'_>) -> Planned {
    let observations = at.tenant()?.views().observations();
    let me = at.who.person;
    let shown = OwnObservations {
        lessons: observations.of_teacher(me).collect(),
        observed: observations.of_observer(me).collect(),
    };
    let categories = [category::OBSERVATION.0, category::OBSERVER.0];
    Ok(Plan::shows(at.own("observations"), &shown)?.about(me, &categories))
}

fn plan(at: &At<'_>, body: Planning) -> Planned {
    let observation = ObservationId::from_bytes(at.made("observation")?);
    let school = school_in(&body.school)?;
    let teacher = id_in("teacher", &body.teacher, SubjectId::from_hex)?;
    let observer = body.observer.as_deref().map_or(Ok(at.who.person), person_in)?;
    let lesson = PlannedLesson { lesson_at: TimestampMicros(body.lesson_at), group: body.group };
    let event = ObservationPlanned {
        observation,
        instrument: instrument_in(&body.instrument)?,
        version: body.version,
        variant: body.variant.into(),
        purpose: body.purpose.into(),
        school,
        by: at.who.actor,
        teacher: at.about(teacher, lesson)?,
        observer: at.about(observer, Authorship { observation })?,
    };
    let within = vec![Scope::School(school.to_string()), Scope::Board];
    let thing = Thing { kind: "observation", id: observation.to_string(), within };
    let plan = Plan::does(thing, event, &Made::of(observation))?;
    Ok(plan.about(teacher, &LESSON).about(observer, &OBSERVER))
}

/// The observation that the path names, and whose it is to the policies.
fn thing(at: &At<'_>) -> Result<(ObservationId, Thing), Stop> {
    let id = at.path.id("observation", ObservationId::from_hex)?;
    let tenant = at.tenant()?;
    let row = tenant.views().observations().observation(id).ok_or(Stop::Unknown)?;
    let seen = tenant.state().may_see_observation(id, at.who.person, at.now);
    let own = matches!(seen, Seen::Teacher | Seen::Observer)
        .then(|| Scope::Own(at.who.account.to_string()));
    let kind = if seen == Seen::Shared { "manager-observation" } else { "observation" };
    let mut within: Vec<Scope> = own.into_iter().collect();
    within.extend([Scope::School(row.school.to_string()), Scope::Board]);
    Ok((id, Thing { kind, id: id.to_string(), within }))
}

/// Something that the caller does as the observer; the part is about the teacher.
fn both(
    at: &At<'_>,
    event: impl FnOnce(ObservationId, SubjectId, About<Authorship>) -> Result<ObserveEvent, Stop>,
) -> Planned {
    let (observation, thing) = thing(at)?;
    let teacher = at.tenant()?.state().teacher_of(observation).ok_or(Stop::Unknown)?;
    let by = at.about(at.who.person, Authorship { observation })?;
    let event = Event::from(event(observation, teacher, by)?);
    with_people(at, observation, Plan::does(thing, event, &Done {})?)
}

/// Something that the caller does as the teacher.
fn as_teacher(
    at: &At<'_>,
    event: impl FnOnce(ObservationId, SubjectId) -> Result<ObserveEvent, Stop>,
) -> Planned {
    let (observation, thing) = thing(at)?;
    let event = Event::from(event(observation, at.who.person)?);
    with_people(at, observation, Plan::does(thing, event, &Done {})?)
}

/// The trail says whose lesson it is and who observed, as far as that is still known.
fn with_people(at: &At<'_>, observation: ObservationId, mut plan: Plan) -> Planned {
    let state = at.tenant()?.state();
    if let Some(teacher) = state.teacher_of(observation) {
        plan = plan.about(teacher, &LESSON);
    }
    if let Some(observer) = state.observer_of(observation) {
        plan = plan.about(observer, &OBSERVER);
    }
    Ok(plan)
}

/// The observation as far as its records still open.
fn report(at: &At<'_>, id: ObservationId) -> Result<ObservationReport, Stop> {
    let views = at.tenant()?.views();
    let row = views.observations().observation(id).ok_or(Stop::Unknown)?;
    let content = views.instruments().content(row.instrument, row.version).ok_or(Stop::Unknown)?;
    let mut events = Vec::new();
    for seq in row.places.all() {
        if let Some(Event::Observe(event)) = at.engine.reopened(at.tenant, seq)? {
            events.push(event);
        }
    }
    observation_report(content, &events).ok_or(Stop::Unknown)
}

fn instrument_in(text: &str) -> Result<InstrumentId, Stop> {
    id_in("instrument", text, InstrumentId::from_hex)
}
