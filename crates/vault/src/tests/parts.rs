//! Sealing and opening: what opens, what is refused, what is called tampered.

use proptest::prelude::*;
use record::public::Cut;
use record::{
    Category, CommandId, EventKind, Header, LeafId, PersonLabel, RECORD_BYTES_MAX, Record, ScopeId,
};

use super::world::{World, about, draft, facts, label, origin, placed, public, scope, subject};
use crate::cipher::MessageKey;
use crate::keys::Key32;
use crate::part::{self, PartKeys};
use crate::{Condemned, DigestKey, Opening, SealError, Vault, VaultError, seal_public};
use blake3::hazmat::hash_derive_key_context as context;

fn text_of(opening: Opening) -> Option<String> {
    match opening {
        Opening::Open(opened) => String::from_utf8(opened.bytes.as_slice().to_vec()).ok(),
        Opening::NoKey | Opening::Tampered => None,
    }
}

fn is_tampered(vault: &Vault, header: &Header, body: &[u8]) -> bool {
    matches!(vault.open_part(header, 1, body), Opening::Tampered)
}

#[test]
fn every_part_opens_with_its_label() {
    let mut world = World::new();
    let person = label(subject(1), world.permanent());
    let record = world.seal(draft(vec![facts("the facts"), about(person, "told")])).unwrap();
    assert_eq!(text_of(world.open_part(&record, 0)).unwrap(), "the facts");
    let Opening::Open(opened) = world.open_part(&record, 1) else { panic!("does not open") };
    assert_eq!(opened.subject, Some(subject(1)));
    assert_eq!(opened.category, Some(Category(1)));
    assert_eq!(opened.bytes.as_slice(), b"told");
    assert_eq!(Record::decode(&record.encode()).unwrap(), record);
}

#[test]
fn many_events_are_sealed_in_their_order_each_under_its_own_keys() {
    let mut world = World::new();
    let permanent = world.permanent();
    let minted: Vec<_> = (0..200u8)
        .map(|number| {
            let person = label(subject(number % 50), permanent);
            let told = format!("told {number}");
            let draft = draft(vec![facts("facts"), about(person, &told)]);
            world.vault.mint(origin(), draft).unwrap()
        })
        .collect();
    let leaves: Vec<LeafId> = minted.iter().map(|one| one.headers().nth(1).unwrap().leaf).collect();
    let sealed = world.vault.seal_minted(minted).unwrap();
    let mut salts = std::collections::BTreeSet::new();
    for (number, (sealed, leaf)) in sealed.into_iter().zip(leaves).enumerate() {
        let record = placed(sealed);
        assert_eq!(record.header.parts[1].leaf, leaf);
        assert_eq!(text_of(world.open_part(&record, 1)).unwrap(), format!("told {number}"));
        assert!(salts.insert(record.header.salt));
    }
    assert_eq!(salts.len(), 200);
}

#[test]
fn what_was_minted_is_not_sealed_after_its_cut() {
    let mut world = World::new();
    let person = label(subject(1), world.permanent());
    let draft = draft(vec![facts("facts"), about(person, "told")]);
    let minted = world.vault.mint(origin(), draft).unwrap();
    let leaf = minted.headers().nth(1).unwrap().leaf;
    world.commit();
    world.cut(&[Cut::Subject(subject(1))]);
    assert_eq!(world.vault.seal_minted(vec![minted]), Err(SealError::LeafFenced(leaf)));
}

#[test]
fn public_parts_open_for_everyone_and_are_checked() {
    let mut world = World::new();
    let record = world.seal(draft(vec![public("in clear"), facts("the facts")])).unwrap();
    assert_eq!(record.public_text(), Some(&b"in clear"[..]));
    assert_eq!(text_of(world.open_part(&record, 0)).unwrap(), "in clear");
    let forged = world.vault.open_part(&record.header, 0, b"in cleaR");
    assert!(matches!(forged, Opening::Tampered));
    let sealed = seal_public(origin(), draft(vec![public("genesis")])).unwrap();
    assert_eq!(placed(sealed).public_text(), Some(&b"genesis"[..]));
    let refused = seal_public(origin(), draft(vec![facts("no")])).unwrap_err();
    assert_eq!(refused, SealError::NotPublic);
}

