//! What a request says, into types that cannot be wrong (docs/format/http.md §2).
//!
//! *Invariant:* the parser's own messages never leave: they repeat what they read.

use std::future::poll_fn;
use std::pin::Pin;

use axum::body::{Body, HttpBody as _};
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, HeaderValue, header};
use engine::{Answer, RoundId};
use events::access::REASON_BYTES_MAX;
use record::JournalId;
use serde::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;
use tokio::time::timeout;

use crate::limits::Limits;
use crate::problem::{Kind, Problem};

/// Names a request, so that its repetition is known; longer than any UUID or hash in text.
const KEY_BYTES_MAX: usize = 128;
const KEY_HEADER: &str = "idempotency-key";
pub(crate) const REASON_HEADER: &str = "zegel-reason";
const ID_RULE: &str = "an id of 32 lower-case hexadecimal digits";
const ANSWER_RULE: &str =
    r#"null, {"score": 1…10}, {"choice": 0…49} or {"text": "…"}, with nothing else in it"#;

/// The ids in the path.
pub(crate) type Ids = Result<Path<(String, String)>, PathRejection>;

/// What a response says.
pub(crate) struct Responding {
    pub(crate) group: String,
    pub(crate) answers: Vec<Answer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResponseBody<'a> {
    #[serde(borrow)]
    group: &'a RawValue,
    #[serde(borrow)]
    answers: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum AnswerBody {
    Score(u8),
    Choice(u8),
    Text(String),
}

/// Reads a tenant's and a round's id.
pub(crate) fn round(ids: Ids) -> Result<(JournalId, RoundId), Problem> {
    let Path((tenant, round)) = ids.map_err(|_| Problem::input("path", ID_RULE))?;
    let round = RoundId::from_hex(&round).ok_or_else(|| Problem::input("round", ID_RULE))?;
    Ok((self::tenant(&tenant)?, round))
}

/// Reads a tenant's id.
pub(crate) fn tenant(text: &str) -> Result<JournalId, Problem> {
    JournalId::from_hex(text).ok_or_else(|| Problem::input("tenant", ID_RULE))
}

/// The caller's name for this request.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<String, Problem> {
    let mut values = headers.get_all(KEY_HEADER).iter();
    let key = match (values.next(), values.next()) {
        (Some(value), None) => value.as_bytes(),
        _ => return Err(Problem::input("Idempotency-Key", "exactly one such header")),
    };
    let fits = (1..=KEY_BYTES_MAX).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic);
    let text = String::from_utf8(key.to_vec()).ok().filter(|_| fits);
    text.ok_or_else(|| Problem::input("Idempotency-Key", "1 to 128 visible ASCII characters"))
}

/// Why somebody looks, where the caller says so: percent-encoded, since a header is ASCII.
pub(crate) fn reason(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let rule = || Problem::input("Zegel-Reason", "at most 1000 bytes of percent-encoded UTF-8");
    let mut values = headers.get_all(REASON_HEADER).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().ok().filter(|_| values.next().is_none()).ok_or_else(rule)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+%".contains(&byte);
    let text = Some(text).filter(|text| text.bytes().all(plain)).and_then(percent_decoded);
    let text = text.ok_or_else(rule)?;
    let fits = (1..=REASON_BYTES_MAX).contains(&text.len()) && !text.trim().is_empty();
    if fits { Ok(Some(text)) } else { Err(rule()) }
}

/// The content that the caller believes a thing to have: one strong tag, as `ETag` gives it.
pub(crate) fn tag(headers: &HeaderMap) -> Result<Option<HeaderValue>, Problem> {
    let mut values = headers.get_all(header::IF_MATCH).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let quoted = value.as_bytes().strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    let digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let fits = quoted.is_some_and(|tag| tag.len() == 32 && tag.iter().all(digit));
    match fits && values.next().is_none() {
        true => Ok(Some(value.clone())),
        false => Err(Problem::input("If-Match", "one `ETag` of this API, quoted")),
    }
}

/// Whether the body claims to be JSON.
pub(crate) fn json_type(headers: &HeaderMap) -> Result<(), Problem> {
    let stated = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = stated.and_then(|value| value.split(';').next()).map(str::trim);
    match essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/json")) {
        true => Ok(()),
        false => Err(Problem::of(Kind::NotJson)),
    }
}

