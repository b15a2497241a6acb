//! Keys, rotations and older checkpoints.

use super::school::{Bundle, School, assert_found, origin, signer};
use crate::{KeyHistory, KeyStanding, Options, Target, Verdict, verify, write_bundle};
use record::checkpoint::Checkpoint;
use record::tree::TreeHead;
use record::{JournalId, Origin};

#[test]
fn without_a_key_the_verdict_is_untrusted() {
    let report = School::with_erasure().bundle().verify(None);
    assert_found(&report, Verdict::Untrusted, "key-pinned", None);
    assert_eq!((report.exit_code, report.key_trusted), (4, false));
}

#[test]
fn a_bundle_signed_wholly_by_another_key_is_untrusted() {
    let bundle = Bundle::nowhere();
    School::with_erasure().write_to(&Target::Directory(bundle.path.clone()), 9).unwrap();
    let report = bundle.verify_pinned();
    assert_found(&report, Verdict::Untrusted, "key-reached", None);
    assert_eq!(report.key, Some(signer(9).vkey().to_string()));
    assert_eq!(report.exit_code, 4);
}

#[test]
fn a_signature_by_no_key_of_the_history_is_tampering() {
    let bundle = School::with_erasure().bundle();
    bundle.sign_manifest(9);
    assert_found(&bundle.verify_pinned(), Verdict::Tampered, "signature", None);
    assert_found(&bundle.verify(None), Verdict::Tampered, "signature", None);
}

#[test]
fn a_second_signature_line_is_tampering() {
    let bundle = School::with_erasure().bundle();
    for path in ["manifest", "checkpoint"] {
        let text = String::from_utf8(bundle.files()[path].clone()).unwrap();
        let body = text.rsplit_once("\n\n").unwrap().0.to_owned() + "\n";
        let second = signer(2).sign(&body).to_string();
        let both = format!("{text}{}\n", second.lines().last().unwrap());
        bundle.put(path, both.as_bytes());
        assert_found(&bundle.verify_pinned(), Verdict::Tampered, "note-form", None);
        bundle.put(path, text.as_bytes());
    }
}

fn rotated(seeds: &[u8]) -> Bundle {
    let mut keys = KeyHistory::new(signer(seeds[0]).vkey());
    for pair in seeds.windows(2) {
        keys.rotate(&signer(pair[0]), &signer(pair[1])).unwrap();
    }
    let (bundle, school) = (Bundle::nowhere(), School::started());
    let target = Target::Directory(bundle.path.clone());
    let last = signer(*seeds.last().unwrap());
    let input = school.input(keys, &|_| KeyStanding::Present);
    write_bundle(&target, input, &last, &mut |_| {}).unwrap();
    bundle
}

#[test]
fn a_rotated_key_is_reached_from_every_earlier_one() {
    let bundle = rotated(&[1, 2, 3]);
    for seed in [1, 2, 3] {
        let report = bundle.verify(Some(signer(seed).vkey()));
        assert_eq!(report.verdict, Verdict::Intact, "{}", report.to_text());
        assert_eq!(report.key, Some(signer(3).vkey().to_string()));
    }
    assert_eq!(bundle.verify(Some(signer(4).vkey())).verdict, Verdict::Untrusted);
}

#[test]
fn a_retired_key_does_not_sign_for_who_pins_a_later_one() {
    let bundle = rotated(&[1, 2]);
    let checkpoint = School::started().checkpoint();
    bundle.put("checkpoint", checkpoint.sign(&signer(1)).to_string().as_bytes());
    bundle.sign_manifest(1);
    let report = bundle.verify(Some(signer(2).vkey()));
    assert_found(&report, Verdict::Untrusted, "key-reached", None);
    assert_eq!(bundle.verify(Some(signer(1).vkey())).verdict, Verdict::Intact);
}

