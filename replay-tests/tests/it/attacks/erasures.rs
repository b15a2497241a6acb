//! Erasures that were not ordered, not approved, not done, or done to others: journals that the
//! operator writes and signs with the real key, whole in everything but the rules.

use record::public::{
    Cut, ErasureApproved, ErasureCompleted, ErasureFenced, ErasureOrdered, InstallationStarted,
    KeysDestroyed, PartsPurged, PublicPart, TenantRegistered, TenantStarted,
};
use record::{ActorId, EventKind, LeafId, OrderId, PartKind, ScopeId, Seq, SubjectId};

use super::forge::{Journal, Run, Scene, previous_at};
use super::table::{Attack, By, row};

/// An erasure of one living leaf, from order to completion.
struct Steps {
    leaf: LeafId,
    scope: ScopeId,
    ordered: ErasureOrdered,
    approved: ErasureApproved,
    fenced: ErasureFenced,
    destroyed: KeysDestroyed,
    completed: ErasureCompleted,
}

impl Steps {
    fn new(scene: &mut Scene<'_>, journal: &Journal) -> Self {
        let (_, _, leaf, scope) = journal.living()[0];
        let order = OrderId::from_bytes(scene.dice.id());
        let (by, approver) =
            (ActorId::from_bytes(scene.dice.id()), ActorId::from_bytes(scene.dice.id()));
        let (ground, epoch) = ("art-17".to_owned(), 1_000);
        let leaves = vec![leaf];
        Self {
            leaf,
            scope,
            ordered: ErasureOrdered {
                order,
                ground: ground.clone(),
                ordered_by: by,
                four_eyes: true,
                targets: vec![Cut::Leaf(leaf)],
            },
            approved: ErasureApproved { order, approved_by: approver },
            fenced: ErasureFenced {
                order,
                epoch_before: epoch,
                tenant: false,
                leaves: leaves.clone(),
                scopes: Vec::new(),
            },
            destroyed: KeysDestroyed {
                order,
                ground,
                approved_by: approver,
                epoch_before: epoch,
                epoch_after: epoch + 1,
                level: 1,
                backup_days: 0,
                tenant: false,
                leaves,
                scopes: Vec::new(),
            },
            completed: ErasureCompleted { order },
        }
    }

    /// The five parts in their order.
    fn parts(&self) -> [PublicPart; 5] {
        [
            PublicPart::ErasureOrdered(self.ordered.clone()),
            PublicPart::ErasureApproved(self.approved),
            PublicPart::ErasureFenced(self.fenced.clone()),
            PublicPart::KeysDestroyed(self.destroyed.clone()),
            PublicPart::ErasureCompleted(self.completed),
        ]
    }
}

/// The tenant's journal, and beside it the steps of one more erasure.
struct Story {
    journal: Journal,
    steps: Steps,
}

impl Story {
    fn new(scene: &mut Scene<'_>) -> Self {
        let journal = scene.journal();
        let steps = Steps::new(scene, &journal);
        Self { journal, steps }
    }

    fn tell(&mut self, scene: &mut Scene<'_>, parts: &[PublicPart]) {
        parts.iter().for_each(|part| self.journal.public(&mut scene.dice, part));
    }

    fn sealed(&mut self, scene: &mut Scene<'_>) {
        let (leaf, scope) = (self.steps.leaf, self.steps.scope);
        self.journal.sealed(&mut scene.dice, leaf, scope);
    }

    /// The last record is the one that must be named.
    fn end(&self, scene: &mut Scene<'_>) -> Run {
        scene.write_journal(&self.journal).at(self.journal.size() - 1)
    }
}

/// Tells the steps that are chosen, after they were changed; the last must be named.
fn told(scene: &mut Scene<'_>, change: fn(&mut Steps), chosen: &[usize]) -> Run {
    let mut story = Story::new(scene);
    change(&mut story.steps);
    let parts = story.steps.parts();
    let chosen: Vec<PublicPart> = chosen.iter().map(|at| parts[*at].clone()).collect();
    story.tell(scene, &chosen);
    story.end(scene)
}

const ORDER: usize = 0;
const APPROVAL: usize = 1;
const FENCE: usize = 2;
const RECEIPT: usize = 3;
const COMPLETION: usize = 4;

fn same(_: &mut Steps) {}

const WHOLE: &str = "nothing: this is lawful, and the rows below differ from it in one thing";

