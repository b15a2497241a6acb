//! Forms: what a person fills in, and which operation it becomes.
//!
//! *Invariant:* a form is one operation; what it cannot say the operation is not told.

use askama::Template;

use crate::fields::{Field, Option_};
use crate::frame::Frame;
use crate::language::Say;
use crate::page::NotRendered;

/// Where the choices of a field come from: what an operation shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Schools of the organisation.
    Schools,
    /// Teams of the organisation.
    Teams,
    /// People who are known by name.
    People,
    /// Agreements.
    Agreements,
    /// Contact persons of the school.
    Contacts,
    /// What a role may reach: the board, each school, each team, one's own.
    Reaches,
    /// Versions of the annex that the form is about.
    Versions,
    /// Purposes of the annex that the form is about.
    Purposes,
    /// Services of the annex that the form is about.
    Services,
}

/// A form.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// Its name in the address.
    pub id: &'static str,
    /// The operation that it becomes.
    pub operation: &'static str,
    /// What it is called.
    pub title: Say,
    /// What it does, and what follows.
    pub lead: Say,
    /// What it takes.
    pub fields: &'static [Field],
    /// What its button says.
    pub button: Say,
    /// Which page comes next; `{thing}` is what the form was about, `{made}` what it made.
    pub next: &'static str,
    /// Members of the answer that are shown once, instead of the next page.
    pub shows: &'static [(&'static str, Say)],
}

/// What was filled in, for one field.
#[derive(Clone, Debug)]
pub struct Filled {
    /// The field.
    pub field: Field,
    /// What it holds; for several choices, nothing.
    pub value: String,
    /// What can be chosen.
    pub options: Vec<Option_>,
    /// What is wrong with it.
    pub error: Option<String>,
}

impl Filled {
    /// The words that a screen reader reads after the label.
    fn described_by(&self) -> String {
        let id = self.field.id();
        let hint = (!self.field.hint.is_empty()).then(|| format!("{id}-hint"));
        let error = self.error.as_ref().map(|_| format!("{id}-error"));
        hint.into_iter().chain(error).collect::<Vec<_>>().join(" ")
    }
}

/// A form with what was filled in.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The form.
    pub form: &'static Form,
    /// Its fields.
    pub fields: Vec<Filled>,
    /// What is wrong and belongs to no field.
    pub errors: Vec<String>,
    /// Where it is sent to.
    pub action: String,
    /// The key under which it is done once.
    pub key: String,
    /// Where the browser goes afterwards, if that is not the form's own next page.
    pub after: String,
}

/// The page of a form.
#[derive(Template)]
#[template(path = "form.html")]
#[derive(Clone, Debug)]
pub struct FormPage<'a> {
    /// What stands around it.
    pub frame: &'a Frame,
    /// The form.
    pub it: &'a Entry,
}

impl FormPage<'_> {
    /// The page as HTML.
    ///
    /// # Errors
    /// [`NotRendered`] on a bug of ours.
    pub fn html(&self) -> Result<String, NotRendered> {
        self.render().map_err(|_| NotRendered)
    }

    fn is_wrong(&self) -> bool {
        !self.it.errors.is_empty() || self.it.fields.iter().any(|filled| filled.error.is_some())
    }

    fn wrong(&self) -> impl Iterator<Item = &Filled> {
        self.it.fields.iter().filter(|filled| filled.error.is_some())
    }
}

/// What an operation answered and shows once.
#[derive(Template)]
#[template(path = "shown.html")]
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    /// What stands around it.
    pub frame: &'a Frame,
    /// Each with its name.
    pub values: Vec<(Say, String)>,
    /// Where to go on, below the tenant's pages.
    pub next: String,
}

impl Shown<'_> {
    /// The page as HTML.
    ///
    /// # Errors
    /// [`NotRendered`] on a bug of ours.
    pub fn html(&self) -> Result<String, NotRendered> {
        self.render().map_err(|_| NotRendered)
    }
}
