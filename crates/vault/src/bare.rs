//! Sealing and opening alone: a limit that `zegel bench` holds the road against.
//!
//! *Invariants:* it makes and opens whole records of docs/format/record.md and keys.md §2, and
//! shares with the road the primitives alone: no tree, no index, no journal, no decoding of events,
//! no allocation for each record, salts drawn in bulk, keys in an array by number. Its keys stand
//! in plain memory and protect nothing: it is for measuring.

use chacha20poly1305::aead::inout::InOutBuf;
use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, Key, KeyInit, Nonce, Tag};
use record::{
    CHAIN_START, CommandId, EventKind, FORMAT_VERSION, Header, JournalId, Origin, PartHeader,
    PartKind, Reader, SEAL_BYTES, Seq, TimestampMicros, associated_data, padding,
};

use crate::cipher::{COMMITMENT_BYTES, TAG_BYTES};
use crate::keys::{KEY_BYTES, NoRandomness, fill_random, random_array};
use crate::part::CONTEXT;

/// Salts of one draw.
const SALTS: usize = 256;
const SALT_BYTES: usize = 16;
const ID_BYTES: usize = 16;
const DIGEST_BYTES: usize = 32;

/// What the records of a load look like.
#[derive(Debug, Clone)]
pub struct Shape {
    /// Their event.
    pub kind: EventKind,
    /// Padded length of each part; the first holds the facts.
    pub lengths: Vec<u32>,
    /// How many people have a key.
    pub people: u32,
    /// How many scopes have a key.
    pub scopes: u32,
}

/// Keys in arrays, and buffers.
#[derive(Clone)]
pub struct Bare {
    shape: Shape,
    context: [u8; KEY_BYTES],
    leaves: Vec<[u8; KEY_BYTES]>,
    scopes: Vec<[u8; KEY_BYTES]>,
    salts: Vec<u8>,
    salt_at: usize,
    sealed: u32,
    before: [u8; DIGEST_BYTES],
    /// Associated data up to the command id, of every part of every record.
    bound: Vec<u8>,
    /// A header up to its sequence.
    first: Vec<u8>,
    name: Vec<u8>,
    material: Vec<u8>,
    parts: Vec<u8>,
    bodies: Vec<u8>,
}

impl std::fmt::Debug for Bare {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bare(..)")
    }
}

