//! What the form of the authority asks, filled in as far as the dossier knows it; the school looks
//! through it and files it itself.
//!
//! *Invariant:* nothing is guessed: what the dossier does not hold has no value, and is shown as
//! [`NOT_YET_KNOWN`](super::NOT_YET_KNOWN).
// KNOWN GAP: the present wording of the Dutch authority's form could not be looked up; the sections
// follow how several organisations mirror it.

use schemars::JsonSchema;
use serde::Serialize;

use super::rows::{CountedRow, DecisionRow, Dossier, Value};
use super::words::{NOT_YET_KNOWN, Words, words};
use crate::BoardRow;

/// One question of the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FormRow {
    /// Which section, 0 to 9.
    pub section: u8,
    /// What the section is about.
    pub title: Words,
    /// The question.
    pub label: Words,
    /// The answer; nothing if it is not yet known.
    pub value: Option<Value>,
}

impl FormRow {
    /// The answer, or the mark that it is not yet known.
    #[must_use]
    pub fn answer(&self) -> Value {
        self.value.clone().unwrap_or(Value::Words(NOT_YET_KNOWN))
    }
}

type Question = (Words, Option<Value>);

/// The form's sections 0 to 9, from the dossier and what the board told of itself.
#[must_use]
pub fn authority_form(dossier: &Dossier, board: Option<&BoardRow>) -> Vec<FormRow> {
    let sections = [
        (words("this notification", "deze melding"), notification(dossier)),
        (words("organisation and contact", "organisatie en contact"), contact(dossier, board)),
        (words("timeline", "tijdlijn"), timeline(dossier)),
        (words("the breach", "de inbreuk"), breach(dossier)),
        (words("personal data", "persoonsgegevens"), personal_data(dossier)),
        (words("the people concerned", "de betrokkenen"), people(dossier)),
        (words("measures before", "maatregelen vooraf"), before(dossier)),
        (words("consequences", "gevolgen"), consequences(dossier)),
        (words("follow-up", "vervolg"), follow_up(dossier)),
        (words("other", "overig"), other(dossier)),
    ];
    let rows = (0..).zip(sections).flat_map(|(section, (title, questions))| {
        let row = move |(label, value)| FormRow { section, title, label, value };
        questions.into_iter().map(row)
    });
    rows.collect()
}

fn text(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| Value::Text(text.to_owned()))
}

fn moment(at: Option<u64>) -> Option<Value> {
    at.map(Value::Moment)
}

fn item(dossier: &Dossier, item: &str) -> Option<Value> {
    dossier.item(item).cloned()
}

fn yes_or_no(holds: bool) -> Value {
    Value::Words(if holds { words("yes", "ja") } else { words("no", "nee") })
}

fn notification(dossier: &Dossier) -> Vec<Question> {
    let is_reported = dossier.row.authority.as_ref().is_some_and(|decision| decision.is_told);
    let kind = match (dossier.is_withdrawn, is_reported) {
        (true, _) => words("withdrawal", "intrekking"),
        (false, true) => words("follow-up", "vervolgmelding"),
        (false, false) => words("first notification", "eerste melding"),
    };
    let reference = dossier.row.authority.as_ref().and_then(|decision| decision.reference.clone());
    let law = words("GDPR art. 33", "AVG art. 33");
    vec![
        (words("law", "wet"), Some(Value::Words(law))),
        (words("kind of notification", "soort melding"), Some(Value::Words(kind))),
        (
            words("own case number", "eigen zaaknummer"),
            Some(Value::Text(dossier.row.number.to_string())),
        ),
        (words("earlier reference", "kenmerk van een eerdere melding"), reference.map(Value::Text)),
    ]
}

fn contact(dossier: &Dossier, board: Option<&BoardRow>) -> Vec<Question> {
    let of_board = |field: fn(&BoardRow) -> &String| board.and_then(|board| text(field(board)));
    vec![
        (words("organisation", "organisatie"), of_board(|board| &board.name)),
        (words("chamber of commerce", "KvK-nummer"), of_board(|board| &board.kvk)),
        (words("contact", "contact"), of_board(|board| &board.contact)),
        (
            words("data protection officer", "functionaris gegevensbescherming"),
            of_board(|board| &board.fg_contact),
        ),
        (words("contact about the breach", "contact over het datalek"), item(dossier, "contact")),
        (
            words("subprocessors involved", "betrokken subverwerkers"),
            item(dossier, "subprocessors"),
        ),
    ]
}

