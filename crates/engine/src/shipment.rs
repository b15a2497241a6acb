//! All pages of one tenant in one file, with or without the sealed root that opens them
//! (docs/format/backup.md §1).
//!
//! *Invariant:* what decodes is whole: its checksum covers every byte before it.

use std::collections::BTreeMap;

use record::{DecodeError, JournalId, NodeId, PageKey, Reader, Writer};

const MAGIC: [u8; 8] = *b"ZGship01";
/// Everything before the sealed root.
const HEAD_BYTES: usize = 8 + 16 + 8 + 8 + 4;
const CHECKSUM_BYTES: usize = 32;
/// Two root copies sealed to twenty holders are far below this.
const SEALED_BYTES_MAX: usize = 64 * 1024;

/// The pages of a tenant at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shipment {
    pub(crate) head: ShipmentHead,
    /// The root, sealed to outside holders; empty in a backup.
    pub(crate) sealed_root: Vec<u8>,
    pub(crate) pages: BTreeMap<PageKey, Vec<u8>>,
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
    pub(crate) fn encode(&self) -> Vec<u8> {
        let bytes: usize = self.pages.values().map(|page| page.len() + 20).sum();
        let mut out = Writer::with_capacity(HEAD_BYTES + self.sealed_root.len() + bytes + 64);
        let ShipmentHead { journal, epoch, size } = self.head;
        out.bytes(&MAGIC).bytes(journal.as_bytes()).u64(epoch).u64(size);
        out.u32(length(self.sealed_root.len())).bytes(&self.sealed_root);
        out.u32(length(self.pages.len()));
        for (key, page) in &self.pages {
            out.u64(key.node.0).u64(key.generation).u32(length(page.len())).bytes(page);
        }
        let sum = blake3::hash(out.as_slice());
        out.bytes(sum.as_bytes()).finish()
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
        reader.end()?;
        Ok(Self { head, sealed_root, pages })
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
        let shipment = Shipment { head, sealed_root: vec![9; 50], pages };
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
}
