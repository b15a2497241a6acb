//! What the server can do, and what becomes of it when ten times as much is asked.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::server::Installation;
use crate::wire::{Answer, Wire, submission};
use crate::{Findings, Size};

/// As many as may be with the engine at the same time (docs/format/http.md §6).
const CALLERS: usize = 32;
/// Connections of the flood, and how many requests wait on each at most.
const FLOOD_CONNECTIONS: usize = 900;
const FLOOD_DEPTH: usize = 1;
/// How many times the capacity is offered.
const TIMES: u64 = 10;

/// When the next request is due.
#[derive(Debug, Clone, Copy)]
enum Pace {
    /// Once the one before is answered.
    Closed,
    /// So many a second, whatever becomes of them.
    Open(u64),
}

/// What came of a load.
#[derive(Default)]
struct Outcome {
    seconds: f64,
    offered: u64,
    sent: u64,
    turned_down: u64,
    without_retry: u64,
    other: u64,
    /// Microseconds from the moment a request was due to its answer, of those that were done.
    done: Vec<u32>,
}

/// Measures alone, at capacity, and at ten times capacity.
pub(crate) fn flood(of: &Installation, address: SocketAddr, size: &Size) -> Findings {
    let unloaded = run(of, address, "unloaded", 1, 1, Pace::Closed, size.measure);
    let capacity = run(of, address, "capacity", CALLERS, 1, Pace::Closed, size.measure);
    let able = per_second(capacity.done.len(), capacity.seconds);
    let offer = Pace::Open(able * TIMES);
    let flooded = run(of, address, "flooded", FLOOD_CONNECTIONS, FLOOD_DEPTH, offer, size.measure);
    let before = judge("unloaded", unloaded);
    judge("capacity", capacity);
    let mut findings = Findings::new();
    if flooded.without_retry > 0 || flooded.other > 0 {
        let (without, other) = (flooded.without_retry, flooded.other);
        findings.push(format!("flood: {without} without Retry-After, {other} other answers"));
    }
    let goodput = per_second(flooded.done.len(), flooded.seconds);
    let seen = flooded.sent as f64 / flooded.seconds / able as f64;
    let after = judge("flooded", flooded);
    let slower = f64::from(after) / f64::from(before);
    println!(
        "flood: capacity {able}/s; the server saw {seen:.1} times that; admitted {goodput}/s, \
         p99 {after} µs, {slower:.1} times the unloaded {before} µs"
    );
    if seen < TIMES as f64 * 0.9 {
        println!("flood: this machine could not ask more; the ratio stands for {seen:.1} times");
    }
    if slower > size.slower_max {
        findings.push(format!("flood: the admitted are {slower:.1} times slower"));
    }
    findings
}

fn judge(name: &str, mut outcome: Outcome) -> u32 {
    let done = outcome.done.len();
    let p99 = p99(&mut outcome.done);
    let p50 = outcome.done.get(done / 2).copied().unwrap_or(0);
    println!(
        "{name}: {:.1} s, offered {}, sent {}, done {done}, turned down {}, p50 {p50} µs, p99 {p99} µs",
        outcome.seconds, outcome.offered, outcome.sent, outcome.turned_down
    );
    p99
}

fn per_second(count: usize, seconds: f64) -> u64 {
    let micros = Duration::from_secs_f64(seconds).as_micros().max(1);
    u64::try_from(count as u128 * 1_000_000 / micros).unwrap_or(u64::MAX)
}

/// How many requests are due since then.
fn due(rate: u64, since: Instant) -> u64 {
    let micros = since.elapsed().as_micros();
    u64::try_from(micros * u128::from(rate) / 1_000_000).unwrap_or(u64::MAX)
}

/// The 99th percentile; sorts.
pub(crate) fn p99(values: &mut [u32]) -> u32 {
    values.sort_unstable();
    values.get(values.len() * 99 / 100).copied().unwrap_or(u32::MAX)
}

/// One connection and what it waits for: when each of its requests was due.
struct Lane {
    wire: Wire,
    due: VecDeque<Instant>,
}

/// Sweeps over all connections without ever waiting for one.
fn run(
    of: &Installation,
    address: SocketAddr,
    name: &str,
    connections: usize,
    depth: usize,
    pace: Pace,
    time: Duration,
) -> Outcome {
    let lane = || Lane { wire: Wire::to(address).unwrap(), due: VecDeque::new() };
    let mut lanes: Vec<Lane> = (0..connections).map(|_| lane()).collect();
    let mut outcome = Outcome::default();
    let began = Instant::now();
    let mut turn = 0;
    while began.elapsed() < time {
        let owed = match pace {
            Pace::Closed => u64::MAX,
            Pace::Open(rate) => due(rate, began) - outcome.offered,
        };
        let offers = owed.min((connections * depth) as u64);
        let sent = offer(of, name, &mut lanes, depth, offers, &mut turn, &mut outcome);
        outcome.offered += if matches!(pace, Pace::Closed) { sent } else { owed };
        collect(address, &mut lanes, &mut outcome);
    }
    outcome.seconds = began.elapsed().as_secs_f64();
    let until = Instant::now() + Duration::from_secs(10);
    while lanes.iter().any(|lane| !lane.due.is_empty()) && Instant::now() < until {
        collect(address, &mut lanes, &mut outcome);
    }
    outcome
}

/// Sends what is due where there is room; as many as fit on one connection go out in one write.
fn offer(
    of: &Installation,
    name: &str,
    lanes: &mut [Lane],
    depth: usize,
    offers: u64,
    turn: &mut usize,
    outcome: &mut Outcome,
) -> u64 {
    let (count, mut left) = (lanes.len(), offers);
    for _ in 0..count {
        if left == 0 {
            break;
        }
        *turn = (*turn + 1) % count;
        let lane = &mut lanes[*turn];
        let fits = (depth - lane.due.len()).min(usize::try_from(left).unwrap_or(usize::MAX));
        let mut bytes = Vec::new();
        for _ in 0..fits {
            bytes.extend(submission(of, &format!("{name}-{}", outcome.sent)));
            outcome.sent += 1;
            lane.due.push_back(Instant::now());
        }
        if fits > 0 {
            lane.wire.send(&bytes);
            left -= fits as u64;
        }
    }
    offers - left
}

fn collect(address: SocketAddr, lanes: &mut [Lane], outcome: &mut Outcome) {
    for lane in lanes.iter_mut().filter(|lane| !lane.due.is_empty()) {
        lane.wire.push();
        lane.wire.pull();
        while let Some(answer) = lane.wire.next() {
            let due = lane.due.pop_front().expect("an answer to a request");
            note(&answer, due, outcome);
        }
        if lane.wire.closed {
            outcome.other += lane.due.len() as u64;
            *lane = Lane { wire: Wire::to(address).unwrap(), due: VecDeque::new() };
        }
    }
}

fn note(answer: &Answer, due: Instant, outcome: &mut Outcome) {
    match answer.status {
        200 | 201 => {
            outcome.done.push(u32::try_from(due.elapsed().as_micros()).unwrap_or(u32::MAX));
        }
        429 | 503 => {
            outcome.turned_down += 1;
            outcome.without_retry += u64::from(!answer.retry_after);
        }
        _ => outcome.other += 1,
    }
}
