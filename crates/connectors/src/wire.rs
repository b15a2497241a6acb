//! One request and its answer, within limits; the only file that speaks HTTP.
//!
//! *Invariant:* an answer is whole before anything reads it; a request that is made again is made
//! from its start. No redirect is followed, no proxy asked, no encoding accepted.
//!
//! *Invariant:* ureq talks to the crate `log`, for which the binary has no listener; whoever adds one
//! must leave out `ureq` and `ureq_proto`.

use std::io::{self, Read as _};
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use ureq::http::{Response, header};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

use crate::citizen_number;
use crate::error::{Complaint, FetchError, Rule, Step};
use crate::limits::{Limits, Pace};
use crate::settings::Trust;

/// Status line and header of an answer.
const HEADER_BYTES_MAX: usize = 16 * 1024;
/// What is read of an answer that reports a failure.
const COMPLAINT_BYTES_MAX: usize = 16 * 1024;
const REFERENCE_BYTES_MAX: usize = 64;
const CHUNK_BYTES: usize = 16 * 1024;
/// Before asking again where the peer did not say how long.
const WAIT: Duration = Duration::from_secs(20);

/// What is sent.
#[derive(Default)]
pub(crate) struct Request<'a> {
    pub(crate) url: String,
    pub(crate) headers: Vec<(&'static str, &'a str)>,
    /// Posted if there is one.
    pub(crate) form: Option<&'a str>,
}

/// A peer, with what a run has taken of it so far.
pub(crate) struct Wire<'a> {
    agent: Agent,
    limits: Limits,
    pace: &'a dyn Pace,
    began: Duration,
    bytes: usize,
    body: Vec<u8>,
}

impl<'a> Wire<'a> {
    pub(crate) fn new(trust: &Trust, limits: Limits, pace: &'a dyn Pace) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::new_with_certs(&trust.0))
            .unversioned_rustls_crypto_provider(provider)
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_response_header_size(HEADER_BYTES_MAX)
            .input_buffer_size(HEADER_BYTES_MAX * 2)
            .accept("application/json")
            .user_agent("zegel");
        let agent = config.build().new_agent();
        let began = pace.elapsed();
        Self { agent, limits, pace, began, bytes: 0, body: Vec::new() }
    }

    /// Bytes of all bodies so far.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Asks until there is a whole answer of success, or no use in asking again.
    pub(crate) fn ask(&mut self, step: Step, request: &Request<'_>) -> Result<&[u8], FetchError> {
        let mut attempt = 1;
        loop {
            match self.once(step, request) {
                Ok(()) => return Ok(&self.body),
                Err(error) => match self.wait(&error, attempt) {
                    Some(wait) => self.pace.pause(wait),
                    None => return Err(error),
                },
            }
            attempt += 1;
        }
    }

    /// How long to wait before attempt `attempt + 1`, if there is to be one.
    fn wait(&self, error: &FetchError, attempt: u32) -> Option<Duration> {
        let (wait, attempts_max) = match error.rule {
            Rule::Busy { retry_after } => (retry_after.unwrap_or(WAIT), 4),
            Rule::Unreachable | Rule::BrokenOff => (WAIT, 3),
            Rule::Failed if error.status == Some(500) => (WAIT, 2),
            _ => return None,
        };
        let useful = wait <= self.limits.wait_max && wait < self.left();
        (attempt < attempts_max && useful).then_some(wait)
    }

    fn left(&self) -> Duration {
        let used = self.pace.elapsed().saturating_sub(self.began);
        self.limits.run_time_max.saturating_sub(used)
    }

    fn once(&mut self, step: Step, request: &Request<'_>) -> Result<(), FetchError> {
        self.body.clear();
        let left = self.left();
        if left.is_zero() {
            return Err(FetchError::new(step, None, Rule::RunTooLong));
        }
        let time = left.min(self.limits.answer_time_max);
        let answer = self.send(request, time);
        let mut answer = answer.map_err(|error| FetchError::new(step, None, rule_of(&error)))?;
        let status = answer.status().as_u16();
        let failed = |rule| FetchError::new(step, Some(status), rule);
        if status != 200 {
            return Err(self.failure(step, &mut answer));
        }
        check_header(&answer).map_err(failed)?;
        self.receive(&mut answer).map_err(failed)
    }

    fn send(&self, request: &Request<'_>, time: Duration) -> Result<Response<Body>, ureq::Error> {
        let headers = request.headers.iter();
        match request.form {
            None => headers
                .fold(self.agent.get(&request.url), |asked, (name, value)| {
                    asked.header(*name, *value)
                })
                .config()
                .timeout_global(Some(time))
                .build()
                .call(),
            Some(form) => headers
                .fold(self.agent.post(&request.url), |asked, (name, value)| {
                    asked.header(*name, *value)
                })
                .content_type("application/x-www-form-urlencoded")
                .config()
                .timeout_global(Some(time))
                .build()
                .send(form),
        }
    }

