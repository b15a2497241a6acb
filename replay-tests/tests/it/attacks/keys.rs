//! Ed25519 at its edges: signatures and keys that some verifiers take and others do not, a key that
//! was retired, and two keys that a signature line cannot tell apart.

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use record::note::{Note, NoteSigner, Vkey};
use sha2::{Digest as _, Sha256, Sha512};

use super::forge::{Run, Scene};
use super::notes::encode;
use super::table::{Attack, By, row};

/// The neutral point.
const NEUTRAL: [u8; 32] = first_byte(1);
/// The neutral point with the sign of its x, which is zero.
const NEUTRAL_NEGATIVE: [u8; 32] = {
    let mut point = NEUTRAL;
    point[31] = 0x80;
    point
};
/// The neutral point with y + 2²⁵⁵ − 19.
const NEUTRAL_NOT_REDUCED: [u8; 32] = {
    let mut point = [0xff; 32];
    (point[0], point[31]) = (0xee, 0x7f);
    point
};
/// A point of order 8.
const EIGHTH: [u8; 32] = [
    0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
    0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
];
/// Two secrets whose keys have one id under this name: found among 131,040.
const TWINS: (&str, [u64; 2]) = ("twin.example", [123_945, 131_039]);

const R_SMALL: (&str, &str) = ("or point_y(signature[:32]) in SMALL_ORDER", "");

const fn first_byte(byte: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = byte;
    bytes
}

pub(super) const KEYS: &[Attack] = &[
    row(
        ("a signature whose R is of small order", "R is the neutral point, S follows"),
        By::Key,
        ("TAMPERED", "signature", "`manifest`"),
        |scene| {
            let hand = Hand::new(scene, Torsion::No);
            signed(scene, &hand, |hand, text| hand.sign_under(text, NEUTRAL))
        },
    )
    .patched(&[R_SMALL]),
    row(
        ("a signature whose R is not reduced", "the same point, its y written as 2²⁵⁵ − 18"),
        By::Key,
        ("TAMPERED", "signature", "`manifest`"),
        |scene| {
            let hand = Hand::new(scene, Torsion::No);
            signed(scene, &hand, |hand, text| hand.sign_under(text, NEUTRAL_NOT_REDUCED))
        },
    ),
    row(
        (
            "a signature that the cofactor saves",
            "a point of order 8 is added to R, or to the key that signs",
        ),
        By::Key,
        ("TAMPERED", "signature", "`manifest`"),
        |scene| {
            let torsion = [Torsion::No, Torsion::Yes][scene.variant];
            let hand = Hand::new(scene, torsion);
            let sign = [Hand::sign_with_torsion, Hand::sign_unsound][scene.variant];
            signed(scene, &hand, sign)
        },
    )
    .variants(2),
    row(
        (
            "a key with a torsion component",
            "a point of order 8 is added to it; it signs where that point falls out",
        ),
        By::Key,
        (
            "INTACT-WITH-ERASURES",
            "",
            "nothing: both verifiers accept it, by the equation without the cofactor",
        ),
        |scene| {
            let hand = Hand::new(scene, Torsion::Yes);
            Run { file: None, ..signed(scene, &hand, Hand::sign) }
        },
    ),
    row(
        ("a key that is not reduced", "a rotation to the neutral point, y written as 2²⁵⁵ − 18"),
        By::Key,
        ("TAMPERED", "keys", "`keys`"),
        |scene| weak(scene, NEUTRAL_NOT_REDUCED),
    )
    .also(&["key-reached"])
    .patched(&[("ask(y < P and y not in", "ask(y not in"), R_SMALL]),
    row(
        ("a key whose x is zero and negative", "a rotation to the neutral point with a sign"),
        By::Key,
        ("TAMPERED", "keys", "`keys`"),
        |scene| weak(scene, NEUTRAL_NEGATIVE),
    )
    .also(&["key-reached"])
    .patched(&[
        ("ask(y < P and y not in SMALL_ORDER and on_curve(y)", "ask(y < P and on_curve(y)"),
        R_SMALL,
    ]),
    row(
        (
            "a key that a signature line cannot tell from another",
            "two rotations, to two keys of one name and one 32-bit id",
        ),
        By::Key,
        ("TAMPERED", "keys", "`keys`"),
        twins,
    )
    .patched(&[("ask((new.name, new.id) not in", "ask(new not in")]),
    row(
        ("a retired key that signs", "after its rotation; `keys` shows it"),
        By::Key,
        ("INTACT-WITH-ERASURES", "", "nowhere: it takes the newest key, pinned"),
        |scene| retired(scene).0,
    ),
    row(
        ("the same, the newest key pinned", "the auditor learned of the rotation"),
        By::Key,
        ("UNTRUSTED", "key-reached", "`manifest`"),
        |scene| {
            let (run, newest) = retired(scene);
            Run { key: Some(newest), ..run }.in_file("manifest")
        },
    ),
];

