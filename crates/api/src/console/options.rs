//! What can be chosen in a field: what an operation shows to the caller.

use console::{Entry, Frame, Kind, Option_, Source};
use serde_json::Value;

use super::asking::{Console, Visit, operation, path_of};

/// Fills the choices of a form.
pub(super) async fn fill(
    console: &Console,
    visit: &Visit,
    frame: &Frame,
    entry: &mut Entry,
    thing: Option<&str>,
) {
    let mut asked: Vec<(&str, Value)> = Vec::new();
    for filled in &mut entry.fields {
        filled.options = match filled.field.kind {
            Kind::Choice(all) => {
                let option = |(value, label): &(&str, console::Say)| {
                    chosen((*value).to_owned(), label.in_(frame.language).to_owned())
                };
                all.iter().map(option).collect()
            }
            Kind::Pick(source) | Kind::Many(source) => {
                let name = shown_by(source);
                if !asked.iter().any(|(known, _)| *known == name) {
                    asked.push((name, ask(console, visit, name, thing).await));
                }
                let answer = asked.iter().find(|(known, _)| *known == name).map(|(_, it)| it);
                answer.map(|answer| of(source, answer, frame)).unwrap_or_default()
            }
            _ => Vec::new(),
        };
    }
}

fn chosen(value: String, label: String) -> Option_ {
    Option_ { value, label, is_chosen: false }
}

const fn shown_by(source: Source) -> &'static str {
    match source {
        Source::Schools | Source::Teams | Source::Reaches => "see-organisation",
        Source::People => "see-people",
        Source::Agreements | Source::Contacts => "see-agreement",
        Source::Versions | Source::Purposes | Source::Services => "see-annex",
    }
}

/// What may not be seen cannot be chosen.
async fn ask(console: &Console, visit: &Visit, name: &str, thing: Option<&str>) -> Value {
    let path = operation(name).and_then(|operation| path_of(operation.path, thing));
    match path {
        Some(path) => console.ask(visit, &path, None).await.json().unwrap_or_default(),
        None => Value::Null,
    }
}

fn of(source: Source, answer: &Value, frame: &Frame) -> Vec<Option_> {
    match source {
        Source::Schools => schools(answer),
        Source::Teams => teams(answer),
        Source::People => rows(answer, "/people", "id", "name"),
        Source::Agreements => rows(answer, "/agreements", "agreement", "model"),
        Source::Contacts => rows(answer, "/people", "contact", "name"),
        Source::Reaches => reaches(answer, frame),
        Source::Versions => rows(answer, "/annex/versions", "version", "version"),
        Source::Purposes => rows(answer, "/contents/purposes", "id", "text"),
        Source::Services => rows(answer, "/contents/services", "id", "description"),
    }
}

fn list<'a>(answer: &'a Value, at: &str) -> impl Iterator<Item = &'a Value> {
    answer.pointer(at).and_then(Value::as_array).into_iter().flatten()
}

fn text(row: &Value, name: &str) -> Option<String> {
    match row.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn rows(answer: &Value, at: &str, value: &str, label: &str) -> Vec<Option_> {
    let option = |row: &Value| Some(chosen(text(row, value)?, text(row, label)?));
    list(answer, at).filter_map(option).collect()
}

/// Those that were not removed: nobody joins the others any more.
fn running(answer: &Value) -> impl Iterator<Item = &Value> {
    list(answer, "/schools").filter(|school| school.get("until").is_none_or(Value::is_null))
}

fn schools(answer: &Value) -> Vec<Option_> {
    let option = |row: &Value| Some(chosen(text(row, "school")?, text(row, "name")?));
    running(answer).filter_map(option).collect()
}

fn teams(answer: &Value) -> Vec<Option_> {
    let of_school = |school: &Value| {
        let name = text(school, "name").unwrap_or_default();
        let team = |mut team: Option_| {
            team.label = format!("{name}: {}", team.label);
            team
        };
        rows(school, "/teams", "team", "name").into_iter().map(team).collect::<Vec<_>>()
    };
    running(answer).flat_map(of_school).collect()
}

fn reaches(answer: &Value, frame: &Frame) -> Vec<Option_> {
    let named = |name: &str| chosen(name.to_owned(), console::name(name, frame.language));
    let within = |kind: &'static str| {
        move |mut option: Option_| {
            option.value = format!("{kind}:{}", option.value);
            option
        }
    };
    let schools = schools(answer).into_iter().map(within("school"));
    let teams = teams(answer).into_iter().map(within("team"));
    [named("own"), named("board")].into_iter().chain(schools).chain(teams).collect()
}
