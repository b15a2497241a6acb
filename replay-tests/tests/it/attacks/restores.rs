//! Declared restores that are not what they declare.

use std::path::PathBuf;

use record::public::{PublicPart, RestoreDeclared};
use record::{ActorId, LeafId};

use super::forge::{Journal, Run, Scene};
use super::table::{Attack, By, row};

const PREVIOUS: &str = "the previous checkpoint";

pub(super) const AGAINST_OLDER: &[Attack] = &[
    row(
        (
            "a restore as it should be",
            "declared with what the guard knew; an older checkpoint fits",
        ),
        By::Key,
        ("INTACT", "", "nothing: this is lawful, and the report lists the restore"),
        |scene| {
            let kept = scene.note_at(4);
            restored(scene, same).previous(&kept)
        },
    ),
    row(
        ("a restore that lost records", "the auditor has a checkpoint of what did not come back"),
        By::Key,
        ("INCOMPLETE", "previous-lost", "the lost range, the ground, the approver"),
        |scene| against_now(scene, same),
    ),
    row(
        ("a restore that hides its loss", "it declares that the guard knew no more than came back"),
        By::Key,
        ("TAMPERED", "previous-hidden", "the checkpoint"),
        |scene| {
            against_now(scene, |journal, part| {
                let kept = journal.checkpoint_at(journal.size()).head;
                (part.guarded_size, part.guarded_root) = (kept.size, kept.root);
            })
        },
    ),
    row(
        ("a restore from another history", "it declares another root of the guard"),
        By::Key,
        ("TAMPERED", "previous-root", "the checkpoint"),
        |scene| against_now(scene, |_, part| part.guarded_root.0[0] ^= 1),
    ),
    row(
        ("the old origin signed again", "after the restore a checkpoint of the old era is signed"),
        By::Key,
        ("TAMPERED", "previous-hidden", "the checkpoint"),
        |scene| {
            let mut longer = scene.journal();
            let (_, _, leaf, scope) = longer.living()[0];
            longer.sealed(&mut scene.dice, leaf, scope);
            let kept = scene.note(&longer.checkpoint());
            restored(scene, same).previous(&kept).in_file(PREVIOUS)
        },
    ),
    row(
        (
            "a restore that skips an era",
            "the guard is said to have been in an era that is not there, with what came back",
        ),
        By::Key,
        ("TAMPERED", "restore-era", "the restore"),
        |scene| skipped(scene, 0),
    )
    .also(&["previous-lost"]),
    row(
        ("the same, with a record of that era", "the guard is said to have known one more"),
        By::Key,
        ("INCOMPLETE", "previous-lost", "the lost range, and that the era was never seen"),
        |scene| skipped(scene, 1).elsewhere(PREVIOUS),
    ),
    row(
        ("a bundle from before the restore", "the auditor has a checkpoint of the later era"),
        By::Key,
        ("INCOMPLETE", "previous-era", "the checkpoint"),
        |scene| {
            let later = restored(scene, same).bundle.join("checkpoint");
            scene.run(&scene.base.bundle).previous(&later).in_file(PREVIOUS)
        },
    ),
];

