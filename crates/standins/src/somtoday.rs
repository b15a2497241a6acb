//! Somtoday Connect with one organisation, as its OpenAPI document describes it.
// SOURCE: docs/format/couplings.md §4.

use serde_json::{Map, Value, json};

use crate::habit::{Habit, Place};
use crate::http::{Asked, Reply, find, pairs};
use crate::people::{People, Person};

/// The organisation.
pub const ORGANISATION: &str = "0a1b2c3d-0000-4000-8000-00000000000a";
/// Its number.
pub const BRIN: &str = "99ZZ";
/// The client that is let in.
pub const CLIENT: &str = "zegel";
/// Its password; `&` must be escaped in a form.
pub const SECRET: &str = "open&shut";
const ESCAPED_SECRET: &str = "open%26shut";
/// Most rows in a page.
const AMOUNT_MAX: usize = 200;
/// Locations of the organisation.
pub const LOCATIONS: usize = 3;
/// Every so manieth person works at two locations.
pub const SHARED_EACH: usize = 10;

const STRANGER: usize = 900;

fn location(number: usize) -> String {
    format!("0a1b2c3d-0000-4000-8000-1{number:011}")
}

/// What a stand-in remembers.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// Tokens given so far; the last one counts.
    pub(crate) tokens: usize,
    /// Requests that the last token may still serve.
    pub(crate) left: usize,
    /// What it starts with.
    pub(crate) token_lasts: usize,
}

/// Which answer a request is for.
pub(crate) fn place(asked: &Asked) -> Place {
    match asked.path.as_str() {
        path if path.ends_with("/oauth2/token") => Place::Token,
        path if path.ends_with("/connect/instelling") => Place::Organisation,
        path if path.ends_with("/connect/vestiging") => Place::Locations,
        _ => Place::Staff,
    }
}

pub(crate) fn answer(
    asked: &Asked,
    people: People,
    habit: Option<&Habit>,
    memory: &mut Memory,
) -> Reply {
    if asked.path == "/oauth2/token" {
        return token(asked, memory);
    }
    let Some(rest) = asked.path.strip_prefix("/rest/v1/connect/") else {
        return Reply::json(404, "");
    };
    let bearer = asked.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    if bearer != Some(&format!("token-{}", memory.tokens)) || memory.left == 0 {
        return Reply::json(401, "");
    }
    memory.left -= 1;
    if asked.method != "GET" {
        return Reply::json(405, "");
    }
    match rest.split('/').collect::<Vec<_>>().as_slice() {
        ["instelling"] => organisation(habit),
        ["vestiging"] => locations(habit),
        ["vestiging", uuid, "medewerker"] => {
            let mut numbers = 0..LOCATIONS;
            match numbers.find(|number| location(*number) == **uuid) {
                Some(number) => staff(asked, people, habit, number),
                None => Reply::json(401, ""),
            }
        }
        _ => Reply::json(404, ""),
    }
}

fn token(asked: &Asked, memory: &mut Memory) -> Reply {
    let form = pairs(&asked.body);
    let kind = asked.header("content-type").unwrap_or_default();
    let grant = find(&form, "grant_type") == Some("client_credentials");
    if asked.method != "POST" || !kind.starts_with("application/x-www-form-urlencoded") || !grant {
        return Reply::json(400, json!({"error": "unsupported_grant_type"}));
    }
    let client = find(&form, "client_id") == Some(CLIENT);
    if !client || find(&form, "client_secret") != Some(ESCAPED_SECRET) {
        return Reply::json(401, json!({"error": "invalid_client"}));
    }
    if asked.parameter("organisation") != Some(ORGANISATION) {
        return Reply::json(400, json!({"error": "invalid_request"}));
    }
    memory.tokens += 1;
    memory.left = memory.token_lasts;
    let token = format!("token-{}", memory.tokens);
    Reply::json(200, json!({"access_token": token, "token_type": "bearer", "expires_in": 3600}))
}

