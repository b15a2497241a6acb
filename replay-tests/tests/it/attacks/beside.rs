//! What takes a second witness: the operator journal, or the bundle of another auditor.

use record::public::{PublicPart, TenantClosing, TenantRegistered, TenantStarted};
use record::{Hash, JournalId, Seq};

use super::forge::{Journal, Run, Scene, edit};
use super::table::{Attack, By, row};

pub(super) const WITNESSED: &[Attack] = &[
    row(
        ("a tenant beside the operator journal", "nothing is changed"),
        By::Key,
        ("INTACT-WITH-ERASURES", "", "nothing: this is lawful"),
        |scene| scene.run(&scene.base.bundle).operator(&scene.base.operator),
    ),
    row(
        ("an ended tenant beside it", "nothing is changed"),
        By::Key,
        ("INTACT-WITH-ERASURES", "", "nothing: this is lawful"),
        |scene| scene.run(&scene.base.ended).operator(&scene.base.operator),
    ),
    row(
        ("a stale bundle, by the operator journal", "an older bundle; no checkpoint was kept"),
        By::Anyone,
        ("INCOMPLETE", "operator-latest", "the tenant"),
        |scene| at_tenant(scene.run(&scene.base.earlier).operator(&scene.base.operator)),
    ),
    row(
        (
            "a witness that names another checkpoint",
            "the journal was rewritten after it was witnessed",
        ),
        By::Key,
        ("INCOMPLETE", "operator-witnessed", "the tenant"),
        |scene| {
            let mut journal = scene.journal();
            journal.records[1].bodies[1][40] ^= 1;
            journal.relink();
            at_tenant(scene.write_journal(&journal).operator(&scene.base.operator))
        },
    ),
    row(
        (
            "an operator journal that knows no later one",
            "the operator shows an older bundle of its own",
        ),
        By::Anyone,
        ("INCOMPLETE", "operator-witnessed", "the tenant"),
        |scene| at_tenant(scene.run(&scene.base.bundle).operator(&scene.base.operator_earlier)),
    ),
    row(
        ("another operator journal", "the genesis of the tenant names another"),
        By::Key,
        ("TAMPERED", "operator-journal", "the tenant"),
        |scene| renamed(scene, |start| start.operator = JournalId::from_bytes([3; 16])),
    )
    .also(&["operator-witnessed"]),
    row(
        ("another name", "the tenant is registered under another"),
        By::Key,
        ("TAMPERED", "operator-registered", "the tenant"),
        |scene| renamed(scene, |start| start.name = "De Papegaai".to_owned()),
    )
    .also(&["operator-witnessed"]),
    row(
        ("a closing of another record", "the operator journal says that a record ends the tenant"),
        By::Key,
        ("TAMPERED", "operator-closing", "the tenant"),
        |scene| {
            let mut operator = Journal::read(&scene.base.operator);
            let tenant = scene.journal().origin.journal;
            let closing =
                TenantClosing { tenant, seq: Seq(3), record: Hash([9; 32]), destroyed: true };
            operator.public(&mut scene.dice, &PublicPart::TenantClosing(closing));
            let operator = scene.write(&operator);
            at_tenant(scene.run(&scene.base.bundle).operator(&operator))
        },
    ),
    row(
        ("a tampered operator journal", "a byte of its bundle is changed"),
        By::Anyone,
        ("TAMPERED", "beside-verdict", "the operator journal"),
        |scene| {
            let operator = scene.copy(&scene.base.operator);
            edit(&operator.join("records/bodies/00000000"), |bytes| bytes[9] ^= 1);
            scene.run(&scene.base.bundle).operator(&operator)
        },
    )
    .also(&["operator-witnessed", "operator-registered", "operator-journal"]),
    row(
        ("every tenant shown", "the operator journal beside the bundles of all"),
        By::Key,
        ("INTACT", "", "nothing: this is lawful"),
        |scene| {
            let base = scene.base;
            let tenants = [&base.bundle, &base.other, &base.ended].map(Clone::clone).to_vec();
            Run { tenants, ..scene.run(&base.operator) }
        },
    ),
    row(
        ("a vanished tenant", "one of the registered tenants is not shown"),
        By::Key,
        ("INCOMPLETE", "tenant-shown", "its registration"),
        |scene| {
            let base = scene.base;
            let gone = Journal::read(&base.ended).origin.journal;
            let journal = Journal::read(&base.operator);
            let registers = |record: &record::Record| {
                matches!(PublicPart::of(record), Ok(Some(PublicPart::TenantRegistered(
                        TenantRegistered { tenant, .. }))) if tenant == gone)
            };
            let seq = journal.records.iter().position(registers).unwrap();
            let tenants = [&base.bundle, &base.other].map(Clone::clone).to_vec();
            Run { tenants, ..scene.run(&base.operator) }.at(seq)
        },
    ),
];

const NO_FORK: &[(&str, &str)] =
    &[("if prefix_root(small, large, proof) != small.checkpoint.root:", "if False:")];
const NO_PROOF: &[(&str, &str)] = &[
    ("or not consistent(*old, *new, path):", "or False:"),
    ("if prefix_root(small, large, proof) != small.checkpoint.root:", "if False:"),
];

