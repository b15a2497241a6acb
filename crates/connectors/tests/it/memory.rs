//! A run takes the memory of a page and 32 bytes for each person, and not of everybody.
//!
//! Memory is measured in a process of its own: this test starts itself again, with the stand-in in
//! the same process, whose memory does not grow either. The control keeps everybody.

use std::process::Command;

use connectors::*;
use standins::{People, Role, Standin, System};

use crate::support::*;

const CHILD: &str = "ZEGEL_TEST_PEOPLE";
/// Hash sets of 20,000 keys and addresses, just grown, and some rest of the allocator.
const GROWTH_BYTES_MAX: u64 = 4 * 1024 * 1024;

fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// `system count keep`, and the peak that came of it.
fn child(order: &str) -> u64 {
    let words: Vec<&str> = order.split(' ').collect();
    let system = if words[0] == "afas" { System::Afas } else { System::Somtoday };
    let count: usize = words[1].parse().unwrap();
    let standin = Standin::start(Role::faithful(system, People { seed: 1, count })).unwrap();
    let coupling = coupling(&standin, system);
    let (ticks, pace) = (Ticks::of(&ALL, &["school.example"]), Still::default());
    let mut run =
        Run::start(&coupling, ticks, &Trust::default(), Limits::default(), &pace).unwrap();
    let mut kept = Vec::new();
    while let Some(page) = run.next_page().unwrap() {
        kept.extend(page.into_iter().filter(|_| words[2] == "keep"));
    }
    assert_eq!(run.summary().unwrap().people, u64::try_from(count).unwrap());
    peak_bytes()
}

fn measured(order: &str) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "memory::a_run_takes_the_memory_of_a_page", "--nocapture"]);
    let said = child.env(CHILD, order).output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let peak = said.lines().find_map(|line| line.split("peak ").nth(1)).unwrap_or_default();
    peak.trim().parse().unwrap()
}

#[test]
fn a_run_takes_the_memory_of_a_page() {
    if let Ok(order) = std::env::var(CHILD) {
        println!("peak {}", child(&order));
        return;
    }
    for system in ["afas", "somtoday"] {
        let few = measured(&format!("{system} 2000 drop"));
        let many = measured(&format!("{system} 20000 drop"));
        let kept = measured(&format!("{system} 20000 keep"));
        println!("{system}: 2,000 people {few}, 20,000 people {many}, all kept {kept} bytes");
        assert!(many < few + GROWTH_BYTES_MAX, "{few} {many}");
        assert!(kept > few + GROWTH_BYTES_MAX, "the control: {few} {kept}");
    }
}
