//! Somebody who kept every page ever written and reads docs/format/keys.md, not this crate.

use std::collections::{BTreeSet, HashSet};

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit, Nonce};
use record::PageKey;
use record::public::Cut;

use super::world::{World, label, scope, subject};

/// Every key that a slot file and all frames lead to.
pub(crate) fn reachable(slot_file: &[u8], frames: &[(PageKey, Vec<u8>)]) -> HashSet<[u8; 32]> {
    let sectors = slot_file.chunks_exact(512);
    let mut node_keys: BTreeSet<[u8; 32]> =
        sectors.map(|sector| sector[16..48].try_into().unwrap()).collect();
    let mut found = HashSet::new();
    let mut tried = HashSet::new();
    while let Some(key) = node_keys.pop_first() {
        if !tried.insert(key) {
            continue;
        }
        for plain in frames.iter().filter_map(|(at, frame)| open(&key, *at, frame)) {
            read_page(&plain, &mut node_keys, &mut found);
        }
    }
    found
}

fn open(node_key: &[u8; 32], at: PageKey, frame: &[u8]) -> Option<Vec<u8>> {
    let (header, ciphertext) = frame.split_at(66);
    let mut hasher = blake3::Hasher::new_derive_key("zegel 2026-11 page key v1");
    hasher.update(node_key).update(&header[2..34]);
    hasher.update(&at.node.0.to_be_bytes()).update(&at.generation.to_be_bytes());
    let mut output = [0u8; 64];
    hasher.finalize_xof().fill(&mut output);
    if output[32..] != header[34..] {
        return None;
    }
    let cipher = ChaCha20Poly1305::new_from_slice(&output[..32]).unwrap();
    cipher.decrypt(&Nonce::default(), Payload { msg: ciphertext, aad: header }).ok()
}

fn read_page(plain: &[u8], nodes: &mut BTreeSet<[u8; 32]>, found: &mut HashSet<[u8; 32]>) {
    let children = match plain[0] {
        0 => &plain[41..],
        1 => &plain[1..],
        2 => return read_entries(&plain[1..], found),
        other => panic!("page kind {other}"),
    };
    for child in children.chunks_exact(48) {
        nodes.insert(child[16..].try_into().unwrap());
    }
}

fn read_entries(mut rest: &[u8], found: &mut HashSet<[u8; 32]>) {
    while let [kind, ..] = rest {
        let (length, keyed) = match kind {
            1 | 2 => (83, true),
            3 | 4 => (49, true),
            5..=7 => (17, false),
            other => panic!("entry kind {other}"),
        };
        if keyed {
            found.insert(rest[length - 32..length].try_into().unwrap());
        }
        rest = &rest[length..];
    }
}

#[test]
fn cut_keys_are_out_of_reach_for_whoever_lacks_the_old_root() {
    let mut world = World::new();
    world.mint_scope(scope(7));
    let permanent = world.permanent();
    let doomed = world.tell(label(subject(1), permanent)).1;
    let termed = world.tell(label(subject(2), scope(7))).1;
    let others: Vec<_> =
        (3..30).map(|number| world.tell(label(subject(number), permanent)).1).collect();
    let dead = [world.leaf_key(doomed), world.leaf_key(termed), world.scope_key(scope(7))];
    let alive: Vec<_> = others.iter().map(|leaf| world.leaf_key(*leaf)).collect();
    let slots_before = world.slot_bytes();

    world.cut(&[Cut::Subject(subject(1)), Cut::Scope(scope(7))]);

    let now = reachable(&world.slot_bytes(), &world.frames);
    assert!(dead.iter().all(|key| !now.contains(key)));
    assert!(alive.iter().all(|key| now.contains(key)));
    let with_the_old_root = reachable(&slots_before, &world.frames);
    assert!(dead.iter().all(|key| with_the_old_root.contains(key)), "the attacker is too weak");
}

#[test]
fn after_the_end_nothing_is_in_reach() {
    let mut world = World::new();
    let permanent = world.permanent();
    world.tell(label(subject(1), permanent));
    assert!(!reachable(&world.slot_bytes(), &world.frames).is_empty());
    let done = world.vault.end().unwrap();
    assert!(reachable(&world.slot_bytes(), &world.frames).is_empty());
    world.store(&done.obsolete);
    assert!(world.pages.is_empty());
}
