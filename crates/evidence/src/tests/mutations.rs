//! Every byte of every file, flipped; every file, missing; strangers among them.

use std::fs;

use super::school::{
    Bundle, SAMI, School, assert_found, erasure, leaf, purge, put, signed_manifest, signer,
};
use crate::{KeyId, Report, Target, Verdict};

/// A small journal with everything in it.
fn whole() -> School {
    let mut school = School::with_erasure();
    school.public(purge());
    school.records[2].bodies[1].clear();
    school.sealed("survey.response-submitted", &[(super::school::FACTS, 0x30), (SAMI, 0x31)]);
    school
}

#[test]
fn an_untouched_bundle_is_intact_under_its_key() {
    let report = whole().bundle().verify_pinned();
    assert_eq!(report.verdict, Verdict::IntactWithErasures, "{}", report.to_text());
    assert_eq!((report.exit_code, report.findings.len()), (0, 0));
    assert_eq!((report.integrity.intact, report.integrity.tampered), (11, 0));
    let parts = report.readability;
    assert_eq!((parts.purged, parts.erased, parts.stated_present), (1, 0, 6));
    let erasure = &report.erasures[0];
    assert_eq!(erasure.ground.as_deref(), Some("art-17"));
    assert_eq!(erasure.approved.as_ref().map(|moment| moment.seq), Some(5));
    assert_eq!((erasure.epoch_before, erasure.epoch_after), (Some(1), Some(2)));
    assert_eq!((erasure.level, erasure.leaves, erasure.backup_days), (Some(1), 1, Some(30)));
}

#[test]
fn a_journal_without_erasures_is_intact() {
    let report = School::started().bundle().verify_pinned();
    assert_eq!(report.verdict, Verdict::Intact, "{}", report.to_text());
}

/// Whether a report names where the damage is.
fn names_a_place(report: &Report) -> bool {
    report.findings.iter().any(|finding| {
        let named = finding.file.is_some() || finding.seq.is_some();
        named && matches!(finding.severity, crate::Severity::Tampered | crate::Severity::Incomplete)
    })
}

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1 << (at % 8);
    bytes
}

/// Flips a bit of each byte of each file and lets `verify` see it, with and without a new manifest.
fn flip_all(bundle: &Bundle, sign_again: bool) -> usize {
    let files = bundle.files();
    let manifest = &files["manifest"];
    let mut flips = 0;
    for (path, bytes) in files.iter().filter(|(path, _)| !sign_again || *path != "manifest") {
        let mut changed = files.clone();
        for at in 0..bytes.len() {
            changed.insert(path.clone(), flipped(bytes, at));
            bundle.put(path, &changed[path]);
            if sign_again {
                bundle.put("manifest", signed_manifest(&changed, 1).as_bytes());
            }
            let report = bundle.verify_pinned();
            let found = matches!(report.exit_code, 3 | 5) && names_a_place(&report);
            assert!(found, "{path} byte {at}\n{}", report.to_text());
            flips += 1;
        }
        bundle.put(path, bytes);
        bundle.put("manifest", manifest);
    }
    let whole = bundle.verify_pinned();
    assert_eq!(whole.exit_code, 0, "the harness did not restore the bundle");
    flips
}

#[test]
fn every_flipped_byte_is_found() {
    let flips = flip_all(&whole().bundle(), false);
    assert!(flips > 10_000, "{flips}");
}

#[test]
fn every_flipped_byte_is_found_under_a_manifest_signed_again_by_the_real_key() {
    let flips = flip_all(&whole().bundle(), true);
    assert!(flips > 10_000, "{flips}");
}

#[test]
fn every_flipped_byte_of_a_signed_again_manifest_text_is_found() {
    let bundle = School::with_erasure().bundle();
    let text = String::from_utf8(bundle.files()["manifest"].clone()).unwrap();
    let body = text.split("\n\n").next().unwrap().to_owned() + "\n";
    let mut signed = 0;
    for at in 0..body.len() {
        let mut bytes = body.clone().into_bytes();
        bytes[at] ^= 1;
        let text = String::from_utf8(bytes).ok();
        let signable = |text: &String| text.chars().all(|c| c == '\n' || !c.is_control());
        let Some(changed) = text.filter(signable) else { continue };
        signed += 1;
        bundle.put("manifest", signer(1).sign(&changed).to_string().as_bytes());
        let report = bundle.verify_pinned();
        assert!(matches!(report.exit_code, 3 | 5), "byte {at}\n{}", report.to_text());
    }
    assert!(signed > 900, "{signed}");
}

#[test]
fn a_flipped_header_or_body_names_its_record_first() {
    let bundle = whole().bundle();
    let files = bundle.files();
    let ciphertext = whole().records[3].bodies[1].clone();
    // The command id of record 7, and a ciphertext of record 3.
    let cases =
        [("records/headers/00000000", vec![7; 16], 7), ("records/bodies/00000000", ciphertext, 3)];
    for (path, run, seq) in cases {
        let at = files[path].windows(run.len()).position(|window| window == run).unwrap();
        bundle.put(path, &flipped(&files[path], at));
        bundle.sign_manifest(1);
        let report = bundle.verify_pinned();
        let first = report.first_bad.as_ref().map(|first| first.seq);
        assert_eq!(first, Some(seq), "{}", report.to_text());
        bundle.put(path, &files[path]);
    }
}

