//! Thousands of connections that never become a request, while honest callers go on.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::flood::p99;
use crate::server::{Installation, MARKER};
use crate::wire::{Answer, Wire, ask, submission, submission_head};
use crate::{Findings, Size};

/// The server's own times (docs/format/http.md §6), and what a busy machine adds.
const REAPED_WITHIN: Duration = Duration::from_secs(10);
const SLACK: Duration = Duration::from_secs(5);
const CALL_MAX: Duration = Duration::from_secs(10);
/// Who is cut off comes again, but not more often than this in all: it is the places that are under
/// siege here; the flood is a stage of its own.
const RETURNS_PER_SWEEP: usize = 50;
/// One that never reads costs thousands of answers before it is stuck.
const NEVER_READ_ONE_OF: usize = 50;
/// Their answers are more than the buffers of both sides hold.
const NEVER_READ_REQUESTS: usize = 20_000;
const SWEEP: Duration = Duration::from_millis(100);

/// How an attacker holds its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Part of a head, and silence.
    HalfOpen,
    /// A head, a byte at a time.
    TricklingHead,
    /// The head of a caller who holds the token, and then a body, a byte at a time.
    TricklingBody,
    /// Asks and asks, and never reads an answer.
    NeverReads,
}

struct Attacker {
    kind: Kind,
    wire: Wire,
    since: Instant,
}

impl Attacker {
    fn new(kind: Kind, of: &Installation, address: SocketAddr) -> Option<Self> {
        let mut wire = Wire::to(address).ok()?;
        match kind {
            Kind::HalfOpen => wire.send(b"GET /healthz HTTP/1.1\r\nHost:"),
            Kind::TricklingHead => wire.send(b"GET /healthz HTTP/1.1\r\nHost: h\r\nX: "),
            Kind::TricklingBody => {
                wire.send(format!("{}\r\n{{", submission_head(of, "body", 1_000)).as_bytes());
            }
            Kind::NeverReads => {
                wire.send(
                    "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"
                        .repeat(NEVER_READ_REQUESTS)
                        .as_bytes(),
                );
            }
        }
        Some(Self { kind, wire, since: Instant::now() })
    }

