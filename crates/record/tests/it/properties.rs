//! Laws over random input; a failure prints its seed and its smallest case.

use proptest::prelude::*;
use record::checkpoint::Checkpoint;
use record::note::{Note, Vkey};
use record::padding::{PADDED_BYTES_MIN, is_padded_length, padded_length};
use record::public::PublicPart;
use record::tree::TreeHead;
use record::{
    CommandId, DecodeError, EventKind, Hash, Header, JournalId, LeafId, Origin, PartHeader,
    PartKind, RECORD_BYTES_MAX, Record, ScopeId, Sealed, SealedPart, Seq, TimestampMicros,
    body_digest,
};

use crate::examples::{golden, golden_text, public_parts, public_record, sealed_record, signer};

/// Longest random body of one part: several parts of every small padded length.
const BODY_BYTES_MAX: u32 = 300;

fn kinds() -> impl Strategy<Value = EventKind> {
    ("[a-z0-9.-]{1,64}", 1u16..).prop_map(|(name, version)| EventKind::new(&name, version).unwrap())
}

fn parts() -> impl Strategy<Value = SealedPart> {
    let sealed = (any::<[u8; 16]>(), any::<[u8; 16]>(), 0..BODY_BYTES_MAX, any::<u8>());
    let sealed = sealed.prop_map(|(leaf, scope, content, fill)| {
        let length = padded_length(content).unwrap();
        part(PartKind::Sealed, (leaf, scope), length, vec![fill; length as usize + 48])
    });
    let public = proptest::collection::vec(any::<u8>(), 0..BODY_BYTES_MAX as usize);
    let public = public.prop_map(|body| {
        let length = u32::try_from(body.len()).unwrap();
        part(PartKind::Public, ([0; 16], [0; 16]), length, body)
    });
    prop_oneof![sealed, public]
}

fn part(kind: PartKind, keys: ([u8; 16], [u8; 16]), length: u32, body: Vec<u8>) -> SealedPart {
    let (leaf, scope) = (LeafId::from_bytes(keys.0), ScopeId::from_bytes(keys.1));
    SealedPart::new(PartHeader { kind, leaf, scope, length, digest: Hash([0; 32]) }, body)
}

prop_compose! {
    fn records()(
        journal in any::<[u8; 16]>(),
        era in any::<u32>(),
        place in any::<(u64, u64)>(),
        kind in kinds(),
        command in any::<[u8; 16]>(),
        salt in any::<[u8; 16]>(),
        previous in any::<[u8; 32]>(),
        parts in proptest::collection::vec(parts(), 1..6),
    ) -> Record {
        let origin = Origin { journal: JournalId::from_bytes(journal), era };
        let command = CommandId::from_bytes(command);
        Sealed::assume_sealed(origin, kind, command, salt, parts)
            .into_record(Seq(place.0), TimestampMicros(place.1), Hash(previous))
    }
}

