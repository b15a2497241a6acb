//! What a restore refuses, what it finishes, and what an escrow that fails does to an erasure.

use std::path::Path;

use engine::{Engine, RestoreError, STALE_ESCROW};
use record::JournalId;

use super::oracle::Known;
use super::site::Site;
use crate::support::copy_tree;

/// Two tenants with a few people each, backed up.
pub(super) struct Two {
    pub(super) site: Site,
    pub(super) tenants: [Known; 2],
    pub(super) backup: std::path::PathBuf,
}

impl Two {
    pub(super) fn new(seed: u64) -> Self {
        let mut site = Site::new(seed);
        let mut tenants = [0, 1].map(|number| Known::start(&mut site, number));
        for tenant in &mut tenants {
            (0..4).for_each(|_| tenant.register(&mut site));
        }
        let backup = site.file("backup");
        site.engine().backup(&backup, true, &mut |_| {}).unwrap();
        Self { site, tenants, backup }
    }

    pub(super) fn escrow(&self) -> std::path::PathBuf {
        self.site.file("escrow")
    }

    pub(super) fn id(&self, tenant: usize) -> JournalId {
        self.tenants[tenant].id
    }

    pub(super) fn restore(&mut self) -> Result<engine::RestoreReport, RestoreError> {
        let (backup, escrow) = (self.backup.clone(), self.escrow());
        self.site.restore(&backup, Some(&escrow))
    }

    /// What a restore says once this was done to the files.
    fn said(&mut self, damage: impl FnOnce(&mut Self)) -> String {
        let kept: Vec<_> = ["backup", "escrow", "guard"]
            .map(|name| (self.site.file(name), self.site.fresh("kept")))
            .into_iter()
            .inspect(|(from, to)| copy_tree(from, to))
            .collect();
        damage(self);
        let said = match self.restore() {
            Ok(report) => {
                self.site.lose(false);
                format!("restored: {report:?}")
            }
            Err(error) => error.to_string(),
        };
        for (place, copied) in kept {
            let _gone_already = std::fs::remove_dir_all(&place);
            copy_tree(&copied, &place);
        }
        said
    }
}

pub(super) fn flip(file: &Path, at: usize) {
    let mut bytes = std::fs::read(file).unwrap();
    let at = at.min(bytes.len() - 1);
    bytes[at] ^= 1;
    std::fs::write(file, bytes).unwrap();
}

fn swap(one: &Path, other: &Path) {
    let (first, second) = (std::fs::read(one).unwrap(), std::fs::read(other).unwrap());
    std::fs::write(one, second).unwrap();
    std::fs::write(other, first).unwrap();
}

#[test]
fn damaged_foreign_and_mixed_files_are_refused_by_name() {
    let mut two = Two::new(1);
    let [one, other] = [two.id(0), two.id(1)];
    two.site.lose(false);
    let records = |two: &Two, id: JournalId| two.backup.join(id.to_string()).join("records");
    let pages = |two: &Two, id: JournalId| two.backup.join(id.to_string()).join("pages-1");
    let shipped = |two: &Two, id: JournalId| two.escrow().join(format!("{id}.escrow"));
    let said = two.said(|two| flip(&records(two, one), 300));
    assert!(said.contains("records: damaged"), "{said}");
    let said = two.said(|two| swap(&records(two, one), &records(two, other)));
    assert!(said.contains("damaged") || said.contains("another journal"), "{said}");
    let said = two.said(|two| {
        let file = records(two, one);
        let bytes = std::fs::read(&file).unwrap();
        std::fs::write(&file, &bytes[..bytes.len() - 1]).unwrap();
    });
    assert!(said.contains("shorter than its manifest"), "{said}");
    let said = two.said(|two| flip(&two.backup.join("manifest"), 40));
    assert!(said.contains("no manifest that this installation signed"), "{said}");
    // Pages of the backup that are damaged: those of the escrow come back, and it is said.
    let said = two.said(|two| flip(&pages(two, one), 200));
    assert!(said.starts_with("restored") && said.contains("another digest"), "{said}");
    let said = two.said(|two| flip(&shipped(two, one), 300));
    assert!(said.contains("no root with pages") && said.contains("escrow: damaged"), "{said}");
    let said = two.said(|two| swap(&shipped(two, one), &shipped(two, other)));
    assert!(said.contains("a file of another tenant"), "{said}");
    let said = two.said(|two| two.site.holders = Site::new(77).holders);
    assert!(said.contains("sealed to others"), "{said}");
    let mut two = Two::new(2);
    two.site.lose(false);
    let said = two.said(|two| std::fs::remove_dir_all(&two.site.paths.guard).unwrap());
    assert!(said.contains("no guard at"), "{said}");
    let foreign = Two::new(3);
    let said = two.said(|two| {
        std::fs::remove_dir_all(&two.backup).unwrap();
        copy_tree(&foreign.backup, &two.backup);
    });
    assert!(said.contains("another installation") || said.contains("signed"), "{said}");
    assert!(two.said(|_| {}).starts_with("restored"), "the control: nothing was damaged");
}

