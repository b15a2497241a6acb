//! C2SP signed notes with Ed25519 signatures (docs/format/checkpoint.md §1).
//!
//! SOURCE: C2SP signed-note v1.0.0. *Invariant:* a note that parses prints to the same bytes, and
//! both base64 and Ed25519 are strict. Lines of unknown keys and algorithms are kept and ignored.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// Most bytes of a note: a manifest lists every file of a bundle.
pub const NOTE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Most signature lines of a note; C2SP asks for at least 16.
pub const SIGNATURES_MAX: usize = 100;

const ED25519: u8 = 1;
const SIGNATURE_PREFIX: &str = "\u{2014} ";

/// Why a text is not a key or a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NoteError {
    /// Not `name+hash+base64`, or the hash is not that of the key.
    #[error("not a verifying key: expected `name+hash+key` with the hash of that key")]
    Key,
    /// Not text, a blank line and signature lines.
    #[error("not a signed note")]
    Format,
    /// No signature line for this key.
    #[error("no signature by this key")]
    Unsigned,
    /// A signature line for this key that does not verify.
    #[error("the signature does not verify")]
    Signature,
}

/// The public half of a signing key, with its name: what an auditor pins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vkey {
    name: String,
    key: VerifyingKey,
}

impl Vkey {
    /// Reads `name+hhhhhhhh+base64(0x01 ‖ key)`.
    ///
    /// # Errors
    /// [`NoteError::Key`] if it has any other form.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let mut fields = text.splitn(3, '+');
        let (Some(name), Some(_), Some(key)) = (fields.next(), fields.next(), fields.next()) else {
            return Err(NoteError::Key);
        };
        let bytes = BASE64_STANDARD.decode(key).map_err(|_| NoteError::Key)?;
        let (first, rest) = bytes.split_first().ok_or(NoteError::Key)?;
        let rest: &[u8; 32] = rest.try_into().map_err(|_| NoteError::Key)?;
        let key = VerifyingKey::from_bytes(rest).map_err(|_| NoteError::Key)?;
        let vkey = Self { name: name.to_owned(), key };
        // Two encodings of one point would be two keys with one secret: only the reduced one counts.
        let reduced = key.to_edwards().compress().as_bytes() == rest;
        let whole = *first == ED25519 && is_name(name) && reduced && !key.is_weak();
        (whole && vkey.to_string() == text).then_some(vkey).ok_or(NoteError::Key)
    }

    /// The name in front of its signatures.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of `SHA-256(name ‖ 0x0A ‖ 0x01 ‖ key)`.
    #[must_use]
    pub fn key_hash(&self) -> [u8; 4] {
        key_hash(&self.name, &self.key)
    }
}

impl fmt::Display for Vkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed = [&[ED25519], self.key.as_bytes().as_slice()].concat();
        let hash = u32::from_be_bytes(self.key_hash());
        write!(f, "{}+{hash:08x}+{}", self.name, BASE64_STANDARD.encode(typed))
    }
}

/// A signing key with its name. Zeroed on drop; never printed.
pub struct NoteSigner {
    name: String,
    key: SigningKey,
}

impl NoteSigner {
    /// A signer from 32 secret bytes. The name has no space, `+` or line end.
    ///
    /// # Errors
    /// [`NoteError::Key`] if the name is not allowed.
    pub fn new(name: &str, secret: &[u8; 32]) -> Result<Self, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Key);
        }
        Ok(Self { name: name.to_owned(), key: SigningKey::from_bytes(secret) })
    }

    /// What verifies its signatures.
    #[must_use]
    pub fn vkey(&self) -> Vkey {
        Vkey { name: self.name.clone(), key: self.key.verifying_key() }
    }

    /// Signs a text, which must end with a line end, and returns the whole note.
    ///
    /// # Panics
    /// If the text does not end with a line end or has another control character: that note would
    /// never parse, and making one is a bug of ours.
    #[must_use]
    pub fn sign(&self, text: &str) -> Note {
        assert!(text.ends_with('\n'), "the text of a note ends with a line end");
        assert!(is_clean(text), "the text of a note has no control characters");
        let line = SignatureLine {
            name: self.name.clone(),
            key_hash: key_hash(&self.name, &self.key.verifying_key()),
            signature: self.key.sign(text.as_bytes()).to_bytes().to_vec(),
        };
        Note { text: text.to_owned(), signatures: vec![line] }
    }
}

