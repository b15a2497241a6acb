//! One message under one derived key, with a commitment (docs/format/keys.md §2).
//!
//! *Invariants:* a derived key seals one message, so the nonce is zero; the commitment is compared
//! in constant time before anything is decrypted.
//!
//! SOURCE: ChaCha20-Poly1305 (RFC 8439) does not commit to its key; one ciphertext valid under two
//! keys is found at once (Albertini et al., "How to Abuse and Fix Authenticated Encryption Without
//! Key Commitment", USENIX Security 2022). Hence the 32 further bytes from BLAKE3.

use std::sync::LazyLock;

use blake3::hazmat::{ContextKey, HasherExt as _};
use chacha20poly1305::aead::inout::InOutBuf;
use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, Key, KeyInit, Nonce, Tag};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use crate::keys::KEY_BYTES;

/// Bytes of a commitment.
pub(crate) const COMMITMENT_BYTES: usize = 32;
/// Bytes of a Poly1305 tag.
pub(crate) const TAG_BYTES: usize = 16;

/// A context that is hashed once, not for each key.
pub(crate) type Context = LazyLock<ContextKey>;

// KNOWN GAP: a message key passes through the stack, and a move may leave a copy there until the
// stack is used again. It opens one message; node, leaf and scope keys never stand on the stack.
/// A key for one message, with the commitment that goes with it.
pub(crate) struct MessageKey {
    key: Zeroizing<[u8; KEY_BYTES]>,
    commitment: [u8; COMMITMENT_BYTES],
}

impl MessageKey {
    /// BLAKE3 `derive_key(context, material)`, 64 bytes of output: key, then commitment.
    pub(crate) fn derive(context: &ContextKey, material: &[&[u8]]) -> Self {
        let mut hasher = blake3::Hasher::new_from_context_key(context);
        material.iter().for_each(|piece| {
            hasher.update(piece);
        });
        let mut output = hasher.finalize_xof();
        let mut made = Self { key: Zeroizing::new([0; 32]), commitment: [0; 32] };
        output.fill(&mut *made.key);
        output.fill(&mut made.commitment);
        output.zeroize();
        hasher.zeroize();
        made
    }

    /// What is stored beside the ciphertext.
    pub(crate) const fn commitment(&self) -> &[u8; COMMITMENT_BYTES] {
        &self.commitment
    }

    /// Encrypts in place and gives the tag; `None` only above 256 GiB.
    pub(crate) fn encrypt(self, aad: &[u8], bytes: &mut [u8]) -> Option<[u8; TAG_BYTES]> {
        let cipher = ChaCha20Poly1305::new(<&Key>::from(&*self.key));
        let sealed = cipher.encrypt_inout_detached(&Nonce::default(), aad, InOutBuf::from(bytes));
        sealed.ok().map(Into::into)
    }

    /// Compares the commitment, checks the tag, decrypts in place; `false` leaves no plaintext.
    #[must_use]
    pub(crate) fn decrypt(
        self,
        commitment: &[u8],
        aad: &[u8],
        bytes: &mut [u8],
        tag: &[u8],
    ) -> bool {
        let Ok(tag) = <[u8; TAG_BYTES]>::try_from(tag) else { return false };
        if !bool::from(self.commitment.ct_eq(commitment)) {
            return false;
        }
        let cipher = ChaCha20Poly1305::new(<&Key>::from(&*self.key));
        let buffer = InOutBuf::from(bytes);
        cipher.decrypt_inout_detached(&Nonce::default(), aad, buffer, &Tag::from(tag)).is_ok()
    }
}

/// Derives a key that serves for longer than one message.
pub(crate) fn derive_key(context: &str, material: &[u8; KEY_BYTES]) -> Zeroizing<[u8; KEY_BYTES]> {
    Zeroizing::new(blake3::derive_key(context, material))
}
