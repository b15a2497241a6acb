//! The fields of forms.

use crate::form::Source;
use crate::language::{Say, say};

/// A closed list to choose from: the name as the API has it, and how people call it.
pub type Choices = &'static [(&'static str, Say)];

/// What a field takes.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// One line.
    Line,
    /// Several lines.
    Area,
    /// A name to sign in with.
    Login,
    /// A password; it is never shown again.
    Password,
    /// A new password; it is never shown again.
    NewPassword,
    /// A code that holds once; it is never shown again.
    Code,
    /// A fresh secret for an authenticator app, made by the server.
    FreshSecret,
    /// A whole number.
    Number,
    /// A moment, by the clock of the Netherlands.
    Moment,
    /// A day, as text.
    Day,
    /// Yes or no.
    Check,
    /// One of a closed list.
    Choice(Choices),
    /// One of what is there.
    Pick(Source),
    /// Some of what is there.
    Many(Source),
    /// Texts, one on each line.
    Lines,
    /// An id or a number that the link to the form brought along.
    Brought,
}

/// One field.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its place in the body of the operation: `people.min` is `min` within `people`, and a number
    /// is a place in a list.
    pub name: &'static str,
    /// What it is called.
    pub label: Say,
    /// What helps to fill it in.
    pub hint: Say,
    /// What it takes.
    pub kind: Kind,
    /// Whether it may stay empty.
    pub is_optional: bool,
}

/// Something to choose.
#[derive(Clone, Debug)]
pub struct Option_ {
    /// As the API has it.
    pub value: String,
    /// As people read it.
    pub label: String,
    /// Whether it is chosen.
    pub is_chosen: bool,
}

/// A field that must be filled in.
pub(crate) const fn field(
    name: &'static str,
    kind: Kind,
    dutch: &'static str,
    english: &'static str,
) -> Field {
    Field { name, label: say(dutch, english), hint: say("", ""), kind, is_optional: false }
}

impl Field {
    /// The same, and it may stay empty.
    pub(crate) const fn optional(self) -> Self {
        Self { is_optional: true, ..self }
    }

    /// The same, with help.
    pub(crate) const fn hint(self, dutch: &'static str, english: &'static str) -> Self {
        Self { hint: say(dutch, english), ..self }
    }

    /// Whether what was filled in is never shown again.
    #[must_use]
    pub const fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Password | Kind::NewPassword | Kind::Code)
    }

    pub(crate) fn id(&self) -> String {
        format!("f-{}", self.name.replace('.', "-"))
    }

    pub(crate) const fn input_type(&self) -> &'static str {
        match self.kind {
            Kind::Password | Kind::NewPassword => "password",
            Kind::Moment => "datetime-local",
            Kind::Day => "date",
            _ => "text",
        }
    }

    /// What a browser may fill in by itself (WCAG 1.3.5).
    pub(crate) const fn autocomplete(&self) -> &'static str {
        match self.kind {
            Kind::Login => "username",
            Kind::Password => "current-password",
            Kind::NewPassword => "new-password",
            Kind::Code => "one-time-code",
            _ => "off",
        }
    }

    pub(crate) const fn is_area(&self) -> bool {
        matches!(self.kind, Kind::Area | Kind::Lines)
    }

    pub(crate) const fn is_check(&self) -> bool {
        matches!(self.kind, Kind::Check)
    }

    pub(crate) const fn is_choice(&self) -> bool {
        matches!(self.kind, Kind::Choice(_) | Kind::Pick(_))
    }

    pub(crate) const fn is_many(&self) -> bool {
        matches!(self.kind, Kind::Many(_))
    }

    pub(crate) const fn is_brought(&self) -> bool {
        matches!(self.kind, Kind::Brought)
    }

    pub(crate) const fn is_number(&self) -> bool {
        matches!(self.kind, Kind::Number)
    }

    pub(crate) const fn is_fixed(&self) -> bool {
        matches!(self.kind, Kind::FreshSecret)
    }
}
