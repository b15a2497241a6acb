//! `zegel doctor`.

use std::path::Path;
use std::process::ExitCode;

use engine::{Finding, Health};

use crate::environment;
use crate::home::Home;
use crate::output::{Output, table};

pub(super) fn run(data: &Path, output: Output) -> anyhow::Result<ExitCode> {
    let (home, mut engine) = Home::open(data)?;
    let mut health = engine.health()?;
    health.findings.push(swap());
    health.findings.push(verifying_key(&home, &engine.vkey()));
    health.findings.push(settled("token", home.token().map(drop)));
    health.findings.push(settled("who acts", home.actor().map(drop)));
    output.result(&health, render)?;
    Ok(if health.is_sound() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Auditors are given what stands in `DIR/vkey`: a changed file would send them the wrong way.
fn verifying_key(home: &Home, vkey: &str) -> Finding {
    let good = home.written_vkey().as_deref() == Some(vkey);
    let text = match good {
        true => "the file vkey holds the key that signs".to_owned(),
        false => format!("the file vkey is missing or another; its one line is: {vkey}"),
    };
    Finding { subject: "verifying key".to_owned(), good, grave: true, text }
}

fn settled(subject: &str, found: anyhow::Result<()>) -> Finding {
    let good = found.is_ok();
    let text = found.map_or_else(|error| format!("{error:#}"), |()| "set".to_owned());
    Finding { subject: subject.to_owned(), good, grave: true, text }
}

fn swap() -> Finding {
    let devices = environment::swap_devices();
    let open: Vec<_> =
        devices.into_iter().filter(|device| !environment::is_safe_swap(device)).collect();
    Finding {
        subject: "swap".to_owned(),
        good: open.is_empty(),
        grave: true,
        text: match open.as_slice() {
            [] => "no swap, or only where nothing stays in clear".to_owned(),
            open => format!(
                "keys may be written to {}: encrypt it, use zram, or switch it off",
                open.join(", ")
            ),
        },
    }
}

fn render(health: &Health) -> String {
    let row = |finding: &Finding| {
        let state = match (finding.good, finding.grave) {
            (true, _) => "good",
            (false, false) => "advice",
            (false, true) => "GRAVE",
        };
        [finding.subject.clone(), state.to_owned(), finding.text.clone()]
    };
    table(["looked at", "", "found"], health.findings.iter().map(row).collect())
}
