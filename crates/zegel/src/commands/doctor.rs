//! `zegel doctor`.

use std::path::Path;
use std::process::ExitCode;

use engine::{Finding, Health};

use crate::environment;
use crate::home::Home;
use crate::output::{Output, table};

pub(super) fn run(data: &Path, output: Output) -> anyhow::Result<ExitCode> {
    let (_, mut engine) = Home::open(data)?;
    let mut health = engine.health()?;
    health.findings.push(swap());
    output.result(&health, render)?;
    Ok(if health.is_sound() { ExitCode::SUCCESS } else { ExitCode::from(1) })
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