fn timeline(dossier: &Dossier) -> Vec<Question> {
    let late = dossier.row.authority.as_ref().filter(|decision| decision.is_told);
    let clocks = &dossier.row.clocks;
    vec![
        (words("since", "sinds"), item(dossier, "from").or_else(|| dossier.from.clone())),
        (words("until", "tot"), item(dossier, "until").or_else(|| dossier.until.clone())),
        (words("discovered", "ontdekt"), Some(Value::Moment(dossier.row.discovered_at))),
        (
            words("confirmed by the processor", "vastgesteld door de verwerker"),
            moment(clocks.confirmed_at),
        ),
        (words("known to the school", "bekend bij de school"), moment(clocks.aware_at)),
        (words("72 hours end", "einde van de 72 uur"), moment(clocks.report_by)),
        (
            words("reasons if later than 72 hours", "redenen als het later is dan 72 uur"),
            late.and_then(|decision| decision.reason.clone()).map(Value::Text),
        ),
    ]
}

fn breach(dossier: &Dossier) -> Vec<Question> {
    let broken = (!dossier.broken.is_empty()).then(|| Value::List(dossier.broken.clone()));
    vec![
        (words("nature", "aard"), Some(Value::Words(dossier.row.kind))),
        (words("summary", "samenvatting"), item(dossier, "summary")),
        (words("how it came about", "hoe het is gebeurd"), item(dossier, "course")),
        (words("cause", "oorzaak"), item(dossier, "cause")),
        (
            words("what was done with the data", "wat er met de gegevens is gebeurd"),
            item(dossier, "done"),
        ),
        (words("what was broken", "waarop inbreuk is gemaakt"), broken),
    ]
}

fn special(value: Option<&Value>) -> Option<Vec<Words>> {
    let Some(Value::Counted(rows)) = value else { return None };
    let special = rows.iter().filter(|row| row.is_special);
    Some(special.map(|row: &CountedRow| row.what).collect())
}

fn personal_data(dossier: &Dossier) -> Vec<Question> {
    let kinds = item(dossier, "kinds").or_else(|| dossier.kinds.clone());
    let special = special(kinds.as_ref()).map(|found| match found.is_empty() {
        true => yes_or_no(false),
        false => Value::List(found),
    });
    vec![
        (words("kinds of data and records", "soorten gegevens en aantallen"), kinds),
        (words("special categories", "bijzondere of gevoelige gegevens"), special),
    ]
}

fn people(dossier: &Dossier) -> Vec<Question> {
    let groups = item(dossier, "groups").or_else(|| dossier.groups.clone());
    let vulnerable = special(groups.as_ref()).map(|found| yes_or_no(!found.is_empty()));
    vec![
        (words("who", "wie"), groups),
        (
            words("how many, at least and at most", "hoeveel, ten minste en ten hoogste"),
            dossier.row.people.map(Value::Count),
        ),
        (words("vulnerable groups (children)", "kwetsbare groepen (kinderen)"), vulnerable),
    ]
}

fn before(dossier: &Dossier) -> Vec<Question> {
    let protection = item(dossier, "protection").or_else(|| dossier.protection.clone());
    vec![(
        words("encrypted, hashed or the like", "versleuteld, gehasht of iets dergelijks"),
        protection,
    )]
}

fn consequences(dossier: &Dossier) -> Vec<Question> {
    vec![
        (words("for people", "voor betrokkenen"), item(dossier, "consequences_people")),
        (words("for the school", "voor de school"), item(dossier, "consequences_school")),
        (words("how severe", "hoe ernstig"), dossier.row.severity.map(Value::Words)),
        (words("risk to people", "risico voor betrokkenen"), dossier.row.risk.map(Value::Words)),
    ]
}

fn follow_up(dossier: &Dossier) -> Vec<Question> {
    let decided = dossier.row.subjects.as_ref().filter(|decision| decision.holds);
    let of = |field: fn(&DecisionRow) -> Option<Value>| decided.and_then(field);
    vec![
        (
            words("people were told", "betrokkenen geïnformeerd"),
            of(|decision| Some(yes_or_no(decision.is_told))),
        ),
        (words("when", "wanneer"), of(|decision| decision.at.map(Value::Moment))),
        (words("how", "hoe"), of(|decision| decision.means.map(Value::Words))),
        (words("how many", "hoeveel"), of(|decision| decision.people.map(Value::Count))),
        (words("why not", "waarom niet"), of(|decision| decision.ground.map(Value::Words))),
        (words("measures taken", "getroffen maatregelen"), item(dossier, "measures_taken")),
        (
            words("measures proposed", "voorgestelde maatregelen"),
            item(dossier, "measures_proposed"),
        ),
        (words("other countries", "andere landen"), item(dossier, "countries")),
    ]
}

fn other(dossier: &Dossier) -> Vec<Question> {
    vec![
        (words("part of security", "onderdeel van de beveiliging"), item(dossier, "security")),
        (words("how it was discovered", "hoe het is ontdekt"), item(dossier, "discovery")),
        (words("who discovered it", "wie het ontdekte"), Some(Value::Words(dossier.detected_by))),
    ]
}
