//! Snapshots, read by docs/format/snapshot.md: whatever opens under a root key that is known.
//!
//! Each head that stands anywhere is tried with each place where a sealed piece may begin, since a
//! file that was removed or replaced leaves its blocks in any order.

use chacha20poly1305::Nonce;
use chacha20poly1305::aead::{Aead as _, Payload};

use crate::oracle::{FRONT, Key, Place, TAG, cipher, halves, mixed};

const MAGIC: &[u8] = b"zegel-snapshot";
const PIECE_BYTES: usize = 1 << 20;

/// Plaintexts of all pieces that one of the keys opens.
pub(crate) fn opened(roots: &[Key], files: &[Vec<u8>], places: &[Place]) -> Vec<Vec<u8>> {
    let names: Vec<String> = files.iter().flat_map(|file| names(file)).collect();
    let mut opened = Vec::new();
    if names.is_empty() {
        return opened;
    }
    for root in roots {
        let mut hasher = blake3::Hasher::new_derive_key("zegel 2026-11 snapshot key v1");
        hasher.update(root);
        for (file, offset) in places {
            let bytes = &files[*file][*offset..];
            let mut begun = hasher.clone();
            begun.update(&bytes[2..34]);
            let fits = |name: &String| {
                let (key, commitment) = halves(begun.clone().update(name.as_bytes()));
                (commitment == bytes[34..FRONT]).then_some(key)
            };
            let key = names.iter().find_map(fits);
            opened.extend(key.map(|key| piece(&key, &files[*file], *offset)));
        }
    }
    opened
}

/// The names of all pieces that a snapshot whose head stands in this file can have.
fn names(file: &[u8]) -> Vec<String> {
    let starts = file.windows(MAGIC.len()).enumerate().filter(|(_, bytes)| *bytes == MAGIC);
    let head = |(offset, _): (usize, &[u8])| {
        let stated = file.get(offset.checked_sub(8)?..offset)?;
        let length = u64::from_be_bytes(stated.try_into().unwrap());
        file[offset..].get(..usize::try_from(length).ok()?)
    };
    let hashes = starts.filter_map(head).map(|head| blake3::hash(head).to_hex().to_string());
    let numbers = 0..=file.len() / PIECE_BYTES;
    let of_head = |hash: String| {
        let number = move |number| ["more", "last"].map(|place| name(&hash, number, place));
        numbers.clone().flat_map(number)
    };
    hashes.flat_map(of_head).collect()
}

fn name(hash: &str, number: usize, place: &str) -> String {
    format!("zegel 2026-11 snapshot piece v1 {hash} {number} {place}")
}

/// The plaintext of a piece: whole, or as far as it goes if its end was written over.
fn piece(key: &Key, file: &[u8], offset: usize) -> Vec<u8> {
    let bytes = &file[offset..];
    let stated = file[offset - 4..offset].try_into().unwrap();
    let length = usize::try_from(u32::from_be_bytes(stated)).unwrap();
    if let Some((front, sealed)) = bytes.get(..length).and_then(|all| all.split_at_checked(FRONT)) {
        let message = Payload { msg: sealed, aad: front };
        if let Ok(plain) = cipher(key).decrypt(&Nonce::default(), message) {
            return plain;
        }
    }
    let end = bytes.len().min(FRONT + PIECE_BYTES + TAG) - TAG;
    let stream = cipher(key).encrypt(&Nonce::default(), &vec![0; PIECE_BYTES][..]).unwrap();
    mixed(&bytes[FRONT..end], &stream)
}
