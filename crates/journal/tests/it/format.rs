//! The worked example of docs/format/store.md, byte for byte.

use std::path::Path;

use journal::{Guard, GuardState, LeafletKey};
use record::{NodeId, PageKey, PageWrite};

use crate::damage::tamper;
use crate::store::{append, open};
use crate::support::journal_id;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The document with only its hexadecimal digits and line ends left to compare.
fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/format/store.md");
    let text = std::fs::read_to_string(path).unwrap();
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn assert_documented(name: &str, bytes: &[u8]) {
    assert!(document().contains(&hex(bytes)), "the document lacks the {name} {}", hex(bytes));
}

#[test]
fn the_worked_example_is_what_is_stored() {
    let dir = tempfile::tempdir().unwrap();
    let (path, journal) = (dir.path().join("store"), journal_id(0x11));
    let mut store = open(&path);
    let mut batch = append(journal, 1_000_000, &[b"hello".to_vec(), b"again".to_vec()]);
    let key = PageKey { node: NodeId(5), generation: 2 };
    batch.pages = vec![(journal, vec![PageWrite { key, bytes: Some(b"page".to_vec()) }])];
    batch.leaflets = vec![(journal, LeafletKey { kind: 1, number: 3 }, Some(b"note".to_vec()))];
    let records = store.commit(batch).unwrap().remove(0);
    let head = store.head(journal).unwrap();
    drop(store);
    tamper(&path, |engine| {
        let entries = engine.iter().collect::<Result<Vec<_>, _>>().unwrap();
        assert_eq!(entries.len(), 4);
        for (key, value) in entries {
            assert_documented("key", &key);
            assert_documented("value", &value);
        }
    });

    let guards = dir.path().join("guard");
    let mut guard = Guard::create(&guards, journal).unwrap();
    guard.keep(&records[0]).unwrap();
    let state = GuardState { size: head.size, root: head.root, epoch: 7, ..guard.state() };
    guard.advance(state).unwrap();
    let slots = std::fs::read(guards.join(format!("{journal}.head"))).unwrap();
    assert_eq!(slots.len(), 8_192);
    let newest = &slots[..512];
    assert_documented("state", &newest[..92]);
    assert!(newest[92..480].iter().all(|byte| *byte == 0));
    assert_documented("checksum", &newest[480..]);
    let log = std::fs::read(guards.join(format!("{journal}.log"))).unwrap();
    let record = records[0].encode();
    assert_eq!(log[4..4 + record.len()], record);
    assert_documented("checksum of the frame", &log[4 + record.len()..]);
}
