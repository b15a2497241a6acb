//! Surveys: defined, put in rounds, answered with codes, closed and published.
//!
//! *Invariant:* a code is shown when it is issued, to who repeats that request, and never again.
//! *Invariant:* results are those that were published; nothing is computed for a question.

mod bodies;

use events::survey::{
    Audience, CodesIssued, Division, GuestsInvited, Invitation, RemindersListed, SurveyId, TOGETHER,
};
use events::{About, RoundId, category};
use projections::{PublishedAnalysis, RoundRow, SurveyList};
use record::{ScopeId, SubjectId};
use rules::Command;
use schemars::JsonSchema;
use serde::Serialize;

use self::bodies::{NewCodes, NewGuests, NewRound, NewSurvey};
use super::{Done, Made, Nothing, person_in, school_in};
use crate::answer;
use crate::operation::{At, Operation, Plan, Planned, Scope, Stop, Thing};

const PURPOSE: &str = "survey";
const INVITED: [u16; 2] = [category::INVITATION.0, category::ANSWERED.0];

pub(super) fn operations() -> Vec<Operation> {
    [surveys(), rounds(), guests(), results()].concat()
}

fn surveys() -> Vec<Operation> {
    vec![
        Operation::shows::<SurveyList>(
            "see-surveys",
            "/surveys",
            PURPOSE,
            "All surveys, with their questions",
            |at| Plan::shows(at.everywhere("surveys")?, &at.tenant()?.views().surveys().list()),
        ),
        Operation::does::<NewSurvey, Made>(
            "define-survey",
            "/surveys",
            PURPOSE,
            "Define a survey",
            |at, body| {
                let survey = SurveyId::from_bytes(at.made("survey")?);
                let (title, questions) = (body.title.clone(), body.questions());
                let command = Command::DefineSurvey { survey, title, questions };
                Plan::carries(at.board("surveys"), command, &Made::of(survey))
            },
        ),
        Operation::shows::<Rounds>(
            "see-rounds",
            "/surveys/{survey}/rounds",
            PURPOSE,
            "The rounds of a survey, and how many answered",
            |at| {
                let survey = survey_of(at)?;
                let rounds = at.tenant()?.views().surveys().rounds_of(survey);
                Plan::shows(at.everywhere("surveys")?, &Rounds { rounds })
            },
        ),
    ]
}

fn rounds() -> Vec<Operation> {
    vec![
        Operation::does::<NewRound, Made>(
            "open-round",
            "/surveys/{survey}/rounds",
            PURPOSE,
            "Open a round: whom it asks, what for, and how small a group is ever shown",
            open,
        ),
        Operation::does::<Nothing, Done>(
            "close-round",
            "/rounds/{round}/closing",
            PURPOSE,
            "Close a round and publish its results",
            |at, _| {
                let (round, _, thing) = round_of(at)?;
                let responses = at.engine.gather(at.tenant()?, round).map_err(engine_fault)?;
                Plan::carries(thing, Command::CloseRound { round, responses }, &Done {})
            },
        ),
        Operation::does::<Nothing, Done>(
            "publish-analysis",
            "/rounds/{round}/publication",
            PURPOSE,
            "Publish the results of a closed round once more, from what still opens",
            |at, _| {
                let (round, _, thing) = round_of(at)?;
                let responses = at.engine.gather(at.tenant()?, round).map_err(engine_fault)?;
                Plan::carries(thing, Command::PublishAnalysis { round, responses }, &Done {})
            },
        ),
    ]
}

fn guests() -> Vec<Operation> {
    vec![
        Operation::does::<NewCodes, Codes>(
            "issue-codes",
            "/rounds/{round}/codes",
            PURPOSE,
            "Issue codes for a group: one for the class, or one for each",
            issue,
        ),
        Operation::does::<NewGuests, Invitations>(
            "invite",
            "/rounds/{round}/invitations",
            PURPOSE,
            "Invite people, each with a code of their own",
            invite,
        ),
        Operation::does::<Nothing, Reminders>(
            "remind",
            "/rounds/{round}/reminders",
            PURPOSE,
            "List whom to remind: who was invited and is not recorded as having answered",
            remind,
        ),
    ]
}