proptest! {
    #[test]
    fn records_round_trip(record in records()) {
        let bytes = record.encode();
        prop_assert_eq!(record.header.record_bytes(), bytes.len() as u64);
        prop_assert_eq!(Record::decode(&bytes), Ok(record.clone()));
        let header = record.header.encode();
        prop_assert_eq!(Header::decode(&header), Ok(record.header));
    }

    #[test]
    fn a_changed_byte_is_refused_or_changes_the_hash(
        record in records(),
        at in any::<prop::sample::Index>(),
        flip in 1u8..,
    ) {
        let mut bytes = record.encode();
        let (at, header_bytes) = (at.index(bytes.len()), record.header.encode().len());
        bytes[at] ^= flip;
        match Record::decode(&bytes) {
            Err(_) => {}
            Ok(_) if at >= header_bytes => prop_assert!(false, "body byte {at} was not seen"),
            Ok(other) => {
                prop_assert_eq!(other.encode(), bytes, "one form of each record");
                prop_assert_ne!(other.header.record_hash(), record.header.record_hash());
            }
        }
    }

    #[test]
    fn a_shorter_or_longer_record_is_refused(
        record in records(),
        cut in any::<prop::sample::Index>(),
        tail in any::<u8>(),
    ) {
        let mut bytes = record.encode();
        prop_assert!(Record::decode(&bytes[..cut.index(bytes.len())]).is_err());
        bytes.push(tail);
        prop_assert_eq!(Record::decode(&bytes), Err(DecodeError::Trailing));
    }

    #[test]
    fn binary_decoders_never_panic_and_have_one_form(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        start in 0usize..110,
    ) {
        let header = golden("record-1-header");
        let grafted = [&header[..start.min(header.len())], &bytes].concat();
        for bytes in [&bytes, &grafted] {
            if let Ok(header) = Header::decode(bytes) {
                prop_assert_eq!(&header.encode(), bytes);
            }
            if let Ok(record) = Record::decode(bytes) {
                prop_assert_eq!(&record.encode(), bytes);
            }
        }
        for (_, part) in public_parts() {
            let kind = part.kind().unwrap();
            if let Ok(Some(part)) = PublicPart::decode(&kind, &bytes) {
                prop_assert_eq!(&part.encode(), &bytes);
            }
        }
    }

    #[test]
    fn a_changed_public_part_has_one_form(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        flip in 1u8..,
    ) {
        let (_, part) = &public_parts()[which.index(public_parts().len())];
        let mut bytes = part.encode();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(Some(other)) = PublicPart::decode(&part.kind().unwrap(), &bytes) {
            prop_assert_ne!(&other, part);
            prop_assert_eq!(other.encode(), bytes);
        }
    }

    #[test]
    fn text_decoders_never_panic_and_have_one_form(
        noise in "\\PC{0,80}",
        lines in "([a-z0-9/+= \u{2014}\n]|zegel/|\n\n){0,40}",
        at in any::<prop::sample::Index>(),
    ) {
        for good in [golden_text("checkpoint.txt"), signer().vkey().to_string()] {
            let at = good.char_indices().nth(at.index(good.chars().count())).unwrap().0;
            let (before, after) = good.split_at(at);
            let grafted = format!("{before}{noise}{after}");
            for text in [&noise, &lines, &grafted] {
                one_form(text)?;
            }
        }
    }

    #[test]
    fn a_changed_note_is_refused(
        at in any::<prop::sample::Index>(),
        to in any::<char>(),
    ) {
        let good = golden_text("checkpoint.txt");
        let mut chars: Vec<char> = good.chars().collect();
        let at = at.index(chars.len());
        prop_assume!(chars[at] != to);
        chars[at] = to;
        let changed: String = chars.into_iter().collect();
        let verdict = Note::parse(&changed).and_then(|note| note.verify(&signer().vkey()));
        prop_assert!(verdict.is_err(), "{changed}");
    }

    #[test]
    fn checkpoints_and_origins_round_trip(
        journal in any::<[u8; 16]>(),
        era in any::<u32>(),
        size in any::<u64>(),
        root in any::<[u8; 32]>(),
    ) {
        let origin = Origin { journal: JournalId::from_bytes(journal), era };
        prop_assert_eq!(Origin::parse(&origin.to_string()), Some(origin));
        let checkpoint = Checkpoint { origin, head: TreeHead { size, root: Hash(root) } };
        prop_assert_eq!(Checkpoint::parse(&checkpoint.text()), Ok(checkpoint));
        let note = Note::parse(&checkpoint.sign(&signer()).to_string()).unwrap();
        prop_assert_eq!(note.verify(&signer().vkey()), Ok(()));
        prop_assert_eq!(Checkpoint::parse(note.text()), Ok(checkpoint));
    }

    #[test]
    fn padding_is_monotone_idempotent_and_cheap(bytes in 0u32..0xfc00_0000, more in 0u32..10_000) {
        let padded = padded_length(bytes).unwrap();
        prop_assert!(padded >= bytes.max(PADDED_BYTES_MIN));
        prop_assert!(is_padded_length(padded));
        prop_assert_eq!(padded_length(padded), Some(padded));
        let overhead = u64::from(padded - bytes.max(PADDED_BYTES_MIN)) * 100;
        prop_assert!(overhead <= 12 * u64::from(bytes.max(PADDED_BYTES_MIN)));
        if let Some(longer) = bytes.checked_add(more).and_then(padded_length) {
            prop_assert!(longer >= padded);
        }
    }
}

fn one_form(text: &str) -> Result<(), TestCaseError> {
    if let Ok(note) = Note::parse(text) {
        prop_assert_eq!(note.to_string(), text);
    }
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        prop_assert_eq!(checkpoint.text(), text);
    }
    if let Ok(vkey) = Vkey::parse(text) {
        prop_assert_eq!(vkey.to_string(), text);
    }
    if let Some(origin) = Origin::parse(text) {
        prop_assert_eq!(origin.to_string(), text);
    }
    Ok(())
}

