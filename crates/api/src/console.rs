//! The console: pages and forms over the operations, for a browser without script.
//!
//! *Invariant:* a page is one or more `GET`s and a form one `POST` of the API, asked in this process
//! over its own routes: authentication, policies, trail, limits and idempotency are theirs, so the
//! console can do nothing that the API cannot.
//! *Invariant:* a request that changes something and is not made by a page of ours is refused.
//! *Invariant:* no address holds anything personal: ids, numbers and days only.

mod asking;
mod body;
mod list;
mod options;
mod post;
mod show;
mod text;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use console::{Frame, Language, Say, Welcome};

use self::asking::Console;
use crate::service::Service;

/// What a page may load, and where it may send a form: this server alone, and no script at all.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";
/// The language that somebody chose.
const LANGUAGE: &str = "__Host-zegel-language";
const TITLE: Say = Say { dutch: "Welkom bij Zegel", english: "Welcome to Zegel" };

/// The routes of the console, which asks `api`.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>(service: Service, api: Router) -> Router<S> {
    Router::new()
        .route("/console", get(welcome))
        .route("/console/language", post(choose_language))
        .route("/console/{tenant}", get(style_or_start))
        .route("/console/{tenant}/sign-in", get(show::sign_in).post(post::sign_in))
        .route("/console/{tenant}/sign-out", post(post::sign_out))
        .route("/console/{tenant}/new-password", get(show::new_password).post(post::new_password))
        .route("/console/{tenant}/form/{form}", get(show::form).post(post::form))
        .route("/console/{tenant}/form/{form}/{thing}", get(show::form).post(post::form))
        .route("/console/{tenant}/file/{operation}", get(show::file))
        .route("/console/{tenant}/{page}", get(show::page))
        .route("/console/{tenant}/{page}/{thing}", get(show::page))
        .layer(from_fn(guarded))
        .with_state(Console::new(service, api))
}

/// What holds for every answer, and for every request that changes something.
async fn guarded(request: Request, next: Next) -> Response {
    let changes = request.method() == axum::http::Method::POST;
    let mut response = match changes && !is_ours(request.headers()) {
        true => (StatusCode::FORBIDDEN, "a form of another site is not taken").into_response(),
        false => next.run(request).await,
    };
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value| headers.insert(name, HeaderValue::from_static(value));
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    // With `no-referrer` a browser would hide the origin of our own forms, too.
    set(header::REFERRER_POLICY, "same-origin");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    response
}

/// Whether a page of this server sends the form: the browser says so, in one header or another.
fn is_ours(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site.as_bytes() == b"same-origin";
    }
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text(header::ORIGIN).and_then(|origin| origin.split_once("://"));
    origin.is_some_and(|(_, host)| text(header::HOST) == Some(host))
}

/// The language that was chosen, or that the browser prefers; Dutch without either.
fn language(headers: &HeaderMap) -> Language {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|text| text.split(';')).filter_map(|it| it.trim().split_once('='));
    let chosen = pairs.find(|(name, _)| *name == LANGUAGE);
    let chosen = chosen.and_then(|(_, tag)| Language::of_tag(tag));
    let preferred = || match headers.contains_key(header::ACCEPT_LANGUAGE) {
        true => match crate::language::Language::of(headers) {
            crate::language::Language::Dutch => Language::Dutch,
            crate::language::Language::English => Language::English,
        },
        false => Language::Dutch,
    };
    chosen.unwrap_or_else(preferred)
}

/// A page as an answer.
fn page(status: StatusCode, html: Result<String, console::NotRendered>) -> Response {
    match html {
        Ok(html) => (status, axum::response::Html(html)).into_response(),
        Err(_) => {
            tracing::error!("a page could not be rendered");
            (StatusCode::INTERNAL_SERVER_ERROR, "a page could not be rendered").into_response()
        }
    }
}

/// What stands around a page of somebody who is not signed in.
fn bare(language: Language, base: String, here: String, title: Say) -> Frame {
    let (places, may, is_done) = (Vec::new(), Vec::new(), false);
    Frame { language, base, here, title, places, may, is_done }
}

async fn welcome(headers: HeaderMap) -> Response {
    let frame = bare(language(&headers), String::new(), "/console".to_owned(), TITLE);
    page(StatusCode::OK, Welcome { frame: &frame }.html())
}

/// The stylesheet by its name, or where the pages of a tenant begin.
async fn style_or_start(Path(name): Path<String>, State(console): State<Console>) -> Response {
    if name == console::style_name() {
        let kept = [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8")),
            (
                header::CACHE_CONTROL,
                HeaderValue::from_static("public, max-age=31536000, immutable"),
            ),
        ];
        return (kept, console::STYLE).into_response();
    }
    match console.tenant(&name) {
        Some(tenant) => Redirect::to(&format!("/console/{tenant}/work")).into_response(),
        None => Redirect::to("/console").into_response(),
    }
}

/// Remembers a language, and goes back to where it was chosen.
async fn choose_language(State(console): State<Console>, request: Request) -> Response {
    let Some(told) = console.told(request.into_body()).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let back = told.iter().find(|(name, _)| name == "back").map(|(_, back)| back.as_str());
    let back = back.filter(|back| is_address(back)).unwrap_or("/console");
    let tag = told.iter().find(|(name, _)| name == "language").map(|(_, tag)| tag.as_str());
    let Some(chosen) = tag.and_then(Language::of_tag) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let tag = chosen.tag();
    let cookie =
        format!("{LANGUAGE}={tag}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=31536000");
    let mut response = Redirect::to(back).into_response();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// Whether a text is the address of a page of ours, and so safe to go to.
fn is_address(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_/?=&".contains(&byte);
    let ours = text == "/console" || text.starts_with("/console/");
    ours && text.len() <= 500 && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), value.parse().unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn only_a_page_of_ours_sends_a_form() {
        let ours = |pairs: &[(&'static str, &str)]| is_ours(&headers(pairs));
        assert!(ours(&[("sec-fetch-site", "same-origin")]));
        assert!(ours(&[("origin", "https://school.example"), ("host", "school.example")]));
        for wrong in [
            &[][..],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[("origin", "null"), ("host", "school.example")],
            &[("origin", "https://other.example"), ("host", "school.example")],
            &[("origin", "https://school.example.other"), ("host", "school.example")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://a"), ("host", "a")],
        ] {
            assert!(!ours(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn the_language_is_the_chosen_one_then_the_preferred_one_then_dutch() {
        assert_eq!(language(&headers(&[])), Language::Dutch);
        assert_eq!(language(&headers(&[("accept-language", "en-GB")])), Language::English);
        let chosen = [("accept-language", "en"), ("cookie", "a=b; __Host-zegel-language=nl")];
        assert_eq!(language(&headers(&chosen)), Language::Dutch);
    }

    #[test]
    fn a_way_back_leads_nowhere_else() {
        for ours in ["/console", "/console/0a/work", "/console/0a/annexes/0b?version=6"] {
            assert!(is_address(ours), "{ours}");
        }
        for wrong in
            ["", "//evil.example", "/consoles", "https://evil.example", "/console/\r\nA: b"]
        {
            assert!(!is_address(wrong), "{wrong}");
        }
    }
}