pub(super) const FORKS: &[Attack] = &[
    row(
        ("two auditors, one history", "an older and a newer bundle"),
        By::Key,
        ("PREFIX", "", "nothing: this is lawful"),
        |scene| scene.run(&scene.base.earlier).compare(&scene.base.bundle),
    ),
    row(
        ("a fork, two bundles", "each is intact for its auditor; they part at a record"),
        By::Key,
        ("FORK", "compare", "the size, and the first record that differs"),
        |scene| {
            let (fork, seq) = fork(scene);
            fork.compare(&scene.base.bundle).at(seq)
        },
    )
    .patched(NO_FORK),
    row(
        ("a fork, a bundle and a checkpoint", "the other auditor sends the signed note alone"),
        By::Key,
        ("FORK", "compare", "the size"),
        |scene| {
            let (fork, _) = fork(scene);
            let note = fork.bundle.join("checkpoint");
            scene.run(&scene.base.bundle).compare(&note)
        },
    )
    .patched(NO_FORK),
    row(
        ("a fork of different lengths", "the note of a shorter history against a longer bundle"),
        By::Key,
        ("FORK", "compare", "the size of the shorter"),
        |scene| {
            let note = short_fork(scene);
            scene.run(&scene.base.bundle).compare(&note)
        },
    )
    .patched(NO_FORK),
    row(
        ("a fork, two checkpoints and a proof", "nobody has a bundle at hand"),
        By::Key,
        ("FORK", "compare", "the size of the shorter"),
        |scene| {
            let (note, proof) = (short_fork(scene), proof(scene, 4));
            let run = scene.run(&scene.base.bundle.join("checkpoint")).compare(&note);
            Run { proof: Some(proof), ..run }
        },
    )
    .patched(NO_FORK),
    row(
        ("a proof for another tree", "the path leads elsewhere"),
        By::Anyone,
        ("UNDECIDED", "compare", "the proof"),
        |scene| {
            let note = scene.note_at(4);
            let proof = proof(scene, 4);
            super::forge::edit_text(&proof, |text| {
                let last = text.trim_end().rsplit_once('\n').unwrap();
                format!("{}\n{}\n", last.0, last.1.chars().rev().collect::<String>())
            });
            let run = scene.run(&scene.base.bundle.join("checkpoint")).compare(&note);
            Run { proof: Some(proof), ..run }
        },
    )
    .patched(NO_PROOF),
    row(
        ("two checkpoints of two sizes", "no proof between them"),
        By::Anyone,
        ("UNDECIDED", "compare", "what is missing"),
        |scene| {
            let note = scene.note_at(4);
            scene.run(&scene.base.bundle.join("checkpoint")).compare(&note)
        },
    )
    .patched(&[(
        "raise Undecided(\"checkpoints of two sizes, and no proof\")",
        "return small.checkpoint.root",
    )]),
    row(
        ("a fork that a stranger invents", "the other note is signed by another key"),
        By::Anyone,
        ("UNTRUSTED", "compare", "the note"),
        |scene| {
            let mut checkpoint = scene.journal().checkpoint();
            checkpoint.head.root.0[0] ^= 1;
            let note = super::notes::by_nobody(scene, &checkpoint);
            scene.run(&scene.base.bundle).compare(&note)
        },
    )
    .patched(&[
        ("if not all(signed_by(side.note, keys) for side in sides):", "if False:"),
        ("if prefix_root(small, large, proof) != small.checkpoint.root:", "if False:"),
    ]),
    row(
        ("two journals", "the bundle of another tenant"),
        By::Anyone,
        ("UNDECIDED", "compare", "the origins"),
        |scene| scene.run(&scene.base.bundle).compare(&scene.base.other),
    )
    .patched(&[
        ("if first.origin != second.origin:", "if False:"),
        ("if prefix_root(small, large, proof) != small.checkpoint.root:", "if False:"),
    ]),
];

fn at_tenant(run: Run) -> Run {
    let id = Journal::read(&run.bundle).origin.journal;
    run.in_file(&format!("tenant {id}"))
}

/// The tenant with another genesis, beside the operator journal.
fn renamed(scene: &mut Scene<'_>, change: fn(&mut TenantStarted)) -> Run {
    let mut journal = scene.journal();
    let Ok(Some(PublicPart::TenantStarted(mut start))) = PublicPart::of(&journal.records[0]) else {
        panic!("a tenant");
    };
    change(&mut start);
    let body = PublicPart::TenantStarted(start).encode();
    journal.records[0].header.parts[0].length = u32::try_from(body.len()).unwrap();
    journal.records[0].bodies[0] = body;
    journal.relink();
    at_tenant(scene.write_journal(&journal).operator(&scene.base.operator))
}

/// A second history of the same tenant, and where it parts from the first.
fn fork(scene: &mut Scene<'_>) -> (Run, usize) {
    let mut journal = scene.journal();
    let living = journal.living();
    let (seq, index, _, _) = living[scene.dice.below(living.len())];
    journal.records[seq].bodies[index][50] ^= 1;
    journal.relink();
    (scene.write_journal(&journal), seq)
}

/// A signed checkpoint of four records, one of them other than the tenant's.
fn short_fork(scene: &mut Scene<'_>) -> std::path::PathBuf {
    let mut journal = scene.journal();
    journal.records[1].bodies[1][50] ^= 1;
    journal.relink();
    scene.note(&journal.checkpoint_at(4))
}

/// What the holder of the bundle sends to one who has checkpoints alone.
fn proof(scene: &mut Scene<'_>, size: usize) -> std::path::PathBuf {
    let note = scene.note_at(size);
    let (bundle, key) = (scene.base.bundle.to_str().unwrap(), &scene.base.vkey);
    let compare = ["compare", bundle, note.to_str().unwrap(), "--key", key];
    let answer = crate::support::zegel_json(&compare);
    let path = scene.path();
    std::fs::write(&path, answer["proof"].as_str().unwrap()).unwrap();
    path
}
