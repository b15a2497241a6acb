//! Notes, keys, checkpoints and origins: what C2SP asks, and what has one form only.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use record::checkpoint::Checkpoint;
use record::note::{Note, NoteError, NoteSigner, SIGNATURES_MAX, Vkey};
use record::{Hash, JournalId, Origin, Plaintext, body_digest};

use crate::examples::{TEST_SEED, golden_text, signer, tenant};

fn checkpoint_note() -> String {
    golden_text("checkpoint.txt")
}

#[test]
fn the_example_of_the_specification_parses() {
    // SOURCE: C2SP signed-note, "Note": its one example.
    let text = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\n\
        ed è subito sera.\n\n\u{2014} quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO\
        /5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";
    let note = Note::parse(text).unwrap();
    assert!(note.text().ends_with("ed è subito sera.\n"), "the last blank line divides");
    assert_eq!(note.verify(&signer().vkey()), Err(NoteError::Unsigned));
}

#[test]
fn unknown_signatures_are_ignored_whatever_their_length() {
    let known = checkpoint_note();
    let cosigned = format!("{known}\u{2014} witness.example/w {}\n", encoded(&[9; 76]));
    let note = Note::parse(&cosigned).unwrap();
    assert_eq!(note.signature_count(), 2);
    assert_eq!(note.verify(&signer().vkey()), Ok(()));
    let same_name = format!("\u{2014} {} {}\n", signer().vkey().name(), encoded(&[1; 68]));
    let other_key_first = known.replacen("\n\n", &format!("\n\n{same_name}"), 1);
    assert_eq!(Note::parse(&other_key_first).unwrap().verify(&signer().vkey()), Ok(()));
}

#[test]
fn a_changed_text_or_signature_does_not_verify() {
    let vkey = signer().vkey();
    let changed = checkpoint_note().replacen("/0\n2\n", "/0\n3\n", 1);
    assert_eq!(Note::parse(&changed).unwrap().verify(&vkey), Err(NoteError::Signature));

    let hash = vkey.key_hash();
    for length in [4 + 1, 4 + 63, 4 + 64, 4 + 65] {
        let mut bytes = vec![7u8; length];
        bytes[..4].copy_from_slice(&hash);
        let forged = format!("a\n\n\u{2014} {} {}\n", vkey.name(), encoded(&bytes));
        assert_eq!(Note::parse(&forged).unwrap().verify(&vkey), Err(NoteError::Signature));
    }
}

#[test]
fn a_signature_with_a_scalar_over_the_order_is_refused() {
    let note = golden_text("note.txt");
    let (start, signature) = note.trim_end().rsplit_once(' ').unwrap();
    let mut bytes = BASE64_STANDARD.decode(signature).unwrap();
    add_group_order(&mut bytes[4 + 32..]);
    let malleated = format!("{start} {}\n", encoded(&bytes));
    let verdict = Note::parse(&malleated).unwrap().verify(&signer().vkey());
    assert_eq!(verdict, Err(NoteError::Signature));
}

/// Adds the order of the base point to a little-endian scalar: the same scalar, written again.
fn add_group_order(scalar: &mut [u8]) {
    const ORDER: [u8; 16] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14,
    ];
    let mut order = [0u8; 32];
    order[..16].copy_from_slice(&ORDER);
    order[31] = 0x10;
    let mut carry = 0u16;
    for (byte, add) in scalar.iter_mut().zip(order) {
        let [high, low] = (u16::from(*byte) + u16::from(add) + carry).to_be_bytes();
        (*byte, carry) = (low, u16::from(high));
    }
}

#[test]
fn notes_have_one_form() {
    let good = checkpoint_note();
    let line = good.lines().last().unwrap().to_owned();
    let wrong = [
        good.trim_end().to_owned(),
        good.replace('\n', "\r\n"),
        good.replacen("\n\n", "\n", 1),
        good.replace('\u{2014}', "-"),
        good.replace("\u{2014} ", "\u{2014}  "),
        format!("{good}\n"),
        format!("{good}extra\n"),
        good.replacen("zegel/", "zegel\u{7}/", 1),
        good.replacen("zegel/", "zegel\t/", 1),
        good.replace("=\n\n", "=\n\n\u{2014} a+b AAAAAAE=\n"),
        good.replace("=\n\n", "=\n\n\u{2014} a AAAAAA==\n"),
        format!("a\n\n{}\n", line.trim_end_matches('=')),
        format!("a\n\n{}\n", line.replace("A4=", "A5=").replace("YcQY=", "YcQZ=")),
        String::new(),
        "\n\n".to_owned(),
        "a\n\n\n".to_owned(),
    ];
    for text in wrong {
        assert_eq!(Note::parse(&text), Err(NoteError::Format), "{text:?}");
    }
}

#[test]
fn a_note_has_a_limit_of_signatures() {
    let lines = |count| format!("a\n\n{}", "\u{2014} w AAAAAAE=\n".repeat(count));
    assert_eq!(Note::parse(&lines(SIGNATURES_MAX)).unwrap().signature_count(), SIGNATURES_MAX);
    assert_eq!(Note::parse(&lines(SIGNATURES_MAX + 1)), Err(NoteError::Format));
}

