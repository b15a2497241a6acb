//! One file for each word of the command line.

mod account;
mod backup;
mod bench;
mod compare;
mod demo;
mod doctor;
mod erase;
mod export;
mod import;
mod init;
mod person;
mod replay;
mod serve;
mod show;
mod survey;
mod sync;
mod tenant;
mod timeline;
mod verify;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use engine::{Engine, EngineError};
use record::{CommandId, JournalId};

use crate::cli::{Arguments, Command, TenantArgs};
use crate::environment;
use crate::home::{Home, random};
use crate::output::Output;

/// Runs one command; the exit code says how it went.
pub(crate) fn run(arguments: &Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    let serving = matches!(arguments.command, Command::Serve(_) | Command::Demo(_));
    environment::start_tracing(if serving { "info" } else { "warn" }, arguments.json);
    let output = *output;
    match &arguments.command {
        Command::Demo(demo) => demo::run(demo, output),
        Command::Init(init) => good(init::run(init, output)),
        Command::Tenant(command) => good(tenant::run(command, output)),
        Command::Survey(command) => good(survey::run(command, output)),
        Command::Sync(command) => good(sync::run(command, output)),
        Command::Person(command) => good(person::run(command, output)),
        Command::Account(command) => good(account::run(command, output)),
        Command::Import(command) => good(import::run(command, output)),
        Command::Show(command) => good(show::run(command, output)),
        Command::Erase(erase) => good(erase::run(erase, output)),
        Command::Scope(command) => good(erase::end_scope(command, output)),
        Command::Export(command) => good(export::run(command, output)),
        Command::Verify(verify) => verify::run(verify, output),
        Command::Compare(compare) => compare::run(compare, output),
        Command::Replay(replay) => replay::run(replay, output),
        Command::Timeline(timeline) => good(timeline::run(timeline, output)),
        Command::Serve(serve) => good(serve::run(serve, output)),
        Command::Doctor(data) => doctor::run(&data.data, output),
        Command::Backup(command) => good(backup::run(command, output)),
        Command::Restore(command) => good(backup::restore(command, output)),
        Command::Escrow(command) => good(backup::escrow(command, output)),
        Command::Bench(bench) => good(bench::run(bench, output)),
    }
}

fn good(done: anyhow::Result<()>) -> anyhow::Result<ExitCode> {
    done.map(|()| ExitCode::SUCCESS)
}

/// An opened installation and one of its tenants.
struct Opened {
    home: Home,
    engine: Engine,
    tenant: JournalId,
}

impl Opened {
    fn open(of: &TenantArgs) -> anyhow::Result<Self> {
        Self::open_tenant(&of.data.data, &of.tenant)
    }

    fn open_tenant(directory: &Path, tenant: &str) -> anyhow::Result<Self> {
        let (home, engine) = Home::open(directory)?;
        let tenant = find_tenant(&engine, tenant)?;
        Ok(Self { home, engine, tenant })
    }

    /// Nothing that lay under its keys can be shown of a tenant that ended: saying so beats
    /// an empty table.
    fn running(self) -> anyhow::Result<Self> {
        if self.engine.tenant(self.tenant)?.has_ended() {
            return Err(EngineError::TenantEnded.into());
        }
        Ok(self)
    }

    /// Publishes a checkpoint of what was done, and ends.
    fn finish(mut self) -> anyhow::Result<()> {
        Ok(self.engine.publish_with_digests()?)
    }
}

/// A tenant by its id, or by its name when only one has it.
fn find_tenant(engine: &Engine, wanted: &str) -> anyhow::Result<JournalId> {
    let tenants = engine.tenants();
    if let Some(id) = JournalId::from_hex(wanted) {
        engine.tenant(id)?;
        return Ok(id);
    }
    let mut named = tenants.iter().filter(|tenant| tenant.name == wanted);
    match (named.next(), named.next()) {
        (Some(tenant), None) => JournalId::from_hex(&tenant.tenant).context("a tenant without id"),
        (None, _) => bail!("no tenant `{wanted}`: `zegel show tenants` lists them"),
        (Some(_), Some(_)) => bail!("more than one tenant is called `{wanted}`: give the id"),
    }
}

/// A fresh command id.
fn command_id() -> anyhow::Result<CommandId> {
    random().map(CommandId::from_bytes)
}
