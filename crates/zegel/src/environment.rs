//! What only the binary knows: the clock, the process and its tracing.

use std::time::{SystemTime, UNIX_EPOCH};

use engine::Clock;
use record::TimestampMicros;

/// The real clock. Before 1970 it says 0; the journal never goes back anyway.
pub(crate) fn clock() -> Clock {
    Clock::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        TimestampMicros(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
    })
}

/// No core files and no reading of this process's memory by others of the same user.
///
/// Best effort: where the system refuses, `zegel doctor` says so.
pub(crate) fn harden() {
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    let _ = rustix::process::setrlimit(rustix::process::Resource::Core, none);
}

/// Whether memory may end up on an unencrypted swap device.
pub(crate) fn swap_devices() -> Vec<String> {
    let table = std::fs::read_to_string("/proc/swaps").unwrap_or_default();
    let device = |line: &str| line.split_whitespace().next().map(str::to_owned);
    table.lines().skip(1).filter_map(device).collect()
}

/// Whether a swap device keeps its content in memory or under a cipher of the kernel.
pub(crate) fn is_safe_swap(device: &str) -> bool {
    device.starts_with("/dev/zram")
        || device.starts_with("/dev/mapper/")
        || device.starts_with("/dev/dm-")
}

/// Diagnostics to standard error; level from `ZEGEL_LOG`, `warn` otherwise, `info` when serving.
pub(crate) fn start_tracing(default: &str, json: bool) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("ZEGEL_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(default));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = if json { builder.json().try_init() } else { builder.with_ansi(false).try_init() };
}
