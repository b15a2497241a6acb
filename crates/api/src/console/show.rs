//! Showing pages and empty forms, and handing over files.

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use console::{Form, FormPage, Frame, Message, Say};
use serde_json::{Map, Value};

use super::asking::{Answered, Console, Visit, empty, operation, path_of};
use super::list::{self, Entry, Unfit};
use super::{bare, is_address, language, options, page as answer, text};
use crate::crowd::Seat;

/// What a request for a page names: which page, and which thing.
pub(super) type Where = Vec<String>;
/// Members of a query.
pub(super) type Query = Vec<(String, String)>;

/// Who visits; none where the address names no tenant.
pub(super) fn visit(
    console: &Console,
    tenant: &str,
    seat: Seat,
    headers: &HeaderMap,
) -> Option<Visit> {
    let tenant = console.tenant(tenant)?;
    Some(Visit { tenant, language: language(headers), seat, headers: headers.clone() })
}

/// The members of a query that are plain and not empty.
pub(super) fn query(uri: &Uri) -> Query {
    let plain = |text: &str| {
        let byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-_/".contains(&byte);
        !text.is_empty() && text.len() <= 500 && text.bytes().all(byte)
    };
    let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    pairs.into_owned().filter(|(name, value)| plain(name) && plain(value)).take(20).collect()
}

fn member<'a>(query: &'a Query, name: &str) -> Option<&'a str> {
    query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

pub(super) fn nowhere(headers: &HeaderMap) -> Response {
    let title = Say { dutch: "Niet gevonden", english: "Not found" };
    let frame = bare(language(headers), String::new(), "/console".to_owned(), title);
    let text = text::of_problem(&of_kind("no-such-path"), frame.language);
    answer(StatusCode::NOT_FOUND, Message { frame: &frame, text: &text }.html())
}

