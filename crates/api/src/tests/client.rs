//! A raw HTTP/1.1 client, which can also misbehave.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// Only reached by a test that fails.
pub(super) const HANG: Duration = Duration::from_secs(30);

pub(super) struct Client {
    stream: TcpStream,
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    head: String,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The last word of a problem's type.
    pub(super) fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let document = self.json();
        assert_eq!(document["status"], self.status);
        assert!(document["title"].is_string());
        let name = document["type"].as_str().unwrap();
        name.strip_prefix("urn:zegel:problem:").unwrap().to_owned()
    }
}

impl Client {
    pub(super) fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(HANG)).unwrap();
        Self { stream }
    }

    pub(super) fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).unwrap();
    }

    /// Bytes that need not be text.
    pub(super) fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    /// Whether the server still takes all of it.
    pub(super) fn try_send(&mut self, text: &str) -> bool {
        self.stream.set_write_timeout(Some(HANG)).unwrap();
        self.stream.write_all(text.as_bytes()).is_ok()
    }

    pub(super) fn ask(&mut self, text: &str) -> Answer {
        self.send(text);
        self.answer()
    }

    /// Reads one head; also that of an interim answer.
    pub(super) fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            assert_eq!(self.stream.read(&mut byte).unwrap(), 1, "closed within a head");
            head.extend(byte);
        }
        String::from_utf8(head).unwrap()
    }

    /// Reads one line.
    pub(super) fn line(&mut self) -> String {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            line.extend(self.exactly(1));
        }
        String::from_utf8(line).unwrap()
    }

    /// Reads so many bytes.
    pub(super) fn exactly(&mut self, bytes: usize) -> Vec<u8> {
        let mut read = vec![0; bytes];
        self.stream.read_exact(&mut read).unwrap();
        read
    }

    pub(super) fn answer(&mut self) -> Answer {
        let head = self.head();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut answer = Answer { status, head, body: String::new() };
        // An answer without content has no length (RFC 9110 §8.6).
        let length = answer.header("content-length").unwrap_or("0").parse().unwrap();
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        answer.body = String::from_utf8(body).unwrap();
        answer
    }

    /// Waits until the server closes; what it still sends is returned.
    pub(super) fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        match self.stream.read_to_end(&mut rest) {
            Ok(_) => rest,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => rest,
            Err(error) if error.kind() == ErrorKind::BrokenPipe => rest,
            Err(error) => panic!("still open: {error}"),
        }
    }
}
