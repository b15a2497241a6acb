//! Who asks: a session's cookie, or a token of an account.
//!
//! *Invariant:* a cookie of ours has the prefix `__Host-`: it belongs to this host and path `/`
//! alone, travels over TLS alone, and no script reads it (RFC 6265bis §4.1.3).
//! *Invariant:* a request that changes something and is made by a page of another site is refused:
//! the cookie is `SameSite=Strict`, and a stated `Sec-Fetch-Site` must be our own.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::credentials::digest_of_secret;

/// Name of the session's cookie.
const COOKIE: &str = "__Host-zegel";

/// What a request shows of who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// A session's text, as its digest.
    Session([u8; 32]),
    /// A token's text, as its digest.
    Token([u8; 32]),
}

/// What a request shows; nothing if it shows nothing, two things, or something else.
pub(crate) fn shown(headers: &HeaderMap) -> Option<Shown> {
    let session = cookie(headers).and_then(digest_of_secret).map(Shown::Session);
    match (session, token(headers)) {
        (Some(session), None) => Some(session),
        (None, Some(token)) => digest_of_secret(token).map(Shown::Token),
        _ => None,
    }
}

/// Whether a page of another site makes this request, as far as the browser says.
pub(crate) fn is_foreign(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    site.is_some_and(|site| site != b"same-origin" && site != b"none")
}

/// The cookie that begins a session, or with an empty text ends it.
pub(crate) fn set_cookie(text: &str) -> Option<HeaderValue> {
    let end = if text.is_empty() { "; Max-Age=0" } else { "" };
    let cookie = format!("{COOKIE}={text}; Path=/; Secure; HttpOnly; SameSite=Strict{end}");
    HeaderValue::from_str(&cookie).ok()
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let texts = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut ours = texts
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == COOKIE);
    match (ours.next(), ours.next()) {
        (Some((_, value)), None) => Some(value),
        _ => None,
    }
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::fresh_secret;

    fn headers(pairs: &[(header::HeaderName, String)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn one_cookie_or_one_token_is_shown() {
        let (one, other) = (fresh_secret().unwrap(), fresh_secret().unwrap());
        let digest = digest_of_secret(&one).unwrap();
        let cookie = |text: &str| (header::COOKIE, format!("a=b; {COOKIE}={text}; c=d"));
        let bearer = |text: &str| (header::AUTHORIZATION, format!("Bearer {text}"));
        assert_eq!(shown(&headers(&[cookie(&one)])), Some(Shown::Session(digest)));
        assert_eq!(shown(&headers(&[bearer(&one)])), Some(Shown::Token(digest)));
        for wrong in [
            vec![],
            vec![cookie(&one), bearer(&other)],
            vec![(header::COOKIE, format!("{COOKIE}={one}; {COOKIE}={other}"))],
            vec![(header::COOKIE, format!("zegel={one}"))],
            vec![bearer("short")],
            vec![(header::AUTHORIZATION, format!("Basic {one}"))],
        ] {
            assert_eq!(shown(&headers(&wrong)), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_page_of_another_site_is_known() {
        let site = |text: &str| {
            is_foreign(&headers(&[("sec-fetch-site".parse().unwrap(), text.to_owned())]))
        };
        assert!(!site("same-origin") && !site("none") && !is_foreign(&HeaderMap::new()));
        assert!(site("cross-site") && site("same-site") && site(""));
    }

    #[test]
    fn the_cookie_is_bound_to_its_host() {
        let cookie = set_cookie("text").unwrap();
        assert_eq!(cookie, "__Host-zegel=text; Path=/; Secure; HttpOnly; SameSite=Strict");
        assert!(set_cookie("").unwrap().to_str().unwrap().ends_with("Max-Age=0"));
    }
}