impl Bare {
    /// Draws keys for all people and scopes of a load.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn new(shape: Shape) -> Result<Self, NoRandomness> {
        let origin = Origin::first(JournalId::from_bytes([7; ID_BYTES]));
        let keys = |count: u32| (0..count).map(|_| random_array()).collect::<Result<Vec<_>, _>>();
        let (bound, first, name) = templates(origin, &shape.kind);
        Ok(Self {
            context: blake3::hazmat::hash_derive_key_context(CONTEXT),
            leaves: keys(shape.people.max(1))?,
            scopes: keys(shape.scopes.max(1))?,
            salts: vec![0; SALTS * SALT_BYTES],
            salt_at: SALTS,
            sealed: 0,
            before: CHAIN_START.0,
            bound,
            first,
            name,
            shape,
            material: Vec::new(),
            parts: Vec::new(),
            bodies: Vec::new(),
        })
    }

    /// Seals one record behind what `out` holds: part keys, commitments, cipher, digests, header
    /// and its hash.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn seal(&mut self, out: &mut Vec<u8>) -> Result<(), NoRandomness> {
        let salt = self.salt()?;
        let number = self.sealed;
        self.sealed = self.sealed.wrapping_add(1);
        let mut command = [0; ID_BYTES];
        copy(&mut command, &number.to_be_bytes());
        self.parts.clear();
        self.bodies.clear();
        for (index, at) in (0u8..).zip(0..self.shape.lengths.len()) {
            let length = self.shape.lengths.get(at).copied().unwrap_or_default();
            self.seal_part(number, index, length, &command, &salt);
        }
        let start = out.len();
        out.extend_from_slice(&self.first);
        out.extend_from_slice(&u64::from(number).to_be_bytes());
        out.extend_from_slice(&u64::from(number).to_be_bytes());
        out.extend_from_slice(&self.name);
        out.extend_from_slice(&command);
        out.extend_from_slice(&salt);
        out.extend_from_slice(&self.before);
        out.push(u8::try_from(self.shape.lengths.len()).unwrap_or(u8::MAX));
        out.extend_from_slice(&self.parts);
        self.before = *blake3::hash(out.get(start..).unwrap_or_default()).as_bytes();
        out.extend_from_slice(&self.bodies);
        Ok(())
    }

    fn seal_part(
        &mut self,
        number: u32,
        index: u8,
        length: u32,
        command: &[u8; ID_BYTES],
        salt: &[u8; SALT_BYTES],
    ) {
        let leaf = if index == 0 { 0 } else { number % self.shape.people.max(1) };
        let scope = number % self.shape.scopes.max(1);
        let (leaf_id, scope_id) = (id_of(leaf), id_of(scope));
        self.material.clear();
        self.material.extend_from_slice(key_at(&self.leaves, leaf));
        self.material.extend_from_slice(key_at(&self.scopes, scope));
        self.material.extend_from_slice(&self.bound);
        self.material.extend_from_slice(command);
        self.material.extend_from_slice(salt);
        self.material.push(index);
        self.material.extend_from_slice(&leaf_id);
        self.material.extend_from_slice(&scope_id);
        self.material.extend_from_slice(&length.to_be_bytes());
        let (key, commitment) = derive(&self.context, &self.material);
        let start = self.bodies.len();
        self.bodies.extend_from_slice(&commitment);
        self.bodies.extend_from_slice(&length.saturating_sub(4).to_be_bytes());
        let bytes = usize::try_from(length).unwrap_or(0);
        self.bodies.resize(start + COMMITMENT_BYTES + bytes, b'z');
        let plain = self.bodies.get_mut(start + COMMITMENT_BYTES..).unwrap_or_default();
        let cipher = ChaCha20Poly1305::new(<&Key>::from(&key));
        let tag = cipher.encrypt_inout_detached(&Nonce::default(), &[], InOutBuf::from(plain));
        self.bodies.extend_from_slice(&tag.map(<[u8; TAG_BYTES]>::from).unwrap_or_default());
        let digest = blake3::hash(self.bodies.get(start..).unwrap_or_default());
        self.parts.push(1);
        self.parts.extend_from_slice(&leaf_id);
        self.parts.extend_from_slice(&scope_id);
        self.parts.extend_from_slice(&length.to_be_bytes());
        self.parts.extend_from_slice(digest.as_bytes());
    }

    fn salt(&mut self) -> Result<[u8; SALT_BYTES], NoRandomness> {
        if self.salt_at == SALTS {
            fill_random(&mut self.salts)?;
            self.salt_at = 0;
        }
        let mut salt = [0; SALT_BYTES];
        let at = self.salt_at * SALT_BYTES;
        copy(&mut salt, self.salts.get(at..at + SALT_BYTES).unwrap_or_default());
        self.salt_at += 1;
        Ok(salt)
    }

    /// Opens records that [`Bare::seal`] wrote one behind the other: header, its hash and the
    /// chain, digests, part keys, commitments, tags. Says how many there were; `None` if anything
    /// is not as it was sealed.
    #[must_use]
    pub fn open(&self, bytes: &[u8]) -> Option<u64> {
        let mut buffers = Buffers::default();
        let mut rest = bytes;
        let mut opened = 0;
        let mut before = None;
        while !rest.is_empty() {
            let (hash, length) = self.open_record(rest, before, &mut buffers)?;
            before = Some(hash);
            rest = rest.get(length..)?;
            opened += 1;
        }
        Some(opened)
    }

    fn open_record(
        &self,
        bytes: &[u8],
        before: Option<[u8; DIGEST_BYTES]>,
        buffers: &mut Buffers,
    ) -> Option<([u8; DIGEST_BYTES], usize)> {
        let mut reader = Reader::new(bytes);
        if reader.bytes(self.first.len(), "first").ok()? != self.first {
            return None;
        }
        reader.bytes(8 + 8 + self.name.len(), "place and name").ok()?;
        let bound: [u8; ID_BYTES + SALT_BYTES] = reader.array("command and salt").ok()?;
        let previous: [u8; DIGEST_BYTES] = reader.array("previous").ok()?;
        if before.is_some_and(|before| before != previous) {
            return None;
        }
        let count = reader.u8("count").ok()?;
        buffers.parts.clear();
        for _ in 0..count {
            reader.u8("kind").ok()?;
            let keys: [u8; 2 * ID_BYTES] = reader.array("leaf and scope").ok()?;
            let length = reader.u32("length").ok()?;
            let digest: [u8; DIGEST_BYTES] = reader.array("digest").ok()?;
            buffers.parts.push((keys, length, digest));
        }
        let hash = *blake3::hash(bytes.get(..bytes.len() - reader.remaining())?).as_bytes();
        for (index, (keys, length, digest)) in (0u8..).zip(&buffers.parts) {
            let body = reader.bytes(usize::try_from(length + SEAL_BYTES).ok()?, "body").ok()?;
            if blake3::hash(body) != *digest {
                return None;
            }
            let material = &mut buffers.material;
            material.clear();
            material.extend_from_slice(key_at(&self.leaves, number_of(keys)?));
            material.extend_from_slice(key_at(&self.scopes, number_of(keys.get(ID_BYTES..)?)?));
            material.extend_from_slice(&self.bound);
            material.extend_from_slice(&bound);
            material.push(index);
            material.extend_from_slice(keys);
            material.extend_from_slice(&length.to_be_bytes());
            open_body(&derive(&self.context, material), body, &mut buffers.plain)?;
        }
        Some((hash, bytes.len() - reader.remaining()))
    }
}

