//! What an operator sets for a coupling, parsed into types that cannot be wrong.
//!
//! *Invariant:* a secret has no `Display`, its `Debug` prints `..`, and it is overwritten on drop.

use std::fmt;
use std::net::IpAddr;

use ureq::http::Uri;
use ureq::tls::{Certificate, PemItem, parse_pem};
use zeroize::Zeroizing;

use crate::Field;
use crate::error::SettingError;

const ADDRESS_BYTES_MAX: usize = 400;
const SECRET_BYTES_MAX: usize = 512;
const NAME_BYTES_MAX: usize = 64;

/// Where a system answers: `https`, or `http` on a loopback address for a stand-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// Parses an address without user, query or fragment; a `/` at its end is dropped.
    ///
    /// # Errors
    /// [`SettingError::Address`].
    pub fn parse(text: &str) -> Result<Self, SettingError> {
        let plain = text.len() <= ADDRESS_BYTES_MAX && !text.contains(['@', '?', '#', '%']);
        let uri: Uri = text.parse().map_err(|_| SettingError::Address)?;
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(SettingError::Address)?;
        let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let safe = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => ip.is_ok_and(|ip| ip.is_loopback()),
            _ => false,
        };
        let address = Self(text.trim_end_matches('/').to_owned());
        (plain && safe).then_some(address).ok_or(SettingError::Address)
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

/// A token or a password.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Parses 1 to 512 printable ASCII characters without `<`, which would end a field of AFAS.
    ///
    /// # Errors
    /// [`SettingError::Secret`].
    pub fn parse(text: &str) -> Result<Self, SettingError> {
        let fits = (1..=SECRET_BYTES_MAX).contains(&text.len());
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'<');
        let secret = || Self(Zeroizing::new(text.to_owned()));
        (fits && printable).then(secret).ok_or(SettingError::Secret)
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(..)")
    }
}

/// The UUID of an organisation at Somtoday. It comes from the operator, never from a school's user:
/// whoever sets it decides whose staff is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationId(String);

impl OrganisationId {
    /// Parses a UUID in its usual form.
    ///
    /// # Errors
    /// [`SettingError::Organisation`].
    pub fn parse(text: &str) -> Result<Self, SettingError> {
        uuid(text).map(Self).ok_or(SettingError::Organisation)
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

/// A UUID in lower case, if the text is one.
pub(crate) fn uuid(text: &str) -> Option<String> {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let hex = groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()));
    (lengths == [8, 4, 4, 4, 12] && hex).then(|| text.to_ascii_lowercase())
}

/// The number of a school in the register of institutions, such as `12AB`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brin(String);

impl Brin {
    /// Parses two digits and two letters.
    ///
    /// # Errors
    /// [`SettingError::Brin`].
    pub fn parse(text: &str) -> Result<Self, SettingError> {
        let fits = match text.as_bytes() {
            [a, b, c, d] => {
                [a, b].iter().all(|digit| digit.is_ascii_digit())
                    && [c, d].iter().all(|letter| letter.is_ascii_alphabetic())
            }
            _ => false,
        };
        fits.then(|| Self(text.to_ascii_uppercase())).ok_or(SettingError::Brin)
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

/// How a customer's connector at AFAS names the fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AfasNames {
    /// The connector.
    pub connector: String,
    /// The field that is unique for each person; rows are sorted by it, and it is not kept.
    pub key: String,
    /// The names of our fields there.
    pub fields: [(Field, String); 5],
}

impl Default for AfasNames {
    fn default() -> Self {
        let named = |field, name: &str| (field, name.to_owned());
        Self {
            connector: "Zegel_Medewerkers".to_owned(),
            key: "Medewerker".to_owned(),
            fields: [
                named(Field::GivenName, "Roepnaam"),
                named(Field::Initials, "Voorletters"),
                named(Field::Prefix, "Voorvoegsel"),
                named(Field::Surname, "Achternaam"),
                named(Field::SchoolEmail, "E-mail_werk"),
            ],
        }
    }
}

impl AfasNames {
    /// Every name is plain, and no two are one.
    pub(crate) fn check(&self) -> Result<(), SettingError> {
        let mut fields: Vec<&str> = self.fields.iter().map(|(_, name)| name.as_str()).collect();
        fields.push(&self.key);
        if !fields.iter().chain([&self.connector.as_str()]).all(|name| is_name(name)) {
            return Err(SettingError::Name);
        }
        let count = fields.len();
        fields.sort_unstable();
        fields.dedup();
        let mut ours: Vec<Field> = self.fields.iter().map(|(field, _)| *field).collect();
        ours.sort_unstable();
        ours.dedup();
        let whole = fields.len() == count && ours.len() == self.fields.len();
        whole.then_some(()).ok_or(SettingError::SameName)
    }
}

/// Letters, digits, `_` and `-`: nothing that means something in a URL.
pub(crate) fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    // A `-` in front would turn the order of AFAS around.
    (1..=NAME_BYTES_MAX).contains(&text.len()) && text.bytes().all(plain) && !text.starts_with('-')
}

/// A GetConnector of AFAS Profit.
#[derive(Debug, Clone)]
pub struct AfasSettings {
    /// Up to and with `ProfitRestServices`.
    pub address: Address,
    /// The 64 characters between `<data>` and `</data>` of the token.
    pub token: Secret,
    /// The id of a partner's integration, if the customer's administrator gave one.
    pub integration: Option<Secret>,
    /// Connector and fields.
    pub names: AfasNames,
}

/// A coupling of Somtoday Connect.
#[derive(Debug, Clone)]
pub struct SomtodaySettings {
    /// Up to and with `/rest/v1`.
    pub address: Address,
    /// Where tokens are given, up to and with `/oauth2/token`.
    pub token_address: Address,
    /// Whose staff.
    pub organisation: OrganisationId,
    /// Its number, compared with what Somtoday says.
    pub brin: Brin,
    /// The client that Somtoday registered.
    pub client: Secret,
    /// The client's password.
    pub secret: Secret,
}

/// The certificates that a peer's own must lead back to.
#[derive(Clone, Default)]
pub struct Trust(pub(crate) Vec<Certificate<'static>>);

impl Trust {
    /// Reads certificates in PEM, such as the system's bundle. Without any, no `https` peer is
    /// believed.
    ///
    /// # Errors
    /// [`SettingError::Trust`] if there is none, or one cannot be read.
    pub fn pem(bundle: &[u8]) -> Result<Self, SettingError> {
        let mut roots = Vec::new();
        for item in parse_pem(bundle) {
            match item.map_err(|_| SettingError::Trust)? {
                PemItem::Certificate(certificate) => roots.push(certificate),
                _ => return Err(SettingError::Trust),
            }
        }
        (!roots.is_empty()).then_some(Self(roots)).ok_or(SettingError::Trust)
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Trust({} roots)", self.0.len())
    }
}
