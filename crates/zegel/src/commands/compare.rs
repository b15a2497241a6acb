//! `zegel compare`: two statements of one journal, offline.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use record::note::Vkey;

use crate::cli::Compare;
use crate::output::Output;

pub(super) fn run(compare: &Compare, output: Output) -> anyhow::Result<ExitCode> {
    for path in [&compare.one, &compare.other] {
        if !path.exists() {
            bail!("{}: no such file or directory: nothing was compared", path.display());
        }
    }
    let key = compare.key.as_deref().map(|text| Vkey::parse(text.trim()));
    let key = key.transpose().context("--key")?;
    let proof = compare.proof.as_ref().map(std::fs::read_to_string);
    let proof = proof.transpose().context("--proof: cannot read the file")?;
    let options = evidence::CompareOptions { key, proof };
    let answer = evidence::compare(&compare.one, &compare.other, &options);
    output.result(&answer, evidence::Comparison::to_text)?;
    Ok(ExitCode::from(answer.exit_code))
}
