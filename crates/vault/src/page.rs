//! Pages as the journal stores them (docs/format/keys.md §4).
//!
//! *Invariants:* every write is under a fresh salt, hence a fresh message key; a page opens only
//! at the node and generation it was written for.

use blake3::hazmat::hash_derive_key_context;
use record::{PageKey, Reader};
use zeroize::Zeroizing;

use crate::cipher::{COMMITMENT_BYTES, Context, MessageKey, TAG_BYTES};
use crate::keys::{Key32, NoRandomness, random_array};

/// Longest page as stored: the journal keeps up to 5,996 bytes in one value (docs/format/store.md).
pub(crate) const PAGE_BYTES_MAX: usize = 5_996;
/// Longest page in clear.
pub(crate) const PLAIN_BYTES_MAX: usize = 5_900;

const _: () = assert!(PLAIN_BYTES_MAX + HEADER_BYTES + TAG_BYTES <= PAGE_BYTES_MAX);

static CONTEXT: Context = Context::new(|| hash_derive_key_context("zegel 2026-11 page key v1"));
const VERSION: u16 = 1;
const SALT_BYTES: usize = 32;
const HEADER_BYTES: usize = 2 + SALT_BYTES + COMMITMENT_BYTES;

/// Seals the plaintext of a page under a fresh salt.
pub(crate) fn seal(node_key: &Key32, at: PageKey, plain: &[u8]) -> Result<Vec<u8>, NoRandomness> {
    assert!(plain.len() <= PLAIN_BYTES_MAX, "page over its limit");
    let salt: [u8; SALT_BYTES] = random_array()?;
    let key = message_key(node_key, at, &salt);
    let mut bytes = Vec::with_capacity(HEADER_BYTES + plain.len() + TAG_BYTES);
    bytes.extend_from_slice(&VERSION.to_be_bytes());
    bytes.extend_from_slice(&salt);
    bytes.extend_from_slice(key.commitment());
    bytes.extend_from_slice(plain);
    let (header, body) = bytes.split_at_mut(HEADER_BYTES);
    let tag = key.encrypt(header, body);
    assert!(tag.is_some(), "a page is far below the cipher's limit");
    bytes.extend_from_slice(&tag.unwrap_or_default());
    Ok(bytes)
}

/// Opens a stored page; `None` if anything about it is not as [`seal`] wrote it.
pub(crate) fn open(node_key: &Key32, at: PageKey, bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (header, sealed) = bytes.split_at_checked(HEADER_BYTES)?;
    let mut reader = Reader::new(header);
    let version = reader.u16("page version").ok()?;
    let salt: [u8; SALT_BYTES] = reader.array("page salt").ok()?;
    let commitment = reader.bytes(COMMITMENT_BYTES, "page commitment").ok()?;
    if version != VERSION || bytes.len() > PAGE_BYTES_MAX {
        return None;
    }
    let (body, tag) = sealed.split_at_checked(sealed.len().checked_sub(TAG_BYTES)?)?;
    let mut plain = Zeroizing::new(body.to_vec());
    let key = message_key(node_key, at, &salt);
    key.decrypt(commitment, header, &mut plain, tag).then_some(plain)
}

fn message_key(node_key: &Key32, at: PageKey, salt: &[u8; SALT_BYTES]) -> MessageKey {
    let node = at.node.0.to_be_bytes();
    let generation = at.generation.to_be_bytes();
    MessageKey::derive(&CONTEXT, &[node_key.as_bytes(), salt, &node, &generation])
}
