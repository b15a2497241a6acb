//! The binary dies at every step of an erasure and all over an import, and is opened again.
//!
//! A kill leaves the page cache, so these tests say nothing about syncs: `powercut.rs` does.

mod aftermath;
mod order;
mod strace;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;

use crate::support::{copy_tree, zegel_json};
use aftermath::{Doomed, Order, journal, run, text};
use strace::{Ended, calls, kill, traced};

pub(crate) use strace::is_usable as strace_is_usable;

const TENANT: &str = "school";
const ROUND: &str = "course evaluations";
/// Whoever orders and whoever approves are two.
const ORDERS: &str = "00000000000000000000000000000001";
const APPROVES: &str = "00000000000000000000000000000002";
/// Calls of the writer's thread from the fence's batch on, at least: fence, receipt, completion and
/// checkpoint durable and guarded, and a new root. The database writes on threads of its own.
const AFTER_FENCE: [(&str, usize); 2] = [("fdatasync", 13), ("pwrite64", 8)];
/// The shipped evaluations have as many rows.
const RESPONSES: u64 = 5_820;
/// Places of an import where it is killed.
const IMPORT_KILLS: usize = 12;

/// A small installation: one tenant, one round, twelve people and their responses.
struct School {
    data: PathBuf,
    person: String,
    /// Leaves of the person and of the person's pseudonym.
    leaves: BTreeSet<String>,
    identity_scope: String,
    _holder: tempfile::TempDir,
}

impl School {
    fn copy(&self) -> (tempfile::TempDir, PathBuf) {
        copy_of(&self.data)
    }
}

fn school() -> &'static School {
    static SCHOOL: OnceLock<School> = OnceLock::new();
    SCHOOL.get_or_init(|| {
        let holder = tempfile::tempdir().unwrap();
        let data = holder.path().join("school");
        let rows = holder.path().join("rows.csv");
        std::fs::write(&rows, evaluations(12)).unwrap();
        empty_school(&data);
        run_owned(&import(&data, &rows));
        let subjects = show(&data, &["subjects"]);
        let person = subjects.as_array().unwrap().iter().find(|row| row["leaves"]["1"] == 1);
        let person = person.unwrap()["subject"].as_str().unwrap().to_owned();
        let items = show(&data, &["subjects", "--subject", &person]);
        let leaf = |item: &Value| item["leaf"].as_str().unwrap().to_owned();
        let leaves: BTreeSet<_> = items.as_array().unwrap().iter().map(leaf).collect();
        assert_eq!(leaves.len(), 3, "identity, link and answers");
        let rounds = show(&data, &["rounds"]);
        let identity_scope = rounds["rounds"][0]["identity_scope"].as_str().unwrap().to_owned();
        School { data, person, leaves, identity_scope, _holder: holder }
    })
}

fn empty_school(data: &Path) {
    zegel_json(&["init", "--data", text(data)]);
    zegel_json(&["tenant", "start", "--data", text(data), "--name", TENANT]);
}

fn evaluations(rows: usize) -> String {
    let items: String = (1..=28).map(|item| format!(",Q{item}")).collect();
    let row = |row: usize| {
        let answers: String =
            (0..28).map(|item| format!(",{}", (row * 7 + item) % 5 + 1)).collect();
        format!("{},3,1,0,4{answers}\n", row % 2 + 1)
    };
    let rows: String = (0..rows).map(row).collect();
    format!("instr,class,nb.repeat,attendance,difficulty{items}\n{rows}")
}

fn copy_of(data: &Path) -> (tempfile::TempDir, PathBuf) {
    let holder = tempfile::tempdir().unwrap();
    let to = holder.path().join("school");
    copy_tree(data, &to);
    (holder, to)
}

fn arguments(words: &[&str], data: &Path, more: &[&str]) -> Vec<String> {
    let of = ["--data", text(data), "--tenant", TENANT];
    words.iter().chain(&of).chain(more).map(|word| (*word).to_owned()).collect()
}

fn import(data: &Path, rows: &Path) -> Vec<String> {
    let more = ["--file", text(rows), "--name", ROUND, "--invented-names"];
    arguments(&["import", "evaluations"], data, &more)
}

fn approve(data: &Path, order: &str) -> Vec<String> {
    arguments(&["erase"], data, &["--approve", order, "--by", APPROVES])
}

