//! Asking the API in this process: the same routes, the same answers.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use axum::response::Response;
use console::{Entry, Filled, Form, Frame, Language, Place, Say};
use record::JournalId;
use serde::Deserialize;
use serde_json::Value;
use tower::ServiceExt as _;

use super::list;
use crate::crowd::Seat;
use crate::operation::Operation;
use crate::operations;
use crate::parse;
use crate::service::Service;

/// The largest page of an operation is 100 people, or an agreement with all its annexes.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;
/// More fields than any form of ours has.
const FIELDS_MAX: usize = 200;

/// What the console asks with; cheap to clone.
#[derive(Clone)]
pub(super) struct Console {
    service: Service,
    api: Router,
}

/// Who looks at what, as far as the request shows it.
pub(super) struct Visit {
    pub(super) tenant: JournalId,
    pub(super) language: Language,
    pub(super) seat: Seat,
    pub(super) headers: HeaderMap,
}

/// What an operation answered.
pub(super) struct Answered {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Vec<u8>,
}

/// What is wrong, as the API says it.
#[derive(Deserialize, Default)]
pub(super) struct Told {
    #[serde(default)]
    pub(super) r#type: String,
    pub(super) detail: Option<String>,
}

impl Console {
    pub(super) fn new(service: Service, api: Router) -> Self {
        Self { service, api }
    }

    pub(super) fn tenant(&self, text: &str) -> Option<JournalId> {
        JournalId::from_hex(text)
    }

    /// The fields of a form as a browser sends them, within the limits of any body.
    pub(super) async fn told(&self, body: Body) -> Option<Vec<(String, String)>> {
        let bytes = parse::body(body, self.service.limits()).await.ok()?;
        let fields: Vec<_> =
            form_urlencoded::parse(&bytes).into_owned().take(FIELDS_MAX + 1).collect();
        (fields.len() <= FIELDS_MAX).then_some(fields)
    }

    /// Now, as the journal tells time.
    pub(super) async fn now(&self, visit: &Visit) -> Option<u64> {
        crate::ask::ask(&self.service, &visit.seat, |engine| Ok(engine.now().0)).await.ok()
    }

    /// One request to the API, with the caller's own session.
    pub(super) async fn send(
        &self,
        visit: &Visit,
        path: &str,
        body: Option<(&Value, &str)>,
    ) -> Option<Response> {
        let uri = format!("/v1/tenants/{}{path}", visit.tenant);
        let method = if body.is_some() { Method::POST } else { Method::GET };
        let mut request = Request::builder().method(method).uri(uri);
        let headers = request.headers_mut()?;
        for cookie in visit.headers.get_all(header::COOKIE) {
            headers.append(header::COOKIE, cookie.clone());
        }
        let tag = HeaderValue::from_static(visit.language.tag());
        headers.insert(header::ACCEPT_LANGUAGE, tag);
        // That it is a page of ours was found before.
        headers.insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
        let body = match body {
            None => Body::empty(),
            Some((body, key)) => {
                let json = HeaderValue::from_static("application/json");
                headers.insert(header::CONTENT_TYPE, json);
                headers.insert("idempotency-key", HeaderValue::from_str(key).ok()?);
                Body::from(body.to_string())
            }
        };
        let mut request = request.body(body).ok()?;
        request.extensions_mut().insert(visit.seat.clone());
        self.api.clone().oneshot(request).await.ok()
    }

    /// The same, with all of its answer.
    pub(super) async fn ask(
        &self,
        visit: &Visit,
        path: &str,
        body: Option<(&Value, &str)>,
    ) -> Answered {
        let broken = || Answered {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            headers: HeaderMap::new(),
            bytes: Vec::new(),
        };
        let Some(response) = self.send(visit, path, body).await else { return broken() };
        let (parts, body) = response.into_parts();
        match to_bytes(body, ANSWER_BYTES_MAX).await {
            Ok(bytes) => {
                Answered { status: parts.status, headers: parts.headers, bytes: bytes.to_vec() }
            }
            Err(_) => broken(),
        }
    }

    /// What stands around a page: for who is signed in, with the places to go and what may be done.
    pub(super) async fn frame(
        &self,
        visit: &Visit,
        here: &str,
        title: Say,
        asks: &[&str],
    ) -> Result<(Frame, Value), Answered> {
        let mut asked = list::asked_by_places();
        asked.extend(asks);
        asked.sort_unstable();
        asked.dedup();
        let path = format!("/own/account?may={}", asked.join("_"));
        let answer = self.ask(visit, &path, None).await;
        let account = answer.json().filter(|_| answer.status.is_success());
        let Some(account) = account else { return Err(answer) };
        let may = account.get("may").and_then(Value::as_array).into_iter().flatten();
        let may: Vec<String> = may.filter_map(Value::as_str).map(str::to_owned).collect();
        let place = |entry: &list::Entry| Place {
            path: entry.path,
            title: entry.title,
            is_here: here.split('?').next() == Some(entry.path)
                || here.starts_with(&format!("{}/", entry.path)),
        };
        let places = list::places(&may).map(place).collect();
        let (language, base) = (visit.language, visit.base());
        let here = format!("{base}/{here}");
        let frame = Frame { language, base, here, title, places, may, is_done: false };
        Ok((frame, account))
    }
}

impl Visit {
    pub(super) fn base(&self) -> String {
        format!("/console/{}", self.tenant)
    }
}

impl Answered {
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.bytes).ok()
    }

    pub(super) fn problem(&self) -> Told {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }
}

/// The operation of a name.
pub(super) fn operation(id: &str) -> Option<Operation> {
    operations::all().into_iter().find(|operation| operation.id == id)
}

/// The path of an operation about a thing.
pub(super) fn path_of(path: &str, thing: Option<&str>) -> Option<String> {
    match (path.find('{'), path.find('}')) {
        (Some(from), Some(to)) => {
            let (before, after) = (path.get(..from)?, path.get(to + 1..)?);
            Some(format!("{before}{}{after}", thing?))
        }
        _ => Some(path.to_owned()),
    }
}

/// 20 random bytes, as an authenticator app takes them.
fn fresh_factor() -> Option<String> {
    let mut secret = [0; 20];
    getrandom::fill(&mut secret).ok()?;
    Some(totp_rs::Secret::new(Box::new(secret)).to_base32())
}

/// An empty form, with what the link brought along.
pub(super) fn empty(
    form: &'static Form,
    action: String,
    brought: &[(String, String)],
) -> Option<Entry> {
    let value = |name: &str| {
        let found = brought.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let filled = |field: &console::Field| Filled {
        field: *field,
        value: match field.kind {
            console::Kind::FreshSecret => fresh_factor().unwrap_or_default(),
            console::Kind::Brought => value(field.name),
            _ => String::new(),
        },
        options: Vec::new(),
        error: None,
    };
    let fields = form.fields.iter().map(filled).collect();
    let key = crate::credentials::fresh_secret().ok()?;
    Some(Entry { form, fields, errors: Vec::new(), action, key, after: value("after") })
}
