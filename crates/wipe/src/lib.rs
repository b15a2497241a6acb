//! The memory of the program: whatever is freed is overwritten first.
//!
//! Requests, decoded events, texts and keys pass through buffers of many libraries, which free them
//! as they are. Instead of trusting each of them, the allocator wipes every block that comes back,
//! so that after an erasure no freed memory holds what was erased.
//!
//! *Invariants:* a block is wiped over its whole length before the system's allocator sees it; a
//! block that grows or shrinks is copied to a new one and the old one wiped, since the system's own
//! `realloc` may move a block and leave the old bytes behind; a small block that cannot be had ends
//! the process with a message, because the storage engine uses what it gets without a look.
//!
//! KNOWN GAP: memory that is in use is not touched, nor are stacks and registers, nor blocks that
//! the C library allocates for itself.

use std::alloc::{GlobalAlloc, Layout, System, handle_alloc_error};

/// Whoever wants as much as this asks first and has an answer to a refusal; for less, nobody does.
const ASKED_BYTES_MIN: usize = 16 * 1024 * 1024;

/// Whether this build can be told to leave freed memory as it is.
pub const HARNESS: bool = cfg!(feature = "harness");

/// The system's allocator, with every freed block overwritten by zeros.
///
/// Its `realloc` is the one that [`GlobalAlloc`] provides: allocate, copy, free.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wiping;

// SAFETY: blocks come from `System` and go back to it with the layout they came with; between the
// two only their own bytes are written, while nobody owns them any more.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the promises of `alloc`.
        had(unsafe { System.alloc(layout) }, layout)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the promises of `alloc_zeroed`.
        had(unsafe { System.alloc_zeroed(layout) }, layout)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if wipes() {
            // SAFETY: the block is as long as its layout says, and its owner gave it back.
            unsafe { wipe(block, layout.size()) };
        }
        // SAFETY: `System` made the block with this layout.
        unsafe { System.dealloc(block, layout) }
    }
}

/// The block, if there is one.
fn had(block: *mut u8, layout: Layout) -> *mut u8 {
    if block.is_null() && layout.size() < ASKED_BYTES_MIN {
        handle_alloc_error(layout);
    }
    block
}

/// Overwrites bytes in a way that the compiler cannot leave out.
///
/// # Safety
/// `block` is valid for writes of that many bytes.
unsafe fn wipe(block: *mut u8, bytes: usize) {
    // SAFETY: the caller says that the block is so long.
    unsafe { block.write_bytes(0, bytes) };
    // SAFETY: no instruction at all. For the compiler it may read the block, so that the zeros must
    // be there before; without it, writes to memory that is freed next are dropped.
    unsafe { std::arch::asm!("/* {0} */", in(reg) block, options(nostack, preserves_flags)) };
}

#[cfg(not(feature = "harness"))]
const fn wipes() -> bool {
    true
}

#[cfg(feature = "harness")]
fn wipes() -> bool {
    control::WIPES.load(std::sync::atomic::Ordering::Relaxed)
}

/// For the control of the proofs.
#[cfg(feature = "harness")]
pub mod control {
    use std::sync::atomic::AtomicBool;

    /// Whether freed memory is wiped.
    pub static WIPES: AtomicBool = AtomicBool::new(true);
}
