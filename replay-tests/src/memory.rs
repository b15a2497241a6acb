//! The memory of another process, as root sees it.
//!
//! *Invariant:* every region that can be read is read whole; one that cannot (the kernel's own
//! pages) is counted.

use std::fs::File;
use std::os::unix::fs::FileExt as _;

/// One region of addresses.
pub struct Region {
    /// As the kernel names it, or the thread whose stack it is.
    pub name: String,
    /// Its first address.
    pub start: u64,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Everything that a process can write to; `None` if the system forbids to read it.
#[must_use]
pub fn of_process(pid: u32) -> Option<Vec<Region>> {
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).ok()?;
    let memory = File::open(format!("/proc/{pid}/mem")).ok()?;
    let stacks = stacks(pid);
    let regions = maps.lines().filter_map(|line| region(line, &memory));
    let named = regions.map(|mut region| {
        let end = region.start + u64::try_from(region.bytes.len()).unwrap();
        let thread = stacks.iter().find(|(at, _)| (region.start..end).contains(at));
        if let Some((_, thread)) = thread {
            region.name = format!("stack of {thread}");
        }
        region
    });
    let regions: Vec<Region> = named.collect();
    if regions.is_empty() { None } else { Some(regions) }
}

/// Stack pointer and name of each thread that waits in a system call.
fn stacks(pid: u32) -> Vec<(u64, String)> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    let one = |thread: std::fs::DirEntry| {
        let call = std::fs::read_to_string(thread.path().join("syscall")).ok()?;
        let pointer = call.split_whitespace().nth(7)?.strip_prefix("0x")?.to_owned();
        let name = std::fs::read_to_string(thread.path().join("comm")).ok()?;
        Some((u64::from_str_radix(&pointer, 16).ok()?, name.trim().to_owned()))
    };
    threads.flatten().filter_map(one).collect()
}

/// Unwritable regions are the program itself, read from its file.
fn region(line: &str, memory: &File) -> Option<Region> {
    let mut words = line.split_whitespace();
    let (range, rights) = (words.next()?, words.next()?);
    let name = words.nth(3).unwrap_or_default().to_owned();
    if !rights.starts_with("rw") {
        return None;
    }
    let (start, end) = range.split_once('-')?;
    let start = u64::from_str_radix(start, 16).ok()?;
    let end = u64::from_str_radix(end, 16).ok()?;
    let mut bytes = vec![0; usize::try_from(end - start).ok()?];
    memory.read_exact_at(&mut bytes, start).ok()?;
    Some(Region { name, start, bytes })
}
