//! Freed memory, looked at from outside: through the kernel, which knows nothing of owners.
#![expect(clippy::unwrap_used, reason = "a test says so at once")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs::File;
use std::os::unix::fs::FileExt;

#[global_allocator]
static MEMORY: wipe::Wiping = wipe::Wiping;

const NEEDLE: u8 = 0xa7;

/// How many bytes of a freed block stand in a run of needles.
///
/// One alone is not counted: the system's allocator keeps addresses in what it was given back, and
/// a byte of an address can be any.
fn left(block: *const u8, bytes: usize) -> usize {
    let memory = File::open("/proc/self/mem").unwrap();
    let mut now = vec![0; bytes];
    // A block that went back to the kernel cannot be read, and holds nothing.
    let read = memory.read_exact_at(&mut now, block.addr() as u64);
    if read.is_ok() { in_runs(&now) } else { 0 }
}

/// How many bytes stand in runs of at least four needles.
fn in_runs(bytes: &[u8]) -> usize {
    let runs = bytes.chunk_by(|one, next| one == next);
    runs.filter(|run| run.len() >= 4 && run.first() == Some(&NEEDLE)).map(<[u8]>::len).sum()
}

#[test]
fn freed_memory_is_wiped_whatever_its_size() {
    for bytes in [4, 16, 24, 100, 4_096, 100_000, 3_000_000] {
        let block = vec![NEEDLE; bytes];
        let at = block.as_ptr();
        drop(block);
        assert_eq!(left(at, bytes), 0, "{bytes} bytes");
    }
}

#[test]
fn a_block_that_grows_leaves_nothing_where_it_was() {
    let mut block = vec![NEEDLE; 1_000];
    let at = block.as_ptr();
    block.reserve_exact(500_000);
    assert_ne!(block.as_ptr(), at);
    assert_eq!(left(at, 1_000), 0);
    assert!(block.iter().all(|byte| *byte == NEEDLE));
    let at = block.as_ptr();
    block.shrink_to_fit();
    assert_ne!(block.as_ptr(), at);
    assert_eq!(left(at, 1_000), 0);
    assert_eq!(block, [NEEDLE; 1_000]);
}

#[test]
fn the_system_alone_leaves_it() {
    let layout = Layout::from_size_align(1_000, 8).unwrap();
    // SAFETY: the layout is not empty.
    let block = unsafe { System.alloc(layout) };
    assert!(!block.is_null());
    // SAFETY: the block is so long.
    unsafe { block.write_bytes(NEEDLE, layout.size()) };
    // SAFETY: `System` made the block with this layout.
    unsafe { System.dealloc(block, layout) };
    assert!(left(block, layout.size()) > 900, "the test looks in the wrong place");
}
