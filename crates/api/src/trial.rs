//! The edge, for those who try it on bytes of any kind (feature `trial`).

use axum::http::{HeaderMap, HeaderValue};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

use crate::parse;
use crate::serve::Doors;
use crate::service::Service;

/// What the parts of a request mean, each read from the same bytes; how many mean something.
#[must_use]
pub fn parts(bytes: &[u8]) -> usize {
    let text = std::str::from_utf8(bytes).ok();
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_bytes(bytes) {
        for name in ["idempotency-key", "content-type", "accept-language", "authorization"] {
            headers.insert(name, value.clone());
        }
    }
    let _language = crate::language::Language::of(&headers);
    let meant = [
        parse::response(bytes).is_ok(),
        parse::group_query(text).is_ok(),
        parse::idempotency_key(&headers).is_ok(),
        parse::json_type(&headers).is_ok(),
        text.is_some_and(|text| parse::tenant(text).is_ok()),
    ];
    meant.into_iter().filter(|means| *means).count()
}

/// Serves one connection to its end, as the server does.
pub async fn converse(service: &Service, stream: impl AsyncRead + AsyncWrite + Unpin) {
    let (_stopping, stopped) = watch::channel(());
    if let Some(answering) = Doors::new(service.clone(), stopped.clone()).answering() {
        answering.converse(stream, stopped).await;
    }
}
