//! A crash at every line of a cut, and pages that do not belong to the root.

use record::public::Cut;
use record::{LeafId, PageWrite, Record};

use super::attacker::reachable;
use super::world::{Pages, World, label, subject};
use crate::{Condemned, VaultError, destroy_slots};

const SECTOR: usize = 512;

/// Somebody to be cut and somebody who stays, in a tree of several pages.
struct Scene {
    world: World,
    doomed: Record,
    doomed_leaf: LeafId,
    others: Vec<Record>,
}

impl Scene {
    fn new() -> Self {
        let mut world = World::new();
        let permanent = world.permanent();
        let (doomed, doomed_leaf) = world.tell(label(subject(1), permanent));
        let others =
            (2..20).map(|number| world.tell(label(subject(number), permanent)).0).collect();
        Self { world, doomed, doomed_leaf, others }
    }

    fn others_open(&self) -> bool {
        self.others.iter().all(|record| self.world.opens(record))
    }

    /// The state before the cut is whole, and the cut can be finished from it.
    fn is_before_and_can_finish(&mut self) {
        self.world.reopen();
        assert_eq!(self.world.vault.epoch(), 0);
        assert!(self.world.opens(&self.doomed) && self.others_open());
        let key = self.world.leaf_key(self.doomed_leaf);
        self.world.cut(&[Cut::Subject(subject(1))]);
        self.is_after(key);
    }

    /// The cut is in force and complete.
    fn is_after(&mut self, key: [u8; 32]) {
        self.world.reopen();
        assert_eq!(self.world.vault.epoch(), 1);
        assert!(!self.world.opens(&self.doomed) && self.others_open());
        let condemned = Condemned { subjects: vec![subject(1)], ..Condemned::default() };
        assert!(self.world.vault.is_cut(&condemned));
        let found = reachable(&self.world.slot_bytes(), &self.world.frames);
        assert!(!found.contains(&key));
    }
}

#[test]
fn before_the_pages_are_stored() {
    let mut scene = Scene::new();
    drop(scene.world.prepare(&[Cut::Subject(subject(1))]));
    scene.is_before_and_can_finish();
}

#[test]
fn after_the_pages_are_stored() {
    let mut scene = Scene::new();
    let (_, prepared) = scene.world.prepare(&[Cut::Subject(subject(1))]);
    scene.world.store(prepared.writes());
    scene.is_before_and_can_finish();
}

#[test]
fn pages_of_the_next_generation_are_harmless_orphans() {
    let mut scene = Scene::new();
    let (_, prepared) = scene.world.prepare(&[Cut::Subject(subject(1))]);
    let live: Vec<_> = scene.world.vault.page_keys().collect();
    let new = |write: &&PageWrite| !live.contains(&write.key);
    let orphans: Vec<PageWrite> = prepared.writes().iter().filter(new).cloned().collect();
    assert!(orphans.len() > 3);
    scene.world.store(&orphans[1..]);
    scene.is_before_and_can_finish();
}

#[test]
fn while_the_spare_slot_is_written() {
    for whole in 0..=8 {
        let mut scene = Scene::new();
        let key = scene.world.leaf_key(scene.doomed_leaf);
        let (_, prepared) = scene.world.prepare(&[Cut::Subject(subject(1))]);
        scene.world.store(prepared.writes());
        let mut torn = scene.world.slot_bytes();
        scene.world.vault.slots.write_spare(&prepared.root).unwrap();
        let written = scene.world.slot_bytes();
        let spare = 4_096..4_096 + whole * SECTOR;
        torn[spare.clone()].copy_from_slice(&written[spare]);
        std::fs::write(scene.world.slots(), torn).unwrap();
        match whole {
            0 => scene.is_before_and_can_finish(),
            _ => scene.is_after(key),
        }
    }
}

