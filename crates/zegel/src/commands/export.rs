//! `zegel export bundle` and `zegel export operator`.

use std::path::Path;

use engine::Engine;
use record::JournalId;
use serde::Serialize;

use crate::cli::ExportCommand;
use crate::commands::Opened;
use crate::home::Home;
use crate::output::Output;

#[derive(Serialize)]
struct Exported {
    bundle: String,
    records: u64,
}

pub(super) fn run(command: &ExportCommand, output: Output) -> anyhow::Result<()> {
    let (data, out, records) = match command {
        ExportCommand::Bundle { of, out } => {
            let mut opened = Opened::open(of)?;
            (&of.data.data, out, bundle(&mut opened.engine, opened.tenant, out, output)?)
        }
        ExportCommand::Operator { data, out } => {
            let (_home, mut engine) = Home::open(&data.data)?;
            (&data.data, out, engine.export_operator(out, &mut |_, _| {})?)
        }
    };
    let exported = Exported { bundle: out.display().to_string(), records };
    output.result(&exported, |exported| {
        format!(
            "Wrote {} records to {}\nNext: zegel verify {} --key \"$(cat {}/vkey)\"",
            exported.records,
            exported.bundle,
            exported.bundle,
            data.display()
        )
    })
}

/// Writes a bundle with a progress bar; says how many records it holds.
pub(super) fn bundle(
    engine: &mut Engine,
    tenant: JournalId,
    out: &Path,
    output: Output,
) -> anyhow::Result<u64> {
    let bar = output.progress(0, "exporting");
    let records = engine.export_bundle(tenant, out, &mut |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
    Ok(records)
}
