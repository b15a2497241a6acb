//! Requests and answers as bytes, on connections that never block.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::server::{Installation, MARKER};

/// What an answer says, as far as anybody here looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: bool,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn is_done(&self) -> bool {
        matches!(self.status, 200 | 201)
    }

    /// The place of the record.
    pub(crate) fn seq(&self) -> Option<u64> {
        let (_, rest) = self.body.split_once("\"seq\":")?;
        rest.split(',').next()?.parse().ok()
    }
}

/// A connection; reading and writing never wait.
pub(crate) struct Wire {
    stream: TcpStream,
    unsent: Vec<u8>,
    unread: Vec<u8>,
    pub(crate) closed: bool,
}

impl Wire {
    pub(crate) fn to(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream, unsent: Vec::new(), unread: Vec::new(), closed: false })
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.unsent.extend_from_slice(bytes);
        self.push();
    }

    /// Writes what the window takes.
    pub(crate) fn push(&mut self) {
        while !self.closed && !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(written) => drop(self.unsent.drain(..written)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => self.closed = true,
            }
        }
    }

    /// Reads what is there.
    pub(crate) fn pull(&mut self) {
        let mut buffer = [0; 16 * 1024];
        while !self.closed {
            match self.stream.read(&mut buffer) {
                Ok(0) => self.closed = true,
                Ok(read) => self.unread.extend_from_slice(&buffer[..read]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => self.closed = true,
            }
            if self.unread.len() > 1 << 20 {
                return;
            }
        }
    }

    /// The next whole answer that has been read.
    pub(crate) fn next(&mut self) -> Option<Answer> {
        let end = self.unread.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
        let head = std::str::from_utf8(&self.unread[..end]).expect("a head is text");
        let value = |name: &str| {
            let mut lines = head.lines().filter_map(|line| line.split_once(": "));
            lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        };
        let status = head[9..12].parse().expect("a status");
        let length: usize = value("content-length").map_or(0, |length| length.parse().unwrap());
        let retry_after = value("retry-after").is_some();
        let body = self.unread.get(end..end + length)?;
        let body = String::from_utf8(body.to_vec()).expect("a body is text");
        self.unread.drain(..end + length);
        Some(Answer { status, retry_after, body })
    }

    /// Waits for one answer; `None` if the connection ends or the time is over.
    pub(crate) fn wait(&mut self, limit: Duration) -> Option<Answer> {
        self.stream.set_nonblocking(false).ok()?;
        self.stream.set_read_timeout(Some(Duration::from_millis(50))).ok()?;
        let until = Instant::now() + limit;
        let answer = loop {
            if let Some(answer) = self.next() {
                break Some(answer);
            }
            if self.closed || Instant::now() > until {
                break None;
            }
            let mut buffer = [0; 4096];
            match self.stream.read(&mut buffer) {
                Ok(0) => self.closed = true,
                Ok(read) => self.unread.extend_from_slice(&buffer[..read]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => self.closed = true,
            }
        };
        self.stream.set_nonblocking(true).ok()?;
        answer
    }
}

/// Whether an answer came on a connection of its own.
pub(crate) fn ask(address: SocketAddr, request: &[u8], limit: Duration) -> Option<Answer> {
    let mut wire = Wire::to(address).ok()?;
    wire.send(request);
    wire.wait(limit)
}

/// A response under its own key; everything that it says holds the marker.
pub(crate) fn submission(of: &Installation, key: &str) -> Vec<u8> {
    let body = format!(
        r#"{{"group":"{MARKER}-group","answers":[{{"score":4}},{{"text":"{MARKER}-answer"}}]}}"#
    );
    let head = submission_head(of, key, body.len());
    format!("{head}\r\n{body}").into_bytes()
}

/// Its head, without the empty line.
pub(crate) fn submission_head(of: &Installation, key: &str, length: usize) -> String {
    let Installation { tenant, round, token, .. } = of;
    format!(
        "POST /v1/tenants/{tenant}/rounds/{round}/responses HTTP/1.1\r\nHost: {MARKER}-host\r\n\
         Authorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Idempotency-Key: {MARKER}-{key}\r\nX-Note: {MARKER}-header\r\nContent-Length: {length}\r\n"
    )
}
