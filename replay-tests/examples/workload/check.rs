//! What must be found after a power cut, and what must not.
//!
//! *Invariant:* it fails if the installation does not open, a key is lost, an erasure is half done,
//! a view differs from its digest, or an auditor with the key alone finds anything wrong.

use std::error::Error;
use std::io::{self, Write as _};
use std::path::Path;

use engine::{Engine, PartState, ReplayVerdict};
use evidence::{Options, Verdict};
use projections::ErasureStage;
use record::note::Vkey;
use record::{JournalId, Seq};

use rules::ImportStage;

use crate::installation::{is_made, open, state_word};
use crate::load::import_name;

const PAGE: u64 = 10_000;

type Failure = Box<dyn Error>;

/// Opens what is left, checks all of it, and prints what it found.
///
/// # Errors
/// The first thing that is wrong.
pub(crate) fn check(directory: &Path) -> Result<(), Failure> {
    if !is_made(directory) {
        // Cut while it was being made: nothing was acknowledged, and the writer begins anew.
        return Ok(());
    }
    let (mut engine, tenant, _) = open(directory)?;
    check_health(&mut engine)?;
    tenants(&engine, tenant)?;
    imports(&engine, tenant)?;
    records(&engine, tenant)?;
    verify(&mut engine, tenant, directory)
}

/// The views of each are as they were when digests of them were sealed; those that passed ended.
fn tenants(engine: &Engine, main: JournalId) -> Result<(), Failure> {
    for row in engine.tenants() {
        let id = JournalId::from_hex(&row.tenant).ok_or("no tenant")?;
        let replayed = engine.replay_check(id, None, &mut |_| {})?.verdict;
        let expected = if row.ended { ReplayVerdict::Ended } else { ReplayVerdict::Equal };
        if replayed != expected {
            return Err(format!("replay: {replayed:?}").into());
        }
        erasures(engine, id, id == main)?;
        println!("have tenant/{id} {}", if row.ended { "ended" } else { "running" });
    }
    Ok(())
}

fn imports(engine: &Engine, tenant: JournalId) -> Result<(), Failure> {
    let state = engine.tenant(tenant)?.state();
    for number in 0.. {
        match state.import_stage(&import_name(number)) {
            Some(ImportStage::Completed) => println!("have import/{number} completed"),
            _ => break,
        }
    }
    Ok(())
}

fn check_health(engine: &mut Engine) -> Result<(), Failure> {
    let health = engine.health()?;
    let grave = health.findings.iter().find(|finding| finding.grave && !finding.good);
    grave.map_or(Ok(()), |finding| Err(finding.text.clone().into()))
}

/// An order waits, or it is done; never in between.
fn erasures(engine: &Engine, tenant: JournalId, said: bool) -> Result<(), Failure> {
    for row in engine.tenant(tenant)?.views().erasures().list().erasures {
        match (row.stage, row.receipt) {
            (ErasureStage::Ordered, None) => {}
            (ErasureStage::Completed, Some(receipt)) if said => {
                println!("have order/{} {receipt}", row.order);
            }
            (ErasureStage::Completed, Some(_)) => {}
            _ => return Err(format!("order {} is {:?}", row.order, row.stage).into()),
        }
    }
    Ok(())
}

fn records(engine: &Engine, tenant: JournalId) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut from = 0;
    loop {
        let rows = engine.journal_rows(tenant, Seq(from), PAGE)?;
        let Some(last) = rows.last() else { return Ok(out.flush()?) };
        from = last.seq + 1;
        for row in rows {
            writeln!(out, "have record/{} {}", row.seq, row.record_hash)?;
            for (number, part) in row.parts.iter().enumerate() {
                if matches!(part.state, PartState::KeyLost | PartState::Tampered) {
                    return Err(
                        format!("part {}/{number}: {}", row.seq, state_word(part.state)).into()
                    );
                }
                writeln!(out, "have part/{}/{number} {}", row.seq, state_word(part.state))?;
            }
        }
    }
}

/// What an auditor sees, who has the key alone.
fn verify(engine: &mut Engine, tenant: JournalId, directory: &Path) -> Result<(), Failure> {
    let holder = tempfile::tempdir_in(directory)?;
    let bundle = holder.path().join("bundle.tar");
    engine.export_bundle(tenant, &bundle, &mut |_, _| {})?;
    let key = Some(Vkey::parse(&engine.vkey())?);
    let report = evidence::verify(&bundle, &Options { key, previous: None });
    let good = matches!(report.verdict, Verdict::Intact | Verdict::IntactWithErasures);
    if good { Ok(()) } else { Err(report.to_text().into()) }
}
