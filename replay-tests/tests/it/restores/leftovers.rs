//! What a restore leaves that is killed or gives up: no root that an erasure would not reach.

use std::path::{Path, PathBuf};

use engine::{Engine, Paths};
use record::JournalId;

use super::refusals::{Two, flip};
use crate::support::copy_tree;

/// Every file under a directory.
fn files(under: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(under).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

/// Files that hold these bytes.
fn holding(root: &[u8], under: &Path) -> Vec<PathBuf> {
    let mut found = files(under);
    found.retain(|file| {
        let bytes = std::fs::read(file).unwrap();
        bytes.windows(root.len()).any(|window| window == root)
    });
    found
}

/// The root in the first slot that has one.
fn root_in(slots: &Path) -> Vec<u8> {
    let bytes = std::fs::read(slots).unwrap();
    let at = bytes.windows(8).position(|window| window == b"zegelkey").expect("a root");
    bytes[at + 16..at + 48].to_vec()
}

fn slots_of_era(paths: &Paths, id: JournalId, era: &str) -> PathBuf {
    paths.keys.join(format!("{id}.slots-era-{era}"))
}

/// A restore of one tenant, killed before that was removed: its root under the name of an era and
/// its pages in a database aside, as a restore in a copy of everything made them.
fn leave_a_killed_restore(two: &mut Two) -> (PathBuf, PathBuf, Vec<u8>) {
    two.site.close();
    let (id, paths) = (two.id(0), two.site.paths.clone());
    let (home, guard) = (two.site.fresh("home"), two.site.fresh("guard"));
    copy_tree(&two.site.file("home"), &home);
    copy_tree(&paths.guard, &guard);
    let (backup, escrow) = (two.backup.clone(), two.escrow());
    let mut plan = two.site.plan(&backup, Some(&escrow));
    plan.only = Some(id);
    let there = Paths::under(&home).with_guard(guard);
    engine::restore(&there, &two.site.clock(), &plan).unwrap();
    let slots = slots_of_era(&paths, id, "1");
    std::fs::copy(there.keys.join(format!("{id}.slots")), &slots).unwrap();
    let aside = paths.database.with_extension("restoring");
    copy_tree(&there.database, &aside);
    std::fs::remove_dir_all(&home).unwrap();
    let root = root_in(&slots);
    (slots, aside, root)
}

#[test]
fn what_a_killed_restore_left_is_overwritten_before_its_tenant_opens() {
    let mut two = Two::new(21);
    let (slots, aside, root) = leave_a_killed_restore(&mut two);
    let home = two.site.file("home");
    assert_eq!(holding(&root, &home), [slots.as_path()], "the search sees it");
    // Torn in the making, and of an era that never came.
    let torn = slots_of_era(&two.site.paths, two.id(1), "9");
    std::fs::write(&torn, [&b"zegelkey"[..], &root].concat()).unwrap();
    // The inode is watched: what is unlinked was overwritten first.
    let held = std::fs::File::open(&slots).unwrap();
    two.site.reopen();
    let id = two.id(0);
    assert_eq!(two.site.engine().tenant(id).unwrap().origin().era, 0);
    assert!(holding(&root, &home).is_empty() && !slots.exists() && !torn.exists());
    assert!(!aside.exists(), "the database aside is gone");
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut &held, &mut bytes).unwrap();
    assert!(!bytes.windows(32).any(|window| window == root), "it was unlinked, not overwritten");
    assert!(two.tenants[0].erase(&mut two.site));
}

#[test]
fn doctor_says_what_a_restore_left() {
    let mut two = Two::new(22);
    let finding = |two: &mut Two| {
        let health = two.site.engine().health().unwrap();
        health.findings.into_iter().find(|finding| finding.subject == "restore").unwrap()
    };
    assert!(finding(&mut two).good);
    let slots = slots_of_era(&two.site.paths, two.id(0), "1");
    let of_nobody = slots_of_era(&two.site.paths, JournalId::from_bytes([9; 16]), "1");
    let aside = two.site.paths.database.with_extension("restoring");
    for left in [&slots, &of_nobody] {
        std::fs::write(left, [1; 8192]).unwrap();
        let found = finding(&mut two);
        assert!(!found.good && found.grave && found.text.contains("slots-era-1"), "{found:?}");
        std::fs::remove_file(left).unwrap();
    }
    std::fs::create_dir(&aside).unwrap();
    let found = finding(&mut two);
    assert!(!found.good && found.grave && found.text.contains("db.restoring"), "{found:?}");
    two.site.reopen();
    assert!(finding(&mut two).good);
}

#[test]
fn a_restore_that_gives_up_leaves_nothing() {
    let mut two = Two::new(23);
    let nothing = |two: &Two| {
        let left = files(&two.site.paths.keys);
        let era = left.iter().filter(|file| file.to_string_lossy().contains("slots-era"));
        era.count() == 0 && !two.site.paths.database.with_extension("restoring").exists()
    };
    // The tenant that comes last does not come back, the one before it did.
    let last = two.id(0).max(two.id(1));
    let shipped = two.escrow().join(format!("{last}.escrow"));
    flip(&shipped, 300);
    two.site.close();
    let (backup, escrow) = (two.backup.clone(), two.escrow());
    let mut plan = two.site.plan(&backup, Some(&escrow));
    plan.only = Some(last);
    std::fs::rename(&two.site.paths.keys, two.site.file("keys-away")).unwrap();
    let said = engine::restore(&two.site.paths, &two.site.clock(), &plan).unwrap_err().to_string();
    assert!(said.contains("no root with pages") && nothing(&two), "{said}");
    std::fs::remove_dir_all(&two.site.paths.keys).unwrap();
    std::fs::rename(two.site.file("keys-away"), &two.site.paths.keys).unwrap();
    // What was refused left the tenant as it was.
    Engine::open(two.site.paths.clone(), two.site.clock()).unwrap();
    two.site.lose(false);
    let said = two.restore().unwrap_err().to_string();
    assert!(said.contains("no root with pages") && nothing(&two), "{said}");
}
