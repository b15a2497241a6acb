//! The whole engine at work, for `replay-tests/scripts/powercut.py` to cut the power under it, and
//! for `ordeal.py` beside it to kill it, to fail its calls and to fill its disk.
//!
//! Usage: `workload write DIR SEED TURNS` mixes what is done at random, `workload canon DIR` does all
//! of it once in a fixed order, `workload fill DIR SEED TURNS` erases when the disk is full; after
//! any of them, `workload check DIR`. The writers print at once what was acknowledged:
//! `ack KEY VALUE` must be found again exactly; after `also KEY VALUE`, which stands before a change,
//! this value is as good. The check prints `have KEY VALUE`.
//!
//! ```text
//! ack record/SEQ HASH       a record                also part/SEQ/PART erased   it is being erased
//! ack part/SEQ/PART STATE   open, public, erased    ack order/ORDER SEQ         erased, its receipt
//! ack import/N completed    its rows count          ack tenant/ID ended         its keys are gone
//! ```
#![expect(clippy::print_stdout, reason = "standard output is how it reports")]

mod check;
mod installation;
mod load;

use std::error::Error;
use std::path::Path;

/// As the binary has it.
#[global_allocator]
static MEMORY: wipe::Wiping = wipe::Wiping;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["write", directory, seed, turns] => {
            load::write(Path::new(directory), seed.parse()?, turns.parse()?)
        }
        ["canon", directory] => load::canon(Path::new(directory)),
        ["fill", directory, seed, turns] => {
            load::fill(Path::new(directory), seed.parse()?, turns.parse()?)
        }
        ["check", directory] => check::check(Path::new(directory)),
        _ => Err("usage: workload write DIR SEED TURNS | workload canon DIR | workload fill DIR SEED TURNS | \
                   workload check DIR".into()),
    }
}
