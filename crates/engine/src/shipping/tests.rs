//! A directory that fails, that somebody else writes to, or in which a run was killed.

use std::os::unix::fs::symlink;

use super::*;

fn id() -> JournalId {
    JournalId::from_bytes([7; 16])
}

fn shipment(epoch: u64) -> Vec<u8> {
    let head = ShipmentHead { journal: id(), epoch, size: 9 };
    Shipment { head, sealed_root: vec![0xEE; 300], pages: [].into(), note: Vec::new() }.encode()
}

fn on_time() -> AtomicBool {
    AtomicBool::new(false)
}

/// A directory with a shipment of epoch 1 in it.
fn shipped_once() -> (tempfile::TempDir, PathBuf) {
    let holder = tempfile::tempdir().unwrap();
    let file = shipped(&holder.path().join("escrow"), id());
    replace(&file, &shipment(1), &on_time()).unwrap();
    (holder, file)
}

fn names(file: &Path) -> usize {
    fs::read_dir(file.parent().unwrap()).unwrap().count()
}

/// Whether the file that was held open has its sealed root yet.
fn holds_root(file: &File) -> bool {
    let mut bytes = vec![0; 300];
    std::os::unix::fs::FileExt::read_exact_at(file, &mut bytes, 44).unwrap();
    bytes.contains(&0xEE)
}

#[test]
fn what_is_replaced_is_overwritten_and_nothing_stays_beside_it() {
    let (_holder, file) = shipped_once();
    let old = File::open(&file).unwrap();
    replace(&file, &shipment(2), &on_time()).unwrap();
    assert!(!holds_root(&old) && fs::read(&file).unwrap() == shipment(2));
    assert_eq!(names(&file), 1);
}

#[test]
fn a_thread_that_is_late_leaves_the_older_copy_and_no_root_beside_it() {
    let (_holder, file) = shipped_once();
    let error = replace(&file, &shipment(2), &AtomicBool::new(true)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert_eq!((fs::read(&file).unwrap(), names(&file)), (shipment(1), 1));
    // While it is at work, nobody begins anew or says that its file is gone.
    at_work(|paths| paths.insert(file.clone()));
    assert!(replace_within(LIMIT, file.clone(), shipment(3)).is_err());
    assert!(withdraw(&file).is_err());
    at_work(|paths| paths.remove(&file));
    replace_within(LIMIT, file.clone(), shipment(3)).unwrap();
    assert_eq!(fs::read(&file).unwrap(), shipment(3));
}

#[test]
fn what_a_killed_run_left_is_overwritten_before_the_escrow_is_fresh() {
    for ends in [false, true] {
        let (_holder, file) = shipped_once();
        let left = ["new", "0707.new", "0707.old"].map(|end| file.with_extension(end));
        left.iter().for_each(|left| fs::write(left, shipment(2)).unwrap());
        let held = left.each_ref().map(|left| File::open(left).unwrap());
        // Killed between its second name and the rename: what stands must stay.
        fs::hard_link(&file, file.with_extension("0808.old")).unwrap();
        match ends {
            true => withdraw(&file).unwrap(),
            false => clear_beside(&file).unwrap(),
        }
        assert!(held.iter().all(|held| !holds_root(held)));
        assert_eq!(names(&file), usize::from(!ends));
        assert!(ends || fs::read(&file).unwrap() == shipment(1));
    }
}

#[test]
fn what_cannot_be_overwritten_is_no_success_until_it_can() {
    let (_holder, file) = shipped_once();
    let stuck = file.with_extension("0707.old");
    fs::create_dir(&stuck).unwrap();
    for _ in 0..2 {
        assert!(replace(&file, &shipment(2), &on_time()).is_err());
        assert!(withdraw(&file).is_err());
        assert!(clear_beside(&file).is_err());
    }
    fs::remove_dir(&stuck).unwrap();
    replace(&file, &shipment(2), &on_time()).unwrap();
    withdraw(&file).unwrap();
    fs::remove_dir(file.parent().unwrap()).unwrap();
    assert!(withdraw(&file).is_err(), "a directory that is not there says nothing");
}

#[test]
fn no_link_leads_to_a_file_of_ours() {
    let (holder, file) = shipped_once();
    let key = holder.path().join("signing.key");
    fs::write(&key, [5; 32]).unwrap();
    let intact = |key: &Path| fs::read(key).unwrap() == [5; 32];
    let links: [fn(&Path, &Path) -> io::Result<()>; 2] =
        [|from, to| symlink(from, to), |from, to| fs::hard_link(from, to)];
    for link in links {
        fs::remove_file(&file).unwrap();
        link(&key, &file).unwrap();
        assert!(replace(&file, &shipment(2), &on_time()).is_err() && intact(&key));
        let _removed_or_refused = withdraw(&file);
        assert!(intact(&key));
        let _gone = fs::remove_file(&file);
        replace(&file, &shipment(2), &on_time()).unwrap();
        link(&key, &file.with_extension("new")).unwrap();
        let _cleared_or_refused = replace(&file, &shipment(3), &on_time());
        assert!(intact(&key));
        fs::remove_file(file.with_extension("new")).unwrap_or_default();
    }
}
