//! Sending forms: each becomes one operation, under the key that the form brought along.

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use console::{Form, FormPage, Frame, Say, Shown};
use serde_json::Value;

use super::asking::{Answered, Console, Visit, empty, operation, path_of};
use super::show::{Query, Where, action, done, nowhere, visit, with_cookies};
use super::{bare, body, is_address, options, page as answer, text};
use crate::crowd::Seat;

/// One form that was sent.
struct Sent {
    form: &'static Form,
    thing: Option<String>,
    fields: Query,
}

/// `POST /console/{tenant}/form/{form}` and `…/{thing}`
pub(super) async fn form(
    State(console): State<Console>,
    Path(at): Path<Where>,
    seat: Seat,
    request: Request,
) -> Response {
    let name = at.get(1).cloned().unwrap_or_default();
    let form = console::forms().find(|form| form.id == name);
    let path = form.and_then(|form| operation(form.operation));
    let path = path.and_then(|operation| path_of(operation.path, at.get(2).map(String::as_str)));
    let (Some(form), Some(path)) = (form, path) else { return nowhere(request.headers()) };
    sent(console, form, &path, at, seat, request).await
}

/// `POST /console/{tenant}/sign-in`
pub(super) async fn sign_in(
    State(console): State<Console>,
    Path(at): Path<Where>,
    seat: Seat,
    request: Request,
) -> Response {
    sent(console, &console::SIGN_IN, "/sign-in", at, seat, request).await
}

/// `POST /console/{tenant}/new-password`
pub(super) async fn new_password(
    State(console): State<Console>,
    Path(at): Path<Where>,
    seat: Seat,
    request: Request,
) -> Response {
    sent(console, &console::NEW_PASSWORD, "/new-password", at, seat, request).await
}

/// `POST /console/{tenant}/sign-out`
pub(super) async fn sign_out(
    State(console): State<Console>,
    Path(at): Path<Where>,
    seat: Seat,
    request: Request,
) -> Response {
    let Some(visit) = visit(&console, at.first().map_or("", |it| it), seat, request.headers())
    else {
        return nowhere(request.headers());
    };
    let ended = console.ask(&visit, "/sign-out", Some((&Value::Null, "sign-out"))).await;
    let next = format!("{}/sign-in", visit.base());
    with_cookies(Redirect::to(&next).into_response(), &ended.headers)
}

async fn sent(
    console: Console,
    form: &'static Form,
    path: &str,
    at: Where,
    seat: Seat,
    request: Request,
) -> Response {
    let headers: HeaderMap = request.headers().clone();
    let Some(visit) = visit(&console, at.first().map_or("", |it| it), seat, &headers) else {
        return nowhere(&headers);
    };
    let Some(fields) = console.told(request.into_body()).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let sent = Sent { form, thing: at.get(2).cloned(), fields };
    let body = match body::made(form, &sent.fields, visit.language) {
        Ok(body) => body,
        Err(wrong) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return again(&console, &visit, &sent, status, &wrong, Vec::new()).await;
        }
    };
    let key = sent.member("key").unwrap_or_default();
    let answered = console.ask(&visit, path, Some((&body, key))).await;
    match answered.status.is_success() {
        true => went_well(&console, &visit, &sent, &answered).await,
        false => refused(&console, &visit, &sent, &answered).await,
    }
}

impl Sent {
    fn member(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Which page comes next.
    fn next(&self, answer: &Value) -> String {
        let made = answer.get("id").and_then(Value::as_str).unwrap_or_default();
        let thing = self.thing.as_deref().unwrap_or_default();
        self.form.next.replace("{made}", made).replace("{thing}", thing)
    }
}

async fn went_well(console: &Console, visit: &Visit, sent: &Sent, answered: &Answered) -> Response {
    let told = answered.json().unwrap_or_default();
    let next = sent.next(&told);
    if !sent.form.shows.is_empty() {
        let frame = framed(console, visit, sent).await;
        let text = |name: &str| match told.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Bool(is_so) => {
                let say = if *is_so { text::YES } else { text::NO };
                Some(say.in_(visit.language).to_owned())
            }
            other => Some(other.to_string()),
        };
        let values = sent.form.shows.iter().filter_map(|(name, say)| Some((*say, text(name)?)));
        let values: Vec<(Say, String)> = values.collect();
        return answer(StatusCode::OK, Shown { frame: &frame, values, next }.html());
    }
    let after = sent.member("after").filter(|after| is_address(after));
    let next = match after {
        Some(after) => after.to_owned(),
        None if sent.form.id == "sign-in" => format!("{}/{next}", visit.base()),
        None => done(&format!("{}/{next}", visit.base())),
    };
    with_cookies(Redirect::to(&next).into_response(), &answered.headers)
}

/// The form again, with what the API found wrong.
async fn refused(console: &Console, visit: &Visit, sent: &Sent, answered: &Answered) -> Response {
    let (told, language) = (answered.problem(), visit.language);
    let unknown = answered.status == StatusCode::UNAUTHORIZED;
    let said = match sent.form.id {
        "sign-in" if unknown => text::WRONG_LOGIN.in_(language).to_owned(),
        "new-password" if unknown => text::WRONG_CODE.in_(language).to_owned(),
        _ => text::of_problem(&told, language),
    };
    // `people` is about `people.min` and `people.max`, `groups[0].people` about the first group.
    let place = text::field_of(&told).map(|name| name.replace('[', ".").replace(']', ""));
    let field = place.and_then(|place| {
        let of_it = |name: &str| {
            name == place || name.strip_prefix(&place).is_some_and(|rest| rest.starts_with('.'))
        };
        sent.form.fields.iter().find(|field| of_it(field.name))
    });
    match field {
        Some(field) => {
            again(console, visit, sent, answered.status, &[(field.name, said)], Vec::new()).await
        }
        None => again(console, visit, sent, answered.status, &[], vec![said]).await,
    }
}

/// What stands around the page after a form; bare for who is not signed in.
async fn framed(console: &Console, visit: &Visit, sent: &Sent) -> Frame {
    let (base, form) = (visit.base(), sent.form);
    let here = action(visit, form, sent.thing.as_deref());
    let below = here.strip_prefix(&format!("{base}/")).unwrap_or_default().to_owned();
    match console.frame(visit, &below, form.title, &[]).await {
        Ok((frame, _)) => frame,
        Err(_) => bare(visit.language, base, here, form.title),
    }
}

async fn again(
    console: &Console,
    visit: &Visit,
    sent: &Sent,
    status: StatusCode,
    wrong: &[(&'static str, String)],
    errors: Vec<String>,
) -> Response {
    let (form, thing) = (sent.form, sent.thing.as_deref());
    let frame = framed(console, visit, sent).await;
    let Some(mut entry) = empty(form, action(visit, form, thing), &sent.fields) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    options::fill(console, visit, &frame, &mut entry, thing).await;
    body::keep(&mut entry.fields, &sent.fields);
    // Nothing was recorded, so the key is free: whoever sends it twice does it once.
    if let Some(key) = sent.member("key").filter(|key| is_key(key)) {
        key.clone_into(&mut entry.key);
    }
    if !is_address(&entry.after) {
        entry.after = String::new();
    }
    for filled in &mut entry.fields {
        let found = wrong.iter().find(|(name, _)| *name == filled.field.name);
        filled.error = found.map(|(_, error)| error.clone());
    }
    entry.errors = errors;
    answer(status, FormPage { frame: &frame, it: &entry }.html())
}

fn is_key(key: &str) -> bool {
    (1..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
}