fn run_owned(arguments: &[String]) -> Value {
    zegel_json(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

fn show(data: &Path, what: &[&str]) -> Value {
    run_owned(&arguments(&[&["show"], what].concat(), data, &[]))
}

/// Kills a command at every call of `syscall`, checks what is left, and approves what waits.
///
/// Says how often each kind of aftermath was seen.
fn at_each(
    syscall: &str,
    prepared: &Path,
    command: &dyn Fn(&Path) -> Vec<String>,
    doomed: &Doomed,
) -> BTreeMap<&'static str, usize> {
    let mut seen = BTreeMap::new();
    for when in 1.. {
        let (_holder, data) = copy_of(prepared);
        let ended = kill(syscall, when, &command(&data));
        let order = aftermath::check(&data, TENANT, doomed)
            .unwrap_or_else(|wrong| panic!("{syscall} {when}: {wrong}"));
        if ended == Ended::Survived {
            break;
        }
        let kind = match order {
            Order::Absent => "absent",
            Order::Waiting(order) => {
                run_owned(&approve(&data, &order));
                assert_eq!(aftermath::check(&data, TENANT, doomed), Ok(Order::Done));
                "waiting"
            }
            Order::Done => "done",
        };
        *seen.entry(kind).or_default() += 1;
    }
    eprintln!("killed at each {syscall}: {seen:?}");
    seen
}

#[test]
fn the_erasure_of_a_person_survives_a_kill_at_each_sync_and_each_write() {
    if !strace::is_usable() {
        return;
    }
    let school = school();
    let doomed = Doomed::Leaves(school.leaves.clone());
    let more = ["--subject", &school.person, "--ground", "art-17", "--yes"];
    let erase = |data: &Path| arguments(&["erase"], data, &more);
    for (syscall, most) in AFTER_FENCE {
        let seen = at_each(syscall, &school.data, &erase, &doomed);
        assert!(seen["absent"] >= 1 && seen["waiting"] >= 1 && seen["done"] >= most, "{seen:?}");
    }
}

#[test]
fn an_erasure_survives_kills_of_its_own_recovery() {
    if !strace::is_usable() {
        return;
    }
    let school = school();
    let doomed = Doomed::Leaves(school.leaves.clone());
    let more = ["--subject", &school.person, "--yes"];
    let (_holder, traced_copy) = school.copy();
    let steps = calls(&traced(&arguments(&["erase"], &traced_copy, &more)), "fdatasync");
    let mut kills = 0;
    for first in (1..=steps).step_by(5) {
        let (_holder, killed) = school.copy();
        assert_eq!(kill("fdatasync", first, &arguments(&["erase"], &killed, &more)), Ended::Killed);
        for second in 1.. {
            let (_holder, data) = copy_of(&killed);
            let recovery = ["doctor".to_owned(), "--data".to_owned(), text(&data).to_owned()];
            let ended = kill("fdatasync", second, &recovery);
            let order = aftermath::check(&data, TENANT, &doomed);
            assert!(order.is_ok(), "{first}, then {second}: {order:?}");
            if ended == Ended::Survived {
                break;
            }
            kills += 1;
        }
    }
    eprintln!("recoveries killed: {kills}");
    assert!(kills > steps / 5, "{kills} kills");
}

/// Ordered by one, killed; ordered by one and approved by another, killed.
fn four_eyes(words: &[&str], more: &[&str], doomed: &Doomed) {
    let school = school();
    let more = [more, &["--ground", "contract-end", "--by", ORDERS]].concat();
    let order = |data: &Path| arguments(words, data, &more);
    let seen = at_each("fdatasync", &school.data, &order, doomed);
    assert!(seen["absent"] >= 1 && seen["waiting"] >= 1 && !seen.contains_key("done"), "{seen:?}");
    let (_holder, ordered) = school.copy();
    let waiting = run_owned(&order(&ordered))["order"].as_str().unwrap().to_owned();
    // Still waiting after a restart, and another one.
    for _ in 0..2 {
        let still = aftermath::check(&ordered, TENANT, doomed);
        assert_eq!(still, Ok(Order::Waiting(waiting.clone())));
    }
    let approve = |data: &Path| approve(data, &waiting);
    for (syscall, most) in AFTER_FENCE {
        let seen = at_each(syscall, &ordered, &approve, doomed);
        assert!(seen["waiting"] >= 1 && seen["done"] >= most, "{seen:?}");
        assert!(!seen.contains_key("absent"), "{seen:?}");
    }
}

#[test]
fn the_end_of_a_scope_survives_a_kill_at_each_step() {
    if !strace::is_usable() {
        return;
    }
    let scope = &school().identity_scope;
    let doomed = Doomed::Scope(scope.clone());
    four_eyes(&["scope", "end"], &["--scope", scope, "--four-eyes"], &doomed);
}

#[test]
fn the_end_of_a_tenant_survives_a_kill_at_each_step() {
    if !strace::is_usable() {
        return;
    }
    four_eyes(&["tenant", "end"], &[], &Doomed::Everything);
}

/// Responses that count, and records by event: what an import left.
fn imported(data: &Path) -> Result<(u64, BTreeMap<String, u64>), String> {
    run(&["doctor", "--data", text(data)])?;
    run(&["replay", "--check", "--data", text(data)])?;
    let rounds = run(&["show", "rounds", "--data", text(data), "--tenant", TENANT])?;
    let counted = rounds["rounds"].as_array().into_iter().flatten();
    let counted = counted.map(|round| round["responses"].as_u64().unwrap_or(0)).sum();
    let (mut events, mut leaves) = (BTreeMap::new(), BTreeSet::new());
    for row in journal(data, TENANT)? {
        let event = row["event"].as_str().unwrap_or_default().to_owned();
        let person = row["parts"].as_array().and_then(|parts| parts.get(1));
        let leaf = person.map(|part| part["leaf"].to_string());
        if leaf.is_some_and(|leaf| !leaves.insert(leaf)) {
            return Err(format!("two records of {event} under one leaf"));
        }
        *events.entry(event).or_default() += 1;
    }
    let expected = if events.contains_key("import.completed") { RESPONSES } else { 0 };
    if counted == expected { Ok((counted, events)) } else { Err(format!("{counted} count")) }
}

#[test]
fn an_import_killed_anywhere_is_repeated_without_a_row_too_many_or_too_few() {
    if !strace::is_usable() {
        return;
    }
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../crates/zegel/data/turkiye-student-evaluation.csv.gz");
    let holder = tempfile::tempdir().unwrap();
    let prepared = holder.path().join("school");
    empty_school(&prepared);
    let (_holder, whole) = copy_of(&prepared);
    let steps = calls(&traced(&import(&whole, &shipped)), "fdatasync");
    let (mut killed, mut partly, mut resumed) = (0, 0, 0);
    for number in 0..IMPORT_KILLS {
        let when = 1 + number * (steps - 1) / (IMPORT_KILLS - 1);
        let (_holder, data) = copy_of(&prepared);
        // A checkpoint every second makes the number of syncs depend on the machine.
        killed += usize::from(kill("fdatasync", when, &import(&data, &shipped)) == Ended::Killed);
        let (counted, events) = imported(&data).unwrap_or_else(|wrong| panic!("{when}: {wrong}"));
        partly += u64::from(counted == 0 && events.contains_key("survey.response-submitted"));
        let again = run_owned(&import(&data, &shipped));
        resumed += again["resumed_records"].as_u64().unwrap();
        let (counted, events) = imported(&data).unwrap_or_else(|wrong| panic!("{when}: {wrong}"));
        assert_eq!(counted, RESPONSES, "{when}");
        for event in
            ["people.person-registered", "survey.response-submitted", "survey.respondent-linked"]
        {
            assert_eq!(events[event], RESPONSES, "{when}: {event}");
        }
        assert_eq!((events["import.started"], events["import.completed"]), (1, 1), "{when}");
        let records: u64 = events.values().sum();
        assert_eq!(run_owned(&import(&data, &shipped))["already_handled"], true, "{when}");
        let tenants = zegel_json(&["show", "tenants", "--data", text(&data)]);
        assert_eq!(tenants[0]["records"], records, "{when}: a third time changes nothing");
    }
    eprintln!("{killed} kills among {steps} syncs: {partly} left rows that do not count");
    assert!(
        killed > IMPORT_KILLS / 2 && partly >= 2 && resumed > 0,
        "{killed}, {partly}, {resumed}"
    );
}

/// What the checks must see: states that a wrong order of steps would leave behind.
#[test]
fn the_checks_see_a_broken_protocol() {
    if !strace::is_usable() {
        return;
    }
    let school = school();
    let doomed = Doomed::Leaves(school.leaves.clone());
    let (_holder, done) = school.copy();
    run_owned(&arguments(&["erase"], &done, &["--subject", &school.person, "--yes"]));
    assert_eq!(aftermath::check(&done, TENANT, &doomed), Ok(Order::Done));
    let with = |from: &Path, directory: &str| {
        let (holder, data) = copy_of(&done);
        std::fs::remove_dir_all(data.join(directory)).unwrap();
        copy_tree(&from.join(directory), &data.join(directory));
        (holder, data)
    };
    let refusal = |data: &Path| aftermath::check(data, TENANT, &doomed).unwrap_err();
    // The receipt before the cut: the old root still stands.
    let (_h1, old_root) = with(&school.data, "keys");
    let said = refusal(&old_root);
    assert!(said.contains("key tree") || said.contains("epoch"), "{said}");
    // The new root before its pages: they are older than the root.
    let (_h2, old_pages) = with(&school.data, "db");
    std::fs::remove_dir_all(old_pages.join("guard")).unwrap();
    copy_tree(&school.data.join("guard"), &old_pages.join("guard"));
    let said = refusal(&old_pages);
    assert!(said.contains("older than"), "{said}");
    // The receipt is gone with an older database.
    let (_h3, old_database) = with(&school.data, "db");
    let said = refusal(&old_database);
    assert!(said.contains("guard") || said.contains("older than"), "{said}");
    // Completed, and yet parts of a person open: as if the wrong leaves had been cut.
    let someone = show(&done, &["subjects"])[0]["subject"].as_str().unwrap().to_owned();
    let items = show(&done, &["subjects", "--subject", &someone]);
    let leaf = items[0]["leaf"].as_str().unwrap().to_owned();
    let said = aftermath::check(&done, TENANT, &Doomed::Leaves([leaf].into())).unwrap_err();
    assert!(said.contains("Done"), "{said}");
}