#[test]
fn a_guard_older_than_the_keys_is_refused() {
    let mut two = Two::new(4);
    let old = two.site.fresh("guard");
    copy_tree(&two.site.paths.guard, &old);
    for _ in 0..2 {
        assert!(two.tenants[0].erase(&mut two.site));
    }
    two.site.lose(false);
    let now = two.site.fresh("guard");
    copy_tree(&two.site.paths.guard, &now);
    two.site.swap_guard(&old);
    let said = two.restore().unwrap_err().to_string();
    assert!(said.contains("older than the keys"), "{said}");
    two.site.swap_guard(&now);
    two.restore().unwrap();
}

#[test]
fn what_a_killed_backup_left_is_cut_off() {
    let mut two = Two::new(5);
    let directory = two.backup.join(two.id(0).to_string());
    let whole = std::fs::read(directory.join("records")).unwrap();
    std::fs::write(directory.join("records"), [&whole[..], &[7; 99]].concat()).unwrap();
    std::fs::write(directory.join("pages-2"), [1; 50]).unwrap();
    std::fs::write(two.backup.join("manifest.new"), "half").unwrap();
    two.tenants[0].register(&mut two.site);
    let backup = two.backup.clone();
    let report = two.site.engine().backup(&backup, false, &mut |_| {}).unwrap();
    let id = two.id(0).to_string();
    assert_eq!(report.journals.iter().find(|line| line.journal == id).unwrap().added, 1);
    assert!(!directory.join("pages-1").exists());
    two.site.lose(false);
    let report = two.restore().unwrap();
    assert!(report.journals.iter().all(|line| line.records_lost == 0 && line.keys_lost == 0));
}

#[test]
fn a_restore_that_was_interrupted_is_finished() {
    let mut two = Two::new(6);
    assert!(two.tenants[0].erase(&mut two.site));
    two.site.lose(false);
    let before = two.site.fresh("guard");
    copy_tree(&two.site.paths.guard, &before);
    two.restore().unwrap();
    two.site.close();
    // As if the machine had stopped before the guard followed.
    two.site.swap_guard(&before);
    let (paths, clock) = (two.site.paths.clone(), two.site.clock());
    let said = Engine::open(paths, clock).unwrap_err().to_string();
    assert!(said.contains("era"), "{said}");
    let report = two.restore().unwrap();
    assert!(report.journals.is_empty(), "it had only to be finished");
    two.tenants[0].register(&mut two.site);
    // The control: a database that no restore put there stays.
    two.site.close();
    let said = two.restore().unwrap_err().to_string();
    assert!(said.contains("there is a database already"), "{said}");
}

#[test]
fn one_tenant_comes_back_beside_the_others() {
    let mut two = Two::new(7);
    two.tenants[1].register(&mut two.site);
    assert!(two.tenants[0].erase(&mut two.site));
    let [one, other] = [two.id(0), two.id(1)];
    two.site.close();
    let (backup, escrow) = (two.backup.clone(), two.escrow());
    let mut plan = two.site.plan(&backup, Some(&escrow));
    plan.only = Some(one);
    let report = engine::restore(&two.site.paths, &two.site.clock(), &plan).unwrap();
    let [line] = &report.journals[..] else { panic!("{report:?}") };
    assert_eq!((line.era, line.steps_replayed), (1, 4));
    two.site.reopen();
    let engine = two.site.engine();
    assert_eq!(engine.tenant(one).unwrap().origin().era, 1);
    assert_eq!(engine.tenant(other).unwrap().origin().era, 0);
    for id in [one, other] {
        assert!(engine.replay_check(id, None, &mut |_| {}).unwrap().verdict.is_good());
    }
}

#[test]
fn a_tenant_that_ended_stays_ended() {
    let mut two = Two::new(8);
    let escrow = two.site.fresh("escrow");
    copy_tree(&two.escrow(), &escrow);
    let id = two.id(0);
    two.tenants[0].end_tenant(&mut two.site);
    assert!(!two.escrow().join(format!("{id}.escrow")).exists(), "its root is withdrawn");
    two.site.lose(false);
    let backup = two.backup.clone();
    two.site.restore(&backup, Some(&escrow)).unwrap();
    let engine = two.site.engine();
    assert!(engine.tenant(id).unwrap().has_ended());
    let rows = engine.journal_rows(id, record::Seq(0), 1_000).unwrap();
    let states = rows.iter().flat_map(|row| &row.parts).map(|part| part.state);
    let closed = [engine::PartState::Public, engine::PartState::Erased];
    assert!({ states }.all(|state| closed.contains(&state)));
    let other = two.id(1);
    assert!(!two.site.engine().tenant(other).unwrap().has_ended());
}

