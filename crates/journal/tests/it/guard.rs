//! The guard holds a journal to what it was, and survives torn writes of its own.

use std::path::{Path, PathBuf};

use journal::{Append, Batch, Difference, Guard, GuardError, GuardState, Store};
use record::{JournalId, Origin, Record, Seq, TimestampMicros};

use crate::damage::{blocks, tamper};
use crate::store::{append, open};
use crate::support::{event, journal_id};

struct Case {
    dir: tempfile::TempDir,
    journal: JournalId,
    store: Store,
    guard: Guard,
    records: Vec<Record>,
}

impl Case {
    /// Ten records, guarded at six, with records 2, 4 and 7 kept; epoch 3.
    fn new() -> Self {
        let (dir, journal) = (tempfile::tempdir().unwrap(), journal_id(1));
        let mut store = open(&dir.path().join("store"));
        let mut records = Vec::new();
        for number in 0..10 {
            records.append(&mut store.commit(append(journal, 1, &[vec![number; 40]])).unwrap()[0]);
        }
        let mut guard = Guard::create(&dir.path().join("guard/deep"), journal).unwrap();
        let root = store.root_at(journal, 6).unwrap();
        guard.keep(&records[2]).unwrap();
        guard.advance(GuardState { size: 6, root, epoch: 3, ..guard.state() }).unwrap();
        guard.keep(&records[4]).unwrap();
        guard.keep(&records[7]).unwrap();
        Self { dir, journal, store, guard, records }
    }

    fn guard_dir(&self) -> PathBuf {
        self.dir.path().join("guard/deep")
    }

    fn file(&self, ending: &str) -> PathBuf {
        self.guard_dir().join(format!("{}.{ending}", self.journal))
    }

    fn reopen(&self) -> Result<Guard, GuardError> {
        Guard::open(&self.guard_dir(), self.journal)
    }

    /// Another journal of the same id: the first `same` records, then others.
    fn other_store(&self, same: usize, others: u8) -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let mut store = open(dir.path());
        for number in 0..u8::try_from(same).unwrap() {
            store.commit(append(self.journal, 1, &[vec![number; 40]])).unwrap();
        }
        for number in 0..others {
            store.commit(append(self.journal, 1, &[vec![100 + number; 40]])).unwrap();
        }
        (dir, store)
    }
}

