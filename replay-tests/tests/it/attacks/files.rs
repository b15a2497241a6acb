//! Attacks on the bundle as files: whoever carries it can make them.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::forge::{Run, Scene, edit, edit_text, framed, name_of, previous_at, thief};
use super::notes::{header_field, members};
use super::table::{Attack, By, row};
use crate::verify::frames;

const HEADERS: &str = "records/headers/00000000";
const BODIES: &str = "records/bodies/00000000";
/// What a reader stumbles over when records are not where they were.
const MOVED: &[&str] = &[
    "file-digest",
    "sequence",
    "chain",
    "time",
    "entry",
    "tile",
    "tree-root",
    "header-length",
    "header-form",
    "body-length",
    "body-digest",
    "salt-once",
    "file-form",
    "recomputed",
    "census",
    "genesis",
    "public-part",
    "origin",
    "body-absent",
    "public-body",
];

/// What may be incomplete after a public part that cannot be read.
const BLIND: &[&str] = &[
    "file-digest",
    "approval-order",
    "fence-order",
    "fence-approval",
    "fence-targets",
    "receipt-order",
    "receipt-approval",
    "receipt-fence",
    "receipt-targets",
    "completed-receipt",
];

pub(super) const ROWS: &[Attack] = &[
    row(
        ("edit a body", "one byte of a ciphertext or public part is changed"),
        By::Anyone,
        ("TAMPERED", "body-digest", "the record"),
        edit_body,
    )
    .also(BLIND),
    row(
        ("edit a header", "one byte of a salt is changed"),
        By::Anyone,
        ("TAMPERED", "entry", "the record"),
        edit_header,
    )
    .also(MOVED),
    row(
        ("delete a record", "header and bodies of one are taken out"),
        By::Anyone,
        ("TAMPERED", "sequence", "its place"),
        |scene| moved(scene, |frames, at| drop(frames.remove(at))),
    )
    .also(MOVED),
    row(
        ("insert a record", "the record before stands there again"),
        By::Anyone,
        ("TAMPERED", "sequence", "its place"),
        |scene| moved(scene, |frames, at| frames.insert(at, frames[at - 1].clone())),
    )
    .also(MOVED),
    row(
        ("reorder records", "two neighbours change places"),
        By::Anyone,
        ("TAMPERED", "sequence", "the first of them"),
        |scene| moved(scene, |frames, at| frames.swap(at, at + 1)),
    )
    .also(MOVED),
    row(
        ("truncate the files", "the last record is cut off, the checkpoint stays"),
        By::Anyone,
        ("TAMPERED", "header-length", "the missing record"),
        truncate,
    )
    .also(MOVED),
    row(
        ("an extra file", "a file, a link or an empty directory is put in"),
        By::Anyone,
        ("TAMPERED", "file-listed", "the file"),
        extra,
    )
    .variants(3),
    row(
        (
            "a file far longer than its line",
            "two terabytes of zeros that take no room on disk; in a tar eight gigabytes",
        ),
        By::Anyone,
        ("TAMPERED", "file-digest", "the file, which is not read"),
        sparse,
    )
    .variants(7)
    .also(&["file-form", "recomputed", "census", "witness", "tile"]),
    row(
        ("the same, and its line says so", "the manifest is signed over such a length"),
        By::Key,
        ("TAMPERED", "file-form", "the file, which is not read"),
        sparse_and_signed,
    )
    .variants(2)
    .also(&["limit"]),
    row(
        ("a missing file", "one file is taken out"),
        By::Anyone,
        ("INCOMPLETE", "file-present", "the file"),
        missing,
    )
    .variants(10)
    .also(&["body-absent", "public-body"]),
    row(
        ("a stripped signature", "the manifest or checkpoint loses its signature line"),
        By::Anyone,
        ("TAMPERED", "note-form", "the note"),
        stripped,
    )
    .variants(2)
    .also(&["file-digest"]),
    row(
        ("a second signature", "a stranger signs the manifest too"),
        By::Anyone,
        ("TAMPERED", "note-form", "`manifest`"),
        second_signature,
    )
    .patched(&[("len(note.signatures) != 1", "len(note.signatures) < 1")]),
    row(
        ("another key's signature", "the manifest is signed with another key of the same name"),
        By::Anyone,
        ("TAMPERED", "signature", "`manifest`"),
        other_signature,
    ),
    row(
        ("other key in the bundle", "all of it is signed by another key, which stands in `keys`"),
        By::Anyone,
        ("UNTRUSTED", "key-reached", "`manifest`"),
        other_key,
    ),
    row(
        ("the same, no key pinned", "the bundle vouches for itself"),
        By::Anyone,
        ("UNTRUSTED", "key-pinned", "`keys`"),
        |scene| Run { key: None, ..other_key(scene).in_file("keys") },
    ),
    row(
        ("a usurped rotation", "`keys` hands over to another key, and the old one did not sign"),
        By::Anyone,
        ("TAMPERED", "keys", "`keys`"),
        usurped,
    )
    .also(&["key-reached", "file-digest"]),
    row(
        ("a rollback, seen by nobody", "an older bundle is shown as the newest"),
        By::Anyone,
        ("INTACT", "", "its size"),
        |scene| scene.run(&scene.base.earlier),
    ),
    row(
        ("a stale bundle", "the same, and the auditor kept a later checkpoint"),
        By::Anyone,
        ("INCOMPLETE", "previous-size", "the lost range"),
        |scene| {
            let kept = scene.base.bundle.join("checkpoint");
            scene.run(&scene.base.earlier).previous(&kept).in_file("the previous checkpoint")
        },
    ),
];

