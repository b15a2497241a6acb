//! Bytes that mean the same to a lenient reader: each has one form, and another is tampered.

use record::checkpoint::Checkpoint;
use record::note::Vkey;
use sha2::{Digest as _, Sha256};

use super::forge::{Run, Scene, edit, edit_text, previous_at, thief};
use super::table::{Attack, By, row};

/// The order of the Ed25519 group, little-endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];
/// The neutral point: a "public key" for which everybody can sign.
const NEUTRAL: [u8; 32] = {
    let mut point = [0; 32];
    point[0] = 1;
    point
};

pub(super) const NOTES: &[Attack] = &[
    row(
        ("base64 of another form", "no padding, or a bit that nobody reads"),
        By::Anyone,
        ("TAMPERED", "note-form", "`manifest`"),
        base64_form,
    )
    .variants(2),
    row(
        ("a bit that nobody reads", "the last letter of a signature's base64"),
        By::Anyone,
        ("TAMPERED", "note-form", "`manifest`"),
        |scene| Run { ..with_variant(scene, 1, base64_form) },
    )
    .patched(&[("ask(base64.b64encode(data).decode() == text, \"not canonical base64\")", "pass")]),
    row(
        ("a malleable signature", "the group's order is added to S"),
        By::Anyone,
        ("TAMPERED", "signature", "`manifest`"),
        malleable,
    ),
    row(
        ("a key of small order", "a rotation to the neutral point, for which anybody signs"),
        By::Key,
        ("TAMPERED", "keys", "`keys`"),
        small_order,
    )
    .also(&["key-reached"])
    .patched(&[
        ("ask(y < P and y not in SMALL_ORDER and on_curve(y)", "ask(y < P and on_curve(y)"),
        ("or point_y(signature[:32]) in SMALL_ORDER", ""),
    ]),
    row(
        (
            "note lines of another form",
            "a carriage return, a plain dash, a blank at the end, two blanks, no last line end",
        ),
        By::Anyone,
        ("TAMPERED", "note-form", "`manifest`"),
        note_lines,
    )
    .variants(5),
];

pub(super) const TEXTS: &[Attack] = &[
    row(
        (
            "a manifest of another form",
            "a line twice, lines out of order, upper-case digits, a leading zero, a plus sign, \
                 an older title",
        ),
        By::Key,
        ("TAMPERED", "manifest-form", "`manifest`"),
        manifest_form,
    )
    .variants(6)
    .also(&["manifest-lines", "manifest-checkpoint"]),
    row(
        ("a manifest with a line less or more", "`census` is not listed, or `more` is"),
        By::Key,
        ("TAMPERED", "manifest-lines", "`manifest`"),
        manifest_lines,
    )
    .variants(2),
    row(
        ("a manifest of another size", "it says one record more than the checkpoint"),
        By::Key,
        ("TAMPERED", "manifest-checkpoint", "`manifest`"),
        |scene| {
            signed_manifest(scene, |text| {
                let size = text.lines().nth(2).unwrap().to_owned();
                let more = size.parse::<u64>().unwrap() + 1;
                text.replacen(&format!("\n{size}\n"), &format!("\n{more}\n"), 1)
            })
        },
    ),
    row(
        (
            "a checkpoint of another form",
            "a leading zero, a plus sign, an extension line, another base64 of the root",
        ),
        By::Key,
        ("TAMPERED", "checkpoint-form", "`checkpoint`"),
        checkpoint_form,
    )
    .variants(4)
    .also(&["witness"]),
    row(
        ("a statement of another form", "a line stands twice in `census`"),
        By::Key,
        ("TAMPERED", "census", "`census`"),
        |scene| {
            statement(scene, "census", |text| {
                let line = text.lines().nth(1).unwrap().to_owned();
                text.replacen(&line, &format!("{line}\n{line}"), 1)
            })
        },
    ),
    row(
        ("a count that was changed", "`population` says one event more"),
        By::Key,
        ("TAMPERED", "recomputed", "`population`"),
        |scene| statement(scene, "population", |text| text.replacen("records ", "records 1", 1)),
    ),
    row(
        ("an erasure left out of the list", "`receipts` loses its last line"),
        By::Key,
        ("TAMPERED", "recomputed", "`receipts`"),
        |scene| {
            statement(scene, "receipts", |text| {
                text.trim_end().rsplit_once('\n').unwrap().0.to_owned() + "\n"
            })
        },
    ),
    row(
        ("a key that is said to be destroyed", "`census` says so without a receipt"),
        By::Key,
        ("TAMPERED", "census", "`census`"),
        |scene| statement(scene, "census", |text| text.replacen("present", "destroyed", 1)),
    ),
    row(
        ("bytes behind the last record", "a headers file goes on"),
        By::Key,
        ("TAMPERED", "file-form", "`records/headers/…`"),
        |scene| {
            let bundle = scene.copy(&scene.base.bundle);
            edit(&bundle.join("records/headers/00000000"), |bytes| bytes.push(0));
            scene.sign_again(&bundle);
            scene.run(&bundle).in_file("records/headers/00000000")
        },
    ),
    row(
        (
            "a header of another form, or of an older version",
            "a byte more, an unknown kind of part, a length that is not padded, upper case, \
                 format version 0",
        ),
        By::Key,
        ("TAMPERED", "header-form", "the record"),
        header_form,
    )
    .variants(5),
];

