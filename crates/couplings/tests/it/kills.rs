//! A process that runs a coupling is killed all over the run and opened again: the school has last
//! week's contacts or this week's, never none and never a mix.
//!
//! The process is this test binary itself. A kill leaves the page cache, so nothing is said of syncs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use record::JournalId;
use standins::{People, Role, System};

use crate::world::*;

const HOME: &str = "ZEGEL_KILLS_HOME";
const LAST: usize = 60;
const THIS: usize = 61;
const KILLS: u32 = 24;

/// Not a test of its own: what the killed process does.
#[test]
fn the_run_that_is_killed() {
    let Some(home) = std::env::var_os(HOME) else { return };
    let mut engine = open(Path::new(&home));
    let school = JournalId::from_hex(&engine.tenants().first().unwrap().tenant).unwrap();
    let role = Role::faithful(System::Afas, People { seed: 7, count: THIS });
    let (settings, _standin) = settings(&role);
    std::fs::write(Path::new(&home).join("running"), "").unwrap();
    couplings::run(&mut engine, (school, COUPLING), &settings, &Still, &mut |_| {}).unwrap();
}

/// Whether these are last week's contacts or this week's, whole.
fn is_whole(found: &BTreeSet<String>) -> bool {
    *found == served(7, LAST) || *found == served(7, THIS)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (entry, to) = (entry.unwrap(), to.to_owned());
        let to: PathBuf = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(std::fs::copy(entry.path(), to).unwrap()),
        }
    }
}

/// Runs in a copy until it is killed, or to its end; how long it ran.
fn run_in(home: &Path, kill_after: Option<Duration>) -> Duration {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kills::the_run_that_is_killed"])
        .env(HOME, home)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while !home.join("running").exists() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let start = Instant::now();
    if let Some(after) = kill_after {
        std::thread::sleep(after);
        let _ended_already = child.kill();
    }
    child.wait().unwrap();
    start.elapsed()
}

#[test]
fn killed_anywhere_the_school_has_one_week_whole() {
    let mut world = World::new(System::Afas);
    world.week(System::Afas, 7, LAST);
    let (home, school) = (world.home, world.school);
    drop(world.engine);
    let whole = tempfile::tempdir().unwrap();
    copy(home.path(), whole.path());
    let takes = run_in(whole.path(), None);
    let mut ends = BTreeSet::new();
    for kill in 0..KILLS {
        let at = tempfile::tempdir().unwrap();
        copy(home.path(), at.path());
        run_in(at.path(), Some(takes * kill / KILLS));
        let engine = open(at.path());
        let found = contacts(&engine, school);
        let found: BTreeSet<String> = found.into_iter().map(|(address, _)| address).collect();
        assert!(is_whole(&found), "kill {kill}: {} contacts", found.len());
        let state = engine.tenant(school).unwrap().state();
        assert!(state.arriving_syncs().is_empty(), "kill {kill}: a run is left");
        ends.insert(found.len());
    }
    assert!(ends.contains(&LAST), "no kill came before the switch");
}

#[test]
fn the_judge_says_no_to_none_and_to_a_mix() {
    assert!(!is_whole(&BTreeSet::new()));
    let mut mix = served(7, LAST);
    mix.pop_first();
    assert!(!is_whole(&mix));
    mix.insert("vreemd@school.example".to_owned());
    assert!(!is_whole(&mix));
}
