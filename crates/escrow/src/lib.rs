//! Sealing a secret to outside holders, and opening it with what one of them holds
//! (docs/format/backup.md §2).
//!
//! *Invariants:* the bytes are those of age v1 with X25519 recipients, so that a holder needs
//! nothing of ours: the public `age` program opens them; what is sealed and every key on the way
//! are zeroed after use. SOURCE: <https://c2sp.org/age>.

mod keys;

mod file;

mod crypto;

#[cfg(test)]
mod tests;

pub use file::{OpenError, SECRET_BYTES_MAX, SealError, open, seal};
pub use keys::{Identity, KeyError, Recipient};