fn results() -> Vec<Operation> {
    vec![
        Operation::shows::<PublishedAnalysis>(
            "see-analysis",
            "/rounds/{round}/results",
            PURPOSE,
            "The published results of a round: the newest, or the newest at `as_of`, a moment in \
             microseconds since 1970; `question` and `group` leave one of them, counted from 0 and \
             from 1 in the order of their names",
            see_analysis,
        )
        .knows(&[
            ("as_of", "^[0-9]{1,16}$"),
            ("question", "^[0-9]{1,3}$"),
            ("group", "^[0-9]{1,5}$"),
        ]),
        Operation::shows::<Comparison>(
            "see-comparison",
            "/surveys/{survey}/comparison",
            PURPOSE,
            "What was published of all rounds of a survey, side by side: who answered, and when; \
             `as_of` is a moment in microseconds since 1970",
            compare,
        )
        .knows(&[("as_of", "^[0-9]{1,16}$")]),
    ]
}

/// The rounds of a survey.
#[derive(Serialize, JsonSchema)]
struct Rounds {
    /// In the order in which they opened.
    rounds: Vec<RoundRow>,
}

/// Codes, which are shown here alone.
#[derive(Serialize, JsonSchema)]
struct Codes {
    codes: Vec<String>,
}

/// Who was invited, by id.
#[derive(Serialize, JsonSchema)]
struct Invitations {
    invitations: Vec<Invited>,
}

/// One invitation.
#[derive(Serialize, JsonSchema)]
struct Invited {
    person: String,
    /// The code of this person, which is shown here alone; it is taken once.
    code: String,
}

/// Whom to remind, by id.
#[derive(Serialize, JsonSchema)]
struct Reminders {
    people: Vec<String>,
}

/// Rounds of one survey, side by side.
#[derive(Serialize, JsonSchema)]
struct Comparison {
    /// In the order in which they opened; only those that were published.
    rounds: Vec<Compared>,
}

/// One round in a comparison.
#[derive(Serialize, JsonSchema)]
struct Compared {
    round: RoundRow,
    published: PublishedAnalysis,
}

fn survey_of(at: &At<'_>) -> Result<SurveyId, Stop> {
    let survey = at.path.id("survey", SurveyId::from_hex)?;
    at.tenant()?.views().surveys().survey(survey).ok_or(Stop::Unknown)?;
    Ok(survey)
}

/// The round that the path names: of the school that it asks, or of the board.
fn round_of(at: &At<'_>) -> Result<(RoundId, Option<Audience>, Thing), Stop> {
    let round = at.path.id("round", RoundId::from_hex)?;
    let found = at.tenant()?.state().round(round).ok_or(Stop::Unknown)?;
    let audience = found.audience.as_deref().cloned();
    let school = audience.as_ref().and_then(|audience| audience.school);
    let within = school.map(|school| Scope::School(school.to_string()));
    let within = within.into_iter().chain([Scope::Board]).collect();
    Ok((round, audience, Thing { kind: "round", id: round.to_string(), within }))
}

fn open(at: &At<'_>, body: NewRound) -> Planned {
    let survey = survey_of(at)?;
    let round = RoundId::from_bytes(at.made("round")?);
    let school = body.school.as_deref().map(school_in).transpose()?;
    let audience = Audience {
        module: body.module.into(),
        kind: body.kind.into(),
        purpose: body.purpose,
        school,
        division: if body.together { Division::Together } else { Division::Groups },
        confidential: body.confidential,
    };
    let command = Command::OpenRound {
        round,
        survey,
        name: body.name,
        floor: body.floor,
        answers_scope: ScopeId::from_bytes(at.made("the term of answers")?),
        identity_scope: ScopeId::from_bytes(at.made("the term of identities")?),
        audience: Some(Box::new(audience)),
    };
    let within = school.map(|school| Scope::School(school.to_string()));
    let within = within.into_iter().chain([Scope::Board]).collect();
    let thing = Thing { kind: "round", id: round.to_string(), within };
    Plan::carries(thing, command, &Made::of(round))
}

/// The group that a code stands for; without groups it is the same for all.
fn group_of(audience: Option<&Audience>, group: Option<String>) -> Result<String, Stop> {
    match (audience.map(|audience| audience.division), group) {
        (Some(Division::Together), None) => Ok(TOGETHER.to_owned()),
        (Some(Division::Groups) | None, Some(group)) => Ok(group),
        (Some(Division::Together), Some(_)) => {
            Err(Stop::input("group", "none: the round is published without groups"))
        }
        (Some(Division::Groups) | None, None) => {
            Err(Stop::input("group", "the group of whoever answers with it"))
        }
    }
}

