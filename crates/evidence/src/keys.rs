//! The history of signing keys (docs/format/bundle.md §4).
//!
//! *Invariant:* each key after the first is vouched for by the one before it, and vouches back; no
//! two keys have the same name and id, so that a signature line names one; a history that parses prints to the same bytes.

use std::fmt;

use record::note::{Note, NoteSigner, Vkey};
use thiserror::Error;

/// Most rotations of one history: a rotation a week for a lifetime.
const ROTATIONS_MAX: usize = 4_096;
/// Most bytes of the file.
pub(crate) const KEYS_BYTES_MAX: u64 = 8 * 1024 * 1024;

const ROTATION: &str = "zegel-key-rotation/v1";
/// A blank line, three lines of text, a blank line, two signatures.
const ROTATION_LINES: usize = 7;

/// Why a text is not a history of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeysError {
    /// It is not a key and rotation blocks in their one form.
    #[error("the key history does not have its canonical form")]
    Form,
    /// A rotation does not start from the key before it, or names a key twice,
    /// or one with the name and id of an earlier key.
    #[error("rotation {0} does not follow from the keys before it")]
    Order(usize),
    /// A rotation is not signed by its old and its new key.
    #[error("rotation {0} is not signed by both of its keys")]
    Signature(usize),
}

/// The keys that signed for an installation, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyHistory {
    first: Vkey,
    rotations: Vec<Rotation>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rotation {
    to: Vkey,
    note: Note,
}

impl KeyHistory {
    /// A history of one key.
    #[must_use]
    pub const fn new(first: Vkey) -> Self {
        Self { first, rotations: Vec::new() }
    }

    /// Adds a rotation, signed by both keys.
    ///
    /// # Errors
    /// [`KeysError::Order`] if `old` is not the last key or `new` already occurs.
    pub fn rotate(&mut self, old: &NoteSigner, new: &NoteSigner) -> Result<(), KeysError> {
        let number = self.rotations.len() + 1;
        let text = format!("{ROTATION}\n{}\n{}\n", old.vkey(), new.vkey());
        let second = new.sign(&text).to_string();
        let second = second.lines().last().unwrap_or_default();
        let both = format!("{}{second}\n", old.sign(&text));
        let note = Note::parse(&both).map_err(|_| KeysError::Form)?;
        let rotation = self.follow(number, note)?;
        self.rotations.push(rotation);
        Ok(())
    }

    /// Reads the file `keys` and checks every rotation.
    ///
    /// # Errors
    /// [`KeysError`] saying what breaks the history.
    pub fn parse(text: &str) -> Result<Self, KeysError> {
        let lines: Vec<&str> = text.lines().collect();
        let (first, blocks) = lines.split_first().ok_or(KeysError::Form)?;
        let blocks = blocks.chunks(ROTATION_LINES);
        if blocks.len() > ROTATIONS_MAX {
            return Err(KeysError::Form);
        }
        let mut history = Self::new(Vkey::parse(first).map_err(|_| KeysError::Form)?);
        for (index, block) in blocks.enumerate() {
            let note = block.join("\n");
            let note = note.strip_prefix('\n').map(|note| format!("{note}\n"));
            let note = note.and_then(|note| Note::parse(&note).ok()).ok_or(KeysError::Form)?;
            let rotation = history.follow(index + 1, note)?;
            history.rotations.push(rotation);
        }
        (history.to_string() == text).then_some(history).ok_or(KeysError::Form)
    }

    /// All keys, oldest first.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &Vkey> {
        std::iter::once(&self.first).chain(self.rotations.iter().map(|rotation| &rotation.to))
    }

    /// The key that signs now.
    #[must_use]
    pub fn last(&self) -> &Vkey {
        self.rotations.last().map_or(&self.first, |rotation| &rotation.to)
    }

    /// The key that signed first.
    #[must_use]
    pub const fn first(&self) -> &Vkey {
        &self.first
    }

    fn follow(&self, number: usize, note: Note) -> Result<Rotation, KeysError> {
        let mut lines = note.text().lines();
        let (tag, old, new) = (lines.next(), lines.next(), lines.next());
        if tag != Some(ROTATION) || lines.next().is_some() {
            return Err(KeysError::Form);
        }
        let parse = |line: Option<&str>| line.and_then(|line| Vkey::parse(line).ok());
        let (old, to) = parse(old).zip(parse(new)).ok_or(KeysError::Form)?;
        let named = (to.name(), to.key_hash());
        if old != *self.last() || self.keys().any(|key| (key.name(), key.key_hash()) == named) {
            return Err(KeysError::Order(number));
        }
        let signed = note.verify(&old).is_ok() && note.verify(&to).is_ok();
        if !signed || note.signature_count() != 2 {
            return Err(KeysError::Signature(number));
        }
        Ok(Rotation { to, note })
    }
}

impl fmt::Display for KeyHistory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.first)?;
        self.rotations.iter().try_for_each(|rotation| write!(f, "\n{}", rotation.note))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(seed: u8) -> NoteSigner {
        NoteSigner::new("zegel.example/school", &[seed; 32]).unwrap()
    }

    fn two_rotations() -> KeyHistory {
        let mut history = KeyHistory::new(signer(1).vkey());
        history.rotate(&signer(1), &signer(2)).unwrap();
        history.rotate(&signer(2), &signer(3)).unwrap();
        history
    }

    #[test]
    fn a_history_reads_back_as_it_was_written() {
        let history = two_rotations();
        assert_eq!(KeyHistory::parse(&history.to_string()), Ok(history.clone()));
        assert_eq!(history.keys().count(), 3);
        assert_eq!(*history.last(), signer(3).vkey());
    }

    #[test]
    fn every_flipped_byte_is_found() {
        let text = two_rotations().to_string();
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let found = String::from_utf8(bytes).is_ok_and(|text| KeyHistory::parse(&text).is_ok());
            assert!(!found, "byte {at}");
        }
    }

    #[test]
    fn a_rotation_that_its_old_key_did_not_sign_is_refused() {
        let mut forged = KeyHistory::new(signer(9).vkey());
        forged.rotate(&signer(9), &signer(2)).unwrap();
        let honest = signer(1).vkey().to_string();
        let text = forged.to_string().replace(&signer(9).vkey().to_string(), &honest);
        assert_eq!(KeyHistory::parse(&text), Err(KeysError::Signature(1)));
    }

    /// Two keys of one name whose first four bytes of the hash are the same: a signature line would
    /// not say whose it is.
    #[test]
    fn a_key_with_the_name_and_id_of_an_earlier_one_is_refused() {
        let twin = |secret: u64| {
            let mut bytes = [0; 32];
            bytes[24..].copy_from_slice(&secret.to_be_bytes());
            NoteSigner::new("twin.example", &bytes).unwrap()
        };
        let (one, other) = (twin(123_945), twin(131_039));
        assert_eq!(one.vkey().key_hash(), other.vkey().key_hash());
        let mut history = KeyHistory::new(one.vkey());
        assert_eq!(history.rotate(&one, &other), Err(KeysError::Order(1)));
        history.rotate(&one, &signer(2)).unwrap();
        assert_eq!(history.rotate(&signer(2), &other), Err(KeysError::Order(2)));
    }

    #[test]
    fn a_rotation_from_another_key_or_back_to_an_old_one_is_refused() {
        let mut history = two_rotations();
        assert_eq!(history.rotate(&signer(2), &signer(4)), Err(KeysError::Order(3)));
        assert_eq!(history.rotate(&signer(3), &signer(1)), Err(KeysError::Order(3)));
    }
}
