//! Rewritten journals: only who holds the real signing key can make them, and the bundle is whole
//! in itself. What then tells is an older checkpoint, or a rule.

use record::checkpoint::Checkpoint;
use record::{JournalId, Origin, PartKind, TimestampMicros};

use super::forge::{Journal, Run, Scene, edit_text};
use super::notes::by_nobody;
use super::table::{Attack, By, row};

const PREVIOUS: &str = "the previous checkpoint";

pub(super) const REWRITTEN: &[Attack] = &[
    row(
        ("rewrite everything", "a ciphertext is replaced, and all after it made and signed anew"),
        By::Key,
        ("INTACT-WITH-ERASURES", "", "nowhere: it takes an older checkpoint"),
        |scene| rewritten_body(scene).0,
    ),
    row(
        ("the same, against a kept checkpoint", "the auditor has one from before"),
        By::Key,
        ("TAMPERED", "previous-root", "the checkpoint"),
        |scene| against_kept(scene, |scene| rewritten_body(scene).0),
    ),
    row(
        ("delete a record and rewrite", "the numbers close up, all is signed anew"),
        By::Key,
        ("TAMPERED", "previous-root", "the checkpoint"),
        |scene| {
            against_kept(scene, |scene| {
                let seq = 1 + scene.dice.below(3);
                rewrite(scene, |journal, _| drop(journal.records.remove(seq)))
            })
        },
    ),
    row(
        ("insert a record and rewrite", "a new record stands among the old"),
        By::Key,
        ("TAMPERED", "previous-root", "the checkpoint"),
        |scene| against_kept(scene, |scene| rewrite(scene, insert)),
    ),
    row(
        ("reorder and rewrite", "two neighbours change places and times"),
        By::Key,
        ("TAMPERED", "previous-root", "the checkpoint"),
        |scene| against_kept(scene, |scene| rewrite(scene, reorder)),
    ),
    row(
        ("backdate within the neighbours", "a time moves, and stays between those beside it"),
        By::Key,
        ("TAMPERED", "previous-root", "the checkpoint"),
        |scene| {
            against_kept(scene, |scene| {
                rewrite(scene, |journal, _| {
                    let before = journal.records[1].header.recorded_at.0;
                    journal.records[2].header.recorded_at = TimestampMicros(before + 1);
                })
            })
        },
    ),
    row(
        ("truncate the tail", "a checkpoint over fewer records is signed"),
        By::Key,
        ("INTACT", "", "nowhere: it takes an older checkpoint or the operator journal"),
        truncated,
    ),
    row(
        ("the same, against a kept checkpoint", "the auditor has a later one"),
        By::Key,
        ("INCOMPLETE", "previous-size", "the lost range"),
        |scene| {
            let kept = scene.base.bundle.join("checkpoint");
            truncated(scene).previous(&kept).in_file(PREVIOUS)
        },
    ),
    row(
        ("fork", "the auditor kept a checkpoint of the other of two histories"),
        By::Key,
        ("TAMPERED", "previous-root", "the checkpoint"),
        |scene| {
            let (run, _) = rewritten_body(scene);
            let kept = scene.base.bundle.join("checkpoint");
            run.previous(&kept).in_file(PREVIOUS)
        },
    ),
    row(
        ("a kept checkpoint of another journal", "another tenant's is given as the older one"),
        By::Key,
        ("TAMPERED", "previous-origin", "the checkpoint"),
        |scene| {
            previous(scene, |checkpoint| {
                checkpoint.origin = Origin::first(JournalId::from_bytes([9; 16]));
            })
        },
    ),
    row(
        ("a kept checkpoint by nobody", "a stranger signed it"),
        By::Anyone,
        ("UNTRUSTED", "previous-signature", "the checkpoint"),
        |scene| {
            let note = by_nobody(scene, &scene.journal().checkpoint_at(3));
            scene.run(&scene.base.bundle).previous(&note).in_file(PREVIOUS)
        },
    ),
    row(
        ("no checkpoint at all", "another text is given as the older one"),
        By::Anyone,
        ("UNTRUSTED", "previous-form", "the checkpoint"),
        |scene| {
            let path = scene.path();
            std::fs::write(&path, "all is well\n").unwrap();
            scene.run(&scene.base.bundle).previous(&path).in_file(PREVIOUS)
        },
    ),
];

