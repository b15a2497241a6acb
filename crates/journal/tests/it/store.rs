//! What goes in comes out, and what is refused leaves nothing behind.

use std::path::Path;

use journal::{
    Append, BATCH_RECORDS_MAX, Batch, CommitError, Head, LeafletKey, OpenError, PAGE_BYTES_MAX,
    ReadError, Store, Urgency, VALUE_BYTES_MAX,
};
use proptest::prelude::*;
use record::{JournalId, NodeId, Origin, PageKey, PageWrite, Record, Seq, TimestampMicros, tree};

use crate::support::{event, journal_id};

/// Appends bodies to a journal.
pub(crate) fn append(journal: JournalId, at: u64, bodies: &[Vec<u8>]) -> Batch {
    let origin = Origin::first(journal);
    let sealed = (0..).zip(bodies).map(|(number, body)| event(origin, number, body)).collect();
    let recorded_at = TimestampMicros(at);
    let append = Append { origin, expected: None, recorded_at, sealed };
    Batch { appends: vec![append], ..Batch::default() }
}

pub(crate) fn scan(store: &Store, journal: JournalId) -> Vec<Record> {
    let size = store.head(journal).map_or(0, |head| head.size);
    store.scan(journal, Seq(0), Seq(size)).collect::<Result<_, _>>().unwrap()
}

pub(crate) fn open(dir: &Path) -> Store {
    Store::open(dir, true).unwrap()
}

fn blobs(dir: &Path) -> usize {
    std::fs::read_dir(dir.join("blobs")).unwrap().count()
}

/// Sizes around every edge of the layout.
fn bodies() -> Vec<Vec<u8>> {
    let edge = VALUE_BYTES_MAX - 200;
    let lengths = [0, 1, 300, edge, edge + 1, 6_000, 11_000, 12_000, 12_001, 1_000_000, 5];
    let edges = (VALUE_BYTES_MAX - 220..VALUE_BYTES_MAX - 160).step_by(3);
    lengths.into_iter().chain(edges).map(|length| vec![7; length]).collect()
}

#[test]
fn records_of_every_size_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let journal = journal_id(1);
    let mut store = open(dir.path());
    let together = store.commit(append(journal, 5, &bodies())).unwrap().remove(0);
    let mut all = together;
    for body in bodies() {
        all.extend(store.commit(append(journal, 6, &[body])).unwrap().remove(0));
    }
    assert_eq!(scan(&store, journal), all);
    let head = store.head(journal).unwrap();
    drop(store);

    let store = open(dir.path());
    assert_eq!(store.head(journal), Some(head));
    assert_eq!(scan(&store, journal), all);
    for record in &all {
        assert_eq!(store.read(journal, record.header.seq).as_ref(), Ok(record));
    }
    let missing = Seq(head.size);
    assert_eq!(store.read(journal, missing), Err(ReadError::Missing { seq: missing }));
    let beyond: Vec<_> = store.scan(journal, Seq(head.size - 1), Seq(head.size + 9)).collect();
    assert!(beyond[0].is_ok());
    assert_eq!(beyond[1..], [Err(ReadError::Missing { seq: missing })]);
    assert_eq!(blobs(dir.path()), 0);
}

#[test]
fn a_scan_starts_anywhere() {
    let dir = tempfile::tempdir().unwrap();
    let journal = journal_id(1);
    let mut store = open(dir.path());
    for batch in 0..20 {
        store.commit(append(journal, batch, &vec![vec![3; 700]; 13])).unwrap();
    }
    let all = scan(&store, journal);
    for from in 0..all.len() {
        let to = (from + 30).min(all.len());
        let part = store.scan(journal, Seq(from as u64), Seq(to as u64));
        assert_eq!(part.collect::<Result<Vec<_>, _>>().unwrap(), all[from..to]);
    }
}

