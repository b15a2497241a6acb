//! The control: a server that answers everybody in turn, and has no limit of any kind.
//!
//! The same stages are run against it, and must find what is wrong with it.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// What one answer takes; nobody is turned down, so everybody waits for everybody.
const WORK: Duration = Duration::from_micros(300);
const ANSWER: &[u8] =
    b"HTTP/1.1 201 Created\r\ncontent-length: 26\r\n\r\n{\"seq\":0,\"repeated\":false}";

/// Serves until the process ends.
pub(crate) fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut callers: Vec<(TcpStream, Vec<u8>)> = Vec::new();
        loop {
            while let Ok((stream, _)) = listener.accept() {
                stream.set_nonblocking(true).unwrap();
                callers.push((stream, Vec::new()));
            }
            callers.retain_mut(|(stream, unread)| attend(stream, unread));
            std::thread::sleep(Duration::from_micros(50));
        }
    });
    address
}

/// Answers the requests that are whole; whether the caller is still there.
fn attend(stream: &mut TcpStream, unread: &mut Vec<u8>) -> bool {
    let mut buffer = [0; 4096];
    match stream.read(&mut buffer) {
        Ok(0) => return false,
        Ok(read) => unread.extend_from_slice(&buffer[..read]),
        Err(error) if error.kind() == ErrorKind::WouldBlock => {}
        Err(_) => return false,
    }
    while let Some(end) = unread.windows(4).position(|four| four == b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&unread[..end]).to_lowercase();
        let length = head.split_once("content-length: ").map_or("0", |(_, rest)| rest);
        let length: usize = length.lines().next().unwrap().parse().unwrap_or(0);
        if unread.len() < end + 4 + length {
            break;
        }
        unread.drain(..end + 4 + length);
        std::thread::sleep(WORK);
        if stream.write_all(ANSWER).is_err() {
            return false;
        }
    }
    true
}
