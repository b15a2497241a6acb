//! What the key tree costs: minting, cutting, opening and memory, with pages in a map.
//!
//! `cargo run --release -p vault --example vault_cost`
//!
//! Sealing and opening are given in processor time, so that a busy machine tells the same; cuts,
//! which wait for the medium, in elapsed time.
#![expect(clippy::print_stdout, reason = "this program exists to print")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use record::public::Cut;
use record::{
    Addressee, Category, CommandId, Draft, DraftPart, EventKind, JournalId, Origin, PageKey,
    PageWrite, PersonLabel, Plaintext, SubjectId,
};
use vault::Vault;

type Pages = BTreeMap<PageKey, Vec<u8>>;
type Failed = Box<dyn Error>;

const GROUP: u64 = 64;
const CUTS: u64 = 100;

fn main() -> Result<(), Failed> {
    let directory = std::env::temp_dir().join(format!("zegel-cost-{}", std::process::id()));
    fs::create_dir_all(&directory)?;
    for people in [1_000, 1_000_000] {
        measure(&directory.join(people.to_string()), people)?;
    }
    fs::remove_dir_all(&directory)?;
    Ok(())
}

fn measure(slots: &Path, people: u64) -> Result<(), Failed> {
    println!("{people} people, one leaf each");
    let (mut vault, writes) = Vault::create(slots)?;
    let mut pages = Pages::new();
    store(&mut pages, &writes);
    let minting = mint(&mut vault, &mut pages, people)?;
    report("  sealing with a mint, pages every 64 events, an event", minting, people);
    report(
        "  sealing without a mint, an event",
        seal_known(&mut vault, people)?,
        people.min(100_000),
    );
    report("  cut of one person, slots synced", cut(&mut vault, &mut pages, 1)?, CUTS);
    report("  cut of a hundred people at once", cut(&mut vault, &mut pages, CUTS)?, CUTS);
    // The first vault stays, so that the second one's memory is fresh.
    let before = resident_bytes()?;
    let start = processor_time()?;
    let reopened = Vault::open(slots, &mut |key| pages.get(&key).cloned())?;
    let took = processor_time()?.saturating_sub(start);
    println!("  opening: {took:?} ({} leaves)", reopened.leaves_count());
    let grown = resident_bytes()?.saturating_sub(before);
    println!("  resident after opening: {} B a leaf", grown / people);
    let bytes: usize = pages.values().map(Vec::len).sum();
    println!("  stored: {} pages, {bytes} B", pages.len());
    Ok(())
}

fn mint(vault: &mut Vault, pages: &mut Pages, people: u64) -> Result<Duration, Failed> {
    let start = processor_time()?;
    for group in 0..people.div_ceil(GROUP) {
        for person in group * GROUP..people.min((group + 1) * GROUP) {
            vault.seal(origin(), draft(vault, person)?)?;
        }
        let writes = vault.take_page_writes()?;
        store(pages, &writes);
    }
    Ok(processor_time()?.saturating_sub(start))
}

fn seal_known(vault: &mut Vault, people: u64) -> Result<Duration, Failed> {
    let start = processor_time()?;
    for number in 0..people.min(100_000) {
        vault.seal(origin(), draft(vault, number * 7919 % people)?)?;
    }
    Ok(processor_time()?.saturating_sub(start))
}

// `at_once` people a cut, a hundred cuts; spread over the whole tree.
fn cut(vault: &mut Vault, pages: &mut Pages, at_once: u64) -> Result<Duration, Failed> {
    let subjects: Vec<SubjectId> = vault
        .leaf_ids()
        .filter_map(|leaf| vault.entry(leaf))
        .map(|entry| entry.subject)
        .take(usize::try_from(CUTS)?)
        .collect();
    let start = Instant::now();
    for targets in subjects.chunks(usize::try_from(at_once)?) {
        let targets: Vec<Cut> = targets.iter().map(|subject| Cut::Subject(*subject)).collect();
        let condemned = vault.condemned(&targets);
        vault.fence(&condemned);
        let prepared = vault.cut(&condemned)?;
        store(pages, prepared.writes());
        let done = vault.switch_root(prepared)?;
        store(pages, &done.obsolete);
    }
    Ok(start.elapsed())
}

fn store(pages: &mut Pages, writes: &[PageWrite]) {
    for write in writes {
        match &write.bytes {
            Some(bytes) => drop(pages.insert(write.key, bytes.clone())),
            None => drop(pages.remove(&write.key)),
        }
    }
}

fn origin() -> Origin {
    Origin::first(JournalId::from_bytes([1; 16]))
}

fn draft(vault: &Vault, person: u64) -> Result<Draft, Failed> {
    let mut id = [0; 16];
    id.iter_mut().zip(person.to_be_bytes()).for_each(|(place, byte)| *place = byte);
    let label = PersonLabel {
        subject: SubjectId::from_bytes(id),
        category: Category(1),
        scope: vault.permanent_scope(),
        alone: false,
    };
    let part = |to, bytes| DraftPart { to, bytes: Plaintext::new(vec![7; bytes]) };
    Ok(Draft {
        kind: EventKind::new("observation.recorded", 1)?,
        command: CommandId::from_bytes([2; 16]),
        new_scopes: Vec::new(),
        parts: vec![part(Addressee::Facts, 40), part(Addressee::Person(label), 200)],
    })
}

fn report(what: &str, took: Duration, count: u64) {
    println!("{what}: {} ns", took.as_nanos() / u128::from(count));
}

fn processor_time() -> Result<Duration, Failed> {
    let statistics = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanos = statistics.split(' ').next().ok_or("no schedstat")?.parse()?;
    Ok(Duration::from_nanos(nanos))
}

fn resident_bytes() -> Result<u64, Failed> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no VmRSS")?;
    let kib: u64 = line.split_whitespace().nth(1).ok_or("no VmRSS")?.parse()?;
    Ok(kib * 1024)
}
