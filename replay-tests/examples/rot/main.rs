//! Bit rot: damages copies of an installation, one place at a time, and asks what is noticed.
//!
//! Usage: `rot DIR OLDER COUNT SEED WORKERS [rolled-back]`. DIR is an installation that was closed, OLDER the
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
mod saved;
mod supervise;

use std::error::Error;
use std::path::Path;

/// The control: all files are the older ones, which only an outsider could see.
const ROLLED_BACK: &str = "rolled-back";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["worker", directory, older, seed, from, to, rest @ ..] => {
            let range = from.parse()?..to.parse()?;
            let places = judge::Places { directory: Path::new(directory), older: Path::new(older) };
            judge::work(places, seed.parse()?, range, *rest == [ROLLED_BACK])
        }
        [directory, older, count, seed, workers, rest @ ..]
            if rest.is_empty() || *rest == [ROLLED_BACK] =>
        {
            let job = supervise::Job { directory, older, seed: seed.parse()?, more: rest };
            supervise::run(&job, count.parse()?, workers.parse()?)
        }
        _ => Err("usage: rot DIR OLDER COUNT SEED WORKERS [rolled-back]".into()),
    }
}
