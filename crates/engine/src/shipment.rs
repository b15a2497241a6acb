//! All pages of one tenant in one file, with or without the sealed root that opens them
//! (docs/format/backup.md §1).
//!
//! *Invariant:* what decodes is whole: its checksum covers every byte before it.

use std::collections::BTreeMap;

use record::note::{Note, NoteSigner, Vkey};
use record::{DecodeError, JournalId, NodeId, PageKey, Reader, Writer};

const MAGIC: [u8; 8] = *b"ZGship01";
/// Everything before the sealed root.
const HEAD_BYTES: usize = 8 + 16 + 8 + 8 + 4;
const CHECKSUM_BYTES: usize = 32;
const TITLE: &str = "zegel-shipment/v1";
/// Two root copies sealed to twenty holders are far below this.
const SEALED_BYTES_MAX: usize = 64 * 1024;

/// The pages of a tenant at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shipment {
    pub(crate) head: ShipmentHead,
    /// The root, sealed to outside holders; empty in a backup.
    pub(crate) sealed_root: Vec<u8>,
    pub(crate) pages: BTreeMap<PageKey, Vec<u8>>,
    /// A note of the installation over everything before; empty in a backup.
    pub(crate) note: Vec<u8>,
}

/// Whose pages they are, and from when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ShipmentHead {
    pub(crate) journal: JournalId,
    pub(crate) epoch: u64,
    /// How many records the journal had.
    pub(crate) size: u64,
}

impl Shipment {
    /// Signs it, which makes it a shipment of this installation.
    pub(crate) fn signed(mut self, signer: &NoteSigner) -> Self {
        let text = self.text(&self.body());
        self.note = signer.sign(&text).to_string().into_bytes();
        self
    }

    /// Whether this installation signed it: anybody can seal a root to the holders.
    pub(crate) fn is_signed_by(&self, vkey: &Vkey) -> bool {
        let note = std::str::from_utf8(&self.note).ok().and_then(|text| Note::parse(text).ok());
        note.is_some_and(|note| note.text() == self.text(&self.body()) && note.verify(vkey).is_ok())
    }

    fn text(&self, body: &[u8]) -> String {
        format!("{TITLE}\n{}\n{}\n", self.head.journal, blake3::hash(body))
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = self.body();
        out.extend_from_slice(&length(self.note.len()).to_be_bytes());
        out.extend_from_slice(&self.note);
        let sum = blake3::hash(&out);
        out.extend_from_slice(sum.as_bytes());
        out
    }

    /// Everything before the note.
    fn body(&self) -> Vec<u8> {
        let bytes: usize = self.pages.values().map(|page| page.len() + 20).sum();
        let mut out = Writer::with_capacity(HEAD_BYTES + self.sealed_root.len() + bytes + 64);
        let ShipmentHead { journal, epoch, size } = self.head;
        out.bytes(&MAGIC).bytes(journal.as_bytes()).u64(epoch).u64(size);
        out.u32(length(self.sealed_root.len())).bytes(&self.sealed_root);
        out.u32(length(self.pages.len()));
        for (key, page) in &self.pages {
            out.u64(key.node.0).u64(key.generation).u32(length(page.len())).bytes(page);
        }
        out.finish()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let body = bytes.len().checked_sub(CHECKSUM_BYTES).ok_or(DecodeError::Short("checksum"))?;
        let (body, sum) = bytes.split_at(body);
        if blake3::hash(body).as_bytes() != sum {
            return Err(DecodeError::Value("checksum"));
        }
        let mut reader = Reader::new(body);
        let (head, sealed) = read_head(&mut reader)?;
        let sealed_root = reader.bytes(sealed, "sealed root")?.to_vec();
        let mut pages = BTreeMap::new();
        for _ in 0..reader.u32("pages")? {
            let node = NodeId(reader.u64("node")?);
            let key = PageKey { node, generation: reader.u64("generation")? };
            let length = usize::try_from(reader.u32("page")?).unwrap_or(usize::MAX);
            let ascends = pages.last_key_value().is_none_or(|(last, _)| *last < key);
            if !ascends {
                return Err(DecodeError::Value("pages"));
            }
            pages.insert(key, reader.bytes(length, "page")?.to_vec());
        }
        let note = usize::try_from(reader.u32("note")?).unwrap_or(usize::MAX);
        let note = reader.bytes(note, "note")?.to_vec();
        reader.end()?;
        Ok(Self { head, sealed_root, pages, note })
    }
}

