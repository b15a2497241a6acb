//! `zegel person add`.

use std::io::BufRead;

use anyhow::bail;
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
    let identity = match name {
        Some(name) => Identity { name: name.clone(), email: email.clone() },
        None => read_identity(&mut std::io::stdin().lock())?,
    };
    let mut opened = Opened::open(of)?;
    let person = SubjectId::from_bytes(random()?);
    let scope = opened.engine.permanent_scope(opened.tenant)?;
    let command = Command::RegisterPerson { person, scope, identity, import: None };
    let done = opened.engine.execute_one(opened.tenant, Request { id: command_id()?, command })?;
    opened.finish()?;
    let registered = Registered { subject: person.to_string(), seq: done.seq.0 };
    output.result(&registered, |registered| {
        format!("Registered as subject {} (record {})", registered.subject, registered.seq)
    })
}

/// A name on the first line, an e-mail address on the second if there is one.
fn read_identity(input: &mut impl BufRead) -> anyhow::Result<Identity> {
    let mut line = || -> anyhow::Result<Option<String>> {
        let mut text = String::new();
        input.read_line(&mut text)?;
        let text = text.trim();
        Ok((!text.is_empty()).then(|| text.to_owned()))
    };
    let Some(name) = line()? else {
        bail!("no name: give it as the first line of standard input, or with --name");
    };
    Ok(Identity { name, email: line()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_perhaps_an_address_are_read_from_lines() {
        let read = |text: &str| read_identity(&mut text.as_bytes()).ok();
        let anna = |email: Option<&str>| {
            Some(Identity { name: "Anna de Vries".to_owned(), email: email.map(str::to_owned) })
        };
        assert!(read("Anna de Vries\na@school.example\n") == anna(Some("a@school.example")));
        assert!(read("Anna de Vries") == anna(None));
        assert!(read("\na@school.example\n").is_none() && read("").is_none());
    }
}
