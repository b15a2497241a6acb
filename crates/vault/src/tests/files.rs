//! The slot file itself, the tables, and the destruction level.

use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};

use proptest::prelude::*;

use crate::keys::Key32;
use crate::level::level_of_mount;
use crate::slots::{Root, Slots};
use crate::table::Table;
use crate::{Level, SlotError, Vault, VaultError, destruction_level};

fn root(epoch: u64) -> Root {
    Root { epoch, key: Key32::read(&[5; 32]), generation: epoch + 10 }
}

struct Directory(tempfile::TempDir);

impl Directory {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("slots")
    }
}

#[test]
fn any_flipped_byte_leaves_the_root_readable() {
    let directory = Directory::new();
    Slots::create(&directory.path(), &root(3)).unwrap();
    let bytes = std::fs::read(directory.path()).unwrap();
    assert_eq!(bytes.len(), 8_192);
    let file = std::fs::File::options().write(true).open(directory.path()).unwrap();
    for (index, byte) in bytes.iter().enumerate() {
        let place = u64::try_from(index).unwrap();
        file.write_all_at(&[byte ^ 0x10], place).unwrap();
        let found = Slots::find(&directory.path()).unwrap().unwrap();
        assert_eq!((found.root.epoch, found.root.generation), (3, 13));
        assert_eq!(found.root.key.as_bytes(), &[5; 32]);
        assert_eq!(found.worn, index < 4_096 && index % 512 < 88, "byte {index}");
        file.write_all_at(&[*byte], place).unwrap();
    }
}

#[test]
fn damage_to_all_copies_is_no_root() {
    let directory = Directory::new();
    let (_, _) = Vault::create(&directory.path()).unwrap();
    let mut bytes = std::fs::read(directory.path()).unwrap();
    (0..8).for_each(|copy| bytes[copy * 512 + 20] ^= 1);
    std::fs::write(directory.path(), &bytes).unwrap();
    assert!(matches!(Vault::open(&directory.path(), &mut |_| None), Err(VaultError::NoRoot)));
    assert_eq!(std::fs::read(directory.path()).unwrap(), bytes);
}

#[test]
fn a_file_of_another_length_or_none_is_refused() {
    let directory = Directory::new();
    assert!(matches!(Slots::find(&directory.path()), Err(SlotError::Io(_))));
    std::fs::write(directory.path(), [0; 4_096]).unwrap();
    assert!(matches!(Slots::find(&directory.path()), Err(SlotError::Length(4_096))));
    let taken = Vault::create(&directory.path());
    assert!(matches!(taken, Err(VaultError::Slots(SlotError::Io(_)))));
}

#[test]
fn the_file_is_private_and_keeps_its_length_and_place() {
    let directory = Directory::new();
    let mut slots = Slots::create(&directory.path(), &root(0)).unwrap();
    let before = std::fs::metadata(directory.path()).unwrap();
    assert_eq!(before.permissions().mode() & 0o777, 0o600);
    slots.write_spare(&root(1)).unwrap();
    slots.destroy_old().unwrap();
    let after = std::fs::metadata(directory.path()).unwrap();
    assert_eq!((before.ino(), before.len()), (after.ino(), after.len()));
    let found = Slots::find(&directory.path()).unwrap().unwrap();
    assert_eq!(found.root.epoch, 1);
    let bytes = std::fs::read(directory.path()).unwrap();
    assert!(!bytes[..4_096].windows(32).any(|window| window == [5; 32]), "the old key stands");
}

#[test]
fn the_newer_of_two_valid_slots_wins_on_either_side() {
    let directory = Directory::new();
    let mut slots = Slots::create(&directory.path(), &root(0)).unwrap();
    slots.write_spare(&root(1)).unwrap();
    assert_eq!(Slots::find(&directory.path()).unwrap().unwrap().root.epoch, 1);
    slots.destroy_old().unwrap();
    slots.write_spare(&root(2)).unwrap();
    assert_eq!(Slots::find(&directory.path()).unwrap().unwrap().root.epoch, 2);
}

#[test]
fn the_level_is_claimed_only_where_it_is_known() {
    let line = |options: &str| {
        format!(
            "25 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda {options}\n26 1 0:5 / /x rw - proc p rw\n"
        )
    };
    assert_eq!(level_of_mount(&line("rw,discard"), "254:1"), Level::Overwritten);
    assert_eq!(level_of_mount(&line("rw,data=ordered"), "254:1"), Level::Overwritten);
    assert_eq!(level_of_mount(&line("rw,data=journal"), "254:1").number(), 0);
    assert_eq!(level_of_mount(&line("rw"), "254:2").number(), 0);
    assert_eq!(destruction_level("/proc/self/stat".as_ref()).number(), 0);
    assert_eq!(destruction_level("/does/not/exist".as_ref()).number(), 0);
    assert_eq!(Level::Overwritten.number(), 1);
    assert!(!Level::Overwritten.sentence().is_empty());
}

proptest! {
    #[test]
    fn a_table_is_a_map(steps in prop::collection::vec((any::<bool>(), 0u32..40), 0..400)) {
        let hasher = std::hash::RandomState::new();
        // Many numbers share a hash, so that chains form.
        let hash = |number: u32| hasher.hash_one(number % 7);
        let mut table = Table::default();
        let mut model = BTreeMap::new();
        for (adds, number) in steps {
            match (adds, model.contains_key(&number)) {
                (true, false) => {
                    table.insert(hash(number), number);
                    model.insert(number, ());
                }
                (false, true) => {
                    table.remove(hash(number), |other| other == number);
                    model.remove(&number);
                }
                _ => {}
            }
            for number in 0..40 {
                let found = table.find(hash(number), |other| other == number);
                prop_assert_eq!(found.is_some(), model.contains_key(&number));
            }
        }
    }
}

trait AmbiguousIf<A> {
    fn absent() {}
}
struct IsClone;
struct IsDebug;
impl<T: ?Sized> AmbiguousIf<()> for T {}
impl<T: Clone> AmbiguousIf<IsClone> for T {}
impl<T: std::fmt::Debug> AmbiguousIf<IsDebug> for T {}

#[test]
fn keys_are_neither_cloned_nor_printed() {
    // Does not compile if a key gains either.
    <Key32 as AmbiguousIf<_>>::absent();
    <Root as AmbiguousIf<_>>::absent();
}