/// What is added to a key besides a multiple of the base point.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Torsion {
    No,
    Yes,
}

/// A signer whose every number is at hand.
struct Hand {
    name: &'static str,
    secret: Scalar,
    public: [u8; 32],
}

fn eighth() -> EdwardsPoint {
    CompressedEdwardsY(EIGHTH).decompress().unwrap()
}

impl Hand {
    fn new(scene: &mut Scene<'_>, torsion: Torsion) -> Self {
        let bytes = [scene.dice.id(), scene.dice.id()].concat();
        let secret = Scalar::from_bytes_mod_order(bytes.try_into().unwrap());
        let sound = EdwardsPoint::mul_base(&secret);
        let point = if torsion == Torsion::Yes { sound + eighth() } else { sound };
        Self { name: "hand.example", secret, public: point.compress().0 }
    }

    fn challenge(&self, text: &str, r: [u8; 32]) -> Scalar {
        let hash = Sha512::digest([&r, &self.public, text.as_bytes()].concat());
        Scalar::from_bytes_mod_order_wide(&hash.into())
    }

    /// R and S, for an R that is said to be the multiple `of` the base point.
    fn answer(&self, text: &str, r: [u8; 32], of: Scalar) -> [[u8; 32]; 2] {
        [r, (of + self.challenge(text, r) * self.secret).to_bytes()]
    }

    fn under(&self, text: &str, keep: fn(Scalar) -> bool) -> [[u8; 32]; 2] {
        let number = |of: u64| (Scalar::from(of), EdwardsPoint::mul_base(&Scalar::from(of)));
        let mut numbers = (1..).map(number).map(|(of, point)| (of, point.compress().0));
        let (of, r) = numbers.find(|(_, r)| keep(self.challenge(text, *r))).unwrap();
        self.answer(text, r, of)
    }

    /// A signature that holds without the cofactor, of a key with torsion too: the challenge is a
    /// multiple of eight.
    fn sign(&self, text: &str) -> [[u8; 32]; 2] {
        self.under(text, |challenge| challenge.to_bytes()[0] & 7 == 0)
    }

    /// One that leaves eight times nothing of the torsion of its key, and once something.
    fn sign_unsound(&self, text: &str) -> [[u8; 32]; 2] {
        self.under(text, |challenge| challenge.to_bytes()[0] & 7 != 0)
    }

    /// The same, with the torsion in R.
    fn sign_with_torsion(&self, text: &str) -> [[u8; 32]; 2] {
        let of = Scalar::from(7_u64);
        self.answer(text, (EdwardsPoint::mul_base(&of) + eighth()).compress().0, of)
    }

    /// One with an R of zero times the base point.
    fn sign_under(&self, text: &str, r: [u8; 32]) -> [[u8; 32]; 2] {
        self.answer(text, r, Scalar::ZERO)
    }

    fn vkey(&self) -> String {
        vkey(self.name, self.public)
    }

    fn line(&self, signature: [[u8; 32]; 2]) -> String {
        line(self.name, self.public, signature)
    }
}

fn id(name: &str, public: [u8; 32]) -> [u8; 4] {
    let hash = Sha256::digest([name.as_bytes(), b"\n\x01", &public].concat());
    hash[..4].try_into().unwrap()
}

fn vkey(name: &str, public: [u8; 32]) -> String {
    let id = u32::from_be_bytes(id(name, public));
    format!("{name}+{id:08x}+{}", encode(&[&[1], &public[..]].concat()))
}

