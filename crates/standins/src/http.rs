//! As much HTTP/1.1 as a peer needs: one request on a connection, one answer, well or badly sent.

use std::io::{self, BufRead as _, BufReader, Read, Write};

const HEADER_BYTES_MAX: u64 = 64 * 1024;
const BODY_BYTES_MAX: usize = 64 * 1024;

/// A request that arrived.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// `GET` or `POST`.
    pub method: String,
    /// Without its query.
    pub path: String,
    /// Names and values as they stood there.
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// What was posted.
    pub body: String,
}

impl Asked {
    /// A header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// A parameter of the query.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        find(&self.query, name)
    }
}

pub(crate) fn find<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// `a=1&b=2`, not unescaped.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let split = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    split.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// How an answer is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    Whole,
    /// Half of the body that was announced.
    Half,
    /// A chunk, and then the connection ends.
    HangUp,
    /// Byte by byte.
    Trickle,
    /// A body without end.
    Endless,
    /// Nothing, for as long as the peer waits.
    Silence,
}

#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) manner: Manner,
}

impl Reply {
    pub(crate) fn json(status: u16, body: impl ToString) -> Self {
        Self {
            status,
            headers: vec![("Content-Type", "application/json; charset=utf-8".to_owned())],
            body: body.to_string().into_bytes(),
            manner: Manner::Whole,
        }
    }

    pub(crate) fn send(&self, stream: &mut (impl Read + Write)) -> io::Result<()> {
        let announced = match self.manner {
            Manner::Whole | Manner::Half => format!("Content-Length: {}", self.body.len()),
            _ => "Transfer-Encoding: chunked".to_owned(),
        };
        let mut head =
            format!("HTTP/1.1 {} -\r\nConnection: close\r\n{announced}\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        match self.manner {
            Manner::Silence => {
                // Ends when the peer hangs up.
                let _ = stream.read(&mut [0]);
                return Ok(());
            }
            Manner::Whole => stream.write_all(&[head.as_bytes(), &self.body].concat())?,
            Manner::Half => {
                let half = self.body.get(..self.body.len() / 2).unwrap_or_default();
                stream.write_all(&[head.as_bytes(), half].concat())?;
            }
            Manner::HangUp => {
                stream.write_all(head.as_bytes())?;
                chunk(stream, &self.body)?;
            }
            Manner::Trickle => {
                stream.write_all(head.as_bytes())?;
                for byte in &self.body {
                    chunk(stream, &[*byte])?;
                }
                chunk(stream, b"")?;
            }
            Manner::Endless => {
                stream.write_all(head.as_bytes())?;
                while chunk(stream, &[b' '; 16 * 1024]).is_ok() {}
            }
        }
        stream.flush()
    }
}

fn chunk(stream: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let head = format!("{:x}\r\n", bytes.len());
    stream.write_all(&[head.as_bytes(), bytes, b"\r\n"].concat())?;
    stream.flush()
}

/// Reads one request.
pub(crate) fn read(stream: &mut impl Read) -> io::Result<Asked> {
    let wrong = || io::Error::from(io::ErrorKind::InvalidData);
    let mut reader = BufReader::new(stream.take(HEADER_BYTES_MAX));
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(wrong());
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let mut lines = lines.into_iter();
    let first = lines.next().ok_or_else(wrong)?;
    let mut words = first.split(' ');
    let method = words.next().unwrap_or_default().to_owned();
    let target = words.next().ok_or_else(wrong)?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let header = |line: String| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_lowercase(), value.trim().to_owned()))
    };
    let headers: Vec<(String, String)> = lines.filter_map(header).collect();
    let length = find(&headers, "content-length").and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0).min(BODY_BYTES_MAX)];
    reader.read_exact(&mut body)?;
    let body = String::from_utf8(body).map_err(|_| wrong())?;
    Ok(Asked { method, path: path.to_owned(), query: pairs(query), headers, body })
}
