//! What the writer refuses, and what it leaves on disk.

use std::fs;

use super::school::{Bundle, LINA, School, leaf, signer};
use crate::{BundleError, KeyHistory, KeyId, KeyStanding, Target, Verdict, Witness, write_bundle};

fn write(school: &School, change: impl FnOnce(&mut crate::BundleInput<'_>)) -> BundleError {
    let bundle = Bundle::nowhere();
    let census = |_| KeyStanding::Present;
    let mut input = school.input(KeyHistory::new(signer(1).vkey()), &census);
    change(&mut input);
    let target = Target::Directory(bundle.path.clone());
    let error = write_bundle(&target, input, &signer(1), &mut |_| {}).unwrap_err();
    let left = fs::read_dir(bundle.path.parent().unwrap()).unwrap().count();
    assert_eq!(left, 0, "something was left behind");
    error
}

#[test]
fn what_the_records_do_not_show_is_not_signed() {
    let school = School::started();
    let error = write(&school, |input| input.checkpoint.head.root.0[0] ^= 1);
    assert!(matches!(error, BundleError::Root), "{error}");
    let error = write(&school, |input| input.checkpoint.head.size = 3);
    assert!(matches!(error, BundleError::Size { expected: 3, found: 4 }), "{error}");
    let error = write(&school, |input| input.checkpoint.head.size = 5);
    assert!(matches!(error, BundleError::Size { expected: 5, found: 4 }), "{error}");
    let error = write(&school, |input| input.checkpoint.head.size = u64::MAX);
    assert!(matches!(error, BundleError::Limit(_)), "{error}");
    let error = write(&school, |input| input.checkpoint.origin.era = 1);
    assert!(matches!(error, BundleError::Chain { what: "era of the last", .. }), "{error}");
    let error = write(&school, |input| input.keys = KeyHistory::new(signer(2).vkey()));
    assert!(matches!(error, BundleError::WrongSigner), "{error}");
}

#[test]
fn a_record_out_of_place_or_with_another_body_is_refused() {
    let mut swapped = School::started();
    swapped.records.swap(1, 2);
    let error = write(&swapped, |_| {});
    assert!(matches!(error, BundleError::Chain { what: "sequence", .. }), "{error}");
    let mut changed = School::started();
    changed.records[2].bodies[1][5] ^= 1;
    let error = write(&changed, |_| {});
    assert!(matches!(error, BundleError::Body { index: 1, .. }), "{error}");
}

#[test]
fn a_failing_source_is_reported_and_leaves_nothing() {
    let school = School::started();
    let error = write(&school, |input| {
        let records = School::started().records.into_iter().take(2).map(Ok);
        input.records = Box::new(records.chain(std::iter::once(Err("the disk failed".into()))));
    });
    assert!(matches!(error, BundleError::Records(_)), "{error}");
}

#[test]
fn a_key_that_lives_after_its_receipt_stops_the_bundle() {
    let error = write(&School::with_erasure(), |_| {});
    assert!(matches!(error, BundleError::KeyLives(_)), "{error}");
}

#[test]
fn a_key_destroyed_without_a_receipt_is_written_as_lost() {
    let (school, bundle) = (School::started(), Bundle::nowhere());
    let census = |key| match key {
        KeyId::Leaf(id) if id == leaf(LINA) => KeyStanding::Destroyed,
        _ => KeyStanding::Present,
    };
    let input = school.input(KeyHistory::new(signer(1).vkey()), &census);
    let target = Target::Directory(bundle.path.clone());
    write_bundle(&target, input, &signer(1), &mut |_| {}).unwrap();
    assert_eq!(bundle.verify_pinned().readability.stated_lost, 1);
}

#[test]
fn a_target_that_holds_something_is_refused_and_kept() {
    let school = School::started();
    let bundle = school.bundle();
    let before = bundle.files();
    for target in [Target::Directory(bundle.path.clone()), Target::Tar(bundle.path.clone())] {
        let error = school.write_to(&target, 1).unwrap_err();
        assert!(matches!(error, BundleError::TargetExists), "{error}");
    }
    assert_eq!(bundle.files(), before);
    let file = bundle.path.with_file_name("file");
    fs::write(&file, b"x").unwrap();
    let error = school.write_to(&Target::Tar(file), 1).unwrap_err();
    assert!(matches!(error, BundleError::TargetExists), "{error}");
}

#[test]
fn an_empty_target_and_a_leftover_are_no_hindrance() {
    let (school, bundle) = (School::started(), Bundle::nowhere());
    fs::create_dir(&bundle.path).unwrap();
    let leftover = bundle.path.with_file_name(".bundle.zegel-partial");
    fs::create_dir(&leftover).unwrap();
    fs::write(leftover.join("keys"), b"half").unwrap();
    school.write_to(&Target::Directory(bundle.path.clone()), 1).unwrap();
    assert_eq!(bundle.verify_pinned().verdict, Verdict::Intact);
    assert!(!leftover.exists());
}

#[test]
fn an_empty_journal_and_one_of_several_files_verify() {
    let mut school = School::empty();
    assert_eq!(school.bundle().verify_pinned().verdict, Verdict::Intact);
    school = School::with_erasure();
    (0..1_030).for_each(|_| school.sealed("survey.round-opened", &[(0x10, 0x30)]));
    let bundle = school.bundle();
    let report = bundle.verify_pinned();
    assert_eq!(report.verdict, Verdict::IntactWithErasures, "{}", report.to_text());
    assert_eq!(report.integrity.intact, 1_039);
    let files = bundle.files();
    assert!(files.contains_key("records/bodies/00000001") && files.contains_key("tile/1/000.p/4"));
}

#[test]
fn two_bundles_of_one_journal_are_the_same_bytes() {
    let school = School::with_erasure();
    assert_eq!(school.bundle().files(), school.bundle().files());
}

#[test]
fn progress_counts_the_records() {
    let (school, bundle, mut seen) = (School::started(), Bundle::nowhere(), Vec::new());
    let census = |_| KeyStanding::Present;
    let input = school.input(KeyHistory::new(signer(1).vkey()), &census);
    let target = Target::Tar(bundle.path.clone());
    write_bundle(&target, input, &signer(1), &mut |count| seen.push(count)).unwrap();
    assert_eq!(seen, [1, 2, 3, 4]);
}

#[test]
fn the_witness_hash_is_the_salted_hash_of_the_signed_text() {
    let checkpoint = School::started().checkpoint();
    let text = checkpoint.sign(&signer(1)).text().to_owned();
    let salted = [[0x5a; 32].as_slice(), text.as_bytes()].concat();
    let witness = Witness::new([0x5a; 32], &checkpoint);
    assert_eq!(witness.hash(), record::body_digest(&salted));
}
