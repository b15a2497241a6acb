//! Writes the first inputs of each fuzzer: golden bytes, and what the product itself writes.
//!
//! Usage: `cargo run -p trial --example seeds`. What stands there already is left alone.
#![expect(clippy::unwrap_used, reason = "whoever runs this looks at what it says")]

use std::path::{Path, PathBuf};

fn main() {
    for (target, seeds) in trial::seeds::all() {
        let directory = Path::new(trial::CORPORA).join(target);
        std::fs::create_dir_all(&directory).unwrap();
        for (number, seed) in seeds.iter().enumerate() {
            let file: PathBuf = directory.join(format!("seed-{number:02}"));
            if !file.exists() {
                std::fs::write(file, seed).unwrap();
            }
        }
    }
}