pub(super) const LAWFUL: &[Attack] = &[
    row(
        ("an erasure as it should be", "order, approval, fence, receipt, completion"),
        By::Key,
        ("INTACT-WITH-ERASURES", "", WHOLE),
        |scene| told(scene, same, &[ORDER, APPROVAL, FENCE, RECEIPT, COMPLETION]),
    ),
    row(
        ("a fence without its cut", "the keys of a fence were never destroyed"),
        By::Key,
        (
            "INTACT-WITH-ERASURES",
            "",
            "nothing: this is lawful, and the report lists the order as not destroyed",
        ),
        |scene| told(scene, same, &[ORDER, APPROVAL, FENCE]),
    ),
    row(
        (
            "an erasure of nothing",
            "a person is ordered; fence and receipt list nothing, or a leaf that no record names",
        ),
        By::Key,
        ("INTACT", "receipt-empty", "the receipt: a notice, and the words «destroyed 0 keys»"),
        of_nothing,
    )
    .variants(2),
    row(
        (
            "an escrow that is not spoken of any more",
            "a receipt states 0 days of backup, and one before it stated 30",
        ),
        By::Key,
        ("INTACT-WITH-ERASURES", "receipt-backup", "the receipt: a notice"),
        |scene| {
            let mut story = Story::new(scene);
            story.steps.destroyed.backup_days = 30;
            let parts = story.steps.parts();
            story.tell(scene, &parts);
            let mut later = Steps::new(scene, &story.journal);
            later.fenced.epoch_before = story.steps.destroyed.epoch_after;
            later.destroyed.epoch_before = later.fenced.epoch_before;
            later.destroyed.epoch_after = later.fenced.epoch_before + 1;
            let parts = later.parts();
            story.tell(scene, &parts[..=RECEIPT]);
            story.end(scene)
        },
    ),
];

/// In a journal without an erasure: an honest order whose keys another one cut looks like this too.
fn of_nothing(scene: &mut Scene<'_>) -> Run {
    let journal = Journal::read(&scene.base.earlier);
    let mut steps = Steps::new(scene, &journal);
    steps.ordered.targets = vec![Cut::Subject(SubjectId::from_bytes(scene.dice.id()))];
    let listed = (scene.variant == 1).then(|| LeafId::from_bytes(scene.dice.id()));
    steps.fenced.leaves = listed.into_iter().collect();
    steps.destroyed.leaves.clone_from(&steps.fenced.leaves);
    let parts = steps.parts();
    let mut story = Story { journal, steps };
    story.tell(scene, &parts);
    scene.write_journal(&story.journal).at(story.journal.size() - 2)
}

pub(super) const STEPS: &[Attack] = &[
    row(
        ("an erasure without order", "an approval stands alone"),
        By::Key,
        ("TAMPERED", "approval-order", "the approval"),
        |scene| told(scene, same, &[APPROVAL]),
    ),
    row(
        ("an erasure without approval", "order, then the fence"),
        By::Key,
        ("TAMPERED", "fence-approval", "the fence"),
        |scene| told(scene, same, &[ORDER, FENCE]),
    ),
    row(
        ("the asker approves", "an order of four eyes is approved by who ordered"),
        By::Key,
        ("TAMPERED", "four-eyes", "the approval"),
        |scene| {
            told(
                scene,
                |steps| steps.approved.approved_by = steps.ordered.ordered_by,
                &[ORDER, APPROVAL],
            )
        },
    ),
    row(
        ("an order twice", "the second with other targets"),
        By::Key,
        ("TAMPERED", "order-once", "the second"),
        |scene| told(scene, same, &[ORDER, ORDER]),
    ),
    row(
        ("an order afterwards", "it is written after its approval"),
        By::Key,
        ("TAMPERED", "order-first", "the order"),
        |scene| told(scene, same, &[APPROVAL, ORDER]),
    )
    .also(&["approval-order"]),
    row(
        ("an approval twice", "two people agree"),
        By::Key,
        ("TAMPERED", "approval-once", "the second"),
        |scene| told(scene, same, &[ORDER, APPROVAL, APPROVAL]),
    ),
    row(
        ("a fence without an order", "nobody asked"),
        By::Key,
        ("TAMPERED", "fence-order", "the fence"),
        |scene| told(scene, same, &[FENCE]),
    )
    .also(&["fence-approval"]),
    row(
        ("a fence twice", "the second would widen the first"),
        By::Key,
        ("TAMPERED", "fence-once", "the second"),
        |scene| told(scene, same, &[ORDER, APPROVAL, FENCE, FENCE]),
    ),
    row(
        ("a fence that skips what was ordered", "its lists are empty"),
        By::Key,
        ("TAMPERED", "fence-targets", "the fence"),
        |scene| told(scene, |steps| steps.fenced.leaves.clear(), &[ORDER, APPROVAL, FENCE]),
    ),
    row(
        ("a fence that takes what was not ordered", "a scope of others is in its lists"),
        By::Key,
        ("TAMPERED", "fence-beyond", "the fence"),
        |scene| {
            told(scene, |steps| steps.fenced.scopes.push(steps.scope), &[ORDER, APPROVAL, FENCE])
        },
    ),
    row(
        ("a part under a cut id after its fence", "something is sealed under a dying leaf"),
        By::Key,
        ("TAMPERED", "part-after-fence", "the part"),
        |scene| {
            let mut story = Story::new(scene);
            let parts = story.steps.parts();
            story.tell(scene, &parts[..RECEIPT + scene.variant]);
            story.sealed(scene);
            story.end(scene)
        },
    )
    .variants(2),
];