/// Reads a body within its size and its time.
pub(crate) async fn body(body: Body, limits: &Limits) -> Result<Vec<u8>, Problem> {
    let too_large =
        || Problem::of(Kind::TooLarge).with(format!("at most {} bytes", limits.body_bytes));
    let stated = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if stated > limits.body_bytes {
        return Err(too_large());
    }
    let read = timeout(limits.body_read, collect(body, limits.body_bytes)).await;
    read.map_err(|_| Problem::of(Kind::TooSlow))??.ok_or_else(too_large)
}

/// All bytes of a body; `None` once they are more than the limit.
async fn collect(mut body: Body, bytes_max: usize) -> Result<Option<Vec<u8>>, Problem> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|_| Problem::input("body", "must arrive complete"))?;
        let Ok(data) = frame.into_data() else { continue };
        if data.len() > bytes_max - bytes.len() {
            return Ok(None);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(Some(bytes))
}

/// Reads the body of a response.
pub(crate) fn response(bytes: &[u8]) -> Result<Responding, Problem> {
    let body: ResponseBody<'_> =
        serde_json::from_slice(bytes).map_err(|error| match error.classify() {
            Category::Data => Problem::input(
                "body",
                r#"an object {"group": text, "answers": list}, with nothing else in it"#,
            ),
            _ => Problem::input("body", "one JSON value, in UTF-8"),
        })?;
    let group =
        serde_json::from_str(body.group.get()).map_err(|_| Problem::input("group", "a text"))?;
    let answers = body.answers.iter().enumerate();
    let answers = answers.map(|(index, raw)| answer(index, raw)).collect::<Result<_, _>>()?;
    Ok(Responding { group, answers })
}

fn answer(index: usize, raw: &RawValue) -> Result<Answer, Problem> {
    match serde_json::from_str(raw.get()) {
        Ok(None) => Ok(Answer::NotApplicable),
        Ok(Some(AnswerBody::Score(score))) => Ok(Answer::Score(score)),
        Ok(Some(AnswerBody::Choice(option))) => Ok(Answer::Choice(option)),
        Ok(Some(AnswerBody::Text(text))) => Ok(Answer::Text(text)),
        Err(_) => Err(Problem::input(&format!("answers[{index}]"), ANSWER_RULE)),
    }
}

/// The group that a query asks for, if it asks for one.
pub(crate) fn group_query(query: Option<&str>) -> Result<Option<String>, Problem> {
    let rule = || Problem::input("query", "nothing, or `group=` and a name in percent-encoding");
    match query {
        None | Some("") => Ok(None),
        Some(query) => {
            let value = query.strip_prefix("group=").ok_or_else(rule)?;
            percent_decoded(value).map(Some).ok_or_else(rule)
        }
    }
}

/// Undoes the percent-encoding of a form value; `None` where it is broken or not UTF-8.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => hex_digit(rest.next()?)? * 16 + hex_digit(rest.next()?)?,
            b'+' => b' ',
            b'&' | b'=' => return None,
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Reads a body of the shape that the OpenAPI document gives it; what is wrong is named by its place.
pub(crate) fn json<B: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<B, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        // What the request calls an unknown member is not repeated.
        let unknown = error.inner().to_string().starts_with("unknown field");
        let path = if unknown { ".".to_owned() } else { error.path().to_string() };
        match error.inner().classify() {
            Category::Data if path == "." => Problem::input("body", SHAPE_RULE),
            Category::Data => Problem::input(&path, SHAPE_RULE),
            _ => Problem::input("body", "one JSON value, in UTF-8"),
        }
    })?;
    match reader.end() {
        Ok(()) => Ok(read),
        Err(_) => Err(Problem::input("body", "one JSON value, in UTF-8")),
    }
}

const SHAPE_RULE: &str = "the shape that the OpenAPI document gives it, with nothing else in it";
/// Most members of a query.
const MEMBERS_MAX: usize = 10;

