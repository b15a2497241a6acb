//! Identifiers of schools, companies and people, read once at the edge into types that hold.
//!
//! *Invariant:* what is in a type here has passed its check, and reads back as itself.
//! *Invariant:* no refusal holds what was refused, and what identifies a person has no `Display`.

mod bsn;

#[cfg(test)]
mod tests;

pub use bsn::{find_bsn, is_bsn, without_bsn};

use std::fmt;

use thiserror::Error;

/// The longest ECK iD, in bytes; one of ketenid.nl has 154.
// SOURCE: `xs:anyURI` has no limit of its own; the systems of schools take 256 characters.
pub const ECK_ID_MAX: usize = 256;

/// The longest address, in bytes.
// SOURCE: RFC 5321 section 4.5.3.1.3, a path of 256 octets with its two brackets.
pub const EMAIL_MAX: usize = 254;

/// What stands before the `@`, in bytes.
// SOURCE: RFC 5321 section 4.5.3.1.1.
const EMAIL_LOCAL_MAX: usize = 64;

/// One name between the dots of a domain, in bytes.
// SOURCE: RFC 1035 section 2.3.4.
const DOMAIN_LABEL_MAX: usize = 63;

/// Characters at the end of an ECK iD that a log may show.
const TAIL: usize = 6;

/// Why a text is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NumberRefusal {
    /// Not a [`Brin`].
    #[error("a BRIN is two digits and two letters, and two more digits for a location")]
    NotABrin,
    /// Not a [`Kvk`].
    #[error("a number of the chamber of commerce (KvK) has eight digits")]
    NotAKvk,
    /// Not an [`EckId`].
    #[error("an ECK iD is an address that begins with `https://`, of at most {max} characters")]
    NotAnEckId {
        /// [`ECK_ID_MAX`].
        max: usize,
    },
    /// Not an [`Email`].
    #[error("this is no e-mail address of at most {max} characters")]
    NotAnEmail {
        /// [`EMAIL_MAX`].
        max: usize,
    },
    /// A text has what may be a BSN; see [`find_bsn`].
    #[error(
        "`{field}` has nine digits that may be a citizen service number (BSN), which may not be \
         kept here; take it out, or if it is another number, put a word between its digits"
    )]
    PerhapsABsn {
        /// Which field.
        field: &'static str,
    },
}

impl NumberRefusal {
    /// The same in Dutch.
    #[must_use]
    pub fn dutch(&self) -> String {
        match self {
            Self::NotABrin => {
                "een BRIN is twee cijfers en twee letters, en nog twee cijfers voor een vestiging"
                    .into()
            }
            Self::NotAKvk => "een KvK-nummer heeft acht cijfers".into(),
            Self::NotAnEckId { max } => format!(
                "een ECK iD is een adres dat met `https://` begint, van ten hoogste {max} tekens"
            ),
            Self::NotAnEmail { max } => {
                format!("dit is geen e-mailadres van ten hoogste {max} tekens")
            }
            Self::PerhapsABsn { field } => format!(
                "in `{field}` staan negen cijfers die een burgerservicenummer (BSN) kunnen zijn, \
                 en dat mag hier niet worden bewaard; haal het weg, of zet er een woord tussen \
                 als het een ander nummer is"
            ),
        }
    }
}

/// A school in the register of institutions, or one of its locations: `99XX`, `99XX00`.
///
/// The register has no check digit; whether a school exists is not known here.
// SOURCE: the registers of DUO (BRIN; with two digits more, the location).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Brin(String);

impl Brin {
    /// Reads one, in capitals or not, with white space around it or not.
    ///
    /// # Errors
    ///
    /// Any other text.
    pub fn parse(text: &str) -> Result<Self, NumberRefusal> {
        let text = text.trim();
        let (digits, letters, location) = match text.as_bytes() {
            [a, b, c, d] => ([a, b], [c, d], [a, b]),
            [a, b, c, d, e, f] => ([a, b], [c, d], [e, f]),
            _ => return Err(NumberRefusal::NotABrin),
        };
        let numeric = digits.into_iter().chain(location).all(u8::is_ascii_digit);
        let fits = numeric && letters.into_iter().all(u8::is_ascii_alphabetic);
        if fits { Ok(Self(text.to_ascii_uppercase())) } else { Err(NumberRefusal::NotABrin) }
    }