#[test]
fn an_escrow_that_fails_stops_no_erasure_and_is_told() {
    let mut two = Two::new(9);
    let place = two.escrow();
    assert_eq!(two.site.engine().escrow_advice(), None);
    std::fs::rename(&place, two.site.file("unplugged")).unwrap();
    std::fs::write(&place, "no directory").unwrap();
    let receipt = two.tenants[0].erase_for_receipt(&mut two.site);
    assert_eq!(receipt.backup_days, engine::NO_TERM);
    assert_eq!(two.site.engine().escrow_advice(), Some(STALE_ESCROW));
    assert!(!two.site.engine().health().unwrap().is_sound());
    std::fs::remove_file(&place).unwrap();
    std::fs::rename(two.site.file("unplugged"), &place).unwrap();
    two.site.engine().ship_all().unwrap();
    assert_eq!(two.site.engine().escrow_advice(), None);
    let receipt = two.tenants[0].erase_for_receipt(&mut two.site);
    assert_eq!(receipt.backup_days, 30);
    assert!(two.site.engine().health().unwrap().is_sound());
}

/// A shipment that claims another epoch, with a checksum that fits.
fn with_epoch(shipped: &Path, epoch: u64) -> Vec<u8> {
    let mut bytes = std::fs::read(shipped).unwrap();
    bytes[24..32].copy_from_slice(&epoch.to_be_bytes());
    let body = bytes.len() - 32;
    let sum = blake3::hash(&bytes[..body]);
    bytes[body..].copy_from_slice(sum.as_bytes());
    bytes
}

/// Recipients are public and the checksum has no key: anybody can write such a file.
#[test]
fn a_forged_shipment_is_named_and_neither_wins_nor_blocks() {
    let mut two = Two::new(10);
    let id = two.id(0);
    let shipped = two.escrow().join(format!("{id}.escrow"));
    std::fs::write(&shipped, with_epoch(&shipped, 900)).unwrap();
    two.site.lose(false);
    let said = two.restore().unwrap_err().to_string();
    assert!(said.contains("no root with pages") && said.contains("is not signed"), "{said}");
    // With the slots that survived, the pair that they open comes back whatever the file claims.
    let mut two = Two::new(11);
    let id = two.id(0);
    let shipped = two.escrow().join(format!("{id}.escrow"));
    let forged = with_epoch(&shipped, 900);
    two.site.lose(true);
    std::fs::write(&shipped, forged).unwrap();
    let report = two.restore().unwrap();
    let line = report.journals.iter().find(|line| line.journal == id.to_string()).unwrap();
    let keys = line.keys.as_deref().unwrap();
    assert!(keys.contains("the slots here") && keys.contains("is not signed"), "{keys}");
    assert_eq!(line.keys_lost, 0);
}

#[test]
fn a_receipt_promises_no_term_while_an_earlier_escrow_opens() {
    let mut two = Two::new(12);
    let days = |two: &mut Two| two.tenants[0].erase_for_receipt(&mut two.site).backup_days;
    let (old, new) = (two.escrow(), two.site.fresh("escrow"));
    let left = |place: &Path| std::fs::read_dir(place).unwrap().count();
    // Taken out of the settings.
    two.site.move_escrow(None);
    assert_eq!(days(&mut two), engine::NO_TERM);
    // Moved: until the old place is cleared.
    two.site.move_escrow(Some(&new));
    assert_eq!(days(&mut two), engine::NO_TERM);
    std::fs::rename(&old, two.site.file("unplugged")).unwrap();
    two.site.engine().ship_all().unwrap();
    assert!(two.site.engine().withdraw_elsewhere().is_err());
    assert_eq!(days(&mut two), engine::NO_TERM);
    std::fs::rename(two.site.file("unplugged"), &old).unwrap();
    two.site.engine().withdraw_elsewhere().unwrap();
    assert_eq!((left(&old), days(&mut two)), (0, 30));
}

#[test]
fn a_restore_from_an_escrow_remembers_it() {
    let mut two = Two::new(13);
    let escrow = two.site.fresh("escrow");
    copy_tree(&two.escrow(), &escrow);
    two.site.move_escrow(None);
    two.site.lose(false);
    std::fs::remove_file(two.site.paths.guard.join("escrow.places")).unwrap();
    let backup = two.backup.clone();
    two.site.restore(&backup, Some(&escrow)).unwrap();
    let receipt = two.tenants[0].erase_for_receipt(&mut two.site);
    assert_eq!(receipt.backup_days, engine::NO_TERM);
}