type PartLine = ([u8; 2 * ID_BYTES], u32, [u8; DIGEST_BYTES]);

#[derive(Default)]
struct Buffers {
    parts: Vec<PartLine>,
    material: Vec<u8>,
    plain: Vec<u8>,
}

fn open_body(
    (key, expected): &([u8; KEY_BYTES], [u8; COMMITMENT_BYTES]),
    body: &[u8],
    plain: &mut Vec<u8>,
) -> Option<()> {
    let (commitment, sealed) = body.split_at_checked(COMMITMENT_BYTES)?;
    let (ciphertext, tag) = sealed.split_at_checked(sealed.len().checked_sub(TAG_BYTES)?)?;
    if commitment != expected {
        return None;
    }
    plain.clear();
    plain.extend_from_slice(ciphertext);
    let tag = Tag::from(<[u8; TAG_BYTES]>::try_from(tag).ok()?);
    let cipher = ChaCha20Poly1305::new(<&Key>::from(key));
    let buffer = InOutBuf::from(plain.as_mut_slice());
    cipher.decrypt_inout_detached(&Nonce::default(), &[], buffer, &tag).ok()
}

fn derive(context: &[u8; KEY_BYTES], material: &[u8]) -> ([u8; KEY_BYTES], [u8; COMMITMENT_BYTES]) {
    use blake3::hazmat::HasherExt as _;
    let mut hasher = blake3::Hasher::new_from_context_key(context);
    let mut output = [0; KEY_BYTES + COMMITMENT_BYTES];
    hasher.update(material).finalize_xof().fill(&mut output);
    let (mut key, mut commitment) = ([0; KEY_BYTES], [0; COMMITMENT_BYTES]);
    copy(&mut key, output.get(..KEY_BYTES).unwrap_or_default());
    copy(&mut commitment, output.get(KEY_BYTES..).unwrap_or_default());
    (key, commitment)
}

