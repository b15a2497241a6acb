//! What holders have: a recipient to seal to, an identity to open with, in the text form of age.
//!
//! *Invariant:* an identity is never printed and is zeroed when dropped.

use std::fmt;

use bech32::{Bech32, Hrp};
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::crypto::{KEY_BYTES, public_of, random_key};

const RECIPIENT: &str = "age";
const IDENTITY: &str = "age-secret-key-";
/// Most bytes of an identity file: comments, and a few keys.
const FILE_BYTES_MAX: usize = 64 * 1024;

/// Why a text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Not `age1…` with its checksum.
    #[error("not an age recipient: `age1` and 58 further characters, as `age-keygen` prints it")]
    Recipient,
    /// No line `AGE-SECRET-KEY-1…`.
    #[error("no age identity: a line that begins with `AGE-SECRET-KEY-1`, as `age-keygen` writes")]
    Identity,
    /// The system gave no randomness.
    #[error("the system gave no randomness")]
    Random,
}

/// One outside holder, as others know it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Recipient(pub(crate) [u8; KEY_BYTES]);

impl Recipient {
    /// Reads `age1…`.
    ///
    /// # Errors
    /// [`KeyError::Recipient`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let key = decode(RECIPIENT, text).ok_or(KeyError::Recipient)?;
        let recipient = Self(*key);
        // One text for each key, so that two that look different are two.
        if recipient.to_string() == text { Ok(recipient) } else { Err(KeyError::Recipient) }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = bech32::encode::<Bech32>(Hrp::parse_unchecked(RECIPIENT), &self.0);
        f.write_str(&text.map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recipient({self})")
    }
}

/// What a holder opens with.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Identity(pub(crate) Box<[u8; KEY_BYTES]>);

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(..)")
    }
}

impl Identity {
    /// A fresh one.
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn generate() -> Result<Self, KeyError> {
        let mut identity = Self(Box::new([0; KEY_BYTES]));
        random_key(&mut identity.0).map_err(|_| KeyError::Random)?;
        Ok(identity)
    }

    /// Reads every identity of a file, as `age-keygen` writes it; lines with `#` are comments.
    ///
    /// # Errors
    /// [`KeyError::Identity`] if a line is something else, or none is an identity.
    pub fn parse_file(text: &str) -> Result<Vec<Self>, KeyError> {
        if text.len() > FILE_BYTES_MAX {
            return Err(KeyError::Identity);
        }
        let lines = text.lines().map(str::trim);
        let keys = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let found = keys.map(Self::parse).collect::<Result<Vec<_>, _>>()?;
        if found.is_empty() { Err(KeyError::Identity) } else { Ok(found) }
    }

    /// Who seals to it.
    #[must_use]
    pub fn recipient(&self) -> Recipient {
        Recipient(public_of(&self.0))
    }

    /// The text that [`Identity::parse_file`] reads.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let text = bech32::encode_upper::<Bech32>(Hrp::parse_unchecked(IDENTITY), &*self.0);
        Zeroizing::new(text.unwrap_or_default())
    }

    fn parse(line: &str) -> Result<Self, KeyError> {
        let key = decode(IDENTITY, line).ok_or(KeyError::Identity)?;
        let mut identity = Self(Box::new([0; KEY_BYTES]));
        identity.0.copy_from_slice(&*key);
        Ok(identity)
    }
}

/// The 32 bytes of a bech32 text with this prefix.
fn decode(prefix: &str, text: &str) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
    let checked = bech32::primitives::decode::CheckedHrpstring::new::<Bech32>(text).ok()?;
    if checked.hrp() != Hrp::parse_unchecked(prefix) {
        return None;
    }
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    let mut bytes = checked.byte_iter();
    for place in key.iter_mut() {
        *place = bytes.next()?;
    }
    bytes.next().is_none().then_some(key)
}
