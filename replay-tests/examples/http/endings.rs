//! Answers that are lost, and servers that end in the middle of their work.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::server::{Installation, Server};
use crate::wire::{Answer, Wire, ask, submission};
use crate::{Findings, Size};

const CALL_MAX: Duration = Duration::from_secs(10);
/// The server's own limit for what still runs (docs/format/http.md §6), and a margin.
const STOP_MAX: Duration = Duration::from_secs(12);
const CALLERS: usize = 32;
const LOAD: Duration = Duration::from_millis(700);

/// Callers hang up before they hear; later each asks again, twice.
pub(crate) fn lost_answers(of: &Installation, size: &Size) -> Findings {
    let server = of.serve();
    let mut findings = Findings::new();
    let mut recorded = 0;
    for number in 0..size.lost_answers {
        let mut wire = Wire::to(server.address).unwrap();
        wire.send(&submission(of, &format!("lost-{number}")));
        // Hung up at once, in the middle of the commit, or just before the answer.
        std::thread::sleep(Duration::from_micros(number * 37 % 2_000));
    }
    for number in 0..size.lost_answers {
        let request = submission(of, &format!("lost-{number}"));
        let first = until_done(server.address, &request);
        let second = until_done(server.address, &request);
        recorded += u64::from(first.body.contains("\"repeated\":true"));
        let same = first.seq() == second.seq() && second.status == 200;
        if !same {
            findings.push(format!("lost: {number}: {first:?}, then {second:?}"));
        }
    }
    server.stop();
    println!(
        "lost answers: {} callers hung up, {recorded} of them had been recorded; \
         each is recorded once",
        size.lost_answers
    );
    findings.extend(counted(of, "lost"));
    findings
}

/// Repeats as the document says: after a refusal for want of room, under the same key.
fn until_done(address: SocketAddr, request: &[u8]) -> Answer {
    loop {
        let answer = ask(address, request, CALL_MAX).expect("an answer");
        if answer.status != 503 {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The responses of the round are exactly as many as there are distinct places.
fn counted(of: &Installation, stage: &str) -> Findings {
    let counted = of.responses();
    let shown = of.run(&["doctor"]);
    let bad = shown["findings"]
        .as_array()
        .unwrap()
        .iter()
        .any(|found| found["grave"].as_bool().unwrap() && !found["good"].as_bool().unwrap());
    println!("{stage}: {counted} responses in the journal, doctor is well: {}", !bad);
    if bad { vec![format!("{stage}: doctor: {shown}")] } else { Vec::new() }
}

/// What was acknowledged: the key and the place of its record.
type Acknowledged = Mutex<BTreeMap<String, u64>>;

#[derive(Default)]
struct Load {
    acknowledged: Acknowledged,
    /// Requests that were sent and whose connection ended without an answer.
    unanswered: AtomicU64,
    over: AtomicBool,
}

impl Load {
    /// Asks on one connection until it ends.
    fn call(&self, of: &Installation, address: SocketAddr, caller: &str) {
        let Ok(mut wire) = Wire::to(address) else { return };
        for number in 0.. {
            if self.over.load(Ordering::Relaxed) {
                return;
            }
            let key = format!("{caller}-{number}");
            wire.send(&submission(of, &key));
            match wire.wait(CALL_MAX) {
                Some(answer) if answer.is_done() => {
                    self.acknowledged.lock().unwrap().insert(key, answer.seq().unwrap());
                }
                Some(_) => {}
                None => {
                    self.unanswered.fetch_add(1, Ordering::Relaxed);
                    return;
                }
            }
        }
    }
}

/// `SIGTERM` under load: what is at work is answered, nothing new is taken.
pub(crate) fn stops(of: &Installation, size: &Size) -> Findings {
    ends(of, size, "stop", "-TERM")
}

/// `SIGKILL` under load: what was acknowledged is there.
pub(crate) fn kills(of: &Installation, size: &Size) -> Findings {
    ends(of, size, "kill", "-KILL")
}

fn ends(of: &Installation, size: &Size, stage: &str, signal: &str) -> Findings {
    let mut findings = Findings::new();
    let (mut acknowledged, mut unanswered, mut slowest) = (0, 0, Duration::ZERO);
    for round in 0..size.endings {
        let load = Load::default();
        let mut server = of.serve();
        let address = server.address;
        let ended = std::thread::scope(|scope| {
            for caller in 0..CALLERS {
                let load = &load;
                scope.spawn(move || load.call(of, address, &format!("{stage}-{round}-{caller}")));
            }
            std::thread::sleep(LOAD);
            server.signal(signal);
            let ended = server.ended_within(STOP_MAX);
            load.over.store(true, Ordering::Relaxed);
            ended
        });
        match ended {
            None => findings.push(format!("{stage}: it did not end in time")),
            Some((status, took)) => {
                slowest = slowest.max(took);
                if stage == "stop" && !status.success() {
                    findings.push(format!("{stage}: it ended with {status}"));
                }
            }
        }
        if Wire::to(address).is_ok() {
            findings.push(format!("{stage}: it still takes connections"));
        }
        acknowledged += load.acknowledged.lock().unwrap().len();
        unanswered += load.unanswered.load(Ordering::Relaxed);
        findings.extend(all_there(of, stage, &load.acknowledged.into_inner().unwrap()));
    }
    println!(
        "{stage}: {} times under load, {acknowledged} acknowledged, {unanswered} connections ended \
         with a request unanswered, slowest end {:.2} s",
        size.endings,
        slowest.as_secs_f64()
    );
    findings.extend(counted(of, stage));
    findings
}

/// After a restart, everything acknowledged is known, at the place that was told.
fn all_there(of: &Installation, stage: &str, acknowledged: &BTreeMap<String, u64>) -> Findings {
    let began = Instant::now();
    let server: Server = of.serve();
    let mut wire = Wire::to(server.address).unwrap();
    let mut lost = 0;
    for (key, seq) in acknowledged {
        wire.send(&submission(of, key));
        let answer = wire.wait(CALL_MAX).expect("an answer");
        let there = answer.status == 200 && answer.seq() == Some(*seq);
        lost += usize::from(!there);
        if wire.closed || began.elapsed() > Duration::from_secs(120) {
            wire = Wire::to(server.address).unwrap();
        }
    }
    server.stop();
    if lost > 0 {
        vec![format!("{stage}: {lost} acknowledged responses are lost")]
    } else {
        Vec::new()
    }
}