fn line(name: &str, public: [u8; 32], signature: [[u8; 32]; 2]) -> String {
    let signature = signature.concat();
    format!("\u{2014} {name} {}\n", encode(&[&id(name, public), &signature[..]].concat()))
}

/// A history of the real key and another, whose signature line under the rotation is given.
fn history(scene: &Scene<'_>, to: &str, by_new: impl FnOnce(&str) -> String) -> String {
    let real = &scene.base.vkey;
    let text = format!("zegel-key-rotation/v1\n{real}\n{to}\n");
    format!("{real}\n\n{}{}", scene.base.signer().sign(&text), by_new(&text))
}

/// The real bundle with other keys, and the checkpoint and manifest signed as given.
fn with_notes(
    scene: &mut Scene<'_>,
    keys: String,
    checkpoint: impl FnOnce(&str) -> String,
    manifest: impl FnOnce(&str) -> String,
) -> Run {
    let bundle = scene.copy(&scene.base.bundle);
    std::fs::write(bundle.join("keys"), keys).unwrap();
    let text = scene.journal().checkpoint().text();
    std::fs::write(bundle.join("checkpoint"), format!("{text}\n{}", checkpoint(&text))).unwrap();
    scene.sign_again(&bundle);
    let path = bundle.join("manifest");
    let note = Note::parse(&std::fs::read_to_string(&path).unwrap()).unwrap();
    std::fs::write(&path, format!("{}\n{}", note.text(), manifest(note.text()))).unwrap();
    scene.run(&bundle)
}

/// The real key hands over to the hand, which signs all but the manifest as it should.
fn signed(scene: &mut Scene<'_>, hand: &Hand, sign: fn(&Hand, &str) -> [[u8; 32]; 2]) -> Run {
    assert!(Vkey::parse(&hand.vkey()).is_ok());
    let keys = history(scene, &hand.vkey(), |text| hand.line(hand.sign(text)));
    let checkpoint = |text: &str| hand.line(hand.sign(text));
    let manifest = |text: &str| hand.line(sign(hand, text));
    with_notes(scene, keys, checkpoint, manifest).in_file("manifest")
}

/// The real key hands over to a point for which anybody signs, with R the neutral point and S zero.
fn weak(scene: &mut Scene<'_>, point: [u8; 32]) -> Run {
    let name = "weak.example";
    let vkey = vkey(name, point);
    assert!(Vkey::parse(&vkey).is_err());
    let by_anybody = |_: &str| line(name, point, [NEUTRAL, [0; 32]]);
    let keys = history(scene, &vkey, by_anybody);
    with_notes(scene, keys, by_anybody, by_anybody).in_file("keys")
}

fn last_line(note: &Note) -> String {
    note.to_string().lines().last().unwrap().to_owned() + "\n"
}

/// Both twins are in the history; the real key signs on.
fn twins(scene: &mut Scene<'_>) -> Run {
    let (name, secrets) = TWINS;
    let twins = secrets.map(|secret| {
        let mut bytes = [0; 32];
        bytes[24..].copy_from_slice(&secret.to_be_bytes());
        NoteSigner::new(name, &bytes).unwrap()
    });
    let [one, other] = [0, 1].map(|at| twins[at].vkey());
    assert!(one != other && one.key_hash() == other.key_hash());
    let mut keys = history(scene, &one.to_string(), |text| last_line(&twins[0].sign(text)));
    let text = format!("zegel-key-rotation/v1\n{one}\n{other}\n");
    keys += &format!("\n{}{}", twins[0].sign(&text), last_line(&twins[1].sign(&text)));
    let real = scene.base.signer();
    let by_real = |text: &str| last_line(&real.sign(text));
    with_notes(scene, keys, by_real, by_real).in_file("keys")
}

/// The real key signs on after it handed over; the key that it handed over to.
fn retired(scene: &mut Scene<'_>) -> (Run, String) {
    let hand = Hand::new(scene, Torsion::No);
    let keys = history(scene, &hand.vkey(), |text| hand.line(hand.sign(text)));
    let real = scene.base.signer();
    let by_real = |text: &str| last_line(&real.sign(text));
    (with_notes(scene, keys, by_real, by_real), hand.vkey())
}