#[test]
fn only_the_statements_present_and_lost_can_be_exchanged_unseen() {
    let bundle = whole().bundle();
    let census = String::from_utf8(bundle.files()["census"].clone()).unwrap();
    let line = format!("{} present\n", leaf(SAMI));
    for (to, code) in [("present", 0), ("lost", 0), ("destroyed", 5), ("absent", 5)] {
        let changed = census.replace(&line, &format!("{} {to}\n", leaf(SAMI)));
        bundle.put("census", changed.as_bytes());
        bundle.sign_manifest(1);
        let report = bundle.verify_pinned();
        assert_eq!(report.exit_code, code, "{to}\n{}", report.to_text());
    }
    let unerased = census.replace(" destroyed\n", " present\n");
    bundle.put("census", unerased.as_bytes());
    bundle.sign_manifest(1);
    assert_found(&bundle.verify_pinned(), Verdict::Tampered, "census", None);
}

#[test]
fn a_lost_key_is_printed_as_the_operators_statement() {
    let mut school = whole();
    school.lost.push(KeyId::Leaf(leaf(SAMI)));
    let report = school.bundle().verify_pinned();
    assert_eq!((report.exit_code, report.readability.stated_lost), (0, 2));
    assert!(report.to_text().contains("operator's own statement"));
}

#[test]
fn every_missing_file_makes_it_incomplete_and_is_named() {
    let bundle = whole().bundle();
    for (path, bytes) in bundle.files() {
        bundle.remove(&path);
        let report = bundle.verify_pinned();
        assert_eq!(report.verdict, Verdict::Incomplete, "{path}\n{}", report.to_text());
        let named = report.findings.iter().any(|f| f.file.as_deref() == Some(path.as_str()));
        assert!(named, "{path}\n{}", report.to_text());
        bundle.put(&path, &bytes);
    }
    assert_eq!(bundle.verify_pinned().exit_code, 0);
}

#[test]
fn a_file_that_the_signed_again_manifest_leaves_out_is_found() {
    let bundle = whole().bundle();
    for (path, bytes) in bundle.files().into_iter().filter(|(path, _)| path != "manifest") {
        let mut files = bundle.files();
        files.remove(&path);
        bundle.put("manifest", signed_manifest(&files, 1).as_bytes());
        let report = bundle.verify_pinned();
        assert_found(&report, Verdict::Tampered, "manifest-lines", None);
        bundle.put(&path, &bytes);
    }
}

#[test]
fn extra_files_directories_and_links_are_tampering() {
    let bundle = whole().bundle();
    for path in ["extra", "tile/0/001", "records/.hidden"] {
        bundle.put(path, b"x");
        assert_found(&bundle.verify_pinned(), Verdict::Tampered, "file-listed", None);
        bundle.sign_manifest(1);
        assert_found(&bundle.verify_pinned(), Verdict::Tampered, "file-listed", None);
        bundle.remove(path);
        bundle.sign_manifest(1);
    }
    fs::create_dir(bundle.path.join("empty")).unwrap();
    assert_found(&bundle.verify_pinned(), Verdict::Tampered, "file-listed", None);
    fs::remove_dir(bundle.path.join("empty")).unwrap();
    let outside = bundle.path.with_file_name("outside");
    fs::rename(bundle.path.join("census"), &outside).unwrap();
    std::os::unix::fs::symlink(&outside, bundle.path.join("census")).unwrap();
    assert_found(&bundle.verify_pinned(), Verdict::Tampered, "file-listed", None);
}

#[test]
fn shortened_and_lengthened_files_are_found() {
    let bundle = whole().bundle();
    for (path, bytes) in bundle.files() {
        let longer = [bytes.as_slice(), b"\n"].concat();
        for changed in [&bytes[..bytes.len() - 1], longer.as_slice(), b""] {
            bundle.put(&path, changed);
            if path != "manifest" {
                bundle.sign_manifest(1);
            }
            let report = bundle.verify_pinned();
            assert_eq!(report.exit_code, 5, "{path}\n{}", report.to_text());
        }
        bundle.put(&path, &bytes);
        bundle.sign_manifest(1);
    }
}

fn tar(school: &School) -> Bundle {
    let bundle = Bundle::nowhere();
    school.write_to(&Target::Tar(bundle.path.clone()), 1).unwrap();
    bundle
}

#[test]
fn a_tar_is_as_good_as_a_directory() {
    let report = tar(&whole()).verify_pinned();
    assert_eq!(report.verdict, Verdict::IntactWithErasures, "{}", report.to_text());
    assert_eq!(report.form, Some(crate::ArchiveForm::Tar));
}