fn edit_body(scene: &mut Scene<'_>) -> Run {
    let bundle = scene.copy(&scene.base.bundle);
    let journal = scene.journal();
    let seq = scene.dice.below(journal.size());
    let before: usize =
        journal.records[..seq].iter().flat_map(|r| &r.bodies).map(|body| body.len() + 4).sum();
    let length = journal.records[seq].bodies[0].len();
    let at = before + 4 + scene.dice.below(length);
    let by = scene.dice.below(255) + 1;
    edit(&bundle.join(BODIES), |bytes| bytes[at] ^= u8::try_from(by).unwrap());
    scene.run(&bundle).at(seq)
}

fn edit_header(scene: &mut Scene<'_>) -> Run {
    let bundle = scene.copy(&scene.base.bundle);
    let (mut seq, byte) = (0, scene.dice.below(16));
    edit(&bundle.join(HEADERS), |bytes| {
        let mut headers = frames(bytes);
        seq = scene.dice.below(headers.len());
        let salt = 4 + previous_at(&headers[seq][4..]) - 16;
        headers[seq][salt + byte] ^= 1;
        *bytes = headers.concat();
    });
    scene.run(&bundle).at(seq)
}

/// A header, and its bodies with their lengths.
type Frame = (Vec<u8>, Vec<u8>);

/// Headers, with their bodies, that change places.
fn moved(scene: &mut Scene<'_>, change: fn(&mut Vec<Frame>, usize)) -> Run {
    let bundle = scene.copy(&scene.base.bundle);
    let journal = scene.journal();
    let mut pairs: Vec<Frame> =
        journal.records.iter().map(|r| (r.header.encode(), framed(&r.bodies))).collect();
    // Among the people: a moved order would also break the rules of its erasure.
    let at = 1 + scene.dice.below(journal.place_of("erasure.ordered") - 2);
    change(&mut pairs, at);
    let (headers, bodies): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
    edit(&bundle.join(HEADERS), |bytes| *bytes = framed(&headers));
    edit(&bundle.join(BODIES), |bytes| *bytes = bodies.concat());
    scene.run(&bundle).at(at)
}

fn truncate(scene: &mut Scene<'_>) -> Run {
    let bundle = scene.copy(&scene.base.bundle);
    let last = scene.journal().size() - 1;
    edit(&bundle.join(HEADERS), |bytes| *bytes = frames(bytes)[..last].concat());
    scene.run(&bundle).at(last)
}

fn extra(scene: &mut Scene<'_>) -> Run {
    let bundle = scene.copy(&scene.base.bundle);
    let file = match scene.variant {
        0 => {
            std::fs::write(bundle.join("records/notes"), "nothing to see").unwrap();
            "records/notes"
        }
        1 => {
            std::os::unix::fs::symlink("keys", bundle.join("more")).unwrap();
            "more"
        }
        _ => {
            std::fs::create_dir(bundle.join("tile/7")).unwrap();
            "tile/7"
        }
    };
    scene.run(&bundle).in_file(file)
}

/// No disk has it, and no verifier may read it.
const SPARSE_BYTES: u64 = 2 << 40;

fn lengthen(path: &Path) {
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(SPARSE_BYTES).unwrap();
}

/// The bodies of a tar get as many zeros as its header can tell.
fn sparse_tar(scene: &mut Scene<'_>) -> Run {
    let bundle = scene.path().with_extension("tar");
    let bytes = std::fs::read(scene.base.tar()).unwrap();
    let is_bodies = |at: &std::ops::Range<usize>| bytes[at.start..].starts_with(BODIES.as_bytes());
    let member = members(&bytes).into_iter().find(is_bodies).unwrap();
    let mut front = bytes[..member.end].to_vec();
    header_field(&mut front[member.start..], 124, b"77777777777");
    let mut file = std::fs::File::create(&bundle).unwrap();
    file.write_all(&front).unwrap();
    let padded = 1 << 33;
    let end = u64::try_from(member.start + 512).unwrap() + padded;
    file.seek(SeekFrom::Start(end)).unwrap();
    file.write_all(&bytes[member.end..]).unwrap();
    scene.run(&bundle).in_file(BODIES)
}

