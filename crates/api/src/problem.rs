//! Every answer that is not the wanted one: a problem document (RFC 9457).
//!
//! *Invariant:* a problem names a field and a rule, never what the request said; a fault shows its
//! number, and its reason goes to the log.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::EngineError;
use rules::{Refusal, Rule, RuleKind};
use serde::Serialize;

use crate::ask::Unanswered;
use crate::language::Language;
use crate::service::Service;

/// What went wrong; each has one status and one name for ever (docs/format/http.md §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    BadInput,
    NotAuthorised,
    Forbidden,
    TooManyTries,
    NoSuchPath,
    MethodNotAllowed,
    TooSlow,
    LengthRequired,
    Overtaken,
    TooLarge,
    NotJson,
    Unknown,
    Conflict,
    KeyReused,
    TenantEnded,
    Refused,
    Fault,
    Busy,
    NoSpace,
    TookTooLong,
    Stopped,
}

impl Kind {
    const fn status(self) -> StatusCode {
        match self {
            Self::BadInput => StatusCode::BAD_REQUEST,
            Self::NotAuthorised => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::TooManyTries => StatusCode::TOO_MANY_REQUESTS,
            Self::NoSuchPath | Self::Unknown => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict | Self::KeyReused => StatusCode::CONFLICT,
            Self::TenantEnded => StatusCode::GONE,
            Self::LengthRequired => StatusCode::LENGTH_REQUIRED,
            Self::Overtaken => StatusCode::PRECONDITION_FAILED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Refused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Fault => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Busy | Self::NoSpace | Self::TookTooLong | Self::Stopped => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::BadInput => "urn:zegel:problem:bad-input",
            Self::NotAuthorised => "urn:zegel:problem:not-authorised",
            Self::Forbidden => "urn:zegel:problem:forbidden",
            Self::TooManyTries => "urn:zegel:problem:too-many-tries",
            Self::NoSuchPath => "urn:zegel:problem:no-such-path",
            Self::MethodNotAllowed => "urn:zegel:problem:method-not-allowed",
            Self::TooSlow => "urn:zegel:problem:too-slow",
            Self::LengthRequired => "urn:zegel:problem:length-required",
            Self::Overtaken => "urn:zegel:problem:overtaken",
            Self::TooLarge => "urn:zegel:problem:too-large",
            Self::NotJson => "urn:zegel:problem:not-json",
            Self::Unknown => "urn:zegel:problem:unknown",
            Self::Conflict => "urn:zegel:problem:conflict",
            Self::KeyReused => "urn:zegel:problem:key-reused",
            Self::TenantEnded => "urn:zegel:problem:tenant-ended",
            Self::Refused => "urn:zegel:problem:refused",
            Self::Fault => "urn:zegel:problem:fault",
            Self::Busy => "urn:zegel:problem:busy",
            Self::NoSpace => "urn:zegel:problem:no-space",
            Self::TookTooLong => "urn:zegel:problem:took-too-long",
            Self::Stopped => "urn:zegel:problem:stopped",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::BadInput => "the request breaks a rule of its form",
            Self::NotAuthorised => "a valid session or token is required",
            Self::Forbidden => "no policy allows this",
            Self::TooManyTries => "too many failed sign-ins under this name",
            Self::NoSuchPath => "nothing is at this path",
            Self::MethodNotAllowed => "this path does not know the method",
            Self::TooSlow => "the body did not arrive in time",
            Self::Overtaken => "the thing is not as it was read",
            Self::LengthRequired => "a body needs `Content-Length`, and no `Transfer-Encoding`",
            Self::TooLarge => "the body is over its limit",
            Self::NotJson => "the body must be `application/json`",
            Self::Unknown => "what the path names is unknown",
            Self::Conflict => "the state of things does not allow this",
            Self::KeyReused => "this idempotency key was used for another request",
            Self::TenantEnded => "the agreement of this tenant has ended",
            Self::Refused => "a rule refuses the content",
            Self::Fault => "we are broken, not the request",
            Self::Busy => "too many requests wait already",
            Self::NoSpace => "there is too little free space to write",
            Self::TookTooLong => "the answer took too long",
            Self::Stopped => "the server takes no more requests",
        }
    }

    /// Seconds after which asking again makes sense.
    const fn retry_after(self) -> Option<&'static str> {
        match self {
            Self::Busy => Some("1"),
            Self::TooManyTries => Some("900"),
            Self::TookTooLong => Some("5"),
            Self::NoSpace | Self::Stopped => Some("60"),
            _ => None,
        }
    }

    fn of_refusal(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::KeptOut(kept) if kept.rule.kind == RuleKind::Invalid => Self::Refused,
            Refusal::Says(Rule { kind: RuleKind::Unknown, .. })
            | Refusal::UnknownRound
            | Refusal::UnknownSurvey
            | Refusal::UnknownImport
            | Refusal::UnknownOrder
            | Refusal::SubjectUnknown => Self::Unknown,
            Refusal::Says(Rule { kind: RuleKind::Invalid, .. })
            | Refusal::Number(_)
            | Refusal::Period(_)
            | Refusal::Empty { .. }
            | Refusal::TooLarge { .. }
            | Refusal::TooFewOptions { .. }
            | Refusal::FloorTooLow { .. }
            | Refusal::WrongAnswerCount { .. }
            | Refusal::AnswerOutOfRange { .. } => Self::Refused,
            Refusal::TenantEnded => Self::TenantEnded,
            _ => Self::Conflict,
        }
    }
}

