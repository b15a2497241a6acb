//! What is shown of incidents and breaches: the register, a dossier, the authority's form.
//!
//! *Invariant:* what was told freely, and who is concerned, is shown in the dossier alone, and that
//! look is recorded.

use events::breach::IncidentId;
use events::{BreachEvent, Event, category};
use projections::{Clocks, Dossier, FormRow, IncidentRow, authority_form};
use record::{Seq, SubjectId, TimestampMicros};
use rules::deadline::{BREACH_NOTICE, Deadline, Period};
use schemars::JsonSchema;
use serde::Serialize;

use super::{thing, whole};
use crate::operation::{At, Plan, Planned, Stop, Thing};
use crate::operations::PAGE_MAX;

/// The register of incidents.
#[derive(Serialize, JsonSchema)]
pub(super) struct Register {
    /// By number, also those that were not reported to anybody.
    incidents: Vec<Registered>,
}

/// One incident in the register.
#[derive(Serialize, JsonSchema)]
struct Registered {
    incident: IncidentRow,
    /// Its clocks, in words; none before a breach is confirmed.
    clocks: Vec<Clock>,
}

/// A dossier.
#[derive(Serialize, JsonSchema)]
pub(super) struct ShownDossier {
    dossier: Dossier,
    /// Its clocks, in words; none before a breach is confirmed.
    clocks: Vec<Clock>,
    /// What was told freely, oldest first, as far as it is still kept.
    stories: Vec<Told>,
    /// A page of the people that are concerned, as ids; `page` counts from 0, `still_listed` is how
    /// many they are in all.
    concerned: Vec<String>,
    /// What is missing before it can be closed, now.
    missing: Vec<Said>,
}

/// The same in two languages.
#[derive(Serialize, JsonSchema)]
struct Said {
    english: String,
    dutch: String,
}

/// One clock in words.
#[derive(Serialize, JsonSchema)]
struct Clock {
    /// What is to be done.
    what: Said,
    /// Until when: microseconds since 1970.
    ends_at: u64,
    /// When it was done; null while it was not.
    done_at: Option<u64>,
    /// Whether it was done too late, or is late by now.
    is_late: bool,
    /// How much is left or how late it is; once it is done, how much was left or how late it was.
    remaining: Said,
    /// How that was counted.
    counted: Said,
}

/// Something that was told freely.
#[derive(Serialize, JsonSchema)]
struct Told {
    /// Microseconds since 1970.
    at: u64,
    /// The id under which the account acts in that year.
    by: Option<String>,
    text: String,
}

/// The form of the authority, filled in as far as the dossier knows it; nothing is filed.
#[derive(Serialize, JsonSchema)]
pub(super) struct Form {
    /// In the order of the form; an answer that is null is not yet known.
    questions: Vec<FormRow>,
}

pub(super) fn see_incidents(at: &At<'_>) -> Planned {
    let moment = as_of(at)?;
    let incidents = at.tenant()?.views().incidents();
    // The processor sees of the register what is its own, and asks for that alone.
    let of_processor = match at.path.text("of") {
        None => false,
        Some("processor") => true,
        Some(_) => return Err(Stop::Unknown),
    };
    let is_shown = |row: &IncidentRow| {
        !of_processor || incidents.case_of(row.incident).is_some_and(|case| case.is_some())
    };
    let rows = incidents.register_as_of(moment.unwrap_or(TimestampMicros(u64::MAX)));
    let now = moment.map_or(at.now, |moment| moment.min(at.now));
    let registered = rows.into_iter().filter(is_shown).map(|incident| {
        let clocks = clocks(&incident.clocks, now);
        Registered { incident, clocks }
    });
    let kind = if of_processor { authority::OPERATOR_INCIDENT } else { "incidents" };
    Plan::shows(at.board(kind), &Register { incidents: registered.collect() })
}