const UP_TO: &[usize] = &[ORDER, APPROVAL, FENCE, RECEIPT];

pub(super) const RECEIPTS: &[Attack] = &[
    row(
        ("a receipt without order", "keys were destroyed, nobody had asked"),
        By::Key,
        ("TAMPERED", "receipt-order", "the receipt"),
        |scene| told(scene, same, &[RECEIPT]),
    )
    .also(&["receipt-approval", "receipt-fence"]),
    row(
        ("a receipt without approval", "order, fence, receipt"),
        By::Key,
        ("TAMPERED", "receipt-approval", "the receipt"),
        |scene| told(scene, same, &[ORDER, FENCE, RECEIPT]),
    )
    .also(&["fence-approval"]),
    row(
        ("a receipt without fence", "nobody could see what would die"),
        By::Key,
        ("TAMPERED", "receipt-fence", "the receipt"),
        |scene| told(scene, same, &[ORDER, APPROVAL, RECEIPT]),
    ),
    row(
        ("a receipt twice", "the second would cover more"),
        By::Key,
        ("TAMPERED", "receipt-once", "the second"),
        |scene| told(scene, same, &[ORDER, APPROVAL, FENCE, RECEIPT, RECEIPT]),
    ),
    row(
        ("a receipt of fewer ids", "the fence lists a leaf that the receipt leaves out"),
        By::Key,
        ("TAMPERED", "receipt-lists", "the receipt"),
        |scene| told(scene, |steps| steps.destroyed.leaves.clear(), UP_TO),
    )
    .also(&["receipt-targets"]),
    row(
        (
            "an order fulfilled while its key lives",
            "another order's fence has the leaf, no receipt",
        ),
        By::Key,
        ("TAMPERED", "receipt-targets", "the receipt"),
        fulfilled_by_nobody,
    ),
    row(
        ("a receipt on another ground", "the order says art-17, the receipt retention"),
        By::Key,
        ("TAMPERED", "receipt-ground", "the receipt"),
        |scene| told(scene, |steps| steps.destroyed.ground = "retention".to_owned(), UP_TO),
    ),
    row(
        ("a receipt by another approver", "it names somebody who did not approve"),
        By::Key,
        ("TAMPERED", "receipt-approver", "the receipt"),
        |scene| {
            told(
                scene,
                |steps| steps.destroyed.approved_by = ActorId::from_bytes([0x55; 16]),
                UP_TO,
            )
        },
    ),
    row(
        (
            "an epoch that does not follow",
            "no later after the cut, before the fence's, or below an earlier receipt's",
        ),
        By::Key,
        ("TAMPERED", "receipt-epoch", "the receipt"),
        |scene| {
            let change: fn(&mut Steps) = match scene.variant {
                0 => |steps| steps.destroyed.epoch_after = steps.destroyed.epoch_before,
                1 => |steps| steps.destroyed.epoch_before = steps.fenced.epoch_before - 1,
                _ => |steps| {
                    steps.fenced.epoch_before = 0;
                    (steps.destroyed.epoch_before, steps.destroyed.epoch_after) = (0, 1);
                },
            };
            told(scene, change, UP_TO)
        },
    )
    .variants(3),
    row(
        ("a completion without receipt", "done is said while a key lives"),
        By::Key,
        ("TAMPERED", "completed-receipt", "the completion"),
        |scene| told(scene, same, &[ORDER, APPROVAL, FENCE, COMPLETION]),
    ),
];