pub(super) const ARCHIVES: &[Attack] = &[row(
    (
        "a tar of another form",
        "a time, an owner, a link, a GNU header, a file twice, two files changed over, \
                 bytes at the end, a block of zeros less",
    ),
    By::Anyone,
    ("TAMPERED", "archive-canonical", "the byte"),
    tar_form,
)
.variants(8)
.also(&["file-present", "file-listed", "file-digest"])];

fn with_variant(scene: &mut Scene<'_>, variant: usize, make: fn(&mut Scene<'_>) -> Run) -> Run {
    scene.variant = variant;
    make(scene)
}

/// The signature of the manifest's note, changed as text.
fn signature(scene: &mut Scene<'_>, change: impl FnOnce(&str) -> String) -> Run {
    let bundle = scene.copy(&scene.base.bundle);
    edit_text(&bundle.join("manifest"), |note| {
        let (front, signature) = note.trim_end().rsplit_once(' ').unwrap();
        format!("{front} {}\n", change(signature))
    });
    scene.run(&bundle).in_file("manifest")
}

fn base64_form(scene: &mut Scene<'_>) -> Run {
    let variant = scene.variant;
    signature(scene, |signature| match variant {
        0 => signature.trim_end_matches('=').to_owned(),
        _ => {
            // 68 bytes end in a group of two: two bits of the third letter say nothing.
            let (front, last) = signature.split_at(signature.len() - 2);
            let letter = letters().iter().position(|letter| *letter == last.as_bytes()[0]).unwrap();
            format!("{front}{}=", char::from(letters()[letter + 1]))
        }
    })
}

const fn letters() -> &'static [u8; 64] {
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
}

fn decode(text: &str) -> Vec<u8> {
    let value = |letter: u8| letters().iter().position(|l| *l == letter).unwrap();
    let text = text.trim_end_matches('=').as_bytes();
    let mut bytes = Vec::new();
    for group in text.chunks(4) {
        let bits = group.iter().fold(0, |bits, letter| bits << 6 | value(*letter));
        let bits = bits << (6 * (4 - group.len()));
        let three = [bits >> 16, bits >> 8, bits].map(|byte| u8::try_from(byte & 255).unwrap());
        bytes.extend_from_slice(&three[..group.len() - 1]);
    }
    bytes
}

pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | usize::from(*group.get(at).unwrap_or(&0)));
        for at in 0..4 {
            let letter = char::from(letters()[bits >> (18 - 6 * at) & 63]);
            text.push(if at <= group.len() { letter } else { '=' });
        }
    }
    text
}

