//! Forged receipts, broken fences, false purges: the journal itself is signed by the real key.

use record::public::{
    Cut, ErasureApproved, ErasureFenced, ErasureOrdered, PublicPart, TenantRegistered,
};
use record::{EventKind, JournalId, PartKind};

use super::school::{
    FACTS, LINA, PERMANENT, ROUND, SAMI, School, actor, assert_found, erasure, leaf, order_id,
    purge, scope,
};
use crate::Verdict;

/// The erasure, changed by `change`; a part set to `None` is left out.
fn erased(change: impl FnOnce(&mut [Option<PublicPart>; 5])) -> School {
    let mut parts = erasure().map(Some);
    change(&mut parts);
    let mut school = School::started();
    parts.into_iter().flatten().for_each(|part| school.public(part));
    school
}

#[track_caller]
fn assert_tampered(school: &School, rule: &str, seq: u64) {
    assert_found(&school.bundle().verify_pinned(), Verdict::Tampered, rule, Some(seq));
}

#[test]
fn the_unchanged_erasure_is_intact() {
    let report = erased(|_| {}).bundle().verify_pinned();
    assert_eq!(report.verdict, Verdict::IntactWithErasures, "{}", report.to_text());
    assert_eq!((report.readability.erased, report.readability.stated_present), (1, 4));
}

#[test]
fn a_receipt_needs_an_earlier_order_approval_and_fence() {
    assert_tampered(&erased(|parts| parts[0] = None), "receipt-order", 6);
    assert_tampered(&erased(|parts| parts[1] = None), "receipt-approval", 6);
    assert_tampered(&erased(|parts| parts[2] = None), "receipt-fence", 6);
    assert_tampered(&erased(|parts| parts.swap(2, 3)), "receipt-fence", 6);
    assert_tampered(&erased(|parts| parts.swap(0, 1)), "approval-order", 4);
    assert_tampered(&erased(|parts| parts.swap(1, 2)), "fence-approval", 5);
}

#[test]
fn four_eyes_are_two_people() {
    let school = erased(|parts| {
        if let Some(PublicPart::ErasureApproved(part)) = &mut parts[1] {
            part.approved_by = actor(0x51);
        }
        if let Some(PublicPart::KeysDestroyed(part)) = &mut parts[3] {
            part.approved_by = actor(0x51);
        }
    });
    assert_tampered(&school, "four-eyes", 5);
    let one_pair_will_do = erased(|parts| {
        if let Some(PublicPart::ErasureOrdered(part)) = &mut parts[0] {
            part.four_eyes = false;
            part.ordered_by = actor(0x52);
        }
    });
    assert_eq!(one_pair_will_do.bundle().verify_pinned().exit_code, 0);
}

fn with_receipt(change: impl FnOnce(&mut record::public::KeysDestroyed)) -> School {
    erased(|parts| {
        if let Some(PublicPart::KeysDestroyed(part)) = &mut parts[3] {
            change(part);
        }
    })
}

#[test]
fn a_receipt_says_what_order_approval_and_fence_said() {
    let school = with_receipt(|part| part.leaves = vec![leaf(LINA), leaf(SAMI)]);
    assert_tampered(&school, "receipt-lists", 7);
    assert_tampered(&with_receipt(|part| part.leaves.clear()), "receipt-lists", 7);
    assert_tampered(&with_receipt(|part| part.scopes = vec![scope(ROUND)]), "receipt-lists", 7);
    assert_tampered(&with_receipt(|part| part.ground = "art-6".to_owned()), "receipt-ground", 7);
    let school = with_receipt(|part| part.approved_by = actor(0x53));
    assert_tampered(&school, "receipt-approver", 7);
    assert_tampered(&with_receipt(|part| part.epoch_after = 1), "receipt-epoch", 7);
    assert_tampered(&with_receipt(|part| part.epoch_before = 0), "receipt-epoch", 7);
    assert_tampered(&with_receipt(|part| part.order = order_id(0x42)), "receipt-order", 7);
}

#[test]
fn a_fence_lists_what_its_order_asked() {
    let school = erased(|parts| {
        if let Some(PublicPart::ErasureOrdered(part)) = &mut parts[0] {
            part.targets = vec![Cut::Leaf(leaf(SAMI))];
        }
    });
    assert_tampered(&school, "fence-targets", 6);
    let school = erased(|parts| {
        if let Some(PublicPart::ErasureOrdered(part)) = &mut parts[0] {
            part.targets = vec![Cut::Tenant];
        }
    });
    assert_tampered(&school, "fence-targets", 6);
}

