//! `zegel replay --check`.

use std::process::ExitCode;

use engine::{ReplayCheck, ReplayVerdict};
use record::{JournalId, Seq};

use crate::cli::Replay;
use crate::commands::find_tenant;
use crate::home::Home;
use crate::output::{Output, table};

pub(super) fn run(replay: &Replay, output: Output) -> anyhow::Result<ExitCode> {
    let (_, engine) = Home::open(&replay.data.data)?;
    let tenants: Vec<JournalId> = match &replay.tenant {
        Some(tenant) => vec![find_tenant(&engine, tenant)?],
        None => {
            let all = engine.tenants();
            all.iter().filter_map(|tenant| JournalId::from_hex(&tenant.tenant)).collect()
        }
    };
    let bar = output.progress(0, "replaying");
    let mut checks = Vec::new();
    let sizes = engine.tenants();
    for tenant in tenants {
        let text = tenant.to_string();
        let size = sizes.iter().find(|row| row.tenant == text).map_or(0, |row| row.records);
        bar.set_length(size);
        checks.push(
            engine.replay_check(tenant, replay.to.map(Seq), &mut |seq| bar.set_position(seq))?,
        );
    }
    bar.finish_and_clear();
    output.result(&checks, |checks| render(checks))?;
    let codes: Vec<u8> = checks.iter().map(|check| code(&check.verdict)).collect();
    // A difference weighs more than nothing to compare with.
    let worst = if codes.contains(&1) { 1 } else { codes.into_iter().max().unwrap_or(0) };
    Ok(ExitCode::from(worst))
}

fn code(verdict: &ReplayVerdict) -> u8 {
    match verdict {
        ReplayVerdict::Equal | ReplayVerdict::Ended => 0,
        ReplayVerdict::Different { .. } => 1,
        ReplayVerdict::NotComparable { .. } | ReplayVerdict::NoDigest => 3,
    }
}

fn render(checks: &[ReplayCheck]) -> String {
    let row = |check: &ReplayCheck| {
        [
            check.name.clone(),
            format!("{} of {}", check.records, check.size),
            check.digests.len().to_string(),
            verdict(&check.verdict),
        ]
    };
    table(["tenant", "records", "views", "verdict"], checks.iter().map(row).collect())
}

fn verdict(verdict: &ReplayVerdict) -> String {
    match verdict {
        ReplayVerdict::Equal => "equal".to_owned(),
        ReplayVerdict::Different { views } => format!("DIFFERENT: {}", views.join(", ")),
        ReplayVerdict::NotComparable { cut_at } => format!("not comparable: cut at {cut_at}"),
        ReplayVerdict::NoDigest => "no digest was sealed there".to_owned(),
        ReplayVerdict::Ended => "ended; public parts read".to_owned(),
    }
}
