//! Headers, records, public parts and events.

use events::{Content, Event, OpenPart};
use record::public::PublicPart;
use record::{
    CommandId, DraftPart, EventKind, Header, PartHeader, PartKind, Plaintext, Record, SubjectId,
    body_digest,
};

/// A header has one form, and states no more than a record may hold.
pub(crate) fn header(bytes: &[u8]) {
    let Ok(header) = Header::decode(bytes) else { return };
    assert_eq!(header.encode(), bytes, "a header is written as it was read");
    assert!(header.record_bytes() <= record::RECORD_BYTES_MAX as u64);
    let _hash = header.record_hash();
    for (index, part) in header.parts.iter().enumerate() {
        let _aad = header.associated_data(u8::try_from(index).unwrap(), part);
    }
    if cfg!(feature = "planted") && header.parts.len() == 2 {
        let third = &header.parts[usize::from(header.kind.version() == 0x0107) * 2];
        assert!(third.body_bytes() > 0);
    }
}

/// The bytes as they are; and, so that bodies are reached, with the digests that they ought to have.
pub(crate) fn record(bytes: &[u8]) {
    record_as_is(bytes);
    if let Some(mended) = mended(bytes) {
        let read = Record::decode(&mended).expect("a header with its bodies is a record");
        assert_eq!(read.encode(), mended);
    }
}

fn record_as_is(bytes: &[u8]) {
    let Ok(record) = Record::decode(bytes) else { return };
    assert_eq!(record.encode(), bytes, "a record is written as it was read");
    let _keys = record.keys().count();
    if let Ok(Some(part)) = PublicPart::of(&record) {
        assert_eq!(Some(part.encode().as_slice()), record.public_text());
    }
}

/// A header at the start of the bytes, followed by bodies of the stated lengths made of the rest.
fn mended(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = record::Reader::new(bytes);
    let mut header = Header::read(&mut reader).ok()?;
    let rest = reader.bytes(reader.remaining(), "rest").ok()?;
    if header.record_bytes() > 1 << 16 {
        return None;
    }
    let mut bodies = Vec::new();
    for part in &mut header.parts {
        let length = usize::try_from(part.body_bytes()).ok()?;
        let body: Vec<u8> = rest.iter().copied().chain(std::iter::repeat(0)).take(length).collect();
        part.digest = body_digest(&body);
        bodies.push(body);
    }
    Some(Record { header, bodies }.encode())
}

const PUBLIC: [&str; 12] = [
    "installation.started",
    "tenant.registered",
    "tenant.witnessed",
    "tenant.closing",
    "tenant.started",
    "erasure.ordered",
    "erasure.approved",
    "erasure.fenced",
    "erasure.keys-destroyed",
    "erasure.completed",
    "erasure.parts-purged",
    "restore.declared",
];

/// The first byte chooses the kind.
pub(crate) fn public_part(bytes: &[u8]) {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let kind = EventKind::new(PUBLIC[usize::from(*first) % PUBLIC.len()], 1).unwrap();
    let Ok(part) = PublicPart::decode(&kind, bytes) else { return };
    let part = part.expect("all of these are public");
    assert_eq!(part.encode(), bytes, "a public part is written as it was read");
    part.check().expect("what was read may be written");
}

const SEALED: [(&str, u16); 11] = [
    ("people.person-registered", 1),
    ("survey.defined", 1),
    ("survey.round-opened", 1),
    ("survey.response-submitted", 1),
    ("survey.response-submitted", 2),
    ("survey.respondent-linked", 1),
    ("survey.round-closed", 1),
    ("discover.published", 1),
    ("import.started", 1),
    ("import.completed", 1),
    ("import.abandoned", 1),
];

/// The first byte chooses the event, the second how many bytes are its facts; the rest is a part
/// about a person, unless there is none.
pub(crate) fn event(bytes: &[u8]) {
    let [chosen, facts, rest @ ..] = bytes else { return };
    let (name, version) = SEALED[usize::from(*chosen) % SEALED.len()];
    let kind = EventKind::new(name, version).unwrap();
    let (facts, person) = rest.split_at(usize::from(*facts).min(rest.len()));
    let mut parts = vec![facts];
    if !person.is_empty() {
        parts.push(person);
    }
    let open = parts.iter().enumerate().map(|(index, bytes)| opened(index, bytes)).collect();
    let Ok(event) = Event::decode(&kind, open) else { return };
    if event.kind() != kind {
        return;
    }
    let draft = event.draft(CommandId::from_bytes([1; 16]));
    let again: Vec<&[u8]> =
        draft.parts.iter().map(|part: &DraftPart| part.bytes.as_slice()).collect();
    assert_eq!(again, parts, "{name} is written as it was read");
}

fn opened(index: usize, bytes: &[u8]) -> OpenPart {
    let header = PartHeader {
        kind: PartKind::Sealed,
        leaf: record::LeafId::from_bytes([u8::try_from(index).unwrap(); 16]),
        scope: record::ScopeId::from_bytes([9; 16]),
        length: 64,
        digest: record::Hash([0; 32]),
    };
    let subject = (index > 0).then(|| SubjectId::from_bytes([7; 16]));
    let content = Content::Open { subject, bytes: Plaintext::new(bytes.to_vec()) };
    OpenPart { header, content }
}