pub(super) const BROKEN: &[Attack] = &[
    row(
        ("an era that nobody declared", "records go on in a new era"),
        By::Key,
        ("TAMPERED", "era", "the record"),
        |scene| {
            let mut journal = scene.journal();
            let (_, _, leaf, scope) = journal.living()[0];
            journal.origin.era = 1;
            journal.sealed(&mut scene.dice, leaf, scope);
            scene.write_journal(&journal).at(journal.size() - 1)
        },
    ),
    row(
        ("a restore to another place", "it says fewer records than stand before it"),
        By::Key,
        ("TAMPERED", "restore-size", "the restore"),
        |scene| declared(scene, |_, part| part.restored_size -= 1),
    ),
    row(
        ("a restore from a later era", "the guard is said to have been in the new era already"),
        By::Key,
        ("TAMPERED", "restore-era", "the restore"),
        |scene| declared(scene, |_, part| part.guarded_era = 1),
    ),
    row(
        ("a restore over two eras", "era 2 begins, and the guard is said to have been in era 0"),
        By::Key,
        ("TAMPERED", "restore-era", "the restore"),
        |scene| {
            let (mut journal, seq) = declaration(scene, same);
            journal.origin.era = 2;
            journal.records[seq].header.origin.era = 2;
            journal.relink();
            scene.write_journal(&journal).at(seq)
        },
    ),
    row(
        ("a restore without approver", "its sixteen bytes are left out"),
        By::Key,
        ("TAMPERED", "public-part", "the restore"),
        |scene| {
            let (mut journal, seq) = declaration(scene, same);
            let Ok(Some(PublicPart::RestoreDeclared(part))) = PublicPart::of(&journal.records[seq])
            else {
                panic!("a restore");
            };
            let body = &mut journal.records[seq].bodies[0];
            let approver = part.approved_by;
            let at = body.windows(16).position(|bytes| bytes == approver.as_bytes()).unwrap();
            body.drain(at..at + 16);
            let length = u32::try_from(body.len()).unwrap();
            journal.records[seq].header.parts[0].length = length;
            journal.relink();
            scene.write_journal(&journal).at(seq)
        },
    ),
    row(
        ("a part under a lost key", "something is sealed under a leaf that did not come back"),
        By::Key,
        ("TAMPERED", "part-after-loss", "the part"),
        |scene| {
            let (mut journal, _) = declaration(scene, |journal, part| {
                part.lost_leaves = vec![living(journal)];
            });
            let (_, _, leaf, scope) = journal.living()[0];
            journal.sealed(&mut scene.dice, leaf, scope);
            scene.write_journal(&journal).at(journal.size() - 1)
        },
    )
    .also(&["census"]),
    row(
        ("a lost key that is stated present", "`census` does not follow the restore"),
        By::Key,
        ("TAMPERED", "census", "`census`"),
        |scene| {
            declared(scene, |journal, part| part.lost_leaves = vec![living(journal)])
                .elsewhere("census")
        },
    ),
];

fn same(_: &Journal, _: &mut RestoreDeclared) {}

fn living(journal: &Journal) -> LeafId {
    journal.living()[0].2
}

/// The journal put back to before its first order, and declared so; where the declaration stands.
fn declaration(
    scene: &mut Scene<'_>,
    change: fn(&Journal, &mut RestoreDeclared),
) -> (Journal, usize) {
    let mut journal = scene.journal();
    let guarded = journal.checkpoint().head;
    let seq = journal.place_of("erasure.ordered");
    journal.records.truncate(seq);
    let mut part = RestoreDeclared {
        guarded_era: 0,
        guarded_size: guarded.size,
        guarded_root: guarded.root,
        guarded_epoch: 2,
        restored_size: u64::try_from(seq).unwrap(),
        ground: "disk-lost".to_owned(),
        approved_by: ActorId::from_bytes(scene.dice.id()),
        lost_leaves: Vec::new(),
        lost_scopes: Vec::new(),
    };
    change(&journal, &mut part);
    journal.origin.era = 1;
    journal.public(&mut scene.dice, &PublicPart::RestoreDeclared(part));
    (journal, seq)
}

fn restored(scene: &mut Scene<'_>, change: fn(&Journal, &mut RestoreDeclared)) -> Run {
    let (journal, _) = declaration(scene, change);
    scene.write_journal(&journal)
}

fn declared(scene: &mut Scene<'_>, change: fn(&Journal, &mut RestoreDeclared)) -> Run {
    let (journal, seq) = declaration(scene, change);
    scene.write_journal(&journal).at(seq)
}

/// Era 2 begins, and the guard is said to have been in era 1, with so many records more than came
/// back. The auditor has a checkpoint of era 0.
fn skipped(scene: &mut Scene<'_>, more: u64) -> Run {
    let (mut journal, seq) = declaration(scene, same);
    let Ok(Some(PublicPart::RestoreDeclared(mut part))) = PublicPart::of(&journal.records[seq])
    else {
        panic!("a restore");
    };
    part.guarded_era = 1;
    part.guarded_size = part.restored_size + more;
    part.guarded_root = journal.checkpoint_at(seq).head.root;
    journal.records[seq].bodies[0] = PublicPart::RestoreDeclared(part).encode();
    journal.origin.era = 2;
    journal.records[seq].header.origin.era = 2;
    journal.relink();
    let kept = scene.base.bundle.join("checkpoint");
    scene.write_journal(&journal).previous(&kept).at(seq)
}

fn against_now(scene: &mut Scene<'_>, change: fn(&Journal, &mut RestoreDeclared)) -> Run {
    let kept: PathBuf = scene.base.bundle.join("checkpoint");
    restored(scene, change).previous(&kept).in_file(PREVIOUS)
}