#[test]
fn a_subject_shares_one_leaf_for_each_category_and_scope() {
    let mut world = World::new();
    world.mint_scope(scope(7));
    let shared = label(subject(1), world.permanent());
    let leaf = world.tell(shared).1;
    assert_eq!(world.tell(shared).1, leaf);
    assert_ne!(world.tell(PersonLabel { category: Category(2), ..shared }).1, leaf);
    assert_ne!(world.tell(PersonLabel { scope: scope(7), ..shared }).1, leaf);
    let alone = PersonLabel { alone: true, ..shared };
    let (first, second) = (world.tell(alone).1, world.tell(alone).1);
    assert!(first != leaf && second != leaf && first != second);
    assert_eq!(world.tell(shared).1, leaf, "a lone leaf is never shared");
    assert_eq!(world.vault.leaves_of(subject(1)).len(), 5);
    world.reopen();
    assert_eq!(world.tell(shared).1, leaf);
    assert_eq!(world.vault.leaves_of(subject(1)).len(), 5);
    assert_eq!(world.vault.entry(leaf).unwrap().subject, subject(1));
}

#[test]
fn a_lone_leaf_that_comes_first_is_not_shared_later() {
    let mut world = World::new();
    let shared = label(subject(1), world.permanent());
    let alone = world.tell(PersonLabel { alone: true, ..shared }).1;
    assert_ne!(world.tell(shared).1, alone);
}

#[test]
fn a_lone_leaf_after_the_cut_of_a_shared_one_is_not_shared() {
    let mut world = World::new();
    let shared = label(subject(1), world.permanent());
    let cut = world.tell(shared).1;
    world.cut(&[Cut::Leaf(cut)]);
    let alone = world.tell(PersonLabel { alone: true, ..shared }).1;
    assert_ne!(world.tell(shared).1, alone);
}

#[test]
fn a_refused_draft_mints_nothing() {
    let mut world = World::new();
    let known = label(subject(1), world.permanent());
    let unknown = label(subject(2), scope(7));
    let parts = vec![facts("facts"), about(known, "told"), about(unknown, "told")];
    let refused = world.vault.seal(origin(), draft(parts)).unwrap_err();
    assert_eq!(refused, SealError::UnknownScope(scope(7)));
    assert!(world.vault.leaves_of(subject(1)).is_empty());
    assert!(world.vault.take_page_writes().unwrap().is_empty());
}

#[test]
fn the_form_of_a_draft_is_checked() {
    let mut world = World::new();
    let person = label(subject(1), world.permanent());
    let mut seal = |parts| world.vault.seal(origin(), draft(parts)).unwrap_err();
    assert_eq!(seal(Vec::new()), SealError::Count);
    assert_eq!(seal((0..256).map(|_| facts("x")).collect()), SealError::Count);
    assert_eq!(seal(vec![about(person, "told")]), SealError::FirstPart);
    let long = "x".repeat(RECORD_BYTES_MAX);
    assert_eq!(seal(vec![facts(&long)]), SealError::TooLarge);
    assert_eq!(seal(vec![facts("x"), public(&long)]), SealError::TooLarge);
}

#[test]
fn the_largest_record_is_still_a_record() {
    let mut world = World::new();
    let line = 108 + "observation.recorded".len() + 69;
    let text = "x".repeat(RECORD_BYTES_MAX - line);
    let record = placed(world.vault.seal(origin(), draft(vec![public(&text)])).unwrap());
    assert_eq!(record.encode().len(), RECORD_BYTES_MAX);
    let longer = world.vault.seal(origin(), draft(vec![public(&format!("{text}x"))]));
    assert_eq!(longer.unwrap_err(), SealError::TooLarge);
}

#[test]
fn a_fence_refuses_before_and_after_the_cut() {
    let mut world = World::new();
    world.mint_scope(scope(7));
    let permanent = world.permanent();
    let (one, two, three) =
        (label(subject(1), permanent), label(subject(2), permanent), label(subject(3), scope(7)));
    let leaf = world.tell(two).1;
    world.tell(three);
    let targets = [Cut::Subject(subject(1)), Cut::Leaf(leaf), Cut::Scope(scope(7))];
    let condemned = world.vault.condemned(&targets);
    let try_seal = |world: &mut World, person| {
        world.seal(draft(vec![facts("facts"), about(person, "told")])).map(|_| ()).err()
    };
    world.vault.fence(&condemned);
    assert_eq!(try_seal(&mut world, one), Some(SealError::SubjectFenced));
    assert_eq!(try_seal(&mut world, two), Some(SealError::LeafFenced(leaf)));
    assert_eq!(try_seal(&mut world, three), Some(SealError::ScopeFenced(scope(7))));
    world.cut(&targets);
    world.reopen();
    assert_eq!(try_seal(&mut world, one), Some(SealError::SubjectFenced));
    assert_eq!(try_seal(&mut world, three), Some(SealError::ScopeFenced(scope(7))));
    assert_eq!(try_seal(&mut world, two), None, "a renewed consent gets a new leaf");
    assert_ne!(world.tell(two).1, leaf);
    let mut again = draft(vec![facts("facts")]);
    again.new_scopes.push(scope(7));
    assert_eq!(world.seal(again).unwrap_err(), SealError::ScopeFenced(scope(7)));
}