    /// In capitals.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The school, without its location.
    #[must_use]
    pub fn school(&self) -> &str {
        self.0.get(..4).unwrap_or_default()
    }

    /// The two digits of the location, if it names one.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.0.get(4..).filter(|location| !location.is_empty())
    }
}

/// A company in the register of the chamber of commerce.
///
/// Eight digits; no check among them is published, so none is made.
// SOURCE: KvK, "Numbers in the Business Register".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kvk(String);

impl Kvk {
    /// Reads one, with white space around it or not.
    ///
    /// # Errors
    ///
    /// Any other text.
    pub fn parse(text: &str) -> Result<Self, NumberRefusal> {
        let text = text.trim();
        let fits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
        if fits { Ok(Self(text.to_owned())) } else { Err(NumberRefusal::NotAKvk) }
    }

    /// Its digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A pupil or teacher in the chain of learning materials: an address, and a pseudonym.
///
/// The form is not tied to ketenid.nl, whose pilots and successors have addresses of their own;
/// at most [`ECK_ID_MAX`] bytes. Kept as written: an address tells capitals apart.
// SOURCE: Edu-V and UWLR 2.3, ECK iD; `https://ketenid.nl/201703/` and 128 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EckId(String);

impl EckId {
    /// Reads one, with white space around it or not.
    ///
    /// # Errors
    ///
    /// Any other text.
    pub fn parse(text: &str) -> Result<Self, NumberRefusal> {
        let text = text.trim();
        let parts = text.strip_prefix("https://").and_then(|rest| rest.split_once('/'));
        let fits = text.len() <= ECK_ID_MAX
            && parts.is_some_and(|(host, path)| is_domain(host) && is_path(path));
        let refusal = NumberRefusal::NotAnEckId { max: ECK_ID_MAX };
        if fits { Ok(Self(text.to_owned())) } else { Err(refusal) }
    }

    /// The whole address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its last characters, all that a log may show.
    #[must_use]
    pub fn tail(&self) -> &str {
        self.0.get(self.0.len().saturating_sub(TAIL)..).unwrap_or_default()
    }
}

impl fmt::Debug for EckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EckId(..)")
    }
}

/// An address that could exist: `name@school.nl`.
///
/// Of what RFC 5321 allows, the plain form: no quotes, no comments, no bare host, ASCII; a domain
/// in other letters comes as `xn--`. At most [`EMAIL_MAX`] bytes. Whether it exists only a
/// message can tell.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

impl Email {
    /// Reads one, with white space around it or not, and writes its domain in small letters.
    ///
    /// # Errors
    ///
    /// Any other text.
    pub fn parse(text: &str) -> Result<Self, NumberRefusal> {
        let refusal = NumberRefusal::NotAnEmail { max: EMAIL_MAX };
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(refusal)?;
        if text.len() > EMAIL_MAX || !is_local(local) || !is_domain(domain) {
            return Err(refusal);
        }
        Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
    }

    /// The whole address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(..)")
    }
}

/// Names and single dots between them.
// SOURCE: RFC 5321 section 4.1.2, `Dot-string`.
fn is_local(local: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
    let name = |name: &str| !name.is_empty() && name.bytes().all(allowed);
    local.len() <= EMAIL_LOCAL_MAX && local.split('.').all(name)
}

/// At least two names with dots between them, the last one no number.
fn is_domain(domain: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let label = |label: &str| {
        (1..=DOMAIN_LABEL_MAX).contains(&label.len())
            && label.bytes().all(allowed)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top = domain.rsplit_once('.').map(|(_, top)| top);
    domain.split('.').all(label)
        && top.is_some_and(|top| top.bytes().any(|byte| byte.is_ascii_alphabetic()))
}

/// A path without a query.
// SOURCE: RFC 3986 section 3.3, `pchar` and `/`.
fn is_path(path: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:@/".contains(&byte);
    !path.is_empty() && path.bytes().all(allowed)
}