#[test]
fn a_fence_lists_nothing_that_was_not_ordered() {
    let wider = |target: Cut, leaves: &[u8], scopes: &[u8]| {
        let leaves: Vec<_> = leaves.iter().map(|id| leaf(*id)).collect();
        let scopes: Vec<_> = scopes.iter().map(|id| scope(*id)).collect();
        erased(|parts| {
            if let Some(PublicPart::ErasureOrdered(part)) = &mut parts[0] {
                part.targets = vec![target];
            }
            if let Some(PublicPart::ErasureFenced(part)) = &mut parts[2] {
                (part.leaves, part.scopes) = (leaves.clone(), scopes.clone());
            }
            if let Some(PublicPart::KeysDestroyed(part)) = &mut parts[3] {
                (part.leaves, part.scopes) = (leaves.clone(), scopes.clone());
            }
        })
    };
    let person = Cut::Subject(record::SubjectId::from_bytes([9; 16]));
    let lina = Cut::Leaf(leaf(LINA));
    assert_tampered(&wider(lina, &[LINA, SAMI], &[]), "fence-beyond", 6);
    assert_tampered(&wider(lina, &[LINA], &[ROUND]), "fence-beyond", 6);
    assert_tampered(&wider(person, &[LINA], &[ROUND]), "fence-beyond", 6);
    assert_eq!(wider(person, &[LINA, SAMI], &[]).bundle().verify_pinned().exit_code, 0);
    let round = Cut::Scope(scope(ROUND));
    assert_eq!(wider(round, &[LINA, SAMI], &[ROUND]).bundle().verify_pinned().exit_code, 0);
}

/// Another order's fence lists the leaf, is never carried out, and excuses this order's empty one.
#[test]
fn no_order_is_fulfilled_while_its_key_lives() {
    let mut school = School::started();
    let order = order_id(0x42);
    school.public(PublicPart::ErasureOrdered(ErasureOrdered {
        order,
        ground: "art-17".to_owned(),
        ordered_by: actor(0x51),
        four_eyes: false,
        targets: vec![Cut::Leaf(leaf(LINA))],
    }));
    school.public(PublicPart::ErasureApproved(ErasureApproved { order, approved_by: actor(0x52) }));
    school.public(PublicPart::ErasureFenced(ErasureFenced {
        order,
        epoch_before: 1,
        tenant: false,
        leaves: vec![leaf(LINA)],
        scopes: Vec::new(),
    }));
    for mut part in erasure() {
        match &mut part {
            PublicPart::ErasureFenced(part) => part.leaves.clear(),
            PublicPart::KeysDestroyed(part) => part.leaves.clear(),
            _ => {}
        }
        school.public(part);
    }
    assert_tampered(&school, "receipt-targets", 10);
}

#[test]
fn a_listed_event_stands_in_its_journal() {
    let mut school = School::started();
    let tenant = JournalId::from_bytes([1; 16]);
    let name = "De Regenboog".to_owned();
    school.public(PublicPart::TenantRegistered(TenantRegistered { tenant, name }));
    assert_tampered(&school, "stands-in", 4);
}

#[test]
fn nothing_else_stands_in_clear() {
    let clear = || (PartKind::Public, 0, 0, b"Lina, 12".to_vec());
    let notice = EventKind::new("school.notice", 1).unwrap();
    let mut school = School::started();
    school.push(notice.clone(), vec![clear()]);
    assert_tampered(&school, "public-part", 4);
    let mut school = School::started();
    school.push(notice, vec![(PartKind::Sealed, FACTS, PERMANENT, Vec::new()), clear()]);
    assert_tampered(&school, "public-part", 4);
}

#[test]
fn steps_are_not_repeated_and_completion_needs_a_receipt() {
    let [order, approval, fence, receipt, completed] = erasure();
    for (part, rule) in [
        (order, "order-once"),
        (approval, "approval-once"),
        (fence, "fence-once"),
        (receipt, "receipt-once"),
    ] {
        let mut school = School::with_erasure();
        school.public(part);
        assert_tampered(&school, rule, 9);
    }
    let mut school = School::started();
    school.public(completed);
    assert_tampered(&school, "completed-receipt", 4);
}

#[test]
fn a_part_under_a_fenced_leaf_is_tampering() {
    let mut school = School::with_erasure();
    school.sealed("survey.response-submitted", &[(FACTS, PERMANENT), (LINA, PERMANENT)]);
    assert_tampered(&school, "part-after-fence", 9);
}

#[test]
fn a_fence_holds_before_its_receipt_too() {
    let mut school = School::started();
    erasure().into_iter().take(3).for_each(|part| school.public(part));
    assert_eq!(school.bundle().verify_pinned().verdict, Verdict::Intact);
    school.sealed("survey.response-submitted", &[(LINA, PERMANENT)]);
    assert_tampered(&school, "part-after-fence", 7);
}

#[test]
fn a_part_under_a_fenced_scope_is_tampering() {
    let mut school = erased(|parts| {
        if let Some(PublicPart::ErasureOrdered(part)) = &mut parts[0] {
            part.targets = vec![Cut::Scope(scope(ROUND))];
        }
        if let Some(PublicPart::ErasureFenced(part)) = &mut parts[2] {
            (part.leaves, part.scopes) = (vec![leaf(LINA), leaf(SAMI)], vec![scope(ROUND)]);
        }
        if let Some(PublicPart::KeysDestroyed(part)) = &mut parts[3] {
            (part.leaves, part.scopes) = (vec![leaf(LINA), leaf(SAMI)], vec![scope(ROUND)]);
        }
    });
    let report = school.bundle().verify_pinned();
    assert_eq!((report.exit_code, report.readability.erased), (0, 2), "{}", report.to_text());
    school.sealed("survey.response-submitted", &[(0x23, ROUND)]);
    assert_tampered(&school, "part-after-fence", 9);
}

