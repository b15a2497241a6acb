//! The four operations of age: agreement, derivation, authentication, encryption.
//!
//! *Invariant:* each derived key seals one message, so its nonce is fixed.

use chacha20poly1305::aead::inout::InOutBuf;
use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, Key, KeyInit, Nonce, Tag};
use curve25519_dalek::montgomery::MontgomeryPoint;
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

/// Bytes of every key but the file key.
pub(crate) const KEY_BYTES: usize = 32;
/// Bytes of a Poly1305 tag.
pub(crate) const TAG_BYTES: usize = 16;
const HMAC_BLOCK_BYTES: usize = 64;

/// The system gave no randomness.
#[derive(Debug)]
pub(crate) struct NoRandomness;

pub(crate) fn random_key<const N: usize>(key: &mut [u8; N]) -> Result<(), NoRandomness> {
    getrandom::fill(key).map_err(|_| NoRandomness)
}

/// The public side of a secret (RFC 7748).
pub(crate) fn public_of(secret: &[u8; KEY_BYTES]) -> [u8; KEY_BYTES] {
    MontgomeryPoint::mul_base_clamped(*secret).to_bytes()
}

/// The shared secret; `None` if the other side is a point of small order.
pub(crate) fn agree(
    secret: &[u8; KEY_BYTES],
    public: &[u8; KEY_BYTES],
) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
    let mut point = MontgomeryPoint(*public).mul_clamped(*secret);
    let shared = Zeroizing::new(point.to_bytes());
    point.zeroize();
    (*shared != [0; KEY_BYTES]).then_some(shared)
}

/// HKDF-SHA-256, one key.
pub(crate) fn derive(secret: &[u8], salt: &[u8], info: &str) -> Zeroizing<[u8; KEY_BYTES]> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    let expanded = Hkdf::<Sha256>::new(Some(salt), secret).expand(info.as_bytes(), &mut *key);
    assert!(expanded.is_ok(), "32 bytes are within the limit of HKDF");
    key
}

/// HMAC-SHA-256 of a header.
pub(crate) fn authenticate(key: &[u8; KEY_BYTES], text: &[u8]) -> [u8; 32] {
    mac(key, text).finalize().into_bytes().into()
}

/// Whether a header has this HMAC, in constant time.
pub(crate) fn is_authentic(key: &[u8; KEY_BYTES], text: &[u8], expected: &[u8]) -> bool {
    mac(key, text).verify_slice(expected).is_ok()
}

fn mac(key: &[u8; KEY_BYTES], text: &[u8]) -> Hmac<Sha256> {
    // A key shorter than a block is padded with zeros (RFC 2104).
    let mut block = Zeroizing::new([0; HMAC_BLOCK_BYTES]);
    block.iter_mut().zip(key).for_each(|(place, byte)| *place = *byte);
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&(*block).into());
    mac.update(text);
    mac
}

/// Encrypts, and appends the tag.
pub(crate) fn encrypt(key: &[u8; KEY_BYTES], nonce: [u8; 12], plain: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(plain.len() + TAG_BYTES);
    bytes.extend_from_slice(plain);
    let cipher = ChaCha20Poly1305::new(<&Key>::from(key));
    let buffer = InOutBuf::from(bytes.as_mut_slice());
    let tag = cipher.encrypt_inout_detached(&Nonce::from(nonce), &[], buffer);
    assert!(tag.is_ok(), "a secret is far below the cipher's limit");
    bytes.extend_from_slice(&tag.map(<[u8; TAG_BYTES]>::from).unwrap_or_default());
    bytes
}

/// Checks the tag and decrypts.
pub(crate) fn decrypt(
    key: &[u8; KEY_BYTES],
    nonce: [u8; 12],
    sealed: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let (body, tag) = sealed.split_at_checked(sealed.len().checked_sub(TAG_BYTES)?)?;
    let tag = <[u8; TAG_BYTES]>::try_from(tag).ok()?;
    let mut plain = Zeroizing::new(body.to_vec());
    let cipher = ChaCha20Poly1305::new(<&Key>::from(key));
    let buffer = InOutBuf::from(plain.as_mut_slice());
    let opened =
        cipher.decrypt_inout_detached(&Nonce::from(nonce), &[], buffer, &Tag::from(tag)).is_ok();
    opened.then_some(plain)
}