/// The leaf is in the unfinished fence of another order, so this one need not list it: but no
/// receipt covers it.
fn fulfilled_by_nobody(scene: &mut Scene<'_>) -> Run {
    let mut story = Story::new(scene);
    let mut other = Steps::new(scene, &story.journal);
    other.fenced.leaves.clear();
    other.destroyed.leaves.clear();
    let parts = story.steps.parts();
    story.tell(scene, &parts[..RECEIPT]);
    let parts = other.parts();
    story.tell(scene, &parts[..COMPLETION]);
    story.end(scene)
}

pub(super) const PURGES: &[Attack] = &[
    row(
        ("a purge without receipt", "a ciphertext is gone, an order is named that never was"),
        By::Key,
        ("TAMPERED", "purge-receipt", "the purge"),
        |scene| purged(scene, &[], |_, place| vec![place]),
    )
    .also(&["purge-part", "body-absent"]),
    row(
        ("a purge of a living part", "the receipt covers another leaf"),
        By::Key,
        ("TAMPERED", "purge-part", "the purge"),
        |scene| {
            purged(scene, &[ORDER, APPROVAL, FENCE, RECEIPT], |journal, _| {
                let (seq, index, _, _) = *journal.living().last().unwrap();
                vec![(seq, index)]
            })
        },
    )
    .also(&["body-absent"]),
    row(
        ("a purge of a public part", "an order's text would go"),
        By::Key,
        ("TAMPERED", "purge-part", "the purge"),
        |scene| {
            purged(scene, &[ORDER, APPROVAL, FENCE, RECEIPT], |journal, _| {
                vec![(journal.place_of("erasure.ordered"), 0)]
            })
        },
    )
    .also(&["public-body"]),
];

type Place = (usize, usize);

/// Tells the chosen steps, then a purge of what is picked, whose ciphertexts are taken out.
fn purged(scene: &mut Scene<'_>, chosen: &[usize], pick: fn(&Journal, Place) -> Vec<Place>) -> Run {
    let mut story = Story::new(scene);
    let (seq, index, _, _) = story.journal.living()[0];
    let parts = story.steps.parts();
    let chosen: Vec<PublicPart> = chosen.iter().map(|at| parts[*at].clone()).collect();
    story.tell(scene, &chosen);
    let places = pick(&story.journal, (seq, index));
    let of =
        |(seq, index): &Place| (Seq(u64::try_from(*seq).unwrap()), u8::try_from(*index).unwrap());
    let purge =
        PartsPurged { order: story.steps.ordered.order, parts: places.iter().map(of).collect() };
    story.tell(scene, &[PublicPart::PartsPurged(purge)]);
    for (seq, index) in places {
        if story.journal.records[seq].header.parts[index].kind == PartKind::Sealed {
            story.journal.records[seq].bodies[index].clear();
        }
    }
    story.end(scene)
}

