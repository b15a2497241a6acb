//! One sealed part of a record (docs/format/keys.md §2).
//!
//! *Invariants:* key inputs are a leaf key, a scope key and everything that is fixed before the
//! record has its place; a part opens whole or not at all.

use blake3::hazmat::hash_derive_key_context;
use record::{Plaintext, Reader, padding};
use zeroize::Zeroizing;

use crate::cipher::{COMMITMENT_BYTES, Context, MessageKey, TAG_BYTES};
use crate::keys::KEY_BYTES;

pub(crate) const CONTEXT: &str = "zegel 2026-11 part key v1";
static CONTEXT_KEY: Context = Context::new(|| hash_derive_key_context(CONTEXT));
const LENGTH_BYTES: usize = 4;

/// The two keys of a part.
#[derive(Clone, Copy)]
pub(crate) struct PartKeys<'a> {
    pub(crate) leaf: &'a [u8; KEY_BYTES],
    pub(crate) scope: &'a [u8; KEY_BYTES],
}

/// Bytes of padded plaintext for so much content; `None` if it is too long for a record.
pub(crate) fn padded_length(content_bytes: usize) -> Option<u32> {
    padding::padded_length(u32::try_from(content_bytes.checked_add(LENGTH_BYTES)?).ok()?)
}

/// `commitment ‖ ciphertext ‖ tag` of padded content; `None` if it does not fit `length`.
pub(crate) fn seal(
    keys: PartKeys<'_>,
    associated_data: &[u8],
    content: &[u8],
    length: u32,
) -> Option<Vec<u8>> {
    let length = usize::try_from(length).ok()?;
    let content_bytes = u32::try_from(content.len()).ok()?;
    if content.len().checked_add(LENGTH_BYTES)? > length {
        return None;
    }
    let key = derive(keys, associated_data);
    let mut body = Vec::with_capacity(COMMITMENT_BYTES + length + TAG_BYTES);
    body.extend_from_slice(key.commitment());
    body.extend_from_slice(&content_bytes.to_be_bytes());
    body.extend_from_slice(content);
    body.resize(COMMITMENT_BYTES + length, 0);
    let tag = key.encrypt(&[], body.get_mut(COMMITMENT_BYTES..)?)?;
    body.extend_from_slice(&tag);
    Some(body)
}

/// The content of a stored body; `None` if anything about it is not as [`seal`] wrote it.
pub(crate) fn open(keys: PartKeys<'_>, associated_data: &[u8], body: &[u8]) -> Option<Plaintext> {
    let (commitment, sealed) = body.split_at_checked(COMMITMENT_BYTES)?;
    let (ciphertext, tag) = sealed.split_at_checked(sealed.len().checked_sub(TAG_BYTES)?)?;
    let mut plain = Zeroizing::new(ciphertext.to_vec());
    if !derive(keys, associated_data).decrypt(commitment, &[], &mut plain, tag) {
        return None;
    }
    let mut reader = Reader::new(&plain);
    let content_bytes = usize::try_from(reader.u32("content length").ok()?).ok()?;
    reader.bytes(content_bytes, "content").ok()?;
    let rest = reader.bytes(reader.remaining(), "padding").ok()?;
    if rest.iter().any(|byte| *byte != 0) {
        return None;
    }
    // In place: a second copy would have to be zeroed, too.
    plain.truncate(LENGTH_BYTES + content_bytes);
    plain.drain(..LENGTH_BYTES);
    Some(Plaintext::new(std::mem::take(&mut *plain)))
}

fn derive(keys: PartKeys<'_>, associated_data: &[u8]) -> MessageKey {
    MessageKey::derive(&CONTEXT_KEY, &[keys.leaf, keys.scope, associated_data])
}