fn of_kind(kind: &str) -> super::asking::Told {
    super::asking::Told { r#type: format!("urn:zegel:problem:{kind}"), detail: None }
}

/// `GET /console/{tenant}/{page}` and `…/{thing}`
pub(super) async fn page(
    State(console): State<Console>,
    Path(at): Path<Where>,
    seat: Seat,
    request: Request,
) -> Response {
    let (tenant, name, thing) = parts(&at);
    let found = visit(&console, tenant, seat, request.headers());
    let (Some(visit), Some(entry)) = (found, list::find(name, thing.is_some())) else {
        return nowhere(request.headers());
    };
    let query = query(request.uri());
    let here = here(name, thing, &query);
    let asks: Vec<&str> =
        entry.offers.iter().chain(entry.tries.iter().map(|(_, gate)| gate)).copied().collect();
    let (mut frame, account) = match console.frame(&visit, &here, entry.title, &asks).await {
        Ok(found) => found,
        Err(refused) => return unframed(&visit, &here, &refused),
    };
    frame.is_done = member(&query, "done").is_some();
    match gathered(&console, &visit, &frame, entry, thing, &query, account).await {
        Err(refused) => message(&mut frame, &refused),
        Ok(answers) => match (entry.render)(answers, &frame) {
            Ok(html) => answer(StatusCode::OK, Ok(html)),
            Err(unfit) => {
                if let Unfit::Answer(reason) = unfit {
                    tracing::error!(page = entry.path, reason, "an answer does not fit its page");
                }
                answer(StatusCode::INTERNAL_SERVER_ERROR, Err(console::NotRendered))
            }
        },
    }
}

fn parts(at: &Where) -> (&str, &str, Option<&str>) {
    let mut at = at.iter().map(String::as_str);
    (at.next().unwrap_or_default(), at.next().unwrap_or_default(), at.next())
}

/// The address of a page below the tenant's, without what was just done.
fn here(name: &str, thing: Option<&str>, query: &Query) -> String {
    let path = thing.map_or_else(|| name.to_owned(), |thing| format!("{name}/{thing}"));
    let members = query.iter().filter(|(name, _)| name != "done");
    let members: Vec<_> = members.map(|(name, value)| format!("{name}={value}")).collect();
    if members.is_empty() { path } else { format!("{path}?{}", members.join("&")) }
}

/// Who is not signed in is asked to, and comes back; another tenant's page is not there.
pub(super) fn unframed(visit: &Visit, here: &str, refused: &Answered) -> Response {
    let base = visit.base();
    if refused.status == StatusCode::UNAUTHORIZED {
        let after = here.split('?').next().unwrap_or_default();
        return Redirect::to(&format!("{base}/sign-in?after={base}/{after}")).into_response();
    }
    let mut frame = bare(visit.language, String::new(), format!("{base}/{here}"), text::REFUSED);
    message(&mut frame, refused)
}

/// A page that says what is wrong.
pub(super) fn message(frame: &mut Frame, refused: &Answered) -> Response {
    frame.title = text::REFUSED;
    let text = text::of_problem(&refused.problem(), frame.language);
    answer(refused.status, Message { frame, text: &text }.html())
}

/// What the operations of a page answered, each under its name.
async fn gathered(
    console: &Console,
    visit: &Visit,
    frame: &Frame,
    entry: &Entry,
    thing: Option<&str>,
    query: &Query,
    account: Value,
) -> Result<Value, Answered> {
    let mut answers = Map::new();
    let query = with_moment(console, visit, query).await;
    for (name, value) in query.iter().filter(|(name, _)| name == "on" || name == "page") {
        let value = match value.parse::<u64>() {
            Ok(number) if name == "page" => Value::from(number),
            _ => Value::from(value.as_str()),
        };
        answers.insert(name.clone(), value);
    }
    let gated = entry.tries.iter().filter(|(_, gate)| frame.may.iter().any(|may| may == gate));
    let tried = gated.map(|(id, _)| (*id, false));
    for (id, must) in entry.shows.iter().map(|id| (*id, true)).chain(tried) {
        let member = id.replace('-', "_");
        if id == "see-own-account" {
            answers.insert(member, account.clone());
            continue;
        }
        let Some(path) = asked_path(id, thing, &query) else { continue };
        let answered = console.ask(visit, &path, None).await;
        match answered.json().filter(|_| answered.status.is_success()) {
            Some(json) => {
                answers.insert(member, json);
            }
            None if must => return Err(answered),
            None => {}
        }
    }
    Ok(Value::Object(answers))
}

/// The path of an operation, with the members of the query that it knows.
fn asked_path(id: &str, thing: Option<&str>, query: &Query) -> Option<String> {
    let operation = operation(id)?;
    let path = path_of(operation.path, thing)?;
    let known = |name: &str| operation.query.iter().any(|known| known.name == name);
    let members = query.iter().filter(|(name, _)| known(name));
    let members: Vec<_> = members.map(|(name, value)| format!("{name}={value}")).collect();
    Some(if members.is_empty() { path } else { format!("{path}?{}", members.join("&")) })
}

/// A day becomes the moment that it ends, once it has ended: before that, it is now.
async fn with_moment(console: &Console, visit: &Visit, query: &Query) -> Query {
    let mut query = query.clone();
    let ends = member(&query, "on").and_then(console::end_of_day);
    let now = if ends.is_some() { console.now(visit).await } else { None };
    if let Some((ends, _)) = ends.zip(now).filter(|(ends, now)| ends <= now) {
        query.push(("as_of".to_owned(), ends.to_string()));
    }
    query
}

/// `GET /console/{tenant}/form/{form}` and `…/{thing}`
pub(super) async fn form(
    State(console): State<Console>,
    Path(at): Path<Where>,
    seat: Seat,
    request: Request,
) -> Response {
    let (tenant, name, thing) = parts(&at);
    let found = visit(&console, tenant, seat, request.headers());
    let form = console::forms().find(|form| form.id == name);
    let (Some(visit), Some(form)) = (found, form) else {
        return nowhere(request.headers());
    };
    let query = query(request.uri());
    let here = here(&format!("form/{name}"), thing, &query);
    let frame = match console.frame(&visit, &here, form.title, &[]).await {
        Ok((frame, _)) => frame,
        Err(refused) => return unframed(&visit, &here, &refused),
    };
    let Some(mut entry) = empty(form, action(&visit, form, thing), &query) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    options::fill(&console, &visit, &frame, &mut entry, thing).await;
    answer(StatusCode::OK, FormPage { frame: &frame, it: &entry }.html())
}

/// Where a form is sent to.
pub(super) fn action(visit: &Visit, form: &Form, thing: Option<&str>) -> String {
    let (base, id) = (visit.base(), form.id);
    match (id, thing) {
        ("sign-in" | "new-password", _) => format!("{base}/{id}"),
        (_, Some(thing)) => format!("{base}/form/{id}/{thing}"),
        (_, None) => format!("{base}/form/{id}"),
    }
}

/// `GET /console/{tenant}/sign-in`
pub(super) async fn sign_in(
    State(console): State<Console>,
    Path(at): Path<Where>,
    seat: Seat,
    request: Request,
) -> Response {
    before_sign_in(&console, &console::SIGN_IN, &at, seat, &request)
}

/// `GET /console/{tenant}/new-password`
pub(super) async fn new_password(
    State(console): State<Console>,
    Path(at): Path<Where>,
    seat: Seat,
    request: Request,
) -> Response {
    before_sign_in(&console, &console::NEW_PASSWORD, &at, seat, &request)
}

fn before_sign_in(
    console: &Console,
    form: &'static Form,
    at: &Where,
    seat: Seat,
    request: &Request,
) -> Response {
    let Some(visit) = visit(console, parts(at).0, seat, request.headers()) else {
        return nowhere(request.headers());
    };
    let mut query = query(request.uri());
    query.retain(|(name, value)| name == "done" || (name == "after" && is_address(value)));
    let here = format!("{}/{}", visit.base(), form.id);
    let mut frame = bare(visit.language, visit.base(), here, form.title);
    frame.is_done = member(&query, "done").is_some();
    let Some(entry) = empty(form, action(&visit, form, None), &query) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    answer(StatusCode::OK, FormPage { frame: &frame, it: &entry }.html())
}

/// `GET /console/{tenant}/file/{operation}`: what an operation hands over as a file.
pub(super) async fn file(
    State(console): State<Console>,
    Path(at): Path<Where>,
    seat: Seat,
    request: Request,
) -> Response {
    let (tenant, name, _) = parts(&at);
    let found = visit(&console, tenant, seat, request.headers());
    let path = operation(name).filter(|operation| !operation.files.is_empty());
    let path = path.and_then(|_| asked_path(name, None, &query(request.uri())));
    let (Some(visit), Some(path)) = (found, path) else {
        return nowhere(request.headers());
    };
    let refused = match console.send(&visit, &path, None).await {
        Some(file) if file.status().is_success() => return file,
        _ => console.ask(&visit, "/own/account", None).await,
    };
    if refused.status == StatusCode::UNAUTHORIZED {
        return unframed(&visit, "work", &refused);
    }
    nowhere(request.headers())
}

/// What a page that is gone to next says of itself.
pub(super) fn done(path: &str) -> String {
    format!("{path}{}done=1", if path.contains('?') { "&" } else { "?" })
}

/// The header that begins or ends a session, if an answer has it.
pub(super) fn with_cookies(mut response: Response, from: &HeaderMap) -> Response {
    for cookie in from.get_all(header::SET_COOKIE) {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    response
}
