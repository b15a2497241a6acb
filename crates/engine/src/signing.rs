//! The installation's signing key: 32 random bytes in a file of its own, outside database and tree.
//!
//! *Invariant:* the file is created once, readable by its owner alone, and never rewritten.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use record::JournalId;
use record::note::NoteSigner;

use crate::execute::Fault;

/// The signer and what the salts of the operator journal are derived from.
#[derive(Debug)]
pub(crate) struct Signing {
    pub(crate) signer: NoteSigner,
    salt_key: SaltKey,
}

struct SaltKey([u8; 32]);

impl std::fmt::Debug for SaltKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SaltKey(..)")
    }
}

impl Signing {
    /// Draws a new key and writes it.
    pub(crate) fn create(path: &Path, operator: JournalId) -> Result<Self, Fault> {
        let mut secret = [0u8; 32];
        fill_random(&mut secret)?;
        write_new(path, &secret).map_err(|error| Fault::Key(error.kind()))?;
        Self::from_secret(&secret, operator)
    }

    /// Reads the key.
    pub(crate) fn open(path: &Path, operator: JournalId) -> Result<Self, Fault> {
        let mut secret = [0u8; 32];
        let mut file = File::open(path).map_err(|error| Fault::Key(error.kind()))?;
        file.read_exact(&mut secret).map_err(|error| Fault::Key(error.kind()))?;
        Self::from_secret(&secret, operator)
    }

    /// Writes a key that came out of escrow.
    pub(crate) fn put_back(path: &Path, secret: &[u8; 32]) -> Result<(), Fault> {
        write_new(path, secret).map_err(|error| Fault::Key(error.kind()))
    }

    pub(crate) fn from_secret(secret: &[u8; 32], operator: JournalId) -> Result<Self, Fault> {
        let name = format!("zegel-installation-{operator}");
        let signer =
            NoteSigner::new(&name, secret).map_err(|_| Fault::Key(io::ErrorKind::InvalidData))?;
        let salt_key = SaltKey(blake3::derive_key("zegel 2026-11 witness salt key v1", secret));
        Ok(Self { signer, salt_key })
    }

    /// The salt of one checkpoint's hash in the operator journal: known to whoever holds the
    /// signing key, and to the tenant through its bundle.
    pub(crate) fn witness_salt(&self, checkpoint_text: &str) -> [u8; 32] {
        *blake3::keyed_hash(&self.salt_key.0, checkpoint_text.as_bytes()).as_bytes()
    }
}

/// Fills a buffer from the operating system.
pub(crate) fn fill_random(buffer: &mut [u8]) -> Result<(), Fault> {
    getrandom::fill(buffer).map_err(|_| Fault::Randomness)
}

/// Sixteen random bytes for an id.
pub(crate) fn random16() -> Result<[u8; 16], Fault> {
    let mut bytes = [0u8; 16];
    fill_random(&mut bytes).map(|()| bytes)
}

fn write_new(path: &Path, secret: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(secret)?;
    file.sync_all()?;
    File::open(directory)?.sync_all()
}