/// What is the same in every record: associated data up to the command id, a header up to its
/// sequence, and its name; cut out of what the format itself writes.
fn templates(origin: Origin, kind: &EventKind) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let part = PartHeader {
        kind: PartKind::Sealed,
        leaf: record::LeafId::from_bytes([0; ID_BYTES]),
        scope: record::ScopeId::from_bytes([0; ID_BYTES]),
        length: padding::PADDED_BYTES_MIN,
        digest: CHAIN_START,
    };
    let (command, salt) = (CommandId::from_bytes([0; ID_BYTES]), [0; SALT_BYTES]);
    let name_bytes = 1 + kind.name().len() + 2;
    let bound = associated_data(&origin, kind, &command, &salt, 0, &part);
    let header = Header {
        origin,
        seq: Seq(0),
        recorded_at: TimestampMicros(0),
        kind: kind.clone(),
        command,
        salt,
        previous: CHAIN_START,
        parts: vec![part],
    };
    let header = header.encode();
    let first = 2 + 2 + ID_BYTES + 4;
    let cut =
        |bytes: &[u8], from: usize, to: usize| bytes.get(from..to).unwrap_or_default().to_vec();
    let bound = cut(&bound, 0, size_of_val(&FORMAT_VERSION) + ID_BYTES + 4 + name_bytes);
    (bound, cut(&header, 0, first), cut(&header, first + 16, first + 16 + name_bytes))
}

/// An id that says at which place its key stands.
fn id_of(number: u32) -> [u8; ID_BYTES] {
    let mut id = [1; ID_BYTES];
    copy(&mut id, &number.to_be_bytes());
    id
}

fn number_of(id: &[u8]) -> Option<u32> {
    id.first_chunk().map(|number| u32::from_be_bytes(*number))
}

fn key_at(keys: &[[u8; KEY_BYTES]], number: u32) -> &[u8] {
    keys.get(usize::try_from(number).unwrap_or(usize::MAX)).map_or(&[], |key| key.as_slice())
}

/// Copies as much as both hold.
fn copy(to: &mut [u8], from: &[u8]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}

#[cfg(test)]
mod tests {
    use record::Record;

    use super::*;
    use crate::part::{PartKeys, open};

    fn shape() -> Shape {
        let kind = EventKind::new("bench.sealed", 1).unwrap();
        Shape { kind, lengths: vec![64, 304], people: 3, scopes: 2 }
    }

    #[test]
    fn what_the_limit_seals_is_a_record_that_the_road_opens() {
        let mut bare = Bare::new(shape()).unwrap();
        let mut before = CHAIN_START;
        for number in 0..5u32 {
            let mut bytes = Vec::new();
            bare.seal(&mut bytes).unwrap();
            let record = Record::decode(&bytes).unwrap();
            assert_eq!(record.header.previous, before);
            before = record.header.record_hash();
            for (index, body) in (0u8..).zip(&record.bodies) {
                let part = record.header.parts[usize::from(index)];
                let leaf = if index == 0 { 0 } else { number % 3 };
                let keys = PartKeys {
                    leaf: &bare.leaves[usize::try_from(leaf).unwrap()],
                    scope: &bare.scopes[usize::try_from(number % 2).unwrap()],
                };
                let data = record.header.associated_data(index, &part);
                assert!(open(keys, &data, body).is_some(), "record {number}, part {index}");
            }
        }
    }

    #[test]
    fn the_limit_opens_what_it_sealed_and_no_byte_of_it_changed() {
        let mut bare = Bare::new(shape()).unwrap();
        let mut bytes = Vec::new();
        (0..4).for_each(|_| bare.seal(&mut bytes).unwrap());
        assert_eq!(bare.open(&bytes), Some(4));
        let record = bytes.len() / 4;
        let body = record..bytes.len() - record;
        for at in body.step_by(97) {
            bytes[at] ^= 1;
            assert_ne!(bare.open(&bytes), Some(4), "byte {at}");
            bytes[at] ^= 1;
        }
    }
}
