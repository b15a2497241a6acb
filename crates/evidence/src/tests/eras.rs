//! Declared restores: eras, what is lost, and older checkpoints of an earlier era.

use record::public::{PublicPart, RestoreDeclared};

use super::school::{
    FACTS, LINA, PERMANENT, ROUND, SAMI, School, actor, assert_found, leaf, scope, signer,
};
use crate::{KeyId, Verdict};

/// A journal of nine records, put back to its first `size`, with everything under `lost` lost.
fn restored(size: usize, lost: &[u8], change: impl FnOnce(&mut RestoreDeclared)) -> School {
    let whole = School::with_erasure();
    let guarded = whole.checkpoint();
    let mut school = whole;
    school.records.truncate(size);
    school.era = 1;
    school.lost = lost.iter().map(|id| KeyId::Leaf(leaf(*id))).collect();
    let mut part = RestoreDeclared {
        guarded_era: 0,
        guarded_size: guarded.head.size,
        guarded_root: guarded.head.root,
        guarded_epoch: 2,
        restored_size: u64::try_from(size).unwrap(),
        ground: "disk-lost".to_owned(),
        approved_by: actor(0x52),
        lost_leaves: lost.iter().map(|id| leaf(*id)).collect(),
        lost_scopes: Vec::new(),
    };
    change(&mut part);
    school.public(PublicPart::RestoreDeclared(part));
    school
}

#[track_caller]
fn assert_tampered(school: &School, rule: &str, seq: u64) {
    assert_found(&school.bundle().verify_pinned(), Verdict::Tampered, rule, Some(seq));
}

#[test]
fn a_declared_restore_is_intact_and_listed() {
    let mut school = restored(4, &[SAMI], |_| {});
    super::school::erasure().into_iter().for_each(|part| school.public(part));
    school.sealed("survey.response-submitted", &[(FACTS, PERMANENT), (0x23, ROUND)]);
    let report = school.bundle().verify_pinned();
    assert_found(&report, Verdict::IntactWithErasures, "restored", Some(4));
    let [restore] = &report.restores[..] else { panic!("{}", report.to_text()) };
    assert_eq!((restore.era, restore.guarded_size, restore.restored_size), (1, 9, 4));
    assert_eq!((restore.records_lost, restore.lost_leaves, restore.lost_scopes), (5, 1, 0));
    assert_eq!((report.readability.stated_lost, report.readability.erased), (1, 1));
    assert_eq!(report.checkpoint.as_ref().unwrap().origin, format!("zegel/{}/1", "a5".repeat(16)));
    let text = report.to_text();
    assert!(text.contains("4 records came back, the guard knew 9"), "{text}");
}

#[test]
fn an_older_checkpoint_is_compared_with_what_came_back() {
    let (before, after) = (School::with_erasure(), restored(6, &[], |_| {}));
    let bundle = after.bundle();
    for size in [0, 4, 6] {
        let report = bundle.verify_with(&before.checkpoint_at(size).sign(&signer(1)));
        assert_eq!(report.verdict, Verdict::Intact, "{size}: {}", report.to_text());
        assert_eq!(report.previous.as_ref().unwrap().consistent, Some(true));
    }
    let mut other = School::started();
    other.sealed("survey.round-opened", &[(FACTS, PERMANENT)]);
    let report = bundle.verify_with(&other.checkpoint_at(5).sign(&signer(1)));
    assert_found(&report, Verdict::Tampered, "previous-root", None);
}

#[test]
fn beyond_what_came_back_the_loss_is_named() {
    let (before, after) = (School::with_erasure(), restored(6, &[], |_| {}));
    for size in [7, 9] {
        let report = after.bundle().verify_with(&before.checkpoint_at(size).sign(&signer(1)));
        assert_found(&report, Verdict::Incomplete, "previous-lost", None);
        let finding = report.findings.iter().find(|found| found.rule == "previous-lost").unwrap();
        assert_eq!(finding.expected, format!("records 6 to {}", size - 1));
        let by = "52".repeat(16);
        let said =
            format!("lost: a restore was declared at record 6 on disk-lost, approved by {by}");
        assert_eq!(finding.found, said);
    }
}

#[test]
fn a_restore_that_hides_its_loss_is_seen() {
    let before = School::with_erasure();
    let hiding = restored(6, &[], |part| {
        (part.guarded_size, part.guarded_root) =
            (6, School::with_erasure().checkpoint_at(6).head.root);
    });
    assert_eq!(hiding.bundle().verify_pinned().verdict, Verdict::Intact, "nobody else can tell");
    let report = hiding.bundle().verify_with(&before.checkpoint_at(9).sign(&signer(1)));
    assert_found(&report, Verdict::Tampered, "previous-hidden", None);
    let other = restored(6, &[], |part| part.guarded_root.0[0] ^= 1);
    let report = other.bundle().verify_with(&before.checkpoint_at(9).sign(&signer(1)));
    assert_found(&report, Verdict::Tampered, "previous-root", None);
}

