//! An age v1 file: a header with one stanza for each recipient, and the sealed secret.
//!
//! *Invariants:* two recipients or more, each once; what is sealed fits one chunk; a file that
//! `open` accepts has the form that `seal` gives, with any number of stanzas of any kind.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::crypto::{
    KEY_BYTES, agree, authenticate, decrypt, derive, encrypt, is_authentic, public_of, random_key,
};
use crate::keys::{Identity, Recipient};

/// Most bytes of a secret: one chunk of age.
pub const SECRET_BYTES_MAX: usize = 64 * 1024;
/// Most bytes of a file: the secret, and far more recipients than anybody has.
const FILE_BYTES_MAX: usize = 2 * SECRET_BYTES_MAX;
/// Fewest recipients: the loss of one holder must not be the loss of everything.
const RECIPIENTS_MIN: usize = 2;
const RECIPIENTS_MAX: usize = 20;

const VERSION: &str = "age-encryption.org/v1";
const STANZA: &str = "-> X25519 ";
const WRAP: &str = "age-encryption.org/v1/X25519";
const FILE_KEY_BYTES: usize = 16;
const PAYLOAD_NONCE_BYTES: usize = 16;
/// Chunk 0, and the last one.
const ONE_CHUNK: [u8; 12] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const NO_NONCE: [u8; 12] = [0; 12];

/// Why a secret was not sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SealError {
    /// Fewer than two different recipients, or far too many.
    #[error("escrow takes 2 to {RECIPIENTS_MAX} different recipients")]
    Recipients,
    /// A recipient that no identity belongs to.
    #[error("a recipient is no key that anybody can hold")]
    WeakRecipient,
    /// Over [`SECRET_BYTES_MAX`].
    #[error("the secret is over its limit")]
    TooLarge,
    /// The system gave no randomness.
    #[error("the system gave no randomness")]
    Random,
}

/// Why a file was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OpenError {
    /// Not an age file of one chunk.
    #[error("not a sealed file of this form")]
    Form,
    /// It is sealed to others.
    #[error("none of the identities opens it: it is sealed to others")]
    Foreign,
    /// It was changed.
    #[error("it was changed after it was sealed")]
    Changed,
}

/// Seals a secret so that each recipient alone can open it.
///
/// # Errors
/// [`SealError`].
pub fn seal(recipients: &[Recipient], secret: &[u8]) -> Result<Vec<u8>, SealError> {
    let mut distinct = recipients.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let few = distinct.len() != recipients.len() || distinct.len() < RECIPIENTS_MIN;
    if few || distinct.len() > RECIPIENTS_MAX {
        return Err(SealError::Recipients);
    }
    if secret.len() > SECRET_BYTES_MAX {
        return Err(SealError::TooLarge);
    }
    let mut file_key = Zeroizing::new([0; FILE_KEY_BYTES]);
    random_key(&mut file_key).map_err(|_| SealError::Random)?;
    let mut header = format!("{VERSION}\n");
    for recipient in recipients {
        header.push_str(&stanza(recipient, &file_key)?);
    }
    header.push_str("---");
    let mac = authenticate(&derive(&*file_key, &[], "header"), header.as_bytes());
    let mut nonce = [0; PAYLOAD_NONCE_BYTES];
    random_key(&mut nonce).map_err(|_| SealError::Random)?;
    let payload = encrypt(&derive(&*file_key, &nonce, "payload"), ONE_CHUNK, secret);
    let mut file = format!("{header} {}\n", STANDARD_NO_PAD.encode(mac)).into_bytes();
    file.extend_from_slice(&nonce);
    file.extend_from_slice(&payload);
    Ok(file)
}

