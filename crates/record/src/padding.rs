//! Lengths that say little: PADMÉ with a floor (docs/format/record.md §6).
//!
//! SOURCE: Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with
//! PURBs", PoPETs 2019, §4: at most 12 % overhead, and O(log log n) bits of length leak.

/// Shortest padded plaintext, in bytes: an event of a few fields and one of none look alike.
pub const PADDED_BYTES_MIN: u32 = 64;

/// The padded length of `bytes` bytes of plaintext.
///
/// `None` above 2^32 − 2^26, where the result has no 32 bits: far over every limit of a record.
#[must_use]
pub fn padded_length(bytes: u32) -> Option<u32> {
    let bytes = bytes.max(PADDED_BYTES_MIN);
    let exponent = bytes.ilog2();
    let kept = exponent.ilog2() + 1;
    let unit = 1u32.checked_shl(exponent.checked_sub(kept)?)?;
    bytes.checked_next_multiple_of(unit)
}

/// Whether a padded plaintext can have this length.
#[must_use]
pub fn is_padded_length(bytes: u32) -> bool {
    padded_length(bytes) == Some(bytes)
}
