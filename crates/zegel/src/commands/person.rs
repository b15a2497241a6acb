//! `zegel person add`.

use engine::Request;
use events::Identity;
use record::SubjectId;
use rules::Command;
use serde::Serialize;

use crate::cli::PersonCommand;
use crate::commands::{Opened, command_id};
use crate::home::random;
use crate::output::Output;

#[derive(Serialize)]
struct Registered {
    subject: String,
    seq: u64,
}

pub(super) fn run(command: &PersonCommand, output: Output) -> anyhow::Result<()> {
    let PersonCommand::Add { of, name, email } = command;
    let mut opened = Opened::open(of)?;
    let person = SubjectId::from_bytes(random()?);
    let scope = opened.engine.permanent_scope(opened.tenant)?;
    let identity = Identity { name: name.clone(), email: email.clone() };
    let command = Command::RegisterPerson { person, scope, identity, import: None };
    let done = opened.engine.execute_one(opened.tenant, Request { id: command_id()?, command })?;
    opened.finish()?;
    let registered = Registered { subject: person.to_string(), seq: done.seq.0 };
    output.result(&registered, |registered| {
        format!("Registered as subject {} (record {})", registered.subject, registered.seq)
    })
}