fn stanza(recipient: &Recipient, file_key: &[u8; FILE_KEY_BYTES]) -> Result<String, SealError> {
    let mut ephemeral = Zeroizing::new([0; KEY_BYTES]);
    random_key(&mut ephemeral).map_err(|_| SealError::Random)?;
    let share = public_of(&ephemeral);
    let shared = agree(&ephemeral, &recipient.0).ok_or(SealError::WeakRecipient)?;
    let wrapped = encrypt(&wrap_key(&*shared, &share, &recipient.0), NO_NONCE, file_key);
    let (share, body) = (STANDARD_NO_PAD.encode(share), STANDARD_NO_PAD.encode(wrapped));
    Ok(format!("{STANZA}{share}\n{body}\n"))
}

fn wrap_key(
    shared: &[u8],
    share: &[u8; KEY_BYTES],
    recipient: &[u8; KEY_BYTES],
) -> Zeroizing<[u8; KEY_BYTES]> {
    derive(shared, &[share.as_slice(), recipient.as_slice()].concat(), WRAP)
}

/// Opens a file with the first identity that fits.
///
/// # Errors
/// [`OpenError`].
pub fn open(identities: &[Identity], file: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    if file.len() > FILE_BYTES_MAX {
        return Err(OpenError::Form);
    }
    let parts = Parts::read(file).ok_or(OpenError::Form)?;
    let mut opened = parts
        .stanzas
        .iter()
        .flat_map(|stanza| identities.iter().filter_map(|identity| stanza.open(identity)));
    let file_key = opened.next().ok_or(OpenError::Foreign)?;
    if !is_authentic(&derive(&file_key, &[], "header"), parts.header, &parts.mac) {
        return Err(OpenError::Changed);
    }
    let payload_key = derive(&file_key, parts.nonce, "payload");
    decrypt(&payload_key, ONE_CHUNK, parts.payload).ok_or(OpenError::Changed)
}

/// A stanza of the one kind that is opened here.
struct Stanza {
    share: [u8; KEY_BYTES],
    wrapped: Vec<u8>,
}

impl Stanza {
    fn open(&self, identity: &Identity) -> Option<Zeroizing<Vec<u8>>> {
        let shared = agree(&identity.0, &self.share)?;
        let key = wrap_key(&*shared, &self.share, &identity.recipient().0);
        decrypt(&key, NO_NONCE, &self.wrapped).filter(|key| key.len() == FILE_KEY_BYTES)
    }
}

/// A file taken apart.
struct Parts<'a> {
    /// What the MAC covers.
    header: &'a [u8],
    mac: Vec<u8>,
    stanzas: Vec<Stanza>,
    nonce: &'a [u8],
    payload: &'a [u8],
}

impl<'a> Parts<'a> {
    fn read(file: &'a [u8]) -> Option<Self> {
        let mark = b"\n--- ";
        let at = file.windows(mark.len()).position(|window| window == mark)?;
        let (before, after) = file.split_at_checked(at + 1)?;
        let header = file.get(..before.len() + 3)?;
        let end = after.iter().position(|byte| *byte == b'\n')?;
        let (line, rest) = after.split_at_checked(end)?;
        let mac = base64_of(std::str::from_utf8(line).ok()?.strip_prefix("--- ")?)?;
        let (nonce, payload) = rest.get(1..)?.split_at_checked(PAYLOAD_NONCE_BYTES)?;
        let lines = std::str::from_utf8(before).ok()?.lines();
        Some(Self { header, mac, stanzas: stanzas(lines)?, nonce, payload })
    }
}

/// The X25519 stanzas; others are passed over, as age asks.
fn stanzas<'a>(mut lines: impl Iterator<Item = &'a str>) -> Option<Vec<Stanza>> {
    if lines.next()? != VERSION {
        return None;
    }
    let mut found = Vec::new();
    let mut share = None;
    for line in lines {
        if line.starts_with("->") {
            share = line.strip_prefix(STANZA).and_then(base64_of);
        } else if let Some(share) = share.take() {
            let share = <[u8; KEY_BYTES]>::try_from(share).ok()?;
            found.push(Stanza { share, wrapped: base64_of(line)? });
        }
    }
    Some(found)
}

fn base64_of(text: &str) -> Option<Vec<u8>> {
    STANDARD_NO_PAD.decode(text).ok()
}
