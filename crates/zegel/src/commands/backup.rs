//! `zegel backup`, `zegel restore` and `zegel escrow`: what leaves the machine, and how it returns.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use engine::{BackupReport, Identity, RestorePlan, RestoreReport, RestoredJournal};
use record::{ActorId, JournalId};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::cli::{Backup, EscrowCommand, EscrowSet, Restore};
use crate::environment;
use crate::home::{EscrowSettings, Home};
use crate::output::{Output, table};

pub(super) fn run(backup: &Backup, output: Output) -> anyhow::Result<()> {
    let (_, mut engine) = Home::open(&backup.data.data)?;
    let total = engine.tenants().iter().map(|tenant| tenant.records).max().unwrap_or(0);
    let bar = output.progress(total, "copying");
    let report = engine.backup(&backup.to, backup.guard, &mut |seq| bar.set_position(seq))?;
    bar.finish_and_clear();
    output.result(&report, render)
}

fn render(report: &BackupReport) -> String {
    let row = |journal: &engine::JournalBackup| {
        let epoch = journal.epoch.map_or_else(|| "-".to_owned(), |epoch| epoch.to_string());
        [
            journal.journal.clone(),
            journal.records.to_string(),
            journal.added.to_string(),
            journal.pages.to_string(),
            epoch,
        ]
    };
    let heading = ["journal", "records", "new", "pages", "epoch"];
    let mut text = table(heading, report.journals.iter().map(row).collect());
    if let Some(reason) = &report.escrow_stale {
        text.push_str(&format!("\nThe escrow is stale: {reason}"));
    }
    text
}

pub(super) fn escrow(command: &EscrowCommand, output: Output) -> anyhow::Result<()> {
    match command {
        EscrowCommand::Set(set) => set_escrow(set, output),
        EscrowCommand::Ship(data) => ship(&data.data, output),
    }
}

fn set_escrow(set: &EscrowSet, output: Output) -> anyhow::Result<()> {
    let directory = std::path::absolute(&set.to).context("--to: no path")?;
    let settings = EscrowSettings { directory, recipients: set.recipient.clone(), days: set.days };
    Home::find(&set.data.data)?.set_escrow(settings)?;
    ship(&set.data.data, output)
}

#[derive(Serialize)]
struct Shipped {
    tenants: usize,
}

fn ship(data: &Path, output: Output) -> anyhow::Result<()> {
    let (home, mut engine) = Home::open(data)?;
    if home.paths()?.escrow.is_none() {
        bail!(
            "no escrow is set: `zegel escrow set --data DIR --to DIR --recipient R --recipient R`"
        );
    }
    if let Err(reason) = engine.ship_all() {
        bail!("the escrow is stale: {reason}");
    }
    if let Err(reason) = engine.withdraw_elsewhere() {
        bail!(
            "the roots are in escrow, but an earlier escrow still holds some, and until it does not, \
             receipts promise no term: {reason}; if it is gone for good, remove its line from \
             `escrow.places` beside the guard"
        );
    }
    let shipped = Shipped { tenants: engine.tenants().len() };
    output.result(&shipped, |shipped| {
        format!("The roots of {} tenants are in escrow.", shipped.tenants)
    })
}

pub(super) fn restore(restore: &Restore, output: Output) -> anyhow::Result<()> {
    let home = Home::find_or_make(&restore.data.data, restore.guard.clone())?;
    let identities = restore.identity.iter().map(|file| identities(file));
    let identities = identities.collect::<anyhow::Result<Vec<_>>>()?;
    let only = restore.tenant.as_deref().map(|tenant| {
        JournalId::from_hex(tenant).context("--tenant: an id of 32 hexadecimal digits")
    });
    let plan = RestorePlan {
        backup: restore.from.clone(),
        escrow: restore.escrow.clone(),
        identities: identities.into_iter().flatten().collect(),
        ground: restore.ground.clone(),
        approved_by: ActorId::from_hex(&restore.approved_by).context("--approved-by: no id")?,
        only: only.transpose()?,
    };
    let report = engine::restore(&home.paths()?, &environment::clock(), &plan)?;
    // Opening finishes what a fence began, and publishes the first checkpoint of the new era.
    let (home, engine) = Home::open(&restore.data.data)?;
    home.write_missing(&engine.vkey())?;
    let stale = engine.escrow_advice();
    output.result(&report, |report| render_restore(report, stale, &restore.data.data))
}

fn identities(file: &Path) -> anyhow::Result<Vec<Identity>> {
    let name = file.display();
    let text = fs::read_to_string(file).with_context(|| format!("--identity: {name}"))?;
    let text = Zeroizing::new(text);
    Identity::parse_file(&text).with_context(|| format!("--identity: {name}"))
}

fn render_restore(report: &RestoreReport, stale: Option<&str>, data: &Path) -> String {
    let row = |journal: &RestoredJournal| {
        [
            journal.journal.clone(),
            journal.era.to_string(),
            journal.records.to_string(),
            journal.records_lost.to_string(),
            journal.keys_lost.to_string(),
            journal.steps_replayed.to_string(),
            journal.keys.clone().unwrap_or_default(),
        ]
    };
    let heading = ["journal", "era", "records", "lost", "keys lost", "replayed", "keys"];
    let mut text = match report.journals.is_empty() {
        true => "An earlier restore was finished.".to_owned(),
        false => table(heading, report.journals.iter().map(row).collect()),
    };
    if let Some(stale) = stale {
        text.push_str(&format!("\n{stale}"));
    }
    let data = data.display();
    text.push_str(&format!(
        "\nNext: zegel doctor --data {data}; zegel replay --check --data {data}"
    ));
    text
}
