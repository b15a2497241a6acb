//! Bytes that changed on disk are found, and the first bad record is named.

use std::path::Path;

use journal::{Batch, CommitError, Flaw, OpenError, ReadError, Store};
use record::{JournalId, Seq};

use crate::store::{append, open, scan};
use crate::support::journal_id;

/// Three commits: records 0 to 3 in one block, 4 in pieces, 5 and 6 in one block.
fn write(dir: &Path, journal: JournalId) {
    let mut store = open(dir);
    store.commit(append(journal, 1, &vec![vec![1; 60]; 4])).unwrap();
    store.commit(append(journal, 2, &[vec![2; 6_200]])).unwrap();
    store.commit(append(journal, 3, &vec![vec![3; 60]; 2])).unwrap();
}

/// Changes the database beneath the store.
pub(crate) fn tamper(dir: &Path, change: impl FnOnce(&sled::Db)) {
    // The threads of the engine that was just closed may still hold its lock.
    std::fs::File::open(dir.join("db")).unwrap().lock().unwrap();
    let engine = sled::Config::new().path(dir).flush_every_ms(None).open().unwrap();
    change(&engine);
    engine.flush().unwrap();
}

pub(crate) fn blocks(engine: &sled::Db) -> Vec<(sled::IVec, sled::IVec)> {
    engine.scan_prefix(b"r").collect::<Result<_, _>>().unwrap()
}

/// The first error that opening and scanning to the end meet, and every record before it.
fn first_bad(dir: &Path, journal: JournalId, size: u64) -> (Vec<Seq>, Option<ReadError>) {
    let store = Store::open(dir, false).unwrap();
    let (mut good, mut bad) = (Vec::new(), None);
    for record in store.scan(journal, Seq(0), Seq(size)) {
        match record {
            Ok(record) => good.push(record.header.seq),
            Err(error) => bad = Some(error),
        }
    }
    (good, bad)
}

/// Which record the byte at `offset` of block `block` belongs to.
fn owner(store: &Store, journal: JournalId, block: usize, offset: usize) -> u64 {
    let of = |seq| 4 + store.read(journal, Seq(seq)).unwrap().encode().len();
    match block {
        0 => u64::try_from(offset / of(0)).unwrap(),
        1 | 2 => 4,
        _ => 5 + u64::try_from(offset / of(5)).unwrap(),
    }
}

#[test]
fn each_flipped_byte_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let journal = journal_id(1);
    write(dir.path(), journal);
    let (store, mut owners) = (open(dir.path()), Vec::new());
    let all = scan(&store, journal);
    let head = store.head(journal);
    for (block, length) in
        [4 * (4 + all[0].encode().len()), 6_000, 300, 400].into_iter().enumerate()
    {
        // Every third byte of the small blocks; of the large record every hundredth.
        let step = if block == 1 { 100 } else { 3 };
        let offsets = (0..length).step_by(step);
        owners.extend(offsets.map(|offset| (block, offset, owner(&store, journal, block, offset))));
    }
    drop(store);
    for (block, offset, owner) in owners {
        let mut original = None;
        tamper(dir.path(), |engine| {
            let (key, value) = blocks(engine).swap_remove(block);
            if offset < value.len() {
                let mut bent = value.to_vec();
                bent[offset] ^= 0x10;
                engine.insert(&key, bent).unwrap();
                original = Some((key, value));
            }
        });
        let Some((key, value)) = original else { continue };
        let (good, bad) = first_bad(dir.path(), journal, 7);
        match bad {
            Some(ReadError::Damaged { seq, flaw }) => {
                // A header that only its successor contradicts is named by that successor.
                let successor = flaw == Flaw::Previous && seq == Seq(owner + 1);
                assert!(seq == Seq(owner) || successor, "{block}:{offset}: {owner}, {seq} {flaw}");
                assert_eq!(good, (0..seq.0).map(Seq).collect::<Vec<_>>());
            }
            // No record follows the last one, so its header is for the root to hold.
            None if owner == 6 => assert_ne!(open(dir.path()).head(journal), head),
            other => panic!("a flip at {block}:{offset} was not found: {other:?}"),
        }
        tamper(dir.path(), |engine| drop(engine.insert(key, value).unwrap()));
    }
    assert_eq!(first_bad(dir.path(), journal, 7).1, None);
}

