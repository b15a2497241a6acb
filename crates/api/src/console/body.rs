//! What was filled in, as the body of an operation.
//!
//! *Invariant:* every field that is wrong is named, all at once; what a form does not have is not
//! sent on.

use console::{Field, Filled, Form, Kind, Language};
use serde_json::{Map, Value, json};

use super::text;

/// The body, or each wrong field with what is wrong.
pub(super) type Made = Result<Value, Vec<(&'static str, String)>>;

/// What a browser sent for one field.
fn told<'a>(sent: &'a [(String, String)], name: &str) -> Vec<&'a str> {
    let of_it = sent.iter().filter(|(known, _)| known == name);
    of_it.map(|(_, value)| value.as_str()).filter(|value| !value.trim().is_empty()).collect()
}

/// Makes the body of the form's operation.
pub(super) fn made(form: &Form, sent: &[(String, String)], language: Language) -> Made {
    let (mut body, mut wrong) = (Map::new(), Vec::new());
    for field in form.fields {
        match value(field, &told(sent, field.name), language) {
            Ok(None) => {}
            Ok(Some(value)) => {
                let path: Vec<&str> = field.name.split('.').collect();
                put(&mut body, &path, value);
            }
            Err(error) => wrong.push((field.name, error)),
        }
    }
    if wrong.is_empty() { Ok(lists(Value::Object(body))) } else { Err(wrong) }
}

fn value(field: &Field, sent: &[&str], language: Language) -> Result<Option<Value>, String> {
    let first = sent.first().copied();
    let value = match field.kind {
        Kind::Check => return Ok(Some(Value::Bool(first.is_some()))),
        Kind::Many(_) => (!sent.is_empty()).then(|| json!(sent)),
        Kind::Lines => first.map(|text| {
            json!(text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>())
        }),
        Kind::Number => first
            .map(|text| text.trim().parse::<u64>().map(|number| json!(number)))
            .transpose()
            .map_err(|_| text::NUMBER.in_(language).to_owned())?,
        Kind::Moment => match first {
            None => None,
            Some(said) => {
                let at = console::micros_of_minute(said);
                Some(json!(at.ok_or_else(|| text::MOMENT.in_(language).to_owned())?))
            }
        },
        Kind::Pick(console::Source::Versions) => {
            first.and_then(|text| text.parse::<u64>().ok()).map(|number| json!(number))
        }
        // A password is taken as it is; around anything else, space is a slip.
        Kind::Password | Kind::NewPassword => first.map(|text| json!(text)),
        _ => first.map(|text| json!(text.trim())),
    };
    match value {
        None if !field.is_optional => Err(text::MISSING.in_(language).to_owned()),
        value => Ok(value),
    }
}

/// Puts a value at its place.
fn put(body: &mut Map<String, Value>, path: &[&str], value: Value) {
    match path {
        [] => {}
        [name] => {
            body.insert((*name).to_owned(), value);
        }
        [name, rest @ ..] => {
            let within = body.entry((*name).to_owned()).or_insert_with(|| json!({}));
            if let Some(within) = within.as_object_mut() {
                put(within, rest, value);
            }
        }
    }
}

/// An object whose members are called by numbers is a list.
fn lists(value: Value) -> Value {
    let Value::Object(members) = value else { return value };
    let is_list = !members.is_empty()
        && members.keys().all(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
    let members = members.into_iter().map(|(name, value)| (name, lists(value)));
    match is_list {
        // At most ten rows: their numbers are in the order of their texts.
        true => Value::Array(members.map(|(_, value)| value).collect()),
        false => Value::Object(members.collect()),
    }
}

/// Puts what was sent back into the fields, but for secrets.
pub(super) fn keep(fields: &mut [Filled], sent: &[(String, String)]) {
    for filled in fields {
        let told = told(sent, filled.field.name);
        for option in &mut filled.options {
            option.is_chosen = told.contains(&option.value.as_str());
        }
        if !filled.field.is_secret() {
            filled.value = told.first().map(|text| (*text).to_owned()).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(id: &str) -> &'static Form {
        console::forms().find(|form| form.id == id).unwrap()
    }

    fn sent(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_name_with_points_is_a_place_and_a_number_a_row() {
        let told = sent(&[
            ("groups.0.group", "pupils"),
            ("groups.0.people.min", "1"),
            ("groups.0.people.max", " 3 "),
            ("groups.1.group", ""),
            ("kinds.0.kind", "results"),
            ("key", "not a field"),
        ]);
        let made = made(form("freeze-breach-scope"), &told, Language::English).unwrap();
        let expected = json!({
            "groups": [{ "group": "pupils", "people": { "min": 1, "max": 3 } }],
            "kinds": [{ "kind": "results" }],
        });
        assert_eq!(made, expected);
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let told = sent(&[("kind", "lost"), ("discovered_at", "gisteren"), ("people.min", "veel")]);
        let wrong = made(form("report-incident"), &told, Language::Dutch).unwrap_err();
        let names: Vec<_> = wrong.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["detected_by", "discovered_at", "people.min"]);
    }

    #[test]
    fn a_box_that_is_not_ticked_says_no() {
        let told = sent(&[("severity", "low"), ("risk", "present"), ("personal_data", "yes")]);
        let made = made(form("classify-incident"), &told, Language::Dutch).unwrap();
        assert_eq!(made["broken"]["integrity"], json!(false));
    }
}
