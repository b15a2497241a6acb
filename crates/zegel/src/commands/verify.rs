//! `zegel verify`: offline, without keys or database.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use record::note::Vkey;

use crate::cli::Verify;
use crate::output::Output;

pub(super) fn run(verify: &Verify, output: Output) -> anyhow::Result<ExitCode> {
    let beside = verify.operator.iter().chain(&verify.tenant);
    for path in std::iter::once(&verify.bundle).chain(beside) {
        if !path.exists() {
            bail!("{}: no such file or directory: nothing was verified", path.display());
        }
    }
    let key = verify.key.as_deref().map(|text| Vkey::parse(text.trim()));
    let key = key.transpose().context("--key")?;
    let previous = verify.previous.as_ref().map(std::fs::read_to_string);
    let previous = previous.transpose().context("--previous: cannot read the file")?;
    let options = evidence::Options { key, previous };
    let (operator, tenants) = (verify.operator.clone(), verify.tenant.clone());
    let beside = evidence::Beside { operator, tenants };
    let report = evidence::verify_beside(&verify.bundle, &options, &beside);
    output.result(&report, evidence::Report::to_text)?;
    Ok(ExitCode::from(report.verdict.exit_code()))
}
