//! Sealing alone and opening alone, on as many threads as the road has cores for them.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use vault::bare::{Bare, Shape};

use super::figures::rate;
use super::load::GROUP;

/// Records a second of sealing alone; each thread has keys of its own.
pub(super) fn seal(shape: &Shape, events: u64, threads: usize) -> anyhow::Result<f64> {
    let groups = usize::try_from(events)?.div_ceil(GROUP * threads);
    let makers = (0..threads).map(|_| Bare::new(shape.clone())).collect::<Result<Vec<_>, _>>()?;
    let started = Instant::now();
    std::thread::scope(|scope| -> anyhow::Result<()> {
        let makers: Vec<_> =
            makers.into_iter().map(|bare| scope.spawn(move || seal_groups(bare, groups))).collect();
        for maker in makers {
            maker.join().map_err(|_| anyhow::anyhow!("a thread panicked"))??;
        }
        Ok(())
    })?;
    Ok(rate(groups * threads * GROUP, started.elapsed()))
}

fn seal_groups(mut bare: Bare, groups: usize) -> Result<(), vault::NoRandomness> {
    let mut out = Vec::new();
    for _ in 0..groups {
        out.clear();
        (0..GROUP).try_for_each(|_| bare.seal(&mut out))?;
        std::hint::black_box(&out);
    }
    Ok(())
}

/// Records a second of reading a file and opening alone, on so many threads.
pub(super) fn open(
    directory: &Path,
    shape: &Shape,
    events: u64,
    threads: usize,
) -> anyhow::Result<f64> {
    let path = directory.join("opened");
    let (bare, pieces) = written(&path, shape, events)?;
    let file = File::open(&path)?;
    let (mut opened, started) = (0, Instant::now());
    std::thread::scope(|scope| -> anyhow::Result<()> {
        let each = pieces.len().div_ceil(threads).max(1);
        let shares: Vec<_> = pieces
            .chunks(each)
            .map(|share| scope.spawn(|| open_pieces(&bare, &file, share)))
            .collect();
        for share in shares {
            opened += share.join().map_err(|_| anyhow::anyhow!("a thread panicked"))??;
        }
        Ok(())
    })?;
    let took = started.elapsed();
    std::fs::remove_file(&path)?;
    Ok(per_second(opened, took))
}

fn per_second(count: u64, took: Duration) -> f64 {
    rate(usize::try_from(count).unwrap_or(usize::MAX), took)
}

/// Writes the records of a load and says where each group stands.
fn written(path: &Path, shape: &Shape, events: u64) -> anyhow::Result<(Bare, Vec<(u64, usize)>)> {
    let mut bare = Bare::new(shape.clone())?;
    let mut file = File::create(path)?;
    let (mut pieces, mut out, mut at) = (Vec::new(), Vec::new(), 0);
    for _ in 0..usize::try_from(events)?.div_ceil(GROUP) {
        out.clear();
        (0..GROUP).try_for_each(|_| bare.seal(&mut out))?;
        file.write_all(&out)?;
        pieces.push((at, out.len()));
        at += u64::try_from(out.len())?;
    }
    Ok((bare, pieces))
}

fn open_pieces(bare: &Bare, file: &File, pieces: &[(u64, usize)]) -> anyhow::Result<u64> {
    let (mut opened, mut bytes) = (0, Vec::new());
    for (at, length) in pieces {
        bytes.resize(*length, 0);
        file.read_exact_at(&mut bytes, *at)?;
        opened += bare.open(&bytes).ok_or_else(|| anyhow::anyhow!("a record does not open"))?;
    }
    Ok(opened)
}