pub(super) fn see_dossier(at: &At<'_>) -> Planned {
    let (id, thing) = thing(at)?;
    let (dossier, now) = dossier(at, id)?;
    let page = whole(at, "page")?.map_or(Ok(0), usize::try_from).map_err(|_| Stop::Unknown)?;
    let skip = page.checked_mul(PAGE_MAX).ok_or(Stop::Unknown)?;
    let tenant = at.tenant()?;
    let last = dossier.steps.iter().map(|step| step.seq).max();
    let listed = tenant.views().incidents().concerned(id).filter(|(_, seq)| Some(*seq) <= last);
    let concerned: Vec<SubjectId> =
        listed.map(|(person, _)| person).skip(skip).take(PAGE_MAX).collect();
    let missing = tenant.state().missing_to_close(id);
    let shown = ShownDossier {
        clocks: clocks(&dossier.row.clocks, now),
        stories: stories(at, &dossier)?,
        concerned: concerned.iter().map(ToString::to_string).collect(),
        missing: missing.iter().map(|rule| said(rule.english, rule.dutch)).collect(),
        dossier,
    };
    let plan = Plan::shows(thing, &shown)?;
    let categories = [category::CONCERNED.0];
    Ok(concerned.into_iter().fold(plan, |plan, person| plan.about(person, &categories)))
}

pub(super) fn see_form(at: &At<'_>) -> Planned {
    let (id, thing): (IncidentId, Thing) = thing(at)?;
    let (dossier, _) = dossier(at, id)?;
    let board = at.tenant()?.views().organisation().chart().board;
    Plan::shows(thing, &Form { questions: authority_form(&dossier, board.as_ref()) })
}

/// The dossier as of the moment that is asked for, and until when its clocks are counted.
fn dossier(at: &At<'_>, id: IncidentId) -> Result<(Dossier, TimestampMicros), Stop> {
    let moment = as_of(at)?;
    let incidents = at.tenant()?.views().incidents();
    let found = incidents.dossier_as_of(id, moment.unwrap_or(TimestampMicros(u64::MAX)));
    let now = moment.map_or(at.now, |moment| moment.min(at.now));
    Ok((found.ok_or(Stop::Unknown)?, now))
}

fn as_of(at: &At<'_>) -> Result<Option<TimestampMicros>, Stop> {
    Ok(whole(at, "as_of")?.map(TimestampMicros))
}

fn stories(at: &At<'_>, dossier: &Dossier) -> Result<Vec<Told>, Stop> {
    let told = |seq: &Seq| -> Result<Option<Told>, Stop> {
        let Some(Event::Breach(event)) = at.engine.reopened(at.tenant, *seq)? else {
            return Ok(None);
        };
        let story = match &event {
            BreachEvent::IncidentReported(event) => event.story.as_ref(),
            BreachEvent::IncidentNoted(event) => Some(&event.story),
            _ => None,
        };
        let step = dossier.steps.iter().find(|step| step.seq == *seq);
        let told = story.and_then(|story| story.value()).zip(step);
        Ok(told.map(|(story, step)| Told {
            at: step.at,
            by: step.by.map(|by| by.to_string()),
            text: story.text.clone(),
        }))
    };
    dossier.stories.iter().filter_map(|seq| told(seq).transpose()).collect()
}

fn said(english: impl Into<String>, dutch: impl Into<String>) -> Said {
    Said { english: english.into(), dutch: dutch.into() }
}

/// The clocks that run or ran, in words.
fn clocks(clocks: &Clocks, now: TimestampMicros) -> Vec<Clock> {
    let school = clocks.confirmed_at.zip(clocks.notify_hours.map(Period::Hours));
    let school = school.map(|(from, period)| {
        let what = said("telling the school", "de school informeren");
        clock(what, from, period, clocks.notified_at, now)
    });
    let authority = clocks.aware_at.map(|from| {
        let what = said("reporting to the authority", "melden bij de toezichthouder");
        clock(what, from, BREACH_NOTICE, clocks.reported_at, now)
    });
    // An end outside the calendar never comes, and has no clock.
    school.into_iter().chain(authority).flatten().collect()
}

fn clock(
    what: Said,
    from: u64,
    period: Period,
    done_at: Option<u64>,
    now: TimestampMicros,
) -> Option<Clock> {
    let deadline = Deadline::to_act(TimestampMicros(from), period).ok()?;
    let counted_at = done_at.map_or(now, TimestampMicros);
    let remaining = deadline.remaining(counted_at);
    Some(Clock {
        what,
        ends_at: deadline.ends_at.0,
        done_at,
        is_late: deadline.is_over(counted_at),
        remaining: said(remaining.english(), remaining.dutch()),
        counted: said(deadline.english(), deadline.dutch()),
    })
}
