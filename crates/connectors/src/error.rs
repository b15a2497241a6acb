//! Why a run could not start or did not reach its end.
//!
//! *Invariant:* no personal data and no body of a peer; of a complaint only a code and a reference.

use std::fmt;
use std::time::Duration;

/// A setting that cannot be right; found before anything is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// Not `https`, or `http` to another machine, or more than host, port and path.
    #[error("an address is https://host/path, or http to a loopback address")]
    Address,
    /// Empty, too long, or with characters that a header cannot carry.
    #[error("a secret is 1 to 512 printable characters")]
    Secret,
    /// Not a UUID.
    #[error("an organisation is named by its uuid")]
    Organisation,
    /// Not two digits and two letters.
    #[error("a brin is two digits and two letters")]
    Brin,
    /// Letters, digits, `_` and `-`, from 1 to 64.
    #[error("a name of a connector or a field is 1 to 64 letters, digits, `_` or `-`")]
    Name,
    /// One source field for two of ours.
    #[error("two fields have one name")]
    SameName,
    /// Zero, or more than the peer allows.
    #[error("a page has 1 to 200 rows")]
    PageRows,
    /// No certificate in PEM, or a broken one.
    #[error("the trusted roots are not certificates in pem")]
    Trust,
}

/// What was being asked when a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// AFAS: which fields the connector has.
    ConnectorFields,
    /// Somtoday: the access token.
    Token,
    /// Somtoday: the organisation that the token is for.
    Organisation,
    /// Somtoday: its locations.
    Locations,
    /// A page of staff.
    Staff,
}

impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::ConnectorFields => "connector fields",
            Self::Token => "token",
            Self::Organisation => "organisation",
            Self::Locations => "locations",
            Self::Staff => "staff",
        })
    }
}

/// The rule that an answer broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rule {
    /// No connection.
    #[error("the peer cannot be reached")]
    Unreachable,
    /// TLS refused the peer, or it speaks none.
    #[error("the peer is not who it should be")]
    NotTrusted,
    /// The connection ended before the answer did.
    #[error("the answer broke off")]
    BrokenOff,
    /// One answer took longer than it may.
    #[error("the answer took too long")]
    TooSlow,
    /// The whole run took longer than it may.
    #[error("the run took too long")]
    RunTooLong,
    /// A status from 400 to 499: asking again will not help.
    #[error("the peer refused")]
    Refused,
    /// A status from 500 on.
    #[error("the peer failed")]
    Failed,
    /// Busy, for longer or more often than a run waits.
    #[error("the peer is busy")]
    Busy {
        /// What it asked to wait.
        retry_after: Option<Duration>,
    },
    /// Elsewhere is never asked.
    #[error("the peer sent us elsewhere")]
    Redirected,
    /// Neither success nor a failure that is known.
    #[error("a status without meaning here")]
    UnknownStatus,
    /// Not `application/json`.
    #[error("the answer is not declared as json")]
    ContentType,
    /// Compressed, which was not asked for.
    #[error("the answer is encoded, which was not asked for")]
    Encoded,
    /// Too large for one answer.
    #[error("the answer is too large")]
    PageTooLarge,
    /// Too large for a run.
    #[error("the run is too large")]
    RunTooLarge,
    /// More header than one answer needs.
    #[error("the header is too large")]
    HeaderTooLarge,
    /// Bytes that are no text.
    #[error("the answer is not utf-8")]
    NotUtf8,
    /// Not JSON, or nested too deep.
    #[error("the answer is not json, or nested too deep")]
    NotJson,
    /// JSON, but not what was asked for.
    #[error("the answer has another shape")]
    Shape,
    /// More rows than were asked for.
    #[error("more rows than were asked for")]
    TooManyRows,
    /// The same rows as before.
    #[error("a page came twice")]
    PageRepeated,
    /// The list does not end.
    #[error("too many pages")]
    TooManyPages,
    /// More people than one run may bring.
    #[error("too many people")]
    TooManyPeople,
    /// The connector lacks a field, or the school does not share one that is needed.
    #[error("a field is not offered")]
    FieldNotOffered,
    /// The token is for another organisation than the one that was set.
    #[error("the organisation is another one")]
    OtherOrganisation,
    /// The organisation is right and its BRIN is not.
    #[error("the brin is not the organisation's")]
    OtherBrin,
    /// No location is shared, or more than a run visits.
    #[error("no location, or too many")]
    Locations,
    /// An earlier answer ended this run.
    #[error("the run has ended")]
    Ended,
}

/// What a peer said about its failure, as far as it can be no personal data.
///
/// Its sentences are not kept: they name users.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Complaint {
    /// AFAS `errorNumber`, or `code` of Somtoday's first error.
    pub code: Option<i64>,
    /// AFAS `profitLogReference`: at most 64 hexadecimal digits or `-`, which its support asks for.
    pub reference: Option<String>,
}

/// Why a run ended early. What it delivered until then is to be discarded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{step}: {rule}{}", shown(.status, .complaint))]
pub struct FetchError {
    /// What was being asked.
    pub step: Step,
    /// The status of the answer, if one came.
    pub status: Option<u16>,
    /// What was wrong with it.
    pub rule: Rule,
    /// What the peer said about it.
    pub complaint: Complaint,
}

impl FetchError {
    pub(crate) fn new(step: Step, status: Option<u16>, rule: Rule) -> Self {
        Self { step, status, rule, complaint: Complaint::default() }
    }
}

fn shown(status: &Option<u16>, complaint: &Complaint) -> String {
    let status = status.map(|status| format!(", status {status}"));
    let code = complaint.code.map(|code| format!(", code {code}"));
    let reference = complaint.reference.as_ref().map(|text| format!(", reference {text}"));
    [status, code, reference].into_iter().flatten().collect()
}