/// A problem, on its way to become an answer.
#[derive(Debug)]
pub(crate) struct Problem {
    kind: Kind,
    detail: Option<String>,
    language: Language,
}

impl Problem {
    /// One that its title says all about.
    pub(crate) const fn of(kind: Kind) -> Self {
        Self { kind, detail: None, language: Language::English }
    }

    /// A field and the rule it breaks.
    pub(crate) fn input(field: &str, rule: &str) -> Self {
        Self::of(Kind::BadInput).with(format!("`{field}`: {rule}"))
    }

    /// Adds what the title leaves open.
    pub(crate) fn with(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    /// What the engine's answer means for the caller; a fault is numbered and logged.
    pub(crate) fn from_engine(unanswered: Unanswered, language: Language, on: &Service) -> Self {
        match unanswered {
            Unanswered::Stopped(stopped) => stopped.into(),
            Unanswered::Engine(EngineError::Refused(refusal)) => Self::refusal(&refusal, language),
            Unanswered::Engine(EngineError::CommandReused) => Self::of(Kind::KeyReused),
            Unanswered::Engine(EngineError::UnknownTenant) => {
                Self::of(Kind::Unknown).with("no tenant has this id")
            }
            Unanswered::Engine(EngineError::TenantEnded) => Self::of(Kind::TenantEnded),
            Unanswered::Engine(EngineError::NoSpace) => Self::of(Kind::NoSpace),
            // Not reached by what is asked here, or a fault: it is ours.
            Unanswered::Engine(reason) => Self::fault(&reason, on),
        }
    }

    pub(crate) fn refusal(refusal: &Refusal, language: Language) -> Self {
        let detail = match language {
            Language::English => refusal.to_string(),
            Language::Dutch => refusal.dutch(),
        };
        Self { kind: Kind::of_refusal(refusal), detail: Some(detail), language }
    }

    fn fault(reason: &EngineError, on: &Service) -> Self {
        let number = on.next_fault();
        tracing::error!(number, %reason, "fault");
        Self::of(Kind::Fault).with(format!("fault {number}: its reason is in the log"))
    }
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: &'a str,
    title: &'a str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { kind, detail, language } = self;
        let status = kind.status();
        let (r#type, title) = (kind.name(), kind.title());
        let detail = detail.as_deref();
        let document = Document { r#type, title, status: status.as_u16(), detail };
        let mut response = (status, axum::Json(document)).into_response();
        let headers = response.headers_mut();
        let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
        set(header::CONTENT_TYPE, "application/problem+json");
        set(header::CONTENT_LANGUAGE, language.tag());
        set(header::CACHE_CONTROL, "no-store");
        if kind == Kind::NotAuthorised {
            set(header::WWW_AUTHENTICATE, "Bearer");
        }
        if let Some(seconds) = kind.retry_after() {
            set(header::RETRY_AFTER, seconds);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = include_str!("../../../docs/format/http.md");
    const ALL: &[Kind] = &[
        Kind::BadInput,
        Kind::NotAuthorised,
        Kind::Forbidden,
        Kind::NoSuchPath,
        Kind::Unknown,
        Kind::MethodNotAllowed,
        Kind::TooSlow,
        Kind::Conflict,
        Kind::KeyReused,
        Kind::TenantEnded,
        Kind::LengthRequired,
        Kind::Overtaken,
        Kind::TooLarge,
        Kind::NotJson,
        Kind::Refused,
        Kind::TooManyTries,
        Kind::Fault,
        Kind::Busy,
        Kind::NoSpace,
        Kind::TookTooLong,
        Kind::Stopped,
    ];

    #[test]
    fn the_document_lists_each_problem_with_its_status() {
        let (_, section) = DOCUMENT.split_once("## 5. Problems").unwrap();
        let (section, _) = section.split_once("## 6.").unwrap();
        let rows: Vec<_> = section.lines().filter(|line| line.starts_with("| `")).skip(1).collect();
        let told = |kind: &Kind| {
            let name = kind.name().strip_prefix("urn:zegel:problem:").unwrap();
            format!("| `{name}` | {} |", kind.status().as_u16())
        };
        for (row, told) in rows.iter().zip(ALL.iter().map(told)) {
            assert!(row.starts_with(&told), "{row} is not {told}");
        }
        assert_eq!(rows.len(), ALL.len());
    }

    #[test]
    fn whoever_should_ask_again_hears_when() {
        for kind in ALL {
            let later = [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS];
            let unavailable = later.contains(&kind.status());
            assert_eq!(kind.retry_after().is_some(), unavailable, "{kind:?}");
        }
    }
}