/// Reads the members of a query: names and values of plain characters, each name once.
pub(crate) fn query(text: Option<&str>) -> Result<Vec<(String, String)>, Problem> {
    let rule = || Problem::input("query", "members `name=value` of letters, digits, `-` and `_`");
    let plain = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let mut members: Vec<(String, String)> = Vec::new();
    for pair in text.into_iter().flat_map(|text| text.split('&')) {
        let (name, value) = pair.split_once('=').ok_or_else(rule)?;
        let again = members.iter().any(|(known, _)| known == name);
        if !plain(name) || !plain(value) || again || members.len() == MEMBERS_MAX {
            return Err(rule());
        }
        members.push((name.to_owned(), value.to_owned()));
    }
    Ok(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail(problem: Option<Problem>) -> String {
        format!("{:?}", problem.unwrap())
    }

    #[test]
    fn answers_of_each_kind_are_read() {
        let body = r#"{"answers":[null,{"score":4},{"choice":0},{"text":"t\u00e9"}],"group":"a"}"#;
        let read = response(body.as_bytes()).ok().unwrap();
        let expected =
            [Answer::NotApplicable, Answer::Score(4), Answer::Choice(0), Answer::Text("té".into())];
        assert!(read.answers == expected && read.group == "a");
    }

    #[test]
    fn what_breaks_the_form_is_named_and_not_repeated() {
        let wrong = [
            (r#"{"group":"a","answers":[],"Jansen":1}"#, "`body`"),
            (r#"{"group":"a","group":"Jansen","answers":[]}"#, "`body`"),
            (r#"{"group":"Jansen"}"#, "`body`"),
            (r#"["Jansen"]"#, "`body`"),
            (r#"{"group":"Jansen","answers":[]"#, "`body`"),
            (r#"{"group":"Jansen","answers":[]} 1"#, "`body`"),
            (r#"{"group":["Jansen"],"answers":[]}"#, "`group`"),
            (r#"{"group":"a","answers":[null,"Jansen"]}"#, "`answers[1]`"),
            (r#"{"group":"a","answers":[{"text":"Jansen","score":1}]}"#, "`answers[0]`"),
            (r#"{"group":"a","answers":[{"score":1,"score":2}]}"#, "`answers[0]`"),
            (r#"{"group":"a","answers":[{"Jansen":1}]}"#, "`answers[0]`"),
            (r#"{"group":"a","answers":[{"score":256}]}"#, "`answers[0]`"),
            (r#"{"group":"a","answers":[{"score":1.5}]}"#, "`answers[0]`"),
            (r#"{"group":"a","answers":[{"score":null}]}"#, "`answers[0]`"),
            (r#"{"group":"a","answers":[{}]}"#, "`answers[0]`"),
        ];
        for (body, field) in wrong {
            let told = detail(response(body.as_bytes()).err());
            assert!(told.contains(field) && !told.contains("Jansen"), "{body}: {told}");
        }
        assert!(response(b"{\"group\":\"\xff\",\"answers\":[]}").is_err());
    }

    #[test]
    fn an_idempotency_key_is_one_visible_word() {
        let key = |values: &[&[u8]]| {
            let value = |value: &&[u8]| {
                (header::HeaderName::from_static(KEY_HEADER), (*value).try_into().unwrap())
            };
            idempotency_key(&values.iter().map(value).collect())
        };
        assert_eq!(key(&[b"a-1"]).ok().unwrap(), "a-1");
        assert!(key(&[&[b'~'; 128]]).is_ok());
        for wrong in
            [&[][..], &[&b""[..]], &[b"a b"], &[b"\xc3\xa9"], &[&[b'a'; 129]], &[b"a", b"a"]]
        {
            assert!(key(wrong).is_err());
        }
    }

    #[test]
    fn a_query_asks_for_one_group_or_none() {
        let asked = |query| group_query(query).ok();
        assert_eq!(asked(None), Some(None));
        assert_eq!(asked(Some("group=3a")), Some(Some("3a".into())));
        assert_eq!(asked(Some("group=klas+3%C3%A9")), Some(Some("klas 3é".into())));
        for wrong in ["groep=3a", "group", "group=a&group=b", "group=%4", "group=%zz", "group=%ff"]
        {
            assert_eq!(asked(Some(wrong)), None, "{wrong}");
        }
    }
}
