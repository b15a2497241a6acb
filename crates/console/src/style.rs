//! The one stylesheet.

/// Its text.
pub const STYLE: &str = include_str!("console.css");

/// What it is called: its content is in the name, so that a browser may keep it for ever.
#[must_use]
pub fn style_name() -> String {
    format!("console-{:016x}.css", fingerprint(STYLE.as_bytes()))
}

/// FNV-1a of 64 bits: it tells versions of our own text apart, and proves nothing.
const fn fingerprint(bytes: &[u8]) -> u64 {
    let (mut hash, mut rest) = (0xcbf2_9ce4_8422_2325_u64, bytes);
    while let [byte, after @ ..] = rest {
        hash = (hash ^ *byte as u64).wrapping_mul(0x0100_0000_01b3);
        rest = after;
    }
    hash
}
