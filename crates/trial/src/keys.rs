//! Pages and slots of the key tree.

use record::{NodeId, PageKey};
use vault::trial;

const KEY: [u8; 32] = [7; 32];

/// Entry pages in clear.
pub(crate) fn entries(bytes: &[u8]) {
    if let Some(again) = trial::entries(bytes) {
        assert_eq!(again, bytes, "an entry page is written as it was read");
    }
}

/// Stored pages: these bytes open under no key; the same bytes sealed open where they were sealed.
pub(crate) fn page(bytes: &[u8]) {
    let at = PageKey { node: NodeId(3), generation: 5 };
    assert_eq!(trial::open_page(&KEY, at, bytes), None, "nobody sealed these bytes");
    let plain = bytes.get(..bytes.len().min(300)).unwrap();
    let sealed = trial::seal_page(&KEY, at, plain).expect("it fits");
    assert_eq!(trial::open_page(&KEY, at, &sealed).as_deref(), Some(plain));
    let elsewhere = PageKey { generation: 6, ..at };
    assert_eq!(trial::open_page(&KEY, elsewhere, &sealed), None);
    let Some((place, change)) = bytes.split_first() else { return };
    let mut changed = sealed;
    let place = usize::from(*place) % changed.len();
    changed[place] ^= change.first().copied().unwrap_or(1).max(1);
    assert_eq!(trial::open_page(&KEY, at, &changed), None, "a changed page does not open");
}

/// A tree whose pages in clear are these bytes: first the tenant page, then one page after another,
/// each with its length in front, whatever node is asked for.
pub(crate) fn tree(bytes: &[u8]) {
    let mut reader = record::Reader::new(bytes);
    let mut next = || {
        let length = usize::from(reader.u16("length").ok()?);
        reader.bytes(length.min(reader.remaining()), "page").ok().map(<[u8]>::to_vec)
    };
    let Some(tenant) = next() else { return };
    let again = trial::tree(&KEY, &tenant, &mut |at| trial::seal_page(&KEY, at, &next()?));
    if let Some(again) = again {
        assert_eq!(again, tenant, "a tenant page is written as it was read");
    }
}

/// Slots: these bytes, and a genuine slot with some of its bytes changed.
pub(crate) fn slot(bytes: &[u8]) {
    let _nobody_wrote_it = trial::slot(bytes);
    let [epoch, changes @ ..] = bytes else { return };
    let mut slot = trial::slot_of(u64::from(*epoch), &KEY, 8).expect("randomness");
    assert_eq!(trial::slot(&slot), Some((u64::from(*epoch), 8, 8)));
    for change in changes.chunks_exact(3).take(64) {
        let at = usize::from(u16::from_be_bytes([change[0], change[1]])) % slot.len();
        slot[at] ^= change[2];
    }
    if let Some((read, generation, copies)) = trial::slot(&slot) {
        assert_eq!((read, generation), (u64::from(*epoch), 8), "a copy is whole or none");
        assert!((1..=8).contains(&copies));
    }
}
