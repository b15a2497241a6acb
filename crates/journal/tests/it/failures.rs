//! Full disks and failing syncs: refusals before writing, and no acknowledgement after a failure.

use std::path::{Path, PathBuf};
use std::process::Command;

use journal::{Batch, CommitError, Guard, RESERVE_BYTES, Store, Urgency};
use record::Seq;

use crate::store::{append, open, scan};
use crate::support::journal_id;

/// A small file system of its own, gone when dropped.
struct Mount(tempfile::TempDir);

impl Mount {
    fn new(mebibytes: u64) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let size = format!("size={mebibytes}m");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(dir.path());
        let mounted = mount.output().map(|output| output.status);
        mounted.is_ok_and(|status| status.success()).then_some(Self(dir))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        Command::new("umount").arg(self.0.path()).status().unwrap();
    }
}

#[test]
fn a_full_disk_refuses_before_writing_and_leaves_room_for_cuts() {
    let Some(mount) = Mount::new(RESERVE_BYTES / 1024 / 1024 + 12) else {
        eprintln!("skipped: no file system can be mounted here");
        return;
    };
    let (dir, journal) = (mount.0.path().join("store"), journal_id(1));
    let mut store = Store::open(&dir, true).unwrap();
    let mut size = 0;
    let refused = loop {
        match store.commit(append(journal, 1, &vec![vec![5; 1_000]; 100])) {
            Ok(_) => size += 100,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, CommitError::NoSpace { .. }), "{refused}");
    assert!(size > 0);
    assert_eq!(store.head(journal).unwrap().size, size);
    assert_eq!(store.poisoned(), None);

    let mut cuts = 0;
    let refused = loop {
        let mut cut = append(journal, 1, &vec![vec![5; 1_000]; 100]);
        cut.urgency = Urgency::Cut;
        match store.commit(cut) {
            Ok(_) => cuts += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, CommitError::NoSpace { .. }), "{refused}");
    assert!(cuts > 20, "{cuts}");
    drop(store);
    let store = open(&dir);
    assert_eq!(scan(&store, journal).len() as u64, size + cuts * 100);
}

fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.parent().and_then(Path::parent).unwrap().join("examples").join(name);
    assert!(path.exists(), "build the examples first: {}", path.display());
    path
}

/// Runs the writer with one of its calls failing; `None` if it cannot be traced here.
fn write_with(dir: &Path, injection: &str) -> Option<String> {
    let writer = example("powercut_writer");
    let mut strace = Command::new("strace");
    let traced = injection.split(':').next().unwrap();
    strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={traced}")]);
    strace.args(["-e", &format!("inject={injection}")]);
    let output = strace.arg(writer).arg(dir).args(["7", "12"]).output();
    let output = output.ok()?;
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    if errors.contains("ptrace") {
        return None;
    }
    Some(String::from_utf8(output.stdout).unwrap() + &errors)
}

/// How many commits were acknowledged, and that all of them are there.
fn acknowledged_and_found(dir: &Path, printed: &str) -> usize {
    let store = Store::open(dir, false).unwrap();
    let mut acknowledged = 0;
    for line in printed.lines().filter_map(|line| line.strip_prefix("ack ")) {
        let (key, hash) = line.split_once(' ').unwrap();
        let (journal, seq) = key.split_once('/').unwrap();
        let journal = record::JournalId::from_hex(journal).unwrap();
        let record = store.read(journal, Seq(seq.parse().unwrap())).unwrap();
        assert_eq!(record.header.record_hash().to_string(), hash);
        acknowledged += 1;
    }
    for journal in store.journals() {
        assert_eq!(store.damage(journal), None);
        scan(&store, journal);
    }
    acknowledged
}

#[test]
fn after_a_failed_sync_nothing_is_acknowledged() {
    let mut earlier = 0;
    for when in [2, 3, 5, 9] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store");
        let injection = format!("fdatasync:error=EIO:when={when}");
        let Some(printed) = write_with(&path, &injection) else {
            eprintln!("skipped: strace does not work here");
            return;
        };
        assert!(!printed.contains("done"), "it went on: {printed}");
        assert!(printed.contains("Poisoned"), "{printed}");
        let acknowledged = acknowledged_and_found(&path, &printed);
        // The first sync belongs to creation, and each further one to a commit.
        assert_eq!(acknowledged > 0, when > 2);
        assert!(when == 2 || acknowledged > earlier, "{acknowledged} at {when}");
        earlier = acknowledged;
    }
}

#[test]
fn a_writer_killed_at_any_sync_loses_nothing_acknowledged() {
    for when in 2..12 {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store");
        let injection = format!("fdatasync:signal=SIGKILL:when={when}");
        let Some(printed) = write_with(&path, &injection) else {
            eprintln!("skipped: strace does not work here");
            return;
        };
        assert!(!printed.contains("done"), "it was not killed: {printed}");
        assert_eq!(acknowledged_and_found(&path, &printed) > 0, when > 2);
    }
}

/// The writer without an injection: if this fails, the tests above show nothing.
#[test]
fn the_writer_ends_well_when_nothing_fails() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    let Some(printed) = write_with(&path, "fdatasync:error=EIO:when=10000") else {
        eprintln!("skipped: strace does not work here");
        return;
    };
    assert!(printed.contains("done"), "{printed}");
    assert!(acknowledged_and_found(&path, &printed) > 12);
}

#[test]
fn a_failed_guard_takes_no_more() {
    let Some(mount) = Mount::new(1) else {
        eprintln!("skipped: no file system can be mounted here");
        return;
    };
    let (dir, journal) = (tempfile::tempdir().unwrap(), journal_id(1));
    let mut store = open(dir.path());
    let records = store.commit(append(journal, 1, &vec![vec![5; 400_000]; 4])).unwrap().remove(0);
    let mut guard = Guard::create(mount.0.path(), journal).unwrap();
    let results: Vec<_> = records.iter().map(|record| guard.keep(record)).collect();
    let kept = results.iter().take_while(|result| result.is_ok()).count();
    assert!(kept > 0 && kept < 4, "{kept}");
    assert!(matches!(results[kept], Err(journal::GuardError::Io { .. })));
    let again = guard.advance(guard.state());
    assert!(matches!(again, Err(journal::GuardError::Poisoned)));
    drop(guard);
    let guard = Guard::open(mount.0.path(), journal).unwrap();
    assert_eq!(guard.kept(), &records[..kept]);
    guard.check(&store, 0).unwrap();
    assert_eq!(store.commit(Batch::default()), Ok(vec![]));
}
