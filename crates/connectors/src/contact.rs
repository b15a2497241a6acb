//! What may be known about a member of staff, and which part of it a school allows.
//!
//! *Invariant:* a [`StaffContact`] is made at the gate only, and holds no field without a tick.
// SOURCE: processor agreement, annex 1.F: first names, initials, surname and school e-mail.

use std::collections::BTreeSet;
use std::fmt;

/// The fields that may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// The name that someone is called by.
    GivenName,
    /// Initials of the first names.
    Initials,
    /// What stands before a surname, such as `van der`.
    Prefix,
    /// The surname without its prefix.
    Surname,
    /// The address at school, always ticked: without it there is no contact.
    SchoolEmail,
}

impl Field {
    /// Every field.
    pub const ALL: [Self; 5] =
        [Self::GivenName, Self::Initials, Self::Prefix, Self::Surname, Self::SchoolEmail];

    /// Longest value in bytes; the address after RFC 5321 §4.5.3.1, the names with ample room.
    #[must_use]
    pub const fn bytes_max(self) -> usize {
        match self {
            Self::Initials | Self::Prefix => 40,
            Self::GivenName => 120,
            Self::Surname => 200,
            Self::SchoolEmail => 254,
        }
    }
}

/// One member of staff. Each value is trimmed, not empty, at most [`Field::bytes_max`] long, and
/// free of control characters and citizen numbers.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StaffContact {
    /// See [`Field::GivenName`].
    pub given_name: Option<String>,
    /// See [`Field::Initials`].
    pub initials: Option<String>,
    /// See [`Field::Prefix`].
    pub prefix: Option<String>,
    /// See [`Field::Surname`].
    pub surname: Option<String>,
    /// See [`Field::SchoolEmail`]; it looks like an address, and its domain is the school's.
    pub school_email: String,
}

impl fmt::Debug for StaffContact {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("StaffContact { .. }")
    }
}

/// What a school ticked: which fields may come in, and where its addresses live.
#[derive(Debug, Clone)]
pub struct Ticks {
    fields: BTreeSet<Field>,
    domains: Vec<String>,
}

impl Ticks {
    /// These fields and the address, which is always among them. An address outside `domains` is
    /// private and stops its row; without domains every address passes.
    pub fn of(fields: &[Field], domains: &[&str]) -> Self {
        let always = std::iter::once(Field::SchoolEmail);
        let fields = fields.iter().copied().chain(always).collect();
        let domains = domains.iter().map(|domain| domain.to_ascii_lowercase()).collect();
        Self { fields, domains }
    }

    /// Whether a field may come in.
    #[must_use]
    pub fn allow(&self, field: Field) -> bool {
        self.fields.contains(&field)
    }

    pub(crate) fn allow_domain(&self, domain: &str) -> bool {
        let domain = domain.to_ascii_lowercase();
        self.domains.is_empty() || self.domains.contains(&domain)
    }
}
