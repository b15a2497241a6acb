//! The binary: clock, configuration, commands. Everything else is in the crates below.
//!
//! Exit codes: 0 good, 1 failed, 2 usage, 3 incomplete, 4 untrusted, 5 tampered.

mod cli;
mod commands;
mod environment;
mod evaluations;
mod home;
mod names;
mod output;

use std::process::ExitCode;

use clap::Parser as _;

/// Whatever is freed is overwritten: no answer and no name outlives its request in our memory.
#[global_allocator]
static MEMORY: wipe::Wiping = wipe::Wiping;

// A build that can record its keys, or leave them about, must not exist.
const _: () = assert!(!engine::HARNESS && !wipe::HARNESS, "the feature `harness` is for proofs");

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    environment::harden();
    environment::quiet_panics();
    let output = output::Output::new(arguments.json);
    match commands::run(&arguments, &output) {
        Ok(code) => code,
        Err(error) => output.failure(&error),
    }
}
