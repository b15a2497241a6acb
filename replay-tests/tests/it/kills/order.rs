//! The order of writes and syncs in a cut, read from a trace of system calls.
//!
//! *Invariant:* no file is written while another one's writes wait for their sync; so the pages are
//! durable before the new root is, and the new root before the old one is overwritten.

use std::collections::BTreeMap;
use std::path::Path;

use super::aftermath::text;
use super::strace::{Ended, is_usable, kill, traced};
use super::{ORDERS, approve, arguments, copy_of, run_owned, school};

/// One file written and then synced, with nothing else written in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Database,
    GuardLog,
    GuardHead,
    /// At this offset of the slot file.
    Slot(u64),
}
use Step::{Database, GuardHead, GuardLog, Slot};

/// The spare slot of an installation that was never cut, and the live one.
const SPARE: Step = Slot(4_096);
const LIVE: Step = Slot(0);

enum Call<'a> {
    Write(Step),
    Sync(&'a str),
}

/// The steps of a trace, or why it breaks the invariant.
fn steps(trace: &str) -> Result<Vec<Step>, String> {
    let (mut steps, mut waiting) = (Vec::new(), None::<Step>);
    let mut begun = BTreeMap::new();
    for line in trace.lines() {
        match call(line, &mut begun) {
            Some(Call::Write(step)) => match waiting.replace(step) {
                Some(other) if other != step => {
                    return Err(format!("{step:?} written before {other:?} was synced"));
                }
                _ => {}
            },
            Some(Call::Sync(file)) => {
                steps.extend(waiting.take_if(|step| step.is_in(file)));
            }
            None => {}
        }
    }
    match waiting {
        Some(step) => Err(format!("{step:?} was never synced")),
        None => Ok(steps),
    }
}

/// A write when it begins, a sync when it has ended well.
fn call<'a>(line: &'a str, begun: &mut BTreeMap<&'a str, &'a str>) -> Option<Call<'a>> {
    let (thread, call) = line.split_once(' ')?;
    let call = call.trim_start();
    if call.starts_with("pwrite64(") {
        let (rest, _) =
            call.rsplit_once(')').unwrap_or((call.trim_end_matches(" <unfinished ...>"), ""));
        let offset = rest.rsplit(", ").next()?.parse().ok()?;
        return step_of(file(call)?, offset).map(Call::Write);
    }
    let is_sync = ["fdatasync(", "fsync("].iter().any(|name| call.starts_with(name));
    if is_sync && call.ends_with("<unfinished ...>") {
        begun.insert(thread, file(call)?);
        return None;
    }
    let resumed = call.starts_with("<... fdatasync") || call.starts_with("<... fsync");
    let synced = if resumed { begun.remove(thread)? } else { file(call).filter(|_| is_sync)? };
    call.ends_with("= 0").then_some(Call::Sync(synced))
}

/// The name between `<` and `>` of the first argument.
fn file(call: &str) -> Option<&str> {
    Some(call.split_once('<')?.1.split_once('>')?.0)
}

fn step_of(file: &str, offset: u64) -> Option<Step> {
    match file.rsplit_once('/')?.1 {
        "db" => Some(Database),
        name if name.ends_with(".log") => Some(GuardLog),
        name if name.ends_with(".head") => Some(GuardHead),
        name if name.ends_with(".slots") => Some(Slot(offset)),
        _ => None,
    }
}

impl Step {
    fn is_in(&self, file: &str) -> bool {
        let offset = if let Slot(offset) = self { *offset } else { 0 };
        step_of(file, offset).as_ref() == Some(self)
    }
}

/// What an approved erasure must do from the end of the opening to the receipt.
fn expected() -> Vec<Step> {
    let guarded = [Database, GuardLog, GuardHead];
    [
        // Ordered; then approved and fenced, with the pages: durable and guarded, one by one.
        guarded.repeat(2).as_slice(),
        // The new root, the end of the old one, and only then the receipt.
        &[SPARE, LIVE],
        &guarded,
    ]
    .concat()
}