    /// Reads the whole body, or as much of it as may be.
    fn receive(&mut self, answer: &mut Response<Body>) -> Result<(), Rule> {
        let mut reader = answer.body_mut().as_reader();
        let mut chunk = [0; CHUNK_BYTES];
        loop {
            let count = reader.read(&mut chunk).map_err(|error| rule_of_io(&error))?;
            self.bytes = self.bytes.saturating_add(count);
            self.body.extend_from_slice(chunk.get(..count).unwrap_or_default());
            if count == 0 {
                return Ok(());
            }
            if self.body.len() > self.limits.page_bytes_max {
                return Err(Rule::PageTooLarge);
            }
            if self.bytes > self.limits.run_bytes_max {
                return Err(Rule::RunTooLarge);
            }
            if self.left().is_zero() {
                return Err(Rule::RunTooLong);
            }
        }
    }

    /// What an answer without success means.
    fn failure(&mut self, step: Step, answer: &mut Response<Body>) -> FetchError {
        let status = answer.status().as_u16();
        let spoken = if status >= 400 { spoken(answer) } else { Spoken::default() };
        let rule = match status {
            300..=399 => Rule::Redirected,
            429 | 502..=504 => Rule::Busy { retry_after: retry_after(answer, &spoken) },
            400..=499 => Rule::Refused,
            500..=599 => Rule::Failed,
            _ => Rule::UnknownStatus,
        };
        let complaint = spoken.complaint();
        FetchError { step, status: Some(status), rule, complaint }
    }
}

fn check_header(answer: &Response<Body>) -> Result<(), Rule> {
    let encoding = answer.headers().get(header::CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Rule::Encoded);
    }
    let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let essence = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
    let json = essence.trim().eq_ignore_ascii_case("application/json");
    json.then_some(()).ok_or(Rule::ContentType)
}

fn rule_of(error: &ureq::Error) -> Rule {
    match error {
        ureq::Error::Timeout(_) => Rule::TooSlow,
        ureq::Error::Io(error) => rule_of_io(error),
        ureq::Error::Protocol(_) => Rule::BrokenOff,
        ureq::Error::LargeResponseHeader(..) => Rule::HeaderTooLarge,
        ureq::Error::RedirectFailed | ureq::Error::TooManyRedirects => Rule::Redirected,
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => Rule::NotTrusted,
        _ => Rule::Unreachable,
    }
}

fn rule_of_io(error: &io::Error) -> Rule {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Rule::TooSlow,
        // What rustls finds wrong arrives like this.
        io::ErrorKind::InvalidData => Rule::NotTrusted,
        io::ErrorKind::ConnectionRefused
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NotFound => Rule::Unreachable,
        _ => Rule::BrokenOff,
    }
}

/// What is understood of a report of failure, by either system.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Spoken {
    #[serde(rename = "errorNumber")]
    error_number: Option<i64>,
    #[serde(rename = "profitLogReference")]
    reference: Option<String>,
    retry_after: Option<u64>,
    errors: Option<Vec<SpokenError>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SpokenError {
    code: Option<i64>,
}

fn spoken(answer: &mut Response<Body>) -> Spoken {
    let mut body = Vec::new();
    let limit = u64::try_from(COMPLAINT_BYTES_MAX).unwrap_or_default();
    // A report that cannot be read says nothing; its status still does.
    let read = answer.body_mut().as_reader().take(limit).read_to_end(&mut body);
    read.ok().and_then(|_| understood(&body)).unwrap_or_default()
}

fn understood(body: &[u8]) -> Option<Spoken> {
    serde_json::from_slice(body).ok()
}

impl Spoken {
    fn complaint(self) -> Complaint {
        let first = self.errors.as_ref().and_then(|errors| errors.first()?.code);
        let code = self.error_number.or(first);
        let hex = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
        let plain = |text: &String| {
            text.len() <= REFERENCE_BYTES_MAX
                && text.bytes().all(hex)
                && !citizen_number::is_in(text)
        };
        Complaint {
            code: code.filter(|code| !citizen_number::is_in(&code.to_string())),
            reference: self.reference.filter(plain),
        }
    }
}

/// Seconds, from the body as AFAS does it or from the header as HTTP does.
fn retry_after(answer: &Response<Body>, spoken: &Spoken) -> Option<Duration> {
    let header = answer.headers().get(header::RETRY_AFTER);
    let header = header.and_then(|value| value.to_str().ok()?.trim().parse::<u64>().ok());
    spoken.retry_after.or(header).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_complaint_keeps_codes_and_no_sentence() {
        let body =
            br#"{"externalMessage":"J. Jansen","errorNumber":-7,"profitLogReference":"3A4C"}"#;
        let complaint = understood(body).unwrap().complaint();
        assert_eq!(complaint, Complaint { code: Some(-7), reference: Some("3A4C".to_owned()) });
        let body = br#"{"errors":[{"code":12,"problem":"x"}],"profitLogReference":"J. Jansen"}"#;
        let complaint = understood(body).unwrap().complaint();
        assert_eq!(complaint, Complaint { code: Some(12), reference: None });
        let body = br#"{"errorNumber":123456782,"profitLogReference":"123456782"}"#;
        assert_eq!(understood(body).unwrap().complaint(), Complaint::default());
    }

    proptest! {
        #[test]
        fn a_complaint_in_any_bytes_is_no_surprise(bytes: Vec<u8>) {
            understood(&bytes).map(Spoken::complaint);
        }
    }
}