#[test]
fn receipts_are_sealed_after_everything_else_is_refused() {
    let mut world = World::new();
    world.vault.fence(&Condemned { tenant: true, ..Condemned::default() });
    let refused = world.seal(draft(vec![facts("facts")])).unwrap_err();
    assert_eq!(refused, SealError::TenantFenced);
    world.seal(draft(vec![public("fence")])).unwrap();
    let record = placed(world.vault.seal(origin(), draft(vec![public("x")])).unwrap());
    world.vault.end().unwrap();
    assert_eq!(world.vault.seal(origin(), draft(vec![facts("no")])).unwrap_err(), SealError::Ended);
    world.vault.seal(origin(), draft(vec![public("receipt")])).unwrap();
    assert_eq!(text_of(world.open_part(&record, 0)).unwrap(), "x");
    assert!(matches!(world.vault.take_page_writes(), Err(VaultError::Ended)));
    assert!(world.vault.leaf_ids().next().is_none());
    assert!(matches!(world.open(&world.pages), Err(VaultError::NoRoot)));
}

#[test]
fn a_changed_header_is_tampered_and_a_missing_key_is_no_key() {
    let mut world = World::new();
    let permanent = world.permanent();
    let other = world.tell(label(subject(2), permanent)).1;
    world.mint_scope(scope(7));
    let (record, _) = world.tell(label(subject(1), permanent));
    let body = &record.bodies[1];
    let changed = |change: &dyn Fn(&mut Header)| {
        let mut header = record.header.clone();
        change(&mut header);
        is_tampered(&world.vault, &header, body)
    };
    assert!(!changed(&|_| {}));
    assert!(changed(&|header| header.salt[0] ^= 1));
    assert!(changed(&|header| header.command = CommandId::from_bytes([4; 16])));
    assert!(changed(&|header| header.origin.era += 1));
    assert!(changed(&|header| header.kind = EventKind::new("observation.recorded", 2).unwrap()));
    assert!(changed(&|header| header.parts[1].leaf = other));
    assert!(changed(&|header| header.parts[1].scope = scope(7)));
    assert!(changed(&|header| header.parts[1].length += 1));
    assert!(changed(&|header| header.parts.swap(0, 1)));
    assert!(is_tampered(&world.vault, &record.header, &body[1..]));
    let mut header = record.header.clone();
    header.parts[1].leaf = LeafId::from_bytes([1; 16]);
    assert!(matches!(world.vault.open_part(&header, 1, body), Opening::NoKey));
    let mut header = record.header.clone();
    header.parts[1].scope = ScopeId::from_bytes([1; 16]);
    assert!(matches!(world.vault.open_part(&header, 1, body), Opening::NoKey));
    assert!(matches!(world.vault.open_part(&record.header, 2, body), Opening::Tampered));
}

#[test]
fn a_body_that_is_valid_under_another_key_is_refused_by_its_commitment() {
    let (stated, other) = (Key32::read(&[1; 32]), Key32::read(&[2; 32]));
    let derive = |key: &Key32| MessageKey::derive(&context("test"), &[key.as_bytes()]);
    let mut forged = b"two readings".to_vec();
    let tag = derive(&other).encrypt(&[], &mut forged).unwrap();
    let commitment = *derive(&stated).commitment();
    let mut bytes = forged.clone();
    assert!(!derive(&other).decrypt(&commitment, &[], &mut bytes, &tag));
    assert_eq!(bytes, forged, "nothing is decrypted before the commitment is right");
    let commitment = *derive(&other).commitment();
    assert!(derive(&other).decrypt(&commitment, &[], &mut bytes, &tag));
    assert_eq!(bytes, b"two readings");
}

