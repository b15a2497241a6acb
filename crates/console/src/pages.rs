//! The pages: what each shows, in the shape in which operations answer.
//!
//! A page is a structure with one member for each operation that it shows, a template, and a line in
//! the list of `api::console`.

mod access;
mod agreement;
mod analysis;
mod incidents;
mod journal;
mod organisation;
mod requests;
mod retention;
mod surveys;
mod work;

pub use access::{Accounts, Own, OwnAccount, Trail};
pub use agreement::{Agreements, Annex, Gate, Registers};
pub use analysis::Analysis;
pub use incidents::{Dossier, Incidents};
pub use journal::Journal;
pub use organisation::{Organisation, People, Person};
pub use requests::Requests;
pub use retention::Retention;
pub use surveys::{Rounds, Surveys};
pub use work::Work;

use askama::Template;
use serde::Deserialize;

use crate::frame::Frame;
use crate::page::NotRendered;

/// The same in two languages, as an operation answers it.
#[derive(Clone, Debug, Deserialize)]
pub struct Words {
    pub(crate) english: String,
    pub(crate) dutch: String,
}

/// A page that says one thing: what was refused, is not there, or went wrong.
#[derive(Template)]
#[template(path = "message.html")]
#[derive(Clone, Debug)]
pub struct Message<'a> {
    /// What stands around it.
    pub frame: &'a Frame,
    /// What it says.
    pub text: &'a str,
}

impl Message<'_> {
    /// The page as HTML.
    ///
    /// # Errors
    /// [`NotRendered`] on a bug of ours.
    pub fn html(&self) -> Result<String, NotRendered> {
        self.render().map_err(|_| NotRendered)
    }
}

/// Before a tenant is known.
#[derive(Template)]
#[template(path = "welcome.html")]
#[derive(Clone, Debug)]
pub struct Welcome<'a> {
    /// What stands around it.
    pub frame: &'a Frame,
}

impl Welcome<'_> {
    /// The page as HTML.
    ///
    /// # Errors
    /// [`NotRendered`] on a bug of ours.
    pub fn html(&self) -> Result<String, NotRendered> {
        self.render().map_err(|_| NotRendered)
    }
}
