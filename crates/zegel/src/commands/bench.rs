//! `zegel bench`.

use crate::cli::Bench;
use crate::output::Output;

pub(super) fn run(_: &Bench, _: Output) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}