impl fmt::Debug for NoteSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoteSigner({}, ..)", self.name)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct SignatureLine {
    name: String,
    key_hash: [u8; 4],
    /// 64 bytes for Ed25519; other algorithms have their own length.
    signature: Vec<u8>,
}

/// A text and the signatures under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<SignatureLine>,
}

impl Note {
    /// Reads a note; its signatures are not yet checked.
    ///
    /// # Errors
    /// [`NoteError::Format`] if it has any form but the canonical one.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        if text.len() > NOTE_BYTES_MAX {
            return Err(NoteError::Format);
        }
        let (body, lines) = text.rsplit_once("\n\n").ok_or(NoteError::Format)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Format)?;
        if lines.split('\n').nth(SIGNATURES_MAX).is_some() {
            return Err(NoteError::Format);
        }
        let signatures = lines.split('\n').map(parse_line).collect::<Result<Vec<_>, _>>()?;
        let note = Self { text: format!("{body}\n"), signatures };
        (is_clean(text) && note.to_string() == text).then_some(note).ok_or(NoteError::Format)
    }

    /// The signed text, with its last line end.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many signature lines it carries.
    #[must_use]
    pub fn signature_count(&self) -> usize {
        self.signatures.len()
    }

    /// Checks the signature of one key: its first line decides, and lines of other keys say nothing.
    ///
    /// # Errors
    /// [`NoteError::Unsigned`] without a line for the key, [`NoteError::Signature`] if that line
    /// does not verify.
    pub fn verify(&self, vkey: &Vkey) -> Result<(), NoteError> {
        let hash = vkey.key_hash();
        let mut lines = self.signatures.iter();
        let line = lines
            .find(|line| line.name == vkey.name && line.key_hash == hash)
            .ok_or(NoteError::Unsigned)?;
        let signature = Signature::from_slice(&line.signature).map_err(|_| NoteError::Signature)?;
        vkey.key.verify_strict(self.text.as_bytes(), &signature).map_err(|_| NoteError::Signature)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| {
            let bytes = [line.key_hash.as_slice(), &line.signature].concat();
            writeln!(f, "{SIGNATURE_PREFIX}{} {}", line.name, BASE64_STANDARD.encode(bytes))
        })
    }
}

fn parse_line(line: &str) -> Result<SignatureLine, NoteError> {
    let fields = line.strip_prefix(SIGNATURE_PREFIX).and_then(|rest| rest.split_once(' '));
    let (name, signature) = fields.ok_or(NoteError::Format)?;
    let bytes = BASE64_STANDARD.decode(signature).map_err(|_| NoteError::Format)?;
    let (key_hash, signature) = bytes.split_first_chunk::<4>().ok_or(NoteError::Format)?;
    if !is_name(name) || signature.is_empty() {
        return Err(NoteError::Format);
    }
    let signature = signature.to_vec();
    Ok(SignatureLine { name: name.to_owned(), key_hash: *key_hash, signature })
}

fn is_clean(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || !c.is_control())
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c == '+' || c.is_control())
}

fn key_hash(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let mut hasher = Sha256::new();
    hasher.update(name.as_bytes());
    hasher.update([b'\n', ED25519]);
    hasher.update(key.as_bytes());
    let digest: [u8; 32] = hasher.finalize().into();
    let [a, b, c, d, ..] = digest;
    [a, b, c, d]
}