#[test]
fn keys_have_one_form() {
    let good = signer().vkey().to_string();
    let (name, rest) = good.split_once('+').unwrap();
    let (hash, key) = rest.split_once('+').unwrap();
    let wrong = [
        format!("{name}+{}+{key}", hash.to_uppercase()),
        format!("{name}+0{hash}+{key}"),
        format!("{name}+00000000+{key}"),
        format!("other+{hash}+{key}"),
        format!("{good}\n"),
        format!(" {good}"),
        format!("{good}="),
        format!("{name}+{hash}"),
        format!("+{hash}+{key}"),
    ];
    for text in wrong {
        assert_eq!(Vkey::parse(&text), Err(NoteError::Key), "{text:?}");
    }
}

#[test]
fn weak_and_unreduced_keys_are_refused() {
    // The identity; and every y from p on, each the second encoding of a point.
    let mut identity = [0u8; 32];
    identity[0] = 1;
    assert_eq!(Vkey::parse(&vkey_text("n", &identity)), Err(NoteError::Key));
    let unreduced = (0u8..19).map(|y| {
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (0xed + y, 0x7f);
        bytes
    });
    for bytes in unreduced {
        assert_eq!(Vkey::parse(&vkey_text("n", &bytes)), Err(NoteError::Key), "{bytes:?}");
    }
    let real = BASE64_STANDARD.decode(signer().vkey().to_string().splitn(3, '+').nth(2).unwrap());
    let real: [u8; 32] = real.unwrap()[1..].try_into().unwrap();
    assert!(Vkey::parse(&vkey_text("n", &real)).is_ok(), "the helper makes keys that parse");
}

fn vkey_text(name: &str, key: &[u8; 32]) -> String {
    use sha2::{Digest as _, Sha256};
    let typed = [&[1u8], key.as_slice()].concat();
    let hash = Sha256::digest([name.as_bytes(), b"\n", &typed].concat());
    let hash = u32::from_be_bytes(hash[..4].try_into().unwrap());
    format!("{name}+{hash:08x}+{}", encoded(&typed))
}

#[test]
fn names_of_keys() {
    for name in ["", "a b", "a+b", "a\nb", "a\u{a0}b", "a\u{2003}b", "a\u{7f}b"] {
        assert_eq!(NoteSigner::new(name, TEST_SEED).unwrap_err(), NoteError::Key, "{name:?}");
    }
    assert!(NoteSigner::new("école.example/zegel", TEST_SEED).is_ok());
}

#[test]
fn a_text_that_would_never_parse_is_not_signed() {
    for text in ["no line end", "tab\t\n", "return\r\n", ""] {
        let signed = std::panic::catch_unwind(|| signer().sign(text));
        assert!(signed.is_err(), "{text:?}");
    }
}

#[test]
fn nothing_secret_is_printed() {
    let printed = format!("{:?}", signer());
    assert!(!printed.contains("zegel test seed") && printed.ends_with(", ..)"), "{printed}");
    assert_eq!(format!("{:?}", Plaintext::new(TEST_SEED.to_vec())), "Plaintext(..)");
}

#[test]
fn checkpoints_have_one_form() {
    let note = checkpoint_note();
    let (text, _) = note.split_once("\n\n").unwrap();
    let good = format!("{text}\n");
    assert!(Checkpoint::parse(&good).is_ok());
    let wrong = [
        text.to_owned(),
        good.replace("\n2\n", "\n02\n"),
        good.replace("\n2\n", "\n+2\n"),
        good.replace("\n2\n", "\n-2\n"),
        good.replace("\n2\n", "\n 2\n"),
        good.replace("\n2\n", "\n18446744073709551616\n"),
        good.replace("kI=\n", "kJ=\n"),
        good.replace("kI=\n", "kI\n"),
        good.replace('\n', "\r\n"),
        format!("{good}extension\n"),
        format!("{good}\n"),
        good.replace("/0\n", "/00\n"),
    ];
    for text in wrong {
        assert_ne!(text, good);
        assert_eq!(Checkpoint::parse(&text), Err(NoteError::Format), "{text:?}");
    }
}

#[test]
fn origins_have_one_form() {
    let good = Origin { journal: tenant(), era: 12 };
    assert_eq!(Origin::parse(&good.to_string()), Some(good));
    let hex = tenant().to_string();
    let wrong = [
        format!("zegel/{hex}"),
        format!("zegel/{hex}/"),
        format!("zegel/{hex}/012"),
        format!("zegel/{hex}/+12"),
        format!("zegel/{hex}/12/"),
        format!("zegel/{hex}/4294967296"),
        format!("Zegel/{hex}/12"),
        format!("zegel/{}/12", hex.to_uppercase()),
        format!("zegel/{}/12", hex.strip_prefix('a').unwrap()),
        format!("zegel/{hex}0/12"),
        format!(" zegel/{hex}/12"),
        format!("zegel/{hex}/12\n"),
    ];
    for text in wrong {
        assert_eq!(Origin::parse(&text), None, "{text:?}");
    }
    assert_eq!(JournalId::from_hex(&"é".repeat(16)), None, "32 bytes that are no digits");
}

#[test]
fn a_hash_is_read_in_the_one_form_it_is_printed_in() {
    let hash = body_digest(b"");
    let hex = hash.to_string();
    assert_eq!(Hash::from_hex(&hex), Some(hash));
    let short = hex.strip_prefix('a').unwrap();
    let wrong = [hex.to_uppercase(), short.to_owned(), format!("{hex}0"), "é".repeat(32)];
    for text in wrong {
        assert_eq!(Hash::from_hex(&text), None, "{text:?}");
    }
}

fn encoded(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}