#[test]
fn while_the_old_slot_is_overwritten() {
    for overwritten in 0..=8 {
        let mut scene = Scene::new();
        let key = scene.world.leaf_key(scene.doomed_leaf);
        let (_, prepared) = scene.world.prepare(&[Cut::Subject(subject(1))]);
        scene.world.store(prepared.writes());
        scene.world.vault.slots.write_spare(&prepared.root).unwrap();
        let mut torn = scene.world.slot_bytes();
        scene.world.vault.slots.destroy_old().unwrap();
        let done = scene.world.slot_bytes();
        torn[..overwritten * SECTOR].copy_from_slice(&done[..overwritten * SECTOR]);
        std::fs::write(scene.world.slots(), torn).unwrap();
        scene.is_after(key);
    }
}

#[test]
fn a_worn_slot_is_mended_on_opening() {
    let mut scene = Scene::new();
    let mut worn = scene.world.slot_bytes();
    (0..7).for_each(|copy| worn[copy * SECTOR] ^= 1);
    std::fs::write(scene.world.slots(), worn).unwrap();
    scene.world.reopen();
    let mended = scene.world.slot_bytes();
    let copies = |bytes: &[u8]| bytes.chunks(SECTOR).filter(|s| s.starts_with(b"zegelkey")).count();
    assert_eq!(copies(&mended), 8);
    scene.is_before_and_can_finish();
}

#[test]
fn an_older_database_under_a_newer_root_is_named_and_nothing_is_touched() {
    let mut scene = Scene::new();
    let before = scene.world.pages.clone();
    scene.world.cut(&[Cut::Subject(subject(1))]);
    let slots = scene.world.slot_bytes();
    assert!(matches!(scene.world.open(&before), Err(VaultError::PagesOlderThanRoot)));
    assert!(matches!(scene.world.open(&Pages::new()), Err(VaultError::PagesOlderThanRoot)));
    assert_eq!(scene.world.slot_bytes(), slots);
    scene.world.reopen();
    assert!(scene.others_open());
}

#[test]
fn a_valid_older_slot_is_never_fallen_back_to() {
    let mut scene = Scene::new();
    let before = scene.world.pages.clone();
    let (_, prepared) = scene.world.prepare(&[Cut::Subject(subject(1))]);
    scene.world.vault.slots.write_spare(&prepared.root).unwrap();
    assert!(matches!(scene.world.open(&before), Err(VaultError::PagesOlderThanRoot)));
}

#[test]
fn a_damaged_or_missing_page_is_named() {
    let scene = Scene::new();
    for (key, bytes) in scene.world.pages.iter().skip(1) {
        let mut pages = scene.world.pages.clone();
        let mut damaged = bytes.clone();
        *damaged.last_mut().unwrap() ^= 1;
        pages.insert(*key, damaged);
        let error = scene.world.open(&pages).unwrap_err();
        assert!(matches!(error, VaultError::PageDamaged(at) if at == *key));
        pages.remove(key);
        assert!(matches!(scene.world.open(&pages), Err(VaultError::PagesOlderThanRoot)));
    }
}

#[test]
fn a_page_of_another_place_does_not_open() {
    let scene = Scene::new();
    let keys: Vec<_> = scene.world.pages.keys().copied().collect();
    let (first, second) = (keys[keys.len() - 2], keys[keys.len() - 1]);
    let mut pages = scene.world.pages.clone();
    let moved = pages[&second].clone();
    pages.insert(first, moved);
    assert!(matches!(scene.world.open(&pages), Err(VaultError::PageDamaged(_))));
}

#[test]
fn a_cut_that_something_was_minted_after_is_stale() {
    let mut scene = Scene::new();
    let (condemned, prepared) = scene.world.prepare(&[Cut::Subject(subject(1))]);
    let permanent = scene.world.permanent();
    let late = scene.world.tell(label(subject(77), permanent)).0;
    assert!(matches!(scene.world.vault.switch_root(prepared), Err(VaultError::StaleCut)));
    let prepared = scene.world.vault.cut(&condemned).unwrap();
    scene.world.store(prepared.writes());
    scene.world.vault.switch_root(prepared).unwrap();
    scene.world.reopen();
    assert!(scene.world.opens(&late) && !scene.world.opens(&scene.doomed));
}

