//! The card from end to end, over HTTP on the board of the demonstration, by programs in Python that
//! know nothing of our code (docs/guides/the-card.md).

use std::path::Path;
use std::process::Command;

use standins::{People, Role, Standin, System};

use crate::support::{python, zegel_bin};

/// Runs a script, if there is a Python with what it needs; gives what it printed.
///
/// A stand-in for AFAS answers while it runs.
fn script(name: &str, arguments: &[&str]) -> Option<(bool, String)> {
    let staff = People { seed: 7, count: 40 };
    let afas = Standin::start(Role::faithful(System::Afas, staff)).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(name);
    let holder = tempfile::tempdir().unwrap();
    let mut command = Command::new(python()?);
    command.arg(path).args(arguments).env("ZEGEL_BIN", zegel_bin()).current_dir(&holder);
    command.env("AFAS_ORIGIN", afas.origin()).env("AFAS_TOKEN", standins::afas::TOKEN);
    command.env("AFAS_PEOPLE", "40");
    let output = command.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    eprintln!("{printed}{}", String::from_utf8_lossy(&output.stderr));
    Some((output.status.success(), printed))
}

#[test]
fn the_card_holds_from_end_to_end() {
    let Some((good, printed)) = script("card.py", &[]) else { return };
    assert!(good && printed.contains("the card holds"), "{printed}");
}

#[test]
fn five_people_who_were_erased_after_a_year_are_told_of_nowhere() {
    let Some((good, printed)) = script("forgotten.py", &[]) else { return };
    assert!(good && printed.contains("control: all five are found"), "{printed}");
    assert!(printed.contains("forgotten: 5 people"), "{printed}");
}

#[test]
fn schemathesis_finds_no_fault_and_nothing_undocumented() {
    let roles = ["privacy-officer", "tenant-administrator"];
    let arguments = [&["3"], &roles[..]].concat();
    let Some((good, printed)) = script("schemathesis_run.py", &arguments) else { return };
    assert!(good, "{printed}");
}