impl ShipmentHead {
    /// No sealed root ends beyond.
    pub(crate) const SEALED_END_MAX: usize = HEAD_BYTES + SEALED_BYTES_MAX;

    /// The head of a shipment, and how many bytes stand up to the end of its sealed root.
    pub(crate) fn read(bytes: &[u8]) -> Result<(Self, usize), DecodeError> {
        let (head, sealed) = read_head(&mut Reader::new(bytes))?;
        Ok((head, HEAD_BYTES + sealed))
    }
}

fn read_head(reader: &mut Reader<'_>) -> Result<(ShipmentHead, usize), DecodeError> {
    if reader.array("magic")? != MAGIC {
        return Err(DecodeError::Value("magic"));
    }
    let head = ShipmentHead {
        journal: JournalId::from_bytes(reader.array("journal")?),
        epoch: reader.u64("epoch")?,
        size: reader.u64("size")?,
    };
    let sealed = usize::try_from(reader.u32("sealed root")?).unwrap_or(usize::MAX);
    if sealed > SEALED_BYTES_MAX {
        return Err(DecodeError::Limit("sealed root"));
    }
    Ok((head, sealed))
}

fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shipment_is_whole_or_refused() {
        let head = ShipmentHead { journal: JournalId::from_bytes([7; 16]), epoch: 3, size: 40 };
        let key = |node| PageKey { node: NodeId(node), generation: 2 };
        let pages = [(key(0), vec![1; 90]), (key(4), vec![2; 70])].into();
        let shipment = Shipment { head, sealed_root: vec![9; 50], pages, note: vec![3; 20] };
        let bytes = shipment.encode();
        assert_eq!(Shipment::decode(&bytes), Ok(shipment));
        assert_eq!(ShipmentHead::read(&bytes), Ok((head, HEAD_BYTES + 50)));
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(Shipment::decode(&changed).is_err(), "byte {at}");
            assert!(Shipment::decode(&bytes[..at]).is_err(), "{at} bytes");
        }
    }

    #[test]
    fn a_signature_covers_every_byte_before_it() {
        let head = ShipmentHead { journal: JournalId::from_bytes([7; 16]), epoch: 3, size: 40 };
        let pages = [(PageKey { node: NodeId(0), generation: 2 }, vec![1; 90])].into();
        let unsigned = Shipment { head, sealed_root: vec![9; 50], pages, note: Vec::new() };
        let signer = |seed| NoteSigner::new("zegel-installation", &[seed; 32]).unwrap();
        let vkey = signer(1).vkey();
        assert!(!unsigned.is_signed_by(&vkey));
        assert!(!unsigned.clone().signed(&signer(2)).is_signed_by(&vkey));
        let signed = unsigned.signed(&signer(1));
        assert!(signed.is_signed_by(&vkey));
        let mut later = signed.clone();
        later.head.epoch += 1;
        let mut another = signed.clone();
        another.sealed_root[7] ^= 1;
        let mut fewer = signed.clone();
        fewer.pages.clear();
        let mut other = signed;
        other.head.journal = JournalId::from_bytes([8; 16]);
        for changed in [later, another, fewer, other] {
            let bytes = changed.encode();
            assert!(!Shipment::decode(&bytes).unwrap().is_signed_by(&vkey), "{changed:?}");
        }
    }
}
