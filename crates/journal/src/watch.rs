//! Nobody waits for ever: a write that does not return ends the process, with a word.
//!
//! The engine writes on threads of its own. If one of them panics, or the disk never answers, the
//! caller waits for a signal that nobody will give; there is no way to wake it from outside.
//! KNOWN GAP: a thread that waits in the kernel for a dead disk goes only when the disk answers, and
//! the process with it.
//! *Invariant:* what was acknowledged is durable, so ending loses nothing; what was being written
//! is there whole or not at all, as after a kill.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// Two orders of magnitude more than a commit takes on a slow and busy disk.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// As `sysexits.h` says of an internal fault.
const EXIT_SOFTWARE: i32 = 70;

/// What is being written, and since when. Held for a moment at the start and end of a commit.
static UNANSWERED: Mutex<BTreeMap<u64, (Instant, PathBuf)>> = Mutex::new(BTreeMap::new());
static WATCHER: OnceLock<()> = OnceLock::new();

/// Makes one call that must return: one that writes to `path` or syncs it.
pub fn watched<T>(path: &Path, call: impl FnOnce() -> T) -> T {
    WATCHER.get_or_init(|| {
        // Without a thread to spare nobody watches, and everything else works.
        let _ = std::thread::Builder::new().name("watch".to_owned()).spawn(watch);
    });
    let number = {
        let mut unanswered = UNANSWERED.lock().unwrap_or_else(PoisonError::into_inner);
        let number = unanswered.last_key_value().map_or(0, |(last, _)| last.wrapping_add(1));
        unanswered.insert(number, (Instant::now(), path.to_owned()));
        number
    };
    let _answered = Answered(number);
    call()
}

/// Takes a call off the list when it returns, or panics.
struct Answered(u64);

impl Drop for Answered {
    fn drop(&mut self) {
        UNANSWERED.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

fn watch() {
    loop {
        std::thread::park_timeout(LOOK_EVERY);
        if let Some(path) = late() {
            end(&path);
        }
    }
}

fn late() -> Option<PathBuf> {
    let unanswered = UNANSWERED.lock().unwrap_or_else(PoisonError::into_inner);
    let mut late = unanswered.values().filter(|(since, _)| since.elapsed() > ANSWER_WITHIN);
    late.next().map(|(_, path)| path.clone())
}

fn end(path: &Path) -> ! {
    // Whoever takes what we say may hang as well, and so may the medium that it goes to.
    let _ = std::thread::Builder::new().spawn(|| {
        std::thread::park_timeout(LOOK_EVERY);
        std::process::exit(EXIT_SOFTWARE)
    });
    let _ = writeln!(
        std::io::stderr(),
        "zegel: the disk or the storage engine has not answered for {} seconds while we wrote to \
         `{}`: the process ends here; what was acknowledged is durable, look at the disk and start \
         again",
        ANSWER_WITHIN.as_secs(),
        path.display()
    );
    std::process::exit(EXIT_SOFTWARE)
}