fn issue(at: &At<'_>, body: NewCodes) -> Planned {
    let (round, audience, thing) = round_of(at)?;
    let group = group_of(audience.as_ref(), body.group)?;
    let codes = (0..body.count.min(bodies::COUNT_MAX)).map(|number| code(at, number));
    let codes = codes.collect::<Result<Vec<_>, _>>()?;
    let digests = codes.iter().map(|code| answer::digest(at.engine, at.tenant, code));
    let digests = digests.collect::<Result<Vec<_>, _>>()?;
    let event = CodesIssued { round, group, codes: digests, uses: body.uses, by: at.who.actor };
    Plan::does(thing, event, &Codes { codes })
}

fn invite(at: &At<'_>, body: NewGuests) -> Planned {
    let (round, audience, thing) = round_of(at)?;
    let group = group_of(audience.as_ref(), body.group)?;
    let scope = at.tenant()?.state().round(round).ok_or(Stop::Unknown)?.identity_scope;
    let people = body.people.iter().map(|person| person_in(person));
    let mut people = people.collect::<Result<Vec<SubjectId>, _>>()?;
    people.sort_unstable();
    let coded = (0..).zip(&people).map(|(number, person)| Ok((*person, code(at, number)?)));
    let coded = coded.collect::<Result<Vec<(SubjectId, String)>, Stop>>()?;
    let guests = coded.iter().map(|(person, code)| {
        let code = answer::digest(at.engine, at.tenant, code)?;
        Ok(About::new(*person, scope, Invitation { code }))
    });
    let guests = guests.collect::<Result<Vec<_>, Stop>>()?;
    let shown = coded
        .iter()
        .map(|(person, code)| Invited { person: person.to_string(), code: code.clone() });
    let shown = Invitations { invitations: shown.collect() };
    let event = GuestsInvited { round, group, by: at.who.actor, guests };
    let plan = Plan::does(thing, event, &shown)?;
    Ok(people.iter().fold(plan, |plan, person| plan.about(*person, &INVITED)))
}

/// A code: twenty hexadecimal digits in four groups, the same whenever the request is repeated.
fn code(at: &At<'_>, number: u16) -> Result<String, Stop> {
    let made = at.made(&format!("code {number}"))?;
    Ok(answer::written(&made))
}

fn remind(at: &At<'_>, _: Nothing) -> Planned {
    let (round, _, thing) = round_of(at)?;
    let people = at.tenant()?.state().unanswered(round);
    let shown = Reminders { people: people.iter().map(ToString::to_string).collect() };
    let reminded = u32::try_from(people.len()).unwrap_or(u32::MAX);
    let event = RemindersListed { round, reminded, by: at.who.actor };
    let plan = Plan::does(thing, event, &shown)?;
    // The trail takes so many people in one line; the event says how many there are in all.
    let named = people.iter().take(super::PAGE_MAX);
    Ok(named.fold(plan, |plan, person| plan.about(*person, &INVITED)))
}

fn see_analysis(at: &At<'_>) -> Planned {
    let (round, _, thing) = round_of(at)?;
    let moment = at.as_of()?.unwrap_or(at.now);
    let analyses = at.tenant()?.views().analyses();
    let mut found = analyses.newest_at(round, moment).ok_or(Stop::Unknown)?;
    if let Some(question) = whole(at, "question")? {
        found.questions.retain(|shown| usize::from(shown.question) == question);
    }
    if let Some(group) = whole(at, "group")? {
        // Cell 0 is everyone.
        for shown in &mut found.questions {
            let cell = shown.cells.get(group).cloned();
            shown.cells = cell.filter(|cell| cell.group.is_some()).into_iter().collect();
        }
        found.questions.retain(|shown| !shown.cells.is_empty());
    }
    if found.questions.is_empty() {
        return Err(Stop::Unknown);
    }
    Plan::shows(thing, &found)
}

fn compare(at: &At<'_>) -> Planned {
    let survey = survey_of(at)?;
    let moment = at.as_of()?.unwrap_or(at.now);
    let views = at.tenant()?.views();
    let rounds = views.surveys().rounds_of(survey).into_iter().filter_map(|round| {
        let published = views.analyses().newest_at(round.round, moment)?;
        Some(Compared { round, published })
    });
    // Rounds of several schools stand in it, so it is the board's.
    Plan::shows(at.board("comparison"), &Comparison { rounds: rounds.collect() })
}

fn whole(at: &At<'_>, name: &str) -> Result<Option<usize>, Stop> {
    at.path.text(name).map(str::parse).transpose().map_err(|_| Stop::input(name, "a whole number"))
}

fn engine_fault(fault: engine::Fault) -> Stop {
    Stop::Engine(fault.into())
}
