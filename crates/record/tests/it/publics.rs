//! Public parts that break a rule: refused when read, and by the check before they are recorded.

use record::public::{
    Cut, ErasureFenced, ErasureOrdered, InstallationStarted, KeysDestroyed, PartsPurged,
    PublicPart, TARGETS_MAX, TenantStarted,
};
use record::{DecodeError, EventKind, JournalId, LeafId, OrderId, Seq};

use crate::examples::{
    destroyed, fenced, golden, id, ordered, public_parts, public_record, sealed_record,
};

/// The check before and the decoding after say the same.
fn refusal(part: &PublicPart) -> DecodeError {
    let checked = part.check().unwrap_err();
    let decoded = PublicPart::decode(&part.kind().unwrap(), &part.encode());
    assert_eq!(decoded, Err(checked));
    checked
}

fn started(name: &str) -> PublicPart {
    let operator = JournalId::from_bytes(id(0xb0));
    PublicPart::TenantStarted(TenantStarted { operator, name: name.to_owned() })
}

#[test]
fn texts_are_short_and_print_on_one_line() {
    assert_eq!(refusal(&started(&"n".repeat(201))), DecodeError::Limit("name"));
    assert_eq!(started(&"n".repeat(200)).check(), Ok(()));
    for name in ["", "School\nINTACT", "School\u{1b}[2K", "School\u{9b}2K", "tab\t"] {
        assert_eq!(refusal(&started(name)), DecodeError::Value("name"), "{name:?}");
    }
    let order = ErasureOrdered { ground: "g".repeat(65), ..ordered() };
    assert_eq!(refusal(&PublicPart::ErasureOrdered(order)), DecodeError::Limit("ground"));
    let receipt = KeysDestroyed { ground: "a\r".to_owned(), ..destroyed() };
    assert_eq!(refusal(&PublicPart::KeysDestroyed(receipt)), DecodeError::Value("ground"));
    let installation = InstallationStarted { vkey: "k".repeat(401) };
    assert_eq!(refusal(&PublicPart::InstallationStarted(installation)), DecodeError::Limit("vkey"));
}

#[test]
fn lists_ascend_without_repeats() {
    let ids = |first: &[u8]| first.iter().map(|at| LeafId::from_bytes(id(*at))).collect();
    for leaves in [ids(&[0x90, 0x30]), ids(&[0x30, 0x30])] {
        let fence = ErasureFenced { leaves, ..fenced() };
        assert_eq!(refusal(&PublicPart::ErasureFenced(fence)), DecodeError::Value("leaves"));
    }
    let order = OrderId::from_bytes(id(0x60));
    for parts in [vec![(Seq(2), 0), (Seq(1), 0)], vec![(Seq(1), 1), (Seq(1), 1)]] {
        let purge = PartsPurged { order, parts };
        assert_eq!(refusal(&PublicPart::PartsPurged(purge)), DecodeError::Value("parts"));
    }
}

#[test]
fn a_cut_of_the_tenant_lists_nothing() {
    let fence = ErasureFenced { tenant: true, ..fenced() };
    assert_eq!(refusal(&PublicPart::ErasureFenced(fence)), DecodeError::Value("tenant"));
    let receipt = KeysDestroyed { tenant: true, ..destroyed() };
    assert_eq!(refusal(&PublicPart::KeysDestroyed(receipt)), DecodeError::Value("tenant"));
}

#[test]
fn levels_targets_and_flags() {
    let receipt = KeysDestroyed { level: 2, ..destroyed() };
    assert_eq!(refusal(&PublicPart::KeysDestroyed(receipt)), DecodeError::Value("level"));
    let order = ErasureOrdered { targets: vec![Cut::Tenant; TARGETS_MAX + 1], ..ordered() };
    assert_eq!(refusal(&PublicPart::ErasureOrdered(order)), DecodeError::Limit("targets"));

    let kind = EventKind::new("erasure.ordered", 1).unwrap();
    let good = golden("public-erasure.ordered");
    let four_eyes_at = 16 + 2 + 6 + 16;
    let first_target_at = four_eyes_at + 1 + 4;
    for (at, field) in [(four_eyes_at, "four eyes"), (first_target_at, "target kind")] {
        let mut bytes = good.clone();
        bytes[at] = 4;
        assert_eq!(PublicPart::decode(&kind, &bytes), Err(DecodeError::Value(field)));
    }
    let mut bytes = good.clone();
    *bytes.last_mut().unwrap() = 1;
    let verdict = PublicPart::decode(&kind, &bytes);
    assert_eq!(verdict, Err(DecodeError::Value("target kind")), "the tenant has no id");
}

#[test]
fn counts_beyond_the_bytes_are_refused_at_once() {
    let order = id(0x60).to_vec();
    let counted = |tail: &[u8]| [order.as_slice(), tail].concat();
    let fence = counted(&[&[0; 9][..], &[0xff; 4]].concat());
    let kind = EventKind::new("erasure.fenced", 1).unwrap();
    assert_eq!(PublicPart::decode(&kind, &fence), Err(DecodeError::Short("leaves")));
    let kind = EventKind::new("erasure.parts-purged", 1).unwrap();
    let purge = counted(&[0xff; 4]);
    assert_eq!(PublicPart::decode(&kind, &purge), Err(DecodeError::Short("parts")));

    let kind = EventKind::new("erasure.ordered", 1).unwrap();
    let mut order = golden("public-erasure.ordered");
    let count_at = 16 + 2 + 6 + 16 + 1;
    order[count_at..count_at + 4].copy_from_slice(&[0, 1, 0x86, 0xa1]);
    let verdict = PublicPart::decode(&kind, &order);
    assert_eq!(verdict, Err(DecodeError::Limit("targets")), "100,001 targets");
}

#[test]
fn every_part_is_cut_short_or_too_long_at_every_byte() {
    for (name, part) in public_parts() {
        let (kind, bytes) = (part.kind().unwrap(), part.encode());
        for length in 0..bytes.len() {
            assert!(PublicPart::decode(&kind, &bytes[..length]).is_err(), "{name} at {length}");
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        assert_eq!(PublicPart::decode(&kind, &longer), Err(DecodeError::Trailing), "{name}");
    }
}

#[test]
fn names_versions_and_sealed_parts() {
    for (name, part) in public_parts() {
        assert!(PublicPart::is_public_name(part.event_name()), "{name}");
        let later = EventKind::new(part.event_name(), 2).unwrap();
        let verdict = PublicPart::decode(&later, &part.encode());
        assert_eq!(verdict, Err(DecodeError::Value("event version")), "{name}");
    }
    let mut sealed = sealed_record();
    sealed.header.kind = public_record().header.kind;
    assert_eq!(PublicPart::of(&sealed), Err(DecodeError::Value("part kind")));
    let unknown = EventKind::new("survey.response-submitted", 1).unwrap();
    assert_eq!(PublicPart::decode(&unknown, &[]), Ok(None));
}
