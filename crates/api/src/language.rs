//! The language of a refusal: Dutch for who prefers it, English otherwise (RFC 9110 §12.5.4).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;

/// A language that refusals are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Dutch,
}

impl Language {
    /// The tag for `Content-Language`.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Dutch => "nl",
        }
    }

    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let texts = headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
        let ranges: Vec<_> = texts.flat_map(|text| text.split(',')).map(weighed).collect();
        let best = |wanted: &str| {
            let of_it = ranges.iter().filter(|(language, _)| language.eq_ignore_ascii_case(wanted));
            of_it.map(|(_, weight)| *weight).max().unwrap_or(0)
        };
        if best("nl") > best("en") { Self::Dutch } else { Self::English }
    }
}

impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

/// The language of a range such as `nl-NL;q=0.8`, and its weight in thousandths.
fn weighed(range: &str) -> (&str, u16) {
    let (tag, weight) = range.split_once(';').unwrap_or((range, ""));
    let language = tag.split('-').next().unwrap_or("").trim();
    (language, thousandths(weight.trim()).unwrap_or(1_000))
}

/// `q=` and 0 to 1 with at most three decimals; anything else counts as the default.
fn thousandths(weight: &str) -> Option<u16> {
    let weight = weight.strip_prefix("q=")?;
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    let padded: u16 = format!("{decimals:0<3}").parse().ok()?;
    match (whole, decimals.len()) {
        ("0", 0..=3) => Some(padded),
        ("1", _) => Some(1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dutch_is_spoken_to_who_prefers_it() {
        let spoken = |accepted: &'static str| {
            Language::of(&[(ACCEPT_LANGUAGE, accepted.parse().unwrap())].into_iter().collect())
        };
        for dutch in ["nl", "nl-NL", "NL", "en;q=0.5, nl;q=0.8", "de, nl;q=0.1, en;q=0"] {
            assert_eq!(spoken(dutch), Language::Dutch, "{dutch}");
        }
        for english in ["", "en", "de", "*", "nl;q=0", "nl, en", "nl;q=0.5, en;q=0.50", "nlx"] {
            assert_eq!(spoken(english), Language::English, "{english}");
        }
        assert_eq!(Language::of(&HeaderMap::new()), Language::English);
    }
}
