//! Decoders of this crate, for those who try them on bytes of any kind (feature `trial`).

use record::Record;

use crate::guard;
use crate::layout::{self, BlockKey, Frame};

/// Reads the head of a guard; gives one slot as it would be written again.
#[must_use]
pub fn guard_head(bytes: &[u8]) -> Option<Vec<u8>> {
    guard::newest(bytes).map(|copy| guard::slot(&copy))
}

/// Reads the log of a guard: its whole records, and how many bytes they take.
#[must_use]
pub fn guard_log(bytes: &[u8]) -> (Vec<Record>, usize) {
    guard::whole_frames(bytes)
}

/// A frame of that log.
#[must_use]
pub fn guard_frame(record: &[u8]) -> Vec<u8> {
    guard::log_frame(record)
}

/// Walks the frames of a stored value; gives what lies within them, framed again.
#[must_use]
pub fn frames(value: &[u8]) -> Option<Vec<u8>> {
    let (mut offset, mut again) = (0, Vec::new());
    loop {
        match layout::frame_at(value, offset)? {
            Frame::Within(within) => {
                offset = within.end;
                again.extend(layout::frame(value.get(within)?));
            }
            Frame::Longer(_) => return None,
            Frame::End => return Some(again),
        }
    }
}

/// How many kinds of database key these bytes are.
#[must_use]
pub fn keys(bytes: &[u8]) -> usize {
    let page = layout::parse_page_key(bytes).is_some();
    let leaflet = layout::parse_leaflet_key(bytes).is_some();
    usize::from(BlockKey::parse(bytes).is_some()) + usize::from(page) + usize::from(leaflet)
}