#[test]
fn a_lost_key_is_not_stated_present_nor_used() {
    let mut school = restored(4, &[SAMI], |_| {});
    school.lost.clear();
    assert_found(&school.bundle().verify_pinned(), Verdict::Tampered, "census", None);
    let mut school = restored(4, &[SAMI], |_| {});
    school.sealed("survey.response-submitted", &[(FACTS, PERMANENT), (SAMI, ROUND)]);
    assert_tampered(&school, "part-after-loss", 5);
    let mut school = restored(4, &[], |part| part.lost_scopes = vec![scope(ROUND)]);
    school.lost = vec![KeyId::Scope(scope(ROUND))];
    assert_eq!(school.bundle().verify_pinned().readability.stated_lost, 2);
    school.sealed("survey.response-submitted", &[(LINA, ROUND)]);
    assert_tampered(&school, "part-after-loss", 5);
}

#[test]
fn an_era_begins_with_its_declaration_and_nowhere_else() {
    let mut silent = School::with_erasure();
    silent.era = 1;
    silent.sealed("survey.round-opened", &[(FACTS, PERMANENT)]);
    assert_tampered(&silent, "era", 9);
    let mut same = restored(6, &[], |_| {});
    let part = PublicPart::of(&same.records[6]).unwrap().unwrap();
    same.public(part);
    assert_tampered(&same, "era", 7);
    let mut back = restored(6, &[], |_| {});
    back.era = 0;
    back.sealed("survey.round-opened", &[(FACTS, PERMANENT)]);
    back.era = 1;
    back.sealed("survey.round-opened", &[(FACTS, PERMANENT)]);
    assert_tampered(&back, "era", 7);
    assert_tampered(&restored(6, &[], |part| part.restored_size = 5), "restore-size", 6);
    assert_tampered(&restored(6, &[], |part| part.guarded_era = 1), "restore-era", 6);
    let mut late = School::empty();
    late.era = 1;
    late.public(PublicPart::of(&School::started().records[0]).unwrap().unwrap());
    assert_tampered(&late, "era", 0);
}

#[test]
fn a_checkpoint_speaks_of_the_era_of_the_last_record() {
    let before = School::with_erasure();
    let after = restored(6, &[], |_| {});
    let report = before.bundle().verify_with(&after.checkpoint().sign(&signer(1)));
    assert_found(&report, Verdict::Incomplete, "previous-era", None);
    let bundle = before.bundle();
    let mut raised = before.checkpoint();
    raised.origin.era = 1;
    bundle.put("checkpoint", raised.sign(&signer(1)).to_string().as_bytes());
    bundle.sign_manifest(1);
    assert_found(&bundle.verify_pinned(), Verdict::Tampered, "era", None);
}

/// A restore to before the start of an era: that era keeps no record, and its checkpoints are lost.
#[test]
fn an_era_can_be_skipped() {
    let mut first = restored(6, &[], |_| {});
    first.sealed("survey.round-opened", &[(FACTS, PERMANENT)]);
    let second = first.checkpoint();
    let mut school = School::with_erasure();
    school.records.truncate(5);
    school.era = 2;
    school.public(PublicPart::RestoreDeclared(RestoreDeclared {
        guarded_era: 1,
        guarded_size: second.head.size,
        guarded_root: second.head.root,
        guarded_epoch: 2,
        restored_size: 5,
        ground: "disk-lost".to_owned(),
        approved_by: actor(0x52),
        lost_leaves: Vec::new(),
        lost_scopes: Vec::new(),
    }));
    let bundle = school.bundle();
    let report = bundle.verify_pinned();
    assert_found(&report, Verdict::Intact, "era-unseen", Some(5));
    assert!(report.to_text().contains("era 1 never seen here"), "{}", report.to_text());
    let old = School::with_erasure();
    let at = |size: usize| old.checkpoint_at(size).sign(&signer(1));
    assert_eq!(bundle.verify_with(&at(5)).verdict, Verdict::Intact);
    assert_found(&bundle.verify_with(&at(9)), Verdict::Incomplete, "previous-lost", None);
    let report = bundle.verify_with(&at(9));
    let lost = report.findings.iter().find(|found| found.rule == "previous-lost").unwrap();
    assert!(lost.found.contains("era 1, which was never seen here"), "{}", lost.found);
    let of_second = bundle.verify_with(&second.sign(&signer(1)));
    assert_found(&of_second, Verdict::Incomplete, "previous-lost", None);
}

/// Nobody can claim a guard that was in an era which, by the claim itself, must be here.
#[test]
fn an_era_that_was_skipped_began_behind_what_came_back() {
    let claim = |era: u32, guarded_era: u32, guarded_size: u64| {
        let mut school = restored(6, &[], |part| {
            (part.guarded_era, part.guarded_size) = (guarded_era, guarded_size);
        });
        let part = PublicPart::of(&school.records[6]).unwrap().unwrap();
        school.records.truncate(6);
        school.era = era;
        school.public(part);
        school
    };
    assert_tampered(&claim(2, 1, 6), "restore-era", 6);
    assert_tampered(&claim(2, 0, 9), "restore-era", 6);
    assert_tampered(&claim(3, 1, 9), "restore-era", 6);
    assert_eq!(claim(2, 1, 7).bundle().verify_pinned().verdict, Verdict::Intact);
}