/// A change beneath the store, and the first record it harms.
type Change = (fn(&sled::Db), u64);

#[test]
fn removed_swapped_and_foreign_blocks_are_named() {
    let changes: [Change; 5] = [
        (|engine| drop(engine.remove(&blocks(engine)[0].0).unwrap()), 0),
        (|engine| drop(engine.remove(&blocks(engine)[1].0).unwrap()), 4),
        (|engine| drop(engine.remove(&blocks(engine)[2].0).unwrap()), 4),
        (
            |engine| {
                let all = blocks(engine);
                engine.insert(&all[0].0, &all[3].1).unwrap();
            },
            0,
        ),
        (
            |engine| {
                let all = blocks(engine);
                let shorter = &all[3].1[..all[3].1.len() / 2 + 9];
                engine.insert(&all[3].0, shorter).unwrap();
            },
            6,
        ),
    ];
    for (change, first) in changes {
        let dir = tempfile::tempdir().unwrap();
        let journal = journal_id(1);
        write(dir.path(), journal);
        tamper(dir.path(), change);
        let (good, bad) = first_bad(dir.path(), journal, 7);
        assert!(
            matches!(bad, Some(ReadError::Damaged { seq, .. }) if seq == Seq(first)),
            "{bad:?}"
        );
        assert_eq!(good, (0..first).map(Seq).collect::<Vec<_>>());
    }
}

#[test]
fn a_record_of_another_journal_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (journal_id(1), journal_id(2));
    write(dir.path(), one);
    write(dir.path(), two);
    tamper(dir.path(), |engine| {
        let all = blocks(engine);
        engine.insert(&all[4].0, &all[0].1).unwrap();
    });
    let bad = first_bad(dir.path(), two, 7);
    let damaged = ReadError::Damaged { seq: Seq(0), flaw: Flaw::Origin };
    assert_eq!(bad, (vec![], Some(damaged)));
    assert_eq!(first_bad(dir.path(), one, 7).1, None);
}

#[test]
fn a_damaged_journal_takes_nothing_and_leaves_others_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (journal_id(1), journal_id(2));
    write(dir.path(), one);
    write(dir.path(), two);
    tamper(dir.path(), |engine| drop(engine.remove(&blocks(engine)[3].0).unwrap()));
    tamper(dir.path(), |engine| drop(engine.remove(&blocks(engine)[1].0).unwrap()));
    let mut store = open(dir.path());
    assert_eq!(store.damage(one).map(|damage| damage.seq), Some(Seq(4)));
    assert_eq!(store.head(one).map(|head| head.size), Some(4));
    let refused = store.commit(append(one, 9, &[vec![1]]));
    assert!(matches!(refused, Err(CommitError::Damaged { seq: Seq(4), .. })), "{refused:?}");
    store.commit(append(two, 9, &[vec![1]])).unwrap();
    assert_eq!(scan(&store, two).len(), 8);
    assert_eq!(store.commit(Batch::default()), Ok(vec![]));
}

/// The engine may panic on such files; that stays inside, and the message says what to do.
#[test]
fn bent_database_files_are_reported() {
    let pristine = tempfile::tempdir().unwrap();
    let journal = journal_id(1);
    write(pristine.path(), journal);
    let bytes = std::fs::read(pristine.path().join("db")).unwrap();
    for cut in [1, 30, 1_000, bytes.len() / 2] {
        let dir = tempfile::tempdir().unwrap();
        copy_directory(pristine.path(), dir.path());
        std::fs::write(dir.path().join("db"), &bytes[..cut]).unwrap();
        match Store::open(dir.path(), false) {
            Err(OpenError::Damaged { reason, .. }) => assert!(!reason.is_empty()),
            Err(OpenError::Empty(_) | OpenError::NotAStore(_)) => {}
            Ok(store) => assert_ne!(store.head(journal).map_or(0, |head| head.size), 7),
            Err(other) => panic!("{other}"),
        }
    }
}

fn copy_directory(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy_directory(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
