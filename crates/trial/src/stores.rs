//! What stands in the database and beside it: frames, keys, guard, snapshots, backups, escrow.

use escrow::{Identity, Recipient};

/// The head and the log of a guard; and the log with the checksums that it ought to have.
pub(crate) fn guard(bytes: &[u8]) {
    if let Some(again) = journal::trial::guard_head(bytes) {
        let copies = again.chunks_exact(512).next().unwrap();
        let found = bytes.chunks_exact(512).any(|copy| copy.get(..104) == copies.get(..104));
        assert!(found, "the state of a guard is one of its copies");
    }
    let (kept, whole) = journal::trial::guard_log(bytes);
    let again = kept.iter().flat_map(|record| journal::trial::guard_frame(&record.encode()));
    assert_eq!(again.collect::<Vec<u8>>(), bytes[..whole], "a log is written as it was read");
    let framed = journal::trial::guard_frame(bytes);
    let (kept, whole) = journal::trial::guard_log(&framed);
    assert_eq!(whole, if kept.is_empty() { 0 } else { framed.len() });
    if let [at, change, ..] = bytes {
        let mut head = vec![0; 512];
        let length = bytes.len().min(480);
        head[..length].copy_from_slice(&bytes[..length]);
        let sum = blake3::hash(&head[..480]);
        head[480..].copy_from_slice(sum.as_bytes());
        let _any_state = journal::trial::guard_head(&head);
        head[usize::from(*at)] ^= (*change).max(1);
        assert_eq!(journal::trial::guard_head(&head), None, "a torn copy is none");
    }
}

/// Values, keys and positions.
pub(crate) fn store(bytes: &[u8]) {
    if let Some(again) = journal::trial::frames(bytes) {
        assert_eq!(again, bytes, "frames are written as they were read");
    }
    assert!(journal::trial::keys(bytes) <= 1, "a key is of one kind");
    let mut reader = record::Reader::new(bytes);
    if let Ok(position) = journal::Position::read(&mut reader) {
        let mut again = record::Writer::default();
        position.write(&mut again);
        let read = bytes.len() - reader.remaining();
        assert_eq!(again.finish(), bytes[..read], "a position is written as it was read");
    }
}

/// The content of a snapshot, which is only ever read after it was opened.
pub(crate) fn snapshot(bytes: &[u8]) {
    let _either = engine::snapshot_decodes(bytes);
}

/// Shipments: these bytes, and with the checksum that they ought to have.
pub(crate) fn backup(bytes: &[u8]) {
    let same = |bytes: &[u8]| {
        if let Some(again) = engine::trial::shipment(bytes) {
            assert_eq!(again, bytes, "a shipment is written as it was read");
        }
    };
    same(bytes);
    let sum = blake3::hash(bytes);
    same(&[bytes, sum.as_bytes()].concat());
}

/// Escrow files and the lines of their holders.
pub(crate) fn escrow(bytes: &[u8]) {
    let identity = identity();
    assert!(escrow::open(&[identity], bytes).is_err(), "nobody sealed this");
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(recipient) = Recipient::parse(text) {
        assert_eq!(recipient.to_string(), text);
    }
    let _identities = Identity::parse_file(text);
}

/// One that nobody ever sealed anything to.
fn identity() -> Identity {
    use std::sync::OnceLock;
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| Identity::generate().unwrap().to_text().to_string());
    Identity::parse_file(text).unwrap().remove(0)
}