fn organisation(habit: Option<&Habit>) -> Reply {
    let uuid = match habit {
        Some(Habit::OtherOrganisation) => location(STRANGER),
        _ => ORGANISATION.to_owned(),
    };
    let brin = if matches!(habit, Some(Habit::OtherBrin)) { "98YY" } else { BRIN };
    let one = json!({"uuid": uuid, "naam": "Zelmond College", "afkorting": "zc", "brins": [brin]});
    Reply::json(200, json!({"instellingen": [one]}))
}

fn locations(habit: Option<&Habit>) -> Reply {
    let numbers: Vec<usize> = match habit {
        Some(Habit::UnknownLocation) => (0..LOCATIONS).chain([STRANGER]).collect(),
        Some(Habit::NoLocation) => vec![],
        Some(Habit::ManyLocations) => (0..300).collect(),
        _ => (0..LOCATIONS).collect(),
    };
    let one = |number: &usize| {
        json!({"uuid": location(*number), "naam": "Zelmond", "afkorting": "z",
            "brins": [format!("{BRIN}0{}", number % 10)], "externalidentifiers": []})
    };
    Reply::json(200, json!({"vestigingen": numbers.iter().map(one).collect::<Vec<_>>()}))
}

fn wrong(problem: &str) -> Reply {
    Reply::json(400, json!({"errors": [{"code": 4, "problem": problem, "clarification": ""}]}))
}

fn staff(asked: &Asked, people: People, habit: Option<&Habit>, location: usize) -> Reply {
    let known = ["offset", "amount", "veldpermissies", "peilschooljaar", "uuid", "subject"];
    if asked.query.iter().any(|(name, _)| !known.contains(&name.as_str())) {
        return wrong("parameter");
    }
    let amount = asked.parameter("amount").and_then(|amount| amount.parse::<usize>().ok());
    let Some(amount) = amount.filter(|amount| (1..=AMOUNT_MAX).contains(amount)) else {
        return wrong("amount");
    };
    let Ok(offset) = asked.parameter("offset").unwrap_or("0").parse::<usize>() else {
        return wrong("offset");
    };
    let (each, count) = Habit::listed(habit, people.count);
    let here = |at: &usize| works_at(at / each, location);
    let from = if matches!(habit, Some(Habit::SamePage)) { 0 } else { offset };
    let listed = (0..count).filter(here).skip(from).take(amount);
    let mut rows: Vec<Value> = listed.map(|at| row(&people.person(at / each))).collect();
    if let Some(habit) = habit {
        habit.spoil(&mut rows, "achternaam", "emailadres");
    }
    let mut answer = Map::new();
    answer.insert("medewerkers".to_owned(), Value::Array(rows));
    if asked.parameter("veldpermissies") == Some("true") {
        answer.insert("veldpermissies".to_owned(), permissions(habit));
    }
    Reply::json(200, Value::Object(answer))
}

fn works_at(index: usize, location: usize) -> bool {
    let home = index % LOCATIONS;
    let shared = index.is_multiple_of(SHARED_EACH) && (home + 1) % LOCATIONS == location;
    home == location || shared
}

fn permissions(habit: Option<&Habit>) -> Value {
    let fields =
        ["uuid", "roepnaam", "voorletters", "voorvoegsel", "achternaam", "emailadres", "bsn"];
    let shared = |field: &&str| match habit {
        Some(Habit::Withhold(withheld)) => withheld != field,
        _ => *field != "bsn",
    };
    let entry = |field: &&str| ((*field).to_owned(), Value::Bool(shared(field)));
    Value::Object(fields.iter().map(entry).collect())
}

fn row(person: &Person) -> Value {
    let mut row = Map::new();
    let uuid = format!("0a1b2c3d-0000-4000-8000-2{:011}", person.index);
    let prefix = person.prefix.as_ref();
    row.insert("uuid".to_owned(), json!(uuid));
    row.insert("roepnaam".to_owned(), json!(person.given_name));
    row.insert("voorletters".to_owned(), json!(person.initials));
    // A field without a value is left out.
    row.extend(prefix.map(|prefix| ("voorvoegsel".to_owned(), json!(prefix))));
    row.insert("achternaam".to_owned(), json!(person.surname));
    row.insert("emailadres".to_owned(), json!(person.email));
    Value::Object(row)
}