/// Whether a trace of `zegel erase --yes` keeps the order.
fn check(trace: &str) -> Result<(), String> {
    let steps = steps(trace)?;
    let cut = after_opening(&steps).ok_or("no slot was written")?;
    if cut.starts_with(&expected()) { Ok(()) } else { Err(format!("another order: {cut:?}")) }
}

/// Opening clears the spare slot once more; what was asked for comes after it.
fn after_opening(steps: &[Step]) -> Option<&[Step]> {
    let opened = steps.iter().position(|step| *step == SPARE)?;
    steps.get(opened + 1..)
}

#[test]
fn pages_are_durable_before_the_root_and_the_root_before_the_receipt() {
    if !is_usable() {
        return;
    }
    let school = school();
    let (_holder, data) = school.copy();
    let trace = traced(&arguments(&["erase"], &data, &["--subject", &school.person, "--yes"]));
    assert_eq!(check(&trace), Ok(()), "{trace}");
    for (name, changed) in reordered(&trace) {
        assert!(check(&changed).is_err(), "{name} was not seen:\n{changed}");
    }
}

/// A kill after the fence of a whole tenant was written and before it was guarded: opening must
/// guard it and note it in the operator journal before it overwrites a slot.
#[test]
fn recovery_guards_the_end_of_a_tenant_before_it_touches_a_slot() {
    if !is_usable() {
        return;
    }
    let (_holder, ordered) = school().copy();
    let waiting = run_owned(&arguments(&["tenant", "end"], &ordered, &["--by", ORDERS]));
    let approve = |data: &Path| approve(data, waiting["order"].as_str().unwrap());
    let (_holder, whole) = copy_of(&ordered);
    let whole = steps(&traced(&approve(&whole))).unwrap();
    // Approval and fence follow the opening, which clears the spare slot.
    let guarded = [Database, GuardLog, GuardHead];
    assert!(after_opening(&whole).unwrap().starts_with(&guarded), "{whole:?}");
    let (_holder, killed) = copy_of(&ordered);
    let fence_written = 1 + 1;
    assert_eq!(kill("fdatasync", fence_written, &approve(&killed)), Ended::Killed);
    let opening = ["doctor".to_owned(), "--data".to_owned(), text(&killed).to_owned()];
    let opening = steps(&traced(&opening)).unwrap();
    let slot = opening.iter().position(|step| *step == LIVE || *step == SPARE).unwrap();
    let first = opening.iter().position(|step| *step != Database).unwrap();
    let noted = [GuardLog, GuardHead, Database, GuardLog, GuardHead, GuardHead];
    assert!(first < slot && opening[first..slot].starts_with(&noted), "{opening:?}");
}

/// The same trace as a wrong program would have left it.
fn reordered(trace: &str) -> Vec<(&'static str, String)> {
    let lines: Vec<&str> = trace.lines().collect();
    let slots: Vec<usize> =
        (0..lines.len()).filter(|line| lines[*line].contains(".slots>")).collect();
    // The opening clears the spare slot: a write and a sync. Then the two of the cut.
    let [_, _, spare, _, live, live_sync] = slots[..] else { panic!("{trace}") };
    let syncs_database =
        |line: &&usize| lines[**line].contains("fdatasync") && lines[**line].contains("/db>");
    let before: Vec<usize> = (0..spare).collect();
    let pages_sync = *before.iter().rev().find(syncs_database).unwrap();
    let guard_sync = *before.iter().rev().find(|line| lines[**line].contains(".head>")).unwrap();
    let moved = |from: usize, to: usize| {
        let mut lines = lines.clone();
        let line = lines.remove(from);
        lines.insert(to, line);
        lines.join("\n")
    };
    let without = |line: usize| [&lines[..line], &lines[line + 1..]].concat().join("\n");
    vec![
        ("the root before the sync of its pages", moved(pages_sync, spare)),
        ("pages that were not synced", without(pages_sync)),
        ("the old root overwritten before the new one is durable", moved(live, spare + 1)),
        ("an old root whose end was not synced", without(live_sync)),
        ("the fence guarded after the root", moved(guard_sync, live_sync)),
        ("the root before everything", moved(spare, slots[1] + 1)),
    ]
}
