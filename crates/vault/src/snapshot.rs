//! What is keyed from the tenant's node key, so that every cut makes it unreadable
//! (docs/format/keys.md §7).
//!
//! *Invariant:* nothing here outlives an epoch, except the command key, which hangs on the facts
//! leaf and goes with the tenant.

use blake3::hazmat::hash_derive_key_context;
use record::{Hash, Plaintext, Reader};
use zeroize::Zeroizing;

use crate::cipher::{COMMITMENT_BYTES, Context, MessageKey, TAG_BYTES, derive_key};
use crate::keys::{KEY_BYTES, Key32, random_array};
use crate::tree::TENANT;
use crate::vault::{Vault, VaultError};

static SNAPSHOT_CONTEXT: Context =
    Context::new(|| hash_derive_key_context("zegel 2026-11 snapshot key v1"));
const DIGEST_CONTEXT: &str = "zegel 2026-11 digest key v1";
const COMMAND_CONTEXT: &str = "zegel 2026-11 command id key v1";
const VERSION: u16 = 1;
const SALT_BYTES: usize = 32;
const HEADER_BYTES: usize = 2 + SALT_BYTES + COMMITMENT_BYTES;

/// Makes digests of views that can be compared within one epoch and by nobody outside it.
#[expect(missing_debug_implementations, reason = "a key has no printed form")]
pub struct DigestKey(Key32);

impl DigestKey {
    /// The digest of what a view holds; `view` names it.
    #[must_use]
    pub fn digest(&self, view: &str, input: &[u8]) -> Hash {
        let mut hasher = blake3::Hasher::new_keyed(self.0.as_bytes());
        let length = u64::try_from(view.len()).unwrap_or(u64::MAX);
        hasher.update(&length.to_be_bytes()).update(view.as_bytes()).update(input);
        Hash(*hasher.finalize().as_bytes())
    }
}

impl Vault {
    /// The key for digests of views in this epoch.
    ///
    /// # Errors
    /// [`VaultError::Ended`] when there is no root key any more.
    pub fn digest_key(&self) -> Result<DigestKey, VaultError> {
        let root = self.root_key().ok_or(VaultError::Ended)?;
        Ok(DigestKey(Key32::read(&derive_key(DIGEST_CONTEXT, root))))
    }

    /// Seals a snapshot or digests of views under the root; `context` says what it is and where it
    /// belongs.
    ///
    /// # Errors
    /// [`VaultError::Ended`] when there is no root key any more, [`VaultError::Random`].
    pub fn seal_under_root(&self, context: &str, bytes: &Plaintext) -> Result<Vec<u8>, VaultError> {
        let salt: [u8; SALT_BYTES] = random_array()?;
        let root = self.root_key().ok_or(VaultError::Ended)?;
        let key = message_key(root, &salt, context);
        let content = bytes.as_slice();
        let mut sealed = Vec::with_capacity(HEADER_BYTES + content.len() + TAG_BYTES);
        sealed.extend_from_slice(&VERSION.to_be_bytes());
        sealed.extend_from_slice(&salt);
        sealed.extend_from_slice(key.commitment());
        sealed.extend_from_slice(content);
        let (header, body) = sealed.split_at_mut(HEADER_BYTES);
        let tag = key.encrypt(header, body);
        assert!(tag.is_some(), "what is sealed here is far below the cipher's limit");
        sealed.extend_from_slice(&tag.unwrap_or_default());
        Ok(sealed)
    }

    /// Opens what [`Vault::seal_under_root`] sealed; `None` if it is of another epoch or context, or
    /// changed.
    #[must_use]
    pub fn open_under_root(&self, context: &str, bytes: &[u8]) -> Option<Plaintext> {
        let (header, sealed) = bytes.split_at_checked(HEADER_BYTES)?;
        let mut reader = Reader::new(header);
        let version = reader.u16("snapshot version").ok()?;
        let salt: [u8; SALT_BYTES] = reader.array("snapshot salt").ok()?;
        let commitment = reader.bytes(COMMITMENT_BYTES, "snapshot commitment").ok()?;
        let (body, tag) = sealed.split_at_checked(sealed.len().checked_sub(TAG_BYTES)?)?;
        let mut plain = Zeroizing::new(body.to_vec());
        let key = message_key(self.root_key()?, &salt, context);
        let opened = version == VERSION && key.decrypt(commitment, header, &mut plain, tag);
        opened.then(|| Plaintext::new(std::mem::take(&mut *plain)))
    }

    fn root_key(&self) -> Option<&[u8; KEY_BYTES]> {
        self.tree.page(TENANT).map(|page| page.key.as_bytes())
    }
}

/// The key of [`Vault::command_id`].
pub(crate) fn command_key(facts: &[u8; KEY_BYTES]) -> Key32 {
    Key32::read(&derive_key(COMMAND_CONTEXT, facts))
}

fn message_key(root: &[u8; KEY_BYTES], salt: &[u8; SALT_BYTES], context: &str) -> MessageKey {
    MessageKey::derive(&SNAPSHOT_CONTEXT, &[root, salt, context.as_bytes()])
}
