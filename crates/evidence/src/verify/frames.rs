//! A file of pieces, each behind its length (docs/format/bundle.md §5), read without a copy of each.
//!
//! *Invariant:* the buffer grows with what the file holds, never with what a length promises.

use std::io::{self, Read};
use std::ops::Range;

use record::HEADER_BYTES_MAX;

use super::frame::or_unreadable;
use crate::report::Findings;
use crate::source::Source;

/// Bytes of one read.
const READ_BYTES: usize = 64 * 1024;

/// An open file and the piece that was read last.
pub(crate) struct Frames {
    path: String,
    reader: Box<dyn Read>,
    buffer: Vec<u8>,
    /// What was read and not given out.
    ready: Range<usize>,
    last: Range<usize>,
}

impl Frames {
    /// Opens a file; a missing one is reported with the files.
    pub(crate) fn open(source: &Source, path: String, findings: &mut Findings) -> Option<Self> {
        let reader = or_unreadable(source.reader(&path), &path, findings)??;
        Some(Self { path, reader, buffer: Vec::new(), ready: 0..0, last: 0..0 })
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The piece that was read last.
    pub(crate) fn last(&self) -> &[u8] {
        self.buffer.get(self.last.clone()).unwrap_or_default()
    }

    /// Reads the length of the next piece.
    pub(super) fn length(&mut self) -> io::Result<u32> {
        let cut_short =
            || io::Error::new(io::ErrorKind::UnexpectedEof, "failed to fill whole buffer");
        self.take(4)?.ok_or_else(cut_short)?;
        let length = self.last().first_chunk().copied().unwrap_or_default();
        Ok(u32::from_be_bytes(length))
    }

    /// Reads a piece of so many bytes.
    pub(super) fn next(&mut self, length: u32) -> io::Result<()> {
        let bytes = usize::try_from(length).unwrap_or(usize::MAX);
        self.take(bytes)?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    /// Reads a header; the reason in words if there is none.
    pub(crate) fn next_header(&mut self) -> Result<(), String> {
        let length = self.length().map_err(|error| error.to_string())?;
        if usize::try_from(length).is_ok_and(|length| length <= HEADER_BYTES_MAX) {
            return self.next(length).map_err(|error| error.to_string());
        }
        Err(format!("a length of {length} bytes"))
    }

    /// Whether nothing follows.
    pub(super) fn at_end(&mut self) -> bool {
        matches!(self.take(1), Ok(None))
    }

    /// Makes the next bytes the last piece; `None` if the file ends before.
    fn take(&mut self, bytes: usize) -> io::Result<Option<()>> {
        while self.ready.len() < bytes {
            if !self.read_more()? {
                return Ok(None);
            }
        }
        self.last = self.ready.start..self.ready.start + bytes;
        self.ready.start += bytes;
        Ok(Some(()))
    }

    /// Reads behind what is ready; false at the end of the file.
    fn read_more(&mut self) -> io::Result<bool> {
        if self.buffer.len() - self.ready.end < READ_BYTES {
            self.buffer.copy_within(self.ready.clone(), 0);
            self.ready = 0..self.ready.len();
            let room = (2 * self.ready.len()).max(READ_BYTES);
            self.buffer.resize(self.buffer.len().max(self.ready.end + room), 0);
        }
        let room = self.buffer.get_mut(self.ready.end..).unwrap_or_default();
        let read = loop {
            match self.reader.read(room) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.ready.end += read;
        Ok(read > 0)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// Gives at most seven bytes at a time.
    struct Trickle(Cursor<Vec<u8>>);

    impl Read for Trickle {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            let most = room.len().min(7);
            self.0.read(&mut room[..most])
        }
    }

    fn pieces(reader: impl Read + 'static) -> Frames {
        let reader = Box::new(reader);
        Frames { path: String::new(), reader, buffer: Vec::new(), ready: 0..0, last: 0..0 }
    }

    fn framed(lengths: &[usize]) -> Vec<u8> {
        let piece = |length: &usize| {
            let body: Vec<u8> = (0..=250u8).cycle().take(*length).collect();
            [u32::try_from(*length).unwrap().to_be_bytes().to_vec(), body].concat()
        };
        lengths.iter().map(piece).collect::<Vec<_>>().concat()
    }

    #[test]
    fn pieces_of_any_length_come_out_as_they_were_written() {
        let lengths = [0, 1, 300_000, 5, 65_532, 65_536, 2, 1_000_000, 0];
        let bytes = framed(&lengths);
        for mut pieces in [pieces(Cursor::new(bytes.clone())), pieces(Trickle(Cursor::new(bytes)))]
        {
            for expected in lengths {
                let length = pieces.length().unwrap();
                pieces.next(length).unwrap();
                assert_eq!(framed(&[pieces.last().len()]), framed(&[expected]));
                assert!(pieces.last().iter().copied().eq((0..=250).cycle().take(expected)));
            }
            assert!(pieces.at_end());
        }
    }

    #[test]
    fn a_promise_that_the_file_does_not_keep_takes_no_memory() {
        let mut pieces = pieces(Cursor::new(vec![0xff; 100]));
        let length = pieces.length().unwrap();
        assert_eq!(pieces.next(length).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert!(pieces.buffer.len() <= 2 * READ_BYTES, "{}", pieces.buffer.len());
    }
}
