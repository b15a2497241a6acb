//! The bearer token (RFC 6750): who holds it may ask everything.
//!
//! *Invariant:* how long a comparison takes tells nothing about the token but its length.

use std::fmt;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use subtle::ConstantTimeEq as _;

use crate::crowd::Seat;
use crate::problem::{Kind, Problem};
use crate::service::Service;

/// A token that is compared in constant time and never printed.
pub(crate) struct Token(Box<[u8]>);

impl Token {
    pub(crate) fn new(token: &str) -> Self {
        Self(token.as_bytes().into())
    }

    /// An empty token lets nobody in.
    fn is(&self, offered: &[u8]) -> bool {
        !self.0.is_empty() && bool::from(self.0.ct_eq(offered))
    }

    fn is_borne_by(&self, headers: &HeaderMap) -> bool {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => bearer(value.as_bytes()).is_some_and(|token| self.is(token)),
            _ => false,
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Lets a request pass that bears the token.
pub(crate) async fn required(
    State(service): State<Service>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if !service.token().is_borne_by(request.headers()) {
        return Err(Problem::of(Kind::NotAuthorised));
    }
    if let Some(seat) = request.extensions().get::<Seat>() {
        seat.becomes_known();
    }
    Ok(next.run(request).await)
}

/// What stands after the scheme, whose name knows no case (RFC 9110 §11.1).
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked(b"Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&'static str]) -> HeaderMap {
        let value = |value: &&'static str| (header::AUTHORIZATION, value.parse().unwrap());
        values.iter().map(value).collect()
    }

    #[test]
    fn only_the_token_itself_is_borne() {
        let token = Token::new("secret");
        assert!(token.is_borne_by(&headers(&["Bearer secret"])));
        assert!(token.is_borne_by(&headers(&["bearer secret"])));
        for wrong in ["Bearer secre", "Bearer secrets", "Bearer  secret", "Basic secret", "secret"]
        {
            assert!(!token.is_borne_by(&headers(&[wrong])), "{wrong}");
        }
        assert!(!token.is_borne_by(&headers(&[])));
        assert!(!token.is_borne_by(&headers(&["Bearer secret", "Bearer secret"])));
    }

    #[test]
    fn an_empty_token_lets_nobody_in() {
        let token = Token::new("");
        assert!(!token.is_borne_by(&headers(&["Bearer "])));
        assert!(!token.is_borne_by(&headers(&[])));
    }

    #[test]
    fn a_token_is_never_printed() {
        assert_eq!(format!("{:?}", Token::new("secret")), "Token(..)");
    }
}