#[test]
fn every_flipped_byte_of_a_tar_is_found() {
    let bundle = tar(&School::started());
    let bytes = fs::read(&bundle.path).unwrap();
    for at in 0..bytes.len() {
        put(&bundle.path, &flipped(&bytes, at));
        let report = bundle.verify_pinned();
        assert_eq!(report.exit_code, 5, "byte {at}\n{}", report.to_text());
    }
}

#[test]
fn a_tar_that_holds_the_same_files_in_another_form_is_tampered() {
    let files = School::started().bundle().files();
    let bundle = tar(&School::started());
    let bytes = fs::read(&bundle.path).unwrap();
    let longer = [bytes.as_slice(), &[0; 512]].concat();
    let gnu = repack(files.iter(), tar::Header::new_gnu());
    let backwards = repack(files.iter().rev(), tar::Header::new_ustar());
    let mut later = tar::Header::new_ustar();
    later.set_mtime(1);
    let later = repack(files.iter(), later);
    for changed in [&longer, &bytes[..bytes.len() - 512], &gnu, &backwards, &later] {
        fs::write(&bundle.path, changed).unwrap();
        assert_found(&bundle.verify_pinned(), Verdict::Tampered, "archive-canonical", None);
    }
    let same = repack(files.iter(), tar::Header::new_ustar());
    assert_eq!(same, bytes, "the control differs, so the cases above prove nothing");
}

fn repack<'a>(
    files: impl Iterator<Item = (&'a String, &'a Vec<u8>)>,
    header: tar::Header,
) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = header.clone();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_size(u64::try_from(bytes.len()).unwrap());
        builder.append_data(&mut header, path, bytes.as_slice()).unwrap();
    }
    builder.into_inner().unwrap()
}

#[test]
fn a_tar_without_one_file_is_incomplete() {
    let mut files = School::started().bundle().files();
    files.remove("receipts");
    let bundle = Bundle::nowhere();
    fs::write(&bundle.path, repack(files.iter(), tar::Header::new_ustar())).unwrap();
    assert_found(&bundle.verify_pinned(), Verdict::Incomplete, "file-present", None);
}

#[test]
fn nothing_at_all_and_noise_have_a_verdict_too() {
    let bundle = Bundle::nowhere();
    assert_found(&bundle.verify_pinned(), Verdict::Incomplete, "bundle-readable", None);
    let noise: Vec<u8> =
        (0u32..9_000).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for length in [0, 1, 511, 512, 1_024, 9_000] {
        fs::write(&bundle.path, &noise[..length]).unwrap();
        let report = bundle.verify_pinned();
        assert_eq!(report.exit_code, 5, "{length}\n{}", report.to_text());
    }
}

#[test]
fn a_rule_that_a_missing_record_could_satisfy_is_not_called_tampering() {
    let mut school = School::started();
    (0..1_100).for_each(|_| school.sealed("survey.round-opened", &[(0x10, 0x30)]));
    let parts = erasure();
    parts.iter().skip(1).for_each(|part| school.public(part.clone()));
    let bundle = school.bundle();
    assert_found(&bundle.verify_pinned(), Verdict::Tampered, "receipt-order", None);
    bundle.remove("records/headers/00000000");
    assert_found(&bundle.verify_pinned(), Verdict::Incomplete, "receipt-order", None);
}

#[test]
fn a_gap_is_counted_and_the_rest_is_still_compared_with_the_root() {
    let mut school = School::with_erasure();
    (0..1_100).for_each(|_| school.sealed("survey.round-opened", &[(0x10, 0x30)]));
    let bundle = school.bundle();
    bundle.remove("records/bodies/00000000");
    let report = bundle.verify_pinned();
    let (total, missing) = (1_109, report.integrity.missing);
    assert_eq!((missing, report.integrity.intact), (1_024, total - 1_024));
    assert_eq!(report.verdict, Verdict::Incomplete);
    bundle.remove("records/headers/00000000");
    assert_eq!(bundle.verify_pinned().verdict, Verdict::Incomplete);
    let mut headers = bundle.files()["records/headers/00000001"].clone();
    let last = headers.len() - 1;
    headers[last] ^= 1;
    bundle.put("records/headers/00000001", &headers);
    bundle.sign_manifest(1);
    let report = bundle.verify_pinned();
    assert_found(&report, Verdict::Tampered, "tree-root", None);
}

#[test]
fn a_wrong_entry_is_held_against_the_hash_of_its_record() {
    let school = whole();
    let bundle = school.bundle();
    let files = bundle.files();
    let path = files.keys().find(|path| path.starts_with("tile/entries/")).unwrap();
    // The length of entry 0, its tag and its number stand before the hash.
    bundle.put(path, &{
        let mut bytes = files[path].clone();
        bytes[2 + 12 + 8] ^= 1;
        bytes
    });
    let report = bundle.verify_pinned();
    let finding = report.findings.iter().find(|finding| finding.rule == "entry").unwrap();
    let hash = school.records[0].header.record_hash();
    assert_eq!(finding.expected, format!("{hash} for record 0"));
    assert_ne!(finding.found, hash.to_string());
    assert_eq!(finding.file.as_ref(), Some(path));
}
