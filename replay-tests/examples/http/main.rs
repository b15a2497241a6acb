//! The HTTP edge under siege, flood, lost answers and sudden ends (docs/reliability.md).
//!
//! Usage: `http short|long [--only STAGE]`, or `http control`, which must fail. `ZEGEL_BIN` names the binary, which is started here with
//! an installation of its own. Each stage prints its figures; a promise that does not hold ends the
//! run with exit 1. The load comes from this machine alone, and each stage is bounded in time.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a harness prints its figures and stops at once when something is wrong"
)]

mod control;
mod endings;
mod flood;
mod log;
mod server;
mod siege;
mod wire;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use server::Installation;

/// How much of everything.
#[derive(Debug, Clone, Copy)]
struct Size {
    half_open: usize,
    trickling: usize,
    siege: Duration,
    measure: Duration,
    lost_answers: u64,
    endings: u32,
    /// Admitted requests stay under this many times their unloaded p99.
    slower_max: f64,
}

/// A minute in all, beside other tests. What they take is not judged here: the ratio only tells a
/// bounded queue from one without bounds, which was 2,000 times slower.
const SHORT: Size = Size {
    half_open: 1_000,
    trickling: 1_000,
    siege: Duration::from_secs(12),
    measure: Duration::from_secs(3),
    lost_answers: 100,
    endings: 1,
    slower_max: 200.0,
};
const LONG: Size = Size {
    half_open: 5_000,
    trickling: 5_000,
    siege: Duration::from_secs(60),
    measure: Duration::from_secs(20),
    lost_answers: 2_000,
    endings: 10,
    slower_max: 5.0,
};

/// Enough to find a server without limits out.
const CONTROL: Size = Size {
    half_open: 100,
    trickling: 100,
    siege: Duration::from_secs(1),
    measure: Duration::from_secs(2),
    ..SHORT
};

/// What was found wrong, in words.
type Findings = Vec<String>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let size = match words.first().map(String::as_str) {
        Some("short") => SHORT,
        Some("long") => LONG,
        Some("control") => CONTROL,
        _ => {
            println!("usage: http short|long|control [--only STAGE]");
            return ExitCode::from(2);
        }
    };
    let only = words.iter().skip_while(|word| *word != "--only").nth(1).map(String::as_str);
    let wanted = |stage: &str| only.is_none_or(|only| only == stage);
    let installation = Installation::make();
    let mut findings = Findings::new();
    if words.first().is_some_and(|word| word == "control") {
        return told(&control(&installation, &size));
    }
    if wanted("siege") {
        findings.extend(served(&installation, &size, siege::siege));
    }
    if wanted("flood") {
        findings.extend(served(&installation, &size, flood::flood));
    }
    if wanted("lost") {
        findings.extend(endings::lost_answers(&installation, &size));
    }
    if wanted("stop") {
        findings.extend(endings::stops(&installation, &size));
    }
    if wanted("kill") {
        findings.extend(endings::kills(&installation, &size));
    }
    findings.extend(log::search(&installation));
    told(&findings)
}

type Stage = fn(&Installation, SocketAddr, &Size) -> Findings;

/// A stage against the binary, which is well at its end.
fn served(installation: &Installation, size: &Size, stage: Stage) -> Findings {
    let server = installation.serve();
    let findings = stage(installation, server.address, size);
    server.stop();
    findings
}

/// The stages against a server without limits.
fn control(installation: &Installation, size: &Size) -> Findings {
    let address = control::serve();
    let mut findings = siege::siege(installation, address, size);
    findings.extend(flood::flood(installation, control::serve(), size));
    findings
}

fn told(findings: &Findings) -> ExitCode {
    for finding in findings {
        println!("FAILED: {finding}");
    }
    if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