#[test]
fn head_and_roots_are_those_of_the_tree() {
    let dir = tempfile::tempdir().unwrap();
    let journal = journal_id(1);
    let mut store = open(dir.path());
    for batch in 0..5 {
        store.commit(append(journal, batch, &vec![vec![1; 40]; 2_000])).unwrap();
    }
    let leaves: Vec<_> =
        scan(&store, journal).iter().map(|r| tree::record_leaf(&r.header)).collect();
    drop(store);
    let store = open(dir.path());
    let Head { size, root, .. } = store.head(journal).unwrap();
    assert_eq!((size, root), (10_000, tree::root(&leaves)));
    for size in [0, 1, 4_095, 4_096, 4_097, 8_192, 9_999, 10_000] {
        assert_eq!(store.root_at(journal, size as u64).unwrap(), tree::root(&leaves[..size]));
    }
    assert!(store.root_at(journal, 10_001).is_err());
}

#[test]
fn a_conflict_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let journal = journal_id(1);
    let mut store = open(dir.path());
    store.commit(append(journal, 1, &[vec![1]])).unwrap();
    let before = store.head(journal);

    let mut batch = append(journal, 2, &[vec![2]]);
    let page = PageKey { node: NodeId(4), generation: 1 };
    batch.pages.push((journal, vec![PageWrite { key: page, bytes: Some(vec![9]) }]));
    let mut late = append(journal, 2, &[vec![3]]).appends.remove(0);
    late.expected = Some(Seq(1));
    batch.appends.push(late);
    let conflict = CommitError::Conflict { journal, expected: Seq(1), found: Seq(2) };
    assert_eq!(store.commit(batch), Err(conflict));
    assert_eq!(store.head(journal), before);
    assert_eq!(store.page(journal, page), Ok(None));
    drop(store);
    let mut store = open(dir.path());
    assert_eq!(store.head(journal), before);
    assert_eq!(store.page(journal, page), Ok(None));

    let mut good = append(journal, 2, &[vec![2]]);
    good.appends[0].expected = Some(Seq(1));
    assert_eq!(store.commit(good).unwrap()[0][0].header.seq, Seq(1));
}

#[test]
fn foreign_malformed_and_large_events_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, other) = (journal_id(1), journal_id(2));
    let mut store = open(dir.path());
    store.commit(append(journal, 1, &[vec![1]])).unwrap();
    let before = store.head(journal);

    let mut foreign = append(journal, 2, &[vec![2]]);
    foreign.appends[0].sealed = vec![event(Origin::first(other), 0, &[2])];
    assert_eq!(store.commit(foreign), Err(CommitError::Foreign));

    let good = event(Origin::first(journal), 0, &[2, 2]);
    let parts = vec![good.parts()[0].clone(); record::PARTS_MAX + 1];
    let kind = good.kind().clone();
    let bent = record::Sealed::assume_sealed(good.origin(), kind, good.command(), [0; 16], parts);
    let mut malformed = append(journal, 2, &[]);
    malformed.appends[0].sealed = vec![bent];
    assert_eq!(store.commit(malformed), Err(CommitError::Malformed));

    let large = append(journal, 2, &[vec![0; record::RECORD_BYTES_MAX]]);
    assert_eq!(store.commit(large), Err(CommitError::TooLarge("record")));
    let many = append(journal, 2, &vec![vec![]; BATCH_RECORDS_MAX + 1]);
    let number = CommitError::TooLarge("number of records in the batch");
    assert_eq!(store.commit(many), Err(number));
    let bytes = append(journal, 2, &vec![vec![0; 12 * 1024 * 1024]; 3]);
    assert_eq!(store.commit(bytes), Err(CommitError::TooLarge("batch")));
    let key = PageKey { node: NodeId(1), generation: 0 };
    let page = PageWrite { key, bytes: Some(vec![0; PAGE_BYTES_MAX + 1]) };
    let page = Batch { pages: vec![(journal, vec![page])], ..Batch::default() };
    assert_eq!(store.commit(page), Err(CommitError::TooLarge("page")));

    drop(store);
    let store = open(dir.path());
    assert_eq!(store.head(journal), before);
    assert_eq!(store.journals(), [journal]);
    assert_eq!(store.pages(journal), Ok(vec![]));
}