fn malleable(scene: &mut Scene<'_>) -> Run {
    signature(scene, |signature| {
        let mut bytes = decode(signature);
        let mut carry = 0;
        for (byte, order) in bytes[36..].iter_mut().zip(ORDER) {
            let sum = u16::from(*byte) + u16::from(order) + carry;
            (*byte, carry) = (u8::try_from(sum & 255).unwrap(), sum >> 8);
        }
        assert_eq!(carry, 0);
        encode(&bytes)
    })
}

/// A note "signed" for the neutral point: R is the neutral point too, S is zero.
fn neutral_line(name: &str, id: &[u8]) -> String {
    format!("\u{2014} {name} {}\n", encode(&[id, &NEUTRAL, &[0; 32]].concat()))
}

fn small_order(scene: &mut Scene<'_>) -> Run {
    let bundle = scene.copy(&scene.base.bundle);
    let name = "weak.example";
    let typed = [&[1], &NEUTRAL[..]].concat();
    let id = Sha256::digest([name.as_bytes(), b"\n", &typed].concat());
    let id = &id[..4];
    let hex: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    let vkey = format!("{name}+{hex}+{}", encode(&typed));
    assert!(Vkey::parse(&vkey).is_err());
    let real = &scene.base.vkey;
    let rotation = scene.base.signer().sign(&format!("zegel-key-rotation/v1\n{real}\n{vkey}\n"));
    let keys = format!("{real}\n\n{rotation}{}", neutral_line(name, id));
    std::fs::write(bundle.join("keys"), keys).unwrap();
    let text = scene.journal().checkpoint().text();
    std::fs::write(bundle.join("checkpoint"), format!("{text}\n{}", neutral_line(name, id)))
        .unwrap();
    scene.sign_again(&bundle);
    edit_text(&bundle.join("manifest"), |note| {
        let text = note.rsplit_once("\n\n").unwrap().0;
        format!("{text}\n\n{}", neutral_line(name, id))
    });
    scene.run(&bundle).in_file("keys")
}

fn note_lines(scene: &mut Scene<'_>) -> Run {
    let bundle = scene.copy(&scene.base.bundle);
    let variant = scene.variant;
    edit_text(&bundle.join("manifest"), |note| match variant {
        0 => note.replacen("\n\n", "\r\n\n", 1),
        1 => note.replace('\u{2014}', "-"),
        2 => format!("{} \n", note.trim_end()),
        3 => note.replace("\u{2014} ", "\u{2014}  "),
        _ => note.trim_end().to_owned(),
    });
    scene.run(&bundle).in_file("manifest")
}

/// The manifest's text changed and signed with the real key.
fn signed_manifest(scene: &mut Scene<'_>, change: impl FnOnce(&str) -> String) -> Run {
    let bundle = scene.copy(&scene.base.bundle);
    let signer = scene.base.signer();
    edit_text(&bundle.join("manifest"), |note| {
        let text = note.rsplit_once("\n\n").unwrap().0.to_owned() + "\n";
        signer.sign(&change(&text)).to_string()
    });
    scene.run(&bundle).in_file("manifest")
}

fn manifest_form(scene: &mut Scene<'_>) -> Run {
    let variant = scene.variant;
    signed_manifest(scene, |text| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        match variant {
            0 => lines.push(lines.last().unwrap().clone()),
            1 => lines.swap(3, 4),
            2 => lines[3] = lines[3].to_uppercase().replace("VERIFY.MD", "VERIFY.md"),
            3 => lines[3] = lines[3].replacen(' ', " 0", 1),
            4 => lines[2] = format!("+{}", lines[2]),
            _ => lines[0] = "zegel-bundle/v0".to_owned(),
        }
        lines.join("\n") + "\n"
    })
}

fn manifest_lines(scene: &mut Scene<'_>) -> Run {
    let variant = scene.variant;
    signed_manifest(scene, |text| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let census = lines.iter().position(|line| line.ends_with(" census")).unwrap();
        if variant == 0 {
            lines.remove(census);
        } else {
            let at = lines.iter().position(|line| line.ends_with(" population")).unwrap();
            lines.insert(at, lines[census].replace(" census", " more"));
        }
        lines.join("\n") + "\n"
    })
}