    /// Sends its next byte; whether it is gone.
    fn goes_on(&mut self) -> bool {
        match self.kind {
            Kind::HalfOpen => {}
            Kind::TricklingHead | Kind::TricklingBody => self.wire.send(b"x"),
            Kind::NeverReads => {
                // Its end shows only to who writes.
                self.wire.send(b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
                return self.wire.closed;
            }
        }
        self.wire.pull();
        self.wire.closed
    }
}

/// Attackers of every kind, with honest calls between them.
pub(crate) fn siege(of: &Installation, address: SocketAddr, size: &Size) -> Findings {
    let over = AtomicBool::new(false);
    let honest = Honest::default();
    let mut findings = Findings::new();
    let besieged = std::thread::scope(|scope| {
        scope.spawn(|| honest.newcomers(of, address, &over));
        scope.spawn(|| honest.regular(of, address, &over));
        let besieged = besiege(of, address, size);
        over.store(true, Ordering::Relaxed);
        besieged
    });
    let (calls, failed) =
        (honest.calls.load(Ordering::Relaxed), honest.failed.load(Ordering::Relaxed));
    let slowest = honest.slowest_ms.load(Ordering::Relaxed);
    println!(
        "siege: {} half-open, {} trickling; {} connections in all; reaped after {:.1} s at most, \
         {} still open; honest calls {calls}, failed {failed}, slowest {slowest} ms",
        size.half_open,
        size.trickling,
        besieged.connections,
        besieged.longest.as_secs_f64(),
        besieged.open
    );
    if besieged.longest > REAPED_WITHIN + SLACK || besieged.open > 0 {
        findings.push("siege: a connection outlived its time-out".into());
    }
    if failed > 0 || calls < 20 {
        findings.push(format!("siege: {failed} of {calls} honest calls failed"));
    }
    findings.extend(oversized(of, address));
    findings
}

struct Besieged {
    connections: usize,
    longest: Duration,
    open: usize,
}

/// Keeps all attackers there until the time is over, then waits until the last one is reaped.
fn besiege(of: &Installation, address: SocketAddr, size: &Size) -> Besieged {
    let began = Instant::now();
    let mut kinds = vec![Kind::HalfOpen; size.half_open];
    let trickle = [Kind::TricklingHead, Kind::TricklingBody];
    let shown = size.trickling - size.trickling / NEVER_READ_ONE_OF;
    kinds.extend(trickle.iter().cycle().take(shown));
    kinds.extend(std::iter::repeat_n(Kind::NeverReads, size.trickling / NEVER_READ_ONE_OF));
    let mut away: Vec<Kind> = kinds;
    let mut attackers: Vec<Attacker> = Vec::new();
    let (mut connections, mut longest) = (0, Duration::ZERO);
    loop {
        let sweep = Instant::now();
        let attacking = began.elapsed() < size.siege;
        let first = connections < size.half_open + size.trickling;
        let come = if first { 1_000 } else { RETURNS_PER_SWEEP };
        for _ in 0..if attacking { come.min(away.len()) } else { 0 } {
            let kind = away.swap_remove(connections * 7_919 % away.len());
            match Attacker::new(kind, of, address) {
                Some(attacker) => {
                    attackers.push(attacker);
                    connections += 1;
                }
                None => away.push(kind),
            }
        }
        attackers.retain_mut(|attacker| {
            let gone = attacker.goes_on();
            if gone {
                longest = longest.max(attacker.since.elapsed());
                away.push(attacker.kind);
            }
            !gone
        });
        let late = began.elapsed() > size.siege + REAPED_WITHIN + SLACK;
        if !attacking && (attackers.is_empty() || late) {
            return Besieged { connections, longest, open: attackers.len() };
        }
        std::thread::sleep(SWEEP.saturating_sub(sweep.elapsed()));
    }
}

/// Callers who want nothing but an answer.
#[derive(Default)]
struct Honest {
    calls: AtomicU64,
    failed: AtomicU64,
    slowest_ms: AtomicU64,
}

impl Honest {
    /// Each call on a new connection, as of somebody whom the server does not know yet.
    fn newcomers(&self, of: &Installation, address: SocketAddr, over: &AtomicBool) {
        let mut number = 0;
        while !over.load(Ordering::Relaxed) {
            let began = Instant::now();
            let request = submission(of, &format!("newcomer-{number}"));
            let answer = ask(address, &request, CALL_MAX);
            self.note(began, answer.as_ref());
            number += 1;
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// All calls on one connection, with pauses in which it merely waits.
    fn regular(&self, of: &Installation, address: SocketAddr, over: &AtomicBool) {
        let mut wire = Wire::to(address).expect("the first connection of all");
        let mut number = 0;
        while !over.load(Ordering::Relaxed) {
            let began = Instant::now();
            wire.send(&submission(of, &format!("regular-{number}")));
            let answer = wire.wait(CALL_MAX);
            self.note(began, answer.as_ref());
            if wire.closed {
                match Wire::to(address) {
                    Ok(again) => wire = again,
                    Err(_) => continue,
                }
            }
            number += 1;
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn note(&self, began: Instant, answer: Option<&Answer>) {
        let good = answer.is_some_and(|answer| answer.status == 201);
        if !good {
            let after = began.elapsed().as_millis();
            println!("siege: an honest call failed after {after} ms: {answer:?}");
        }
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.failed.fetch_add(u64::from(!good), Ordering::Relaxed);
        let millis = u64::try_from(began.elapsed().as_millis()).unwrap();
        self.slowest_ms.fetch_max(millis, Ordering::Relaxed);
    }
}

/// Too much of something: each is refused at once, and says so.
fn oversized(of: &Installation, address: SocketAddr) -> Findings {
    let many = format!("X-{MARKER}: {MARKER}\r\n").repeat(80);
    let long = MARKER.repeat(3_000);
    let body = |length: usize| submission_head(of, "big", length);
    let asked = [
        ("headers too many", format!("GET / HTTP/1.1\r\nHost: h\r\n{many}\r\n"), 431),
        ("header too long", format!("GET / HTTP/1.1\r\nHost: h\r\nX: {long}\r\n\r\n"), 431),
        ("target too long", format!("GET /{long} HTTP/1.1\r\nHost: h\r\n\r\n"), 431),
        ("body announced too large", format!("{}\r\n", body(64 * 1024 + 1)), 413),
        ("body announced enormous", format!("{}\r\n", body(usize::MAX >> 1)), 413),
        (
            "body of unknown length",
            format!("{}Transfer-Encoding: chunked\r\n\r\nfff\r\n{MARKER}", body(5)),
            411,
        ),
    ];
    let mut findings = Findings::new();
    let mut took = Vec::new();
    for (what, request, status) in asked {
        let began = Instant::now();
        let answer = ask(address, request.as_bytes(), CALL_MAX);
        took.push(u32::try_from(began.elapsed().as_micros()).unwrap());
        if answer.as_ref().map(|answer| answer.status) != Some(status) {
            findings.push(format!("oversized: {what}: {answer:?} instead of {status}"));
        }
        if answer.is_some_and(|answer| answer.body.contains(MARKER)) {
            findings.push(format!("oversized: {what}: the answer repeats the request"));
        }
    }
    println!("oversized: 6 kinds refused, slowest {} µs", p99(&mut took));
    findings
}