#[test]
fn the_largest_record_fits() {
    let dir = tempfile::tempdir().unwrap();
    let journal = journal_id(1);
    let mut store = open(dir.path());
    let empty = store.commit(append(journal, 1, &[vec![]])).unwrap()[0][0].encode().len();
    let body = vec![4; record::RECORD_BYTES_MAX - empty];
    let written = store.commit(append(journal, 2, &[body])).unwrap().remove(0).remove(0);
    assert_eq!(written.encode().len(), record::RECORD_BYTES_MAX);
    drop(store);
    let store = open(dir.path());
    assert_eq!(store.read(journal, Seq(1)), Ok(written));
    assert_eq!(blobs(dir.path()), 0);
}

#[test]
fn time_never_goes_back() {
    let dir = tempfile::tempdir().unwrap();
    let journal = journal_id(1);
    let mut store = open(dir.path());
    store.commit(append(journal, 50, &[vec![1]])).unwrap();
    drop(store);
    let mut store = open(dir.path());
    let earlier = store.commit(append(journal, 20, &[vec![1]])).unwrap();
    assert_eq!(earlier[0][0].header.recorded_at, TimestampMicros(50));
    let later = store.commit(append(journal, 51, &[vec![1]])).unwrap();
    assert_eq!(later[0][0].header.recorded_at, TimestampMicros(51));
}

#[test]
fn an_era_follows_another_and_never_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let journal = journal_id(1);
    let mut store = open(dir.path());
    store.commit(append(journal, 1, &[vec![1]])).unwrap();
    let origin = Origin { journal, era: 2 };
    let sealed = vec![event(origin, 0, &[1])];
    let append_in_new_era =
        Append { origin, expected: Some(Seq(1)), recorded_at: TimestampMicros(2), sealed };
    let batch = Batch { appends: vec![append_in_new_era], ..Batch::default() };
    store.commit(batch).unwrap();
    assert_eq!(store.head(journal).unwrap().origin, origin);
    assert_eq!(store.commit(append(journal, 3, &[vec![1]])), Err(CommitError::Foreign));
    drop(store);
    let store = open(dir.path());
    assert_eq!(store.head(journal).unwrap().origin, origin);
    assert_eq!(scan(&store, journal).len(), 2);
}

#[test]
fn journals_do_not_mix() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (journal_id(0x10), journal_id(0x11));
    let mut store = open(dir.path());
    for round in 0..30_u8 {
        let mut batch = append(one, 1, &vec![vec![round; 900]; 5]);
        batch.appends.extend(append(two, 1, &[vec![round; 20_000]]).appends);
        batch.appends.extend(append(one, 1, &[vec![round]]).appends);
        let records = store.commit(batch).unwrap();
        assert_eq!(records.iter().map(Vec::len).collect::<Vec<_>>(), [5, 1, 1]);
    }
    let before = [one, two].map(|journal| (store.head(journal), scan(&store, journal)));
    drop(store);
    let store = open(dir.path());
    assert_eq!(store.journals(), [one, two]);
    assert_eq!([one, two].map(|journal| (store.head(journal), scan(&store, journal))), before);
    assert_eq!(before.map(|(_, records)| records.len()), [180, 30]);
}

#[test]
fn an_empty_append_makes_no_journal() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    assert_eq!(store.commit(append(journal_id(1), 1, &[])), Ok(vec![vec![]]));
    assert_eq!(store.head(journal_id(1)), None);
    assert_eq!(store.commit(Batch::default()), Ok(vec![]));
}

#[test]
fn leaflets_are_listed_newest_first() {
    let dir = tempfile::tempdir().unwrap();
    let journal = journal_id(1);
    let mut store = open(dir.path());
    let key = |kind, number| LeafletKey { kind, number };
    let leaflets = [(key(1, 5), 10), (key(1, 300), 20_000), (key(2, 7), 3), (key(1, 6), 0)];
    let write = |(key, length)| (journal, key, Some(vec![1; length]));
    let leaflets = leaflets.into_iter().map(write).collect();
    store.commit(Batch { leaflets, ..Batch::default() }).unwrap();
    drop(store);
    let mut store = open(dir.path());
    assert_eq!(store.leaflets(journal, 1), Ok(vec![key(1, 300), key(1, 6), key(1, 5)]));
    assert_eq!(store.leaflet(journal, key(1, 300)), Ok(Some(vec![1; 20_000])));
    assert_eq!(store.leaflet(journal, key(1, 6)), Ok(Some(vec![])));
    let leaflets = vec![(journal, key(1, 300), None)];
    store.commit(Batch { leaflets, ..Batch::default() }).unwrap();
    assert_eq!(store.leaflets(journal, 1), Ok(vec![key(1, 6), key(1, 5)]));
    assert_eq!(store.leaflet(journal, key(1, 300)), Ok(None));
}