fn checkpoint_form(scene: &mut Scene<'_>) -> Run {
    let bundle = scene.copy(&scene.base.bundle);
    let checkpoint = scene.journal().checkpoint();
    let (size, text) = (checkpoint.head.size, checkpoint.text());
    let text = match scene.variant {
        0 => text.replacen(&format!("\n{size}\n"), &format!("\n0{size}\n"), 1),
        1 => text.replacen(&format!("\n{size}\n"), &format!("\n+{size}\n"), 1),
        2 => format!("{text}extension\n"),
        _ => text.replace('=', ""),
    };
    assert!(Checkpoint::parse(&text).is_err());
    std::fs::write(bundle.join("checkpoint"), scene.base.signer().sign(&text).to_string()).unwrap();
    scene.sign_again(&bundle);
    scene.run(&bundle).in_file("checkpoint")
}

/// A text file changed, and the manifest signed again.
fn statement(scene: &mut Scene<'_>, file: &str, change: fn(&str) -> String) -> Run {
    let bundle = scene.copy(&scene.base.bundle);
    edit_text(&bundle.join(file), change);
    scene.sign_again(&bundle);
    scene.run(&bundle).in_file(file)
}

fn header_form(scene: &mut Scene<'_>) -> Run {
    let journal = scene.journal();
    let (seq, _, _, _) = journal.living()[0];
    let variant = scene.variant;
    let bundle = scene.write_raw(&journal, |headers| {
        let header = &mut headers[seq];
        let parts = previous_at(header) + 33;
        match variant {
            0 => header.push(0),
            1 => header[parts] = 2,
            2 => header[parts + 36] ^= 1,
            3 => header[41] = b'P',
            _ => header[3] = 0,
        }
    });
    scene.run(&bundle).at(seq)
}

fn tar_form(scene: &mut Scene<'_>) -> Run {
    let bundle = scene.path().with_extension("tar");
    let mut bytes = std::fs::read(scene.base.tar()).unwrap();
    let members = members(&bytes);
    let (first, second) = (members[0].clone(), members[1].clone());
    match scene.variant {
        0 => header_field(&mut bytes[first.start..], 136, b"14775555555"),
        1 => header_field(&mut bytes[first.start..], 108, b"0001750"),
        2 => header_field(&mut bytes[first.start..], 156, b"2"),
        3 => header_field(&mut bytes[first.start..], 257, b"ustar  \0"),
        4 => {
            let again = bytes[first.clone()].to_vec();
            bytes.splice(first.end..first.end, again).for_each(drop);
        }
        5 => {
            let turned = [&bytes[second.clone()], &bytes[first.clone()]].concat();
            bytes.splice(first.start..second.end, turned).for_each(drop);
        }
        6 => bytes.extend_from_slice(&[0; 512]),
        _ => bytes.truncate(bytes.len() - 512),
    }
    std::fs::write(&bundle, bytes).unwrap();
    scene.run(&bundle)
}

/// Header and padded content of each file of a tar.
pub(super) fn members(tar: &[u8]) -> Vec<std::ops::Range<usize>> {
    let (mut members, mut at) = (Vec::new(), 0);
    while tar[at] != 0 {
        let size = std::str::from_utf8(&tar[at + 124..at + 135]).unwrap();
        let size = usize::from_str_radix(size, 8).unwrap();
        let end = at + 512 + size.div_ceil(512) * 512;
        members.push(at..end);
        at = end;
    }
    members
}

/// Changes a field of a tar header, and its checksum after it.
pub(super) fn header_field(header: &mut [u8], at: usize, value: &[u8]) {
    header[at..at + value.len()].copy_from_slice(value);
    header[148..156].copy_from_slice(b"        ");
    let sum: u32 = header[..512].iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:07o}\0").as_bytes());
}

/// A checkpoint that a stranger signed.
pub(super) fn by_nobody(scene: &mut Scene<'_>, checkpoint: &Checkpoint) -> std::path::PathBuf {
    let path = scene.path();
    std::fs::write(&path, checkpoint.sign(&thief("thief.example")).to_string()).unwrap();
    path
}
