//! AFAS Profit with one GetConnector, as its documentation describes it.
// SOURCE: docs/format/couplings.md §3.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::habit::{Habit, Place};
use crate::http::{Asked, Reply};
use crate::people::{People, Person};

/// The token that is let in: 64 characters.
pub const TOKEN: &str = "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF";
/// The one connector.
pub const CONNECTOR: &str = "Zegel_Medewerkers";
const FIELDS: [&str; 6] =
    ["Medewerker", "Roepnaam", "Voorletters", "Voorvoegsel", "Achternaam", "E-mail_werk"];
/// What the service sends at most, in bytes; here in rows.
const TAKE_MAX: usize = 10_000;

/// Which answer a request is for.
pub(crate) fn place(asked: &Asked) -> Place {
    let is_fields = asked.path.to_lowercase().contains("/metainfo");
    if is_fields { Place::Fields } else { Place::Staff }
}

pub(crate) fn answer(asked: &Asked, people: People, habit: Option<&Habit>) -> Reply {
    let path = asked.path.to_lowercase();
    let Some(rest) = path.strip_prefix("/profitrestservices/") else {
        return Reply::json(401, "");
    };
    if asked.method != "GET" {
        return Reply::json(400, "");
    }
    if !authorized(asked) {
        return Reply::json(401, "");
    }
    let connector = CONNECTOR.to_lowercase();
    match rest.split('/').collect::<Vec<_>>().as_slice() {
        ["metainfo"] => Reply::json(200, json!({"getConnectors": [{"id": CONNECTOR}]})),
        ["metainfo", "get", name] if *name == connector => fields(habit),
        ["connectors", name] if *name == connector => rows(asked, people, habit),
        ["metainfo", "get", _] | ["connectors", _] => Reply::json(401, ""),
        _ => Reply::json(404, ""),
    }
}

fn authorized(asked: &Asked) -> bool {
    let token = asked.header("authorization").and_then(|value| value.strip_prefix("AfasToken "));
    let token = token.and_then(|token| STANDARD.decode(token).ok());
    let expected = format!("<token><version>1</version><data>{TOKEN}</data></token>");
    token == Some(expected.into_bytes())
}

fn fields(habit: Option<&Habit>) -> Reply {
    let withheld = |name: &&&str| !matches!(habit, Some(Habit::Withhold(field)) if field == *name);
    let field = |name: &&str| {
        json!({"id": name, "fieldId": name, "dataType": "string", "label": name,
            "length": 80, "controlType": 1, "decimals": 0})
    };
    let fields: Vec<Value> = FIELDS.iter().filter(withheld).map(field).collect();
    Reply::json(200, json!({"name": CONNECTOR, "description": "", "fields": fields}))
}

fn fault(message: &str) -> Reply {
    let body = json!({"externalMessage": message, "errorNumber": -2_147_180_999_i64,
        "profitLogReference": "3A4C00FF"});
    Reply::json(500, body)
}

fn rows(asked: &Asked, people: People, habit: Option<&Habit>) -> Reply {
    let known = ["skip", "take", "orderbyfieldids"];
    if let Some((name, _)) = asked.query.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        return fault(&format!("Parameter '{name}' niet ondersteund"));
    }
    let number = |name| asked.parameter(name).map_or(Ok(-1), str::parse::<i64>);
    let (Ok(skip), Ok(take)) = (number("skip"), number("take")) else {
        return Reply::json(400, "");
    };
    // SOURCE: a pair of which one is -1 is a fault; -1 for both means everything.
    if (skip < 0) != (take < 0) {
        return fault("Skip en take horen bij elkaar");
    }
    if let Some(field) = asked.parameter("orderbyfieldids")
        && !FIELDS.contains(&field.trim_start_matches('-'))
    {
        return fault(&format!("Connector-veld '{field}' niet gevonden"));
    }
    let (each, count) = Habit::listed(habit, people.count);
    let from = match habit {
        Some(Habit::SamePage) => 0,
        _ => usize::try_from(skip).unwrap_or(0),
    };
    let take = usize::try_from(take).unwrap_or(count).min(TAKE_MAX);
    let until = from.saturating_add(take).min(count);
    let row = |at: usize| row(&people.person(at / each));
    // Without an order, nobody promises one.
    let mut rows: Vec<Value> = (from..until).map(row).collect();
    if asked.parameter("orderbyfieldids").is_none() {
        rows.reverse();
    }
    if let Some(habit) = habit {
        habit.spoil(&mut rows, "Achternaam", "E-mail_werk");
    }
    Reply::json(200, json!({"skip": skip, "take": take, "rows": rows}))
}

fn row(person: &Person) -> Value {
    json!({
        "Medewerker": format!("{:07}", person.index),
        "Roepnaam": person.given_name,
        "Voorletters": person.initials,
        "Voorvoegsel": person.prefix,
        "Achternaam": person.surname,
        "E-mail_werk": person.email,
    })
}
