//! `zegel init`: a new installation.

use serde::Serialize;

use crate::cli::Init;
use crate::environment;
use crate::home::Home;
use crate::output::Output;

#[derive(Serialize)]
struct Made {
    data: String,
    guard: String,
    vkey: String,
    guard_is_apart: bool,
}

pub(super) fn run(init: &Init, output: Output) -> anyhow::Result<()> {
    let (home, engine) = Home::create(&init.data.data, init.guard.clone(), environment::clock())?;
    let made = Made {
        data: init.data.data.display().to_string(),
        guard: home.paths()?.guard.display().to_string(),
        vkey: engine.vkey(),
        guard_is_apart: init.guard.is_some(),
    };
    output.result(&made, |made| {
        let advice = if made.guard_is_apart {
            ""
        } else {
            "\nThe guard stands beside the database: a copy on another machine (--guard) sees more."
        };
        format!(
            "New installation in {}\nVerifying key, for auditors to pin:\n  {}{advice}\n\
             Next: zegel tenant start --data {} --name NAME",
            made.data, made.vkey, made.data
        )
    })
}
