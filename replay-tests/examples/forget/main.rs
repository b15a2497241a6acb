//! Forgetting at scale, judged by whoever took every file, the disk and the memory.
//!
//! Usage: `forget scale|disk|memory DIR [--people N] [--rounds N] [--erase N] [--scopes N]
//! [--mass N] [--seed N] [--fs ext4|xfs] [--mistake old-slot|node-keys|pages|wipe]`, where `DIR`
//! is a new directory. It prints figures as JSON; the exit code is 1 if anything was found.
//!
//! The product runs in processes of its own (`forget work …`, `forget serve …`), built with the
//! feature `harness`: it notes every key that it draws in a file outside the installation, and
//! with `--mistake` it is wrong on purpose.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a harness that cannot go on says so at once; standard output is how it reports"
)]

mod arguments;
mod disk;
mod holder;
mod judge;
mod known;
mod marks;
mod memory;
mod product;
mod scale;
mod serve;
mod work;

use std::path::Path;
use std::process::ExitCode;

use arguments::Arguments;

/// The same allocator as in the binary.
#[global_allocator]
static MEMORY: wipe::Wiping = wipe::Wiping;

/// Exit code where the machine lacks what is needed.
const SKIPPED: u8 = 77;

fn main() -> ExitCode {
    if std::env::var("ZEGEL_HARNESS_MISTAKE").is_ok_and(|mistake| mistake == "wipe") {
        wipe::control::WIPES.store(false, std::sync::atomic::Ordering::Relaxed);
    }
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let found = match words.as_slice() {
        ["work", rest @ ..] => {
            work::run(rest);
            Some(true)
        }
        ["serve", directory] => {
            serve::run(Path::new(directory));
            Some(true)
        }
        ["scale", directory, rest @ ..] => Some(scale::run(&Arguments::new(directory, rest))),
        ["disk", directory, rest @ ..] => disk::run(&Arguments::new(directory, rest)),
        ["memory", directory, rest @ ..] => memory::run(&Arguments::new(directory, rest)),
        _ => panic!("usage: forget scale|disk|memory DIR"),
    };
    match found {
        Some(true) => ExitCode::SUCCESS,
        Some(false) => ExitCode::FAILURE,
        None => ExitCode::from(SKIPPED),
    }
}