#[test]
fn an_older_checkpoint_of_the_same_journal_is_a_prefix() {
    let school = School::with_erasure();
    let bundle = school.bundle();
    for size in 0..=school.records.len() {
        let report = bundle.verify_with(&school.checkpoint_at(size).sign(&signer(1)));
        assert_eq!(report.verdict, Verdict::IntactWithErasures, "{}", report.to_text());
        assert_eq!(report.previous.and_then(|previous| previous.consistent), Some(true));
    }
}

#[test]
fn an_older_checkpoint_that_is_no_prefix_is_a_fork() {
    let school = School::with_erasure();
    let mut other = School::started();
    other.sealed("survey.round-opened", &[(0x10, 0x30)]);
    let report = school.bundle().verify_with(&other.checkpoint().sign(&signer(1)));
    assert_found(&report, Verdict::Tampered, "previous-root", None);
    assert_eq!(report.previous.and_then(|previous| previous.consistent), Some(false));
}

#[test]
fn a_truncated_journal_is_incomplete_and_names_where() {
    let school = School::with_erasure();
    let mut shorter = school.clone();
    shorter.records.truncate(4);
    let report = shorter.bundle().verify_with(&school.checkpoint().sign(&signer(1)));
    assert_found(&report, Verdict::Incomplete, "previous-size", None);
    assert!(report.to_text().contains("from record 4 on"));
}

#[test]
fn an_older_checkpoint_of_another_journal_is_tampering() {
    let school = School::with_erasure();
    let head = TreeHead { size: 4, root: school.checkpoint_at(4).head.root };
    let journal = JournalId::from_bytes([0xa6; 16]);
    let other = Checkpoint { origin: Origin { journal, ..origin() }, head };
    let report = school.bundle().verify_with(&other.sign(&signer(1)));
    assert_found(&report, Verdict::Tampered, "previous-origin", None);
}

#[test]
fn an_older_checkpoint_that_no_trusted_key_signed_proves_nothing() {
    let school = School::with_erasure();
    let report = school.bundle().verify_with(&school.checkpoint_at(4).sign(&signer(9)));
    assert_found(&report, Verdict::Untrusted, "previous-signature", None);
    let options = Options { key: Some(signer(1).vkey()), previous: Some("noise".to_owned()) };
    let report = verify(&school.bundle().path, &options);
    assert_found(&report, Verdict::Untrusted, "previous-form", None);
}

#[test]
fn a_fork_is_found_even_when_everything_is_signed_by_another_key() {
    let school = School::with_erasure();
    let mut other = School::started();
    other.sealed("survey.round-opened", &[(0x10, 0x30)]);
    other.sealed("survey.round-opened", &[(0x10, 0x30)]);
    let bundle = Bundle::nowhere();
    other.write_to(&Target::Directory(bundle.path.clone()), 9).unwrap();
    let report = bundle.verify_with(&school.checkpoint_at(5).sign(&signer(1)));
    assert_found(&report, Verdict::Tampered, "previous-root", None);
}

#[test]
fn the_report_says_the_same_in_text_and_in_json() {
    let report = School::with_erasure().bundle().verify_pinned();
    let json = serde_json::to_string_pretty(&report).unwrap();
    assert!(json.contains("\"verdict\": \"INTACT-WITH-ERASURES\""), "{json}");
    assert!(json.contains("\"exit_code\": 0") && json.contains("\"ground\": \"art-17\""), "{json}");
    let text = report.to_text();
    assert!(text.starts_with("INTACT-WITH-ERASURES (exit 0)\n"), "{text}");
    assert!(text.contains("epoch 1 to 2; level 1; backups gone within 30 days"), "{text}");
}

#[test]
fn an_operator_journal_is_signed_first_by_the_key_of_its_genesis() {
    let started = |seed| {
        let mut journal = School::empty();
        let vkey = signer(seed).vkey().to_string();
        let part = record::public::InstallationStarted { vkey };
        journal.public(record::public::PublicPart::InstallationStarted(part));
        journal.bundle().verify_pinned()
    };
    assert_eq!(started(1).verdict, Verdict::Intact);
    assert_found(&started(2), Verdict::Tampered, "genesis-key", Some(0));
}