pub(super) const PLACES: &[Attack] = &[
    row(
        ("a second genesis", "a tenant starts again in its own journal"),
        By::Key,
        ("TAMPERED", "genesis", "the record"),
        |scene| {
            let mut journal = scene.journal();
            let operator = Journal::read(&scene.base.operator).origin.journal;
            let start = TenantStarted { operator, name: "De Regenboog".to_owned() };
            journal.public(&mut scene.dice, &PublicPart::TenantStarted(start));
            scene.write_journal(&journal).at(journal.size() - 1)
        },
    ),
    row(
        ("an event of another journal", "a tenant is registered in a tenant's journal"),
        By::Key,
        ("TAMPERED", "stands-in", "the record"),
        |scene| {
            let mut journal = scene.journal();
            journal.public(&mut scene.dice, &PublicPart::TenantRegistered(registration()));
            scene.write_journal(&journal).at(journal.size() - 1)
        },
    ),
    row(
        ("a tenant registered twice", "in the operator journal"),
        By::Key,
        ("TAMPERED", "tenant-registered", "the second"),
        |scene| {
            let mut journal = Journal::read(&scene.base.operator);
            for _ in 0..2 {
                journal.public(&mut scene.dice, &PublicPart::TenantRegistered(registration()));
            }
            scene.write_journal(&journal).at(journal.size() - 1)
        },
    ),
    row(
        ("an operator journal of another key", "its genesis names a key that is not the first"),
        By::Key,
        ("TAMPERED", "genesis-key", "record 0"),
        |scene| {
            let mut journal = Journal::read(&scene.base.operator);
            let vkey = super::forge::thief("somebody.example").vkey().to_string();
            let start = PublicPart::InstallationStarted(InstallationStarted { vkey });
            journal.records[0].bodies[0] = start.encode();
            let length = journal.records[0].bodies[0].len();
            journal.records[0].header.parts[0].length = u32::try_from(length).unwrap();
            journal.relink();
            scene.write_journal(&journal).at(0)
        },
    ),
    row(
        (
            "a public part of another form, or of another version",
            "an id twice, ids out of order, bytes at the end, a control character in a ground, \
                 event version 2",
        ),
        By::Key,
        ("TAMPERED", "public-part", "the record"),
        public_form,
    )
    .variants(5)
    .also(&["recomputed", "approval-order", "fence-order"]),
    row(
        (
            "a text that turns or breaks its line",
            "U+202E or U+2028 in a ground, U+202E or U+200B in the name of an organisation",
        ),
        By::Key,
        ("TAMPERED", "public-part", "the record"),
        not_plain,
    )
    .variants(4)
    .also(&["approval-order", "fence-order"]),
    row(
        (
            "something in clear that must be sealed",
            "a part in clear of an event that is not listed",
        ),
        By::Key,
        ("TAMPERED", "public-part", "the record"),
        |scene| {
            let mut journal = scene.journal();
            let none = (LeafId::from_bytes([0; 16]), ScopeId::from_bytes([0; 16]));
            let parts = vec![(PartKind::Public, none.0, none.1, b"in clear".to_vec())];
            let kind = EventKind::new("school.notice", 1).unwrap();
            journal.push(&mut scene.dice, kind, parts);
            scene.write_journal(&journal).at(journal.size() - 1)
        },
    ),
];

fn registration() -> TenantRegistered {
    let tenant = record::JournalId::from_bytes([0x77; 16]);
    TenantRegistered { tenant, name: "De Lijster".to_owned() }
}

fn not_plain(scene: &mut Scene<'_>) -> Run {
    let mut story = Story::new(scene);
    let turned = ["art-17\u{202e}", "art\u{2028}17"];
    if let Some(ground) = turned.get(scene.variant) {
        story.steps.ordered.ground = (*ground).to_owned();
        let parts = story.steps.parts();
        story.tell(scene, &parts[..=ORDER]);
        return story.end(scene);
    }
    let name = ["De \u{202e}gobnegeR", "De Regen\u{200b}boog"][scene.variant - 2].to_owned();
    let operator = Journal::read(&scene.base.operator).origin.journal;
    let first = &mut story.journal.records[0];
    first.bodies[0] = PublicPart::TenantStarted(TenantStarted { operator, name }).encode();
    first.header.parts[0].length = u32::try_from(first.bodies[0].len()).unwrap();
    story.journal.relink();
    scene.write_journal(&story.journal).at(0)
}

/// The text of an order or a fence, one byte off its one form.
fn public_form(scene: &mut Scene<'_>) -> Run {
    let mut story = Story::new(scene);
    let mut leaves = vec![story.steps.leaf, LeafId::from_bytes([0xff; 16])];
    leaves.sort();
    story.steps.fenced.leaves = leaves;
    story.steps.ordered.targets.push(Cut::Leaf(LeafId::from_bytes([0xff; 16])));
    let parts = story.steps.parts();
    story.tell(scene, &parts[..=FENCE]);
    let (fence, order) = (story.journal.size() - 1, story.journal.size() - 3);
    let seq = if scene.variant == 3 { order } else { fence };
    if scene.variant == 4 {
        let bundle = scene.write_raw(&story.journal, |headers| {
            let at = previous_at(&headers[seq]) - 33;
            headers[seq][at] = 2;
        });
        return scene.run(&bundle).at(seq);
    }
    let body = &mut story.journal.records[seq].bodies[0];
    // Order, epoch, tenant flag and number: then the leaves.
    let (one, two) = (29, 45);
    match scene.variant {
        0 => body.copy_within(one..two, two),
        1 => body[one..two + 16].rotate_left(16),
        2 => body.push(0),
        // Order and the length of the ground: then the ground.
        _ => body[18] = 7,
    }
    let length = u32::try_from(body.len()).unwrap();
    story.journal.records[seq].header.parts[0].length = length;
    story.journal.relink();
    scene.write_journal(&story.journal).at(seq)
}
