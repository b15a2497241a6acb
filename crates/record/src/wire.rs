//! Reading and writing big-endian bytes with bounds checked once, here.

use thiserror::Error;

/// Why bytes are not what the format says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// Fewer bytes than the field needs.
    #[error("field `{0}` is cut short")]
    Short(&'static str),
    /// Bytes after the last field.
    #[error("bytes follow the last field")]
    Trailing,
    /// A value that the format does not allow.
    #[error("field `{0}` has a value the format does not allow")]
    Value(&'static str),
    /// A count or length above its limit.
    #[error("field `{0}` is over its limit")]
    Limit(&'static str),
}

/// A cursor over bytes; every read names its field.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// [`DecodeError::Short`] if fewer are left.
    pub fn bytes(&mut self, count: usize, field: &'static str) -> Result<&'a [u8], DecodeError> {
        let (head, tail) = self.rest.split_at_checked(count).ok_or(DecodeError::Short(field))?;
        self.rest = tail;
        Ok(head)
    }

    /// The next `N` bytes as an array.
    ///
    /// # Errors
    /// [`DecodeError::Short`] if fewer are left.
    pub fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        let (head, tail) = self.rest.split_first_chunk().ok_or(DecodeError::Short(field))?;
        self.rest = tail;
        Ok(*head)
    }

    /// One byte.
    ///
    /// # Errors
    /// [`DecodeError::Short`] at the end.
    pub fn u8(&mut self, field: &'static str) -> Result<u8, DecodeError> {
        self.array::<1>(field).map(|[byte]| byte)
    }

    /// Two bytes, big-endian.
    ///
    /// # Errors
    /// [`DecodeError::Short`] at the end.
    pub fn u16(&mut self, field: &'static str) -> Result<u16, DecodeError> {
        self.array(field).map(u16::from_be_bytes)
    }

    /// Four bytes, big-endian.
    ///
    /// # Errors
    /// [`DecodeError::Short`] at the end.
    pub fn u32(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        self.array(field).map(u32::from_be_bytes)
    }

    /// Eight bytes, big-endian.
    ///
    /// # Errors
    /// [`DecodeError::Short`] at the end.
    pub fn u64(&mut self, field: &'static str) -> Result<u64, DecodeError> {
        self.array(field).map(u64::from_be_bytes)
    }

    /// A 16-bit length and that many bytes of UTF-8.
    ///
    /// # Errors
    /// [`DecodeError::Limit`] over `bytes_max`, [`DecodeError::Value`] if not UTF-8.
    pub fn text(&mut self, bytes_max: u16, field: &'static str) -> Result<&'a str, DecodeError> {
        let length = self.u16(field)?;
        if length > bytes_max {
            return Err(DecodeError::Limit(field));
        }
        let bytes = self.bytes(usize::from(length), field)?;
        std::str::from_utf8(bytes).map_err(|_| DecodeError::Value(field))
    }

    /// A 32-bit count and that many 16-byte ids.
    ///
    /// # Errors
    /// [`DecodeError::Short`] if the list is longer than what is left.
    pub fn ids(&mut self, field: &'static str) -> Result<Vec<[u8; 16]>, DecodeError> {
        let count = usize::try_from(self.u32(field)?).map_err(|_| DecodeError::Limit(field))?;
        let bytes = count.checked_mul(16).ok_or(DecodeError::Limit(field))?;
        let list = self.bytes(bytes, field)?;
        Ok(list.chunks_exact(16).filter_map(|id| id.try_into().ok()).collect())
    }

    /// How many bytes are left.
    #[must_use]
    pub const fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`DecodeError::Trailing`] if bytes are left.
    pub fn end(self) -> Result<(), DecodeError> {
        if self.rest.is_empty() { Ok(()) } else { Err(DecodeError::Trailing) }
    }
}

/// Builds big-endian bytes.
#[derive(Debug, Clone, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty buffer with room for `bytes`.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes) }
    }

    /// Appends bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// Appends one byte.
    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.bytes(&[value])
    }

    /// Appends two bytes, big-endian.
    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Appends four bytes, big-endian.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Appends eight bytes, big-endian.
    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Appends a count as eight bytes.
    pub fn count(&mut self, count: usize) -> &mut Self {
        self.u64(u64::try_from(count).unwrap_or(u64::MAX))
    }

    /// Appends a 16-bit length and the text.
    ///
    /// # Panics
    /// Over 65,535 bytes, which is a bug of ours: callers hold texts to far shorter limits.
    pub fn text(&mut self, text: &str) -> &mut Self {
        let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
        assert!(usize::from(length) == text.len(), "text over 65,535 bytes");
        self.u16(length).bytes(text.as_bytes())
    }

    /// Appends a 32-bit count and the ids.
    pub fn ids<'a>(&mut self, ids: impl ExactSizeIterator<Item = &'a [u8; 16]>) -> &mut Self {
        let count = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        self.u32(count);
        ids.for_each(|id| {
            self.bytes(id);
        });
        self
    }

    /// The bytes so far.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes
    }

    /// The finished bytes.
    #[must_use]
    pub fn finish(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}
