//! `zegel export bundle`.

use std::path::Path;

use engine::Engine;
use record::JournalId;
use serde::Serialize;

use crate::cli::ExportCommand;
use crate::commands::Opened;
use crate::output::Output;

#[derive(Serialize)]
struct Exported {
    bundle: String,
    records: u64,
}

pub(super) fn run(command: &ExportCommand, output: Output) -> anyhow::Result<()> {
    let ExportCommand::Bundle { of, out } = command;
    let mut opened = Opened::open(of)?;
    let records = bundle(&mut opened.engine, opened.tenant, out, output)?;
    let exported = Exported { bundle: out.display().to_string(), records };
    output.result(&exported, |exported| {
        format!(
            "Wrote {} records to {}\nNext: zegel verify {} --key \"$(cat {}/vkey)\"",
            exported.records,
            exported.bundle,
            exported.bundle,
            of.data.data.display()
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