#[test]
fn mints_that_wait_are_stored_by_the_cut() {
    let mut scene = Scene::new();
    let permanent = scene.world.permanent();
    let mut waiting = Vec::new();
    for number in 50..60 {
        let parts = vec![
            super::world::facts("facts"),
            super::world::about(label(subject(number), permanent), "told"),
        ];
        let draft = super::world::draft(parts);
        let sealed = scene.world.vault.seal(super::world::origin(), draft).unwrap();
        waiting.push(super::world::placed(sealed));
    }
    let (_, prepared) = scene.world.prepare(&[Cut::Subject(subject(1))]);
    scene.world.store(prepared.writes());
    let before = scene.world.open(&scene.world.pages).unwrap();
    scene.world.vault.switch_root(prepared).unwrap();
    assert!(scene.world.vault.take_page_writes().unwrap().is_empty());
    scene.world.reopen();
    assert!(waiting.iter().all(|record| scene.world.opens(record)));
    scene.world.vault = before;
    assert!(waiting.iter().all(|record| scene.world.opens(record)));
}

#[test]
fn a_failed_slot_write_stops_the_vault() {
    let mut scene = Scene::new();
    let (_, prepared) = scene.world.prepare(&[Cut::Subject(subject(1))]);
    scene.world.vault.slots.make_read_only(&scene.world.slots());
    assert!(matches!(scene.world.vault.switch_root(prepared), Err(VaultError::Slots(_))));
    assert!(matches!(scene.world.vault.take_page_writes(), Err(VaultError::Poisoned)));
    let refused = scene
        .world
        .vault
        .seal(super::world::origin(), super::world::draft(vec![super::world::facts("facts")]));
    assert_eq!(refused.unwrap_err(), crate::SealError::Poisoned);
    scene.is_before_and_can_finish();
}

#[test]
fn the_end_can_be_finished_without_a_root() {
    let mut scene = Scene::new();
    let slots = scene.world.slot_bytes();
    scene.world.vault.end().unwrap();
    assert!(matches!(scene.world.open(&scene.world.pages), Err(VaultError::NoRoot)));
    // A crash in the middle leaves part of the live slot.
    let mut torn = scene.world.slot_bytes();
    torn[7 * SECTOR..8 * SECTOR].copy_from_slice(&slots[7 * SECTOR..8 * SECTOR]);
    std::fs::write(scene.world.slots(), &torn).unwrap();
    destroy_slots(&scene.world.slots()).unwrap();
    destroy_slots(&scene.world.slots()).unwrap();
    assert!(reachable(&scene.world.slot_bytes(), &scene.world.frames).is_empty());
}

#[test]
fn lists_that_would_lie_are_refused() {
    let mut scene = Scene::new();
    let vault = &mut scene.world.vault;
    let whole = vault.condemned(&[Cut::Tenant]);
    assert!(whole.tenant && whole.leaves.contains(&vault.facts_leaf()));
    assert!(whole.scopes.contains(&vault.permanent_scope()));
    assert!(matches!(vault.cut(&whole), Err(VaultError::WholeTenant)));
    let facts = Condemned { leaves: vec![vault.facts_leaf()], ..Condemned::default() };
    assert!(matches!(vault.cut(&facts), Err(VaultError::Protected)));
    let unlisted = Condemned { subjects: vec![subject(1)], ..Condemned::default() };
    assert!(matches!(vault.cut(&unlisted), Err(VaultError::Unlisted)));
    let protected = [Cut::Scope(vault.permanent_scope()), Cut::Leaf(vault.facts_leaf())];
    assert_eq!(vault.condemned(&protected), Condemned::default());
}
