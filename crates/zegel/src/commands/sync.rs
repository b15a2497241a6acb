//! `zegel sync`: a run of a coupling, by hand or by a timer, and what the couplings hold.
//!
//! *Invariant:* what opens the outside system stands in a file that its owner alone may read: never
//! in an argument, an event or an answer.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use connectors::{
    Address, AfasNames, AfasSettings, Brin, Coupling, Limits, OrganisationId, Pace, Secret,
    SomtodaySettings, Trust,
};
use couplings::Settings;
use events::sync::CouplingId;
use projections::{SyncCouplingRow, SyncRunRow};
use serde::{Deserialize, Serialize};

use crate::cli::{SyncCommand, TenantArgs};
use crate::commands::Opened;
use crate::output::{Output, table};

/// Where Debian and its like keep the certificates that the system believes.
const SYSTEM_ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";

/// What opens an outside system, as the file of the operator says it.
#[derive(Deserialize)]
#[serde(tag = "system", rename_all = "kebab-case", deny_unknown_fields)]
enum File {
    Afas {
        address: String,
        token: String,
        integration: Option<String>,
        domains: Vec<String>,
        roots: Option<String>,
    },
    Somtoday {
        address: String,
        token_address: String,
        organisation: String,
        brin: String,
        client: String,
        secret: String,
        domains: Vec<String>,
        roots: Option<String>,
    },
}

#[derive(Serialize)]
struct Ran {
    run: SyncRunRow,
}

pub(super) fn run(command: &SyncCommand, output: Output) -> anyhow::Result<()> {
    match command {
        SyncCommand::Show(of) => show(of, output),
        SyncCommand::Run { of, coupling, settings, if_due } => {
            run_once(of, coupling, settings, *if_due, output)
        }
    }
}

fn show(of: &TenantArgs, output: Output) -> anyhow::Result<()> {
    let opened = Opened::open(of)?.running()?;
    let view = opened.engine.tenant(opened.tenant)?.views().syncs();
    let rows: Vec<SyncCouplingRow> = view.couplings().collect();
    output.result(&rows, |rows| {
        let row = |row: &SyncCouplingRow| {
            let state = if row.is_on { "on" } else { "off" };
            let last = row.last.as_ref().map_or("-", |run| run.stage);
            [
                row.coupling.clone(),
                row.source.to_owned(),
                state.to_owned(),
                row.contacts.to_string(),
                last.to_owned(),
            ]
        };
        table(
            ["coupling", "system", "state", "contacts", "last run"],
            rows.iter().map(row).collect(),
        )
    })
}

fn run_once(
    of: &TenantArgs,
    coupling: &str,
    settings: &Path,
    if_due: bool,
    output: Output,
) -> anyhow::Result<()> {
    let coupling = CouplingId::from_hex(coupling).context("--coupling: not an id")?;
    let settings = read(settings)?;
    let mut opened = Opened::open(of)?.running()?;
    let tenant = opened.tenant;
    let now = opened.engine.now();
    let due = opened.engine.tenant(tenant)?.state().due_syncs(now);
    if if_due && !due.contains(&coupling) {
        return output.say("Not due yet: nothing was fetched");
    }
    let bar = output.progress(0, "people");
    let pace = Clockwork(Instant::now());
    let mut progress = |people: u32| bar.set_position(u64::from(people));
    let outcome =
        couplings::run(&mut opened.engine, (tenant, coupling), &settings, &pace, &mut progress)?;
    bar.finish_and_clear();
    let row = opened.engine.tenant(tenant)?.views().syncs().run(outcome.run);
    opened.finish()?;
    let ran = Ran { run: row.context("a run that ended is in the view")? };
    output.result(&ran, |ran| {
        let because = ran.run.because.as_deref().map_or_else(String::new, |why| format!(": {why}"));
        format!("Run {}: {}{because}, {} people", ran.run.run, ran.run.stage, ran.run.people)
    })?;
    match outcome.failed {
        Some(_) => bail!("the run failed; the contacts of before hold"),
        None => Ok(()),
    }
}

/// Reads what opens the system from a file that nobody else may read.
fn read(path: &Path) -> anyhow::Result<Settings> {
    let shown = path.display();
    let mode = std::fs::metadata(path).with_context(|| format!("cannot read {shown}"))?;
    if mode.permissions().mode() & 0o077 != 0 {
        bail!("{shown} holds secrets: `chmod 600 {shown}` first");
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    // The parser's own words may repeat a secret.
    let file = serde_json::from_str(&text).ok();
    let file = file.with_context(|| format!("{shown} is not what the operator's guide shows"))?;
    let (system, domains, roots) = match file {
        File::Afas { address, token, integration, domains, roots } => {
            let integration = integration.map(|text| Secret::parse(&text)).transpose()?;
            let (address, token) = (Address::parse(&address)?, Secret::parse(&token)?);
            let names = AfasNames::default();
            let afas = AfasSettings { address, token, integration, names };
            (Coupling::Afas(afas), domains, roots)
        }
        File::Somtoday {
            address,
            token_address,
            organisation,
            brin,
            client,
            secret,
            domains,
            roots,
        } => {
            let somtoday = SomtodaySettings {
                address: Address::parse(&address)?,
                token_address: Address::parse(&token_address)?,
                organisation: OrganisationId::parse(&organisation)?,
                brin: Brin::parse(&brin)?,
                client: Secret::parse(&client)?,
                secret: Secret::parse(&secret)?,
            };
            (Coupling::Somtoday(somtoday), domains, roots)
        }
    };
    let trust = match std::fs::read(roots.as_deref().unwrap_or(SYSTEM_ROOTS)) {
        Ok(bundle) => Trust::pem(&bundle)?,
        // Then no `https` peer is believed, which the run says.
        Err(_) => Trust::default(),
    };
    Ok(Settings { system, domains, trust, limits: Limits::default() })
}

/// Time as it passes.
struct Clockwork(Instant);

impl Pace for Clockwork {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            std::thread::park_timeout(left);
        }
    }
}