pub(super) const BROKEN: &[Attack] = &[
    row(
        ("repeat a record", "a record is appended once more, chained and signed"),
        By::Key,
        ("TAMPERED", "salt-once", "the repetition"),
        |scene| {
            let mut journal = scene.journal();
            let (seq, _, _, _) = journal.living()[scene.dice.below(2)];
            let mut again = journal.records[seq].clone();
            again.header.recorded_at = journal.records.last().unwrap().header.recorded_at;
            journal.records.push(again);
            journal.relink();
            scene.write_journal(&journal).at(journal.size() - 1)
        },
    ),
    row(
        ("move a record between tenants", "one of another tenant is appended as it is"),
        By::Key,
        ("TAMPERED", "origin", "the record"),
        |scene| {
            let journal = with_foreign(scene);
            let foreign = Journal::read(&scene.base.other).origin;
            let last = journal.size() - 1;
            let bundle = scene.write_raw(&journal, |headers| {
                headers[last][4..20].copy_from_slice(foreign.journal.as_bytes());
            });
            scene.run(&bundle).at(last)
        },
    ),
    row(
        ("the same, with its origin rewritten", "the vault then calls its parts tampered"),
        By::Key,
        ("INTACT-WITH-ERASURES", "", "nowhere: the origin is in what seals a part"),
        |scene| {
            let journal = with_foreign(scene);
            scene.write_journal(&journal)
        },
    ),
    row(
        ("backdate a record", "its time is before its predecessor's"),
        By::Key,
        ("TAMPERED", "time", "the record"),
        |scene| {
            let journal = scene.journal();
            let seq = 1 + scene.dice.below(journal.size() - 1);
            let bundle = scene.write_raw(&journal, |headers| {
                headers[seq][32..40].copy_from_slice(&1u64.to_be_bytes());
            });
            scene.run(&bundle).at(seq)
        },
    ),
    row(
        ("skip a number", "a record says the next number"),
        By::Key,
        ("TAMPERED", "sequence", "the record"),
        |scene| {
            let journal = scene.journal();
            let seq = 1 + scene.dice.below(journal.size() - 1);
            let bundle = scene.write_raw(&journal, |headers| headers[seq][31] += 1);
            scene.run(&bundle).at(seq)
        },
    )
    .also(&["recomputed"]),
    row(
        ("another chain", "a record names another hash before it; tree and signatures follow"),
        By::Key,
        ("TAMPERED", "chain", "the record"),
        other_chain,
    ),
    row(
        ("a checkpoint of another tree", "size and origin are right, the root is another's"),
        By::Key,
        ("TAMPERED", "tree-root", "`checkpoint`"),
        |scene| {
            let other = Journal::read(&scene.base.other).checkpoint().head.root;
            with_checkpoint(scene, |checkpoint| checkpoint.head.root = other)
        },
    )
    .also(&["witness"]),
    row(
        ("a tile of another tree", "hashes of another tenant's journal"),
        By::Key,
        ("TAMPERED", "tile", "`tile/0/…`"),
        |scene| {
            let bundle = scene.copy(&scene.base.bundle);
            let size = scene.journal().size();
            let tile = format!("tile/0/000.p/{size}");
            let other = Journal::read(&scene.base.other).checkpoint().head.root;
            super::forge::edit(&bundle.join(&tile), |bytes| {
                bytes[..32].copy_from_slice(&other.0);
            });
            scene.sign_again(&bundle);
            scene.run(&bundle).in_file(&tile)
        },
    ),
    row(
        ("a witness of another checkpoint", "salt and hash belong to an older one"),
        By::Key,
        ("TAMPERED", "witness", "`witness`"),
        |scene| {
            let bundle = scene.copy(&scene.base.bundle);
            let older = std::fs::read_to_string(scene.base.earlier.join("witness")).unwrap();
            edit_text(&bundle.join("witness"), |_| older);
            scene.sign_again(&bundle);
            scene.run(&bundle).in_file("witness")
        },
    ),
    row(
        ("a trimmed export", "a ciphertext is stated absent, and nothing purged it"),
        By::Key,
        ("INCOMPLETE", "body-absent", "the record"),
        |scene| {
            let mut journal = scene.journal();
            let (seq, index, _, _) = journal.living()[0];
            journal.records[seq].bodies[index].clear();
            scene.write_journal(&journal).at(seq)
        },
    ),
    row(
        ("a public part left out", "an order's text is stated absent"),
        By::Key,
        ("INCOMPLETE", "public-body", "the record"),
        |scene| {
            let mut journal = scene.journal();
            let seq = journal.place_of("erasure.ordered");
            journal.records[seq].bodies[0].clear();
            scene.write_journal(&journal).at(seq)
        },
    )
    .also(&["approval-order", "fence-order", "receipt-order"]),
    row(
        ("a length that is not the header's", "a body's length in the file says one more"),
        By::Key,
        ("TAMPERED", "body-length", "the record"),
        |scene| {
            let bundle = scene.copy(&scene.base.bundle);
            super::forge::edit(&bundle.join("records/bodies/00000000"), |bytes| bytes[3] += 1);
            scene.sign_again(&bundle);
            scene.run(&bundle).at(0)
        },
    ),
    row(
        ("a record over the limit", "its header announces more than 16 MiB"),
        By::Key,
        ("TAMPERED", "header-form", "the record"),
        too_long,
    ),
];

