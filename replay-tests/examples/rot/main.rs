//! Bit rot: damages copies of an installation, one place at a time, and asks what is noticed.
//!
//! Usage: `rot DIR OLDER COUNT SEED [WORKERS]`. DIR is an installation that was closed, OLDER the
//! same one as it was earlier; copies are made beside DIR, best in memory. Each damage ends as
//! `harmless` (everything reads as it was written), `named` (refused or reported, with its place),
//! `unnamed` (reported without a place), `silent` (all looks good, and what is read is something
//! else), `panicked`, `died` or `hung`. Only the first two are good.
//!
//! Workers are processes of their own, so that one which dies or hangs is counted and replaced.
//! Prints one line of JSON; what was not good, and one message of each sort, on standard error.
#![expect(clippy::print_stdout, reason = "standard output is how it reports")]
#![expect(clippy::print_stderr, reason = "what was wrong is told beside the result")]

mod damage;
mod judge;
mod supervise;

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["worker", directory, older, seed, from, to] => {
            let range = from.parse()?..to.parse()?;
            judge::work(Path::new(directory), Path::new(older), seed.parse()?, range)
        }
        [directory, older, count, seed] => {
            supervise::run([directory, older], count.parse()?, seed.parse()?, 1)
        }
        [directory, older, count, seed, workers] => {
            supervise::run([directory, older], count.parse()?, seed.parse()?, workers.parse()?)
        }
        _ => Err("usage: rot DIR OLDER COUNT SEED [WORKERS]".into()),
    }
}