fn ended() -> School {
    erased(|parts| {
        if let Some(PublicPart::ErasureOrdered(part)) = &mut parts[0] {
            part.targets = vec![Cut::Tenant];
        }
        if let Some(PublicPart::ErasureFenced(part)) = &mut parts[2] {
            (part.tenant, part.leaves) = (true, Vec::new());
        }
        if let Some(PublicPart::KeysDestroyed(part)) = &mut parts[3] {
            (part.tenant, part.leaves) = (true, Vec::new());
        }
    })
}

#[test]
fn the_end_of_a_tenant_erases_every_part() {
    let report = ended().bundle().verify_pinned();
    assert_eq!(report.verdict, Verdict::IntactWithErasures, "{}", report.to_text());
    let parts = report.readability;
    assert_eq!((parts.erased, parts.stated_present), (5, 0));
    assert_eq!((report.erasures[0].tenant, report.erasures[0].leaves), (true, 3));
}

#[test]
fn nothing_is_sealed_after_a_tenants_fence() {
    let mut school = ended();
    school.sealed("survey.round-opened", &[(0x77, 0x78)]);
    assert_tampered(&school, "part-after-fence", 9);
}

#[test]
fn a_missing_ciphertext_without_a_purge_is_incomplete() {
    let mut school = School::with_erasure();
    school.records[2].bodies[1].clear();
    let report = school.bundle().verify_pinned();
    assert_found(&report, Verdict::Incomplete, "body-absent", Some(2));
    assert_eq!((report.integrity.missing, report.integrity.missing_ranges[0].first), (1, 2));
}

#[test]
fn a_purge_needs_a_receipt_that_covers_the_part() {
    let mut early = School::started();
    early.public(purge());
    assert_tampered(&early, "purge-receipt", 4);
    let mut foreign = School::with_erasure();
    foreign.public(PublicPart::PartsPurged(record::public::PartsPurged {
        order: order_id(0x41),
        parts: vec![(record::Seq(3), 1)],
    }));
    foreign.records[3].bodies[1].clear();
    assert_tampered(&foreign, "purge-part", 9);
    let mut nowhere = School::with_erasure();
    nowhere.public(PublicPart::PartsPurged(record::public::PartsPurged {
        order: order_id(0x41),
        parts: vec![(record::Seq(2), 9), (record::Seq(70), 0)],
    }));
    assert_tampered(&nowhere, "purge-part", 9);
}

#[test]
fn a_purged_part_that_is_still_there_is_noticed() {
    let mut school = School::with_erasure();
    school.public(purge());
    let report = school.bundle().verify_pinned();
    assert_found(&report, Verdict::IntactWithErasures, "purge-left", Some(2));
}

#[test]
fn a_public_event_with_a_foreign_text_is_tampering() {
    let mut school = School::started();
    school.sealed("erasure.completed", &[(FACTS, PERMANENT)]);
    assert_tampered(&school, "public-part", 4);
}

#[test]
fn a_journal_begins_once_and_with_its_start() {
    let mut headless = School::empty();
    headless.sealed("survey.round-opened", &[(FACTS, PERMANENT)]);
    assert_tampered(&headless, "genesis", 0);
    let mut twice = School::started();
    twice.public(PublicPart::of(&twice.records[0]).unwrap().unwrap());
    assert_tampered(&twice, "genesis", 4);
}

#[test]
fn a_tenant_is_registered_once_before_it_is_witnessed() {
    let tenant = JournalId::from_bytes([7; 16]);
    let registered = || {
        let name = "De Regenboog".to_owned();
        PublicPart::TenantRegistered(TenantRegistered { tenant, name })
    };
    let witnessed = || {
        let checkpoint = record::Hash([9; 32]);
        PublicPart::TenantWitnessed(record::public::TenantWitnessed { tenant, checkpoint })
    };
    let operator = |parts: Vec<PublicPart>| {
        let mut journal = School::empty();
        let vkey = super::school::signer(1).vkey().to_string();
        let started = record::public::InstallationStarted { vkey };
        journal.public(PublicPart::InstallationStarted(started));
        parts.into_iter().for_each(|part| journal.public(part));
        journal
    };
    let honest = operator(vec![registered(), witnessed()]).bundle().verify_pinned();
    assert_eq!(honest.verdict, Verdict::Intact, "{}", honest.to_text());
    assert_tampered(&operator(vec![witnessed(), registered()]), "tenant-registered", 1);
    assert_tampered(&operator(vec![registered(), registered()]), "tenant-registered", 2);
}
