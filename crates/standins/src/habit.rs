//! How a stand-in can misbehave.

use serde_json::{Value, json};

use crate::http::{Manner, Reply};

/// A number that passes the test of citizen numbers and was never given out: a known example.
pub const CITIZEN_NUMBER: &str = "123456782";

/// Which answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// AFAS: what a connector offers.
    Fields,
    /// Somtoday: the token.
    Token,
    /// Somtoday: the organisation.
    Organisation,
    /// Somtoday: its locations.
    Locations,
    /// A page of staff.
    Staff,
}

/// A habit, at one place, for a while.
#[derive(Debug, Clone)]
pub struct Mischief {
    /// Where.
    pub at: Place,
    /// After so many good answers there.
    pub after: usize,
    /// For so many answers.
    pub times: usize,
    /// What.
    pub habit: Habit,
}

impl Mischief {
    /// From the first page of staff on.
    #[must_use]
    pub fn always(habit: Habit) -> Self {
        Self { at: Place::Staff, after: 0, times: usize::MAX, habit }
    }
}

/// What a stand-in does instead of what it should.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Habit {
    Answer { status: u16, body: &'static str },
    RetryAfterHeader { status: u16, seconds: u64 },
    Redirect { to: String },
    ContentType(&'static str),
    Gzip,
    LargeHeader,
    NotJson,
    NotUtf8,
    WrongShape,
    CutShort,
    HangUp,
    Trickle,
    EndlessBody,
    Silence,
    Deep,
    HugeNumber,
    EndlessPages,
    SamePage,
    EveryoneTwice,
    OtherOrder,
    MoreRows,
    ExtraFields,
    NumberInName,
    OddNumberInName,
    LongValue,
    Nulls,
    WrongType,
    PrivateAddress,
    Withhold(&'static str),
    OtherOrganisation,
    OtherBrin,
    UnknownLocation,
    NoLocation,
    ManyLocations,
}

impl Habit {
    /// Changes the rows of a page. `text` names a field that holds a name, `address` the address.
    pub(crate) fn spoil(&self, rows: &mut Vec<Value>, text: &str, address: &str) {
        let set = |rows: &mut Vec<Value>, field: &str, value: Value| {
            if let Some(Value::Object(row)) = rows.first_mut() {
                row.insert(field.to_owned(), value);
            }
        };
        match self {
            Self::OtherOrder => rows.reverse(),
            Self::MoreRows => {
                let more = rows.clone();
                rows.extend(more);
            }
            Self::ExtraFields => {
                for row in rows.iter_mut().filter_map(Value::as_object_mut) {
                    row.insert("bsn".to_owned(), json!(CITIZEN_NUMBER));
                    row.insert("geboortedatum".to_owned(), json!("1970-01-01"));
                    row.insert("adres".to_owned(), json!({"straat": "Zelmond", "nummer": [1]}));
                }
            }
            Self::NumberInName => set(rows, text, json!(format!("Zelmond {CITIZEN_NUMBER}"))),
            Self::OddNumberInName => set(rows, text, json!("Zelmond 123456783")),
            Self::LongValue => set(rows, text, json!("z".repeat(10_000))),
            Self::WrongType => set(rows, text, json!({"value": ["Zelmond"]})),
            Self::PrivateAddress => set(rows, address, json!("zelmond@home.example")),
            Self::Nulls => {
                for row in rows.iter_mut().filter_map(Value::as_object_mut) {
                    row.insert(text.to_owned(), Value::Null);
                }
            }
            Self::Withhold(field) => {
                for row in rows.iter_mut().filter_map(Value::as_object_mut) {
                    row.remove(*field);
                }
            }
            _ => {}
        }
    }

    /// Changes how an answer is sent.
    pub(crate) fn disturb(&self, reply: &mut Reply) {
        let text = |body: &str| body.as_bytes().to_vec();
        let deep = || format!("{{\"rows\":[{{\"Achternaam\":{}", "[".repeat(100_000));
        let huge = "{\"rows\":[{\"Medewerker\":1e9999}],\"medewerkers\":[{\"uuid\":1e9999}]}";
        match self {
            Self::Answer { status, body } => *reply = Reply::json(*status, body),
            Self::RetryAfterHeader { status, seconds } => {
                *reply = Reply::json(*status, "{}");
                reply.headers.push(("Retry-After", seconds.to_string()));
            }
            Self::Redirect { to } => {
                *reply = Reply::json(302, "{}");
                reply.headers.push(("Location", to.clone()));
            }
            Self::ContentType(kind) => reply.headers = vec![("Content-Type", (*kind).to_owned())],
            Self::Gzip => reply.headers.push(("Content-Encoding", "gzip".to_owned())),
            Self::LargeHeader => reply.headers.push(("X-Filler", "x".repeat(64 * 1024))),
            Self::NotJson => reply.body = text("<html>no service</html>"),
            Self::NotUtf8 => {
                let quote = reply.body.iter().rposition(|byte| *byte == b'"').unwrap_or(0);
                reply.body.insert(quote, 0xff);
            }
            Self::WrongShape => reply.body = text("{\"rows\":{},\"medewerkers\":{}}"),
            Self::Deep => reply.body = deep().into_bytes(),
            Self::HugeNumber => reply.body = text(huge),
            Self::CutShort => reply.manner = Manner::Half,
            Self::HangUp => reply.manner = Manner::HangUp,
            Self::Trickle => reply.manner = Manner::Trickle,
            Self::EndlessBody => reply.manner = Manner::Endless,
            Self::Silence => reply.manner = Manner::Silence,
            _ => {}
        }
    }

    /// The person at a place of the list, and how long the list is.
    pub(crate) fn listed(habit: Option<&Self>, count: usize) -> (usize, usize) {
        match habit {
            Some(Self::EndlessPages) => (1, usize::MAX),
            Some(Self::EveryoneTwice) => (2, count.saturating_mul(2)),
            _ => (1, count),
        }
    }
}