#[test]
fn padding_that_is_not_zero_and_lengths_beyond_the_part_are_refused() {
    let keys = PartKeys { leaf: &[1; 32], scope: &[2; 32] };
    let forge = |plain: &[u8]| {
        let context = context("zegel 2026-11 part key v1");
        let key = MessageKey::derive(&context, &[keys.leaf, keys.scope, b"data"]);
        let mut body = key.commitment().to_vec();
        body.extend_from_slice(plain);
        let tag = key.encrypt(&[], &mut body[32..]).unwrap();
        body.extend_from_slice(&tag);
        part::open(keys, b"data", &body).map(|plain| plain.as_slice().to_vec())
    };
    assert_eq!(forge(&[0, 0, 0, 2, 8, 9, 0, 0]), Some(vec![8, 9]));
    assert_eq!(forge(&[0, 0, 0, 2, 8, 9, 0, 1]), None);
    assert_eq!(forge(&[0, 0, 0, 5, 8, 9, 0, 0]), None);
    assert_eq!(forge(&[0, 0, 0]), None);
}

#[test]
fn command_ids_repeat_and_survive_cuts() {
    let mut world = World::new();
    let id = world.vault.command_id("invoice 7");
    assert_ne!(world.vault.command_id("invoice 8"), id);
    world.cut(&[Cut::Subject(subject(1))]);
    world.reopen();
    assert_eq!(world.vault.command_id("invoice 7"), id);
    assert_ne!(World::new().vault.command_id("invoice 7"), id);
}

#[test]
fn a_cut_makes_snapshots_and_digests_of_before_useless() {
    let mut world = World::new();
    let bytes = record::Plaintext::new(b"a view".to_vec());
    let sealed = world.vault.seal_under_root("views/7", &bytes).unwrap();
    let opened = world.vault.open_under_root("views/7", &sealed).unwrap();
    assert_eq!(opened.as_slice(), b"a view");
    assert!(world.vault.open_under_root("views/8", &sealed).is_none());
    for index in 0..sealed.len() {
        let mut flipped = sealed.clone();
        flipped[index] ^= 1;
        assert!(world.vault.open_under_root("views/7", &flipped).is_none(), "byte {index}");
    }
    let digest = |key: DigestKey| key.digest("register", b"input");
    let before = digest(world.vault.digest_key().unwrap());
    world.reopen();
    assert_eq!(digest(world.vault.digest_key().unwrap()), before);
    assert!(world.vault.open_under_root("views/7", &sealed).is_some());
    world.cut(&[Cut::Subject(subject(1))]);
    assert!(world.vault.open_under_root("views/7", &sealed).is_none());
    assert_ne!(digest(world.vault.digest_key().unwrap()), before);
    let key = world.vault.digest_key().unwrap();
    assert_ne!(key.digest("ab", b"c"), key.digest("a", b"bc"));
}

proptest! {
    #[test]
    fn content_of_any_length_comes_back(content in proptest::collection::vec(any::<u8>(), 0..3000)) {
        let keys = PartKeys { leaf: &[1; 32], scope: &[2; 32] };
        let length = part::padded_length(content.len()).unwrap();
        let body = part::seal(keys, b"data", &content, length).unwrap();
        prop_assert_eq!(body.len(), usize::try_from(length).unwrap() + 48);
        let opened = part::open(keys, b"data", &body).unwrap();
        prop_assert_eq!(opened.as_slice(), &content[..]);
    }

    #[test]
    fn any_flipped_byte_of_a_body_is_refused(place in any::<prop::sample::Index>(), bit in 0u8..8) {
        let keys = PartKeys { leaf: &[1; 32], scope: &[2; 32] };
        let mut body = part::seal(keys, b"data", b"content", 64).unwrap();
        let index = place.index(body.len());
        body[index] ^= 1 << bit;
        prop_assert!(part::open(keys, b"data", &body).is_none());
    }
}

#[test]
fn the_worked_example_of_the_document_is_what_is_sealed() {
    let document = include_str!("../../../../docs/format/keys.md");
    let keys = PartKeys { leaf: &[1; 32], scope: &[2; 32] };
    let body = part::seal(keys, b"data", b"hi", 64).unwrap();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let example = document.split("## 9.").nth(1).unwrap();
    assert!(example.contains(&hex(&body[..32])), "commitment {}", hex(&body[..32]));
    for line in body[32..].chunks(40) {
        assert!(example.contains(&hex(line)), "ciphertext {}", hex(&body[32..]));
    }
    let mut hasher = blake3::Hasher::new_derive_key("zegel 2026-11 part key v1");
    hasher.update(&[1; 32]).update(&[2; 32]).update(b"data");
    assert!(example.contains(&hex(hasher.finalize().as_bytes())), "key {}", hasher.finalize());
}
