//! What breaks HTTP, or could be read in two ways.

use super::server::{Server, patient};

/// Each is refused, and ends its connection; what follows on it is never answered.
const REFUSED: &[(&[u8], u16)] = &[
    // Two lengths, or a length and an encoding: where does the request end?
    (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400),
    (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\nx", 400),
    (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\nx", 400),
    (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x1\r\n\r\nx", 400),
    (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\nx", 400),
    (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\nx", 400),
    (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\nx", 400),
    (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
    (b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 411),
    (b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 411),
    (b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 411),
    (b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400),
    (b"POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    // Whom is it for?
    (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
    (b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    (b"GET http://a/healthz HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    (b"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    (b"CONNECT a:443 HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    (b"GET healthz HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    // Not HTTP.
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    (b"GET /\xff\xfe HTTP/1.1\r\nHost: h\r\n\x00: x\r\n\r\n", 400),
    (b"GET /healthz HTTP/9.9\r\nHost: h\r\n\r\n", 400),
    (b"GET  /healthz HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    (b"GET /healthz\r\n\r\n", 400),
    (b"G\xc3\x89T /healthz HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    (b"GET /healthz HTTP/1.1\r\nHost: h\r\n folded: x\r\n\r\n", 400),
    (b"GET /healthz HTTP/1.1\r\nHost h\r\n\r\n", 400),
    (b"GET /healthz HTTP/1.1\r\nHost: h\r\nX: a\x00b\r\n\r\n", 400),
];

#[test]
fn what_can_be_read_in_two_ways_is_refused_and_ends_the_connection() {
    let server = Server::start(patient());
    for (bytes, status) in REFUSED {
        let mut client = server.client();
        client.send_bytes(bytes);
        let shown = String::from_utf8_lossy(bytes);
        let head = client.head();
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{shown}: {head}");
        // A second request, smuggled behind the first.
        let _closed_already = client.try_send("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
        let rest = client.rest();
        let rest = String::from_utf8_lossy(&rest);
        assert!(!rest.contains("HTTP/1.1 "), "{shown}: {rest}");
    }
    assert_eq!(server.ask("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);
}

#[test]
fn what_is_odd_but_clear_is_refused_by_its_own_rule() {
    let server = Server::start(patient());
    let long = "x".repeat(15_000);
    let asked = [
        (format!("GET /{long} HTTP/1.1\r\nHost: h\r\n\r\n"), 404),
        (format!("GET /{long}/%ff%00 HTTP/1.1\r\nHost: h\r\n\r\n"), 404),
        (format!("{} /healthz HTTP/1.1\r\nHost: h\r\n\r\n", "M".repeat(1_000)), 405),
        ("BREW /v1/tenants/%ff/checkpoint HTTP/1.1\r\nHost: h\r\n\r\n".into(), 401),
        ("GET /../healthz HTTP/1.1\r\nHost: h\r\n\r\n".into(), 404),
        ("GET //healthz HTTP/1.1\r\nHost: h\r\n\r\n".into(), 404),
        ("GET /healthz/ HTTP/1.1\r\nHost: h\r\n\r\n".into(), 404),
        (super::server::get("/v1/tenants/%ff/checkpoint", "Bearer", super::server::TOKEN), 400),
        (
            super::server::get("/v1/tenants/%00/rounds/a/analysis", "Bearer", super::server::TOKEN),
            400,
        ),
    ];
    for (request, status) in asked {
        let answer = server.ask(&request);
        assert_eq!(answer.status, status, "{request}: {answer:?}");
        answer.problem();
    }
}
