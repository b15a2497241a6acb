//! `zegel bench` measures what it says it does: what is made slower comes out slower.
//!
//! Nothing here depends on how fast the machine is; docs/benchmarks.md has the figures.

use serde_json::Value;

use crate::support::zegel_json;

/// Several times what an event of the road takes.
const HANDICAP_MICROS: &str = "60";

fn measure(handicap: &str) -> Vec<Value> {
    let holder = tempfile::tempdir().unwrap();
    let directory = holder.path().to_str().unwrap();
    let words = ["bench", "--events", "10000", "--runs", "1", "--data", directory];
    let report = zegel_json(&[&words[..], &["--handicap", handicap]].concat());
    report["figures"].as_array().unwrap().clone()
}

fn line<'a>(figures: &'a [Value], starts: &str) -> &'a Value {
    let is = |line: &&Value| line["what"].as_str().unwrap().starts_with(starts);
    figures.iter().find(is).unwrap_or_else(|| panic!("no figure `{starts}`"))
}

fn ratio(figures: &[Value], starts: &str) -> f64 {
    line(figures, starts)["ratio"]["median"].as_f64().unwrap()
}

#[test]
fn every_figure_stands_beside_its_limit_and_a_slower_road_shows() {
    let (plain, slower) = (measure("0"), measure(HANDICAP_MICROS));
    let judged: Vec<_> = plain.iter().filter(|line| !line["target"].is_null()).collect();
    assert_eq!(judged.len(), 12, "{judged:#?}");
    for line in &judged {
        let (value, limit) = (&line["value"]["median"], &line["limit"]["median"]);
        assert!(limit.as_f64() > Some(0.0) && value.as_f64() >= Some(0.0), "{line}");
    }
    for rate in ["appends, batches", "replay", "verify"] {
        assert_eq!(line(&slower, rate)["met"], false, "{rate}");
        let (plain, slower) = (ratio(&plain, rate), ratio(&slower, rate));
        assert!(slower < plain / 2.0, "{rate}: {plain}, and {slower} with a handicap");
    }
}
