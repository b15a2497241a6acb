//! All operations, one file for each capability; the router and the OpenAPI document are made of
//! them.

mod access;
mod account;
mod agreement;
mod breach;
mod file;
mod journal;
mod named;
mod observe;
mod organisation;
mod people;
mod register;
mod request;
mod retention;
mod survey;
mod sync;
mod timeline;

use std::sync::Arc;

pub(crate) use access::OwnPassword;
use events::organisation::{SchoolId, TeamId};
use record::SubjectId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::operation::{Operation, Stop};
use crate::problem::Problem;

/// Most rows of one page that shows people.
pub(crate) const PAGE_MAX: usize = 100;

/// Every operation.
pub(crate) fn all() -> Vec<Operation> {
    let all = [
        organisation::operations(),
        people::operations(),
        access::operations(),
        agreement::operations(),
        breach::operations(),
        register::operations(),
        timeline::operations(),
        observe::operations(),
        survey::operations(),
        sync::operations(),
        account::operations(),
        journal::operations(),
        request::operations(),
        retention::operations(),
    ]
    .concat();
    let shown_by = |changing: &Operation| {
        let thing = changing.path.rfind('}').and_then(|end| changing.path.get(..=end))?;
        let shows = |one: &&Operation| !one.changes() && one.path == thing;
        all.iter().find(shows).cloned().map(Arc::new)
    };
    let with_shown = |one: &Operation| match one.changes() {
        true => Operation { shown_by: shown_by(one), ..one.clone() },
        false => one.clone(),
    };
    all.iter().map(with_shown).collect()
}

/// What was made, by its id.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Made {
    /// 32 lower-case hexadecimal digits.
    id: String,
}

impl Made {
    fn of(id: impl ToString) -> Self {
        Self { id: id.to_string() }
    }
}

/// It is done.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Done {}

/// Nothing to say.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// An id in a body; one that is none breaks the form.
fn id_in<T>(field: &str, text: &str, read: fn(&str) -> Option<T>) -> Result<T, Stop> {
    let rule = "an id of 32 lower-case hexadecimal digits";
    read(text).ok_or_else(|| Stop::Problem(Problem::input(field, rule)))
}

fn person_in(text: &str) -> Result<SubjectId, Stop> {
    id_in("person", text, SubjectId::from_hex)
}

fn school_in(text: &str) -> Result<SchoolId, Stop> {
    id_in("school", text, SchoolId::from_hex)
}

fn team_in(text: &str) -> Result<TeamId, Stop> {
    id_in("team", text, TeamId::from_hex)
}