/// A living ciphertext of the first records is replaced, the rest follows.
fn rewritten_body(scene: &mut Scene<'_>) -> (Run, usize) {
    let mut journal = scene.journal();
    let living = journal.living();
    let (seq, index, _, _) = living[scene.dice.below(2)];
    let at = scene.dice.below(journal.records[seq].bodies[index].len());
    journal.records[seq].bodies[index][at] ^= 1;
    journal.relink();
    (scene.write_journal(&journal), seq)
}

fn rewrite(
    scene: &mut Scene<'_>,
    change: impl FnOnce(&mut Journal, &mut replay_tests::dice::Dice),
) -> Run {
    let mut journal = scene.journal();
    change(&mut journal, &mut scene.dice);
    journal.relink();
    scene.write_journal(&journal)
}

/// With the checkpoint of before the erasures, which a rewritten journal cannot keep.
fn against_kept(scene: &mut Scene<'_>, make: impl FnOnce(&mut Scene<'_>) -> Run) -> Run {
    let kept = scene.base.earlier.join("checkpoint");
    make(scene).previous(&kept).in_file(PREVIOUS)
}

fn insert(journal: &mut Journal, dice: &mut replay_tests::dice::Dice) {
    let (_, _, leaf, scope) = journal.living()[0];
    journal.sealed(dice, leaf, scope);
    let mut new = journal.records.pop().unwrap();
    let at = 1 + dice.below(3);
    new.header.recorded_at = journal.records[at].header.recorded_at;
    journal.records.insert(at, new);
}

fn reorder(journal: &mut Journal, dice: &mut replay_tests::dice::Dice) {
    let at = 1 + dice.below(3);
    let times = [at, at + 1].map(|seq| journal.records[seq].header.recorded_at);
    journal.records.swap(at, at + 1);
    journal.records[at].header.recorded_at = times[0];
    journal.records[at + 1].header.recorded_at = times[1];
}

fn truncated(scene: &mut Scene<'_>) -> Run {
    let mut journal = scene.journal();
    let first_order = journal.place_of("erasure.ordered");
    journal.records.truncate(first_order - scene.dice.below(2));
    scene.write_journal(&journal)
}

/// The journal with a record of another tenant at its end.
fn with_foreign(scene: &mut Scene<'_>) -> Journal {
    let mut journal = scene.journal();
    let foreign = Journal::read(&scene.base.other);
    let mut record = foreign.records[1 + scene.dice.below(2)].clone();
    assert!(record.header.parts.iter().all(|part| part.kind == PartKind::Sealed));
    record.header.recorded_at = journal.records.last().unwrap().header.recorded_at;
    journal.records.push(record);
    journal.relink();
    journal
}

fn previous(scene: &mut Scene<'_>, change: fn(&mut Checkpoint)) -> Run {
    let mut checkpoint = scene.journal().checkpoint_at(3);
    change(&mut checkpoint);
    let note = scene.note(&checkpoint);
    scene.run(&scene.base.bundle).previous(&note).in_file(PREVIOUS)
}

fn with_checkpoint(scene: &mut Scene<'_>, change: impl FnOnce(&mut Checkpoint)) -> Run {
    let bundle = scene.copy(&scene.base.bundle);
    let mut checkpoint = scene.journal().checkpoint();
    change(&mut checkpoint);
    let note = checkpoint.sign(&scene.base.signer()).to_string();
    std::fs::write(bundle.join("checkpoint"), note).unwrap();
    scene.sign_again(&bundle);
    scene.run(&bundle).in_file("checkpoint")
}

/// The last record's `previous` is made wrong after everything was chained.
fn other_chain(scene: &mut Scene<'_>) -> Run {
    let journal = scene.journal();
    let last = journal.size() - 1;
    let bundle = scene.write_unlinked(&journal, |headers| {
        let header = &mut headers[last];
        let at = super::forge::previous_at(header);
        header[at] ^= 1;
    });
    scene.run(&bundle).at(last)
}

/// Two sealed parts of 10 MiB each, as the header has it; their bodies are not there.
fn too_long(scene: &mut Scene<'_>) -> Run {
    let journal = scene.journal();
    let (seq, _, _, _) = journal.living()[0];
    let bundle = scene.write_raw(&journal, |headers| {
        let header = &mut headers[seq];
        let parts = super::forge::previous_at(header) + 33;
        for part in 0..usize::from(header[parts - 1]) {
            let length = (10u32 << 20).to_be_bytes();
            header[parts + 69 * part + 33..parts + 69 * part + 37].copy_from_slice(&length);
        }
    });
    scene.run(&bundle).at(seq)
}