fn sparse(scene: &mut Scene<'_>) -> Run {
    if scene.variant == 6 {
        return sparse_tar(scene);
    }
    let bundle = scene.copy(&scene.base.bundle);
    let tile = format!("tile/0/000.p/{}", scene.journal().size());
    let files = [BODIES, HEADERS, "population", "census", "witness", &tile];
    lengthen(&bundle.join(files[scene.variant]));
    scene.run(&bundle).in_file(files[scene.variant])
}

fn sparse_and_signed(scene: &mut Scene<'_>) -> Run {
    let bundle = scene.copy(&scene.base.bundle);
    let file = [BODIES, HEADERS][scene.variant];
    let bytes = std::fs::metadata(bundle.join(file)).unwrap().len();
    let signer = scene.base.signer();
    edit_text(&bundle.join("manifest"), |note| {
        let text = note.rsplit_once("\n\n").unwrap().0.to_owned() + "\n";
        let (old, new) = (format!(" {bytes} {file}\n"), format!(" {SPARSE_BYTES} {file}\n"));
        signer.sign(&text.replacen(&old, &new, 1)).to_string()
    });
    lengthen(&bundle.join(file));
    scene.run(&bundle).in_file(file)
}

fn missing(scene: &mut Scene<'_>) -> Run {
    let bundle = scene.copy(&scene.base.bundle);
    let names = [
        "manifest",
        "keys",
        "checkpoint",
        "census",
        "population",
        "receipts",
        "witness",
        "VERIFY.md",
        HEADERS,
        BODIES,
    ];
    let file = names[scene.variant];
    std::fs::remove_file(bundle.join(file)).unwrap();
    scene.run(&bundle).in_file(file)
}

fn stripped(scene: &mut Scene<'_>) -> Run {
    let bundle = scene.copy(&scene.base.bundle);
    let file = ["manifest", "checkpoint"][scene.variant];
    edit_text(&bundle.join(file), |note| note.rsplit_once('\u{2014}').unwrap().0.to_owned());
    scene.run(&bundle).in_file(file)
}

fn second_signature(scene: &mut Scene<'_>) -> Run {
    let bundle = scene.copy(&scene.base.bundle);
    edit_text(&bundle.join("manifest"), |note| {
        let text = record::note::Note::parse(note).unwrap().text().to_owned();
        let theirs = thief("somebody.example").sign(&text).to_string();
        format!("{note}{}\n", theirs.lines().last().unwrap())
    });
    scene.run(&bundle).in_file("manifest")
}

fn other_signature(scene: &mut Scene<'_>) -> Run {
    let bundle = scene.copy(&scene.base.bundle);
    let name = name_of(&scene.base.vkey);
    crate::verify::sign_again(&bundle, &thief(&name));
    scene.run(&bundle).in_file("manifest")
}

fn other_key(scene: &mut Scene<'_>) -> Run {
    let bundle = scene.copy(&scene.base.bundle);
    let thief = thief(&name_of(&scene.base.vkey));
    std::fs::write(bundle.join("keys"), format!("{}\n", thief.vkey())).unwrap();
    let checkpoint = scene.journal().checkpoint();
    std::fs::write(bundle.join("checkpoint"), checkpoint.sign(&thief).to_string()).unwrap();
    crate::verify::sign_again(&bundle, &thief);
    scene.run(&bundle).in_file("manifest")
}

fn usurped(scene: &mut Scene<'_>) -> Run {
    let bundle = scene.copy(&scene.base.bundle);
    let thief = thief(&name_of(&scene.base.vkey));
    let text = format!("zegel-key-rotation/v1\n{}\n{}\n", scene.base.vkey, thief.vkey());
    let line = thief.sign(&text).to_string();
    let line = line.lines().last().unwrap();
    let keys = format!("{}\n\n{text}\n{line}\n{line}\n", scene.base.vkey);
    std::fs::write(bundle.join("keys"), keys).unwrap();
    let checkpoint = scene.journal().checkpoint();
    std::fs::write(bundle.join("checkpoint"), checkpoint.sign(&thief).to_string()).unwrap();
    crate::verify::sign_again(&bundle, &thief);
    scene.run(&bundle).in_file("keys")
}
