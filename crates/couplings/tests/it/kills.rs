//! A process that runs a coupling is killed after each page and opened again: the school has last
//! week's contacts or this week's, never none and never a mix.
//!
//! The process is this test binary itself. A kill leaves the page cache, so nothing is said of syncs.
//! The steps of the switch itself are not aimed at: only the kill after the last page may hit them.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use record::JournalId;
use standins::{People, Role, System};

use crate::world::*;

const HOME: &str = "ZEGEL_KILLS_HOME";
const LAST: usize = 60;
const THIS: usize = 61;
/// Pages of ten rows.
const PAGES: usize = 7;
const PAGE: &str = "a page is recorded";

/// Not a test of its own: what the killed process does.
#[test]
fn the_run_that_is_killed() {
    let Some(home) = std::env::var_os(HOME) else { return };
    let mut engine = open(Path::new(&home));
    let school = JournalId::from_hex(&engine.tenants().first().unwrap().tenant).unwrap();
    let role = Role::faithful(System::Afas, People { seed: 7, count: THIS });
    let (settings, _standin) = settings(&role);
    let mut said = |_| writeln!(std::io::stdout(), "{PAGE}").unwrap();
    couplings::run(&mut engine, (school, COUPLING), &settings, &Still, &mut said).unwrap();
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

/// Runs in a copy until it recorded so many pages, and is killed then.
fn run_until(home: &Path, pages: usize) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kills::the_run_that_is_killed", "--nocapture"])
        .env(HOME, home)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let recorded = said.filter(|line| line.contains(PAGE)).take(pages).count();
    assert_eq!(recorded, pages, "it ended before it could be killed");
    let _ended_already = child.kill();
    child.wait().unwrap();
}

#[test]
fn killed_after_each_page_the_school_has_one_week_whole() {
    let mut world = World::new(System::Afas);
    world.week(System::Afas, 7, LAST);
    let (home, school) = (world.home, world.school);
    drop(world.engine);
    let mut ends = BTreeSet::new();
    for pages in 1..=PAGES {
        let at = tempfile::tempdir().unwrap();
        copy(home.path(), at.path());
        run_until(at.path(), pages);
        let engine = open(at.path());
        let found = contacts(&engine, school);
        let found: BTreeSet<String> = found.into_iter().map(|(address, _)| address).collect();
        assert!(is_whole(&found), "after page {pages}: {} contacts", found.len());
        let state = engine.tenant(school).unwrap().state();
        assert!(state.arriving_syncs().is_empty(), "after page {pages}: a run is left");
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
