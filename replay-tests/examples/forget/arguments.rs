//! How large, and with which mistake.

use std::path::{Path, PathBuf};

use replay_tests::dice::Xorshift;

/// What is asked for.
pub(crate) struct Arguments {
    pub(crate) directory: PathBuf,
    pub(crate) people: u64,
    pub(crate) rounds: u64,
    pub(crate) erase: usize,
    pub(crate) scopes: usize,
    /// People of one more import, whose scopes end: whole pages and branches go.
    pub(crate) mass: u64,
    pub(crate) seed: u64,
    pub(crate) file_system: String,
    pub(crate) mistake: Option<String>,
}

impl Arguments {
    pub(crate) fn new(directory: &str, mut rest: &[&str]) -> Self {
        let mut arguments = Self {
            directory: Path::new(directory).to_owned(),
            people: 10_000,
            rounds: 24,
            erase: 1_000,
            scopes: 20,
            mass: 6_000,
            seed: fresh_seed(),
            file_system: "ext4".to_owned(),
            mistake: None,
        };
        while let [name, value, others @ ..] = rest {
            let number = || value.parse::<u64>().expect("a number");
            let count = || usize::try_from(number()).expect("a number");
            match *name {
                "--people" => arguments.people = number(),
                "--rounds" => arguments.rounds = number(),
                "--erase" => arguments.erase = count(),
                "--scopes" => arguments.scopes = count(),
                "--mass" => arguments.mass = number(),
                "--seed" => arguments.seed = number(),
                "--fs" => arguments.file_system = (*value).to_owned(),
                "--mistake" => arguments.mistake = Some((*value).to_owned()),
                other => panic!("{other}?"),
            }
            rest = others;
        }
        assert!(rest.is_empty(), "{rest:?} has no value");
        eprintln!("seed {}", arguments.seed);
        arguments
    }

    /// What the seed gives.
    pub(crate) fn random(&self) -> Xorshift {
        Xorshift::new(self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }
}

fn fresh_seed() -> u64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    since.as_secs() ^ u64::from(since.subsec_nanos()) << 20
}