#[test]
fn a_second_opening_is_busy_and_a_missing_one_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deep/er");
    assert!(matches!(Store::open(&path, false), Err(OpenError::Missing(_))));
    assert!(!path.exists());
    let store = Store::open(&path, true).unwrap();
    assert!(matches!(Store::open(&path, true), Err(OpenError::Busy(_))));
    drop(store);
    Store::open(&path, false).unwrap();
}

#[test]
fn another_database_is_not_taken_for_a_store() {
    let dir = tempfile::tempdir().unwrap();
    let other = sled::open(dir.path()).unwrap();
    other.insert(b"v", b"something else").unwrap();
    drop(other);
    assert!(matches!(Store::open(dir.path(), true), Err(OpenError::NotAStore(_))));
}

/// One change of one page: node, and a new length or its removal.
fn page_changes() -> impl Strategy<Value = Vec<Vec<(u64, Option<usize>)>>> {
    let change = (0_u64..60, prop::option::weighted(0.6, 0..14_000_usize));
    prop::collection::vec(prop::collection::vec(change, 1..40), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Pages behave like a map, whatever pieces they leave, and never make an unsynced file.
    #[test]
    fn pages_are_a_map(batches in page_changes()) {
        let dir = tempfile::tempdir().unwrap();
        let (journal, other) = (journal_id(1), journal_id(2));
        let mut store = open(dir.path());
        let mut expected = std::collections::BTreeMap::new();
        for (round, batch) in (0_u8..).zip(batches) {
            let write = |(node, length): (u64, Option<usize>)| {
                let key = PageKey { node: NodeId(node), generation: node % 3 };
                PageWrite { key, bytes: length.map(|length| vec![round; length]) }
            };
            let writes: Vec<_> = batch.into_iter().map(write).collect();
            for write in &writes {
                match &write.bytes {
                    Some(bytes) => expected.insert(write.key, bytes.clone()),
                    None => expected.remove(&write.key),
                };
            }
            let pages = vec![(journal, writes)];
            store.commit(Batch { pages, urgency: Urgency::Cut, ..Batch::default() }).unwrap();
        }
        drop(store);
        let store = open(dir.path());
        let keys: Vec<_> = expected.keys().copied().collect();
        prop_assert_eq!(store.pages(journal).unwrap(), keys);
        prop_assert_eq!(store.pages(other).unwrap(), vec![]);
        for (key, bytes) in expected {
            prop_assert_eq!(store.page(journal, key).unwrap(), Some(bytes));
        }
        prop_assert_eq!(blobs(dir.path()), 0);
    }
}

/// With values of 7,000 bytes the engine made unsynced files here.
#[test]
fn removing_many_pages_makes_no_blobs() {
    let dir = tempfile::tempdir().unwrap();
    let journal = journal_id(1);
    let mut store = open(dir.path());
    let key = |node| PageKey { node: NodeId(node), generation: 0 };
    let mut commit = |nodes: &mut dyn Iterator<Item = u64>, bytes: Option<Vec<u8>>| {
        let write = |node| PageWrite { key: key(node), bytes: bytes.clone() };
        let pages = vec![(journal, nodes.map(write).collect())];
        store.commit(Batch { pages, urgency: Urgency::Cut, ..Batch::default() }).unwrap();
    };
    for step in [2, 3, 5, 7, 11, 13] {
        for start in (0..1_200).step_by(40) {
            commit(&mut (start..start + 40), Some(vec![8; VALUE_BYTES_MAX - 4]));
        }
        for start in (0..1_200).step_by(30) {
            commit(&mut (start..start + 30).filter(|node| node % step != 0), None);
        }
    }
    assert_eq!(store.pages(journal).unwrap().len(), 1_200_usize.div_ceil(13));
    assert_eq!(blobs(dir.path()), 0);
}
