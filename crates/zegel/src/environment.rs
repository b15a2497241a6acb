//! What only the binary knows: the clock, the process and its tracing.

use std::io::Write as _;
use std::panic::PanicHookInfo;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use engine::Clock;
use record::TimestampMicros;

/// The real clock.
pub(crate) fn clock() -> Clock {
    Clock::new(now)
}

/// The time. Before 1970 it is 0; the journal never goes back anyway.
pub(crate) fn now() -> TimestampMicros {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    TimestampMicros(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
}

/// No core files and no reading of this process's memory by others of the same user.
///
/// Best effort: where the system refuses, `zegel doctor` says so.
pub(crate) fn harden() {
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    let _ = rustix::process::setrlimit(rustix::process::Resource::Core, none);
}

/// Lets this process open as many files as its hard limit allows; tells how many that is.
pub(crate) fn raise_descriptors() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// Lowers the calling thread's priority: a flood of requests must not keep the writer from the
/// processor, because everybody who was let in waits for it. Best effort.
pub(crate) fn give_way_to_the_writer() {
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), 5);
}

/// Whether memory may end up on an unencrypted swap device.
pub(crate) fn swap_devices() -> Vec<String> {
    let table = std::fs::read_to_string("/proc/swaps").unwrap_or_default();
    let device = |line: &str| line.split_whitespace().next().map(str::to_owned);
    table.lines().skip(1).filter_map(device).collect()
}

/// Whether a swap device keeps its content in memory or under a cipher of the kernel.
pub(crate) fn is_safe_swap(device: &str) -> bool {
    let device = std::fs::canonicalize(device).unwrap_or_else(|_| device.into());
    let name = device.strip_prefix("/dev").ok();
    name.is_some_and(|name| is_safe_block(&Path::new("/sys/class/block").join(name)))
}

/// Asks the kernel, since a name tells nothing: `/dev/mapper` holds plain volumes too.
fn is_safe_block(block: &Path) -> bool {
    let name = block.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if name.starts_with("zram") {
        // In memory, unless it writes back to a disk; where it cannot, the file is missing.
        let backing = std::fs::read_to_string(block.join("backing_dev"));
        return backing.is_ok_and(|disk| disk.trim() == "none")
            || !block.join("backing_dev").exists();
    }
    let uuid = std::fs::read_to_string(block.join("dm/uuid")).unwrap_or_default();
    uuid.starts_with("CRYPT-") || lies_on_safe_blocks(block)
}

fn lies_on_safe_blocks(block: &Path) -> bool {
    let Ok(below) = std::fs::read_dir(block.join("slaves")) else { return false };
    let below: Vec<_> = below.flatten().collect();
    !below.is_empty() && below.iter().all(|entry| is_safe_block(&entry.path()))
}

/// The message of a panic may hold what was being read: only its place is told.
pub(crate) fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let _ = writeln!(std::io::stderr(), "zegel: {}", panic_line(panic));
    }));
}

fn panic_line(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map_or_else(|| "a place unknown".to_owned(), ToString::to_string);
    format!("a fault of ours at {place}: please report it")
}

/// Diagnostics to standard error; level from `ZEGEL_LOG`, `warn` otherwise, `info` when serving.
pub(crate) fn start_tracing(default: &str, json: bool) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("ZEGEL_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(default));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = if json { builder.json().try_init() } else { builder.with_ansi(false).try_init() };
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_panic_tells_its_place_and_not_what_was_read() {
        let (tell, told) = mpsc::channel();
        std::panic::set_hook(Box::new(move |panic| tell.send(panic_line(panic)).unwrap()));
        let caught = std::panic::catch_unwind(|| panic!("cannot read «Jansen»"));
        let _ours = std::panic::take_hook();

        let told = told.recv().unwrap();
        assert!(caught.is_err() && told.contains("environment.rs:"), "{told}");
        assert!(!told.contains("Jansen"), "{told}");
    }

    #[test]
    fn only_a_cipher_below_or_plain_memory_makes_swap_safe() {
        let home = tempfile::tempdir().unwrap();
        let block = |name: &str, file: &str, content: &str| {
            let block = home.path().join(name);
            fs::create_dir_all(block.join("dm")).unwrap();
            fs::create_dir_all(block.join("slaves")).unwrap();
            fs::write(block.join(file), content).unwrap();
            block
        };
        let cipher = block("dm-0", "dm/uuid", "CRYPT-LUKS2-00-swap\n");
        let volume = block("dm-1", "dm/uuid", "LVM-00\n");
        let on_cipher = block("dm-2", "dm/uuid", "LVM-01\n");
        std::os::unix::fs::symlink(&cipher, on_cipher.join("slaves/dm-0")).unwrap();
        let on_both = block("dm-3", "dm/uuid", "LVM-02\n");
        std::os::unix::fs::symlink(&cipher, on_both.join("slaves/dm-0")).unwrap();
        std::os::unix::fs::symlink(&volume, on_both.join("slaves/dm-1")).unwrap();

        assert!(is_safe_block(&cipher) && is_safe_block(&on_cipher));
        assert!(!is_safe_block(&volume) && !is_safe_block(&on_both));
        assert!(is_safe_block(&block("zram0", "backing_dev", "none\n")));
        assert!(!is_safe_block(&block("zram1", "backing_dev", "/dev/sda3\n")));
        assert!(!is_safe_block(&home.path().join("sda2")));
    }
}
