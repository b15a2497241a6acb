//! What the fuzzers found worth keeping, and everything that ever failed, runs again.
#![expect(clippy::unwrap_used, reason = "a proof that fails says so at once")]

use std::path::Path;

fn inputs(directory: &Path) -> Vec<Vec<u8>> {
    let Ok(files) = std::fs::read_dir(directory) else { return Vec::new() };
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

#[test]
fn every_input_that_was_kept_holds() {
    let mut all = 0;
    for (name, target) in trial::TARGETS {
        let inputs = inputs(&Path::new(trial::CORPORA).join(name));
        assert!(!inputs.is_empty(), "{name} has no corpus: cargo run -p trial --example seeds");
        all += inputs.len();
        inputs.iter().for_each(|bytes| target(bytes));
    }
    eprintln!("{all} inputs of {} targets", trial::TARGETS.len());
}

#[test]
fn each_seed_holds_and_so_does_what_lies_beside_it() {
    for (name, seeds) in trial::seeds::all() {
        for seed in seeds {
            trial::run(name, &seed);
            for at in (0..seed.len()).step_by(seed.len() / 64 + 1) {
                let mut changed = seed.clone();
                changed[at] ^= 1 << (at % 8);
                trial::run(name, &changed);
                trial::run(name, &seed[..at]);
            }
        }
    }
}

#[test]
fn each_target_has_a_fuzzer() {
    let manifest = include_str!("../../../fuzz/Cargo.toml");
    for (name, _) in trial::TARGETS {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
}