fn bend(path: &Path, at: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[at] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_guard_remembers() {
    let case = Case::new();
    let guard = case.reopen().unwrap();
    assert_eq!(guard.state(), case.guard.state());
    let kept = [2, 4, 7].map(|seq: usize| case.records[seq].clone());
    assert_eq!(guard.kept(), kept);
    guard.check(&case.store, 3).unwrap();
    guard.check(&case.store, 4).unwrap();
}

#[test]
fn a_journal_that_is_not_the_guarded_one_is_refused() {
    let case = Case::new();
    let (_short_dir, short) = case.other_store(5, 0);
    let check = case.guard.check(&short, 3);
    assert!(
        matches!(check, Err(GuardError::ShorterThanGuard { guarded: 6, found: 5 })),
        "{check:?}"
    );

    let (_cut_dir, cut) = case.other_store(7, 0);
    let absent = case.guard.check(&cut, 3);
    let (seven, what) = (Seq(7), Difference::Absent);
    assert!(
        matches!(absent, Err(GuardError::DiffersFromGuard { seq, what: w }) if (seq, w) == (seven, what)),
        "{absent:?}"
    );

    let (_dir, changed) = case.other_store(3, 7);
    let changed = case.guard.check(&changed, 3);
    let (four, what) = (Seq(4), Difference::Record);
    assert!(
        matches!(changed, Err(GuardError::DiffersFromGuard { seq, what: w }) if (seq, w) == (four, what)),
        "{changed:?}"
    );

    let empty_dir = tempfile::tempdir().unwrap();
    let empty = case.guard.check(&open(empty_dir.path()), 3);
    assert!(matches!(empty, Err(GuardError::ShorterThanGuard { guarded: 6, found: 0 })));
}

#[test]
fn another_root_is_refused_even_when_every_kept_record_is_there() {
    let case = Case::new();
    let mut guard = Guard::create(&case.dir.path().join("second"), case.journal).unwrap();
    let root = case.store.root_at(case.journal, 5).unwrap();
    guard.advance(GuardState { size: 6, root, ..guard.state() }).unwrap();
    let check = guard.check(&case.store, 0);
    let root = Difference::Root;
    assert!(
        matches!(check, Err(GuardError::DiffersFromGuard { seq: Seq(5), what }) if what == root),
        "{check:?}"
    );
}

#[test]
fn older_keys_and_other_eras_are_refused() {
    let mut case = Case::new();
    let check = case.guard.check(&case.store, 2);
    assert!(matches!(check, Err(GuardError::EpochOlder { guarded: 3, found: 2 })), "{check:?}");

    let origin = Origin { journal: case.journal, era: 1 };
    let sealed = vec![event(origin, 0, &[1])];
    let append = Append { origin, expected: None, recorded_at: TimestampMicros(9), sealed };
    case.store.commit(Batch { appends: vec![append], ..Batch::default() }).unwrap();
    let check = case.guard.check(&case.store, 3);
    assert!(matches!(check, Err(GuardError::OtherEra { guarded: 0, found: 1 })), "{check:?}");

    // A declared restore may be shorter, but only in its new era.
    let root = case.store.root_at(case.journal, 2).unwrap();
    let shorter = GuardState { size: 2, root, ..case.guard.state() };
    assert!(matches!(
        case.guard.advance(shorter),
        Err(GuardError::Backwards { held: 6, given: 2 })
    ));
    case.guard.advance(GuardState { origin, ..shorter }).unwrap();
    case.guard.check(&case.store, 3).unwrap();
}

#[test]
fn a_damaged_journal_is_refused_as_damaged() {
    let case = Case::new();
    let (guard, path) = (case.guard, case.dir.path().join("store"));
    drop(case.store);
    tamper(&path, |engine| drop(engine.remove(&blocks(engine)[3].0).unwrap()));
    let check = guard.check(&open(&path), 3);
    assert!(matches!(check, Err(GuardError::JournalDamaged { seq: Seq(3), .. })), "{check:?}");
}

#[test]
fn a_guard_never_goes_back() {
    let mut case = Case::new();
    let state = case.guard.state();
    case.guard.advance(state).unwrap();
    let older = case.guard.advance(GuardState { epoch: 2, ..state });
    assert!(matches!(older, Err(GuardError::EpochOlder { guarded: 3, found: 2 })));
    let other = case.guard.advance(GuardState { root: record::CHAIN_START, ..state });
    assert!(matches!(other, Err(GuardError::DiffersFromGuard { seq: Seq(5), .. })));
    let origin = Origin::first(journal_id(9));
    assert!(matches!(case.guard.advance(GuardState { origin, ..state }), Err(GuardError::Foreign)));
    assert_eq!(case.reopen().unwrap().state(), state);
}

#[test]
fn keeping_twice_is_once_and_keeping_another_is_refused() {
    let mut case = Case::new();
    let before = std::fs::read(case.file("log")).unwrap();
    case.guard.keep(&case.records[4].clone()).unwrap();
    assert_eq!(std::fs::read(case.file("log")).unwrap(), before);
    let mut other = case.records[4].clone();
    other.header.salt = [9; 16];
    let refused = case.guard.keep(&other);
    assert!(matches!(refused, Err(GuardError::NotKept { seq: Seq(4), .. })));
    other.header.origin = Origin::first(journal_id(9));
    assert!(matches!(case.guard.keep(&other), Err(GuardError::Foreign)));
}

#[test]
fn a_missing_guard_is_missing_and_a_present_one_is_not_replaced() {
    let case = Case::new();
    let again = Guard::create(&case.guard_dir(), case.journal);
    assert!(matches!(again, Err(GuardError::Exists(_))));
    std::fs::remove_file(case.file("head")).unwrap();
    assert!(matches!(case.reopen(), Err(GuardError::Missing(_))));
    // What was kept still stands there, so this is no place for a new guard.
    let again = Guard::create(&case.guard_dir(), case.journal);
    assert!(matches!(again, Err(GuardError::Exists(_))));
}

#[test]
fn a_torn_head_keeps_the_state_before_or_after() {
    let case = Case::new();
    let before = std::fs::read(case.file("head")).unwrap();
    let mut guard = case.reopen().unwrap();
    let root = case.store.root_at(case.journal, 8).unwrap();
    let older = guard.state();
    guard.advance(GuardState { size: 8, root, ..older }).unwrap();
    let after = std::fs::read(case.file("head")).unwrap();
    let newer = guard.state();
    for torn_at in (0..=after.len()).step_by(100) {
        let torn = [&after[..torn_at], &before[torn_at..]].concat();
        std::fs::write(case.file("head"), torn).unwrap();
        let found = case.reopen().unwrap().state();
        assert!(found == older || found == newer, "{torn_at}");
    }
    // Any one sector may be lost.
    for sector in 0..16 {
        let mut lost = after.clone();
        lost[sector * 512..][..512].fill(0xff);
        std::fs::write(case.file("head"), lost).unwrap();
        assert_eq!(case.reopen().unwrap().state(), newer);
    }
    std::fs::write(case.file("head"), vec![0; 8_192]).unwrap();
    assert!(matches!(case.reopen(), Err(GuardError::Damaged { .. })));
}

#[test]
fn every_bent_byte_of_a_kept_record_is_found() {
    let case = Case::new();
    let whole = std::fs::read(case.file("log")).unwrap();
    for at in 0..whole.len() {
        bend(&case.file("log"), at);
        let found = case.reopen();
        assert!(matches!(found, Err(GuardError::Damaged { .. })), "{at}");
        std::fs::write(case.file("log"), &whole).unwrap();
    }
    for length in 0..whole.len() {
        std::fs::write(case.file("log"), &whole[..length]).unwrap();
        assert!(matches!(case.reopen(), Err(GuardError::Damaged { .. })), "{length}");
    }
    std::fs::remove_file(case.file("log")).unwrap();
    assert!(matches!(case.reopen(), Err(GuardError::Damaged { .. })));
}

/// A crash while keeping: the log has more than the head acknowledges.
#[test]
fn a_torn_keeping_is_cut_off_and_a_whole_one_adopted() {
    let case = Case::new();
    let (head, log) = (case.file("head"), case.file("log"));
    let (head_before, log_before) = (std::fs::read(&head).unwrap(), std::fs::read(&log).unwrap());
    let mut guard = case.reopen().unwrap();
    guard.keep(&case.records[9]).unwrap();
    let log_after = std::fs::read(&log).unwrap();
    for length in log_before.len()..=log_after.len() {
        std::fs::write(&head, &head_before).unwrap();
        std::fs::write(&log, &log_after[..length]).unwrap();
        let whole = length == log_after.len();
        assert_eq!(case.reopen().unwrap().kept().len(), if whole { 4 } else { 3 });
        // A second opening finds nothing left to settle, and keeping goes on.
        let mut guard = case.reopen().unwrap();
        guard.keep(&case.records[9]).unwrap();
        guard.keep(&case.records[8]).unwrap();
        let kept: Vec<_> = case.reopen().unwrap().kept().iter().map(|r| r.header.seq.0).collect();
        assert_eq!(kept, [2, 4, 7, 9, 8]);
        guard.check(&case.store, 3).unwrap();
    }
    // Zeros, as a file system leaves them when it knows the length but not the bytes.
    std::fs::write(&head, &head_before).unwrap();
    std::fs::write(&log, [log_before.as_slice(), &[0; 500]].concat()).unwrap();
    assert_eq!(case.reopen().unwrap().kept().len(), 3);
    assert_eq!(std::fs::read(&log).unwrap(), log_before);
}