#[test]
fn padding_of_small_and_huge_lengths() {
    let expected = [(0, 64), (64, 64), (65, 72), (72, 72), (73, 80), (129, 144), (1000, 1024)];
    for (bytes, padded) in expected {
        assert_eq!(padded_length(bytes), Some(padded), "{bytes}");
    }
    for bytes in 0..70_000 {
        let (padded, next) = (padded_length(bytes).unwrap(), padded_length(bytes + 1).unwrap());
        assert!(padded <= next && padded_length(padded) == Some(padded), "{bytes}");
        let floor = bytes.max(PADDED_BYTES_MIN);
        assert!((padded - floor) * 100 <= 12 * floor, "{bytes}");
    }
    assert_eq!(padded_length(0xfc00_0000), Some(0xfc00_0000));
    assert_eq!(padded_length(0xfc00_0001), None);
    assert!(!is_padded_length(u32::MAX) && !is_padded_length(63));
}

#[test]
fn every_byte_of_the_golden_records_counts() {
    for record in [public_record(), sealed_record()] {
        let (good, header_bytes) = (record.encode(), record.header.encode().len());
        for at in 0..good.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut bytes = good.clone();
                bytes[at] ^= flip;
                let Ok(other) = Record::decode(&bytes) else { continue };
                assert!(at < header_bytes, "body byte {at}");
                assert_ne!(other.header.record_hash(), record.header.record_hash(), "byte {at}");
            }
        }
    }
}

#[test]
fn headers_that_break_a_rule() {
    let good = golden("record-1-header");
    let name_bytes = usize::from(good[40]);
    let (version_at, parts_at) = (41 + name_bytes, 41 + name_bytes + 2 + 64);
    let length_at = parts_at + 1 + 1 + 32;
    let refused = |at: usize, with: &[u8]| {
        let mut bytes = good.clone();
        bytes[at..at + with.len()].copy_from_slice(with);
        Header::decode(&bytes).unwrap_err()
    };
    assert_eq!(refused(0, b"Z0"), DecodeError::Value("magic"));
    assert_eq!(refused(2, &[0, 2]), DecodeError::Value("format version"));
    assert_eq!(refused(40, &[0]), DecodeError::Limit("event name"));
    assert_eq!(refused(41, b"S"), DecodeError::Value("event name"));
    assert_eq!(refused(version_at, &[0, 0]), DecodeError::Value("event version"));
    assert_eq!(refused(parts_at, &[0]), DecodeError::Value("part count"));
    assert_eq!(refused(parts_at, &[3]), DecodeError::Short("part kind"));
    assert_eq!(refused(parts_at, &[1]), DecodeError::Trailing);
    assert_eq!(refused(parts_at + 1, &[2]), DecodeError::Value("part kind"));
    assert_eq!(refused(parts_at + 1, &[0]), DecodeError::Value("leaf"), "public, yet under keys");
    assert_eq!(refused(length_at, &[0, 0, 0, 65]), DecodeError::Value("part length"));
    assert_eq!(refused(length_at, &[0, 0, 0, 0]), DecodeError::Value("part length"));
    assert_eq!(refused(length_at, &[1, 0, 0, 0]), DecodeError::Limit("part length"));
    assert_eq!(EventKind::new(&"a".repeat(65), 1), Err(DecodeError::Limit("event name")));
}

#[test]
fn a_record_is_at_most_its_limit() {
    let mut record = public_record();
    let fixed = record.header.encode().len();
    let fits = |record: &mut Record, body: usize| {
        record.bodies = vec![vec![0; body]];
        record.header.parts[0].length = u32::try_from(body).unwrap();
        record.header.parts[0].digest = body_digest(&record.bodies[0]);
        Record::decode(&record.encode()).map(|_| ())
    };
    assert_eq!(fits(&mut record, RECORD_BYTES_MAX - fixed), Ok(()));
    let over = fits(&mut record, RECORD_BYTES_MAX - fixed + 1);
    assert_eq!(over, Err(DecodeError::Limit("record")));
    assert_eq!(Header::decode(&record.header.encode()), Err(DecodeError::Limit("part length")));
}

#[test]
fn a_header_of_most_parts_round_trips() {
    let mut header = public_record().header;
    header.parts = vec![PartHeader { length: 0, ..header.parts[0] }; 255];
    assert_eq!(Header::decode(&header.encode()), Ok(header.clone()));
    header.parts.push(header.parts[0]);
    assert!(std::panic::catch_unwind(|| header.encode()).is_err(), "256 parts have no count");
}
