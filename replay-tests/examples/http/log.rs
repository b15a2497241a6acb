//! Nothing that a request said is in the log, which was as verbose as it can be.

use crate::Findings;
use crate::server::{Installation, MARKER};

/// Searches every line of the whole run; a planted line shows that the search sees.
pub(crate) fn search(of: &Installation) -> Findings {
    let log = std::fs::read_to_string(of.log()).unwrap();
    let lines = log.lines().count();
    let requests = log.lines().filter(|line| line.contains("micros=")).count();
    let found = told(of, &log);
    println!(
        "log: {lines} lines, {requests} of them requests, {found} with anything a request said"
    );
    let planted = [MARKER, &of.token, &of.tenant, &of.round].map(|said| format!("x {said} x"));
    let seen = planted.iter().filter(|line| told(of, &format!("{log}{line}\n")) == found + 1);
    let seen = seen.count();
    println!("log control: {seen} of {} planted lines found", planted.len());
    let mut findings = Findings::new();
    if found > 0 {
        findings.push(format!("log: {found} lines hold what a request said"));
    }
    if seen < planted.len() || requests == 0 {
        findings.push("log: the search is blind".into());
    }
    findings
}

fn told(of: &Installation, log: &str) -> usize {
    let marker = MARKER.to_lowercase();
    let secrets = [marker.as_str(), &of.token, &of.tenant, &of.round];
    let tells = |line: &&str| {
        let line = line.to_lowercase();
        secrets.iter().any(|secret| line.contains(secret))
    };
    log.lines().filter(tells).count()
}
